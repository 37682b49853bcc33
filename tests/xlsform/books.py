"""Workbooks in one line: sheets as rows, written as a spreadsheet program writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from firstcontact.xlsform.importing import Imported, import_form

Cell = str | int | float | bool | date | datetime | time | None
Rows = Sequence[Sequence[Cell]]


def book(path: Path, sheets: Mapping[str, Rows], merged: Sequence[tuple[str, str, str]] = ()) -> Path:
    """Write a workbook. `merged`: sheet, range, text."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as made:
        formats = {
            date: made.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: made.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            time: made.add_format({"num_format": "hh:mm"}),
        }
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is None or cell == "":
                        continue
                    if isinstance(cell, date | time):
                        sheet.write_datetime(number, column, cell, formats[type(cell)])
                    else:
                        sheet.write(number, column, cell)
            for where, place, text in merged:
                if where == name:
                    sheet.merge_range(place, text)
    return path


def imported(
    folder: Path,
    survey: Rows,
    choices: Rows = (),
    settings: Rows = (),
    *,
    merged: Sequence[tuple[str, str, str]] = (),
    **more: Rows,
) -> Imported:
    """Write a form and import it. `more`: further sheets."""
    sheets: dict[str, Rows] = {"survey": survey}
    if choices:
        sheets["choices"] = choices
    if settings:
        sheets["settings"] = settings
    return import_form(book(folder / "form.xlsx", {**sheets, **more}, merged))


def entries(made: Imported) -> list[dict[str, Any]]:
    """What the one section holds."""
    found: list[dict[str, Any]] = made.definition["sections"][0]["questions"]
    return found


def entry(made: Imported, name: str) -> dict[str, Any]:
    """The question, calculation, group or repeat of this id, however deep."""
    waiting = list(entries(made))
    while waiting:
        each = waiting.pop(0)
        if name in (each.get("question"), each.get("calculation"), each.get("group"), each.get("repeat")):
            return each
        waiting.extend(each.get("questions", ()))
    raise KeyError(name)


def told(made: Imported, level: str = "") -> list[str]:
    """The findings, as they are printed."""
    return [str(each) for each in made.report.by_place() if level in ("", each.level)]
