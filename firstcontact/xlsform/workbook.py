"""A workbook as text: sheets, their headers, and rows of cells by header, with the numbers that a spreadsheet shows.

Whatever a cell holds (a whole number kept as 1.0, TRUE, a date) becomes the text that its writer sees. Blank cells and
rows are not there at all; numbers of rows still count them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from firstcontact.domain.condition import nearest
from firstcontact.xlsform.packaging import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_LETTERS,
    MAX_ROWS,
    MAX_SHEETS,
    Kind,
    checked_package,
    kind_of,
    refuse,
    too_many_letters,
)
from firstcontact.xlsform.report import Report
from sync.base.safe_text import is_safe_text

KNOWN_SHEETS: Final = ("survey", "choices", "settings", "external_choices", "entities", "osm")
_SPACES: Final = re.compile(r"[ \u00a0\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_HEADS: Final = {
    "survey": frozenset({"type", "command"}),
    "choices": frozenset({"list name", "list_name", "listname"}),
    "external_choices": frozenset({"list name", "list_name", "listname"}),
}
_HEAD_ROWS: Final = 10
"""How far down the row of headers is looked for, where a sheet starts with a title."""


@dataclass(slots=True)
class Row:
    """One row that holds something."""

    number: int
    """As the spreadsheet shows it, from 1."""
    cells: dict[str, str]
    """Header as it is written -> text without blanks at its ends; no blank cells."""


@dataclass(slots=True)
class Sheet:
    """One sheet."""

    name: str
    """As it is written in the workbook."""
    headers: list[tuple[str, str]] = field(default_factory=list)
    """Letters of the column, and its header, in order; columns without a header are not here."""
    rows: list[Row] = field(default_factory=list)
    """Those below the headers."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Merged cells: first row, last row (as shown), first and last column from 0."""
    letters: int = 0
    """How many all its rows have."""


@dataclass(slots=True)
class Workbook:
    """A workbook that may be read."""

    sheets: dict[str, Sheet]
    """By name: known ones as in KNOWN_SHEETS, others as they are written."""
    kind: Kind


def read_workbook(path: Path, report: Report | None = None) -> Workbook:
    """Read a file of whatever real type. What is odd but readable goes into the report.

    Raises: Refused, when it is no workbook, damaged, locked, or far larger than a form.
    """
    report = report if report is not None else Report()
    content = _content(path)
    kind = kind_of(content)
    named = path.suffix.lower().lstrip(".")
    if named in ("xls", "xlsx", "csv") and named != kind:
        report.add("warning", "", 0, "", f"the file is called .{named} and is really .{kind}; it was read as that")
    grids = _csv_grids(content) if kind == "csv" else _grids(content, kind)
    sheets: dict[str, Sheet] = {}
    letters = 0
    for name, rows, merged in grids:
        known = _known_name(name)
        if known in sheets:
            report.add("warning", name, 0, "", f"a second sheet '{name}'; it is not read")
            continue
        sheets[known] = _sheet(name, known, rows, merged, report)
        letters += sheets[known].letters
        if letters > MAX_LETTERS:
            raise too_many_letters()
    if len(sheets) == 1 and "survey" not in sheets and next(iter(sheets)) not in KNOWN_SHEETS:
        sheets = {"survey": next(iter(sheets.values()))}
    _report_misspelt(sheets, report)
    return Workbook(sheets, kind)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except OSError as problem:
        reason = "is not there" if isinstance(problem, FileNotFoundError) else "cannot be read"
        raise refuse(f"The file {reason}.", "Look at its name and place, and try again.") from problem
    if len(content) > MAX_FILE_BYTES:
        raise refuse(
            f"The file is larger than {MAX_FILE_BYTES // 2**20} MiB.",
            "A form is much smaller: delete pictures and other data from it, and try again.",
        )
    return content


def _known_name(name: str) -> str:
    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    return plain if plain in KNOWN_SHEETS else name


