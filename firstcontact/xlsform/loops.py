"""`begin loop over LIST`: its rows stand once for each choice of the list, in a group named after the choice.

XLSForm's oldest way of asking the same of several things. In every cell `%(name)s` is the choice and `%(label)s` its
label; a choice `none` has no group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from firstcontact.xlsform.choices import ChoiceList, Lists
from firstcontact.xlsform.naming import Item
from firstcontact.xlsform.report import Report
from firstcontact.xlsform.rows import MAX_ITEMS, MAX_TEXT
from firstcontact.xlsform.sizes import MAX_LETTERS
from firstcontact.xlsform.types import read_type

_OVER: Final = re.compile(r"\bover\s+(\S+)\s*\Z", re.IGNORECASE)
_NONE: Final = "none"
_OTHER: Final = {"choice": "other", "label": "Other"}


def unrolled(items: list[Item], lists: Lists, language: str, report: Report) -> list[Item]:
    """The rows with every loop written out, in their order; those that cannot be stay as they are."""
    if all(item.type.word != "begin_loop" for item in items):
        return items
    with_other = {item.type.list_name for item in items if item.type.other}
    writer = _Writer(lists, language, report, MAX_ITEMS - len(items), with_other)
    for item in list(items):
        if item.type.word == "begin_loop":
            writer.write_out(item)
    return list(_in_order([item for item in items if item.parent is None]))


def _in_order(items: list[Item]) -> Iterator[Item]:
    """Groups stand in each other no deeper than rows.MAX_DEPTH and one for each loop."""
    for item in items:
        yield item
        yield from _in_order(item.children)


class _Writer:
    def __init__(self, lists: Lists, language: str, report: Report, room: int, with_other: set[str]) -> None:
        self.lists = lists
        self.language = language
        self.report = report
        self.room = room
        """How many rows there may still be."""
        self.letters = MAX_LETTERS
        """How many letters the texts with a choice in them may still have."""
        self.too_long = False
        self.with_other = with_other
        """Lists that some question asks with `or_other`."""

    def write_out(self, loop: Item) -> None:
        """Put a group for each choice into a loop, which becomes a group itself."""
        over = _OVER.search(loop.written)
        found = self.lists.find(over[1]) if over else None
        if found is None:
            return
        inside, loop.children = loop.children, []
        size = 1 + sum(1 for _ in _in_order(inside))
        other = [_OTHER] if found.name in self.with_other and _OTHER["choice"] not in found.tokens else []
        for entry in [*found.entries, *other]:
            if entry["choice"] == _NONE:
                continue
            self.room -= size
            if self.room < 0:
                words = f"a form may have {MAX_ITEMS} rows; further choices of this loop are left out"
                self.report.add("error", "survey", loop.row, "", words)
                break
            loop.children.append(self._group(loop, inside, entry, found))
        loop.type, loop.written = read_type("begin group"), "begin group"
        words = f"a loop: what stands in it is asked once for each choice of {found.name[:60]}"
        self.report.add("changed", "survey", loop.row, "", words)
        if self.too_long:
            self.too_long = False
            words = "with the choice in them some texts of this loop would be too long; they stay as they are written"
            self.report.add("error", "survey", loop.row, "", words)

    def _group(self, loop: Item, inside: list[Item], entry: dict[str, str], found: ChoiceList) -> Item:
        token = entry["choice"]
        labels = {self.language: entry.get("label", token)}
        labels |= {code: words[token] for code, words in found.words.items() if token in words}
        type_ = read_type("begin group")
        group = Item(loop.row, type_, "begin group", token, {}, {"label": dict(labels)}, {}, loop)
        group.children = [self._copy(item, group, token, labels) for item in inside]
        return group

    def _copy(self, item: Item, parent: Item, token: str, labels: dict[str, str]) -> Item:
        def filled(text: str, code: str = "") -> str:
            if "%(" not in text:
                return text
            label = labels.get(code) or labels[self.language]
            size = len(text) + text.count("%(name)s") * len(token) + text.count("%(label)s") * len(label)
            self.letters -= size
            if size > MAX_TEXT or self.letters < 0:
                self.too_long = True
                return text
            return text.replace("%(name)s", token).replace("%(label)s", label)

        cells = {column: filled(text) for column, text in item.cells.items()}
        words = {kind: {code: filled(text, code) for code, text in each.items()} for kind, each in item.words.items()}
        kept = {header: filled(text) for header, text in item.kept.items()}
        written = filled(item.written)
        made = Item(item.row, read_type(written), written, filled(item.name), cells, words, kept, parent)
        made.children = [self._copy(child, made, token, labels) for child in item.children]
        return made
