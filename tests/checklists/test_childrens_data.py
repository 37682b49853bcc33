"""The children's assessment: judgements with evidence, never a score; help in the right name; little told to each."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Any

import pytest

from firstcontact.checklist_samples import test_checklist as report_of
from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.visits import load_visit, visit_of
from firstcontact.definitions.yaml import load_checklist, parse_yaml
from firstcontact.domain.answer import Standing
from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import Checklist
from firstcontact.domain.directory import Directory
from firstcontact.rehearsal import as_json, play
from firstcontact.shipped import shipped

FOLDER = shipped("checklists", "childrens-additional-needs")
SCHEME = shipped("checklists", "ambleshire")
ELEMENTS = [*(f"D{n}" for n in range(1, 10)), *(f"P{n}" for n in range(1, 5)), *(f"E{n}" for n in range(1, 6))]
NEVER_SENT = "e p l w v y z c o"
"""Parts of an element that go to nobody: evidence, the parent's view, levels, and the child's view without a yes."""


@cache
def checklist() -> Checklist:
    return load_checklist(FOLDER)


@cache
def form() -> Form:
    return Form.of(checklist())


@cache
def scheme() -> Directory:
    return load_scheme(SCHEME)


def sheet(levels: str, **answers: str) -> Sheet:
    """A child of nine whose family agreed, with elements at levels: "D9 3, D4 2"."""
    made = Sheet(form(), date(2026, 1, 12), {"age": 9})
    for question in ("Q2", "Q3", "Q4", "Q5"):
        made.record(question, "yes")
    for question, value in {"Q1": "no", "Q6": "no", "G1": "yes", **answers}.items():
        made.record(question, value)
    for pair in filter(None, levels.split(", ")):
        element, level = pair.split()
        made.record(element, "yes")
        made.record(f"{element}e", "seen")
        made.record(f"{element}l", level)
    return made


def told(levels: str, more: str = "", *, child: str = "born: 2016-06-11", home: str = "", agreements: str = "") -> Any:
    """What follows for a child, with a parent of 30, in AY2."""
    rows = [
        f"{pair.split()[0]}: yes, {pair.split()[0]}e: seen, {pair.split()[0]}l: {pair[-1]}"
        for pair in levels.split(", ")
    ]
    answers = ", ".join(["Q1: no, Q1e: ill, Q2: yes, Q3: yes, Q4: yes, Q5: yes, Q6: no, G1: yes, G1a: parent", *rows])
    text = (
        "on: 2026-01-12\n"
        "home: {address: 1 High Street, postcode: AY2 4QT}\n"
        f"people: {{kim: {{name: Kim Archer, {child}}}, pat: {{name: Pat Archer, born: 1996-01-01}}}}\n"
        f"answers: {{kim: {{X10: child}}, pat: {{X10: parent}}, home: {{{answers}{home}{more}}}}}\n"
        f"agreements: {{{agreements}}}\n"
    )
    visit = visit_of(parse_yaml(text.encode(), "visit.yaml"), "visit", checklist(), scheme())
    return as_json(play(visit, form(), scheme()))


def partners(levels: str, more: str = "", *, child: str = "born: 2016-06-11") -> set[tuple[str, str]]:
    """(partner or end, subject) of what is due for a child, the Early Help Hub apart."""
    found = told(levels, more, child=child)
    offers = {(row["partner"], row["subject"]) for row in found["offers"]}
    return (offers | {(row["end"], row["subject"]) for row in found["recorded"]}) - {("EHH", "kim")}


def test_eighteen_elements_each_with_everything() -> None:
    """Strengths, needs, evidence, both views, a level with evidence, a second one with a reason, one at the end."""
    asked = [question.id for question in checklist().main_questions if question.section_id in {"D", "P", "E"}]
    assert asked == ELEMENTS
    for element in ELEMENTS:
        for part in "snecp":
            assert checklist().by_id[f"{element}{part}"].type == "long-text"
        for part, evidence in (("l", "e"), ("v", "w"), ("z", "y")):
            question = checklist().by_id[f"{element}{part}"]
            assert (question.type, question.evidence) == ("level", f"{element}{evidence}")
            assert question.tokens == ("0", "1", "2", "3", "4")


def test_a_level_without_evidence_is_a_violation() -> None:
    """The sheet says so beside the level, and is quiet once there is a line."""
    made = sheet("")
    made.record("D1", "yes")
    made.record("D1l", "2")
    assert [each.kind for each in made.violations("D1l")] == ["evidence"]
    made.record("D1e", "the teacher said so")
    assert not made.violations("D1l")


def test_no_level_is_ever_added_up() -> None:
    """Nothing is worked out from levels but comparisons, the higher of two, and how many elements stand where."""
    for calculation in checklist().calculations:
        counted = re.sub(r"if\([^?]*?, 1, 0\)", "1", calculation.value)
        if " + " in calculation.value or "sum(" in calculation.value:
            assert "$" not in counted, calculation.id
        assert not re.search(r"\b(sum|mean)\(|[*]|\bdiv\b", calculation.value), calculation.id
    assert not any(question.type in {"whole-number", "decimal", "range"} for question in checklist().questions)
    words = " ".join(text for question in checklist().questions for text in question.label.values())
    assert "score" not in words


@pytest.mark.parametrize(
    ("levels", "answers", "outcome"),
    [
        ("D1 4", {}, "O1"),
        ("D9 3, P2 4", {}, "O1"),
        ("D1 0", {"L2": "this-child"}, "O1"),
        ("", {"L2": "adult"}, "O1"),
        ("D9 3, E3 3", {}, "O2"),
        ("D4 2, E3 2, D3 2", {}, "O2"),
        ("D4 2, E4 2", {}, "O2"),
        ("D9 3", {}, "O3"),
        ("D9 3, D4 2", {}, "O3"),
        ("D9 3, D4 2, E3 2", {}, "O2"),
        ("D4 2", {}, "O4"),
        ("D4 2, D6 2, E3 2", {}, "O4"),
        ("E4 2", {}, "O4"),
        ("E2 2", {}, "O4"),
        ("D1 1, D2 0", {}, "O5"),
        ("D1 0, E5 0", {}, "O6"),
        ("", {}, None),
    ],
)
def test_the_outcome_follows_the_table(levels: str, answers: dict[str, str], outcome: str | None) -> None:
    """O1 to O6, from levels, agencies needed and the visitor's own worry; blank while nothing was looked at."""
    made = sheet(levels, **answers)
    assert (made.value("outcome") or None) == outcome
    held = {each.id for each in made.advice()} & {f"O{n}" for n in range(1, 7)}
    assert held == ({outcome} if outcome else set())


