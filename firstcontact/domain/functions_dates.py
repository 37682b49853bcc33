"""Functions of days and times.

Source: ODK XForms, "Date and Time Functions"; add-date and difference-in-months are the Community Health Toolkit's.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from firstcontact.domain.answer import Standing
from firstcontact.domain.calls import NOW, TODAY, Function, plain
from firstcontact.domain.coercion import Number, Result, day, moment, number, string

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNPADDED: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(T.*)?\Z", re.ASCII | re.DOTALL)
_CLOCK: Final = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?(?=(Z|[-+]\d{2}:\d{2})?\Z)", re.ASCII)
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
}


def _padded(value: Result) -> Result:
    """Text such as 2026-2-1 with its noughts; anything else as it is."""
    if isinstance(value, str) and not isinstance(value, Standing):
        found = _UNPADDED.match(value)
        if found is not None:
            return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}{found[4] or ''}"
    return value


def _date(value: Result) -> Result:
    return day(_padded(value))


def _date_time(value: Result) -> Result:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return None if isinstance(value, Standing) else moment(str(_padded(value)))
    on = day(value)
    if on is None:
        return None
    midnight = datetime.combine(on, time())
    if isinstance(value, Decimal):
        rest = value - value.to_integral_value(ROUND_FLOOR)
        try:
            return midnight + timedelta(milliseconds=int((rest * 86_400_000).to_integral_value()))
        except OverflowError:
            return None  # the last day that there is has no midnight behind it to round to
    return midnight


def _decimal_time(value: Result) -> Result:
    if isinstance(value, time):
        return number(value)
    if isinstance(value, str) and (found := _CLOCK.match(value)):
        try:
            return number(time.fromisoformat(found[0]))
        except ValueError:
            return None
    return None


def _format_date(value: Result, layout: Result) -> Result:
    at = _date_time(value)
    if not isinstance(at, datetime):
        return None
    return re.sub(r"%([A-Za-z3])", lambda mark: _FORMAT[mark[1]](at) if mark[1] in _FORMAT else mark[0], string(layout))


def _difference_in_months(start: Result, end: Result) -> Result:
    first, last = day(start), day(end)
    if first is None or last is None:
        return None
    if last < first:
        return -_whole_months(last, first)
    return _whole_months(first, last)


def _whole_months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def _add_date(value: Result, *amounts: Result) -> Result:
    """Years and months first, on the last day of a month that is too short; then days, hours and minutes."""
    at = _date_time(value)
    if not isinstance(at, datetime):
        return None
    found: list[int] = []
    for amount in amounts:
        steps: Number | None = 0 if amount is None else number(amount)
        if steps is None or not -(10**9) < steps < 10**9:
            return None
        found.append(int(steps))
    years, months, days, hours, minutes = (*found, 0, 0, 0, 0, 0)[:5]
    count = at.year * 12 + at.month - 1 + years * 12 + months
    try:
        year, month = count // 12, count % 12 + 1
        last = calendar.monthrange(year, month)[1]
        moved = at.replace(year=year, month=month, day=min(at.day, last))
        moved += timedelta(days=days, hours=hours, minutes=minutes)
    except (ValueError, OverflowError, IndexError):
        return None
    return moved if isinstance(value, datetime) or moved.time() != time() else moved.date()


DATES: Final[dict[str, Function]] = {
    "today": Function(0, 0, lambda: lambda frame: frame[TODAY], "number"),
    "now": Function(0, 0, lambda: lambda frame: frame[NOW], "number"),
    "date": plain(_date, 1, gives="any"),
    "date-time": plain(_date_time, 1, gives="any"),
    "decimal-date-time": plain(lambda value: number(_date_time(value)), 1, gives="number"),
    "decimal-time": plain(_decimal_time, 1, gives="number"),
    "format-date": plain(_format_date, 2),
    "format-date-time": plain(_format_date, 2),
    "difference-in-months": plain(_difference_in_months, 2, gives="number"),
    "add-date": plain(_add_date, 2, 6, gives="any"),
}
"""By name as it is written in a condition."""
