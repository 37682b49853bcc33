"""A visit is a fold over its events; each act returns new events and changes nothing.

Laws:
1. `fold(events)` depends on the events alone. An event taken back by `Undone` counts for nothing and stays in the list.
2. An event of a kind, or of a version of a kind, that we do not know is kept, changes nothing, and makes the visit
   read-only: what it means might contradict what we would write.
3. An answer is kept even while its question is not relevant; conditions see it as blank (`branching.Sheet`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from firstcontact.domain import agreement, answer
from firstcontact.domain.agreement import Agreement, from_data
from firstcontact.domain.answer import Value
from firstcontact.domain.events import HOME, VISIT, VISITOR, Event, Stamp, undone

_NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})
_UNDOABLE: Final = frozenset(
    {
        "PersonAdded",
        "PresenceChanged",
        "AnswerRecorded",
        "StatementAnswered",
        "AgreementRecorded",
        "NoteWritten",
        "PartFinished",
        "Withdrawn",
        "Corrected",
    }
)
"""What a visitor can take back; a referral that has left is withdrawn instead."""


class ForeignEvent(Exception):
    """The visit holds an event from a newer version of the program, so nothing may be added to it here."""


class Position(NamedTuple):
    """Where a visit goes on: a subject and the question to put to it."""

    subject: str
    question: str | None


class Note(NamedTuple):
    """A visitor's private note; never sent."""

    subject: str
    question: str | None
    text: str
    at: datetime


class Said(NamedTuple):
    """The answer to a statement that belongs to no partner (C-RECORD)."""

    answer: str
    version: str
    language: str
    at: datetime


class Raised(NamedTuple):
    """A referral that has its reference."""

    reference: str
    version: int
    services: tuple[str, ...]
    on: date
    """The day it was released first; its targets count from then."""


class Correction(NamedTuple):
    """A fact or an answer that was wrong."""

    subject: str
    question: str
    old: Value
    new: Value
    by: str
    at: datetime
    told: str | None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Everything that is true of a visit, as of its last event. Mappings are never changed in place."""

    id: str = ""
    checklist_id: str = ""
    version: str = ""
    digest: str = ""
    """Of the checklist that the visit was started with, and keeps."""
    on: date = date.min
    """The day on which it was started; ages and dated rules are those of this day."""
    language: str = "en"
    people: tuple[str, ...] = ()
    """Keys of the people visited, in the order in which they were added."""
    present: tuple[str, ...] = ()
    """Who is in the room."""
    answers: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """Subject -> node of a question -> value as kept."""
    cleared: frozenset[tuple[str, str]] = frozenset()
    """(subject, node) of answers that were taken back: a default does not come again."""
    agreements: Mapping[tuple[str, str], Agreement] = field(default_factory=dict)
    """(subject, partner) -> the last answer to that partner."""
    lapsed: Mapping[tuple[str, str], tuple[agreement.Put, ...]] = field(default_factory=dict)
    """(subject, partner) -> what an earlier yes was about, and the last answer is not."""
    statements: Mapping[tuple[str, str], Said] = field(default_factory=dict)
    """(subject, key) -> the last answer to that statement."""
    notes: tuple[Note, ...] = ()
    corrections: tuple[Correction, ...] = ()
    raised: Mapping[tuple[str, str], Raised] = field(default_factory=dict)
    """(subject, partner) -> its referral."""
    held: Mapping[tuple[str, str], date] = field(default_factory=dict)
    outcomes: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    """Reference -> statuses in the order in which they came."""
    finished: Mapping[str, date] = field(default_factory=dict)
    """Subject, or `visit` for everything -> the day on which that part was finished."""
    stopped: bool = False
    """The person wanted to stop: everything is withdrawn."""
    keep_answers: bool = True
    paused: bool = False
    position: Position | None = None
    read_only: bool = False
    events: tuple[Event, ...] = ()
    """All of them, those taken back included."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """The home, the people in order, the visitor."""
        return (HOME, *self.people, VISITOR)

    def answers_of(self, subject: str) -> Mapping[str, Value]:
        """The answers of one subject as kept."""
        return self.answers.get(subject, _NOTHING)

    def finished_on(self, subject: str) -> date | None:
        """The day on which a subject's part was finished, by itself or with everything."""
        days = [day for key in (subject, VISIT) if (day := self.finished.get(key))]
        return min(days, default=None)

    def then(self, *events: Event) -> Visit:
        """The visit after further events."""
        visit = self
        for event in events:
            if event.type == "Undone":
                return fold((*self.events, *events))
            visit = replace(_apply(visit, event), events=(*visit.events, event))
        return visit