@pytest.mark.parametrize("decided", ["O2", "O4"])
def test_one_element_at_three_is_the_visitors_to_decide(decided: str) -> None:
    """O3 asks for O2 or O4, and why; the answer is then the outcome."""
    made = sheet("D9 3")
    assert made.relevant("O3a")
    made.record("O3a", decided)
    assert made.required("O3b")
    assert made.value("outcome") == decided
    assert made.relevant("T1") is (decided == "O2")


def test_of_two_levels_the_higher_counts_and_both_stay() -> None:
    """A second person's level with a reason stands beside the first."""
    made = sheet("D1 1", G3="yes")
    made.record("D1w", "seen at the clinic")
    made.record("D1v", "2")
    assert (made.value("D1k"), made.answer("D1l"), made.answer("D1v")) == ("2", "1", "2")
    made.record("D1v", "0")
    assert made.value("D1k") == "1"


@pytest.mark.parametrize(
    ("levels", "more", "child", "due"),
    [
        *((f"{element} 2", "", "born: 2016-06-11", {("SNS", "kim")}) for element in ("D1", "D2", "P1", "D8")),
        ("D3 2", "", "born: 2016-06-11", {("SLT", "kim")}),
        ("D4 2", "", "born: 2021-01-12", {("EWT", "kim")}),
        ("D4 2", "", "born: 2021-01-13", {("SNS", "kim")}),
        ("D6 3", "", "born: 2008-01-13", {("EWT", "kim")}),
        *((f"{element} 2", "", "born: 2016-06-11", {("FLP", "kim")}) for element in ("D5", "P2", "P3", "E1")),
        ("D7 2", ", D7a: yes", "born: 2016-06-11", {("YCA", "kim")}),
        ("D7 2", ", D7a: yes", "born: 2020-01-13", {("not-eligible", "kim")}),
        ("D7 2", ", D7b: [clubs]", "born: 2016-06-11", {("YAC", "kim")}),
        ("D7 2", ", D7b: [mentoring]", "born: 2018-01-13", {("not-eligible", "kim")}),
        ("E5 2", ", E5b: [mentoring]", "born: 2018-01-12", {("YAC", "kim")}),
        ("D9 2", ", D9a: yes", "born: 2016-06-11", {("SAT", "kim")}),
        ("D9 2", ", D9a: no", "born: 2016-06-11", {("signposted", "kim")}),
        ("D9 2", ", D9a: yes", "born: 2009-01-12", {("signposted", "kim")}),
        ("D9 2", ", D9a: yes", "born: 2021-01-13", {("signposted", "kim")}),
        ("P4 2", "", "born: 2016-06-11", {("signposted", "home")}),
        (
            "P4 2",
            ", P4a: [caring, debt]",
            "born: 2016-06-11",
            {("signposted", "home"), ("CHA", "home"), ("MDA", "home")},
        ),
        ("E2 2", "", "born: 2016-06-11", {("signposted", "home")}),
        ("E3 2", "", "born: 2016-06-11", {("HCA", "home")}),
        ("E4 2", "", "born: 2016-06-11", {("WRT", "home"), ("MDA", "home")}),
        ("D1 1", "", "born: 2016-06-11", set()),
    ],
)
def test_each_element_has_its_agency(levels: str, more: str, child: str, due: set[tuple[str, str]]) -> None:
    """The default offers from level 2, by age on the day, in the child's name or the home's."""
    assert partners(levels, more, child=child) == due


