"""Two lists of questions: by part, and by their words. Each returns the question to go to, or None."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Input

from firstcontact.rows import PartRow, QuestionRow
from firstcontact.tui.dialogs.panel import Option, Panel
from firstcontact.tui.pages.columns import part_sign
from firstcontact.tui.paint import Row, blank, fit, pad, row
from firstcontact.tui.words import _

MOST_FOUND = 60


class PartsPanel(Panel[str]):
    """The parts of the checklist."""

    def __init__(self, parts: Sequence[PartRow]) -> None:
        super().__init__()
        self._parts = tuple(parts)

    def title_words(self) -> str:
        """What is asked."""
        return _("Parts")

    def options(self) -> Sequence[Option]:
        """One line a part, with how far it is."""
        return tuple(
            Option(
                part.first_id,
                f"{part.letter} {part_sign(part.asked, part.of, self.marks)}  {pad(part.title, 32)} "
                f"{part.asked}/{part.of}",
            )
            for part in self._parts
        )

    def chosen(self, name: str) -> None:
        """Go there."""
        self.dismiss(name)

    def press(self, key: str) -> None:
        """A part's own letter goes there too."""
        part = next((part for part in self._parts if part.letter.lower() == key), None)
        if part is not None:
            self.dismiss(part.first_id)
        else:
            super().press(key)


class FindPanel(Panel[str]):
    """Find a question by any of its words, or by its id."""

    box_ids = ("find",)

    def __init__(self, questions: Sequence[QuestionRow]) -> None:
        super().__init__()
        self._questions = tuple(questions)

    def on_mount(self) -> None:
        """The box has the keyboard."""
        super().on_mount()
        self.set_focus(self.box("find"))

    def title_words(self) -> str:
        """What is asked."""
        return _("Find a question")

    def _found(self) -> Sequence[QuestionRow]:
        words = self.box("find").value.lower().split() if self.is_mounted else []
        return [
            question
            for question in self._questions
            if all(word in f"{question.id} {question.say}".lower() for word in words)
        ][:MOST_FOUND]

    def options(self) -> Sequence[Option]:
        """What fits so far."""
        return tuple(Option(question.id, question.say, question.answer_words) for question in self._found())

    def body(self, width: int, height: int) -> list[Row]:  # noqa: ARG002 - a long list scrolls
        """The box, and what fits so far."""
        rows: list[Row] = [row(" ", _("Words"), box="find", box_at=10), blank()]
        found = self._found()
        if not found:
            rows.append(row("   ", (_("No question has these words."), "quiet")))
        for question in found:
            here = question.id == self.marked
            answer = fit(question.answer_words, 20)
            rows.append(
                row(
                    f" {self.marks.here if here else ' '} ",
                    (pad(question.id, 5), "quiet"),
                    (pad(question.say, width - 32), "marked" if here else "plain"),
                    "  ",
                    (answer, "strong"),
                    entry=question.id,
                )
            )
        return rows

    def on_input_changed(self, event: Input.Changed) -> None:
        """Mark the first that fits."""
        event.stop()
        found = self._found()
        self.marked = found[0].id if found else ""
        self.scrolled = 0
        self.repaint()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the marked one."""
        event.stop()
        if self.marked:
            self.dismiss(self.marked)

    def chosen(self, name: str) -> None:
        """Go there."""
        self.dismiss(name)

    def do_back(self, _key: str) -> None:
        """Esc closes at once: what was typed here is worth nothing."""
        self.dismiss(None)
