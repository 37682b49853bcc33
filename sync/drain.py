"""Emptying the outbox: lanes frozen piece by piece while a few threads carry what is frozen already.

Threads only talk to the network. Everything durable is done by the one thread that drains, under a lock that it shares
with `take_back`; so a person's withdrawal and the departure of a batch have one order, and the batch is either stopped
or known to have left.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sync import sender
from sync.batch import read_deposit_receipt
from sync.delivery import Move, State
from sync.envelope import Addressee
from sync.errors import BadMessage, NotDelivered, Refused, SyncError
from sync.items import BATCH, BODY, OUTBOX, SENT, SEQUENCE, Changes, Frozen, Item, stamp
from sync.keys import Keyring
from sync.lane import Lane, departure_order, mailbox_key, still_sealable, why_not
from sync.messages import Message
from sync.pack import Pack, Party
from sync.ports import Clock, Journal, Link
from sync.report import LaneReport

CHUNK = 64
"""items frozen in one commit, while others travel"""
WINDOW = 4
"""batches of one lane on the way at once, after the first has arrived"""
GROUP = 32
"""deposit receipts written in one commit"""
MOST_THREADS = 32


@dataclass(frozen=True, slots=True)
class _Result:
    batch: Frozen
    receipt: str | None = None
    error: SyncError | None = None
    unknown: bool = False
    skipped: bool = False


class Drain:
    """One endpoint's way out. `lock` guards the journal and the order of departures."""

    def __init__(
        self,
        me: Keyring,
        journal: Journal,
        links: Callable[[Party], Link],
        clock: Clock,
        *,
        new_id: Callable[[], str],
        limits: sender.Limits,
        rng: random.Random,
    ) -> None:
        self.me, self.journal, self.links, self.clock = me, journal, links, clock
        self.new_id, self.limits, self.rng = new_id, limits, rng
        self.lock = threading.RLock()
        self._running = threading.Lock()
        self._active = False
        self._items: dict[str, Item] = {}
        self._batches: dict[str, Frozen] = {}
        self._bodies: dict[str, bytes] = {}
        self._not_started: set[str] = set()
        """marked as attempted, and nothing of that attempt on the wire yet"""
        self._recalled: set[str] = set()

    # -- taking back -------------------------------------------------------------------------------------------------

    def take_back(
        self,
        item_id: str,
        *,
        move: Move,
        reason: str,
        follow: Message | None,
        commit: Callable[[Changes], None],
    ) -> State | None:
        """Stop one item, or see to it that a message follows; its state afterwards, None for an unknown one."""
        with self.lock:
            item = self._item(item_id)
            if item is None:
                return None
            batch = self._batch(item.batch) if item.batch else None
            others = [other for i in batch.items if (other := self._item(i))] if batch else []
            if batch is not None and batch.id in self._not_started:
                batch = replace(batch, attempted=batch.earlier)
            changes = sender.recall(item, batch, others, move=move, reason=reason, now=self.clock(), follow=follow)
            commit(changes)
            self._recall_from_memory(changes)
            after = self._item(item_id)
            return None if after is None else State(after.state)

    def _recall_from_memory(self, changes: Changes) -> None:
        self._remember(changes)
        self._recalled.update(key for kind, key in changes.deletes if kind == BATCH)
        self._recalled.update(key for kind, key, document in changes.puts if kind == BATCH and document.get("ask"))

    def _item(self, item_id: str) -> Item | None:
        found = self._items.get(item_id)  # empty unless a run is on
        if found is not None:
            return found
        document = self.journal.get(OUTBOX, item_id) or self.journal.get(SENT, item_id)
        return None if document is None else Item.from_document(document)

    def _batch(self, batch_id: str) -> Frozen | None:
        found = self._batches.get(batch_id)
        if found is not None:
            return found
        document = self.journal.get(BATCH, batch_id)
        return None if document is None else Frozen.from_document(document)

    def commit(self, changes: Changes) -> None:
        """Durable, and then in memory."""
        if changes:
            last = {(kind, key): (kind, key, document) for kind, key, document in changes.puts}
            self.journal.commit(list(last.values()), changes.deletes)
            self._remember(changes)

    def _remember(self, changes: Changes) -> None:
        """Keep a run's memory true; without a run there is none, and the journal is read."""
        if not self._active:
            return
        for kind, key in changes.deletes:
            if kind == OUTBOX:
                self._items.pop(key, None)
            elif kind == BATCH:
                self._batches.pop(key, None)
                self._bodies.pop(key, None)
        for kind, key, document in changes.puts:
            if kind == OUTBOX:
                self._items[key] = Item.from_document(document)
            elif kind == BATCH:
                self._batches[key] = Frozen.from_document(document)

    # -- draining ----------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the outbox again: others commit to it together with their own events."""
        self._items = {key: Item.from_document(document) for key, document in self.journal.load(OUTBOX)}
        self._batches = {key: Frozen.from_document(document) for key, document in self.journal.load(BATCH)}
        self._bodies.clear()

    def run(self, pack: Pack, *, eager: bool = False) -> dict[str, LaneReport]:
        """Send whatever may go now; the lanes' reports by partner. Never raises for trouble with the network.

        `eager`: somebody asked, or a connection has just appeared; our own patience is skipped, the mailbox's wish not.
        """
        with self._running:
            try:
                with self.lock:
                    self._active = True
                    self.load()
                    now = self.clock()
                    released = sender.released(self._items.values(), now)
                    self.commit(Changes(tuple(item.put for item in released)))
                    lanes = self._lanes(pack, now, eager)
                self._carry(lanes, pack)
                with self.lock:
                    stayed = [sender.not_departed(batch) for i in self._not_started if (batch := self._batch(i))]
                    self.commit(Changes(tuple(batch.put for batch in stayed)))
                    return self._report(lanes)
            finally:
                with self.lock:
                    self._active = False
                    for memory in (self._items, self._batches, self._bodies, self._not_started, self._recalled):
                        memory.clear()

    def _lanes(self, pack: Pack, now: datetime, eager: bool) -> dict[str, Lane]:
        lanes: dict[str, Lane] = {}

        def lane(to: str) -> Lane:
            if to not in lanes:
                lanes[to] = Lane(pack.party(to) or Party(id=to, kind="unknown"))
            return lanes[to]

        changes = Changes()
        for batch in sorted(self._batches.values(), key=departure_order):
            if batch.deposited:
                continue
            if not batch.ask and not still_sealable(lane(batch.to).party, batch):
                # Its key was revoked: never send to it. What has not left is sealed anew.
                items = [self._items[i] for i in batch.items if i in self._items]
                batch = replace(batch, ask=True, next_at=None)
                changes += Changes((batch.put,)) if batch.attempted else sender.dissolved(batch, items, now)
                if not batch.attempted:
                    continue
            waits = batch.next_at is not None and batch.next_at > stamp(now)
            if waits and (not eager or batch.told_to_wait or batch.ask):
                if not batch.ask:
                    lane(batch.to).stopped = batch.problem or "Waits a moment."
            else:
                lane(batch.to).ready.append(batch)
        self.commit(changes)
        for item in sender.in_order(self._items.values()):
            lane(item.to).queued.append(item)
        for each in lanes.values():
            each.stopped = each.stopped or why_not(each, pack, now)
        return lanes

    def _carry(self, lanes: dict[str, Lane], pack: Pack) -> None:
        flying: dict[Future[_Result], Lane] = {}
        landed: list[tuple[Lane, _Result]] = []
        threads = max(1, min(MOST_THREADS, WINDOW * max(1, len(lanes))))
        with ThreadPoolExecutor(threads, thread_name_prefix="lane") as pool:
            while True:
                for lane in lanes.values():
                    while lane.stopped is None and lane.ready and lane.flying < lane.window:
                        self._depart(lane, pool, flying)
                froze = self._freeze_some(lanes, pack)
                if not flying:
                    if landed:
                        self._arrived(landed, pack)
                        landed = []
                        continue
                    if not froze and not any(lane.ready and lane.stopped is None for lane in lanes.values()):
                        return
                    continue
                patience = 0 if froze else 0.2 if landed else None
                done, _ = wait(flying, timeout=patience, return_when=FIRST_COMPLETED)
                urgent_news = bool(landed) and not done and not froze
                for future in done:
                    lane, result = flying.pop(future), future.result()
                    lane.flying -= 1
                    landed.append((lane, result))
                    urgent_news = urgent_news or result.receipt is None or lane.window == 1
                # One commit for many receipts: until it is written, a crash only makes us ask the mailbox once more.
                if landed and (urgent_news or len(landed) >= GROUP):
                    self._arrived(landed, pack)
                    landed = []

    def _depart(self, lane: Lane, pool: ThreadPoolExecutor, flying: dict[Future[_Result], Lane]) -> None:
        try:
            link = self.links(lane.party)
        except SyncError as error:  # an address that nothing may be sent to
            lane.stopped = error.words
            return
        batch = lane.ready.popleft()
        with self.lock:
            current = self._batch(batch.id)
            if current is None:
                return
            if batch.id not in self._bodies:
                document = self.journal.get(BODY, batch.id)
                if document is None:
                    lane.stopped = "A batch has lost its bytes. Run `firstcontact vault verify`."
                    return
                self._bodies[batch.id] = str(document["body"]).encode()
            if not current.ask:  # asking sends nothing: it is no attempt
                if batch.id not in self._not_started or _older(current.attempted_at, self.clock(), seconds=30):
                    again = sender.not_departed(current) if batch.id in self._not_started else current
                    current = sender.attempt(again, self.clock())
                    self.commit(Changes((current.put,)))
                self._not_started.add(batch.id)
            body = self._bodies[batch.id]
        lane.flying += 1
        flying[pool.submit(self._deliver, link, current, body)] = lane

    def _deliver(self, link: Link, batch: Frozen, body: bytes) -> _Result:
        """In a thread: the network, and nothing else."""
        with self.lock:
            self._not_started.discard(batch.id)
            if batch.id in self._recalled:
                return _Result(batch, skipped=True)
        try:
            if batch.ask or batch.unsure:
                receipt = link.batch_receipt(batch.to, batch.id)
                if receipt is not None or batch.ask:
                    return _Result(batch, receipt=receipt, unknown=receipt is None)
            return _Result(batch, receipt=link.deposit(batch.to, batch.id, body))
        except SyncError as error:
            return _Result(batch, error=error)

    def _arrived(self, results: Iterable[tuple[Lane, _Result]], pack: Pack) -> None:
        with self.lock:
            now = self.clock()
            changes = Changes()
            for lane, result in results:
                batch = self._batch(result.batch.id)
                if batch is None or result.skipped:
                    continue
                items = [item for i in batch.items if (item := self._items.get(i)) is not None]
                error = result.error
                if result.unknown:
                    changes += sender.unknown_to_mailbox(batch, items, now)
                elif result.receipt is not None:
                    try:
                        receipt = read_deposit_receipt(result.receipt, mailbox_key(pack, lane.party, now))
                        changes += sender.deposited(batch, items, receipt, self.me.id, now)
                        lane.deposited += len(items)
                        lane.window = WINDOW
                    except BadMessage:
                        error = BadMessage("receipt", "The mailbox's receipt does not hold; nothing counts as sent.")
                if error is not None:
                    changes += sender.failed(batch, items, error, now, self.rng.random())
                    if isinstance(error, NotDelivered | BadMessage) or not _about_items(error):
                        lane.stopped = error.words
            self.commit(changes)
            for lane in {id(lane): lane for lane, result in results if result.receipt is None}.values():
                if lane.stopped is None:
                    self._requeue(lane)

    def _requeue(self, lane: Lane) -> None:
        """Items that an isolated or dissolved batch gave back."""
        here = {item.id for item in lane.queued}
        back = [
            i for i in self._items.values() if i.to == lane.party.id and i.state == State.QUEUED and i.id not in here
        ]
        if back:
            lane.queued = deque(sender.in_order([*lane.queued, *back]))

    def _freeze_some(self, lanes: dict[str, Lane], pack: Pack) -> bool:
        """Freeze one chunk of every lane that runs dry, in one commit."""
        hungry = [
            lane
            for lane in lanes.values()
            if lane.stopped is None and lane.queued and (len(lane.ready) <= 2 * WINDOW or lane.queued[0].urgent)
        ]
        if not hungry:
            return False
        with self.lock:
            now = self.clock()
            last = int((self.journal.get(SEQUENCE, "sender") or {"last": 0})["last"])
            changes = Changes()
            for lane in hungry:
                chunk: list[Item] = []
                while lane.queued and len(chunk) < max(CHUNK, 2 * self.limits.items):
                    item = self._items.get(lane.queued.popleft().id)
                    if item is not None and item.state == State.QUEUED:
                        chunk.append(item)
                if not chunk:
                    continue
                to = Addressee(lane.party.id, lane.party.sealing_key(now))
                frozen = sender.freeze_lane(
                    chunk,
                    self.me,
                    to,
                    now=now,
                    pack_sequence=pack.sequence,
                    last_sequence=last,
                    new_id=self.new_id,
                    limits=self.limits,
                )
                last = frozen.last_sequence
                # Marked as attempted in the same commit: they leave at once, and one fsync serves both.
                leaving = [sender.attempt(batch, now) for batch in frozen.batches]
                changes += frozen.changes + Changes(tuple(batch.put for batch in leaving))
                self._bodies.update(frozen.bodies)
                lane.ready = deque(sorted([*lane.ready, *leaving], key=departure_order))
                self._not_started.update(frozen.bodies)
            changes += Changes((sender.sequence_put(last),))
            self.commit(changes)
        return True

    def _report(self, lanes: dict[str, Lane]) -> dict[str, LaneReport]:
        reports = {
            to: LaneReport(to, lane.party.name or to, deposited=lane.deposited, words=lane.stopped or "")
            for to, lane in lanes.items()
        }
        for item in self._items.values():
            report = reports.setdefault(item.to, LaneReport(item.to, item.to))
            if item.state in (State.QUEUED, State.SEALED):
                report.waiting += 1
            elif item.state == State.HELD:
                report.held += 1
            elif item.state == State.PARKED:
                report.parked += 1
        return reports


def _about_items(error: SyncError) -> bool:
    return isinstance(error, Refused) and error.code in ("malformed", "too-large", "invalid", "other-bytes")


def _older(at: str | None, now: datetime, *, seconds: int) -> bool:
    return at is None or at < stamp(now - timedelta(seconds=seconds))
