"""`checklist check` as a plain function: everything that is wrong, worst first, and how it reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from firstcontact.checklist_samples import sample_files
from firstcontact.checklist_text import counted
from firstcontact.definitions.checking import check, check_translation
from firstcontact.definitions.checks import look_closely
from firstcontact.definitions.checks.services import check_services
from firstcontact.definitions.models import ChecklistModel
from firstcontact.definitions.outline import outline
from firstcontact.definitions.problems import LEVELS, SHOWN, DefinitionError, DefinitionProblem, Level
from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.translation_models import TranslationModel
from firstcontact.definitions.visits import load_visit
from firstcontact.definitions.yaml import Node, attempt, load_checklist, read_yaml
from firstcontact.domain.checklist import Checklist
from firstcontact.domain.directory import Directory

_TITLES: Final[Mapping[Level, str]] = {"error": "To mend", "warning": "Warnings", "hint": "Hints"}
LANGUAGE_FILE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\.yaml")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What is wrong with a checklist together with a scheme."""

    checklist: str
    problems: tuple[DefinitionProblem, ...]
    """Errors first, then warnings, then hints; each by file and place."""
    strict: bool = False
    """Whether a warning is a no as well."""

    @property
    def ok(self) -> bool:
        """Whether it can be used."""
        return not self.count("error") and not (self.strict and self.count("warning"))

    def count(self, level: Level) -> int:
        """How many problems of a level there are."""
        return sum(problem.level == level for problem in self.problems)

    def as_json(self) -> dict[str, Any]:
        """For a program to read."""
        rows = [
            {
                "level": row.level,
                "code": row.code,
                "file": row.file,
                "sheet": row.sheet,
                "line": row.line,
                "column": row.column,
                "message": row.message,
                "nearest": row.suggestion,
                "instead": row.instead,
            }
            for row in self.problems
        ]
        counts = {f"{level}s": self.count(level) for level in LEVELS}
        return {"checklist": self.checklist, "ok": self.ok, **counts, "problems": rows}

    def in_words(self) -> str:
        """For a person to read."""
        if not self.problems:
            return f"{self.checklist}: nothing is wrong"
        lines: list[str] = []
        for level in LEVELS:
            rows = [problem for problem in self.problems if problem.level == level]
            if rows:
                lines += [f"{_TITLES[level]} ({len(rows)})", *(f"  {row}" for row in rows[:SHOWN])]
            if len(rows) > SHOWN:
                lines.append(f"  ... and {len(rows) - SHOWN} more")
        lines += ["", f"{self.checklist}: {self._counts()}"]
        return "\n".join(lines)

    def why_not(self) -> str:
        """The answer in one sentence, when it is no."""
        mend = self.count("error") + (self.count("warning") if self.strict else 0)
        return f"{self.checklist}: {counted(mend, 'thing', 'things')} to mend"

    def _counts(self) -> str:
        said = {
            "error": ("thing to mend", "things to mend"),
            "warning": ("warning", "warnings"),
            "hint": ("hint", "hints"),
        }
        counts = [counted(self.count(level), *said[level]) for level in LEVELS if self.count(level)]
        can = "" if self.count("error") else "; it can be used as it is"
        return f"{', '.join(counts)}{can}"


def check_checklist(
    checklist_dir: Path, scheme_dir: Path, *, on: date | None = None, strict: bool = False
) -> CheckReport:
    """Everything that is wrong with a checklist, with a scheme, or between the two, at once.

    `on`: the day from which it is asked who serves which area; today if left out.
    """
    problems: list[DefinitionProblem] = []
    root, translations = _read(checklist_dir, problems)
    checklist: Checklist | None = None
    if root is not None:
        problems += check_tree(root, translations)
    directory: Directory | None = None
    try:
        directory = load_scheme(scheme_dir)
    except DefinitionError as error:
        problems.extend(error.problems)
    if directory is not None and root is not None:
        today = on or date.today()  # noqa: DTZ011 - the coordinator's own day
        partners = read_yaml(scheme_dir / "partners.yaml", name=f"{scheme_dir.name}/partners.yaml")
        problems += check_services(outline(root), directory, partners, today)
    if not any(problem.level == "error" for problem in problems):
        # What only reading the whole can find; a file that has told its errors is not read again.
        try:
            checklist = load_checklist(checklist_dir)
        except DefinitionError as error:
            problems.extend(error.problems)
    if checklist is not None and directory is not None:
        problems += _samples(checklist_dir, checklist, directory)
    return CheckReport(checklist_dir.name, ranked(problems), strict)


def check_tree(root: Node, translations: Mapping[str, Node]) -> list[DefinitionProblem]:
    """Everything that is wrong with a checklist as it stands, whatever it was read from."""
    _, problems = attempt(ChecklistModel, root)
    problems += check(root)
    for language, node in translations.items():
        model, wrong = attempt(TranslationModel, node)
        problems += [*wrong, *check_translation(node, root)]
        if model is not None and model.language != language:
            words = f"the file is called {language}.yaml, so its language is {language}"
            problems.append(node.at("language").problem(words))
    return [*problems, *look_closely(outline(root), translations)]


def ranked(problems: list[DefinitionProblem]) -> tuple[DefinitionProblem, ...]:
    """Each once, errors first; of one place and one kind the first."""
    found = sorted(set(problems), key=lambda each: (LEVELS.index(each.level), each.place))
    return tuple(found)


def _read(folder: Path, problems: list[DefinitionProblem]) -> tuple[Node | None, dict[str, Node]]:
    """The checklist's file, and the languages beside it by their names."""
    root: Node | None = None
    translations: dict[str, Node] = {}
    for path in sorted(folder.glob("*.yaml")):
        main = path.name == "checklist.yaml"
        if not main and not LANGUAGE_FILE.fullmatch(path.name):
            continue
        try:
            node = read_yaml(path)
        except DefinitionError as error:
            problems.extend(error.problems)
            continue
        if main:
            root = node
        else:
            translations[path.stem] = node
    return root, translations


def _samples(checklist_dir: Path, checklist: Checklist, directory: Directory) -> Iterator[DefinitionProblem]:
    for path in sample_files(checklist_dir):
        try:
            load_visit(path, checklist, directory)
        except DefinitionError as error:
            yield from error.problems
