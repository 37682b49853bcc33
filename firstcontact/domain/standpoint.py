"""Where a condition is compiled for, and what its parts are to XPath before anything is worked out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from firstcontact.domain.calls import Frame, Kind, Many, Node
from firstcontact.domain.coercion import Result
from firstcontact.domain.functions import FUNCTIONS
from firstcontact.domain.scope import Ast, Scope

NODE_HEADS: Final = frozenset({"ref", "last", "path", "abs", "current", "name", "filter", "step", "instance", "union"})
"""The shapes that stand for nodes of the form or rows of a table, and not for a value that was worked out."""
_KINDS: Final[dict[str, Kind]] = {
    **dict.fromkeys((*NODE_HEADS, "self"), "node"),
    **dict.fromkeys(("num", "neg", "sum", "product"), "number"),
    **dict.fromkeys(("or", "and", "=", "!=", "<", "<=", ">", ">="), "truth"),
    "str": "text",
}
_NODE_CALLS: Final[dict[str, Kind]] = {
    **dict.fromkeys(("position", "last", "count"), "number"),
    **dict.fromkeys(("jr:choice-name", "pulldata"), "text"),
    "indexed-repeat": "node",
}


class Standpoint(NamedTuple):
    """What names mean where a part of a condition stands."""

    scope: Scope
    """Of the question, or inside a predicate of the node that it looks at."""
    own: Scope
    """Of the question that the condition is about (`current()`, and `${name}` everywhere)."""
    compile: Callable[[Ast, Standpoint, int], Node]
    inside: int = 0
    """How many predicates stand around."""
    columns: bool = False
    """Whether bare words are columns of a row."""

    def within(self, scope: Scope | None) -> Standpoint:
        """The place inside a predicate: at a node, or (None) at a row."""
        return self._replace(scope=scope or self.scope, inside=self.inside + 1, columns=scope is None)


def kind_of(ast: Ast) -> Kind:
    """What an expression is, as far as it can be seen before it is worked out."""
    head = ast[0]
    if head != "call":
        return _KINDS[head]
    if ast[1] == "if":
        yes, no = kind_of(ast[3]), kind_of(ast[4])
        return yes if yes == no else "any"
    return _NODE_CALLS[ast[1]] if ast[1] in _NODE_CALLS else FUNCTIONS[ast[1]].gives


def first_of(many: Many) -> Node:
    """A node-set where one value is wanted: its first; blank if it is empty."""

    def node(frame: Frame) -> Result:
        for value in many(frame):
            return value
        return None

    return node
