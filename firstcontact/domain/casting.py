"""What an expression yields, as an answer of a question's type: for defaults and for questions that are calculated."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from firstcontact.domain.answer import NotAnAnswer, QuestionType, Standing, Value, from_text
from firstcontact.domain.coercion import Result, day, number, string
from firstcontact.domain.coercion import tokens as tokens_in

_WORDS: frozenset[QuestionType] = frozenset({"text", "long-text", "phone", "postcode", "yes-no", "one-of", "level"})


def cast(kind: QuestionType, result: Result) -> Value:
    """The result as a value of this type; blank where it cannot be one. Choices are taken as they come."""
    if result is None or result == "" or isinstance(result, Standing):
        return None if result == "" else result
    if kind in _WORDS:
        return string(result) or None
    match kind:
        case "any-of" | "rank":
            return tokens_in(result) or None
        case "whole-number":
            amount = number(result)
            return None if amount is None else int(amount)
        case "range":
            return number(result)
        case "decimal":
            amount = number(result)
            return amount if amount is None else Decimal(amount)
        case "date":
            return day(result)
        case "time" | "date-time":
            return _moment(kind, result)
    return None


def _moment(kind: QuestionType, result: Result) -> Value:
    if kind == "time":
        if isinstance(result, datetime):
            return result.time()
        if isinstance(result, time):
            return result
    elif isinstance(result, datetime):
        return result
    elif isinstance(result, date):
        return datetime.combine(result, time())
    try:
        return from_text(kind, string(result))
    except NotAnAnswer:
        return None