def fold(events: Iterable[Event]) -> Visit:
    """The visit that a list of events tells, in their order."""
    told = tuple(events)
    hidden = _hidden(told)
    visit = Visit()
    for event in told:
        if event.id not in hidden:
            visit = _apply(visit, event)
    return replace(visit, events=told)


def undoable(visit: Visit, by: str) -> Event | None:
    """The last event that this professional can take back, or None."""
    hidden = _hidden(visit.events)
    for event in reversed(visit.events):
        if event.id in hidden or event.type == "Undone" or event.by != by:
            continue
        return event if event.type in _UNDOABLE else None
    return None


def undo_last(visit: Visit, stamp: Stamp) -> Event | None:
    """The event that takes back the last act of the professional who asks; None if there is none."""
    last = undoable(visit, stamp.by)
    return None if last is None else undone(stamp, last)


def redo_last(visit: Visit, stamp: Stamp) -> Event | None:
    """The event that puts back what was taken back last, while nothing else was done since; None otherwise."""
    hidden = _hidden(visit.events)
    takings_back = {event.id for event in visit.events if event.type == "Undone"}
    for event in reversed(visit.events):
        puts_back = event.type == "Undone" and event.data.get("event") in takings_back
        if event.id in hidden or puts_back:
            continue
        return undone(stamp, event) if event.type == "Undone" and event.by == stamp.by else None
    return None


def require_writable(visit: Visit) -> None:
    """Raises: ForeignEvent, if a newer version wrote to the visit."""
    if visit.read_only:
        raise ForeignEvent("This visit holds something from a newer version of the program. It can be read here.")


def _hidden(events: tuple[Event, ...]) -> frozenset[str]:
    """Ids of events that were taken back. An `Undone` can itself be taken back, which shows its event again."""
    hidden: set[str] = set()
    for event in reversed(events):
        if event.type == "Undone" and event.id not in hidden:
            hidden.add(str(event.data.get("event")))
    return frozenset(hidden)


def _apply(visit: Visit, event: Event) -> Visit:
    change = _CHANGES.get(event.type)
    if change is None or not event.is_known:
        return replace(visit, read_only=True)
    try:
        return replace(visit, **change(visit, event))
    except (KeyError, ValueError, TypeError):
        # An event that we cannot read is as good as one from a newer version: keep it, and write nothing after it.
        return replace(visit, read_only=True)


def _started(_: Visit, event: Event) -> dict[str, Any]:
    data = event.data
    return {
        "id": data["visit"],
        "checklist_id": data["checklist"],
        "version": data["version"],
        "digest": data["digest"],
        "on": date.fromisoformat(data["on"]),
        "language": data.get("language", "en"),
    }


def _person(visit: Visit, event: Event) -> dict[str, Any]:
    if event.subject in visit.people:
        return {}
    return {"people": (*visit.people, event.subject), "present": (*visit.present, event.subject)}


def _presence(_: Visit, event: Event) -> dict[str, Any]:
    return {"present": tuple(event.data["present"])}


def _answered(visit: Visit, event: Event) -> dict[str, Any]:
    question = event.data["question"]
    value = answer.from_json(event.data.get("value"))
    own = {**visit.answers_of(event.subject), question: value}
    found: dict[str, Any] = {"position": Position(event.subject, question)}
    if value is None:
        del own[question]
        found["cleared"] = visit.cleared | {(event.subject, question)}
    elif (event.subject, question) in visit.cleared:
        found["cleared"] = visit.cleared - {(event.subject, question)}
    found["answers"] = {**visit.answers, event.subject: own}
    return found


