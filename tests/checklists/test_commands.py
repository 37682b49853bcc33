"""`checklist check`, `test`, `try` and `show`: what they find and how it reads."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from firstcontact.checklist_check import check_checklist
from firstcontact.checklist_samples import test_checklist
from firstcontact.checklist_text import show_checklist, try_in_words
from firstcontact.checklist_try import try_checklist
from firstcontact.definitions.problems import DefinitionError
from firstcontact.definitions.visit_models import SCHEMAS
from firstcontact.errors import UsedWrongly
from firstcontact.shipped import shipped
from tests.checklists.telling import checklist, played

OLDER = shipped("checklists", "older-person-first-contact")
AMBLESHIRE = shipped("checklists", "ambleshire")


def test_every_story_leads_to_what_it_must_lead_to() -> None:
    """S01 to S11, with what is pending counted."""
    report = test_checklist(OLDER, AMBLESHIRE)
    assert report.ok, report.in_words()
    assert {f"S{number:02}" for number in range(1, 12)} <= {visit.name for visit in report.visits}
    assert report.pending > 0
    assert f"{report.pending} lines are pending" in report.in_words()
    json.dumps(report.as_json())


def test_a_story_that_comes_out_differently_says_how(tmp_path: Path) -> None:
    """A wrong date, a missing offer and one too many are three lines under the visit's name."""
    folder = tmp_path / "older"
    shutil.copytree(OLDER, folder, ignore=shutil.ignore_patterns("visits"))
    (folder / "visits").mkdir()
    (folder / "visits" / "one.yaml").write_text(
        """
visit: ONE
on: 2026-01-15
home: {postcode: AY2 4QT}
people: {ann: {name: Ann}}
answers: {home: {A1: no, E1: worried}}
agreements: {home: {AFR: yes}}
expect:
  offers:
    - {service: fire-visit, partner: AFR, end: agreed, subject: home}
    - {service: housing-advice, partner: HCA, end: offered, subject: home}
  referrals:
    - {partner: AFR, services: [fire-visit], subject: home, contact_by: 2026-01-30}
""",
        encoding="utf-8",
    )
    report = test_checklist(folder, AMBLESHIRE)
    assert not report.ok
    assert report.visits[0].differences == (
        "offers: HCA housing-advice home is expected and not there",
        "offers: POL home-security home is there and not expected",
        "referrals: AFR fire-visit home: contact_by is 2026-01-29, expected 2026-01-30",
    )
    assert "B1:falls-assess" in report.rules
    assert "A2a oxygen" in report.answers
    assert "FAB" in report.partners
    assert "ONE" in report.why_not()


def test_the_shipped_checklist_and_scheme_fit_each_other() -> None:
    """Nothing is wrong with either, or between them."""
    report = check_checklist(OLDER, AMBLESHIRE)
    assert report.ok, report.in_words()


def test_check_tells_what_checklist_and_scheme_disagree_about(tmp_path: Path) -> None:
    """A service that nobody runs, and a clause that speaks of no fact, each with its place."""
    scheme = tmp_path / "scheme"
    shutil.copytree(AMBLESHIRE, scheme)
    partners = scheme / "partners.yaml"
    text = partners.read_text(encoding="utf-8")
    partners.write_text(
        text.replace("service: fire-visit", "service: fire-visits").replace("${age} >= 65 or (", "${agee} >= 65 or ("),
        encoding="utf-8",
    )
    words = check_checklist(OLDER, scheme).in_words()
    assert "'fire-visits' is no service of scheme.yaml. Did you mean 'fire-visit'?" in words
    assert "'agee' is no fact" in words
    assert "partners.yaml:" in words


def test_check_names_the_place_of_a_service_that_the_scheme_does_not_have(tmp_path: Path) -> None:
    """A misspelt service is found where it stands, with the name that was meant."""
    folder = tmp_path / "list"
    shutil.copytree(OLDER, folder)
    path = folder / "checklist.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("service: debt-advice", "service: dept-advice", 1), encoding="utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "service: debt-advice" in row)
    words = check_checklist(folder, AMBLESHIRE).in_words()
    assert f"checklist.yaml:{line}:" in words
    assert "'dept-advice' is no service of the scheme. Did you mean 'debt-advice'?" in words


def test_try_prints_the_published_shape(tmp_path: Path) -> None:
    """The output fits its schema, the file's day is beaten by the command's, and words say the same."""
    answers = tmp_path / "answers.yaml"
    answers.write_text(
        "on: 2026-01-15\nhome: {postcode: AY2 4QT}\npeople: {ann: {name: Ann}}\n"
        "answers: {home: {A1: no}, ann: {G5: yes}}\nagreements: {home: {AFR: yes}}\n",
        encoding="utf-8",
    )
    result = try_checklist(OLDER, AMBLESHIRE, answers, date(2026, 4, 1))
    jsonschema.validate(json.loads(json.dumps(result)), SCHEMAS["try-output"][0].model_json_schema())
    assert list(result) == ["checklist", "version", "on", "offers", "referrals", "recorded", "handovers"]
    assert result["on"] == "2026-04-01"
    assert result["referrals"][0]["contact_by"] == "2026-04-17"
    assert "AFR   fire-visit, for Ann, routine" in try_in_words(result)


