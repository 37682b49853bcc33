"""In, out and in again is the same checklist, and every workbook on the way is one that pyxform accepts."""

from __future__ import annotations

import json
import shlex
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pyxform.xls2xform import convert

from firstcontact.cli import main, run
from firstcontact.definitions.compiled import compile_checklist
from firstcontact.definitions.yaml import load_checklist, read_yaml
from firstcontact.domain.branching import Form, Sheet
from firstcontact.errors import UsedWrongly
from firstcontact.shipped import shipped
from firstcontact.xlsform.exporting import sheets_of
from firstcontact.xlsform.spreadsheet import write_workbook
from firstcontact.xlsform_commands import export_checklist, import_checklist
from tests.xlsform.mutations import RICH
from tests.xlsform.packages import Rows, form, workbook
from tests.xlsform.test_export import OWN, SHIPPED, WELSH, tree

HEAD = ("type", "name", "label", "relevant", "constraint", "calculation")
YES_NO: Rows = [("list_name", "name", "label"), ("yn", "yes", "Yes"), ("yn", "no", "No")]
FORMS: dict[str, bytes] = {
    "every kind of question": form(
        [
            ("type", "name", "label", "hint", "default", "appearance", "parameters", "readonly", "required"),
            ("text", "a", "A", "in full", "cm", "", "", "", "yes"),
            ("text", "b", "B", "", "", "multiline"),
            ("text", "b2", "B", "", "", "", "rows=4"),
            ("integer", "c", "C", "", "5"),
            ("decimal", "d", "D", "", "1.50"),
            ("date", "e", "E", "", "today()", "month-year"),
            ("time", "f", "F"),
            ("dateTime", "g", "G", "", "2026-02-10T10:00:00"),
            ("range", "h", "H", "", "", "", "start=0 end=10 step=0.5"),
            ("select_one yn", "i", "I", "", "no", "minimal"),
            ("select_multiple yn", "j", "J", "", "", "", "randomize=true"),
            ("rank yn", "k", "K"),
            ("acknowledge", "l", "L"),
            ("note", "m", "M ${a}, ${c}"),
            ("image", "n", "N"),
            ("geopoint", "o", "O"),
            ("barcode", "p", "P"),
            ("text", "q", 'it\'s "so"', "", "it's"),
            ("text", "r", "R", "", "concat('a', ${a})", "", "", "yes"),
            ("audit", "audit"),
            ("start", "start"),
            ("today", "today"),
            ("username", "username"),
            ("hidden", "s", "", "", "x"),
        ],
        YES_NO,
    ),
    "groups and repeats": form(
        [
            ("type", "name", "label", "relevant", "repeat_count", "appearance", "calculation"),
            ("integer", "n", "How many?"),
            ("begin_group", "house", "The house", "${n} > 0", "", "field-list"),
            ("begin_repeat", "people", "Somebody", "", "${n}"),
            ("text", "name", "Who?"),
            ("integer", "age", "How old is ${name}?", "../name != ''"),
            ("begin_repeat", "pets", "A pet"),
            ("text", "pet", "Its name?", "${age} > 3 and ../../age < 90"),
            ("end_repeat",),
            ("calculate", "older", "", "", "", "", "${age} + 1"),
            ("end_repeat",),
            ("calculate", "all", "", "", "", "", "sum(${age}) + count(${people}) + position(..)"),
            ("end_group",),
            ("note", "said", "All: ${all}"),
        ]
    ),
    "choices with columns": workbook(
        survey=[
            ("type", "name", "label", "choice_filter"),
            ("select_one county", "county", "County?"),
            ("select_one ward", "ward", "Ward?", "county = ${county}"),
            ("select_multiple ward or_other", "wards", "Wards?"),
        ],
        choices=[
            ("list_name", "name", "label", "county", "media::image"),
            ("county", "a", "A"),
            ("county", "b", "B"),
            ("ward", "w1", "North", "a", "north.png"),
            ("ward", "w1", "North", "b"),
            ("ward", "w2", "South", "b"),
        ],
        settings=[("form_title", "form_id", "allow_choice_duplicates"), ("Wards", "wards", "yes")],
    ),
    "languages": workbook(
        survey=[
            (
                "type",
                "name",
                "label::English (en)",
                "label::Cymraeg (cy)",
                "hint::Cymraeg (cy)",
                "constraint",
                "constraint_message::English (en)",
                "constraint_message::Cymraeg (cy)",
                "guidance_hint::English (en)",
            ),
            ("text", "a", "Name?", "Enw?", "yn llawn", ". != 'x'", "Not x", "Nid x", "read it out"),
            ("begin_group", "g", "House", "Tŷ"),
            ("select_one yn", "b", "Smoke?", "Ysmygu?"),
            ("end_group",),
        ],
        choices=[("list_name", "name", "label::English (en)", "label::Cymraeg (cy)"), ("yn", "yes", "Yes", "Ie")],
        settings=[("form_title", "form_id", "version", "default_language"), ("Form", "f", "7", "Cymraeg (cy)")],
    ),
    "a language without words": form(
        [("type", "name", "label::English (en)", "label::French (fr)"), ("text", "a", "A")]
    ),
    "what means nothing here": workbook(
        survey=[
            ("type", "name", "label", "bind::oc:itemgroup", "my notes", "media::image", "save_to"),
            ("text", "a", "A", "group 1", "ask Jo", "a.png"),
            ("integer", "b", "B", "group 2"),
        ],
        settings=[("form_title", "form_id", "style", "public_key"), ("My form", "my form v.1", "pages", "abc")],
        entities=[("dataset", "label"), ("people", "${a}")],
        notes=[("who", "what"), ("Jo", "wrote this")],
    ),
    "names and settings that are unusual": form(
        [
            HEAD,
            ("text", "_a.b-c", "A"),
            ("text", "B", "B", "${_a.b-c} = 'x'"),
            ("calculate", "age", "", "", "", "${B}"),
        ],
        settings=[("form_title", "form_id"), ("A: \"title\" # of 'ours'", "2026 form")],
    ),
    "broken in places": form(
        [
            HEAD,
            ("text", "a", "A", "${nobody} = 1"),
            ("select_one nothing", "b", "B"),
            ("colour", "c", "C"),
            ("text", "d", "D", "", "regex(., '(a)\\1')"),
            ("text", "e", "E", "((("),
            ("text", "a", "again"),
        ]
    ),
    "everything at once": workbook(**RICH),
}
REFUSED_BY_PYXFORM = {"broken in places", "everything at once"}
"""They are wrong in ways in which pyxform reads nothing at all."""


