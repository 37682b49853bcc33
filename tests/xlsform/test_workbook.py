"""Workbooks as text: real types, cells, rows and columns, and what is refused."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest

from firstcontact.xlsform.packaging import Refused, kind_of
from firstcontact.xlsform.report import Report
from firstcontact.xlsform.workbook import letters, read_workbook
from tests.xlsform.books import book

HEAD = ("type", "name", "label")


def test_cells_are_the_text_that_their_writer_sees(tmp_path: Path) -> None:
    """Whole numbers, booleans, dates and odd spaces read as they are shown; blank cells are not there."""
    path = book(
        tmp_path / "f.xlsx",
        {
            "survey": [
                ("type", "name", "label", "default", "required"),
                ("integer", 1.0, "One\u00a0two ", 2.50, True),
                (),
                ("date", "d", " ", date(2026, 2, 10), False),
                ("dateTime", "t", "T", datetime.combine(date(2026, 2, 10), time(9, 30)), None),
                ("time", "u", "U", time(9, 30), None),
                ("text", "long", "L", 12345678901234, None),
            ]
        },
    )
    rows = read_workbook(path).sheets["survey"].rows
    assert [row.number for row in rows] == [2, 4, 5, 6, 7]
    assert rows[0].cells == {"type": "integer", "name": "1", "label": "One two", "default": "2.5", "required": "TRUE"}
    assert rows[1].cells == {"type": "date", "name": "d", "default": "2026-02-10", "required": "FALSE"}
    assert rows[2].cells["default"] == "2026-02-10 09:30:00"
    assert rows[3].cells["default"] == "09:30:00"
    assert rows[4].cells["default"] == "12345678901234"


def test_the_real_type_counts_and_not_the_name(tmp_path: Path) -> None:
    """An .xlsx that is called .xls is read, and said so."""
    path = book(tmp_path / "f.xlsx", {"survey": [HEAD, ("text", "a", "A")]})
    shutil.copy(path, tmp_path / "f.xls")
    report = Report()
    assert read_workbook(tmp_path / "f.xls", report).kind == "xlsx"
    assert "really .xlsx" in str(report.findings[0])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"<html>", "web page"),
        (b"\x1f\x8b rest", "archive"),
        (b"a\x00b", "not a workbook"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(content: bytes, words: str) -> None:
    """Each says what it is instead."""
    with pytest.raises(Refused, match=words):
        kind_of(content)


def test_a_form_as_csv(tmp_path: Path) -> None:
    """One file with the names of sheets in its first column, or a survey sheet alone."""
    path = tmp_path / "f.csv"
    path.write_text('"survey",,,\n,"type","name","label"\n,"text","a","A"\n"choices",,,\n,"list_name","name","label"\n')
    sheets = read_workbook(path).sheets
    assert sheets["survey"].rows[0].cells == {"type": "text", "name": "a", "label": "A"}
    assert sheets["survey"].rows[0].number == 3
    path.write_text("type,name,label\ntext,a,A\n")
    assert read_workbook(path).sheets["survey"].rows[0].cells["name"] == "a"
    path.write_text("name,age\nRosa,76\n")
    with pytest.raises(Refused, match="no survey sheet"):
        read_workbook(path)


def test_names_of_sheets_and_headers_are_forgiving(tmp_path: Path) -> None:
    """Capital letters, blanks, a title above the headers, headers that stand twice, columns without one."""
    report = Report()
    path = book(
        tmp_path / "f.xlsx",
        {
            "Survey ": [("Our form",), (), ("type", "name", "label", "label", ""), ("text", "a", "A", "B", "stray")],
            "External Choices": [("list_name", "name"), ("l", "x")],
            "choises": [("list_name", "name")],
        },
    )
    sheets = read_workbook(path, report).sheets
    assert sheets["survey"].rows[0].cells == {"type": "text", "name": "a", "label": "A"}
    assert "external_choices" in sheets
    told = [str(each) for each in report.findings]
    assert any("row 3: the headers are in this row" in each for each in told)
    assert any("row 3, column D: a second column 'label'; column C counts" in each for each in told)
    assert any("row 4, column E: this column has no header" in each for each in told)
    assert any(each == "choises: no sheet of a form is called like this. Did you mean 'choices'?" for each in told)


def test_invisible_characters_are_left_out_and_told_once(tmp_path: Path) -> None:
    """Names that look alike are alike; the first place is told, the others are counted."""
    report = Report()
    path = book(tmp_path / "f.xlsx", {"survey": [HEAD, ("text", "a\u200b", "A\u00ad"), ("text", "b\ufeff", "B")]})
    rows = read_workbook(path, report).sheets["survey"].rows
    assert [row.cells["name"] for row in rows] == ["a", "b"]
    words = "an invisible or control character was left out here, and in 2 more cells"
    assert [str(each) for each in report.findings] == [f"survey row 2, column B: {words}."]


def test_a_million_formatted_empty_rows_are_no_reason_to_refuse(tmp_path: Path) -> None:
    """Real forms have them; only what is filled counts."""
    path = book(tmp_path / "f.xlsx", {"survey": [HEAD, ("text", "a", "A")]})
    _with_part(
        path, "xl/worksheets/sheet1.xml", "</sheetData>", '<row r="1048576"><c r="XFD1048576"/></row></sheetData>'
    )
    assert len(read_workbook(path).sheets["survey"].rows) == 1
    _with_part(path, "xl/worksheets/sheet1.xml", '<c r="XFD1048576"/>', '<c r="XFD1048576"><v>1</v></c>')
    with pytest.raises(Refused, match="reaches to row 1048576 and column 16384"):
        read_workbook(path)


def test_no_part_is_read_that_is_not_needed(tmp_path: Path) -> None:
    """Pictures, macros and links to other workbooks never reach the library; entities are refused."""
    path = book(tmp_path / "f.xlsx", {"survey": [HEAD, ("text", "a", "A")]})
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/externalLinks/externalLink1.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    assert len(read_workbook(path).sheets["survey"].rows) == 1
    _with_part(path, "xl/workbook.xml", "<workbook", "<!DOCTYPE x [<!ENTITY a 'b'>]><workbook")
    with pytest.raises(Refused, match="XML entities"):
        read_workbook(path)


def _with_part(path: Path, name: str, old: str, new: str) -> None:
    with zipfile.ZipFile(path) as package:
        parts = {each: package.read(each) for each in package.namelist()}
    assert old.encode() in parts[name]
    parts[name] = parts[name].replace(old.encode(), new.encode(), 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for each, content in parts.items():
            package.writestr(each, content)


def test_columns_have_the_letters_of_the_spreadsheet() -> None:
    """A to Z, then AA."""
    assert [letters(place) for place in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
