"""What the outbox keeps: one `Item` per version of a message to one addressee, one `Frozen` per batch.

Both are documents of the journal, by kind:

    outbox       items that are not final yet, with their message
    sent         items that are final, without it: who, what, which version, which end
    batch        batches whose receipt is not complete
    batch-body   the frozen bytes of such a batch, read only to send them
    sequence     "sender": the last sender_sequence used
    addressee    reference -> to whom it was sent; a status counts only from there
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sync.delivery import FINAL, Move, State, moved
from sync.messages import Message, dump_message, identity
from sync.ports import Delete, Document, Put

OUTBOX, SENT, BATCH, BODY, SEQUENCE, ADDRESSEE = "outbox", "sent", "batch", "batch-body", "sequence", "addressee"


def stamp(at: datetime) -> str:
    """A time as documents keep it; sorts as text."""
    return at.isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Changes:
    """What to write and remove in one commit."""

    puts: tuple[Put, ...] = ()
    deletes: tuple[Delete, ...] = ()

    def __add__(self, other: Changes) -> Changes:
        return Changes(self.puts + other.puts, self.deletes + other.deletes)

    def __bool__(self) -> bool:
        return bool(self.puts or self.deletes)


class _Kept:
    """To and from a journal's document; fields of a newer version are dropped, missing ones take their default."""

    __slots__: tuple[str, ...] = ()

    def to_document(self) -> Document:
        # Not dataclasses.asdict: it copies every message deeply, which costs more than sealing it.
        document = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None:
                document[name] = value
        return document

    @classmethod
    def from_document(cls, document: Document) -> Self:
        return cls(**{name: value for name, value in document.items() if name in cls.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(_Kept):
    """One version of one message to one addressee."""

    id: str
    to: str
    kind: str
    jti: str
    """reference, or the message's own id"""
    version: int
    state: str
    queued_at: str
    urgent: bool = False
    held_until: str | None = None
    held_reason: str | None = None
    message: dict[str, Any] | None = None
    batch: str | None = None
    alone: bool = False
    """goes in a batch of its own: it was in one that was refused whole"""
    reason: str | None = None
    result: str | None = None
    """the item result of the addressee's receipt"""
    wish: str | None = None
    """withdraw or cancel, wished while its batch may have left"""
    wish_reason: str | None = None
    follow: dict[str, Any] | None = None
    """the message that goes after it if it has left"""
    deposited_at: str | None = None
    ended_at: str | None = None

    @property
    def put(self) -> Put:
        """The document that makes it durable."""
        return (OUTBOX, self.id, self.to_document())

    def move(self, move: Move, **changes: Any) -> Item:
        """After a move of the table."""
        return replace(self, state=str(moved(self.state, move)), **changes)

    def kept(self, at: datetime) -> Changes:
        """How to write it: final ones leave the outbox and forget their message."""
        if State(self.state) not in FINAL:
            return Changes((self.put,))
        ended = replace(self, message=None, follow=None, wish=None, ended_at=self.ended_at or stamp(at))
        return Changes(((SENT, self.id, ended.to_document()),), ((OUTBOX, self.id),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen(_Kept):
    """A batch whose bytes will never change."""

    id: str
    to: str
    digest: str
    sender_sequence: int
    items: list[str]
    """ids of its items, in the batch's order"""
    sealed_to: str
    """kid of the addressee's key"""
    frozen_at: str
    urgent: bool = False
    receipts_only: bool = False
    """nothing in it is receipted: the deposit is its end"""
    attempted: bool = False
    """it may have left this machine"""
    earlier: bool = False
    """an attempt before the last one may have left"""
    attempts: int = 0
    attempted_at: str | None = None
    next_at: str | None = None
    told_to_wait: bool = False
    """`next_at` is the mailbox's wish (Retry-After), not only our patience"""
    ask: bool = False
    """ask the mailbox before anything else: an item is wished back, or its key was revoked"""
    unsure: bool = False
    """the last attempt ended in the middle"""
    deposited: bool = False
    problem: str | None = None
    """why it has not gone, in words"""

    @property
    def put(self) -> Put:
        """The document that makes it durable."""
        return (BATCH, self.id, self.to_document())

    @property
    def gone(self) -> tuple[Delete, ...]:
        """What removes it."""
        return ((BATCH, self.id), (BODY, self.id))


def outgoing(
    message: Message | dict[str, Any],
    to: str,
    *,
    now: datetime,
    urgent: bool = False,
    held_until: datetime | None = None,
    held_reason: str | None = None,
) -> Item:
    """A message for the outbox; commit `item.put` together with the events that caused it."""
    document = message if isinstance(message, dict) else dump_message(message)
    jti, version = identity(document)
    kind = str(document["kind"])
    held = held_until is not None and held_until > now
    return Item(
        id=f"{to}:{kind}:{jti}:{version}",
        to=to,
        kind=kind,
        jti=jti,
        version=version,
        state=str(State.HELD if held else State.QUEUED),
        queued_at=stamp(now),
        urgent=urgent,
        held_until=stamp(held_until) if held and held_until else None,
        held_reason=held_reason if held else None,
        message=document,
    )
