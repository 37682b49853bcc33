"""Unlock: who is working, and the passphrase. It says nothing about what is inside."""

from __future__ import annotations

import math

from textual.widgets import Input

from firstcontact.rows import Profile, Refused
from firstcontact.tui.commands import Where
from firstcontact.tui.pages.entry import CANNOT, SOMEONE_NEW, UnlockView, unlock_rows
from firstcontact.tui.paint import Piece, Row
from firstcontact.tui.ports import Work
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.sizes import SMALLEST
from firstcontact.tui.unforeseen import words_of
from firstcontact.tui.words import _


class UnlockScreen(PageScreen[None]):
    """The way in."""

    where = Where.UNLOCK
    smallest = SMALLEST
    box_ids = ("passphrase",)
    secret_boxes = frozenset({"passphrase"})

    def __init__(self) -> None:
        super().__init__()
        self._profiles: tuple[Profile, ...] = ()
        self._chosen = ""
        self._opening = False
        self._wait_until = float("-inf")
        self._refused = False
        self._help_open = False

    def on_mount(self) -> None:
        """Read who has a vault here; the passphrase box has the keyboard."""
        self._profiles = self.home.gate.profiles()
        known = self.home.profile
        self._chosen = known.id if known is not None else self._profiles[0].id if self._profiles else ""
        self.repaint()
        self.set_focus(self.box("passphrase"))

    def top(self) -> tuple[list[Piece], str]:
        """The program's name, and the scheme's."""
        return [(_("First Contact"), "strong")], self.home.gate.scheme

    def body(self, width: int, height: int) -> list[Row]:
        """The page."""
        view = UnlockView(
            profiles=self._profiles,
            chosen=self._chosen,
            marked="" if self.typing else self.marked,
            opening=self._opening,
            trouble=self._trouble(),
            helpdesk=self.home.gate.helpdesk,
            help_open=self._help_open,
            now=self.home.now(),
        )
        return unlock_rows(view, self.marks, width, height)

    def _trouble(self) -> str:
        if not self._refused:
            return ""
        left = self._wait_until - self.home.ticks()
        first = _("That did not open it. Check Caps Lock.")
        if left <= 0:
            return first
        seconds = math.ceil(left)
        then = _("You can try again in 1 second.") if seconds == 1 else _("You can try again in {seconds} seconds.")
        return f"{first} {then.format(seconds=seconds)}"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try the passphrase, unless an attempt runs or the wait is not over."""
        event.stop()
        if self._opening or not event.value or not self._chosen or self.home.ticks() < self._wait_until:
            self.repaint()
            return
        self._opening = True
        self.repaint()
        passphrase = event.value
        self.box("passphrase").value = ""
        self.run_worker(lambda: self._unlock(passphrase), thread=True, exit_on_error=False)

    def _unlock(self, passphrase: str) -> None:
        """On a worker thread: derive the key and open the vault."""
        try:
            result = self.home.gate.unlock(self._chosen, passphrase)
        except Exception as problem:  # whatever it was, the screen must not go on saying "Opening"
            self.app.call_from_thread(self._stopped, words_of(problem))
            return
        self.app.call_from_thread(self._tried, result)

    def _stopped(self, words: str) -> None:
        self._opening = False
        self.say(words)

    def _tried(self, result: Work | Refused) -> None:
        self._opening = False
        if isinstance(result, Refused):
            self._refused = True
            self._wait_until = self.home.ticks() + result.wait_seconds
            self._count_down()
        else:
            chosen = next((profile for profile in self._profiles if profile.id == self._chosen), None)
            self.home.profile = chosen
            self.home.opened(result)

    def _count_down(self) -> None:
        self.repaint()
        if self.home.ticks() < self._wait_until:
            self.set_timer(1.0, self._count_down)

    def do_enter(self, _key: str) -> None:
        """Choose who is working, or open the help."""
        if self.marked == SOMEONE_NEW:
            from firstcontact.tui.screens.set_up import SetUpScreen

            self.app.push_screen(SetUpScreen())
        elif self.marked == CANNOT:
            self._help_open = not self._help_open
            self.repaint()
        elif self.marked:
            self._chosen = self.marked
            self.set_focus(self.box("passphrase"))
            self.repaint()

    def step(self, by: int) -> None:
        """Arrows leave the box and mark; a marked person is who is working."""
        self.set_focus(None)
        super().step(by)
        if any(profile.id == self.marked for profile in self._profiles):
            self._chosen = self.marked
            self.repaint()

    def do_next_field(self, _key: str) -> None:
        """From the box to the list, and back."""
        if self.typing:
            self.step(1)
        else:
            self.marked = ""
            self.set_focus(self.box("passphrase"))
            self.repaint()

    def do_field_before(self, key: str) -> None:
        """The same as Tab: there are two places."""
        self.do_next_field(key)

    def do_copy(self, _key: str) -> None:
        """Never quits by itself."""
        self.say(_("To close, press ctrl+q."))
