"""The sending half without a clock, a disk or a network: what goes next, and what an answer means.

Laws:

1. A batch's bytes are frozen and durable before its first attempt; every retry sends the same bytes under the same id.
2. Nothing is received but by the addressee's signed receipt that names the batch and its digest; nothing is
deposited but by
   the mailbox's.
3. What was taken back while nothing had left never leaves. What may have left is asked for: unknown to the mailbox,
and too
   late to arrive, means that it never left; known means that a message which says so follows.
4. Nothing is given up: a lane waits, and says why. One bad item is isolated, and the others go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sync import batch as batches
from sync.batch import DepositReceipt
from sync.delivery import WAITING, Move, State, allows
from sync.envelope import Addressee, seal
from sync.errors import BadMessage, Busy, NotDelivered, Refused, SyncError, TooLarge, Unreachable, Unsure
from sync.http_signing import MAX_AGE_SECONDS, MAX_SKEW_SECONDS
from sync.items import ADDRESSEE, BATCH, BODY, SENT, SEQUENCE, Changes, Frozen, Item, outgoing, stamp
from sync.keys import Keyring
from sync.messages import ARRIVED, Message, Receipt
from sync.ports import Put

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 900.0
TOO_LATE_SECONDS = MAX_AGE_SECONDS + 2 * MAX_SKEW_SECONDS
"""after this long an attempt cannot arrive any more: its request signature is too old for any mailbox"""

_ITEM_FAULTS = frozenset({"malformed", "too-large", "invalid"})


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a batch may grow."""

    items: int = batches.MAX_ITEMS
    text_bytes: int = batches.MAX_BATCH_BYTES - 4096
    """room for the items; the head of a batch takes the rest"""


def released(items: Iterable[Item], now: datetime) -> list[Item]:
    """Items whose time has come, queued."""
    due = stamp(now)
    return [
        item.move(Move.RELEASE, held_until=None, held_reason=None)
        for item in items
        if item.state == State.HELD and item.held_until is not None and item.held_until <= due
    ]


def in_order(items: Iterable[Item]) -> list[Item]:
    """What goes first: receipts (somebody waits for them), urgent ones, then the oldest."""
    return sorted(
        (item for item in items if item.state == State.QUEUED),
        key=lambda item: (item.kind != "receipt", not item.urgent, item.queued_at, item.id),
    )


def grouped(sealed: Sequence[tuple[Item, str]], limits: Limits) -> list[list[tuple[Item, str]]]:
    """Cut a lane into batches: by count and size; urgent ones, receipts and isolated items apart from the rest."""
    groups: list[list[tuple[Item, str]]] = []
    size = 0
    for item, token in sealed:
        last = groups[-1] if groups else []
        fits = (
            last
            and len(last) < limits.items
            and size + len(token) + 3 <= limits.text_bytes
            and not item.alone
            and not last[-1][0].alone
            and last[-1][0].urgent == item.urgent
            and (last[-1][0].kind == "receipt") == (item.kind == "receipt")
        )
        if fits:
            last.append((item, token))
            size += len(token) + 3
        else:
            groups.append([(item, token)])
            size = len(token) + 3
    return groups


@dataclass(frozen=True, slots=True)
class FrozenLane:
    """The batches of one lane, as made, and all that has to be durable before the first of them leaves."""

    batches: tuple[Frozen, ...]
    bodies: Mapping[str, bytes]
    items: tuple[Item, ...]
    changes: Changes
    last_sequence: int


def freeze_lane(
    items: Sequence[Item],
    me: Keyring,
    to: Addressee,
    *,
    now: datetime,
    pack_sequence: int,
    last_sequence: int,
    new_id: Callable[[], str],
    limits: Limits = Limits(),
) -> FrozenLane:
    """Seal queued items, in order, and freeze them into batches; one that is too large is parked alone."""
    changes = Changes()
    sealed: list[tuple[Item, str]] = []
    for item in items:
        try:
            token = seal(item.message or {}, me, to, now=now, pack_sequence=pack_sequence)
            sealed.append((item, token))
        except TooLarge as error:
            changes += item.move(Move.PARK, reason=error.words).kept(now)
    made, bodies, moved_items, puts = [], {}, [], []
    for group in grouped(sealed, limits):
        last_sequence += 1
        batch_id = new_id()
        tokens = [token for _, token in group]
        body, digest = batches.freeze(
            batch_id, me, to.id, tokens, sender_sequence=last_sequence, pack_sequence=pack_sequence
        )
        frozen = Frozen(
            id=batch_id,
            to=to.id,
            digest=digest,
            sender_sequence=last_sequence,
            items=[item.id for item, _ in group],
            sealed_to=to.key.kid,
            frozen_at=stamp(now),
            urgent=group[0][0].urgent,
            receipts_only=group[0][0].kind == "receipt",
        )
        made.append(frozen)
        bodies[batch_id] = body
        puts += [frozen.put, (BODY, batch_id, {"body": body.decode()})]
        for item, _ in group:
            item = item.move(Move.SEAL, batch=batch_id, reason=None)
            moved_items.append(item)
            puts.append(item.put)
            if item.kind in ("referral", "correction", "hand-over"):
                puts.append((ADDRESSEE, item.jti, {"to": to.id, "version": item.version}))
    puts.append((SEQUENCE, "sender", {"last": last_sequence}))
    return FrozenLane(tuple(made), bodies, tuple(moved_items), Changes(tuple(puts)) + changes, last_sequence)


