"""A checklist goes out as a workbook that other programs accept and a person can read."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook
from pyxform.xls2xform import convert

from firstcontact.cli import main, run
from firstcontact.definitions.yaml import parse_yaml
from firstcontact.errors import FirstContactError, UsedWrongly
from firstcontact.shipped import shipped
from firstcontact.xlsform.exporting import sheets_of
from firstcontact.xlsform.spreadsheet import ABOUT, write_workbook
from firstcontact.xlsform_commands import export_checklist

SHIPPED = sorted(path.parent.name for path in shipped("checklists").glob("*/checklist.yaml"))
OWN = """
checklist: door
version: 3
title: At the door
minimum_age: 60
questions_at_start: [N]
facts:
  - about: N
    title: Name
    questions:
      - {question: N, fact: name, type: text, say: Your name?, max_length: 60}
      - {question: X2, fact: date_of_birth, type: date, say: When were you born?}
  - about: T
    title: Home
    subject: home
    questions:
      - {question: X8, fact: tenure, type: text, say: Owned or rented?}
sections:
  - section: A
    title: Fire
    questions:
      - question: A1
        subject: home
        type: yes-no
        say: Does anyone smoke?
        short: smoke
        prompt: Do not lecture.
        relevant: ${tenure} != 'owner' and ${age} > 17
        follow_ups:
          - question: A1a
            type: any-of
            say: Which, ${name}?
            private: yes
            choices: [{choice: bed, label: in bed}, {choice: none, label: "none, really", exclusive: yes}]
        details:
          - {question: A1b, type: long-text, say: "Tell me: all of it"}
        offers:
          - service: fire-visit
            when: ${A1} = 'yes'
            raise: [{to: urgent, when: "selected(${A1a}, 'bed')", because: smokes in bed, health: yes}]
            packs: [ADDR, {pack: LTC, when: "${age} < 65"}, DOB]
            fields: [A1a]
            otherwise: energy-advice
            signposted: [{to: landlord, when: "${tenure} = 'council'", say: They do it.}]
        adds_reason: [{service: fire-visit, when: "${A1} = 'no'"}]
        signposts: [{service: medicines-review, when: "${A1} = 'yes'", say: Ask there.}]
        advice: [{advice: tell, when: "${A1} = 'yes'", say: Tell them.}]
calculations:
  - {calculation: alone, value: "if(${A1} = 'no', 1, 2)"}
"""
WELSH = """
language: cy
title: Wrth y drws
facts: {N: Enw}
sections: {A: Tân}
questions:
  A1: {say: Oes rhywun yn ysmygu?, short: ysmygu, prompt: Peidiwch â phregethu.}
  A1a: {choices: {bed: yn y gwely}}
