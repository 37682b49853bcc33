"""What happened during a visit: one immutable event each, never edited and never taken out.

A visit is the list of its events; `firstcontact.domain.visit` folds them into what screens show. This module owns the
shape of an event, the kinds we know, and how an event stands as JSON in the vault. A kind, or a version of a kind, that
we do not know is kept as it is, and makes the visit read-only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final

from firstcontact.domain import answer
from firstcontact.domain.agreement import Agreement, to_data
from firstcontact.domain.answer import Value

HOME: Final = "home"
VISITOR: Final = "visitor"
VISIT: Final = "visit"
"""Subjects that are no person; every other subject is a person's key in this visit."""

KINDS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "VisitStarted": 1,
        "PersonAdded": 1,
        "PresenceChanged": 1,
        "AnswerRecorded": 1,
        "StatementAnswered": 1,
        "AgreementRecorded": 1,
        "NoteWritten": 1,
        "VisitPaused": 1,
        "VisitResumed": 1,
        "PartFinished": 1,
        "ReferralRaised": 1,
        "ReferralHeld": 1,
        "Withdrawn": 1,
        "Corrected": 1,
        "OutcomeReceived": 1,
        "Undone": 1,
    }
)
"""The kinds of event that this version reads, each with the highest version of it that it reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who says so, when and on which device: handed in by the caller, because domain code has no clock."""

    id: str
    """Unique for ever; random."""
    at: datetime
    """UTC."""
    offset_minutes: int
    """Local time minus UTC when it happened."""
    clock_trusted: bool
    """False when the laptop's clock was known to be wrong or could not be checked."""
    device: str
    """Random id of the laptop."""
    by: str
    """Who acted: the id of the professional."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, over one subject."""

    id: str
    type: str
    v: int
    at: datetime
    offset_minutes: int
    clock_trusted: bool
    device: str
    by: str
    subject: str
    """A person's key, `home`, `visitor` or `visit`."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What the kind carries, JSON values only; `data["question"]` and the like."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Members of the JSON form that we do not know, kept for whoever reads them next."""

    @property
    def is_known(self) -> bool:
        """Whether this version of the program knows what the event means."""
        return self.v <= KINDS.get(self.type, 0)


_MEMBERS: Final = frozenset(
    {"id", "type", "v", "at", "offset_minutes", "clock_trusted", "device", "by", "subject", "data"}
)


def to_json(event: Event) -> dict[str, Any]:
    """The event as a JSON object, for the vault."""
    return {
        **event.extra,
        "id": event.id,
        "type": event.type,
        "v": event.v,
        "at": event.at.astimezone(UTC).isoformat(),
        "offset_minutes": event.offset_minutes,
        "clock_trusted": event.clock_trusted,
        "device": event.device,
        "by": event.by,
        "subject": event.subject,
        "data": dict(event.data),
    }


def from_json(document: Mapping[str, Any]) -> Event:
    """The event that `to_json` wrote; an unknown kind is kept whole. Raises: ValueError if it is no event at all."""
    try:
        return Event(
            id=str(document["id"]),
            type=str(document["type"]),
            v=int(document["v"]),
            at=datetime.fromisoformat(document["at"]),
            offset_minutes=int(document.get("offset_minutes", 0)),
            clock_trusted=bool(document.get("clock_trusted", False)),
            device=str(document.get("device", "")),
            by=str(document.get("by", "")),
            subject=str(document.get("subject", VISIT)),
            data=dict(document.get("data", {})),
            extra={name: value for name, value in document.items() if name not in _MEMBERS},
        )
    except (KeyError, TypeError) as missing:
        raise ValueError(f"this is no event: {missing}") from missing


def stream_of(event: Event, *, sensitive: frozenset[str] = frozenset()) -> str:
    """The stream that an event is sealed in, so that one person can be erased and nobody else.

    Identity and answers stand in the person's own stream (the person's key); answers to questions of `sensitive` (L1,
    L2) in `safeguarding:<person>`, or `safeguarding` when the subject is no person; home, visitor and agreement events,
    which hold ids only, in `visit`. The home's address is identity, so the home's facts stand in `home`.
    """
    question = event.data.get("question")
    if question is not None and str(question).partition("[")[0] in sensitive:
        return "safeguarding" if event.subject in {HOME, VISITOR, VISIT} else f"safeguarding:{event.subject}"
    if event.type in {"AnswerRecorded", "Corrected", "NoteWritten"}:
        return VISIT if event.subject in {VISITOR, VISIT} else event.subject
    return VISIT


def _event(stamp: Stamp, kind: str, subject: str, data: Mapping[str, Any]) -> Event:
    return Event(
        id=stamp.id,
        type=kind,
        v=KINDS[kind],
        at=stamp.at,
        offset_minutes=stamp.offset_minutes,
        clock_trusted=stamp.clock_trusted,
        device=stamp.device,
        by=stamp.by,
        subject=subject,
        data={name: value for name, value in data.items() if value is not None},
    )


