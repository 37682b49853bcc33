"""The smallest Textual program that resembles a checklist screen: an input, a list of 40 options, a footer."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, Input, OptionList


class Minimal(App[None]):
    """Nothing but widgets of the library."""

    CSS = "OptionList { height: 1fr; }"

    def compose(self) -> ComposeResult:
        """Header, input, list, footer."""
        yield Header()
        box = Input(placeholder="Type here")
        box.cursor_blink = False
        yield box
        yield OptionList(*[f"Question {number}: choose this answer" for number in range(1, 41)])
        yield Footer()


if __name__ == "__main__":
    Minimal().run()
