"""A scripted laptop in memory, with Agnes Thimblewick's visit (S01) on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from firstcontact.rows import (
    Change,
    Group,
    NeedRow,
    Professional,
    Profile,
    ReferralRow,
    Refused,
    SignalState,
    TodayPage,
    VisitRow,
    VisitState,
)
from tests.tui.double_visit import NOW, DoubleVisit

PASSPHRASE = "lantern otter gravel teaspoon"


@dataclass
class DoubleWork:
    """The laptop."""

    written: list[str] = field(default_factory=list)
    disk_full: bool = False
    slow: threading.Event | None = None
    connected: bool = False
    closed: bool = False
    told: Callable[[SignalState], None] | None = None
    visits: tuple[VisitRow, ...] = (
        VisitRow(
            id="v1", when="10:00", initials="I.T.", name="Ivor Tuppence", district="AY4", state=VisitState.PREPARED
        ),
        VisitRow(
            id="v2", when="15:20", initials="H.M.", name="Hetty Marchpane", district="AY1", state=VisitState.PREPARED
        ),
        VisitRow(
            id="v3",
            when="Friday",
            initials="B.T.",
            name="Bo Tamarind",
            district="AY12",
            state=VisitState.HALF_DONE,
            part="E",
            stopped="14:20",
        ),
    )

    def __post_init__(self) -> None:
        self.visit = DoubleVisit(self.write)

    def write(self, said: str) -> None:
        """The disk: full, slow or willing."""
        if self.slow is not None:
            self.slow.wait(5)
        if self.disk_full:
            raise OSError(28, "No space left on device")
        self.written.append(said)

    def who(self) -> Professional:
        return Professional(name="Osric Lamplough", role="community nurse", agency="Rushmere nursing", work_phone="1")

    def today(self) -> TodayPage:
        return TodayPage(
            on="Monday 2 February 2026",
            visits=self.visits,
            needs=(
                NeedRow(
                    reference="7K3M-9Q2T-X4VB-1",
                    initials="A.T.",
                    name="Agnes Thimblewick",
                    words="One partner tried twice and could not reach her. A better time or number may be all "
                    "it needs.",
                ),
            ),
            came=(
                "Since Friday: 1 helped, 1 sent back. The hub is seeing to that one.",
                "Late: 1. They have been reminded. Nothing for you to do.",
            ),
            news=("Befriending opens again in AY7 and AY8 on 2 March.",),
        )

    def my_referrals(self) -> tuple[ReferralRow, ...]:
        def referral(who: str, what: str, happened: str, then: str, group: Group) -> ReferralRow:
            return ReferralRow(
                reference=f"7K3M-{what}",
                visit_id="v1",
                initials=who,
                name="Agnes Thimblewick",
                what=what,
                partner="Welfare Rights Team",
                happened=happened,
                next=then,
                group=group,
                history=("15 Jan  agreed, sent 11:07", "15 Jan  their desk has it (receipt checked)"),
            )

        return (
            referral("A.T.", "Money check", "Could not reach: can you help?", "you: a better time?", Group.NEEDS_YOU),
            referral("A.T.", "Falls check", "With them. Late 2 working days", "they: reminded", Group.ON_THE_WAY),
            referral("A.T.", "Small jobs", "On hold until 16 February", "hub: asks her again", Group.ON_THE_WAY),
            referral("I.T.", "Fire visit", "Ready. Waits for signal", "this laptop", Group.ON_THE_WAY),
            referral("A.T.", "Home visit", "Helped, 26 January", "nobody", Group.FINISHED),
        )

    def new_visit(self) -> DoubleVisit:
        self.visit = DoubleVisit(self.write, id="new")
        return self.visit

    def open_visit(self, visit_id: str) -> DoubleVisit:
        self.visit.id = visit_id
        return self.visit

    def unfinished(self) -> str | None:
        return None

    def take_back(self, visit_id: str) -> Change | None:
        return Change(lambda: self.write(f"take back {visit_id}"))

    def run_sync(self, told: Callable[[SignalState], None], stop: threading.Event) -> None:
        self.told = told
        told(SignalState(connected=self.connected, waiting=1))
        stop.wait()

    def nudge(self) -> None:
        return None

    def close(self) -> None:
        self.closed = True


@dataclass
class DoubleGate:
    """The way in."""

    work: DoubleWork = field(default_factory=DoubleWork)
    known: tuple[Profile, ...] = (
        Profile("o", "Osric", NOW.replace(hour=9, minute=20)),
        Profile("w", "Wren", NOW.replace(day=12)),
    )
    scheme: str = "Ambleshire"
    helpdesk: str = "0808 157 0100, Monday to Friday, 9 to 5."
    wrong: int = 0
    made: list[Professional] = field(default_factory=list)

    def profiles(self) -> tuple[Profile, ...]:
        return self.known

    def warm(self) -> None:
        return None

    def suggest_words(self) -> tuple[str, ...]:
        return ("lantern", "otter", "gravel", "teaspoon")

    def set_up(self, who: Professional, passphrase: str) -> tuple[DoubleWork, str]:
        self.made.append(who)
        return self.work, "7K3M 9Q2T X4VB 1WWW"

    def unlock(self, profile_id: str, passphrase: str) -> DoubleWork | Refused:
        if passphrase == PASSPHRASE:
            return self.work
        self.wrong += 1
        return Refused(float(2**self.wrong))