def attempt(batch: Frozen, now: datetime) -> Frozen:
    """Before its bytes leave; durable first."""
    return replace(
        batch,
        attempted=True,
        earlier=batch.attempted,
        attempts=batch.attempts + 1,
        attempted_at=stamp(now),
        next_at=None,
        told_to_wait=False,
    )


def not_departed(batch: Frozen) -> Frozen:
    """Marked for an attempt that was then not made."""
    return replace(batch, attempted=batch.earlier, attempts=batch.attempts - 1)


def pause(attempts: int, random: float) -> timedelta:
    """How long to wait after so many attempts; `random` in [0, 1) spreads laptops that lost signal together."""
    ceiling = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(attempts - 1, 12))
    return timedelta(seconds=ceiling * (0.5 + random / 2))


def deposited(batch: Frozen, items: Iterable[Item], receipt: DepositReceipt, me: str, now: datetime) -> Changes:
    """The mailbox's verified receipt for a batch.

    Raises: BadMessage("receipt"), if it is for another batch, other bytes, another sender, addressee or number.
    """
    named = (receipt.batch, receipt.digest, receipt.sender, receipt.to, receipt.sender_sequence)
    if named != (batch.id, batch.digest, me, batch.to, batch.sender_sequence):
        raise BadMessage("receipt", "The mailbox's receipt is for something else.")
    done = replace(batch, deposited=True, ask=False, unsure=False, problem=None, next_at=None)
    # The bytes stay until the addressee's receipt: a mailbox that lost its disk is sent them again.
    changes = Changes((), batch.gone) if batch.receipts_only else Changes((done.put,))
    for item in items:
        if not allows(item.state, Move.DEPOSIT):
            continue
        item = item.move(Move.DEPOSIT, deposited_at=item.deposited_at or stamp(now), reason=None)
        if batch.receipts_only:
            item = item.move(Move.RECEIVE)
        changes += _wished(item, now) if item.wish else item.kept(now)
    return changes


def _wished(item: Item, now: datetime) -> Changes:
    """It has left, and is wished back: the end that was wished, and what follows."""
    move = Move.WITHDRAW if item.wish == "withdraw" else Move.CANCEL
    changes = item.move(move, reason=item.wish_reason).kept(now)
    if item.follow is not None:
        changes += Changes((outgoing(item.follow, item.to, now=now, urgent=True).put,))
    return changes


def unknown_to_mailbox(batch: Frozen, items: Iterable[Item], now: datetime) -> Changes:
    """The mailbox has never seen this batch. Dissolves it if its bytes cannot arrive any more; waits if they can."""
    too_late = batch.attempted_at is None or stamp(now - timedelta(seconds=TOO_LATE_SECONDS)) >= batch.attempted_at
    if batch.ask and not too_late:
        later = datetime.fromisoformat(batch.attempted_at or stamp(now)) + timedelta(seconds=TOO_LATE_SECONDS)
        return Changes((replace(batch, next_at=stamp(later), problem="Making sure that it has not left.").put,))
    if batch.ask:
        return dissolved(batch, items, now)
    return Changes((replace(batch, unsure=False).put,))


def dissolved(batch: Frozen, items: Iterable[Item], now: datetime, *, alone: bool = False) -> Changes:
    """Undo a batch of which nothing has left or can arrive: its items queue again, the ones wished back end."""
    changes = Changes((), batch.gone)
    for item in items:
        if item.state != State.SEALED:
            continue
        item = item.move(Move.DISSOLVE, batch=None, alone=alone or item.alone)
        if item.wish:
            move = Move.WITHDRAW if item.wish == "withdraw" else Move.CANCEL
            item = item.move(move, reason=item.wish_reason)
        changes += item.kept(now)
    return changes


def failed(batch: Frozen, items: Sequence[Item], error: SyncError, now: datetime, random: float) -> Changes:
    """What an attempt without a deposit receipt means for the batch and its items."""
    if isinstance(error, Refused):
        return _refused(batch, items, error, now, random)
    wait = pause(max(1, batch.attempts), random)
    if isinstance(error, Busy) and error.retry_after_seconds is not None:
        wait = max(timedelta(seconds=min(error.retry_after_seconds, 86_400)), timedelta(seconds=1))
    later = replace(batch, next_at=stamp(now + wait), problem=error.words, told_to_wait=isinstance(error, Busy))
    if isinstance(error, Unreachable):
        # No connection: this attempt has put nothing on the wire. An earlier one may have.
        later = replace(later, attempted=batch.earlier)
    elif isinstance(error, Unsure) or not isinstance(error, NotDelivered):
        later = replace(later, unsure=True)
    return Changes((later.put,))


