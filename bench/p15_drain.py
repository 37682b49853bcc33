"""P15: a laptop's queue of 1,000 referrals drained to a durable mailbox, against posting the same bytes one by one.

    python bench/p15_drain.py [--referrals 1000] [--runs 5] [--dir DIR] [--json]

Ours: `Exchange.send` over the sealed journal and HTTP on loopback, everything durable on both sides: sealed, frozen,
sent, stored, acknowledged, its receipt verified and kept. From queued with one referral a batch and with 50, and from
batches of 50 that are frozen already. Peer: one `httpx.Client` posting the very bodies of one referral a batch, one
after the other, to a service that does one durable insert for each (the same uvicorn, loop, parser and SQLite). Every
run takes all four in a new random order, with a fresh journal, the same two server processes, the same disk.
"""

from __future__ import annotations

import argparse
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
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from pysqlite3 import dbapi2 as sqlite

from bench.mailbox_world import PARTNER, World, mailbox_process, peer_process, referral
from sync import sender
from sync.base.documents import SealedDocuments
from sync.base.references import new_reference
from sync.client import Links, new_client
from sync.envelope import Addressee
from sync.exchange import Exchange
from sync.items import BODY, Item, outgoing
from sync.pack import Pack
from sync.sender import Limits

BARS = {"one a batch": 0.4, "50 a batch": 1.5, "50 a batch, from sealed": 3.0}


def now() -> datetime:
    """The clock of the laptop."""
    return datetime.now(UTC)


class Laptop:
    """One laptop with a fresh sealed journal and so many queued referrals."""

    def __init__(self, world: World, pack: Pack, folder: Path, referrals: int, per_batch: int) -> None:
        # A new identity each time: the mailbox would see an old number of a known one as a vault put back.
        self.me, self.referrals = world.laptops.pop(), referrals
        self.journal = SealedDocuments.create(folder / f"{secrets.token_hex(4)}.db", key=secrets.token_bytes(32))
        self.client = new_client()
        self.pack = pack
        self.limits = Limits(items=per_batch)
        links = Links(self.me, self.client)
        self.exchange = Exchange(self.me, self.journal, links, self.pack, now, limits=self.limits)
        self.items = [
            outgoing(referral(new_reference(secrets.token_bytes)), PARTNER, now=now()) for _ in range(referrals)
        ]
        self.journal.commit([item.put for item in self.items])

    def freeze(self) -> None:
        """Seal and freeze everything, as a drain that was cut off leaves it."""
        party = self.pack.parties[PARTNER]
        frozen = sender.freeze_lane(
            sender.in_order(Item.from_document(document) for _, document in self.journal.load("outbox")),
            self.me,
            Addressee(PARTNER, party.sealing_key(now())),
            now=now(),
            pack_sequence=self.pack.sequence,
            last_sequence=0,
            new_id=lambda: secrets.token_urlsafe(16),
            limits=self.limits,
        )
        puts = (*frozen.changes.puts, sender.sequence_put(frozen.last_sequence))
        self.journal.commit(puts, frozen.changes.deletes)

    def drain(self) -> float:
        """Seconds until everything queued is deposited, with the mailbox's receipts kept."""
        began = time.perf_counter()
        report = self.exchange.send(eager=True)
        took = time.perf_counter() - began
        if (report.deposited, report.waiting) != (self.referrals, 0):
            raise SystemExit(f"not drained: {report}")
        return took

    def close(self) -> None:
        """Let go of file and connections."""
        self.client.close()
        self.journal.close()


def post_one_by_one(url: str, bodies: list[bytes]) -> float:
    """The peer: seconds for the same bytes with plain httpx."""
    with httpx.Client(trust_env=False) as client:
        began = time.perf_counter()
        for body in bodies:
            headers = {"content-type": "application/json", "idempotency-key": secrets.token_hex(8)}
            if client.post(url + "/store", content=body, headers=headers).status_code != 201:
                raise SystemExit("the peer did not store")
        return time.perf_counter() - began


def one_run(world: World, pack: Pack, peer: str, folder: Path, referrals: int, seed: int) -> dict[str, float]:
    """Referrals a second of every variant, in a random order."""

    def drained(per_batch: int, *, sealed: bool = False) -> float:
        with closing(Laptop(world, pack, folder, referrals, per_batch)) as laptop:
            if sealed:
                laptop.freeze()
            return laptop.drain()

    def posted() -> float:
        with closing(Laptop(world, pack, folder, referrals, 1)) as laptop:
            laptop.freeze()
            bodies = [str(document["body"]).encode() for _, document in laptop.journal.load(BODY)]
        return post_one_by_one(peer, bodies)

    variants: dict[str, Callable[[], float]] = {
        "httpx, one durable insert each": posted,
        "one a batch": lambda: drained(1),
        "50 a batch": lambda: drained(50),
        "50 a batch, from sealed": lambda: drained(50, sealed=True),
    }
    names = list(variants)
    random.Random(seed).shuffle(names)
    return {name: referrals / variants[name]() for name in names}


def measure(referrals: int, runs: int, folder: str | None) -> dict[str, Any]:
    """Medians over the runs, of rates and of the ratios within each run."""
    place = Path(tempfile.mkdtemp(dir=folder))
    world = World(laptops=4 * (runs + 1))
    figures: dict[str, list[float]] = {}
    try:
        with mailbox_process(world, place / "mailbox") as ours, peer_process(place / "peer") as peer:
            pack = world.pack(ours)
            one_run(world, pack, peer, place, min(referrals, 50), 0)  # warm
            for run in range(runs):
                rates = one_run(world, pack, peer, place, referrals, run)
                base = rates["httpx, one durable insert each"]
                for name, rate in rates.items():
                    figures.setdefault(f"{name}, a second", []).append(rate)
                    if name in BARS:
                        figures.setdefault(name, []).append(rate / base)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return {name: round(statistics.median(values), 2) for name, values in figures.items()}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say whether the bars are met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--referrals", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--dir")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = measure(options.referrals, options.runs, options.dir)
    result = {
        "bar": "P15",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {"python": platform.python_version(), "sqlite": sqlite.sqlite_version, "httpx": httpx.__version__},
        "figures": figures,
        "bars": BARS,
        "met": all(figures[name] >= bar for name, bar in BARS.items()),
    }
    if options.json:
        print(json.dumps(result))
    else:
        print(f"P15: {options.referrals} referrals drained ({result['machine']}, SQLite {sqlite.sqlite_version})")
        for name, value in figures.items():
            bar = f"   bar {BARS[name]}" if name in BARS else ""
            print(f"  {name:44s} {value:9.2f}{bar}")
    return 0 if result["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
