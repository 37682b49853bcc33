"""A whole partnership on this machine, with invented people: real programs, real encryption, real HTTP on loopback.

A throw-away scheme is made in a temporary folder: keys, a signed pack, a mailbox, the fire service's own desk, one desk
that is hosted for all other partners, and one laptop with two finished visits and one half done. Every part runs as a
process of its own, started as its user would start it; nothing of them is imported here. When the demo is left the
processes end and the folder goes.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from firstcontact.errors import FirstContactError, UsedWrongly
from firstcontact.shipped import shipped
from sync.base.references import show_reference

OWN_DESK: Final = "AFR"
_CHECKLIST: Final = "older-person-first-contact"
_WHO: Final = ("--name", "Osric Lamplough", "--role", "community nurse", "--agency", "Ambleshire Community Nursing")
_WORK_PHONE: Final = ("--work-phone", "01632 960150")
_FINISHED: Final = ("S02.yaml", "S10.yaml")
_HALF_DONE: Final = ("S05.yaml", "E2")
_PLAYED: Final = "S01.yaml"
_READY_SECONDS: Final = 30


@dataclass(slots=True)
class Server:
    """A program that goes on running, and the address that it printed when it was ready."""

    process: subprocess.Popen[str]
    address: str


class Partnership:
    """The throw-away scheme and its processes; use it in a `with`."""

    def __init__(self, parent: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="firstcontact-demo-", dir=parent))
        self.laptop = self.folder / "laptop"
        self.network_off = self.folder / "network-off"
        self.passphrase = _four_words()
        self._servers: dict[str, Server] = {}
        self._secret = self.folder / "passphrase"

    def __enter__(self) -> Partnership:
        try:
            self._make()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            server.process.terminate()
        for server in self._servers.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.process.wait(timeout=10)
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait()
            if server.process.stdout is not None:
                server.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, program: str, *arguments: str, may_say_no: bool = False) -> str:
        """Run one command to its end; what it printed. Raises: FirstContactError, with what it said."""
        done = subprocess.run(  # noqa: S603 - our own programs
            [sys.executable, "-m", program, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=self.environment(),
            check=False,
        )
        if done.returncode not in ((0, 1) if may_say_no else (0,)):
            raise FirstContactError(f"A part of the demo stopped: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def environment(self) -> dict[str, str]:
        """The environment of every program of the demo: its own home, its own passphrase, its own temporary files."""
        own = {
            "FIRSTCONTACT_HOME": str(self.laptop),
            "FIRSTCONTACT_PASSPHRASE_FILE": str(self._secret),
            "TMPDIR": str(self.folder),
            "PYTHONUTF8": "1",
        }
        return {**os.environ, **own}

    def desk(self, agency: str) -> Path:
        """The folder of the desk that serves an agency."""
        return self.folder / ("desk-own" if agency == OWN_DESK else "desk-hosted")

    def address_of(self, agency: str) -> str:
        """A fresh one-time address of an agency's desk: an address works once, so its server starts anew."""
        name = f"desk {self.desk(agency).name}"
        old = self._servers.pop(name, None)
        if old is not None:
            old.process.terminate()
            old.process.wait(timeout=10)
            if old.process.stdout is not None:
                old.process.stdout.close()
        return self._start(name, "sync.desk", "--home", str(self.desk(agency)), "--take-back-seconds", "30").address

    def _make(self) -> None:
        from firstcontact.definitions.scheme import load_scheme
        from firstcontact.scheme.building import scheme_parts, signed_pack
        from sync.keys import Keyring
        from sync.pack import party_of

        self._secret.touch(mode=0o600)
        self._secret.write_text(self.passphrase, encoding="utf-8")
        scheme, checklist = shipped("checklists", "ambleshire"), shipped("checklists", _CHECKLIST)
        directory = load_scheme(scheme)
        electronic = [p for p in directory.partners if p.channel != "none" and p.services]
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        post = {"mailbox": "mailbox", "mailbox_url": url}

        mailbox = json.loads(self.run("sync.mailbox", "init", "--data", str(self.folder / "mailbox")))
        parties: list[dict[str, Any]] = [
            {"id": mailbox["id"], "kind": "mailbox", "signing": [{"jwk": mailbox["signing"]}], "mailbox_url": url}
        ]
        for own in (True, False):
            agencies = [p for p in electronic if (p.id == OWN_DESK) == own]
            named = [word for p in agencies for word in ("--agency", f"{p.id}={p.name['en']}")]
            home = str(self.desk(agencies[0].id))
            made = self.run("sync.desk", "init", "--home", home, *named)
            parties += [{**party, **post} for party in json.loads(made)["parties"]]
        request = json.loads(self.run("firstcontact", "setup", *_WHO, *_WORK_PHONE, "--json"))["request"]
        parties.append({**request, **post})
        coordinator = Keyring.generate("coordinator")
        parties.append(party_of(coordinator, "coordinator", "Ambleshire's coordinator"))

        now = datetime.now(UTC)
        parts = scheme_parts(scheme, [checklist], parties)
        pack = signed_pack(parts, sequence=1, issued=now, expires=now + timedelta(days=30), by=coordinator.signing)
        for folder in (self.laptop / "pack", self.folder / "pack"):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "pack.json").write_bytes(pack)
        pack_file = str(self.folder / "pack" / "pack.json")
        for agency in (OWN_DESK, "hosted"):
            home = str(self.desk(agency))
            self.run("sync.desk", "sync", "--home", home, "--pack", pack_file, may_say_no=True)
        self._start(
            "mailbox",
            *("sync.mailbox", "--data", str(self.folder / "mailbox"), "--pack", pack_file),
            *("--listen", f"127.0.0.1:{port}", "--public-url", url),
        )

    def _start(self, name: str, program: str, *arguments: str) -> Server:
        log = (self.folder / f"{name.replace(' ', '-')}.log").open("a", encoding="utf-8")
        process = subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, "-m", program, *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
            env=self.environment(),
        )
        log.close()
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        if not line.startswith("ready "):
            process.kill()
            raise FirstContactError(f"The {name} of the demo did not start.", "Try once more.")
        self._servers[name] = Server(process, line.removeprefix("ready ").strip())
        return self._servers[name]


