"""Where the two engines differ: after each step, node by node."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from firstcontact.domain.checklist import Checklist
from tests.differential.ours import Ours, parts, text_of
from tests.differential.reference import MADE, Played, Reference, State, Step

Aspect: TypeAlias = Literal["missing", "relevant", "required", "constraint", "value", "choices", "instances", "step"]
OURS_ALONE: Final = frozenset({("file", "required"), ("note", "required"), ("phone", "constraint")})
"""Kinds of questions and what we settle for them ourselves: see test_where_we_differ."""
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)?T?(\d\d:\d\d(?::\d\d)?)?(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?\Z")
_NEAR: Final = 1e-9
NOTHING: Final = frozenset({"NaN", "Invalid Date"})
"""What the reference engine writes for no number and no day; here they are blank."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One node on which the engines differ after a step."""

    sequence: int
    step: int
    """How many steps had been taken; 0 is the start."""
    node: str
    aspect: Aspect
    theirs: Any
    ours: Any

    @property
    def path(self) -> str:
        """The node without its instances."""
        return "/".join(parts(self.node.removesuffix("/*"))[0])


@dataclass(frozen=True, slots=True)
class Compared:
    """A form compared: how many steps (the start counts as one), on how many of them anything differed."""

    steps: int
    differing: int
    differences: tuple[Difference, ...]
    """Of each sequence those of the first step that differs."""
    taken: tuple[list[Step], ...] = ()


def compare(checklist: Checklist, reference: Reference) -> Compared:
    """Take every sequence of the reference's again with our engine."""
    steps = differing = 0
    first: list[Difference] = []
    for number, played in enumerate(reference.played):
        told = False
        for place, found in enumerate(_each(checklist, played)):
            steps += 1
            if found:
                differing += 1
                if not told:
                    first += [Difference(number, place, *each) for each in found]
                    told = True
    return Compared(steps, differing, tuple(first), tuple(played.steps for played in reference.played))


Found: TypeAlias = "tuple[str, Aspect, Any, Any]"


def _each(checklist: Checklist, played: Played) -> Iterator[list[Found]]:
    ours, theirs, counts = Ours(checklist), dict[str, State](), dict[str, int]()
    for place, changed in enumerate(played.states):
        wrong = ours.take(played.steps[place - 1]) if place else None
        for node, state in changed.items():
            if state is None:
                theirs.pop(node, None)
                counts.pop(node, None)
            else:
                theirs[node] = state
        for node, state in theirs.items():  # in document order, so a repeat stands before what is in it
            if node.endswith("/*"):
                ours.follow(node[:-2], state[1])
                ours.begin_again(theirs, node[:-2], counts.get(node, 0), state[1])
                counts[node] = state[1]
        found: list[Found] = [(played.steps[place - 1]["at"], "step", "taken", wrong)] if wrong else []
        for node, state in theirs.items():
            path = parts(node.removesuffix("/*"))[0]
            state_of_ours = ours.state(node)
            if state_of_ours is None and MADE.search("/".join(path)):
                continue
            question = ours.questions.get(path)
            told = differs(node, state, state_of_ours)
            found += [each for each in told if question is None or (question.type, each[1]) not in OURS_ALONE]
        yield found


def differs(node: str, theirs: State, ours: State | None) -> list[Found]:
    """Where two states of one node differ."""
    if node.endswith("/*"):
        if not theirs[0] or (ours is not None and ours[1] == theirs[1]):
            return []
        return [(node, "instances", theirs[1], None if ours is None else ours[1])]
    relevant, required, constraint, value, choices = theirs
    if ours is None:
        return [(node, "missing", theirs, None)] if relevant else []
    found: list[Found] = []
    if ours[0] is None:
        return [] if same(value, text_of(ours[3])) else [(node, "value", value, text_of(ours[3]))]
    if relevant is not ours[0]:
        return [(node, "relevant", relevant, ours[0])]
    if not relevant:
        return []
    if required is not ours[1]:
        found.append((node, "required", required, ours[1]))
    if constraint is not ours[2]:
        found.append((node, "constraint", constraint, ours[2]))
    if not same(value, text_of(ours[3])):
        found.append((node, "value", value, text_of(ours[3])))
    if ours[4] is not None and choices is not None and list(choices) != list(ours[4]):
        found.append((node, "choices", choices, ours[4]))
    return found


def same(theirs: str, ours: str) -> bool:
    """Whether two written values mean the same: numbers to nine digits, moments without zone, no number is blank."""
    if theirs == ours or (ours == "" and theirs in NOTHING):
        return True
    try:
        return math.isclose(float(theirs), float(ours), rel_tol=_NEAR, abs_tol=_NEAR)
    except ValueError:
        pass
    first, second = _MOMENT.match(theirs), _MOMENT.match(ours)
    if first is None or second is None:
        return False
    return (first[1], (first[2] or "")[:5]) == (second[1], (second[2] or "")[:5])
