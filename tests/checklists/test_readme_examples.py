"""checklists/README.md keeps its word: its files are well formed, its commands run, its output is what they print."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from firstcontact.domain.checklist import DERIVED, FACTS
from firstcontact.domain.functions import FUNCTIONS
from firstcontact.shipped import shipped

README = shipped("checklists", "README.md")
_FENCE = re.compile(r"^```(?P<kind>\w+)(?: file=(?P<file>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


class Command(NamedTuple):
    """A line after `$`, and what the README says that it prints (blank: it says nothing about it)."""

    line: str
    output: str


def _fences() -> list[re.Match[str]]:
    return list(_FENCE.finditer(README.read_text(encoding="utf-8")))


def _commands() -> list[Command]:
    found = []
    for fence in _fences():
        if fence["kind"] == "console":
            for part in re.split(r"^\$ ", fence["body"], flags=re.MULTILINE)[1:]:
                line, _, output = part.partition("\n")
                found.append(Command(line, output.strip()))
    return found


def _files(folder: Path) -> None:
    for fence in _fences():
        if fence["file"]:
            path = folder / fence["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fence["body"], encoding="utf-8")


def _run(command: Command, folder: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = command.line.split()
    assert program == "firstcontact"
    return subprocess.run(
        [sys.executable, "-m", "firstcontact", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("command", _commands(), ids=lambda command: command.line)
def test_every_command_of_the_readme_runs_and_prints_what_it_says(command: Command, tmp_path: Path) -> None:
    """Whoever copies the README's files and types its commands sees what it shows."""
    _files(tmp_path)
    done = _run(command, tmp_path)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stdout.strip()
    if command.output:
        printed: dict[str, Any] = json.loads(done.stdout)
        assert printed == json.loads(command.output)


def test_the_readme_shows_commands_and_files() -> None:
    """The checks above look at something."""
    assert len(_commands()) >= 7
    assert sum(bool(fence["file"]) for fence in _fences()) >= 2


@pytest.mark.parametrize("names", [FUNCTIONS, FACTS, DERIVED], ids=["functions", "facts", "derived names"])
def test_the_readme_names_everything_that_a_condition_may_use(names: frozenset[str]) -> None:
    """No function, fact or derived name exists that an author cannot read about."""
    known = set(re.findall(r"[a-z_][a-z0-9_-]*", README.read_text(encoding="utf-8")))
    assert not sorted(set(names) - known)
