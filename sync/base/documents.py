"""Sealed documents: a durable map from (kind, id) to a JSON object, for outboxes, batches, cursors and ledgers.

A row holds an opaque kind and id (HMAC under sub-keys), the number of the transaction that wrote it, and the sealed
text, bound to all three. Against a row that is put back, removed or added, the file keeps for each kind the sum modulo
2^256 of a secret number (HMAC-SHA256) of every row of that kind; the sums are one sealed row that the head vouches for.
Writing one document changes one sum, whatever the number of documents.
Source: Clarke and others, "Incremental multiset hash functions" (MSet-Add-Hash); docs/decisions/sealed-store.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final, NamedTuple, Protocol

from pydantic_core import to_json

from sync.base.sealed_db import SealedDb
from sync.base.sealed_file import BASE_MIGRATIONS, SealedFile, Writing, with_key, with_passphrase
from sync.base.slots import FLOOR, PASSPHRASE, Kdf, seal_slot
from sync.base.vault import ID_BYTES, TAG_BYTES, Vault, tag_of
from sync.base.vault_errors import DocumentsDamaged, VaultDamaged

Document = Mapping[str, Any]
Put = tuple[str, str, Document]
"""Kind, id, and the JSON object to keep under them."""
Key = tuple[str, str]
"""Kind and id."""

PART: Final = "documents"
_MODULUS: Final = 1 << 256
_SUM_BYTES: Final = 32


def _written_out(document: list[Any]) -> bytes:
    """The same bytes as json.dumps in a third of the time: a drain of 1,000 referrals writes 5,000 documents.

    Raises: ValueError, for what JSON has no word for.
    """
    text: bytes = to_json(document)
    if b"NaN" in text or b"Infinity" in text:  # in somebody's words, or a number that is none: json knows which
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return text


class Journal(Protocol):
    """What the rest of the house asks of a sealed map (the same as sync.ports.Journal)."""

    def load(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every document of a kind, with its id, in the order of their last writing. Raises: DocumentsDamaged."""

    def get(self, kind: str, ident: str) -> dict[str, Any] | None:
        """One document, or None. Raises: DocumentsDamaged."""

    def commit(self, puts: Iterable[Put], deletes: Iterable[Key] = ()) -> None:
        """Write and delete in one transaction, durable on return. Raises: NotSaved, and then nothing of it holds."""


class RowState(NamedTuple):
    """Which writing of a document is the one that counts."""

    revision: int
    tag: bytes


@dataclass(frozen=True, slots=True)
class _Kind:
    """The rows of one kind as read from the file, and whether they are those that the head vouches for."""

    rows: Mapping[bytes, RowState]
    verified: bool


