"""The answers of a visit as each person sees them, kept up with the visit by recording only what changed.

Making a sheet re-evaluates a whole checklist; recording one answer only what depends on it. Screens therefore keep one
`Sheets` per open visit and hand it to whatever asks about offers, so that each answer costs one answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from firstcontact.domain.answer import Value, standing
from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import DERIVED, Checklist, OfferRule
from firstcontact.domain.directory import Directory, age_on, place_of, tidy_postcode
from firstcontact.domain.eligibility import Eligibility, band_of_age, is_adult, pension_age_reached
from firstcontact.domain.events import HOME, VISITOR
from firstcontact.domain.visit import Visit

NOBODY: Final = ""
"""Key of the sheet of a home while nobody has been added to the visit."""


class Sheets:
    """One sheet per person of one visit. Not a value: `keep_up` changes it."""

    def __init__(self, form: Form, directory: Directory, visit: Visit) -> None:
        self.form = form
        self.directory = directory
        self.eligibility = Eligibility(form.checklist, directory)
        self.visit = visit
        self._sheets: dict[str, Sheet] = {}
        self._seen: dict[tuple[str, str], Mapping[str, Value]] = {}
        self._cleared: dict[str, frozenset[tuple[str, str]]] = {}
        """Person -> what was cleared in the visit when their sheet was kept up last."""
        self._known: dict[str, dict[str, Value]] = {}
        own = form.by_id.keys() | {calculation.id for calculation in form.checklist.calculations}
        self._worked_out = sorted(DERIVED - own)
        """What the visit works out; a question or calculation that a form calls the same is the form's own."""
        rules: dict[str, list[tuple[int, OfferRule]]] = {}
        for place, rule in enumerate(form.checklist.rules):
            subject = rule.subject or form.checklist.by_id[rule.question_id].subject
            rules.setdefault(subject, []).append((place, rule))
        self._rules = {subject: tuple(rows) for subject, rows in rules.items()}
        self.keep_up(visit)

    @property
    def checklist(self) -> Checklist:
        """The checklist that the visit was started with."""
        return self.form.checklist

    def keep_up(self, visit: Visit) -> Sheets:
        """Read a later (or, after an undo, an earlier) state of the same visit."""
        if visit.on != self.visit.on:
            self._sheets, self._seen, self._cleared = {}, {}, {}
        self.visit = visit
        people = visit.people or (NOBODY,)
        for gone in set(self._sheets) - set(people):
            del self._sheets[gone]
            self._cleared.pop(gone, None)
            self._seen = {key: value for key, value in self._seen.items() if key[0] != gone}
        for person in people:
            sheet = self._sheets.get(person)
            if sheet is None:
                sheet = self._sheets[person] = Sheet(self.form, visit.on)
            changed = self._clear(sheet, person) if self.form.defaults else False
            for subject in (HOME, VISITOR, person):
                changed |= self._record(sheet, person, subject, visit.answers_of(subject))
            if changed or person not in self._known:
                self._derive(person, sheet)
        return self

    def sheet(self, person: str) -> Sheet:
        """The sheet of one person. Raises: KeyError."""
        return self._sheets[person]

    def rules_for(self, subject: str) -> tuple[tuple[int, OfferRule], ...]:
        """The rules that call for something for the home or a person, each with its place in the checklist."""
        return self._rules.get(HOME if subject == HOME else "person", ())

    @property
    def people(self) -> tuple[str, ...]:
        """Keys of all sheets, in the order of the visit; `NOBODY` alone while nobody has been added."""
        return self.visit.people or (NOBODY,)

    @property
    def adults(self) -> tuple[str, ...]:
        """The people who are 18 or over, or whose age is not known."""
        return tuple(person for person in self.people if is_adult(self._known[person], self.visit.on))

    def known(self, person: str) -> Mapping[str, Value]:
        """Facts and derived names of one person, the home's included."""
        return self._known[person]

    def fact(self, person: str, name: str) -> Value:
        """A fact as packs carry it: None where it is blank, not relevant, or a standing answer."""
        value = self._known.get(person, {}).get(name)
        return None if standing(value) else value

    @property
    def postcode(self) -> str | None:
        """The home's postcode, tidy; None where it is not known."""
        value = self.fact(self.people[0], "postcode")
        return tidy_postcode(value) if isinstance(value, str) else None

    def band(self, person: str) -> str | None:
        """The age band of a person, from the date of birth where that is known."""
        born = self.fact(person, "date_of_birth")
        if isinstance(born, date):
            question = self.checklist.by_fact.get("age_band")
            return band_of_age(age_on(born, self.visit.on), question.tokens) if question else None
        band = self.fact(person, "age_band")
        return band if isinstance(band, str) else None

    def _clear(self, sheet: Sheet, person: str) -> bool:
        """Blank the answers that were taken back since, so that no default comes again; after an undo it does."""
        before, cleared = self._cleared.get(person, frozenset()), self.visit.cleared
        self._cleared[person] = cleared
        for subject, node in sorted(before ^ cleared):
            if subject in (HOME, VISITOR, person) and self.form.knows_node(node):
                if (subject, node) in cleared:
                    sheet.record(node, None)
                elif node not in self.visit.answers_of(subject):
                    sheet.forget(node)
        return before != cleared

    def _record(self, sheet: Sheet, person: str, subject: str, answers: Mapping[str, Value]) -> bool:
        before = self._seen.get((person, subject), {})
        if before is answers:
            return False
        changed = False
        for node in before.keys() - answers.keys():
            if self.form.knows_node(node):
                # What was taken back is blank; what an undo took back is as if it had never been answered.
                if (subject, node) in self.visit.cleared:
                    sheet.record(node, None)
                else:
                    sheet.forget(node)
                changed = True
        for node, value in answers.items():
            if before.get(node) != value and self.form.knows_node(node):
                sheet.record(node, value)
                changed = True
        self._seen[person, subject] = answers
        return changed

    def _derive(self, person: str, sheet: Sheet) -> None:
        known: dict[str, Value] = {
            name: sheet.value(question.id) for name, question in self.checklist.by_fact.items() if name
        }
        born, on = known.get("date_of_birth"), self.visit.on
        postcode = known.get("postcode")
        place = place_of(postcode) if isinstance(postcode, str) else None
        known["age"] = age_on(born, on) if isinstance(born, date) else None
        known["pension_age"] = (
            pension_age_reached(self.directory, born, on) if isinstance(born, date) else self._pension_by_band(known)
        )
        known["postcode_district"] = place.outward if place else None
        before = self._known.get(person, {})
        for name in self._worked_out:
            if before.get(name) != known[name] or person not in self._known:
                sheet.set_fact(name, known[name])
        self._known[person] = known

    def _pension_by_band(self, known: Mapping[str, Value]) -> Value:
        """State Pension age where an age band decides it; blank where it does not."""
        reached = self.eligibility.pension_ages(known, self.visit.on)
        return reached.pop() if len(reached) == 1 else None
