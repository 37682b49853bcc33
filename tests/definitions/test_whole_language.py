"""Everything that a checklist file may hold, from the file to the compiled form and back."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from firstcontact.definitions.compiled import compile_checklist, dumps, load_compiled
from firstcontact.definitions.visits import visit_of
from firstcontact.definitions.yaml import DefinitionError, load_checklist, parse_yaml
from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import Checklist
from firstcontact.domain.directory import Directory, Hub
from tests.domain.forms import ON

SCHEMA = Path("checklists/schema/compiled.schema.json")
WHOLE = """
checklist: household
version: "1"
title: Household
kept: {settings: {style: pages}, sheets: {notes: {columns: [a, b], rows: [[x, y]]}}}
lists:
  villages:
    - {choice: v1, label: Upper, county: north}
    - {choice: v2, label: Lower, county: south, "pop.": 12}
tables: {prices: prices.csv}
sections:
  - section: form
    title: Household
    questions:
      - {question: head_name, type: text, say: Who is the head?, default: "'Edith'", appearance: w1, kept: {hint-x: y}}
      - {question: rooms, type: whole-number, say: How many rooms?, required: yes, required_message: We need it.}
      - calculation: doubled
        value: ${rooms} * 2
        relevant: ${rooms} > 1
        label: Twice
        kept: {parameters: x}
      - group: g.1
        title: About the rooms
        relevant: ${rooms} > 0
        kept: {appearance: field-list}
        questions:
          - {question: warm, type: range, say: How warm?, start: -1.5, end: 10, step: 0.5}
          - {question: why, type: long-text, say: Why?}
          - {question: judged, type: level, say: How bad?, evidence: why, choices: [{choice: lo, label: Low}]}
          - group: inner
            questions:
              - {question: photo, type: file, say: A picture, kept: {type: image}}
              - {question: agreed, type: one-of, say: Agreed?, choices: [{choice: OK, label: OK}], read_only: yes}
      - repeat: child
        title: Another child?
        questions:
          - {question: cname, type: text, say: "Name of child ${rooms}"}
          - calculation: place
            value: position(..)
          - repeat: toy
            count: ${rooms}
            questions:
              - {question: toys, type: rank, say: Best first, list: villages}
      - {question: village, type: one-of, say: Which?, list: villages, filter: "county = ${county}", other: yes}
      - {question: county, type: text, say: County, calculation: "if(${rooms} > 2, 'north', 'south')"}
      - {question: when_, type: date-time, say: When?}
      - {question: noted, type: text, say: Noted, calculation: "${county}", trigger: [rooms]}
calculations:
  - {calculation: last_one, value: "count(${child})"}
"""
WELSH = """
language: cy
groups: {child: Plentyn arall?, g.1: Yr ystafelloedd}
lists: {villages: {v1: Uchaf}}
calculations: {doubled: Dwywaith}
questions: {rooms: {say: Sawl ystafell?, required_message: Mae ei angen.}, village_other: {say: Pa un?}}
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Checklist:
    """The checklist above."""
    folder = tmp_path_factory.mktemp("household")
    (folder / "checklist.yaml").write_text(WHOLE, encoding="utf-8")
    (folder / "cy.yaml").write_text(WELSH, encoding="utf-8")
    (folder / "prices.csv").write_text("item,price\nbread,2\n\nmilk\n", encoding="utf-8")
    return load_checklist(folder)


def test_blocks_stand_in_document_order_with_those_around_them(whole: Checklist) -> None:
    """Groups and repeats, nested, each with its words, and each question in its innermost one."""
    assert [(each.id, each.parent, each.repeat, each.count) for each in whole.blocks] == [
        ("g.1", None, False, None),
        ("inner", "g.1", False, None),
        ("child", None, True, None),
        ("toy", "child", True, "${rooms}"),
    ]
    assert whole.by_block["child"].title == {"en": "Another child?", "cy": "Plentyn arall?"}
    homes = {each.id: each.block for each in whole.questions}
    assert (homes["photo"], homes["toys"], homes["village"], homes["village_other"]) == ("inner", "toy", None, None)


