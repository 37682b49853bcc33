"""P1 and P2: one answer sealed, chained, durable and acknowledged, against one plain row and against SQLCipher.

    python -m bench.p01_save_answer [--rounds 400] [--runs 5] [--dir DIR] [--json]

Every variant is called once a round, in a new random order each round, on the same disk, so that noise falls on all
alike. Peers: one row of the answer's text into a plain table, WAL and synchronous=FULL, by the same SQLite that we use
(`sqlite3`, kept under that name) and by `sqlcipher3`. Ours: `Store.append` of one event of a visit among `--visits`.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite

from bench._lib import machine, percentile
from firstcontact.store.store import Store

BARS = {"P1 p50": 1.4, "P1 p95": 2.0, "P2 p50": 1.2}


def answer(number: int) -> dict[str, Any]:
    """An answer event of the size that the visit program writes."""
    return {
        "id": secrets.token_hex(8),
        "type": "AnswerRecorded",
        "v": 1,
        "at": "2026-02-10T13:34:00Z",
        "offset_minutes": 0,
        "clock_trusted": True,
        "device": "d-4f2a",
        "by": "osric",
        "subject": "p1",
        "data": {"question": f"B{number % 36}", "value": "yes"},
    }


def plain_row(module: Any, path: Path, key: bytes | None = None) -> Callable[[], None]:
    """Insert one row with the text of an answer, durable on return."""
    connection = module.connect(str(path), isolation_level=None)
    if key is not None:
        connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE answer (visit TEXT, seq INTEGER, text BLOB, PRIMARY KEY (visit, seq)) WITHOUT ROWID"
    )
    count = 0

    def save() -> None:
        nonlocal count
        count += 1
        text = json.dumps(answer(count)).encode()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO answer VALUES (?, ?, ?)", ("v1", count, text))
        connection.execute("COMMIT")

    return save


def sealed_event(folder: Path, visits: int) -> Callable[[], None]:
    """Append one answer to the newest of so many visits, durable on return."""
    store = Store.create(folder / "vault.db", b"lantern otter gravel teaspoon")
    for number in range(visits):
        store.new_visit(f"visit-{number}", {"name": f"Person {number}"})
    store.append(f"visit-{visits - 1}", [("p1", answer(0))])
    count = 0

    def save() -> None:
        nonlocal count
        count += 1
        store.append(f"visit-{visits - 1}", [("p1", answer(count))])

    return save


def one_run(folder: Path, rounds: int, visits: int, seed: int) -> dict[str, list[float]]:
    """Seconds of every save, by variant."""
    from sqlcipher3 import dbapi2 as sqlcipher

    variants = {
        "sqlite3": plain_row(sqlite, folder / "plain.db"),
        "sqlcipher3": plain_row(sqlcipher, folder / "cipher.db", secrets.token_bytes(32)),
        "first contact": sealed_event(folder, visits),
    }
    order = random.Random(seed)
    names = list(variants)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds + 20):
        order.shuffle(names)
        for name in names:
            began = time.perf_counter()
            variants[name]()
            if turn >= 20:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def measure(rounds: int, runs: int, visits: int, folder: str | None) -> dict[str, Any]:
    """Medians over the runs of each run's percentiles and ratios."""
    figures: dict[str, list[float]] = {}
    for run in range(runs):
        place = Path(tempfile.mkdtemp(dir=folder))
        try:
            seconds = one_run(place, rounds, visits, run)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        p50 = {name: percentile(values, 0.5) for name, values in seconds.items()}
        p95 = {name: percentile(values, 0.95) for name, values in seconds.items()}
        for name in p50:
            figures.setdefault(f"{name} p50 ms", []).append(p50[name] * 1e3)
            figures.setdefault(f"{name} p95 ms", []).append(p95[name] * 1e3)
        figures.setdefault("P1 p50", []).append(p50["first contact"] / p50["sqlite3"])
        figures.setdefault("P1 p95", []).append(p95["first contact"] / p95["sqlite3"])
        figures.setdefault("P2 p50", []).append(p50["first contact"] / p50["sqlcipher3"])
    return {name: round(statistics.median(values), 3) for name, values in figures.items()}


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say whether the bars are met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--visits", type=int, default=50)
    parser.add_argument("--dir")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    figures = measure(options.rounds, options.runs, options.visits, options.dir)
    result = {
        "bar": "P1, P2",
        "machine": machine(),
        "versions": {"python": platform.python_version(), "sqlite": sqlite.sqlite_version},
        "figures": figures,
        "bars": BARS,
        "met": all(figures[name] <= bar for name, bar in BARS.items()),
    }
    if options.json:
        print(json.dumps(result))
    else:
        print(f"P1, P2: one answer saved ({result['machine']}, SQLite {sqlite.sqlite_version})")
        for name, value in figures.items():
            bar = f"   bar {BARS[name]}" if name in BARS else ""
            print(f"  {name:24s} {value:8.3f}{bar}")
    return 0 if result["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
