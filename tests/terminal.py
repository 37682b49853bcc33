"""A real terminal for tests: a program in a pty, its screen read back as text, keys pressed as a person would."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pexpect
import pyte

ENTER, ESCAPE, TAB = "\r", "\x1b", "\t"
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
_QUIET_SECONDS = 0.05
_GUARD_SECONDS = 0.3
"""A key within 250 ms of a new question answers nothing, so a visitor's hand is imitated: one key each 0.3 s."""


class Terminal:
    """One program on a screen of a given size."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 80, rows: int = 24, env: Mapping[str, str], patience: float = 60
    ) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=2000)
        self._stream = pyte.ByteStream(self.screen)
        self.patience = patience
        self.raw = bytearray()
        """Everything that the program ever wrote to the terminal."""
        child_env = {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        self.process = pexpect.spawn(
            command[0], list(command[1:]), dimensions=(rows, columns), env=child_env, timeout=patience
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.close(force=True)

    @property
    def pid(self) -> int:
        """The program's process."""
        return int(self.process.pid)

    def read(self, seconds: float = _QUIET_SECONDS) -> None:
        """Take in what the program has written, until it is quiet for so long or has ended."""
        with contextlib.suppress(pexpect.TIMEOUT, pexpect.EOF):
            while True:
                data = self.process.read_nonblocking(65536, timeout=seconds)
                self.raw += data
                self._stream.feed(data)

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, wanted: str | Callable[[str], bool], *, patience: float | None = None) -> str:
        """Read until the screen shows the words, or fulfils the condition; the screen then.

        Raises: AssertionError with the screen as it is, when patience ends.
        """
        holds = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        end = time.monotonic() + (patience or self.patience)
        while not holds(self.text):
            if time.monotonic() > end:
                raise AssertionError(f"waited for {wanted!r}; the screen shows:\n{self.text}")
            self.read()
        return self.text

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as a hand does."""
        for key in keys:
            self.read(_GUARD_SECONDS)
            self.process.send(key)
        self.read()

    def type(self, text: str) -> None:
        """Type into a text box, key by key."""
        self.read(_GUARD_SECONDS)
        for character in text:
            self.process.send(character)
            self.read(0.01)

    def wait_end(self) -> int:
        """Wait for the program to end; its exit code."""
        end = time.monotonic() + self.patience
        while self.process.isalive():
            self.read()
            if time.monotonic() > end:
                raise AssertionError(f"it does not end; the screen shows:\n{self.text}")
        return self.process.exitstatus if self.process.exitstatus is not None else -1
