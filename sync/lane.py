"""One partner's lane: what it holds, in which order it leaves, and why nothing of it may go."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sync.errors import NoKey
from sync.items import Frozen, Item
from sync.keys import PublicKey
from sync.pack import MAILBOX, Pack, Party


@dataclass(slots=True)
class Lane:
    """One partner's queue while a run is on: what waits to be frozen, what is frozen, what is on its way."""

    party: Party
    queued: deque[Item] = field(default_factory=deque)
    ready: deque[Frozen] = field(default_factory=deque)
    flying: int = 0
    window: int = 1
    stopped: str | None = None
    deposited: int = 0


def departure_order(batch: Frozen) -> tuple[bool, bool, int]:
    """Receipts first, then what is urgent, then by age."""
    return (not batch.receipts_only, not batch.urgent, batch.sender_sequence)


def why_not(lane: Lane, pack: Pack, now: datetime) -> str | None:
    """Why nothing may go to this partner now, or None."""
    if lane.party.kind == "unknown":
        return "The pack does not name this partner."
    if lane.party.revoked is not None:
        return "This partner's keys were revoked."
    if lane.party.mailbox_url is None:
        return "The pack names no mailbox for this partner."
    if not lane.queued:
        return None
    reason = None
    if pack.expired(now):
        reason = "Waits for a newer pack: the one here has expired."
    else:
        try:
            lane.party.sealing_key(now)
        except NoKey as error:
            reason = error.words
    if reason is not None and lane.ready:
        lane.queued.clear()  # what is frozen may still go; nothing new is sealed
        return None
    return reason


def still_sealable(party: Party, batch: Frozen) -> bool:
    """Whether the key that a batch is sealed to may still be sent to."""
    if party.kind == "unknown":
        return True
    kids = [PublicKey.of(key.jwk).kid for key in party.sealing if key.revoked is None]
    return party.revoked is None and batch.sealed_to in kids


def mailbox_key(pack: Pack, party: Party, now: datetime) -> Callable[[str], PublicKey | None]:
    """Only the mailbox that keeps this partner's post may sign for it."""

    def resolve(kid: str) -> PublicKey | None:
        found = pack.signer_of(kid, now)
        if found is None or found[0].kind != MAILBOX or party.mailbox not in (None, found[0].id):
            return None
        return found[1]

    return resolve
