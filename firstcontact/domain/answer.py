"""A typed value or blank: what an answer may be, how text becomes one, and how one is written down again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from sync.base.safe_text import safe_text


class Standing(StrEnum):
    """The five answers that every question has beyond its own list.

    A standing answer equals its own token and nothing else; in numbers, dates and selected() it is blank.
    Source: checklists/README.md, "Answers".
    """

    DONT_KNOW = "dont-know"
    PREFERS_NOT_TO_SAY = "prefers-not-to-say"
    ALREADY_GETTING_HELP = "already-getting-help"
    NOT_ASKED = "not-asked"
    NOT_SAFE_TO_ASK = "not-safe-to-ask"


QuestionType: TypeAlias = Literal[
    "yes-no",
    "one-of",
    "any-of",
    "text",
    "long-text",
    "whole-number",
    "decimal",
    "date",
    "time",
    "date-time",
    "phone",
    "postcode",
    "range",
    "rank",
    "level",
    "note",
    "file",
]
"""`yes-no`: "yes" or "no"; `one-of`: a token; `any-of`: a tuple of tokens in the question's order; `range`: a number
between two, in steps; `rank`: a tuple of all tokens in the order chosen; `level`: a token, a judgement that needs
evidence and is never summed; `note`: words shown, never answered; `file`: a picture, a place, anything that cannot be
answered here."""

Value: TypeAlias = "str | int | Decimal | date | datetime | time | tuple[str, ...] | None"
"""What a question's answer or a calculation may be; None is blank. A Standing is a str and therefore a Value."""

Text: TypeAlias = Mapping[str, str]
"""Words by language code ("en", "cy"); "en" is always there in a shipped checklist."""

