"""The seams of the pure half: what it needs from storage and from the network.

`Journal` is implemented by sync/base/documents.py over sealed SQLite and by tests in memory; `Link` by client.py over
httpx and by tests/partner_simulator.py. Links are called from several threads at once; a journal only from the thread
that holds `Exchange.lock`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

Document = dict[str, Any]
Put = tuple[str, str, Document]
"""(kind, id, JSON-able document)"""
Delete = tuple[str, str]
"""(kind, id)"""

Clock = Callable[[], datetime]
"""The time now, UTC and aware."""


class Journal(Protocol):
    """A durable map of small documents, written many at a time."""

    def load(self, kind: str) -> Iterator[tuple[str, Document]]:
        """Every document of a kind with its id, in no promised order."""
        ...

    def get(self, kind: str, ident: str, /) -> Document | None:
        """One document, or None."""
        ...

    def commit(self, puts: Iterable[Put], deletes: Iterable[Delete] = ()) -> None:
        """Write and remove in one transaction, durable on return; all of it or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a mailbox says of itself before anything is sent to it."""

    mailbox: str
    """Its party id in the pack."""
    server_time: datetime
    formats: tuple[str, ...]
    max_batch_bytes: int
    max_items: int
    max_wait_seconds: int
    pack_sequence: int


@dataclass(frozen=True, slots=True)
class InboxState:
    """What a mailbox knows of us."""

    highest_sender_sequence: int
    """The highest that it ever saw from us, over all addressees; 0 if none."""
    waiting: int
    """Batches that wait for us."""


@dataclass(frozen=True, slots=True)
class Collected:
    """One batch as it waits in a mailbox, byte for byte as it was deposited."""

    cursor: str
    batch: str
    signature: str
    deposited_at: str


@dataclass(frozen=True, slots=True)
class Page:
    """Batches after a cursor, oldest deposit first."""

    batches: tuple[Collected, ...]
    more: bool


class Link(Protocol):
    """One mailbox, reached. Every method raises Refused or NotDelivered, never a foreign exception."""

    def capabilities(self) -> Capabilities:
        """GET /v1/capabilities."""
        ...

    def deposit(self, to: str, batch_id: str, body: bytes) -> str:
        """POST the frozen body; the deposit receipt (a JWS, not verified here)."""
        ...

    def batch_receipt(self, to: str, batch_id: str) -> str | None:
        """The deposit receipt of one of our batches, or None when the mailbox has never seen it."""
        ...

    def inbox_state(self, me: str) -> InboxState:
        """What the mailbox knows of us."""
        ...

    def collect(self, me: str, after: str | None, limit: int = 20, wait_seconds: int = 0) -> Page:
        """Batches that wait for us after a cursor."""
        ...

    def acknowledge(self, me: str, cursor: str) -> None:
        """Everything up to and with this cursor is durable here; the mailbox may forget the bodies."""
        ...

    def fetch_pack(self, after: int) -> Mapping[str, bytes] | None:
        """The files of a newer pack, or None; not verified here."""
        ...
