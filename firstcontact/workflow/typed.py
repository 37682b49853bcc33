"""What was typed, as a value: days, times and numbers as people say them."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from firstcontact.domain.answer import NotAnAnswer, Value, from_text, standing
from firstcontact.domain.checklist import Question
from firstcontact.workflow import phone
from firstcontact.workflow.say import day_bare

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK: Final = re.compile(r"(?:at )?(\d{1,2})(?:[.: h]?(\d{2}))?(?:[.:]\d{2})? ?(am|pm|a\.m\.|p\.m\.)?\Z", re.ASCII)
_DAY_AND_TIME: Final = re.compile(
    r"(\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/. ]+[a-z0-9]+[-/., ]+\d{4})(?:[ t,]+)(.+)\Z", re.ASCII
)
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?\Z", re.ASCII)
_SAID: Final = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
_DAY_LIKE: Final = "Type a day like 14 3 1943, or 14 March 1943."
_TIME_LIKE: Final = "Type a time like 9.30, or 21.15."
_BOTH_LIKE: Final = "Type the day and the time, like 14 3 1943 9.30."


def value_of(question: Question, text: str) -> Value:
    """What was typed in answer to a question. Raises: NotAnAnswer, in words that a visitor can act on."""
    if standing(text.strip()):
        return standing(text.strip())
    match question.type:
        case "date":
            text = day_text(text)
        case "time":
            text = time_text(text)
        case "date-time":
            text = day_and_time_text(text)
        case "whole-number" | "decimal" | "range":
            text = number_text(text)
        case "phone":
            return phone.read(text)[0] if text.strip() else None
        case _:
            pass
    return from_text(question.type, text, question.tokens)


def day_text(text: str) -> str:
    """A day as people type it (14/3/1943, 14 March 1943, 1943-03-14) as ISO text; blank stays blank."""
    parts = re.split(r"[\s/.,-]+", text.strip())
    if parts == [""]:
        return ""
    if len(parts) != 3:
        raise NotAnAnswer(_DAY_LIKE)
    first, middle, last = parts
    if len(first) == 4:
        first, last = last, first
    month = middle
    if middle[:3].lower() in _MONTHS:
        month = str(_MONTHS.index(middle[:3].lower()) + 1)
    if not (first.isdecimal() and month.isdecimal() and last.isdecimal() and len(last) == 4):
        raise NotAnAnswer(_DAY_LIKE)
    try:
        return date(int(last), int(month), int(first)).isoformat()
    except ValueError:
        raise NotAnAnswer(f"The calendar has no such day: {' '.join(parts)}.") from None


def time_text(text: str) -> str:
    """A time of day as people type it (9.30, 9:30, 0930, 9.30 pm, noon) as ISO text; blank stays blank."""
    said = " ".join(text.lower().split())
    if not said:
        return ""
    found = _CLOCK.match(_SAID.get(said, said))
    if found is None:
        raise NotAnAnswer(_TIME_LIKE)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "")[:1]
    if half and not 1 <= hour <= 12:
        raise NotAnAnswer(_TIME_LIKE)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute).isoformat()
    except ValueError:
        raise NotAnAnswer(_TIME_LIKE) from None


def day_and_time_text(text: str) -> str:
    """A day and a time of day ("14 3 1943 9.30") as ISO text; blank stays blank."""
    said = " ".join(text.lower().split())
    if not said:
        return ""
    found = _DAY_AND_TIME.match(said)
    if found is None:
        raise NotAnAnswer(_BOTH_LIKE)
    return f"{day_text(found[1])}T{time_text(found[2])}"


def number_text(text: str) -> str:
    """A number without what people write around it: pounds, and commas between thousands."""
    said = text.strip().removeprefix("£").strip()
    return said.replace(",", "") if _THOUSANDS.match(said) else said


def as_typed(value: Value) -> str | tuple[str, ...]:
    """A value as it would be typed again: a day in words, a time in 24 hours, a number in digits."""
    match value:
        case tuple():
            return value
        case datetime():
            return f"{day_bare(value)}, {value:%H:%M}"
        case date():
            return day_bare(value)
        case time():
            return f"{value:%H:%M}"
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


def bounds_of(question: Question) -> str:
    """What a range may be, in words; blank if the question is none or has no ends."""
    start, end, step = (
        None if each is None else format(each.normalize(), "f")
        for each in (question.start, question.end, question.step)
    )
    if question.type != "range" or start is None or end is None:
        return ""
    tail = f", in steps of {step}" if step not in {None, "1"} else ""
    return f"From {start} to {end}{tail}."
