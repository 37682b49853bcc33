"""What a visit's answers call for, before anybody asks who could do it.

A need is a service for a subject, with every rule that calls for it. A home's need is there as soon as it is there on
one adult's sheet: its rules look at the home's answers, and now and then at a fact of a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from firstcontact.domain.answer import Standing, Text, Value
from firstcontact.domain.branching import Sheet
from firstcontact.domain.checklist import OfferRule, Raise, Urgency
from firstcontact.domain.events import HOME
from firstcontact.domain.sheets import Sheets


@dataclass(frozen=True, slots=True)
class Call:
    """One rule that holds."""

    place: int
    """Of the rule, in the checklist's order."""
    rule: OfferRule
    urgency: Urgency = Urgency.ROUTINE
    because: Raise | None = None
    instead: str | None = None
    """What takes the place of an offer (landlord), whoever serves the area."""
    say: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A service that a subject needs."""

    service: str
    subject: str
    calls: tuple[Call, ...]
    """In the checklist's order, those that only add a reason included."""
    already: bool = False
    """Somebody helps with it already."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The main questions behind it, each once, in the checklist's order."""
        return tuple(dict.fromkeys(call.rule.question_id for call in self.calls))

    @property
    def place(self) -> int:
        """Where it stands in the checklist: the place of the first rule that calls for it."""
        return self.calls[0].place

    @property
    def urgency(self) -> Urgency:
        """The highest of its rules."""
        return max((call.urgency for call in self.calls), key=lambda urgency: urgency.rank)

    @property
    def because(self) -> Raise | None:
        """What made it urgent: of the first rule, in the checklist's order, that is as urgent as the whole."""
        highest = self.urgency
        if highest.rank < Urgency.URGENT.rank:
            return None
        return next((call.because for call in self.calls if call.urgency is highest and call.because), None)

    def joined(self, other: Need) -> Need:
        """This need and another of the same service as one."""
        calls = {call.rule.id: call for call in (*self.calls, *other.calls)}
        return replace(self, calls=tuple(sorted(calls.values(), key=lambda call: call.place)))


def needs_of(sheets: Sheets) -> tuple[Need, ...]:
    """Every need of the home and of each person, in no particular order, one per service and subject."""
    found: list[Need] = []
    for subject, people in _subjects(sheets):
        asked = tuple(sheets.sheet(person) for person in people)
        needs = _needs(sheets, subject, asked)
        for already in _already(sheets, subject, asked[0]):
            if already.service not in needs:
                needs[already.service] = already
        found.extend(needs.values())
    return tuple(found)


def _subjects(sheets: Sheets) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield HOME, sheets.adults or sheets.people
    for person in sheets.visit.people:
        yield person, (person,)


def _needs(sheets: Sheets, subject: str, asked: tuple[Sheet, ...]) -> dict[str, Need]:
    calls: dict[str, list[Call]] = {}
    added: list[Call] = []
    for place, rule in sheets.rules_for(subject):
        call = _call(place, rule, asked)
        if call is None:
            continue
        if rule.kind == "adds-reason":
            added.append(call)
        else:
            calls.setdefault(rule.service, []).append(call)
    for call in added:
        if call.rule.service in calls:
            calls[call.rule.service].append(call)
    return {
        service: Need(service=service, subject=subject, calls=tuple(sorted(rows, key=lambda call: call.place)))
        for service, rows in calls.items()
    }


def _call(place: int, rule: OfferRule, asked: tuple[Sheet, ...]) -> Call | None:
    sheet = next((sheet for sheet in asked if sheet.holds(rule.id)), None)
    if sheet is None:
        return None
    urgency, because = sheet.urgency(rule.id)
    instead = sheet.signposted(rule.id)
    if instead is not None:
        return Call(place, rule, urgency, because, instead.to, instead.say)
    return Call(place, rule, urgency, because, None, rule.say)


def _already(sheets: Sheets, subject: str, sheet: Sheet) -> Iterator[Need]:
    """Needs that somebody meets already: what the question would call for had it been answered the way that counts."""
    asked_of = dict.fromkeys((HOME, subject))
    answers = [pair for asked in asked_of for pair in sheets.visit.answers_of(asked).items()]
    helped = {question for question, value in answers if value is Standing.ALREADY_GETTING_HELP}
    if not helped:
        return
    calls: dict[str, list[Call]] = {}
    for place, rule in sheets.rules_for(subject):
        question = rule.question_id
        if question not in helped or rule.kind == "adds-reason" or not sheet.relevant(question):
            continue
        if any(_would_hold(sheet, question, value, rule) for value in _answers(sheets, question)):
            calls.setdefault(rule.service, []).append(Call(place, rule))
    for service, rows in calls.items():
        yield Need(service=service, subject=subject, calls=tuple(rows), already=True)


def _would_hold(sheet: Sheet, question_id: str, value: Value, rule: OfferRule) -> bool:
    trial = sheet.copy()
    trial.record(question_id, value)
    return trial.holds(rule.id)


def _answers(sheets: Sheets, question_id: str) -> tuple[Value, ...]:
    """Answers that could call for something: each one, or for an any-of question everything at once."""
    question = sheets.checklist.by_id[question_id]
    if question.type == "any-of":
        return (tuple(choice.token for choice in question.choices if not choice.exclusive),)
    return question.tokens
