"""What was asked once can call for something in one person's name, and what a person said for something of the home."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from firstcontact.checklist_text import show_checklist
from firstcontact.definitions.compiled import compile_checklist, dumps, load_compiled
from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.visits import visit_of
from firstcontact.definitions.yaml import load_checklist, parse_yaml
from firstcontact.domain.branching import Form
from firstcontact.rehearsal import as_json, play
from firstcontact.shipped import shipped

CHECKLIST = """
checklist: whose
version: "1"
title: Whose need
facts:
  - about: N
    title: Who
    questions:
      - {question: N1, fact: name, type: text, say: What is your name?}
      - {question: N2, fact: date_of_birth, type: date, say: When were you born?}
      - {question: N3, type: yes-no, say: Is this about you?}
  - about: P
    title: Where
    subject: home
    questions:
      - {question: P1, fact: postcode, type: postcode, say: What is your postcode?}
sections:
  - section: A
    title: All
    questions:
      - question: A1
        subject: home
        type: yes-no
        say: Is it hard to see, for somebody here?
        offers:
          - {service: sight-support, subject: person, when: "${A1} = 'yes' and ${N3} = 'yes'"}
          - {service: energy-advice, when: "${A1} = 'yes'"}
        adds_reason:
          - {service: hearing-support, subject: person, when: "${A1} = 'yes'"}
        signposts:
          - {service: medicines-review, subject: person, when: "${A1} = 'yes' and ${N3} = 'yes'", say: Ask.}
      - question: A2
        type: yes-no
        say: Is it hard to hear?
        offers:
          - {service: hearing-support, when: "${A2} = 'yes'"}
          - {service: housing-advice, subject: home, when: "${A2} = 'yes'"}
"""
VISIT = """
on: 2026-01-15
home: {postcode: AY2 4QT}
people: {ann: {name: Ann Archer, born: 1943-03-14}, bob: {name: Bob Archer, born: 1945-01-01}}
answers: {home: {A1: %s}, bob: {N3: yes, A2: yes}}
agreements: {home: {WHA: {answer: yes, by: ann}}, bob: {SSA: yes}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "checklist.yaml").write_text(CHECKLIST, encoding="utf-8")
    return tmp_path


def told(folder: Path, answer: str) -> dict[str, Any]:
    scheme = load_scheme(shipped("checklists", "ambleshire"))
    checklist = load_compiled(dumps(compile_checklist(load_checklist(folder))))
    visit = visit_of(parse_yaml((VISIT % answer).encode(), "visit.yaml"), "visit", checklist, scheme)
    return as_json(play(visit, Form.of(checklist), scheme))


def test_a_need_is_whose_the_rule_says(folder: Path) -> None:
    """Asked of the home, due in Bob's name alone; said by Bob, due for the home; the rest as the question is asked."""
    found = told(folder, "yes")
    offers = [(row["service"], row["subject"], row["reasons"]) for row in found["offers"]]
    assert offers == [
        ("sight-support", "bob", ["A1"]),
        ("energy-advice", "home", ["A1"]),
        ("hearing-support", "bob", ["A1", "A2"]),
        ("housing-advice", "home", ["A2"]),
    ]
    referrals = {row["partner"]: (row["subject"], row["names"]) for row in found["referrals"]}
    assert referrals == {"SSA": ("bob", ["Bob Archer"]), "WHA": ("home", ["Ann Archer"])}
    assert [(row["service"], row["subject"]) for row in found["recorded"]] == [("medicines-review", "bob")]


def test_help_that_is_there_already_is_seen_from_there_too(folder: Path) -> None:
    """ "Already getting help" to a question of the home ends the person's need that it would have called for."""
    ends = {(row["service"], row["subject"]): row["end"] for row in told(folder, "already-getting-help")["recorded"]}
    assert ends["sight-support", "bob"] == ends["energy-advice", "home"] == "already-helped"
    assert ("sight-support", "ann") not in ends


def test_a_reader_sees_whose_need_it_is(folder: Path) -> None:
    """`checklist show` says it where it is not the question's own."""
    text = show_checklist(folder)
    assert "-> sight-support for each person, routine, when" in text
    assert "-> housing-advice for the home, routine, when" in text
    assert "-> energy-advice, routine, when" in text