def visit_started(
    stamp: Stamp, *, visit: str, checklist: str, version: str, digest: str, on: date, language: str = "en"
) -> Event:
    """A visit has begun, on this version of this checklist, which it keeps to its end."""
    data = {"visit": visit, "checklist": checklist, "version": version, "digest": digest, "on": on.isoformat()}
    return _event(stamp, "VisitStarted", VISIT, {**data, "language": language})


def person_added(stamp: Stamp, person: str) -> Event:
    """Somebody takes part in the visit; who they are follows as answers to the fact questions."""
    return _event(stamp, "PersonAdded", person, {})


def presence_changed(stamp: Stamp, present: Sequence[str]) -> Event:
    """Who is in the room now: people's keys, and words for others (`nephew`)."""
    return _event(stamp, "PresenceChanged", VISIT, {"present": list(present)})


def answer_recorded(
    stamp: Stamp, subject: str, question: str, value: Value, *, present: Sequence[str] | None = None
) -> Event:
    """A question was answered, or left, or answered differently; None takes the answer away."""
    data = {"question": question, "value": answer.to_json(value), "present": list(present) if present else None}
    event = _event(stamp, "AnswerRecorded", subject, data)
    return event if value is not None else _with(event, value=None)


def statement_answered(
    stamp: Stamp, subject: str, *, key: str, version: str, language: str, answer: str, extra: str | None = None
) -> Event:
    """A consent statement that belongs to no partner was read out: C-START, C-SAFE, C-RECORD, C-LATER."""
    data = {"key": key, "version": version, "language": language, "answer": answer, "extra": extra}
    return _event(stamp, "StatementAnswered", subject, data)


def agreement_recorded(stamp: Stamp, subject: str, agreement: Agreement) -> Event:
    """A person answered one partner's offer; a later answer to the same partner takes its place, and both stay."""
    return _event(stamp, "AgreementRecorded", subject, to_data(agreement))


def note_written(stamp: Stamp, subject: str, text: str, *, question: str | None = None) -> Event:
    """The visitor's private note: never sent to anyone."""
    return _event(stamp, "NoteWritten", subject, {"text": text, "question": question})


def visit_paused(stamp: Stamp, *, subject: str, question: str | None) -> Event:
    """The visit stops at this question of this subject, and can go on there."""
    return _event(stamp, "VisitPaused", subject, {"question": question})


def visit_resumed(stamp: Stamp) -> Event:
    """The visit goes on."""
    return _event(stamp, "VisitResumed", VISIT, {})


def part_finished(stamp: Stamp, subject: str, on: date, *, leaves_at: datetime | None = None) -> Event:
    """One person's part, the home's, or with subject `visit` everything, is finished; targets count from `on`.

    leaves_at: until when it can be taken back; None if it cannot.
    """
    until = leaves_at.isoformat() if leaves_at else None
    return _event(stamp, "PartFinished", subject, {"on": on.isoformat(), "leaves_at": until})


def referral_raised(
    stamp: Stamp, subject: str, *, partner: str, services: Sequence[str], reference: str, version: int, on: date
) -> Event:
    """A referral got its reference and went to the outbox; targets of an early urgent one count from `on`."""
    data = {
        "partner": partner,
        "services": list(services),
        "reference": reference,
        "version": version,
        "on": on.isoformat(),
    }
    return _event(stamp, "ReferralRaised", subject, data)


def referral_held(stamp: Stamp, subject: str, *, partner: str, services: Sequence[str], until: date) -> Event:
    """A request waits until a closed list opens again, and is then asked about anew."""
    return _event(
        stamp,
        "ReferralHeld",
        subject,
        {"partner": partner, "services": list(services), "until": until.isoformat()},
    )


def withdrawn(stamp: Stamp, subject: str, *, partner: str | None = None, keep_answers: bool = True) -> Event:
    """A person changed their mind about one partner, or with no partner about everything."""
    return _event(stamp, "Withdrawn", subject, {"partner": partner, "keep_answers": keep_answers})


def corrected(stamp: Stamp, subject: str, question: str, value: Value, *, told: str | None = None) -> Event:
    """A fact or an answer was wrong: the new value; the old one stays in the history. Targets do not restart."""
    event = _event(stamp, "Corrected", subject, {"question": question, "told": told})
    return _with(event, value=answer.to_json(value))


def outcome_received(stamp: Stamp, subject: str, *, reference: str, status: Mapping[str, Any]) -> Event:
    """A partner has answered a referral: the status as it came, apart from its seal."""
    return _event(stamp, "OutcomeReceived", subject, {"reference": reference, "status": dict(status)})


def undone(stamp: Stamp, event: Event) -> Event:
    """An event of this visit was taken back at once; the history keeps both."""
    return _event(stamp, "Undone", event.subject, {"event": event.id})


def _with(event: Event, **data: Any) -> Event:
    """The event with members whose value may be None, which says something in an answer."""
    return Event(
        id=event.id,
        type=event.type,
        v=event.v,
        at=event.at,
        offset_minutes=event.offset_minutes,
        clock_trusted=event.clock_trusted,
        device=event.device,
        by=event.by,
        subject=event.subject,
        data={**event.data, **data},
    )