def _refused(batch: Frozen, items: Sequence[Item], error: Refused, now: datetime, random: float) -> Changes:
    if error.code == "other-bytes":
        return dissolved(batch, items, now)
    if error.code not in _ITEM_FAULTS:
        later = now + pause(max(1, batch.attempts), random)
        return Changes((replace(batch, next_at=stamp(later), problem=error.words).put,))
    position = {item_id: index for index, item_id in enumerate(batch.items)}
    faulty = set(error.item_numbers) if len(batch.items) > 1 else {0}
    changes = Changes((), batch.gone)
    for item in items:
        if item.state != State.SEALED:
            continue
        if position[item.id] in faulty and not item.wish:
            changes += item.move(Move.PARK, batch=None, reason=error.words).kept(now)
        else:
            # Without a pointer nobody knows which item it was: each goes alone, and the bad one is alone with its
            # refusal.
            changes += dissolved(batch, [item], now, alone=not error.item_numbers)
    return changes


def receipted(batch: Frozen, items: Iterable[Item], receipt: Receipt, sender: str, now: datetime) -> Changes:
    """The addressee's verified receipt for a batch.

    Raises: BadMessage("receipt"), if it is not by the addressee, or not for these bytes.
    """
    if sender != batch.to or receipt.batch != batch.id or receipt.digest != batch.digest:
        raise BadMessage("receipt", "A receipt is for something else, or by someone else.")
    by_id = {item.id: item for item in items}
    changes = Changes()
    open_ids = set(by_id)
    for answer in receipt.items:
        if not 0 <= answer.index < len(batch.items):
            continue
        item = by_id.get(batch.items[answer.index])
        if item is None or (answer.reference is not None and answer.reference != item.jti):
            continue
        move = Move.RECEIVE if answer.result in ARRIVED else Move.REFUSE
        if not allows(item.state, move):
            continue
        reason = answer.reason or (answer.result if answer.result not in ("stored", "duplicate") else None)
        item = item.move(move, result=answer.result, reason=reason, deposited_at=item.deposited_at or stamp(now))
        open_ids.discard(item.id)
        changes += _wished(item, now) if item.wish and move is Move.RECEIVE else item.kept(now)
    left = [item_id for item_id in open_ids if by_id[item_id].state in (State.SEALED, State.DEPOSITED)]
    return changes + (Changes((replace(batch, deposited=True).put,)) if left else Changes((), batch.gone))


def recall(
    item: Item,
    batch: Frozen | None,
    others: Sequence[Item],
    *,
    move: Move,
    reason: str,
    now: datetime,
    follow: Message | dict[str, Any] | None = None,
    in_flight: bool = False,
) -> Changes:
    """Take a message back: `move` is WITHDRAW (the person's wish), CANCEL (ours) or HAND_OVER.

    `batch` and `others` (all items of that batch) are those of a sealed item. `follow` goes to the addressee only if
    the message has left. `in_flight`: its bytes are on the wire at this moment.
    """
    if State(item.state) in WAITING:
        return item.move(move, reason=reason).kept(now)
    if item.state == State.SEALED and batch is not None:
        document = None if follow is None else outgoing(follow, item.to, now=now).message
        wish = "withdraw" if move is Move.WITHDRAW else "cancel"
        wished = replace(item, wish=wish, wish_reason=reason, follow=document)
        if not batch.attempted and not in_flight:
            return dissolved(batch, [wished if other.id == item.id else other for other in others], now)
        return Changes((wished.put, replace(batch, ask=True, next_at=None).put))
    had = item.state in (State.DEPOSITED, State.RECEIVED)
    changes = item.move(move, reason=reason).kept(now)
    if follow is not None and had:
        changes += Changes((outgoing(follow, item.to, now=now, urgent=True).put,))
    return changes


def mended(item: Item, message: Message | dict[str, Any], now: datetime) -> Changes:
    """A parked item that a person has repaired, queued again under the same id."""
    fresh = outgoing(message, item.to, now=now, urgent=item.urgent)
    mended_item = replace(item, message=fresh.message, reason=None, batch=None).move(Move.MEND)
    return mended_item.kept(now)


def sequence_put(last: int) -> Put:
    """The document that remembers the last number used."""
    return (SEQUENCE, "sender", {"last": last})


__all__ = ["BATCH", "SENT", "Changes", "Frozen", "Item", "Limits", "outgoing"]
