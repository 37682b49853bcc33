"""Lay out a page as rows of styled pieces: pure functions over text and widths, no widget among them.

A page is a list of `Row`. A piece of a row is (text, style), the style being one of `STYLES`; the stylesheet says how
each looks. All text passes `safe_text` here, once, so that no page can forget it. Widths are terminal cells.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.cells import cell_len, set_cell_size

from sync.base.safe_text import safe_text

STYLES: Final = ("plain", "strong", "quiet", "marked", "care", "rule", "key")

Piece = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a page."""

    pieces: tuple[Piece, ...] = ()
    entry: str = ""
    """What Enter or a click on this row means; rows with the same entry are marked together. Blank: nothing."""
    box: str = ""
    """The id of the text box that sits on this row; blank if there is none."""
    box_at: int = 0
    """The column where that box starts."""
    droppable: int = 0
    """0 must stay; in a small window rows are left out from the highest number down (4 are blank lines)."""

    @property
    def text(self) -> str:
        """The row as plain text."""
        return "".join(text for text, _style in self.pieces)

    @property
    def width(self) -> int:
        """Cells that the row takes."""
        return cell_len(self.text)


@dataclass(frozen=True, slots=True)
class Marks:
    """The few signs that are not letters; plain ones where the terminal has no UTF-8."""

    here: str = "▸"
    rule: str = "─"
    side: str = "│"
    dot: str = "·"
    done: str = "●"
    half: str = "◐"
    none: str = "○"
    left: str = "←"
    right: str = "→"
    ticked: str = "[x]"
    empty: str = "[ ]"


PLAIN_MARKS: Final = Marks(here=">", rule="-", side="|", dot=".", done="*", half="+", none=".", left="<-", right="->")


def marks_for(encoding: str | None = None) -> Marks:
    """Return the signs that this terminal can show."""
    name = encoding or getattr(sys.__stdout__, "encoding", None) or os.environ.get("LC_ALL", "")
    return Marks() if "utf" in name.lower() else PLAIN_MARKS


def row(*pieces: str | Piece, entry: str = "", droppable: int = 0, box: str = "", box_at: int = 0) -> Row:
    """Make a row of plain strings and (text, style) pieces; the text is made safe."""
    made = tuple(
        (safe_text(piece), "plain") if isinstance(piece, str) else (safe_text(piece[0]), piece[1]) for piece in pieces
    )
    return Row(made, entry, box, box_at, droppable)


def blank(droppable: int = 4) -> Row:
    """An empty row; in a small window empty rows go first."""
    return Row(droppable=droppable)


def fit(text: str, width: int) -> str:
    """Cut the text to the width, with two dots where something is missing."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - 2, 0)) + ".."[:width]


def pad(text: str, width: int) -> str:
    """Cut or fill the text to exactly the width."""
    return set_cell_size(fit(text, width), max(width, 0))


def wrap(text: str, width: int) -> list[str]:
    """Break the text at spaces into lines no wider than the width; a longer word is broken anywhere."""
    width = max(width, 1)
    text = safe_text(text)
    if cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split():
        while cell_len(word) > width:
            if line:
                lines.append(line)
                line = ""
            head = set_cell_size(word, width).rstrip()
            head = head or word[:1]
            lines.append(head)
            word = word[len(head) :]
        if not line:
            line = word
        elif cell_len(line) + 1 + cell_len(word) <= width:
            line = f"{line} {word}"
        else:
            lines.append(line)
            line = word
    if line:
        lines.append(line)
    return lines or [""]


def paragraph(
    text: str, width: int, *, indent: int = 0, style: str = "plain", entry: str = "", droppable: int = 0
) -> list[Row]:
    """Rows of wrapped text, each indented."""
    return [
        Row(((" " * indent, "plain"), (line, style)), entry, droppable=droppable)
        for line in wrap(text, width - indent - 1)
    ]


def labelled(
    label: str, text: str, width: int, *, indent: int, column: int, style: str = "plain", entry: str = ""
) -> list[Row]:
    """A label, and beside it wrapped text in a column that starts at `column`."""
    lines = wrap(text, width - column - 1)
    head = pad(" " * indent + safe_text(label), column - 1) + " "
    return [Row(((head if n == 0 else " " * column, "quiet"), (line, style)), entry) for n, line in enumerate(lines)]


def ends(left: Sequence[Piece], right: str, width: int) -> Row:
    """A row with pieces at the left and a text at the right end; the right one is never cut."""
    right = safe_text(right)
    space = max(width - cell_len(right) - 2, 0)
    kept = list(cut(row(*left), space).pieces)
    gap = max(width - sum(cell_len(text) for text, _style in kept) - cell_len(right) - 1, 1)
    return Row((*kept, (" " * gap, "plain"), (fit(right, width), "quiet")))


def cut(line: Row, width: int) -> Row:
    """The row, no wider than the width."""
    left = max(width, 0)
    kept: list[Piece] = []
    for text, style in line.pieces:
        size = cell_len(text)
        if size > left:
            kept.append((fit(text, left), style))
            break
        kept.append((text, style))
        left -= size
    return replace(line, pieces=tuple(kept))


def fill(line: Row, width: int) -> Row:
    """The row cut or filled to exactly the width."""
    short = cut(line, width)
    missing = width - short.width
    return replace(short, pieces=(*short.pieces, (" " * missing, "plain"))) if missing > 0 else short


def beside(columns: Sequence[tuple[Sequence[Row], int]], side: str, height: int) -> list[Row]:
    """Put columns (rows, width) side by side with a line between; entries and boxes come from the widest column."""
    widest = max(range(len(columns)), key=lambda n: columns[n][1])
    offset = sum(width + 1 for _rows, width in columns[:widest])
    rows: list[Row] = []
    for y in range(height):
        pieces: list[Piece] = []
        main = Row()
        for n, (lines, width) in enumerate(columns):
            line = lines[y] if y < len(lines) else Row()
            if n == widest:
                main = line
            if n:
                pieces.append((side, "rule"))
            pieces.extend(fill(line, width).pieces)
        rows.append(Row(tuple(pieces), main.entry, main.box, main.box_at + offset))
    return rows


def shrink(rows: Sequence[Row], height: int) -> list[Row]:
    """Leave out what a small window has no room for: empty lines first, then the least needed; order is kept."""
    kept = list(rows)
    for level in (4, 3, 2, 1):
        surplus = len(kept) - height
        if surplus <= 0:
            break
        drop = {n for n, line in enumerate(kept) if line.droppable == level}
        if level == 4:
            drop = set(sorted(drop, reverse=True)[:surplus])
        kept = [line for n, line in enumerate(kept) if n not in drop]
    return kept


def spread(rows: Sequence[Row], bottom: Sequence[Row], height: int) -> list[Row]:
    """Rows at the top and rows at the bottom of a page of this height, shrunk where both do not fit."""
    room = height - len(bottom)
    top = shrink(rows, room)
    if len(top) > room:
        bottom = shrink(bottom, max(height - len(top), 0))
    gap = [Row()] * max(height - len(top) - len(bottom), 0)
    return [*top, *gap, *bottom]


def entries(rows: Iterable[Row]) -> list[str]:
    """The entries of a page in order, each once."""
    return list(dict.fromkeys(line.entry for line in rows if line.entry))
