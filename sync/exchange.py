"""The loop of one endpoint: outbox -> sender -> link, link -> receiver -> ledger, and receipts both ways.

A laptop, an agency's desk and the hub each run the same `Exchange` with their own keys. What they do with a message is
their `on_message`; what it returns is committed together with the ledger, before the mailbox is told to forget.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from sync import sender
from sync.delivery import Move, State
from sync.drain import Drain
from sync.errors import BadMessage, BadPack, NotDelivered, Refused, SyncError
from sync.incoming import Handled, Incoming, Page
from sync.items import OUTBOX, SENT, SEQUENCE, Item, outgoing
from sync.keys import Keyring
from sync.messages import Message, Resync
from sync.pack import AGENCY, DEVICE, HUB, Pack, Party
from sync.ports import Clock, Collected, Delete, Journal, Link, Put
from sync.receiver import ReadBatch, read_batch
from sync.report import Report

CURSOR, WAITING_FOR_PACK = "cursor", "waiting-for-pack"


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
                report.refuse(error.reason)
                if error.reason == "unknown-key":
                    document = {
                        "batch": collected.batch,
                        "signature": collected.signature,
                        "at": collected.deposited_at,
                    }
                    later.append((WAITING_FOR_PACK, collected.cursor, {**document, "pack": self.pack.sequence}))
        with self.lock:
            # From judging to writing in one hold: a withdrawal by the person must not fall in between.
            mine = self.pack.party(self.me.id)
            kind = mine.kind if mine else ""
            work = Page(self.journal, self.clock(), self.on_message, my_kind=kind, handed_over=self.handed_over)
            work.deletes.extend(deletes)
            for put in (*puts, *later):
                work.put(put)
            for read in reads:
                work.batch(read, report)
            self._drain.commit(work.changes)

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
