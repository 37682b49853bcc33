"""A checklist made ready to be filled in: what every sheet of it shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final, TypeAlias

from firstcontact.domain.answer import Text, words
from firstcontact.domain.checklist import (
    DERIVED,
    FACTS,
    Advice,
    Block,
    Calculation,
    Checklist,
    Choice,
    OfferRule,
    Question,
)
from firstcontact.domain.condition import names_used, parse
from firstcontact.domain.dependencies import order
from firstcontact.domain.functions import FIRST_NAME, Node
from firstcontact.domain.instances import Counts, Path, parts_of
from firstcontact.domain.pausing import nothing_is_garbage
from firstcontact.domain.plan import Filter, Plan, Step
from firstcontact.domain.scope import Ast, Rows

_PLANS: Final = 8
"""Plans that are kept: sheets of one visit have few different numbers of instances."""
_ONE_MORE: Final = {"en": "Another one?", "cy": "Un arall?"}


Item: TypeAlias = "tuple[str, list[Item] | None]"
"""A question, or a repeat and what it holds."""


class Form:
    """A checklist made ready to be filled in; shared by all sheets of it, never changed but for its caches."""

    def __init__(self, checklist: Checklist) -> None:
        self.checklist = checklist
        self._asts: dict[str, Ast] = dict(checklist.conditions)
        self.by_id: Mapping[str, Question] = checklist.by_id
        self.rules: dict[str, OfferRule] = {rule.id: rule for rule in checklist.rules}
        self.advice: dict[str, Advice] = {advice.id: advice for advice in checklist.advice}
        self.calculations: dict[str, Calculation] = {each.id: each for each in checklist.calculations}
        self.compiled: dict[tuple[str, str | None, Path], Node] = {}
        """(text, block, path) -> condition, of those that are the same however many instances there are."""
        self.filters: dict[tuple[str, str, Path, str | None], Filter] = {}
        """As `compiled`, of choice filters."""
        self.steps: dict[str, Step] = {}
        """Steps of a form with repeats that are the same however many instances there are, not linked."""
        self.home: dict[str, str | None] = {}
        """Question or calculation -> the block that it stands in, for those that stand in one."""
        self.repeated: dict[str, tuple[str, ...]] = {}
        """Question or calculation in a repeat -> the repeats around it, the outermost first."""
        self._repeats: dict[str | None, tuple[str, ...]] = {None: ()}
        self._gates: dict[str | None, str | None] = {None: None}
        self._nest()
        self.repeats: tuple[Block, ...] = tuple(block for block in checklist.blocks if block.repeat)
        self.defaults: tuple[Question, ...] = tuple(each for each in checklist.questions if each.default is not None)
        self._slots: dict[str, int] = {}
        self.blank_slot = self._place_names()
        """Always blank: what a name reads that this checklist does not know."""
        self.width = self.blank_slot + 1
        """How many slots a frame needs; grows with the instances of repeats."""
        self.names: tuple[str, ...] = checklist.order or order(checklist)
        self._nodes: dict[str, Question] = {}
        self._choice_rows: dict[str, Rows] = {}
        self._plans: dict[frozenset[tuple[tuple[str, Path], int]], Plan] = {}
        self.first = self.plan({})
        """What is there before anything has been answered."""

    @classmethod
    def of(cls, checklist: Checklist) -> Form:
        """Make a checklist ready; a compiled one brings its conditions parsed and its order worked out."""
        with nothing_is_garbage():
            return cls(checklist)

    def plan(self, counts: Counts) -> Plan:
        """Everything that is worked out where there are so many instances; the first is made with the form."""
        key = frozenset(counts.items())
        found = self._plans.pop(key, None)
        if found is None:
            with nothing_is_garbage():
                found = Plan(self, counts)
            while len(self._plans) >= _PLANS:
                del self._plans[next(iter(self._plans))]
        self._plans[key] = found
        return found

    def learn(self, conditions: Mapping[str, Ast]) -> None:
        """Add parsed conditions from elsewhere (a scheme's eligibility clauses), for `Sheet.test`."""
        self._asts.update(conditions)

    def names_of(self, text: str) -> frozenset[str]:
        """The names that a condition reads, as it writes them."""
        return names_used(self.ast(text))

    def ast(self, text: str, *, of_rows: bool = False) -> Ast:
        """A condition (of_rows: a choice filter), parsed; only one from elsewhere is parsed here."""
        ast = self._asts.get(text)
        if ast is None:
            ast = self._asts[text] = parse(text, of_rows=of_rows)
        return ast

    def slot(self, name: str) -> int:
        """Where a name's value stands in the frame."""
        return self._slots.get(name, self.blank_slot)

    def slot_for(self, node: str) -> int:
        """The same, of an instance that may be new: it gets the next slot and keeps it."""
        slot = self._slots.get(node)
        if slot is None:
            slot = self._slots[node] = self.width
            self.width += 1
        return slot

    def knows(self, name: str) -> bool:
        """Whether a condition may use this name."""
        return name in self._slots or name in self.repeated

    def rule(self, rule_id: str) -> OfferRule:
        """The rule of this id. Raises: KeyError."""
        return self.rules[rule_id]

    def question(self, node: str) -> Question:
        """The question of a node; its id is the node's. For the node of a repeat, the one that asks for another.

        Raises: KeyError.
        """
        found = self.by_id.get(node) or self._nodes.get(node)
        if found is not None:
            return found
        name, path = parts_of(node)
        asking = self.asks(node)
        if asking is not None:
            found = self._another(asking, node)
        elif path and len(path) == len(self.repeated.get(name, ())):
            found = replace(self.by_id[name], id=node)
        else:
            raise KeyError(node)
        self._nodes[node] = found
        return found

    def knows_node(self, node: str) -> bool:
        """Whether there is, or could be, a question with this node."""
        if node in self.by_id:
            return True
        try:
            self.question(node)
        except KeyError:
            return False
        return True

    def asks(self, node: str) -> Block | None:
        """The repeat of which this node asks for another instance; None if it is a question of the checklist."""
        name, path = parts_of(node)
        block = self.checklist.by_block.get(name)
        if block is None or not block.repeat or block.count is not None or len(path) != len(self.repeats_of(name)):
            return None
        return block

    def repeats_of(self, block: str | None) -> tuple[str, ...]:
        """The repeats that a block stands in, itself included, the outermost first."""
        return self._repeats[block]

    def gate(self, block: str | None) -> str | None:
        """The innermost of the blocks around (and with) this one that has a relevance."""
        return self._gates[block]

    def rows(self, table_id: str) -> Rows | None:
        """A table, or a shared list of choices, by columns."""
        return self._rows.get(table_id)

    def words(self, name: str, language: str = "") -> Mapping[str, str]:
        """The labels of a question's choices by token; "yes" and "no" are their own."""
        question = self.by_id.get(parts_of(name)[0])
        language = language or (self.checklist.languages[0] if self.checklist.languages else "en")
        return {} if question is None else {each.token: words(each.label, language) for each in question.choices}

    def choice_rows(self, name: str) -> Rows:
        """The columns of a question's choices, in their order."""
        question = self.by_id[name]
        if question.choice_list is not None:
            return self._rows[question.choice_list]
        found = self._choice_rows.get(name)
        if found is None:
            language = self.checklist.languages[0] if self.checklist.languages else "en"
            found = self._choice_rows[name] = [_columns(each, language) for each in question.choices]
        return found

    @cached_property
    def triggered(self) -> Mapping[str, tuple[Question | Calculation, ...]]:
        """Question -> those whose calculation is worked out when the visitor changes it."""
        found: dict[str, list[Question | Calculation]] = {}
        every: tuple[Question | Calculation, ...] = (*self.checklist.questions, *self.checklist.calculations)
        for each in every:
            for name in each.trigger:
                found.setdefault(name, []).append(each)
        return {name: tuple(rows) for name, rows in found.items()}

    @cached_property
    def weights(self) -> Mapping[str, int]:
        """Repeat -> how many questions and calculations each of its instances has, without those of inner repeats."""
        inside = Counter(around[-1] for around in self.repeated.values())
        return {block.id: 1 + inside[block.id] for block in self.repeats}

    @cached_property
    def outline(self) -> tuple[Item, ...]:
        """Questions in document order; those of a repeat together, in an Item of their own."""
        top: list[Item] = []
        inside: dict[str, list[Item]] = {}
        for question in self.checklist.questions:
            items = top
            for repeat in self.repeated.get(question.id, ()):
                if repeat not in inside:
                    inside[repeat] = []
                    items.append((repeat, inside[repeat]))
                items = inside[repeat]
            items.append((question.id, None))
        return tuple(top)

    @cached_property
    def _rows(self) -> dict[str, Rows]:
        checklist = self.checklist
        language = checklist.languages[0] if checklist.languages else "en"
        rows: dict[str, Rows] = {}
        for name, choices in checklist.lists.items():
            rows[name] = [_columns(each, language) for each in choices]
        for name, table in checklist.tables.items():
            rows[name] = [dict(zip(table.columns, row, strict=False)) for row in table.rows]
        return rows

    def _another(self, block: Block, node: str) -> Question:
        inner = [each for each in self.checklist.questions if block.id in self.repeated.get(each.id, ())]
        label: Text = block.title or _ONE_MORE
        return Question(
            id=node,
            section_id=inner[0].section_id if inner else self.checklist.sections[0].id,
            subject=inner[0].subject if inner else "person",
            type="yes-no",
            label=label,
            block=block.parent,
        )

    def _nest(self) -> None:
        for block in self.checklist.blocks:
            around = self._repeats[block.parent]
            self._repeats[block.id] = (*around, block.id) if block.repeat else around
            self._gates[block.id] = block.id if block.relevant is not None else self._gates[block.parent]
        if not self.checklist.blocks:
            return
        every: tuple[Question | Calculation, ...] = (*self.checklist.questions, *self.checklist.calculations)
        for each in every:
            if each.block is not None:
                self.home[each.id] = each.block
                if self._repeats[each.block]:
                    self.repeated[each.id] = self._repeats[each.block]

    def _place_names(self) -> int:
        """Give every name that is there once its slot. Returns: the slot after them."""
        slots = self._slots
        for name in (*self.by_id, *self.calculations):
            if name not in self.repeated:
                slots[name] = FIRST_NAME + len(slots)
        by_fact = self.checklist.by_fact
        taken = FIRST_NAME + len(slots)
        for name in sorted(FACTS | DERIVED):
            if name not in slots and name not in self.repeated:
                asked = by_fact.get(name)
                # A fact is another name for the question that asks for it, or a slot of its own.
                if asked is not None:
                    slots[name] = slots[asked.id]
                else:
                    slots[name] = taken
                    taken += 1
        return taken


def _columns(choice: Choice, language: str) -> dict[str, str]:
    return {**choice.columns, "name": choice.token, "label": words(choice.label, language)}
