"""How a function of the condition language is described, and how a call of it becomes a node.

A function gets its arguments as compiled nodes (callables from the frame to a result) and gives back a node, so that
`if` and `coalesce` may leave an argument alone. `plain` wraps the usual kind, which wants all of them worked out;
`over` the kind that takes node-sets whole, value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from firstcontact.domain.coercion import Result

Frame: TypeAlias = "list[Any]"
"""What a node reads: HERE, TODAY and NOW, then one slot for every name."""
Node: TypeAlias = Callable[[Frame], Result]
Many: TypeAlias = Callable[[Frame], "list[Result] | tuple[Result, ...]"]
"""All values of a node-set, in document order."""

HERE: Final = 0
"""The slot of `.`: the answer that a constraint is about, or what a calculation was before. In a predicate: a Row."""
TODAY: Final = 1
NOW: Final = 2
FIRST_NAME: Final = 3

MANY: Final = 1000

Kind: TypeAlias = Literal["text", "number", "truth", "any", "node"]
"""What an expression is to XPath: a comparison goes by it. `any`: seen only when it is worked out."""


class Row(NamedTuple):
    """What `.` is inside a predicate: one row of a table, or one node, and its place among those looked at."""

    cells: Mapping[str, str]
    value: Result
    position: int
    size: int
    outer: Any
    """What `.` was outside."""


def own_answer(frame: Frame) -> Result:
    """`.` of the question, also from inside predicates."""
    value = frame[HERE]
    while type(value) is Row:
        value = value.outer
    return value  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments a function takes, what it gives, and how a call becomes a node."""

    least: int
    most: int
    make: Callable[..., Node]
    gives: Kind = "text"
    lead: int | None = None
    """Of a function over node-sets: how many arguments stand before them. None: every argument is one value."""


def plain(work: Callable[..., Result], least: int, most: int | None = None, gives: Kind = "text") -> Function:
    """A function of worked-out values."""

    def make(*args: Node) -> Node:
        if len(args) == 1:
            only = args[0]
            return lambda frame: work(only(frame))
        if len(args) == 2:
            first, second = args
            return lambda frame: work(first(frame), second(frame))
        return lambda frame: work(*[arg(frame) for arg in args])

    return Function(least, least if most is None else most, make, gives)


def over(work: Callable[..., Result], lead: int = 0, least: int = 1, gives: Kind = "number") -> Function:
    """A function of all values of its node-sets: `work(*leading values, list of values)`."""

    def make(*args: Any) -> Node:
        *leading, values = args
        if not leading:
            return lambda frame: work(values(frame))
        return lambda frame: work(*[arg(frame) for arg in leading], values(frame))

    return Function(lead + least, MANY, make, gives, lead)