def test_try_says_that_a_broken_answers_file_was_used_wrongly(tmp_path: Path) -> None:
    """A broken answers file is exit 2; a broken checklist is a definition's fault."""
    answers = tmp_path / "answers.yaml"
    answers.write_text("on: 2026-01-15\nanswers: {home: {A99: yes}}\n", encoding="utf-8")
    with pytest.raises(UsedWrongly, match=r"answers\.yaml:2:"):
        try_checklist(OLDER, AMBLESHIRE, answers)
    with pytest.raises(DefinitionError):
        try_checklist(tmp_path, AMBLESHIRE, answers)


def test_show_is_the_whole_list_in_plain_words() -> None:
    """Every question, in English and in Welsh; a language that is not there is named."""
    shown = show_checklist(OLDER)
    for question in checklist().questions:
        assert question.label["en"] in shown
    assert "-> fire-visit" in shown
    assert show_checklist(OLDER, "cy") != shown
    with pytest.raises(UsedWrongly, match="en, cy"):
        show_checklist(OLDER, "xx")


def test_show_has_groups_and_repeats_and_speaks_the_language_of_the_list(tmp_path: Path) -> None:
    """A list written in French is shown in French; what a group or repeat decides stands in its heading."""
    (tmp_path / "checklist.yaml").write_text(
        """
checklist: maison
version: "1"
language: fr
title: La maison
sections:
  - section: A
    title: La maison
    questions:
      - {question: a, type: whole-number, say: Combien ?, constraint: . < 9, message: Moins de neuf.}
      - repeat: child
        title: Un enfant
        relevant: ${a} > 0
        count: ${a}
        questions:
          - {question: nom, type: text, say: Son nom ?}
      - {question: b, type: text, say: "Et\\n\\npuis ?"}
""",
        encoding="utf-8",
    )
    assert show_checklist(tmp_path).splitlines()[3:] == [
        "  a (each person)  Combien ?",
        "      must keep . < 9: Moins de neuf.",
        "  repeat child  Un enfant",
        "      asked when ${a} > 0",
        "      as many times as ${a}",
        "    nom (each person)  Son nom ?",
        "  b (each person)  Et puis ?",
    ]


def test_a_fact_that_a_list_does_not_ask_for_is_told(tmp_path: Path) -> None:
    """`born` is a fact, and this list has no question for it; nothing is suggested that would be refused as well."""
    (tmp_path / "checklist.yaml").write_text(
        "checklist: c\nversion: '1'\ntitle: C\nsections:\n  - section: A\n    title: A\n    questions:\n"
        "      - {question: a, type: text, say: A?}\n",
        encoding="utf-8",
    )
    answers = tmp_path / "answers.yaml"
    answers.write_text("on: 2026-01-15\npeople: {ann: {born: 1950-01-31}}\n", encoding="utf-8")
    with pytest.raises(UsedWrongly) as told:
        try_checklist(tmp_path, AMBLESHIRE, answers)
    assert "no question of c asks for 'born'" in str(told.value)
    assert "Did you mean" not in str(told.value)


def test_the_sample_visits_fit_their_schema() -> None:
    """What editors check the stories with knows every key that they use."""
    from firstcontact.definitions.yaml import read_yaml

    schema = SCHEMAS["answers"][0].model_json_schema()
    for path in sorted((OLDER / "visits").glob("*.yaml")):
        jsonschema.validate(read_yaml(path).plain(), schema)


def test_the_same_file_gives_the_same_lines_for_the_page_and_for_the_wire() -> None:
    """What the agreement page shows is what is sent: the fields are the lines, by their codes."""
    outcome = played(
        "on: 2026-01-15\nhome: {address: 1 High Street, postcode: AY2 4QT}\n"
        "people: {ann: {name: Ann, phone: 01632 960411}}\n"
        "answers: {home: {A1: no}}\nagreements: {home: {AFR: yes}}\n"
    )
    referral = outcome.referrals[0]
    assert referral.core == {
        "name": "Ann",
        "phone": "01632 960411",
        "ring": "not-asked",
        "message": "not-asked",
        "text_message": "not-asked",
        "post": "not-asked",
    }
    assert {(line.pack, line.field) for line in referral.lines if line.pack != "core"} == {
        (pack, field) for pack, values in referral.fields.items() for field in values
    }
