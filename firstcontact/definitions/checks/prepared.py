"""Conditions made ready to be reasoned about: facts by their question, calculations put in, the rest marked unknown.

A prepared condition is an Ast with two more shapes. ["any", key] is a value of which nothing is known, the same
wherever the key is: everything that the analysis has no model of becomes one (paths, tables, node-sets, the day).
["let", name, value, part] is a part that reads a calculation, once it is worked out: a calculation is a node, and what
it holds compares as a node does, not as the expression that made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from firstcontact.definitions.outline import Entry, Outline
from firstcontact.domain.checklist import DERIVED
from firstcontact.domain.condition import Ast, ConditionError, parse

HERE: Final = "."
"""The name of a question's own answer in its constraint."""
MAX_NODES: Final = 300
"""Parts of a prepared condition, calculations put in included; beyond it nothing is said."""
MAX_INSIDE: Final = 8
"""How many calculations are put into each other."""
_PURE: Final = frozenset(
    {
        *("if", "coalesce", "selected", "selected-at", "count-selected", "regex", "true", "false", "not", "boolean"),
        *("date", "date-time", "decimal-date-time", "format-date", "format-date-time", "difference-in-months"),
        *("string", "number", "int", "round", "floor", "ceiling", "abs", "min", "max", "sum", "mean", "count"),
        *("count-non-empty", "string-length", "concat", "join", "contains", "starts-with", "ends-with", "substr"),
        *("substring-before", "substring-after", "translate", "normalize-space"),
    }
)
"""Functions whose result depends on nothing but what is in their brackets."""
_SAME_ALL_ALONG: Final = frozenset({"today", "now"})
MAX_ENDS: Final = 30
MAX_OTHER_SIDE: Final = 20
_SIZES: Final = frozenset({"<", "<=", ">", ">="})
_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})


class Unsure(Exception):
    """Nothing can be said of this condition."""


def negated(ast: Ast) -> Ast:
    """The opposite."""
    return ["call", "not", ast]


def joined(operator: str, terms: list[Ast]) -> Ast:
    """`and` or `or` of any number of terms."""
    if not terms:
        return ["call", "true" if operator == "and" else "false"]
    return terms[0] if len(terms) == 1 else [operator, *terms]


def names_in(ast: Ast) -> Iterator[str]:
    """The questions and derived facts that a prepared condition reads."""
    waiting = [ast]
    while waiting:
        node = waiting.pop()
        if node[0] == "ref":
            yield node[1]
        elif node[0] == "let":
            yield from names_in(node[2])
            yield from (name for name in names_in(node[3]) if name != node[1])
        elif node[0] not in ("str", "num", "any"):
            waiting.extend(part for part in node[1:] if isinstance(part, list))


def inside(ast: Ast) -> list[Ast] | None:
    """The truths that a truth is made of; None for one that is true or false of itself."""
    if ast[0] in ("and", "or"):
        return list(ast[1:])
    if ast[0] == "call" and ast[1] in ("true", "false", "not", "boolean", "if"):
        return list(ast[2:])
    return None


