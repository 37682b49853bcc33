"""The lists outside a visit: Today and my referrals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VisitState(StrEnum):
    """Where a visit stands, for the list on Today."""

    PREPARED = "prepared"
    HALF_DONE = "half-done"
    LEAVING = "leaving"
    """Finished, and still in the two minutes in which it can be taken back."""
    FINISHED = "finished"
    STOPPED = "stopped"
    """The person wanted to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """One visit on Today; the screen shows initials and district until names are asked for."""

    id: str
    when: str
    """In words: "10:00", "Friday", "Thu 15 January"."""
    initials: str
    name: str
    district: str
    """The postcode district, "AY4"; blank if it is not known."""
    state: VisitState
    part: str = ""
    """The section's letter where a half-done visit stopped."""
    stopped: str = ""
    """When it stopped, in words: "14:20"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRow:
    """Something that nobody but the visitor can do."""

    reference: str
    initials: str
    name: str
    words: str
    """In words, no partner's name: "One partner tried twice and could not reach her.\""""


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayPage:
    """What Today says; `today()` reads it from the register alone."""

    on: str
    """The day in words: "Monday 2 February 2026"."""
    visits: tuple[VisitRow, ...]
    needs: tuple[NeedRow, ...] = ()
    came: tuple[str, ...] = ()
    """What came of earlier visits, at most two sentences in words, no names."""
    news: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalState:
    """What the top right says about the connection."""

    connected: bool
    waiting: int
    """Referrals that are ready and wait for signal."""
    words: str = ""
    """Why nothing is sent though there is a connection, one plain sentence; blank if all is well."""
    changed: bool = False
    """Something arrived (a receipt, a reply): lists are read again."""


class Group(StrEnum):
    """The three lists of My referrals."""

    NEEDS_YOU = "needs-you"
    ON_THE_WAY = "on-the-way"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRow:
    """One referral in four columns: who, what, what happened, who acts next."""

    reference: str
    """As shown: "7K3M-9Q2T-X4VB-1"; blank while it has none."""
    visit_id: str
    initials: str
    name: str
    what: str
    """The service, short, in words: "Falls check"."""
    partner: str
    """The partner's name: shown only while names are shown."""
    happened: str
    """In words: "With them. Late 2 working days"."""
    next: str
    """Who acts next and how, in words: "they: reminded", "this laptop", "nobody"."""
    group: Group
    history: tuple[str, ...] = ()
    """What happened, oldest first, in words: "15 Jan  agreed, sent 11:07"."""
