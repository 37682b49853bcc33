"""Whatever is answered to the two later lists: nothing beyond what was agreed, nothing twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.visits import Answered, SampleVisit, Step
from firstcontact.definitions.yaml import load_checklist
from firstcontact.domain.agreement import Agreement, Said
from firstcontact.domain.answer import Standing, Value
from firstcontact.domain.branching import Form
from firstcontact.domain.checklist import Question
from firstcontact.domain.directory import Directory
from firstcontact.rehearsal import Outcome, as_json, play
from firstcontact.shipped import shipped

ON = date(2026, 6, 10)
CHILD = [date(ON.year - age, 6, day) for age in (4, 5, 6, 8, 16, 17, 18) for day in (10, 11)]
ADULT = [date(ON.year - age, 6, day) for age in (17, 18, 50, 66, 75) for day in (10, 11)]
POSTCODES = st.builds("AY{} {}AB".format, st.sampled_from([*range(1, 14), 20]), st.integers(1, 5))
COUNTY = {*(f"AY{n}" for n in range(1, 8)), "AY8 1", "AY8 2", "AY8 3", *(f"AY{n}" for n in range(9, 14))}
PARTS = "snq"
CHILDRENS: Mapping[str, tuple[int, int, str]] = {
    "child-health": (0, 120, "D1 D2 D4 D6 D8 P1"),
    "speech-language": (0, 120, "D3"),
    "emotional-wellbeing": (5, 17, "D4 D6"),
    "parenting-support": (0, 120, "D5 P2 P3 E1"),
    "young-carer": (6, 17, "D7"),
    "mentoring": (8, 17, "D7 E5"),
    "clubs": (8, 17, "D7 E5"),
    "attendance-support": (5, 16, "D9"),
    "early-help": (0, 120, ""),
    "lead-professional": (0, 120, ""),
    "housing-advice": (0, 120, "E3"),
    "benefit-check": (18, 120, "E4"),
    "debt-advice": (18, 120, "E4"),
    "carer-support": (18, 120, ""),
}
"""service -> from which age to which, and the elements that it may be told of: written down a second time."""
BENEFITS: Mapping[str, tuple[int, str]] = {
    "benefit-check": (18, "ADDR DOB TEN HH LTC P22a P22b"),
    "benefit-home-visit": (66, "ADDR DOB TEN HH LTC P22a P22b"),
    "debt-advice": (18, "ADDR BAND TEN"),
    "carer-support": (18, "ADDR BAND"),
    "housing-advice": (0, "ADDR TEN HH BAND"),
    "energy-advice": (0, "ADDR TEN BAND"),
    "sight-support": (0, "ADDR BAND"),
}


@cache
def _form(name: str) -> Form:
    return Form.of(load_checklist(shipped("checklists", name)))


@cache
def _scheme() -> Directory:
    return load_scheme(shipped("checklists", "ambleshire"))


def _value(question: Question, dice: Random) -> Value:
    """Any answer, blank now and then; a first answer more often than others, so that what hangs on it is reached."""
    if dice.random() < 0.1:
        blank: list[Value] = [None, *Standing]
        return dice.choice(blank)
    if question.type == "any-of":
        chosen = dice.sample(question.tokens, dice.randint(1, min(3, len(question.tokens))))
        return tuple(each for each in question.tokens if each in chosen)
    if question.type == "level":
        return dice.choice(("0", "1", "2", "2", "3"))
    if question.tokens:
        return dice.choice((question.tokens[0], *question.tokens))
    if question.type == "date":
        return ON
    return "01632 960999" if question.type == "phone" else f"words of {question.id}"


def _visit(name: str, seed: int, postcode: str, born: date) -> SampleVisit:
    """A visit with any answers, and a yes to everybody."""
    dice = Random(seed)
    checklist = _form(name).checklist
    childrens = "X10" in checklist.by_id
    people = ("kim", "pat") if childrens else ("kim",)
    facts = [Answered("home", checklist.by_fact["postcode"].id, postcode), Answered("home", "X3", "1 High Street")]
    facts.append(Answered("kim", "X2", born))
    facts += [Answered(person, "X1", person.title()) for person in people]
    facts.append(Answered("kim", "X11", dice.choice(["yes", "no"])))
    answers = {
        question.id: _value(question, dice)
        for section in checklist.sections
        for question in section.questions
        if not question.read_only and question.block is None and question.type != "note"
    }
    if childrens:
        facts += [Answered("kim", "X10", "child"), Answered("pat", "X10", "parent")]
        facts.append(Answered("pat", "X2", date(1990, 1, 1)))
        facts.append(Answered("home", "X3c", dice.choice(["yes", "no"])))
        answers |= {"Q1": "no", "Q2": "yes", "Q3": "yes", "Q4": "yes", "Q5": "yes"}
        answers |= {"Q6": "no", "G1": "yes", "L2": ("no",)}
        if dice.random() < 0.2:  # what stops it, or has one agency deal with it
            answers |= dice.choice([{"D2l": "4", "D2": "yes"}, {"L2": ("this-child",)}, {"Q6": "yes"}, {"G1": "no"}])
    subjects = {question.id: question.subject for question in checklist.questions}
    given_answers = tuple(
        Answered("kim" if subjects[question] == "person" else subjects[question], question, value)
        for question, value in answers.items()
        if value is not None
    )
    homes = {"HCA", "WRT", "MDA", "CHA"} if childrens else set()
    agreements = tuple(
        ("home", Agreement(partner=partner.id, answer=Said.YES, by="pat"))
        if partner.id in homes
        else ("kim", Agreement(partner=partner.id, answer=Said.YES))
        for partner in _scheme().partners
    )
    step = Step(on=ON, facts=tuple(facts), answers=given_answers, agreements=agreements)
    return SampleVisit(name="any", title="", people=people, steps=(step,))


def _played(name: str, seed: int, postcode: str, born: date) -> tuple[Outcome, dict[str, Any]]:
    outcome = play(_visit(name, seed, postcode, born), _form(name), _scheme())
    found = as_json(outcome)
    pairs = [(row["partner"], row["subject"]) for row in found["referrals"]]
    needs = [(row["service"], row["subject"]) for row in (*found["offers"], *found["recorded"])]
    assert len(pairs) == len(set(pairs))
    assert len(needs) == len(set(needs))
    assert not any(f"'{word}'" in str(found) for word in ("L2", "ASH", "CFD"))
    outward, _, inward = postcode.partition(" ")
    assert outward in COUNTY or f"{outward} {inward[0]}" in COUNTY or not found["offers"]
    return outcome, found


def _age(outcome: Outcome, person: str) -> int:
    age = outcome.sheets.known(person)["age"]
    assert isinstance(age, int)
    return age


_SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@_SETTINGS
@given(st.integers(0, 1_000_000), POSTCODES, st.sampled_from(CHILD))
def test_a_childs_helpers_get_what_was_agreed_and_no_more(seed: int, postcode: str, born: date) -> None:
    """Ages, elements, the child's yes, a confidential address, the right name; and nothing at all while it stops."""
    outcome, found = _played("childrens-additional-needs", seed, postcode, born)
    sheet = outcome.sheets.sheet("kim")
    if sheet.value("stopped") == "yes":
        assert not found["offers"]
    for offer in found["offers"]:
        youngest, oldest, _ = CHILDRENS[offer["service"]]
        assert youngest <= _age(outcome, "pat" if offer["subject"] == "home" else "kim") <= oldest
    for referral in found["referrals"]:
        assert referral["names"] == (["Pat"] if referral["subject"] == "home" else ["Kim"])
        elements = " ".join(CHILDRENS[service][2] for service in referral["services"]).split()
        may = {f"{element}{part}" for element in elements for part in PARTS} | {"ADDR", "T1k", "Q6b", "X13s"}
        assert set(referral["fields"]) <= may
        assert "ADDR" not in referral["fields"] or sheet.value("X3c") != "yes"
        for code in referral["fields"]:
            assert not re.fullmatch(r"[DPE]\dq", code) or sheet.value(f"{code[:2]}o") == "yes"


