"""`checklist check` as a whole: with a scheme, as JSON, of a workbook; what it exits with, and how long it takes."""

from __future__ import annotations

import json
import shutil
import time
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from firstcontact.checklist_check import CheckReport, check_checklist
from firstcontact.cli import run
from firstcontact.form_check import check_form
from firstcontact.shipped import shipped

OLDER = shipped("checklists", "older-person-first-contact")
AMBLESHIRE = shipped("checklists", "ambleshire")
ON = date(2026, 2, 10)


def changed(tmp_path: Path, folder: Path, file: str, *changes: tuple[str, str]) -> Path:
    """A copy of a shipped folder with one file changed."""
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("visits"))
    text = (copy / file).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (copy / file).write_text(text, encoding="utf-8")
    return copy


def lines(report: CheckReport, code: str) -> list[str]:
    return [f"{each.level} {each}" for each in report.problems if each.code == code]


def test_what_is_shipped_passes_strictly() -> None:
    """Every shipped checklist passes with the shipped scheme without a single warning."""
    found = sorted(path.parent for path in shipped("checklists").glob("*/checklist.yaml"))
    assert OLDER in found
    for folder in found:
        report = check_checklist(folder, AMBLESHIRE, on=ON, strict=True)
        assert report.ok, report.in_words()


def test_areas_that_nobody_serves_are_hints() -> None:
    """Where nobody ever runs a service the need is counted: worth a look; where the scheme says gp, not even that."""
    report = check_checklist(OLDER, AMBLESHIRE, on=ON)
    found = lines(report, "area-not-covered")
    assert any("nobody runs lunch-social in AY12, AY13; the need is kept and counted" in line for line in found)
    assert any("nobody runs hot-meals in AY1 to AY7, AY8 1-3" in line for line in found)
    assert not any("falls-assess" in line for line in found)
    assert all(line.startswith("hint ambleshire/partners.yaml:") for line in found)


def test_a_service_that_ends_is_a_warning_with_its_areas_and_days(tmp_path: Path) -> None:
    """Who stops when, and where nobody else goes on."""
    befriending = "- service: befriending\n"
    ending = "- service: befriending\n        to: 2026-07-01\n"
    scheme = changed(tmp_path, AMBLESHIRE, "partners.yaml", (befriending, ending))
    report = check_checklist(OLDER, scheme, on=ON)
    (line,) = lines(report, "dates-not-covered")
    assert line.startswith("warning ambleshire/partners.yaml:")
    assert line.endswith("from 2026-07-01 nobody runs befriending anywhere")
    (line,) = lines(check_checklist(OLDER, scheme, on=date(2026, 8, 1)), "service-not-covered")
    assert "nobody runs befriending any more" in line


def test_a_gap_between_two_partners_is_told_by_area(tmp_path: Path) -> None:
    """One ends in spring in the north, the next begins in autumn; the south goes on."""
    old = "      - service: small-jobs\n        areas: [AY1-AY6]\n"
    new = (
        "      - service: small-jobs\n        areas: [AY4-AY6]\n"
        "      - service: small-jobs\n        areas: [AY1-AY3]\n        to: 2026-04-01\n"
        "      - service: small-jobs\n        areas: [AY1-AY3]\n        from: 2026-09-01\n"
    )
    report = check_checklist(OLDER, changed(tmp_path, AMBLESHIRE, "partners.yaml", (old, new)), on=ON)
    (line,) = lines(report, "dates-not-covered")
    assert line.endswith("from 2026-04-01 until 2026-09-01 nobody runs small-jobs in AY1 to AY3")


def test_an_urgent_service_needs_somebody_at_every_hour(tmp_path: Path) -> None:
    """A partner of an urgent service without number or fallback out of hours, with the first hours that are empty."""
    away = '      out_of_hours: {words: "999", number: "999", hours: [every day 24 h]}\n'
    report = check_checklist(OLDER, changed(tmp_path, AMBLESHIRE, "partners.yaml", (away, "")), on=ON)
    (line,) = lines(report, "urgent-unstaffed")
    assert "fire-visit can be urgent, and at AFR nobody answers from Mon 00:00 to Mon 08:00" in line


def test_what_no_partner_may_get_is_told(tmp_path: Path) -> None:
    """A pack or a detail that has no way to go, and a detail of this checklist that a partner waits for in vain."""
    scheme = changed(tmp_path, AMBLESHIRE, "partners.yaml", ("packs: [ADDR, TEN, HH, A2a]", "packs: [ADDR, TEN, C4]"))
    report = check_checklist(OLDER, scheme, on=ON)
    assert "no partner may get HH for fire-visit, so it never goes" in lines(report, "pack-not-received")[0]
    assert "no partner may get A2a for fire-visit" in lines(report, "detail-not-received")[0]
    assert "AFR may get C4 for fire-visit, but no offer sends it" in lines(report, "detail-not-sent")[0]


