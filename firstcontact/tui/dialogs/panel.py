"""A list to choose from with arrows and Enter or by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from firstcontact.tui.commands import Where
from firstcontact.tui.paint import Piece, Row, blank, paragraph, row
from firstcontact.tui.screens.base import PageScreen

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a panel."""

    name: str
    words: str
    detail: str = ""
    key: str = ""
    """The key that chooses it at once; blank where only Enter does."""


class Panel(PageScreen[Result]):
    """A panel with options."""

    where = Where.PANEL

    def title_words(self) -> str:
        """What is asked."""
        raise NotImplementedError

    def options(self) -> Sequence[Option]:
        """What can be chosen."""
        raise NotImplementedError

    def chosen(self, name: str) -> None:
        """An option was chosen."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Mark the first option."""
        options = self.options()
        self.marked = self.marked or (options[0].name if options else "")
        self.repaint()

    def top(self) -> tuple[list[Piece], str]:
        """What is asked, and what is saved."""
        words = self.home.status_words() if self.home.work is not None else ""
        return [(self.title_words(), "strong")], words

    def body(self, width: int, height: int) -> list[Row]:  # noqa: ARG002 - a long list scrolls
        """The options."""
        rows: list[Row] = [blank()]
        for option in self.options():
            rows += self.option_rows(option, width)
        return rows

    def option_rows(self, option: Option, width: int) -> list[Row]:
        """One option: its key, its words, and what it means."""
        here = option.name == self.marked
        look = "marked" if here else "plain"
        head = row(
            f" {self.marks.here if here else ' '} ",
            (f"{option.key:<2} ", "key"),
            (option.words, look),
            entry=option.name,
        )
        detail = paragraph(option.detail, width, indent=6, style="quiet", droppable=3) if option.detail else []
        return [head, *detail, blank()] if option.detail else [head]

    def do_enter(self, _key: str) -> None:
        """Choose the marked option."""
        if self.marked:
            self.chosen(self.marked)

    def do_choice(self, key: str) -> None:
        """Choose by number."""
        name = next((option.name for option in self.options() if option.key == key), "")
        if name:
            self.chosen(name)

    def do_next_field(self, _key: str) -> None:
        """Tab goes to the next option."""
        self.step(1)

    def do_field_before(self, _key: str) -> None:
        """Shift and Tab go to the option before."""
        self.step(-1)

    def go_back(self) -> None:
        """Close the panel; nothing is chosen."""
        self.dismiss(None)
