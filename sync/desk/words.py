"""What the desk says: English texts marked for translation, and dates, times and numbers as people read them.

Every text of the pages and the command line passes through `t`, which looks it up in one dictionary per language.
English is the key, so a text without a translation reads in English rather than not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

LOCAL: Final = ZoneInfo("Europe/London")
"""The time zone of the scheme's offices."""

TRANSLATIONS: Final[dict[str, Mapping[str, str]]] = {}
"""Language tag to English text to that language's text; filled by a speaker of the language, never word by word."""

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def t(text: str, language: str = "en", /, **values: object) -> str:
    """The text in a language, its `{names}` filled in."""
    words = TRANSLATIONS.get(language, {}).get(text, text)
    return words.format(**values) if values else words


def long_day(day: date, language: str = "en") -> str:
    """`Tuesday 27 January 2026`."""
    return f"{t(_WEEKDAYS[day.weekday()], language)} {day.day} {t(_MONTHS[day.month - 1], language)} {day.year}"


def short_day(day: date, language: str = "en") -> str:
    """`Tue 27 January`: for lists, where the year is plain."""
    return f"{t(_WEEKDAYS[day.weekday()], language)[:3]} {day.day} {t(_MONTHS[day.month - 1], language)}"


def plain_day(day: date, language: str = "en") -> str:
    """`27 January 2026`."""
    return f"{day.day} {t(_MONTHS[day.month - 1], language)} {day.year}"


def local(at: datetime) -> datetime:
    """An instant as the clock on the wall shows it."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(LOCAL)


def clock_time(at: datetime) -> str:
    """`14:05`."""
    return f"{local(at):%H:%M}"


def in_groups(number: str) -> str:
    """A British telephone number in groups: `01632 960121`, `07700 900121`, `0808 157 0100`; others as they came."""
    digits = number.replace(" ", "")
    if not digits.isdigit() or not digits.startswith("0"):
        return number
    if digits.startswith("08") and len(digits) == 11:
        return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
    if len(digits) == 11:
        return f"{digits[:5]} {digits[5:]}"
    return number


def read_day(text: str) -> date:
    """The date that somebody typed or a date field sent: `2026-01-27`, `27/01/2026`, `27 January 2026`, `27 Jan 26`.

    Raises: ValueError, when it cannot be read as a day of the calendar.
    """
    plain = " ".join(text.replace("/", " ").replace(".", " ").replace(",", " ").split())
    parts = plain.split(" ")
    if len(parts) == 1:
        return date.fromisoformat(plain)
    if len(parts) != 3:
        raise ValueError(text)
    day, month, year = parts
    if not month.isdigit():
        named = [number for number, name in enumerate(_MONTHS, 1) if name.lower().startswith(month.lower())]
        if len(month) < 3 or len(named) != 1:
            raise ValueError(text)
        month = str(named[0])
    full_year = int(year) + 2000 if len(year) == 2 else int(year)
    return date(full_year, int(month), int(day))