class Prepared:
    """Prepares the conditions of one checklist, and remembers them."""

    def __init__(self, found: Outline) -> None:
        self.found = found
        self._done: dict[tuple[str, str, tuple[str, ...]], Ast | None] = {}
        self._values: dict[str, list[tuple[Ast, Ast]] | None] = {}
        self._open: set[str] = set()
        self._parts: dict[str, Ast | None] = {}
        self._rel: dict[str, list[Ast]] = {}

    def condition(self, text: str, reader: Entry | None, *, own: str = "") -> Ast:
        """A condition as it is read at a question. `own`: the id that `.` stands for, in a constraint.

        Raises: Unsure.
        """
        chain = self.repeats(reader)
        key = (text, own or (reader.id if reader is not None and "." in text else ""), chain)
        if key not in self._done:
            try:
                self._done[key] = self.ast(parse(text), reader, own=own)
            except (ConditionError, Unsure):
                self._done[key] = None
        done = self._done[key]
        if done is None:
            raise Unsure
        return done

    def ast(self, ast: Ast, reader: Entry | None, *, own: str = "") -> Ast:
        """The same for a part of a condition. Raises: Unsure."""
        return self._bound(self._prepare(ast, reader, own))

    def repeats(self, entry: Entry | None) -> tuple[str, ...]:
        """The repeats around an entry, the outermost first: who shares them reads one value and not many."""
        by_id = self.found.by_id
        blocks = (by_id.get(block) for block in (entry.blocks if entry is not None else ()))
        return tuple(block.id for block in blocks if block is not None and block.kind == "repeat")

    def relevance(self, entry: Entry) -> list[Ast]:
        """What must hold for an entry to be asked, as far as it is known: its own, its blocks', its main question's."""
        done = self._rel.get(entry.id)
        if done is not None:
            return done
        found = self.around(entry)
        text = entry.text("relevant")
        if text is not None:
            found = [*found, *self.known(text, entry)]
        self._rel[entry.id] = found
        return found

    def around(self, entry: Entry) -> list[Ast]:
        """The same without its own condition."""
        found: list[Ast] = []
        blocks = [self.found.by_id.get(block) for block in entry.blocks]
        parent = self.found.by_id.get(entry.parent or "")
        for each in (*blocks, parent):
            text = each.text("relevant") if each is not None else None
            if text is not None:
                found += self.known(text, each)
        return found

    def known(self, text: str, reader: Entry | None) -> list[Ast]:
        """A condition that must hold, where anything is known of it."""
        try:
            return [self.condition(text, reader)]
        except Unsure:
            return []

    def _prepare(self, ast: Ast, reader: Entry | None, own: str) -> Ast:
        match ast[0]:
            case "str" | "num" | "any":
                return ast
            case "ref":
                return self._name(ast[1], reader, own)
            case "self":
                return ["ref", HERE] if own else ["any", f". of {reader.id if reader is not None else ''}"]
            case "call":
                return self._call(ast, reader, own)
            case "sum" | "product":
                return [ast[0], ast[1], *(self._prepare(term, reader, own) for term in ast[2:])]
            case "and" | "or" | "neg":
                return [ast[0], *(self._prepare(term, reader, own) for term in ast[1:])]
            case operator if operator in _COMPARISONS:
                return _spread(operator, *(self._prepare(term, reader, own) for term in ast[1:]))
        return self._unknown(ast, reader)

    def _call(self, ast: Ast, reader: Entry | None, own: str) -> Ast:
        name = ast[1]
        if name in _PURE:
            return ["call", name, *(self._prepare(term, reader, own) for term in ast[2:])]
        if name in _SAME_ALL_ALONG:
            return ["any", f"{name}()"]
        raise Unsure

    def _unknown(self, ast: Ast, reader: Entry | None) -> Ast:
        """Paths, tables, predicates: the same wherever they are written the same and read from the same repeats."""
        if any(node[:1] == ["call"] and node[1] not in _PURE for node in _parts(ast)):
            raise Unsure
        return ["any", f"{ast!r} at {self.repeats(reader)} {reader.id if reader is not None else ''}"]

    def _name(self, name: str, reader: Entry | None, own: str) -> Ast:
        entry = self.found.named(name)
        if entry is None:
            return ["ref", name] if name in DERIVED else ["any", f"${name}"]
        if entry.id == own:
            return ["ref", HERE]
        chain = self.repeats(entry)
        here = self.repeats(reader)
        if chain != here[: len(chain)] or entry.kind in ("group", "repeat"):
            return ["any", f"{entry.id} at {here}"]
        if entry.kind == "calculation":
            return ["ref", entry.id] if self._worked_out(entry) is not None else ["any", f"{entry.id} itself"]
        return ["ref", entry.id]

    def _worked_out(self, entry: Entry) -> list[tuple[Ast, Ast]] | None:
        """What a calculation can come to: pairs of when and which expression; None where that is not known."""
        if entry.id in self._open:
            return None  # it needs itself, which is told elsewhere
        if entry.id not in self._values:
            self._open.add(entry.id)
            try:
                self._values[entry.id] = self._ends_of(entry)
            except (ConditionError, Unsure):
                self._values[entry.id] = None
            finally:
                self._open.discard(entry.id)
        return self._values[entry.id]

    def _ends_of(self, entry: Entry) -> list[tuple[Ast, Ast]] | None:
        if len(self._open) > MAX_INSIDE:
            return None
        holders = [self.found.by_id.get(block) for block in entry.blocks]
        texts = [each.text("relevant") for each in (*holders, entry) if each is not None]
        asked = joined("and", [self.condition(text, entry) for text in texts if text is not None])
        value = self._prepare(parse(entry.text("value") or "''"), entry, "")
        found = []
        if asked != ["call", "true"]:
            value = ["call", "if", asked, value, ["str", ""]]
        waiting: list[tuple[list[Ast], Ast]] = [([], value)]
        while waiting:
            given, end = waiting.pop()
            if end[:2] == ["call", "if"]:
                condition = self._bound(end[2])
                waiting += [([*given, condition], end[3]), ([*given, negated(condition)], end[4])]
            elif inside(end) is not None and end[1:2] not in (["true"], ["false"]):
                condition = self._bound(end)
                found.append((joined("and", [*given, condition]), ["call", "true"]))
                found.append((joined("and", [*given, negated(condition)]), ["call", "false"]))
            else:
                found.append((joined("and", given), end))
            if sum(_size(when) + _size(which) for when, which in found) > MAX_NODES // 2 or len(waiting) > MAX_ENDS:
                return None
        return found

    def _bound(self, ast: Ast) -> Ast:
        """The same with every calculation worked out that a part of it reads. Raises: Unsure, when that is too much."""
        if _size(ast) > MAX_NODES:
            raise Unsure
        terms = inside(ast)
        if terms is not None:
            head = ast[: len(ast) - len(terms)]
            made = [*head, *(self._bound(term) for term in terms)]
        elif not any(self._is_calculation(name) for name in names_in(ast)):
            return ast
        else:
            made = self._known_part(ast)
        if _size(made) > MAX_NODES:
            raise Unsure
        return made

    def _known_part(self, part: Ast) -> Ast:
        """The same part is met with again and again: it is worked out once. Raises: Unsure."""
        key = repr(part)
        if key not in self._parts:
            self._parts[key] = None
            try:
                self._parts[key] = self._with_calculations(part)
            except Unsure:
                self._parts[key] = None
        made = self._parts[key]
        if made is None:
            raise Unsure
        return made

    def _with_calculations(self, part: Ast) -> Ast:
        """One part, for each way in which the first calculation that it reads can end."""
        name = next(name for name in names_in(part) if self._is_calculation(name))
        ways: list[Ast] = []
        left = MAX_NODES
        for when, which in self._values[name] or ():
            if part == ["ref", name]:
                held = self._bound(which)
            elif which[0] == "ref" or (part[0] in _SIZES and "let" not in repr(part)):
                # Sizes compare numbers, whether they stand in a node or not.
                held = self._bound(_replaced(part, name, which))
            else:
                held = self._bound(["let", name, which, part])
            ways.append(joined("and", [when, held]) if when != ["call", "true"] else held)
            left -= _size(ways[-1])
            if left < 0:
                raise Unsure
        return joined("or", ways)

    def _is_calculation(self, name: str) -> bool:
        entry = self.found.by_id.get(name)
        return entry is not None and entry.kind == "calculation"


