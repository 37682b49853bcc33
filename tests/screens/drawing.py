"""A terminal's screen as an SVG: every cell in its place, our own colours, no font and nothing else from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any, Final

CELL_WIDTH: Final = 8.4
CELL_HEIGHT: Final = 19
MARGIN: Final = 14
_BASELINE: Final = 14
_FONTS: Final = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"
_GROUND: Final = "121212"
_INK: Final = "e0e0e0"
_ACROSS: Final = "─"
_DOWN: Final = "│"
# Signs may come from another font, so each stands alone in its own cell; letters go together up to a wider gap.
_PIECES: Final = re.compile(r"─+|[\x21-\x7e]+(?: [\x21-\x7e]+)*|[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks."""

    ink: str
    ground: str
    bold: bool
    underlined: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Cells beside each other that look alike."""

    column: int
    text: str
    look: Look


def drawing(screen: Any, title: str) -> str:
    """Draw a pyte screen; `title` says what it is to those who hear it read out."""
    width = 2 * MARGIN + screen.columns * CELL_WIDTH
    height = 2 * MARGIN + screen.lines * CELL_HEIGHT
    lines = [_runs([screen.buffer[y][x] for x in range(screen.columns)]) for y in range(screen.lines)]
    classes = _classes(run.look for line in lines for run in line)
    body = [part for y, line in enumerate(lines) for run in line for part in _run(run, y, classes)]
    styles = [f".{name}{{fill:#{look.ink}{_extra(look)}}}" for look, name in classes.items()]
    size = f'width="{_n(width)}" height="{_n(height)}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_n(width)} {_n(height)}" {size}>',
            f"<title>{escape(title)}</title>",
            f"<style>text{{font:14px {_FONTS};white-space:pre}}{''.join(styles)}</style>",
            f'<rect width="100%" height="100%" rx="8" fill="#{_GROUND}"/>',
            *body,
            "</svg>\n",
        ]
    )


def _runs(cells: Sequence[Any]) -> list[Run]:
    runs = []
    column = 0
    for look, group in groupby(cells, key=_look):
        taken = list(group)
        runs.append(Run(column, "".join(cell.data or "" for cell in taken), look))
        column += len(taken)
    return runs


def _look(cell: Any) -> Look:
    ink = _INK if cell.fg == "default" else cell.fg
    ground = _GROUND if cell.bg == "default" else cell.bg
    if cell.reverse:
        ink, ground = ground, ink
    return Look(ink, ground, bool(cell.bold), bool(cell.underscore))


def _classes(looks: Iterator[Look]) -> dict[Look, str]:
    inks = dict.fromkeys(Look(look.ink, "", look.bold, look.underlined) for look in looks)
    return {look: f"c{number}" for number, look in enumerate(inks)}


def _extra(look: Look) -> str:
    return (";font-weight:bold" if look.bold else "") + (";text-decoration:underline" if look.underlined else "")


def _run(run: Run, y: int, classes: dict[Look, str]) -> Iterator[str]:
    top = MARGIN + y * CELL_HEIGHT
    if run.look.ground != _GROUND:
        x, size = MARGIN + run.column * CELL_WIDTH, len(run.text) * CELL_WIDTH
        yield f'<rect x="{_n(x)}" y="{top}" width="{_n(size)}" height="{CELL_HEIGHT}" fill="#{run.look.ground}"/>'
    name = classes[Look(run.look.ink, "", run.look.bold, run.look.underlined)]
    for piece in _PIECES.finditer(run.text):
        text = piece[0]
        x, size = MARGIN + (run.column + piece.start()) * CELL_WIDTH, len(text) * CELL_WIDTH
        if text[0] == _ACROSS:
            yield f'<rect class="{name}" x="{_n(x)}" y="{top + 9}" width="{_n(size)}" height="1"/>'
        elif text == _DOWN:
            yield f'<rect class="{name}" x="{_n(x + 4)}" y="{top}" width="1" height="{CELL_HEIGHT}"/>'
        else:
            place = f'x="{_n(x)}" y="{top + _BASELINE}" textLength="{_n(size)}"'
            yield f'<text class="{name}" {place} lengthAdjust="spacingAndGlyphs">{escape(text, quote=False)}</text>'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
