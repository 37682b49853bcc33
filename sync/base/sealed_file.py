"""A sealed file: its way in, and the head that vouches for everything in it.

The head is one sealed row, written with every transaction. It holds a counter of transactions and one short part for
each owner of tables (documents, register): the tags of that owner's top rows. Whoever swaps, removes or puts back a
row below has to change the head to match, and cannot. Only a copy of the whole file, put back as a whole, passes; the
mailbox's `sender_sequence` and the counter in backups are for that.
"""

from __future__ import annotations

import contextlib
import hmac
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sync.base import slots
from sync.base.sealed_db import Migration, SealedDb
from sync.base.vault import ID_BYTES, Vault
from sync.base.vault_errors import VaultDamaged, WrongSecret

BASE_MIGRATIONS: Final = (
    Migration(
        "0001 slots, head, documents",
        (
            """CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), store_id BLOB NOT NULL,
            key_check BLOB NOT NULL) STRICT""",
            "CREATE TABLE slot (id INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT",
            "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT",
            "CREATE TABLE document_sums (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT",
            """CREATE TABLE document (kind BLOB NOT NULL, id BLOB NOT NULL, revision INTEGER NOT NULL,
            tag BLOB NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)) STRICT""",
        ),
    ),
)

Slot = Callable[[Vault], bytes]
"""Makes the record of one way in for a store that is being made or is open."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the head row says."""

    counter: int
    """Transactions since the file was made; never goes back."""
    parts: Mapping[str, bytes]
    """By owner: what vouches for that owner's rows."""

    def to_bytes(self) -> bytes:
        pieces = [self.counter.to_bytes(8)]
        for name, part in self.parts.items():
            pieces.append(struct.pack(">BI", len(name), len(part)) + name.encode() + part)
        return b"".join(pieces)

    @classmethod
    def from_bytes(cls, text: bytes) -> Head:
        parts: dict[str, bytes] = {}
        at = 8
        while at < len(text):
            name_length, part_length = struct.unpack_from(">BI", text, at)
            at += 5
            name = text[at : at + name_length].decode()
            at += name_length
            parts[name] = text[at : at + part_length]
            at += part_length
        return cls(int.from_bytes(text[:8]), MappingProxyType(parts))


@dataclass(slots=True)
class Writing:
    """One transaction under way: what the next head will say, and what to do once it is durable."""

    counter: int
    parts: dict[str, bytes]
    when_durable: list[Callable[[], None]] = field(default_factory=list)


