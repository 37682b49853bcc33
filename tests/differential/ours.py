"""Our engine told the same steps: the reference's nodes as ours, its answers as our values, our state as its."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import product
from typing import Final

from firstcontact.domain.answer import Value
from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import Block, Checklist, Question
from firstcontact.domain.coercion import Result, string
from tests.differential.reference import NOW, State, Step

_TURN: Final = re.compile(r"_\d+\Z")
_PART: Final = re.compile(r"([^/\[\]]+)(?:\[(\d+)\])?")


@cache
def parts(reference: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Names below the form's own, and the instances on the way: /f/people[2]/age is (people, age), (2,)."""
    found = _PART.findall(reference)[1:]
    return tuple(name for name, _ in found), tuple(int(at) for _, at in found if at)


class Ours:
    """A checklist that was imported, filled in step by step."""

    def __init__(self, checklist: Checklist) -> None:
        self.form = Form.of(checklist)
        self.sheet = Sheet(self.form, NOW.date(), now=NOW.replace(tzinfo=None))
        blocks = checklist.by_block
        self.questions: dict[tuple[str, ...], Question] = {}
        self.names: dict[tuple[str, ...], str] = {}
        """Path of each question and calculation -> its id."""
        self.repeats: dict[tuple[str, ...], Block] = {}
        self._nodes: dict[str, str | None] = {}
        self._listed: set[str] = set()
        """Nodes whose choices, which are always the same, were told."""
        self.most: dict[str, int] = {}
        """Of each repeat: how many instances it has had."""
        named = {question.id: question for question in checklist.questions}
        found = [(question.block, question.id) for question in checklist.questions]
        found += [(calculation.block, calculation.id) for calculation in checklist.calculations]
        paths = [(name, _paths(block, name, blocks)) for block, name in found]
        for turn in (0, 1):  # what a row is called here before what it may have been called there
            for name, (exact, others) in paths:
                for path in others if turn else (exact,):
                    if self.names.setdefault(path, name) == name and name in named:
                        self.questions[path] = named[name]
        for _, name in found:  # a form may be written flat: its questions without their groups
            if self.names.setdefault((name,), name) == name and name in named:
                self.questions[(name,)] = named[name]
        for block in checklist.blocks:
            exact, others = _paths(block.parent, block.id, blocks)
            for path in (exact, *others):
                if block.repeat:
                    self.repeats.setdefault(path, block)

    def node(self, reference: str) -> str | None:
        """Our node for one of theirs; None if we have none such."""
        if reference not in self._nodes:
            names, at = parts(reference)
            found = self.names.get(names)
            self._nodes[reference] = None if found is None else found + "".join(f"[{place}]" for place in at)
        return self._nodes[reference]

    def take(self, step: Step) -> str | None:
        """Record an answer. Returns: what went wrong, if anything did. Instances follow in `follow`."""
        if step["do"] in {"add", "remove"}:
            if step["do"] == "remove":
                self._empty(step["at"])
            return None
        names, _ = parts(step["at"])
        question, node = self.questions.get(names), self.node(step["at"])
        if question is None or node is None:
            return f"no question {step['at']}"
        if question.type == "file":
            return None
        try:
            self.sheet.record(node, _value(question, step))
        except (KeyError, ValueError, InvalidOperation) as problem:
            return f"{type(problem).__name__}: {problem}"
        return None

    def follow(self, reference: str, count: int) -> None:
        """Let a repeat that the visitor adds to have as many instances as theirs."""
        names, at = parts(reference)
        block = self.repeats.get(names)
        if block is None or block.count is not None:
            return
        around = "".join(f"[{place}]" for place in at)
        for place in range(1, count + 2):
            node, want = f"{block.id}{around}[{place}]", "yes" if place <= count else None
            try:
                if self.sheet.answer(node) != want:
                    self.sheet.record(node, want)
            except KeyError:
                return

    def begin_again(self, theirs: Mapping[str, State | None], repeat: str, was: int, now: int) -> None:
        """Instances that were gone and are there again begin as theirs: ours have their old answers back."""
        most = self.most.get(repeat, 0)
        self.most[repeat] = max(most, now)
        names, at = parts(repeat)
        again = range(was + 1, min(most, now) + 1)
        if not again:
            return
        for reference, state in theirs.items():
            path, where = parts(reference)
            if state is None or len(where) <= len(at) or where[: len(at)] != at or where[len(at)] not in again:
                continue
            question, node = self.questions.get(path), self.node(reference)
            if question is None or node is None or path[: len(names)] != names or question.type == "file":
                continue
            text = state[3]
            step = {"do": "choose", "values": text.split()} if question.tokens else {"do": "set", "value": text}
            self.sheet.record(node, _value(question, step))

    def state(self, reference: str) -> State | None:
        """Our state of one of their nodes, in their shape; None if it is not there.

        A calculation has no relevance of its own to the Sheet: only its value is told.
        """
        if reference.endswith("/*"):
            names, at = parts(reference[:-2])
            block = self.repeats.get(names)
            return None if block is None else [True, self.sheet.instances(block.id, at)]
        node = self.node(reference)
        if node is None:
            return None
        names, _ = parts(reference)
        question = self.questions.get(names)
        try:
            if question is None:
                return [None, None, None, self.sheet.value(node), None]
            if not self.sheet.relevant(node):
                return [False, False, True, None, None]
            violations = self.sheet.violations(node)
            constraint = not any(violation.kind == "constraint" for violation in violations)
            tokens = None
            if question.tokens and (question.choice_filter is not None or node not in self._listed):
                tokens = [choice.token for choice in self.sheet.choices(node)]
                self._listed.add(node)
            return [True, self.sheet.required(node), constraint, self.sheet.value(node), tokens]
        except KeyError:
            return None

    def _empty(self, reference: str) -> None:
        """Forget the answers of the last instance: theirs are gone for good, ours would come back."""
        names, at = parts(reference)
        block = self.repeats.get(names)
        if block is None:
            return
        mark = "".join(f"[{place}]" for place in (*at, self.sheet.instances(block.id, at)))
        inside = {question.id for path, question in self.questions.items() if path[: len(names)] == names}
        for node in list(self.sheet.nodes()):
            name, _, rest = node.partition("[")
            if name in inside and ("[" + rest).startswith(mark) and self.sheet.answer(node) is not None:
                self.sheet.record(node, None)


