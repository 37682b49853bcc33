"""A small scheme with keys, its pack, and a mailbox process to which everybody in it can speak."""

from __future__ import annotations

import json
import os
import secrets
import select
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from sync import batch, http_signing, pack
from sync.keys import Keyring, PrivateKey, PublicKey

MAILBOX = "mailbox-1"
DEADLINE_SECONDS = 30.0


def now() -> datetime:
    """The time that a process beside us has as well."""
    return datetime.now(UTC)


@dataclass
class Scheme:
    """Two laptops, two agencies, a hub, a safeguarding lead, a coordinator, a mailbox; one laptop was revoked."""

    coordinator: Keyring = field(default_factory=lambda: Keyring.generate("coord"))
    mailbox: Keyring = field(default_factory=lambda: Keyring.generate(MAILBOX))
    parties: dict[str, tuple[Keyring, str]] = field(default_factory=dict)
    revoked: tuple[str, ...] = ("dev-lost",)

    def __post_init__(self) -> None:
        for party_id, kind in (
            ("dev-1", pack.DEVICE),
            ("dev-2", pack.DEVICE),
            ("dev-lost", pack.DEVICE),
            ("AFR", pack.AGENCY),
            ("SSA", pack.AGENCY),
            ("hub", pack.HUB),
            ("lead", pack.SAFEGUARDING),
        ):
            self.parties[party_id] = (Keyring.generate(party_id), kind)

    def keys(self, party_id: str) -> Keyring:
        """The private keys of a party; a stranger gets fresh ones."""
        own = {self.mailbox.id: self.mailbox, self.coordinator.id: self.coordinator}
        if party_id in own:
            return own[party_id]
        return self.parties[party_id][0] if party_id in self.parties else Keyring.generate(party_id)

    def pack_files(
        self, sequence: int = 1, signer: PrivateKey | None = None, elsewhere: Sequence[str] = (), url: str | None = None
    ) -> dict[str, bytes]:
        """The signed pack; parties named in `elsewhere` have their post at another mailbox, all others at `url`."""
        listed = [
            pack.party_of(self.coordinator, pack.COORDINATOR),
            pack.party_of(self.mailbox, pack.MAILBOX),
        ]
        for keys, kind in self.parties.values():
            more: dict[str, Any] = {"mailbox": "mailbox-9" if keys.id in elsewhere else MAILBOX, "mailbox_url": url}
            if keys.id in self.revoked:
                more["revoked"] = now() - timedelta(days=1)
            listed.append(pack.party_of(keys, kind, **more))
        parts = {pack.KEYS: pack.keys_part(listed)}
        return pack.build_pack(parts, sequence, now() + timedelta(days=90), signer or self.coordinator.signing)

    def write(self, folder: Path) -> None:
        """What an operator has on disk: the key file and the pack."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mailbox-key.json").write_text(json.dumps(self.mailbox.to_document()), encoding="utf-8")
        (folder / "pack.json").write_bytes(pack.pack_to_wire(self.pack_files()))


@dataclass
class Running:
    """A mailbox process that answers."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def lines(self) -> Iterator[bytes]:
        """What it says on stdout from here on, to be waited for."""
        assert self.process.stdout is not None
        yield from self.process.stdout

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        self.process.wait(DEADLINE_SECONDS)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.terminate()
        return self.process.wait(DEADLINE_SECONDS)


@contextmanager
def running(
    folder: Path,
    *more: str,
    pack_file: bool = True,
    module: str = "sync.mailbox",
    environment: dict[str, str] | None = None,
) -> Iterator[Running]:
    """Start a mailbox on a folder that a Scheme was written to; killed at the end if it still runs."""
    log = folder / "stderr.log"
    command = [sys.executable, "-m", module, "--data", str(folder), *more]
    if pack_file:
        command += ["--pack", str(folder / "pack.json")]
    with log.open("ab") as stderr:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, env={**os.environ, **(environment or {})}
        )
    try:
        yield Running(process, _ready(process, log), log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(DEADLINE_SECONDS)
        if process.stdout is not None:
            process.stdout.close()


def _ready(process: subprocess.Popen[bytes], log: Path) -> str:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], DEADLINE_SECONDS)
    line = process.stdout.readline().decode() if readable else ""
    assert line.startswith("ready http://"), f"not ready: {line!r} {log.read_text()}"
    return line.split()[1]


class Speaker:
    """One party at the mailbox's HTTP: makes requests as the contract says, and wrong ones when told to."""

    def __init__(self, keys: Keyring, url: str, scheme: Scheme) -> None:
        self.keys = keys
        self.url = url
        self.scheme = scheme
        self.http = httpx.Client(base_url=url, timeout=DEADLINE_SECONDS, trust_env=False)
        self.sequence = 0

    def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: dict[str, str] | None = None,
        created: int | None = None,
        nonce: str | None = None,
        authority: str | None = None,
        signed_body: bytes | None = None,
        key: PrivateKey | None = None,
    ) -> httpx.Response:
        """A signed request; every argument after `headers` is a way to sign it wrongly."""
        signature = http_signing.sign(
            method,
            (authority or self.url) + path,
            body if signed_body is None else signed_body,
            key or self.keys.signing,
            created=int(time.time()) if created is None else created,
            nonce=nonce or secrets.token_urlsafe(18),
        )
        json_type = {"Content-Type": "application/json"} if body else {}
        return self.http.request(method, path, content=body, headers={**signature, **json_type, **(headers or {})})

    def frozen(self, to: str, items: Sequence[str] = ("a.b.c.d.e",), batch_id: str | None = None) -> tuple[str, bytes]:
        """A batch id and the body of its deposit."""
        self.sequence += 1
        batch_id = batch_id or secrets.token_urlsafe(12)
        body, _ = batch.freeze(batch_id, self.keys, to, items, sender_sequence=self.sequence, pack_sequence=1)
        return batch_id, body

    def deposit(self, to: str, batch_id: str, body: bytes, **more: Any) -> httpx.Response:
        """POST a frozen batch."""
        return self.request("POST", f"/v1/mailboxes/{to}/batches", body, headers={"Idempotency-Key": batch_id}, **more)

    def collect(self, query: str = "") -> list[dict[str, Any]]:
        """The batches that wait."""
        reply = self.request("GET", f"/v1/mailboxes/{self.keys.id}/batches{query}")
        assert reply.status_code == 200, reply.text
        return list(reply.json()["batches"])

    def acknowledge(self, cursor: str) -> httpx.Response:
        """POST collected."""
        return self.request("POST", f"/v1/mailboxes/{self.keys.id}/collected", json.dumps({"cursor": cursor}).encode())

    def state(self) -> dict[str, Any]:
        """GET my mailbox."""
        return dict(self.request("GET", f"/v1/mailboxes/{self.keys.id}").json())

    def receipt_in(self, reply: httpx.Response) -> batch.DepositReceipt:
        """The verified deposit receipt of a reply."""
        public: PublicKey = self.scheme.mailbox.signing.public
        return batch.read_deposit_receipt(reply.json()["receipt"], {public.kid: public}.get)


def code_of(reply: httpx.Response) -> str:
    """The code of a problem, after checking that it is one as RFC 9457 wants it."""
    assert reply.headers["content-type"] == "application/problem+json", reply.text
    problem = reply.json()
    assert problem["status"] == reply.status_code
    assert problem["title"]
    return str(problem["type"]).removeprefix("urn:firstcontact:problem:")


def pack_parts(reply: httpx.Response) -> dict[str, bytes]:
    """The parts in an answer to GET /v1/pack."""
    return {name: b64decode(data) for name, data in reply.json()["parts"].items()}
