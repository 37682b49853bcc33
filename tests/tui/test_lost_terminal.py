"""A window that vanishes without a word ends the program, and what was answered is in the vault."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tests.builders import PASSPHRASE, World

if os.name != "posix":
    pytest.skip("a pty is needed, which this system has not", allow_module_level=True)

from tests.terminal import ENTER, Terminal

DEAF = (
    "import runpy, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
    "runpy.run_module('firstcontact', run_name='__main__')"
)
ENDS_WITHIN_SECONDS = 30


def test_the_program_ends_with_its_terminal_even_if_hang_ups_are_ignored(tmp_path: Path) -> None:
    """Started under nohup, and its terminal gone: it does not go on turning on the battery of a laptop."""
    World().laptop(tmp_path).close()
    terminal = Terminal((sys.executable, "-c", DEAF), env={**os.environ, "FIRSTCONTACT_HOME": str(tmp_path)})
    terminal.until("Passphrase")
    terminal.process.send(PASSPHRASE + ENTER)
    terminal.until("new visit")
    os.close(terminal.process.child_fd)
    end = time.monotonic() + ENDS_WITHIN_SECONDS
    try:
        while (ended := os.waitpid(terminal.pid, os.WNOHANG))[0] == 0 and time.monotonic() < end:
            time.sleep(0.05)
        assert ended == (terminal.pid, 0)
    finally:
        if ended[0] == 0:
            os.kill(terminal.pid, 9)
