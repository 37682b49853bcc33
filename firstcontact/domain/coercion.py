"""How a value reads as a number, as text, as a day and as true or false: XPath 1.0 as ODK XForms uses it.

In an XForm every stored value is text; here an answer keeps its type, and reads as that text wherever text is wanted.
What was chosen beyond the specification is explained to authors in checklists/README.md, "Where we differ":

- *No number* is blank (XPath has NaN): arithmetic with it gives blank, no comparison by size holds for it, and it
  equals no number. Dividing by zero and results of 10^24 and more are no numbers either.
- Numbers are exact (whole numbers and decimals), never binary fractions: 0.1 + 0.2 = 0.3.
- A *standing answer* equals its own token and nothing else. As a number, a day, a list of choices or a truth it is
  blank.
- Days and times are those of the wall clock of the visit; a time zone in a text is read over.
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
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(T(\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?)(Z|[-+]\d{2}:\d{2})?)?\Z", re.ASCII)
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
            return whole((value.date() - _EPOCH).days + _fraction(value.time()))
        case date():
            return (value - _EPOCH).days
        case time():
            return _fraction(value)
        case tuple():
            return number(" ".join(value))
        case str():
            if _NUMBER.match(value):
                return whole(Decimal(value.strip()))
            at = moment(value)
            return None if at is None else number(at)
    return None


def whole(value: Decimal) -> Number:
    """The same number, as an int where it is whole."""
    return int(value) if value == value.to_integral_value() else value


def bounded(value: Number) -> Number | None:
    """The number, whole ones as int; None where it grew beyond what any form means."""
    if isinstance(value, Decimal):
        value = whole(value)
    return value if -_LIMIT < value < _LIMIT else None


def moment(text: str) -> datetime | None:
    """The date and time that a text is, or the day that it is at midnight; None if it is neither."""
    found = _MOMENT.match(text)
    if found is None:
        return None
    try:
        day_, clock = date.fromisoformat(found[1]), time.fromisoformat(found[3]) if found[3] else time()
    except ValueError:
        return None
    return datetime.combine(day_, clock)


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
            return format(value.normalize(), "f") if value else "0"
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
    """The value as a day: from a date, a date and time, either of them as text, or days since 1970-01-01."""
    match value:
        case datetime():
            return value.date()
        case date():
            return value
        case None | bool() | time() | tuple() | Standing():
            return None
        case str():
            at = moment(value)
            return None if at is None else at.date()
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
    """XPath's `=` of what was worked out: as truths if either is one, as numbers if either is one, else as text.

    What a node holds is text to XPath, whatever its type here; `compiling` knows which side is one.
    """
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) is truth(right)
    if isinstance(left, int | Decimal | date) or isinstance(right, int | Decimal | date):
        return same_number(left, right)
    return string(left) == string(right)


def same_number(left: Result, right: Result) -> bool:
    """Whether both are numbers, and the same one."""
    first = number(left)
    return first is not None and first == number(right)


def less(left: Result, right: Result, *, or_equal: bool) -> bool:
    """XPath's `<` and `<=`, by number: days count as such, also as text. False with a blank."""
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


def _fraction(clock: time) -> Decimal:
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second + Decimal(clock.microsecond) / 1_000_000
    return Decimal(seconds) / _DAY