def test_calculations_know_where_they_stand(whole: Checklist) -> None:
    """In place they name what stands before them; those at the end of the file have no place."""
    found = {each.id: (each.block, each.after) for each in whole.calculations}
    assert found == {"doubled": (None, "rooms"), "place": ("child", "cname"), "last_one": (None, None)}


def test_a_shared_list_is_one_tuple_and_other_is_in_it(whole: Checklist) -> None:
    """Questions with a list have that very tuple, also after loading; `other` brings a choice and a question."""
    for checklist in (whole, load_compiled(dumps(compile_checklist(whole)))):
        assert checklist.question("toys").choices is checklist.lists["villages"]
        assert checklist.question("village").tokens == ("v1", "v2", "other")
        assert checklist.question("village_other").relevant == "selected(${village}, 'other')"
    assert whole.lists["villages"][1].columns == {"county": "south", "pop.": "12"}
    assert whole.lists["villages"][0].label == {"en": "Upper", "cy": "Uchaf"}


def test_the_compiled_form_is_the_checklist(whole: Checklist) -> None:
    """Loaded again it is equal, field by field, and compiles to the same bytes."""
    content = dumps(compile_checklist(whole))
    loaded = load_compiled(content)
    assert loaded == whole
    assert dumps(compile_checklist(loaded)) == content
    assert loaded.question("warm").start == Decimal("-1.5")
    assert loaded.tables["prices"].rows == (("bread", "2"), ("milk", ""))


def test_the_compiled_form_has_the_dependency_graph_and_every_condition_parsed(whole: Checklist) -> None:
    """What each name reads is written down, and no condition of it is left to parse."""
    assert whole.reads["g.1/"] == ("rooms",)
    assert whole.reads["photo"] == ("g.1/",)
    assert whole.reads["toy#"] == ("rooms",)
    assert whole.reads["county"] == ("rooms",)
    for text in ("'Edith'", "county = ${county}", "${rooms}", "${rooms} > 1", "if(${rooms} > 2, 'north', 'south')"):
        assert text in whole.conditions


def compiled_forms() -> list[Any]:
    """Every shipped checklist, and the one above."""
    return sorted(path.parent for path in Path("checklists").glob("*/checklist.yaml"))


