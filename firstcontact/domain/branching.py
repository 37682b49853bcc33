"""What is relevant, what comes next, what is missing or in violation: a checklist as it is filled in.

A `Form` is a checklist made ready: one step for each question, calculation, rule and piece of advice, in an order in
which each stands after what it reads. A `Sheet` is the answers as one person sees them. An answer re-evaluates only
what reads it, in that order, with a queue and not with recursion: a chain of 5,000 questions is 5,000 steps, not 5,000
frames.

*Relevant*, *required*, *constraint* and *blank* are those of ODK XForms. An answer that becomes irrelevant is kept,
hidden, and counts as blank in every condition; if it becomes relevant again it is back. A follow-up is relevant only
while its main question is. A rule holds only while its question is relevant.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final, Literal, TypeAlias

from firstcontact.domain.answer import Standing, Text, Value
from firstcontact.domain.checklist import (
    DERIVED,
    FACTS,
    Advice,
    Checklist,
    Instead,
    OfferRule,
    Question,
    Raise,
    Urgency,
)
from firstcontact.domain.coercion import Result, bounded, truth
from firstcontact.domain.condition import Ast, addends, compile_condition, names_used, parse
from firstcontact.domain.dependencies import order
from firstcontact.domain.functions import FIRST_NAME, HERE, Frame, Node

RuleState: TypeAlias = "tuple[bool, int, int]"
"""Holds or not; index of the Raise that counts; index of the Instead that counts (-1: none)."""
ANSWERED_BY_SAYING: Final = frozenset({"note"})


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with an answer, to be shown beside its question."""

    question_id: str
    kind: Literal["constraint", "required", "choice", "too-long"]
    message: Text | None = None


@dataclass(slots=True, eq=False)
class _Step:
    """One node, ready to be worked out. `slot` is where its value stands in the frame, if it has one."""

    id: str
    kind: Literal["question", "calculation", "rule", "advice"]
    slot: int = -1
    parent: int = -1
    """Index of the node whose relevance this one needs."""
    node: Node | None = None
    raises: tuple[Node, ...] = ()
    instead: tuple[Node, ...] = ()
    readers: tuple[int, ...] = ()
    """Those that read this value."""
    followers: tuple[int, ...] = ()
    """Those that are relevant only while this is."""
    totals: tuple[int, ...] = ()
    """Those of `readers` that only add this value up, and so can follow it by the difference."""
    adds: frozenset[int] = frozenset()
    """Of such an addition: the slots that it adds up."""