def _report_misspelt(sheets: Mapping[str, Sheet], report: Report) -> None:
    """A sheet that was probably meant to be one that is not there."""
    for name in sheets:
        if name in KNOWN_SHEETS or name.startswith(("_", "help")):
            continue
        meant = nearest(name, [known for known in KNOWN_SHEETS[:4] if known not in sheets])
        if meant is not None:
            report.add("warning", name, 0, "", "no sheet of a form is called like this", meant)


_Grid = tuple[str, Sequence[Sequence[Any]], list[tuple[int, int, int, int]]]


def _grids(content: bytes, kind: Kind) -> list[_Grid]:
    """Every sheet as rows of cells. Raises: Refused."""
    if kind == "xls":
        from firstcontact.xlsform.legacy import read_xls

        return list(read_xls(content))
    import python_calamine as calamine

    stream = checked_package(content)
    try:
        with calamine.CalamineWorkbook.from_filelike(stream) as book:
            found = [each for each in book.sheets_metadata if each.typ is calamine.SheetTypeEnum.WorkSheet]
            return [_grid(each.name, book) for each in found[:MAX_SHEETS]]
    except calamine.PasswordError as problem:
        raise refuse("The workbook is locked with a password.", "Save a copy without one, and try that.") from problem
    except (calamine.CalamineError, OSError, ValueError, OverflowError) as problem:
        raise refuse("The workbook is damaged: it cannot be read.") from problem
    except BaseException as problem:
        # A panic of the library is no Exception, so that nothing hides it; for us it is one more damaged file.
        if type(problem).__name__ != "PanicException":
            raise
        raise refuse("The workbook is damaged: it cannot be read.") from problem


def _grid(name: str, book: Any) -> _Grid:
    sheet = book.get_sheet_by_name(name)
    merged = [
        (top + 1, bottom + 1, left, right) for (top, left), (bottom, right) in (sheet.merged_cell_ranges or [])[:5000]
    ]
    end = sheet.end
    if end is not None and (end[0] >= MAX_ROWS or end[1] >= MAX_COLUMNS or (end[0] + 1) * (end[1] + 1) > MAX_CELLS):
        raise refuse(f"The sheet {name[:60]} reaches too far for a form: row {end[0] + 1}, column {end[1] + 1}.")
    return name, sheet.to_python(skip_empty_area=False), merged


