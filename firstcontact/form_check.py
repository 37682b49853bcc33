"""`checklist check FORM.xlsx`: a workbook checked as it stands, each problem with its sheet, row and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from firstcontact.checklist_check import CheckReport, check_tree, ranked
from firstcontact.definitions.problems import DefinitionProblem
from firstcontact.definitions.yaml import Node
from firstcontact.xlsform.headers import columns_of
from firstcontact.xlsform.importing import Imported, import_form
from firstcontact.xlsform.report import Finding, Report
from firstcontact.xlsform.workbook import Sheet, read_workbook
from sync.base.safe_text import safe_text

_IDS: Final = ("question", "calculation", "group", "repeat")
_COLUMNS: Final[Mapping[str, str]] = {
    "question": "name",
    "group": "name",
    "repeat": "name",
    "say": "label",
    "title": "label",
    "label": "label",
    "prompt": "hint",
    "relevant": "relevant",
    "required": "required",
    "required_message": "required_message",
    "constraint": "constraint",
    "message": "constraint_message",
    "calculation": "calculation",
    "value": "calculation",
    "default": "default",
    "read_only": "readonly",
    "appearance": "appearance",
    "filter": "choice_filter",
    "count": "repeat_count",
    "type": "type",
    "list": "type",
    "start": "parameters",
    "end": "parameters",
    "step": "parameters",
    "choice": "name",
}
"""Key of a definition -> what the column that it came from is called."""


def check_form(path: Path, *, strict: bool = False) -> CheckReport:
    """Everything that is wrong with a workbook, at once. Raises: Refused, when it is none that may be read."""
    imported = import_form(path)
    tree = _Tree(path, imported)
    problems = [_problem(path, finding) for finding in imported.report.findings if finding.level in _FOUND]
    problems += check_tree(tree.root(), tree.translations())
    return CheckReport(path.name, ranked(_once_a_place(problems)), strict)


_FOUND: Final = ("error", "warning")
"""Findings of an import that are problems; what was changed or kept is told by the import."""


def _problem(path: Path, finding: Finding) -> DefinitionProblem:
    column = 0
    for letter in finding.column:
        column = column * 26 + ord(letter) - ord("A") + 1
    return DefinitionProblem(
        safe_text(path.name),
        finding.row,
        column,
        finding.message.rstrip("."),
        finding.suggestion,
        code="workbook",
        level="error" if finding.level == "error" else "warning",
        sheet=finding.sheet or None,
    )


def _once_a_place(problems: list[DefinitionProblem]) -> list[DefinitionProblem]:
    """Without what is said twice: the import tells some things that the checks find again in the same cell."""
    told = {(problem.sheet, problem.line, problem.column) for problem in problems if problem.code == "workbook"}
    return [
        problem
        for problem in problems
        if problem.code in ("workbook", "never-asked", "always", "part-never", "never")
        or not problem.line
        or (problem.sheet, problem.line, problem.column) not in told
    ]


@dataclass(slots=True)
class _Tree:
    """The definition of an import as nodes that know their cells."""

    path: Path
    imported: Imported
    columns: dict[tuple[str, str], int] = field(default_factory=dict)
    """Sheet and what its column is -> its number."""
    rows: dict[str, int] = field(default_factory=dict)
    """Id -> its row on the survey."""
    choices: dict[tuple[str, str], int] = field(default_factory=dict)
    """List and choice -> its row."""

    def __post_init__(self) -> None:
        self.rows = {row.name: row.row for row in self.imported.report.rows if row.name}
        workbook = read_workbook(self.path)
        for name in ("survey", "choices"):
            sheet = workbook.sheets.get(name)
            if sheet is not None:
                self._read(name, sheet)

    def _read(self, name: str, sheet: Sheet) -> None:
        kind: Any = name
        columns = columns_of(sheet, kind, Report())
        numbers = {letter: number for number, letter in enumerate((each.letter for each in columns), 1)}
        for column in columns:
            number = 0
            for letter in column.letter:
                number = number * 26 + ord(letter) - ord("A") + 1
            self.columns.setdefault((name, column.name), number or numbers[column.letter])
        if name == "choices":
            headers = {column.name: column.header for column in reversed(columns) if column.name}
            listed = ""
            for row in sheet.rows:
                listed = row.cells.get(headers.get("list_name", ""), listed)
                token = " ".join(row.cells.get(headers.get("name", ""), "").split())
                self.choices.setdefault((listed, token), row.number)

    def root(self) -> Node:
        """checklist.yaml as it would be, with the places of the workbook."""
        node = self._node(self.imported.definition, "survey", 0, 0)
        # What comes from a workbook is judged as such, whatever it says of itself.
        node.entries.setdefault("kept", self._node({}, "survey", 0, 0))
        lists = node.entries.get("lists")
        for name, rows in (lists.entries if lists is not None else {}).items():
            for item in rows.items:
                row = self.choices.get((name, item.at("choice").text), 0)
                for each in _all(item):
                    each.sheet, each.line = "choices", row
                for key, each in item.entries.items():
                    each.column = self.columns.get(("choices", _COLUMNS.get(key, key)), 0)
        return node

    def translations(self) -> dict[str, Node]:
        """The languages of the workbook, each as its file would be."""
        found: dict[str, Node] = {}
        for language, words in self.imported.translations.items():
            found[language] = node = self._node(words, "survey", 0, 0)
            for name in ("questions", "groups", "calculations"):
                part = node.entries.get(name)
                for key, each in (part.entries if part is not None else {}).items():
                    for inner in _all(each):
                        inner.line = self.rows.get(key, 0)
        return found

    def _node(self, value: Any, sheet: str, row: int, column: int) -> Node:
        file = safe_text(self.path.name)
        if isinstance(value, Mapping):
            own = next((str(value[key]) for key in _IDS if key in value), None)
            row = self.rows.get(own, row) if own is not None else row
            node = Node("mapping", file, row, 0, sheet=sheet)
            for key, each in value.items():
                if each is None or each in ({}, []):
                    continue
                place = self.columns.get((sheet, _column(key, value)), 0) if row else 0
                node.entries[str(key)] = self._node(each, sheet, row, place)
                node.keys[str(key)] = Node("text", file, row, place, str(key), sheet=sheet)
            return node
        if isinstance(value, list | tuple):
            items = [self._node(each, sheet, row, column) for each in value]
            return Node("list", file, row, column, items=items, sheet=sheet)
        return Node("text", file, row, column, str(value), sheet=sheet)


def _column(key: str, holder: Mapping[str, Any]) -> str:
    if key == "calculation" and "value" in holder:
        return "name"
    return _COLUMNS.get(key, key)


def _all(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend((*each.items, *each.entries.values(), *each.keys.values()))


def is_form(path: Path) -> bool:
    """Whether what is to be checked is a workbook and no folder."""
    return path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".csv") or (
        path.is_file() and path.name != "checklist.yaml"
    )
