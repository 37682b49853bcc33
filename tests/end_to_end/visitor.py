"""A visitor's hands and eyes: answers whatever question is on the screen, and remembers what the screen called saved.

What the screen claims, and so what is held against the vault after a kill: the line "Just now: A1, ...: yes" together
with "Saved" at the top right (not "Saving", not "Not saved yet") says that this answer is on the disk.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final, Self

import pexpect

from tests.builders import PASSPHRASE
from tests.terminal import DOWN, ENTER, ESCAPE, Terminal

PROGRAM: Final = (sys.executable, "-m", "firstcontact")
_SAVED: Final = re.compile(r"Saved( \d\d:\d\d)?\s+(No signal|Signal)")
_JUST_NOW: Final = re.compile(r"Just now: (\w+), .*?: (.+?)(?:\s{2,}|$)", re.MULTILINE)
_WENT_BACK_IN: Final = 12
"""One key in so many goes back to the question before, which is then answered again."""
_NAMES: Final = ("Agnes", "Desmond", "Edith", "Horace", "Odile", "Tamsin")
_GUARD_SECONDS: Final = 0.27
"""A key within 250 ms of a new question answers nothing."""


class Visitor(Terminal):
    """The visit program, and somebody who answers."""

    def __init__(self, env: Mapping[str, str], rng: Random, program: Sequence[str] = PROGRAM) -> None:
        super().__init__(program, env=env)
        self.rng = rng
        self.claimed: list[tuple[str, str]] = []
        """(question, the answer in words) as the screen called them saved, one after the other"""
        self.went_back = 0
        """how often the hand went back a question: so many answers at most may be second ones"""
        self.frames = 0
        """screens looked at"""

    def __enter__(self) -> Self:
        return self

    def read(self, seconds: float = 0.05) -> None:
        """As every terminal, and look at the screen after each piece that the program wrote."""
        end = time.monotonic() + seconds
        try:
            while (left := end - time.monotonic()) > 0:
                data = self.process.read_nonblocking(65536, timeout=left)
                self.raw += data
                self._stream.feed(data)
                self._look()
        except (pexpect.TIMEOUT, pexpect.EOF):
            return

    def _look(self) -> None:
        self.frames += 1
        if _SAVED.search(self.screen.display[0]) and (found := _JUST_NOW.search(self.text)):
            said = (found[1], found[2])
            if not self.claimed or self.claimed[-1] != said:
                self.claimed.append(said)

    def unlock(self) -> None:
        """From the first screen to the question at which the half-done visit goes on."""
        self.until("Passphrase")
        self.process.send(PASSPHRASE + ENTER)
        # A visit left a moment ago is open at once, with the list seen in passing; another is chosen there.
        self.until(lambda text: "half done" in text or "to ask" in text)
        end = time.monotonic() + self.patience
        while "to ask" not in self.text:
            assert time.monotonic() < end, f"no way into the visit:\n{self.text}"
            self.read(_GUARD_SECONDS)
            if re.search("▸.*half done", self.text):
                self.process.send(ENTER)
            elif "half done" in self.text:
                self.process.send(DOWN)

    def answer_once(self) -> None:
        """Give the question on the screen some answer that it takes, as fast as the program lets a hand be."""
        self.read(_GUARD_SECONDS)
        if "short list" in self.text:  # a no to being asked at all opens the Stop menu
            self.process.send("y")
        elif "Enter keeps it" not in self.text:
            keys = self._keys()
            if keys and self.claimed and not self.rng.randrange(_WENT_BACK_IN):
                self.went_back += 1
                self.process.send("b")
            elif keys:
                self.process.send(self.rng.choice(keys))
        elif "full name" in self.text or "call you" in self.text:
            for letter in f"{self.rng.choice(_NAMES)}{self.rng.randrange(1000)}":
                self.process.send(letter)
                self.read(0.005)
            self.process.send(ENTER)
        else:
            self.process.send(ESCAPE)
            self.read(_GUARD_SECONDS)
            self.process.send(self.rng.choice("ups"))

    def _keys(self) -> str:
        choices = re.findall(r"^\s+([yn1-9])   \S", self.text, re.MULTILINE)
        return "".join(choices) * 2 + "uphs" if "does not know" in self.text else "".join(choices)

    def at_the_end(self) -> bool:
        """Whether the list of questions is through: what they would get, or what is left to do, is on the screen."""
        return any(words in self.text for words in ("They will get this", "Before you go", "The offers"))

    def answer(self, number: int) -> None:
        """Answer until the screen has called so many answers saved, or there is nothing left to ask."""
        end = time.monotonic() + self.patience
        while len(self.claimed) < number and not self.at_the_end():
            assert time.monotonic() < end, f"no answer is taken any more:\n{self.text}"
            self.answer_once()

    def killed(self, within_seconds: float) -> None:
        """SIGKILL at a random moment of a time in which one more answer is on its way; then the last words are read."""
        self.answer_once()
        self.read(self.rng.uniform(0, within_seconds))
        self.process.kill(9)
        while not self.process.flag_eof:
            self.read(1)
        self.process.close()
