"""Telephone numbers as people type them: shown tidily, and never refused for being unusual.

`phonenumbers` is imported when the first number is typed: nothing else of a visit needs it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from firstcontact.domain.answer import NotAnAnswer
from sync.base.safe_text import safe_text

HERE: Final = "GB"
"""Where a number without a country is."""
_MADE_UP: Final = ("1632960", "7700900")
"""Numbers kept free for stories: practice visits and drills use them, and they are not unusual there."""
_DIGITS_LEAST: Final = 3
_LONGEST: Final = 60


@lru_cache(maxsize=64)
def read(text: str) -> tuple[str, bool]:
    """A number in groups, and whether it is one that a telephone here can ring; as typed if it is not.

    Raises: NotAnAnswer, if the text holds no number at all.
    """
    typed = safe_text(" ".join(text.split()))[:_LONGEST]
    if sum(letter.isdecimal() for letter in typed) < _DIGITS_LEAST:
        raise NotAnAnswer("Type a telephone number: digits and spaces, such as 01632 960100.")
    import phonenumbers

    try:
        number = phonenumbers.parse(typed, HERE)
    except phonenumbers.NumberParseException:
        return typed, False
    national, country = str(number.national_number), number.country_code or 0
    made_up = country == 44 and len(national) == 10 and national.startswith(_MADE_UP)
    if not made_up and not phonenumbers.is_valid_number(number):
        return typed, False
    shape = phonenumbers.PhoneNumberFormat
    here = phonenumbers.region_code_for_country_code(country) == HERE
    return str(phonenumbers.format_number(number, shape.NATIONAL if here else shape.INTERNATIONAL)), True


def doubt(text: str) -> str:
    """What to ask once before an unusual number is kept; blank if nothing is."""
    try:
        return "" if read(text)[1] else "That is not a usual number. Does it look right? Enter keeps it."
    except NotAnAnswer:
        return ""
