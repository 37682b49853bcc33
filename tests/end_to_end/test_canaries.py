"""One visit through the real programs, and nothing of the person in clear in any file, log or message on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstcontact.demo import OWN_DESK, Partnership
from tests.end_to_end.watcher import AUDIT, Watcher
from tests.terminal import ENTER, Terminal

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="drives the program through a pty, which this system has not"
)

NAME, LIKES = "Zephyrine Quillfeather", "Zephyquill"
ADDRESS, POSTCODE = "3 Quagga Row, Rushmere", "AY2 4QT"
PHONE, NOTE = "01632 960987", "tortoise under the sideboard"
CANARIES = (NAME, "Quillfeather", LIKES, "Quagga Row", POSTCODE, "ay24qt", PHONE, NOTE)
LINKS = ("Ambleshire Fire and Rescue", "fire-visit", '"AFR"')
"""What would link a visit to its partner; public in the pack and at the desk, so looked for in the vault only."""


@pytest.fixture
def partnership(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Partnership]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(AUDIT, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(hooks))
    monkeypatch.setenv("FIRSTCONTACT_TEST_AUDIT", str(tmp_path / "opened.txt"))
    with Partnership(tmp_path) as partnership:
        partnership.network_off.touch()
        yield partnership


def visit_offline(partnership: Partnership) -> bytes:
    """The first questions of S01, as a visitor types them; the raw bytes that the terminal got."""
    environment = partnership.environment()
    del environment["FIRSTCONTACT_PASSPHRASE_FILE"]
    command = [sys.executable, "-m", "firstcontact", "--demo-network", str(partnership.network_off)]
    with Terminal(command, env=environment) as screen:
        screen.until("Passphrase")
        screen.type(partnership.passphrase)
        screen.press(ENTER)
        screen.until("New visit")
        screen.press("a")
        _the_door(screen)
        screen.until("smoke alarm")
        screen.press("n")
        screen.until("smoke indoors")
        screen.press("w")
        screen.until("Notes are for you")
        screen.type(NOTE)
        screen.press(ENTER)
        screen.until("Note  " + NOTE[:10])
        screen.press("o")
        screen.until("Shall I do that?")
        screen.press("y")
        screen.until("said yes")
        screen.press("r")
        screen.until("Before you go")
        screen.press("f")
        screen.until("2 minutes")
        screen.until(lambda text: "Saving" not in text and "Saved" in text)
        screen.press("\x11")
        screen.until(lambda text: "close" in text.lower())
        return bytes(screen.raw)


def _the_door(screen: Terminal) -> None:
    screen.until("follow what we say")
    screen.press("2", ENTER)
    screen.until("Which language")
    screen.type("English")
    screen.press(ENTER)
    screen.until("interpreter?")
    screen.press("n")
    for words in ("short list", "keep to myself", "keep your answers"):
        screen.until(words)
        screen.press("y")
    for question, text in (
        ("full name", NAME),
        ("call you", LIKES),
        ("your address", ADDRESS),
        ("your postcode", POSTCODE.lower()),
    ):
        screen.until(question)
        screen.type(text)
        screen.press(ENTER)
    screen.until("usually live")
    screen.press("y")


def test_nothing_of_the_person_is_in_clear_anywhere(partnership: Partnership, tmp_path: Path) -> None:
    """Pty, vault, outbox, mailbox, desk and back: no canary in any file, and every file written was looked at."""
    with Watcher(tmp_path, CANARIES) as watcher:
        raw = visit_offline(partnership)
        assert NAME.encode() in raw, "the screen shows the person to the visitor: the drive is real"
        status = json.loads(partnership.run("firstcontact", "status", "--json", may_say_no=True))
        assert [row["who"] for row in status["referrals"]] == ["Z.Q."]
        partnership.network_off.unlink()
        _let_it_leave(partnership)
        fire = ["--home", str(partnership.desk(OWN_DESK))]
        partnership.run("sync.desk", "sync", *fire)
        listed = json.loads(partnership.run("sync.desk", "list", *fire, "--json"))
        rows = listed if isinstance(listed, list) else listed["referrals"]
        reference = str(rows[0]["reference"])
        opened = partnership.run("sync.desk", "open", *fire, reference)
        assert NAME in opened, "the desk reads what was meant for it"
        partnership.run("sync.desk", "answer", *fire, reference, "accept", "--now")
        partnership.run("sync.desk", "sync", *fire)
        partnership.run("firstcontact", "sync", may_say_no=True)
        watcher.look()
    vault = next((partnership.laptop / "vaults").rglob("vault.db"))
    sealed = b"".join(path.read_bytes() for path in vault.parent.iterdir() if path.is_file())
    assert not [link for link in LINKS if link.encode() in sealed]
    assert watcher.found == set()
    opened_files = set((tmp_path / "opened.txt").read_text(encoding="utf-8").splitlines())
    elsewhere = {path for path in opened_files if not path.startswith(str(tmp_path)) and not _harmless(path)}
    assert elsewhere == set(), "written where nobody looked"
    sys.stdout.write(
        f"looked at {watcher.bytes_looked_at:,} bytes in {len(watcher.files_seen)} files over {watcher.rounds} rounds; "
        f"{len(opened_files)} files opened for writing\n"
    )


def test_a_planted_leak_is_found(tmp_path: Path) -> None:
    """Positive control: in clear, in UTF-16, compressed, or in a file that is gone at the end, a canary is found."""
    import zlib

    (tmp_path / "log").write_text(f"opened {NAME}", encoding="utf-8")
    (tmp_path / "wide").write_bytes(b"xx" + PHONE.encode("utf-16-le"))
    (tmp_path / "packed").write_bytes(zlib.compress(NOTE.encode()))
    with Watcher(tmp_path, CANARIES) as watcher:
        passing = tmp_path / "passing"
        passing.write_text(POSTCODE, encoding="utf-8")
        while str(passing) not in watcher.files_seen:
            pass
        passing.unlink()
    names = {name for _, name in watcher.found}
    assert names == {"log", "wide", "packed", "passing"}


def _let_it_leave(partnership: Partnership) -> None:
    """The two minutes are over for a program whose clock says so: `firstcontact sync` with a later clock."""
    code = (
        "import datetime, sys\n"
        "from firstcontact.workflow import laptop\n"
        "real = datetime.datetime\n"
        "class Later(real):\n"
        "    @classmethod\n"
        "    def now(cls, tz=None):\n"
        "        return real.now(tz) + datetime.timedelta(minutes=3)\n"
        "laptop.datetime = Later\n"
        "from firstcontact.cli import run\n"
        "sys.exit(run(['sync']))\n"
    )
    environment = partnership.environment()
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Sent 1 message" in done.stdout, done.stdout + done.stderr


def _harmless(path: str) -> bool:
    return path in {"/dev/null", "/dev/tty"} or "__pycache__" in path
