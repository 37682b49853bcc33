"""A box to type in: one line, safe text only, typing can be taken back, and nothing of it reaches a clipboard."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input

from sync.base.safe_text import safe_text

LONGEST: Final = 500


class Box(Input, inherit_bindings=False):
    """An input of one line. Tab, Esc and the keys that work from anywhere go to the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "cursor_left", show=False),
        Binding("right", "cursor_right", show=False),
        Binding("ctrl+left", "cursor_left_word", show=False),
        Binding("ctrl+right", "cursor_right_word", show=False),
        Binding("home,ctrl+a", "home", show=False),
        Binding("end,ctrl+e", "end", show=False),
        Binding("backspace", "delete_left", show=False),
        Binding("delete,ctrl+d", "delete_right", show=False),
        Binding("ctrl+w", "delete_left_word", show=False),
        Binding("ctrl+u", "delete_left_all", show=False),
        Binding("ctrl+k", "delete_right_all", show=False),
        Binding("ctrl+z", "untype", show=False),
        Binding("ctrl+y", "retype", show=False),
        Binding("enter", "submit", show=False),
    ]
    ALLOW_SELECT = False
    edits: ClassVar[frozenset[str]] = frozenset(
        key for binding in BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")
    )
    """The keys that edit: while a box has the keyboard they mean nothing else."""

    def __init__(self, value: str = "", *, id: str, secret: bool = False) -> None:  # noqa: A002 - Textual's own name
        super().__init__(
            value, id=id, password=secret, max_length=LONGEST, compact=True, select_on_focus=False, highlighter=None
        )
        self.cursor_blink = False
        self._typed: list[str] = [value]
        self._untyped: list[str] = []

    def _on_paste(self, event: events.Paste) -> None:
        """Take the first line of a paste, as safe text, up to the longest that fits."""
        event.prevent_default()
        event.stop()
        lines = event.text[: LONGEST * 4].splitlines()
        if lines:
            self.insert_text_at_cursor(safe_text(lines[0])[:LONGEST])

    def watch_value(self, value: str) -> None:
        """Remember what was typed, so that it can be taken back."""
        if not self.password and self._typed[-1] != value:
            self._typed.append(value)
            del self._typed[:-200]

    def action_untype(self) -> None:
        """Take back the last change of the text."""
        if len(self._typed) > 1:
            self._untyped.append(self._typed.pop())
            self.value = self._typed[-1]
            self.cursor_position = len(self.value)

    def action_retype(self) -> None:
        """Put back what was taken back."""
        if self._untyped:
            self.value = self._untyped.pop()
            self.cursor_position = len(self.value)
