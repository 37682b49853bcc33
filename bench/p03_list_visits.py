"""P3: the list of 10,000 visits read and decrypted, against SQLCipher with the summary beside the body.

    python -m bench.p03_list_visits [--visits 10000] [--runs 7] [--dir DIR] [--json]

Each run opens both files anew and lists every visit as parsed summaries, in a random order of the two; the key
derivation is left out on both sides (a raw key). Summaries are those of the shared anchor: about 230 bytes of JSON;
a visit's body is 2 KB in both files.
"""

from __future__ import annotations

import argparse
import json
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

from pysqlite3 import dbapi2 as sqlite

from bench._lib import machine
from firstcontact.store.store import Store

BAR = 0.4


def summary(number: int) -> dict[str, Any]:
    """What a line of the list carries."""
    return {
        "id": secrets.token_hex(8),
        "name": f"Person Number {number}",
        "dob": "1980-02-03",
        "status": "open",
        "list": "winter-v3",
        "done": number % 40,
        "of": 40,
        "updated": 1700000000 + number,
        "flags": ["housing", "food"],
        "next": "call back on Tuesday afternoon",
    }


def make_vault(path: Path, visits: int) -> bytes:
    """A vault of so many visits, each with an event of 2 KB; returns its store key."""
    store = Store.create(path, b"lantern otter gravel teaspoon")
    store._file.db.execute("PRAGMA synchronous=OFF")
    for number in range(visits):
        store.new_visit(f"visit-{number}", summary(number), [("visit", {"body": secrets.token_hex(1000)})])
    key = store._file.vault.store_key
    store.close()
    return key


def make_peer(path: Path, visits: int, key: bytes) -> None:
    """The same under SQLCipher, summary and body in one row."""
    connection = peer(path, key)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE visit (id TEXT PRIMARY KEY, summary BLOB, body BLOB)")
    connection.execute("BEGIN")
    for number in range(visits):
        row = (f"visit-{number}", json.dumps(summary(number)).encode(), secrets.token_hex(1000).encode())
        connection.execute("INSERT INTO visit VALUES (?, ?, ?)", row)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def peer(path: Path, key: bytes) -> Any:
    from sqlcipher3 import dbapi2 as sqlcipher

    connection = sqlcipher.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    return connection


def list_ours(path: Path, key: bytes, visits: int) -> float:
    began = time.perf_counter()
    store = Store.open(path, store_key=key)
    found = store.visits()
    seconds = time.perf_counter() - began
    assert len(found) == visits
    assert not store.damage()
    store.close()
    return seconds


def list_peer(path: Path, key: bytes, visits: int) -> float:
    began = time.perf_counter()
    connection = peer(path, key)
    found = [(ident, json.loads(text)) for ident, text in connection.execute("SELECT id, summary FROM visit")]
    seconds = time.perf_counter() - began
    assert len(found) == visits
    connection.close()
    return seconds


def measure(visits: int, runs: int, folder: str | None) -> dict[str, float]:
    """Medians of both, and of the ratios of the runs."""
    place = Path(tempfile.mkdtemp(dir=folder))
    ours: list[float] = []
    theirs: list[float] = []
    try:
        key = make_vault(place / "vault.db", visits)
        make_peer(place / "peer.db", visits, key)
        order = random.Random(3)
        for run in range(runs + 1):
            both = [(ours, list_ours, "vault.db"), (theirs, list_peer, "peer.db")]
            order.shuffle(both)
            for figures, act, name in both:
                seconds = act(place / name, key, visits)
                if run:
                    figures.append(seconds)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    ratios = [mine / peers for mine, peers in zip(ours, theirs, strict=True)]
    return {
        "first contact ms": round(statistics.median(ours) * 1e3, 2),
        "sqlcipher3 ms": round(statistics.median(theirs) * 1e3, 2),
        "P3": round(statistics.median(ratios), 3),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say whether the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--visits", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--dir")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = measure(options.visits, options.runs, options.dir)
    result = {
        "bar": "P3",
        "machine": machine(),
        "versions": {"python": platform.python_version(), "sqlite": sqlite.sqlite_version},
        "figures": figures,
        "bars": {"P3": BAR},
        "met": figures["P3"] <= BAR,
    }
    if options.json:
        print(json.dumps(result))
    else:
        print(f"P3: list of {options.visits} visits ({result['machine']}, SQLite {sqlite.sqlite_version})")
        for name, value in figures.items():
            print(f"  {name:24s} {value:8.3f}" + (f"   bar {BAR}" if name == "P3" else ""))
    return 0 if result["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
