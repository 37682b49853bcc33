"""What is worked out while a checklist has so many instances of its repeats, linked by who reads whom.

A checklist without repeats has one plan. Where an instance comes or goes a sheet takes another plan; steps whose
conditions do not look at the number of instances are compiled once and used in every plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from firstcontact.domain.checklist import Block, Calculation, Question
from firstcontact.domain.condition import addends, compile_condition, compile_filter, names_used, paths_used
from firstcontact.domain.dependencies import COUNT, GATE
from firstcontact.domain.functions import Frame, Node
from firstcontact.domain.instances import MAX_INSTANCES, Counts, Path, Place, Reading, node_id, parts_of, paths

if TYPE_CHECKING:
    from firstcontact.domain.form import Form, Item


Filter: TypeAlias = "Callable[[Frame], Sequence[int]]"
"""The places, from 0, of the choices that are offered."""


@dataclass(slots=True, eq=False)
class Step:
    """One node, ready to be worked out. `slot` is where its value stands in the frame, if it has one."""

    id: str
    kind: Literal["question", "calculation", "rule", "advice", "block", "count", "ask"]
    slot: int = -1
    above: str | None = None
    """Id of the step whose relevance this one needs."""
    node: Node | None = None
    """Whether it is relevant, or holds."""
    value: Node | None = None
    """What it works out to, where nobody answers it."""
    filtered: bool = False
    """Whether its question offers only some of its choices."""
    raises: tuple[Node, ...] = ()
    instead: tuple[Node, ...] = ()
    adds: frozenset[int] = frozenset()
    """Of a plain addition: the slots that it adds up."""
    reads: set[int] = field(default_factory=set)
    parent: int = -1
    """Place of the step `above`."""
    readers: tuple[int, ...] = ()
    """Those that read this value."""
    followers: tuple[int, ...] = ()
    """Those that are relevant only while this is."""
    totals: tuple[int, ...] = ()
    """Those of `readers` that only add this value up, and so can follow it by the difference."""

    def again(self) -> Step:
        """The same, not linked yet."""
        return Step(
            self.id,
            self.kind,
            self.slot,
            self.above,
            self.node,
            self.value,
            self.filtered,
            self.raises,
            self.instead,
            self.adds,
            self.reads,
        )


class Plan:
    """The steps in an order in which each stands after what it reads."""

    def __init__(self, form: Form, counts: Counts) -> None:
        self.form = form
        self.counts = dict(counts)
        self._compiled: dict[tuple[str, str | None, Path], Node] = {}
        self._filters: dict[tuple[str, str, Path, str | None], Filter] = {}
        self.fact_readers: dict[int, list[int]] = {}
        steps: list[Step] = []
        for name in form.names:
            self._add(name, steps)
        self.steps = steps
        self.index: dict[str, int] = {step.id: place for place, step in enumerate(steps)}
        self._link()

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Questions in document order, instance by instance, each instance behind the node that asks for it."""
        found: list[str] = []
        self._walk(self.form.outline, (), found)
        return tuple(found)

    @cached_property
    def position(self) -> dict[str, int]:
        """Node -> its place in `nodes`."""
        return {node: place for place, node in enumerate(self.nodes)}

    def condition(self, text: str, name: str | None = None, path: Path = ()) -> Node:
        """A condition as a callable over a frame, compiled for a question's place or for the whole form."""
        form = self.form
        home = form.home.get(name) if name is not None else None
        key = (text, name if "current()" in text else home, path)
        found = form.compiled.get(key) or self._compiled.get(key)
        if found is None:
            reading = Reading()
            place = Place(form, self.counts, home, path, reading, name or "")
            found = compile_condition(form.ast(text), place)
            (self._compiled if reading.varies else form.compiled)[key] = found
        return found

    def filter(self, question: Question, path: Path) -> Filter:
        """A question's choice filter as a callable over a frame: the places of the choices for which it holds."""
        form, text = self.form, question.choice_filter or "true()"
        name = parts_of(question.id)[0]
        # Questions of one block that share a list and a filter share what is made of them, too.
        key = (text, question.choice_list or question.id, path, form.home.get(name))
        found = form.filters.get(key) or self._filters.get(key)
        if found is None:
            reading = Reading()
            place = Place(form, self.counts, form.home.get(name), path, reading, name)
            found = compile_filter(form.ast(text, of_rows=True), place, form.choice_rows(name))
            (self._filters if reading.varies else form.filters)[key] = found
        return found

    def _walk(self, items: Iterable[Item], path: Path, found: list[str]) -> None:
        """Repeats stand in each other no deeper than files are nested."""
        for name, inside in items:
            if inside is None:
                found.append(node_id(name, path))
                continue
            asking = self.form.checklist.by_block[name].count is None
            there = self.counts.get((name, path), 0)
            for index in range(1, there + 1):
                if asking:
                    found.append(node_id(name, (*path, index)))
                self._walk(inside, (*path, index), found)
            if asking and there < MAX_INSTANCES:
                found.append(node_id(name, (*path, there + 1)))

    def _add(self, name: str, steps: list[Step]) -> None:
        """The steps of one name of the checklist's order: one, or one for each instance."""
        form = self.form
        if name[-1] == GATE:
            self._add_block(form.checklist.by_block[name[:-1]], name, steps)
        elif name[-1] == COUNT:
            parent = form.checklist.by_block[name[:-1]].parent
            steps.extend([self._step(name, path) for path in paths(self.counts, form.repeats_of(parent))])
        elif name in form.repeated:
            steps.extend([self._step(name, path) for path in paths(self.counts, form.repeated[name])])
        elif not form.repeated or name not in form.rules or form.rules[name].question_id not in form.repeated:
            # A rule under a repeated question would be an offer for each instance: definitions are checked for that.
            steps.append(self._step(name, ()))

    def _add_block(self, block: Block, name: str, steps: list[Step]) -> None:
        form = self.form
        every = paths(self.counts, form.repeats_of(block.id))
        asking = block.repeat and block.count is None
        if asking:
            every = [
                (*outer, index)
                for outer in paths(self.counts, form.repeats_of(block.parent))
                for index in range(1, min(self.counts.get((block.id, outer), 0) + 1, MAX_INSTANCES) + 1)
            ]
        if block.relevant is not None:
            steps.extend([self._step(name, path) for path in every])
        if asking:
            above = form.gate(block.id)
            steps.extend([Step(node_id(block.id, path), "ask", above=self._gate_at(above, path)) for path in every])

    def _step(self, name: str, path: Path) -> Step:
        form = self.form
        if not form.repeated:
            return self._made(name, path)[0]
        key = node_id(name, path)
        kept = form.steps.get(key)
        if kept is not None:
            return kept.again()
        step, varies = self._made(name, path)
        if not varies:
            form.steps[key] = step
        return step.again()

    def _made(self, name: str, path: Path) -> tuple[Step, bool]:
        """A step, not linked yet, and whether it would be another with other instances."""
        form = self.form
        reading = Reading()
        home = form.home.get(name)
        place = Place(form, self.counts, home, path, reading, name)
        step: Step
        if name in form.by_id:
            question = form.by_id[name]
            above = self._gate_at(form.gate(home), path) if home is not None else None
            if question.follow_up_of:
                above = node_id(question.follow_up_of, path[: len(form.repeated.get(question.follow_up_of, ()))])
            step = Step(node_id(name, path), "question", form.slot_for(node_id(name, path)), above)
            step.node = self._maybe(question.relevant, place)
            step.value = None if question.trigger else self._maybe(question.calculation, place)
            step.filtered = question.choice_filter is not None
            self._look_up(question, place, reading.slots)
            reading.slots.discard(step.slot)
        elif name in form.calculations:
            step = self._calculation(form.calculations[name], path, place)
        elif name in form.rules:
            rule = form.rules[name]
            step = Step(name, "rule", above=rule.question_id, node=self._node(rule.when, place))
            step.raises = tuple(self._node(each.when, place) for each in rule.raises)
            step.instead = tuple(self._node(each.when, place) for each in rule.signposted)
        elif name in form.advice:
            advice = form.advice[name]
            asked = advice.question_id if advice.question_id not in form.repeated else None
            step = Step(name, "advice", above=asked, node=self._node(advice.when, place))
        else:
            step = self._block(name, path, reading)
        step.reads = reading.slots
        return step, reading.varies

    def _look_up(self, question: Question, place: Place, slots: set[int]) -> None:
        """Note what a choice filter reads; it is compiled when somebody asks for the choices."""
        if question.choice_filter is None:
            return
        ast = self.form.ast(question.choice_filter, of_rows=True)
        found = [place.slots(name) for name in names_used(ast)]
        found += [place.path(up, names) for up, names in paths_used(ast) if names and up != 0]
        for each in found:
            slots.update((each,) if isinstance(each, int) else each)

    def _calculation(self, calculation: Calculation, path: Path, place: Place) -> Step:
        form = self.form
        node = node_id(calculation.id, path)
        step = Step(node, "calculation", form.slot_for(node))
        if calculation.block is not None:
            step.above = self._gate_at(form.gate(calculation.block), path)
        step.node = self._maybe(calculation.relevant, place)
        if calculation.trigger:
            return step
        step.value = self._node(calculation.value, place)
        if not form.repeated:
            slots = [form.slot(each) for each in addends(form.ast(calculation.value))]
            if len(set(slots)) == len(slots):
                step.adds = frozenset(slots)
        return step

    def _block(self, name: str, path: Path, reading: Reading) -> Step:
        """A block's relevance, or a repeat's count; both are worked out at the block itself."""
        form = self.form
        block = form.checklist.by_block[name[:-1]]
        if name[-1] == COUNT:
            place = Place(form, self.counts, block.parent, path, reading, name)
            return Step(node_id(name, path), "count", value=self._maybe(block.count, place))
        place = Place(form, self.counts, block.id, path, reading)
        outer = path[: len(form.repeats_of(block.parent))]
        above = self._gate_at(form.gate(block.parent), outer)
        return Step(node_id(name, path), "block", above=above, node=self._maybe(block.relevant, place))

    def _gate_at(self, gate: str | None, path: Path) -> str | None:
        return None if gate is None else node_id(gate + GATE, path[: len(self.form.repeats_of(gate))])

    def _node(self, text: str, place: Place) -> Node:
        return compile_condition(self.form.ast(text), place)

    def _maybe(self, text: str | None, place: Place) -> Node | None:
        return None if text is None else compile_condition(self.form.ast(text), place)

    def _link(self) -> None:
        steps, index = self.steps, self.index
        writer = {step.slot: place for place, step in enumerate(steps) if step.slot >= 0}
        readers: list[list[int]] = [[] for _ in steps]
        followers: list[list[int]] = [[] for _ in steps]
        blank = self.form.blank_slot
        for place, step in enumerate(steps):
            for slot in step.reads:
                if slot in writer:
                    readers[writer[slot]].append(place)
                elif slot != blank:
                    self.fact_readers.setdefault(slot, []).append(place)
            if step.above is not None:
                step.parent = index[step.above]
                followers[step.parent].append(place)
        for step in steps:
            if not step.adds <= writer.keys():
                step.adds = frozenset()  # it adds a fact, whose changes are not followed
        for place, step in enumerate(steps):
            step.readers, step.followers = tuple(readers[place]), tuple(followers[place])
            step.totals = tuple(reader for reader in readers[place] if step.slot in steps[reader].adds)
