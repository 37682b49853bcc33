"""From needs to offers, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from firstcontact.domain.answer import Text
from firstcontact.domain.checklist import Urgency


class End(StrEnum):
    """How a need ended."""

    OFFERED = "offered"
    AGREED = "agreed"
    DECLINED = "declined"
    NOT_TODAY = "not-today"
    HELD = "held"
    ADVISED = "advised"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    SIGNPOSTED = "signposted"
    UNMET = "unmet"
    NOT_ELIGIBLE = "not-eligible"
    OUT_OF_AREA = "out-of-area"
    ALREADY_HELPED = "already-helped"
    HANDED_OVER = "handed-over"
    CHECK_AGE = "check-age"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A need with a partner that can be put before the person, whatever its end."""

    service: str
    partner: str | None
    """None while the area is not known."""
    end: End
    urgency: Urgency
    reasons: tuple[str, ...]
    """Main question ids, in the checklist's order."""
    subject: str
    """A person's key, or `home`."""
    urgent_because: Text | None = None
    """The words of the one answer that made it urgent."""
    because_health: bool = False
    """Those words tell something about health."""
    rules: tuple[str, ...] = ()
    """Ids of the rules that raised it or added a reason."""
    closed: bool = False
    """Its list is closed: hold, another partner, or leave it."""
    closed_until: date | None = None
    """The first day on which the list is open again, where that is known."""
    contact_days: int | None = None
    """The partner's target as it stands for this offer, in working days."""
    charge: str | None = None

    @property
    def key(self) -> str:
        """`subject:service`, unique in a visit."""
        return f"{self.subject}:{self.service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A need where nothing could be put before the person."""

    service: str
    end: End
    reason: str | None
    """area, age, tenure, landlord, gp, closed, or the id of the question whose answer is missing."""
    subject: str
    reasons: tuple[str, ...] = ()
    """Main question ids."""
    partner: str | None = None
    """A telephone partner, or a neighbouring scheme, that can be rung about it."""
    say: Text | None = None
    """Words for the person, where the checklist has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Something passed on by telephone."""

    partner: str
    services: tuple[str, ...]
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Where every need of a visit stands."""

    offers: tuple[Offer, ...] = ()
    recorded: tuple[Recorded, ...] = ()
    handovers: tuple[HandOver, ...] = ()