because: {smokes in bed: yn ysmygu yn y gwely}
signposts: {landlord: Nhw sy'n gwneud., medicines-review: Gofynnwch yno.}
advice: {tell: Dywedwch wrthyn nhw.}
"""


def tree(text: str) -> dict[str, Any]:
    """A definition as its file says it."""
    found: dict[str, Any] = parse_yaml(text.encode(), "checklist.yaml").plain()
    return found


def row(rows: list[dict[str, str]], name: str) -> dict[str, str]:
    """The row of this name, without the cells in which nothing stands."""
    return next({key: cell for key, cell in each.items() if cell} for each in rows if each.get("name") == name)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checklist above, in a folder."""
    folder = tmp_path_factory.mktemp("own") / "door"
    folder.mkdir()
    (folder / "checklist.yaml").write_text(OWN, encoding="utf-8")
    (folder / "cy.yaml").write_text(WELSH, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", SHIPPED)
def test_other_programs_accept_what_we_ship(name: str, tmp_path: Path) -> None:
    """pyxform makes a form of each shipped checklist, with all of its questions, and finds nothing to warn of."""
    out = tmp_path / "form.xlsx"
    report = export_checklist(shipped("checklists", name), out)
    made = convert(xlsform=str(out), validate=False)
    assert made.warnings == []
    assert report.rows["survey"] > 30
    assert made.xform.count("<select1 ") > 10


def test_every_name_has_its_row(own: Path, tmp_path: Path) -> None:
    """Names that only we know become rows that work them out as far as a plain tool can, and are marked."""
    survey = sheets_of(tree(OWN), {"cy": tree(WELSH)})["survey"].rows
    assert row(survey, "tenure") == {
        "type": "calculate",
        "name": "tenure",
        "calculation": "${X8}",
        "fc::derived": "yes",
    }
    assert "${X2}" in row(survey, "age")["calculation"]
    assert row(survey, "name")["calculation"] == "${N}"
    out = tmp_path / "door.xlsx"
    export_checklist(own, out)
    assert convert(xlsform=str(out), validate=False).warnings == []


def test_what_only_we_know_stands_in_columns_of_our_own() -> None:
    """Prompts, roles, subjects and short words are columns `fc::`, in every language."""
    sheets = sheets_of(tree(OWN), {"cy": tree(WELSH)})
    survey = sheets["survey"].rows
    assert row(survey, "A1") == {
        "type": "select_one yes_no",
        "name": "A1",
        "label::English (en)": "Does anyone smoke?",
        "label::Cymraeg (cy)": "Oes rhywun yn ysmygu?",
        "fc::prompt::English (en)": "Do not lecture.",
        "fc::prompt::Cymraeg (cy)": "Peidiwch â phregethu.",
        "fc::short::English (en)": "smoke",
        "fc::short::Cymraeg (cy)": "ysmygu",
        "relevant": "${tenure} != 'owner' and ${age} > 17",
        "fc::type": "yes-no",
        "fc::subject": "home",
    }
    assert row(survey, "A1a")["fc::role"] == "follow-up"
    assert row(survey, "A1b")["appearance"] == "multiline"
    assert not any(cell for header, cell in row(survey, "A1").items() if header == "hint")
    settings = sheets["settings"].rows[0]
    assert (settings["fc::questions_at_start"], settings["fc::minimum_age"]) == ("N", "60")
    choices = sheets["choices"].rows
    assert [each["fc_exclusive"] for each in choices if each["list_name"] == "A1a"] == ["", "yes"]


def test_rules_are_tables_that_a_coordinator_reads() -> None:
    """A rule takes a row; what raises it, takes its place or goes only sometimes stands below it."""
    sheets = sheets_of(tree(OWN), {"cy": tree(WELSH)})
    offers = [{key: cell for key, cell in each.items() if cell} for each in sheets["offers"].rows]
    assert [each["rule"] for each in offers] == ["offer", "raise", "instead", "pack", "adds reason"]
    assert offers[0] == {
        "question": "A1",
        "rule": "offer",
        "service": "fire-visit",
        "when": "${A1} = 'yes'",
        "packs": "ADDR LTC DOB",
        "fields": "A1a",
        "otherwise": "energy-advice",
    }
    assert offers[1]["words::Cymraeg (cy)"] == "yn ysmygu yn y gwely"
    assert offers[1]["health"] == "yes"
    assert sheets["signposts"].rows[0]["words::Cymraeg (cy)"] == "Gofynnwch yno."
    assert sheets["advice"].rows[0]["advice"] == "tell"


def test_it_opens_neatly(own: Path, tmp_path: Path) -> None:
    """A first page says what is what; headers are frozen, columns have widths, urgency is picked from a list."""
    out = tmp_path / "door.xlsx"
    export_checklist(own, out)
    with CalamineWorkbook.from_path(str(out)) as book:
        assert book.sheet_names[:2] == [ABOUT, "survey"]
        page = [line[0] for line in book.get_sheet_by_name(ABOUT).to_python()]
    assert page[0] == "At the door"
    with zipfile.ZipFile(out) as package:
        survey = package.read("xl/worksheets/sheet2.xml").decode()
        sheets = [package.read(name).decode() for name in package.namelist() if "worksheets/sheet" in name]
    assert 'state="frozen"' in survey
    assert "<cols>" in survey
    assert "select_one yes_no" in survey
    assert sum("routine,soon,urgent,immediate" in sheet for sheet in sheets) == 1


def test_the_same_checklist_gives_the_same_bytes(own: Path, tmp_path: Path) -> None:
    """No time of its making is in it, so that two workbooks can be compared."""
    for name in ("a", "b"):
        export_checklist(own, tmp_path / f"{name}.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_words_stay_words(tmp_path: Path) -> None:
    """What looks like a formula, a link, a number or an escape is written as the text that it is."""
    text = ("=1+1", "http://files.example/", "007", "_x0041_", "  ends  ", "@SUM(A1)", "two\nlines")
    definition = tree(OWN)
    definition["sections"][0]["questions"] = [
        {"question": f"q{n}", "type": "text", "say": said} for n, said in enumerate(text)
    ]
    out = tmp_path / "words.xlsx"
    write_workbook(sheets_of(definition, {}), out, title="Words")
    with CalamineWorkbook.from_path(str(out)) as book:
        rows = book.get_sheet_by_name("survey").to_python()
    label = rows[0].index("label")
    assert [each[label] for each in rows if str(each[1]).startswith("q")] == list(text)
    with zipfile.ZipFile(out) as package:
        assert not any(
            b"<f>" in package.read(name) or b"hyperlink" in package.read(name) for name in package.namelist()
        )


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    """A cell holds 32,767 characters; more is said with sheet, row and column, and no file is left."""
    definition = tree(OWN)
    definition["sections"][0]["questions"][0]["say"] = "x" * 40_000
    with pytest.raises(UsedWrongly, match=r"'survey'.*40,000 characters in row \d+, column 'label'"):
        write_workbook(sheets_of(definition, {}), tmp_path / "x.xlsx", title="x")
    assert list(tmp_path.iterdir()) == []


def test_any_name_of_a_kept_sheet_becomes_one_that_a_workbook_allows(tmp_path: Path) -> None:
    """Cut to thirty-one characters, without what may not stand in it or at its ends, and different from the others."""
    kept = ("a" * 30 + "'" + "b", "a" * 40, "a" * 41, "'", "x/y", "History ")
    definition = tree(OWN) | {"kept": {"sheets": {name: {"columns": ["x"], "rows": [["1"]]} for name in kept}}}
    write_workbook(sheets_of(definition, {}), tmp_path / "x.xlsx", title="x")
    with CalamineWorkbook.from_path(str(tmp_path / "x.xlsx")) as book:
        names = book.sheet_names[-len(kept) :]
    assert names == ["a" * 30, "a" * 31, "a" * 27 + " 2", "sheet", "x_y", "History"]


def test_a_place_that_cannot_be_written_is_told_in_words(own: Path, tmp_path: Path) -> None:
    """Why, as the system says it, and never by the name or number of its error."""
    (tmp_path / "file").touch()
    with pytest.raises(FirstContactError) as told:
        export_checklist(own, tmp_path / "file" / "form.xlsx")
    assert "could not be written" in str(told.value)
    assert "Errno" not in str(told.value)


def test_the_command(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data on stdout, talk on stderr; a file that is there is not written over; `--json` says what was written."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["checklist", "export", str(own), "--to", "xlsx"])
    assert (done.exit_code, done.stdout) == (0, "door.xlsx\n")
    assert "rows by sheet: survey" in done.stderr
    assert run(["checklist", "export", str(own), "--to", "xlsx"]) == 2
    assert run(["checklist", "export", str(own), "--out", "door.ods"]) == 2
    assert run(["checklist", "export", "no-such-list"]) == 2
    done = CliRunner().invoke(main, ["checklist", "export", str(own), "--out", "sub/x.xlsx", "--json"])
    said = json.loads(done.stdout)
    assert (said["checklist"], said["file"], said["tables"]) == ("door", str(Path("sub/x.xlsx")), None)
    help_page = CliRunner().invoke(main, ["checklist", "export", "--help"]).stdout
    assert "Example:" in help_page
