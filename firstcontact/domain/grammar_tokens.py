"""The words and marks of a condition, each with its place."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

NAME: Final = r"[^\W\d][\w.\-]*"
"""A letter or _ first; then letters, digits, _, - and ."""
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


class Token(NamedTuple):
    """One word or mark."""

    kind: str
    """string, ref, number, name, mark, bad (a character that begins nothing) or end."""
    text: str
    position: int


def tokens_of(text: str) -> list[Token]:
    """All tokens, and one of kind end; what begins none is the last but it, of kind bad."""
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
        found.append(Token(kind, match[kind], match.start(kind)))
        place = match.end()
    found.append(Token("end", "", len(text)))
    return found