def test_the_report_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts, and for each problem its level, code, place and words; the exit code says whether it can be used."""
    worse = ("relevant: ${A2b} = 'yes'", "relevant: ${A2b} = 'yes' or ${X7a} > 99")
    folder = changed(tmp_path, OLDER, "checklist.yaml", worse)
    assert run(["checklist", "check", str(folder), "--json", "--on", "2026-02-10"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["errors"], found["warnings"]) == (True, 0, 1)
    first = found["problems"][0]
    assert (first["level"], first["code"], first["file"], first["sheet"]) == (
        "warning",
        "part-never",
        "checklist.yaml",
        None,
    )
    text = (folder / "checklist.yaml").read_text(encoding="utf-8").splitlines()
    assert text[first["line"] - 1][first["column"] - 1 :].startswith("${X7a} > 99")
    assert set(first) >= {"level", "code", "file", "sheet", "line", "column", "message", "nearest", "instead"}
    assert run(["checklist", "check", str(folder), "--strict", "--on", "2026-02-10"]) == 1
    said = capsys.readouterr()
    assert "Warnings (1)" in said.out
    assert "1 thing to mend" in said.err


def test_an_error_is_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What stops the checklist is a no, and everything else is told all the same."""
    broken = ("when: ${A3} = 'yes'", "when: ${A33} = 'yes'")
    dead = ("relevant: ${A2b} = 'yes'", "relevant: ${A2b} = 'yes' and ${X7a} > 99")
    assert run(["checklist", "check", str(changed(tmp_path, OLDER, "checklist.yaml", broken, dead))]) == 1
    out = capsys.readouterr().out
    assert "there is no question or fact 'A33'. Did you mean 'A3'?" in out
    assert "G4 is never asked: ${X7a} > 99 never holds: by its constraint X7a keeps . >= 1 and . <= 30" in out


def form(path: Path, survey: list[list[str]], choices: list[list[str]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        for name, rows in (("survey", survey), ("choices", choices)):
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


SURVEY = [
    ["type", "name", "label", "relevant", "constraint", "label::French (fr)"],
    ["select_one yn", "smoker", "Do you smoke?", "", "", "Fumez-vous ?"],
    ["integer", "years", "How old are you?", "", ". >= 0 and . <= 120", "Quel age ?"],
    ["", "", "", "", "", ""],
    ["text", "brand", "Which brand?", "${smoker} = 'y' and ${years} > 150", "", "Quelle marque ?"],
    ["text", "where", "Where?", "${smoker} = 'maybe'", "", ""],
    ["note", "thanks", "Thank you, ${smokr}", "", "", "Merci"],
]
CHOICES = [["list_name", "name", "label", "label::French (fr)"], ["yn", "y", "yes", "oui"], ["yn", "n", "no", "non"]]


def test_a_workbook_is_checked_as_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sheet, row and column as the spreadsheet shows them; blank rows counted."""
    path = form(tmp_path / "smoking.xlsx", SURVEY, CHOICES)
    report = check_form(path)
    found = {each.code: each for each in reversed(report.problems)}
    dead = found["never-asked"]
    assert (dead.sheet, dead.line, dead.column) == ("survey", 5, 4)
    where, what = "smoking.xlsx, survey row 5, column D", "brand is never asked: ${years} > 150 never holds"
    assert str(dead).startswith(f"{where}: {what}")
    assert (found["unknown-choice"].line, found["unknown-choice"].level) == (6, "warning")
    assert any((each.sheet, each.line) == ("survey", 7) and "smokr" in each.message for each in report.problems)
    assert any("where" in each.message and each.code == "no-translation" for each in report.problems)
    assert run(["checklist", "check", str(path), "--json"]) in (0, 1)
    assert json.loads(capsys.readouterr().out)["checklist"] == "smoking.xlsx"


def test_a_form_without_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is said of it, and that is exit 0."""
    path = form(tmp_path / "fine.xlsx", SURVEY[:3], CHOICES)
    assert run(["checklist", "check", str(path)]) == 0
    assert capsys.readouterr().out.strip() == "fine.xlsx: nothing is wrong"


def test_a_file_that_is_no_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence, and no traceback."""
    (tmp_path / "form.xlsx").write_bytes(b"not a workbook")
    assert run(["checklist", "check", str(tmp_path / "form.xlsx")]) != 0
    assert "Traceback" not in capsys.readouterr().err


def long_list(folder: Path, count: int) -> Path:
    rows = ["checklist: long", 'version: "1"', "title: Long", "sections:"]
    for number in range(count):
        if number % 50 == 0:
            rows += [f"  - section: S{number}", f"    title: Part {number}", "    questions:"]
        kind = ("yes-no", "whole-number", "yes-no")[number % 3]
        rows += [f"      - question: q{number}", f"        type: {kind}", f"        say: Question {number}?"]
        if number % 50:
            before = f"${{q{number - 1}}} > 0" if number % 3 == 2 else f"${{q{number - 1}}} = 'yes'"
            rows.append(f"        relevant: {before} or ${{q{number // 50 * 50}}} = 'no'")
    folder.mkdir()
    (folder / "checklist.yaml").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_a_thousand_questions_are_checked_in_time(tmp_path: Path) -> None:
    """Every condition of a long list is looked at, in seconds of work."""
    folder = long_list(tmp_path / "long", 1000)
    started = time.process_time()
    report = check_checklist(folder, AMBLESHIRE, on=ON)
    assert time.process_time() - started < 6
    assert report.ok
    dead = [each for each in report.problems if each.code == "never-asked"]
    assert not dead, dead[:3]
