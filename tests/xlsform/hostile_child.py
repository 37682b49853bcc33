"""A process of its own that imports form after form and tells of each.

`python -m tests.xlsform.hostile_child FOLDER` prints a line of JSON for each file of the folder (a folder in it is
loaded as a checklist), in the order of their names: how it ended, how long it took, and the most memory that the
process held meanwhile. `--plant` makes the import itself go wrong, so that a test can see that it would be noticed.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from firstcontact import xlsform_commands
from firstcontact.definitions.yaml import load_checklist
from firstcontact.errors import FirstContactError


def plant(kind: str) -> Callable[..., Any]:
    """An import that goes wrong in this way."""
    kept = xlsform_commands.import_checklist

    def wrong(form: Path, out: Path) -> Any:
        if kind == "traceback":
            raise KeyError("nothing")
        if kind == "slow":
            end = time.process_time() + 2.5
            while time.process_time() < end:
                pass
        if kind == "memory":
            held = bytearray(400 * 2**20)
            held[::4096] = b"x" * len(held[::4096])
        if kind == "controls":
            raise FirstContactError("\x1b[2J")
        return kept(form, out)

    return wrong


def most_memory() -> float:
    """MiB that the process has held at most; 0 where the platform does not tell."""
    try:
        # What getrusage tells on Linux counts the process that started this one too.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 2**10
    except (OSError, ValueError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return 0.0
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def forget_memory() -> None:
    """From here on only what is held from here on counts, where the platform can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def limit_memory() -> None:
    """So that a bomb that works ends this process and not the machine."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
    except (ImportError, ValueError, OSError):
        return


def one(path: Path, out: Path, act: Callable[..., Any]) -> dict[str, Any]:
    """Import one file."""
    words = ""
    forget_memory()
    started = time.process_time()
    try:
        if path.is_dir():
            load_checklist(path)
            end = "works"
        else:
            report = act(path, out)
            end = "works" if report.ok else "told"
            words = report.in_words() + report.talk() + (report.why_not() if not report.ok else "")
    except FirstContactError as refused:
        end, words = "refused", str(refused)
        if out.exists():
            end = "refused, and something was left"
    except BaseException:  # every other end is what we look for
        end, words = "traceback", traceback.format_exc()[-1500:]
    seconds = time.process_time() - started
    return {"name": path.stem, "end": end, "seconds": seconds, "memory": most_memory(), "words": words[:20_000]}


def main() -> None:
    """Every file of the folder."""
    limit_memory()
    folder = Path(sys.argv[1])
    act = plant(sys.argv[3]) if sys.argv[2:3] == ["--plant"] else xlsform_commands.import_checklist
    with tempfile.TemporaryDirectory() as place:
        for number, path in enumerate(sorted(folder.iterdir())):
            sys.stdout.write(json.dumps(one(path, Path(place) / str(number), act)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
