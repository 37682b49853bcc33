"""The shipped list and scheme hold all that the partners agreed: nothing dropped, nothing simplified."""

from __future__ import annotations

from datetime import date, time
from functools import cache

import pytest

from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.yaml import load_checklist
from firstcontact.domain.answer import Standing
from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import Checklist, Urgency
from firstcontact.domain.directory import Directory, Hours
from firstcontact.shipped import shipped

FOLLOW_UPS = {"A2a", "A2b", "B1a", "B1b", "E2a", "F1a", "F3a", "K1a"}
DETAILS = {"C1a", "C2a", "D4a", "E2b", "J1a", "J1b", "M1a"}
PARTNERS = {
    *("AFR", "ASC", "ASH", "CFD", "CHA", "FAB", "HAM", "HCA", "KNM", "LHD", "LLA", "LLK", "LNT", "MDA", "MMA"),
    *("POL", "PRD", "PVS", "RTH", "SSA", "TSS", "VCR", "WHA", "WHH", "WRT"),
}
CHILDRENS = {"EHH", "SNS", "SLT", "EWT", "FLP", "YCA", "YAC", "SAT"}
PER_SECTION = {"A": 4, "B": 3, "C": 4, "D": 4, "E": 2, "F": 3, "G": 6, "H": 4, "J": 2, "K": 1, "L": 2, "M": 1}


@cache
def checklist() -> Checklist:
    return load_checklist(shipped("checklists", "older-person-first-contact"))


@cache
def scheme() -> Directory:
    return load_scheme(shipped("checklists", "ambleshire"))


def test_there_are_thirty_six_questions_with_their_follow_ups_and_details() -> None:
    """36 questions in 12 sections, 8 follow-ups that appear only when needed, 7 details and the facts X1 to X12."""
    per_section = {
        section.id: sum(question.role == "main" for question in section.questions) for section in checklist().sections
    }
    assert per_section == PER_SECTION
    assert len(checklist().main_questions) == 36
    assert {question.id for question in checklist().questions if question.role == "follow-up"} == FOLLOW_UPS
    assert {question.id for question in checklist().questions if question.role == "detail"} == DETAILS
    assert [group.id for group in checklist().groups if group.ask == "at-start"] == ["X5", "X6", "X1", "X3"]
    assert {group.id for group in checklist().groups} == {f"X{number}" for number in range(1, 13)}


def test_every_service_that_an_answer_calls_for_is_known_in_plain_words_and_in_welsh() -> None:
    """A service has a label and a purpose in both languages, and somebody who runs it unless it is a signpost."""
    run = {row.service for partner in scheme().partners for row in partner.services}
    for rule in checklist().rules:
        for service in filter(None, (rule.service, rule.otherwise)):
            known = scheme().service_by_id[service]
            assert set(known.label) == set(known.purpose) == {"en", "cy"}
            assert (service in run) == (rule.kind != "signpost"), service


def test_no_rule_names_a_pack_that_its_partner_may_not_have_but_ltc() -> None:
    """The Data line of a question and the partner's row agree; LTC alone is narrower at energy-advice."""
    for partner in scheme().partners:
        for row in partner.services:
            for rule in checklist().rules:
                if row.service in (rule.service, rule.otherwise):
                    extra = set(rule.packs) | set(rule.fields)
                    assert extra - set(row.packs) <= ({"LTC"} if row.service == "energy-advice" else set()), rule.id


def test_all_partners_are_there_with_two_numbers_each() -> None:
    """Every partner of both lists, both for safeguarding and the neighbouring scheme can be rung."""
    assert {partner.id for partner in scheme().partners} == PARTNERS | CHILDRENS
    for partner in scheme().partners:
        assert partner.public_number
        assert partner.professionals_number


def test_whoever_can_be_urgent_can_be_rung_at_every_hour_of_the_week() -> None:
    """An urgent service has a staffed number at each hour of each day, or names who to ring instead."""
    urgent = {
        service
        for rule in checklist().rules
        if rule.urgency is Urgency.URGENT or any(row.to is Urgency.URGENT for row in rule.raises)
        for service in (rule.service, rule.otherwise)
    }
    may_be = {partner.id for partner in scheme().partners if urgent & {row.service for row in partner.services}}
    assert may_be == {"AFR", "ASC", "HCA", "MDA", "TSS", "WHA"}
    for partner in scheme().partners:
        out = partner.out_of_hours
        if partner.id in may_be and not (out and out.fallback):
            assert out is not None
            assert all(_is_staffed((*partner.hours, *(out.hours or ())), hour) for hour in range(7 * 24)), partner.id


def _is_staffed(hours: tuple[Hours, ...], hour_of_week: int) -> bool:
    day, hour = divmod(hour_of_week, 24)
    return any(
        day in row.weekdays and row.from_time.hour <= hour and (row.until_time == time() or hour < row.until_time.hour)
        for row in hours
    )


def test_safeguarding_questions_call_for_no_offer() -> None:
    """L1 and L2 stand apart: no rule, no pack and no advice reads them."""
    apart = {question.id for question in checklist().questions if question.safeguarding}
    assert apart == {"L1", "L2"}
    assert not apart & {rule.question_id for rule in checklist().rules}


@pytest.mark.parametrize("section", sorted(PER_SECTION))
def test_the_welsh_is_whole(section: str) -> None:
    """A visit in Welsh meets no English question, hint or choice in this part."""
    part = next(each for each in checklist().sections if each.id == section)
    assert "cy" in part.title
    for question in part.questions:
        assert "cy" in question.label, question.id
        assert question.prompt is None or "cy" in question.prompt, question.id
        assert question.safeguarding or set(question.short or ()) == {"en", "cy"}, question.id
        assert all("cy" in choice.label for choice in question.choices), question.id


def test_statements_read_aloud_are_there_in_both_languages() -> None:
    """All eleven statements have version 1 in English and in Welsh, with the same blanks to fill."""
    assert {row.key for row in scheme().statements} == {
        *("C-START", "C-SAFE", "C-RECORD", "C-PARTNER", "C-HEALTH", "C-OTHER"),
        *("C-CONTACT", "C-FEEDBACK", "C-CHARGE", "C-LATER", "C-WITHDRAW"),
    }
    for row in scheme().statements:
        blanks = [sorted(part.split("}")[0] for part in words.split("{")[1:]) for words in row.words.values()]
        assert set(row.words) == {"en", "cy"}
        assert blanks[0] == blanks[1], row.key


@pytest.mark.parametrize("said", ["", *Standing])
def test_whoever_names_nobody_is_asked_nothing_further_about_them(said: str) -> None:
    """X10a to X10c come after a name, and after no standing answer."""
    sheet = Sheet(Form.of(checklist()), date(2026, 1, 15))
    sheet.record("X10", said or None)
    assert not any(sheet.relevant(question) for question in ("X10a", "X10b", "X10c"))
    sheet.record("X10", "Bea Archer")
    assert all(sheet.relevant(question) for question in ("X10a", "X10b", "X10c"))
