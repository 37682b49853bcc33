"""Answers compared as if they were of another type: text by size, several choices as one, one choice counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from firstcontact.definitions.checking import STANDING, walk
from firstcontact.definitions.checks.readable import offsets
from firstcontact.definitions.outline import Entry, Outline, conditions
from firstcontact.definitions.problems import DefinitionProblem, Level
from firstcontact.definitions.yaml import Node
from firstcontact.domain.condition import Ast, ConditionError, parse

_SIZES: Final = frozenset({"<", "<=", ">", ">="})
_TEXTS: Final = frozenset({"text", "long-text", "phone", "postcode"})
_ONE: Final = frozenset({"yes-no", "one-of", "level"})


def check_types(found: Outline) -> Iterator[DefinitionProblem]:
    """Every comparison and call that its question's type cannot answer as it was surely meant."""
    level: Level = "hint" if found.imported else "warning"
    for each in conditions(found):
        if each.use == "filter":
            continue
        try:
            ast = parse(each.node.text)
        except ConditionError:
            continue
        places: dict[int, int] | None = None
        for part in walk(ast):
            told = _of_part(part, found, level)
            if told is not None:
                places = offsets(each.node.text, ast) if places is None else places
                yield _at(each.node, places.get(id(part), 0), *told)


def _at(
    node: Node, offset: int, code: str, level: Level, words: str, suggestion: str | None, instead: str | None
) -> DefinitionProblem:
    return node.problem(words, suggestion, offset=offset, code=code, level=level, instead=instead)


def _of_part(part: Ast, found: Outline, level: Level) -> tuple[str, Level, str, str | None, str | None] | None:
    if part[0] in _SIZES:
        for side in part[1:]:
            entry = _question(side, found)
            if entry is not None and entry.type in _TEXTS and not _holds_digits(entry):
                words = f"{entry.id} is text, which has no size to compare unless it happens to be a number"
                return "text-by-size", level, words, None, f"the type of {entry.id} as whole-number or date"
    elif part[:2] == ["call", "count-selected"] and len(part) == 3:
        entry = _question(part[2], found)
        if entry is not None and entry.type in _ONE:
            words = f"{entry.id} has one answer at a time, so there is nothing to count"
            return "count-of-one", level, words, None, f"${{{entry.id}}} != ''"
    elif part[0] in ("=", "!="):
        for side, other in ((part[1], part[2]), (part[2], part[1])):
            entry = _question(side, found)
            if entry is None or entry.type != "any-of" or other[0] != "str" or other[1] not in entry.tokens:
                continue
            if other[1] in entry.flagged or other[1] in STANDING:
                continue
            words = f"this is only so of '{other[1]}' alone, and {entry.id} may have several answers"
            negative = part[0] == "!="
            call = f"selected(${{{entry.id}}}, '{other[1]}')"
            return "any-of-equals", "hint", words, None, f"not({call})" if negative else call
    return None


def _question(ast: Ast, found: Outline) -> Entry | None:
    entry = found.named(ast[1]) if ast[0] == "ref" else None
    return entry if entry is not None and entry.kind == "question" and "calculation" not in entry.node.entries else None


def _holds_digits(entry: Entry) -> bool:
    """Whether a text is asked for as digits: by its constraint, or on a keyboard of numbers."""
    constraint, appearance = entry.text("constraint") or "", entry.text("appearance") or ""
    return "regex" in constraint or "number" in appearance
