"""Press keys on the real program over the double, with a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from firstcontact.tui.app import FirstContact, Leaving
from firstcontact.tui.screens.base import PageScreen
from tests.tui.double import PASSPHRASE, DoubleGate, DoubleWork
from tests.tui.double_visit import NOW, DoubleVisit


class Player:
    """A person at the keyboard. Each key comes a second after the one before, unless `together` is used."""

    def __init__(self, app: FirstContact, gate: DoubleGate, pilot: Pilot[Leaving]) -> None:
        self.app, self.gate, self.pilot = app, gate, pilot
        self.seconds = 100.0

    @property
    def work(self) -> DoubleWork:
        """The laptop behind the screens."""
        return self.gate.work

    @property
    def visit(self) -> DoubleVisit:
        """The visit behind the screens."""
        return self.gate.work.visit

    @property
    def screen(self) -> PageScreen[object]:
        """The screen on top."""
        screen = self.app.screen
        assert isinstance(screen, PageScreen)
        return screen

    @property
    def text(self) -> str:
        """What is on the screen."""
        return self.screen.page.text

    async def settle(self) -> None:
        """Wait until threads, workers and messages are through."""
        for _round in range(3):
            await self.pilot.pause()
            await self.app.workers.wait_for_complete()
        await asyncio.to_thread(self.app.drain, 0.2)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys, a second apart."""
        for key in keys:
            self.seconds += 1.0
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str, *, then: str = "enter") -> None:
        """Type into the box that has the keyboard."""
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))
        await self.press(then)

    async def together(self, *keys: str, apart: float = 0.03) -> None:
        """Press keys faster than anybody reads."""
        for key in keys:
            self.seconds += apart
            await self.pilot.press(key)
            await self.pilot.pause()

    async def until(self, words: str, tries: int = 100) -> None:
        """Wait until the screen says so."""
        for _try in range(tries):
            if words in self.text:
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"{words!r} did not come:\n{self.text}")

    async def unlock(self) -> None:
        """Past the first screen, to Today."""
        await self.settle()
        await self.type(PASSPHRASE)
        await self.until("Visits")

    async def to_question(self, item_id: str) -> None:
        """Into the first visit, at a question."""
        await self.unlock()
        self.visit.answers["X1"] = "Agnes Thimblewick"
        for asked in self.visit._mains():
            if asked.item.id == item_id:
                break
            self.visit.answers.setdefault(asked.item.id, "no")
        await self.press("enter")
        await self.until("Saved")


@asynccontextmanager
async def playing(size: tuple[int, int] = (80, 24), gate: DoubleGate | None = None) -> AsyncIterator[Player]:
    """The program, running without a terminal."""
    gate = gate or DoubleGate()
    player: Player | None = None
    app = FirstContact(gate, now=lambda: NOW, ticks=lambda: player.seconds if player else 100.0)
    async with app.run_test(size=size) as pilot:
        player = Player(app, gate, pilot)
        await player.settle()
        yield player
        if app._writer is not None:
            gate.work.disk_full = False
            await asyncio.to_thread(app._writer.close, 2.0)
        app._stop_sync.set()
