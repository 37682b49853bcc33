"""Whatever is answered: no offer outside coverage or eligibility, no field outside a pack, nothing twice.

The tables below are written down a second time, from what the partners agreed and not from the files, so that a slip in
either shows. Ages are known here; a tenure or a condition may not be, and then counts as "not enough".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.visits import Answered, SampleVisit, Step
from firstcontact.definitions.yaml import load_checklist
from firstcontact.domain.agreement import Agreement, Said
from firstcontact.domain.answer import Standing, Value
from firstcontact.domain.branching import Form
from firstcontact.domain.checklist import Question
from firstcontact.domain.directory import Directory, age_on
from firstcontact.rehearsal import as_json, play
from firstcontact.shipped import shipped

ON = date(2026, 6, 10)
BIRTHDAYS = [date(ON.year - age, 6, day) for age in (16, 18, 50, 55, 60, 62, 65, 66, 75, 85) for day in (10, 11)]
"""Each age limit reached on the very day of the visit, and a day later."""
COUNTY = {*(f"AY{n}" for n in range(1, 8)), "AY8 1", "AY8 2", "AY8 3", *(f"AY{n}" for n in range(9, 14))}
NO_BAY = COUNTY - {"AY12", "AY13"}
WEST = {f"AY{n}" for n in range(1, 7)}
VALE = NO_BAY - WEST


@dataclass(frozen=True)
class Who:
    """What eligibility looks at."""

    age: int
    condition: bool
    tenure: str | None
    family_owns: bool


def _anyone(_: Who) -> bool:
    return True


def _from(years: int) -> Callable[[Who], bool]:
    return lambda who: who.age >= years


def _handyperson(years: int) -> Callable[[Who], bool]:
    return lambda who: (
        (who.age >= years or who.condition)
        and (who.tenure in {"owner", "private-rent"} or (who.tenure == "lives-with-family" and who.family_owns))
    )


def _falls(who: Who) -> bool:
    return who.age >= 65 or (who.age >= 50 and who.condition)


def _heating(who: Who) -> bool:
    return (who.age >= 60 or who.condition) and who.tenure in {"owner", "private-rent"}


AGREED: Mapping[tuple[str, str], tuple[set[str], Callable[[Who], bool], str]] = {
    ("AFR", "fire-visit"): (COUNTY, _anyone, "ADDR TEN HH A2a"),
    ("FAB", "falls-assess"): (NO_BAY, _falls, "ADDR DOB GP LIVES B1a B1b LTC"),
    ("HAM", "strength-balance"): (COUNTY, _from(50), "DOB ADDR"),
    ("HAM", "stop-smoking"): (COUNTY, _from(16), "DOB"),
    ("LLK", "personal-alarm"): (COUNTY, _from(18), "ADDR LIVES ALT"),
    ("RTH", "small-jobs"): (WEST, _handyperson(60), "ADDR TEN BAND C1a LTC"),
    ("RTH", "grab-rails"): (WEST, _handyperson(60), "ADDR TEN BAND C2a LTC"),
    ("VCR", "small-jobs"): (VALE, _handyperson(65), "ADDR TEN BAND C1a LTC"),
    ("VCR", "grab-rails"): (VALE, _handyperson(65), "ADDR TEN BAND C2a LTC"),
    ("ASC", "ot-adapt"): (COUNTY, _from(18), "ADDR DOB TEN LIVES"),
    ("ASC", "care-needs"): (COUNTY, _from(18), "ADDR DOB LIVES ALT GP"),
    ("HCA", "housing-advice"): (COUNTY, _anyone, "ADDR TEN HH BAND"),
    ("WHA", "heating-insulation"): (COUNTY, _heating, "ADDR TEN BAND LTC"),
    ("WHA", "energy-advice"): (COUNTY, _anyone, "ADDR TEN BAND"),
    ("PRD", "priority-register"): (COUNTY, _anyone, "ADDR D4a BAND"),
    ("POL", "home-security"): (COUNTY, _anyone, "ADDR TEN LIVES"),
    ("TSS", "scam-support"): (COUNTY, _from(18), "ADDR BAND E2b"),
    ("WRT", "benefit-check"): (COUNTY, _from(18), "ADDR DOB TEN HH LTC"),
    ("PVS", "benefit-home-visit"): (COUNTY, _from(66), "ADDR DOB TEN HH LTC"),
    ("MDA", "debt-advice"): (COUNTY, _from(18), "ADDR BAND TEN"),
    ("SSA", "sight-support"): (COUNTY, _anyone, "ADDR BAND"),
    ("SSA", "hearing-support"): (COUNTY, _anyone, "ADDR BAND"),
    ("MMA", "memory-support"): (COUNTY, _anyone, "ADDR BAND"),
    ("LLA", "befriending"): (COUNTY, _from(65), "ADDR BAND LIVES"),
    ("LLA", "lunch-social"): (NO_BAY, _from(60), "ADDR BAND"),
    ("LLA", "info-advice"): (COUNTY, _from(50), "ADDR BAND M1a"),
    ("LHD", "home-library"): (COUNTY, _anyone, "ADDR"),
    ("LHD", "digital-help"): (COUNTY, _anyone, "ADDR"),
    ("CHA", "carer-support"): (COUNTY, _from(18), "ADDR BAND J1a"),
}
"""(partner, service) -> where, whom, and the most that it may receive. LNT and KNM get nothing electronically."""


@cache
def _form() -> Form:
    return Form.of(load_checklist(shipped("checklists", "older-person-first-contact")))


@cache
def _scheme() -> Directory:
    return load_scheme(shipped("checklists", "ambleshire"))


def _value(question: Question) -> st.SearchStrategy[Value]:
    standing: st.SearchStrategy[Value] = st.sampled_from(list(Standing))
    if question.type in ("yes-no", "one-of"):
        return st.sampled_from(question.tokens) | st.just(question.tokens[0]) | standing
    if question.type == "any-of":
        tokens = st.sets(st.sampled_from(question.tokens), min_size=1)
        return tokens.map(lambda chosen: tuple(each for each in question.tokens if each in chosen)) | standing
    return st.just("word")


@st.composite
def visits(draw: st.DrawFn) -> SampleVisit:
    """A visit to one or two people in a home anywhere, with any answers and a yes to everybody."""
    people = tuple(draw(st.sampled_from([("ann",), ("ann", "bob")])))
    outward = draw(st.sampled_from([f"AY{n}" for n in (*range(1, 14), 20, 21)]))
    postcode = f"{outward} {draw(st.integers(1, 5))}AB"
    checklist = _form().checklist
    facts = [Answered("home", checklist.by_fact["postcode"].id, draw(st.sampled_from([postcode, postcode.lower()])))]
    for name in ("tenure", "family_owns"):
        value = draw(st.none() | _value(checklist.by_fact[name]))
        if value is not None:
            facts.append(Answered("home", checklist.by_fact[name].id, value))
    for person in people:
        facts += [Answered(person, "X1", person.title()), Answered(person, "X2", draw(st.sampled_from(BIRTHDAYS)))]
        condition = draw(st.none() | _value(checklist.by_fact["long_term_condition"]))
        if condition is not None:
            facts.append(Answered(person, "X11", condition))
    answers = []
    for section in checklist.sections:
        for question in section.questions:
            for subject in people if question.subject == "person" else (question.subject,):
                value = draw(st.none() | _value(question))
                if value is not None:
                    answers.append(Answered(subject, question.id, value))
    agreements = tuple(
        (subject, Agreement(partner=partner.id, answer=Said.YES))
        for subject in ("home", *people)
        for partner in _scheme().partners
    )
    step = Step(on=ON, facts=tuple(facts), answers=tuple(answers), agreements=agreements)
    return SampleVisit(name="any", title="", people=people, steps=(step,))


def _who(sample: SampleVisit, person: str) -> Who:
    known = {(row.subject, row.question): row.value for row in sample.steps[0].facts}
    born, tenure = known[person, "X2"], known.get(("home", "X8"))
    assert isinstance(born, date)
    return Who(
        age=age_on(born, ON),
        condition=known.get((person, "X11")) == "yes",
        tenure=str(tenure) if tenure is not None else None,
        family_owns=known.get(("home", "X8a")) == "yes",
    )


def _inside(sample: SampleVisit, coverage: set[str]) -> bool:
    postcode = str(next(row.value for row in sample.steps[0].facts if row.question == "X3a")).upper()
    outward, _, inward = postcode.partition(" ")
    return outward in coverage or f"{outward} {inward[0]}" in coverage


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(visits())
def test_nothing_is_offered_or_sent_beyond_what_was_agreed(sample: SampleVisit) -> None:
    """Coverage, eligibility and packs hold for any answers; one referral per subject and partner; no need twice."""
    found = as_json(play(sample, _form(), _scheme()))
    for offer in found["offers"]:
        coverage, may, _ = AGREED[offer["partner"], offer["service"]]
        people = sample.people if offer["subject"] == "home" else (offer["subject"],)
        assert _inside(sample, coverage)
        assert any(may(_who(sample, person)) for person in people)
    for referral in found["referrals"]:
        most = [AGREED[referral["partner"], service][2].split() for service in referral["services"]]
        assert set(referral["fields"]) <= {code for codes in most for code in codes}
        assert "LTC" not in referral["fields"] or _has_to_know(sample, referral)
    pairs = [(row["partner"], row["subject"]) for row in found["referrals"]]
    assert len(pairs) == len(set(pairs))
    needs = [(row["service"], row["subject"]) for row in (*found["offers"], *found["recorded"])]
    assert len(needs) == len(set(needs))
    assert not any(f"'{word}'" in str(found) for word in ("L1", "L2", "ASH", "CFD"))


def _has_to_know(sample: SampleVisit, referral: Mapping[str, Any]) -> bool:
    """A condition is told where F2 is a reason, or where somebody who is named does not come in by age alone."""
    if "F2" in referral["reasons"]:
        return True
    named = [_who(sample, person) for person in sample.people if person.title() in referral["names"]]
    without = [Who(who.age, False, who.tenure, who.family_owns) for who in named]
    return any(not AGREED[referral["partner"], service][1](who) for service in referral["services"] for who in without)
