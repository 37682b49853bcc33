"""A visit played from a file: the same events, the same rules, no screen and no vault.

`checklist try` and `checklist test` play a file and look at what would come of it. Each day of the file is a step:
facts, answers and corrections first, then "no" to everything else where the file says so, then agreements to what is
offered by then. A part counts as finished on the last day that brings answers, or an answer to an offer never answered
before; urgent referrals are released on the day on which they are agreed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any, Final

from firstcontact.definitions.visits import Answered, SampleVisit, Step
from firstcontact.domain.agreement import Agreement, Put, Said
from firstcontact.domain.answer import Value
from firstcontact.domain.branching import Form
from firstcontact.domain.checklist import Question, Urgency
from firstcontact.domain.directory import Directory
from firstcontact.domain.events import (
    HOME,
    VISIT,
    VISITOR,
    Event,
    Stamp,
    agreement_recorded,
    answer_recorded,
    corrected,
    part_finished,
    person_added,
    referral_raised,
    visit_started,
)
from firstcontact.domain.instances import parts_of
from firstcontact.domain.offer import Offer, Recorded, Settlement, offers_due
from firstcontact.domain.referral import Referral, referrals_due
from firstcontact.domain.sheets import NOBODY, Sheets
from firstcontact.domain.visit import Visit

_REST_ROUNDS: Final = 5
"""How often "no" to the rest may make further questions relevant before we stop looking."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a played visit stands after its last step."""

    visit: Visit
    sheets: Sheets
    settlement: Settlement
    referrals: tuple[Referral, ...]
    rules: frozenset[str] = frozenset()
    """Ids of the rules that held after any step."""
    answers: frozenset[tuple[str, str]] = frozenset()
    """(question id, token) of every answer given in any step."""
    partners: frozenset[str] = frozenset()
    """Ids of the partners that were put before somebody, or rung, in any step."""


def play(sample: SampleVisit, form: Form, directory: Directory) -> Outcome:
    """Play every step of a file; the state after the last one is what counts."""
    player = _Player(sample, form, directory)
    for step in sample.steps:
        player.step(step)
    return player.outcome()


def as_json(outcome: Outcome) -> dict[str, Any]:
    """What `checklist try --json` prints."""
    checklist, settled = outcome.sheets.checklist, outcome.settlement
    return {
        "checklist": checklist.id,
        "version": checklist.version,
        "on": outcome.visit.on.isoformat(),
        "offers": [
            {
                "service": offer.service,
                "partner": offer.partner,
                "end": offer.end.value,
                "urgency": offer.urgency.value,
                "reasons": list(offer.reasons),
                "subject": offer.subject,
            }
            for offer in settled.offers
        ],
        "referrals": [_referral_json(referral) for referral in outcome.referrals],
        "recorded": [
            {"service": row.service, "end": row.end.value, "reason": row.reason, "subject": row.subject}
            for row in settled.recorded
        ],
        "handovers": [
            {"partner": row.partner, "services": list(row.services), "subject": row.subject}
            for row in settled.handovers
        ],
    }


def _referral_json(referral: Referral) -> dict[str, Any]:
    because = referral.urgent_because
    return {
        "partner": referral.partner,
        "services": list(referral.services),
        "urgency": referral.urgency.value,
        "urgent_because": None if because is None else because.get("en", next(iter(because.values()))),
        "subject": referral.subject,
        "names": list(referral.names),
        "reasons": list(referral.reasons),
        "fields": {pack: dict(values) for pack, values in referral.fields.items()},
        "contact_by": referral.contact_by.isoformat() if referral.contact_by else None,
        "ack_by": referral.ack_by.isoformat() if referral.ack_by else None,
    }


