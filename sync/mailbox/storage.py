"""What a mailbox remembers, and the few questions asked of it; `sqlite.py` answers them.

Kept small so that another database fits in beside SQLite. Two laws that every storage keeps:

1. An act is durable when its call returns: the caller acknowledges nothing before that.
2. Acts that arrive together may share one transaction, but one act's failure is never another's.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class StorageUnavailable(Exception):
    """The act was not stored, as the disk or the database failed; the same request may be tried again."""


class NonceSpent(Exception):
    """The request's nonce was seen before: nothing was done."""


@dataclass(frozen=True, slots=True)
class Nonce:
    """A signed request's nonce, spent in the same transaction as the act that it allows."""

    key: str
    """The thumbprint of the key that signed."""
    value: str
    expires_at: int
    """UTC seconds after which a request so old is refused by its age alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """One sealed batch as it arrived, with the receipt that will be true once it is stored."""

    addressee: str
    sender: str
    batch_id: str
    digest: str
    """SHA-256 of the batch text, hex: what the sender signed, and what the receipt names."""
    body_digest: str
    """SHA-256 of the whole body of the deposit, hex: tells a repeat from other bytes under the same id."""
    sender_sequence: int
    deposited_at: int
    """UTC seconds, by the mailbox's clock."""
    receipt: str
    """Compact JWS by the mailbox; returned word for word to every repeat."""
    signature: str
    """The sender's JWS over the digest, passed on to the addressee."""
    text: bytes
    """The batch text, byte for byte."""


class Stored(StrEnum):
    """What became of a deposit."""

    NEW = "new"
    AGAIN = "again"
    """The same bytes under the same key were here already."""
    OTHER_BYTES = "other-bytes"
    """The key was used for other bytes: nothing was stored."""
    FULL = "full"
    """The addressee's mailbox holds as much as it may."""


@dataclass(frozen=True, slots=True)
class Deposited:
    """The fate of a deposit, and the receipt that stands for it (the first one, if it is a repeat)."""

    stored: Stored
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """The receipt of a batch, and whether its addressee has collected it."""

    receipt: str
    collected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingBatch:
    """One batch that waits for its addressee, in the order of arrival."""

    position: int
    what: str
    """Names the batch beyond doubt: sender, id and digest."""
    sender: str
    batch_id: str
    deposited_at: int
    signature: str
    text: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxState:
    """One party's view: what it sent as the mailbox saw it, and what waits for it."""

    highest_sender_sequence: int
    """The highest `sender_sequence` ever accepted from this party; 0 if none."""
    waiting: int
    collected_to: int
    """Position up to which the party acknowledged."""
    last_position: int
    """Position of the newest batch that ever arrived for the party."""


@dataclass(frozen=True, slots=True)
class StoredPack:
    """The signed pack as received, verified before it was stored."""

    sequence: int
    files: dict[str, bytes]
    """Index and parts by file name."""
    signer: str
    """The coordinator's public key that signed it, as JSON: the pack itself may list only its successors."""


class Storage(Protocol):
    """Durable memory of a mailbox; every method may be called from many requests at once."""

    async def deposit(self, deposit: Deposit, nonce: Nonce) -> Deposited:
        """Store a batch once. Raises: NonceSpent, StorageUnavailable."""
        ...

    async def collected(self, addressee: str, up_to: int, at: int, nonce: Nonce) -> int:
        """Forget the bodies up to a position; returns how many went. Raises: NonceSpent, StorageUnavailable."""
        ...

    async def spend(self, nonce: Nonce) -> None:
        """Remember the nonce of a request that changes nothing. Raises: NonceSpent, StorageUnavailable."""
        ...

    async def receipt(self, addressee: str, sender: str, batch_id: str) -> KeptReceipt | None:
        """The receipt of a batch that this sender deposited, collected or not; None if it is unknown."""
        ...

    async def waiting(self, addressee: str, after: int, limit: int, max_bytes: int) -> tuple[WaitingBatch, ...]:
        """Batches after a position, oldest first: one if any waits, then more up to `limit` and `max_bytes`."""
        ...

    async def what_stands_at(self, addressee: str, position: int) -> str | None:
        """`WaitingBatch.what` of the batch at a position, collected or not; None if there is none (any more)."""
        ...

    async def state(self, party: str) -> MailboxState:
        """What the mailbox knows of one party."""
        ...

    def arrivals(self, addressee: str) -> AbstractContextManager["Arrival"]:
        """Listen for deposits to an addressee from now until the block ends."""
        ...

    async def save_pack(self, pack: StoredPack) -> bool:
        """Keep a verified pack, if its sequence is higher than the kept one's; says whether it was."""
        ...

    async def pack(self) -> StoredPack | None:
        """The pack with the highest sequence."""
        ...

    async def forget(self, *, now: int, keep_seconds: int) -> int:
        """Drop spent nonces that aged out, and traces of batches collected long ago; returns how many traces went."""
        ...

    async def close(self) -> None:
        """Finish the writes in hand, and let go of the file."""
        ...


class Arrival(Protocol):
    """A wait for the next deposit."""

    async def wait(self, timeout_seconds: float) -> bool:
        """True as soon as something arrives, or arrived since the listening began; False at the time limit."""
        ...
