"""Guard one-key answers: a held key, a quick second key and a paste answer nothing.

Pure: the time of each key press is given, in seconds of any clock that only goes forward.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

QUIET_SECONDS: Final = 0.250
"""A key within this time of a new question was meant for the one before."""
HOLD_SECONDS: Final = 0.750
"""Keyboards repeat a held key after at most this time."""
CONFIRM_SECONDS: Final = 0.080
"""Once it repeats, the next one comes sooner than this."""


class Verdict(Enum):
    """What to do with a key."""

    TAKE = "take it"
    TOO_QUICK = "too quick: press again"
    WAIT = "take it if the same key does not come again within CONFIRM_SECONDS"


@dataclass(slots=True)
class Pace:
    """The recent past of the keyboard on one question screen."""

    shown_at: float = float("-inf")
    key: str = ""
    key_at: float = float("-inf")
    answered_with: str = ""

    def shown(self, at: float) -> None:
        """Another question is on the screen since `at`."""
        self.shown_at = at

    def press(self, key: str, at: float) -> Verdict:
        """Judge a key that would answer the question on the screen.

        The same key that answered the question before, within `HOLD_SECONDS`, may be the first repeat of a held key:
        only silence after it can tell, so the verdict is WAIT.
        """
        since = at - self.key_at if key == self.key else float("inf")
        self.key, self.key_at = key, at
        if at - self.shown_at < QUIET_SECONDS or since < QUIET_SECONDS:
            return Verdict.TOO_QUICK
        same = since < HOLD_SECONDS
        if same and key == self.answered_with:
            return Verdict.WAIT
        return Verdict.TAKE

    def answered(self, key: str) -> None:
        """The key was taken as an answer."""
        self.answered_with = key

    def still_waiting(self, key: str, pressed_at: float) -> bool:
        """Whether no other key came after the one pressed then, so that a WAIT may be taken."""
        return self.key == key and self.key_at == pressed_at
