"""Workbooks that mean harm: refused in words or a working checklist, in two seconds and 300 MiB, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.xlsform.hostile_forms import EITHER, GOOD, HARMLESS, REFUSED
from tests.xlsform.judging import judged, run
from tests.xlsform.mutations import mutated
from tests.xlsform.packages import form

ANY = ("refused", "works", "told")


def written(folder: Path, cases: Mapping[str, Callable[[], bytes]]) -> dict[str, str]:
    """Write them as numbered files. Returns: the case by the name of its file."""
    names = {}
    for number, (name, make) in enumerate(cases.items()):
        path = folder / f"{number:04d}.xlsx"
        path.write_bytes(make())
        names[path.stem] = name
    return names


def tried(folder: Path, cases: Mapping[str, Callable[[], bytes]], allowed: tuple[str, ...]) -> None:
    """Import them all, and fail with everything that is wrong."""
    names = written(folder, cases)
    ended, talk = run(folder)
    assert len(ended) == len(cases)
    wrong = [f"{names[line[:4]]} = {line}" for line in judged(ended, {"": allowed})]
    slowest = max(ended, key=lambda each: each.seconds)
    sys.stderr.write(
        f"hostile forms: {len(ended)} tried, slowest {slowest.seconds:.2f} s ({names[slowest.name]}), "
        f"{max(each.memory for each in ended):.0f} MiB at most\n"
    )
    assert not wrong, "\n".join(wrong)
    assert "panic" not in talk
    assert "Traceback" not in talk


def test_what_is_no_form_is_refused(tmp_path: Path) -> None:
    """Bombs, lies about sizes, entities, half files and other files: refused, with nothing written."""
    tried(tmp_path, REFUSED, ("refused",))


def test_what_only_looks_hostile_works(tmp_path: Path) -> None:
    """Links, hungry patterns, names like ways out and five thousand questions: a checklist that can be used."""
    tried(tmp_path, HARMLESS, ("works",))


def test_what_makes_little_sense_is_told(tmp_path: Path) -> None:
    """Endless brackets, circles, absurd names and sizes: refused, told, or a checklist, and never more than that."""
    tried(tmp_path, EITHER, ANY)


def test_a_file_of_100_megabytes(tmp_path: Path) -> None:
    """Whatever it holds, it is refused without being read."""
    for number, head in enumerate((b"", form(GOOD), b"type,name,label\n", bytes.fromhex("d0cf11e0a1b11ae1"))):
        with (tmp_path / f"{number}.xlsx").open("wb") as file:
            file.write(head)
            file.truncate(100 * 2**20)
    ended, _ = run(tmp_path)
    assert not judged(ended, {"": ("refused",)})
    assert max(each.seconds for each in ended) < 0.5


@pytest.mark.parametrize("kind", ["traceback", "slow", "memory", "controls"])
def test_the_judge_sees_what_goes_wrong(tmp_path: Path, kind: str) -> None:
    """The control: an import that raises, dawdles, hoards or prints controls is caught by the same check."""
    if kind == "memory" and sys.platform == "win32":
        pytest.skip("the platform does not tell how much memory a process has held")
    (tmp_path / "good.xlsx").write_bytes(form(GOOD))
    assert not judged(run(tmp_path)[0], {"": ("works",)})
    assert judged(run(tmp_path, plant=kind)[0], {"": ANY})


def test_mutated_forms(tmp_path: Path) -> None:
    """A slice of the full suite: forms with bytes, parts, cells and words changed."""
    try_mutated(tmp_path, seed=20260210, count=60)


@pytest.mark.faults
def test_a_thousand_mutated_forms(tmp_path: Path) -> None:
    """A thousand of them."""
    try_mutated(tmp_path, seed=1, count=1000)


def try_mutated(folder: Path, seed: int, count: int) -> None:
    """All end in words or in a checklist, and a good share of each."""
    for number, content in enumerate(mutated(seed, count)):
        (folder / f"{number:04d}.xlsx").write_bytes(content)
    ended, talk = run(folder, timeout=1800)
    ends = {end: sum(each.end == end for each in ended) for end in ANY}
    sys.stderr.write(
        f"mutated forms: {len(ended)} tried, {ends}, slowest {max(each.seconds for each in ended):.2f} s, "
        f"{max(each.memory for each in ended):.0f} MiB at most\n"
    )
    wrong = judged(ended, {"": ANY})
    assert not wrong, "\n".join(wrong)
    assert "panic" not in talk
    assert len(ended) == count
    assert ends["refused"] > count // 10
    assert ends["works"] > count // 10
