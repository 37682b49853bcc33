"""Turns a parsed condition into closures over a frame: operators, comparisons and calls.

XPath compares by what the two sides are: as truths if either is one, as numbers if either is one, else as text; and a
node is text, whatever type its answer has here. What a side is shows before anything is worked out, all but the
branches of an if(). A set of nodes compares as any of its nodes does (XPath 1.0, 3.4).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, Final

from firstcontact.domain.calls import HERE, Frame, Kind, Many, Node
from firstcontact.domain.coercion import Result, equal, less, same_number, string, truth
from firstcontact.domain.functions import FUNCTIONS
from firstcontact.domain.nodesets import CALLS, nodes, values_of
from firstcontact.domain.scope import Ast, ConditionError
from firstcontact.domain.standpoint import NODE_HEADS, Standpoint, kind_of
from firstcontact.domain.totals import negative, product, total

MOST_LEVELS: Final = 400
"""Levels of an Ast: more than forty brackets can make."""


def compile_node(ast: Ast, place: Standpoint, depth: int) -> Node:
    """Compile any part of a condition. Raises: ConditionError, KeyError, IndexError, TypeError for no Ast of ours."""
    if depth > MOST_LEVELS:
        raise ConditionError("the condition is nested too deeply")
    return _MAKERS[ast[0]](ast, place, depth + 1)


def _nodes(ast: Ast, place: Standpoint, depth: int) -> Node:
    return nodes(ast, place, depth)[0]


def _constant(value: Result) -> Node:
    return lambda _: value


def _number(ast: Ast, _place: Standpoint, _depth: int) -> Node:
    return _constant(ast[1] if isinstance(ast[1], int) else Decimal(ast[1]))


def _text(ast: Ast, _place: Standpoint, _depth: int) -> Node:
    return _constant(ast[1] or None)


def _self(_ast: Ast, place: Standpoint, _depth: int) -> Node:
    if place.inside:
        return lambda frame: frame[HERE].value
    return lambda frame: frame[HERE]


def _call(ast: Ast, place: Standpoint, depth: int) -> Node:
    if ast[1] in CALLS:
        return CALLS[ast[1]](ast, place, depth)
    function = FUNCTIONS.get(ast[1])
    args = ast[2:]
    if function is None or not function.least <= len(args) <= function.most:
        raise ConditionError(f"{ast[1]}() is not a function that this version understands")
    if function.lead is None:
        return function.make(*[compile_node(arg, place, depth) for arg in args])
    leading = [compile_node(arg, place, depth) for arg in args[: function.lead]]
    return function.make(*leading, _all_values(args[function.lead :], place, depth))


def _all_values(args: list[Ast], place: Standpoint, depth: int) -> Many:
    """The values of all arguments, sets taken whole."""
    if len(args) == 1:
        return values_of(args[0], place, depth)
    singles: list[Node] = []
    for arg in args:
        one, many = nodes(arg, place, depth) if arg[0] in NODE_HEADS else (compile_node(arg, place, depth), None)
        if many is not None:
            parts = [values_of(each, place, depth) for each in args]
            return lambda frame: [value for part in parts for value in part(frame)]
        singles.append(one)
    return lambda frame: [single(frame) for single in singles]


def _all(ast: Ast, place: Standpoint, depth: int) -> Node:
    terms = [compile_node(term, place, depth) for term in ast[1:]]
    if len(terms) == 2:
        left, right = terms
        return lambda frame: truth(left(frame)) and truth(right(frame))
    return lambda frame: all(truth(term(frame)) for term in terms)


def _any(ast: Ast, place: Standpoint, depth: int) -> Node:
    terms = [compile_node(term, place, depth) for term in ast[1:]]
    return lambda frame: any(truth(term(frame)) for term in terms)


def _sides(ast: Ast, place: Standpoint, depth: int) -> tuple[Node, Many | None, Node, Many | None]:
    left, lefts = _side(ast[1], place, depth)
    right, rights = _side(ast[2], place, depth)
    return left, lefts, right, rights


def _side(ast: Ast, place: Standpoint, depth: int) -> tuple[Node, Many | None]:
    return nodes(ast, place, depth) if ast[0] in NODE_HEADS else (compile_node(ast, place, depth), None)


def _equality(ast: Ast, place: Standpoint, depth: int) -> Node:
    if ast[1][0] == "ref" and ast[2][0] == "str":
        slots = place.own.slots(ast[1][1])
        if isinstance(slots, int):
            return _slot_is_text(slots, ast[2][1], wanted=ast[0] == "=")
    left, lefts, right, rights = _sides(ast, place, depth)
    wanted = ast[0] == "="
    first, second = kind_of(ast[1]), kind_of(ast[2])
    if (lefts is not None or rights is not None) and "truth" not in (first, second):
        return _for_any(lefts or _single(left), rights or _single(right), _same(first, second, wanted=wanted))
    same = _same(first, second, wanted=True)
    if wanted:
        return lambda frame: same(left(frame), right(frame))
    return lambda frame: not same(left(frame), right(frame))


def _same(first: Kind, second: Kind, *, wanted: bool) -> Callable[[Result, Result], bool]:
    """How two sides of these kinds are compared for being the same, or (not wanted) for differing."""
    kinds = {first, second}
    same: Callable[[Result, Result], bool]
    if "truth" in kinds:
        same = _same_truth
    elif "number" in kinds:
        same = same_number
    elif "any" not in kinds:
        same = _same_text
    else:
        same = _seen_then(first, second)
    return same if wanted else lambda left, right: not same(left, right)


def _same_truth(left: Result, right: Result) -> bool:
    return truth(left) is truth(right)


def _same_text(left: Result, right: Result) -> bool:
    return string(left) == string(right)


def _seen_then(first: Kind, second: Kind) -> Callable[[Result, Result], bool]:
    """At least one side shows what it is only when it is worked out; the other may be text whatever its type."""

    def same(left: Result, right: Result) -> bool:
        return equal(left if first == "any" else string(left), right if second == "any" else string(right))

    return same


def _single(node: Node) -> Many:
    return lambda frame: (node(frame),)


def _for_any(lefts: Many, rights: Many, holds: Callable[[Result, Result], bool]) -> Node:
    def node(frame: Frame) -> bool:
        others = rights(frame)
        return any(holds(left, right) for left in lefts(frame) for right in others)

    return node


def _slot_is_text(slot: int, text: str, *, wanted: bool) -> Node:
    """`${A2} = 'yes'`, by far the most frequent condition, without the general rules where the answer is text."""

    def same(frame: Frame) -> bool:
        value = frame[slot]
        return value == text if type(value) is str else string(value) == text

    def other(frame: Frame) -> bool:
        value = frame[slot]
        return value != text if type(value) is str else string(value) != text

    return same if wanted else other


def _slot_and_number(slot: int, amount: int, operator: str) -> Node:
    """`${q1} > 0`, without the general rules where the answer is a whole number."""
    holds, or_equal = _ORDERS[operator], operator.endswith("=")
    turned = operator.startswith(">")

    def node(frame: Frame) -> bool:
        value = frame[slot]
        if type(value) is int:
            return holds(value, amount)  # type: ignore[no-any-return]
        return less(amount, value, or_equal=or_equal) if turned else less(value, amount, or_equal=or_equal)

    return node


_ORDERS: Final[dict[str, Callable[[int, int], Any]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def _order(ast: Ast, place: Standpoint, depth: int) -> Node:
    operator = ast[0]
    if ast[1][0] == "ref" and ast[2][0] == "num" and isinstance(ast[2][1], int):
        slots = place.own.slots(ast[1][1])
        if isinstance(slots, int):
            return _slot_and_number(slots, ast[2][1], operator)
    left, lefts, right, rights = _sides(ast, place, depth)
    if operator.startswith(">"):
        left, lefts, right, rights = right, rights, left, lefts
    or_equal = operator.endswith("=")
    if lefts is not None or rights is not None:
        return _for_any(
            lefts or _single(left),
            rights or _single(right),
            lambda first, second: less(first, second, or_equal=or_equal),
        )

    def node(frame: Frame) -> bool:
        first, second = left(frame), right(frame)
        if type(first) is int and type(second) is int:
            return first <= second if or_equal else first < second
        return less(first, second, or_equal=or_equal)

    return node


_MAKERS: Final[dict[str, Callable[[Ast, Standpoint, int], Node]]] = {
    **dict.fromkeys(NODE_HEADS, _nodes),
    "str": _text,
    "num": _number,
    "self": _self,
    "call": _call,
    "or": _any,
    "and": _all,
    "=": _equality,
    "!=": _equality,
    "<": _order,
    "<=": _order,
    ">": _order,
    ">=": _order,
    "neg": negative,
    "sum": total,
    "product": product,
}
