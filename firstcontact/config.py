"""Where First Contact keeps its files, and how a passphrase reaches it: frozen settings, read once at start."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from firstcontact.errors import UsedWrongly


@dataclass(frozen=True, slots=True)
class Settings:
    """What this run was told by its environment."""

    home: Path
    """`FIRSTCONTACT_HOME`, or the platform's user data folder: the only place that is written to."""

    @property
    def pack(self) -> Path:
        """The scheme's signed pack as last received."""
        return self.home / "pack"

    @property
    def vaults(self) -> Path:
        """One folder with a random name per professional."""
        return self.home / "vaults"

    @classmethod
    def from_environment(cls) -> Settings:
        """Read `FIRSTCONTACT_HOME`, or take the platform's own place for user data."""
        home = os.environ.get("FIRSTCONTACT_HOME")
        if home:
            return cls(Path(home).expanduser().absolute())
        import platformdirs  # only without FIRSTCONTACT_HOME, and 10 ms

        return cls(Path(platformdirs.user_data_dir("firstcontact", appauthor=False)))


def read_passphrase(fd: int | None = None, *, prompt: str = "Passphrase: ") -> str:
    """The passphrase from a file descriptor, from FIRSTCONTACT_PASSPHRASE_FILE, or asked for on the terminal.

    Never from an argument or from the environment itself, where other programs could read it.
    Raises: UsedWrongly, if none of the three gives one.
    """
    try:
        if fd is not None:
            with os.fdopen(fd, encoding="utf-8") as stream:
                return stream.readline().rstrip("\r\n")
        path = os.environ.get("FIRSTCONTACT_PASSPHRASE_FILE")
        if path:
            return Path(path).read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not text"
        raise UsedWrongly("The passphrase could not be read.", f"Check the file or descriptor: {why}.") from problem
    import getpass
    import sys

    if not sys.stdin.isatty():
        raise UsedWrongly(
            "This needs a passphrase, and there is nobody to ask.",
            "Give --passphrase-fd N, or FIRSTCONTACT_PASSPHRASE_FILE=FILE.",
        )
    return getpass.getpass(prompt)