def there_and_back(folder: Path, place: Path) -> Path:
    """The workbook of a checklist's folder, after a check that it comes home as the same compiled form."""
    out = place / "out.xlsx"
    export_checklist(folder, out)
    report = import_checklist(out, place / "back")
    assert report.ok, report.problems
    first, again = load_checklist(folder), load_checklist(place / "back")
    assert compile_checklist(first) == compile_checklist(again)
    assert first.digest == again.digest
    return out


@pytest.mark.parametrize("name", SHIPPED)
def test_what_we_ship_comes_home(name: str, tmp_path: Path) -> None:
    """Every shipped checklist: out, home, and the digest that partners signed has not changed."""
    folder = shipped("checklists", name)
    out = there_and_back(folder, tmp_path)
    assert convert(xlsform=str(out), validate=False).warnings == []
    report = import_checklist(out, tmp_path / "once more")
    assert [finding for finding in report.report.findings if finding.level in ("error", "warning")] == []


def test_all_that_is_ours_comes_home(tmp_path: Path) -> None:
    """Facts, follow-ups, details, rules with all of their parts, words in two languages, what is asked first."""
    folder = tmp_path / "door"
    folder.mkdir()
    (folder / "checklist.yaml").write_text(OWN, encoding="utf-8")
    (folder / "cy.yaml").write_text(WELSH, encoding="utf-8")
    there_and_back(folder, tmp_path)
    back = tmp_path / "back"
    assert read_yaml(back / "cy.yaml").plain() == tree(WELSH)
    home = read_yaml(back / "checklist.yaml").plain()
    assert home["questions_at_start"] == ["N"]
    assert home["sections"][0]["questions"][0]["offers"] == tree(OWN)["sections"][0]["questions"][0]["offers"]


