"""Files of 5,000 questions, chains, circles and deep groups: a checklist or a clear refusal, soon."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from firstcontact.definitions.compiled import compile_checklist, dumps, load_compiled
from firstcontact.definitions.yaml import DefinitionError, load_checklist
from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import Checklist
from tests.domain.forms import ON

HEAD = "checklist: x\nversion: 1\ntitle: x\nsections:\n  - section: s\n    title: s\n    questions:\n"
LIMIT_SECONDS = 5.0
"""For 5,000 questions cold from YAML, checks included; 2 s on a machine that does nothing else."""


def load(folder: Path, lines: list[str]) -> Checklist:
    """Load a file of these entries, in time."""
    (folder / "checklist.yaml").write_text(HEAD + "\n".join(f"      {line}" for line in lines), encoding="utf-8")
    started = time.process_time()
    try:
        return load_checklist(folder)
    finally:
        assert time.process_time() - started < LIMIT_SECONDS


def entry(name: str, relevant: str = "") -> str:
    """One number."""
    condition = f', relevant: "{relevant}"' if relevant else ""
    return f"- {{question: {name}, type: whole-number, say: {name}{condition}}}"


def test_a_chain_of_5000_is_a_checklist(tmp_path: Path) -> None:
    """Each question depends on the one before: read, compiled, loaded and filled in without recursion."""
    lines = [entry("q0"), *(entry(f"q{n}", f"${{q{n - 1}}} > 0") for n in range(1, 5000))]
    loaded = load_compiled(dumps(compile_checklist(load(tmp_path, lines))))
    sheet = Sheet(Form.of(loaded), ON)
    for n in range(5000):
        sheet.record(f"q{n}", 1)
    assert sheet.relevant("q4999")
    sheet.record("q0", 0)
    assert not sheet.relevant("q4999")


@pytest.mark.parametrize("size", [1, 2, 5000])
def test_a_circle_is_refused_at_its_place(tmp_path: Path, size: int) -> None:
    """A question that needs itself, two that need each other, and a circle of 5,000."""
    lines = [entry(f"q{n}", f"${{q{(n + 1) % size}}} > 0") for n in range(size)]
    with pytest.raises(DefinitionError) as caught:
        load(tmp_path, lines)
    assert "need each other" in str(caught.value) or "itself" in str(caught.value)
    assert len(str(caught.value)) < 200_000
    assert caught.value.problems[0].line > 0


def test_a_group_that_needs_what_it_holds_is_refused(tmp_path: Path) -> None:
    """A group's relevance may not read a question inside the group."""
    lines = ["- group: g", "  relevant: ${inside} > 0", "  questions:", "    " + entry("inside")]
    with pytest.raises(DefinitionError, match="inside"):
        load(tmp_path, lines)


def test_5000_questions_in_groups_and_a_repeat(tmp_path: Path) -> None:
    """A hundred groups of fifty, half of them in a repeat that is asked three times."""
    lines: list[str] = []
    for group in range(50):
        lines += [f"- group: g{group}", f"  relevant: ${{q{group}_0}} != 1" if group == 60 else "  title: x"]
        lines += ["  questions:", *("    " + entry(f"q{group}_{n}") for n in range(50))]
    lines += ["- repeat: r", "  count: ${q0_0}", "  questions:"]
    for group in range(50):
        lines += [f"    - group: h{group}", "      questions:"]
        lines += ["        " + entry(f"r{group}_{n}", f"${{q{group}_{n}}} = 1") for n in range(50)]
    sheet = Sheet(Form.of(load(tmp_path, lines)), ON)
    started = time.process_time()
    sheet.record("q0_0", 3)
    assert time.process_time() - started < 2
    assert len(sheet.nodes()) == 2500 + 3 * 2500
    sheet.record("q7_7", 1)
    assert sheet.relevant("r7_7[3]")


@pytest.mark.parametrize("depth", [10, 400])
def test_deep_groups_are_read_or_refused(tmp_path: Path, depth: int) -> None:
    """Ten groups in each other are a checklist; four hundred are refused in words."""
    lines: list[str] = []
    for level in range(depth):
        lines += ["  " * 2 * level + f"- group: g{level}", "  " * 2 * level + "  questions:"]
    lines.append("  " * 2 * depth + entry("inner"))
    if depth == 10:
        assert load(tmp_path, lines).question("inner").block == "g9"
        return
    with pytest.raises(DefinitionError, match="nested more than"):
        load(tmp_path, lines)