def _csv_grids(content: bytes) -> list[_Grid]:
    """A form in one .csv: the name of a sheet stands in the first column, its rows below and to the right."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    sheets: dict[str, list[Sequence[str]]] = {}
    current: list[Sequence[str]] = []
    cells = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text))):
            cells += len(row)
            if number >= MAX_ROWS or len(row) > MAX_COLUMNS or cells > MAX_CELLS:
                raise refuse("The file holds far more than a form needs.")
            if row and row[0].strip() and not sheets and "type" in (cell.strip().lower() for cell in row):
                current = sheets["survey"] = []  # a survey sheet alone, as spreadsheet programs save one
                current.append(row)
                continue
            alone = "survey" in sheets
            if row and row[0].strip() and (not alone or _known_name(row[0]) in KNOWN_SHEETS):
                current = sheets.setdefault(row[0].strip(), [])
            current.append(row)
    except csv.Error as problem:
        raise refuse("This is not a workbook: its text cannot be read as a table.") from problem
    if "survey" not in (_known_name(name) for name in sheets):
        raise refuse("This is not a workbook: it has no survey sheet.")
    return [(name, _without_names(rows), []) for name, rows in sheets.items()]


def _without_names(rows: list[Sequence[str]]) -> list[Sequence[str]]:
    """Of a sheet in a .csv: blank where its name stands, so that rows and columns keep their places."""
    if rows and _known_name(rows[0][0]) in KNOWN_SHEETS:
        return [["", *row[1:]] for row in rows]
    return rows


def _sheet(
    name: str,
    known: str,
    grid: Sequence[Sequence[Any]],
    merged: list[tuple[int, int, int, int]],
    report: Report,
) -> Sheet:
    sheet = Sheet(name, merged=merged)
    head = _head_row(grid, _HEADS.get(known, frozenset()))
    if head is None:
        return sheet
    if known in _HEADS and any(_text(cell) for row in grid[:head] for cell in row):
        report.add("warning", name, head + 1, "", "the headers are in this row; what stands above it is left out")
    columns: list[tuple[int, str]] = []
    first: dict[str, str] = {}
    for place, cell in enumerate(grid[head]):
        header = re.sub(r"\s+", " ", _cleaned(_text(cell)))
        if not header:
            continue
        letter = letters(place)
        if header in first:
            report.add("warning", name, head + 1, letter, f"a second column '{header}'; column {first[header]} counts")
            continue
        first[header] = letter
        columns.append((place, header))
        sheet.headers.append((letter, header))
    odd = []
    for number, row in enumerate(grid[head + 1 :], start=head + 2):
        cells: dict[str, str] = {}
        width = len(row)
        for place, header in columns:
            if place >= width:
                break
            value = row[place]
            if value == "":
                continue
            text = value.strip() if type(value) is str else _text(value)
            if not text:
                continue
            if not (text.isascii() and text.isprintable()):
                plain = _cleaned(text)
                if len(plain) != len(text) and not is_safe_text(text, multiline=True):
                    odd.append((number, letters(place)))
                text = plain
                if not text:
                    continue
            cells[header] = text
            sheet.letters += len(text)
        if sheet.letters > MAX_LETTERS:
            raise too_many_letters()
        if cells:
            sheet.rows.append(Row(number, cells))
    if odd:
        words = "an invisible or control character was left out here"
        words += f", and in {len(odd) - 1} more cells" if len(odd) > 1 else ""
        report.add("changed", name, *odd[0], words)
    if known in KNOWN_SHEETS:
        _report_headless(sheet, grid, head, {place for place, _ in columns}, report)
    return sheet


def _head_row(grid: Sequence[Sequence[Any]], wanted: frozenset[str]) -> int | None:
    """The place of the headers: the first row near the top with one that must be there, else the first not blank."""
    first = None
    for number, row in enumerate(grid[:_HEAD_ROWS] if wanted else grid):
        texts = {_text(cell).lower() for cell in row if cell != ""} - {""}
        if not texts:
            continue
        if first is None:
            first = number
        if not wanted or texts & wanted:
            return number
    if first is None and wanted:
        return _head_row(grid, frozenset())
    return first


def _report_headless(sheet: Sheet, grid: Sequence[Sequence[Any]], head: int, known: set[int], report: Report) -> None:
    """Cells below no header, once for each column."""
    width = max((len(row) for row in grid[head : head + 1]), default=0)
    for place in (each for each in range(width) if each not in known):
        for number, row in enumerate(grid[head + 1 :], start=head + 2):
            if place < len(row) and _text(row[place]):
                if not _text(grid[head][place]):
                    words = "this column has no header; what stands in it is left out"
                    report.add("warning", sheet.name, number, letters(place), words)
                break


def letters(place: int) -> str:
    """The letters of a column, counted from 0: A, B, ... Z, AA."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found


def _text(value: Any) -> str:
    """A cell as the text that its writer sees."""
    if type(value) is str:
        return value.strip()
    if value is True or value is False:
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return "" if value is None else str(value).strip()


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    return format(Decimal(repr(value)), "f")


def _cleaned(text: str) -> str:
    """Every kind of space a plain one, line ends plain, and no character that nobody sees."""
    if text.isascii() and text.isprintable():
        return text
    text = _SPACES.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    return _INVISIBLE.sub("", text).strip()


def texts(rows: Iterable[Row], headers: Sequence[str]) -> Iterator[list[str]]:
    """Rows as plain lists, in the order of these headers."""
    for row in rows:
        yield [row.cells.get(header, "") for header in headers]
