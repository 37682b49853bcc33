"""An XLSForm as a checklist: the definition that `checklist.yaml` would hold, its translations, its tables, a report.

Everything stands in one section, groups as groups. What means nothing here lies under `kept` and goes out again on
export. Nothing stops at the first thing that is wrong: a row that cannot work is reported, kept, and left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from firstcontact.xlsform.choices import Lists
from firstcontact.xlsform.circles import break_circles
from firstcontact.xlsform.expressions import Expressions, is_yes
from firstcontact.xlsform.grid import OWN
from firstcontact.xlsform.headers import Column, Spoken, columns_of, spoken_in
from firstcontact.xlsform.homecoming import come_home
from firstcontact.xlsform.loops import unrolled
from firstcontact.xlsform.naming import Item, Names, table_id
from firstcontact.xlsform.own_sheets import SHEETS
from firstcontact.xlsform.packaging import refuse
from firstcontact.xlsform.questions import Entry, Questions
from firstcontact.xlsform.report import Report
from firstcontact.xlsform.rows import Rows
from firstcontact.xlsform.sizes import put_long_lists_aside
from firstcontact.xlsform.workbook import KNOWN_SHEETS, Sheet, Workbook, read_workbook, texts

MAX_KEPT_CELLS: Final = 20_000
"""Of all sheets that mean nothing here."""
_READ: Final = ("survey", "choices", "settings", "external_choices")
SECTION: Final = "form"


@dataclass(frozen=True, slots=True)
class Imported:
    """A form as a checklist."""

    definition: dict[str, Any]
    """What checklist.yaml says: mappings, lists and text."""
    translations: dict[str, dict[str, Any]]
    """Code of a language -> what its file says."""
    tables: dict[str, list[list[str]]]
    """File name -> rows, the columns first."""
    report: Report


def import_form(path: Path) -> Imported:
    """Read a workbook as a checklist. Raises: Refused, when it is no form that may be read at all."""
    report = Report()
    workbook = read_workbook(path, report)
    survey = workbook.sheets.get("survey")
    if survey is None:
        raise refuse(
            "The workbook has no sheet called survey, so it is no XLSForm.",
            f"Its sheets are: {', '.join(list(workbook.sheets)[:12]) or 'none'}.",
        )
    return _Import(path, workbook, survey, report).run()


class _Import:
    """One form on its way."""

    def __init__(self, path: Path, workbook: Workbook, survey: Sheet, report: Report) -> None:
        self.path = path
        self.workbook = workbook
        self.survey = survey
        self.report = report
        self.settings: dict[str, str] = {}
        self.kept: dict[str, str] = {}

    def run(self) -> Imported:
        """Sheet after sheet."""
        self._read_settings()
        columns = columns_of(self.survey, "survey", self.report)
        if all(column.name != "type" for column in columns):
            raise refuse(
                "There is no survey sheet with a column 'type', so this is no XLSForm.",
                "Name the sheet survey, and the columns of its first row type, name and label.",
            )
        choices = self._columns("choices")
        external = self._columns("external_choices")
        spoken = self._spoken([*columns, *choices, *external])
        lists = self._lists(spoken, choices, external)
        rows = Rows(self.survey, columns, spoken, self.report)
        items = unrolled(rows.read(), lists, spoken.main, self.report)
        if not items:
            raise refuse("The survey sheet has no rows that could be asked.", "Fill it, and try again.")
        names = Names(items, self.report, rows.letters.get("name", ""))
        expressions = Expressions(names, self.report, rows.letters)
        questions = Questions(lists, expressions, spoken, self.report, self.path)
        entries = questions.entries(names.top)
        self._report_clashes(items, rows.letters.get("name", ""))
        break_circles(entries, {item.id: item.row for item in items}, rows.letters, self.report)
        self._load_tables(questions, expressions)
        return self._finished(entries, lists, questions, spoken)

    def _columns(self, sheet: str) -> list[Column]:
        found = self.workbook.sheets.get(sheet)
        return [] if found is None else columns_of(found, "choices", self.report)

    def _read_settings(self) -> None:
        sheet = self.workbook.sheets.get("settings")
        if sheet is None or not sheet.rows:
            return
        cells = sheet.rows[0].cells
        for column in columns_of(sheet, "settings", self.report):
            text = cells.get(column.header)
            if text is None:
                continue
            if column.name:
                self.settings.setdefault(column.name, text)
            else:
                self.kept[column.header] = text[:20_000]
        if len(sheet.rows) > 1:
            words = "settings stand in one row; those below the first are left out"
            self.report.add("warning", sheet.name, sheet.rows[1].number, "", words)

    def _spoken(self, columns: list[Column]) -> Spoken:
        default = self.settings.get("default_language", "")
        own = next((text for header, text in self.kept.items() if header.lower() == f"{OWN}language"), "")
        return spoken_in(columns, default, self.report, own)

    def _lists(self, spoken: Spoken, choices: list[Column], external: list[Column]) -> Lists:
        lists = Lists(spoken, self.report)
        allowed = next((text for header, text in self.kept.items() if header == "allow_choice_duplicates"), None)
        lists.duplicates_meant = is_yes(allowed)
        if "choices" in self.workbook.sheets:
            lists.read(self.workbook.sheets["choices"], choices)
        if "external_choices" in self.workbook.sheets:
            lists.read(self.workbook.sheets["external_choices"], external, external=True)
        return lists

    def _report_clashes(self, items: list[Item], letter: str) -> None:
        # Names of ours that conditions of a native checklist may use; a form's own row wins, and its author may wonder.
        from firstcontact.domain.checklist import DERIVED

        for item in items:
            if item.id in DERIVED and f"{OWN}derived" not in item.kept:
                words = f"'{item.id}' is also a name that a visit works out; in this form it is this row alone"
                self.report.add("warning", "survey", item.row, letter, words)

    def _load_tables(self, questions: Questions, expressions: Expressions) -> None:
        own = next((text for header, text in self.kept.items() if header.lower() == f"{OWN}tables"), "")
        for name, (row, letter) in {**dict.fromkeys(own.split(), (0, "")), **expressions.tables}.items():
            if questions.load_table(name) is None:
                words = f"the table {name[:60]} is not beside the form; what pulldata() looks up in it is blank"
                self.report.add("error", "survey", row, letter, words)

    def _finished(self, entries: list[Entry], lists: Lists, questions: Questions, spoken: Spoken) -> Imported:
        title = self.settings.get("form_title") or self.settings.get("form_id") or self.path.stem
        title = " ".join(title.split())[:200] or "Form"
        form_id = self.settings.get("form_id") or self.path.stem
        definition: dict[str, Any] = {
            "checklist": _slug(form_id),
            "version": (self.settings.get("version") or "1")[:40],
            "language": spoken.main,
            "title": title,
            "sections": [{"section": SECTION, "title": title, "questions": entries}],
        }
        found = lists.as_definition()
        if found:
            definition["lists"] = found
        tables = {f"{table_id(name)}.csv": rows for name, rows in questions.tables.items()}
        if tables:
            definition["tables"] = {table_id(name): f"{table_id(name)}.csv" for name in questions.tables}
        if len(tables) < len(questions.tables):
            words = "two tables have the same name here, as letters and digits alone count; one of them is left out"
            self.report.add("error", "", 0, "", words)
        definition["kept"] = {"settings": {"form_id": form_id[:20_000], **self.kept}, "sheets": self._kept_sheets()}
        translations = _translations(spoken, questions, lists)
        for words in come_home(definition, translations) if self._ours() else ():
            self.report.add("error", "", 0, "", words)
        if [section["section"] for section in definition["sections"]] == [SECTION]:
            # What came out of a workbook says so: conditions of other authors are judged less strictly.
            definition.setdefault("kept", {}).setdefault("settings", {}).setdefault("form_id", form_id[:20_000])
        put_long_lists_aside(definition, translations, tables, self.report)
        return Imported(definition, translations, tables, self.report)

    def _ours(self) -> bool:
        """Whether some column or sheet is one of ours."""
        headers = [header for sheet in self.workbook.sheets.values() for _, header in sheet.headers]
        return any(header.lower().startswith(OWN) for header in headers) or "fc_exclusive" in headers

    def _kept_sheets(self) -> dict[str, dict[str, Any]]:
        """Sheets that mean nothing here, as they are."""
        kept: dict[str, dict[str, Any]] = {}
        cells = 0
        for name, sheet in self.workbook.sheets.items():
            if name in _READ or not sheet.rows:
                continue
            columns = [header for _, header in sheet.headers]
            cells += len(columns) * len(sheet.rows)
            if cells > MAX_KEPT_CELLS and name not in SHEETS:
                self.report.add("warning", name, 0, "", "this sheet means nothing here and is too large to be kept")
                cells -= len(columns) * len(sheet.rows)
                continue
            kept[sheet.name] = {"columns": columns, "rows": list(texts(sheet.rows, columns))}
            if name in KNOWN_SHEETS:
                self.report.add("kept", name, 0, "", "this sheet has no effect here; it is kept")
        return kept


def _translations(spoken: Spoken, questions: Questions, lists: Lists) -> dict[str, dict[str, Any]]:
    labels = lists.translated()
    made: dict[str, dict[str, Any]] = {}
    for code in spoken.others:
        words: dict[str, Any] = {"language": code, **questions.said.get(code, {})}
        if code in labels:
            words["lists"] = labels[code]
        made[code] = words
    return made


def _slug(text: str) -> str:
    """The id of a checklist: letters, digits, _ and single hyphens."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-_")[:52].rstrip("-_")
    return plain if re.match(r"[A-Za-z]", plain) else f"form-{plain}".rstrip("-")
