"""Looks for canaries in every file under a folder, again and again while programs run, and once at the end.

A file that lives for a moment only can be missed by looking at the end; so a thread looks all the time, and every
program reports each file that it opens for writing: the test can say that nothing was written where nobody looked.
"""

from __future__ import annotations

import contextlib
import threading
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

AUDIT = '''
"""Started by every Python of the test: notes each file that is opened for writing."""
import os, sys
_log = os.environ.get("FIRSTCONTACT_TEST_AUDIT")
if _log:
    _fd = os.open(_log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    def _note(event, arguments):
        if event == "open" and isinstance(arguments[0], (str, bytes)):
            mode, flags = arguments[1], arguments[2]
            if (mode and any(letter in mode for letter in "wax+")) or (flags and flags & (os.O_WRONLY | os.O_RDWR)):
                os.write(_fd, os.fsencode(os.path.abspath(os.fsdecode(arguments[0]))) + b"\\n")
    sys.addaudithook(_note)
'''


class Watcher:
    """Watches one folder for texts that must never stand in it in clear."""

    def __init__(self, folder: Path, canaries: Iterable[str], *, beside: Iterable[Path] = ()) -> None:
        self.folder = folder
        self._beside = {path.resolve() for path in beside}
        self._needles = {
            canary: (canary.encode(), canary.encode("utf-16-le"), canary.lower().encode()) for canary in canaries
        }
        self.found: set[tuple[str, str]] = set()
        self.files_seen: set[str] = set()
        self.bytes_looked_at = 0
        self.rounds = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Look at every file once."""
        for path in self.folder.rglob("*"):
            if path.resolve() in self._beside or not path.is_file():
                continue
            with contextlib.suppress(OSError):  # it went while we looked, and was looked at before
                self._look_into(path.name, path.read_bytes())
                self.files_seen.add(str(path))
        self.rounds += 1

    def _look_into(self, name: str, data: bytes) -> None:
        self.bytes_looked_at += len(data)
        lowered = data.lower()
        for canary, needles in self._needles.items():
            if needles[2] in lowered or needles[1] in data:
                self.found.add((canary, name))
        with contextlib.suppress(zlib.error):
            if data[:1] == b"\x78" and any(needle[0] in zlib.decompress(data) for needle in self._needles.values()):
                self.found.add(("compressed", name))

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self.look()