def test_a_parents_own_need_goes_in_the_parents_name() -> None:
    """Housing and money are referred for Pat, who agreed; learning for Kim."""
    found = told(
        "D9 2, E3 2",
        ", D9a: yes",
        agreements="kim: {SAT: {answer: yes, by: pat, decider: parent}}, home: {HCA: {answer: yes, by: pat}}",
    )
    assert {row["partner"]: row["names"] for row in found["referrals"]} == {
        "SAT": ["Kim Archer"],
        "HCA": ["Pat Archer"],
    }


def test_partners_receive_the_elements_referred_and_nothing_else() -> None:
    """Strengths, needs and the child's own words of what is referred, school for attendance, the lead professional."""
    for rule in checklist().rules:
        element = rule.question_id
        own = set() if element not in ELEMENTS or element == "P4" else {f"{element}{part}" for part in "snq"}
        school = {"X13s"} if rule.service == "attendance-support" else set()
        told_of = {"Q6b"} if element == "Q6" else {"T1k"} if element in {*ELEMENTS, "O"} else set()
        assert set(rule.fields) == (own | school | told_of if rule.kind == "offer" else set()), rule.id
        assert set(rule.packs) <= {"ADDR"}
    sent = {code for partner in scheme().partners for row in partner.services for code in row.packs}
    assert not sent & {f"{element}{part}" for element in ELEMENTS for part in NEVER_SENT.split()}
    assert not {code for code in sent if code.startswith("P4")}


@pytest.mark.parametrize("confidential", ["yes", "no"])
@pytest.mark.parametrize("allowed", ["yes", "no"])
def test_words_go_with_the_childs_yes_and_an_address_unless_confidential(confidential: str, allowed: str) -> None:
    """Each is kept here, and stays out of what leaves."""
    found = told(
        "D4 2",
        f", D4n: to feel safe, D4c: my tummy hurts, D4o: {allowed}, X3c: {confidential}",
        agreements="kim: {EWT: yes}",
    )
    fields = found["referrals"][0]["fields"]
    assert ("ADDR" in fields) is (confidential == "no")
    assert fields["D4n"] == {"answer": "to feel safe"}
    assert ("D4q" in fields) is (allowed == "yes")
    assert ("tummy" in str(fields)) is (allowed == "yes")


@pytest.mark.parametrize(
    ("who", "helped"),
    [
        ("born: 2016-06-11", True),
        ("born: 1996-01-01", False),
        ("age_band: 25-49", False),
        ("age_band: 5-10", True),
    ],
)
def test_nothing_of_the_childs_is_offered_to_a_parent(who: str, helped: bool) -> None:
    """Until it is said who somebody is, their age tells, so that an adult is never referred as the child."""
    text = (
        f"on: 2026-01-12\nhome: {{postcode: AY2 4QT}}\npeople: {{kim: {{name: Kim Archer, {who}}}}}\n"
        "answers: {home: {Q1: no, Q1e: ill, Q2: yes, Q3: yes, Q4: yes, Q5: yes, Q6: no, G1: yes, "
        "D3: yes, D3e: seen, D3l: 2}}\n"
    )
    found = as_json(
        play(visit_of(parse_yaml(text.encode(), "visit.yaml"), "visit", checklist(), scheme()), form(), scheme())
    )
    assert [row["partner"] for row in found["offers"]] == (["SLT"] if helped else [])


