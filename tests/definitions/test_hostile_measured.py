"""Hostile definitions in a process of their own: refused in words or read, in two seconds and 300 MiB."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from bench.long_form import as_yaml
from tests.xlsform.judging import judged, run

HEAD = "checklist: x\nversion: 1\ntitle: x\nsections:\n  - section: A\n    title: A\n    questions:\n"


def _question(relevant: str) -> str:
    return HEAD + f'      - {{question: a, type: text, say: A, constraint: "{relevant}"}}\n'


def _ring(count: int) -> str:
    rows = "".join(
        f"      - {{question: q{n}, type: text, say: Q, relevant: \"${{q{(n + 1) % count}}} = 'x'\"}}\n"
        for n in range(count)
    )
    return HEAD + rows


def _deep(count: int) -> str:
    return HEAD + "".join(f"{' ' * (6 + 4 * n)}- group: g{n}\n{' ' * (8 + 4 * n)}questions:\n" for n in range(count))


CASES: dict[str, tuple[Callable[[], str], tuple[str, ...]]] = {
    "100,000 brackets": (lambda: _question("(" * 100_000 + "1" + ")" * 100_000), ("refused",)),
    "100,000 nots": (lambda: _question("not(" * 100_000 + "1" + ")" * 100_000), ("refused",)),
    "9,000 signs": (lambda: _question("-" * 9_000 + "1"), ("works", "refused")),
    "9,000 steps": (lambda: _question("../" * 6_000 + "a = 1"), ("works", "refused")),
    "9,000 predicates": (lambda: _question("a[" * 6_000 + "1" + "]" * 6_000), ("refused",)),
    "two that need each other": (lambda: _ring(2), ("refused",)),
    "5,000 that need each other": (lambda: _ring(5000), ("refused",)),
    "one that needs itself": (lambda: _ring(1), ("refused",)),
    "a hungry pattern": (lambda: _question("regex(., '(a+)+$')"), ("works",)),
    "a pattern that cannot be run": (lambda: _question(r"regex(., '(a+)\\1$')"), ("refused",)),
    "controls in names": (
        lambda: _question("1") + '      - {question: "b\\e[31m", type: text, say: B}\n',
        ("refused",),
    ),
    "aliases": (lambda: "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\n", ("refused",)),
    "a million questions": (
        lambda: HEAD + "".join(f"      - {{question: q{n}, type: text, say: Q}}\n" for n in range(1_000_000)),
        ("refused",),
    ),
    "5,000 questions": (lambda: as_yaml(5000, 50), ("works",)),
    "one chain of 5,000": (lambda: as_yaml(5000, 0), ("works",)),
    "2,500 names that are nearly there": (
        lambda: (
            HEAD
            + "".join(
                f"      - {{question: question{n}, type: text, say: Q, relevant: \"${{questionn{n}}} = 'x'\"}}\n"
                for n in range(2500)
            )
        ),
        ("refused",),
    ),
    "500 groups in each other": (lambda: _deep(500), ("refused",)),
    "10,000 choices in 200 questions": (
        lambda: (
            HEAD
            + "".join(f"      - {{question: q{n}, type: one-of, list: l, say: Q}}\n" for n in range(200))
            + "lists:\n  l:\n"
            + "".join(f"    - {{choice: c{n}, label: C {n}}}\n" for n in range(10_000))
        ),
        ("works",),
    ),
}


def test_hostile_definitions(tmp_path: Path) -> None:
    """Endless brackets, circles, patterns, a million questions: a refusal in words, or a checklist."""
    folder, names = tmp_path / "all", {}
    for number, (name, (make, _)) in enumerate(CASES.items()):
        names[f"{number:03d}"] = name
        place = folder / f"{number:03d}"
        place.mkdir(parents=True)
        (place / "checklist.yaml").write_text(make(), encoding="utf-8")
    ended, talk = run(folder)
    assert len(ended) == len(CASES)
    wrong = judged(ended, {number: CASES[name][1] for number, name in names.items()})
    slowest = max(ended, key=lambda each: each.seconds)
    sys.stderr.write(
        f"hostile definitions: {len(ended)} tried, slowest {slowest.seconds:.2f} s ({names[slowest.name]}), "
        f"{max(each.memory for each in ended):.0f} MiB at most\n"
    )
    assert not wrong, "\n".join(f"{names[line[:3]]} = {line}" for line in wrong)
    assert "Traceback" not in talk


def test_a_file_of_100_megabytes(tmp_path: Path) -> None:
    """It is refused without being read."""
    place = tmp_path / "all" / "000"
    place.mkdir(parents=True)
    with (place / "checklist.yaml").open("wb") as file:
        file.write(HEAD.encode())
        file.truncate(100 * 2**20)
    ended, _ = run(tmp_path / "all")
    assert not judged(ended, {"": ("refused",)})
    assert ended[0].seconds < 0.5
    assert ended[0].memory < 150