class Form:
    """A checklist made ready to be filled in; shared by all sheets of it, never changed but for its caches."""

    def __init__(self, checklist: Checklist) -> None:
        self.checklist = checklist
        self._asts: dict[str, Ast] = dict(checklist.conditions)
        self._compiled: dict[str, Node] = {}
        self._by_id = checklist.by_id
        self._rules = {rule.id: rule for rule in checklist.rules}
        self._advice = {advice.id: advice for advice in checklist.advice}
        self._calculations = {calculation.id: calculation for calculation in checklist.calculations}
        names = checklist.order or order(checklist)
        self.index: dict[str, int] = {name: place for place, name in enumerate(names)}
        self._slots: dict[str, int] = {}
        for name in (*self._by_id, *self._calculations):
            self._slots[name] = FIRST_NAME + len(self._slots)
        by_fact = checklist.by_fact
        for name in sorted(FACTS | DERIVED):
            if name not in self._slots:
                asked = by_fact.get(name)
                # A fact is another name for the question that asks for it, or a slot of its own.
                self._slots[name] = self._slots[asked.id] if asked else FIRST_NAME + len(self._slots)
        self.width = FIRST_NAME + len(self._slots)
        self.blank_slot = self.width
        """Always blank: what a name reads that this checklist does not know."""
        self.fact_readers: dict[int, list[int]] = {}
        self.steps = self._link([self._step(name) for name in names])

    @classmethod
    def of(cls, checklist: Checklist) -> Form:
        """Make a checklist ready; a compiled one brings its conditions parsed and its order worked out."""
        return cls(checklist)

    def learn(self, conditions: Mapping[str, Ast]) -> None:
        """Add parsed conditions from elsewhere (a scheme's eligibility clauses), for `Sheet.test`."""
        self._asts.update(conditions)

    def names_of(self, text: str) -> frozenset[str]:
        """The names that a condition reads, as it writes them."""
        return names_used(self._ast(text))

    def node(self, text: str) -> Node:
        """A condition as a callable over a sheet's frame; a name that is not known here is blank."""
        found = self._compiled.get(text)
        if found is None:
            found = self._compiled[text] = compile_condition(self._ast(text), self.slot)
        return found

    def slot(self, name: str) -> int:
        """Where a name's value stands in the frame."""
        return self._slots.get(name, self.blank_slot)

    def knows(self, name: str) -> bool:
        """Whether a condition may use this name."""
        return name in self._slots

    def rule(self, rule_id: str) -> OfferRule:
        """The rule of this id. Raises: KeyError."""
        return self._rules[rule_id]

    def question(self, question_id: str) -> Question:
        """The question of this id. Raises: KeyError."""
        return self._by_id[question_id]

    def _ast(self, text: str) -> Ast:
        ast = self._asts.get(text)
        if ast is None:
            ast = self._asts[text] = parse(text)
        return ast

    def _step(self, name: str) -> tuple[_Step, set[int]]:
        """A node and the slots that it reads."""
        read: set[int] = set()

        def slot(used: str) -> int:
            place = self.slot(used)
            read.add(place)
            return place

        def node(text: str | None) -> Node | None:
            return None if text is None else compile_condition(self._ast(text), slot)

        def nodes(each: Iterable[Raise | Instead]) -> tuple[Node, ...]:
            return tuple(compile_condition(self._ast(one.when), slot) for one in each)

        step: _Step
        if name in self._by_id:
            question = self._by_id[name]
            parent = self.index[question.follow_up_of] if question.follow_up_of else -1
            step = _Step(name, "question", self._slots[name], parent, node(question.relevant))
        elif name in self._calculations:
            text = self._calculations[name].value
            step = _Step(name, "calculation", self._slots[name], -1, node(text))
            slots = [self.slot(each) for each in addends(self._ast(text))]
            if len(set(slots)) == len(slots):
                step.adds = frozenset(slots)
        elif name in self._rules:
            rule = self._rules[name]
            parent = self.index[rule.question_id]
            step = _Step(name, "rule", -1, parent, node(rule.when), nodes(rule.raises), nodes(rule.signposted))
        else:
            advice = self._advice[name]
            step = _Step(name, "advice", -1, self.index[advice.question_id], node(advice.when))
        return step, read

    def _link(self, built: list[tuple[_Step, set[int]]]) -> tuple[_Step, ...]:
        writer = {step.slot: place for place, (step, _) in enumerate(built) if step.slot >= 0}
        readers: list[list[int]] = [[] for _ in built]
        followers: list[list[int]] = [[] for _ in built]
        for place, (step, read) in enumerate(built):
            for slot in read:
                if slot in writer:
                    readers[writer[slot]].append(place)
                elif slot != self.blank_slot:
                    self.fact_readers.setdefault(slot, []).append(place)
            if step.parent >= 0:
                followers[step.parent].append(place)
        for step, _ in built:
            if not step.adds <= writer.keys():
                step.adds = frozenset()  # it adds a fact, whose changes are not followed
        for place, (step, _) in enumerate(built):
            step.readers, step.followers = tuple(readers[place]), tuple(followers[place])
            step.totals = tuple(reader for reader in readers[place] if step.slot in built[reader][0].adds)
        return tuple(step for step, _ in built)


