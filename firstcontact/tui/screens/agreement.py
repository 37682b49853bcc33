"""Agreement, partner by partner: a yes, a no, not today; each stays on the screen so that it can be read back."""

from __future__ import annotations

from firstcontact.rows import AgreementPage, Change, Wish
from firstcontact.tui.commands import Command, Where
from firstcontact.tui.pace import Pace, Verdict
from firstcontact.tui.pages.agreement import agreement_rows, answer_rows
from firstcontact.tui.paint import Piece, Row
from firstcontact.tui.ports import OpenVisit
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.sizes import SMALLEST, WITH_SIDES
from firstcontact.tui.words import _

_DECIDING = frozenset({"yes", "no", "not_today", "has_help", "choice"})


class AgreementScreen(PageScreen[None]):
    """One offer at a time."""

    where = Where.AGREEMENT
    smallest = SMALLEST

    def __init__(self, visit: OpenVisit, key: str) -> None:
        super().__init__()
        self.visit = visit
        self.key = key
        self.offer: AgreementPage = visit.agreement(key)
        self.asking = ""
        self.pace = Pace()
        self._asked_for: set[str] = set()

    def on_mount(self) -> None:
        """Paint; a key still on its way was meant for the screen before."""
        self.pace.shown(self.home.ticks())
        self.repaint()

    def on_screen_resume(self) -> None:
        """A fact may have been asked meanwhile."""
        self._read()

    def _read(self) -> None:
        keys = [offer.key for offer in self.visit.offers()]
        if self.key not in keys:
            self.dismiss(None)
            return
        self.offer = self.visit.agreement(self.key)
        self.repaint()

    def top(self) -> tuple[list[Piece], str]:
        """Which offer, who decides, what is saved."""
        narrow = self.size.width < 60
        name = self.visit.progress().name
        place = _("Offer {n} of {count}").format(n=self.offer.number, count=self.offer.of)
        pieces: list[Piece] = [(name, "strong"), ("  " if narrow else "     ", "plain"), (place, "plain")]
        if not narrow and self.offer.decided_by and self.size.width < WITH_SIDES:
            pieces.append(("     " + _("Who decides: {name}").format(name=self.offer.decided_by), "plain"))
        return pieces, self.home.status_words(count=self.size.width >= WITH_SIDES)

    def body(self, width: int, height: int) -> list[Row]:
        """The page."""
        wide = width >= WITH_SIDES
        return agreement_rows(
            self.offer,
            self.visit.offers() if wide else (),
            self.visit.recorded() if wide else (),
            self.marks,
            width,
            height,
            asking=self.asking,
            marked=self.marked,
        )

    def foot(self, width: int, height: int) -> list[Row]:  # noqa: ARG002 - its height is its own
        """The keys that decide."""
        return answer_rows(self.offer, self.marks, width, asking=self.asking)

    def available(self, command: Command) -> bool:
        """Yes is not a key for a partner that only takes calls before the call is made: `k` is."""
        return super().available(command)

    # deciding -------------------------------------------------------------------------------------------------------

    def run(self, command: Command, key: str) -> None:
        """Stand the guard before every key that decides."""
        if command.name in _DECIDING:
            at = self.home.ticks()
            if self.pace.press(key, at) is Verdict.TOO_QUICK:
                self.say(_("too quick: press again"))
                return
            self.pace.answered("")
        super().run(command, key)

    def do_yes(self, _key: str) -> None:
        """Yes, to this offer or to the line asked under it."""
        if self.asking:
            self._answer_line(True)
        else:
            self._record(Wish.YES)

    def do_no(self, _key: str) -> None:
        """No; on an earlier yes it takes that back."""
        if self.asking:
            self._answer_line(False)
        else:
            self._record(Wish.NO)

    def do_not_today(self, _key: str) -> None:
        """Not today."""
        self._record(Wish.NOT_TODAY)

    def do_has_help(self, _key: str) -> None:
        """Has help already."""
        self._record(Wish.HAS_HELP)

    def do_choice(self, key: str) -> None:
        """Other ways to end this."""
        if key == "1":
            self._record(Wish.ADVISED)
        elif key == "4" and self.offer.closed_until:
            self._record(Wish.HOLD)

    def do_rang(self, _key: str) -> None:
        """I rang them: who, and what was said."""
        from firstcontact.tui.dialogs.note import NotePanel

        if not self.offer.partner:
            self.say(_("The area of this home is not known yet. Ask the postcode first."))
            return
        panel = NotePanel(_("I rang {partner}").format(partner=self.offer.partner), _("Who did you speak to?"), "")
        self.app.push_screen(panel, self._rung)

    def _rung(self, words: str | None) -> None:
        if words:
            self.act(self.visit.record_agreement(self.key, Wish.RANG, call=words))
            self.asking = ""
            self._read()

    def _record(self, wish: Wish) -> None:
        if not self.offer.partner:
            self.say(_("The area of this home is not known yet. Ask the postcode first."))
            return
        self.act(self.visit.record_agreement(self.key, wish))
        self.said = ""
        self._next_line()

    def _answer_line(self, answer: bool) -> None:
        if self.asking == "health":
            change = self.visit.record_agreement(self.key, Wish.YES, health=answer, feedback=self.offer.feedback)
        else:
            change = self.visit.record_agreement(self.key, Wish.YES, health=self.offer.health, feedback=answer)
        self.act(change)
        self._next_line()

    def _next_line(self) -> None:
        """Read the offer anew, and ask what belongs under a yes."""
        self.offer = self.visit.agreement(self.key)
        self.asking = ""
        if self.offer.wish is Wish.YES:
            if self.offer.health_say and self.offer.health is None:
                self.asking = "health"
            elif self.offer.feedback_say and self.offer.feedback is None:
                self.asking = "feedback"
        self.pace.shown(self.home.ticks())
        self.repaint()

    # moving ---------------------------------------------------------------------------------------------------------

    def do_enter(self, _key: str) -> None:
        """Ask the marked line; else what a yes still needs; else the next offer, and after the last the review."""
        from firstcontact.tui.screens.visit import VisitScreen

        kind, _sep, item_id = self.marked.partition(":")
        if kind in {"ask", "fact"} and item_id:
            self.marked = ""
            self.app.push_screen(VisitScreen(self.visit, (item_id,)))
            return
        needs = tuple(name for name in self.offer.needs if name not in self._asked_for)
        if self.offer.wish is Wish.YES and needs:
            self._asked_for.update(needs)
            self.asking = ""
            self.app.push_screen(VisitScreen(self.visit, needs))
            return
        self._move(1)

    def do_after(self, _key: str) -> None:
        """The next offer."""
        self._move(1)

    def do_before(self, _key: str) -> None:
        """The offer before."""
        self._move(-1)

    def _move(self, by: int) -> None:
        keys = [offer.key for offer in self.visit.offers()]
        place = (keys.index(self.key) if self.key in keys else 0) + by
        if place >= len(keys):
            self.do_review("")
        elif place >= 0:
            self.key, self.asking, self.marked, self.scrolled = keys[place], "", "", 0
            self.pace.shown(self.home.ticks())
            self._read()

    def do_review(self, _key: str) -> None:
        """What is passed on."""
        from firstcontact.tui.screens.review import ReviewScreen

        self.app.switch_screen(ReviewScreen(self.visit))

    def do_undo(self, _key: str) -> None:
        """Take back the last act."""
        self._again(self.visit.undo(), _("Taken back."), _("Nothing to take back."))

    def do_redo(self, _key: str) -> None:
        """Put back what was taken back."""
        self._again(self.visit.redo(), _("Put back."), _("Nothing to put back."))

    def _again(self, change: Change | None, done: str, nothing: str) -> None:
        if change is not None:
            self.act(change)
        self.asking = ""
        self._read()
        self.say(done if change is not None else nothing)

    def go_back(self) -> None:
        """Back to the question."""
        if self.marked:
            self.marked = ""
            self.repaint()
        else:
            self.dismiss(None)
