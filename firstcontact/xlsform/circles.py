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
    circles = _Circles(rows, letters, report)
    for entry, block in _walk(entries):
        name = _id(entry)
        circles.by_id[name] = entry
        if block:
            circles.holder[name] = block
    for name in circles.by_id:
        if name not in circles.done:
            circles.follow(name)


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


class _Circles:
    """Follows what waits for what."""

    def __init__(self, rows: Mapping[str, int], letters: Mapping[str, str], report: Report) -> None:
        self.rows = rows
        self.letters = letters
        self.report = report
        self.by_id: dict[str, _Entry] = {}
        self.holder: dict[str, str] = {}
        """Row -> the block around it."""
        self.done: set[str] = set()

    def follow(self, start: str) -> None:
        """Depth first, without recursion: a chain may be as long as the form."""
        path: list[str] = [start]
        keys: list[str | None] = []
        """By which key each of the path needs the next; None: it stands in it."""
        on_path = {start}
        steps = [self._steps(start)]
        while path:
            step = next(steps[-1], None)
            if step is None:
                self.done.add(path[-1])
                on_path.discard(path.pop())
                steps.pop()
                if keys:
                    keys.pop()
                continue
            needed, key = step
            if needed not in self.by_id:
                needed = needed.removesuffix("_other")
            if needed not in self.by_id or needed in self.done:
                continue
            if needed in on_path:
                first = path.index(needed)
                at = self._break(path[first:], [*keys[first:], key])
                # What was followed because of that expression is followed anew, if something else still needs it.
                keep = path.index(at) + 1
                on_path.difference_update(path[keep:])
                del path[keep:], steps[keep:], keys[keep - 1 :]
                steps[-1] = self._steps(at)
                continue
            path.append(needed)
            keys.append(key)
            on_path.add(needed)
            steps.append(self._steps(needed))

    def _steps(self, name: str) -> Iterator[tuple[str, str | None]]:
        return _needs(self.by_id[name], self.holder.get(name))

    def _break(self, circle: list[str], keys: list[str | None]) -> str:
        """Set aside the expression with which the circle closes, or the last before it if a block closes it.

        Returns: whose expression that is. Blocks alone make no circle, so there is one.
        """
        at, key = next((at, key) for at, key in zip(reversed(circle), reversed(keys), strict=True) if key is not None)
        entry = self.by_id[at]
        shown = " needs ".join([*circle[:6], *(["..."] if len(circle) > 6 else []), circle[0]])
        column = _COLUMNS.get(key, key)
        words = f"{column} is set aside, because these wait for each other: {shown}"
        self.report.add("error", "survey", self.rows.get(at, 0), self.letters.get(column, ""), words)
        entry.setdefault("kept", {})[column] = entry.pop(key)
        if key == "value":
            entry[key] = "''"
        return at
