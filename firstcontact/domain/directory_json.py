"""The directory as plain JSON, for the signed pack, and back again without any file library.

The shape follows the dataclasses of `firstcontact.domain.directory` name by name: dates and times are ISO text, sets
are sorted lists, blanks and defaults are left out. A member that this version does not know is ignored: a newer pack
may say more than we can use, and everything that we use is still there.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, time
from functools import cache
from typing import Any

from firstcontact.domain.directory import Directory


def directory_to_json(directory: Directory) -> dict[str, Any]:
    """The directory as JSON values; its digest is not part of it."""
    document = _plain(directory)
    document.pop("digest", None)
    return typing.cast("dict[str, Any]", document)


def directory_from_json(document: Mapping[str, Any], digest: str = "") -> Directory:
    """The directory that `directory_to_json` wrote. Raises: ValueError if the document is none."""
    try:
        directory = _read(Directory, {**document, "digest": digest})
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"this is no directory: {problem}") from problem
    return typing.cast("Directory", directory)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        found = {}
        for row in fields(value):
            item = getattr(value, row.name)
            if item != _default(row):
                found[row.name] = _plain(item)
        return found
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def _default(row: Field[Any]) -> Any:
    if row.default is not MISSING:
        return row.default
    return row.default_factory() if row.default_factory is not MISSING else MISSING


@cache
def _members(model: type) -> tuple[tuple[str, Any], ...]:
    hints = typing.get_type_hints(model)
    return tuple((row.name, hints[row.name]) for row in fields(model))


def _read(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**{name: _read(hint, value[name]) for name, hint in _members(kind) if name in value})
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return _read(next(option for option in inner if option is not type(None)), value)
    if origin is tuple:
        if inner[-1] is Ellipsis:
            return tuple(_read(inner[0], item) for item in value)
        return tuple(_read(hint, item) for hint, item in zip(inner, value, strict=True))
    if origin is frozenset:
        return frozenset(_read(inner[0], item) for item in value)
    if kind is date or kind is time:
        return kind.fromisoformat(value)
    return value
