"""Days, times, names and numbers as a person says them. Dates have their weekday and month."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_A_WEEK: Final = 7


def day_in_full(day: date) -> str:
    """`Monday 2 February 2026`."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def day_short(day: date) -> str:
    """`Thu 29 January`."""
    return f"{_DAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1]}"


def day_bare(day: date) -> str:
    """`14 March 1943`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def day_in_history(day: date) -> str:
    """`15 Jan`."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def clock_time(at: datetime) -> str:
    """`14:20`, in the zone that the time carries."""
    return f"{at:%H:%M}"


def day_from_today(day: date, today: date) -> str:
    """The shortest words that cannot be misread: `today`, `Friday` within the week, `Thu 15 January` beyond."""
    if day == today:
        return "today"
    if abs((day - today).days) < _A_WEEK:
        return _DAYS[day.weekday()]
    return day_short(day)


def initials(name: str) -> str:
    """`A.T.` for Agnes Thimblewick, `A.` for one name, a dash while no name is known."""
    parts = [part for part in name.replace("-", " ").split() if part[0].isalpha()]
    if not parts:
        return "–"
    chosen = (parts[0],) if len(parts) == 1 else (parts[0], parts[-1])
    return "".join(f"{part[0].upper()}." for part in chosen)


def joined(words: list[str] | tuple[str, ...]) -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 referral`, `3 referrals`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
