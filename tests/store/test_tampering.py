"""A thief changes the file and puts it back: nothing altered, lost or put back is ever shown as true."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2

from firstcontact.store.errors import StoreError
from firstcontact.store.register import Register
from firstcontact.store.store import Store
from firstcontact.store.streams import Streams
from sync.base.documents import Documents
from sync.base.vault import NO_TAG, tag_of
from tests.store.small_vault import VISITS, Shown, lies, make_small_vault, open_and_show, show

TABLES = {
    "event": ("stream", "seq", "sealed"),
    "stream": ("id", "visit", "wrapped"),
    "document": ("kind", "id", "revision", "tag", "body"),
    "register": ("page", "list", "chains"),
    "register_root": ("id", "sealed"),
    "document_sums": ("id", "sealed"),
    "head": ("id", "sealed"),
}


class Thief:
    """A small vault, copies of it to change, and a tally of what became of them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "vault.db"
        self.key, self.history = make_small_vault(self.path)
        self.truth = self.history[-1]
        self.bytes = self.path.read_bytes()
        self.copy = folder / "copy" / "vault.db"
        self.tally: Counter[str] = Counter()
        self.lies: list[str] = []

    def try_bytes(self, content: bytes, what: str) -> None:
        """Put these bytes in the place of the vault, and look."""
        shutil.rmtree(self.copy.parent, ignore_errors=True)
        self.copy.parent.mkdir()
        self.copy.write_bytes(content)
        self.judge(open_and_show(self.copy, self.key), what)

    def try_sql(self, change: Callable[[Any], None], what: str) -> None:
        """Change a copy through SQLite, as somebody without the keys can, and look."""
        shutil.rmtree(self.copy.parent, ignore_errors=True)
        self.copy.parent.mkdir()
        self.copy.write_bytes(self.bytes)
        connection = dbapi2.connect(str(self.copy), isolation_level=None)
        try:
            change(connection)
        finally:
            connection.close()
        self.judge(open_and_show(self.copy, self.key), what)

    def judge(self, shown: Shown, what: str) -> None:
        found = lies(shown, self.truth)
        self.lies += [f"{what}: {lie}" for lie in found]
        self.tally["refused" if shown.refused else "reported" if shown.damage else "unharmed"] += 1

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """The rows of a table of the untouched vault."""
        connection = dbapi2.connect(self.path.resolve().as_uri() + "?mode=ro", uri=True)
        try:
            return list(connection.execute(f"SELECT {', '.join(TABLES[table])} FROM {table} ORDER BY 1, 2"))  # noqa: S608
        finally:
            connection.close()

    def report(self, name: str) -> None:
        print(f"{name}: {sum(self.tally.values())} tried, {dict(self.tally)}, {len(self.lies)} lies")  # noqa: T201 - how much was looked at
        assert not self.lies, self.lies[:5]


@pytest.fixture
def thief(tmp_path: Path) -> Thief:
    return Thief(tmp_path)


def where(table: str) -> str:
    return " AND ".join(f"{column} = ?" for column in TABLES[table][: 1 if table in ("stream", "register") else 2])


