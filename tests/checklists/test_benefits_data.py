"""The benefits checklist finds what is worth checking, once, and never collects or promises what it must not."""

from __future__ import annotations

import csv
import re
from datetime import date
from functools import cache
from typing import Any

import pytest

from firstcontact.checklist_samples import test_checklist as report_of
from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.visits import visit_of
from firstcontact.definitions.yaml import load_checklist, parse_yaml
from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import Checklist, Urgency
from firstcontact.domain.directory import Directory
from firstcontact.rehearsal import as_json, play
from firstcontact.shipped import shipped

FOLDER = shipped("checklists", "benefits-and-pensions-take-up")
SCHEME = shipped("checklists", "ambleshire")
ADVISERS = {"benefit-check", "benefit-home-visit"}
ELSEWHERE = {"debt-advice", "carer-support", "housing-advice", "energy-advice", "sight-support"}
NO_ADVISER = {"P1", "P21", "P22", "W1"}


@cache
def checklist() -> Checklist:
    return load_checklist(FOLDER)


@cache
def scheme() -> Directory:
    return load_scheme(SCHEME)


def told(answers: str, *, born: str = "born: 1943-03-14", home: str = "postcode: AY2 4QT") -> Any:
    """What follows from a visit to Ann on 15 January 2026."""
    people = f"{{ann: {{name: Ann Archer, {born}}}}}"
    text = f"on: 2026-01-15\nhome: {{{home}}}\npeople: {people}\nanswers: {{ann: {answers}}}\n"
    visit = visit_of(parse_yaml(text.encode(), "visit.yaml"), "visit", checklist(), scheme())
    return as_json(play(visit, Form.of(checklist()), scheme()))


def services(answers: str, **rest: str) -> set[str]:
    return {row["service"] for row in told(answers, **rest)["offers"]}


def test_all_twenty_two_questions_are_there() -> None:
    """P1 to P22 in their order, and one question about what holds people back."""
    assert [question.id for question in checklist().main_questions] == [*(f"P{n}" for n in range(1, 23)), "W1"]


def test_whatever_comes_up_goes_to_one_adviser() -> None:
    """Every question but those with no adviser offers both the office and the home visit, never both at once."""
    for question in checklist().main_questions:
        offered = {rule.service for rule in checklist().rules_of(question.id) if rule.kind == "offer"}
        assert offered & ADVISERS == (set() if question.id in NO_ADVISER else ADVISERS), question.id
        assert offered - ADVISERS <= ELSEWHERE
    everything = "{P4: yes, P6: yes, P7: yes, P9: yes, P17: yes, P18: yes, P19: yes, P22: %s}"
    assert services(everything % "no") == {"benefit-check"}
    assert services(everything % "yes") == {"benefit-home-visit"}
    assert services(everything % "yes", born="born: 1983-03-14") == {"benefit-check"}


def test_an_adviser_gets_what_was_agreed_and_a_condition_only_where_help_is_needed() -> None:
    """ADDR, DOB, TEN, HH and the list that the person chose; LTC with P6 and P7 alone."""
    for rule in checklist().rules:
        if rule.service in ADVISERS:
            condition = {"LTC"} if rule.question_id in {"P6", "P7"} else set()
            assert set(rule.packs) == {"ADDR", "DOB", "TEN", "HH"} | condition, rule.id
            assert rule.fields == ("P22a", "P22b")
        else:
            assert rule.fields == ()


@pytest.mark.parametrize(
    ("answers", "due"),
    [
        ("{P3: no, P4: no}", False),
        ("{P3: no, P4: yes}", True),
        ("{P5: yes, P5a: no}", False),
        ("{P5: yes, P5a: yes}", True),
        ("{P11: yes, P11a: yes}", False),
        ("{P11: yes, P11a: dont-know}", True),
        ("{P12: yes, P12a: no}", False),
        ("{P12: yes, P12a: no, P9: no, X11: yes}", True),
        ("{P12: yes, P12a: yes, X11: yes}", False),
        ("{P12: yes, P13: yes}", True),
        ("{P15: yes, P3: yes}", False),
        ("{P15: yes, P3: dont-know}", True),
        ("{P16: yes, P4: no}", False),
        ("{P20: no}", False),
        ("{P20: no, X11: yes}", True),
        ("{P20: yes, X11: yes}", False),
    ],
)
def test_each_is_worth_checking_only_when_the_table_says_so(answers: str, due: bool) -> None:
    """The column "worth checking when", where it needs two answers."""
    assert ("benefit-check" in services(answers)) is due


