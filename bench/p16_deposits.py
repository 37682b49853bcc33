"""P16: deposits into the mailbox by 100 connections, verified, durable, acknowledged after the commit.

    python bench/p16_deposits.py [--deposits 3000] [--connections 100] [--runs 5] [--dir DIR] [--json]

Ours: signed requests, made beforehand, with one sealed referral each; the mailbox verifies request and batch, stores
them, signs a receipt. Peer: the same bodies to a bare group commit on the same uvicorn, event loop, parser and SQLite,
which verifies and signs nothing. Both are driven by the same plain client of asyncio, which knows just enough HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pysqlite3 import dbapi2 as sqlite

from bench.mailbox_world import MAILBOX, PARTNER, World, mailbox_process, peer_process, referral
from sync import batch, http_signing
from sync.base.references import new_reference
from sync.envelope import Addressee, seal
from sync.pack import Pack

BAR = 0.35
PATH = f"/v1/mailboxes/{PARTNER}/batches"


def requests_for(world: World, url: str, pack: Pack, count: int) -> tuple[list[bytes], list[bytes]]:
    """So many deposits as bytes on the wire, for us and for the peer."""
    party = pack.parties[PARTNER]
    now = http_time()
    to = Addressee(PARTNER, party.sealing_key(now))
    me = world.laptops[0]
    sealed = [seal(referral(new_reference(secrets.token_bytes)), me, to, now=now, pack_sequence=1) for _ in range(20)]
    ours, peers = [], []
    for number in range(count):
        batch_id = secrets.token_urlsafe(12)
        body, _ = batch.freeze(
            batch_id, me, PARTNER, [sealed[number % 20]], sender_sequence=number + 1, pack_sequence=1
        )
        signature = http_signing.sign(
            "POST", url + PATH, body, me.signing, created=int(time.time()), nonce=secrets.token_urlsafe(12)
        )
        fields = {"Host": "x", "Content-Type": "application/json", "Idempotency-Key": batch_id}
        ours.append(_request(PATH, fields | signature, body))
        peers.append(_request("/group", fields, body))
    return ours, peers


def http_time() -> Any:
    """Now, as `seal` wants it."""
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _request(path: str, fields: dict[str, str], body: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def drive(url: str, requests: list[bytes], connections: int) -> float:
    """Seconds until every request was answered with 201."""
    parts = urlsplit(url)
    todo = iter(requests)

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for request in todo:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 201"):
                raise SystemExit(f"not stored: {head[:40]!r}")
            at = head.lower().index(b"content-length:") + 15
            await reader.readexactly(int(head[at : head.index(b"\r", at)]))
        writer.close()
        await writer.wait_closed()

    began = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(connections)))
    return time.perf_counter() - began


def measure(deposits: int, connections: int, runs: int, folder: str | None) -> dict[str, Any]:
    """Medians over the runs, of rates and of the ratio within each run."""
    place = Path(tempfile.mkdtemp(dir=folder))
    world = World()
    figures: dict[str, list[float]] = {}
    try:
        with mailbox_process(world, place / MAILBOX) as ours, peer_process(place / "peer") as peer:
            pack = world.pack(ours)
            for run in range(runs + 1):
                mine, theirs = requests_for(world, ours, pack, deposits)
                turns = [("ours", ours, mine), ("bare group commit", peer, theirs)]
                random.Random(run).shuffle(turns)
                rates = {name: deposits / asyncio.run(drive(url, sent, connections)) for name, url, sent in turns}
                if run == 0:
                    continue  # warm
                for name, rate in rates.items():
                    figures.setdefault(f"{name}, a second", []).append(rate)
                figures.setdefault("ratio", []).append(rates["ours"] / rates["bare group commit"])
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return {name: round(statistics.median(values), 3) for name, values in figures.items()}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say whether the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--deposits", type=int, default=3000)
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--dir")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = measure(options.deposits, options.connections, options.runs, options.dir)
    result = {
        "bar": "P16",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {"python": platform.python_version(), "sqlite": sqlite.sqlite_version},
        "figures": figures,
        "bars": {"ratio": BAR},
        "met": figures["ratio"] >= BAR,
    }
    if options.json:
        print(json.dumps(result))
    else:
        print(f"P16: {options.connections} connections ({result['machine']}, SQLite {sqlite.sqlite_version})")
        for name, value in figures.items():
            print(f"  {name:30s} {value:9.2f}{f'   bar {BAR}' if name == 'ratio' else ''}")
    return 0 if result["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
