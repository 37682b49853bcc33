"""The condition language: parse, name the questions used, compile, evaluate.

It is the language that form authors know from XLSForm: `${B1} = 'yes' and (${age} >= 65 or ${X11} = 'yes')`. How values
are read as numbers, text and truths stands in `coercion`, the functions in `functions`.

A text is parsed once, when a definition is read, to an `Ast`: nested lists of strings and numbers that travel as JSON
in the compiled form. A laptop only compiles the Ast to closures. `and`, `or`, `+` and `*` are flat lists of terms, so
an addition of 5,000 terms is as deep as one of two; brackets and calls may stand MAX_DEPTH deep.

Shapes: ["ref", name]  ["str", text]  ["num", 5 or "0.5"]  ["self"]  ["call", name, *args]  ["neg", x]
["or", *terms]  ["and", *terms]  [op, left, right] with op one of = != < <= > >=
["sum", "+-", a, b, c] is a + b - c       ["product", "*/%", a, b, c, d] is a * b div c mod d
Node-sets: ["last", name] is ${last-saved#name}   ["path", up, *names] is ../../a/b with up 2, ./a with up 0
["abs", root, *names] is /data/a/b   ["current", up, *names] is current()/../a   ["name", *names] is a bare a/b, legal
in predicates and choice filters alone   ["filter", base, *predicates]   ["step", base, *names]
["instance", id] is the rows of instance('id')/root/item   ["union", *sets] is a | b
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from operator import itemgetter
from typing import Final

from firstcontact.domain.coercion import Number, Result, bounded, divide, equal, less, number, remainder, truth
from firstcontact.domain.functions import FUNCTIONS, HERE, Frame, Node
from firstcontact.domain.scope import Ast, ConditionError, Plain, Rows, Scope, Slot, Slots

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "Ast",
    "ConditionError",
    "Rows",
    "Scope",
    "Slot",
    "Slots",
    "addends",
    "compile_condition",
    "evaluate",
    "names_used",
    "nearest",
    "parse",
    "references",
    "uses_self",
]

MAX_DEPTH: Final = 40
"""How deep brackets and calls may stand inside each other."""
MAX_LENGTH: Final = 20_000
"""Characters in one condition."""

_SCAN: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\$\{\s*([^\s{}]+)\s*\}")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means, or None."""
    by_lower = {each.lower(): each for each in known}
    if name.lower() in by_lower:
        return by_lower[name.lower()]
    found = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


@lru_cache(maxsize=20_000)
def parse(text: str) -> Ast:
    """Parse a condition. Treat the result as frozen: it is shared by all who ask for the same text.

    Raises: ConditionError, with the position of the first thing that cannot be read.
    """
    # Laptops evaluate and never parse, so lark is brought in here and not above.
    from firstcontact.domain.grammar import parse_text

    if len(text) > MAX_LENGTH:
        raise ConditionError(f"the condition is too long: {len(text)} characters, at most {MAX_LENGTH}")
    return parse_text(text)


def references(text: str) -> Iterator[tuple[str, int]]:
    """Every `${name}` of a condition with its position, in order; nothing inside quotes counts."""
    for match in _SCAN.finditer(text):
        if match[1] is not None:
            yield match[1], match.start(1)


def names_used(ast: Ast) -> frozenset[str]:
    """The names of questions, facts and calculations that a condition reads."""
    return frozenset(node[1] for node in _nodes(ast) if node[0] == "ref")


def uses_self(ast: Ast) -> bool:
    """Whether the condition speaks of its own answer (`.`)."""
    return any(node[0] == "self" for node in _nodes(ast))


def _nodes(ast: Ast) -> Iterator[Ast]:
    waiting = [ast]
    while waiting:
        node = waiting.pop()
        yield node
        if node[0] not in ("ref", "str", "num", "self"):
            waiting.extend(part for part in node[1:] if isinstance(part, list))