def key_of(table: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[: 1 if table in ("stream", "register") else 2]


def running(statement: str, parameters: tuple[Any, ...] = ()) -> Callable[[Any], None]:
    """A change that is one statement."""
    return lambda connection: connection.execute(statement, parameters)


def flip_everywhere(thief: Thief, places: Iterator[int] | range) -> None:
    for at in places:
        content = bytearray(thief.bytes)
        content[at] ^= 1 << (at % 8)
        thief.try_bytes(bytes(content), f"byte {at} flipped")


def test_a_flipped_byte_is_never_a_wrong_answer(thief: Thief) -> None:
    """A seeded slice of all bytes of the file: refused, reported or without effect."""
    rest = random.Random(4)
    flip_everywhere(thief, iter(sorted(rest.sample(range(len(thief.bytes)), 1200))))
    thief.report("bytes flipped")
    assert thief.tally["refused"] > 10
    assert thief.tally["reported"] > 10


@pytest.mark.faults
def test_every_flipped_byte_is_never_a_wrong_answer(thief: Thief) -> None:
    """Every byte of the file."""
    flip_everywhere(thief, range(len(thief.bytes)))
    thief.report("every byte flipped")


def test_writing_to_a_changed_vault_is_refused_or_right(thief: Thief) -> None:
    """After a flipped byte, acts are refused by our own errors or are there afterwards beside what was true before."""
    more = {"type": "AnswerRecorded", "question": "late", "value": "yes"}
    refused = written = 0
    for at in random.Random(6).sample(range(len(thief.bytes)), 250):
        content = bytearray(thief.bytes)
        content[at] ^= 0x10
        shutil.rmtree(thief.copy.parent, ignore_errors=True)
        thief.copy.parent.mkdir()
        thief.copy.write_bytes(content)
        added: dict[str, list[dict[str, Any]]] = {}
        try:
            with Store.open(thief.copy, store_key=thief.key) as store:
                for visit in VISITS:
                    try:
                        store.append(visit, [("edith", more)], {"line": "late"}, [("late", visit, {"n": at})])
                        added[visit] = [more]
                        written += 1
                    except StoreError:
                        refused += 1
        except StoreError:
            continue
        shown = open_and_show(thief.copy, thief.key)
        for visit, events in shown.events.items():
            assert events in (None, (thief.truth.events[visit] or []) + added.get(visit, [])), f"byte {at}, {visit}"
        assert shown.damage or set(added) <= set(shown.events), f"byte {at}: said saved, and gone without a word"
    print(f"250 tried, {written} acts written, {refused} refused")  # noqa: T201 - how much was looked at
    assert written > 100
    assert refused > 2


def test_a_truncated_vault_is_never_a_shorter_truth(thief: Thief) -> None:
    """Cut at every page and at odd places: refused or reported."""
    for length in range(0, len(thief.bytes), 1021):
        thief.try_bytes(thief.bytes[:length], f"cut at {length}")
    thief.report("truncated")
    assert thief.tally["unharmed"] == 0


@pytest.mark.faults
def test_a_vault_truncated_at_every_length_is_never_a_shorter_truth(thief: Thief) -> None:
    """Every length."""
    for length in range(len(thief.bytes)):
        thief.try_bytes(thief.bytes[:length], f"cut at {length}")
    thief.report("truncated at every length")
    assert thief.tally["unharmed"] == 0


def test_rows_that_are_swapped_are_noticed(thief: Thief) -> None:
    """Every pair of sealed rows of each table."""
    for table, columns in TABLES.items():
        sealed = columns[-1] if table != "register" else "list"
        at = columns.index(sealed)
        for one, other in itertools.combinations(thief.rows(table), 2):

            def swap(connection: Any, table: str = table, sealed: str = sealed, pair: Any = (one, other, at)) -> None:
                one, other, at = pair
                update = f"UPDATE {table} SET {sealed} = ? WHERE {where(table)}"  # noqa: S608
                connection.execute(update, (other[at], *key_of(table, one)))
                connection.execute(update, (one[at], *key_of(table, other)))

            thief.try_sql(swap, f"two rows of {table} swapped")
    thief.report("rows swapped")
    assert thief.tally["unharmed"] == 0


def test_rows_that_are_removed_are_noticed(thief: Thief) -> None:
    """Every row alone, and every run of last events."""
    for table in TABLES:
        for row in thief.rows(table):
            statement = f"DELETE FROM {table} WHERE {where(table)}"  # noqa: S608
            thief.try_sql(running(statement, key_of(table, row)), f"a row of {table} removed")
    for seq in range(1, 12):
        thief.try_sql(running("DELETE FROM event WHERE seq >= ?", (seq,)), f"events from {seq} on removed")
    thief.report("rows removed")
    assert thief.tally["unharmed"] == 0


@pytest.mark.faults
def test_every_subset_of_the_rows_of_a_visit_removed_is_noticed(thief: Thief) -> None:
    """All subsets of ten events."""
    rows = thief.rows("event")[:10]
    for size in range(1, len(rows) + 1):
        for subset in itertools.combinations(rows, size):

            def remove(connection: Any, subset: Any = subset) -> None:
                connection.executemany("DELETE FROM event WHERE stream = ? AND seq = ?", [row[:2] for row in subset])

            thief.try_sql(remove, f"{size} events removed")
    thief.report("subsets removed")
    assert thief.tally["unharmed"] == 0


def earlier_versions(folder: Path) -> tuple[Thief, list[Path]]:
    """A vault that goes on after it was made, and a copy of the whole file after each further act."""
    thief = Thief(folder)
    copies = []
    for number in range(6):
        copy = folder / f"earlier-{number}.db"
        copy.write_bytes(thief.path.read_bytes())
        copies.append(copy)
        with Store.open(thief.path, store_key=thief.key) as store:
            store.append(
                "visit-ay9", [("edith", {"type": "Corrected", "n": number})], summary={"line": f"now {number}"}
            )
            store.journal.commit([("outbox", "r1", {"state": f"again {number}"}), ("cursor", "mailbox", {"n": number})])
    thief.truth = open_and_show(thief.path, thief.key)
    thief.bytes = thief.path.read_bytes()
    return thief, copies


def test_an_earlier_version_of_a_row_is_noticed(tmp_path: Path) -> None:
    """Every row of every earlier copy of the file, put back into the newest one by itself."""
    thief, copies = earlier_versions(tmp_path)
    for copy in copies:
        for table, columns in TABLES.items():
            old = dbapi2.connect(str(copy))
            rows = list(old.execute(f"SELECT {', '.join(columns)} FROM {table}"))  # noqa: S608
            old.close()
            now = thief.rows(table)
            for row in rows:
                if row in now:
                    continue
                statement = f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
                thief.try_sql(running(statement, row), f"an earlier row of {table} put back")
    thief.report("rows put back")
    assert thief.tally["unharmed"] == 0
    assert sum(thief.tally.values()) > 20


def test_an_older_page_in_a_newer_file_is_noticed(tmp_path: Path) -> None:
    """Every page of every earlier copy in the place of the newer one: what SQLCipher takes for true."""
    thief, copies = earlier_versions(tmp_path)
    for copy in copies:
        old = copy.read_bytes()
        for start in range(4096, min(len(old), len(thief.bytes)), 4096):
            if old[start : start + 4096] != thief.bytes[start : start + 4096]:
                content = thief.bytes[:start] + old[start : start + 4096] + thief.bytes[start + 4096 :]
                thief.try_bytes(content, f"page {start // 4096} of an earlier copy")
    thief.report("pages put back")
    assert thief.tally["reported"] + thief.tally["refused"] > 10


def test_the_write_ahead_log_only_ever_loses_its_end(tmp_path: Path) -> None:
    """A flipped byte in the log leads to a state that was true once, as after a power cut, or is refused."""
    thief = Thief(tmp_path)
    store = Store.open(thief.path, store_key=thief.key)
    states = [thief.truth]
    for number in range(5):
        store.append("visit-ay1", [("visit", {"type": "Late", "n": number})], puts=[("outbox", "r2", {"n": number})])
        states.append(show(store))
    log = thief.path.with_name("vault.db-wal").read_bytes()
    main = thief.path.read_bytes()
    store.close()
    seen: Counter[int] = Counter()
    for at in random.Random(5).sample(range(len(log)), 150):
        shutil.rmtree(thief.copy.parent, ignore_errors=True)
        thief.copy.parent.mkdir()
        thief.copy.write_bytes(main)
        changed = bytearray(log)
        changed[at] ^= 0x40
        thief.copy.with_name("vault.db-wal").write_bytes(changed)
        shown = open_and_show(thief.copy, thief.key)
        assert shown.refused is not None or shown in states, f"byte {at} of the log"
        if shown in states:
            seen[states.index(shown)] += 1
    assert len(seen) >= 3


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER spy AFTER INSERT ON event BEGIN DELETE FROM document; END",
        "CREATE VIEW spy AS SELECT * FROM event",
        "CREATE TABLE spy (x)",
        "CREATE INDEX spy ON event (sealed)",
        "ALTER TABLE event ADD COLUMN spy BLOB",
        "ALTER TABLE document RENAME COLUMN body TO text",
        "DROP TABLE document",
        "DELETE FROM _sqlite_migrations",
        "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('sealed', '0000 strange')",
        "UPDATE _sqlite_migrations SET name = 'x' WHERE id = 1",
    ],
)
def test_strange_tables_are_refused(thief: Thief, statement: str) -> None:
    """A trigger, view, column, index or table that the migrations did not make: the vault does not open."""
    thief.try_sql(running(statement), statement)
    thief.report(statement)
    assert thief.tally["refused"] == 1


