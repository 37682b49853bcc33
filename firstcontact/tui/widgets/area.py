"""A box of several lines for a long text: it wraps, Enter keeps it, and nothing of it reaches a clipboard.

Imported when the first long text is asked for: no other screen pays for it.
"""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from sync.base.safe_text import safe_text

LONGEST: Final = 4000
ROWS: Final = 5


class Area(TextArea, inherit_bindings=False):
    """Several lines of text. Enter, Tab, Esc and the keys that work from anywhere go to the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor_up", show=False),
        Binding("down", "cursor_down", show=False),
        Binding("left", "cursor_left", show=False),
        Binding("right", "cursor_right", show=False),
        Binding("ctrl+left", "cursor_word_left", show=False),
        Binding("ctrl+right", "cursor_word_right", show=False),
        Binding("home,ctrl+a", "cursor_line_start", show=False),
        Binding("end,ctrl+e", "cursor_line_end", show=False),
        Binding("backspace", "delete_left", show=False),
        Binding("delete,ctrl+d", "delete_right", show=False),
        Binding("ctrl+w", "delete_word_left", show=False),
        Binding("ctrl+u", "delete_to_start_of_line", show=False),
        Binding("ctrl+k", "delete_to_end_of_line", show=False),
        Binding("ctrl+z", "undo", show=False),
        Binding("ctrl+y", "redo", show=False),
    ]
    ALLOW_SELECT = False
    edits: ClassVar[frozenset[str]] = frozenset(
        key for binding in BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")
    )

    class Kept(Message):
        """Enter was pressed: the text is to be kept."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, compact=True, highlight_cursor_line=False, show_line_numbers=False)
        self.cursor_blink = False

    def _on_key(self, event: events.Key) -> None:  # type: ignore[override]
        """Enter keeps, as in every other box."""
        if event.key == "enter":
            event.prevent_default()
            event.stop()
            self.post_message(self.Kept(self.text))

    def _on_paste(self, event: events.Paste) -> None:  # type: ignore[override]
        """Take a paste as safe text, its lines kept, up to the longest that fits."""
        event.prevent_default()
        event.stop()
        room = max(LONGEST - len(self.text), 0)
        self.insert(safe_text(event.text[: LONGEST * 4], multiline=True)[:room])