@_SETTINGS
@given(st.integers(0, 1_000_000), POSTCODES, st.sampled_from(ADULT))
def test_one_adviser_gets_what_was_agreed_and_no_more(seed: int, postcode: str, born: date) -> None:
    """Ages and packs hold, and never are the office and the home visit both offered."""
    outcome, found = _played("benefits-and-pensions-take-up", seed, postcode, born)
    services = {row["service"] for row in (*found["offers"], *found["recorded"])}
    assert not services >= {"benefit-check", "benefit-home-visit"}
    for offer in found["offers"]:
        assert _age(outcome, "kim") >= BENEFITS[offer["service"]][0]
    for referral in found["referrals"]:
        most = {code for service in referral["services"] for code in BENEFITS[service][1].split()}
        assert set(referral["fields"]) <= most
        assert "LTC" not in referral["fields"] or {"P6", "P7"} & set(referral["reasons"])


@pytest.mark.parametrize("name", ["childrens-additional-needs", "benefits-and-pensions-take-up"])
def test_the_tables_here_name_every_service_of_the_list(name: str) -> None:
    """What is held against is whole."""
    offered = {rule.service for rule in _form(name).checklist.rules if rule.kind == "offer"}
    assert offered == set(CHILDRENS if name.startswith("child") else BENEFITS)