@pytest.mark.parametrize("name", list(FORMS))
def test_a_form_comes_home(name: str, tmp_path: Path) -> None:
    """A form from outside: in, out and in again is the same compiled form, and pyxform accepts what went out."""
    (tmp_path / "form.xlsx").write_bytes(FORMS[name])
    report = import_checklist(tmp_path / "form.xlsx", tmp_path / "in")
    assert report.ok, report.problems
    out = there_and_back(tmp_path / "in", tmp_path)
    if name not in REFUSED_BY_PYXFORM:
        before = convert(xlsform=str(tmp_path / "form.xlsx"), validate=False)
        after = convert(xlsform=str(out), validate=False)
        assert not [words for words in after.warnings if words not in before.warnings and "spelling" in words]


def test_what_means_nothing_here_goes_out_again(tmp_path: Path) -> None:
    """Columns, settings and sheets of other programs are written back where they stood."""
    (tmp_path / "form.xlsx").write_bytes(FORMS["what means nothing here"])
    import_checklist(tmp_path / "form.xlsx", tmp_path / "in")
    sheets = sheets_of(read_yaml(tmp_path / "in" / "checklist.yaml").plain(), {})
    first = sheets["survey"].rows[0]
    assert (first["bind::oc:itemgroup"], first["my notes"], first["media::image"]) == ("group 1", "ask Jo", "a.png")
    assert (sheets["settings"].rows[0]["style"], sheets["settings"].rows[0]["form_id"]) == ("pages", "my form v.1")
    assert sheets["notes"].rows == [{"who": "Jo", "what": "wrote this"}]
    assert sheets["entities"].rows[0]["dataset"] == "people"


def test_the_next_command_can_be_copied(tmp_path: Path) -> None:
    """A folder with a space in its name is quoted in the line that says what to do next."""
    (tmp_path / "form.xlsx").write_bytes(FORMS["what means nothing here"])
    report = import_checklist(tmp_path / "form.xlsx", tmp_path / "my forms" / "one")
    assert shlex.split(report.talk())[-1] == str(tmp_path / "my forms" / "one")


def test_what_a_coordinator_changes_in_the_workbook_counts(tmp_path: Path) -> None:
    """A row added between ours becomes a question of that section, a rule added to `offers` an offer of it."""
    sheets = sheets_of(tree(OWN), {"cy": tree(WELSH)})
    rows = sheets["survey"].rows
    place = next(number for number, row in enumerate(rows) if row.get("name") == "A1b") + 1
    rows.insert(place, {"type": "integer", "name": "A2", "label::English (en)": "How many alarms?"})
    offer = {"question": "A2", "service": "fire-visit", "when": "${A2} = 0", "urgency": "soon", "packs": "ADDR, TEN"}
    sheets["offers"].rows.append(offer)
    sheets["offers"].rows.append({"question": "A9", "service": "fire-visit", "when": "true()"})
    write_workbook(sheets, tmp_path / "changed.xlsx", title="At the door")
    report = import_checklist(tmp_path / "changed.xlsx", tmp_path / "in")
    assert report.ok, report.problems
    checklist = load_checklist(tmp_path / "in")
    assert [question.id for question in checklist.sections[0].questions] == ["A1", "A1a", "A1b", "A2"]
    rule = next(rule for rule in checklist.rules if rule.question_id == "A2")
    assert (rule.service, rule.urgency, rule.packs) == ("fire-visit", "soon", ("ADDR", "TEN"))
    assert any("there is no question 'A9'" in str(finding) for finding in report.report.findings)


