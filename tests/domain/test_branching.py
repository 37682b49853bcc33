"""Branching, told as interviews: what is asked, what is hidden, what comes back."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstcontact.domain.answer import Standing, Value
from firstcontact.domain.branching import Form, Sheet, Violation, missing, next_question, relevant_questions
from firstcontact.domain.checklist import Advice, Checklist, Instead, OfferRule, Question, Raise, Urgency
from firstcontact.domain.condition import parse
from firstcontact.domain.dependencies import CycleError, order
from tests.domain.forms import ON, checklist, question, sheet


def asked(on: Sheet) -> str:
    return " ".join(each.id for each in relevant_questions(on))


def test_a_follow_up_appears_and_goes() -> None:
    """A2a is asked once A2 is yes, and no longer when it is not."""
    visit = sheet(question("A2"), question("A2a", "${A2} = 'yes'"), question("A3"))
    assert asked(visit) == "A2 A3"
    assert visit.record("A2", "yes") == {"A2a"}
    assert asked(visit) == "A2 A2a A3"
    assert visit.record("A2", "no") == {"A2a"}
    assert asked(visit) == "A2 A3"


def test_a_hidden_answer_is_kept_counts_as_blank_and_comes_back() -> None:
    """Irrelevant is blank for every condition, and nothing that was said is lost."""
    visit = sheet(
        question("A2"),
        question("A2a", "${A2} = 'yes'", kind="any-of", choices="oxygen creams none!"),
        question("A9", "selected(${A2a}, 'oxygen')"),
    )
    visit.record("A2", "yes")
    visit.record("A2a", ("oxygen",))
    assert visit.relevant("A9")
    visit.record("A2", "no")
    assert visit.answer("A2a") == ("oxygen",)
    assert visit.value("A2a") is None
    assert not visit.relevant("A9")
    assert visit.record("A2", "yes") == {"A2a", "A9"}
    assert visit.value("A2a") == ("oxygen",)


def test_a_follow_up_goes_with_its_main_question() -> None:
    """A follow-up is relevant only while its main question is, whatever its own rule says."""
    visit = sheet(
        question("A2b"),
        question("G4", "${A2b} = 'yes'"),
        question("G4a", follow_up_of="G4"),
        question("G4b", "${A2b} = 'no'", follow_up_of="G4"),
    )
    assert asked(visit) == "A2b"
    visit.record("A2b", "yes")
    assert asked(visit) == "A2b G4 G4a"
    visit.record("A2b", "no")
    assert asked(visit) == "A2b"


def test_conditions_may_read_what_is_asked_later() -> None:
    """The order of working out is that of reading, not that of the page."""
    visit = sheet(question("a", "${z} = 'yes'"), question("z", "${total} > 3"), calculate={"total": "${n} + 1"})
    assert not visit.relevant("a")
    wide = sheet(
        question("a", "${z} = 'yes'"),
        question("z", "${total} > 3"),
        question("n", kind="whole-number"),
        calculate={"total": "${n} + 1"},
    )
    assert wide.record("n", 5) == {"total", "z"}
    assert wide.record("z", "yes") == {"a"}
    assert wide.record("n", Standing.DONT_KNOW) == {"total", "z", "a"}


def test_facts_by_name() -> None:
    """${tenure} is the answer of whichever question asks for it; the age comes from the visit."""
    visit = sheet(
        question("X8", kind="one-of", choices="owner council-rent", fact="tenure"),
        question("C1", "${tenure} = 'owner' and ${age} >= 60"),
        facts={"age": 59},
    )
    assert visit.set_fact("tenure", "owner") == frozenset()
    assert visit.answer("X8") == "owner"
    assert visit.set_fact("age", 60) == {"C1"}
    assert visit.set_fact("no-such-fact", 1) == frozenset()
    assert visit.test("${postcode_district} = ''")


def test_facts_given_at_the_start() -> None:
    """Facts known beforehand count from the first moment, also those that a question asks for."""
    visit = sheet(
        question("X8", kind="one-of", choices="owner council-rent", fact="tenure"),
        question("C1", "${tenure} = 'owner'"),
        facts={"tenure": "owner"},
    )
    assert visit.relevant("C1")
    assert visit.value("X8") == "owner"


def rule(question_id: str = "D2", **more: Any) -> OfferRule:
    return OfferRule(**{"id": f"{question_id}:s", "question_id": question_id, "service": "s", "when": "true()", **more})


def test_a_rule_holds_and_is_raised() -> None:
    """The highest raise that holds counts, of equals the first; the rule's own urgency otherwise."""
    raises = (
        Raise(to=Urgency.SOON, when="${a} = 'yes'", because={"en": "soon"}),
        Raise(to=Urgency.URGENT, when="${b} = 'yes'", because={"en": "first"}),
        Raise(to=Urgency.URGENT, when="${c} = 'yes'", because={"en": "second"}),
    )
    visit = sheet(
        *map(question, ("D2", "a", "b", "c")),
        rules=(rule(when="${D2} = 'yes'", raises=raises, signposted=(Instead(to="landlord", when="${c} = 'no'"),)),),
    )
    visit.record("b", "yes")
    assert visit.urgency("D2:s") == (Urgency.ROUTINE, None)
    assert visit.record("D2", "yes") == {"D2:s"}
    assert visit.urgency("D2:s") == (Urgency.URGENT, raises[1])
    assert visit.record("c", "yes") == frozenset()
    assert visit.record("b", "no") == {"D2:s"}
    assert visit.urgency("D2:s") == (Urgency.URGENT, raises[2])
    visit.record("c", "no")
    assert visit.urgency("D2:s") == (Urgency.ROUTINE, None)
    assert visit.signposted("D2:s") == Instead(to="landlord", when="${c} = 'no'")
    visit.record("a", "yes")
    assert visit.urgency("D2:s") == (Urgency.SOON, raises[0])
    visit.record("D2", "no")
    assert not visit.holds("D2:s")
    assert visit.signposted("D2:s") is None


