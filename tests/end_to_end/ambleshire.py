"""The demo's partnership in the hands of a test: real programs, which can be held, killed and started again."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from firstcontact.config import Settings
from firstcontact.demo import OWN_DESK, Partnership, Server
from firstcontact.gate import open_laptop
from firstcontact.paper import key_in
from firstcontact.shipped import shipped
from firstcontact.workflow.laptop import Laptop
from sync.base.references import parse_reference
from sync.desk.home import Home
from tests.end_to_end.held_mailbox import HELD, HOLD

CHECKLIST = "older-person-first-contact"
WITH_REFERRALS = ("S01", "S02", "S04", "S05", "S09", "S10", "S11")
DEADLINE_SECONDS = 60.0
_DESKS = (OWN_DESK, "hosted")


class Ambleshire(Partnership):
    """A mailbox that stops where it is told to, two desks, one laptop, and what was ever raised on it."""

    def __init__(self, parent: Path, mailbox: str = "tests.end_to_end.held_mailbox") -> None:
        super().__init__(parent)
        self.raised: set[str] = set()
        """references, plain"""
        self.mailbox_module = mailbox
        self._mailbox_arguments: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def _start(self, name: str, program: str, *arguments: str) -> Server:
        if name == "mailbox":
            self._mailbox_arguments = arguments
            program = self.mailbox_module
        return super()._start(name, program, *arguments)

    # the mailbox

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the mailbox, whether it runs or not."""
        host, _, port = self._mailbox_arguments[self._mailbox_arguments.index("--listen") + 1].partition(":")
        return host, int(port)

    def kill_mailbox(self) -> None:
        """SIGKILL, and wait until it is gone."""
        server = self._servers.pop("mailbox")
        server.process.kill()
        server.process.wait(DEADLINE_SECONDS)
        if server.process.stdout is not None:
            server.process.stdout.close()

    def start_mailbox(self) -> None:
        """Start it again where it was."""
        self._start("mailbox", self.mailbox_module, *self._mailbox_arguments)

    def hold(self, deposits: int, *, reply: bool) -> None:
        """Tell the mailbox at which deposit from now to stop, or to say so and go on."""
        self._in_mailbox(HELD).unlink(missing_ok=True)
        self._in_mailbox(HOLD).write_text(json.dumps({"deposits": deposits, "reply": reply}))

    def until_held(self, has_ended: Callable[[], bool]) -> bool:
        """Wait for that deposit; False if whoever should make it ended without it."""
        wait_until(lambda: self._in_mailbox(HELD).exists() or has_ended())
        self._in_mailbox(HOLD).unlink(missing_ok=True)
        return self._in_mailbox(HELD).exists()

    def _in_mailbox(self, name: str) -> Path:
        return self.folder / "mailbox" / name

    # the laptop

    def refer(self, visits: Sequence[str]) -> None:
        """Key in sample visits, finished: their referrals are ready to leave."""
        laptop = self.open_laptop()
        for name in visits:
            keyed = key_in(laptop, shipped("checklists", CHECKLIST, "visits", f"{name}.yaml"), CHECKLIST, again=True)
            self.raised.update(keyed.references)
        laptop.close()

    def open_laptop(self) -> Laptop:
        """The laptop, in this process."""
        return open_laptop(Settings(self.laptop), None, self.passphrase)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command of the laptop, started."""
        return subprocess.Popen(
            [sys.executable, "-m", "firstcontact", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=self.environment(),
        )

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the laptop, to its end."""
        return ended(self.start(*arguments))

    def happened(self) -> dict[str, str]:
        """What `firstcontact status` says of each referral, by plain reference."""
        rows = json.loads(self.run("firstcontact", "status", "--json", may_say_no=True))["referrals"]
        return {parse_reference(row["reference"]): row["happened"] for row in rows}

    # the desks

    def desks_collect(self) -> None:
        """Both desks collect and answer, as programs."""
        for agency in _DESKS:
            self.run("sync.desk", "sync", "--home", str(self.desk(agency)), may_say_no=True)

    def ledger(self) -> list[tuple[str, int]]:
        """(reference, version) of everything that the desks took, as often as their own ledgers have it."""
        found = []
        for agency in _DESKS:
            home = Home.open(self.desk(agency), self.passphrase.encode(), read_only=True)
            for desk in home.desks(home.pack()).values():
                found += [(row.reference, version) for row in desk.index.rows() for version in row.versions]
            home.close()
        return found

    def deliver_all(self) -> None:
        """Send until nothing waits, let the desks collect and answer, and collect their receipts."""
        self._in_mailbox(HELD).unlink(missing_ok=True)
        wait_until(lambda: self.command("sync").returncode == 0)
        self.desks_collect()
        self.command("sync")


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for a command to end; what it said."""
    out, err = process.communicate(timeout=2 * DEADLINE_SECONDS)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def not_once(ledger: list[tuple[str, int]], raised: set[str]) -> list[str]:
    """References that are not in the desks' ledgers exactly once, or that nobody raised."""
    taken = [reference for reference, version in ledger]
    return sorted({one for one in raised | set(taken) if taken.count(one) != 1 or one not in raised})


def wait_until(true: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> None:
    """Wait for a condition, a millisecond at a time. Raises: AssertionError at the deadline."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not true():
        assert time.monotonic() < end, "waited for too long"
        pause.wait(0.001)