def run_demo(script: Path | None) -> int:
    """Run the demo: its first page on a terminal, or a played visit without one."""
    try:
        import starlette  # noqa: F401 - the desks and the mailbox need the extra "server"
    except ImportError:
        raise UsedWrongly(
            "The demo needs the parts of a mailbox and a desk.", 'Install them: pip install "firstcontact[server]".'
        ) from None
    if script is not None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return play(script or shipped("checklists", _CHECKLIST, "visits", _PLAYED), _print)
    _print("Making a whole partnership on this machine, with invented people. This takes a few seconds.")
    with Partnership() as partnership:
        _visits_before(partnership)
        return _first_page(partnership)


def play(visit: Path, say: Callable[[str], None]) -> int:
    """Play one visit from the first answer to the partner's answer, and tell each step."""
    today = date.today().isoformat()  # noqa: DTZ011 - the day on the wall of this room
    with Partnership() as partnership:
        say("1. A partnership: a mailbox, the fire service's desk, a desk hosted for all others, one laptop.")
        say("2. Offline, the visit is keyed in on the laptop. Every answer is sealed on disk before it counts.")
        said = partnership.run("firstcontact", "visit", "--answers", str(visit), "--on", today)
        say(_indented(said))
        say("   What waits on the laptop:")
        say(_indented(partnership.run("firstcontact", "status", may_say_no=True)))
        say("3. There is signal: each partner gets its referrals, and nothing else.")
        say(_indented(partnership.run("firstcontact", "sync", may_say_no=True)))
        say("4. Two desks collect, and answer with a receipt by themselves.")
        for agency in (OWN_DESK, "hosted"):
            said = partnership.run("sync.desk", "sync", "--home", str(partnership.desk(agency)))
            say(_indented("\n".join(line for line in said.splitlines() if " 0 came" not in line)))
        fire = ["--home", str(partnership.desk(OWN_DESK))]
        listed = json.loads(partnership.run("sync.desk", "list", *fire, "--json"))
        references = _references(listed)
        if references:
            say(f"5. The fire service opens {show_reference(references[0])} and accepts it.")
            partnership.run("sync.desk", "open", *fire, references[0])
            partnership.run("sync.desk", "answer", *fire, references[0], "accept", "--now")
            partnership.run("sync.desk", "sync", *fire)
        else:
            say("5. Nothing in this visit was for the fire service, so nobody there has anything to answer.")
        say("6. The laptop collects, and the visitor sees what came of it:")
        partnership.run("firstcontact", "sync", may_say_no=True)
        say(_indented(partnership.run("firstcontact", "status", may_say_no=True)))
    say("Done. Every process has ended, and the folder with everybody in it is gone.")
    return 0


