"""A page: rows of text, painted line by line, with one marked entry. It repaints only the lines that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from firstcontact.tui.paint import STYLES, Row, entries


class Page(Widget):
    """The whole window but for the text boxes that stand on it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"page--{style}" for style in STYLES}
    ALLOW_SELECT = False

    class Chosen(Message):
        """A row was clicked."""

        def __init__(self, entry: str) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._rows: list[Row] = []
        self._looks: dict[str, Style] = {}
        self.entries: list[str] = []

    def show(self, rows: Sequence[Row]) -> None:
        """Paint these rows; lines that are as before are not painted again."""
        before, after = self._rows, list(rows)
        self._rows = after
        self.entries = entries(after)
        width = self.size.width
        if width == 0:
            return
        changed = [
            Region(0, y, width, 1)
            for y in range(max(len(before), len(after)))
            if y >= len(before) or y >= len(after) or before[y] != after[y]
        ]
        if changed:
            self.refresh(*changed)

    @property
    def text(self) -> str:
        """What the page says, line by line."""
        return "\n".join(line.text.rstrip() for line in self._rows)

    def notify_style_update(self) -> None:
        """Forget the looks when the stylesheet or the theme changes."""
        self._looks.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        width = self.size.width
        if y >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        looks = self._looks or self._read_looks()
        segments = [Segment(text, looks[style]) for text, style in self._rows[y].pieces if text]
        return Strip(segments).adjust_cell_length(width, looks["plain"])

    def _read_looks(self) -> dict[str, Style]:
        self._looks = {style: self.get_component_rich_style(f"page--{style}") for style in STYLES}
        return self._looks

    def on_click(self, event: events.Click) -> None:
        """A click marks; nothing is answered by a click alone."""
        if event.y < len(self._rows) and (entry := self._rows[event.y].entry):
            self.post_message(self.Chosen(entry))
