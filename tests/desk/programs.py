"""Real programs for the desk's tests: a mailbox, a desk, and one laptop's exchange that talks to them."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from sync.client import Links
from sync.desk.home import Home
from sync.exchange import Exchange
from sync.incoming import Handled, Incoming
from sync.keys import Keyring, PrivateKey
from sync.messages import Status
from sync.pack import Pack, build_pack, keys_part, pack_to_wire, party_of
from tests.desk.parts import MemoryJournal, reference, referral

PASSPHRASE = "lantern otter gravel teaspoon"
DEADLINE_SECONDS = 60.0


def now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


class Program:
    """One of our commands as a process; its lines are kept."""

    def __init__(self, module: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.lines: list[str] = []
        self._ready: queue.Queue[str] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[str] | None) -> None:
        assert stream is not None
        for line in stream:
            self.lines.append(line)
            if line.startswith("ready "):
                self._ready.put(line.split(" ", 1)[1].strip())

    def ready(self) -> str:
        """The address of its next `ready` line."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            try:
                return self._ready.get(timeout=0.1)
            except queue.Empty:
                assert self.process.poll() is None, "".join(self.lines)
        raise AssertionError("never ready: " + "".join(self.lines))

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and wait."""
        self.process.send_signal(how)
        code = self.process.wait(DEADLINE_SECONDS)
        self._reader.join(DEADLINE_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


class World:
    """A scheme on this machine: pack, mailbox, a hosted desk's folder, and one laptop's exchange."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk_home = folder / "desk"
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE + "\n")
        self.environment = {"FIRSTCONTACT_PASSPHRASE_FILE": str(self.passphrase)}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        box = self.run("sync.mailbox", "init", "--data", str(folder / "mailbox"), "--id", "mailbox-1")
        where = ("--mailbox", "mailbox-1", "--mailbox-url", self.url)
        names = ("--agency", "LLA=Later Life Ambleshire", "--agency", "RTH=Rushmere Handyperson")
        made = self.run("sync.desk", "init", "--home", str(self.desk_home), *names, *where)
        self.device, hub, coordinator = (Keyring.generate(one) for one in ("dev-1", "HUB", "coordinator"))
        parties = [
            *json.loads(made)["parties"],
            {
                "id": "mailbox-1",
                "kind": "mailbox",
                "mailbox_url": self.url,
                "signing": [{"jwk": json.loads(box)["signing"]}],
            },
            party_of(self.device, "device", "Tamsin", mailbox="mailbox-1", mailbox_url=self.url),
            party_of(hub, "hub", "Hub", mailbox="mailbox-1", mailbox_url=self.url),
            party_of(Keyring("coordinator", coordinator.signing), "coordinator"),
        ]
        self.pack_file = folder / "pack.json"
        self.write_pack(parties, coordinator.signing)
        self.statuses: list[Status] = []
        self.journal = MemoryJournal()
        self.links = Links(self.device)
        self.exchange = Exchange(self.device, self.journal, self.links, self.pack, now, self._heard)

    def write_pack(self, parties: list[dict[str, object]], signer: PrivateKey) -> None:
        """Sign a pack of these parties."""
        files = build_pack({"keys.json": keys_part(parties)}, 1, now() + timedelta(days=30), signer)
        self.pack_file.write_bytes(pack_to_wire(files))
        self.pack = Pack.verify(files, [signer.public])

    def _heard(self, incoming: Incoming) -> Handled:
        if isinstance(incoming.message, Status):
            self.statuses.append(incoming.message)
        return Handled()

    def run(self, module: str, *arguments: str, expect: int = 0) -> str:
        """A command to its end; what it printed on stdout."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            env={**os.environ, **self.environment},
            check=False,
        )
        assert done.returncode == expect, done.stderr
        return done.stdout if expect == 0 else done.stderr

    def desk(self, *arguments: str) -> str:
        """A command of the desk."""
        command, *rest = arguments
        return self.run("sync.desk", command, "--home", str(self.desk_home), *rest)

    @contextmanager
    def mailbox(self) -> Iterator[Program]:
        """The mailbox, running."""
        listen = self.url.removeprefix("http://")
        program = Program(
            "sync.mailbox", "--data", str(self.folder / "mailbox"), "--pack", str(self.pack_file),
            "--listen", listen, "--public-url", self.url,
        )  # fmt: skip
        program.ready()
        try:
            yield program
        finally:
            program.end()

    def serve(self, *arguments: str) -> Program:
        """The desk's pages and post, started."""
        home, pack = str(self.desk_home), str(self.pack_file)
        return Program("sync.desk", "serve", "--home", home, "--pack", pack, *arguments, environment=self.environment)

    def refer(self, seeds: range, to: str = "LLA") -> None:
        """Queue referrals."""
        for seed in seeds:
            self.exchange.queue(referral(seed), to)

    def received(self, seeds: range) -> int:
        """For how many of them the desk's receipt has come."""
        wanted = {reference(seed) for seed in seeds}
        return sum(item.jti in wanted and item.state == "received" for item in self.exchange.items())

    def until(self, true: object, seconds: float = DEADLINE_SECONDS) -> None:
        """Rounds of the laptop until something holds."""
        assert callable(true)
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "waited for too long"
            self.exchange.run_once(wait_seconds=0)
            time.sleep(0.02)

    def ledger(self) -> dict[str, list[int]]:
        """Reference -> versions taken, over all agencies of the desk, by its own sealed ledger."""
        home = Home.open(self.desk_home, PASSPHRASE.encode(), read_only=True)
        try:
            return {
                row.reference: list(row.versions) for desk in home.desks(None).values() for row in desk.index.rows()
            }
        finally:
            home.close()

    def close(self) -> None:
        """Close the laptop's connections."""
        self.links.close()


def not_once(ledger: dict[str, list[int]], seeds: range) -> list[str]:
    """Referrals that are not in a ledger exactly once."""
    wanted = {reference(seed) for seed in seeds}
    return sorted({one for one in wanted if ledger.get(one) != [1]} | (set(ledger) - wanted))
