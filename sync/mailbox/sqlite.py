"""The mailbox's memory in one SQLite file: WAL, `synchronous=FULL`, acknowledged after the shared commit."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pysqlite3 import dbapi2
from sqlite_utils import Database

from sync.mailbox.group_commit import Connection, GroupCommit
from sync.mailbox.schema import migrations
from sync.mailbox.storage import (
    Deposit,
    Deposited,
    KeptReceipt,
    MailboxState,
    Nonce,
    NonceSpent,
    Stored,
    StoredPack,
    WaitingBatch,
)

Result = TypeVar("Result")

MOST_WAITING = 100_000
"""Batches that may wait for one addressee before new ones are refused with 429."""

_SPENT = object()


class SqliteStorage:
    """`Storage` over one file. Made once by the program that serves it."""

    def __init__(self, path: Path, *, most_waiting: int = MOST_WAITING) -> None:
        """Open or make the file. Raises: dbapi2.Error, if it is no database of ours or cannot be written."""
        self._path = path
        self._most_waiting = most_waiting
        self._writer = GroupCommit(self._connect_to_write, dbapi2.Error)
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mailbox-reader")
        self._reader = threading.local()
        self._read_connections: list[Connection] = []
        self._listeners: dict[str, set[asyncio.Event]] = {}

    async def deposit(self, deposit: Deposit, nonce: Nonce) -> Deposited:
        """See `Storage.deposit`."""
        outcome = await self._write(nonce, lambda connection: self._insert(connection, deposit))
        assert isinstance(outcome, Deposited)
        if outcome.stored is Stored.NEW:
            for event in self._listeners.get(deposit.addressee, ()):
                event.set()
        return outcome

    async def collected(self, addressee: str, up_to: int, at: int, nonce: Nonce) -> int:
        """See `Storage.collected`."""
        gone = await self._write(nonce, lambda connection: _drop_bodies(connection, addressee, up_to, at))
        return int(gone)

    async def spend(self, nonce: Nonce) -> None:
        """See `Storage.spend`."""
        await self._write(nonce, _nothing)

    async def receipt(self, addressee: str, sender: str, batch_id: str) -> KeptReceipt | None:
        """See `Storage.receipt`."""

        def read(connection: Connection) -> KeptReceipt | None:
            found = connection.execute(
                "SELECT receipt, position FROM batches WHERE addressee=? AND sender=? AND batch_id=?",
                (addressee, sender, batch_id),
            ).fetchone()
            return KeptReceipt(found[0], found[1] <= _mailbox(connection, addressee)[1]) if found else None

        return await self._read(read)

    async def waiting(self, addressee: str, after: int, limit: int, max_bytes: int) -> tuple[WaitingBatch, ...]:
        """See `Storage.waiting`."""

        def read(connection: Connection) -> tuple[WaitingBatch, ...]:
            collected_to = _mailbox(connection, addressee)[1]
            rows = connection.execute(
                "SELECT position, sender, batch_id, digest, deposited_at, signature, text"
                " FROM batches JOIN bodies ON bodies.batch = batches.id"
                " WHERE addressee=? AND position>? ORDER BY position LIMIT ?",
                (addressee, max(after, collected_to), limit),
            )
            batches: list[WaitingBatch] = []
            room = max_bytes
            for position, sender, batch_id, digest, deposited_at, signature, text in rows:
                room -= len(signature) + len(text)
                if batches and room < 0:
                    break
                batches.append(
                    WaitingBatch(
                        position=position,
                        what=_what(sender, batch_id, digest),
                        sender=sender,
                        batch_id=batch_id,
                        deposited_at=deposited_at,
                        signature=signature,
                        text=text,
                    )
                )
            return tuple(batches)

        return await self._read(read)

    async def what_stands_at(self, addressee: str, position: int) -> str | None:
        """See `Storage.what_stands_at`."""

        def read(connection: Connection) -> str | None:
            found = connection.execute(
                "SELECT sender, batch_id, digest FROM batches WHERE addressee=? AND position=?", (addressee, position)
            ).fetchone()
            return _what(*found) if found else None

        return await self._read(read)

    async def state(self, party: str) -> MailboxState:
        """See `Storage.state`."""

        def read(connection: Connection) -> MailboxState:
            last_position, collected_to = _mailbox(connection, party)
            sent = connection.execute("SELECT highest_sequence FROM senders WHERE sender=?", (party,)).fetchone()
            return MailboxState(
                highest_sender_sequence=sent[0] if sent else 0,
                waiting=last_position - collected_to,
                collected_to=collected_to,
                last_position=last_position,
            )

        return await self._read(read)

    @contextmanager
    def arrivals(self, addressee: str) -> Iterator["_SqliteArrival"]:
        """See `Storage.arrivals`."""
        event = asyncio.Event()
        listeners = self._listeners.setdefault(addressee, set())
        listeners.add(event)
        try:
            yield _SqliteArrival(event)
        finally:
            listeners.discard(event)
            if not listeners:
                self._listeners.pop(addressee, None)

    async def save_pack(self, pack: StoredPack) -> bool:
        """See `Storage.save_pack`."""

        def write(connection: Connection) -> bool:
            kept = connection.execute("SELECT max(sequence) FROM packs").fetchone()[0]
            if kept is not None and kept >= pack.sequence:
                return False
            connection.execute("DELETE FROM packs")
            connection.execute("DELETE FROM pack_files")
            connection.execute("INSERT INTO packs (sequence, signer) VALUES (?, ?)", (pack.sequence, pack.signer))
            connection.executemany("INSERT INTO pack_files (name, body) VALUES (?, ?)", pack.files.items())
            return True

        return bool(await self._writer.do(write))

    async def pack(self) -> StoredPack | None:
        """See `Storage.pack`."""

        def read(connection: Connection) -> StoredPack | None:
            # One statement, so that a pack which is being replaced is read whole.
            rows = connection.execute("SELECT name, body, sequence, signer FROM packs, pack_files").fetchall()
            return StoredPack(rows[0][2], {row[0]: bytes(row[1]) for row in rows}, rows[0][3]) if rows else None

        return await self._read(read)

    async def forget(self, *, now: int, keep_seconds: int) -> int:
        """See `Storage.forget`."""
        return int(await self._writer.do(lambda connection: _forget(connection, now, now - keep_seconds)))

    async def close(self) -> None:
        """See `Storage.close`."""
        await asyncio.to_thread(self._writer.close)
        self._readers.shutdown()
        for connection in self._read_connections:
            connection.close()

    def _connect_to_write(self) -> Connection:
        connection = _connect(self._path)
        connection.execute("PRAGMA journal_mode=WAL")
        migrations.apply(Database(connection))
        return connection

    def _connect_to_read(self) -> Connection:
        connection = _connect(self._path)
        connection.execute("PRAGMA query_only=ON")
        self._read_connections.append(connection)
        return connection

    async def _write(self, nonce: Nonce, act: Callable[[Connection], Any]) -> Any:
        def spend_and_act(connection: Connection) -> Any:
            spent = connection.execute(
                "INSERT OR IGNORE INTO nonces (nonce, expires_at) VALUES (?, ?)",
                (f"{nonce.key} {nonce.value}", nonce.expires_at),
            )
            return act(connection) if spent.rowcount else _SPENT

        result = await self._writer.do(spend_and_act)
        if result is _SPENT:
            raise NonceSpent
        return result

    async def _read(self, question: Callable[[Connection], Result]) -> Result:
        def ask() -> Result:
            connection = getattr(self._reader, "connection", None)
            if connection is None:
                connection = self._reader.connection = self._connect_to_read()
            return question(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, ask)

    def _insert(self, connection: Connection, deposit: Deposit) -> Deposited:
        before = connection.execute(
            "SELECT body_digest, receipt FROM batches WHERE addressee=? AND sender=? AND batch_id=?",
            (deposit.addressee, deposit.sender, deposit.batch_id),
        ).fetchone()
        if before is not None:
            body_digest, receipt = before
            return (
                Deposited(Stored.AGAIN, receipt)
                if body_digest == deposit.body_digest
                else Deposited(Stored.OTHER_BYTES)
            )
        last_position, collected_to = _mailbox(connection, deposit.addressee)
        if last_position - collected_to >= self._most_waiting:
            return Deposited(Stored.FULL)
        connection.execute(
            "INSERT INTO mailboxes (addressee, last_position) VALUES (?, ?)"
            " ON CONFLICT (addressee) DO UPDATE SET last_position = excluded.last_position",
            (deposit.addressee, last_position + 1),
        )
        inserted = connection.execute(
            "INSERT INTO batches (addressee, position, sender, batch_id, digest, sender_sequence, deposited_at,"
            " body_digest, size_bytes, receipt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                deposit.addressee,
                last_position + 1,
                deposit.sender,
                deposit.batch_id,
                deposit.digest,
                deposit.sender_sequence,
                deposit.deposited_at,
                deposit.body_digest,
                len(deposit.text),
                deposit.receipt,
            ),
        )
        connection.execute(
            "INSERT INTO bodies (batch, signature, text) VALUES (?, ?, ?)",
            (inserted.lastrowid, deposit.signature, deposit.text),
        )
        connection.execute(
            "INSERT INTO senders (sender, highest_sequence) VALUES (?, ?)"
            " ON CONFLICT (sender) DO UPDATE SET highest_sequence = max(highest_sequence, excluded.highest_sequence)",
            (deposit.sender, deposit.sender_sequence),
        )
        return Deposited(Stored.NEW, deposit.receipt)


class _SqliteArrival:
    """An `Arrival`: the one process that writes the file also answers the requests, so an event in memory is enough."""

    def __init__(self, event: asyncio.Event) -> None:
        self._event = event

    async def wait(self, timeout_seconds: float) -> bool:
        """See `Arrival.wait`."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True


