"""The condition language: parse, name the questions used, compile, evaluate.

It is the language that form authors know from XLSForm: `${B1} = 'yes' and (${age} >= 65 or ${X11} = 'yes')`. How values
are read as numbers, text and truths stands in `coercion`, the functions in `functions`.

A text is parsed once, when a definition is read, to an `Ast`: nested lists of strings and numbers that travel as JSON
in the compiled form. A laptop only compiles the Ast to closures. `and`, `or`, `+` and `*` are flat lists of terms, so
an addition of 5,000 terms is as deep as one of two; brackets, calls and predicates may stand forty deep.

Shapes: ["ref", name]  ["str", text]  ["num", 5 or "0.5"]  ["self"]  ["call", name, *args]  ["neg", x]
["or", *terms]  ["and", *terms]  [op, left, right] with op one of = != < <= > >=
["sum", "+-", a, b, c] is a + b - c       ["product", "*/%", a, b, c, d] is a * b div c mod d
Node-sets: ["last", name] is ${last-saved#name}   ["path", up, *names] is ../../a/b with up 2, ./a with up 0
["abs", root, *names] is /data/a/b   ["current", up, *names] is current()/../a   ["name", *names] is a bare a/b, legal
in predicates and choice filters alone   ["filter", base, *predicates]   ["step", base, *names]
["instance", id] is the rows of instance('id')/root/item   ["union", *sets] is a | b
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import InvalidOperation
from functools import lru_cache
from typing import Final

from firstcontact.domain.calls import Frame, Node
from firstcontact.domain.coercion import Result
from firstcontact.domain.compiling import compile_node
from firstcontact.domain.functions_texts import UnusablePattern, pattern
from firstcontact.domain.names import nearest
from firstcontact.domain.rows import pick_rows, walk
from firstcontact.domain.scope import ROOT, Ast, ConditionError, Plain, Rows, Scope, Slot, Slots
from firstcontact.domain.standpoint import Standpoint
from firstcontact.domain.totals import addends

__all__ = [
    "MAX_LENGTH",
    "ROOT",
    "Ast",
    "ConditionError",
    "Rows",
    "Scope",
    "Slot",
    "Slots",
    "addends",
    "compile_condition",
    "compile_filter",
    "evaluate",
    "names_used",
    "nearest",
    "parse",
    "paths_used",
    "references",
    "unusable_patterns",
    "uses_self",
]

MAX_LENGTH: Final = 32_767
"""Characters in one condition: what a cell of a workbook can hold."""

_NO_AST: Final = (IndexError, KeyError, TypeError, ValueError, AttributeError, InvalidOperation)
"""What compiling a list that is no Ast of ours stumbles over."""
_NOT_UNDERSTOOD: Final = "not a condition that this version understands"
_SCAN: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\$\{\s*(?:last-saved#)?([^\s{}]+)\s*\}")


@lru_cache(maxsize=20_000)
def parse(text: str, *, of_rows: bool = False, any_pattern: bool = False) -> Ast:
    """Parse a condition. Treat the result as frozen: it is shared by all who ask for the same text.

    of_rows: a choice filter, where a bare word is a column; any_pattern: let patterns pass that RE2 cannot run (see
    `unusable_patterns`), for forms written elsewhere.
    Raises: ConditionError, with the position of the first thing that cannot be read.
    """
    # Laptops evaluate and never parse, so the grammar is brought in here and not above.
    from firstcontact.domain.grammar_reading import parse_text

    if len(text) > MAX_LENGTH:
        raise ConditionError(f"the condition is too long: {len(text)} characters, at most {MAX_LENGTH}")
    return parse_text(text, of_rows=of_rows, any_pattern=any_pattern)


def unusable_patterns(ast: Ast) -> tuple[tuple[str, str], ...]:
    """The patterns of regex() that RE2 cannot run, each with RE2's words for why."""
    found = []
    for node in walk(ast):
        if node[:2] == ["call", "regex"] and node[3][0] == "str":
            try:
                pattern(node[3][1])
            except UnusablePattern as problem:
                found.append((node[3][1], str(problem)))
    return tuple(found)


def references(text: str) -> Iterator[tuple[str, int]]:
    """Every `${name}` of a condition with its position, in order; nothing inside quotes counts."""
    for match in _SCAN.finditer(text):
        if match[1] is not None:
            yield match[1], match.start(1)


def names_used(ast: Ast) -> frozenset[str]:
    """The names of questions, facts, calculations and repeats that a condition reads as `${name}`."""
    return frozenset(node[1] for node in walk(ast) if node[0] == "ref")


def paths_used(ast: Ast) -> frozenset[tuple[int, tuple[str, ...]]]:
    """The paths that a condition reads: steps up (ROOT: from the form) and names.

    Those inside a predicate start from the node that it looks at.
    """
    return frozenset(
        (ROOT, tuple(node[2:])) if node[0] == "abs" else (node[1], tuple(node[2:]))
        for node in walk(ast)
        if node[0] in ("path", "current", "abs")
    )


def uses_self(ast: Ast) -> bool:
    """Whether the condition speaks of its own answer (`.`), outside predicates."""
    waiting = [ast]
    while waiting:
        node = waiting.pop()
        if node[0] == "self" or node == ["current", 0]:
            return True
        parts = node[1:2] if node[0] == "filter" else node[1:]
        waiting.extend(part for part in parts if isinstance(part, list))
    return False


def compile_condition(ast: Ast, scope: Scope | Slot) -> Node:
    """Turn a parsed condition into a callable over a frame.

    scope: what names mean at the place that it is compiled for, asked once for each use of a name; a callable from a
    name to its slot will do where there are no repeats and no tables.
    Raises: ConditionError, if this is no Ast that parse() makes (a damaged or newer compiled form).
    """
    try:
        return compile_node(ast, _place(scope), 0)
    except ConditionError:
        raise
    except _NO_AST as problem:
        raise ConditionError(_NOT_UNDERSTOOD) from problem


def compile_filter(ast: Ast, scope: Scope | Slot, rows: Rows) -> Callable[[Frame], Sequence[int]]:
    """Turn a choice filter into a callable that gives the indexes of the rows it lets through, in order.

    ast: from `parse(text, of_rows=True)`; rows: choices with `name`, `label` and their own columns, the same object
    each time. A filter `column = ${name}` looks its rows up, whatever their number.
    Raises: as compile_condition.
    """
    try:
        return pick_rows(rows, None, ast, _place(scope), 0)
    except ConditionError:
        raise
    except _NO_AST as problem:
        raise ConditionError(_NOT_UNDERSTOOD) from problem


def _place(scope: Scope | Slot) -> Standpoint:
    found: Scope = Plain(scope) if callable(scope) else scope
    return Standpoint(found, found, compile_node)


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
