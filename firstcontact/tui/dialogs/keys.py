"""The keys that work now, made from the table of commands. "I pressed the wrong thing" comes first."""

from __future__ import annotations

from collections.abc import Sequence

from firstcontact.tui.commands import BY_NAME, Where
from firstcontact.tui.paint import Piece, Row, pad, paragraph, row
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.words import _


class KeysPanel(PageScreen[None]):
    """`?`"""

    where = Where.PANEL

    def __init__(self, about: Where, names: Sequence[str]) -> None:
        super().__init__()
        self.about = about
        self.names = tuple(names)

    def top(self) -> tuple[list[Piece], str]:
        """What this is."""
        return [(_("The keys that work now"), "strong")], self.home.status_words()

    def body(self, width: int, height: int) -> list[Row]:
        """One line a command; two columns where there is room."""
        lines: list[Row] = []
        columns = 2 if width >= 100 else 1
        size = width // columns
        for name in self.names:
            command = BY_NAME[name]
            made = paragraph(command.help, size - 12)
            lines.append(row(" ", (pad(command.key_words, 9), "key"), " ", *made[0].pieces))
            lines += [row(" " * 11, *one.pieces) for one in made[1:]]
        if columns == 1 or len(lines) <= height:
            return lines
        half = (len(lines) + 1) // 2
        return [
            row(
                *left.pieces,
                " " * max(size - left.width, 1),
                *(lines[half + n].pieces if half + n < len(lines) else ()),
            )
            for n, left in enumerate(lines[:half])
        ]

    def do_enter(self, _key: str) -> None:
        """Close."""
        self.dismiss(None)

    def go_back(self) -> None:
        """Close."""
        self.dismiss(None)
