"""Where a form behaves otherwise here than in the reference engine, case by case, with the clause that it is about.

How expressions differ stands in checklists/README.md, "Where we differ", and in its test, test_readme_language.py.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyxform.xls2xform import convert

from tests.differential.folders import imported
from tests.differential.ours import Ours, text_of
from tests.differential.own_forms import OwnForm, Row, ask, begin, end, options, work_out, write_workbook
from tests.differential.reference import Step, play

ENGINE = os.environ.get("FIRSTCONTACT_XFORMS_ENGINE")
RELEVANT, REQUIRED, CONSTRAINT, VALUE = range(4)


@dataclass(frozen=True, slots=True)
class Case:
    """A form, steps, and one thing about one node that is not the same after them."""

    name: str
    clause: str
    survey: tuple[Row, ...]
    steps: tuple[Step, ...]
    node: str
    aspect: int
    theirs: Any
    ours: Any
    choices: tuple[Row, ...] = ()

    @property
    def form(self) -> OwnForm:
        """The form as rows."""
        return OwnForm("differs", self.survey, self.choices)


def answer(at: str, value: str) -> Step:
    """A step that answers."""
    return {"do": "set", "at": f"/data/{at}", "value": value}


def add(at: str) -> Step:
    """A step that adds an instance."""
    return {"do": "add", "at": f"/data/{at}"}


COUNTED = (
    ask("integer", "how_many"),
    begin("repeat", "child", repeat_count="${how_many}"),
    ask("text", "named"),
    end("repeat"),
    work_out("children", "count(${child})"),
)

CASES = (
    Case(
        "a count that becomes blank",
        "ODK XForms, jr:count: a number of instances; a sheet here is what its answers say, not how they came",
        COUNTED,
        (answer("how_many", "3"), answer("how_many", "")),
        "/data/children",
        VALUE,
        "3",
        "0",
    ),
    Case(
        "an instance that is there again",
        "ODK XForms, Repeats: a new instance is the template; here no answer is lost by counting down",
        COUNTED,
        (answer("how_many", "1"), answer("child[1]/named", "Ann"), answer("how_many", "0"), answer("how_many", "1")),
        "/data/child[1]/named",
        VALUE,
        "",
        "Ann",
    ),
    Case(
        "a picture is required",
        "ODK XForms, Bindings, required: what cannot be answered here is never required",
        (ask("image", "photo", required="yes"),),
        (),
        "/data/photo",
        REQUIRED,
        True,
        False,
    ),
    Case(
        "a note is required",
        "ODK XForms, Bindings, required: a note takes no answer, so it is never required here",
        (ask("note", "stop", required="yes"),),
        (),
        "/data/stop",
        REQUIRED,
        True,
        False,
    ),
    Case(
        "a telephone number with a space",
        "XLSForm's old type `phone number` allows digits alone; here a number is read as people write it",
        (ask("phone number", "ring"),),
        (answer("ring", "07700 900123"),),
        "/data/ring",
        CONSTRAINT,
        False,
        True,
    ),
    Case(
        "a group that waits for its own question",
        "ODK XForms, Bindings: no expression may read what depends on it; the import tells the row and sets it aside",
        (
            begin("group", "inputs", relevant="./source = 'user'"),
            ask("text", "source", default="user"),
            end("group"),
        ),
        (),
        "/data/inputs/source",
        RELEVANT,
        False,
        True,
    ),
    Case(
        "a whole decimal as text",
        "XML Schema, decimal: 19.0 is its canonical form; here a number is written as people do",
        (ask("decimal", "weight"), work_out("words", "concat(${weight}, ' kg')")),
        (answer("weight", "19"),),
        "/data/words",
        VALUE,
        "19.0 kg",
        "19 kg",
    ),
    Case(
        "the truth of a blank",
        "XPath 1.0, 4.3: a node-set is true if it is not empty; here, as in Collect, a blank is false",
        (ask("integer", "age"), ask("text", "why", relevant="${age}")),
        (),
        "/data/why",
        RELEVANT,
        True,
        False,
    ),
    Case(
        "the sum of no instances",
        "XPath 1.0, 4.4: the sum of an empty node-set is 0; the reference engine gives no number",
        (begin("repeat", "room"), ask("integer", "beds"), end("repeat"), work_out("all", "sum(${beds})")),
        ({"do": "remove", "at": "/data/room"},),
        "/data/all",
        VALUE,
        "",
        "0",
    ),
    Case(
        "no day",
        "ODK XForms, date(): the reference engine writes the words Invalid Date, and they are text to what reads them",
        (ask("date", "born"), work_out("later", "date(${born} + 7)"), work_out("known", "string-length(${later})")),
        (),
        "/data/known",
        VALUE,
        "12",
        "0",
    ),
    Case(
        "two blanks in a choice",
        "ODK XForms, select1: values are free; blanks inside a choice are one here, and the report says so",
        (ask("select_one town", "town"),),
        (),
        "/data/town",
        4,
        ["bay  view"],
        ["bay view"],
        ({"list_name": "town", "name": "bay  view", "label": "Bay View"},),
    ),
    Case(
        "a choice whose column is empty",
        "XPath 1.0, 3.4: a column that a choice has not is an empty node-set, which equals nothing; here it is blank",
        (ask("text", "region"), ask("select_one town", "town", choice_filter="area = ${region}")),
        (),
        "/data/town",
        4,
        [],
        ["hill"],
        (*options("town", "hill", area=""), *options("town", "port", area="south")),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_here_it_is_so(case: Case, tmp_path: Path) -> None:
    """After the steps our engine is as the case says."""
    ours = Ours(imported(write_workbook(case.form, tmp_path), tmp_path))
    ours.follow("/data/room", 1)
    for step in case.steps:
        assert ours.take(step) is None
        if step["do"] == "remove":
            ours.follow(step["at"], 0)
    state = ours.state(case.node)
    assert state is not None
    found = state[case.aspect]
    assert (text_of(found) if case.aspect == VALUE else found) == case.ours


@pytest.mark.skipif(not ENGINE, reason="no reference engine: set FIRSTCONTACT_XFORMS_ENGINE to its folder")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_there_it_is_so(case: Case, tmp_path: Path) -> None:
    """After the steps the reference engine is as the case says."""
    xform = convert(write_workbook(case.form, tmp_path)).xform
    played = play(Path(ENGINE or ""), xform, sequences=[list(case.steps)]).played[0]
    assert played.stopped is None
    state = None
    for each in played.states:
        state = each.get(case.node, state)
    assert state is not None
    assert state[case.aspect] == case.theirs
