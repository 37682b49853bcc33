"""A referral as a desk sees it: what came, what was done here, and what follows from both.

Pure. A *case* is one reference at one agency: its latest words as they came, and a list of acts (arrived, read,
answered, asked to stop ...). State is a fold over the acts; lateness is computed and closes nothing. The time of
asking always arrives as an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sync.base.work import ANSWERS, Button, Work, may_press, work_after
from sync.base.working_days import WorkingDays
from sync.desk.answers import FORMS, Given
from sync.desk.words import local

TAKE_BACK: Final = timedelta(minutes=10)
"""How long a saved answer stays at the desk, and can be taken back, before it leaves."""


class Happened(StrEnum):
    """What can stand in the history of a case."""

    ARRIVED = "arrived"
    """A version of the referral came and was kept."""
    READ = "read"
    """A person at the desk opened it for the first time since the last version came."""
    ANSWERED = "answered"
    """A person at the desk pressed Save on one of the forms."""
    TAKEN_BACK = "taken-back"
    """The last answer was taken back before it left."""
    ASKED_TO_STOP = "asked-to-stop"
    """The person's wish, passed on: do not get in touch."""
    DIED = "died"
    """Word came that the person has died."""
    REMINDED = "reminded"
    """A target has passed, and the scheme said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One line of a case's history."""

    happened: Happened
    at: datetime
    """UTC."""
    version: int | None = None
    """The referral's version, for `ARRIVED`."""
    given: Mapping[str, Any] | None = None
    """The answer as `Given.to_json` keeps it, for `ANSWERED`."""
    leaves_at: datetime | None = None
    """UTC; until then an answer can be taken back."""
    left_rev: int | None = None
    """The number of the status that carried this act away, 0 if it has nothing to tell; None while it is here."""

    def to_json(self) -> dict[str, Any]:
        """As kept in the inbox; blanks are left out."""
        kept: dict[str, Any] = {"happened": self.happened.value, "at": self.at.isoformat()}
        if self.version is not None:
            kept["version"] = self.version
        if self.given is not None:
            kept["given"] = dict(self.given)
        if self.leaves_at is not None:
            kept["leaves_at"] = self.leaves_at.isoformat()
        if self.left_rev is not None:
            kept["left_rev"] = self.left_rev
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Act:
        """The act that `to_json` wrote."""
        leaves_at = kept.get("leaves_at")
        return cls(
            happened=Happened(kept["happened"]),
            at=datetime.fromisoformat(kept["at"]),
            version=kept.get("version"),
            given=MappingProxyType(kept["given"]) if "given" in kept else None,
            leaves_at=datetime.fromisoformat(leaves_at) if leaves_at else None,
            left_rev=kept.get("left_rev"),
        )

    @property
    def button(self) -> Button | None:
        """The button behind an answer."""
        return Button(self.given["button"]) if self.given is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One reference at one agency, as kept."""

    agency: str
    reference: str
    sender: str
    """The addressee that answers go back to: the device that sent the latest version."""
    referral: Mapping[str, Any]
    """The latest version, word for word as it came."""
    acts: tuple[Act, ...]
    """Oldest first."""
    own_number: str = ""
    """The desk's own case number; it never leaves."""
    rev: int = 0
    """The number of the last status made; statuses of a reference count up and never repeat a number."""

    @property
    def versions(self) -> tuple[int, ...]:
        """Every version that was taken, in the order it came; no version twice."""
        return tuple(act.version for act in self.acts if act.version is not None)

    def to_json(self) -> dict[str, Any]:
        """As kept in the inbox."""
        return {
            "agency": self.agency,
            "reference": self.reference,
            "sender": self.sender,
            "referral": dict(self.referral),
            "acts": [act.to_json() for act in self.acts],
            "own_number": self.own_number,
            "rev": self.rev,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Case:
        """The case that `to_json` wrote."""
        return cls(
            agency=kept["agency"],
            reference=kept["reference"],
            sender=kept["sender"],
            referral=kept["referral"],
            acts=tuple(Act.from_json(act) for act in kept["acts"]),
            own_number=kept.get("own_number", ""),
            rev=kept.get("rev", 0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a case stands."""

    work: Work
    business_status: str
    accepted: bool = False
    """Whether the partner has said yes to it; then sending back reads `failed`, not `rejected`."""
    read: bool = False
    """Whether a person at the desk has opened the version that came last."""
    in_touch: bool = False
    """Whether the person was spoken to: the contact target is met."""
    stop_asked: bool = False
    died: bool = False
    last_answer: Act | None = None
    """The last answer that stands, sent or still here."""

    @property
    def stop_waits(self) -> bool:
        """Whether a wish to stop still waits for the desk's confirmation."""
        return self.stop_asked and self.business_status != "withdrawn"

    @property
    def finished(self) -> bool:
        """Whether nothing more is expected of the desk."""
        return not self.stop_waits and (self.died or self.work.is_final)


class Section(StrEnum):
    """The parts of the inbox, in the order that the page shows them."""

    STOP = "stop"
    NEW = "new"
    LATE = "late"
    OPEN = "open"
    FINISHED = "finished"


def arrive(
    case: Case | None,
    *,
    agency: str,
    reference: str,
    version: int,
    sender: str,
    referral: Mapping[str, Any],
    at: datetime,
) -> Case:
    """The case after a version of a referral came; the same case if that version was taken before."""
    act = Act(happened=Happened.ARRIVED, at=at, version=version)
    if case is None:
        return Case(agency=agency, reference=reference, sender=sender, referral=dict(referral), acts=(act,))
    if version in case.versions:
        return case
    if version < max(case.versions, default=0):
        return replace(case, acts=(*case.acts, act))
    return replace(case, sender=sender, referral=dict(referral), acts=(*case.acts, act))


def note(case: Case, happened: Happened, at: datetime) -> Case:
    """The case with one more line in its history; a line that would say nothing new is left out."""
    now = state(case)
    said_before = {
        Happened.READ: now.read,
        Happened.ASKED_TO_STOP: now.stop_asked,
        Happened.DIED: now.died,
    }
    if said_before.get(happened, False):
        return case
    # Reading a changed version again must not turn "accepted" back into "read".
    tells_nothing = happened is Happened.READ and not may_press(Button.OPENED, now.work)
    return replace(case, acts=(*case.acts, Act(happened=happened, at=at, left_rev=0 if tells_nothing else None)))


def answer(case: Case, given: Given, at: datetime, stays: timedelta = TAKE_BACK) -> Case:
    """The case after a person saved an answer; it leaves in ten minutes (`stays`).

    Raises: ValueError, if that button makes no sense in the state of the case.
    """
    if given.button not in buttons(case):
        raise ValueError(f"{given.button} cannot follow {state(case).business_status}")
    act = Act(happened=Happened.ANSWERED, at=at, given=MappingProxyType(given.to_json()), leaves_at=at + stays)
    return replace(case, acts=(*case.acts, act), own_number=given.own_number or case.own_number)


def can_take_back(case: Case, now: datetime) -> Act | None:
    """The answer that can still be taken back: the last that stands, if it has not left and its time is not up."""
    last = state(case).last_answer
    if last is None or last.left_rev is not None or last.leaves_at is None or now >= last.leaves_at:
        return None
    return last


def take_back(case: Case, now: datetime) -> Case:
    """The case without its last answer; both lines stay in the history.

    Raises: ValueError, if there is none or it has left.
    """
    if can_take_back(case, now) is None:
        raise ValueError("there is nothing to take back")
    return replace(case, acts=(*case.acts, Act(happened=Happened.TAKEN_BACK, at=now)))


def send_now(case: Case, now: datetime) -> Case:
    """The case whose last answer leaves at once: somebody is sure, and somebody waits.

    Raises: ValueError, if there is none or it has left.
    """
    last = can_take_back(case, now)
    if last is None:
        raise ValueError("there is nothing to send")
    acts = tuple(replace(act, leaves_at=now) if act is last else act for act in case.acts)
    return replace(case, acts=acts)


def still_here(case: Case) -> tuple[int, ...]:
    """Places in `acts` of what a status must still say, oldest first; what was taken back is never among them."""
    standing = {id(act) for act in _standing(case.acts)}
    return tuple(
        place
        for place, act in enumerate(case.acts)
        if act.left_rev is None and act.happened in {Happened.READ, Happened.ANSWERED} and id(act) in standing
    )


def due_to_leave(case: Case, now: datetime) -> tuple[int, ...]:
    """Those of `still_here` that leave now: first readings, and answers whose ten minutes are over."""
    return tuple(place for place in still_here(case) if (case.acts[place].leaves_at or now) <= now)


def mark_left(case: Case, place: int) -> Case:
    """The case with the next status number given to one of its acts."""
    rev = case.rev + 1
    acts = list(case.acts)
    acts[place] = replace(acts[place], left_rev=rev)
    return replace(case, acts=tuple(acts), rev=rev)


def _standing(acts: tuple[Act, ...]) -> list[Act]:
    """The acts that count: a version that came late counts for nothing, a taking-back removes the answer before it."""
    kept: list[Act] = []
    newest = 0
    for act in acts:
        if act.version is not None and act.version < newest:
            continue
        newest = max(newest, act.version or 0)
        if act.happened is not Happened.TAKEN_BACK:
            kept.append(act)
            continue
        for place in range(len(kept) - 1, -1, -1):
            if kept[place].happened is Happened.ANSWERED:
                del kept[place]
                break
    return kept


def state(case: Case) -> State:
    """Fold the history of a case.

    A new version of a finished or stopped referral opens it again (the next version is how one comes back, with a new
    yes); a new version of an open one leaves the work where it is, and asks to be read again.
    """
    now = State(work=Work.REQUESTED, business_status="received")
    for act in _standing(case.acts):
        now = _after(now, act)
    return now


def state_at(case: Case, place: int) -> State:
    """The state just after the act at a place of the history, as a status of it must say."""
    return state(replace(case, acts=case.acts[: place + 1]))


def _after(now: State, act: Act) -> State:
    """The state after one act that counts."""
    match act.happened:
        case Happened.ARRIVED:
            if (now.work.is_final or now.stop_asked) and not now.died:
                return State(work=Work.REQUESTED, business_status="received")
            return replace(now, read=False)
        case Happened.READ:
            if not may_press(Button.OPENED, now.work):
                return replace(now, read=True)
            opened = ANSWERS[Button.OPENED]
            return replace(now, read=True, work=opened.work, business_status=opened.business_status)
        case Happened.ASKED_TO_STOP:
            return replace(now, stop_asked=True)
        case Happened.DIED:
            return replace(now, died=True)
        case Happened.ANSWERED:
            button = act.button
            assert button is not None
            return replace(
                now,
                work=work_after(button, accepted=now.accepted),
                business_status=ANSWERS[button].business_status,
                accepted=now.accepted or button in {Button.ACCEPT, Button.CONTACTED},
                read=True,
                in_touch=now.in_touch or button in {Button.CONTACTED, Button.HELPED, Button.PERSON_DECLINED},
                died=now.died or button is Button.DECEASED,
                last_answer=act,
            )
    return now


def buttons(case: Case) -> tuple[Button, ...]:
    """The buttons that make sense now, in the order that the page shows them."""
    now = state(case)
    if now.died:
        return ()
    if now.stop_asked:
        return (Button.CONFIRM_WITHDRAWAL, Button.DECEASED) if now.stop_waits else ()
    return tuple(
        button
        for button in FORMS
        if button is not Button.CONFIRM_WITHDRAWAL and may_press(button, now.work) and not _said_already(now, button)
    )


def _said_already(now: State, button: Button) -> bool:
    return button is Button.ACCEPT and now.accepted


@dataclass(frozen=True, slots=True)
class Late:
    """A target that has passed."""

    target: str
    """`ack`: nobody has opened it; `contact`: nobody has spoken to the person."""
    due_on: date
    days: int
    """Working days since, at least 1."""


def lateness(
    now: State, *, ack_by: date | None, contact_by: date | None, today: date, calendar: WorkingDays
) -> Late | None:
    """Which target has passed, the person's own wait first; None when nothing is late or nothing more is expected."""
    if now.finished or now.stop_asked:
        return None
    if contact_by is not None and not now.in_touch and now.work is not Work.ON_HOLD:
        days = calendar.late_by(contact_by, today)
        if days:
            return Late("contact", contact_by, days)
    if ack_by is not None and now.work is Work.REQUESTED and not now.read:
        days = calendar.late_by(ack_by, today)
        if days:
            return Late("ack", ack_by, days)
    return None


def section_of(now: State, late: Late | None) -> Section:
    """Where a case stands in the inbox."""
    if now.stop_waits:
        return Section.STOP
    if now.finished:
        return Section.FINISHED
    if late is not None and late.target == "contact":
        return Section.LATE
    if now.work is Work.REQUESTED:
        return Section.NEW
    return Section.OPEN


def today_at(now: datetime) -> date:
    """The day on the desk's calendar."""
    return local(now.astimezone(UTC)).date()
