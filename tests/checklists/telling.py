"""Tell a visit in a few lines of YAML and hear what would come of it, with the shipped checklist and scheme."""

from __future__ import annotations

from functools import cache
from typing import Any

from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.visits import visit_of
from firstcontact.definitions.yaml import load_checklist, parse_yaml
from firstcontact.domain.branching import Form
from firstcontact.domain.checklist import Checklist
from firstcontact.domain.directory import Directory
from firstcontact.rehearsal import Outcome, as_json, play
from firstcontact.shipped import shipped


@cache
def checklist() -> Checklist:
    """The older person's checklist."""
    return load_checklist(shipped("checklists", "older-person-first-contact"))


@cache
def form() -> Form:
    """The same, ready to be filled in."""
    return Form.of(checklist())


@cache
def scheme() -> Directory:
    """Ambleshire."""
    return load_scheme(shipped("checklists", "ambleshire"))


def played(text: str) -> Outcome:
    """A visit told in YAML, played to its end."""
    return play(visit_of(parse_yaml(text.encode(), "visit.yaml"), "visit", checklist(), scheme()), form(), scheme())


def told(text: str) -> dict[str, Any]:
    """What `checklist try --json` would print of it."""
    return as_json(played(text))


def one(
    home: str = "", person: str = "", answers: str = "", agreements: str = "", *, on: str = "2026-01-15", more: str = ""
) -> dict[str, Any]:
    """A visit to one person, `ann`: flow mappings without their braces; answers and agreements say whose they are."""
    return told(
        f"on: {on}\n"
        f"home: {{{home or 'address: 1 High Street, postcode: AY2 4QT, tenure: owner, people: 1'}}}\n"
        f"people: {{ann: {{{person or 'name: Ann Archer, born: 1943-03-14'}}}}}\n"
        f"answers: {{{answers}}}\nagreements: {{{agreements}}}\n{more}"
    )


def ends(result: dict[str, Any]) -> dict[str, str]:
    """Service -> end, of offers and recorded needs; a recorded one with its reason."""
    found = {row["service"]: row["end"] for row in result["offers"]}
    for row in result["recorded"]:
        found[row["service"]] = f"{row['end']} {row['reason']}" if row["reason"] else row["end"]
    return found


def due(result: dict[str, Any]) -> dict[str, str | None]:
    """Partner -> contact date, of the referrals."""
    return {row["partner"]: row["contact_by"] for row in result["referrals"]}
