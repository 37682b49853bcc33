"""Node-sets: names in repeats, paths, predicates, rows of tables, and the functions that are about nodes.

A name outside every repeat is one slot. Seen from outside its repeat it is a set of slots, fixed when the condition is
compiled: a sheet compiles again when a repeat grows. Only predicates choose while the condition is worked out.
Source: ODK XForms, "XPath Paths", "XPath Predicates", "Node-set Functions", "Repeat Functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, TypeAlias

from firstcontact.domain.calls import HERE, Frame, Many, Node, Row, own_answer
from firstcontact.domain.coercion import Result, number, string
from firstcontact.domain.rows import Picker, choosing, lookup, pick_rows
from firstcontact.domain.scope import ROOT, Ast, ConditionError, Rows, Scope, Slots
from firstcontact.domain.standpoint import NODE_HEADS, Standpoint, first_of

Both: TypeAlias = "tuple[Node, Many | None]"
"""A node-set as one value (its first) and, if there may be more or fewer than one, as all of them."""


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Nodes that predicates may choose from: `groups` are the children of one parent each, `pick` says which are in."""

    groups: tuple[tuple[Scope, ...], ...]
    pick: Callable[[Frame], list[Scope]]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a table, and which of them are in."""

    rows: Rows
    pick: Picker | None = None
    """None: all of them."""

    def inside(self, frame: Frame) -> Sequence[int]:
        return range(len(self.rows)) if self.pick is None else self.pick(frame)


def nodes(ast: Ast, place: Standpoint, depth: int) -> Both:
    """Compile one of NODE_HEADS."""
    head = ast[0]
    if head == "ref":
        return _of_slots(place.own.slots(ast[1]))
    if head == "name" and place.columns:
        return _column(ast[-1]), None
    if head in ("path", "current", "abs", "name"):
        return _path(ast, place)
    if head == "last":
        return _saved(place.own.last(ast[1]))
    many = _union(ast, place, depth) if head == "union" else _selected(ast, place, depth)
    return first_of(many), many


def values_of(ast: Ast, place: Standpoint, depth: int) -> Many:
    """Any expression as a set of values: of a node-set all, of anything else the one."""
    if ast[0] in NODE_HEADS:
        one, many = nodes(ast, place, depth)
        if many is not None:
            return many
    else:
        one = place.compile(ast, place, depth)
    return lambda frame: (one(frame),)


def _of_slots(slots: Slots) -> Both:
    if isinstance(slots, int):
        return itemgetter(slots), None
    if not slots:
        return _blank, _nothing
    if len(slots) == 1:
        only = itemgetter(slots[0])
        return only, lambda frame: (only(frame),)
    return itemgetter(slots[0]), itemgetter(*slots)


def _saved(slot: int) -> Both:
    """What was answered the last time: no node if nothing was."""
    one = itemgetter(slot)
    return one, lambda frame: () if frame[slot] is None else (frame[slot],)


def _blank(_frame: Frame) -> Result:
    return None


def _nothing(_frame: Frame) -> tuple[Result, ...]:
    return ()


def _column(name: str) -> Node:
    def node(frame: Frame) -> Result:
        return frame[HERE].cells.get(name) or None

    return node


def _path(ast: Ast, place: Standpoint) -> Both:
    head = ast[0]
    if head == "abs":
        return _of_slots(place.own.path(ROOT, tuple(ast[2:])))
    if head == "name":
        return _of_slots(place.scope.path(0, tuple(ast[1:])))
    up, names = ast[1], tuple(ast[2:])
    if head == "current":
        if up == 0 and not names:
            return own_answer, None
        return _of_slots(place.own.path(up, names))
    if place.columns:
        return (_column(names[0]), None) if up == 0 and len(names) == 1 else (_blank, _nothing)
    return _of_slots(place.scope.path(up, names))


def _union(ast: Ast, place: Standpoint, depth: int) -> Many:
    parts = [values_of(each, place, depth) for each in ast[1:]]
    return lambda frame: [value for part in parts for value in part(frame)]


def _selected(ast: Ast, place: Standpoint, depth: int) -> Many:
    """The values of what predicates and further names choose."""
    if ast[0] == "step":
        base = _choose(ast[1], place, depth)
        if isinstance(base, _Rows):
            return _cells(base, ast[-1])
    chosen = _choose(ast, place, depth)
    if isinstance(chosen, _Rows):
        return _cells(chosen, "label")
    slots = {id(scope): _one_slot(scope) for group in chosen.groups for scope in group}
    return lambda frame: [frame[slot] for scope in chosen.pick(frame) if (slot := slots[id(scope)]) is not None]


def _one_slot(scope: Scope) -> int | None:
    """The slot of a place; None of a block, which has no value."""
    slots = scope.path(0, ())
    return slots if isinstance(slots, int) else slots[0] if slots else None


def _cells(chosen: _Rows, column: str) -> Many:
    rows = chosen.rows
    return lambda frame: [rows[index].get(column) or None for index in chosen.inside(frame)]


def _choose(ast: Ast, place: Standpoint, depth: int) -> _Nodes | _Rows:
    head = ast[0]
    if head == "instance":
        return _Rows(place.own.table(ast[1]) or ())
    if head == "filter":
        base = _choose(ast[1], place, depth)
        for predicate in ast[2:]:
            if isinstance(base, _Rows):
                base = _Rows(base.rows, pick_rows(base.rows, base.pick, predicate, place, depth))
            else:
                base = _filtered(base, predicate, place, depth)
        return base
    if head == "step":
        base = _choose(ast[1], place, depth)
        if isinstance(base, _Rows):
            raise ConditionError("a column of a table has nothing below it, and no predicates")
        return _children(base, tuple(ast[2:]))
    if head == "union" or head not in NODE_HEADS:
        raise ConditionError("predicates stand behind a question, a repeat or a table")
    group = _places(ast, place)
    return _Nodes((group,), lambda _frame: list(group))


def _places(ast: Ast, place: Standpoint) -> tuple[Scope, ...]:
    """The places that a name or path without predicates stands for."""
    head = ast[0]
    if head == "ref":
        return place.own.places(ast[1])
    if head == "last":
        return ()
    if head == "abs":
        return place.own.places_at(ROOT, tuple(ast[2:]))
    if head == "current":
        return place.own.places_at(ast[1], tuple(ast[2:]))
    if place.columns:
        return ()
    if head == "name":
        return place.scope.places_at(0, tuple(ast[1:]))
    return place.scope.places_at(ast[1], tuple(ast[2:]))


def _children(base: _Nodes, names: tuple[str, ...]) -> _Nodes:
    below = {id(scope): scope.places_at(0, names) for group in base.groups for scope in group}

    def pick(frame: Frame) -> list[Scope]:
        return [child for scope in base.pick(frame) for child in below[id(scope)]]

    return _Nodes(tuple(below.values()), pick)


def _filtered(base: _Nodes, predicate: Ast, place: Standpoint, depth: int) -> _Nodes:
    """Those of each group for which the predicate holds; it is compiled once for every node it may look at."""
    tests = {
        id(scope): (place.compile(predicate, place.within(scope), depth), _one_slot(scope))
        for group in base.groups
        for scope in group
    }

    holds = choosing(predicate)

    def pick(frame: Frame) -> list[Scope]:
        inside = {id(scope) for scope in base.pick(frame)}
        found: list[Scope] = []
        outer = frame[HERE]
        for group in base.groups:
            candidates = [scope for scope in group if id(scope) in inside]
            for index, scope in enumerate(candidates, 1):
                test, slot = tests[id(scope)]
                frame[HERE] = Row({}, None if slot is None else frame[slot], index, len(candidates), outer)
                if holds(test(frame), index):
                    found.append(scope)
        frame[HERE] = outer
        return found

    return _Nodes(base.groups, pick)


def _count(ast: Ast, place: Standpoint, depth: int) -> Node:
    counters = [_counter(arg, place, depth) for arg in ast[2:]]
    if len(counters) == 1:
        return counters[0]
    return lambda frame: sum(counter(frame) for counter in counters)


def _counter(ast: Ast, place: Standpoint, depth: int) -> Callable[[Frame], int]:
    head = ast[0]
    if head == "union":
        parts = [_counter(each, place, depth) for each in ast[1:]]
        return lambda frame: sum(part(frame) for part in parts)
    if head in ("filter", "step", "instance"):
        base = _choose(ast[1], place, depth) if head == "step" else None
        chosen = base if isinstance(base, _Rows) else _choose(ast, place, depth)
        if isinstance(chosen, _Rows):
            return lambda frame: len(chosen.inside(frame))
        return lambda frame: len(chosen.pick(frame))
    if head not in NODE_HEADS:
        raise ConditionError("count() counts questions or repeats")
    found = len(_places(ast, place))
    return lambda _: found


def _position(ast: Ast, place: Standpoint, _depth: int) -> Node:
    if len(ast) == 2:
        return (lambda frame: frame[HERE].position) if place.inside else (lambda _: 1)
    arg = ast[2]
    if arg[0] in ("path", "current") and len(arg) == 2:
        scope = place.own if arg[0] == "current" else place.scope
        found = scope.position(arg[1])
    else:
        places = _places(arg, place) if arg[0] not in ("filter", "step", "instance", "union") else ()
        found = places[0].position(0) if places else 1
    return lambda _: found


def _last(_ast: Ast, place: Standpoint, _depth: int) -> Node:
    return (lambda frame: frame[HERE].size) if place.inside else (lambda _: 1)


def _indexed_repeat(ast: Ast, place: Standpoint, depth: int) -> Node:
    """`indexed-repeat(${x}, ${outer}, 1, ${inner}, 2)`: the question in that instance; blank if it is not there."""
    target, pairs = ast[2], list(zip(ast[3::2], ast[4::2], strict=True))
    indexes = [place.compile(index, place, depth) for _, index in pairs]
    slots: dict[tuple[int, ...], Slots] = {}
    waiting: list[tuple[tuple[int, ...], Scope]] = [((), place.own)]
    for repeat, _ in pairs:
        waiting = [
            ((*place_of, number_), instance)
            for place_of, scope in waiting
            for number_, instance in enumerate(_below(repeat, scope, place), 1)
        ]
    for place_of, scope in waiting:
        slots[place_of] = scope.slots(target[-1])

    def node(frame: Frame) -> Result:
        wanted = tuple(int(amount) if (amount := number(index(frame))) is not None else 0 for index in indexes)
        slot = slots.get(wanted, ())
        return frame[slot] if isinstance(slot, int) else frame[slot[0]] if slot else None

    return node


def _below(repeat: Ast, scope: Scope, place: Standpoint) -> tuple[Scope, ...]:
    return _places(repeat, place) if scope is place.own else scope.places(repeat[-1])


def _choice_name(ast: Ast, place: Standpoint, depth: int) -> Node:
    value, words, name = place.compile(ast[2], place, depth), place.own.words, ast[3][1]
    return lambda frame: words(name).get(string(value(frame)))


def _pulldata(ast: Ast, place: Standpoint, depth: int) -> Node:
    table, wanted, column, key = (place.compile(arg, place, depth) for arg in ast[2:])
    scope = place.own

    def node(frame: Frame) -> Result:
        name = string(table(frame))
        rows = scope.table(name)
        if rows is None:
            rows = scope.table(name.removesuffix(".csv"))
        if not rows:
            return None
        found = lookup(rows, string(column(frame)), string(key(frame)))
        return rows[found[0]].get(string(wanted(frame))) or None if found else None

    return node


CALLS: Final[dict[str, Callable[[Ast, Standpoint, int], Node]]] = {
    "count": _count,
    "indexed-repeat": _indexed_repeat,
    "jr:choice-name": _choice_name,
    "last": _last,
    "position": _position,
    "pulldata": _pulldata,
}
"""Functions about nodes, by name."""