class Documents:
    """The documents of an open sealed file. Everything is read from the file and checked; nothing is kept but tags."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file
        self._seal = file.vault.seal_for("document")
        self._sums_seal = file.vault.seal_for("document sums")
        self._ids = file.vault.opaque_ids("document")
        self._terms = file.vault.sum_terms("document")
        self._sums_part = b""
        self._sums: Mapping[bytes, int] = MappingProxyType({})
        self._kinds: dict[bytes, _Kind] = {}

    @staticmethod
    def first_rows(db: SealedDb, vault: Vault) -> tuple[str, bytes]:
        """Write the empty sums of a new file; returns what vouches for them."""
        sealed = vault.seal_for("document sums").seal(b"", b"")
        db.execute("INSERT INTO document_sums VALUES (1, ?)", (sealed,))
        return PART, tag_of(sealed)

    def load(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every document of a kind, with its id, in the order of their last writing. Raises: DocumentsDamaged."""
        whole, damage = self.load_intact(kind)
        if damage:
            raise damage[0]
        return iter(whole)

    def load_intact(self, kind: str) -> tuple[list[tuple[str, dict[str, Any]]], list[DocumentsDamaged]]:
        """What opens of a kind, and what is wrong with it: for repair, where `load` would rather say nothing.

        When rows of the kind were put back or removed, a document that opens may not be its newest writing.
        """
        opaque = self._ids.of(kind)
        damage: list[DocumentsDamaged] = []
        found: list[tuple[str, dict[str, Any]]] = []
        with self._file.reading() as head:
            self._catch_up(head.parts[PART])
            query = "SELECT id, revision, tag, body FROM document WHERE kind = ? ORDER BY revision, rowid"
            rows = self._select(query, (opaque,), bytes, int, bytes, bytes)
            states = {ident: RowState(revision, tag) for ident, revision, tag, _ in rows}
            if self._sum_of(opaque, states) != self._sums.get(opaque, 0):
                damage.append(_altered(kind))
        for ident, revision, tag, body in rows:
            try:
                found.append(self._open(kind, opaque, ident, RowState(revision, tag), body))
            except DocumentsDamaged as error:
                damage.append(error)
        return found, damage

    def verify(self) -> Iterator[DocumentsDamaged]:
        """Open every document of every kind, and say what is wrong; a kind is named if one of its rows opens."""
        with self._file.reading() as head:
            self._catch_up(head.parts[PART])
            kinds = {row[0] for row in self._select("SELECT DISTINCT kind FROM document", (), bytes)} | set(self._sums)
        for opaque in sorted(kinds):
            with self._file.reading():
                query = "SELECT id, revision, tag, body FROM document WHERE kind = ?"
                rows = self._select(query, (opaque,), bytes, int, bytes, bytes)
            name, altered = opaque.hex(), 0
            for ident, revision, tag, body in rows:
                try:
                    name = json.loads(self._seal.open(body + tag, opaque + ident + revision.to_bytes(8, signed=True)))[
                        0
                    ]
                except (VaultDamaged, ValueError, TypeError):
                    altered += 1
            states = {ident: RowState(revision, tag) for ident, revision, tag, _ in rows}
            if altered:
                yield DocumentsDamaged(f"documents of the kind {name}", f"{altered} of {len(rows)} were altered")
            elif self._sum_of(opaque, states) != self._sums.get(opaque, 0):
                yield _altered(name)

    def get(self, kind: str, ident: str) -> dict[str, Any] | None:
        """One document, or None. Raises: DocumentsDamaged."""
        opaque, opaque_id = self._ids.of(kind), self._ids.of(kind, ident)
        with self._file.reading() as head:
            self._catch_up(head.parts[PART])
            known = self._kind(opaque)
            if not known.verified:
                raise _altered(kind)
            state = known.rows.get(opaque_id)
            query = "SELECT revision, tag, body FROM document WHERE kind = ? AND id = ?"
            rows = self._select(query, (opaque, opaque_id), int, bytes, bytes)
        if not rows and state is None:
            return None
        if not rows or state != RowState(*rows[0][:2]):
            raise _altered(kind)
        return self._open(kind, opaque, opaque_id, state, rows[0][2])[1]

    def commit(self, puts: Iterable[Put], deletes: Iterable[Key] = ()) -> None:
        """Write and delete in one transaction, durable on return. Raises: NotSaved, and then nothing of it holds."""
        with self._file.writing() as writing:
            self.stage(writing, puts, deletes)

    def stage(self, writing: Writing, puts: Iterable[Put], deletes: Iterable[Key] = ()) -> None:
        """Write and delete within a transaction that holds other things too.

        A kind that was damaged takes new documents and stays marked as damaged: its sum keeps the difference.
        """
        self._catch_up(writing.parts[PART])
        sums = dict(self._sums)
        changed: dict[bytes, dict[bytes, RowState | None]] = {}

        def replace(opaque: bytes, ident: bytes, new: RowState | None) -> None:
            rows = changed.setdefault(opaque, {})
            old = rows[ident] if ident in rows else self._kind(opaque).rows.get(ident)
            total = sums.get(opaque, 0)
            if old is not None:
                total -= self._number_of(opaque, ident, old)
            if new is not None:
                total += self._number_of(opaque, ident, new)
            sums[opaque] = total % _MODULUS
            rows[ident] = new

        for kind, ident in deletes:
            opaque, opaque_id = self._ids.of(kind), self._ids.of(kind, ident)
            replace(opaque, opaque_id, None)
            self._file.db.execute("DELETE FROM document WHERE kind = ? AND id = ?", (opaque, opaque_id))
        for kind, ident, document in puts:
            opaque, opaque_id = self._ids.of(kind), self._ids.of(kind, ident)
            text = _written_out([kind, ident, document])
            sealed = self._seal.seal(text, opaque + opaque_id + writing.counter.to_bytes(8))
            body, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
            replace(opaque, opaque_id, RowState(writing.counter, tag))
            self._file.db.execute(
                "INSERT INTO document VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id) "
                "DO UPDATE SET revision = excluded.revision, tag = excluded.tag, body = excluded.body",
                (opaque, opaque_id, writing.counter, tag, body),
            )
        if changed:
            self._seal_sums(writing, sums, changed)

    def _seal_sums(
        self, writing: Writing, sums: dict[bytes, int], changed: dict[bytes, dict[bytes, RowState | None]]
    ) -> None:
        text = b"".join(opaque + total.to_bytes(_SUM_BYTES) for opaque, total in sums.items())
        sealed = self._sums_seal.seal(text, b"")
        if self._file.db.execute("UPDATE document_sums SET sealed = ? WHERE id = 1", (sealed,)).rowcount != 1:
            raise VaultDamaged("documents", "what vouches for them is missing")
        part = tag_of(sealed)
        writing.parts[PART] = part

        def settle() -> None:
            self._sums, self._sums_part = MappingProxyType(sums), part
            for opaque, rows in changed.items():
                kept = self._kinds[opaque].rows
                assert isinstance(kept, dict)
                for ident, state in rows.items():
                    if state is None:
                        kept.pop(ident, None)
                    else:
                        kept[ident] = state

        writing.when_durable.append(settle)

    def _catch_up(self, part: bytes) -> None:
        """Read the sums that the head vouches for, if they are not those in hand."""
        if part == self._sums_part:
            return
        rows = self._select("SELECT sealed FROM document_sums WHERE id = 1", (), bytes)
        if not rows or tag_of(rows[0][0]) != part:
            raise VaultDamaged("documents", "what vouches for them was removed or put back")
        text = self._sums_seal.open(rows[0][0], b"")
        step = ID_BYTES + _SUM_BYTES
        self._sums = MappingProxyType(
            {
                text[at : at + ID_BYTES]: int.from_bytes(text[at + ID_BYTES : at + step])
                for at in range(0, len(text), step)
            }
        )
        self._sums_part = part
        self._kinds.clear()

    def _kind(self, opaque: bytes) -> _Kind:
        """The tags of a kind's rows, read and checked once."""
        known = self._kinds.get(opaque)
        if known is None:
            query = "SELECT id, revision, tag FROM document WHERE kind = ?"
            rows = {row[0]: RowState(row[1], row[2]) for row in self._select(query, (opaque,), bytes, int, bytes)}
            known = _Kind(rows, verified=self._sum_of(opaque, rows) == self._sums.get(opaque, 0))
            self._kinds[opaque] = known
        return known

    def _select(self, query: str, parameters: tuple[Any, ...], *types: type) -> list[tuple[Any, ...]]:
        return self._file.db.select(query, parameters, types=types)

    def _sum_of(self, opaque: bytes, rows: Mapping[bytes, RowState]) -> int:
        return sum(self._number_of(opaque, ident, state) for ident, state in rows.items()) % _MODULUS

    def _number_of(self, opaque: bytes, ident: bytes, state: RowState) -> int:
        return self._terms.of(opaque, ident, state.revision.to_bytes(8, signed=True), state.tag)

    def _open(
        self, kind: str, opaque: bytes, opaque_id: bytes, state: RowState, body: bytes
    ) -> tuple[str, dict[str, Any]]:
        place = opaque + opaque_id + state.revision.to_bytes(8, signed=True)
        try:
            _, ident, document = json.loads(self._seal.open(body + state.tag, place))
        except (VaultDamaged, ValueError, TypeError) as error:
            raise DocumentsDamaged(f"documents of the kind {kind}", "one was altered") from error
        return ident, document


