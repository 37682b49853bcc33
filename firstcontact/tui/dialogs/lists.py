"""Two lists of questions: by part, and by their words. Each returns the question to go to, or None."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Input

from firstcontact.rows import PartRow, QuestionRow
from firstcontact.tui.dialogs.panel import Option, Panel
from firstcontact.tui.pages.columns import part_name, part_sign
from firstcontact.tui.pages.view import code_of
from firstcontact.tui.paint import Row, blank, fit, pad, row
from firstcontact.tui.words import _

MOST_FOUND = 60
_TITLE_WIDTH = 40
_ID_WIDTH = 5
_ANSWER_WIDTH = 20


class PartsPanel(Panel[str]):
    """The parts of the checklist."""

    def __init__(self, parts: Sequence[PartRow]) -> None:
        super().__init__()
        self._parts = tuple(parts)

    def title_words(self) -> str:
        """What is asked."""
        return _("Parts")

    def options(self) -> Sequence[Option]:
        """One line a part, with how far it is; groups and instances stand below their section."""
        return tuple(Option(str(n), self._words(part)) for n, part in enumerate(self._parts))

    def _words(self, part: PartRow) -> str:
        name = f"{part_name(part):<1} " if not part.depth else "  " * (part.depth + 1)
        sign = part_sign(part.asked, part.of, self.marks)
        title = pad(part.title, _TITLE_WIDTH - len(name))
        return f"{name}{sign}  {title} {part.asked}/{part.of}"

    def chosen(self, name: str) -> None:
        """Go there."""
        self.dismiss(self._parts[int(name)].first_id)

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
            if all(word in f"{question.id} {question.where} {question.say}".lower() for word in words)
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
        return [*rows, *(self._row(question, width) for question in found)]

    def _row(self, question: QuestionRow, width: int) -> Row:
        """Its id, where people use it as a name; where it stands; its words; its answer."""
        here = question.id == self.marked
        say = f"{question.where}: {question.say}" if question.where else question.say
        return row(
            f" {self.marks.here if here else ' '} ",
            (pad(code_of(question.id), _ID_WIDTH), "quiet"),
            (pad(say, width - _ANSWER_WIDTH - _ID_WIDTH - 7), "marked" if here else "plain"),
            "  ",
            (fit(question.answer_words, _ANSWER_WIDTH), "strong"),
            entry=question.id,
        )

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
