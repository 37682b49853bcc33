"""The store: open it, ask one question of it, write one act to it. Everything written is durable on return."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from sync.base.documents import Journal, Key, Put
from sync.base.slots import Kdf

Stream = str | tuple[str, str]
"""`"visit"`, a person's id, or `("safeguarding", person id)`."""


class VisitSummary(NamedTuple):
    """One line of the list of visits, from the register alone."""

    visit_id: str
    summary: dict[str, Any]
    """What the last `new_visit` or `append` gave; the store does not read it."""


class Damage(NamedTuple):
    """A part of the vault that does not verify."""

    part: str
    """What it is: `visit`, `list of visits`, `documents`."""
    name: str
    """Which one: a visit's id, a page's number, a kind of document."""
    why: str
    """What is wrong, in plain words without data of a person."""


class Store:
    """One professional's vault. One process writes; its methods may be called from any thread."""

    @classmethod
    def create(
        cls,
        path: Path,
        passphrase: bytes,
        *,
        kdf: Kdf | None = None,
        recovery_code: bytes | None = None,
        recovery_key: Mapping[str, Any] | None = None,
    ) -> Store:
        """A new vault at `path` (its folder must exist). `recovery_key` is the scheme's public P-256 JWK. Raises: StoreExists."""
        raise NotImplementedError

    @classmethod
    def open(
        cls,
        path: Path,
        passphrase: bytes | None = None,
        *,
        code: bytes | str | None = None,
        recovery_key: Mapping[str, Any] | None = None,
        read_only: bool = False,
    ) -> Store:
        """Open with exactly one secret. Raises: StoreMissing, WrongPassphrase, StoreBusy, StoreTooNew, StoreDamaged."""
        raise NotImplementedError

    @property
    def journal(self) -> Journal:
        """The documents of this vault."""
        raise NotImplementedError

    def visits(self) -> list[VisitSummary]:
        """Every visit in the order of their making, from the register alone. Damaged pages are named by `damage()`."""
        raise NotImplementedError

    def new_visit(
        self,
        visit_id: str,
        summary: Mapping[str, Any],
        events: Iterable[tuple[Stream, Mapping[str, Any]]] = (),
        puts: Iterable[Put] = (),
        deletes: Iterable[Key] = (),
    ) -> None:
        """Open a visit and write its first events."""
        raise NotImplementedError

    def append(
        self,
        visit_id: str,
        events: Iterable[tuple[Stream, Mapping[str, Any]]],
        summary: Mapping[str, Any] | None = None,
        puts: Iterable[Put] = (),
        deletes: Iterable[Key] = (),
    ) -> None:
        """Write events and documents in ONE transaction, durable on return.

        Give `summary` when the visit is paused, finished or resumed, or when its line in the list changes: the
        register is rewritten then (milliseconds), and not otherwise.
        Raises: VisitUnknown, VisitDamaged, NotSaved (nothing of it is on disk), StoreReadOnly.
        """
        raise NotImplementedError

    def events(self, visit_id: str) -> list[dict[str, Any]]:
        """Every event of a visit in the order of writing, verified. Raises: VisitUnknown, VisitDamaged."""
        raise NotImplementedError

    def erase_person(
        self,
        visit_id: str,
        person_id: str,
        summary: Mapping[str, Any],
        puts: Iterable[Put] = (),
        deletes: Iterable[Key] = (),
    ) -> bool:
        """Destroy a person's keys and rows in one visit. `summary` replaces the visit's line.

        Returns: whether the bytes are out of the write-ahead log too; if a reader held it, they go with the next write.
        """
        raise NotImplementedError

    def erase_visit(self, visit_id: str, puts: Iterable[Put] = (), deletes: Iterable[Key] = ()) -> bool:
        """Destroy a whole visit, its line in the list included."""
        raise NotImplementedError

    def damage(self) -> tuple[Damage, ...]:
        """What was found damaged so far, to be shown; nothing damaged is ever left out in silence."""
        raise NotImplementedError

    def verify(self) -> Iterator[Damage]:
        """Read and verify everything; yields each part that does not verify."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the vault and let the next writer in; a second call does nothing."""
        raise NotImplementedError

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