def test_tables_travel_beside_the_workbook(tmp_path: Path) -> None:
    """A table that a form looks things up in comes along both ways, as ODK keeps it."""
    (tmp_path / "form-media").mkdir()
    (tmp_path / "form-media" / "wards.csv").write_text("code,name\nw1,North\nw2,South\n", encoding="utf-8")
    calculation = "pulldata('wards', 'name', 'code', ${a})"
    (tmp_path / "form.xlsx").write_bytes(
        form([HEAD, ("text", "a", "A"), ("calculate", "b", "", "", "", calculation), ("note", "c", "${b}")])
    )
    assert import_checklist(tmp_path / "form.xlsx", tmp_path / "in").ok
    assert (tmp_path / "in" / "wards.csv").is_file()
    there_and_back(tmp_path / "in", tmp_path)
    assert (tmp_path / "out-media" / "wards.csv").read_text(encoding="utf-8").startswith("code,name\nw1,North")
    (tmp_path / "again-media").mkdir()
    with pytest.raises(UsedWrongly, match="again-media"):
        export_checklist(tmp_path / "in", tmp_path / "again.xlsx")
    assert not (tmp_path / "again.xlsx").exists()


@pytest.mark.parametrize("name", ["données", "1st wards", "my wards.csv"])
def test_a_table_is_found_whatever_its_name(name: str, tmp_path: Path) -> None:
    """Names of tables may have letters that ours have not: what looks something up in them is put right with them."""
    (tmp_path / f"{name.removesuffix('.csv')}.csv").write_text("code,name\nw1,North\n", encoding="utf-8")
    calculation = f"pulldata ('{name}', 'name', 'code', ${{a}})"
    (tmp_path / "form.xlsx").write_bytes(form([HEAD, ("text", "a", "A"), ("calculate", "b", "", "", "", calculation)]))
    assert import_checklist(tmp_path / "form.xlsx", tmp_path / "in").ok
    export_checklist(tmp_path / "in", tmp_path / "again.xlsx")
    assert import_checklist(tmp_path / "again.xlsx", tmp_path / "out").ok
    for folder in ("in", "out"):
        sheet = Sheet(Form.of(load_checklist(tmp_path / folder)), date(2026, 2, 10))
        sheet.record("a", "w1")
        assert sheet.value("b") == "North"


def _invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["checklist", *arguments])


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of rows on stdout, talk on stderr, `--json` row by row, and nothing of anybody written over."""
    monkeypatch.chdir(tmp_path)
    Path("form.xlsx").write_bytes(FORMS["broken in places"])
    done = _invoke("import", "form.xlsx", "--out", "in")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0].split() == ["type", "live", "kept", "left", "out"]
    assert "survey row 2, column D: relevant cannot be used: there is no 'nobody'" in done.stdout
    assert "Next: firstcontact checklist check in" in done.stderr
    said: dict[str, Any] = json.loads(_invoke("import", "form.xlsx", "--out", "again", "--json").stdout)
    assert said["ok"]
    assert {row["name"]: row["fate"] for row in said["rows"]}["b"] == "kept"
    assert said["files"][0] == str(Path("again/checklist.yaml"))
    assert run(["checklist", "import", "form.xlsx", "--out", "in"]) == 2
    assert run(["checklist", "import", "form.xlsx", "--out", "in", "--replace"]) == 0
    assert run(["checklist", "import", "nothing.xlsx", "--out", "new"]) == 2
    Path("noise.xlsx").write_bytes(b"noise" * 100)
    assert run(["checklist", "import", "noise.xlsx", "--out", "new"]) == 2
    assert not Path("new").exists()
    assert "Example:" in _invoke("import", "--help").stdout


def test_rows_that_share_a_thing_share_a_line(tmp_path: Path) -> None:
    """Thirty rows with the same oddness are one line, with their rows."""
    rows = [("text", f"q{n}", "" if n % 3 else "Q") for n in range(9)]
    (tmp_path / "form.xlsx").write_bytes(form([HEAD, *rows]))
    words = import_checklist(tmp_path / "form.xlsx", tmp_path / "in").in_words()
    assert "  survey rows 3 to 4, 6 to 7, 9 to 10, column C: it has no label; its name stands in." in words.splitlines()
