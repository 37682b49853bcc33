"""The first run: five steps. What was typed stays when you go back a step."""

from __future__ import annotations

from textual.widgets import Input

from firstcontact.rows import Professional
from firstcontact.tui.commands import Where
from firstcontact.tui.pages.entry import FIELDS, SetUpView, set_up_rows
from firstcontact.tui.paint import Piece, Row
from firstcontact.tui.ports import Work
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.unforeseen import words_of
from firstcontact.tui.words import _

SHORTEST_PASSPHRASE = 15
_STEP_BOXES = {1: FIELDS, 2: ("first", "second")}
_MUST = frozenset({"name", "agency", "work-phone"})


class SetUpScreen(PageScreen[None]):
    """Set up this laptop."""

    where = Where.SET_UP
    box_ids = (*FIELDS, "first", "second")
    secret_boxes = frozenset({"first", "second"})

    def __init__(self) -> None:
        super().__init__()
        self._step = 1
        self._words: tuple[str, ...] = ()
        self._code = ""
        self._work: Work | None = None
        self._trouble = ""
        self._working = False

    def on_mount(self) -> None:
        """Start with the name."""
        self.repaint()
        self._focus_first()

    def top(self) -> tuple[list[Piece], str]:
        """What this is, and which step."""
        return [(_("First Contact: set up this laptop"), "strong")], _("Step {n} of 5").format(n=self._step)

    def body(self, width: int, height: int) -> list[Row]:
        """The page."""
        view = SetUpView(
            step=self._step, words=self._words, code=self._code, trouble=self._trouble, working=self._working
        )
        return set_up_rows(view, self.marks, width, height)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the next box; after the last it goes on."""
        event.stop()
        boxes = _STEP_BOXES[self._step]
        place = boxes.index(event.input.id or "")
        if place + 1 < len(boxes):
            self.set_focus(self.box(boxes[place + 1]))
        else:
            self._go_on()

    def do_enter(self, _key: str) -> None:
        """Go on."""
        self._go_on()

    def press(self, key: str) -> None:
        """`o` gives other words while no box has the keyboard."""
        if key == "o" and self._step == 2 and not self.typing:
            self._words = self.home.gate.suggest_words()
            self.repaint()
        else:
            super().press(key)

    def _go_on(self) -> None:
        if self._working:
            return
        self._trouble = ""
        if self._step == 1:
            self._leave_about_you()
        elif self._step == 2:
            self._leave_passphrase()
        elif self._step == 3:
            self._code = ""
            self._to(4)
        elif self._work is not None:
            self.home.opened(self._work)

    def _leave_about_you(self) -> None:
        empty = [name for name in FIELDS if name in _MUST and not self.box(name).value.strip()]
        if empty:
            self._trouble = _("Your name, agency and work phone are needed.")
            self.repaint()
            self.set_focus(self.box(empty[0]))
            return
        self._words = self._words or self.home.gate.suggest_words()
        self._to(2)

    def _leave_passphrase(self) -> None:
        first, second = self.box("first").value, self.box("second").value
        if len(first) < SHORTEST_PASSPHRASE:
            self._trouble = _("It needs at least 15 letters.")
        elif first != second:
            self._trouble = _("The two are not the same. Type them again.")
        if self._trouble:
            self.repaint()
            self.set_focus(self.box("first"))
            return
        who = Professional(
            name=self.box("name").value.strip(),
            role=self.box("role").value.strip(),
            agency=self.box("agency").value.strip(),
            work_phone=self.box("work-phone").value.strip(),
            lead_phone=self.box("lead-phone").value.strip(),
        )
        self._working = True
        self.repaint()
        self.run_worker(lambda: self._make(who, first), thread=True, exit_on_error=False)

    def _make(self, who: Professional, passphrase: str) -> None:
        """On a worker thread: make the vault."""
        try:
            work, code = self.home.gate.set_up(who, passphrase)
        except Exception as problem:  # whatever it was, the screen must not go on waiting
            self.app.call_from_thread(self._not_made, words_of(problem))
            return
        self.app.call_from_thread(self._made, work, code)

    def _not_made(self, words: str) -> None:
        self._working = False
        self._trouble = words
        self.repaint()

    def _made(self, work: Work, code: str) -> None:
        self._working = False
        self._work, self._code = work, code
        self.box("first").value = self.box("second").value = ""
        self._to(3)

    def _to(self, step: int) -> None:
        self._step = step
        self.repaint()
        self._focus_first()

    def _focus_first(self) -> None:
        boxes = _STEP_BOXES.get(self._step)
        self.set_focus(self.box(boxes[0]) if boxes else None)

    def do_next_field(self, _key: str) -> None:
        """The next box."""
        self._move(1)

    def do_field_before(self, _key: str) -> None:
        """The box before."""
        self._move(-1)

    def _move(self, by: int) -> None:
        boxes = _STEP_BOXES.get(self._step, ())
        if boxes:
            now = (
                self.focused.id
                if self.focused is not None and self.focused.id in boxes
                else boxes[-by if by < 0 else -1]
            )
            place = boxes.index(now or boxes[0]) + by
            self.set_focus(self.box(boxes[place % len(boxes)]))

    def go_back(self) -> None:
        """Back a step while nothing is made yet; nothing typed is lost."""
        if self._step == 2 and not self._working:
            self._to(1)
        elif self._step == 1 and len(self.app.screen_stack) > 2:
            self.app.pop_screen()
