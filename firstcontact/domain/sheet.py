"""The answers of one person as they stand, and everything that follows from them, kept up with one answer at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from firstcontact.domain.answer import Standing, Text, Value
from firstcontact.domain.checklist import Advice, Choice, Instead, Question, Raise, Urgency
from firstcontact.domain.coercion import Result, string, truth
from firstcontact.domain.form import Form
from firstcontact.domain.functions import HERE
from firstcontact.domain.instances import Path, Place, Reading, node_id, parts_of
from firstcontact.domain.scope import Slots
from firstcontact.domain.working import Working

UNANSWERED: Final = frozenset({"note", "file"})
"""Types that take no answer."""
_NAMED: Final = re.compile(r"\$\{\s*([^\s{}]+)\s*\}")


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with an answer, to be shown beside its question."""

    question_id: str
    """The node."""
    kind: Literal["constraint", "required", "choice", "too-long", "range", "evidence"]
    message: Text | None = None


class Sheet(Working):
    """The answers as one person sees them: the home's, the visitor's and that person's together.

    form: the checklist made ready; today: the day that the visit is on; facts: what no question of this checklist asks
    (age, pension_age, postcode_district, and facts known from elsewhere). Questions are named by their nodes: `age`, or
    `age[2]` in the second instance of a repeat (`instances`).
    """

    __slots__ = ()

    def __init__(
        self, form: Form, today: date, facts: Mapping[str, Value] | None = None, *, now: datetime | None = None
    ) -> None:
        super().__init__(form, today, facts, now)

    def record(self, node: str, value: Value) -> frozenset[str]:
        """Keep an answer and work out again what reads it.

        Returns: the nodes whose relevance changed (or that came or went), the calculations whose value changed, and the
        rules and advice that now hold or no longer hold, or hold with another urgency. The node itself is not among
        them.
        Raises: KeyError, if the checklist has no such question.
        """
        place = self._plan.index.get(node)
        if place is None:
            self.form.question(node)
            self._answers[node] = value
            self._touched.add(node)
            return frozenset()
        step = self._plan.steps[place]
        if step.kind == "ask":
            self._answers[node] = value
            return self._settle_instances() - {node}
        if step.kind != "question":
            raise KeyError(node)
        if step.value is not None:
            return frozenset()  # it is worked out, and nobody answers it
        self._answers[node] = value
        if self.form.defaults:
            self._touched.add(node)
        if not self._relevant[place]:
            return frozenset()
        before = self._frame[step.slot]
        changed = self._change(place, value)
        if self.form.triggered and self._frame[step.slot] != before:
            changed |= self._trigger(node)
        return changed | self._settle_instances() if self._stale else changed

    def forget(self, node: str) -> frozenset[str]:
        """Be as if the question had never been answered: it has its default, if any; returns as record() does."""
        changed = self.record(node, None)
        if self.form.defaults and self.form.question(node).default is not None:
            self._touched.discard(node)
            self._answers.pop(node, None)
            before = self._seen()
            self._fill_in()
            after = self._seen()
            changed |= {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
            changed |= self._settle_instances()
        return changed

    def set_fact(self, name: str, value: Value) -> frozenset[str]:
        """Keep a fact that no question asks, or answer the question that asks for it; returns as record() does."""
        asked = self.form.checklist.by_fact.get(name)
        if asked is not None:
            return self.record(asked.id, value)
        if name in self.form.by_id:
            return self.record(name, value)
        if not self._keep_fact(name, value):
            return frozenset()
        changed = self._spread(self._plan.fact_readers.get(self.form.slot(name), ()))
        return changed | self._settle_instances() if self._stale else changed

    def answer(self, node: str) -> Value:
        """The answer as kept, even while it is irrelevant. Raises: KeyError."""
        found = self._answers.get(node)
        if found is None and node not in self.form.by_id:
            self.form.question(node)
        return found

    def value(self, name: str) -> Result:
        """What conditions see: of a node, a fact or a calculation; blank while irrelevant or not known.

        Of a name that is in a repeat: that of its first instance.
        """
        around = self.form.repeated.get(name)
        if around is not None:
            name = node_id(name, (1,) * len(around))
        slot = self.form.slot(name)
        # The form may have given slots to instances of other sheets since.
        return self._frame[slot] if slot < len(self._frame) else None

    def relevant(self, node: str) -> bool:
        """Whether the question is there and to be asked. Raises: KeyError, if the checklist has no such question."""
        place = self._plan.index.get(node)
        if place is None:
            self.form.question(node)
            return False
        return bool(self._relevant[place])

    def nodes(self) -> tuple[str, ...]:
        """Every question that is there now, relevant or not, in document order, instance by instance.

        Before each instance of a repeat without count stands its own node, which asks whether there is (another) one.
        """
        return self._plan.nodes

    def position(self, node: str) -> int:
        """The node's place in nodes(). Raises: KeyError, if it is not there."""
        return self._plan.position[node]

    def question(self, node: str) -> Question:
        """The question of a node, its id the node's. Raises: KeyError."""
        return self.form.question(node)

    def instances(self, block: str, at: Path = ()) -> int:
        """How many instances of a repeat there are, in these instances of the repeats around it."""
        return self._plan.counts.get((block, at), 0)

    def choices(self, node: str) -> tuple[Choice, ...]:
        """The choices that are offered now: those for which the question's filter holds."""
        question = self.form.question(node)
        if question.choice_filter is None:
            return question.choices
        offered = self._plan.filter(question, parts_of(node)[1])
        self._room()
        self._frame[HERE] = self._answers.get(node)
        return tuple([question.choices[place] for place in offered(self._frame)])

    def fill(self, text: str, node: str | None = None, language: str = "en") -> str:
        """The words with answers in place of `${name}`, choices by their labels, as seen from a node."""
        if "${" not in text:
            return text
        return _NAMED.sub(lambda match: self._in_words(match[1], node, language), text)

    def holds(self, rule_id: str) -> bool:
        """Whether a rule's, or a piece of advice's, `when` holds (and its question is relevant)."""
        place = self._plan.index.get(rule_id)
        return place is not None and bool(self._relevant[place])

    def urgency(self, rule_id: str) -> tuple[Urgency, Raise | None]:
        """How urgent the rule's offer is, and what raised it: the highest that holds, of equals the first."""
        rule = self.form.rule(rule_id)
        raised = self._rule_states.get(rule_id, (False, -1, -1))[1]
        return (rule.raises[raised].to, rule.raises[raised]) if raised >= 0 else (rule.urgency, None)

    def signposted(self, rule_id: str) -> Instead | None:
        """What takes the place of the rule's offer, if anything does."""
        rule = self.form.rule(rule_id)
        instead = self._rule_states.get(rule_id, (False, -1, -1))[2]
        return rule.signposted[instead] if instead >= 0 else None

    def packs(self, rule_id: str) -> tuple[str, ...]:
        """The rule's packs, without those whose own condition does not hold."""
        rule = self.form.rule(rule_id)
        return tuple(code for code in rule.packs if code not in rule.pack_when or self.test(rule.pack_when[code]))

    def advice(self) -> tuple[Advice, ...]:
        """What is to be said or done now, in the checklist's order."""
        return tuple(each for each in self.form.checklist.advice if self.holds(each.id))

    def test(self, text: str, node: str | None = None) -> bool:
        """Whether a condition holds here; it may come from elsewhere (see Form.learn)."""
        return truth(self.work_out(text, node))

    def work_out(self, text: str, node: str | None = None) -> Result:
        """What an expression yields here, or as seen from a node."""
        self._frame[HERE] = None if node is None else self._answers.get(node)
        name, path = parts_of(node) if node is not None else (None, ())
        found = self._plan.condition(text, name, path)
        self._room()
        return found(self._frame)

    def required(self, node: str) -> bool:
        """Whether the question is relevant and must not be left blank."""
        question = self.form.question(node)
        if question.required is None or question.type in UNANSWERED or not self.relevant(node):
            return False
        return self.test(question.required, node)

    def violations(self, node: str) -> tuple[Violation, ...]:
        """What is wrong with the answer: none while it is irrelevant, blank or a standing answer."""
        value = self._answers.get(node)
        question = self.form.question(node)
        if value is None or isinstance(value, Standing) or not self.relevant(node):
            return ()
        found: list[Violation] = []
        if question.choices or question.type == "yes-no":
            found.extend(self._choice_violations(node, question, value))
        if question.max_length is not None and isinstance(value, str) and len(value) > question.max_length:
            found.append(Violation(node, "too-long"))
        if question.type == "range" and not _within(question, value):
            found.append(Violation(node, "range"))
        if question.evidence is not None and self._answer_in(question.evidence, node) is None:
            found.append(Violation(node, "evidence"))
        seen = self.value(node)
        if question.constraint is not None and seen is not None:  # blank where what was chosen is not offered now
            name, path = parts_of(node)
            holds = self._plan.condition(question.constraint, name, path)
            self._room()
            self._frame[HERE] = seen
            if not truth(holds(self._frame)):
                found.append(Violation(node, "constraint", question.constraint_message))
        return tuple(found)

    def copy(self) -> Sheet:
        """Another sheet with the same answers, to ask "what if" without touching this one."""
        twin = Sheet.__new__(Sheet)
        twin.form, twin.today, twin._plan = self.form, self.today, self._plan
        twin._answers, twin._relevant = self._answers.copy(), self._relevant[:]
        twin._rule_states, twin._frame = self._rule_states.copy(), self._frame[:]
        twin._touched, twin._counted = self._touched.copy(), self._counted.copy()
        twin._differences, twin._stale = {}, False
        return twin

    def _choice_violations(self, node: str, question: Question, value: Value) -> Iterator[Violation]:
        """An answer that is not offered (now), one that stands alone beside another, or an order without all."""
        chosen: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)
        if question.choice_filter is None:
            tokens: tuple[str, ...] = question.tokens
        else:
            tokens = tuple(choice.token for choice in self.choices(node))
        alone = {choice.token for choice in question.choices if choice.exclusive}
        wrong = any(token not in tokens for token in chosen) or (len(chosen) > 1 and alone.intersection(chosen))
        if wrong or (question.type == "rank" and len(set(chosen)) != len(tokens)):
            yield Violation(node, "choice")

    def _in_words(self, name: str, node: str | None, language: str) -> str:
        own, path = parts_of(node) if node is not None else ("", ())
        home = self.form.home.get(own)
        place = Place(self.form, self._plan.counts, home, path, Reading(), own)
        saved = name.removeprefix("last-saved#")
        found: Slots = place.slots(name) if saved == name else place.last(saved)
        self._room()
        slots = (found,) if isinstance(found, int) else found
        value = self._frame[slots[0]] if slots else None
        labels = self.form.words(name, language)
        if isinstance(value, tuple):
            return ", ".join(labels.get(token, token) for token in value)
        return labels.get(value, value) if isinstance(value, str) else string(value)


def _within(question: Question, value: Value) -> bool:
    """Whether a number is one that a range has."""
    if not isinstance(value, int | Decimal) or question.start is None or question.end is None:
        return False
    low, high = sorted((question.start, question.end))
    return low <= value <= high and (value - question.start) % (question.step or 1) == 0