class SealedDocuments:
    """A sealed file of documents and nothing else: what a desk keeps. Opened with a passphrase or a 32-byte key."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file
        self._documents = Documents(file)

    @classmethod
    def create(
        cls, path: Path, passphrase: bytes | None = None, *, key: bytes | None = None, kdf: Kdf = FLOOR
    ) -> SealedDocuments:
        """A new file at `path`, with a passphrase, a key or both; this process writes to it. Raises: VaultExists."""
        if passphrase is None and key is None:
            raise ValueError("a sealed file needs a passphrase or a key")
        fresh = Vault.new()
        vault = fresh if key is None else Vault(fresh.store_id, key)
        ways = []
        if passphrase is not None:
            secret = passphrase
            ways.append(lambda made: seal_slot(PASSPHRASE, secret, made.store_id, made.store_key, kdf))
        return cls(SealedFile.create(path, BASE_MIGRATIONS, vault, ways, [Documents.first_rows]))

    @classmethod
    def open(
        cls, path: Path, passphrase: bytes | None = None, *, key: bytes | None = None, read_only: bool = False
    ) -> SealedDocuments:
        """Open what `create` made. Raises: VaultMissing, WrongSecret, VaultBusy, VaultDamaged, VaultTooNew."""
        if (passphrase is None) == (key is None):
            raise ValueError("a sealed file is opened with a passphrase or with a key")
        unlock = with_passphrase(passphrase) if passphrase is not None else with_key(key or b"")
        return cls(SealedFile.open(path, BASE_MIGRATIONS, unlock, read_only=read_only))

    def load(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every document of a kind, with its id, in the order of their last writing. Raises: DocumentsDamaged."""
        return self._documents.load(kind)

    def load_intact(self, kind: str) -> tuple[list[tuple[str, dict[str, Any]]], list[DocumentsDamaged]]:
        """What opens of a kind, and what is wrong with it."""
        return self._documents.load_intact(kind)

    def get(self, kind: str, ident: str) -> dict[str, Any] | None:
        """One document, or None. Raises: DocumentsDamaged."""
        return self._documents.get(kind, ident)

    def commit(self, puts: Iterable[Put], deletes: Iterable[Key] = ()) -> None:
        """Write and delete in one transaction, durable on return. Raises: NotSaved, and then nothing of it holds."""
        self._documents.commit(puts, deletes)

    def close(self) -> None:
        """Close the file and let the next writer in."""
        self._file.close()

    def __enter__(self) -> SealedDocuments:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _altered(kind: str) -> DocumentsDamaged:
    return DocumentsDamaged(f"documents of the kind {kind}", "some were altered, removed or put back")
