"""The loop of one endpoint: outbox -> sender -> link, link -> receiver -> ledger, and receipts both ways.

A laptop, an agency's desk and the hub each run the same `Exchange` with their own keys. What they do with a message is
their `on_message`; what it returns is committed together with the ledger, before the mailbox is told to forget.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from sync import sender
from sync.delivery import Move, State
from sync.drain import Drain, LaneReport
from sync.envelope import Opened
from sync.errors import BadMessage, BadPack, NotDelivered, Refused, SyncError
from sync.items import ADDRESSEE, BATCH, OUTBOX, SENT, SEQUENCE, Changes, Frozen, Item, outgoing, stamp
from sync.keys import Keyring
from sync.messages import ItemResult, Message, Receipt, Resync
from sync.pack import AGENCY, DEVICE, HUB, Pack, Party
from sync.ports import Clock, Collected, Delete, Document, Journal, Link, Put
from sync.receiver import LEDGER, Judge, ReadBatch, Verdict, answer, read_batch

CURSOR, ANSWERED, WAITING_FOR_PACK = "cursor", "answered", "waiting-for-pack"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that is new and counts."""

    message: Message
    opened: Opened
    sender: Party
    result: ItemResult
    """stored, or unsupported for an unknown kind"""
    read: Callable[[str, str], Document | None]
    """(kind, key) -> the document as the messages before this one leave it, durable or not yet"""


@dataclass(frozen=True, slots=True)
class Handled:
    """What an endpoint makes of a message: its own documents, in the same commit, and a result if not `stored`."""

    puts: tuple[Put, ...] = ()
    deletes: tuple[Delete, ...] = ()
    result: ItemResult | None = None
    reason: str | None = None


@dataclass(slots=True)
class Report:
    """One round, in plain words."""

    lanes: dict[str, LaneReport] = field(default_factory=dict)
    collected: int = 0
    """messages that were new and counted"""
    receipts: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """reason -> how many items or batches were refused"""
    problem: str | None = None
    """why nothing could be collected, in words; None if all is well"""
    rolled_back: bool = False
    """this store is older than what the mailbox has seen of it"""
    pack_sequence: int = 0

    @property
    def deposited(self) -> int:
        """Messages deposited in this round."""
        return sum(lane.deposited for lane in self.lanes.values())

    @property
    def waiting(self) -> int:
        """Messages that still wait for their lane."""
        return sum(lane.waiting for lane in self.lanes.values())

    @property
    def words(self) -> str:
        """One sentence for the status line."""
        if self.problem and (self.waiting or not self.lanes):
            return self.problem
        if self.waiting:
            why = next((lane.words for lane in self.lanes.values() if lane.waiting and lane.words), "")
            return f"{self.waiting} waiting. {why}".strip()
        return self.problem or "All sent."


