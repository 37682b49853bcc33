"""What the question page shows, and what its keys stand for: values and small answers, nothing painted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from firstcontact.rows import Item, Kind, OfferRow, PersonRow, Progress, QuestionPage
from firstcontact.tui.words import _

STANDING: Final = (
    ("u", "dont-know"),
    ("h", "already-getting-help"),
    ("s", "not-asked"),
    ("p", "prefers-not-to-say"),
    ("x", "not-safe-to-ask"),
)
TYPED: Final = frozenset(
    {
        Kind.TEXT,
        Kind.WHOLE_NUMBER,
        Kind.DECIMAL,
        Kind.RANGE,
        Kind.DATE,
        Kind.TIME,
        Kind.DATE_TIME,
        Kind.PHONE,
        Kind.POSTCODE,
    }
)
"""Answered in a box of one line."""
LISTED: Final = frozenset({Kind.ONE_OF, Kind.ANY_OF, Kind.RANK})
"""Answered from a list that may be long."""
NUMBERED_MOST: Final = 9
"""As many choices have a number; beyond, a word finds them."""
FIND_AT_ONCE: Final = 15
"""Beyond, no choice has a number, and the box to find them has the keyboard from the start."""

_CODE: Final = re.compile(r"[A-Z]{1,2}\d{1,2}[a-z]?\d?\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """What the question page shows."""

    page: QuestionPage
    current: str
    """The id of the item that the keys answer now."""
    marked: str = ""
    ticked: frozenset[str] = field(default_factory=frozenset)
    ranked: tuple[str, ...] = ()
    """The tokens put in order so far."""
    found: str = ""
    """What was typed to find a choice."""
    level: str = ""
    """The token of a level that waits for the words that show it."""
    wrong: str = ""
    progress: Progress
    offers: tuple[OfferRow, ...] = ()
    people: tuple[PersonRow, ...] = ()

    @property
    def item(self) -> Item:
        """The item that the keys answer now."""
        return next((item for item in items_of(self.page) if item.id == self.current), self.page.item)


def items_of(page: QuestionPage) -> tuple[Item, ...]:
    """The main question and its follow-ups."""
    return (page.item, *page.follow_ups)


def answered(item: Item) -> bool:
    """Whether nothing is to be said: there is an answer that somebody gave, or none can be given."""
    return not item.asked or (item.answer is not None and not item.default) or bool(item.standing)


def is_long(item: Item) -> bool:
    """Whether a choice is found by typing some of its words."""
    return item.kind in LISTED and len(item.choices) > NUMBERED_MOST


def keyed_choices(item: Item) -> tuple[tuple[str, str, str], ...]:
    """(key, token, words) of each choice, in order; the key is a space where there is none."""
    if item.kind in {Kind.YES_NO, Kind.STATEMENT} and not item.choices:
        return (("y", "yes", _("Yes")), ("n", "no", _("No")))
    keys = {"yes": "y", "no": "n", "understood": "y"} if item.kind in {Kind.YES_NO, Kind.STATEMENT} else {}
    if item.kind is Kind.LEVEL and all(len(c.token) == 1 and c.token.isdecimal() for c in item.choices):
        keys = {choice.token: choice.token for choice in item.choices}
    numbered = NUMBERED_MOST if len(item.choices) <= FIND_AT_ONCE or item.kind not in LISTED else 0
    return tuple(
        (keys.get(choice.token, str(n) if n <= numbered else " "), choice.token, choice.label)
        for n, choice in enumerate(item.choices, start=1)
    )


def found_choices(item: Item, typed: str) -> tuple[tuple[str, str, str], ...]:
    """The choices that have every typed word, those that begin with them first."""
    rows = keyed_choices(item)
    words = typed.lower().split()
    if not words:
        return rows
    said = " ".join(words)
    found = [row for row in rows if all(word in f"{row[2]} {row[1]}".lower() for word in words)]
    return tuple(sorted(found, key=lambda row: not row[2].lower().startswith(said)))


def code_of(item_id: str) -> str:
    """An id that people use as a name (A1, X3b), or nothing: those of imported forms say little."""
    return item_id if _CODE.match(item_id) else ""


def standing_words(token: str) -> str:
    """A standing answer in words."""
    return {
        "dont-know": _("does not know"),
        "prefers-not-to-say": _("would rather not say"),
        "already-getting-help": _("has help already"),
        "not-asked": _("not asked"),
        "not-safe-to-ask": _("not safe to ask"),
    }.get(token, token)