def _connect(path: Path) -> Connection:
    """A connection in autocommit mode, used by one thread at a time (closed by another, hence the flag)."""
    connection = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False, timeout=30)
    for setting in (
        "synchronous=FULL",
        "trusted_schema=OFF",
        "secure_delete=ON",
        "temp_store=MEMORY",
        "foreign_keys=ON",
        "mmap_size=0",
        "wal_autocheckpoint=4000",
    ):
        connection.execute(f"PRAGMA {setting}")
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync=ON")
    return connection


def _what(sender: str, batch_id: str, digest: str) -> str:
    return f"{sender} {batch_id} {digest}"


def _nothing(_connection: Connection) -> None:
    """The act of a request that only spends its nonce."""


def _mailbox(connection: Connection, addressee: str) -> tuple[int, int]:
    """Last position and position collected to; zeros for a party that never got anything."""
    row = connection.execute(
        "SELECT last_position, collected_to FROM mailboxes WHERE addressee=?", (addressee,)
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def _drop_bodies(connection: Connection, addressee: str, up_to: int, at: int) -> int:
    last_position, collected_to = _mailbox(connection, addressee)
    up_to = min(up_to, last_position)
    if up_to <= collected_to:
        return 0
    connection.execute(
        "DELETE FROM bodies WHERE batch IN (SELECT id FROM batches WHERE addressee=? AND position>? AND position<=?)",
        (addressee, collected_to, up_to),
    )
    connection.execute("UPDATE mailboxes SET collected_to=? WHERE addressee=?", (up_to, addressee))
    connection.execute(
        "INSERT INTO collections (addressee, up_to, collected_at) VALUES (?, ?, ?)", (addressee, up_to, at)
    )
    return up_to - collected_to


def _forget(connection: Connection, now: int, collected_before: int) -> int:
    connection.execute("DELETE FROM nonces WHERE expires_at < ?", (now,))
    old = connection.execute(
        "SELECT addressee, max(up_to) FROM collections WHERE collected_at < ? GROUP BY addressee", (collected_before,)
    ).fetchall()
    gone = 0
    for addressee, up_to in old:
        gone += connection.execute("DELETE FROM batches WHERE addressee=? AND position<=?", (addressee, up_to)).rowcount
        connection.execute("DELETE FROM collections WHERE addressee=? AND up_to<=?", (addressee, up_to))
    return gone
