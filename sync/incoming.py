"""What arrives: one page of batches judged, handed on, and put together into one commit with its receipts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sync import sender
from sync.envelope import Opened
from sync.errors import BadMessage
from sync.items import ADDRESSEE, BATCH, OUTBOX, Changes, Frozen, Item, outgoing, stamp
from sync.messages import ItemResult, Message, Receipt
from sync.pack import Party
from sync.ports import Delete, Document, Journal, Put
from sync.receiver import LEDGER, Judge, ReadBatch, Verdict, answer
from sync.report import Report

ANSWERED = "answered"


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


class Page:
    """What one page of batches changes, seen by its later batches before it is durable."""

    def __init__(
        self,
        journal: Journal,
        now: datetime,
        on_message: Callable[[Incoming], Handled],
        *,
        my_kind: str,
        handed_over: Callable[[str, str], bool],
    ) -> None:
        self.journal, self.now, self.on_message = journal, now, on_message
        self.puts: dict[tuple[str, str], Put] = {}
        self.deletes: list[Delete] = []
        self.judge = Judge(my_kind, self._remembered, self._addressee, handed_over)

    def put(self, put: Put) -> None:
        """One more document."""
        self.puts[put[0], put[1]] = put
        if (put[0], put[1]) in self.deletes:
            self.deletes.remove((put[0], put[1]))

    def delete(self, delete: Delete) -> None:
        """One document less; what an earlier message of this page would have written of it is not written."""
        self.puts.pop(delete, None)
        self.deletes.append(delete)

    @property
    def changes(self) -> Changes:
        """What is to be written, all at once."""
        return Changes(tuple(self.puts.values()), tuple(self.deletes))

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
            report.refuse("repeated")
            return
        verdicts: dict[int, Verdict] = {}
        for arrival in read.arrivals:
            if arrival.opened is None:
                verdicts[arrival.index] = Verdict(ItemResult.REFUSED, arrival.fault)
                report.refuse(arrival.fault or "malformed")
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
                handled = self.on_message(incoming)
            except BadMessage as error:
                report.refuse(error.reason)
                return Verdict(ItemResult.REFUSED, error.reason)
            for put in handled.puts:
                self.put(put)
            for delete in handled.deletes:
                self.delete(delete)
            report.collected += 1
            if handled.result is not None:
                verdict = Verdict(handled.result, handled.reason or verdict.reason, verdict.puts)
        if verdict.result is ItemResult.REFUSED:
            report.refuse(verdict.reason or "refused")
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
                report.refuse("receipt-again")
                return
            batch = Frozen.from_document(document)
            items = [Item.from_document(found) for i in batch.items if (found := self._get(OUTBOX, i)) is not None]
            changes = sender.receipted(batch, items, receipt, opened.sender, self.now)
        except BadMessage as error:
            report.refuse(error.reason)
            return
        for put in changes.puts:
            self.put(put)
        for delete in changes.deletes:
            self.delete(delete)
        report.receipts += 1