class Exchange:
    """One endpoint's post.

    me: its keys. journal: where it keeps its outbox and ledger. links: a party -> the Link to its mailbox. pack: the
    verified pack in use. on_message: called inside a round, under the lock, for each new message; returns what to
    commit with it; may raise BadMessage to refuse it. on_pack: told of a newer verified pack, to keep it.
    """

    def __init__(
        self,
        me: Keyring,
        journal: Journal,
        links: Callable[[Party], Link],
        pack: Pack,
        clock: Clock,
        on_message: Callable[[Incoming], Handled] = lambda incoming: Handled(),  # noqa: ARG005
        *,
        on_pack: Callable[[Pack], None] = lambda pack: None,  # noqa: ARG005
        handed_over: Callable[[str, str], bool] = lambda reference, device: False,  # noqa: ARG005
        limits: sender.Limits = sender.Limits(),  # noqa: B008 - frozen
        new_id: Callable[[], str] = lambda: secrets.token_urlsafe(16),
        rng: Random | None = None,
    ) -> None:
        self.me, self.journal, self.links, self.pack, self.clock = me, journal, links, pack, clock
        self.on_message, self.on_pack, self.handed_over = on_message, on_pack, handed_over
        self.new_id = new_id
        self._drain = Drain(me, journal, links, clock, new_id=new_id, limits=limits, rng=rng or Random())  # noqa: S311 - spreads retries
        self._collecting = threading.Lock()
        self._compared = False

    @property
    def lock(self) -> threading.RLock:
        """Held while anything about delivery is decided and written."""
        return self._drain.lock

    # -- putting in, taking back ---------------------------------------------------------------------------------------

    def queue(self, message: Message | dict[str, Any], to: str, **options: Any) -> Item:
        """Put one message into the outbox (`items.outgoing` says how). Others commit `outgoing(...).put` themselves."""
        item = outgoing(message, to, now=self.clock(), **options)
        self.journal.commit([item.put])
        return item

    def items(self, reference: str | None = None) -> list[Item]:
        """Everything that the outbox knows, final or not; of one reference, or all."""
        found = [Item.from_document(document) for kind in (SENT, OUTBOX) for _, document in self.journal.load(kind)]
        return [item for item in found if reference is None or item.jti == reference]

    def take_back(
        self,
        item_id: str,
        *,
        move: Move = Move.WITHDRAW,
        reason: str = "person",
        follow: Message | None = None,
        commit: Callable[[Iterable[Put], Iterable[Delete]], None] | None = None,
    ) -> State | None:
        """Stop one message, or make `follow` go after it if it has left; the state afterwards.

        State `sealed` means: it may have left, the mailbox will be asked first. `commit` writes the changes together
        with the caller's own (default: the journal's commit).
        """
        write = commit or self.journal.commit
        return self._drain.take_back(
            item_id,
            move=move,
            reason=reason,
            follow=follow,
            commit=lambda changes: write(changes.puts, changes.deletes),
        )

    def release(self, item_id: str) -> bool:
        """Let a held message go now."""
        with self.lock:
            document = self.journal.get(OUTBOX, item_id)
            item = Item.from_document(document) if document else None
            if item is None or item.state != State.HELD:
                return False
            self.journal.commit([item.move(Move.RELEASE, held_until=None, held_reason=None).put])
            return True

    def mend(self, item_id: str, message: Message | dict[str, Any]) -> bool:
        """Queue a parked message again, repaired."""
        with self.lock:
            document = self.journal.get(OUTBOX, item_id)
            item = Item.from_document(document) if document else None
            if item is None or item.state != State.PARKED:
                return False
            self._drain.commit(sender.mended(item, message, self.clock()))
            return True

    # -- a round -------------------------------------------------------------------------------------------------------

    def run_once(self, *, eager: bool = False, wait_seconds: int = 0) -> Report:
        """Fetch the pack, collect, send (also the receipts just made). Never raises for trouble with the network."""
        report = Report(pack_sequence=self.pack.sequence)
        refused_pack = None
        try:
            self._compare_sequence(report)
            self.refresh_pack()
        except BadPack as error:
            refused_pack = error.words  # the one in use stays in use, and so does the post
        except SyncError as error:
            report.problem = error.words
        if report.problem is None:
            self._collect_into(report, wait_seconds)
        self._send_into(report, eager)
        report.problem = report.problem or refused_pack
        report.pack_sequence = self.pack.sequence
        return report

    def send(self, *, eager: bool = False) -> Report:
        """Send only."""
        report = Report(pack_sequence=self.pack.sequence)
        try:
            self._compare_sequence(report)
        except SyncError as error:
            report.problem = error.words
        self._send_into(report, eager)
        return report

    def collect(self, *, wait_seconds: int = 0) -> Report:
        """Collect only; the receipts wait for the next `send`."""
        report = Report(pack_sequence=self.pack.sequence)
        self._collect_into(report, wait_seconds)
        return report

    def refresh_pack(self) -> bool:
        """Fetch a newer pack from our mailbox and use it, if it verifies. Raises: SyncError."""
        files = self._link().fetch_pack(self.pack.sequence)
        if files is None:
            return False
        newer = Pack.verify(files, self.pack.coordinator_keys(), self.pack.sequence + 1)
        self.on_pack(newer)
        self.pack = newer
        return True

    def _send_into(self, report: Report, eager: bool) -> None:
        report.lanes = self._drain.run(self.pack, eager=eager)

    def _me(self) -> Party:
        party = self.pack.party(self.me.id)
        if party is None or party.mailbox_url is None:
            raise NotDelivered("The pack does not name a mailbox for this endpoint yet.")
        if party.revoked is not None:
            raise Refused(403, "revoked", "This endpoint was revoked by the coordinator.")
        return party

    def _link(self) -> Link:
        return self.links(self._me())

    def _compare_sequence(self, report: Report) -> None:
        """Once per unlock: is this store older than what the mailbox has seen of it? Then say so, ask all to resend."""
        if self._compared:
            return
        seen = self._link().inbox_state(self.me.id).highest_sender_sequence
        with self.lock:
            mine = int((self.journal.get(SEQUENCE, "sender") or {"last": 0})["last"])
            if seen > mine:
                now = self.clock()
                puts: list[Put] = [sender.sequence_put(seen)]
                if self._me().kind == DEVICE:
                    resync = Resync(id=self.new_id(), device=self.me.id, behind=mine, ahead=seen, at=now)
                    others = [*self.pack.of_kind(HUB), *self.pack.of_kind(AGENCY)]
                    puts += [outgoing(resync, party.id, now=now).put for party in others if party.mailbox_url]
                self.journal.commit(puts)
                report.rolled_back = True
            self._compared = True

    # -- collecting ----------------------------------------------------------------------------------------------------

    def _collect_into(self, report: Report, wait_seconds: int) -> None:
        try:
            with self._collecting:
                self._try_waiting(report)
                self._collect_pages(report, wait_seconds)
        except SyncError as error:
            report.problem = error.words

    def _collect_pages(self, report: Report, wait_seconds: int) -> None:
        link = self._link()
        kept = self.journal.get(CURSOR, "inbox") or {}
        cursor, acknowledged = kept.get("cursor"), bool(kept.get("acknowledged", True))
        if cursor is not None and not acknowledged:
            self._acknowledge(link, cursor)
        more = True
        while more:
            try:
                page = link.collect(self.me.id, cursor, wait_seconds=wait_seconds)
            except Refused as error:
                if cursor is None or error.code not in ("malformed", "invalid"):
                    raise
                cursor = None  # the mailbox was set up anew; repeats are recognised
                continue
            if not page.batches:
                return
            cursor = page.batches[-1].cursor
            self._work(page.batches, report, [(CURSOR, "inbox", {"cursor": cursor, "acknowledged": False})])
            self._acknowledge(link, cursor)
            more, wait_seconds = page.more, 0

    def _acknowledge(self, link: Link, cursor: str) -> None:
        link.acknowledge(self.me.id, cursor)
        self.journal.commit([(CURSOR, "inbox", {"cursor": cursor, "acknowledged": True})])

    def _work(
        self, batches: Iterable[Collected], report: Report, puts: Iterable[Put], deletes: Iterable[Delete] = ()
    ) -> None:
        """Open batches, judge them, commit what they change; what the pack cannot name yet is kept for a newer one."""
        reads: list[ReadBatch] = []
        later: list[Put] = []
        for collected in batches:
            try:
                reads.append(self._read(collected))
            except BadMessage as error:
                _count(report, error.reason)
                if error.reason == "unknown-key":
                    document = {
                        "batch": collected.batch,
                        "signature": collected.signature,
                        "at": collected.deposited_at,
                    }
                    later.append((WAITING_FOR_PACK, collected.cursor, {**document, "pack": self.pack.sequence}))
        with self.lock:
            # From judging to writing in one hold: a withdrawal by the person must not fall in between.
            work = _Page(self)
            work.deletes.extend(deletes)
            for put in (*puts, *later):
                work.put(put)
            for read in reads:
                work.batch(read, report)
            work.finish()

    def _read(self, collected: Collected) -> ReadBatch:
        try:
            return read_batch(collected, self.me, self.pack, self.clock())
        except BadMessage as error:
            if error.reason != "unknown-key":
                raise
            try:
                newer = self.refresh_pack()
            except (NotDelivered, BadPack, Refused):
                newer = False
            if not newer:
                raise
            return read_batch(collected, self.me, self.pack, self.clock())

    def _try_waiting(self, report: Report) -> None:
        """Batches kept for a newer pack, now that there may be one."""
        for key, document in list(self.journal.load(WAITING_FOR_PACK)):
            if document.get("pack") == self.pack.sequence:
                continue
            again = Collected(key, document["batch"], document["signature"], document["at"])
            self._work([again], report, (), [(WAITING_FOR_PACK, key)])


