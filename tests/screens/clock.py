"""A program of ours with another clock on its wall: `python -m tests.screens.clock PROGRAM ARGUMENTS`.

Pictures are only comparable if the same visit is made on the same day each time. The programs are the real ones; what
they are told is the time, from a file that the maker of the pictures writes, and the bytes of a referral's reference.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import runpy
import sys
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final, Self

WALL: Final = "FIRSTCONTACT_SCREENS_CLOCK"
"""Names the file with the time, in ISO 8601 with its offset."""
_THE_TIME: Final = (
    "firstcontact.demo",
    "firstcontact.gate",
    "firstcontact.tui.app",
    "firstcontact.workflow.laptop",
    "sync.client",
    "sync.desk.home",
    "sync.mailbox.access",
)
"""The modules that ask the system what time it is; all others are told."""
_reads = 0


class Wall(datetime):
    """The clock on the wall: each look at it is a thousandth of a second later, so that things have an order."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """What the file says."""
        global _reads
        _reads += 1
        at = cls.fromisoformat(Path(os.environ[WALL]).read_text(encoding="ascii").strip())
        at += timedelta(milliseconds=_reads)
        return at.astimezone(tz) if tz is not None else at.astimezone().replace(tzinfo=None)


def hang_up(*, program: str = "") -> None:
    """Let this process read the time from the wall; a visit program draws its references in a fixed order, too."""
    for name in _THE_TIME:
        setattr(importlib.import_module(name), "datetime", Wall)  # noqa: B010 - a module's own name
    if program == "firstcontact":
        finishing = importlib.import_module("firstcontact.workflow.finishing")
        draw = finishing.new_reference
        finishing.new_reference = lambda _random_bytes: draw(_next_bytes)  # type: ignore[attr-defined]


def _next_bytes(size: int) -> bytes:
    drawn = Path(os.environ[WALL]).with_name("drawn")
    number = int(drawn.read_text(encoding="ascii")) + 1 if drawn.exists() else 1
    drawn.write_text(str(number), encoding="ascii")
    return hashlib.shake_256(f"reference {number}".encode()).digest(size)


def set_to(at: datetime) -> None:
    """Set the clock on the wall."""
    Path(os.environ[WALL]).write_text(at.astimezone(UTC).isoformat(), encoding="ascii")


if __name__ == "__main__":
    _program = sys.argv[1]
    sys.argv = sys.argv[1:]
    hang_up(program=_program)
    runpy.run_module(_program, run_name="__main__", alter_sys=True)
