"""Sheets as a workbook that opens neatly: frozen headers, widths, drop-downs, a first page that says what is what."""

from __future__ import annotations

import csv
import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from firstcontact.errors import FirstContactError, UsedWrongly
from firstcontact.xlsform.grid import OWN, Grid
from firstcontact.xlsform.own_sheets import ADVICE, OFFERS, RULES, SIGNPOSTS, URGENCIES

if TYPE_CHECKING:
    import xlsxwriter

ABOUT: Final = "about this workbook"
"""Its name must resemble none of the sheets that other programs look for, or they warn of a misspelling."""
MAX_CELL: Final = 32_767
MAX_ROWS: Final = 1_048_576
_DAY_ONE: Final = (2000, 1, 1)
"""The same checklist gives the same bytes, so the workbook says no time of its making."""
_TYPES: Final = (
    "text",
    "integer",
    "decimal",
    "date",
    "time",
    "dateTime",
    "select_one yes_no",
    "note",
    "calculate",
    "begin_group",
    "end_group",
    "begin_repeat",
    "end_repeat",
)
_WIDTHS: Final = {"type": 24, "name": 18, "list_name": 18, "question": 12, "rule": 12, "service": 22, "when": 44}
_WIDE: Final = ("label", "hint", "words", "relevant", "constraint", "calculation", f"{OWN}prompt", "required_message")
_BAD_IN_NAMES: Final = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
_PAGE: Final = (
    ("This workbook is an XLSForm: a form that ODK, KoboToolbox, SurveyCTO and others can read.", True),
    ("It was written by First Contact, and `firstcontact checklist import` takes it back.", False),
    ("", False),
    ("survey", True),
    ("One row for each question, in the order in which they are asked.", False),
    ("type, name, label, relevant ...: as in every XLSForm.", False),
    ("Columns that begin with fc:: are ours. Other programs leave them alone; leave them where they are.", False),
    ("   fc::prompt   a hint for the visitor, never read out", False),
    (
        "   fc::role   follow-up: decides something; detail: only carries what a partner needs; empty: a main question",
        False,
    ),
    ("   fc::subject   person, home or visitor: of whom it is asked", False),
    ("   fc::short   a few words for it, as a partner is told", False),
    ("   fc::derived   a row only for other programs: First Contact works this out by itself", False),
    ("choices", True),
    ("The lists to choose from. fc_exclusive: yes clears the others (none of these).", False),
    ("offers", True),
    ("What the answers call for: a service, when, how urgent, and which data goes to the partner.", False),
    ("   raise   the rows below an offer that make it more urgent; words: why, as the partner is told", False),
    ("   instead   a signpost that takes the place of the offer", False),
    ("   pack   a data pack that goes only while this holds", False),
    ("signposts, advice", True),
    ("A service without a partner; something to say or do at once.", False),
    ("", False),
    (
        "Conditions are XLSForm's. `don't know` and the other standing answers equal their own word and nothing else.",
        False,
    ),
)


def write_workbook(sheets: Mapping[str, Grid], out: Path, *, title: str) -> None:
    """Write the workbook, whole or not at all.

    Raises: UsedWrongly, when `out` is there already or something does not fit into a workbook; FirstContactError, when
    the disk says no.
    """
    import xlsxwriter

    if out.exists():
        raise UsedWrongly(f"{out} is there already.", "Give --out another name.")
    _check_fit(sheets)
    draft = out.with_name(f".{secrets.token_hex(6)}.tmp")
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        try:
            with xlsxwriter.Workbook(str(draft), {"strings_to_urls": False, "strings_to_numbers": False}) as book:
                _fill(book, sheets, title)
            draft.rename(out)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise FirstContactError(f"{out} could not be written ({why}).", "Try another place.") from problem


def write_tables(tables: Mapping[str, Sequence[Sequence[str]]], out: Path) -> Path | None:
    """The tables that belong to a form, as files in the folder `<form>-media` beside it, where ODK looks for them."""
    if not tables:
        return None
    folder = media_folder(out)
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".", dir=out.absolute().parent))
        try:
            draft.chmod(0o755)
            for name, rows in tables.items():
                with (draft / name).open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerows(rows)
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as problem:
        words = f"{folder} could not be written ({problem.strerror})."
        raise FirstContactError(words, "Try another place.") from problem
    return folder


