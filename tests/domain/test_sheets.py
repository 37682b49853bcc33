"""A visit's sheets: kept up with its events, repeats and defaults included, and equal to sheets made anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

import pytest

from firstcontact.domain.answer import Value
from firstcontact.domain.branching import Form
from firstcontact.domain.checklist import Block, Calculation
from firstcontact.domain.directory import Directory, Hub
from firstcontact.domain.events import Stamp, answer_recorded, person_added, visit_started
from firstcontact.domain.sheets import Sheets
from firstcontact.domain.visit import Visit, undo_last
from tests.domain.forms import checklist, question

ON = date(2026, 1, 15)
_NUMBERS = count(1)


def stamp() -> Stamp:
    """A fresh stamp."""
    at = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
    return Stamp(id=f"s{next(_NUMBERS)}", at=at, offset_minutes=0, clock_trusted=True, device="d1", by="osric")


@pytest.fixture
def form() -> Form:
    """A unit with a default, children with ages, and how old they are together."""
    made = checklist(
        question("unit", kind="text", default="'cm'"),
        question("age", kind="whole-number", block="child", default="position(..)"),
    )
    total = Calculation("ages", "sum(${age})")
    return Form.of(replace(made, blocks=(Block(id="child", repeat=True),), calculations=(total,)))


@pytest.fixture
def directory() -> Directory:
    """A scheme with nobody in it."""
    return Directory(id="x", version="1", name="X", hub=Hub(id="H", name="H", number="0"), districts=())


def begun() -> Visit:
    """A visit to Ann."""
    return Visit().then(
        visit_started(stamp(), visit="v1", checklist="test", version="1", digest="ab", on=ON),
        person_added(stamp(), "ann"),
    )


def told(visit: Visit, **answers: Value) -> Visit:
    """Ann's answers, `child_1` for child[1]."""
    for name, value in answers.items():
        base, _, index = name.partition("_")
        node = f"{base}[{index}]" if index else base
        visit = visit.then(answer_recorded(stamp(), "ann", node, value))
    return visit


def test_answers_in_instances_are_kept_up_with(form: Form, directory: Directory) -> None:
    """Events name nodes; the sheet has their instances, and so has one that is made anew from the same visit."""
    visit = begun()
    sheets = Sheets(form, directory, visit)
    for answers in ({"child_1": "yes"}, {"age_1": 4}, {"child_2": "yes"}, {"age_2": 9}, {"child_3": "no"}):
        visit = told(visit, **answers)
        sheets.keep_up(visit)
    for each in (sheets, Sheets(form, directory, visit)):
        assert each.sheet("ann").value("ages") == 13
        assert each.sheet("ann").nodes() == ("unit", "child[1]", "age[1]", "child[2]", "age[2]", "child[3]")


def test_a_default_that_was_taken_back_does_not_come_again(form: Form, directory: Directory) -> None:
    """Blanked on purpose it stays blank, also when the visit is opened another day; answered it is what was said."""
    sheets = Sheets(form, directory, begun())
    assert sheets.sheet("ann").answer("unit") == "cm"
    visit = told(begun(), unit=None, child_1="yes", age_1=None)
    for each in (sheets.keep_up(visit), Sheets(form, directory, visit)):
        assert each.sheet("ann").answer("unit") is None
        assert each.sheet("ann").answer("age[1]") is None
    visit = told(visit, unit="inch")
    for each in (sheets.keep_up(visit), Sheets(form, directory, visit)):
        assert each.sheet("ann").answer("unit") == "inch"


def test_an_answer_that_is_undone_gives_the_default_back(form: Form, directory: Directory) -> None:
    """After an undo the sheet is as if the question had never been answered."""
    visit = told(begun(), child_1="yes", unit="inch")
    sheets = Sheets(form, directory, visit)
    undone = undo_last(visit, stamp())
    assert undone is not None
    visit = visit.then(undone)
    for each in (sheets.keep_up(visit), Sheets(form, directory, visit)):
        assert each.sheet("ann").answer("unit") == "cm"
        assert each.sheet("ann").value("ages") == 1


def test_what_the_checklist_does_not_know_is_left_alone(form: Form, directory: Directory) -> None:
    """Answers of an older version of a checklist stay in the visit, and disturb no sheet."""
    visit = told(begun(), gone="x", toy_1="y", age="z")
    sheets = Sheets(form, directory, visit)
    assert sheets.sheet("ann").nodes() == ("unit", "child[1]")
    assert sheets.keep_up(told(visit, gone=None)).sheet("ann").value("ages") == 0


def test_a_checklists_own_question_called_age_keeps_its_answer(directory: Directory) -> None:
    """What the visit works out (age, pension_age, postcode_district) never takes the place of an answer."""
    made = checklist(question("age", kind="whole-number"), question("older", relevant="${age} > 40"))
    own = Form.of(replace(made, calculations=(Calculation("pension_age", "'mine'"),)))
    visit = told(begun(), age=41)
    sheet = Sheets(own, directory, begun()).keep_up(visit).sheet("ann")
    assert (sheet.value("age"), sheet.value("pension_age"), sheet.relevant("older")) == (41, "mine", True)
