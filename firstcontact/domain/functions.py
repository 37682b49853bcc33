"""The functions of the condition language, one table entry each.

A function gets its arguments as compiled nodes (callables from the frame to a result) and gives back a node, so that
`if` and `coalesce` may leave an argument alone. `_plain` wraps the usual kind, which wants all of them worked out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import Any, Final, TypeAlias

from firstcontact.domain.answer import Standing
from firstcontact.domain.coercion import (
    Number,
    Result,
    bounded,
    day,
    divide,
    number,
    string,
    tokens,
    truth,
    whole,
)

Frame: TypeAlias = "list[Any]"
"""What a node reads: HERE, TODAY and NOW, then one slot for every name."""
Node: TypeAlias = Callable[[Frame], Result]

HERE: Final = 0
"""The slot of `.`: the answer that a constraint is about, or what a calculation was before."""
TODAY: Final = 1
NOW: Final = 2
FIRST_NAME: Final = 3

MANY: Final = 1000
_MAX_PLACES: Final = 12


class UnusablePattern(ValueError):
    """A pattern that RE2 cannot run."""


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments a function takes, and how a call becomes a node."""

    least: int
    most: int
    make: Callable[..., Node]


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


def _plain(work: Callable[..., Result], least: int, most: int | None = None) -> Function:
    def make(*args: Node) -> Node:
        if len(args) == 1:
            only = args[0]
            return lambda frame: work(only(frame))
        if len(args) == 2:
            first, second = args
            return lambda frame: work(first(frame), second(frame))
        return lambda frame: work(*[arg(frame) for arg in args])

    return Function(least, least if most is None else most, make)


def _if(condition: Node, yes: Node, no: Node) -> Node:
    return lambda frame: yes(frame) if truth(condition(frame)) else no(frame)


def _coalesce(*args: Node) -> Node:
    def node(frame: Frame) -> Result:
        value: Result = None
        for arg in args:
            value = arg(frame)
            if value is not None and value != "" and not isinstance(value, Standing):
                return value
        return value

    return node


def _once(arg: Node) -> Node:
    def node(frame: Frame) -> Result:
        before = frame[HERE]
        return arg(frame) if before is None else before

    return node


def _selected(value: Result, token: Result) -> bool:
    return string(token) in tokens(value)


def _selected_at(value: Result, index: Result) -> Result:
    chosen, place = tokens(value), number(index)
    return chosen[int(place)] if place is not None and 0 <= place < len(chosen) else None


def _regex(value: Result, expression: Result) -> bool:
    text = "" if isinstance(value, Standing) else string(value)
    try:
        return pattern(string(expression)).fullmatch(text) is not None
    except UnusablePattern:
        return False  # only a pattern put together at run time comes here; a written one was refused when parsed


def _integer(value: Result) -> Result:
    amount = number(value)
    return None if amount is None else int(Decimal(amount).to_integral_value(ROUND_DOWN))


def _towards(rounding: str) -> Callable[[Result], Result]:
    def work(value: Result) -> Result:
        amount = number(value)
        return None if amount is None else int(Decimal(amount).to_integral_value(rounding))

    return work


def _round(value: Result, places: Result = 0) -> Result:
    amount, digits = number(value), number(places)
    if amount is None or digits is None or not -_MAX_PLACES <= digits <= _MAX_PLACES:
        return None
    # XPath rounds halves upwards, also below zero: round(-2.5) is -2.
    scale = Decimal(10) ** int(digits)
    return whole((Decimal(amount) * scale + Decimal("0.5")).to_integral_value(ROUND_FLOOR) / scale)


def _absolute(value: Result) -> Result:
    amount = number(value)
    return -amount if amount is not None and amount < 0 else amount


def _numbers(values: tuple[Result, ...]) -> list[Number]:
    return [amount for amount in map(number, values) if amount is not None]


def _min(*values: Result) -> Result:
    return min(_numbers(values), default=None)


def _max(*values: Result) -> Result:
    return max(_numbers(values), default=None)


def _sum(*values: Result) -> Result:
    return bounded(sum(_numbers(values)))


def _count(*values: Result) -> Result:
    return sum(1 for value in values if value is not None and value not in ("", ()))


def _mean(*values: Result) -> Result:
    found = _numbers(values)
    return divide(sum(found), len(found)) if found else None


def _substr(value: Result, start: Result, end: Result = None) -> Result:
    first, last = number(start), number(end)
    if first is None:
        return None
    return string(value)[int(first) : None if last is None else int(last)]


