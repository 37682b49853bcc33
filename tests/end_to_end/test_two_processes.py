"""One process writes to a vault: commands beside the visit program, locks that die with it, and wrong passphrases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from firstcontact.paper import key_in
from firstcontact.shipped import shipped
from tests.builders import PASSPHRASE, World
from tests.end_to_end.ambleshire import CHECKLIST
from tests.terminal import ENTER, Terminal

PROGRAM = (sys.executable, "-m", "firstcontact")
IS_OPEN = "First Contact is open here and is sending by itself."
SAMPLE = str(shipped("checklists", CHECKLIST, "visits", "S09.yaml"))
WRITING = [("sync",), ("visit", "--answers", SAMPLE)]
WRONG = ("lantern otter gravel teaspoom", "", "x", PASSPHRASE.upper(), PASSPHRASE + " ", "1" * 5000, "ÿ\x00\x1b[2J")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A laptop that the scheme has let in, with one finished visit; nobody answers at its mailbox."""
    laptop = World().laptop(tmp_path / "home")
    key_in(laptop, shipped("checklists", CHECKLIST, "visits", "S01.yaml"), CHECKLIST)
    laptop.close()
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Run:
    """Run one command with a passphrase."""

    def command(*arguments: str, passphrase: str = PASSPHRASE) -> subprocess.CompletedProcess[str]:
        secret = tmp_path / "passphrase"
        secret.write_text(passphrase, encoding="utf-8")
        return subprocess.run(
            [*PROGRAM, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "FIRSTCONTACT_HOME": str(home), "FIRSTCONTACT_PASSPHRASE_FILE": str(secret)},
            timeout=120,
            check=False,
        )

    return command


@contextmanager
def visit_program(home: Path) -> Iterator[Terminal]:
    """The visit program at the passphrase, already typed."""
    with Terminal(PROGRAM, env={**os.environ, "FIRSTCONTACT_HOME": str(home)}) as screen:
        screen.until("Passphrase")
        screen.process.send(PASSPHRASE + ENTER)
        yield screen


def test_writing_commands_beside_the_visit_program_say_that_it_is_open(home: Path, run: Run) -> None:
    """`sync` and `visit` exit 1 with one sentence and change nothing; `status` reads all the same."""
    before = run("status", "--json").stdout
    with visit_program(home) as screen:
        screen.until("New visit")
        for command in WRITING:
            done = run(*command)
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr.startswith(IS_OPEN)
            assert len(done.stderr.splitlines()) == 1
        beside = run("status", "--json")
        assert beside.returncode == 0, beside.stderr
        references = {row["reference"] for row in json.loads(beside.stdout)["referrals"]}
    assert references == {row["reference"] for row in json.loads(before)["referrals"]}
    assert len(references) == 4


def test_a_second_visit_program_says_that_the_first_is_open(home: Path) -> None:
    """It stays at the way in, and says why."""
    with visit_program(home) as first:
        first.until("New visit")
        with visit_program(home) as second:
            second.until(IS_OPEN)
            assert "Traceback" not in second.text
            assert "New visit" not in second.text


def test_the_lock_dies_with_the_program(home: Path, run: Run) -> None:
    """After SIGKILL of the visit program the next command works at once; there is nothing to clear away."""
    with visit_program(home) as screen:
        screen.until("New visit")
        assert run("sync").stderr.startswith(IS_OPEN)
        screen.process.kill(9)
        while not screen.process.flag_eof:
            screen.read(1)
    done = run("sync")
    assert done.stderr == ""
    assert "4 referrals still waiting" in done.stdout


def test_a_wrong_passphrase_is_said_and_nothing_more(run: Run) -> None:
    """One sentence, exit 1, the same for every command and every wrong one: no hint, no name, no path, no traceback."""
    tries: list[tuple[tuple[str, ...], str]] = [(("status",), wrong) for wrong in WRONG]
    tries += [(command, WRONG[0]) for command in (*WRITING, ("sync", "--watch"), ("status", "--json"))]
    said = set()
    for command, wrong in tries:
        done = run(*command, passphrase=wrong)
        assert (done.returncode, done.stdout) == (1, ""), (command, wrong, done.stderr)
        said.add(done.stderr)
    sys.stdout.write(f"{len(tries)} wrong passphrases: {said}\n")
    assert len(said) == 1
    assert len(said.pop().splitlines()) == 1
    assert run("status").returncode == 0


def test_nobody_to_ask_for_the_passphrase_is_a_wrong_use(home: Path) -> None:
    """Without a terminal, file or descriptor the command says which to give, and exits 2."""
    env = {**os.environ, "FIRSTCONTACT_HOME": str(home)}
    done = subprocess.run(
        [*PROGRAM, "status"], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "FIRSTCONTACT_PASSPHRASE_FILE" in done.stderr
