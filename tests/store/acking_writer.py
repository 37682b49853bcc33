"""A process that saves answers and prints `ACK n` once the n-th is durable, until it is killed.

    python -m tests.store.acking_writer VAULT KEY_HEX FIRST early|late [COUNT]

Each act writes an event and a document together; each seventh also changes the visit's line in the list. With `early`
the acknowledgement comes before the act: what a kill test must catch.
"""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

from firstcontact.store.store import Store

VISIT = "visit-1"


def main() -> None:
    """Save for ever, or COUNT times."""
    path, key, first = Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3])
    early = sys.argv[4] == "early"
    count = int(sys.argv[5]) if len(sys.argv) > 5 else None
    store = Store.open(path, store_key=key)
    for number in itertools.islice(itertools.count(first), count):
        if early:
            os.write(1, b"ACK %d\n" % number)
        store.append(
            VISIT,
            [("p1", {"n": number}), ("visit", {"n": number})],
            summary={"n": number} if number % 7 == 0 else None,
            puts=[("outbox", f"r{number % 5}", {"n": number})],
        )
        if not early:
            os.write(1, b"ACK %d\n" % number)
    store.close()


if __name__ == "__main__":
    main()
