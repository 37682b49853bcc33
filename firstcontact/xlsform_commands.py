"""`checklist import | export` as plain functions: a form becomes a checklist's folder, and a checklist a workbook.

The command line prints what these return. A form that cannot be read at all was used wrongly; one that could be read
becomes a folder and a report, whatever the report says.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from firstcontact.checklist_text import counted
from firstcontact.definitions.problems import DefinitionError, DefinitionProblem
from firstcontact.errors import UsedWrongly

if TYPE_CHECKING:
    from firstcontact.xlsform.report import Finding, Report

MAIN_FILE: Final = "checklist.yaml"
_FATES: Final = ("live", "kept", "left-out")
_TALK: Final = {
    "error": "Does not work here",
    "warning": "Works, and may not mean what was wanted",
    "changed": "Works, written differently",
    "kept": "Has no effect here; written back on export",
}
_RANGES: Final = 12
_SHOWN: Final = 40
"""Lines of a level that a person is shown; `--json` and `--all` have them all."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a form."""

    form: str
    checklist: str
    files: tuple[Path, ...]
    """What was written, `checklist.yaml` first."""
    report: Report
    problems: tuple[DefinitionProblem, ...]
    """What keeps the checklist that was written from being used."""
    show_all: bool = False

    @property
    def ok(self) -> bool:
        """Whether the checklist can be used as it is."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """For a program to read."""
        found = {"form": self.form, "checklist": self.checklist, "ok": self.ok}
        found["files"] = [str(path) for path in self.files]
        rows = [
            {
                "file": row.file,
                "line": row.line,
                "column": row.column,
                "message": row.message,
                "nearest": row.suggestion,
            }
            for row in self.problems
        ]
        return {**found, "problems": rows, **self.report.as_json()}

    def in_words(self) -> str:
        """For a person to read: a table of the rows by type, then what is worth knowing, worst first."""
        lines = [*_table(self.report.by_type()), *self._findings()]
        if self.problems:
            lines += ["", "Before it can be used, mend in the form or in the checklist:"]
            lines += [f"  {problem}" for problem in self.problems[:_SHOWN]]
        return "\n".join(lines)

    def talk(self) -> str:
        """What happened and what to do next, in one sentence each."""
        folder = shlex.quote(str(self.files[0].parent))
        return f"{self.form} is now the checklist {self.checklist}. Next: firstcontact checklist check {folder}"

    def why_not(self) -> str:
        """The answer in one sentence, when it is no."""
        things = counted(len(self.problems), "thing keeps", "things keep")
        return f"{self.files[0].parent} was written, but {things} it from being used."

    def _findings(self) -> Iterator[str]:
        by_level: dict[str, list[Finding]] = {}
        for finding in self.report.by_place():
            by_level.setdefault(finding.level, []).append(finding)
        for level, heading in _TALK.items():
            found = by_level.get(level, [])
            if not found:
                continue
            yield from ("", f"{heading} ({len(found)})")
            lines = list(_gathered(found))
            shown = lines if self.show_all else lines[:_SHOWN]
            yield from (f"  {line}" for line in shown)
            if len(lines) > len(shown):
                yield f"  ... and {len(lines) - len(shown)} more: --all shows every one"
        if self.report.more:
            yield from ("", f"... and {self.report.more} more that are only counted")


def _gathered(findings: Iterable[Finding]) -> Iterator[str]:
    """A line for each thing to know; where many rows share it, the rows stand in one."""
    alike: dict[tuple[str, str, str, str | None], list[Finding]] = {}
    for each in findings:
        alike.setdefault((each.sheet, each.column, each.message, each.suggestion), []).append(each)
    for (sheet, column, message, suggestion), found in alike.items():
        rows = sorted({each.row for each in found})
        if len(rows) == 1:
            yield str(found[0])
            continue
        where = f"{sheet or 'workbook'} rows {_ranges(rows)}"
        hint = f" Did you mean '{suggestion}'?" if suggestion else ""
        yield f"{where}{f', column {column}' if column else ''}: {message.rstrip('.')}.{hint}"


def _ranges(rows: Sequence[int]) -> str:
    """`3, 7 to 12, 20`; after a dozen of these only how many there are."""
    parts: list[list[int]] = []
    for row in rows:
        if parts and row == parts[-1][1] + 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    words = [str(first) if first == last else f"{first} to {last}" for first, last in parts]
    more = f" ... ({len(rows)} rows)" if len(words) > _RANGES else ""
    return ", ".join(words[:_RANGES]) + more


def _table(types: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    width = max([len(kind) for kind in types] + [4])
    yield f"{'type':<{width}}  {'live':>6} {'kept':>6} {'left out':>9}"
    for kind, fates in types.items():
        yield f"{kind:<{width}}  {fates['live']:>6} {fates['kept']:>6} {fates['left-out']:>9}"
    live, kept, left_out = (sum(fates[fate] for fates in types.values()) for fate in _FATES)
    yield f"{'all':<{width}}  {live:>6} {kept:>6} {left_out:>9}"


def import_checklist(form: Path, out: Path, *, replace: bool = False, show_all: bool = False) -> ImportReport:
    """Make a checklist's folder of an XLSForm.

    Raises: UsedWrongly, when the form is no workbook that may be read or `out` holds something else; FirstContactError,
    when the disk says no.
    """
    from firstcontact.definitions.yaml import load_checklist
    from firstcontact.xlsform.importing import import_form
    from firstcontact.xlsform.writer import check_place, write_definition

    check_place(out, replace=replace)
    found = import_form(form)
    heading = (
        f"Imported from {form.name}. How to read and change this file: checklists/README.md of First Contact.",
        "Take it back to a workbook with: firstcontact checklist export FOLDER --to xlsx",
    )
    files = write_definition(found.definition, found.translations, found.tables, out, heading=heading, replace=replace)
    problems: tuple[DefinitionProblem, ...] = ()
    try:
        load_checklist(out)
    except DefinitionError as wrong:
        problems = wrong.problems
    return ImportReport(form.name, found.definition["checklist"], files, found.report, problems, show_all)


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written of a checklist."""

    checklist: str
    file: Path
    tables: Path | None
    """The folder with the tables that belong to it."""
    rows: Mapping[str, int]
    """How many rows each sheet has."""

    ok = True

    def as_json(self) -> dict[str, Any]:
        """For a program to read."""
        tables = None if self.tables is None else str(self.tables)
        return {"checklist": self.checklist, "file": str(self.file), "tables": tables, "sheets": dict(self.rows)}

    def in_words(self) -> str:
        """For a person to read."""
        return str(self.file)

    def talk(self) -> str:
        """What the workbook holds."""
        sheets = ", ".join(f"{name} {rows}" for name, rows in self.rows.items())
        more = f" Its tables are in {self.tables}: keep them beside it." if self.tables else ""
        return f"{self.checklist}: rows by sheet: {sheets}.{more}"


