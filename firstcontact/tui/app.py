"""The program: opens the way in, pushes screens, and runs what must not run where keys are handled.

Until the first screen is painted nothing is imported but Textual and plain rows; the vault, the checklist and the
network come in on a thread while the passphrase is typed.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType

from firstcontact.rows import Change, Profile, SignalState
from firstcontact.tui.commands import BY_NAME, FROM_ANYWHERE
from firstcontact.tui.driver import SafeLines, safe_driver
from firstcontact.tui.messages import SaveStateChanged, SignalChanged
from firstcontact.tui.paint import Marks, marks_for
from firstcontact.tui.unforeseen import last_words
from firstcontact.tui.words import _, clock_time
from firstcontact.tui.writer import SaveState, Writer

if TYPE_CHECKING:
    from firstcontact.tui.ports import Gate, OpenVisit, Work
    from firstcontact.tui.screens.base import PageScreen

IDLE_SECONDS = 300.0
"""After this many quiet seconds the program locks."""
CLOSING_SECONDS = 3.0
SETTLE_SECONDS = 3.0
"""So long after unlock the memory that opening took is given back."""

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's malloc.h."""

LOOK_FOR_TERMINAL_SECONDS = 2.0

Leaving = Literal["quit", "lock"]


def terminal_is_there() -> bool:
    """Whether the keys still come from a terminal that somebody could be sitting at."""
    stdin = sys.__stdin__
    return stdin is not None and not stdin.closed and os.isatty(stdin.fileno())


def keep_memory_together() -> None:
    """Let every thread take its memory from one place: with one for each, 2 MB lie idle in a program like ours."""
    if sys.platform == "linux":
        import ctypes

        option = getattr(ctypes.CDLL(None), "mallopt", None)
        if option is not None:
            option(_ARENA_MAX, 1)


def give_memory_back() -> None:
    """Return to the system what opening the vault needed for a moment; glibc keeps it otherwise."""
    gc.collect()
    if sys.platform == "linux":
        import ctypes

        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


class NetworkSwitch(Protocol):
    """The demo's network."""

    def toggle(self) -> bool:
        """Turn it over; True if it is on now."""


