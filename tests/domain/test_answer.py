"""Answers: text to value and back, and what is refused in words."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcontact.domain.answer import NotAnAnswer, Standing, Value, from_json, from_text, from_tokens, to_json, words
from firstcontact.domain.casting import cast


def moment(text: str) -> datetime:
    """A date and time as a visitor means it: without a zone."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("kind", "text", "tokens", "value"),
    [
        ("yes-no", "Yes", (), "yes"),
        ("yes-no", "", (), None),
        ("yes-no", "dont-know", (), Standing.DONT_KNOW),
        ("one-of", "a", ("a", "b"), "a"),
        ("any-of", "b, a b", ("a", "b"), ("a", "b")),
        ("any-of", "not-asked", ("a",), Standing.NOT_ASKED),
        ("whole-number", " 12 ", (), 12),
        ("decimal", "2.50", (), Decimal("2.50")),
        ("date", "1943-03-14", (), date(1943, 3, 14)),
        ("time", "9:30", (), time(9, 30)),
        ("date-time", "2026-02-10 9:30", (), moment("2026-02-10 09:30")),
        ("date-time", "2026-02-10T14:30:00.000+01:00", (), moment("2026-02-10 14:30")),
        ("range", "3", (), 3),
        ("range", "2.50", (), Decimal("2.5")),
        ("rank", "b, a", ("a", "b"), ("b", "a")),
        ("level", "b", ("a", "b"), "b"),
        ("any-of", "b a,c", ("a,c", "b"), ("a,c", "b")),
        ("long-text", "one\ntwo\x07", (), "one\ntwo␇"),
        ("phone", "01632 960411", (), "01632 960411"),
        ("phone", "0207 946 0018", (), "020 7946 0018"),
        ("phone", "+33142685300", (), "+33 1 42 68 53 00"),
        ("phone", "020 7946 0018 ext 3", (), "020 7946 0018 x3"),
        ("phone", "112233", (), "112233"),
        ("postcode", " ay2  4qt ", (), "AY2 4QT"),
        ("text", "loose\x1b[31m rail", (), "loose␛[31m rail"),
    ],
)
def test_text_to_value(kind: Any, text: str, tokens: tuple[str, ...], value: Value) -> None:
    """What was typed becomes a value of the question's type; control characters become visible."""
    assert from_text(kind, text, tokens) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("yes-no", "perhaps"),
        ("one-of", "c"),
        ("any-of", "a c"),
        ("whole-number", "2.5"),
        ("whole-number", "9" * 30),
        ("decimal", "nan"),
        ("date", "14/03/1943"),
        ("date", "19430314"),
        ("date", "2026-02-30"),
        ("time", "25:00"),
        ("phone", "call me"),
        ("phone", "12"),
        ("date-time", "2026-02-10"),
        ("date-time", "2026-02-10 25:00"),
        ("date-time", "tomorrow noon"),
        ("range", "much"),
        ("rank", "a"),
        ("rank", "a a"),
        ("rank", "a b c"),
        ("level", "c"),
        ("file", "x.jpg"),
        ("note", "x"),
        ("text", "x" * 5000),
    ],
)
def test_refused(kind: Any, text: str) -> None:
    """What is no answer is refused in words that end like a sentence."""
    with pytest.raises(NotAnAnswer) as caught:
        from_text(kind, text, ("a", "b"))
    assert str(caught.value).endswith(".")


def test_tokens() -> None:
    """Chosen tokens stand in the question's order; one standing answer alone is that answer."""
    assert from_tokens(["b", "a"], ("a", "b")) == ("a", "b")
    assert from_tokens(["not-asked"], ("a",)) is Standing.NOT_ASKED
    assert from_tokens([], ("a",)) is None
    with pytest.raises(NotAnAnswer):
        from_tokens(["a", "not-asked"], ("a",))


@given(
    st.one_of(
        st.none(),
        st.text(),
        st.integers(),
        st.decimals(allow_nan=False, allow_infinity=False),
        st.dates(),
        st.datetimes(),
        st.times(),
        st.lists(st.text()).map(tuple),
        st.sampled_from(list(Standing)),
    )
)
def test_there_and_back(value: Value) -> None:
    """A value written to an event is read back as the same value of the same type."""
    found = from_json(to_json(value))
    assert found == value
    if not isinstance(value, str):
        assert type(found) is type(value)


@pytest.mark.parametrize("raw", [True, 1.5, {"date": "x"}, {"decimal": "x"}, {"what": 1}, {"datetime": 5}])
def test_unreadable_values(raw: Any) -> None:
    """What no version wrote is refused, not guessed."""
    with pytest.raises(NotAnAnswer):
        from_json(raw)


def test_words() -> None:
    """A language without words falls back to English, then to whatever there is."""
    assert words({"en": "yes", "cy": "ie"}, "cy") == "ie"
    assert words({"en": "yes"}, "cy") == "yes"
    assert words({"cy": "ie"}, "en") == "ie"
    assert words({}, "en") == ""


@pytest.mark.parametrize(
    ("kind", "result", "value"),
    [
        ("whole-number", "12", 12),
        ("whole-number", Decimal("12.9"), 12),
        ("whole-number", "twelve", None),
        ("decimal", 2, Decimal(2)),
        ("range", Decimal("2.5"), Decimal("2.5")),
        ("date", "2026-02-10", date(2026, 2, 10)),
        ("date", moment("2026-02-10 09:30"), date(2026, 2, 10)),
        ("date-time", date(2026, 2, 10), moment("2026-02-10 00:00")),
        ("date-time", "2026-02-10T09:30", moment("2026-02-10 09:30")),
        ("time", "09:30", time(9, 30)),
        ("time", "late", None),
        ("any-of", "b a", ("b", "a")),
        ("one-of", True, "true"),
        ("text", Decimal("1.50"), "1.5"),
        ("text", "", None),
        ("file", "x.jpg", None),
        ("date", None, None),
    ],
)
def test_what_an_expression_yields_becomes_an_answer(kind: Any, result: Any, value: Value) -> None:
    """Defaults and calculated answers have the type of their question, or are blank."""
    found = cast(kind, result)
    assert found == value
    assert type(found) is type(value)