def _first_page(partnership: Partnership) -> int:
    hosted, fire = partnership.address_of("hosted"), partnership.address_of(OWN_DESK)
    while True:
        _print(
            "\nFirst Contact, the demo. Everybody here is invented; everything else is real.\n\n"
            "   1   A nurse's day: the visit program on Osric's laptop\n"
            f"         its passphrase is   {partnership.passphrase}\n"
            "         ctrl+n there turns the network off and on; it is off now.\n"
            "         What was finished leaves two minutes later, when there is network\n"
            "   2   A charity's inbox, and every partner without a desk of its own\n"
            f"     {hosted}\n"
            "   3   The fire service's inbox\n"
            f"     {fire}\n"
            "   q   Leave. Nothing of this stays behind\n\n"
            "Open the inboxes in a browser on this machine.\n"
            "An address works once; 2 or 3 makes a fresh one.\n"
        )
        try:
            choice = input("Choose 1, 2, 3 or q: ").strip().lower()
        except (EOFError, KeyboardInterrupt):
            return 0
        match choice:
            case "1":
                command = [sys.executable, "-m", "firstcontact", "--demo-network", str(partnership.network_off)]
                subprocess.run(command, env=partnership.environment(), check=False)  # noqa: S603 - our own program
            case "2":
                hosted = partnership.address_of("hosted")
            case "3":
                fire = partnership.address_of(OWN_DESK)
            case "q":
                return 0
            case _:
                _print("That is none of the choices.")


def _visits_before(partnership: Partnership) -> None:
    """Two finished visits, which are sent and collected, one half done; then the network goes off."""
    visits = shipped("checklists", _CHECKLIST, "visits")
    today = date.today()  # noqa: DTZ011 - the day on the wall of this room
    for days_ago, name in enumerate(_FINISHED, start=1):
        on = (today - timedelta(days=days_ago)).isoformat()
        partnership.run("firstcontact", "visit", "--answers", str(visits / name), "--on", on)
    name, question = _HALF_DONE
    partnership.run(
        "firstcontact", "visit", "--answers", str(visits / name), "--on", today.isoformat(), "--stop-at", question
    )
    partnership.run("firstcontact", "sync", may_say_no=True)
    for agency in (OWN_DESK, "hosted"):
        partnership.run("sync.desk", "sync", "--home", str(partnership.desk(agency)))
    partnership.run("firstcontact", "sync", may_say_no=True)
    partnership.network_off.touch()


def _references(listed: Any) -> Sequence[str]:
    rows = listed if isinstance(listed, list) else listed.get("referrals", [])
    return [str(row["reference"]) for row in rows]


def _four_words() -> str:
    from xkcdpass import xkcd_password

    words = xkcd_password.generate_wordlist(wordfile=xkcd_password.locate_wordfile(), min_length=4, max_length=7)
    return " ".join(secrets.choice(words) for _ in range(4))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _indented(text: str) -> str:
    return "\n".join(f"   {line}" for line in text.rstrip().splitlines())


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