def test_the_compiled_form_keeps_to_its_schema(whole: Checklist) -> None:
    """The published schema describes the form of every checklist, and refuses what is no such form."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    for checklist in [whole, *(load_checklist(folder) for folder in compiled_forms())]:
        compiled = json.loads(dumps(compile_checklist(checklist)))
        assert [error.message for error in validator.iter_errors(compiled)] == []
    no_such_ast = {"conditions": {"x": ["frob", 1]}}
    others: list[dict[str, Any]] = [{"compiled": 2}, {"title": {}}, {"surprise": 1}, {"blocks": [{}]}, no_such_ast]
    for wrong in others:
        assert not validator.is_valid({**compiled, **wrong})


def test_the_whole_of_it_can_be_filled_in(whole: Checklist) -> None:
    """From a file to a sheet: default, calculations, groups, a filter that follows an answer, evidence, words."""
    sheet = Sheet(Form.of(load_compiled(dumps(compile_checklist(whole)))), ON)
    assert sheet.answer("head_name") == "Edith"
    assert not sheet.relevant("photo")
    assert sheet.form.checklist.question("noted").trigger == ("rooms",)
    sheet.record("rooms", 3)
    assert (sheet.value("doubled"), sheet.value("county"), sheet.relevant("photo")) == (6, "north", True)
    assert [each.token for each in sheet.choices("village")] == ["v1"]
    sheet.record("judged", "lo")
    assert [each.kind for each in sheet.violations("judged")] == ["evidence"]
    sheet.record("why", "the window does not close")
    assert sheet.violations("judged") == ()
    sheet.record("child[1]", "yes")
    assert sheet.instances("toy", (1,)) == 3
    assert sheet.fill("${head_name}, ${village} and ${rooms}", "cname[1]") == "Edith,  and 3"
    for value, wrong in ((Decimal("0.5"), []), (Decimal("0.4"), ["range"]), (11, ["range"]), (-1, [])):
        sheet.record("warm", value)
        assert [each.kind for each in sheet.violations("warm")] == wrong


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ("start: -1.5, end: 10, step: 0.5", "start: -1.5", "needs 'start' and 'end'"),
        ("evidence: why, ", "", "a level needs 'evidence'"),
        ("list: villages, filter", "list: villages, choices: [{choice: a, label: A}], filter", "exclude each other"),
        ("tables: {prices: prices.csv}", "tables: {prices: ../prices.csv}", "cannot stand here"),
        ("tables: {prices: prices.csv}", "tables: {prices: missing.csv}", "is not there"),
        ('calculation: "${county}", ', "", "'trigger' says when"),
        ("count: ${rooms}", "cuont: ${rooms}", "Did you mean 'count'?"),
        ("group: inner", "gruop: inner", "gruop"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, line: str, instead: str, told: str) -> None:
    """Each mistake is told in words, at its place."""
    (tmp_path / "checklist.yaml").write_text(WHOLE.replace(line, instead), encoding="utf-8")
    (tmp_path / "prices.csv").write_text("item,price\nbread,2\n", encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_checklist(tmp_path)
    assert told in str(caught.value)


VISIT = """
on: 2026-02-10
people: {edith: {}}
answers:
  edith:
    rooms: 3
    judged: Low
    warm: 2.5
    when_: 2026-02-09 14:30
    "child[1]": yes
    "cname[1]": Ada
    "toys[1][2]": [Lower, Upper, other]
"""


def read_visit(whole: Checklist, text: str) -> dict[str, Any]:
    """The answers of an answers file, by node."""
    hub = Hub(id="H", name="H", number="0")
    nobody = Directory(id="x", version="1", name="X", hub=hub, districts=())
    visit = visit_of(parse_yaml(text.encode(), "visit.yaml"), "visit", whole, nobody)
    return {each.question: each.value for each in visit.steps[0].answers}


def test_an_answers_file_names_instances(whole: Checklist) -> None:
    """Answers of every type, by token or label, and of each instance under its node."""
    found = read_visit(whole, VISIT)
    assert (found["judged"], found["warm"], found["toys[1][2]"]) == ("lo", Decimal("2.5"), ("v2", "v1", "other"))
    assert (found["child[1]"], found["cname[1]"], found["rooms"]) == ("yes", "Ada", 3)
    assert found["when_"].isoformat() == "2026-02-09T14:30:00"


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ('"cname[1]": Ada', "cname: Ada", "'cname' is asked again and again: say of which one, such as cname[1]"),
        ('"cname[1]": Ada', '"cname[1][1]": Ada', "is no question of household"),
        ("rooms: 3", "county: north", "county is only shown, and takes no answer"),
        ("rooms: 3", "agreed: OK", "agreed is only shown, and takes no answer"),
        ("rooms: 3", "photo: x.jpg", "This cannot be answered here."),
        ("[Lower, Upper, other]", "[Lower, Upper]", "Put all of them in order"),
    ],
)
def test_an_answers_file_that_cannot_be_so(whole: Checklist, line: str, instead: str, told: str) -> None:
    """Each mistake is told at its place."""
    with pytest.raises(DefinitionError) as caught:
        read_visit(whole, VISIT.replace(line, instead))
    assert told in str(caught.value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=8), _JSON, max_size=5))
def test_the_bytes_are_those_of_rfc_8785(form: dict[str, Any]) -> None:
    """Whatever text stands in a form, control characters and emoji included, its bytes are the standard's."""
    assert dumps(form) == rfc8785.dumps(form)
