"""Sums and products: long additions in one step where their terms allow it."""

from __future__ import annotations

from operator import itemgetter

from firstcontact.domain.calls import Frame, Node
from firstcontact.domain.coercion import Number, Result, bounded, divide, number, remainder
from firstcontact.domain.scope import Ast
from firstcontact.domain.standpoint import Standpoint


def addends(ast: Ast) -> tuple[str, ...]:
    """The names of a plain addition of `coalesce(${name}, 0)` or of `${name}`, each once; empty for anything else.

    Such a total can follow a changed answer by the difference alone (`branching`).
    """
    if ast[0] != "sum" or "-" in ast[1] or len(ast) < 6:
        return ()
    terms = ast[2:]
    if all(term[0] == "ref" for term in terms):
        names = tuple(term[1] for term in terms)
    elif all(_is_or_zero(term) for term in terms):
        names = tuple(term[2][1] for term in terms)
    else:
        return ()
    return names if len(set(names)) == len(names) else ()


def total(ast: Ast, place: Standpoint, depth: int) -> Node:
    """`a + b - c`."""
    return _fast(ast, place, depth) or _careful(ast, place, depth)


def negative(ast: Ast, place: Standpoint, depth: int) -> Node:
    """`-a`."""
    term = place.compile(ast[1], place, depth)

    def node(frame: Frame) -> Result:
        amount = number(term(frame))
        return None if amount is None else -amount

    return node


def product(ast: Ast, place: Standpoint, depth: int) -> Node:
    """`a * b div c mod d`, from left to right."""
    first, *rest = (place.compile(term, place, depth) for term in ast[2:])
    steps = list(zip(ast[1], rest, strict=True))

    def node(frame: Frame) -> Result:
        found = number(first(frame))
        for operator, term in steps:
            amount = number(term(frame))
            if found is None or amount is None:
                return None
            if operator == "*":
                found = bounded(found * amount)
            else:
                found = _quotient(found, amount) if operator == "/" else remainder(found, amount)
        return found

    return node


def _quotient(left: Number, right: Number) -> Number | None:
    found = divide(left, right)
    return None if found is None else bounded(found)


def _careful(ast: Ast, place: Standpoint, depth: int) -> Node:
    signs = "+" + ast[1]
    terms = [(sign == "-", place.compile(term, place, depth)) for sign, term in zip(signs, ast[2:], strict=True)]

    def node(frame: Frame) -> Result:
        found: Number = 0
        for is_less, term in terms:
            amount = number(term(frame))
            if amount is None:
                return None
            found = found - amount if is_less else found + amount
        return bounded(found)

    return node


def _fast(ast: Ast, place: Standpoint, depth: int) -> Node | None:
    """Additions of many plain names, or of many `coalesce(${name}, 0)`: totals of long forms, added up in one step.

    Python's sum() refuses text, dates and blanks; a careful node, compiled only then, applies the rules for those.
    """
    terms = ast[2:]
    if len(terms) < 4 or "-" in ast[1]:
        return None
    blanks_count = False
    if all(term[0] == "ref" for term in terms):
        slots = [place.own.slots(term[1]) for term in terms]
    elif all(_is_or_zero(term) for term in terms):
        slots, blanks_count = [place.own.slots(term[2][1]) for term in terms], True
    else:
        return None
    if not all(isinstance(slot, int) for slot in slots):
        return None
    pick = itemgetter(*slots)
    spare: list[Node] = []

    def careful(frame: Frame) -> Result:
        if not spare:
            spare.append(_careful(ast, place, depth))
        return spare[0](frame)

    def plain(frame: Frame) -> Result:
        try:
            return bounded(sum(pick(frame)))
        except TypeError:
            return careful(frame)

    def blanks_as_zero(frame: Frame) -> Result:
        try:
            return bounded(sum(filter(None, pick(frame))))
        except TypeError:
            return careful(frame)

    return blanks_as_zero if blanks_count else plain


def _is_or_zero(term: Ast) -> bool:
    return len(term) == 4 and term[:2] == ["call", "coalesce"] and term[2][0] == "ref" and term[3] == ["num", 0]
