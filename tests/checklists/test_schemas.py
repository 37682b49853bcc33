"""The published JSON Schemas say of our own files what the program says: nothing is wrong with them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from firstcontact.checklist_try import try_checklist
from firstcontact.shipped import shipped

CHECKLISTS = shipped("checklists")
SHIPPED = sorted(
    path for folder in ("ambleshire", "older-person-first-contact") for path in (CHECKLISTS / folder).rglob("*.yaml")
)
EDGES = sorted((Path(__file__).parent / "edge").glob("*.yaml"))


class Yaml12(yaml.SafeLoader):
    """YAML as editors read it: `yes` is a word, a date is text, numbers are numbers."""


Yaml12.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("int", r"[-+]?[0-9]+\Z", "-+0123456789"),
    ("float", r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)\Z", "-+.0123456789"),
    ("null", r"(~|null|)\Z", ["~", "n", ""]),
    ("bool", r"(true|false)\Z", "tf"),
):
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@cache
def _schema(name: str) -> Any:
    return json.loads((CHECKLISTS / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))


def _wrong(document: Any, schema: str) -> list[str]:
    checker = jsonschema.Draft202012Validator(_schema(schema))
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(document)]


def _read(path: Path) -> tuple[Any, str]:
    text = path.read_text(encoding="utf-8")
    named = re.search(r"\$schema=\S*?([a-z-]+)\.schema\.json", text)
    return yaml.load(text, Loader=Yaml12), named[1] if named else ""  # noqa: S506 - a SafeLoader


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_an_editor_finds_nothing_wrong_in_a_shipped_file(path: Path) -> None:
    """Each file names its schema, and passes it as an editor would read it."""
    document, schema = _read(path)
    assert schema
    assert _wrong(document, schema) == []


@pytest.mark.parametrize("path", EDGES, ids=lambda path: path.stem)
def test_an_answers_file_passes_the_schema_of_answers(path: Path) -> None:
    """What `try` reads without complaint is what the schema of answers allows."""
    assert _wrong(_read(path)[0], "answers") == []


def test_a_misspelt_key_is_seen_by_the_editor_too() -> None:
    """The schemas forbid what they do not know."""
    document, schema = _read(SHIPPED[0])
    assert _wrong({**document, "distrcits": []}, schema)


@pytest.mark.parametrize("name", ["two-adults", "area-not-known", "telephone-partners"])
def test_what_try_prints_passes_its_schema(name: str) -> None:
    """Programs may rely on the schema of the output."""
    path = next(each for each in EDGES if each.stem == name)
    printed = try_checklist(CHECKLISTS / "older-person-first-contact", CHECKLISTS / "ambleshire", path)
    assert _wrong(json.loads(json.dumps(printed)), "try-output") == []
