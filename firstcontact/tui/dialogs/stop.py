"""The Stop menu: pause, the person wants to stop, go on. It opens from anywhere, and nothing is lost by opening it."""

from __future__ import annotations

from collections.abc import Sequence

from firstcontact.tui.dialogs.panel import Option, Panel
from firstcontact.tui.sizes import SMALLEST
from firstcontact.tui.words import _


class StopPanel(Panel[str]):
    """Returns "close", "paused", "ended", or None to go on."""

    smallest = SMALLEST

    def __init__(self) -> None:
        super().__init__()
        self._wants_to_stop = False

    @property
    def _in_visit(self) -> bool:
        visit = self.home.visit
        return visit is not None and not visit.review().finished and self.home.visit_screen() is not None

    def title_words(self) -> str:
        """What is asked."""
        return _("They want to stop") if self._wants_to_stop else _("Stop")

    def options(self) -> Sequence[Option]:
        """The menu, or the one thing that is asked when the person wants to stop."""
        if self._wants_to_stop:
            return (
                Option("go-on", _("Go back"), _("Nothing happens."), "1"),
                Option("keep", _("Stop, and keep the answers"), _("Nothing is passed on to anyone."), "2"),
                Option(
                    "nothing",
                    _("Stop, and keep nothing"),
                    _("Name, address and answers are erased here. Nothing is passed on to anyone."),
                    "3",
                ),
            )
        if self._in_visit:
            return (
                Option("pause", _("Pause, and go on later at this question"), self._what_leaves(), "1"),
                Option("wants", _("The person wants to stop"), _("One more question comes."), "2"),
                Option("go-on", _("Go on"), "", "3"),
                Option("close", _("Pause, and close First Contact"), "", "4"),
            )
        return (
            Option("close", _("Close First Contact"), _("Everything is saved."), "1"),
            Option("lock", _("Lock it"), _("The passphrase opens it again."), "2"),
            Option("go-on", _("Go on"), "", "3"),
        )

    def chosen(self, name: str) -> None:
        """Do what was chosen."""
        if name == "wants":
            self._wants_to_stop, self.marked, self.scrolled = True, "go-on", 0
            self.repaint()
        elif name in {"keep", "nothing"}:
            self._end(keep=name == "keep")
        elif name == "pause":
            self._pause()
            self.dismiss("paused")
        elif name == "lock":
            self.home.lock()
        elif name == "close":
            if self._in_visit:
                self._pause()
            self.dismiss("close")
        else:
            self.dismiss(None)

    def _what_leaves(self) -> str:
        """Nothing that leaves is a surprise: what is urgent does not wait for the end of the visit."""
        urgent = self.home.visit.review().urgent if self.home.visit is not None else ()
        if not urgent:
            return _("Everything is saved.")
        partners = ", ".join(row.partner for row in urgent)
        return _("Everything is saved. Urgent, so it leaves now: {partners}.").format(partners=partners)

    def _pause(self) -> None:
        from firstcontact.tui.screens.visit import VisitScreen

        screen = self.home.visit_screen()
        if self.home.visit is not None and isinstance(screen, VisitScreen):
            self.act(self.home.visit.pause(screen.current))
            self.home.drain(2.0)

    def _end(self, *, keep: bool) -> None:
        if self.home.visit is not None:
            self.act(self.home.visit.stop_all(keep=keep))
            self.home.drain(2.0)
        self.dismiss("ended")

    def go_back(self) -> None:
        """Back one level."""
        if self._wants_to_stop:
            self._wants_to_stop, self.marked = False, "wants"
            self.repaint()
        else:
            self.dismiss(None)

    def do_stop_anywhere(self, _key: str) -> None:
        """It is open already."""