def _before(value: Result, mark: Result) -> Result:
    head, found, _ = string(value).partition(string(mark) or "\0")
    return head if found else None


def _after(value: Result, mark: Result) -> Result:
    _, found, tail = string(value).partition(string(mark) or "\0")
    return tail if found else None


def _date_time(value: Result) -> Result:
    if isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and not isinstance(value, Standing):
            return datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None
    on = day(value)
    return None if on is None else datetime.combine(on, time())


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FORMAT: Final[dict[str, Callable[[datetime], str]]] = {
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at.year % 100:02}",
    "m": lambda at: f"{at.month:02}",
    "n": lambda at: str(at.month),
    "b": lambda at: _MONTHS[at.month - 1],
    "d": lambda at: f"{at.day:02}",
    "e": lambda at: str(at.day),
    "a": lambda at: _DAYS[at.weekday()],
    "H": lambda at: f"{at.hour:02}",
    "h": lambda at: str(at.hour),
    "M": lambda at: f"{at.minute:02}",
    "S": lambda at: f"{at.second:02}",
    "3": lambda at: f"{at.microsecond // 1000:03}",
    "%": lambda _: "%",
}


def _format_date(value: Result, layout: Result) -> Result:
    at = _date_time(value)
    if not isinstance(at, datetime):
        return None
    known = {letter: write(at) for letter, write in _FORMAT.items()}
    return re.sub(r"%(.)", lambda mark: known.get(mark[1], mark[0]), string(layout))


def _difference_in_months(start: Result, end: Result) -> Result:
    first, last = day(start), day(end)
    if first is None or last is None:
        return None
    if last < first:
        return -_whole_months(last, first)
    return _whole_months(first, last)


def _whole_months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def _translate(value: Result, old: Result, new: Result) -> Result:
    before, after = string(old), string(new)
    table = {ord(letter): after[i] if i < len(after) else None for i, letter in reversed(list(enumerate(before)))}
    return string(value).translate(table)


FUNCTIONS: Final[dict[str, Function]] = {
    "if": Function(3, 3, _if),
    "coalesce": Function(1, MANY, _coalesce),
    "once": Function(1, 1, _once),
    "selected": _plain(_selected, 2),
    "selected-at": _plain(_selected_at, 2),
    "count-selected": _plain(lambda value: len(tokens(value)), 1),
    "regex": _plain(_regex, 2),
    "today": Function(0, 0, lambda: lambda frame: frame[TODAY]),
    "now": Function(0, 0, lambda: lambda frame: frame[NOW]),
    "date": _plain(day, 1),
    "date-time": _plain(_date_time, 1),
    "decimal-date-time": _plain(lambda value: number(_date_time(value)), 1),
    "format-date": _plain(_format_date, 2),
    "format-date-time": _plain(_format_date, 2),
    "difference-in-months": _plain(_difference_in_months, 2),
    "true": Function(0, 0, lambda: lambda _: True),
    "false": Function(0, 0, lambda: lambda _: False),
    "not": _plain(lambda value: not truth(value), 1),
    "boolean": _plain(truth, 1),
    "string": _plain(string, 1),
    "number": _plain(number, 1),
    "int": _plain(_integer, 1),
    "round": _plain(_round, 1, 2),
    "floor": _plain(_towards(ROUND_FLOOR), 1),
    "ceiling": _plain(_towards(ROUND_CEILING), 1),
    "abs": _plain(_absolute, 1),
    "min": _plain(_min, 1, MANY),
    "max": _plain(_max, 1, MANY),
    "sum": _plain(_sum, 1, MANY),
    "mean": _plain(_mean, 1, MANY),
    "count": _plain(_count, 1, MANY),
    "count-non-empty": _plain(_count, 1, MANY),
    "string-length": _plain(lambda value: len(string(value)), 1),
    "concat": _plain(lambda *values: "".join(map(string, values)), 1, MANY),
    "join": _plain(lambda mark, *values: string(mark).join(map(string, values)), 2, MANY),
    "contains": _plain(lambda value, part: string(part) in string(value), 2),
    "starts-with": _plain(lambda value, part: string(value).startswith(string(part)), 2),
    "ends-with": _plain(lambda value, part: string(value).endswith(string(part)), 2),
    "substr": _plain(_substr, 2, 3),
    "substring-before": _plain(_before, 2),
    "substring-after": _plain(_after, 2),
    "translate": _plain(_translate, 3),
    "normalize-space": _plain(lambda value: " ".join(string(value).split()), 1),
}
"""By name as it is written in a condition."""
