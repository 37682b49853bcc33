"""Review and finish: read it to the person, ask what is open, finish, and take it back within two minutes."""

from __future__ import annotations

from firstcontact.rows import Change, ReviewPage, Wish
from firstcontact.tui.commands import HINTS, Command, Where
from firstcontact.tui.pages.review import review_rows
from firstcontact.tui.paint import Piece, Row
from firstcontact.tui.ports import OpenVisit
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.words import _


class ReviewScreen(PageScreen[None]):
    """Before you go."""

    where = Where.REVIEW

    def __init__(self, visit: OpenVisit) -> None:
        super().__init__()
        self.visit = visit
        self.review: ReviewPage = visit.review()
        self._mark_first()

    def _mark_first(self) -> None:
        self.marked = "still:0" if self.review.still and not self.review.finished else ""

    def on_screen_resume(self) -> None:
        """Something may have been asked meanwhile."""
        self._read()

    def _read(self) -> None:
        self.review = self.visit.review()
        self._mark_first()
        self.repaint()

    def top(self) -> tuple[list[Piece], str]:
        """Whose review, what is saved."""
        name = self.visit.progress().name
        return [(name, "strong"), ("     " + _("Before you go"), "plain")], self.home.status_words()

    def body(self, width: int, height: int) -> list[Row]:  # noqa: ARG002 - a long review scrolls
        """The page."""
        return review_rows(self.review, self.marks, width, marked=self.marked, now=self.home.now())

    def hints(self) -> list[tuple[str, str]]:
        """Once finished there is one thing left to do."""
        if self.review.finished:
            return [(_("Enter"), _("to Today")), ("ctrl+z", _("take it back")), ("q", _("stop"))]
        return list(HINTS[self.where])

    def available(self, command: Command) -> bool:
        """A finished part is not finished twice."""
        if command.name == "finish":
            return not self.review.finished
        return super().available(command)

    def do_enter(self, _key: str) -> None:
        """Ask what is marked; when finished, go to Today."""
        from firstcontact.tui.screens.agreement import AgreementScreen
        from firstcontact.tui.screens.visit import VisitScreen

        kind, _sep, name = self.marked.partition(":")
        if self.review.finished:
            self.home.to_today()
        elif kind == "still":
            line = self.review.still[int(name)]
            if line.item_id:
                self.app.push_screen(VisitScreen(self.visit, (line.item_id,)))
            elif line.offer_key:
                self.app.push_screen(AgreementScreen(self.visit, line.offer_key))
        elif kind in {"pass", "offer"}:
            self.app.push_screen(AgreementScreen(self.visit, name))

    def do_no(self, _key: str) -> None:
        """The marked line is no longer wanted."""
        kind, _sep, key = self.marked.partition(":")
        if kind != "pass":
            self.say(_("Mark a line with the arrows first; n then takes it back."))
            return
        self.act(self.visit.record_agreement(key, Wish.NO))
        self._read()
        self.say(_("No longer wanted. It is not passed on. ctrl+z takes this back."))

    def do_change(self, _key: str) -> None:
        """Change a fact."""
        from firstcontact.tui.dialogs.lists import FindPanel

        self.app.push_screen(FindPanel(self.visit.questions()), self._change)

    def _change(self, item_id: str | None) -> None:
        from firstcontact.tui.screens.visit import VisitScreen

        if item_id:
            self.app.push_screen(VisitScreen(self.visit, (item_id,)))

    def do_finish(self, _key: str) -> None:
        """Finish; what is urgent leaves at once, after one page that says so."""
        if self.review.urgent:
            from firstcontact.tui.dialogs.urgent import UrgentPanel

            self.app.push_screen(UrgentPanel(self.review.urgent), self._urgent_read)
        else:
            self._finish()

    def _urgent_read(self, go: bool | None) -> None:
        if go:
            self._finish()

    def _finish(self) -> None:
        self.act(self.visit.finish())
        self._read()
        work = self.home.work
        if work is not None:
            work.nudge()

    def do_undo(self, _key: str) -> None:
        """Take the finish back, or the last act."""
        change: Change | None
        if self.review.finished:
            change = self.visit.take_back()
            words = _("Taken back. Nothing has left.")
            nothing = _("It has left. Change a fact, or say no longer wanted.")
        else:
            change = self.visit.undo()
            words, nothing = _("Taken back."), _("Nothing to take back.")
        if change is not None:
            self.act(change)
        self._read()
        self.say(words if change is not None else nothing)

    def do_redo(self, _key: str) -> None:
        """Put back what was taken back."""
        change = self.visit.redo()
        if change is not None:
            self.act(change)
        self._read()
        self.say(_("Put back.") if change is not None else _("Nothing to put back."))

    def go_back(self) -> None:
        """Back to the questions; from a finished part to Today."""
        if self.review.finished:
            self.home.to_today()
        else:
            self.dismiss(None)