class SealedFile:
    """An open sealed file. Owners of tables read within `reading()` and write within `writing()`."""

    def __init__(self, db: SealedDb, vault: Vault) -> None:
        self.db = db
        self.vault = vault
        self._seal = vault.seal_for("head")
        self._stale = False
        self.head = self._read_head()

    @classmethod
    def create(
        cls,
        path: Path,
        migrations: Sequence[Migration],
        vault: Vault,
        ways_in: Sequence[Slot],
        owners: Sequence[Callable[[SealedDb, Vault], tuple[str, bytes]]],
    ) -> SealedFile:
        """A new file with these ways in; each owner writes its first rows and says what vouches for them."""
        records = [way(vault) for way in ways_in]

        def fill(db: SealedDb) -> None:
            db.execute("INSERT INTO store VALUES (1, ?, ?)", (vault.store_id, _key_check(vault)))
            for record in records:
                db.execute("INSERT INTO slot (record) VALUES (?)", (record,))
            head = Head(0, dict(owner(db, vault) for owner in owners))
            db.execute("INSERT INTO head VALUES (1, ?)", (vault.seal_for("head").seal(head.to_bytes(), b""),))

        SealedDb.create(path, migrations, fill)
        return cls.open(path, migrations, lambda _records, _store_id: vault.store_key)

    @classmethod
    def open(
        cls,
        path: Path,
        migrations: Sequence[Migration],
        unlock: Callable[[Sequence[bytes], bytes], bytes],
        *,
        read_only: bool = False,
    ) -> SealedFile:
        """Open with `unlock(slot records, store id) -> store key`. Raises: any VaultError."""
        db = SealedDb.open(path, migrations, read_only=read_only)
        try:
            with db.reading():
                named = db.select("SELECT store_id, key_check FROM store WHERE id = 1", types=(bytes, bytes))
                records = [record for (record,) in db.select("SELECT record FROM slot ORDER BY id", types=(bytes,))]
            if len(named) != 1 or len(named[0][0]) != ID_BYTES:
                raise VaultDamaged("the file", "it does not say which store it is")
            store_id, key_check = named[0]
            vault = Vault(store_id, unlock(records, store_id))
            if not hmac.compare_digest(_key_check(vault), key_check):
                raise WrongSecret
            return cls(db, vault)
        except BaseException:
            db.close()
            raise

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writing]:
        """One durable transaction, the head with it. Raises: NotSaved, VaultReadOnly; nothing of it holds then."""
        with self.db.lock:
            if self._stale:
                self._refresh()
            try:
                with self.db.transaction():
                    writing = Writing(self.head.counter + 1, dict(self.head.parts))
                    yield writing
                    head = Head(writing.counter, writing.parts)
                    sealed = self._seal.seal(head.to_bytes(), b"")
                    if self.db.execute("UPDATE head SET sealed = ? WHERE id = 1", (sealed,)).rowcount != 1:
                        raise VaultDamaged("head", "it is missing")
            except BaseException:
                # A failed commit may still have reached the disk: what is true is read again before the next act.
                self._stale = True
                raise
            self.head = head
            for act in writing.when_durable:
                act()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Head]:
        """One moment of the file and the head that vouches for it."""
        with self.db.lock, self.db.reading():
            if self._stale or self.db.read_only:
                self._refresh()
            yield self.head

    def slot_kinds(self) -> tuple[str, ...]:
        """The kinds of the ways in, in the order of their making."""
        with self.reading():
            records = self.db.select("SELECT record FROM slot ORDER BY id", types=(bytes,))
            return tuple(slots.slot_kind(record) for (record,) in records)

    def replace_slot(self, kind: str, way_in: Slot | None) -> None:
        """Put one way in in the place of every earlier one of its kind; None takes them away."""
        record = None if way_in is None else way_in(self.vault)
        with self.writing():
            for ident, old in self.db.select("SELECT id, record FROM slot", types=(int, bytes)):
                with contextlib.suppress(VaultDamaged):
                    if slots.slot_kind(old) == kind:
                        self.db.execute("DELETE FROM slot WHERE id = ?", (ident,))
            if record is not None:
                self.db.execute("INSERT INTO slot (record) VALUES (?)", (record,))
        self.db.checkpoint()

    def close(self) -> None:
        """Close, and let the next writer in."""
        self.db.close()

    def _refresh(self) -> None:
        with self.db.reading():
            self.head = self._read_head()
        self._stale = False

    def _read_head(self) -> Head:
        with self.db.reading():
            rows = self.db.select("SELECT sealed FROM head WHERE id = 1", types=(bytes,))
        if not rows:
            raise VaultDamaged("head", "it is missing")
        return Head.from_bytes(self._seal.open(rows[0][0], b""))


def _key_check(vault: Vault) -> bytes:
    """Tells a wrong key from a damaged file, where a key is given and no slot is opened."""
    return vault.sub_key("key check")[:ID_BYTES]


def with_passphrase(secret: bytes, kind: str = slots.PASSPHRASE) -> Callable[[Sequence[bytes], bytes], bytes]:
    """An `unlock` that tries the slots of one kind; a damaged slot is named only if no other opens."""

    def unlock(records: Sequence[bytes], store_id: bytes) -> bytes:
        return _first(records, kind, lambda record: slots.open_slot(record, secret, store_id))

    return unlock


def with_recovery_key(private_jwk: Mapping[str, Any]) -> Callable[[Sequence[bytes], bytes], bytes]:
    """An `unlock` with the scheme's recovery key."""

    def unlock(records: Sequence[bytes], store_id: bytes) -> bytes:
        return _first(records, slots.RECOVERY, lambda record: slots.open_recovery_slot(record, private_jwk, store_id))

    return unlock


def with_key(store_key: bytes) -> Callable[[Sequence[bytes], bytes], bytes]:
    """An `unlock` that has the store key already: what a desk's key file gives."""
    return lambda _records, _store_id: store_key


def _first(records: Sequence[bytes], kind: str, opened: Callable[[bytes], bytes]) -> bytes:
    damage: VaultDamaged | None = None
    clear_no: WrongSecret | None = None
    for record in records:
        try:
            if slots.slot_kind(record) == kind:
                return opened(record)
        except VaultDamaged as error:
            damage = error
        except WrongSecret as error:
            clear_no = error
    raise clear_no or damage or WrongSecret()