def test_a_couple_of_mixed_age_is_one_over_and_one_under() -> None:
    """P2 counts either way round, and not where both or neither have reached the age."""
    over, under = "born: 1943-03-14", "born: 1983-03-14"
    assert services("{P2: yes, P2a: no}", born=over) == {"benefit-check"}
    assert services("{P2: yes, P2a: yes}", born=under) == {"benefit-check"}
    assert not services("{P2: yes, P2a: yes}", born=over) | services("{P2: yes, P2a: no}", born=under)


def test_an_age_band_that_does_not_settle_it_is_asked_about() -> None:
    """65 to 74 is "check age" for the home visit; 75 or over has reached it."""
    assert services("{P4: yes, P22: yes}", born="age_band: 75-84") == {"benefit-home-visit"}
    recorded = told("{P4: yes, P22: yes}", born="age_band: 65-74")["recorded"]
    assert [(row["service"], row["end"], row["reason"]) for row in recorded] == [
        ("benefit-home-visit", "check-age", "X2")
    ]


@pytest.mark.parametrize(
    ("on", "age", "asked"), [("2026-01-15", 74, False), ("2026-01-15", 75, True), ("2024-01-15", 70, True)]
)
def test_the_age_for_a_tv_licence_is_dated_data(on: str, age: int, asked: bool) -> None:
    """P15 is asked from the age in figures.csv; on a day for which no row holds, everybody is asked."""
    assert Sheet(Form.of(checklist()), date.fromisoformat(on), {"age": age}).relevant("P15") is asked


def test_every_figure_is_dated_and_said_as_it_stands() -> None:
    """A row of figures.csv has from, source and the day it was checked, and its questions say its very words."""
    with (FOLDER / "figures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 8
    for row in rows:
        assert date.fromisoformat(row["valid_from"]) <= date.fromisoformat(row["checked_on"])
        assert row["source"]
        for asked in row["said_in"].split():
            question = checklist().by_id[asked]
            assert row["value"] in " ".join((question.label["en"], (question.prompt or {}).get("en", ""))), row["name"]


def test_no_amount_is_asked_for_and_nothing_that_must_not_be_collected() -> None:
    """No question takes a number but how many live there; none asks for an amount, a number or a paper."""
    forbidden = re.compile(
        r"insurance number|account|sort code|how much|savings|password|passport|diagnos", re.IGNORECASE
    )
    for question in checklist().questions:
        assert question.type not in {"decimal", "range", "file"}
        assert question.type != "whole-number" or question.fact == "people"
        assert not forbidden.search(question.label["en"]), question.id


def test_nothing_is_promised() -> None:
    """No words say that somebody will get something or qualifies, but where the visitor is told not to."""
    for question in checklist().questions:
        texts = [question.label["en"], *(choice.label["en"] for choice in question.choices)]
        assert not any(re.search(r"you (will|would) get|qualif|entitled", text, re.IGNORECASE) for text in texts)
    for advice in checklist().advice:
        assert not re.search(r"you (will|would) get|qualif|entitled", advice.say["en"], re.IGNORECASE), advice.id


def test_a_short_life_is_never_asked_about_cold_and_is_urgent() -> None:
    """P8 says so to the visitor, is asked alone, never filled in beforehand, and is the one urgent adviser's offer."""
    question = checklist().by_id["P8"]
    assert question.private
    assert question.never_prefilled
    assert "Never ask it cold" in (question.prompt or {})["en"]
    urgent = {
        rule.question_id
        for rule in checklist().rules
        if rule.service in ADVISERS and any(row.to is Urgency.URGENT for row in rule.raises)
    }
    assert urgent == {"P8"}


def test_the_welsh_is_whole() -> None:
    """A visit in Welsh meets no English question, hint, choice or piece of advice."""
    for question in checklist().questions:
        texts = [question.label, question.prompt, question.short, question.constraint_message]
        assert all("cy" in text for text in texts if text), question.id
        assert all("cy" in choice.label for choice in question.choices), question.id
    assert all("cy" in section.title for section in checklist().sections)
    assert all("cy" in advice.say for advice in checklist().advice)
    assert all("cy" in row.because for rule in checklist().rules for row in rule.raises if row.because)


def test_sample_visits_reach_everything() -> None:
    """Each leads to what it must, and together they reach every rule, choice and partner."""
    report = report_of(FOLDER, SCHEME)
    assert report.ok, report.in_words()
    assert (report.rules, report.answers, report.partners) == ((), (), ())
