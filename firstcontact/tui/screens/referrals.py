"""My referrals: what became of each, and who acts next. Names are hidden until asked for."""

from __future__ import annotations

from collections.abc import Sequence

from firstcontact.rows import ReferralRow
from firstcontact.tui.commands import Where
from firstcontact.tui.pages.referrals import entry_of, referral_rows
from firstcontact.tui.paint import Piece, Row
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.unforeseen import words_of
from firstcontact.tui.words import _


class ReferralsScreen(PageScreen[None]):
    """All referrals of this professional."""

    where = Where.REFERRALS

    def __init__(self, rows: Sequence[ReferralRow]) -> None:
        super().__init__()
        self.referrals = tuple(rows)
        self.opened = ""
        self.marked = entry_of(self.referrals[0]) if self.referrals else ""

    def read_again(self) -> None:
        """Something arrived: read the list on a worker thread."""
        self.run_worker(self._read, thread=True, exclusive=True, exit_on_error=False)

    def _read(self) -> None:
        assert self.home.work is not None
        try:
            rows = self.home.work.my_referrals()
        except Exception as problem:  # a list that cannot be read is said, and what is on the screen stays
            self.app.call_from_thread(self.say, words_of(problem))
            return
        self.app.call_from_thread(self._show, rows)

    def _show(self, rows: tuple[ReferralRow, ...]) -> None:
        self.referrals = rows
        self.repaint()

    def top(self) -> tuple[list[Piece], str]:
        """Whether names are hidden, and the signal."""
        hidden = _("names shown") if self.home.names_shown else _("names hidden")
        return [(_("My referrals"), "strong"), ("      " + hidden, "quiet")], self.home.signal_words()

    def body(self, width: int, height: int) -> list[Row]:  # noqa: ARG002 - a long list scrolls
        """The page."""
        return referral_rows(
            self.referrals, self.marks, width, marked=self.marked, opened=self.opened, names=self.home.names_shown
        )

    def do_enter(self, _key: str) -> None:
        """Open or close the marked line."""
        self.opened = "" if self.opened == self.marked else self.marked
        self.repaint()

    def do_show(self, _key: str) -> None:
        """Show names for 30 seconds, or hide them."""
        self.home.show_names()

    def go_back(self) -> None:
        """Back to Today."""
        self.app.pop_screen()