def _corrected(visit: Visit, event: Event) -> dict[str, Any]:
    question, data = event.data["question"], event.data
    old = visit.answers_of(event.subject).get(question)
    new = answer.from_json(data.get("value"))
    row = Correction(event.subject, question, old, new, event.by, event.at, data.get("told"))
    found = _answered(visit, event)
    del found["position"]
    return {**found, "corrections": (*visit.corrections, row)}


def _statement(visit: Visit, event: Event) -> dict[str, Any]:
    data = event.data
    said = Said(data["answer"], data["version"], data["language"], event.at)
    found: dict[str, Any] = {"statements": {**visit.statements, (event.subject, data["key"]): said}}
    return found


def _agreed(visit: Visit, event: Event) -> dict[str, Any]:
    given = from_data(event.data, event.at)
    key = (event.subject, given.partner)
    found: dict[str, Any] = {"agreements": {**visit.agreements, key: given}}
    before = visit.agreements.get(key)
    rows = before.put if before is not None and before.answer in {agreement.Said.YES, agreement.Said.HOLD} else ()
    gone = {row.service: row for row in (*visit.lapsed.get(key, ()), *rows) if row.service not in given.services}
    if gone or key in visit.lapsed:
        found["lapsed"] = {**visit.lapsed, key: tuple(gone.values())}
    return found


def _noted(visit: Visit, event: Event) -> dict[str, Any]:
    question, text = event.data.get("question"), event.data["text"]
    others = tuple(note for note in visit.notes if question is None or note[:2] != (event.subject, question))
    return {"notes": (*others, Note(event.subject, question, text, event.at)) if text else others}


def _paused(_: Visit, event: Event) -> dict[str, Any]:
    return {"paused": True, "position": Position(event.subject, event.data.get("question"))}


def _resumed(_: Visit, __: Event) -> dict[str, Any]:
    return {"paused": False}


def _finished(visit: Visit, event: Event) -> dict[str, Any]:
    return {"finished": {**visit.finished, event.subject: date.fromisoformat(event.data["on"])}, "paused": False}


def _raised(visit: Visit, event: Event) -> dict[str, Any]:
    data, key = event.data, (event.subject, event.data["partner"])
    first = visit.raised.get(key)
    same = first is not None and first.reference == data["reference"]
    on = first.on if first is not None and same else date.fromisoformat(data["on"])
    row = Raised(data["reference"], int(data["version"]), tuple(data["services"]), on)
    return {"raised": {**visit.raised, key: row}}


def _held(visit: Visit, event: Event) -> dict[str, Any]:
    until = date.fromisoformat(event.data["until"])
    return {"held": {**visit.held, (event.subject, event.data["partner"]): until}}


def _withdrawn(visit: Visit, event: Event) -> dict[str, Any]:
    partner = event.data.get("partner")
    keep = visit.keep_answers and bool(event.data.get("keep_answers", True))
    if partner is None and event.subject == VISIT:
        return {"stopped": True, "keep_answers": keep}
    agreements = {
        key: replace(row, answer=agreement.Said.WITHDRAWN)
        if key[0] == event.subject and partner in (None, key[1])
        else row
        for key, row in visit.agreements.items()
    }
    return {"agreements": agreements, "keep_answers": keep}


def _outcome(visit: Visit, event: Event) -> dict[str, Any]:
    reference = event.data["reference"]
    rows = (*visit.outcomes.get(reference, ()), event.data["status"])
    return {"outcomes": {**visit.outcomes, reference: rows}}


_CHANGES: Final[Mapping[str, Callable[[Visit, Event], dict[str, Any]]]] = {
    "VisitStarted": _started,
    "PersonAdded": _person,
    "PresenceChanged": _presence,
    "AnswerRecorded": _answered,
    "StatementAnswered": _statement,
    "AgreementRecorded": _agreed,
    "NoteWritten": _noted,
    "VisitPaused": _paused,
    "VisitResumed": _resumed,
    "PartFinished": _finished,
    "ReferralRaised": _raised,
    "ReferralHeld": _held,
    "Withdrawn": _withdrawn,
    "Corrected": _corrected,
    "OutcomeReceived": _outcome,
    "Undone": lambda _, __: {},
}
