"""The form with every type of question: what a hand does at each, in order, and the answers that come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from tests.terminal import Terminal

Steps = Iterable[tuple[str, str]]
"""Words that the screen must show, and the keys that are then pressed."""

FORM = Path(__file__).parent / "tui" / "every_type"
DOOR = (("short list", "y"), ("promise to keep", "y"), ("keep your answers", "y"), ("kinds of question", "\r"))
TYPED = (
    ("call you?", "Agnes\r"),
    ("Agnes, what happened?", "I slipped.\r"),
    ("A number, like 2 or 2.5.", "70.5\r"),
    ("This stands there already.", "\r"),
    ("From 0 to 10, in steps of 0.5.", "3.5\r"),
    ("Like 14 3 1943, or 14 March 1943.", "14 3 1943\r"),
    ("Like 9.30, or 21.15.", "7.30\r"),
    ("The day and the time, like 14 3 1943 9.30.", "14 3 2025 9.30\r"),
    ("Which number may we ring?", "01632 96041\r"),
    ("That is not a usual number. Does it look right?", "1\r"),
    ("cannot be answered here: a picture", "\r"),
    ("141", "\r"),
    ("A number under ten?", "12\r"),
    ("It has to be under ten, Agnes.", "\x153\r"),
)
CHOSEN = (
    ("Which side of the river?", "2"),
    ("1   Kelder Harbour", "2"),
    ("Which lane?", "qua\r"),
    ("Which lanes do you visit?", "lantern\r"),
    ("Ticked  Lantern Row", "rope\r"),
    ("Ticked  Lantern Row, Rope Walk", "\r"),
    ("Which animal lives here?", "3"),
    ("Specify other", "a tame crow\r"),
    ("Who helps?", "3"),
    ("[x] none of these", "1"),
    ("[ ] none of these", "\r"),
    ("What matters most?", "3"),
    ("Order   1 going out", "1"),
    ("Order   1 going out, 2 being warm", "\r"),
    ("How are the stairs?", "2"),
    ('Write it, and "needs somebody beside" is kept.', "held both rails\r"),
)
REPEATED = (
    ("Child: is there one?", "y"),
    ("Child 1     2 of 5", "Bo\r"),
    ("How old is Bo?", "7\r"),
    ("Toy: is there one?", "y"),
    ("Child 1, Toy 1", "Ted\r"),
    ("Another toy?", "n"),
    ("Another child?", "y"),
    ("Child 2     8 of 11", "Di\r"),
    ("How old is Di?", "5\r"),
    ("Toy: is there one?", "n"),
    ("Another child?", "n"),
    ("The children are 12 together.", "\r"),
    ("This is the end of the list.", "f"),
    ("Nothing is sent.", "\r"),
)


ANSWERS = {
    "who": "Agnes",
    "story": "I slipped.",
    "weight": Decimal("70.5"),
    "rooms": 3,
    "pain": Decimal("3.5"),
    "born": date(1943, 3, 14),
    "up": time(7, 30),
    "fell": datetime(2025, 3, 14, 9, 30),  # noqa: DTZ001 - as said, in the zone of the home
    "tel": "01632 960411",
    "small": 3,
    "area": "south",
    "town": "nether",
    "lane": "l17",
    "visits": ("l12", "l18"),
    "pets": "other",
    "pets_other": "a tame crow",
    "help": ("family",),
    "order": ("out", "warm", "seen"),
    "stairs": "2",
    "stairs_why": "held both rails",
    "child[1]": "yes",
    "child_name[1]": "Bo",
    "child_age[1]": 7,
    "toy[1][1]": "yes",
    "toy_name[1][1]": "Ted",
    "toy[1][2]": "no",
    "child[2]": "yes",
    "child_name[2]": "Di",
    "child_age[2]": 5,
    "toy[2][1]": "no",
    "child[3]": "no",
}


def play(screen: Terminal, steps: Steps, look: Callable[[str], None] = lambda _words: None) -> None:
    """Go through the steps; `look` is called when the words of a step are on the screen, before its keys."""
    for words, keys in steps:
        screen.until(words)
        look(words)
        if len(keys) > 1:
            screen.type(keys)
        else:
            screen.press(keys)