def media_folder(out: Path) -> Path:
    """Where the tables of this workbook go. Raises: UsedWrongly, when something is there already."""
    folder = out.with_name(f"{out.stem}-media")
    if folder.exists():
        raise UsedWrongly(f"{folder} is there already.", "Give --out another name.")
    return folder


def _check_fit(sheets: Mapping[str, Grid]) -> None:
    for name, grid in sheets.items():
        if len(grid.rows) >= MAX_ROWS:
            raise UsedWrongly(
                f"The sheet '{name}' would have {len(grid.rows)} rows.", "A workbook has 1,048,576 at most."
            )
        for number, row in enumerate(grid.rows, 2):
            for column, cell in row.items():
                if len(cell) > MAX_CELL:
                    raise UsedWrongly(
                        f"The sheet '{name}' would have {len(cell):,} characters in row {number}, column '{column}'.",
                        "A cell holds 32,767 at most: shorten it in checklist.yaml.",
                    )


def _fill(book: xlsxwriter.Workbook, sheets: Mapping[str, Grid], title: str) -> None:
    from datetime import UTC, datetime

    book.set_properties({"title": title, "created": datetime(*_DAY_ONE, tzinfo=UTC)})
    strong = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    words = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "bg_color": "#DDE8E4", "border": 1, "valign": "top"})
    ours = book.add_format({"bold": True, "bg_color": "#F3E7D3", "border": 1, "valign": "top"})
    group = book.add_format({"bold": True, "bg_color": "#F2F2F2", "text_wrap": True, "valign": "top"})
    page = book.add_worksheet(ABOUT)
    page.set_column(0, 0, 110)
    page.write_string(0, 0, title[:MAX_CELL], book.add_format({"bold": True, "font_size": 16}))
    for number, (line, heading) in enumerate(_PAGE, 2):
        page.write_string(number, 0, line, strong if heading else words)
    taken = {ABOUT}
    for name, grid in sheets.items():
        sheet = book.add_worksheet(_sheet_name(name, taken))
        for column, header in enumerate(grid.columns):
            mine = header.startswith((OWN, "fc_")) or name in (OFFERS, SIGNPOSTS, ADVICE)
            sheet.write_string(0, column, header, ours if mine else head)
            sheet.set_column(column, column, _width(header))
        for number, row in enumerate(grid.rows, 1):
            shape = group if row.get("type", "").startswith(("begin", "end")) else words
            for column, header in enumerate(grid.columns):
                cell = row.get(header, "")
                if cell:
                    sheet.write_string(number, column, cell, shape)
        sheet.freeze_panes(1, 2)
        if grid.rows:
            sheet.autofilter(0, 0, len(grid.rows), len(grid.columns) - 1)
        _drop_downs(sheet, name, grid)
        if name == "survey":
            sheet.activate()


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that a workbook allows."""
    found = base = name.translate(_BAD_IN_NAMES).strip("' ")[:31].rstrip("' ") or "sheet"
    turn = 1
    while found.lower() in taken:
        turn += 1
        found = f"{base[:27]} {turn}"
    taken.add(found.lower())
    return found


def _width(header: str) -> int:
    column = header.partition("::")[0] if not header.startswith(OWN) else OWN + header[len(OWN) :].partition("::")[0]
    return _WIDTHS.get(column, 44 if column in _WIDE else max(12, min(len(header) + 2, 24)))


def _drop_downs(sheet: Any, name: str, grid: Grid) -> None:
    """Lists to pick from, which still let anything be typed where a workbook may say more than we know."""
    lists: dict[str, Sequence[str]] = {"urgency": URGENCIES, "rule": RULES}
    if name == "survey":
        lists = {
            "type": _TYPES,
            f"{OWN}subject": ("person", "home", "visitor"),
            f"{OWN}role": ("follow-up", "detail"),
            f"{OWN}type": ("yes-no", "level", "phone", "postcode", "long-text"),
        }
    elif name != OFFERS:
        return
    for column, header in enumerate(grid.columns):
        if header in lists:
            rule: dict[str, Any] = {"validate": "list", "source": list(lists[header]), "show_error": name == OFFERS}
            rule["error_type"] = "information"
            sheet.data_validation(1, column, len(grid.rows) + 200, column, rule)
