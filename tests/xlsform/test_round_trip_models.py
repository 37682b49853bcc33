"""Nothing that a definition may say is lost on its way through a workbook, whatever its models learn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pyxform.xls2xform import convert

from firstcontact.definitions import models, rule_models
from firstcontact.definitions.translation_models import TranslationModel
from firstcontact.domain.answer import QuestionType
from tests.xlsform.test_export import tree
from tests.xlsform.test_round_trip import there_and_back

EVERYTHING = """
checklist: everything
version: "2026.10"
language: en
title: Everything
minimum_age: 50
questions_at_start: [T, N]
facts:
  - about: N
    title: Name
    subject: person
    questions:
      - {question: N, fact: name, type: text, say: Your name?, required: yes, required_message: Needed, max_length: 60}
  - about: T
    title: Home
    subject: home
    questions:
      - question: T
        fact: tenure
        type: one-of
        list: tenures
        say: Owned?
      - {question: P, fact: postcode, type: postcode, say: Postcode?}
sections:
  - section: A
    title: First
    questions:
      - question: A1
        subject: home
        type: yes-no
        private: yes
        never_prefilled: yes
        say: "Smoke: in here?"
        short: smoke
        prompt: |-
          Do not lecture.
          Look around.
        relevant: ${tenure} != 'owner' and ${postcode_district} != 'AY1'
        follow_ups:
          - {question: A1a, type: any-of, private: no, subject: person, say: Which?, other: yes,
             choices: [{choice: bed, label: in bed}, {choice: none, label: none of these, exclusive: yes}]}
          - {question: A1b, type: text, say: Why?}
          - {question: A1c, type: level, evidence: A1b, say: How bad?,
             choices: [{choice: low, label: low}, {choice: 2 or more, label: high}]}
        details:
          - {question: A1d, type: long-text, say: Tell me, max_length: 300}
          - {question: A1e, type: long-text, appearance: multiline, say: And more}
        offers:
          - service: fire-visit
            when: ${A1} = 'yes'
            subject: home
            urgency: soon
            raise:
              - {to: urgent, when: "selected(${A1a}, 'bed')", because: in bed, health: yes}
              - {to: immediate, when: "selected(${A1a}, 'bed') and ${A1} = 'yes'"}
            packs: [ADDR, {pack: LTC, when: "${tenure} = 'owner'"}, DOB]
            fields: [A1d, A1a]
            otherwise: energy-advice
            signposted: [{to: landlord, when: "${tenure} = 'council'", say: They do it.}]
          - {service: fire-visit, when: "${A1} = 'no'"}
        adds_reason:
          - service: fire-visit
            when: ${A1} = 'dont-know'
            subject: person
            raise: [{to: soon, when: true()}]
            packs: [TEN]
            fields: [A1b]
        signposts: [{service: medicines-review, when: "${A1} = 'yes'", subject: person, say: Ask there.}]
        advice: [{advice: tell, when: "${A1} = 'yes'", say: Tell them.}]
      - {question: A2, type: note, say: "Thank you, ${N}", safeguarding: yes, subject: visitor}
      - calculation: early
        value: if(${A1} = 'yes', 1, 0)
        relevant: ${A1} != ''
        label: Early
        kept: {my notes: counted}
  - section: B
    title: Second
    questions:
      - group: g
        title: A group
        relevant: ${early} = 1
        kept: {appearance: field-list}
        questions:
          - repeat: r
            title: Somebody
            relevant: ${early} > 0
            count: ${early} + 1
            kept: {my notes: each}
            questions:
              - {question: R1, type: text, say: Who?, default: "'nobody'", read_only: yes}
              - {question: R2, type: date-time, say: When?, default: now()}
          - {question: B1, type: whole-number, say: How many?, constraint: . > 0, message: More than none}
      - {question: B2, type: decimal, say: How much?, calculation: "${B1} * 2", required: "${B1} > 1"}
      - {question: B3, type: range, start: 0, end: 10, step: 0.5, say: How sore?, appearance: vertical}
      - {question: B4, type: range, start: 0, end: 10, say: How glad?}
      - {question: B5, type: rank, say: Which first?, choices: [{choice: a, label: A}, {choice: b, label: B}]}
      - {question: B6, type: any-of, list: wards, filter: "county = ${N}", say: Which?}
      - {question: B7, type: phone, say: Number?}
      - {question: B8, type: time, say: When?}
      - {question: B9, type: date, say: Day?}
      - {question: B10, type: file, say: A picture?}
      - {question: B11, type: file, say: A place?, kept: {type: geopoint, my notes: ask}}
calculations:
  - {calculation: alone, value: "if(${A1} = 'no', 1, 2)", label: Alone, relevant: true(), kept: {my notes: last}}
lists:
  tenures:
    - {choice: owner, label: owner}
    - {choice: council, label: council rent}
    - {choice: none, label: neither, exclusive: yes}
  wards:
    - {choice: w1, label: North, county: a}
    - {choice: w2, county: b}
tables: {figures: figures.csv}
kept:
  settings: {form_id: everything v.1, style: pages}
  sheets:
    notes: {columns: [who, what], rows: [[Jo, wrote this], [Al, "read, this"]]}
"""
WELSH = """
language: cy
title: Popeth
facts: {N: Enw}
sections: {A: Cyntaf}
questions:
  N: {say: Eich enw?, required_message: Ei angen}
  A1: {say: Ysmygu?, short: ysmygu, prompt: Edrychwch.}
  A1a: {choices: {bed: yn y gwely}}
  B1: {message: Mwy na dim}
groups: {g: Grwp, r: Rhywun}
lists: {tenures: {owner: perchen}}
calculations: {early: Cynnar, alone: Ar eich pen}
because: {in bed: yn y gwely}
signposts: {landlord: Nhw sy'n gwneud., medicines-review: Gofynnwch yno.}
advice: {tell: Dywedwch wrthyn nhw.}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The checklist above, in a folder."""
    made = tmp_path / "everything"
    made.mkdir()
    (made / "checklist.yaml").write_text(EVERYTHING, encoding="utf-8")
    (made / "cy.yaml").write_text(WELSH, encoding="utf-8")
    (made / "figures.csv").write_text("name,value\na,1\n", encoding="utf-8")
    return made


def test_everything_comes_home(folder: Path, tmp_path: Path) -> None:
    """All that a definition may say: the same compiled form, and a workbook that pyxform accepts without a warning."""
    out = there_and_back(folder, tmp_path)
    warnings = convert(xlsform=str(out), validate=False).warnings
    assert not [words for words in warnings if "or_other" not in words]


def _said(value: Any) -> Iterator[tuple[str, ...]]:
    """Every key of a definition with the keys around it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield (key,)
            for path in _said(each):
                yield (key, *path)
    elif isinstance(value, list):
        for each in value:
            yield from _said(each)


def _fields(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_the_example_says_everything() -> None:
    """The control: a key that a model learns and the example does not use is told here, so that it is not forgotten."""
    used = {key for path in _said(tree(EVERYTHING)) for key in path}
    known = {
        field
        for module in (models, rule_models)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, BaseModel)
        for field in _fields(each)
    }
    assert sorted(known - used) == []
    assert sorted(_fields(TranslationModel) - set(tree(WELSH))) == []
    kinds = {each["type"] for each in _questions(tree(EVERYTHING))}
    assert sorted(set(QuestionType.__args__) - kinds) == []  # type: ignore[attr-defined]


def _questions(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "question" in value and "type" in value:
            yield value
        for each in value.values():
            yield from _questions(each)
    elif isinstance(value, list):
        for each in value:
            yield from _questions(each)