def test_the_untouched_vault_is_unharmed(thief: Thief) -> None:
    """The harness itself reports nothing on the vault as it was left, and sees every visit and document in it."""
    thief.try_bytes(thief.bytes, "nothing")
    assert thief.tally == {"unharmed": 1}
    assert not thief.lies
    assert all(thief.truth.events.values())


@pytest.mark.parametrize("dropped", ["end of a stream", "sum of documents", "page of the list"])
def test_the_harness_notices_a_dropped_check(thief: Thief, dropped: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Positive control: with one check left out, the same changes do come through as lies, and are caught."""
    if dropped == "end of a stream":

        def lenient(streams: Any, seals: Any, _chain: Any) -> list[dict[str, Any]]:
            found = []
            for seal in seals.values():
                tag = NO_TAG
                query = "SELECT seq, sealed FROM event WHERE stream = ? ORDER BY seq"
                for seq, sealed in streams._db.execute(query, (seal.stream_id,)):
                    found.append((seq, json.loads(seal.open(sealed, seq, tag))))
                    tag = tag_of(sealed)
            return [event for _, event in sorted(found, key=lambda pair: pair[0])]

        monkeypatch.setattr(Streams, "events", lenient)
        thief.try_sql(running("DELETE FROM event WHERE seq > 3"), dropped)
    elif dropped == "sum of documents":
        monkeypatch.setattr(Documents, "_sum_of", lambda documents, opaque, _rows: documents._sums.get(opaque, 0))
        thief.try_sql(running("DELETE FROM document"), dropped)
    else:
        monkeypatch.setattr(Register, "pages", lambda register, part: register._catch_up(part) or iter(()))
        thief.try_bytes(thief.bytes, dropped)
    assert thief.lies
