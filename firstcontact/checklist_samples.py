"""`checklist test` as a plain function: the sample visits kept beside a checklist, played and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from firstcontact.checklist_text import counted, in_lines
from firstcontact.definitions.problems import DefinitionError, DefinitionProblem
from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.visits import SampleVisit, load_visit
from firstcontact.definitions.yaml import load_checklist
from firstcontact.domain.branching import Form
from firstcontact.domain.checklist import Checklist
from firstcontact.domain.directory import Directory
from firstcontact.rehearsal import Outcome, as_json, play

_LISTS: Final = ("offers", "referrals", "recorded", "handovers")


@dataclass(frozen=True, slots=True)
class VisitReport:
    """How one sample visit went."""

    name: str
    title: str
    differences: tuple[str, ...]
    pending: int


@dataclass(frozen=True, slots=True)
class TestReport:
    """How all sample visits went, and what none of them reaches."""

    __test__ = False  # no test of ours, whatever its name

    checklist: str
    visits: tuple[VisitReport, ...]
    problems: tuple[DefinitionProblem, ...]
    """Of sample visits that could not be read."""
    rules: tuple[str, ...]
    """Ids of rules that no sample reaches."""
    answers: tuple[str, ...]
    """Choices that no sample gives, as `A2a oxygen`."""
    partners: tuple[str, ...]
    """Partners that no sample reaches."""

    @property
    def ok(self) -> bool:
        """Whether every sample leads to what it must lead to, and there is one."""
        return bool(self.visits) and not self.problems and not any(visit.differences for visit in self.visits)

    @property
    def pending(self) -> int:
        """Lines that only a screen or a later day can show."""
        return sum(visit.pending for visit in self.visits)

    def as_json(self) -> dict[str, Any]:
        """For a program to read."""
        return {
            "checklist": self.checklist,
            "ok": self.ok,
            "visits": [
                {
                    "visit": row.name,
                    "ok": not row.differences,
                    "differences": list(row.differences),
                    "pending": row.pending,
                }
                for row in self.visits
            ],
            "problems": [str(problem) for problem in self.problems],
            "pending": self.pending,
            "not_reached": {
                "rules": list(self.rules),
                "answers": list(self.answers),
                "partners": list(self.partners),
            },
        }

    def in_words(self) -> str:
        """For a person to read."""
        lines = []
        for visit in self.visits:
            lines.append(f"{'differs' if visit.differences else 'as told':<8} {visit.name}  {visit.title}".rstrip())
            lines += [f"           {line}" for line in visit.differences]
        lines += [str(problem) for problem in self.problems]
        passed = sum(not visit.differences for visit in self.visits)
        lines += ["", f"{passed} of {len(self.visits)} sample visits lead to what they must lead to"]
        lines.append(
            f"{counted(self.pending, 'line is', 'lines are')} pending: what only a screen or a later day can show"
        )
        for name, rows in (("Rules", self.rules), ("Answers", self.answers), ("Partners", self.partners)):
            lines += ["", f"{name} that no sample reaches: {len(rows) or 'none'}"]
            lines += in_lines(rows)
        return "\n".join(lines)

    def why_not(self) -> str:
        """The answer in one sentence, when it is no."""
        if not self.visits and not self.problems:
            return f"{self.checklist} has no sample visits"
        names = ", ".join(visit.name for visit in self.visits if visit.differences)
        return f"{self.checklist}: {names or 'a sample visit that cannot be read'}"


def test_checklist(checklist_dir: Path, scheme_dir: Path) -> TestReport:
    """Play the sample visits kept beside a checklist against what they must lead to.

    Raises: DefinitionError, for a broken checklist or scheme; a broken sample is a line of the report.
    """
    checklist, directory = load_checklist(checklist_dir), load_scheme(scheme_dir)
    form = Form.of(checklist)
    reports: list[VisitReport] = []
    outcomes: list[Outcome] = []
    problems: list[DefinitionProblem] = []
    for path in sample_files(checklist_dir):
        try:
            sample = load_visit(path, checklist, directory)
        except DefinitionError as error:
            problems.extend(error.problems)
            continue
        outcome = play(sample, form, directory)
        outcomes.append(outcome)
        reports.append(
            VisitReport(sample.name, sample.title, tuple(_differences(sample, as_json(outcome))), len(sample.pending))
        )
    return TestReport(
        checklist.id,
        tuple(reports),
        tuple(problems),
        rules=_not_reached((rule.id for rule in checklist.rules), (row.rules for row in outcomes)),
        answers=tuple(
            f"{question} {token}"
            for question, token in _not_reached(_choices(checklist), (row.answers for row in outcomes))
        ),
        partners=_not_reached(_partners(checklist, directory), (row.partners for row in outcomes)),
    )


test_checklist.__test__ = False  # type: ignore[attr-defined]  # a command, whatever its name


def sample_files(checklist_dir: Path) -> list[Path]:
    """The sample visits kept beside a checklist, by name."""
    return sorted((checklist_dir / "visits").glob("*.yaml"))


def _not_reached(everything: Iterable[Any], reached: Iterable[frozenset[Any]]) -> tuple[Any, ...]:
    found: frozenset[Any] = frozenset().union(*reached)
    return tuple(each for each in everything if each not in found)


def _choices(checklist: Checklist) -> Iterator[tuple[str, str]]:
    for question in checklist.questions:
        if not question.fact:
            yield from ((question.id, token) for token in question.tokens)


def _partners(checklist: Checklist, directory: Directory) -> Iterator[str]:
    """The partners that some rule of the checklist can reach."""
    services = {service for rule in checklist.rules for service in (rule.service, rule.otherwise)}
    for partner in directory.partners:
        if any(row.service in services for row in partner.services):
            yield partner.id


def _differences(sample: SampleVisit, found: Mapping[str, Any]) -> Iterator[str]:
    """What a sample expects and does not find, list by list, row by row, on the keys that it gives."""
    if sample.expect is None:
        yield "it says nothing of what it must lead to (expect)"
        return
    for name in _LISTS:
        if name in sample.expect:
            yield from _list_differences(name, sample.expect[name], found[name])


def _list_differences(
    name: str, expected: tuple[Mapping[str, Any], ...], found: list[Mapping[str, Any]]
) -> Iterator[str]:
    left = list(found)
    for row in expected:
        same = next((each for each in left if not _wrong_keys(row, each)), None)
        if same is not None:
            left.remove(same)
            continue
        near = next((each for each in left if _title(row) == _title(each)), None)
        if near is None:
            yield f"{name}: {_title(row)} is expected and not there"
            continue
        left.remove(near)
        for key in _wrong_keys(row, near):
            yield f"{name}: {_title(row)}: {key} is {_text(near.get(key))}, expected {_text(row[key])}"
    for each in left:
        yield f"{name}: {_title(each)} is there and not expected"
    if not left and len(expected) == len(found):
        order = [_title(each) for each in found]
        if order != [_title(row) for row in expected] and sorted(order) == sorted(map(_title, expected)):
            yield f"{name}: the order is {', '.join(order)}"


def _title(row: Mapping[str, Any]) -> str:
    services = row.get("service") or "+".join(row.get("services", ()))
    return " ".join(str(part) for part in (row.get("partner"), services, row.get("subject")) if part)


def _wrong_keys(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    return [key for key, value in expected.items() if key not in found or not _same(value, found[key])]


def _same(expected: Any, found: Any) -> bool:
    """Equality with what a file can write: every scalar of a file is text."""
    if isinstance(expected, Mapping):
        return isinstance(found, Mapping) and expected.keys() == found.keys() and not _wrong_keys(expected, found)
    if isinstance(expected, list | tuple):
        return (
            isinstance(found, list | tuple)
            and len(expected) == len(found)
            and all(_same(one, other) for one, other in zip(expected, found, strict=True))
        )
    if found is None:
        return str(expected) in {"null", "~", ""}
    return str(expected) == _text(found)


def _text(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
