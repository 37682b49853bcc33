"""The survey sheet, row by row, as a tree of items: what opens and closes, what is a comment, what is disabled."""

from __future__ import annotations

from typing import Final

from firstcontact.xlsform.expressions import is_yes
from firstcontact.xlsform.headers import TRANSLATED, Column, Spoken
from firstcontact.xlsform.naming import Item
from firstcontact.xlsform.report import Report
from firstcontact.xlsform.types import RowType, read_type
from firstcontact.xlsform.workbook import Row, Sheet

MAX_DEPTH: Final = 12
"""Groups inside each other; a checklist's file may be nested 30 deep, two for each group."""
MAX_ITEMS: Final = 20_000
SPOKEN_WORDS: Final = frozenset({"label", "hint", "constraint_message", "required_message"})
"""Columns of words that we show; other columns of words (pictures, guidance) are kept."""
MAX_TEXT: Final = 20_000
"""Characters of a text, as a checklist's file may hold them."""


class Rows:
    """Reads the survey sheet."""

    def __init__(self, sheet: Sheet, columns: list[Column], spoken: Spoken, report: Report) -> None:
        self.sheet = sheet
        self.columns = {column.header: column for column in columns}
        self.letters: dict[str, str] = {}
        """Column as we write it on export -> its letters."""
        for column in columns:
            self.letters.setdefault(column.name, column.letter)
        self.spoken = spoken
        self.report = report
        self.items: list[Item] = []
        """In the order of the sheet."""
        self.open: list[Item] = []
        self.flattened: list[Item] = []
        """Blocks that are open and too deep to be told apart."""
        self._types: dict[str, RowType] = {}

    def read(self) -> list[Item]:
        """Every row that stands for something."""
        for row in self.sheet.rows:
            if len(self.items) >= MAX_ITEMS:
                words = f"a form may have {MAX_ITEMS} rows; this one and those below are left out"
                self.report.add("error", "survey", row.number, "", words)
                break
            self._row(row)
        for item in reversed(self.open):
            words = f"this {item.type.word} is never ended; it is taken to end with the sheet"
            self.report.add("error", "survey", item.row, "", words)
        return self.items

    def _row(self, row: Row) -> None:
        cells: dict[str, str] = {}
        words: dict[str, dict[str, str]] = {}
        kept: dict[str, str] = {}
        for header, text in row.cells.items():
            column = self.columns[header]
            if len(text) > MAX_TEXT:
                self.report.add(
                    "error", "survey", row.number, column.letter, f"only the first {MAX_TEXT} characters are read"
                )
                text = text[:MAX_TEXT]
            name = column.name
            if not name:
                kept[header] = text
            elif name in TRANSLATED:
                code = self.spoken.codes.get(column.language, self.spoken.main)
                if name in SPOKEN_WORDS:
                    words.setdefault(name, {}).setdefault(code, text)
                else:
                    kept.setdefault(self.spoken.header(name, code), text)
            else:
                cells.setdefault(name, text)
        written = cells.pop("type", "")
        kind = self._types.get(written)
        if kind is None:
            kind = self._types[written] = read_type(written)
        item = Item(row.number, kind, written, cells.pop("name", ""), cells, words, kept)
        self._place(item)

    def _place(self, item: Item) -> None:
        if is_yes(item.cells.pop("disabled", None)):
            self.report.add("changed", "survey", item.row, self.letters.get("disabled", ""), "disabled; it is left out")
            self.report.fate(item.row, item.type.word or "(none)", "", "left-out")
            if item.is_block or item.type.shape.startswith("end-"):
                words = "a group that is disabled in one row: what stands in it is read all the same"
                self.report.add("warning", "survey", item.row, "", words)
            return
        if not item.written:
            if not item.name and not item.words.get("label"):
                self.report.fate(item.row, "(none)", "", "left-out")
                self.report.add("changed", "survey", item.row, "", "a row without type, name and label is left out")
                return
            words = "it has no type; it is kept and cannot be answered here"
            self.report.add("error", "survey", item.row, self.letters.get("type", ""), words)
        if item.type.shape in ("end-group", "end-repeat"):
            self._end(item)
            return
        item.parent = self.open[-1] if self.open else None
        if item.is_block and len(self.open) >= MAX_DEPTH:
            words = f"groups stand more than {MAX_DEPTH} deep here; what is in this one stands in the one around it"
            self.report.add("error", "survey", item.row, "", words)
            self.report.fate(item.row, item.type.word, "", "left-out")
            self.flattened.append(item)
            return
        if item.parent is not None:
            item.parent.children.append(item)
        self.items.append(item)
        if item.is_block:
            self.open.append(item)

    def _end(self, item: Item) -> None:
        if self.flattened:
            self.flattened.pop()
            return
        if not self.open:
            self.report.add("error", "survey", item.row, "", f"nothing is open that this {item.type.word} could end")
            self.report.fate(item.row, item.type.word, "", "left-out")
            return
        block = self.open.pop()
        if block.type.shape.removeprefix("begin-") != item.type.shape.removeprefix("end-"):
            words = f"this {item.type.word} ends the {block.type.word} of row {block.row}"
            self.report.add("error", "survey", item.row, "", words, f"end_{block.type.shape.removeprefix('begin-')}")
