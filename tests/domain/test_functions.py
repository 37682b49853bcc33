"""Every function of the condition language, at its edges. Clauses are of the ODK XForms specification."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from firstcontact.domain.answer import Standing
from firstcontact.domain.condition import ConditionError, evaluate, parse
from firstcontact.domain.functions import FUNCTIONS
from firstcontact.domain.grammar_words import NODE_FUNCTIONS, UNSUPPORTED

ON = date(2026, 2, 10)
NAMES: dict[str, Any] = {
    "dk": Standing.DONT_KNOW,
    "n": 7,
    "d": Decimal("2.5"),
    "many": ("oxygen", "creams"),
    "text": "Straße 7",
    "born": date(1943, 3, 14),
    "at": datetime.fromisoformat("2026-02-10T13:30:05.120"),
    "t": time(18, 0),
    "flag": False,
}


def value(text: str, here: Any = None) -> Any:
    return evaluate(parse(text), NAMES, ON, here=here)


def check(text: str, expected: Any) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # fn:substr: 0-based, negative from the end, past the end is nothing
        ("substr('abcdef', 1)", "bcdef"),
        ("substr('abcdef', 1, 3)", "bc"),
        ("substr('abcdef', 1, -1)", "bcde"),
        ("substr('abcdef', -2)", "ef"),
        ("substr('abcdef', -9, 2)", "ab"),
        ("substr('abcdef', 4, 2)", None),
        ("substr('abcdef', 9)", None),
        ("substr('abcdef', '')", None),
        ("substr('abcdef', 1, '')", None),
        ("substr('abcdef', 1.7)", "bcdef"),
        ("substr(12345, 1, 3)", "23"),
        ("substring('12345', 2, 3)", "234"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("substring('12345', 0, 3)", "12"),
        ("substring('12345', 2)", "2345"),
        ("substring('12345', -42)", "12345"),
        ("substring('12345', '')", None),
        # fn:substring-before, fn:substring-after: as in XPath 1.0
        ("substring-before('1999/04/01', '/')", "1999"),
        ("substring-before('abc', 'x')", None),
        ("substring-before('abc', '')", None),
        ("substring-after('1999--04', '--')", "04"),
        ("substring-after('abc', 'x')", None),
        ("substring-after('abc', '')", "abc"),
        ("substring-after('abc', 'c')", None),
        ("translate('bar', 'abc', 'ABC')", "BAr"),
        ("translate('--aaa--', 'abc-', 'ABC')", "AAA"),
        ("translate('aa', 'aa', 'bc')", "bb"),
        ("string-length(${text})", 8),
        ("string-length('')", 0),
        ("string-length(${n})", 1),
        ("normalize-space('  a \n  b ')", "a b"),
        ("contains(${text}, 'aß')", True),
        ("contains('abc', '')", True),
        ("starts-with('abc', 'ab')", True),
        ("ends-with('abc', 'ab')", False),
        ("concat('a', ${n}, ${nothing}, true(), 1.50)", "a7true1.5"),
        ("concat('a')", "a"),
        ("join(', ', 'a', '', 'b')", "a, , b"),
        ("string(${born})", "1943-03-14"),
        ("string(0 - 0)", "0"),
        # fn:regex: /[0-9]+/ anywhere in the value; ^ and $ make it whole
        ("regex('a1', '[0-9]+')", True),
        ("regex('a1', '^[0-9]+$')", False),
        ("regex('', '^$')", True),
        ("regex(${dk}, 'know')", False),
        ("regex(${n}, '^7$')", True),
        ("regex('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '^(a+)+$')", False),
        ("regex('x', concat('(?', '=x)'))", False),
        # select functions
        ("selected(${many}, 'oxygen')", True),
        ("selected(${many}, ' oxygen ')", True),
        ("selected(${many}, 'oxy')", False),
        ("selected(${many}, '')", False),
        ("selected(${nothing}, '')", True),
        ("selected(${nothing}, 'a')", False),
        ("selected(${dk}, '')", False),
        ("selected('1 2 3', 2)", True),
        ("selected-at(${many}, 0)", "oxygen"),
        ("selected-at(${many}, 1.9)", "creams"),
        ("selected-at(${many}, -1)", None),
        ("selected-at(${many}, 2)", None),
        ("selected-at(${many}, '')", None),
        ("count-selected(${many})", 2),
        ("count-selected('  ')", 0),
        ("count-selected(${nothing})", 0),
    ],
)
def test_texts(text: str, expected: Any) -> None:
    """Functions of text and choices."""
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # fn:number: as in XPath 1.0, and days of dates written as text
        ("number('12.50')", Decimal("12.5")),
        ("number(' -3 ')", -3),
        ("number('1e3')", None),
        ("number('')", None),
        ("number(true())", 1),
        ("number('1970-01-02')", 1),
        ("number('1970-01-02T12:00:00')", Decimal("1.5")),
        ("number(${born})", -9790),
        ("number(${t})", Decimal("0.75")),
        ("int(2.9)", 2),
        ("int(-2.9)", -2),
        ("int('x')", None),
        ("int('17')", 17),
        # fn:round: halves away from zero, to so many decimals
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(-0.4)", 0),
        ("round(2.345, 2)", Decimal("2.35")),
        ("round(1250, -2)", 1300),
        ("round('x')", None),
        ("floor(-2.5)", -3),
        ("ceiling(-2.5)", -2),
        ("abs(-2.5)", Decimal("2.5")),
        ("pow(2, 10)", 1024),
        ("pow(-8, 0.5)", None),
        ("pow(0, -1)", None),
        ("sqrt(9)", 3),
        ("sqrt(-1)", None),
        ("exp(0)", 1),
        ("exp(9999)", None),
        ("exp10(2)", 100),
        ("log(1)", 0),
        ("log(0)", None),
        ("log10(1000)", 3),
        ("sin(0) + tan(0) + asin(0) + atan(0) + atan2(0, 1)", 0),
        ("cos(0)", 1),
        ("acos(1)", 0),
        ("round(pi(), 4)", Decimal("3.1416")),
        # sets: one that is no number spoils them all (XPath 1.0 sum(); XPath 3.0 min() and max())
        ("sum(1, 2, '3')", 6),
        ("sum(1, ${nothing})", None),
        ("min(3, 1, 2)", 1),
        ("max(3, 'x')", None),
        ("mean(1, 2)", Decimal("1.5")),
        ("count(${nothing})", 1),
        ("count-non-empty(${nothing})", 0),
        ("count-non-empty(${many})", 1),
        # fn:checklist, fn:weighted-checklist: -1 is no limit
        ("checklist(1, 2, true(), false(), 'x')", True),
        ("checklist(1, 2, true(), true(), 'x')", False),
        ("checklist(-1, -1, false())", True),
        ("checklist(2, -1, true(), true(), 'x')", True),
        ("checklist('', 2, true())", False),
        ("weighted-checklist(3, 5, true(), 2, false(), 9, true(), 1)", True),
        ("weighted-checklist(3, 5, true(), 2)", False),
        ("weighted-checklist(0, 5, true(), 'x')", True),
    ],
)
def test_numbers(text: str, expected: Any) -> None:
    """Functions of numbers, exact, and blank where there is no number."""
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today()", ON),
        ("now()", datetime(2026, 2, 10)),  # noqa: DTZ001
        ("today() + 1 = '2026-02-11'", True),
        ("now() = today()", True),
        ("date('2026-2-1')", date(2026, 2, 1)),
        ("date('2026-02-01T23:59:59')", date(2026, 2, 1)),
        ("date('2026-02-30')", None),
        ("date('tomorrow')", None),
        ("date('')", None),
        ("date('') = ''", True),
        ("date(0)", date(1970, 1, 1)),
        ("date(-1.5)", date(1969, 12, 30)),
        ("date(999999999999)", None),
        ("date(true())", None),
        ("date(${dk})", None),
        ("date-time('2026-02-01')", datetime(2026, 2, 1)),  # noqa: DTZ001
        ("date-time('2026-02-01T10:30:00Z')", datetime(2026, 2, 1, 10, 30)),  # noqa: DTZ001
        ("date-time(1.5)", datetime(1970, 1, 2, 12)),  # noqa: DTZ001
        ("date-time(-0.25)", datetime(1969, 12, 31, 18)),  # noqa: DTZ001
        ("date-time('noon')", None),
        ("date-time(19754.9999999999)", datetime(2024, 2, 2)),  # noqa: DTZ001
        ("date-time(2932896.9999999999)", None),
        ("decimal-date-time('1970-01-02T12:00:00')", Decimal("1.5")),
        ("decimal-date-time(${born})", -9790),
        ("decimal-date-time('x')", None),
        ("decimal-time(${t})", Decimal("0.75")),
        ("decimal-time('06:00:00')", Decimal("0.25")),
        ("decimal-time('06:00:00.000+02:00')", Decimal("0.25")),
        ("decimal-time('25:00')", None),
        ("decimal-time(5)", None),
        ("format-date(${born}, '%Y-%n-%e %y %m %d %b %a')", "1943-3-14 43 03 14 Mar Sun"),
        ("format-date-time(${at}, '%H %h %M %S %3')", "13 13 30 05 120"),
        ("format-date('2026-02-10', '%d %Q %')", "10 %Q %"),
        ("format-date('', '%Y')", None),
        ("format-date('x', '%Y')", None),
        ("format-date(today() + 7, '%d')", "17"),
        ("difference-in-months('2025-12-11', today())", 1),
        ("difference-in-months('2025-12-10', today())", 2),
        ("difference-in-months('2026-01-31', '2026-02-28')", 0),
        ("difference-in-months('', today())", None),
        ("add-date('2026-01-31', 0, 1)", date(2026, 2, 28)),
        ("add-date('2024-02-29', 1)", date(2025, 2, 28)),
        ("add-date(today(), 0, 0, -10)", date(2026, 1, 31)),
        ("add-date(today(), 0, 0, 0, 1, 30)", datetime(2026, 2, 10, 1, 30)),  # noqa: DTZ001
        ("add-date(today(), '', 1)", date(2026, 3, 10)),
        ("add-date(today(), 99999)", None),
        ("add-date(today(), 'x')", None),
        ("add-date('x', 1)", None),
    ],
)
def test_days(text: str, expected: Any) -> None:
    """Functions of days and times, by the wall clock of the visit."""
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if(${n} > 5, 'many', 'few')", "many"),
        ("if(false(), 1 div 0, 2)", 2),
        ("coalesce(${nothing}, ${dk}, 5)", 5),
        ("coalesce(${nothing}, '')", None),
        ("boolean('no')", True),
        ("boolean(0)", False),
        ("boolean(${dk})", False),
        ("not(${flag})", True),
        ("boolean-from-string('true')", True),
        ("boolean-from-string(1)", True),
        ("boolean-from-string('yes')", False),
        ("boolean-from-string(${flag})", False),
    ],
)
def test_choosing(text: str, expected: Any) -> None:
    """Functions that choose, and truths."""
    check(text, expected)


def test_once() -> None:
    """once() keeps what is there, and works out its argument only while nothing is."""
    assert value("once(1 + 1)") == 2
    assert value("once(1 + 1)", here="kept") == "kept"
    assert value("once(1 + 1)", here="") == 2


def test_every_function_is_described() -> None:
    """Each has a range of arguments and says what it gives; none is both known and left out."""
    for name, function in FUNCTIONS.items():
        assert 0 <= function.least <= function.most, name
        assert name not in UNSUPPORTED
    assert not set(NODE_FUNCTIONS) & FUNCTIONS.keys()


@pytest.mark.parametrize("name", sorted(UNSUPPORTED))
def test_functions_left_out(name: str) -> None:
    """A function that other engines have and this one leaves out is named, with why, and not guessed at."""
    with pytest.raises(ConditionError, match="is not supported") as caught:
        parse(f"{name}(1)")
    assert caught.value.suggestion is None


def test_no_text_doubles_for_ever() -> None:
    """A text that is put together is blank beyond a hundred thousand letters; one that was given keeps its length."""
    names: dict[str, Any] = {"x": "x" * 50_000}
    assert evaluate(parse("concat(${x}, ${x})"), names, ON) == "x" * 100_000
    assert evaluate(parse("concat(${x}, ${x}, 'x')"), names, ON) is None
    assert evaluate(parse("join('xx', ${x}, ${x})"), names, ON) is None
    assert evaluate(parse("string(${x})"), {"x": "x" * 200_000}, ON) == "x" * 200_000
