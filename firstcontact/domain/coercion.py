"""How a value reads as a number, as text, as a day and as true or false: XPath 1.0 as ODK XForms uses it.

Four things were chosen, once, and are explained to authors in checklists/README.md:

- *Blank* is the empty text. `${x} = ''` is true of it, `${x} != 'no'` is true of it, and as a number it is no number.
- *No number* is blank as well (XPath has NaN): arithmetic with it gives blank, no comparison by size holds for it, and
  it equals no number. Dividing by zero and results of 10^24 and more are no numbers either.
- Numbers are exact (whole numbers and decimals), never binary fractions: 0.1 + 0.2 = 0.3.
- A *standing answer* equals its own token and nothing else. As a number, a day, a list of choices or a truth it is
  blank.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import Final, TypeAlias

from firstcontact.domain.answer import Standing, Value

Result: TypeAlias = "Value | bool"
"""What an expression yields: a value, or true or false."""
Number: TypeAlias = "int | Decimal"

_NUMBER: Final = re.compile(r"\s*-?(\d{1,24}(\.\d{0,24})?|\.\d{1,24})\s*\Z", re.ASCII)
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = 86_400
_LIMIT: Final = 10**24


def number(value: Result) -> Number | None:
    """The value as a number: days since 1970-01-01 for a date, the fraction of a day for a time; None if it is none."""
    match value:
        case None | Standing():
            return None
        case bool():
            return int(value)
        case int() | Decimal():
            return value
        case datetime():
            return (value.date() - _EPOCH).days + _fraction(value.time())
        case date():
            return (value - _EPOCH).days
        case time():
            return _fraction(value)
        case tuple():
            return number(" ".join(value))
        case str():
            if not _NUMBER.match(value):
                return None
            return whole(Decimal(value.strip()))
    return None


def whole(value: Decimal) -> Number:
    """The same number, as an int where it is whole."""
    return int(value) if value == value.to_integral_value() else value


def bounded(value: Number) -> Number | None:
    """The number, whole ones as int; None where it grew beyond what any form means."""
    if isinstance(value, Decimal):
        value = whole(value)
    return value if -_LIMIT < value < _LIMIT else None


def string(value: Result) -> str:
    """The value as text: blank is "", choices are joined by spaces, days are written 2026-02-10."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return str(value)
        case int():
            return str(value)
        case Decimal():
            return format(value.normalize(), "f")
        case tuple():
            return " ".join(value)
    return value.isoformat()


def truth(value: Result) -> bool:
    """XPath's boolean(): a number that is not 0, text that is not empty. So 'no' is true: write = 'yes'."""
    if value is None or isinstance(value, Standing):
        return False
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return value != 0
    if isinstance(value, str | tuple):
        return len(value) > 0
    return True


def day(value: Result) -> date | None:
    """The value as a day: from a date, a date and time, text that begins 2026-02-10, or days since 1970-01-01."""
    match value:
        case datetime():
            return value.date()
        case date():
            return value
        case None | bool() | time() | tuple() | Standing():
            return None
        case str():
            if not _ISO.match(value):
                return None
            try:
                return date.fromisoformat(value[:10])
            except ValueError:
                return None
    try:
        return _EPOCH + timedelta(days=int(Decimal(value).to_integral_value(ROUND_FLOOR)))
    except OverflowError:
        return None


def tokens(value: Result) -> tuple[str, ...]:
    """The choices in a value; none in a blank or standing one."""
    if value is None or isinstance(value, Standing):
        return ()
    return value if isinstance(value, tuple) else tuple(string(value).split())


def equal(left: Result, right: Result) -> bool:
    """XPath's `=`: as truths if either is one, as numbers if either is one, as days if either is one, else as text."""
    if isinstance(left, Standing) or isinstance(right, Standing):
        return isinstance(left, str) and isinstance(right, str) and str(left) == str(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) is truth(right)
    if isinstance(left, int | Decimal) or isinstance(right, int | Decimal):
        first, second = number(left), number(right)
        return first is not None and second is not None and first == second
    if isinstance(left, date) and isinstance(right, date):
        return number(left) == number(right)
    if isinstance(left, date) or isinstance(right, date):
        if left is None or right is None:
            return False
        return string(left) == string(right) or _same_day(left, right)
    return string(left) == string(right)


def less(left: Result, right: Result, *, or_equal: bool) -> bool:
    """XPath's `<` and `<=`, by number; beside a day, text such as '2026-02-10' is read as a day. False with a blank."""
    if isinstance(left, date) and isinstance(right, str):
        right = day(right)
    elif isinstance(right, date) and isinstance(left, str):
        left = day(left)
    first, second = number(left), number(right)
    if first is None or second is None:
        return False
    return first <= second if or_equal else first < second


def divide(left: Number, right: Number) -> Number | None:
    """`div`: exact where it comes out even, else to 28 digits; None by zero."""
    if right == 0:
        return None
    with localcontext():
        return whole(Decimal(left) / Decimal(right))


def remainder(left: Number, right: Number) -> Number | None:
    """`mod`, with the sign of the left side as in XPath; None by zero."""
    if right == 0:
        return None
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) % abs(right) * (1 if left >= 0 else -1)
    return whole(Decimal(left) - Decimal(right) * int(Decimal(left) / Decimal(right)))


def _same_day(left: Result, right: Result) -> bool:
    # A date and time is never the same as a bare day: only text is read as a day here.
    if isinstance(left, datetime) or isinstance(right, datetime):
        return False
    first = day(left)
    return first is not None and first == day(right)


def _fraction(moment: time) -> Decimal:
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return Decimal(seconds) / _DAY
