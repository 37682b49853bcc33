"""Pydantic's errors in plain words, at the place in the file, with the nearest known name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel

from firstcontact.definitions.problems import DefinitionProblem
from firstcontact.definitions.yaml import Node
from firstcontact.domain.condition import nearest
from sync.base.safe_text import safe_text

_WORDS: Final[Mapping[str, str]] = {
    "string_type": "text is expected here",
    "bool_parsing": "yes or no is expected here, not '{shown}'",
    "bool_type": "yes or no is expected here",
    "int_parsing": "a whole number is expected here, not '{shown}'",
    "int_type": "a whole number is expected here",
    "int_from_float": "a whole number is expected here, not '{shown}'",
    "date_from_datetime_parsing": "a date such as 2026-02-10 is expected here, not '{shown}'",
    "date_parsing": "a date such as 2026-02-10 is expected here, not '{shown}'",
    "date_type": "a date such as 2026-02-10 is expected here",
    "tuple_type": "a list is expected here",
    "list_type": "a list is expected here",
    "dict_type": "fields (name: value) are expected here",
    "model_type": "fields (name: value) are expected here",
    "model_attributes_type": "fields (name: value) are expected here",
    "string_too_long": "this is too long: at most {max_length} characters",
    "too_short": "at least {min_length} is needed here",
    "too_long": "at most {max_length} may stand here",
    "greater_than_equal": "this is too small: at least {ge}",
    "less_than_equal": "this is too large: at most {le}",
    "string_pattern_mismatch": "'{shown}' cannot stand here: letters, digits, - and _ only, no spaces",
}


def explain(model: type[BaseModel], root: Node, error: Any) -> DefinitionProblem:
    """One of pydantic's errors, located and in words."""
    kind, path = error["type"], tuple(error["loc"])
    context: dict[str, Any] = dict(error.get("ctx") or {})
    if kind == "extra_forbidden":
        name = str(path[-1])
        parent = root.at(*path[:-1])
        known = fields_at(model, path[:-1])
        spare = [field for field in known if field not in parent.entries]
        key = parent.keys.get(name, parent)
        return key.problem(f"unknown field '{safe_text(name)[:60]}'", nearest(name, spare or known))
    if kind == "missing":
        return root.at(*path[:-1]).problem(f"the field '{path[-1]}' is missing")
    if path and path[-1] == "[key]":
        parent, name = root.at(*path[:-2]), str(path[-2])
        shown = safe_text(name)[:60]
        return parent.keys.get(name, parent).problem(f"'{shown}' is no name that can stand here")
    node = root.at(*path)
    shown = safe_text(node.text)[:60]
    if kind in ("literal_error", "enum"):
        choices = _choices(str(context.get("expected", "")))
        listed = ", ".join(choices[:30])
        return node.problem(f"'{shown}' is none of: {listed}", nearest(node.text, choices))
    if kind == "string_too_short":
        return node.problem("this is empty")
    if kind == "value_error":
        return node.problem(str(context.get("error", error["msg"])))
    if kind in _WORDS:
        return node.problem(_WORDS[kind].format(shown=shown, **context))
    return node.problem(safe_text(str(error["msg"]))[:200])


def fields_at(model: type[BaseModel], path: Iterable[str | int]) -> list[str]:
    """The field names that the model knows at the end of a path."""
    kinds: list[Any] = [model]
    for step in path:
        kinds = [inner for kind in kinds for inner in _inside(kind, step)]
    names: list[str] = []
    for kind in kinds:
        for name, field in kind.model_fields.items():
            names.append(field.alias or name)
    return names


def _inside(model: Any, step: str | int) -> list[Any]:
    if isinstance(step, int):
        return [model]  # a list's items were opened with the list itself
    for name, field in model.model_fields.items():
        if step in (field.alias or name, name):
            return _models(field.annotation)
    return [model]  # the key of a dict of models


def _models(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is Annotated:
        return _models(get_args(annotation)[0])
    if get_origin(annotation) in (tuple, list, dict, Union, UnionType):
        return [model for part in get_args(annotation) for model in _models(part)]
    return []


def _choices(expected: str) -> list[str]:
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(",") if part.strip()]
