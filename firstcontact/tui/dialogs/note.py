"""A short text: a note on a question, or what was said in a call. Returns the text, or None if it is as before."""

from __future__ import annotations

from textual.widgets import Input

from firstcontact.tui.commands import Where
from firstcontact.tui.paint import Piece, Row, blank, paragraph, row
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.words import _


class NotePanel(PageScreen[str]):
    """One box under a title."""

    where = Where.PANEL
    box_ids = ("note",)

    def __init__(self, title: str, about: str, text: str) -> None:
        super().__init__()
        self._title_words = title
        self._about = about
        self._text = text

    def on_mount(self) -> None:
        """The box has the keyboard."""
        self.repaint()
        box = self.box("note")
        box.value = self._text
        self.set_focus(box)

    def top(self) -> tuple[list[Piece], str]:
        """What is written."""
        return [(self._title_words, "strong")], self.home.status_words()

    def body(self, width: int, height: int) -> list[Row]:  # noqa: ARG002 - it is short
        """The question, the box, and who reads it."""
        return [
            blank(),
            *paragraph(self._about, width, indent=3),
            blank(),
            row("   ", box="note", box_at=3),
            blank(),
            *paragraph(_("Notes are for you. They are never passed on."), width, indent=3, style="quiet"),
        ]

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep it."""
        event.stop()
        self.do_enter("")

    def do_enter(self, _key: str) -> None:
        """Keep what is in the box."""
        text = self.box("note").value.strip()
        self.dismiss(text if text != self._text else None)

    def do_back(self, _key: str) -> None:
        """Esc leaves the box and keeps its text."""
        self.do_enter("")

    def do_stop_anywhere(self, key: str) -> None:
        """Keep what is in the box, then open the Stop menu."""
        self.do_enter("")
        super().do_stop_anywhere(key)

    def do_next_field(self, _key: str) -> None:
        """There is one box."""
        self.set_focus(self.box("note"))
