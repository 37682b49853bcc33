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


_KIND_WANTED: Final[Mapping[str, str]] = {
    "string_type": "text",
    "tuple_type": "list",
    "list_type": "list",
    "dict_type": "mapping",
    "model_type": "mapping",
    "model_attributes_type": "mapping",
}


def one_of_each(root: Node, errors: Iterable[Any]) -> list[Any]:
    """Pydantic's errors without those of the other shapes that a place could have had.

    Where text or fields may stand, fields with a misspelt name are also "no text": only the misspelling helps.
    """
    rows = list(errors)
    paths = [tuple(error["loc"]) for error in rows]
    other = [_other_shape(root, error) for error in rows]
    told: set[int] = set()
    kept: list[Any] = []
    for error, path, wrong in zip(rows, paths, other, strict=True):
        if wrong:
            above, place = path[:-1], id(_at(root, path))
            fits = any(
                each[: len(above)] == above and (len(each) > len(path) or not mistaken)
                for each, mistaken in zip(paths, other, strict=True)
            )
            if fits or place in told:
                continue
            told.add(place)
        kept.append(error)
    return kept


def _other_shape(root: Node, error: Any) -> bool:
    """Whether an error only says that the place holds another shape than one of several that were possible."""
    wanted, path = _KIND_WANTED.get(error["type"]), tuple(error["loc"])
    if wanted is None or not path:
        return False
    here = _at(root, path)
    return here is _at(root, path[:-1]) and here.kind != wanted


def _at(root: Node, path: Iterable[str | int]) -> Node:
    """The node at the end of one of pydantic's paths.

    Of several shapes that a place could have, the path names the one that was tried: that is no step in the file.
    """
    node = root
    for step in path:
        node = node.at(step)
    return node


def explain(model: type[BaseModel], root: Node, error: Any) -> DefinitionProblem:
    """One of pydantic's errors, located and in words."""
    kind, path = error["type"], tuple(error["loc"])
    context: dict[str, Any] = dict(error.get("ctx") or {})
    if kind == "extra_forbidden":
        name = str(path[-1])
        parent = _at(root, path[:-1])
        known = fields_at(model, path[:-1])
        spare = [field for field in known if field not in parent.entries]
        key = parent.keys.get(name, parent)
        return key.problem(f"unknown field '{safe_text(name)[:60]}'", nearest(name, spare or known))
    if kind == "missing":
        return _at(root, path[:-1]).problem(f"the field '{path[-1]}' is missing")
    if path and path[-1] == "[key]":
        parent, name = _at(root, path[:-2]), str(path[-2])
        shown = safe_text(name)[:60]
        return parent.keys.get(name, parent).problem(f"'{shown}' is no name that can stand here")
    node = _at(root, path)
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
    if step.startswith("#"):
        return [model] if step[1:] in model.model_fields else []  # one of several shapes, by its tag
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
