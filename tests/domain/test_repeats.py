"""Repeats: instances come and go, keep their answers, and see each other as XPath would."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from firstcontact.domain.answer import Value
from firstcontact.domain.branching import Form, Sheet, missing, next_question, relevant_questions
from firstcontact.domain.checklist import Block, Calculation, Checklist
from firstcontact.domain.dependencies import CycleError, order
from firstcontact.domain.instances import MAX_NODES
from tests.domain.forms import ON, checklist, question

PEOPLE = Block(id="person", repeat=True)
TOYS = Block(id="toy", repeat=True, parent="person", count="${toys}")


def household(*more: Calculation, people: Block = PEOPLE) -> Checklist:
    """People with their ages and toys, then how many rooms there are."""
    made = checklist(
        question("name", kind="text", block="person"),
        question("age", kind="whole-number", block="person"),
        question("school", "${age} > 4", block="person", required="true()"),
        question("toys", kind="whole-number", block="person"),
        question("kind", kind="text", block="toy"),
        question("rooms", kind="whole-number"),
    )
    return replace(made, blocks=(people, TOYS), calculations=more)


def sheet(*more: Calculation, people: Block = PEOPLE) -> Sheet:
    """A sheet of a household."""
    return Sheet(Form.of(household(*more, people=people)), ON)


def told(filled: Sheet, **answers: Value) -> Sheet:
    """Record answers, with `__` for brackets: age__1 is age[1]."""
    for name, value in answers.items():
        base, *path = name.split("__")
        filled.record(base + "".join(f"[{index}]" for index in path), value)
    return filled


def test_the_visitor_adds_one_instance_at_a_time() -> None:
    """The node of the repeat asks for another; answered yes the instance is there, and the next one is asked for."""
    filled = sheet()
    assert filled.nodes() == ("person[1]", "rooms")
    changed = filled.record("person[1]", "yes")
    assert {"name[1]", "age[1]", "person[2]"} <= changed
    assert filled.nodes() == ("person[1]", "name[1]", "age[1]", "school[1]", "toys[1]", "person[2]", "rooms")
    assert filled.instances("person") == 1
    assert filled.question("age[1]").type == "whole-number"
    assert filled.question("age[1]").id == "age[1]"
    assert filled.question("person[2]").type == "yes-no"


def test_a_count_says_how_many_instances_there_are() -> None:
    """The number follows its expression, in inner repeats for each outer instance."""
    filled = told(sheet(), person__1="yes", person__2="yes", toys__1=2, toys__2=1)
    assert [filled.instances("toy", (index,)) for index in (1, 2)] == [2, 1]
    assert [node for node in filled.nodes() if node.startswith("kind")] == ["kind[1][1]", "kind[1][2]", "kind[2][1]"]
    filled.record("toys[1]", 0)
    assert [node for node in filled.nodes() if node.startswith("kind")] == ["kind[2][1]"]


@pytest.mark.parametrize(("said", "there"), [(-3, 0), (None, 0), (10_000, 200), ("many", 0)])
def test_an_unreasonable_count_is_held_within_bounds(said: Value, there: int) -> None:
    """No instances for nonsense, and never more than 200."""
    filled = told(sheet(), person__1="yes", toys__1=said)
    assert filled.instances("toy", (1,)) == there


def test_an_instance_that_is_gone_keeps_its_answers_hidden() -> None:
    """It counts for nothing while it is gone; when it is back, so are its answers."""
    ages = Calculation("ages", "sum(${age})")
    filled = told(sheet(ages), person__1="yes", age__1=3, person__2="yes", age__2=40)
    assert filled.value("ages") == 43
    assert filled.record("person[2]", "no") >= {"age[2]", "ages", "person[3]"}
    assert (filled.value("ages"), filled.relevant("age[2]"), filled.answer("age[2]")) == (3, False, 40)
    filled.record("person[2]", "yes")
    assert (filled.value("ages"), filled.relevant("age[2]")) == (43, True)


def test_a_name_means_the_own_instance_inside_and_all_of_them_outside() -> None:
    """Relevance and calculations inside read their neighbours; totals outside read every instance."""
    more = (
        Calculation("months", "${age} * 12", block="person"),
        Calculation("people", "count(${person})"),
        Calculation("eldest", "max(${age})"),
        Calculation("all_toys", "count(${kind})"),
        Calculation("mine", "count(${kind})", block="person"),
        Calculation("which", "position(..)", block="toy"),
        Calculation("owner", "position(../..)", block="toy"),
    )
    filled = told(sheet(*more), person__1="yes", age__1=3, person__2="yes", age__2=40, toys__1=2, toys__2=1)
    assert (filled.value("months[1]"), filled.value("months[2]")) == (36, 480)
    assert (filled.relevant("school[1]"), filled.relevant("school[2]")) == (False, True)
    assert (filled.value("people"), filled.value("eldest"), filled.value("all_toys")) == (2, 40, 3)
    assert (filled.value("mine[1]"), filled.value("mine[2]")) == (2, 1)
    assert (filled.value("which[1][2]"), filled.value("owner[2][1]")) == (2, 2)


def test_an_instance_may_read_the_one_before() -> None:
    """A running balance is worked out instance by instance, and follows a change at its beginning."""
    earlier = "coalesce(indexed-repeat(${balance}, ${person}, position(..) - 1), 0)"
    balance = Calculation("balance", f"if(position(..) = 1, 0, {earlier}) + coalesce(${{age}}, 0)", block="person")
    filled = told(sheet(balance), person__1="yes", person__2="yes", person__3="yes", age__1=1, age__2=10, age__3=100)
    assert filled.value("balance[3]") == 111
    filled.record("age[1]", 2)
    assert filled.value("balance[3]") == 112


def test_a_circle_inside_an_instance_is_refused() -> None:
    """Two calculations of one instance that need each other have no order."""
    circle = (Calculation("a", "${b} + 1", block="person"), Calculation("b", "${a} + 1", block="person"))
    with pytest.raises(CycleError, match="needs"):
        order(household(*circle))


def test_a_repeat_that_is_not_relevant_is_not_asked_for() -> None:
    """Its own node is hidden with it, and its instances with their answers; they are back with it."""
    people = replace(PEOPLE, relevant="${rooms} > 1")
    filled = told(sheet(people=people), rooms=3, person__1="yes", age__1=50)
    assert filled.relevant("age[1]")
    assert "person[2]" in filled.record("rooms", 1)
    assert not filled.relevant("person[1]")
    assert filled.value("age[1]") is None
    filled.record("rooms", 2)
    assert filled.value("age[1]") == 50


def test_what_is_missing_and_what_is_next_is_told_by_instance() -> None:
    """Required questions and the way through the checklist go through every instance."""
    filled = told(sheet(), person__1="yes", age__1=30, name__1="Horace")
    assert [each.id for each in missing(filled)] == ["school[1]"]
    following = next_question(filled, "age[1]")
    assert following is not None
    assert following.id == "school[1]"
    assert "toys[1]" in {each.id for each in relevant_questions(filled)}


def test_what_is_no_node_is_refused() -> None:
    """A name with the wrong number of instances, or none that is known, is an error, not a silent answer."""
    filled = sheet()
    for node in ("ages", "rooms[1]", "age[1][2]", "toy[1][1]", "age[x]", "age[1"):
        with pytest.raises(KeyError):
            filled.record(node, 1)


def test_answers_may_come_before_their_instance() -> None:
    """Answers that are read from a visit are in no particular order."""
    filled = told(sheet(), age__2=9, kind__2__1="ball", toys__2=1, person__2="yes", person__1="yes")
    assert filled.value("age[2]") == 9
    assert filled.value("kind[2][1]") == "ball"


def test_words_speak_of_their_own_instance() -> None:
    """`${name}` in a label is the name of the same instance; a choice is said by its label."""
    filled = told(sheet(), person__1="yes", name__1="Edith", person__2="yes", name__2="Horace")
    assert filled.fill("How old is ${name}?", "age[2]") == "How old is Horace?"
    assert filled.fill("First: ${name}, rooms: ${rooms}.", "rooms") == "First: Edith, rooms: ."


def test_repeats_that_multiply_are_held_within_bounds() -> None:
    """200 times 200 times 200 instances are not made: a sheet has a most that it can hold, and holds it quickly."""
    made = checklist(
        question("n", kind="whole-number"),
        *(question(f"q{depth}", kind="whole-number", block=f"b{depth}") for depth in range(3)),
    )
    blocks = tuple(
        Block(id=f"b{depth}", repeat=True, count="${n}", parent=f"b{depth - 1}" if depth else None)
        for depth in range(3)
    )
    filled = Sheet(Form.of(replace(made, blocks=blocks)), ON)
    started = time.perf_counter()
    filled.record("n", 200)
    assert len(filled.nodes()) <= MAX_NODES
    assert time.perf_counter() - started < 5
    filled.record("n", 2)
    assert len(filled.nodes()) == 1 + 2 + 4 + 8


def test_what_is_worked_out_once_stays_when_instances_come() -> None:
    """once() keeps what it gave, also when the sheet takes another plan."""
    drawn = Calculation("drawn", "once(${rooms})")
    filled = told(sheet(drawn), rooms=7, person__1="yes", person__2="yes")
    filled.record("rooms", 8)
    filled.record("person[3]", "yes")
    assert filled.value("drawn") == 7


@pytest.mark.parametrize("node", ["age[0]", "age[01]", "age[1][1]", "age[]", "age", "age[\N{ARABIC-INDIC DIGIT ONE}]"])
def test_what_can_never_be_there_is_no_node(node: str) -> None:
    """Instances count from 1, and a number is written in one way: an answer under another would be lost."""
    form = sheet().form
    assert form.knows_node("age[1]")
    assert form.knows_node(node) is (node == "age")
