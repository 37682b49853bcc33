"""Start the visit program, and come up again at the lock screen as a new process after it locked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from firstcontact.config import Settings
from firstcontact.gate import Gate
from firstcontact.tui.app import FirstContact, keep_memory_together

# httpx brings a command line of its own, which needs 3 MB of libraries that no laptop uses. Python reads a name that
# stands for None here as a module that is not installed, and httpx does without it.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]


class FileSwitch:
    """The demo's network: off while a file exists, so that it stays off when the program locks and comes up again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def toggle(self) -> bool:
        """Turn it over; True if it is on now."""
        if self._path.exists():
            self._path.unlink()
            return True
        self._path.touch()
        return False


def run_visit_program(*, profile: str | None = None, demo_network: Path | None = None) -> int:
    """Run the screens until they are left; returns the exit code, or replaces this process when it locks."""
    keep_memory_together()
    gate = Gate(Settings.from_environment(), demo_network=demo_network)
    chosen = next((each for each in gate.profiles() if profile in (each.id, each.name)), None) if profile else None
    app = FirstContact(gate, network=FileSwitch(demo_network) if demo_network else None, profile=chosen)
    if app.run() != "lock":
        return app.return_code or 0
    return _begin_again()


def _begin_again() -> int:
    """A new process in place of this one: no key of the vault stays in memory behind the lock screen."""
    command = [sys.executable, "-m", "firstcontact", *sys.argv[1:]]
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - our own interpreter, our own arguments
    return subprocess.call(command)  # noqa: S603 - the same where a process cannot replace itself
