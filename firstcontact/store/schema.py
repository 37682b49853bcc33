"""The tables of a vault as numbered migrations. A migration never re-seals: what is sealed carries its own format.

What stands outside the seals: opaque random or HMAC ids, sequence numbers, transaction numbers, tags. Nothing else.
"""

from __future__ import annotations

from typing import Final

from sync.base.sealed_db import Migration
from sync.base.sealed_file import BASE_MIGRATIONS

MIGRATIONS: Final = (
    *BASE_MIGRATIONS,
    Migration(
        "0002 streams, events, register",
        (
            # A stream is one data key of one visit. Its label (whose it is) travels inside the wrapped key.
            """CREATE TABLE stream (id BLOB PRIMARY KEY, visit BLOB NOT NULL, wrapped BLOB NOT NULL)
            STRICT, WITHOUT ROWID""",
            "CREATE INDEX stream_by_visit ON stream (visit)",
            # One page is written per answer, and a stream's events lie side by side: no rowid, no second tree.
            """CREATE TABLE event (stream BLOB NOT NULL, seq INTEGER NOT NULL, sealed BLOB NOT NULL,
            PRIMARY KEY (stream, seq)) STRICT, WITHOUT ROWID""",
            # The register in pages of 128 visits: `list` is read for the list of visits, `chains` when one is opened.
            """CREATE TABLE register (page INTEGER PRIMARY KEY, list BLOB NOT NULL, chains BLOB NOT NULL) STRICT""",
            "CREATE TABLE register_root (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT",
        ),
    ),
)
