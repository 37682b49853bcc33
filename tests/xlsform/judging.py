"""Runs hostile files in a process of their own, and judges how each ended."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 2.0
"""Of the processor, for one file: other tests share the machine."""
MEBIBYTES = 300
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e]")


@dataclass(frozen=True, slots=True)
class Ended:
    """How one file ended."""

    name: str
    end: str
    seconds: float
    memory: float
    words: str

    def wrong(self, allowed: Iterable[str]) -> str:
        """What is wrong with it; empty when nothing is."""
        if self.end not in allowed:
            return f"{self.name}: {self.end}: {self.words[-900:]}"
        if self.seconds > SECONDS:
            return f"{self.name}: {self.seconds:.1f} s"
        if self.memory > MEBIBYTES:
            return f"{self.name}: {self.memory:.0f} MiB"
        if self.end == "refused" and len(self.words.split()) < 4:
            return f"{self.name}: says no more than {self.words!r}"
        found = _CONTROL.search(self.words)
        return f"{self.name}: {found[0]!r} in its words" if found else ""


def run(folder: Path, *, plant: str = "", timeout: float = 600) -> tuple[list[Ended], str]:
    """Import everything in a folder. Returns: how each ended, and what the process wrote to stderr."""
    command = [sys.executable, "-m", "tests.xlsform.hostile_child", str(folder), *(["--plant", plant] if plant else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
    ended = [Ended(**json.loads(line)) for line in done.stdout.splitlines()]
    there = sorted(path.stem for path in folder.iterdir())
    if len(ended) < len(there):
        ended.append(Ended(there[len(ended)], f"the process ended with {done.returncode}", 0, 0, done.stderr[-900:]))
    return ended, done.stderr


def judged(ended: Iterable[Ended], allowed: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Everything that is wrong. `allowed`: by the name of a file, the ends that it may come to; "" for all others."""
    return [wrong for each in ended if (wrong := each.wrong(allowed.get(each.name, allowed.get("", ()))))]