def _paths(block: str | None, name: str, blocks: Mapping[str, Block]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The path of a row as it is called here, and those that it may have there: the second of two names is changed."""
    around: list[str] = []
    while block is not None:
        around.insert(0, block)
        block = blocks[block].parent
    chain = [*around, name]
    choices = [_once(each, chain[place - 1] if place else "") for place, each in enumerate(chain)]
    return tuple(chain), list(product(*choices))[1:64]


def _once(name: str, block: str) -> list[str]:
    """What a name may have been before the import made it different from another."""
    before = [name]
    for each in (name, _TURN.sub("", name)):
        before += [each, each.removesuffix("_group")]
        for outer in (block, _TURN.sub("", block).removesuffix("_group"), *_ends(block)):
            if outer and each.startswith(f"{outer}_"):
                before.append(each[len(outer) + 1 :])
    return list(dict.fromkeys(before))


def _ends(block: str) -> Iterator[str]:
    for place, letter in enumerate(block):
        if letter == "_":
            yield block[place + 1 :]


def _value(question: Question, step: Step) -> Value:
    if step["do"] == "choose":
        chosen = tuple(step["values"])
        if not chosen:
            return None
        return chosen if question.type in {"any-of", "rank"} else chosen[0]
    text: str = step["value"]
    if text == "":
        return None
    match question.type:
        case "whole-number":
            return int(text)
        case "decimal":
            return Decimal(text)
        case "range":
            number = Decimal(text)
            return int(number) if number == int(number) else number
        case "date":
            return date.fromisoformat(text)
        case "time":
            return time.fromisoformat(text).replace(tzinfo=None)
        case "date-time":
            return datetime.fromisoformat(text).replace(tzinfo=None)
    return text


def text_of(value: Result) -> str:
    """A value as the reference engine writes it."""
    return string(value)
