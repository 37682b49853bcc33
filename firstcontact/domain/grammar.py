"""Reads a condition: text to Ast, in one pass over its tokens, by precedence.

XPath 1.0 as ODK XForms uses it: paths are abbreviated (`.`, `..`, `/a/b`, `a/b`) and go to parents and children alone.
Long additions and long chains of `and` are loops here; only brackets, calls and predicates go deeper, and of those
MAX_DEPTH are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from firstcontact.domain.functions import FUNCTIONS, UnusablePattern, pattern
from firstcontact.domain.grammar_tokens import NAME, Token, tokens_of
from firstcontact.domain.grammar_words import check_count, expected_operand, explain, no_such_function
from firstcontact.domain.scope import Ast, ConditionError
from firstcontact.domain.standpoint import NODE_HEADS

MAX_DEPTH: Final = 40
"""How deep brackets, calls and predicates may stand inside each other, and how many predicates one path may have."""

_COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_PRODUCTS: Final = {"*": "*", "div": "/", "mod": "%"}
_REF_IN_QUOTES: Final = re.compile(rf"\s*\$\{{\s*({NAME})\s*\}}\s*\Z")


def parse_text(text: str, *, of_rows: bool = False, any_pattern: bool = False) -> Ast:
    """Parse, or say what is wrong. Raises: ConditionError."""
    return _Reader(text, of_rows=of_rows, any_pattern=any_pattern).whole()


class _Reader:
    """Goes through the tokens of one condition, once."""

    def __init__(self, text: str, *, of_rows: bool, any_pattern: bool) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.place = 0
        self.depth = 0
        self.in_rows = of_rows
        self.any_pattern = any_pattern

    def whole(self) -> Ast:
        found = self.either()
        if self.tokens[self.place].kind != "end":
            raise self.wrong()
        return found

    def wrong(self) -> ConditionError:
        """What cannot be read is the next token."""
        token = self.tokens[self.place]
        return explain(self.text, len(self.text) if token.kind == "end" else token.position)

    def takes(self, mark: str) -> bool:
        """Go past a mark, if it is the next."""
        token = self.tokens[self.place]
        if token.kind == "mark" and token.text == mark:
            self.place += 1
            return True
        return False

    def needs(self, mark: str) -> None:
        if not self.takes(mark):
            raise self.wrong()

    def deeper(self, position: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ConditionError(f"brackets stand more than {MAX_DEPTH} deep here", position)

    def either(self) -> Ast:
        first = self.both()
        if self.tokens[self.place].text != "or":
            return first
        terms = [first]
        while self.word("or"):
            terms.append(self.both())
        return ["or", *terms]

    def both(self) -> Ast:
        first = self.comparison()
        if self.tokens[self.place].text != "and":
            return first
        terms = [first]
        while self.word("and"):
            terms.append(self.comparison())
        return ["and", *terms]

    def word(self, text: str) -> bool:
        token = self.tokens[self.place]
        if token.kind == "name" and token.text == text:
            self.place += 1
            return True
        return False

    def comparison(self) -> Ast:
        left = self.addition()
        token = self.tokens[self.place]
        if token.kind != "mark" or token.text not in _COMPARISONS:
            return left
        self.place += 1
        return [token.text, left, self.addition()]

    def addition(self) -> Ast:
        first = self.product()
        token = self.tokens[self.place]
        if token.kind != "mark" or token.text not in ("+", "-"):
            return first
        signs, terms = [], [first]
        while token.kind == "mark" and token.text in ("+", "-"):
            self.place += 1
            signs.append(token.text)
            terms.append(self.product())
            token = self.tokens[self.place]
        return ["sum", "".join(signs), *terms]

    def product(self) -> Ast:
        first = self.signed()
        token = self.tokens[self.place]
        if token.text not in _PRODUCTS or token.kind == "string":
            return first
        signs, terms = [], [first]
        while token.text in _PRODUCTS and token.kind in ("mark", "name"):
            self.place += 1
            signs.append(_PRODUCTS[token.text])
            terms.append(self.signed())
            token = self.tokens[self.place]
        return ["product", "".join(signs), *terms]

    def signed(self) -> Ast:
        negative = False
        while self.takes("-"):
            negative = not negative
        operand = self.union()
        return ["neg", operand] if negative else operand

    def union(self) -> Ast:
        first = self.operand()
        token = self.tokens[self.place]
        if token.text != "|" or token.kind != "mark":
            return first
        sets, position = [first], token.position
        while self.takes("|"):
            if self.tokens[self.place].text == "|":
                raise self.wrong()
            sets.append(self.operand())
        if any(each[0] not in NODE_HEADS for each in sets):
            raise ConditionError("| joins questions, and one of these is none", position)
        return ["union", *sets]

    def operand(self) -> Ast:
        token = self.tokens[self.place]
        self.place += 1
        kind, text = token.kind, token.text
        if kind == "ref":
            name = text[2:-1].strip()
            last = name.startswith("last-saved#")
            return self.steps(["last", name[11:]] if last else ["ref", name])
        if kind == "string":
            return ["str", text[1:-1]]
        if kind == "number":
            return ["num", int(text) if text.isdigit() and len(text) < 16 else text]
        if kind == "name":
            following = self.tokens[self.place]
            if following.kind == "mark" and following.text == "(":
                return self.call(token)
            if self.in_rows and text not in ("and", "or", "div", "mod"):
                return self.path(["name", text])
        elif kind == "mark":
            if text == "(":
                self.deeper(token.position)
                inner = self.either()
                self.needs(")")
                self.depth -= 1
                return self.steps(inner) if inner[0] in NODE_HEADS else inner
            if text in (".", ".."):
                return self.dotted(text)
            if text == "/" and self.tokens[self.place].kind == "name":
                self.place += 1
                return self.path(["abs", self.tokens[self.place - 1].text])
        self.place -= 1
        raise self.wrong() if kind in ("end", "bad") else expected_operand(self.text, token.position, text)

    def dotted(self, text: str) -> Ast:
        """`.`, `..`, `../..`, `./a`, `../a/b`."""
        up = 1 if text == ".." else 0
        while True:
            token = self.tokens[self.place]
            following = self.tokens[self.place + 1] if token.kind != "end" else token
            if token.text != "/" or following.text not in (".", ".."):
                break
            self.place += 2
            up += following.text == ".."
        if token.text == "/" and token.kind == "mark":
            if following.kind != "name":
                self.place += 1
                raise self.wrong()
            return self.path(["path", up])
        if up == 0:
            return ["self"]
        return self.steps(["path", up])

    def path(self, head: Ast) -> Ast:
        """The names of a path, up to its first predicate."""
        names: list[str] = []
        while self.tokens[self.place].text == "/" and self.tokens[self.place].kind == "mark":
            token = self.tokens[self.place + 1]
            if token.kind == "name":
                names.append(token.text)
            elif token.text == ".." and names:
                names.pop()
            elif token.text != ".":
                self.place += 1
                raise self.wrong()
            self.place += 2
        return self.steps([*head, *names])

    def steps(self, base: Ast) -> Ast:
        """Predicates and further names behind what is a set of nodes already."""
        found = base
        for count in range(MAX_DEPTH + 1):
            token = self.tokens[self.place]
            if token.kind != "mark" or token.text not in ("[", "/"):
                return found
            if count == MAX_DEPTH:
                break
            found = ["filter", found, *self.predicates()] if token.text == "[" else ["step", found, *self.names()]
        raise ConditionError(f"a path may have at most {MAX_DEPTH} predicates", self.tokens[self.place].position)

    def predicates(self) -> list[Ast]:
        found = []
        while self.tokens[self.place].text == "[" and self.tokens[self.place].kind == "mark":
            self.deeper(self.tokens[self.place].position)
            self.place += 1
            outer, self.in_rows = self.in_rows, True
            found.append(self.either())
            self.in_rows = outer
            self.needs("]")
            self.depth -= 1
        return found

    def names(self) -> list[str]:
        found = []
        while self.takes("/"):
            token = self.tokens[self.place]
            if token.kind != "name":
                raise self.wrong()
            self.place += 1
            found.append(token.text)
        return found

    def call(self, name: Token) -> Ast:
        special = _SPECIAL.get(name.text)
        if name.text not in FUNCTIONS and special is None:
            raise no_such_function(name.text, name.position)
        self.deeper(self.tokens[self.place].position)
        self.place += 1
        args: list[Ast] = []
        if not self.takes(")"):
            args.append(self.either())
            while self.takes(","):
                args.append(self.either())
            self.needs(")")
        self.depth -= 1
        if special is not None:
            return special(self, name, args)
        check_count(name.text, name.position, len(args))
        if name.text == "regex" and args[1][0] == "str" and not self.any_pattern:
            _check_pattern(args[1][1], name.position)
        return ["call", name.text, *args]


def _check_pattern(text: str, position: int) -> None:
    try:
        pattern(text)
    except UnusablePattern as problem:
        raise ConditionError(f"this pattern cannot be run: {problem}", position) from problem


def _instance(reader: _Reader, name: Token, args: list[Ast]) -> Ast:
    """`instance('id')/root/item`: the rows of a table or a shared list."""
    if len(args) != 1 or args[0][0] != "str":
        raise ConditionError("instance() takes the id of a list or table in quotes", name.position)
    for _ in range(2):
        token, following = reader.tokens[reader.place], reader.tokens[reader.place + 1 : reader.place + 2]
        if token.text == "/" and token.kind == "mark" and following and following[0].kind == "name":
            reader.place += 2
    return reader.steps(["instance", args[0][1]])


def _current(reader: _Reader, name: Token, args: list[Ast]) -> Ast:
    """`current()/../x`: inside a predicate, seen from the question that the condition is about."""
    if args:
        raise ConditionError("current() takes nothing in its brackets", name.position)
    up = 0
    while reader.tokens[reader.place].text == "/":
        following = reader.tokens[reader.place + 1]
        if following.text not in (".", ".."):
            break
        reader.place += 2
        up += following.text == ".."
    return reader.path(["current", up])


def _position(reader: _Reader, name: Token, args: list[Ast]) -> Ast:
    """`position()` in a predicate, `position(..)` elsewhere."""
    if not args and not reader.in_rows:
        raise ConditionError("position() alone counts rows in a predicate", name.position, "position(..)")
    if len(args) > 1 or (args and args[0][0] not in NODE_HEADS):
        raise ConditionError("position() takes one block, such as ..", name.position, "position(..)")
    return ["call", "position", *args]


def _last(reader: _Reader, name: Token, args: list[Ast]) -> Ast:
    if args or not reader.in_rows:
        raise ConditionError("last() counts rows, and can stand in a predicate alone", name.position)
    return ["call", "last"]


def _indexed_repeat(_reader: _Reader, name: Token, args: list[Ast]) -> Ast:
    if len(args) not in (3, 5, 7) or any(arg[0] not in NODE_HEADS for arg in (args[0], *args[1::2])):
        words = "indexed-repeat() takes a question, then a repeat and a number, up to three times"
        raise ConditionError(words, name.position)
    return ["call", "indexed-repeat", *args]


def _pulldata(_reader: _Reader, name: Token, args: list[Ast]) -> Ast:
    if len(args) != 4:
        words = "pulldata() takes a table, the column wanted, the column to look in, and what to look for"
        raise ConditionError(words, name.position)
    return ["call", "pulldata", *args]


def _count(_reader: _Reader, name: Token, args: list[Ast]) -> Ast:
    if not args or any(arg[0] not in NODE_HEADS for arg in args):
        raise ConditionError("count() counts questions or repeats, such as ${name}", name.position)
    return ["call", "count", *args]


def _itext(_reader: _Reader, name: Token, args: list[Ast]) -> Ast:
    """`jr:itext(instance('x')/root/item[..]/itextId)` asks for the label of that row; other texts have no ids here."""
    if len(args) != 1 or args[0][0] != "step" or args[0][-1] != "itextId":
        raise no_such_function("jr:itext", name.position)
    return [*args[0][:-1], "label"]


def _choice_name(_reader: _Reader, name: Token, args: list[Ast]) -> Ast:
    """The second argument names the question in quotes; it is read as that question here."""
    found = _REF_IN_QUOTES.match(args[1][1]) if len(args) == 2 and args[1][0] == "str" else None
    if found is None:
        words = "jr:choice-name() takes a choice, and in quotes the question that has it"
        raise ConditionError(words, name.position, "jr:choice-name(${x}, '${x}')")
    return ["call", "jr:choice-name", args[0], ["ref", found[1]]]


_SPECIAL: Final[dict[str, Callable[[_Reader, Token, list[Ast]], Ast]]] = {
    "instance": _instance,
    "current": _current,
    "position": _position,
    "last": _last,
    "indexed-repeat": _indexed_repeat,
    "jr:choice-name": _choice_name,
    "pulldata": _pulldata,
    "count": _count,
    "jr:itext": _itext,
}