def _count(report: Report, reason: str) -> None:
    report.refused[reason] = report.refused.get(reason, 0) + 1


class _Page:
    """What one page of batches changes, seen by its later batches before it is durable."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.journal = exchange.journal
        self.now: datetime = exchange.clock()
        self.puts: dict[tuple[str, str], Put] = {}
        self.deletes: list[Delete] = []
        mine = exchange.pack.party(exchange.me.id)
        self.judge = Judge(mine.kind if mine else "", self._remembered, self._addressee, exchange.handed_over)

    def put(self, put: Put) -> None:
        """One more document."""
        self.puts[put[0], put[1]] = put
        if (put[0], put[1]) in self.deletes:
            self.deletes.remove((put[0], put[1]))

    def delete(self, delete: Delete) -> None:
        """One document less; what an earlier message of this page would have written of it is not written."""
        self.puts.pop(delete, None)
        self.deletes.append(delete)

    def finish(self) -> None:
        """Durable, all at once."""
        if self.puts or self.deletes:
            self.exchange._drain.commit(Changes(tuple(self.puts.values()), tuple(self.deletes)))

    def _get(self, kind: str, key: str) -> Document | None:
        waiting = self.puts.get((kind, key))
        if waiting is not None:
            return waiting[2]
        return None if (kind, key) in self.deletes else self.journal.get(kind, key)

    def _remembered(self, key: str) -> Document | None:
        return self._get(LEDGER, key)

    def _addressee(self, reference: str) -> str | None:
        found = self._get(ADDRESSEE, reference)
        return None if found is None else str(found["to"])

    def batch(self, read: ReadBatch, report: Report) -> None:
        """Judge every item, hand on what is new, queue the receipt."""
        answered = f"{read.sender.id}:{read.digest}"
        before = self._get(ANSWERED, answered)
        if before is not None:
            # The same bytes again: our receipt may have been lost, so the same receipt goes again.
            if before.get("receipt"):
                self.put(outgoing(before["receipt"], read.sender.id, now=self.now).put)
            _count(report, "repeated")
            return
        verdicts: dict[int, Verdict] = {}
        for arrival in read.arrivals:
            if arrival.opened is None:
                verdicts[arrival.index] = Verdict(ItemResult.REFUSED, arrival.fault)
                _count(report, arrival.fault or "malformed")
            elif arrival.opened.kind == "receipt":
                self._receipt(arrival.opened, report)
            else:
                verdicts[arrival.index] = self._message(arrival.opened, read.sender, report)
        receipt = answer(read, verdicts)
        document = None if receipt is None else receipt.model_dump(mode="json", exclude_none=True)
        self.put((ANSWERED, answered, {"receipt": document, "at": stamp(self.now)}))
        if document is not None:
            self.put(outgoing(document, read.sender.id, now=self.now).put)

    def _message(self, opened: Opened, party: Party, report: Report) -> Verdict:
        verdict = self.judge.judge(opened, party)
        if verdict.message is not None:
            incoming = Incoming(verdict.message, opened, party, verdict.result, self._get)
            try:
                handled = self.exchange.on_message(incoming)
            except BadMessage as error:
                _count(report, error.reason)
                return Verdict(ItemResult.REFUSED, error.reason)
            for put in handled.puts:
                self.put(put)
            for delete in handled.deletes:
                self.delete(delete)
            report.collected += 1
            if handled.result is not None:
                verdict = Verdict(handled.result, handled.reason or verdict.reason, verdict.puts)
        if verdict.result is ItemResult.REFUSED:
            _count(report, verdict.reason or "refused")
        for put in verdict.puts:
            self.put(put)
        return verdict

    def _receipt(self, opened: Opened, report: Report) -> None:
        """A receipt for one of our batches. One that names no batch of ours, or other bytes, is counted and dropped."""
        try:
            receipt = opened.message()
            if not isinstance(receipt, Receipt):
                raise BadMessage("malformed")
            document = self._get(BATCH, receipt.batch)
            if document is None:
                _count(report, "receipt-again")
                return
            batch = Frozen.from_document(document)
            items = [Item.from_document(found) for i in batch.items if (found := self._get(OUTBOX, i)) is not None]
            changes = sender.receipted(batch, items, receipt, opened.sender, self.now)
        except BadMessage as error:
            _count(report, error.reason)
            return
        for put in changes.puts:
            self.put(put)
        for delete in changes.deletes:
            self.delete(delete)
        report.receipts += 1
