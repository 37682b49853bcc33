"""The forms: what they ask, what they take, and what they say when something is not right."""

from __future__ import annotations

from datetime import date

import pytest

from sync.base.work import ANSWERS, RETURN_REASONS, Button
from sync.desk.answers import FORMS, Given, Problem, check_answer, fields_for

TODAY, MADE = date(2026, 2, 2), date(2026, 1, 13)


def check(button: Button, **typed: str) -> Given | tuple[Problem, ...]:
    """A form filled in on a Monday in February, about a referral of January."""
    return check_answer(FORMS[button], typed, today=TODAY, earliest=MADE)


def test_every_button_of_the_table_has_one_form() -> None:
    """What a person can say is exactly the table of answers, without the two acts that happen by themselves."""
    assert set(FORMS) == set(ANSWERS) - {Button.ARRIVED, Button.OPENED}


GOOD = [
    (Button.ACCEPT, {}, {}),
    (Button.CONTACTED, {"date": "2026-02-02"}, {"dates": ["2026-02-02"]}),
    (
        Button.COULD_NOT_REACH,
        {"date": "30/01/2026", "second_date": "29 January 2026"},
        {"dates": ["2026-01-29", "2026-01-30"]},
    ),
    (Button.HELPED, {"outcome": "partly-helped"}, {"outcome": "partly-helped"}),
    (Button.PERSON_DECLINED, {}, {"outcome": "person-declined"}),
    (
        Button.SEND_BACK,
        {"outcome": "no-capacity", "until": "2026-03-02"},
        {"outcome": "no-capacity", "extra": {"until": "2026-03-02"}},
    ),
    (
        Button.SEND_BACK,
        {"outcome": "duplicate", "of": "0000-0000-0000-0"},
        {"outcome": "duplicate", "extra": {"of": "0000000000000"}},
    ),
    (Button.DECEASED, {}, {"outcome": "deceased"}),
    (Button.CONFIRM_WITHDRAWAL, {}, {"outcome": "withdrawn"}),
]


@pytest.mark.parametrize(("button", "typed", "kept"), GOOD)
def test_a_filled_form_is_kept_as_typed(button: Button, typed: dict[str, str], kept: dict[str, object]) -> None:
    """Each form, filled in rightly, keeps its dates in order, its outcome and its one extra, and nothing else."""
    given = check(button, **typed)
    assert isinstance(given, Given)
    assert given.to_json() == {"button": button.value, **kept}


BAD = [
    (Button.CONTACTED, {}, {"date"}),
    (Button.CONTACTED, {"date": "soon"}, {"date"}),
    (Button.CONTACTED, {"date": "2026-02-03"}, {"date"}),
    (Button.CONTACTED, {"date": "2026-01-12"}, {"date"}),
    (Button.COULD_NOT_REACH, {"date": "2026-01-30"}, {"second_date"}),
    (Button.COULD_NOT_REACH, {"date": "2026-01-30", "second_date": "2026-01-30"}, {"second_date"}),
    (Button.HELPED, {}, {"outcome"}),
    (Button.HELPED, {"outcome": "cured"}, {"outcome"}),
    (Button.SEND_BACK, {}, {"outcome"}),
    (Button.SEND_BACK, {"outcome": "no-capacity"}, {"until"}),
    (Button.SEND_BACK, {"outcome": "no-capacity", "until": "2026-02-02"}, {"until"}),
    (Button.SEND_BACK, {"outcome": "not-enough-information", "what": "x" * 201}, {"what"}),
    (Button.SEND_BACK, {"outcome": "wrong-service"}, {"which"}),
    (Button.SEND_BACK, {"outcome": "duplicate", "of": "7K3M-9Q2T-X4VB-2"}, {"of"}),
]


@pytest.mark.parametrize(("button", "typed", "fields"), BAD)
def test_what_is_not_right_is_said_beside_its_field(button: Button, typed: dict[str, str], fields: set[str]) -> None:
    """A form that is not right yet names each field at fault, in plain words, and keeps nothing."""
    problems = check(button, **typed)
    assert isinstance(problems, tuple)
    assert {problem.field for problem in problems} == fields
    for problem in problems:
        assert not any(word in problem.words.lower() for word in ("error", "invalid", "failed", "submit"))


def test_an_extra_belongs_to_its_reason_only() -> None:
    """What stands in a box of another reason is not sent: it was not what the person meant."""
    given = check(Button.SEND_BACK, outcome="age", until="2026-03-02", what="which floor")
    assert isinstance(given, Given)
    assert given.extra == {}


def test_each_reason_asks_for_the_extra_of_the_table() -> None:
    """The boxes under the reasons are those of the table of return reasons, one for one."""
    boxes = {one.only_when: one.name for one in fields_for(FORMS[Button.SEND_BACK], frozenset()) if one.only_when}
    assert boxes == {reason: extra for reason, extra in RETURN_REASONS.items() if extra}


def test_the_weekly_gain_is_asked_of_benefit_services_only() -> None:
    """Pounds are asked where money was the service, and nowhere else."""
    names = [one.name for one in fields_for(FORMS[Button.HELPED], frozenset({"benefit-check"}))]
    assert "weekly_gain_pounds" in names
    assert "weekly_gain_pounds" not in [one.name for one in fields_for(FORMS[Button.HELPED], frozenset({"fire-visit"}))]


def test_typed_text_is_made_safe() -> None:
    """Escapes and overrides in typed text become visible signs before anything is kept."""
    given = check(Button.SEND_BACK, outcome="wrong-service", which="\x1b[31mred\u202e")
    assert isinstance(given, Given)
    assert "\x1b" not in given.extra["which"]
    assert "\u202e" not in given.extra["which"]