class Sheet:
    """The answers as one person sees them: the home's, the visitor's and that person's together.

    form: the checklist made ready; today: the day that the visit is on; facts: what no question of this checklist asks
    (age, pension_age, postcode_district, and facts known from elsewhere).
    """

    __slots__ = ("_answers", "_differences", "_frame", "_relevant", "_rule_states", "form", "today")

    def __init__(
        self, form: Form, today: date, facts: Mapping[str, Value] | None = None, *, now: datetime | None = None
    ) -> None:
        self.form = form
        self.today = today
        self._answers: list[Value] = [None] * len(form.steps)
        self._relevant = bytearray(len(form.steps))
        self._rule_states: dict[int, RuleState] = {}
        self._differences: dict[int, int | None] = {}
        """Of a total that waits: what its addends changed by; None if it must be added up anew."""
        self._frame: Frame = [
            None,
            today,
            now or datetime.combine(today, time()),
            *[None] * (form.width - FIRST_NAME + 1),
        ]
        for name, value in (facts or {}).items():
            self._keep_fact(name, value)
        # The first time round everything is worked out, in order, so each step finds what it reads.
        changed: set[str] = set()
        waiting: list[int] = []
        queued = bytearray(b"\x01") * len(form.steps)
        for place in range(len(form.steps)):
            self._work_out(place, changed, waiting, queued)

    def record(self, question_id: str, value: Value) -> frozenset[str]:
        """Keep an answer and work out again what reads it.

        Returns: the ids of questions whose relevance changed, of calculations whose value changed, and of rules and
        advice that now hold or no longer hold, or hold with another urgency. The question's own id is not among them.
        Raises: KeyError, if the checklist has no such question.
        """
        place = self.form.index[question_id]
        step = self.form.steps[place]
        if step.kind != "question":
            raise KeyError(question_id)
        self._answers[place] = value
        if not self._relevant[place]:
            return frozenset()
        before = self._frame[step.slot]
        if value == before and type(value) is type(before):
            return frozenset()
        self._frame[step.slot] = value
        if step.totals:
            self._differ(step.totals, before, value)
        return self._spread(step.readers)

    def set_fact(self, name: str, value: Value) -> frozenset[str]:
        """Keep a fact that no question asks, or answer the question that asks for it; returns as record() does."""
        asked = self.form.checklist.by_fact.get(name)
        if asked is not None:
            return self.record(asked.id, value)
        if name in self.form.index:
            return self.record(name, value)
        if not self._keep_fact(name, value):
            return frozenset()
        return self._spread(self.form.fact_readers.get(self.form.slot(name), ()))

    def answer(self, question_id: str) -> Value:
        """The answer as kept, even while it is irrelevant."""
        return self._answers[self.form.index[question_id]]

    def value(self, name: str) -> Result:
        """What conditions see: of a question, a fact or a calculation; blank while irrelevant or not known."""
        return self._frame[self.form.slot(name)]  # type: ignore[no-any-return]

    def relevant(self, question_id: str) -> bool:
        """Whether the question is to be asked."""
        return bool(self._relevant[self.form.index[question_id]])

    def holds(self, rule_id: str) -> bool:
        """Whether a rule's, or a piece of advice's, `when` holds (and its question is relevant)."""
        return bool(self._relevant[self.form.index[rule_id]])

    def urgency(self, rule_id: str) -> tuple[Urgency, Raise | None]:
        """How urgent the rule's offer is, and what raised it: the highest that holds, of equals the first."""
        rule = self.form.rule(rule_id)
        raised = self._rule_states.get(self.form.index[rule_id], (False, -1, -1))[1]
        return (rule.raises[raised].to, rule.raises[raised]) if raised >= 0 else (rule.urgency, None)

    def signposted(self, rule_id: str) -> Instead | None:
        """What takes the place of the rule's offer, if anything does."""
        rule = self.form.rule(rule_id)
        instead = self._rule_states.get(self.form.index[rule_id], (False, -1, -1))[2]
        return rule.signposted[instead] if instead >= 0 else None

    def packs(self, rule_id: str) -> tuple[str, ...]:
        """The rule's packs, without those whose own condition does not hold."""
        rule = self.form.rule(rule_id)
        return tuple(code for code in rule.packs if code not in rule.pack_when or self.test(rule.pack_when[code]))

    def advice(self) -> tuple[Advice, ...]:
        """What is to be said or done now, in the checklist's order."""
        return tuple(each for each in self.form.checklist.advice if self.holds(each.id))

    def test(self, text: str) -> bool:
        """Whether a condition holds here; it may come from elsewhere (see Form.learn)."""
        return truth(self.work_out(text))

    def work_out(self, text: str) -> Result:
        """What an expression yields here."""
        self._frame[HERE] = None
        return self.form.node(text)(self._frame)

    def required(self, question_id: str) -> bool:
        """Whether the question is relevant and must not be left blank."""
        question = self.form.question(question_id)
        return question.required is not None and self.relevant(question_id) and self.test(question.required)

    def violations(self, question_id: str) -> tuple[Violation, ...]:
        """What is wrong with the answer: none while it is irrelevant, blank or a standing answer."""
        question = self.form.question(question_id)
        place = self.form.index[question_id]
        value = self._answers[place]
        if not self._relevant[place] or value is None or isinstance(value, Standing):
            return ()
        found: list[Violation] = []
        tokens = question.tokens
        if tokens:
            chosen: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)
            alone = {choice.token for choice in question.choices if choice.exclusive}
            if any(token not in tokens for token in chosen) or (len(chosen) > 1 and alone.intersection(chosen)):
                found.append(Violation(question_id, "choice"))
        if question.max_length is not None and isinstance(value, str) and len(value) > question.max_length:
            found.append(Violation(question_id, "too-long"))
        if question.constraint is not None:
            self._frame[HERE] = value
            if not truth(self.form.node(question.constraint)(self._frame)):
                found.append(Violation(question_id, "constraint", question.constraint_message))
        return tuple(found)

    def copy(self) -> Sheet:
        """Another sheet with the same answers, to ask "what if" without touching this one."""
        twin = Sheet.__new__(Sheet)
        twin.form, twin.today = self.form, self.today
        twin._answers, twin._relevant = self._answers[:], self._relevant[:]
        twin._rule_states, twin._frame = self._rule_states.copy(), self._frame[:]
        twin._differences = {}
        return twin

    def _keep_fact(self, name: str, value: Value) -> bool:
        """Put a fact where conditions read it; whether it is different now. Facts of no use here are left out."""
        asked = self.form.checklist.by_fact.get(name)
        place = self.form.index.get(asked.id if asked is not None else name)
        if place is not None:
            self._answers[place] = value
            return True
        slot = self.form.slot(name)
        before = self._frame[slot]
        if slot == self.form.blank_slot or (before == value and type(before) is type(value)):
            return False
        self._frame[slot] = value
        return True

    def _spread(self, first: Iterable[int]) -> frozenset[str]:
        waiting = list(first)
        if not waiting:
            return frozenset()
        heapq.heapify(waiting)
        queued = bytearray(len(self._relevant))
        for place in waiting:
            queued[place] = 1
        changed: set[str] = set()
        while waiting:
            place = heapq.heappop(waiting)
            queued[place] = 0
            self._work_out(place, changed, waiting, queued)
        return frozenset(changed)

    def _work_out(self, place: int, changed: set[str], waiting: list[int], queued: bytearray) -> None:
        """Work one step out, and queue what reads it if it is different now."""
        step = self.form.steps[place]
        frame = self._frame
        if step.kind == "calculation":
            before: Result = frame[step.slot]
            frame[HERE] = before
            value: Result = None
            difference = self._differences.pop(place, None) if step.adds else None
            if difference is not None and type(before) is int:
                value = bounded(before + difference)
            else:
                value = step.node(frame) if step.node else None
            relevant = True
        else:
            relevant = step.parent < 0 or bool(self._relevant[step.parent])
            if relevant and step.node is not None:
                relevant = truth(step.node(frame))
            if bool(self._relevant[place]) is not relevant:
                self._relevant[place] = relevant
                changed.add(step.id)
                _queue(step.followers, waiting, queued)
            if step.slot < 0:
                if step.raises or step.instead:
                    self._settle(place, step, relevant, changed)
                return
            before = frame[step.slot]
            value = self._answers[place] if relevant else None
        if value != before or type(value) is not type(before):
            frame[step.slot] = value
            if step.kind == "calculation":
                changed.add(step.id)
            if step.totals:
                self._differ(step.totals, before, value)
            _queue(step.readers, waiting, queued)

    def _differ(self, totals: tuple[int, ...], before: Result, value: Result) -> None:
        """Note for the totals of a value what it changed by; anything but whole numbers is added up anew."""
        by = value - before if type(before) is int and type(value) is int else None
        for place in totals:
            known = self._differences.get(place, 0)
            self._differences[place] = None if by is None or known is None else known + by

    def _settle(self, place: int, step: _Step, holds: bool, changed: set[str]) -> None:
        """Find what raises a rule's urgency, and what takes its place."""
        state: RuleState = (False, -1, -1)
        if holds:
            raises = self.form.rule(step.id).raises
            raised = -1
            for index, node in enumerate(step.raises):
                higher = raised < 0 or raises[index].to.rank > raises[raised].to.rank
                if higher and truth(node(self._frame)):
                    raised = index
            instead = next((index for index, node in enumerate(step.instead) if truth(node(self._frame))), -1)
            state = (True, raised, instead)
        if self._rule_states.get(place, (False, -1, -1)) != state:
            self._rule_states[place] = state
            changed.add(step.id)