class _Player:
    def __init__(self, sample: SampleVisit, form: Form, directory: Directory) -> None:
        self.sample = sample
        self.numbers = count(1)
        self.day = sample.steps[0].on
        """The last day on which something was answered or agreed: lists are open or closed as of then."""
        checklist = form.checklist
        started = visit_started(
            self.stamp(),
            visit=sample.name,
            checklist=checklist.id,
            version=checklist.version,
            digest=checklist.digest,
            on=self.day,
            language=sample.language,
        )
        self.visit = Visit().then(started, *(person_added(self.stamp(), person) for person in sample.people))
        self.sheets = Sheets(form, directory, self.visit)
        self.rules: set[str] = set()
        self.answers: set[tuple[str, str]] = set()
        self.partners: set[str] = set()

    def stamp(self) -> Stamp:
        number = next(self.numbers)
        at = datetime.combine(self.day, time(), UTC)
        return Stamp(id=f"e{number}", at=at, offset_minutes=0, clock_trusted=True, device="file", by="file")

    def tell(self, events: Iterable[Event]) -> None:
        self.visit = self.visit.then(*events)
        self.sheets.keep_up(self.visit)

    def step(self, step: Step) -> None:
        first = step is self.sample.steps[0]
        before = self.day
        if first or step.answers or step.agreements:
            self.day = step.on
        self.tell(self._answers(step.facts if first else (), answer_recorded))
        self.tell(self._answers(step.answers, answer_recorded))
        self.tell(self._answers((*(() if first else step.facts), *step.corrections), corrected))
        if step.rest:
            self._rest()
        agreements = tuple(self._agreements(step, before))
        fresh = any((event.subject, event.data["partner"]) not in self.visit.agreements for event in agreements)
        self.tell(agreements)
        if first or step.answers or fresh:
            self.tell([part_finished(self.stamp(), VISIT, step.on)])
        self._release(step.on)
        self._note_reached()

    def outcome(self) -> Outcome:
        settled = offers_due(self.sheets, self.day)
        return Outcome(
            self.visit,
            self.sheets,
            settled,
            referrals_due(self.sheets, self.day, settled),
            frozenset(self.rules),
            frozenset(self.answers),
            frozenset(self.partners),
        )

    def _note_reached(self) -> None:
        settled = offers_due(self.sheets, self.day)
        for person in self.sheets.people:
            sheet = self.sheets.sheet(person)
            self.rules.update(rule.id for rule in self.sheets.checklist.rules if sheet.holds(rule.id))
        for rows in self.visit.answers.values():
            for node, value in rows.items():
                question = parts_of(node)[0]
                tokens = value if isinstance(value, tuple) else (str(value),)
                self.answers.update((question, token) for token in tokens)
        self.partners.update(row.partner for row in settled.offers if row.partner)
        self.partners.update(row.partner for row in settled.handovers)
        self.partners.update(row.partner for row in settled.recorded if row.partner)

    def _answers(self, rows: Iterable[Answered], make: Any) -> list[Event]:
        return [make(self.stamp(), row.subject, row.question, row.value) for row in rows]

    def _rest(self) -> None:
        """Answer "no" to every relevant main question that has no answer, and to those that become relevant by it."""
        for _ in range(_REST_ROUNDS):
            events = list(self._unasked())
            if not events:
                return
            self.tell(events)

    def _unasked(self) -> Iterator[Event]:
        for question in self.sheets.checklist.main_questions:
            for subject, person in self._asked(question):
                sheet = self.sheets.sheet(person)
                if question.id in self.visit.answers_of(subject) or not sheet.relevant(question.id):
                    continue
                value = self._no(question, person)
                if value is not None:
                    yield answer_recorded(self.stamp(), subject, question.id, value)

    def _asked(self, question: Question) -> Iterator[tuple[str, str]]:
        """(subject, whose sheet to look at) of everybody the question is put to."""
        first = self.sheets.people[0]
        if question.subject == "person":
            yield from ((person, person) for person in self.visit.people)
        else:
            yield (HOME if question.subject == "home" else VISITOR), first or NOBODY

    def _no(self, question: Question, person: str) -> Value:
        """The answer that says "nothing needed": no, none, or yes where no is the answer that matters (A1)."""
        if question.type == "yes-no":
            return "yes" if self._calls(question, person, "no") else "no"
        if question.type not in {"one-of", "any-of"}:
            return None
        spare = [choice.token for choice in question.choices if choice.exclusive]
        token = next((each for each in ("no", "none") if each in question.tokens), spare[0] if spare else None)
        return (token,) if token and question.type == "any-of" else token

    def _calls(self, question: Question, person: str, value: Value) -> bool:
        trial = self.sheets.sheet(person).copy()
        trial.record(question.id, value)
        return any(trial.holds(rule.id) for rule in self.sheets.checklist.rules_of(question.id))

    def _agreements(self, step: Step, before: date) -> Iterator[Event]:
        settled = offers_due(self.sheets, step.on)
        for asked, written in step.agreements:
            subject, by = self._whose(asked, written.partner, settled)
            given = replace(written, by=written.by or by)
            offers = self._offered(subject, given, settled, step.on)
            put = tuple(Put(offer.service, offer.urgency.value, offer.reasons) for offer in offers)
            earlier = self.visit.agreements.get((subject, given.partner))
            on = step.on
            if earlier is not None:
                if given.answer is Said.WITHDRAWN:
                    put = earlier.put
                if earlier.answer is given.answer and earlier.services >= {row.service for row in put}:
                    on = earlier.on or before
            yield agreement_recorded(self.stamp(), subject, replace(given, put=put, on=on))

    def _offered(self, subject: str, given: Agreement, settled: Settlement, on: date) -> tuple[Offer, ...]:
        """What a partner has to offer; of a home's, what it has for those who agreed to be named to it."""
        if subject != HOME or not given.people or len(self.visit.people) < 2:
            return settled.offers_of(subject, given.partner)
        named = self.visit.then(agreement_recorded(self.stamp(), subject, given))
        offers = offers_due(self.sheets.keep_up(named), on).offers_of(subject, given.partner)
        self.sheets.keep_up(self.visit)
        return offers

    def _whose(self, asked: str, partner: str, settled: Settlement) -> tuple[str, str | None]:
        """Whose offer an agreement is about: as written, or the only subject that this partner has an offer for."""
        if settled.offers_of(asked, partner) or (asked, partner) in self.visit.agreements:
            return asked, None
        rows: tuple[Offer | Recorded, ...] = (*settled.offers, *settled.recorded)
        subjects = list(dict.fromkeys(row.subject for row in rows if row.partner == partner))
        if asked in subjects or len(subjects) != 1:
            return asked, None
        return subjects[0], asked if asked in self.visit.people else None

    def _release(self, on: date) -> None:
        """Urgent referrals leave on the day on which they are agreed."""
        due = referrals_due(self.sheets, on)
        self.tell(
            referral_raised(
                self.stamp(),
                referral.subject,
                partner=referral.partner,
                services=referral.services,
                reference=f"{referral.subject}-{referral.partner}",
                version=1,
                on=on,
            )
            for referral in due
            if referral.urgency.rank >= Urgency.URGENT.rank
            and (referral.subject, referral.partner) not in self.visit.raised
        )