def _replaced(ast: Ast, name: str, value: Ast) -> Ast:
    """A part with an expression in the place of a name."""
    if ast == ["ref", name]:
        return value
    if ast[0] == "let":
        return ["let", ast[1], _replaced(ast[2], name, value), _replaced(ast[3], name, value)]
    if ast[0] in ("str", "num", "any", "ref"):
        return ast
    return [_replaced(part, name, value) if isinstance(part, list) else part for part in ast]


def _spread(operator: str, left: Ast, right: Ast) -> Ast:
    """A comparison with `if(c, a, b)` as the comparison with a where c holds, and with b where it does not.

    For `=` only where a and b are written out: what a node holds compares otherwise there than by itself.
    """
    for side, other, flipped in ((left, right, False), (right, left, True)):
        if side[:2] != ["call", "if"] or len(side) != 5 or _size(other) >= MAX_OTHER_SIDE:
            continue
        condition, yes, no = side[2:]
        if operator in _SIZES or (_written_out(yes) and _written_out(no)):
            pairs = [(other, each) if flipped else (each, other) for each in (yes, no)]
            first, second = (_spread(operator, *pair) for pair in pairs)
            return ["or", ["and", condition, first], ["and", negated(condition), second]]
    return [operator, left, right]


def _written_out(ast: Ast) -> bool:
    if ast[:2] == ["call", "if"] and len(ast) == 5:
        return _written_out(ast[3]) and _written_out(ast[4])
    return ast[0] in ("str", "num")


def _parts(ast: Ast) -> Iterator[Ast]:
    waiting = [ast]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(part for part in node if isinstance(part, list))


def _size(ast: Ast) -> int:
    count = 0
    for _ in _parts(ast):
        count += 1
        if count > MAX_NODES * 4:
            break
    return count