def test_a_rule_of_a_hidden_question_does_not_hold() -> None:
    """A rule holds only while its question is relevant."""
    visit = sheet(question("A"), question("D2", "${A} = 'yes'"), rules=(rule(),))
    assert not visit.holds("D2:s")
    assert visit.record("A", "yes") == {"D2", "D2:s"}


def test_packs_that_go_sometimes() -> None:
    """A pack with a condition goes only while that holds."""
    visit = sheet(question("D2"), rules=(rule(packs=("ADDR", "LTC"), pack_when={"LTC": "${age} < 65"}),))
    assert visit.packs("D2:s") == ("ADDR",)
    visit.set_fact("age", 64)
    assert visit.packs("D2:s") == ("ADDR", "LTC")


def test_advice() -> None:
    """Advice is there while its condition holds."""
    base = checklist(question("E2"))
    with_advice = Checklist(
        **{
            **{name: getattr(base, name) for name in base.__dataclass_fields__},
            "advice": (Advice(id="bank", question_id="E2", when="${E2} = 'yes'", say={"en": "Ring 159."}),),
        }
    )
    visit = Sheet(Form.of(with_advice), ON)
    assert visit.advice() == ()
    assert visit.record("E2", "yes") == {"bank"}
    assert [each.id for each in visit.advice()] == ["bank"]


@pytest.mark.parametrize(
    ("kind", "more", "value", "found"),
    [
        ("whole-number", {"constraint": ". >= 0 and . < 10"}, 5, []),
        ("whole-number", {"constraint": ". >= 0 and . < 10"}, 10, ["constraint"]),
        ("whole-number", {"constraint": ". >= 0"}, None, []),
        ("whole-number", {"constraint": ". >= 0"}, Standing.NOT_ASKED, []),
        ("date", {"constraint": ". <= today()"}, date(2026, 2, 11), ["constraint"]),
        ("decimal", {"constraint": ". * 2 = 5"}, Decimal("2.5"), []),
        ("text", {"max_length": 3}, "abcd", ["too-long"]),
        ("one-of", {"choices": "a b"}, "c", ["choice"]),
        ("any-of", {"choices": "a b none!"}, ("a", "none"), ["choice"]),
        ("any-of", {"choices": "a b none!"}, ("none",), []),
        ("yes-no", {}, "maybe", ["choice"]),
    ],
)
def test_violations(kind: str, more: dict[str, Any], value: Value, found: list[str]) -> None:
    """What is wrong with an answer is a value beside its question; blank and standing answers are never wrong."""
    visit = sheet(question("q", kind=kind, **more))
    visit.record("q", value)
    assert [violation.kind for violation in visit.violations("q")] == found


def test_an_irrelevant_answer_violates_nothing() -> None:
    """A constraint is about what is asked."""
    visit = sheet(question("a"), question("n", "${a} = 'yes'", kind="whole-number", constraint=". > 0"))
    visit.record("n", -1)
    assert visit.violations("n") == ()
    visit.record("a", "yes")
    assert visit.violations("n") == (Violation("n", "constraint"),)