def _queue(places: Iterable[int], waiting: list[int], queued: bytearray) -> None:
    for place in places:
        if not queued[place]:
            queued[place] = 1
            heapq.heappush(waiting, place)


def relevant_questions(sheet: Sheet, section_id: str | None = None) -> tuple[Question, ...]:
    """The questions to be asked, in the checklist's order; of one section (or group of facts) if named."""
    return tuple(
        question
        for question in sheet.form.checklist.questions
        if (section_id is None or question.section_id == section_id) and sheet.relevant(question.id)
    )


def next_question(sheet: Sheet, after: str | None, among: Callable[[Question], bool] | None = None) -> Question | None:
    """The first relevant question after this one that takes an answer; `after` None starts at the beginning.

    among: which questions this asking is about (one person's, not the facts asked when needed); all if None.
    """
    questions = sheet.form.checklist.questions
    start = 0 if after is None else sheet.form.checklist.place[after] + 1
    for question in questions[start:]:
        if question.type in ANSWERED_BY_SAYING or not sheet.relevant(question.id):
            continue
        if among is None or among(question):
            return question
    return None


def missing(sheet: Sheet) -> tuple[Question, ...]:
    """The relevant required questions that are blank, in the checklist's order."""
    return tuple(
        question
        for question in sheet.form.checklist.questions
        if question.required is not None and sheet.answer(question.id) is None and sheet.required(question.id)
    )