class FirstContact(App[Leaving], inherit_bindings=False):
    """The visit program. `run()` returns "lock" when the process should come up again at the lock screen."""

    CSS_PATH = "app.tcss"
    TITLE = "First Contact"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    NOTIFICATION_TIMEOUT = 0.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(BY_NAME[name].keys), f"anywhere('{name}')", show=False, priority=True)
        for name in FROM_ANYWHERE
    ]

    def __init__(
        self,
        gate: Gate,
        *,
        now: Callable[[], datetime] | None = None,
        ticks: Callable[[], float] = time.monotonic,
        network: NetworkSwitch | None = None,
        practice: bool = False,
        profile: Profile | None = None,
    ) -> None:
        """Make the program.

        `now` is the wall clock in local time, `ticks` a clock that only goes forward, both given so that tests need not
        wait; `network` is the demo's switch, None outside it; `profile` is who is working, where it is known.
        """
        super().__init__()
        self.driver_class = safe_driver(self.driver_class)
        self._filters.append(SafeLines())
        self.gate = gate
        self.now = now or (lambda: datetime.now().astimezone())
        self.ticks = ticks
        self.network = network
        self.practice = practice
        self.profile = profile
        self.marks: Marks = marks_for()
        self.work: Work | None = None
        self.visit: OpenVisit | None = None
        self.signal = SignalState(connected=False, waiting=0)
        self.names_until = float("-inf")
        self.saving = SaveState()
        self._writer: Writer | None = None
        self._stop_sync = threading.Event()
        self._last_key_at = ticks()

    # coming in ------------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Show the first run or the way in; bring in the heavy parts after the first paint."""
        from firstcontact.tui.screens.unlock import UnlockScreen

        if self.gate.profiles():
            self.push_screen(UnlockScreen())
        else:
            from firstcontact.tui.screens.set_up import SetUpScreen

            self.push_screen(SetUpScreen())
        self.call_after_refresh(self._warm)

    def _warm(self) -> None:
        threading.Thread(target=self.gate.warm, name="warm", daemon=True).start()
        self.set_interval(10.0, self._lock_when_idle)
        if terminal_is_there():
            self.set_interval(LOOK_FOR_TERMINAL_SECONDS, self._leave_without_terminal)

    def _leave_without_terminal(self) -> None:
        """End when the window is gone and nobody said so (SIGHUP was ignored); what was answered is written first.

        At once, because the usual way out paints, and waits for ever for a terminal that takes it.
        """
        if not terminal_is_there():
            self.drain()
            os._exit(0)

    def opened(self, work: Work) -> None:
        """The vault is open: start the writer and the sync, and show Today."""
        from firstcontact.tui.screens.today import TodayScreen

        self.work = work
        self._writer = Writer(self._told_saved, self.now)
        threading.Thread(
            target=work.run_sync, args=(self._told_signal, self._stop_sync), name="sync", daemon=True
        ).start()
        self._last_key_at = self.ticks()
        self.switch_screen(TodayScreen(go_on=True))
        self.set_timer(SETTLE_SECONDS, lambda: threading.Thread(target=give_memory_back, daemon=True).start())

    # saving ---------------------------------------------------------------------------------------------------------

    def save(self, change: Change) -> None:
        """Queue an act for the disk; returns at once."""
        assert self._writer is not None, "acts come after unlock"
        self._writer.put(change)
        self.saving = self._writer.state

    def save_now(self) -> None:
        """Try again what the disk did not take."""
        if self._writer is not None:
            self._writer.try_again()

    def drain(self, seconds: float = CLOSING_SECONDS) -> bool:
        """Wait until every act is durable."""
        return self._writer is None or self._writer.drain(seconds)

    def _told_saved(self, state: SaveState) -> None:
        self.post_message(SaveStateChanged(state))

    def on_save_state_changed(self, message: SaveStateChanged) -> None:
        """Say what is saved."""
        self.saving = self._writer.state if self._writer is not None else message.state
        self._repaint()

    def saved_words(self) -> str:
        """The top right, first half: "Saved 10:41", "Saving", "Not saved yet"."""
        if self.saving.trouble:
            return _("Not saved yet")
        if self.saving.waiting:
            return _("Saving")
        at = self.saving.saved_at
        return _("Saved {time}").format(time=clock_time(at)) if at else _("Saved")

    def saved_sentence(self) -> str:
        """What ctrl+s says."""
        if self.saving.trouble:
            return _("Not saved yet: {why} It is still on the screen. We try again.").format(
                why=self.saving.trouble.rstrip(".") + "."
            )
        if self.saving.waiting:
            return _("Saving")
        at = self.saving.saved_at
        return _("Already saved, {time}").format(time=clock_time(at)) if at else _("Everything is saved")

    # the connection -------------------------------------------------------------------------------------------------

    def _told_signal(self, state: SignalState) -> None:
        self.post_message(SignalChanged(state))

    def on_signal_changed(self, message: SignalChanged) -> None:
        """Say the new state; lists are read again where something arrived."""
        self.signal = message.state
        if message.state.changed:
            for screen in self.screen_stack:
                read_again = getattr(screen, "read_again", None)
                if read_again is not None:
                    read_again()
        self._repaint()

    def signal_words(self, *, count: bool = True) -> str:
        """The top right, second half: "No signal: 1 to send"; no signal is normal, not a fault."""
        words = _("Signal") if self.signal.connected else _("No signal")
        if self.signal.waiting and count:
            return _("{signal}: {count} to send").format(signal=words, count=self.signal.waiting)
        return words

    def status_words(self, *, count: bool = False) -> str:
        """The top right of a page."""
        return f"{self.saved_words()}   {self.signal_words(count=count)}"

    def toggle_network(self) -> str:
        """Demo only: turn the network over, and say how it is now."""
        if self.network is None:
            return ""
        on = self.network.toggle()
        if self.work is not None:
            self.work.nudge()
        return _("The demo's network is on.") if on else _("The demo's network is off.")

    # names ----------------------------------------------------------------------------------------------------------

    @property
    def names_shown(self) -> bool:
        """Whether full names may be shown on lists just now."""
        return self.ticks() < self.names_until

    def show_names(self, seconds: float = 30.0) -> None:
        """Show or hide names on lists; they hide by themselves."""
        self.names_until = float("-inf") if self.names_shown else self.ticks() + seconds
        if self.names_shown:
            self.set_timer(seconds + 0.05, self._repaint)
        self._repaint()

    # leaving --------------------------------------------------------------------------------------------------------

    def open_stop(self) -> None:
        """Open the Stop menu, once."""
        from firstcontact.tui.dialogs.stop import StopPanel

        if self.work is None:
            self.leave("quit")
        elif not isinstance(self.screen, StopPanel):
            self.push_screen(StopPanel(), self._stopped)

    def _stopped(self, chosen: str | None) -> None:
        if chosen == "close":
            self.leave("quit")
        elif chosen in {"paused", "ended"}:
            self.visit = None
            self.to_today()

    def to_today(self) -> None:
        """Back to Today, whatever is open."""
        from firstcontact.tui.screens.today import TodayScreen

        while len(self.screen_stack) > 2:
            self.pop_screen()
        screen = self.screen
        if isinstance(screen, TodayScreen):
            screen.read_again()
        else:
            self.switch_screen(TodayScreen())

    def lock(self) -> None:
        """Hide and lock: everything in flight is saved, and the process ends so that no key stays in memory."""
        if self.work is not None:
            self.leave("lock")

    def leave(self, how: Leaving) -> None:
        """End the program once everything is durable; if something is not, say so and stay."""
        if not self.drain():
            screen = self.screen
            if hasattr(screen, "say"):
                screen.say(self.saved_sentence())
            return
        self._stop_sync.set()
        if self.work is not None:
            self.work.nudge()
        if self._writer is not None:
            self._writer.close(CLOSING_SECONDS)
        if self.work is not None:
            self.work.close()
        self.exit(how)

    def _fatal_error(self) -> None:
        """End with plain words. Textual would print a traceback with the values in it, names and answers among them."""
        from textual.content import Content

        self.bell()
        self._exit_renderables.append(Content(last_words(self._exception)))
        self._close_messages_no_wait()

    def _lock_when_idle(self) -> None:
        if self.work is not None and self.ticks() - self._last_key_at > IDLE_SECONDS:
            self.lock()

    # keys -----------------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Note when something was last pressed."""
        if isinstance(event, (events.Key, events.MouseDown, events.Paste)):
            self._last_key_at = self.ticks()
        await super().on_event(event)

    def action_anywhere(self, name: str) -> None:
        """Run a command that works even while a text box has the keyboard."""
        screen = self.screen
        run = getattr(screen, "press", None)
        if run is not None:
            run(BY_NAME[name].keys[0])

    def _repaint(self) -> None:
        screen = self.screen_stack[-1] if self.screen_stack else None
        repaint = getattr(screen, "repaint", None)
        if repaint is not None:
            repaint()

    def copy_to_clipboard(self, text: str) -> None:
        """Nothing reaches the system's clipboard."""

    def visit_screen(self) -> PageScreen[None] | None:
        """The screen of the open visit, if there is one."""
        from firstcontact.tui.screens.visit import VisitScreen

        return next((screen for screen in self.screen_stack if isinstance(screen, VisitScreen)), None)
