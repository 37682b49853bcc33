"""What is put before a person, what they said to it, and the review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from firstcontact.rows.question import Line


class Wish(StrEnum):
    """A person's answer to one offer; more come with later versions."""

    NOT_ASKED = ""
    YES = "yes"
    NO = "no"
    NOT_TODAY = "not-today"
    HOLD = "hold"
    HAS_HELP = "has-help"
    RANG = "rang"
    ADVISED = "advised"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """One offer to put before a person: one partner, one subject, one or more services."""

    key: str
    """Names the offer for as long as the visit is open."""
    service: str
    """Short, in words: "Fire visit"."""
    partner: str
    wish: Wish = Wish.NOT_ASKED
    open_questions: int = 0
    """Facts that a yes still needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRow:
    """A need where nothing can be put before the person, and why, in words ("falls check covers it")."""

    service: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPage:
    """One offer as it is put: the words, the exact data (the same code as what is sent), and the answer so far."""

    key: str
    number: int
    of: int
    partner: str
    service: str
    say: str
    lines: tuple[Line, ...]
    wish: Wish = Wish.NOT_ASKED
    decided_by: str = ""
    """The name of who decides: the person the offer is for, or the adult who speaks for the home."""
    closed_until: str = ""
    """When the list opens again, in words; blank if it is open."""
    urgent: str = ""
    """What makes it urgent, in words; blank if it is not."""
    ring: str = ""
    """The partner's number for professionals."""
    electronic: bool = True
    """False for a partner that only takes telephone calls: a yes is followed by `k`."""
    health_say: str = ""
    """C-HEALTH, filled; blank if the data holds no health fact."""
    health: bool | None = None
    feedback_say: str = ""
    """C-FEEDBACK; blank where the partner never reports back."""
    feedback: bool | None = None
    charge_say: str = ""
    """C-CHARGE, filled: said before a yes; blank if it costs nothing."""
    needs: tuple[str, ...] = ()
    """Ids of facts that a yes needs and that nobody has asked yet, in order."""
    read_back: str = ""
    """What was recorded, in words to read back; blank while nothing is."""
    other_people: tuple[tuple[str, str], ...] = ()
    """(person id, name) of others in the home who can decide for themselves; more than one only for the home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    """One line of the review: what is passed on, and by when they ring."""

    key: str
    partner: str
    what: str
    by: str
    """In words: "Thu 29 January", "They will write"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPassed:
    """One line of the review: what is not passed on, and the end in words."""

    key: str
    partner: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StillToAsk:
    """Something open before going: a question, a statement, or an offer nobody answered."""

    say: str
    item_id: str = ""
    offer_key: str = ""
    careful: bool = False
    """True for contact safety: it travels as "not asked, take care"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentRow:
    """A referral that leaves at once when the part is finished."""

    partner: str
    what: str
    because: str
    ring: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """Before you go: what was agreed, in the checklist's order; nothing of the visitor's part is in it."""

    say: str
    passed: tuple[PassOn, ...]
    not_passed: tuple[NotPassed, ...]
    still: tuple[StillToAsk, ...]
    say_last: str
    """C-WITHDRAW, filled."""
    offers: bool = True
    """False where the checklist makes no offers: nothing can be passed on, and the page says so."""
    kept: int = 0
    """How many questions have an answer."""
    urgent: tuple[UrgentRow, ...] = ()
    finished: bool = False
    leaves_at: datetime | None = None
    """Until when a finished part can be taken back; None if it is not finished or has left."""
