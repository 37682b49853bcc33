"""Rows that need each other: a circle is told by its rows, and broken where it closes, so that the rest works."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstcontact.domain.condition import parse
from firstcontact.xlsform.report import Report

_NAME: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\$\{\s*([^\s{}#]+)\s*\}")
_INVOLVED: Final = re.compile(r"[/\[]|indexed-repeat")
_NAMING: Final = frozenset({"ref", "path", "abs", "current"})
_LOOSE: Final = frozenset({"filter", "step"})
_KEYS: Final = ("relevant", "calculation", "value")
_COLUMNS: Final = {"value": "calculation"}
_Entry = dict[str, Any]


def break_circles(entries: list[_Entry], rows: Mapping[str, int], letters: Mapping[str, str], report: Report) -> None:
    """Set aside, and report, each expression that would have a row wait for itself."""
    by_id: dict[str, _Entry] = {}
    holder: dict[str, str] = {}
    for entry, block in _walk(entries):
        name = _id(entry)
        by_id[name] = entry
        if block:
            holder[name] = block
    done: set[str] = set()
    for name in by_id:
        if name not in done:
            _follow(name, by_id, holder, done, rows, letters, report)


def _walk(entries: list[_Entry]) -> Iterator[tuple[_Entry, str]]:
    waiting = [(entry, "") for entry in reversed(entries)]
    while waiting:
        entry, block = waiting.pop()
        yield entry, block
        waiting.extend((each, _id(entry)) for each in reversed(entry.get("questions", ())))


def _id(entry: _Entry) -> str:
    return str(next(entry[key] for key in ("question", "group", "repeat", "calculation") if key in entry))


def _needs(entry: _Entry, block: str | None) -> Iterator[tuple[str, str | None]]:
    """What a row waits for, and the key that says so (None: the block around it)."""
    if block:
        yield block, None
    for key in _KEYS:
        if key == "calculation" and "question" not in entry:
            continue
        text = entry.get(key)
        if isinstance(text, str):
            for name in _read(text):
                yield name, key


def _read(text: str) -> Iterator[str]:
    """The names that an expression waits for; what it takes from other instances of a repeat does not count."""
    if not _INVOLVED.search(text):
        if "${" in text:
            yield from (match[1] for match in _NAME.finditer(text) if match[1])
        return
    waiting: list[tuple[list[Any], bool]] = [(parse(text), False)]
    while waiting:
        node, loose = waiting.pop()
        head = node[0]
        if head in _NAMING and not loose and isinstance(node[-1], str):
            yield node[-1]
        loose = loose or head in _LOOSE or (head == "call" and node[1] == "indexed-repeat")
        if head not in ("ref", "str", "num", "self"):
            waiting.extend((part, loose) for part in node[1:] if isinstance(part, list))


def _follow(
    start: str,
    by_id: Mapping[str, _Entry],
    holder: Mapping[str, str],
    done: set[str],
    rows: Mapping[str, int],
    letters: Mapping[str, str],
    report: Report,
) -> None:
    """Depth first, without recursion: a chain may be as long as the form."""
    path = [start]
    on_path = {start}
    steps = [_needs(by_id[start], holder.get(start))]
    while path:
        step = next(steps[-1], None)
        if step is None:
            done.add(path[-1])
            on_path.discard(path.pop())
            steps.pop()
            continue
        needed, key = step
        if needed not in by_id:
            needed = needed.removesuffix("_other")
        if needed not in by_id or needed in done:
            continue
        if needed in on_path:
            _break(path, needed, key, by_id, rows, letters, report)
            continue
        path.append(needed)
        on_path.add(needed)
        steps.append(_needs(by_id[needed], holder.get(needed)))


def _break(
    path: list[str],
    needed: str,
    key: str | None,
    by_id: Mapping[str, _Entry],
    rows: Mapping[str, int],
    letters: Mapping[str, str],
    report: Report,
) -> None:
    """Set aside the expression with which the circle closes, or that of the block that closes it."""
    circle = path[path.index(needed) :]
    at = path[-1]
    entry = by_id[at]
    if key is None:
        # A block waits for a row inside it: what the block says is at fault.
        entry = by_id[needed]
        at = needed
        key = "relevant"
    if key is None or key not in entry:
        return
    shown = " needs ".join([*circle[:6], *(["..."] if len(circle) > 6 else []), needed])
    column = _COLUMNS.get(key, key)
    words = f"{column} is set aside, because these wait for each other: {shown}"
    report.add("error", "survey", rows.get(at, 0), letters.get(column, ""), words)
    entry.setdefault("kept", {})[column] = entry.pop(key)
    if key == "value":
        entry[key] = "''"
