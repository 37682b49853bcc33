"""The sample visits and the edges: what follows from each was worked out by hand, and nothing else may follow.

Stricter than `checklist test`: rows in their order, every key that `checklist try` prints, nothing beside.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from firstcontact.checklist_samples import test_checklist as report_of
from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.visits import load_visit
from firstcontact.definitions.yaml import load_checklist
from firstcontact.domain.branching import Form
from firstcontact.domain.checklist import Checklist
from firstcontact.domain.directory import Directory
from firstcontact.rehearsal import as_json, play
from firstcontact.shipped import shipped

SAMPLES = sorted((shipped("checklists", "older-person-first-contact") / "visits").glob("*.yaml"))
EDGES = sorted((Path(__file__).parent / "edge").glob("*.yaml"))
_NULL_WHEN_LEFT_OUT = {"referrals": ("urgent_because",), "recorded": ("reason",)}


@cache
def _definitions() -> tuple[Checklist, Form, Directory]:
    checklist = load_checklist(shipped("checklists", "older-person-first-contact"))
    return checklist, Form.of(checklist), load_scheme(shipped("checklists", "ambleshire"))


def _text(value: Any) -> Any:
    """A value as a file spells it, so that 1, true and a date compare with what was typed."""
    if isinstance(value, dict):
        return {key: _text(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_text(each) for each in value]
    if value is None or value == "null":
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _expected(path: Path) -> dict[str, list[dict[str, Any]]]:
    lists: dict[str, list[dict[str, Any]]] = _text(
        yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["expect"]  # noqa: S506 - makes only text
    )
    for name, keys in _NULL_WHEN_LEFT_OUT.items():
        lists[name] = [{**dict.fromkeys(keys), **row} for row in lists[name]]
    return lists


def _found(path: Path) -> dict[str, Any]:
    checklist, form, directory = _definitions()
    outcome: dict[str, Any] = _text(as_json(play(load_visit(path, checklist, directory), form, directory)))
    return outcome


@pytest.mark.parametrize("path", [*SAMPLES, *EDGES], ids=lambda path: path.stem)
def test_a_visit_leads_to_exactly_what_it_must_lead_to(path: Path) -> None:
    """Offers, referrals with every field and date, recorded needs and hand-overs, in the checklist's order."""
    found, expected = _found(path), _expected(path)
    for name in ("offers", "referrals", "recorded", "handovers"):
        assert found[name] == expected[name]


def test_all_eleven_stories_are_told() -> None:
    """S01 to S11 are sample visits, and what only a screen or a later day can show is written down in each."""
    assert {f"S{number:02}" for number in range(1, 12)} <= {path.stem for path in SAMPLES}
    checklist, _, directory = _definitions()
    assert all(load_visit(path, checklist, directory).pending for path in SAMPLES)


def test_the_samples_reach_every_rule_choice_and_partner() -> None:
    """What a coordinator changes, some sample visit goes through."""
    report = report_of(shipped("checklists", "older-person-first-contact"), shipped("checklists", "ambleshire"))
    assert report.ok, report.in_words()
    assert (report.rules, report.answers, report.partners) == ((), (), ())


def test_nothing_of_the_visitors_part_is_in_what_a_visit_leads_to() -> None:
    """L1, L2 and the two safeguarding partners appear in none of the four lists, whatever was answered."""
    for path in [*SAMPLES, *EDGES]:
        said = str(_found(path))
        assert not any(f"'{word}'" in said for word in ("L1", "L2", "ASH", "CFD")), path.stem
