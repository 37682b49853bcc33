"""What the pictures tell: two visits of the days before, then Agnes's, at the keys of the real program."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Self

from firstcontact.demo import OWN_DESK, Partnership, Server
from firstcontact.shipped import shipped
from tests.screens import clock
from tests.terminal import ENTER, RIGHT, Terminal

_VISITS: Final = ("checklists", "older-person-first-contact", "visits")
_AGNES: Final = "S01.yaml"
_EARLIER: Final = (("2026-01-12", "S02.yaml"), ("2026-01-13", "S10.yaml"))
_HALF_DONE: Final = "A4"
_YES: Final = (
    "had a fall in the last",
    "unsteady on your feet",
    "press to call for help",
    "small jobs you cannot manage",
    "all the money you are due",
)
"""What Agnes says yes to, by words of the question. Otherwise it is none, no, or the first choice."""
HOSTED: Final = "hosted"
SMALL: Final = (80, 24)
WIDE: Final = (120, 40)
TODAY: Final = "2026-01-15"
_SETTLED_SECONDS: Final = 0.4


def at(day: str, time: str) -> None:
    """Set the clock on the wall of Ambleshire; in January its offset is nought."""
    clock.set_to(datetime.fromisoformat(f"{day}T{time}:00+00:00"))


class Timed(Partnership):
    """A partnership whose programs read the clock on the wall."""

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def run(self, program: str, *arguments: str, may_say_no: bool = False) -> str:
        """As ever, but under the clock."""
        return super().run("tests.screens.clock", program, *arguments, may_say_no=may_say_no)

    def _start(self, name: str, program: str, *arguments: str) -> Server:
        return super()._start(name, "tests.screens.clock", program, *arguments)

    def environment(self) -> dict[str, str]:
        """As ever, in Ambleshire's time zone."""
        return {**super().environment(), "TZ": "Europe/London"}

    def desks_sync(self) -> None:
        """Both desks collect, and let go what they saved."""
        for agency in (OWN_DESK, HOSTED):
            self.run("sync.desk", "sync", "--home", str(self.desk(agency)))

    def desk_rows(self, agency: str) -> list[dict[str, Any]]:
        """What waits at one agency's desk."""
        rows: list[dict[str, Any]] = json.loads(
            self.run("sync.desk", "list", "--home", str(self.desk(agency)), "--agency", agency, "--json")
        )
        return rows

    def desk_answers(self, agency: str, *words: str) -> None:
        """An agency opens its first referral and answers it."""
        here = ("--home", str(self.desk(agency)), "--agency", agency)
        reference = str(self.desk_rows(agency)[0]["reference"])
        self.run("sync.desk", "open", reference, *here)
        self.run("sync.desk", "answer", reference, *words, "--now", *here)


def before(partnership: Timed) -> None:
    """Two finished visits, what partners said of them, and Agnes's visit as far as question A4; no signal."""
    for day, name in _EARLIER:
        at(day, "15:00")
        partnership.run("firstcontact", "visit", "--answers", str(shipped(*_VISITS, name)), "--on", day)
        partnership.run("firstcontact", "sync", may_say_no=True)
        partnership.desks_sync()
    at("2026-01-14", "11:20")
    partnership.desk_answers("LLA", "accept")
    partnership.desk_answers("SSA", "could-not-reach", "--date", "2026-01-13", "--date", "2026-01-14")
    partnership.desk_answers("LHD", "helped", "--outcome", "helped")
    partnership.desks_sync()
    partnership.run("firstcontact", "sync", may_say_no=True)
    partnership.network_off.touch()
    at(TODAY, "10:14")
    answers = str(shipped(*_VISITS, _AGNES))
    partnership.run("firstcontact", "visit", "--answers", answers, "--on", TODAY, "--stop-at", _HALF_DONE)


class Hand(Terminal):
    """A program under the clock on the wall, with somebody at its keys."""

    def __init__(self, env: Mapping[str, str], *arguments: str) -> None:
        command = [sys.executable, "-m", "tests.screens.clock", "firstcontact"]
        super().__init__([*command, *arguments], columns=SMALL[0], rows=SMALL[1], env=env, patience=30)

    def __enter__(self) -> Self:
        return self

    def go(self, key: str, to: str) -> str:
        """Press a key, and wait until the screen says so."""
        self.press(key)
        return self.until(to)

    def until_not(self, before: str) -> None:
        """Wait until the screen shows something else."""
        self.until(lambda text: text != before)

    def resize(self, size: tuple[int, int]) -> None:
        """Make the window larger or smaller, and wait until the program has filled it."""
        columns, rows = size
        self.screen.reset()
        self.screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)
        rule = "─" * columns
        self.until(
            lambda _text: self.screen.display[-2].startswith(rule[:20]) and bool(self.screen.display[-1].strip())
        )
        self.read(_SETTLED_SECONDS)


class Laptop(Hand):
    """The visit program of the demo on a terminal."""

    def __init__(self, partnership: Timed) -> None:
        super().__init__(partnership.environment(), "--demo-network", str(partnership.network_off))

    def unlock(self, passphrase: str) -> None:
        """From the first screen to Today."""
        self.until("Passphrase")
        self.process.send(passphrase + ENTER)
        self.until("half done")

    def answer_the_rest(self) -> None:
        """From question B1 to the first offer, as Agnes answers."""
        while " Part " in self.screen.display[0]:
            before = self.text
            asked = before.partition("for you")[0]
            key = "1"
            if "Enter keeps it" in asked:
                self.type("loose banister")
                key = ENTER
            elif "[ ]" in asked:
                key = ENTER
            elif "y   Yes" in asked:
                key = "y" if any(words in asked for words in _YES) else "n"
            self.press(key)
            self.until_not(before)

    def agree(self) -> None:
        """Yes to each offer, and to all that belongs to a yes; to the alarm "not today"."""
        while " Offer " in self.screen.display[0]:
            if "Alarms" in self.text:
                self.go("d", "Nothing is passed on")
            else:
                self.go("y", "Kept")
                while "y or n" in self.text:
                    self.press("y")
            before = self.text
            self.press(RIGHT)
            self.until_not(before)
