"""Functions of numbers, and of sets of numbers. Source: ODK XForms, "Number Functions", and XPath 1.0, 4.4."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

from firstcontact.domain.calls import MANY, Function, over, plain
from firstcontact.domain.coercion import Number, Result, bounded, divide, number, truth, whole

_MAX_PLACES: Final = 12


def _towards(rounding: str) -> Callable[[Result], Result]:
    def work(value: Result) -> Result:
        amount = number(value)
        return None if amount is None else int(Decimal(amount).to_integral_value(rounding))

    return work


def _round(value: Result, places: Result = 0) -> Result:
    amount, digits = number(value), number(places)
    if amount is None or digits is None or not -_MAX_PLACES <= digits <= _MAX_PLACES:
        return None
    # Halves go away from zero, as in JavaRosa and xforms-engine; XPath 1.0 alone would make -2 of -2.5.
    scale = Decimal(10) ** int(digits)
    return whole((Decimal(amount) * scale).to_integral_value(ROUND_HALF_UP) / scale)


def _absolute(value: Result) -> Result:
    amount = number(value)
    return -amount if amount is not None and amount < 0 else amount


def _numbers(values: Sequence[Result]) -> list[Number] | None:
    """All of them as numbers; None if one is none, as XPath's NaN spoils a whole sum."""
    found: list[Number] = []
    for value in values:
        amount = number(value)
        if amount is None:
            return None
        found.append(amount)
    return found


def _least(values: Sequence[Result]) -> Result:
    found = _numbers(values)
    return min(found) if found else None


def _greatest(values: Sequence[Result]) -> Result:
    found = _numbers(values)
    return max(found) if found else None


def _sum(values: Sequence[Result]) -> Result:
    found = _numbers(values)
    return None if found is None else bounded(sum(found))


def _mean(values: Sequence[Result]) -> Result:
    found = _numbers(values)
    return divide(sum(found), len(found)) if found else None


def _count_filled(values: Sequence[Result]) -> Result:
    return sum(1 for value in values if value is not None and value not in ("", ()))


def _between(least: Result, most: Result, held: Number) -> bool:
    lower, upper = number(least), number(most)
    if lower is None or upper is None:
        return False
    return held >= lower and (upper == -1 or held <= upper)


def _checklist(least: Result, most: Result, values: Sequence[Result]) -> bool:
    return _between(least, most, sum(map(truth, values)))


def _weighted(least: Result, most: Result, values: Sequence[Result]) -> bool:
    held: Number = 0
    for answer, weight in zip(values[::2], values[1::2], strict=False):
        if truth(answer):
            held += number(weight) or 0
    return _between(least, most, held)


def _by_float(work: Callable[..., float]) -> Callable[..., Result]:
    """A function that only binary fractions know; blank where it has no result."""

    def worked_out(*values: Result) -> Result:
        amounts = _numbers(values)
        if amounts is None:
            return None
        try:
            found = work(*map(float, amounts))
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        return bounded(Decimal(repr(found))) if isinstance(found, float) and math.isfinite(found) else None

    return worked_out


NUMBERS: Final[dict[str, Function]] = {
    "number": plain(number, 1, gives="number"),
    "int": plain(_towards(ROUND_DOWN), 1, gives="number"),
    "round": plain(_round, 1, 2, gives="number"),
    "floor": plain(_towards(ROUND_FLOOR), 1, gives="number"),
    "ceiling": plain(_towards(ROUND_CEILING), 1, gives="number"),
    "abs": plain(_absolute, 1, gives="number"),
    "pow": plain(_by_float(math.pow), 2, gives="number"),
    "sqrt": plain(_by_float(math.sqrt), 1, gives="number"),
    "exp": plain(_by_float(math.exp), 1, gives="number"),
    "exp10": plain(_by_float(lambda power: math.pow(10, power)), 1, gives="number"),
    "log": plain(_by_float(math.log), 1, gives="number"),
    "log10": plain(_by_float(math.log10), 1, gives="number"),
    "sin": plain(_by_float(math.sin), 1, gives="number"),
    "cos": plain(_by_float(math.cos), 1, gives="number"),
    "tan": plain(_by_float(math.tan), 1, gives="number"),
    "asin": plain(_by_float(math.asin), 1, gives="number"),
    "acos": plain(_by_float(math.acos), 1, gives="number"),
    "atan": plain(_by_float(math.atan), 1, gives="number"),
    "atan2": plain(_by_float(math.atan2), 2, gives="number"),
    "pi": Function(0, 0, lambda: lambda _: Decimal(repr(math.pi)), "number"),
    "min": over(_least),
    "max": over(_greatest),
    "sum": over(_sum),
    "mean": over(_mean),
    "count-non-empty": over(_count_filled),
    "checklist": over(_checklist, lead=2, gives="truth"),
    "weighted-checklist": Function(4, MANY, over(_weighted, lead=2).make, "truth", 2),
}
"""By name as it is written in a condition."""