_STANDING: Final = {standing.value: standing for standing in Standing}
_WHOLE: Final = re.compile(r"[+-]?\d{1,18}\Z", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?(\d{1,18}(\.\d{0,12})?|\.\d{1,12})\Z", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_PHONE: Final = re.compile(r"\+?[\d ()./-]{3,30}\Z", re.ASCII)
HOME_REGION: Final = "GB"
"""The country whose telephone numbers are typed without a country code."""
MAX_TEXT: Final = 4000
"""Characters that a text answer may have when its question names no smaller limit."""


class NotAnAnswer(ValueError):
    """The text is no answer to this type of question; the message is fit to show beside it."""


def words(text: Text, language: str) -> str:
    """Say a text in a language; without a translation in English, else in whatever language it was written."""
    found = text.get(language)
    if found is None:
        found = text.get("en")
    if found is None:
        found = next(iter(text.values()), "")
    return found


def standing(value: Value) -> Standing | None:
    """Say which standing answer this value is, if it is one; a plain string of the same letters counts too."""
    return _STANDING.get(value) if isinstance(value, str) else None


def from_text(kind: QuestionType, text: str, tokens: tuple[str, ...] = ()) -> Value:
    """Turn what was typed or read from a file into a value of a question's type.

    kind: the question's type; tokens: the choices that are offered, in their order, where the type chooses from some.
    Returns: None for blank text; a Standing for one of the five tokens; for `any-of` the chosen tokens, separated by
    spaces or commas in the text, in the question's order and each once; for `rank` all tokens in the order of the text.
    Raises: NotAnAnswer, in words that a visitor can act on.
    """
    text = text.strip()
    if not text:
        return None
    if text in _STANDING:
        return _STANDING[text]
    match kind:
        case "yes-no":
            return _one_of(text.lower(), ("yes", "no"))
        case "one-of" | "level":
            return _one_of(text, tokens)
        case "any-of":
            return _any_of(_parted(text, tokens), tokens)
        case "rank":
            return _ranked(_parted(text, tokens), tokens)
        case "whole-number":
            if not _WHOLE.match(text):
                raise NotAnAnswer("Type a whole number, such as 2.")
            return int(text)
        case "decimal":
            return _decimal(text)
        case "range":
            amount = _decimal(text)
            return int(amount) if amount == amount.to_integral_value() else amount
        case "date":
            return _date(text)
        case "time":
            return _time(text)
        case "date-time":
            return _date_time(text)
        case "phone":
            return _phone(text)
        case "postcode":
            return safe_text(" ".join(text.upper().split()))[:16]
        case "note":
            raise NotAnAnswer("This is a note to read; it takes no answer.")
        case "file":
            raise NotAnAnswer("This cannot be answered here.")
        case "text" | "long-text":
            if len(text) > MAX_TEXT:
                raise NotAnAnswer(f"That is too long: at most {MAX_TEXT} characters.")
            return safe_text(text, multiline=True)
    raise NotAnAnswer(f"Unknown type of question: {kind}.")


def from_tokens(chosen: tuple[str, ...] | list[str], tokens: tuple[str, ...]) -> Value:
    """Turn a list of chosen tokens into an `any-of` value; one standing answer alone stays that.

    Raises: NotAnAnswer, if a token is none of the question's.
    """
    if len(chosen) == 1 and chosen[0] in _STANDING:
        return _STANDING[chosen[0]]
    return _any_of(list(chosen), tokens)


def to_json(value: Value) -> str | int | list[str] | dict[str, str] | None:
    """Write a value for an event; only a date, time or decimal needs to name its type."""
    match value:
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case Decimal():
            return {"decimal": str(value)}
        case tuple():
            return list(value)
        case str():
            return str(value)
        case _:
            return value


def from_json(raw: object) -> Value:
    """Read a value back from an event; the inverse of to_json.

    Raises: NotAnAnswer, if nothing that to_json writes has this shape.
    """
    try:
        match raw:
            case None:
                return None
            case bool():
                pass
            case int():
                return raw
            case str():
                return _STANDING.get(raw, raw)
            case list():
                return tuple(str(token) for token in raw)
            case {"date": str(iso)}:
                return date.fromisoformat(iso)
            case {"datetime": str(iso)}:
                return datetime.fromisoformat(iso)
            case {"time": str(iso)}:
                return time.fromisoformat(iso)
            case {"decimal": str(digits)}:
                return Decimal(digits)
    except (ValueError, InvalidOperation) as problem:
        raise NotAnAnswer(f"not a value: {problem}") from problem
    raise NotAnAnswer(f"not a value: {type(raw).__name__}")


def _one_of(token: str, tokens: tuple[str, ...]) -> str:
    if token not in tokens:
        raise NotAnAnswer(f"Choose one of: {', '.join(tokens)}.")
    return token


def _any_of(chosen: list[str], tokens: tuple[str, ...]) -> tuple[str, ...] | None:
    picked = {token for token in chosen if token}
    for token in chosen:
        if token and token not in tokens:
            raise NotAnAnswer(f"'{safe_text(token)}' is none of: {', '.join(tokens)}.")
    return tuple(token for token in tokens if token in picked) or None


def _parted(text: str, tokens: tuple[str, ...]) -> list[str]:
    """Tokens are parted by blanks, and by commas unless one of them has a comma in it."""
    parts = r"\s+" if any("," in token for token in tokens) else r"[\s,]+"
    return [part for part in re.split(parts, text) if part]


def _ranked(chosen: list[str], tokens: tuple[str, ...]) -> tuple[str, ...]:
    if sorted(chosen) != sorted(tokens):
        raise NotAnAnswer(f"Put all of them in order, each once: {', '.join(tokens)}.")
    return tuple(chosen)


def _phone(text: str) -> str:
    """A number as people write it where it is from; what the library does not know is kept as it was typed."""
    # The tables of the world's numbers are large, and most visits record no number.
    import phonenumbers

    typed = _PHONE.match(text) is not None
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        if not typed:
            raise NotAnAnswer("Type a telephone number: digits and spaces, such as 01632 960100.")
        return text
    here = number.country_code == phonenumbers.country_code_for_region(HOME_REGION)
    formats = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(number, formats.NATIONAL if here else formats.INTERNATIONAL))


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.match(text):
        raise NotAnAnswer("Type a number, such as 2.5.")
    return Decimal(text)


def _date(text: str) -> date:
    # fromisoformat alone would also take "20260210" and week dates, which a visitor never means.
    if _DATE.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise NotAnAnswer("Type a date as year-month-day, such as 1943-03-14.")


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text if len(text) > 4 else f"0{text}").replace(tzinfo=None)
    except ValueError:
        raise NotAnAnswer("Type a time, such as 14:30.") from None


def _date_time(text: str) -> datetime:
    # A zone is left out: a visit is on one day, in one place.
    day, _, clock = text.replace("T", " ", 1).partition(" ")
    try:
        return datetime.combine(_date(day), _time(clock.strip()))
    except NotAnAnswer:
        raise NotAnAnswer("Type a date and a time, such as 2026-02-10 14:30.") from None
