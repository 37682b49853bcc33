"""Calculations that wait for a question to be changed (XLSForm's `trigger`)."""

from __future__ import annotations

from dataclasses import replace

from firstcontact.domain.branching import Form, Sheet, missing, next_question
from firstcontact.domain.checklist import Block, Calculation
from tests.domain.forms import ON, checklist, question, sheet


def test_a_trigger_sets_an_answer_once() -> None:
    """A calculation with a trigger gives an answer when that question is changed, and leaves it to the visitor then."""
    filled = sheet(
        question("country", kind="text"),
        question("code", kind="text", calculation="concat(${country}, '-', ${n})", trigger=("country",)),
        question("n", kind="whole-number"),
        question("again", kind="text", calculation="${code}", trigger=("code",)),
    )
    assert filled.answer("code") is None
    assert {"code", "again"} <= filled.record("country", "gb")
    assert (filled.value("code"), filled.value("again")) == ("gb-", "gb-")
    filled.record("n", 4)
    assert filled.value("code") == "gb-"
    filled.record("code", "mine")
    assert (filled.value("code"), filled.value("again")) == ("mine", "mine")
    filled.record("country", "gb")
    assert filled.value("code") == "mine"
    filled.record("country", "fr")
    assert filled.value("code") == "fr-4"


def test_a_trigger_in_a_repeat_sets_its_own_instance() -> None:
    """Inside an instance only that instance is set; from outside every instance that is there."""
    made = checklist(
        question("all", kind="text"),
        question("name", kind="text", block="person"),
        question("greeting", kind="text", block="person", calculation="concat('Dear ', ${name})", trigger=("name",)),
    )
    mark = Calculation("mark", "concat(${all}, position(..))", block="person", trigger=("all",))
    filled = Sheet(Form.of(replace(made, blocks=(Block(id="person", repeat=True),), calculations=(mark,))), ON)
    filled.record("person[1]", "yes")
    filled.record("person[2]", "yes")
    filled.record("name[2]", "Horace")
    assert (filled.value("greeting[1]"), filled.value("greeting[2]")) == (None, "Dear Horace")
    assert filled.record("all", "x") == {"mark[1]", "mark[2]"}
    assert (filled.value("mark[1]"), filled.value("mark[2]")) == ("x1", "x2")


def test_what_nobody_can_answer_is_neither_next_nor_missing() -> None:
    """What is worked out, only shown, or cannot be answered here is passed by; what a trigger sets can be changed."""
    filled = sheet(
        question("sum", kind="whole-number", calculation="''", required="true()"),
        question("shown", kind="text", read_only=True, required="true()"),
        question("photo", kind="file", required="true()"),
        question("set", kind="text", calculation="'x'", trigger=("sum",), required="true()"),
    )
    assert [each.id for each in missing(filled)] == ["set"]
    following = next_question(filled, None)
    assert following is not None
    assert following.id == "set"