def test_while_it_is_stopped_nothing_is_offered_and_nothing_is_lost() -> None:
    """An element at 4 pauses every offer, the home's too; a lower level brings them back."""
    assert not told("D1 4, E3 3, D9 3", ", D9a: yes")["offers"]
    made = sheet("D1 4, E3 3")
    assert not any(made.holds(rule.id) for rule in checklist().rules)
    assert made.answer("E3l") == "3"
    made.record("D1l", "1")
    assert made.holds("E3:housing-advice")


def test_nothing_is_asked_after_a_no_but_the_childs_own_view() -> None:
    """No agreement: no element, no team, no closing; what the child says of it is recorded all the same."""
    made = sheet("", G1="no")
    relevant = {question.id for question in checklist().main_questions if made.relevant(question.id)}
    assert relevant == {"Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "G1", "G2", "L2"}
    assert {each.id for each in made.advice()} >= {"no-agreement"}


def test_no_team_is_closed_without_a_lead_professional() -> None:
    """Z1 cannot be yes while a Team Around the Child has nobody who accepted."""
    made = sheet("D9 3, E3 3")
    made.record("Z1", "yes")
    assert [each.kind for each in made.violations("Z1")] == ["constraint"]
    made.record("T1", "yes")
    made.record("T1a", "yes")
    assert not made.violations("Z1")


def test_helpers_are_told_of_a_lead_professional_who_has_accepted() -> None:
    """Name, agency and telephone as far as they are known, and nothing before the yes."""
    made = sheet("D9 3, E3 3")
    for question, value in {
        "T1": "yes",
        "T1n": "Idris Pellow",
        "T1g": Standing.DONT_KNOW,
        "T1f": "01632 960455",
    }.items():
        made.record(question, value)
    made.record("T1a", "waiting")
    assert not made.value("T1k")
    made.record("T1a", "yes")
    assert made.value("T1k") == "Idris Pellow, 01632 960455"


def test_the_pre_check_ends_in_one_of_three_ways() -> None:
    """All yes: not needed. One agency: no full assessment. Otherwise it is offered."""
    made = sheet("")
    assert made.value("pre_check") == "full"
    made.record("Q6", "yes")
    assert (made.value("pre_check"), made.relevant("G1")) == ("one-agency", False)
    made.record("Q1", "yes")
    assert (made.value("pre_check"), made.relevant("Q6")) == ("not-needed", False)
    made.record("Q1", "not-sure")
    assert made.required("Q1e")


def test_the_dates_of_the_scheme_are_said() -> None:
    """15 working days to the assessment, 20 to the first meeting, 6 weeks to a review, 12 between, 5 for a lead."""
    said = {advice.id: advice.say["en"] for advice in checklist().advice}
    assert "15 working days" in said["full-assessment"]
    assert "20 working days" in said["first-meeting"]
    assert "6 weeks" in said["review"]
    assert "12 weeks" in said["review"]
    assert "5 working days" in said["no-lead"]


def test_the_worry_is_the_visitors_alone() -> None:
    """L2 is the visitor's, kept apart, and makes no offer."""
    question = checklist().by_id["L2"]
    assert (question.subject, question.safeguarding, question.never_prefilled) == ("visitor", True, True)
    assert not checklist().rules_of("L2")


def test_the_welsh_is_whole() -> None:
    """A visit in Welsh meets no English question, hint, choice, heading or piece of advice."""
    for question in checklist().questions:
        texts = [
            question.label,
            question.prompt,
            question.short,
            question.constraint_message,
            question.required_message,
        ]
        assert all("cy" in text for text in texts if text), question.id
        assert all("cy" in choice.label for choice in question.choices), question.id
    assert all("cy" in section.title for section in checklist().sections)
    assert all("cy" in group.title for group in checklist().groups)
    assert all("cy" in block.title for block in checklist().blocks if block.title)
    assert all("cy" in advice.say for advice in checklist().advice)
    assert all("cy" in rule.say for rule in checklist().rules if rule.say)


def test_sample_visits_reach_everything() -> None:
    """Each leads to what it must, S12 among them, and together they reach every rule, choice and partner."""
    report = report_of(FOLDER, SCHEME)
    assert report.ok, report.in_words()
    assert (report.rules, report.answers, report.partners) == ((), (), ())
    assert "S12" in {visit.name for visit in report.visits}


def test_nothing_of_the_visitors_part_is_in_what_a_visit_leads_to() -> None:
    """L2 and the Children's Front Door appear in none of the four lists, whatever was answered."""
    for path in sorted((FOLDER / "visits").glob("*.yaml")):
        said = str(as_json(play(load_visit(path, checklist(), scheme()), form(), scheme())))
        assert not any(f"'{word}'" in said for word in ("L2", "CFD", "ASH")), path.stem