def compile_condition(ast: Ast, scope: Scope | Slot) -> Node:
    """Turn a parsed condition into a callable over a frame.

    scope: what names mean at the place that it is compiled for, asked once for each use of a name; a callable from a
    name to its slot will do where there are no repeats and no tables.
    Raises: ConditionError, if this is no Ast that parse() makes (a damaged or newer compiled form).
    """
    place: Scope = Plain(scope) if callable(scope) else scope
    try:
        return _compile(ast, place, 0)
    except ConditionError:
        raise
    except (IndexError, KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as problem:
        raise ConditionError("not a condition that this version understands") from problem


def evaluate(
    ast: Ast, names: Mapping[str, Result], today: date, *, here: Result = None, now: datetime | None = None
) -> Result:
    """Work a condition out once, with these values; names that are not there are blank."""
    frame: Frame = [here, today, now or datetime.combine(today, time())]
    places: dict[str, int] = {}

    def slot(name: str) -> int:
        if name not in places:
            places[name] = len(frame)
            frame.append(names.get(name))
        return places[name]

    return compile_condition(ast, slot)(frame)


def _compile(ast: Ast, scope: Scope, depth: int) -> Node:
    if depth > MAX_DEPTH * 8:
        raise ConditionError("the condition is nested too deeply")
    return _MAKERS[ast[0]](ast, scope, depth + 1)


def _ref(ast: Ast, scope: Scope, _depth: int) -> Node:
    return itemgetter(_one(scope.slots(ast[1])))


def _one(slots: Slots) -> int:
    return slots if isinstance(slots, int) else slots[0]


def _constant(value: Result) -> Node:
    return lambda _: value


def _self(_ast: Ast, _scope: Scope, _depth: int) -> Node:
    return itemgetter(HERE)


def _call(ast: Ast, scope: Scope, depth: int) -> Node:
    function = FUNCTIONS.get(ast[1])
    if function is None or not function.least <= len(ast) - 2 <= function.most:
        raise ConditionError(f"{ast[1]}() is not a function that this version understands")
    return function.make(*[_compile(arg, scope, depth) for arg in ast[2:]])


def _all(ast: Ast, scope: Scope, depth: int) -> Node:
    terms = [_compile(term, scope, depth) for term in ast[1:]]
    if len(terms) == 2:
        left, right = terms
        return lambda frame: truth(left(frame)) and truth(right(frame))
    return lambda frame: all(truth(term(frame)) for term in terms)


def _any(ast: Ast, scope: Scope, depth: int) -> Node:
    terms = [_compile(term, scope, depth) for term in ast[1:]]
    return lambda frame: any(truth(term(frame)) for term in terms)


def _equal(ast: Ast, scope: Scope, depth: int) -> Node:
    left, right = (_compile(term, scope, depth) for term in ast[1:])
    wanted = ast[0] == "="
    if ast[1][0] == "ref" and ast[2][0] == "str":
        return _equals_text(left, ast[2][1], wanted)
    return lambda frame: equal(left(frame), right(frame)) is wanted


def _equals_text(left: Node, text: str, wanted: bool) -> Node:
    """`${A2} = 'yes'`, by far the most frequent condition, without the general rules where both sides are text."""

    def node(frame: Frame) -> bool:
        value = left(frame)
        if type(value) is str:
            return (value == text) is wanted
        return equal(value, text) is wanted

    return node


def _compare(ast: Ast, scope: Scope, depth: int) -> Node:
    left, right = (_compile(term, scope, depth) for term in ast[1:])
    operator = ast[0]
    if operator.startswith(">"):
        left, right = right, left
    or_equal = operator.endswith("=")

    def node(frame: Frame) -> bool:
        first, second = left(frame), right(frame)
        if type(first) is int and type(second) is int:
            return first <= second if or_equal else first < second
        return less(first, second, or_equal=or_equal)

    return node


def _negative(ast: Ast, scope: Scope, depth: int) -> Node:
    term = _compile(ast[1], scope, depth)

    def node(frame: Frame) -> Result:
        amount = number(term(frame))
        return None if amount is None else -amount

    return node


def _sum(ast: Ast, scope: Scope, depth: int) -> Node:
    return _fast_sum(ast, scope, depth) or _careful_sum(ast, scope, depth)


def _careful_sum(ast: Ast, scope: Scope, depth: int) -> Node:
    signs = "+" + ast[1]
    terms = [(sign == "-", _compile(term, scope, depth)) for sign, term in zip(signs, ast[2:], strict=True)]

    def node(frame: Frame) -> Result:
        total: Number = 0
        for negative, term in terms:
            amount = number(term(frame))
            if amount is None:
                return None
            total = total - amount if negative else total + amount
        return bounded(total)

    return node


def _fast_sum(ast: Ast, scope: Scope, depth: int) -> Node | None:
    """Additions of many plain names, or of many `coalesce(${name}, 0)`: totals of long forms, added up in one step.

    Python's sum() refuses text, dates and blanks; a careful node, compiled only then, applies the rules for those.
    """
    terms = ast[2:]
    if len(terms) < 4 or "-" in ast[1]:
        return None
    spare: list[Node] = []

    def careful(frame: Frame) -> Result:
        if not spare:
            spare.append(_careful_sum(ast, scope, depth))
        return spare[0](frame)

    if all(term[0] == "ref" for term in terms):
        pick = itemgetter(*[_one(scope.slots(term[1])) for term in terms])

        def plain(frame: Frame) -> Result:
            try:
                return bounded(sum(pick(frame)))
            except TypeError:
                return careful(frame)

        return plain
    if all(_is_or_zero(term) for term in terms):
        pick_or_zero = itemgetter(*[_one(scope.slots(term[2][1])) for term in terms])

        def blanks_as_zero(frame: Frame) -> Result:
            try:
                return bounded(sum(filter(None, pick_or_zero(frame))))
            except TypeError:
                return careful(frame)

        return blanks_as_zero
    return None


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


def _is_or_zero(term: Ast) -> bool:
    return len(term) == 4 and term[:2] == ["call", "coalesce"] and term[2][0] == "ref" and term[3] == ["num", 0]


def _product(ast: Ast, scope: Scope, depth: int) -> Node:
    first, *rest = (_compile(term, scope, depth) for term in ast[2:])
    steps = list(zip(ast[1], rest, strict=True))

    def node(frame: Frame) -> Result:
        total = number(first(frame))
        for operator, term in steps:
            amount = number(term(frame))
            if total is None or amount is None:
                return None
            if operator == "*":
                total = bounded(total * amount)
            else:
                total = divide(total, amount) if operator == "/" else remainder(total, amount)
        return total

    return node


_MAKERS: Final[dict[str, Callable[[Ast, Scope, int], Node]]] = {
    "ref": _ref,
    "str": lambda ast, _scope, _depth: _constant(ast[1] or None),
    "num": lambda ast, _scope, _depth: _constant(ast[1] if isinstance(ast[1], int) else Decimal(ast[1])),
    "self": _self,
    "call": _call,
    "or": _any,
    "and": _all,
    "=": _equal,
    "!=": _equal,
    "<": _compare,
    "<=": _compare,
    ">": _compare,
    ">=": _compare,
    "neg": _negative,
    "sum": _sum,
    "product": _product,
}
