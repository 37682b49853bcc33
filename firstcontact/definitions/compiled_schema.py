"""The JSON Schema of the compiled form, made from the domain values that it writes down: no field can be forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from firstcontact.definitions.compiled import FORMAT
from firstcontact.domain.answer import Text
from firstcontact.domain.checklist import Checklist

_HEADS: Final = (
    *("ref", "str", "num", "self", "call", "neg", "or", "and", "=", "!=", "<", "<=", ">", ">=", "sum", "product"),
    *("last", "path", "abs", "current", "name", "filter", "step", "instance", "union"),
)
_PLAIN: Final[Mapping[Any, dict[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?$"},
}


def compiled_schema() -> dict[str, Any]:
    """The schema of a whole compiled checklist (`compiled.compile_checklist`)."""
    known: dict[str, dict[str, Any]] = {
        "Ast": {
            "description": "A parsed condition: what it is, then its parts (firstcontact/domain/condition.py).",
            "type": "array",
            "minItems": 1,
            "prefixItems": [{"enum": sorted(_HEADS)}],
            "items": {"anyOf": [{"type": ["string", "integer"]}, {"$ref": "#/$defs/Ast"}]},
        },
        "Text": {
            "description": "Words by language.",
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": "string"},
        },
    }
    form = _object(Checklist, known)
    del form["properties"]["digest"]
    form["properties"]["conditions"] = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Ast"}}
    form["properties"]["compiled"] = {"const": FORMAT, "description": "The version of this form."}
    form["required"] = sorted([*form["required"], "compiled"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A compiled checklist",
        **form,
        "description": "What laptops load and partners sign: RFC 8785 JSON; a field with its usual value is left out.",
        "$defs": dict(sorted(known.items())),
    }


def _object(kind: type, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {
        "type": "object",
        "description": (kind.__doc__ or "").partition("\n")[0],
        "properties": {each.name: _schema(hints[each.name], known) for each in fields(kind)},
        "required": sorted(each.name for each in fields(kind) if _always(each)),
        "additionalProperties": False,
    }


def _always(each: Field[Any]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _schema(hint: Any, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Of one type; None is never written down."""
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if hint == Text:
        return {"$ref": "#/$defs/Text"}
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _schema(next(each for each in arguments if each is not type(None)), known)
    if origin is Literal:
        return {"enum": sorted(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0], known)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1], known)}
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"enum": [each.value for each in hint]}
    if isinstance(hint, type) and is_dataclass(hint):
        if hint.__name__ not in known:
            known[hint.__name__] = {}
            known[hint.__name__] = _object(hint, known)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    return {}
