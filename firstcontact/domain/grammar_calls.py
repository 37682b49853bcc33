"""Calls that ask more of their arguments than their number: those about nodes, and patterns."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from firstcontact.domain.functions import UnusablePattern, pattern
from firstcontact.domain.grammar_tokens import NAME
from firstcontact.domain.grammar_words import no_such_function
from firstcontact.domain.scope import Ast, ConditionError
from firstcontact.domain.standpoint import NODE_HEADS

_REF_IN_QUOTES: Final = re.compile(rf"\s*\$\{{\s*({NAME})\s*\}}\s*\Z")


_CHOSEN: Final = frozenset({"filter", "step", "instance", "union"})
"""Heads of nodes that are chosen by a predicate, or put together: they name no one repeat or question."""


def _position(args: list[Ast], at: int, in_rows: bool) -> Ast:
    """`position()` in a predicate, `position(..)` elsewhere."""
    if not args and not in_rows:
        raise ConditionError("position() alone counts rows in a predicate", at, "position(..)")
    if len(args) > 1 or (args and args[0][0] not in NODE_HEADS):
        raise ConditionError("position() takes one block, such as ..", at, "position(..)")
    return ["call", "position", *args]


def _last(args: list[Ast], at: int, in_rows: bool) -> Ast:
    if args or not in_rows:
        raise ConditionError("last() counts rows, and can stand in a predicate alone", at)
    return ["call", "last"]


def _indexed_repeat(args: list[Ast], at: int, _in_rows: bool) -> Ast:
    nodes = (args[0], *args[1::2]) if args else ()
    if len(args) not in (3, 5, 7) or any(arg[0] not in NODE_HEADS or arg[0] in _CHOSEN for arg in nodes):
        raise ConditionError("indexed-repeat() takes a question, then a repeat and a number, up to three times", at)
    return ["call", "indexed-repeat", *args]


def _pulldata(args: list[Ast], at: int, _in_rows: bool) -> Ast:
    if len(args) != 4:
        words = "pulldata() takes a table, the column wanted, the column to look in, and what to look for"
        raise ConditionError(words, at)
    return ["call", "pulldata", *args]


def _count(args: list[Ast], at: int, _in_rows: bool) -> Ast:
    if not args or any(arg[0] not in NODE_HEADS for arg in args):
        raise ConditionError("count() counts questions or repeats, such as ${name}", at)
    return ["call", "count", *args]


def _itext(args: list[Ast], at: int, _in_rows: bool) -> Ast:
    """`jr:itext(instance('x')/root/item[..]/itextId)` asks for the label of that row; other texts have no ids here."""
    if len(args) != 1 or args[0][0] != "step" or args[0][-1] != "itextId":
        raise no_such_function("jr:itext", at)
    return [*args[0][:-1], "label"]


def _choice_name(args: list[Ast], at: int, _in_rows: bool) -> Ast:
    """The second argument names the question in quotes; it is read as that question here."""
    found = _REF_IN_QUOTES.match(args[1][1]) if len(args) == 2 and args[1][0] == "str" else None
    if found is None:
        words = "jr:choice-name() takes a choice, and in quotes the question that has it"
        raise ConditionError(words, at, "jr:choice-name(${x}, '${x}')")
    return ["call", "jr:choice-name", args[0], ["ref", found[1]]]


def check_pattern(args: list[Ast], at: int) -> None:
    """Whether RE2 can run the pattern of a regex(), if it is written out. Raises: ConditionError."""
    if args[1][0] != "str":
        return
    try:
        pattern(args[1][1])
    except UnusablePattern as problem:
        raise ConditionError(f"this pattern cannot be run: {problem}", at) from problem


NODE_CALLS: Final[dict[str, Callable[[list[Ast], int, bool], Ast]]] = {
    "count": _count,
    "indexed-repeat": _indexed_repeat,
    "jr:choice-name": _choice_name,
    "jr:itext": _itext,
    "last": _last,
    "position": _position,
    "pulldata": _pulldata,
}
"""By name; each gets its arguments, its place in the text, and whether it stands in a predicate or choice filter."""
