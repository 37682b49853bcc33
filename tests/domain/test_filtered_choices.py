"""An answer counts as far as it is among the choices that are offered now."""

from __future__ import annotations

from datetime import date

from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import Checklist, Choice, Question, Section
from firstcontact.domain.condition import parse
from firstcontact.domain.dependencies import with_order

WORDS = {"en": "Words"}
FILTERS = ("region = ${where}", "not(selected(${first}, name))", "not(selected(${second}, name))")


def choices(**columns: str) -> tuple[Choice, ...]:
    """Two of the north, one of the south."""
    places = {"hill": "north", "lake": "north", "port": "south"}
    return tuple(Choice(name, WORDS, columns={"region": region}) for name, region in places.items())


def sheet(*questions: Question) -> Sheet:
    """A sheet of a checklist with these questions."""
    conditions = {text: parse(text, of_rows=True) for text in FILTERS}
    checklist = Checklist(
        id="filtered",
        version="1",
        title=WORDS,
        languages=("en",),
        sections=(Section("S", WORDS, questions),),
        conditions=conditions,
    )
    return Sheet(Form.of(with_order(checklist)), date(2026, 5, 22))


def asked(name: str, kind: str, choice_filter: str | None = None, **more: str) -> Question:
    """A question that chooses among the places."""
    return Question(
        id=name,
        section_id="S",
        subject="home",
        type=kind,  # type: ignore[arg-type]
        label=WORDS,
        choices=choices(),
        choice_filter=choice_filter,
        **more,  # type: ignore[arg-type]
    )


def test_an_answer_that_is_no_longer_offered_is_blank_until_it_is_offered_again() -> None:
    """Whoever reads it sees a blank; the answer itself is kept, and comes back with its choice."""
    where = Question(id="where", section_id="S", subject="home", type="text", label=WORDS)
    town = asked("town", "one-of", "region = ${where}", constraint=". != 'hill'")
    towns = asked("towns", "any-of", "region = ${where}")
    form = sheet(where, town, towns)
    form.record("where", "north")
    form.record("town", "hill")
    form.record("towns", ("lake", "port"))
    assert (form.value("town"), form.value("towns")) == ("hill", ("lake",))
    assert [each.kind for each in form.violations("town")] == ["constraint"]
    form.record("where", "south")
    assert (form.value("town"), form.value("towns")) == (None, ("port",))
    assert [each.kind for each in form.violations("town")] == ["choice"]
    assert form.answer("town") == "hill"
    form.record("where", "north")
    assert form.value("town") == "hill"


def test_choices_may_rule_each_other_out() -> None:
    """Two questions whose filters read each other are no circle, and come to rest."""
    first = asked("first", "one-of", "not(selected(${second}, name))")
    second = asked("second", "one-of", "not(selected(${first}, name))")
    form = sheet(first, second)
    form.record("first", "hill")
    assert [choice.token for choice in form.choices("second")] == ["lake", "port"]
    form.record("second", "hill")
    assert (form.value("first"), form.value("second")) == ("hill", None)
    form.record("first", None)
    assert form.value("second") == "hill"
