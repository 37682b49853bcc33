"""The reference engine as a process: a form and answer sequences in, its states after every step out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias

DRIVER: Final = Path(__file__).with_name("engine.mjs")
NOW: Final = datetime(2026, 5, 22, 10, 30, tzinfo=UTC)
"""The instant that both engines believe it is."""
State: TypeAlias = "list[Any]"
"""Of a question: [relevant, required, constraint holds, value, choices or None]; of a repeat: [relevant, instances]."""
Step: TypeAlias = "dict[str, Any]"

MADE: Final = re.compile(
    r"(^|/)(meta/|generated_note_name_\d|generated_table_list_label_\d|reserved_name_for_field_list_labels_\d)|_count$"
)
"""Paths that no row of the workbook has: pyxform makes them (identifiers, headings of tables, counts of repeats)."""
_INPUT: Final = re.compile(r"<input [^>]*>")
_REF: Final = re.compile(r'ref="([^"]+)"')
_NAME: Final = re.compile(r"/([A-Za-z_][\w.-]*)(?=[\s)\]=!<>+*,|-]|$)")
_NUMBER: Final = re.compile(r"(?<![\w.'\"])\d{1,6}(?:\.\d{1,4})?(?![\w.])")
_WORD: Final = re.compile(r"'([^'\"<>&]{1,24})'")
_LOGIC: Final = re.compile(r'(?:relevant|constraint|required|calculate|nodeset|readonly|value)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Played:
    """One sequence as the reference engine took it."""

    steps: list[Step]
    states: list[dict[str, State | None]]
    """The whole state at the start, then what each step changed (None: the node is gone)."""
    stopped: str | None = None
    """Why the reference engine stopped short, if it did."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What the reference engine made of a form."""

    nodes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Path of each question at the start -> {type, value, calculated}."""
    played: tuple[Played, ...] = ()
    refused: str | None = None
    """Why it did not load the form, if it did not."""


def pools(xform: str) -> tuple[dict[str, list[str]], list[str]]:
    """What to answer with, by type, and the names that expressions look at: both found in the form's expressions."""
    logic = " ".join(_LOGIC.findall(xform)).replace("&quot;", '"').replace("&apos;", "'").replace("&lt;", "<")
    numbers = sorted({float(found) for found in _NUMBER.findall(logic)})[:60]
    near = {0.0, 1.0, 2.0, 7.0, 18.0, 40.0, 65.0, 100.0}
    for number in numbers:
        near |= {number - 1, number, number + 1}
    whole = sorted({str(int(number)) for number in near})
    words = sorted(set(_WORD.findall(logic)))[:40]
    dates = [
        "2026-05-22",
        "2026-05-21",
        "2026-05-23",
        "2026-01-31",
        "2025-12-01",
        "2024-02-29",
        "2008-05-22",
        "1943-03-14",
    ]
    return {
        "string": ["Anna", "Rosa Pipit", "12", "0", "07700 900123", "a-b c", *words],
        "int": whole,
        "decimal": [*whole, "0.5", "1.5", "36.6", "99.25"],
        "date": dates,
        "time": ["10:30:00.000Z", "23:59:00.000Z", "00:00:00.000Z"],
        "dateTime": [f"{day}T{clock}" for day in dates for clock in ("10:30:00.000Z", "00:15:00.000Z")],
    }, sorted(set(_NAME.findall(logic)))


def play(
    modules: Path,
    xform: str,
    *,
    folder: Path | None = None,
    sequences: list[list[Step]] | None = None,
    count: int = 5,
    length: int = 20,
    seed: int = 1,
    least: int = 0,
    seconds: float = 600,
) -> Reference:
    """Play the given sequences, or `count` drawn ones of `length` steps, through the engine that `modules` holds.

    least: how many instances of a repeat are never removed.
    """
    answers, often = pools(xform)
    drawn = {"seed": seed, "count": count, "length": length, "often": often, "pools": answers, "least": least}
    with TemporaryDirectory() as place:
        form, job = Path(place, "form.xml"), Path(place, "job.json")
        form.write_text(xform, encoding="utf-8")
        told = {
            "modules": str(modules),
            "xform": str(form),
            "folder": str(folder) if folder else None,
            "never": _never(xform),
            "now": int(NOW.timestamp() * 1000),
            "sequences": sequences,
            "random": drawn,
        }
        job.write_text(json.dumps(told), encoding="utf-8")
        node = shutil.which("node")
        if node is None:
            raise FileNotFoundError("node")
        done = subprocess.run(
            [node, str(DRIVER), str(job)],
            capture_output=True,
            check=False,
            timeout=seconds,
            env={**os.environ, "TZ": "UTC"},
        )
    return _read(done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def _never(xform: str) -> list[str]:
    """Questions that the reference engine takes any text for: choices of a file, and rows that pyxform adds."""
    asked = [found[1] for tag in _INPUT.findall(xform) if "query=" in tag and (found := _REF.search(tag))]
    return asked + [path for path in _REF.findall(xform) if MADE.search(path)]


def _read(told: str, complaint: str) -> Reference:
    lines = [json.loads(line) for line in told.splitlines()]
    if not lines:
        return Reference(refused=complaint[-300:] or "nothing was said")
    refused = next((line["refused"] for line in lines if "refused" in line), None)
    if refused is not None:
        return Reference(refused=refused)
    played = tuple(Played(line["steps"], line["states"], line.get("stopped")) for line in lines[1:])
    return Reference(lines[0]["nodes"], played)
