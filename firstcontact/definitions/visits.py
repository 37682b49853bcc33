"""An answers file, read against a checklist and a scheme: what was known, answered and agreed, day by day.

A choice may be written as its token, as its label, or as words of its label that no other choice has ("burgled" for
"burgled in the last 12 months"); a standing answer as its token or in words ("don't know"). A person's question under
`home`, or a home's under a person, goes where it belongs if there is only one place for it. Anything else that the
checklist or the scheme does not know is an error, with file, line, column and the nearest known name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from firstcontact.definitions.problems import DefinitionError, DefinitionProblem
from firstcontact.definitions.visit_models import SCHEMAS, AgreementModel, AnswersModel, StepModel
from firstcontact.definitions.wording import answer_of, slug
from firstcontact.definitions.yaml import Node, build, read_yaml
from firstcontact.domain.agreement import Agreement, Decider, How, Said
from firstcontact.domain.answer import NotAnAnswer, Value, words
from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import Checklist, Question
from firstcontact.domain.condition import names_used, nearest, paths_used
from firstcontact.domain.directory import Directory
from firstcontact.domain.events import HOME, VISITOR
from firstcontact.domain.instances import node_id

__all__ = ["SCHEMAS", "Answered", "SampleVisit", "Step", "load_visit", "visit_of"]

_FACT_OF: Final[Mapping[str, str]] = {
    "preferred": "preferred_name",
    "born": "date_of_birth",
    "text": "text_message",
    "gp": "gp_practice",
    "relationship": "other_relationship",
    "agreed": "other_agreed",
    "with": "lives_with",
    "ring_safe": "ring",
}
"""Names of facts in answers files that differ from the checklist's."""
_SAID: Final[Mapping[str, Said]] = {**{said.value: said for said in Said}, "declined": Said.NO, "refused": Said.NO}
_YEARS: Final = range(2000, 2101)
_NOT_GIVEN: Final = frozenset({"", "not-given", "unknown", "null", "none-given", "~"})


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer to one question."""

    subject: str
    question: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One day of the visit."""

    on: date
    facts: tuple[Answered, ...] = ()
    answers: tuple[Answered, ...] = ()
    corrections: tuple[Answered, ...] = ()
    agreements: tuple[tuple[str, Agreement], ...] = ()
    """(subject, agreement) in the file's order; which services they are about is known only when they are played."""
    rest: bool = False
    """What is not listed was asked and answered no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleVisit:
    """A visit as a file tells it."""

    name: str
    title: str
    people: tuple[str, ...]
    steps: tuple[Step, ...]
    """The day of the visit first."""
    expect: Mapping[str, tuple[Mapping[str, Any], ...]] | None = None
    """List name -> rows, as text; a list that is not there is not compared."""
    pending: tuple[str, ...] = ()
    language: str = "en"


def load_visit(
    path: Path, checklist: Checklist, directory: Directory, *, on: date | None = None, otherwise: date | None = None
) -> SampleVisit:
    """Read an answers file. `on` beats the file's own day, which beats `otherwise`.

    Raises: DefinitionError, with everything that is wrong.
    """
    return visit_of(read_yaml(path), path.stem, checklist, directory, on=on, otherwise=otherwise)


def visit_of(
    node: Node,
    name: str,
    checklist: Checklist,
    directory: Directory,
    *,
    on: date | None = None,
    otherwise: date | None = None,
) -> SampleVisit:
    """The visit that a tree tells; `name` where it names none itself. As `load_visit` otherwise."""
    model = build(AnswersModel, node)
    day = on or model.on or otherwise
    if day is None:
        raise DefinitionError([node.problem("the field 'on' is missing, and no other day was given")])
    problems = list(_days(node, model, day, given=on))
    if problems:
        raise DefinitionError(problems)
    reader = _Reader(node, model, checklist, directory, day)
    visit = reader.read(name)
    if reader.problems:
        raise DefinitionError(reader.problems)
    return visit


def _days(node: Node, model: AnswersModel, day: date, *, given: date | None) -> Iterable[DefinitionProblem]:
    """What is wrong with the days of a file: no day of a visit, or steps that go back in time."""
    rows = [(day, node.at("on"))]
    rows += [(later.on, node.at("later", index, "on")) for index, later in enumerate(model.later)]
    for each, place in rows:
        if each.year not in _YEARS:
            yield place.problem(f"a visit is between {_YEARS[0]} and {_YEARS[-1]}, not on {each}")
    for (before, _), (after, place) in pairwise(rows if given is None else rows[1:]):
        if after < before:
            yield place.problem(f"{after} comes before {before}: the steps stand in the order of their days")


@dataclass
class _Reader:
    node: Node
    model: AnswersModel
    checklist: Checklist
    directory: Directory
    day: date
    """The day of the visit."""
    problems: list[DefinitionProblem] = field(default_factory=list)
    _sheet: Sheet | None = None

    @cached_property
    def form(self) -> Form:
        """The checklist made ready: it knows which questions there can be."""
        return Form.of(self.checklist)

    def read(self, name: str) -> SampleVisit:
        """The whole file; problems are collected."""
        model = self.model
        steps = [self._step(model, self.node, self.day, rest=model.rest == "no")]
        for index, later in enumerate(model.later):
            rest = model.rest == "no" or later.rest == "no"
            steps.append(self._step(later, self.node.at("later", index), later.on, rest=rest))
        expect = None
        if model.expect is not None:
            expect = {key: rows for key, rows in model.expect.model_dump().items() if rows is not None}
        return SampleVisit(
            name=model.visit or name,
            title=model.title or model.story or "",
            people=self._people(),
            steps=tuple(steps),
            expect=expect,
            pending=model.pending,
            language=model.language or "en",
        )

    def _people(self) -> tuple[str, ...]:
        """Keys of the people, in the order in which the file names them first."""
        keys = dict.fromkeys(self.model.people)
        if not keys:
            keys = dict.fromkeys(key for key in self.model.answers if key not in {HOME, VISITOR})
        return tuple(keys)

    def _step(self, model: AnswersModel | StepModel, node: Node, on: date, *, rest: bool) -> Step:
        facts = [*self._facts(HOME, model.home.model_dump(exclude_none=True), node.at("home"))]
        for person, row in model.people.items():
            where = node.at("people", person)
            if person in {HOME, VISITOR}:
                self.problems.append(where.problem(f"'{person}' cannot be the key of a person"))
            elif self._subject(person, node.at("people"), person):
                facts.extend(self._facts(person, row.model_dump(exclude_none=True), where))
        corrections: list[Answered] = []
        if isinstance(model, StepModel):
            corrections.extend(self._corrections(model, node.at("corrections")))
        return Step(
            on=on,
            facts=tuple(facts),
            answers=tuple(self._answers(model.answers, node.at("answers"))),
            corrections=tuple(corrections),
            agreements=tuple(self._agreements(model, node.at("agreements"))),
            rest=rest,
        )

    def _corrections(self, model: StepModel, node: Node) -> Iterable[Answered]:
        for subject, rows in model.corrections.items():
            where = node.at(subject)
            if subject in {"people", "answers"} and subject not in self._people():
                for inner, values in rows.items():
                    if self._subject(inner, where, inner) and isinstance(values, dict):
                        yield from self._mixed(inner, values, where.at(inner))
            elif self._subject(subject, node, subject):
                yield from self._mixed(subject, rows, where)

    def _mixed(self, subject: str, rows: Mapping[str, Any], node: Node) -> Iterable[Answered]:
        """Facts by their names and answers by their questions' ids, in one mapping."""
        for key, value in rows.items():
            if self.form.knows_node(key):
                yield from self._answer(subject, key, value, node)
            else:
                yield from self._facts(subject, {key: value}, node)

    def _subject(self, subject: str, node: Node, key: str) -> bool:
        known = (HOME, VISITOR, *self._people())
        if subject in known:
            return True
        place = node.keys.get(key, node)
        self.problems.append(place.problem(f"'{subject}' is nobody in this file", nearest(subject, known)))
        return False

    def _facts(self, subject: str, rows: Mapping[str, Any], node: Node, prefix: str = "") -> Iterable[Answered]:
        """Facts by their names in answers files."""
        for key, value in rows.items():
            if key == "other" and isinstance(value, dict):
                yield from self._facts(subject, _without_blanks(value), node.at(key), "other_")
                continue
            fact = _FACT_OF.get(key, key)
            fact = f"{prefix}{fact}" if prefix and not fact.startswith(prefix) else fact
            question = self.checklist.by_fact.get("other_name" if fact == "other" else fact)
            if question is None:
                place = node.keys.get(key, node)
                self.problems.append(place.problem(f"no question of {self.checklist.id} asks for '{key}'"))
                continue
            yield from self._value(subject, question, value, node.at(key))

    def _answers(self, answers: Mapping[str, Mapping[str, Any]], node: Node) -> Iterable[Answered]:
        for subject, rows in answers.items():
            if self._subject(subject, node, subject):
                for question, value in rows.items():
                    yield from self._answer(subject, question, value, node.at(subject))

    def _answer(self, subject: str, question_id: str, value: Any, node: Node) -> Iterable[Answered]:
        question = self.form.question(question_id) if self.form.knows_node(question_id) else None
        around = self.form.repeated.get(question_id)
        if question is not None and around is not None:
            instance = node_id(question_id, (1,) * len(around))
            told = f"'{question_id}' is asked again and again: say of which one, such as {instance}"
            self.problems.append(node.keys.get(question_id, node).problem(told))
        elif question is None:
            known = nearest(question_id, self.checklist.by_id)
            place = node.keys.get(question_id, node)
            self.problems.append(place.problem(f"'{question_id}' is no question of {self.checklist.id}", known))
        elif isinstance(value, dict):
            prefix = "other_" if (question.fact or "").startswith("other_") else ""
            yield from self._facts(subject, value, node.at(question_id), prefix)
        else:
            yield from self._value(subject, question, value, node.at(question_id))

    def _value(self, subject: str, question: Question, value: Any, node: Node) -> Iterable[Answered]:
        owner = self._owner(subject, question)
        if owner is None:
            whose = {"home": "the home", "visitor": "the visitor"}.get(question.subject, "a person")
            self.problems.append(node.problem(f"{question.id} is asked of {whose}, not of {subject}"))
            return
        if question.read_only or (question.calculation is not None and not question.trigger):
            self.problems.append(node.problem(f"{question.id} is only shown, and takes no answer"))
            return
        given = value if isinstance(value, tuple | list) else (str(value),)
        if question.fact and len(given) == 1 and slug(given[0]) in _NOT_GIVEN:
            return
        try:
            answer = answer_of(question, tuple(str(item) for item in given))
        except NotAnAnswer as wrong:
            near = getattr(wrong, "suggestion", None)
            self.problems.append(node.problem(f"{question.id}: {wrong}", near))
            return
        if self._cannot_be(question, answer):
            why = words(question.constraint_message, "en") if question.constraint_message else "this cannot be so"
            self.problems.append(node.problem(f"{question.id}: {why}"))
        yield Answered(owner, question.id, answer)

    def _cannot_be(self, question: Question, answer: Value) -> bool:
        """Whether an answer breaks a constraint that looks at nothing but the answer itself and the day."""
        if question.constraint is None:
            return False
        condition = self.checklist.conditions[question.constraint]
        if names_used(condition) or paths_used(condition):
            return False
        if self._sheet is None:
            self._sheet = Sheet(self.form, self.day)
        self._sheet.record(question.id, answer)
        return any(each.kind == "constraint" for each in self._sheet.violations(question.id))

    def _owner(self, subject: str, question: Question) -> str | None:
        """Whose answer it is: as written, or where it belongs if there is only one such place."""
        people = self._people()
        if question.subject == "person":
            return subject if subject in people else people[0] if len(people) == 1 else None
        return HOME if question.subject == "home" else VISITOR

    def _agreements(self, model: AnswersModel | StepModel, node: Node) -> Iterable[tuple[str, Agreement]]:
        known = [partner.id for partner in self.directory.partners]
        for subject, rows in model.agreements.items():
            if not self._subject(subject, node, subject):
                continue
            for partner, row in rows.items():
                place = node.at(subject)
                if partner not in known:
                    key = place.keys.get(partner, place)
                    self.problems.append(key.problem(f"'{partner}' is no partner", nearest(partner, known)))
                    continue
                agreement = self._agreement(partner, row, place.at(partner))
                if agreement is not None:
                    yield subject, agreement

    def _agreement(self, partner: str, row: str | AgreementModel, node: Node) -> Agreement | None:
        model = AgreementModel(answer=row) if isinstance(row, str) else row
        said = _SAID.get(slug(model.answer))
        if said is None:
            place, known = node.at("answer"), ", ".join(each.value for each in Said)
            self.problems.append(place.problem(f"'{model.answer}' is none of: {known}", nearest(model.answer, _SAID)))
            return None
        people = self._people()
        named = (model.named,) if isinstance(model.named, str) else model.named
        for key in dict.fromkeys((*(named or ()), *((model.by,) if model.by else ()))):
            if key not in people and ((named and key in named) or model.decider is None):
                self.problems.append(node.problem(f"'{key}' is nobody in this file", nearest(key, people)))
        return Agreement(
            partner=partner,
            answer=said,
            by=model.by if model.by in people else None,
            named=named,
            decider=self._one(Decider, model.decider, Decider.PERSON, node.at("decider")),
            decided_by=model.decided_by or (model.by if model.by not in people else None),
            how=self._one(How, model.how, How.SPOKEN, node.at("how")),
            present=(model.present,) if isinstance(model.present, str) else model.present,
            health=self._yes_no(model.health, node.at("health")),
            feedback=self._yes_no(model.feedback, node.at("feedback")),
            reason=model.reason,
            rang=_rang(model.rang),
        )

    def _one(self, kind: Any, text: str | None, default: Any, node: Node) -> Any:
        if text is None:
            return default
        known = [member.value for member in kind]
        found = next((member for member in kind if slug(text) in {member.value, slug(member.name)}), None)
        if found is None:
            self.problems.append(node.problem(f"'{text}' is none of: {', '.join(known)}", nearest(text, known)))
        return found or default

    def _yes_no(self, text: str | None, node: Node) -> bool | None:
        if text is None:
            return None
        if slug(text) not in {"yes", "no"}:
            self.problems.append(node.problem(f"yes or no is expected here, not '{text}'"))
        return slug(text) == "yes"


def _rang(told: str | Mapping[str, str] | None) -> Mapping[str, str] | None:
    """What is recorded of a call; "no" is no call."""
    if isinstance(told, str):
        return None if slug(told) in {"no", *_NOT_GIVEN} else {"words": told}
    return told


def _without_blanks(rows: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in rows.items() if value is not None}
