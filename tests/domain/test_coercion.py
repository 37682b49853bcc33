"""How values read as numbers, text, days and truths, and what two sides are compared as (XPath 1.0, 3.4 and 4)."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcontact.domain.answer import Standing
from firstcontact.domain.coercion import day, divide, moment, number, remainder, string, tokens, truth
from firstcontact.domain.condition import evaluate, parse

ON = date(2026, 2, 10)
NAMES: dict[str, Any] = {
    "seven": 7,
    "text7": "7",
    "text07": "07",
    "exact": Decimal("2.50"),
    "yes": "yes",
    "on": date(2026, 2, 10),
    "at": datetime.fromisoformat("2026-02-10T06:00"),
    "many": ("a", "b"),
    "dk": Standing.DONT_KNOW,
    "held": True,
    "not_held": False,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # with a number: as numbers
        ("${text07} = 7", True),
        ("${seven} = 7.0", True),
        ("${yes} = 7", False),
        ("${nothing} = 0", False),
        ("${nothing} != 0", True),
        ("${on} = today()", True),
        ("${on} + 0 = '2026-02-10'", True),
        ("'2026-02-10' < today() + 1", True),
        ("'2026-02-09' < '2026-02-10'", True),
        ("number(${nothing}) = number(${nothing})", False),
        ("number(${nothing}) != number(${nothing})", True),
        ("int(${exact}) = '2'", True),
        # a stored value is text: without a number beside it, text is compared
        ("${seven} = '7'", True),
        ("${seven} = '07'", False),
        ("${seven} = ${text07}", False),
        ("${seven} = ${text7}", True),
        ("${exact} = '2.5'", True),
        ("${on} = '2026-02-10'", True),
        ("${on} = '2026-02-10T00:00'", False),
        ("${on} = ${at}", False),
        ("${many} = 'a b'", True),
        ("${not_held} = 'false'", True),
        ("${held} = 'yes'", False),
        ("${nothing} = ''", True),
        ("${nothing} = ${nothing_else}", True),
        ("coalesce(${seven}, 1) = '7'", True),
        ("concat(${seven}, '') = '07'", False),
        # with a truth: as truths
        ("true() = 'no'", True),
        ("true() = ${nothing}", False),
        ("(1 = 1) = 5", True),
        ("(1 = 2) != ${yes}", True),
        # an if() is what its branch is
        ("if(1 = 1, 7, 'x') = '07'", True),
        ("if(1 = 1, 'x', 7) = 'x'", True),
        ("if(1 = 1, ${text07}, 7) = 7", True),
        ("if(1 = 1, ${text07}, 7) = ${seven}", False),
        ("if(1 = 1, true(), 7) = 'no'", True),
        ("if(1 = 2, 1, '') = ''", True),
        ("if(1 = 2, 1, '') = ${nothing}", True),
        # by size always as numbers
        ("${text07} >= 7", True),
        ("${text07} < ${seven} + 1", True),
        ("'b' > 'a'", False),
        ("${nothing} <= 0", False),
        ("${dk} <= 9", False),
        ("${at} > ${on}", True),
        # a standing answer equals its own token and nothing else
        ("${dk} = 'dont-know'", True),
        ("${dk} = ''", False),
        ("${dk} != 'no'", True),
        ("${dk} = ${nothing}", False),
        ("${dk} = 0", False),
        ("${dk} = false()", True),
    ],
)
def test_comparing(text: str, expected: bool) -> None:
    """Two sides are compared as truths if either is one, as numbers if either is one, else as text."""
    assert evaluate(parse(text), NAMES, ON) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (Standing.NOT_ASKED, None),
        ("", None),
        (" 7 ", 7),
        ("-7.50", Decimal("-7.5")),
        (".5", Decimal("0.5")),
        ("+7", None),
        ("7,5", None),
        ("1e3", None),
        ("١", None),
        ("9" * 25, None),
        (True, 1),
        (date(1969, 12, 31), -1),
        (datetime.fromisoformat("1970-01-02T06:00"), Decimal("1.25")),
        (datetime.fromisoformat("1970-01-02T00:00"), 1),
        (time(12), Decimal("0.5")),
        (("7",), 7),
        (("7", "8"), None),
        ("1970-01-11", 10),
        ("1970-13-01", None),
        ("1970-01-11T06:00:00.000+01:00", Decimal("10.25")),
    ],
)
def test_number(value: Any, expected: Any) -> None:
    """A number is read as XPath reads one; a day counts from 1970."""
    found = number(value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "true"),
        (Decimal("2.50"), "2.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.0"), "0"),
        (("a", "b"), "a b"),
        (date(2026, 2, 1), "2026-02-01"),
        (time(6, 5), "06:05:00"),
        (Standing.DONT_KNOW, "dont-know"),
    ],
)
def test_string(value: Any, expected: str) -> None:
    """Text is what an XForm would store."""
    assert string(value) == expected


def test_days_and_moments() -> None:
    """Text is a day or a moment only as an XForm writes one."""
    assert day("2026-02-10T10:00:00") == ON
    assert day("2026-02-10 10:00") is None
    assert day("20260210") is None
    assert day(Decimal("1.9")) == date(1970, 1, 2)
    assert day(10**9) is None
    assert day(("a",)) is None
    assert day(time(6)) is None
    assert moment("2026-02-10T24:00") is None
    assert moment("2026-02-10T10") == datetime.fromisoformat("2026-02-10T10:00")


def test_truths_and_tokens() -> None:
    """Text that is not empty is true, 'no' and 'false' included; choices are words between blanks."""
    true: list[Any] = ["no", "false", 1, Decimal("0.5"), ("a",), ON, time(0), True]
    false: list[Any] = ["", None, 0, Decimal(0), (), False, Standing.DONT_KNOW]
    assert [truth(value) for value in true + false] == [True] * len(true) + [False] * len(false)
    assert tokens(" a  b ") == ("a", "b")
    assert tokens(12) == ("12",)
    assert tokens(Standing.NOT_ASKED) == ()


def test_dividing() -> None:
    """Exact where it comes out even; by zero there is no number; mod keeps the sign of the left side."""
    assert divide(7, 2) == Decimal("3.5")
    assert divide(0, 0) is None
    assert [remainder(5, 2), remainder(-5, 2), remainder(5, -2), remainder(1, 0)] == [1, -1, 1, None]
    assert remainder(Decimal("5.5"), 2) == Decimal("1.5")
    assert evaluate(parse("1" + " div .000000000000000000000001" * 900), {}, ON) is None


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=12),
    st.sampled_from(["yes", "", " 7 ", "-7.5", "2026-02-10", "2026-02-10T10:00:00Z", "x y", "\x00", "NaN", "Infinity"]),
    st.integers(-(10**18), 10**18),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.sampled_from(list(Standing)),
    st.lists(st.sampled_from(["a", "b", "7"]), max_size=3).map(tuple),
)


@given(VALUES)
def test_reading_never_fails(value: Any) -> None:
    """Every value reads as a number, text, day and truth, or is blank as one."""
    amount = number(value)
    assert amount is None or isinstance(amount, int | Decimal)
    assert isinstance(string(value), str)
    assert isinstance(truth(value), bool)
    assert day(value) is None or isinstance(day(value), date)
    assert all(isinstance(token, str) for token in tokens(value))


@given(VALUES, VALUES)
def test_equality_laws(a: Any, b: Any) -> None:
    """= and != are opposites for single values, and = does not care which side is which."""
    names = {"a": a, "b": b}
    same = evaluate(parse("${a} = ${b}"), names, ON)
    assert same is evaluate(parse("${b} = ${a}"), names, ON)
    assert same is not evaluate(parse("${a} != ${b}"), names, ON)
    assert evaluate(parse("${a} = ${a}"), names, ON) is True
