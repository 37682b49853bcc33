"""A terminal program seen from outside, through a pseudo-terminal: first paint, key to paint, memory.

Time is taken when bytes are read; the terminal is emulated (pyte) after that, so its cost is not in the figures of a
key. Linux only: memory is read from /proc.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType

import pyte

ROOT = Path(__file__).parents[1]
KEYS = {"enter": "\r", "tab": "\t", "escape": "\x1b", "up": "\x1b[A", "down": "\x1b[B", "ctrl+q": "\x11"}
PAINTED_CELLS = 20
PASSPHRASE = "lantern otter gravel teaspoon"  # noqa: S105 - of a vault made for the measurement
# what pyte would print: private CSI, window reports, string sequences
_UNKNOWN = re.compile(
    rb"\x1b\[[<=>][0-9;:]*[ -/]*[@-~]|\x1b\[\?[0-9;]*\$p|\x1b\[[0-9;]*t|"
    rb"\x1b[P_^X][^\x1b\x07]*(?:\x1b\\|\x07)|\x1b\[[0-9;]* q"
)


class Session:
    """One run of a program."""

    def __init__(self, command: Sequence[str], size: tuple[int, int], env: Mapping[str, str] | None = None) -> None:
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.started = time.perf_counter()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            os.chdir(ROOT)
            surroundings = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **(env or {})}
            os.execvpe(command[0], list(command), {**os.environ, **surroundings})  # noqa: S606

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in (signal.SIGHUP, signal.SIGKILL):
            try:
                os.kill(self.pid, name)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        os.close(self._terminal)
        os.waitpid(self.pid, 0)

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self._screen.display)

    def _read(self, seconds: float) -> tuple[float, bytes] | None:
        if not select.select([self._terminal], [], [], max(seconds, 0))[0]:
            return None
        try:
            data = os.read(self._terminal, 1 << 16)
        except OSError:
            return None
        return (time.perf_counter(), data) if data else None

    def _feed(self, data: bytes) -> None:
        self._stream.feed(_UNKNOWN.sub(b"", data))

    def _state(self) -> int:
        buffer, cursor = self._screen.buffer, self._screen.cursor
        cells = tuple(tuple(buffer[y][x] for x in range(self._screen.columns)) for y in range(self._screen.lines))
        return hash((cursor.x, cursor.y, cells))

    def until(self, holds: Callable[[], bool], seconds: float = 60) -> float:
        """Wait until it holds. Returns: seconds from the start of the process to the bytes that made it so."""
        limit = time.perf_counter() + seconds
        while time.perf_counter() < limit:
            chunk = self._read(0.5)
            if chunk is not None:
                self._feed(chunk[1])
                if holds():
                    return chunk[0] - self.started
            elif holds():
                return time.perf_counter() - self.started
        raise TimeoutError(f"it did not come:\n{self.text}")

    def shows(self, words: str, seconds: float = 60) -> float:
        """Wait for words on the screen."""
        return self.until(lambda: words in self.text, seconds)

    def painted(self) -> float:
        """Wait for the first painted screen."""
        return self.until(lambda: sum(len(line.replace(" ", "")) for line in self._screen.display) >= PAINTED_CELLS)

    def send(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            os.write(self._terminal, KEYS.get(key, key).encode())

    def quiet(self, seconds: float = 0.15) -> None:
        """Wait until nothing comes for that long."""
        while (chunk := self._read(seconds)) is not None:
            self._feed(chunk[1])

    def key(self, key: str, settle: float = 0.04) -> float | None:
        """Press a key. Returns: seconds to the first bytes after which the screen differs; None if it never does."""
        before = self._state()
        pressed = time.perf_counter()
        os.write(self._terminal, KEYS.get(key, key).encode())
        chunks = []
        chunk = self._read(2.0)
        while chunk is not None:
            chunks.append(chunk)
            chunk = self._read(settle)
        painted = None
        for at, data in chunks:
            self._feed(data)
            if painted is None and self._state() != before:
                painted = at - pressed
        return painted

    def resident_mb(self) -> float:
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found.group(1)) / 1024 if found else float("nan")


def minimal() -> list[str]:
    """The command of the minimal Textual program."""
    return [sys.executable, str(ROOT / "bench" / "peers" / "minimal_textual.py")]


def ours() -> list[str]:
    """The command of the visit program."""
    return [sys.executable, "-m", "firstcontact"]


def posting() -> tuple[list[str], dict[str, str]] | None:
    """The command of `posting` and its surroundings, if POSTING names it."""
    program = os.environ.get("POSTING")
    folder = mkdtemp(prefix="bench-posting-")
    surroundings = {"XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder, "POSTING_ANIMATION": "none"}
    return ([program], surroundings) if program else None


def home() -> Path:
    """A folder with one vault of one professional, let in by the demo scheme, and no visit yet."""
    from tests.builders import World

    folder = Path(mkdtemp(prefix="bench-home-"))
    World().laptop(folder).close()
    return folder