def export_checklist(folder: Path, out: Path | None = None) -> ExportReport:
    """Write a checklist as a workbook, `<id>.xlsx` where nothing is named.

    Raises: DefinitionError, for a checklist that is broken; UsedWrongly, when the file is there already.
    """
    from firstcontact.definitions.yaml import load_checklist, read_yaml
    from firstcontact.xlsform.exporting import sheets_of, travelling
    from firstcontact.xlsform.spreadsheet import media_folder, write_tables, write_workbook

    checklist = load_checklist(folder)  # whatever is broken is said here, all at once
    definition = read_yaml(folder / MAIN_FILE).plain()
    translations = {code: read_yaml(folder / f"{code}.yaml").plain() for code in checklist.languages[1:]}
    file = out if out is not None else Path(f"{checklist.id}.xlsx")
    if file.suffix.lower() != ".xlsx":
        raise UsedWrongly(f"{file} is no name for a workbook.", "Give --out a name that ends with .xlsx.")
    tables = {name: _rows(folder / table) for name, table in definition.get("tables", {}).items()}
    sheets = sheets_of(definition, translations, tables)
    beside = {f"{name}.csv": tables[name] for name in travelling(tables)}
    if beside:
        media_folder(file)  # before anything is written
    write_workbook(sheets, file, title=definition["title"])
    folder_beside = write_tables(beside, file)
    return ExportReport(checklist.id, file, folder_beside, {name: len(grid.rows) for name, grid in sheets.items()})


def _rows(path: Path) -> list[list[str]]:
    import csv

    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))
