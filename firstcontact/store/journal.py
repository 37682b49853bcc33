"""The documents of a vault as the rest of the house sees them: the same act, with our errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from firstcontact.store.seam import our_errors
from sync.base.documents import Documents, Key, Put
from sync.base.sealed_file import SealedFile


class StoreJournal:
    """A durable sealed map from (kind, id) to a JSON object. Raises store errors; otherwise as sync.base.documents."""

    def __init__(self, file: SealedFile, documents: Documents) -> None:
        self._file = file
        self._documents = documents

    def load(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every document of a kind, with its id, in the order of their last writing. Raises: StoreDamaged."""
        with our_errors():
            return self._documents.load(kind)

    def get(self, kind: str, ident: str) -> dict[str, Any] | None:
        """One document, or None. Raises: StoreDamaged."""
        with our_errors():
            return self._documents.get(kind, ident)

    def commit(self, puts: Iterable[Put], deletes: Iterable[Key] = ()) -> None:
        """Write and delete in one transaction, durable on return. Raises: NotSaved, and then nothing of it holds."""
        with our_errors():
            self._documents.commit(puts, deletes)
