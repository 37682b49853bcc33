"""What a person said about one partner, and the words that they were asked with.

An agreement is an event's content, never a flag on a person: one decision, on one day, about one partner. Consent to
one partner is never taken from consent to another. The words stand in the scheme's `consent.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final


class Said(StrEnum):
    """What can be said to one offer of one partner; anything else is not said yet."""

    YES = "yes"
    NO = "no"
    NOT_TODAY = "not-today"
    HOLD = "hold"
    """Keep the request until the closed list opens, and ask again then."""
    HAS_HELP = "has-help"
    RANG = "rang"
    """The visitor or the person rang the partner instead; nothing is sent."""
    ADVISED = "advised"
    """Advice was enough."""
    WITHDRAWN = "withdrawn"


class Decider(StrEnum):
    """Who decided, and by what right."""

    PERSON = "the-person"
    ATTORNEY = "attorney"
    DEPUTY = "deputy"
    APPOINTEE = "appointee"
    PARENT = "parent"
    YOUNG_PERSON = "young-person"
    BEST_INTERESTS = "best-interests"


class How(StrEnum):
    """How an agreement was given."""

    SPOKEN = "spoken"
    PAPER = "signed-on-paper"
    SCREEN = "signed-on-screen"
    BSL = "bsl"
    INTERPRETER = "through-interpreter"


@dataclass(frozen=True, slots=True)
class WordsRead:
    """Which wording of which statement was read out, in which language."""

    key: str
    version: str
    language: str


@dataclass(frozen=True, slots=True)
class Put:
    """One service as it was put before the person, when they answered."""

    service: str
    urgency: str
    reasons: tuple[str, ...]
    """Main question ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One answer to one partner for one subject (a person, or the home)."""

    partner: str
    answer: Said
    by: str | None = None
    """The person who decided; for the home, the adult in whose name a referral goes. None: the first who can be."""
    named: tuple[str, ...] | None = None
    """The people who agreed to be named in a home's referral; None: the one who agreed."""
    decider: Decider = Decider.PERSON
    decided_by: str | None = None
    """Name of the attorney or whoever else decided; None when the person did."""
    how: How = How.SPOKEN
    present: tuple[str, ...] = ()
    """Who else was in the room."""
    packs: tuple[str, ...] = ()
    """Codes of the packs that were read out and agreed to."""
    words: WordsRead | None = None
    health: bool | None = None
    """C-HEALTH: False leaves the health facts out, None was not asked."""
    feedback: bool | None = None
    """C-FEEDBACK: may the partner tell the visitor how it went."""
    contact_agreed: bool | None = None
    """Whether the other contact (X10) agreed to be passed on to this partner; None: as their own answer says."""
    reason: str | None = None
    """Only what the person volunteered."""
    rang: Mapping[str, Any] | None = None
    """Of a telephone hand-over: who was spoken to, when, by whom."""
    put: tuple[Put, ...] = ()
    """What the answer is about: it never stretches to a service that was not put yet."""
    on: date | None = None
    """The local day on which it was given."""
    at: datetime | None = None
    """UTC."""

    @property
    def services(self) -> frozenset[str]:
        """The services that the answer is about."""
        return frozenset(row.service for row in self.put)

    @property
    def people(self) -> tuple[str, ...]:
        """The people who agreed: who decided, and who is named; empty where neither was said."""
        return tuple(dict.fromkeys((*((self.by,) if self.by else ()), *(self.named or ()))))

    @property
    def called(self) -> bool:
        """Whether a telephone call to the partner is recorded."""
        return self.answer is Said.RANG or (self.answer is Said.YES and self.rang is not None)


def to_data(agreement: Agreement) -> dict[str, Any]:
    """The agreement as the content of an `AgreementRecorded` event."""
    data: dict[str, Any] = {
        "partner": agreement.partner,
        "answer": agreement.answer.value,
        "decider": agreement.decider.value,
        "how": agreement.how.value,
        "present": list(agreement.present),
        "packs": list(agreement.packs),
        "put": [
            {"service": row.service, "urgency": row.urgency, "reasons": list(row.reasons)} for row in agreement.put
        ],
        "on": agreement.on.isoformat() if agreement.on else None,
    }
    for name in _OPTIONAL:
        value = getattr(agreement, name)
        if value is not None:
            data[name] = list(value) if isinstance(value, tuple) else value
    if agreement.words is not None:
        words = agreement.words
        data["statement"] = {"key": words.key, "version": words.version, "language": words.language}
    return data


_OPTIONAL: Final = (
    "by",
    "named",
    "decided_by",
    "health",
    "feedback",
    "contact_agreed",
    "reason",
    "rang",
)


def from_data(data: Mapping[str, Any], at: datetime | None = None) -> Agreement:
    """The agreement that `to_data` wrote. Raises: ValueError, KeyError for what a newer version wrote."""
    statement = data.get("statement")
    named, on = data.get("named"), data.get("on")
    return Agreement(
        partner=data["partner"],
        answer=Said(data["answer"]),
        by=data.get("by"),
        named=None if named is None else tuple(named),
        decider=Decider(data.get("decider", Decider.PERSON)),
        decided_by=data.get("decided_by"),
        how=How(data.get("how", How.SPOKEN)),
        present=tuple(data.get("present", ())),
        packs=tuple(data.get("packs", ())),
        words=None if statement is None else WordsRead(**statement),
        health=data.get("health"),
        feedback=data.get("feedback"),
        contact_agreed=data.get("contact_agreed"),
        reason=data.get("reason"),
        rang=data.get("rang"),
        put=tuple(Put(row["service"], row["urgency"], tuple(row["reasons"])) for row in data.get("put", ())),
        on=None if on is None else date.fromisoformat(on),
        at=at,
    )
