"""The words and marks of a condition, each with its place, and the shape that they make together."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

NAME: Final = r"[^\W\d][\w.\-]*"
"""A letter or _ first; then letters, digits, _, - and ."""
KEYWORDS: Final = frozenset({"and", "or", "div", "mod"})
_BLANKS: Final = " \t\r\n\xa0"
_TOKEN: Final = re.compile(
    rf"""[ \t\r\n\xa0]*(?:
      (?P<string>'[^']*'|"[^"]*")
    | (?P<ref>\$\{{\s*(?:last-saved\#)?{NAME}\s*\}})
    | (?P<number>\d{{1,24}}(?![\d])(?:\.\d{{0,24}}(?!\d))?|\.\d{{1,24}}(?!\d))
    | (?P<name>{NAME}(?::{NAME})?)
    | (?P<mark>\.\.|!=|<=|>=|//|[=<>+\-*/(),.|\[\]])
    )""",
    re.VERBOSE,
)
_BRACKET_NEXT: Final = re.compile(r"[ \t\r\n\xa0]*\(").match


class Token(NamedTuple):
    """One word or mark."""

    kind: str
    """string, ref, last, number, name, call (a name before a bracket), keyword, mark, bad or end."""
    text: str
    position: int


def tokens_of(text: str) -> list[Token]:
    """All tokens, and one of kind end; a character that begins none is the last but it, of kind bad."""
    found: list[Token] = []
    place, end = 0, len(text.rstrip(_BLANKS))
    scan = _TOKEN.match
    while place < end:
        match = scan(text, place)
        if match is None:
            place += len(text) - place - len(text[place:].lstrip(_BLANKS))
            found.append(Token("bad", text[place], place))
            break
        kind = match.lastgroup or "bad"
        word = match[kind]
        place = match.end()
        if kind == "name":
            if word in KEYWORDS:
                kind = "keyword"
            elif _BRACKET_NEXT(text, place):
                kind = "call"
        elif kind == "ref" and "#" in word:
            kind = "last"
        found.append(Token(kind, word, match.start(match.lastgroup or 0)))
    found.append(Token("end", "", len(text)))
    return found


_STANDS_FOR: Final = {"string": "''", "ref": "${x}", "last": "${last-saved#x}", "number": "0", "name": "x"}


def shape_of(tokens: list[Token]) -> str:
    """The same condition with every name, text and number alike: `${B1} = 'yes'` is `${x} = ''`."""
    return " ".join([_STANDS_FOR.get(kind) or word for kind, word, _ in tokens])


def value_of(token: Token) -> int | str:
    """What a name, text or number says, as an Ast holds it."""
    kind, word, _ = token
    if kind == "string":
        return word[1:-1]
    if kind == "ref":
        return word[2:-1].strip()
    if kind == "last":
        return word[2:-1].strip()[11:]
    if kind == "number":
        return int(word) if word.isdigit() and len(word) < 16 else word
    return word