def test_required_and_missing() -> None:
    """What is missing: relevant, required and blank; a standing answer is an answer."""
    visit = sheet(question("a", required="true()"), question("b", "${a} = 'yes'", required="${a} = 'yes'"))
    assert [each.id for each in missing(visit)] == ["a"]
    visit.record("a", "yes")
    assert [each.id for each in missing(visit)] == ["b"]
    visit.record("b", Standing.NOT_ASKED)
    assert missing(visit) == ()


def test_next_question() -> None:
    """The next one skips what is irrelevant and what is only to be read."""
    visit = sheet(question("a"), question("b", "${a} = 'yes'"), question("n", kind="note"), question("c"))
    following = next_question(visit, "a")
    assert following is not None
    assert following.id == "c"
    visit.record("a", "yes")
    following = next_question(visit, "a")
    assert following is not None
    assert following.id == "b"
    assert next_question(visit, "c") is None
    first = next_question(visit, None, lambda each: each.id != "a")
    assert first is not None
    assert first.id == "b"


def test_a_copy_is_another_sheet() -> None:
    """What is tried on a copy leaves the sheet alone."""
    visit = sheet(question("a"), question("b", "${a} = 'yes'"), rules=(rule("b"),))
    twin = visit.copy()
    twin.record("a", "yes")
    assert twin.relevant("b")
    assert twin.holds("b:s")
    assert not visit.relevant("b")
    assert not visit.holds("b:s")
    assert visit.answer("a") is None


def test_conditions_from_elsewhere() -> None:
    """A scheme's clauses are tested on a sheet by their parsed form; names that are not known there are blank."""
    form = Form.of(checklist(question("a")))
    text = "${a} = 'yes' and ${elsewhere} = ''"
    form.learn({text: parse(text)})
    visit = Sheet(form, ON)
    assert not visit.test(text)
    visit.record("a", "yes")
    assert visit.test(text)
    assert form.names_of(text) == {"a", "elsewhere"}


def test_unknown_question() -> None:
    """Recording an answer to no question, or to a rule, is a mistake of the program."""
    visit = sheet(question("D2"), rules=(rule(),))
    for name in ("nope", "D2:s"):
        with pytest.raises(KeyError):
            visit.record(name, "yes")


def test_circles_are_named() -> None:
    """Questions that need each other are found and named, round the circle."""
    with pytest.raises(CycleError) as caught:
        order(checklist(question("a", "${c} = 1"), question("b", "${a} = 1"), question("c", "${b} = 1"), question("d")))
    assert str(caught.value) == "a needs c needs b needs a"
    with pytest.raises(CycleError) as caught:
        order(checklist(question("a", "${a} = 1")))
    assert str(caught.value) == "a needs a"


def test_a_chain_of_five_thousand() -> None:
    """A chain as long as any form opens and closes with the right totals: no step stands on another's stack."""
    count = 5000
    chain = [
        question(f"q{i}", f"${{q{i - 1}}} > 0" if i > 1 else None, kind="whole-number") for i in range(1, count + 1)
    ]
    terms = " + ".join(f"coalesce(${{q{i}}}, 0)" for i in range(1, 501))
    visit = sheet(*chain, calculate={"first": terms})
    for i in range(1, count + 1):
        visit.record(f"q{i}", 2)
    assert visit.value("first") == 1000
    assert visit.relevant(f"q{count}")
    assert len(visit.record("q1", 0)) == count  # every other question, and the total
    assert visit.value("first") == 0
    assert not visit.relevant(f"q{count}")
    visit.record("q1", 2)
    assert visit.value("first") == 1000


def test_a_long_circle_is_found() -> None:
    """A circle of 3,000 questions is named without deep calls."""
    count = 3000
    with pytest.raises(CycleError) as caught:
        order(checklist(*[question(f"q{i}", f"${{q{(i + 1) % count}}} = 1") for i in range(count)]))
    assert len(caught.value.names) == count + 1


@given(
    moves=st.lists(
        st.tuples(st.integers(1, 8), st.sampled_from([None, 0, 1, 7, Decimal("0.5"), "x", Standing.NOT_ASKED]))
    )
)
def test_totals_follow_by_the_difference(moves: list[tuple[int, Value]]) -> None:
    """A total that follows a changed answer by the difference is the total of all answers, at every step."""
    names = [f"q{i}" for i in range(1, 7)]
    chain = [question(name, f"${{q{i}}} != 0" if i else None, kind="text") for i, name in enumerate(names)]
    terms = [*names, "age", "people"]
    visit = sheet(
        *chain,
        calculate={
            "or_zero": " + ".join(f"coalesce(${{{name}}}, 0)" for name in names),
            "plain": " + ".join(f"${{{name}}}" for name in names),
            "with_facts": " + ".join(f"coalesce(${{{name}}}, 0)" for name in terms),
            "doubled": "${or_zero} + ${or_zero} + ${plain} + ${plain}",
            "of_totals": " + ".join(f"coalesce(${{{each}}}, 0)" for each in ("or_zero", "plain", "with_facts", "q1")),
        },
    )
    for index, value in moves:
        visit.set_fact(terms[index - 1], value)
        for calculation in visit.form.checklist.calculations:
            assert visit.value(calculation.id) == visit.work_out(calculation.value), calculation.id


