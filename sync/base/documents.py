"""Sealed documents: a durable map from (kind, id) to a JSON object, for outboxes, batches, cursors and ledgers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from sync.base.slots import Kdf

Document = Mapping[str, Any]
Put = tuple[str, str, Document]
"""Kind, id, and the JSON object to keep under them."""
Key = tuple[str, str]
"""Kind and id."""


class Journal(Protocol):
    """What the rest of the house asks of a sealed map (the same as sync.ports.Journal)."""

    def load(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every document of a kind, with its id, in the order of their last writing. Raises: DocumentsDamaged."""

    def get(self, kind: str, ident: str) -> dict[str, Any] | None:
        """One document, or None. Raises: DocumentsDamaged."""

    def commit(self, puts: Iterable[Put], deletes: Iterable[Key] = ()) -> None:
        """Write and delete in one transaction, durable on return. Raises: NotSaved, and then nothing of it holds."""


class SealedDocuments:
    """A sealed file of documents and nothing else: what a desk keeps. Opened with a passphrase or a 32-byte key."""

    @classmethod
    def create(
        cls, path: Path, passphrase: bytes | None = None, *, key: bytes | None = None, kdf: Kdf | None = None
    ) -> SealedDocuments:
        """A new file at `path`, and this process its one writer. Raises: VaultExists."""
        raise NotImplementedError

    @classmethod
    def open(
        cls, path: Path, passphrase: bytes | None = None, *, key: bytes | None = None, read_only: bool = False
    ) -> SealedDocuments:
        """Open what `create` made. Raises: VaultMissing, WrongSecret, VaultBusy, VaultDamaged, VaultTooNew."""
        raise NotImplementedError

    def load(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every document of a kind, with its id. Raises: DocumentsDamaged."""
        raise NotImplementedError

    def get(self, kind: str, ident: str) -> dict[str, Any] | None:
        """One document, or None. Raises: DocumentsDamaged."""
        raise NotImplementedError

    def commit(self, puts: Iterable[Put], deletes: Iterable[Key] = ()) -> None:
        """Write and delete in one transaction, durable on return. Raises: NotSaved, VaultReadOnly."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the file and let the next writer in."""
        raise NotImplementedError

    def __enter__(self) -> SealedDocuments:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
