"""How a text becomes an Ast by the grammar: its shape is built, its leaves are put in; or what is wrong is said."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from firstcontact.domain.functions import FUNCTIONS
from firstcontact.domain.grammar import MAX_DEPTH, Call, Leaf, Shape, Wrong, shape_built, starts_of
from firstcontact.domain.grammar_calls import NODE_CALLS, check_pattern
from firstcontact.domain.grammar_tokens import Token, shape_of, tokens_of, value_of
from firstcontact.domain.grammar_words import NODE_FUNCTIONS, check_count, expected_operand, explain, no_such_function
from firstcontact.domain.scope import Ast, ConditionError

_OPENING: Final = frozenset("([")
_CLOSING: Final = frozenset(")]")
_VALUE_ENDS: Final = frozenset({"string", "ref", "last", "number", "name"})


def parse_text(text: str, *, of_rows: bool = False, any_pattern: bool = False) -> Ast:
    """Parse, or say what is wrong. Raises: ConditionError."""
    tokens = tokens_of(text)
    stop = _refused(tokens, of_rows=of_rows)
    if stop is not None:
        raise _first_wrong(text, tokens, stop)
    try:
        shape = shape_built(shape_of(tokens))
    except Wrong as problem:
        raise _in_words(text, tokens, problem) from None
    return _Filler(tokens, any_pattern=any_pattern).fill(shape, in_rows=of_rows)


class _Filler:
    """Puts the leaves of one condition into its shape."""

    def __init__(self, tokens: list[Token], *, any_pattern: bool) -> None:
        self.tokens = tokens
        self.any_pattern = any_pattern

    def fill(self, shape: Shape, *, in_rows: bool) -> Ast:
        """The Ast; Raises: ConditionError, for a call that cannot be made like this."""
        if type(shape) is Call:
            return self._call(shape, in_rows=in_rows)
        if shape[0] == "filter":
            base = self.fill(shape[1], in_rows=in_rows)
            return ["filter", base, *[self.fill(part, in_rows=True) for part in shape[2:]]]
        found: Ast = []
        for part in shape:
            if type(part) is Leaf:
                found.append(value_of(self.tokens[part]))
            elif isinstance(part, list):
                found.append(self.fill(part, in_rows=in_rows))
            else:
                found.append(part)
        return found

    def _call(self, shape: Call, *, in_rows: bool) -> Ast:
        name, at = shape[1], self.tokens[shape[0]].position
        args = [self.fill(arg, in_rows=in_rows) for arg in shape[2:]]
        if name in NODE_CALLS:
            return NODE_CALLS[name](args, at, in_rows)
        check_count(name, at, len(args))
        if name == "regex" and not self.any_pattern:
            check_pattern(args, at)
        return ["call", name, *args]


def _refused(tokens: list[Token], *, of_rows: bool) -> int | None:
    """The first token that cannot stand in any condition: bad, too deep, an unknown function, a bare word."""
    depth = rows = 0
    before = ""
    for index, (kind, word, _) in enumerate(tokens):
        if kind == "mark":
            if word in _OPENING:
                depth += 1
                rows += word == "["
                if depth > MAX_DEPTH:
                    return index
            elif word in _CLOSING:
                depth -= 1
                rows -= word == "]"
        elif kind == "name":
            if before != "/" and not of_rows and rows <= 0:
                return index
        elif kind == "call":
            if word not in FUNCTIONS and word not in NODE_FUNCTIONS and word not in NODE_CALLS:
                return index
        elif kind == "bad":
            return index
        before = word
    return None


def _first_wrong(text: str, tokens: list[Token], stop: int) -> ConditionError:
    """What is wrong at a refused token, or before it if something is wrong there already."""
    before = shape_of(tokens[:stop])
    try:
        shape_built(before)
    except Wrong as problem:
        if problem.words is not None or problem.at < len(before):
            return _in_words(text, tokens, problem)
    kind, word, position = tokens[stop]
    if kind == "mark":
        return ConditionError(f"brackets stand more than {MAX_DEPTH} deep here", position)
    if kind == "call" and not _ends_value(tokens[stop - 1] if stop else None):
        return no_such_function(word, position)
    return _about(text, tokens, stop)


def _in_words(text: str, tokens: list[Token], problem: Wrong) -> ConditionError:
    starts = list(starts_of(shape_of(tokens)))
    index = min(bisect_right(starts, problem.at) - 1, len(tokens) - 1)
    if problem.words is not None:
        return ConditionError(problem.words, tokens[index].position)
    return _about(text, tokens, index)


def _about(text: str, tokens: list[Token], index: int) -> ConditionError:
    """What is wrong with a token that cannot stand where it does."""
    kind, word, position = tokens[index]
    before = tokens[index - 1] if index else None
    after_step = before is not None and before.text == "/"
    if before is not None and after_step and not _ends_value(tokens[index - 2] if index > 1 else None):
        return expected_operand(text, before.position, "/")
    if kind == "end":
        return explain(text, len(text))
    if kind == "mark" and word in ("*", "/", "//") and not after_step and not _ends_value(before):
        return expected_operand(text, position, word)
    return explain(text, position)


def _ends_value(token: Token | None) -> bool:
    """Whether a token may be the last of a value, so that an operator or a step may follow."""
    if token is None:
        return False
    return token.kind in _VALUE_ENDS or (token.kind == "mark" and token.text in (")", "]", ".", ".."))
