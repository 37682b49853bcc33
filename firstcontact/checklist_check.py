"""`checklist check` as a plain function: everything that is wrong, and how it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firstcontact.checklist_samples import sample_files
from firstcontact.checklist_text import counted
from firstcontact.definitions.problems import DefinitionError, DefinitionProblem
from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.visits import load_visit
from firstcontact.definitions.yaml import Node, load_checklist, read_yaml
from firstcontact.domain.checklist import Checklist
from firstcontact.domain.condition import nearest
from firstcontact.domain.directory import Directory


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What is wrong with a checklist together with a scheme."""

    checklist: str
    problems: tuple[DefinitionProblem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """For a program to read."""
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
        return {"checklist": self.checklist, "ok": self.ok, "problems": rows}

    def in_words(self) -> str:
        """For a person to read."""
        if self.ok:
            return f"{self.checklist}: nothing is wrong"
        return "\n".join(str(problem) for problem in self.problems)

    def why_not(self) -> str:
        """The answer in one sentence, when it is no."""
        return f"{self.checklist}: {counted(len(self.problems), 'thing', 'things')} to mend"


def check_checklist(checklist_dir: Path, scheme_dir: Path) -> CheckReport:
    """Everything that is wrong with a checklist, with a scheme, or between the two, at once."""
    problems: list[DefinitionProblem] = []
    checklist: Checklist | None = None
    directory: Directory | None = None
    try:
        checklist = load_checklist(checklist_dir)
    except DefinitionError as error:
        problems.extend(error.problems)
    try:
        directory = load_scheme(scheme_dir)
    except DefinitionError as error:
        problems.extend(error.problems)
    if checklist is not None and directory is not None:
        problems.extend(_between(checklist_dir, checklist, directory))
        for path in sample_files(checklist_dir):
            try:
                load_visit(path, checklist, directory)
            except DefinitionError as error:
                problems.extend(error.problems)
    return CheckReport(checklist_dir.name, tuple(sorted(set(problems))))


def _between(checklist_dir: Path, checklist: Checklist, directory: Directory) -> Iterator[DefinitionProblem]:
    """What a checklist and a scheme must agree on: services, and data that has a way to go."""
    known = directory.service_by_id
    run = {row.service for partner in directory.partners for row in partner.services}
    here = read_yaml(checklist_dir / "checklist.yaml")
    told: set[str] = set()
    for rule in checklist.rules:
        for service in filter(None, (rule.service, rule.otherwise)):
            if service in told or (service in known and (rule.kind != "offer" or service in run)):
                continue
            told.add(service)
            message, meant = f"no partner runs '{service}'", None
            if service not in known:
                message, meant = f"'{service}' is no service of the scheme", nearest(service, known)
            for node in _named(here, ("service", "otherwise"), service):
                yield node.problem(message, meant)
    details = {field for rule in checklist.rules for field in rule.fields}
    for partner in directory.partners:
        for row in partner.services:
            for code in row.packs:
                if code in checklist.by_id and code not in details:
                    message = f"{partner.id} may get {code} for {row.service}, but no offer sends it"
                    yield DefinitionProblem("partners.yaml", 0, 0, message)


def _named(node: Node, keys: tuple[str, ...], text: str) -> Iterator[Node]:
    """Every place of a file where one of these keys holds this text."""
    for key, entry in node.entries.items():
        if key in keys and entry.text == text:
            yield entry
        yield from _named(entry, keys, text)
    for item in node.items:
        yield from _named(item, keys, text)
