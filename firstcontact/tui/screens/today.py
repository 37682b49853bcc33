"""Today: the list of visits, what needs the visitor, what came of earlier visits."""

from __future__ import annotations

from firstcontact.rows import ReferralRow, TodayPage, VisitState
from firstcontact.tui.commands import HINTS, Where
from firstcontact.tui.pages.today import MINE, MOST_NEEDS, NEW_VISIT, today_rows
from firstcontact.tui.paint import Piece, Row
from firstcontact.tui.ports import OpenVisit
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.unforeseen import words_of
from firstcontact.tui.words import _


class TodayScreen(PageScreen[None]):
    """What a working day starts with."""

    where = Where.TODAY

    def __init__(self, *, go_on: bool = False) -> None:
        """`go_on`: the program has just been unlocked, and a visit left a moment ago opens by itself."""
        super().__init__()
        self.today: TodayPage | None = None
        self._opening = False
        self._go_on = go_on

    def on_mount(self) -> None:
        """Read the list on a worker thread."""
        self.read_again()

    def read_again(self) -> None:
        """Read the list; the page keeps what it shows until the new one is there."""
        self.run_worker(self._read, thread=True, exclusive=True, exit_on_error=False)

    def _read(self) -> None:
        work = self.home.work
        assert work is not None
        try:
            today = work.today()
            unfinished = work.unfinished() if self._go_on else None
        except Exception as problem:  # a list that cannot be read is said, and what is on the screen stays
            self.app.call_from_thread(self.say, words_of(problem))
            return
        self.app.call_from_thread(self._show, today)
        if unfinished is not None:
            self.app.call_from_thread(self._open, lambda: work.open_visit(unfinished))
        self._go_on = False

    def _show(self, today: TodayPage) -> None:
        self.today = today
        if not self.marked:
            self.marked = f"visit:{today.visits[0].id}" if today.visits else f"do:{NEW_VISIT}"
        if self.is_attached:
            self.repaint()

    def top(self) -> tuple[list[Piece], str]:
        """The day, and what is saved and sent."""
        return [(self.today.on if self.today else _("Today"), "strong")], self.home.status_words(count=True)

    def body(self, width: int, height: int) -> list[Row]:
        """The page."""
        if self.today is None:
            return [Row()]
        return today_rows(
            self.today,
            self.marks,
            width,
            height,
            marked=self.marked,
            names=self.home.names_shown,
            waiting=self.home.signal.waiting,
        )

    def hints(self) -> list[tuple[str, str]]:
        """The space key says what it will do."""
        hide = self.home.names_shown
        return [(key, _("hide names") if hide and key == "space" else word) for key, word in HINTS[self.where]]

    def step(self, by: int) -> None:
        """Arrows go through all visits, those outside the window too."""
        today = self.today
        names = [f"visit:{visit.id}" for visit in today.visits] if today else []
        names += [
            f"do:{NEW_VISIT}",
            *(f"need:{need.reference}" for need in (today.needs[:MOST_NEEDS] if today else ())),
            f"do:{MINE}",
        ]
        at = names.index(self.marked) + by if self.marked in names else 0
        self.marked = names[max(0, min(at, len(names) - 1))]
        self.repaint()

    def do_enter(self, _key: str) -> None:
        """Open what is marked."""
        kind, _sep, name = self.marked.partition(":")
        if kind == "visit":
            self._open_visit(name)
        elif kind == "need" or name == MINE:
            self.do_mine("")
        elif name == NEW_VISIT:
            self.do_add("")

    def do_add(self, _key: str) -> None:
        """Start a new visit."""
        work = self.home.work
        if work is not None:
            self._open(work.new_visit)

    def _open_visit(self, visit_id: str) -> None:
        work = self.home.work
        row = next((visit for visit in self.today.visits if visit.id == visit_id), None) if self.today else None
        if work is None or row is None:
            return
        if row.state is VisitState.STOPPED:
            self.say(_("They wanted to stop. Nothing more is kept to show."))
            return
        self._open(lambda: work.open_visit(visit_id))

    def _open(self, how: object) -> None:
        if self._opening or not callable(how):
            return
        self._opening = True
        self.say(_("Opening..."))

        def opening() -> None:
            try:
                visit = how()
            except Exception as problem:  # whatever it was, the screen must not go on saying "Opening"
                self.app.call_from_thread(self._not_opened, words_of(problem))
                return
            self.app.call_from_thread(self._opened, visit)

        # what was said on this screen is durable before the visit's events are read
        self.home.drain(0.5)
        self.run_worker(opening, thread=True, exit_on_error=False)

    def _not_opened(self, words: str) -> None:
        self._opening = False
        self.say(words)

    def _opened(self, visit: OpenVisit) -> None:
        from firstcontact.tui.screens.visit import VisitScreen

        self._opening = False
        self.said = ""
        self.home.visit = visit
        self.app.push_screen(VisitScreen(visit))

    def do_undo(self, _key: str) -> None:
        """Take a finished visit back while its two minutes run."""
        work, today = self.home.work, self.today
        leaving = next((row for row in today.visits if row.state is VisitState.LEAVING), None) if today else None
        if work is None or leaving is None:
            self.say(_("Nothing to take back here."))
            return
        change = work.take_back(leaving.id)
        if change is None:
            self.say(_("It has left. Open it to change a fact or to stop it."))
            return
        self.act(change)
        self.home.drain(2.0)
        self.read_again()
        self.say(_("Taken back. Nothing has left. It is open again."))

    def do_mine(self, _key: str) -> None:
        """My referrals."""
        from firstcontact.tui.screens.referrals import ReferralsScreen

        self.run_worker(self._read_mine(ReferralsScreen), exclusive=False, exit_on_error=False)

    async def _read_mine(self, screen: type) -> None:
        import asyncio

        assert self.home.work is not None
        rows: tuple[ReferralRow, ...] = await asyncio.to_thread(self.home.work.my_referrals)
        self.app.push_screen(screen(rows))

    def do_show(self, _key: str) -> None:
        """Show names for 30 seconds, or hide them."""
        self.home.show_names()
