"""Pictures of how answers other than one key are given: the form with every type, at the keys of the real program."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.builders import PASSPHRASE, World
from tests.every_type import CHOSEN, DOOR, FORM, REPEATED, TYPED, play
from tests.screens.story import Hand
from tests.terminal import ENTER

_PICTURES: Final = {
    "The day and the time": "date-time",
    "Which lane?": "long-list",
    "Order   1 going out, 2": "rank",
    "How are the stairs?": "level",
    "Write it, and": "evidence",
    "Child 1, Toy 1": "repeat",
    "This is the end of the list.": "end-without-offers",
}
"""Words of the screen -> the name of its picture."""


def type_pictures(folder: Path, take: Callable[[Hand, str], None]) -> None:
    """A visit with the form, with a picture where an answer is given in a way of its own."""
    World(checklist=FORM).laptop(folder).close()
    env = {**os.environ, "FIRSTCONTACT_HOME": str(folder), "TZ": "Europe/London"}
    with Hand(env) as hand:

        def look(words: str) -> None:
            name = next((name for said, name in _PICTURES.items() if words.startswith(said)), "")
            if name:
                take(hand, name)

        hand.until("Passphrase")
        hand.process.send(PASSPHRASE + ENTER)
        hand.until("New visit")
        hand.press("a")
        play(hand, (*DOOR, *TYPED, *CHOSEN, *REPEATED), look)