# Random forms: each question reads a few others, never itself, in any direction that makes no circle.

_SHAPES = (
    "${%s} = 'yes'",
    "${%s} != 'no'",
    "${%s} > 2",
    "selected(${%s}, 'a')",
    "not(${%s} = '')",
    "coalesce(${%s}, 1) = 1",
)
_ANSWERS: tuple[Value, ...] = ("yes", "no", 1, 3, ("a",), ("a", "b"), Standing.DONT_KNOW, None)


def random_form(seed: int) -> Checklist:
    rng = random.Random(seed)
    names = [f"q{i}" for i in range(rng.randint(2, 14))]
    shuffled = names[:]
    rng.shuffle(shuffled)
    questions: dict[str, Question] = {}
    for place, name in enumerate(shuffled):
        readable = [*shuffled[:place], "age"]
        parts = [rng.choice(_SHAPES) % rng.choice(readable) for _ in range(rng.randint(0, 2))]
        questions[name] = question(name, rng.choice((" and ", " or ")).join(parts) or None, kind="text")
    rules = tuple(
        rule(
            name,
            when=rng.choice(_SHAPES) % rng.choice(names),
            raises=(Raise(to=Urgency.SOON, when=rng.choice(_SHAPES) % name),),
        )
        for name in rng.sample(names, k=len(names) // 2)
    )
    total = " + ".join(f"coalesce(number(${{{name}}}), 0)" for name in names)
    return checklist(*(questions[name] for name in names), rules=rules, calculate={"total": total})


def state(visit: Sheet) -> dict[str, Any]:
    form = visit.form.checklist
    return {
        "relevant": asked(visit),
        "values": {each.id: visit.value(each.id) for each in form.questions} | {"total": visit.value("total")},
        "rules": {each.id: (visit.holds(each.id), visit.urgency(each.id)) for each in form.rules},
    }


@settings(max_examples=150)
@given(
    seed=st.integers(0, 10_000), moves=st.lists(st.tuples(st.integers(0, 20), st.sampled_from(_ANSWERS)), max_size=25)
)
def test_step_by_step_is_as_from_scratch(seed: int, moves: list[tuple[int, Value]]) -> None:
    """However the answers came, the sheet is what the last answers make it; and it says what changed."""
    form = Form.of(random_form(seed))
    ids = [*(each.id for each in form.checklist.questions), "age"]
    visit = Sheet(form, ON)
    last: dict[str, Value] = {}
    for index, value in moves:
        name = ids[index % len(ids)]
        last[name] = value
        before = state(visit)
        changed = visit.set_fact(name, value)
        after = state(visit)
        held = {key for key in before["rules"] if before["rules"][key] != after["rules"][key]}
        shown = set(before["relevant"].split()) ^ set(after["relevant"].split())
        assert shown | held <= changed
        assert changed <= shown | held | {"total"}
    fresh = Sheet(form, ON, {name: value for name, value in last.items() if name == "age"})
    for name, value in last.items():
        if name != "age":
            fresh.record(name, value)
    assert state(fresh) == state(visit)
    scratch = Sheet(form, ON, last)
    assert state(scratch) == state(visit)


@settings(max_examples=150)
@given(
    seed=st.integers(0, 10_000), moves=st.lists(st.tuples(st.integers(0, 20), st.sampled_from(_ANSWERS)), max_size=15)
)
def test_an_irrelevant_answer_changes_nothing(seed: int, moves: list[tuple[int, Value]]) -> None:
    """An answer to an irrelevant question changes nothing downstream."""
    form = Form.of(random_form(seed))
    ids = [each.id for each in form.checklist.questions]
    visit = Sheet(form, ON)
    for index, value in moves:
        visit.record(ids[index % len(ids)], value)
    for name in ids:
        if not visit.relevant(name):
            before = state(visit)
            assert visit.record(name, "yes") == frozenset()
            assert state(visit) == before
