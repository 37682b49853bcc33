"""What is urgent leaves at once: one page that says so, the cursor on "Go back"."""

from __future__ import annotations

from collections.abc import Sequence

from firstcontact.rows import UrgentRow
from firstcontact.tui.dialogs.panel import Option, Panel
from firstcontact.tui.pages.review import urgent_rows
from firstcontact.tui.paint import Row, blank
from firstcontact.tui.words import _


class UrgentPanel(Panel[bool]):
    """Returns True to finish and let them leave."""

    def __init__(self, urgent: tuple[UrgentRow, ...]) -> None:
        super().__init__()
        self._urgent = urgent

    def title_words(self) -> str:
        """What is asked."""
        return _("Before it leaves")

    def options(self) -> Sequence[Option]:
        """Back, or finish."""
        return (Option("back", _("Go back"), "", "1"), Option("go", _("Finish: these leave now"), "", "2"))

    def body(self, width: int, height: int) -> list[Row]:
        """What leaves, why, and whom to ring."""
        return [*urgent_rows(self._urgent, width), blank(), *super().body(width, height)]

    def chosen(self, name: str) -> None:
        """Back, or finish."""
        self.dismiss(name == "go")
