"""Working out what follows from answers, step by step with a queue: the engine under a `Sheet`.

An answer re-evaluates only what reads it, in the plan's order: a chain of 5,000 questions is 5,000 steps, not 5,000
frames. Where the number of a repeat's instances changes, another plan is taken and worked out anew.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, Final, TypeAlias

from firstcontact.domain.answer import Standing, Value
from firstcontact.domain.casting import cast
from firstcontact.domain.checklist import Calculation, Question
from firstcontact.domain.coercion import Result, bounded, number, truth
from firstcontact.domain.dependencies import COUNT
from firstcontact.domain.form import Form
from firstcontact.domain.functions import HERE, Frame
from firstcontact.domain.instances import MAX_INSTANCES, MAX_NODES, Path, node_id, parts_of, paths
from firstcontact.domain.plan import Plan, Step

RuleState: TypeAlias = "tuple[bool, int, int]"
"""Holds or not; index of the Raise that counts; index of the Instead that counts (-1: none)."""

_ROUNDS: Final = 60
"""How often the number of instances may change because of itself before it is left as it is."""
_PATIENCE: Final = 30
"""How often, on average, a step may be worked out for one answer before a circle of instances is left as it is."""


class Working:
    """The answers kept, the frame that conditions read, and what is relevant and holds because of them."""

    __slots__ = (
        "_answers",
        "_counted",
        "_differences",
        "_frame",
        "_plan",
        "_relevant",
        "_rule_states",
        "_stale",
        "_touched",
        "form",
        "today",
    )

    def __init__(self, form: Form, today: date, facts: Mapping[str, Value] | None, now: datetime | None) -> None:
        self.form = form
        self.today = today
        self._answers: dict[str, Value] = {}
        """Node -> answer as kept, even of instances that are not there."""
        self._touched: set[str] = set()
        """Nodes that were recorded or had their default: no default comes again."""
        self._counted: dict[str, int] = {}
        """Of each count that is worked out: how many instances it asks for."""
        self._rule_states: dict[str, RuleState] = {}
        self._differences: dict[int, int | None] = {}
        """Of a total that waits: what its addends changed by; None if it must be added up anew."""
        self._stale = False
        """Whether there may be other instances now than the plan has."""
        self._frame: Frame = [None, today, now or datetime.combine(today, time())]
        self._plan = form.first
        self._relevant = bytearray()
        self._take(form.first)
        for name, value in (facts or {}).items():
            self._keep_fact(name, value)
        self._work_out_all()
        if form.defaults:
            self._fill_in()
        if self._stale:
            self._settle_instances()

    def _take(self, plan: Plan) -> None:
        """Work with this plan from now on; nothing is worked out yet, but once() finds what it gave."""
        self._room()
        for step in self._plan.steps:
            if step.slot >= 0 and step.id not in plan.index:
                self._frame[step.slot] = None
        self._plan = plan
        self._relevant = bytearray(len(plan.steps))
        self._rule_states = {}
        self._differences = {}
        self._counted = {}

    def _room(self) -> None:
        """Let the frame have every slot that the form has given by now."""
        missing = self.form.width - len(self._frame)
        if missing > 0:
            self._frame.extend([None] * missing)

    def _work_out_all(self) -> None:
        """Everything, in order, so that each step finds what it reads."""
        size = len(self._plan.steps)
        changed: set[str] = set()
        waiting: list[int] = []
        queued = bytearray(b"\x01") * size
        for place in range(size):
            self._work_out(place, changed, waiting, queued)
            queued[place] = 0
        if waiting:
            self._drain(waiting, queued, changed)

    def _spread(self, first: Iterable[int]) -> frozenset[str]:
        waiting = list(first)
        if not waiting:
            return frozenset()
        heapq.heapify(waiting)
        queued = bytearray(len(self._relevant))
        for place in waiting:
            queued[place] = 1
        changed: set[str] = set()
        self._drain(waiting, queued, changed)
        return frozenset(changed)

    def _drain(self, waiting: list[int], queued: bytearray, changed: set[str]) -> None:
        # What instances take from each other, and choices that rule each other out, can go round in circles; a
        # checklist's own circles are refused.
        patience = _PATIENCE * len(queued) + 1000
        while waiting and patience != 0:
            place = heapq.heappop(waiting)
            queued[place] = 0
            self._work_out(place, changed, waiting, queued)
            patience -= 1

    def _work_out(self, place: int, changed: set[str], waiting: list[int], queued: bytearray) -> None:
        """Work one step out, and queue what reads it if it is different now."""
        step = self._plan.steps[place]
        frame = self._frame
        relevant = step.parent < 0 or bool(self._relevant[step.parent])
        if relevant and step.node is not None:
            relevant = truth(step.node(frame))
        if bool(self._relevant[place]) is not relevant:
            self._relevant[place] = relevant
            if step.kind != "block":
                changed.add(step.id)
            _queue(step.followers, waiting, queued)
        if step.slot < 0:
            if step.raises or step.instead:
                self._settle(step, relevant, changed)
            elif step.kind == "count":
                self._count(step)
            return
        before: Result = frame[step.slot]
        value: Result
        if not relevant:
            value = None
        elif step.value is None:
            value = self._offered(step, self._answers.get(step.id))
        else:
            value = self._value_of(place, step, before)
        if value != before or type(value) is not type(before):
            frame[step.slot] = value
            if step.value is not None:
                changed.add(step.id)
            if step.totals:
                self._differ(step.totals, before, value)
            _queue(step.readers, waiting, queued)

    def _value_of(self, place: int, step: Step, before: Result) -> Result:
        """What a calculation, or a question that is calculated, comes to."""
        if step.adds:
            difference = self._differences.pop(place, None)
            if difference is not None and type(before) is int:
                return bounded(before + difference)
        frame = self._frame
        frame[HERE] = before
        value: Result = step.value(frame) if step.value is not None else None
        if step.kind == "question":
            question = self.form.question(step.id)
            value = self._answers[step.id] = _known(question, cast(question.type, value))
            value = self._offered(step, value)
        return value

    def _offered(self, step: Step, value: Value) -> Value:
        """An answer as far as it is among the choices that are offered now: it is back when they are."""
        if not step.filtered or value is None or isinstance(value, Standing):
            return value
        question = self.form.question(step.id)
        offered = self._plan.filter(question, parts_of(step.id)[1])
        self._room()
        self._frame[HERE] = value
        return _among(value, {question.choices[place].token for place in offered(self._frame)})

    def _differ(self, totals: tuple[int, ...], before: Result, value: Result) -> None:
        """Note for the totals of a value what it changed by; anything but whole numbers is added up anew."""
        by = value - before if type(before) is int and type(value) is int else None
        for place in totals:
            known = self._differences.get(place, 0)
            self._differences[place] = None if by is None or known is None else known + by

    def _settle(self, step: Step, holds: bool, changed: set[str]) -> None:
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
        if self._rule_states.get(step.id, (False, -1, -1)) != state:
            self._rule_states[step.id] = state
            changed.add(step.id)

    def _count(self, step: Step) -> None:
        amount = number(step.value(self._frame)) if step.value is not None else None
        wanted = 0 if amount is None else max(0, min(int(amount), MAX_INSTANCES))
        if self._counted.get(step.id) != wanted:
            self._counted[step.id] = wanted
            self._stale = True

    def _wanted(self) -> dict[tuple[str, Path], int]:
        """How many instances there should be, by the counts worked out and by what the visitor added.

        Repeats inside repeats multiply: where there would be more than MAX_NODES, the last ones are left out.
        """
        counts: dict[tuple[str, Path], int] = {}
        room = MAX_NODES
        for block in self.form.repeats:
            weight = self.form.weights[block.id]
            for outer in paths(counts, self.form.repeats_of(block.parent)):
                if block.count is not None:
                    there = self._counted.get(node_id(block.id + COUNT, outer), 0)
                else:
                    there = 0
                    while there < MAX_INSTANCES and self._answers.get(node_id(block.id, (*outer, there + 1))) == "yes":
                        there += 1
                there = min(there, room // weight)
                if there:
                    counts[block.id, outer] = there
                    room -= there * weight
        return counts

    def _settle_instances(self) -> frozenset[str]:
        """Take the plan that has as many instances as there should be. Returns: what changed by that, as record()."""
        self._stale = False
        counts = self._wanted()
        if counts == self._plan.counts:
            return frozenset()
        before = self._seen()
        for _ in range(_ROUNDS):
            self._take(self.form.plan(counts))
            self._work_out_all()
            if self.form.defaults:
                self._fill_in()
            self._stale = False
            wanted = self._wanted()
            if wanted == counts:
                break
            counts = wanted
        after = self._seen()
        return frozenset(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))

    def _seen(self) -> dict[str, Any]:
        """What record() tells the changes of: relevance, calculated values, and how rules stand."""
        found: dict[str, Any] = {}
        for place, step in enumerate(self._plan.steps):
            relevant = bool(self._relevant[place])
            if step.value is not None and step.slot >= 0:
                value = self._frame[step.slot]
                found[step.id] = (relevant, type(value), value)
            elif step.kind == "rule":
                found[step.id] = (relevant, self._rule_states.get(step.id))
            elif step.kind != "block" and step.kind != "count":
                found[step.id] = relevant
        return found

    def _fill_in(self) -> None:
        """Give questions that are new here their defaults, in document order."""
        for question in self.form.defaults:
            for path in paths(self._plan.counts, self.form.repeated.get(question.id, ())):
                node = node_id(question.id, path)
                if node in self._touched or question.default is None:
                    continue
                self._touched.add(node)
                result = self._plan.condition(question.default, question.id, path)
                self._room()
                self._frame[HERE] = None
                value = _known(question, cast(question.type, result(self._frame)))
                if value is not None:
                    self._answers[node] = value
                    place = self._plan.index[node]
                    if self._relevant[place] and self._plan.steps[place].value is None:
                        self._change(place, value)

    def _change(self, place: int, value: Value) -> frozenset[str]:
        """Put an answer where conditions read it, and work out again what does."""
        step = self._plan.steps[place]
        value = self._offered(step, value)
        before = self._frame[step.slot]
        if value == before and type(value) is type(before):
            return frozenset()
        self._frame[step.slot] = value
        if step.totals:
            self._differ(step.totals, before, value)
        return self._spread(step.readers)

    def _trigger(self, node: str) -> frozenset[str]:
        """Work out once what waits for this node to be changed, and what waits for that; each at most once."""
        changed: set[str] = set()
        waiting, done = [node], {node}
        while waiting:
            name, path = parts_of(waiting.pop(0))
            for each in self.form.triggered.get(name, ()):
                around = self.form.repeated.get(each.id, ())
                shared = self.form.repeated.get(name, ())
                for own in paths(self._plan.counts, around, path if around[: len(shared)] == shared else ()):
                    target = node_id(each.id, own)
                    if target in done:
                        continue
                    done.add(target)
                    waiting.append(target)
                    changed |= self._set_once(each, target, own)
        return frozenset(changed)

    def _set_once(self, each: Question | Calculation, target: str, path: Path) -> frozenset[str]:
        place = self._plan.index[target]
        text = each.calculation if isinstance(each, Question) else each.value
        if text is None or not self._relevant[place]:
            return frozenset()
        result = self._plan.condition(text, each.id, path)
        self._room()
        self._frame[HERE] = self._frame[self._plan.steps[place].slot]
        value = result(self._frame)
        answer = cast(each.type, value) if isinstance(each, Question) else cast("text", value)
        self._answers[target] = answer
        self._touched.add(target)
        return self._change(place, answer) | {target}

    def _keep_fact(self, name: str, value: Value) -> bool:
        """Put a fact where conditions read it; whether it is different now. Facts of no use here are left out."""
        asked = self.form.checklist.by_fact.get(name)
        name = asked.id if asked is not None else name
        if name in self.form.by_id:
            self._answers[name] = value
            return True
        slot = self.form.slot(name)
        before = self._frame[slot]
        if slot == self.form.blank_slot or (before == value and type(before) is type(value)):
            return False
        self._frame[slot] = value
        return True

    def _answer_in(self, name: str, node: str) -> Value:
        """The answer of another question in the same instances as a node."""
        path = parts_of(node)[1]
        return self._answers.get(node_id(name, path[: len(self.form.repeated.get(name, ()))]))


def _known(question: Question, value: Value) -> Value:
    """What was worked out for a question, without tokens that are none of its choices."""
    return value if not question.choices else _among(value, {choice.token for choice in question.choices})


def _among(value: Value, tokens: set[str]) -> Value:
    if isinstance(value, tuple):
        return tuple(token for token in value if token in tokens) or None
    return value if value in tokens else None


def _queue(places: Iterable[int], waiting: list[int], queued: bytearray) -> None:
    for place in places:
        if not queued[place]:
            queued[place] = 1
            heapq.heappush(waiting, place)
