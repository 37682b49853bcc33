"""Which rows of a table, or choices of a list, a predicate lets through: looked up where it names a column's value."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

from firstcontact.domain.calls import HERE, Frame, Node, Row
from firstcontact.domain.coercion import Result, string, truth
from firstcontact.domain.scope import Ast, Rows
from firstcontact.domain.standpoint import Standpoint, kind_of

Picker: TypeAlias = Callable[[Frame], Sequence[int]]
"""The indexes of the rows that are in, in order."""

_MOST_INDEXES: Final = 64
_indexes: OrderedDict[tuple[int, str], tuple[Rows, Mapping[str, list[int]]]] = OrderedDict()
_OF_THE_ROW: Final = frozenset({"name", "self", "path", "filter", "step", "instance", "union"})


def lookup(rows: Rows, column: str, wanted: str) -> Sequence[int]:
    """The rows whose column holds this text; a column is indexed once, and the 64 indexed last are kept."""
    key = (id(rows), column)
    found = _indexes.get(key)
    if found is None or found[0] is not rows:
        index: dict[str, list[int]] = {}
        for place, row in enumerate(rows):
            index.setdefault(row.get(column, ""), []).append(place)
        found = _indexes[key] = (rows, index)
        while len(_indexes) > _MOST_INDEXES:
            _indexes.popitem(last=False)
    return found[1].get(wanted, ())


def pick_rows(rows: Rows, before: Picker | None, predicate: Ast, place: Standpoint, depth: int) -> Picker:
    """Those of `before` (None: of all rows) for which a predicate holds."""
    inside = place.within(None)
    term = _indexed(predicate, place) if before is None else None
    if term is None:
        everything = tuple(range(len(rows)))
        return _tested(rows, before or (lambda _frame: everything), predicate, place.compile(predicate, inside, depth))
    column, wanted = term.column, place.compile(term.wanted, inside, depth)

    def first(frame: Frame) -> Sequence[int]:
        outer = frame[HERE]
        frame[HERE] = Row({}, None, 1, 1, outer)
        text = string(wanted(frame))
        frame[HERE] = outer
        return lookup(rows, column, text)

    if not term.others:
        return first
    others = term.others[0] if len(term.others) == 1 else ["and", *term.others]
    return _tested(rows, first, others, place.compile(others, inside, depth))


def _tested(rows: Rows, before: Picker, predicate: Ast, test: Node) -> Picker:
    holds = choosing(predicate)

    def pick(frame: Frame) -> Sequence[int]:
        candidates = before(frame)
        outer, size = frame[HERE], len(candidates)
        found = []
        for position, index in enumerate(candidates, 1):
            frame[HERE] = Row(rows[index], None, position, size, outer)
            if holds(test(frame), position):
                found.append(index)
        frame[HERE] = outer
        return found

    return pick


def choosing(predicate: Ast) -> Callable[[Result, int], bool]:
    """How the outcome of a predicate says whether a node at this position is in (XPath 1.0, 2.4).

    A number that was worked out asks for that position; the number in a node is only there, and so true.
    """
    return _holds if kind_of(predicate) in ("number", "any") else _is_true


def _holds(value: Result, position: int) -> bool:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value == position
    return truth(value)


def _is_true(value: Result, _position: int) -> bool:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return True
    return truth(value)


class _Term(NamedTuple):
    """`column = wanted`, where the row has no part in what is wanted, and what else the predicate asks for."""

    column: str
    wanted: Ast
    others: list[Ast]


def _indexed(predicate: Ast, place: Standpoint) -> _Term | None:
    terms = predicate[1:] if predicate[0] == "and" else [predicate]
    # Positions count rows before any of the terms is looked at, so a predicate with one goes row by row.
    if any(_counts(each) for each in terms):
        return None
    for index, term in enumerate(terms):
        if term[0] != "=":
            continue
        for column, wanted in ((term[1], term[2]), (term[2], term[1])):
            if _is_column(column) and _is_one_text(wanted, place):
                return _Term(column[-1], wanted, [*terms[:index], *terms[index + 1 :]])
    return None


def _is_column(ast: Ast) -> bool:
    return (ast[0] == "name" and len(ast) == 2) or (ast[:2] == ["path", 0] and len(ast) == 3)


def _is_one_text(ast: Ast, place: Standpoint) -> bool:
    """Whether it is one text whatever the row: numbers compare otherwise, and of a set any may be equal."""
    if ast[0] == "ref":
        return isinstance(place.own.slots(ast[1]), int)
    if ast[0] == "current" and len(ast) > 2:
        return isinstance(place.own.path(ast[1], tuple(ast[2:])), int)
    return kind_of(ast) == "text" and not any(each[0] in _OF_THE_ROW for each in walk(ast))


def _counts(ast: Ast) -> bool:
    return any(each[:2] in (["call", "position"], ["call", "last"]) for each in walk(ast))


def walk(ast: Ast) -> Iterator[Ast]:
    """Every part of a condition, the whole first."""
    waiting = [ast]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(part for part in node[1:] if isinstance(part, list))
