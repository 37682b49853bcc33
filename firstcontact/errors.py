"""What can stop an act, drawn as a tree. Each says what happened, what was kept and what to do next.

FirstContactError
├── UsedWrongly          the command or the file given to it makes no sense (exit 2)
├── AnswerIsNo           it ran, and the answer is no: a check failed, something is parked (exit 1)
├── SetUpNeeded          this laptop or this folder is not set up for it yet (exit 1)
└── StoreError           firstcontact/store/errors.py
"""

from __future__ import annotations


class FirstContactError(Exception):
    """Something stopped an act; the title and the next step are fit to show to a person."""

    exit_code = 1

    def __init__(self, title: str, next_step: str = "") -> None:
        super().__init__(title, next_step)
        self.title = title
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.title} {self.next_step}".strip()


class UsedWrongly(FirstContactError):
    """The command, or a file given to it, makes no sense as it stands; nothing was changed."""

    exit_code = 2


class AnswerIsNo(FirstContactError):
    """The command did its work and the answer is no."""


class SetUpNeeded(FirstContactError):
    """What the command needs has not been set up on this machine yet."""
