"""The rows of a form as a tree, the ids that they get here, and what `${name}` and `../name` mean by place.

XLSForm lets rows of different groups share a name; here every id is there once. So the second of two is renamed, and
whatever speaks of it with it: the nearer row is meant, as a path would say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from firstcontact.xlsform.report import Report
from firstcontact.xlsform.types import RowType

MAX_NAME: Final = 120
MAX_ALIKE: Final = 100
"""Rows of one name among which the nearest is looked for."""
_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z", re.ASCII)
_SPOKEN: Final = re.compile(
    r"'[^']*'|\"[^\"]*\""
    r"|\$\{\s*(?P<last>last-saved\#)?(?P<name>[^\s{}]+)\s*\}"
    r"|(?P<path>(?:\.\./)+[^\W\d][\w.-]*(?:/[^\W\d][\w.-]*)*)"
    r"|(?<![\w.)\]}'\"/-])(?P<abs>(?:/[^\W\d][\w.-]*){2,})"
)
_REFERENCE: Final = re.compile(r"\$\{\s*(?P<last>last-saved\#)?(?P<name>[^\s{}]+)\s*\}")


@dataclass(slots=True, eq=False)
class Item:
    """One row of the survey sheet that stands for something, and what stands inside it."""

    row: int
    type: RowType
    written: str
    """Its type as the cell has it."""
    name: str
    """As the cell has it."""
    cells: dict[str, str]
    """Column, as we write it on export -> text; no columns of words."""
    words: dict[str, dict[str, str]]
    """label, hint, constraint_message or required_message -> code of a language -> text."""
    kept: dict[str, str]
    """What means nothing here, by header."""
    parent: Item | None = None
    children: list[Item] = field(default_factory=list)
    id: str = ""

    @property
    def is_block(self) -> bool:
        """Whether it is a group or a repeat."""
        return self.type.shape in ("begin-group", "begin-repeat")

    def above(self) -> Iterator[Item]:
        """The blocks around it, the innermost first."""
        block = self.parent
        while block is not None:
            yield block
            block = block.parent


@dataclass(slots=True)
class Resolved:
    """A text with the names that we gave, and what is odd in it."""

    text: str
    unknown: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    """Names that several rows have, none of them nearer than the others."""


class Names:
    """Gives ids, and finds rows by name and place."""

    def __init__(self, items: Iterable[Item], report: Report, letter: str) -> None:
        self.items = list(items)
        self.top = [item for item in self.items if item.parent is None]
        self.by_name: dict[str, list[Item]] = {}
        self.report = report
        self.letter = letter
        """Of the column `name`."""
        self.taken: dict[str, Item] = {}
        self.turns: dict[str, int] = {}
        """How often a name was made different by a number."""
        self._give()
        for item in self.items:
            self.by_name.setdefault(item.name or item.id, []).append(item)
        self.plain = {name for name, found in self.by_name.items() if len(found) == 1 and found[0].id == name}
        """Names that need no rewriting."""
        self.plain |= {f"{item.id}_other" for item in self.items if item.type.other and item.id == item.name}
        self._inside: dict[Item | None, dict[str, Item]] = {}
        """Block -> what stands in it by name, the first of each; only of blocks that a path has gone through."""
        self.renamed = any(item.id != item.name for item in self.items)

    def nearest(self, name: str) -> str | None:
        """The known name that a misspelt one most likely means."""
        return self.report.nearest(name, self.by_name)

    def _give(self) -> None:
        """Questions keep their names before repeats do, and repeats before groups: it is questions that are read."""
        rank = {"begin-repeat": 1, "begin-group": 2}
        for item in sorted(self.items, key=lambda each: rank.get(each.type.shape, 0)):
            wanted = item.name if len(item.name) <= MAX_NAME and _ID.match(item.name) else _slug(item)
            made = wanted if self._free(wanted, item) else self._another(wanted, item)
            item.id = made
            self.taken[made] = item
            if item.type.other:
                self.taken[f"{made}_other"] = item
            if made != item.name:
                self._tell(item, wanted)

    def _free(self, name: str, item: Item) -> bool:
        return name not in self.taken and not (item.type.other and f"{name}_other" in self.taken)

    def _another(self, wanted: str, item: Item) -> str:
        around = next((block.name for block in item.above() if _ID.match(block.name)), "")
        first = f"{wanted}_group" if item.type.shape == "begin-group" else f"{around}_{wanted}" if around else wanted
        first = first[: MAX_NAME - 8]
        made = first
        while not self._free(made, item):
            self.turns[first] = turn = self.turns.get(first, 1) + 1
            made = f"{first}_{turn}"
        return made

    def _tell(self, item: Item, wanted: str) -> None:
        if not item.name:
            if item.type.word == "note" or item.is_block:
                words = f"it has no name; it is called {item.id} here"
            else:
                words = f"it has no name, so no condition can speak of it; it is called {item.id} here"
            self.report.add("changed", "survey", item.row, self.letter, words)
        elif wanted == item.name:
            words = f"'{item.name}' is the name of row {self.taken[wanted].row} too; this one is called {item.id} here"
            self.report.add("changed", "survey", item.row, self.letter, words)
        else:
            words = (
                f"'{item.name}' is no name: letters, digits, _ . and - can stand in one; it is called {item.id} here"
            )
            self.report.add("changed", "survey", item.row, self.letter, words)

    def find(self, name: str, at: Item) -> tuple[Item | None, bool]:
        """The row that a name means, seen from this one, and whether another is as near."""
        found = self.by_name.get(name, [])[:MAX_ALIKE]
        if len(found) < 2:
            return (found[0] if found else None), False
        around = {id(block): depth for depth, block in enumerate(at.above())}

        def distance(item: Item) -> int:
            return next((around[id(block)] for block in item.above() if id(block) in around), len(around))

        # With several of a name, none means itself: it would wait for its own value.
        ranked = sorted((item for item in found if item is not at), key=distance)
        if len(ranked) == 1:
            return ranked[0], False
        return ranked[0], distance(ranked[0]) == distance(ranked[1])

    def in_words(self, text: str, at: Item) -> Resolved:
        """A label or hint, in which `${name}` alone is spoken."""
        return self._rewrite(_REFERENCE, text, at) if "${" in text else Resolved(text)

    def in_expression(self, text: str, at: Item) -> Resolved:
        """An expression: names and paths, but not what stands in quotes."""
        if "${" not in text and not (self.renamed and "/" in text):
            return Resolved(text)
        return self._rewrite(_SPOKEN, text, at)

    def _rewrite(self, pattern: re.Pattern[str], text: str, at: Item) -> Resolved:
        made = Resolved(text)

        def instead(match: re.Match[str]) -> str:
            parts = match.groupdict()
            name = parts.get("name")
            if name is not None:
                return match[0] if name in self.plain else self._named(match, name, at, made)
            path = parts.get("path")
            if path and self.renamed:
                return self._path(path, at)
            if parts.get("abs") and self.renamed:
                return self._absolute(parts["abs"] or "")
            return match[0]

        made.text = pattern.sub(instead, text)
        return made

    def _named(self, match: re.Match[str], name: str, at: Item, made: Resolved) -> str:
        item, doubtful = self.find(name, at)
        if item is None:
            if name not in self.taken:
                made.unknown.append(name)
            return match[0]
        if doubtful:
            made.doubtful.append(name)
        return f"${{{match['last'] or ''}{item.id}}}"

    def _path(self, path: str, at: Item) -> str:
        """`../../a/b` with the ids that these rows have here; as it is where it leads nowhere."""
        up = path.count("../")
        names = path[3 * up :].split("/")
        blocks = list(at.above())
        if up > len(blocks) + 1:
            return path
        ids = self._down(blocks[up - 1] if up <= len(blocks) else None, names)
        return path if ids is None else "../" * up + "/".join(ids)

    def _absolute(self, path: str) -> str:
        _, root, *names = path.split("/")
        ids = self._down(None, names)
        return path if ids is None else f"/{root}/" + "/".join(ids)

    def _down(self, block: Item | None, names: list[str]) -> list[str] | None:
        """The ids on the way down from a block (None: the form); None where a name is not there."""
        ids = []
        for name in names:
            if block not in self._inside:
                children = self.top if block is None else block.children
                self._inside[block] = {each.name: each for each in reversed(children)}
            block = self._inside[block].get(name)
            if block is None:
                return None
            ids.append(block.id)
        return ids


def table_id(name: str) -> str:
    """What a table is called here, and in the expressions that look something up in it; without `.csv`."""
    made = re.sub(r"[^A-Za-z0-9_.-]+", "_", name.removesuffix(".csv"))[:110]
    return made if re.match(r"[A-Za-z_]", made) else f"_{made}"


def _slug(item: Item) -> str:
    if not item.name:
        return (
            f"{item.type.word.removeprefix('begin_')}_{item.row}" if item.type.shape != "unknown" else f"row_{item.row}"
        )
    plain = unicodedata.normalize("NFKD", item.name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9_.-]+", "_", plain).strip("_")[: MAX_NAME - 10]
    if not re.search(r"[A-Za-z0-9]", slug):
        return f"row_{item.row}"
    return slug if _ID.match(slug) else f"_{slug}"
