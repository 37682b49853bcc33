"""Functions of text and of choices. Source: ODK XForms, "String Functions" and "Select Functions"; XPath 1.0, 4.2."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from firstcontact.domain.answer import Standing
from firstcontact.domain.calls import Function, over, plain
from firstcontact.domain.coercion import Result, number, string, tokens

MAX_LETTERS: Final = 100_000
"""Of a text that is put together: three times what a cell holds. Calculations could double it on and on."""


class UnusablePattern(ValueError):
    """A pattern that RE2 cannot run."""


@lru_cache(maxsize=512)
def pattern(text: str) -> Any:
    """Compile a pattern with RE2, whose time grows with the text alone. Raises: UnusablePattern, in RE2's words."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(text, options)
    except re2.error as problem:
        words = problem.args[0] if problem.args else problem
        raise UnusablePattern(words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)) from problem


def _regex(value: Result, expression: Result) -> bool:
    text = "" if isinstance(value, Standing) else string(value)
    try:
        return pattern(string(expression)).search(text) is not None
    except UnusablePattern:
        return False  # one that was put together at run time; a written one was refused, or kept aside, when parsed


def _selected(value: Result, token: Result) -> bool:
    if isinstance(value, Standing):
        return False
    # A blank list holds one blank: selected(${x}, '') is how form authors ask whether x is blank.
    return string(token).strip() in (tokens(value) or ("",))


def _selected_at(value: Result, index: Result) -> Result:
    chosen, place = tokens(value), number(index)
    return chosen[int(place)] if place is not None and 0 <= place < len(chosen) else None


def _substr(value: Result, start: Result, *end: Result) -> Result:
    text = string(value)
    first = number(start)
    last = number(end[0]) if end else len(text)
    if first is None or last is None:
        return None
    return text[int(first) : int(last)] or None


def _substring(value: Result, start: Result, *length: Result) -> Result:
    """XPath's own, counted from 1."""
    text, first = string(value), number(start)
    count = number(length[0]) if length else len(text) + abs(int(first or 0)) + 1
    if first is None or count is None:
        return None
    begin = _half_up(first) - 1
    return text[max(begin, 0) : max(begin + _half_up(count), 0)] or None


def _half_up(amount: int | Decimal) -> int:
    return int((Decimal(amount) + Decimal("0.5")).to_integral_value("ROUND_FLOOR"))


def _before(value: Result, mark: Result) -> Result:
    head, found, _ = string(value).partition(string(mark) or "\0")
    return (head or None) if found else None


def _after(value: Result, mark: Result) -> Result:
    text, wanted = string(value), string(mark)
    if not wanted:
        return text or None
    return text.partition(wanted)[2] or None


def _translate(value: Result, old: Result, new: Result) -> Result:
    before, after = string(old), string(new)
    table = {ord(letter): after[i] if i < len(after) else None for i, letter in reversed(list(enumerate(before)))}
    return string(value).translate(table)


def _join(mark: Result, values: Sequence[Result]) -> Result:
    between, texts = string(mark), [string(value) for value in values]
    if sum(map(len, texts)) + len(between) * len(texts) > MAX_LETTERS:
        return None
    return between.join(texts)


TEXTS: Final[dict[str, Function]] = {
    "selected": plain(_selected, 2, gives="truth"),
    "selected-at": plain(_selected_at, 2),
    "count-selected": plain(lambda value: len(tokens(value)), 1, gives="number"),
    "regex": plain(_regex, 2, gives="truth"),
    "string": plain(string, 1),
    "string-length": plain(lambda value: len(string(value)), 1, gives="number"),
    "concat": over(lambda values: _join(None, values), gives="text"),
    "join": over(_join, lead=1, gives="text"),
    "contains": plain(lambda value, part: string(part) in string(value), 2, gives="truth"),
    "starts-with": plain(lambda value, part: string(value).startswith(string(part)), 2, gives="truth"),
    "ends-with": plain(lambda value, part: string(value).endswith(string(part)), 2, gives="truth"),
    "substr": plain(_substr, 2, 3),
    "substring": plain(_substring, 2, 3),
    "substring-before": plain(_before, 2),
    "substring-after": plain(_after, 2),
    "translate": plain(_translate, 3),
    "normalize-space": plain(lambda value: " ".join(string(value).split()), 1),
}
"""By name as it is written in a condition."""
