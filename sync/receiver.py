"""The receiving half without a clock, a disk or a network: open, verify, recognise a repeat, answer.

Laws:

1. Only a batch that its sender signed for, to us, by a key that the pack names and has not revoked, is looked into.
2. A message counts by what its signature says, and only from a party that may say such a thing.
3. A reference belongs to the party that first used it; the hub may speak for a person who rang; a laptop
   named in a signed hand-over may go on with it.
4. (reference, version) is recognised for ever. The same again is a duplicate; the same with other contents is refused.
5. A withdrawal stops every version up to its own, also one that arrives later. A correction never
   revives what was withdrawn.
6. A status counts only from the partner addressed (or the hub), with a `rev` greater than the last.
7. An unknown kind is kept and answered `unsupported`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sync import batch as batches
from sync.batch import Batch
from sync.envelope import Opened, open_
from sync.errors import BadMessage
from sync.keys import Keyring, PublicKey
from sync.messages import KNOWN_KINDS, ItemResult, Kind, Message, Receipt, ReceiptItem
from sync.pack import AGENCY, DEVICE, HUB, Pack, Party
from sync.ports import Collected, Document, Put

LEDGER = "ledger"
GRACE = timedelta(days=35)
"""how long after its end a key still counts for post that has waited"""

_ABOUT_REFERENCE = frozenset({Kind.WITHDRAWAL, Kind.REMINDER, Kind.ERASURE, Kind.RESTRICT})
_BOTH_WAYS = frozenset({Kind.RECEIPT, Kind.NOTICE, Kind.SUGGESTION, Kind.HAND_OVER})
MAY_SAY: Mapping[str, frozenset[str]] = {
    DEVICE: _BOTH_WAYS
    | _ABOUT_REFERENCE
    | {Kind.REFERRAL, Kind.CORRECTION, Kind.HUB_COPY, Kind.VISIT_COUNT, Kind.RESYNC, Kind.STATUS},
    AGENCY: _BOTH_WAYS | {Kind.STATUS},
    HUB: _BOTH_WAYS | _ABOUT_REFERENCE | {Kind.CORRECTION, Kind.STATUS, Kind.RESYNC},
}
"""Who may say what. A device's status is the act of a professional who speaks for a partner that has no desk."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one item."""

    result: ItemResult
    reason: str | None = None
    puts: tuple[Put, ...] = ()
    """the ledger's memory of it"""
    message: Message | None = None
    """what to hand on, if it is new and counts"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One item of a batch: opened, or why not."""

    index: int
    digest: str
    opened: Opened | None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """A batch that was meant for us, item by item."""

    batch: Batch
    digest: str
    sender: Party
    arrivals: tuple[Arrival, ...]


def signer_resolver(
    pack: Pack, now: datetime, owners: dict[str, Party]
) -> Callable[[str], tuple[str, PublicKey] | None]:
    """kid -> (party id, key) for signatures on post; notes in `owners` who was named."""

    def resolve(kid: str) -> tuple[str, PublicKey] | None:
        found = pack.signer_of(kid, now, grace=GRACE)
        if found is None:
            return None
        owners[kid] = found[0]
        return found[0].id, found[1]

    return resolve


def read_batch(collected: Collected, me: Keyring, pack: Pack, now: datetime) -> ReadBatch:
    """Open a batch as it came from the mailbox, every item that opens.

    Raises: BadMessage for the batch as a whole: unknown-key (a newer pack may know it), revoked, signature, digest,
    sender (`from` is not the signer), not-for-me, malformed, too-large, format, claims, algorithm, header.
    """
    owners: dict[str, Party] = {}
    resolve = signer_resolver(pack, now, owners)

    def key_of(kid: str) -> PublicKey | None:
        found = resolve(kid)
        if found is None and pack.knows(kid):
            raise BadMessage("revoked")
        return None if found is None else found[1]

    envelope = batches.read_envelope(collected.signature, key_of)
    sender = owners[envelope.kid]
    if sender.id != envelope.sender:
        raise BadMessage("sender")
    if envelope.to != me.id:
        raise BadMessage("not-for-me")
    batch = batches.read_batch(collected.batch, envelope)
    arrivals = []
    for index, token in enumerate(batch.items):
        digest = hashlib.sha256(token.encode()).hexdigest()
        try:
            opened = open_(token, me, resolve)
            if opened.sender != sender.id:
                raise BadMessage("sender")
            arrivals.append(Arrival(index, digest, opened))
        except BadMessage as error:
            arrivals.append(Arrival(index, digest, None, error.reason))
    return ReadBatch(batch, envelope.digest, sender, tuple(arrivals))


class Judge:
    """Decides what an opened message means, against what is remembered; remembers nothing itself.

    `remembered(id)` gives a document of the ledger; `addressee(reference)` tells to whom we sent it;
    `handed_over(reference, device)` whether a signed hand-over names that device.
    """

    def __init__(
        self,
        me_kind: str,
        remembered: Callable[[str], Document | None],
        addressee: Callable[[str], str | None],
        handed_over: Callable[[str, str], bool] = lambda reference, device: False,  # noqa: ARG005
    ) -> None:
        self.me_kind = me_kind
        self.remembered = remembered
        self.addressee = addressee
        self.handed_over = handed_over

    def judge(self, opened: Opened, sender: Party) -> Verdict:
        """The verdict over one opened message that is not a receipt."""
        kind = opened.kind
        if kind not in KNOWN_KINDS:
            return self._by_id(opened, ItemResult.UNSUPPORTED)
        if kind not in MAY_SAY.get(sender.kind, frozenset()):
            return Verdict(ItemResult.REFUSED, "kind-not-allowed")
        try:
            message = opened.message()
        except BadMessage:
            return Verdict(ItemResult.REFUSED, "malformed")
        if kind in (Kind.REFERRAL, Kind.CORRECTION):
            return self._referral(opened, sender, message)
        if kind in _ABOUT_REFERENCE:
            return self._about(opened, sender, message)
        if kind == Kind.STATUS:
            return self._status(opened, sender, message)
        return self._by_id(opened, ItemResult.STORED, message)

    def _owned(self, record: Document, sender: Party, reference: str) -> bool:
        owner = record.get("owner")
        return owner in (None, sender.id) or sender.kind == HUB or self.handed_over(reference, sender.id)

    def _referral(self, opened: Opened, sender: Party, message: Message) -> Verdict:
        reference, version, digest = opened.jti, opened.version, contents(opened.document)
        record: Document = self.remembered(reference) or {"versions": {}}
        if not self._owned(record, sender, reference):
            return Verdict(ItemResult.REFUSED, "other-device")
        versions: dict[str, str] = dict(record["versions"])
        known = versions.get(str(version))
        if known is not None:
            return (
                Verdict(ItemResult.DUPLICATE)
                if known == digest
                else Verdict(ItemResult.REFUSED, "same-version-other-content")
            )
        highest = max(map(int, versions), default=0)
        withdrawn = int(record.get("withdrawn", 0))
        versions[str(version)] = digest
        after: Document = {**record, "versions": versions}
        if after.get("owner") is None and sender.kind != HUB:
            after["owner"] = sender.id
        puts = ((LEDGER, reference, after),)
        overtaken = version < highest or version <= withdrawn
        if overtaken or (opened.kind == Kind.CORRECTION and withdrawn > 0 and highest <= withdrawn):
            return Verdict(ItemResult.SUPERSEDED, "withdrawn" if withdrawn else "later-version", puts)
        return Verdict(ItemResult.STORED, None, puts, message)

    def _about(self, opened: Opened, sender: Party, message: Message) -> Verdict:
        reference, version = opened.jti, opened.version
        record: Document = self.remembered(reference) or {"versions": {}}
        if not self._owned(record, sender, reference):
            return Verdict(ItemResult.REFUSED, "other-device")
        seen: dict[str, int] = dict(record.get("seen", {}))
        if seen.get(opened.kind, 0) >= version:
            return Verdict(ItemResult.DUPLICATE)
        seen[opened.kind] = version
        after: Document = {**record, "seen": seen}
        if after.get("owner") is None and sender.kind != HUB:
            after["owner"] = sender.id
        if opened.kind == Kind.WITHDRAWAL:
            after["withdrawn"] = max(version, int(record.get("withdrawn", 0)))
        return Verdict(ItemResult.STORED, None, ((LEDGER, reference, after),), message)

    def _status(self, opened: Opened, sender: Party, message: Message) -> Verdict:
        reference, rev, digest = opened.jti, opened.version, contents(opened.document)
        to = self.addressee(reference)
        key = f"status:{reference}"
        record = self.remembered(key) or {}
        if self.me_kind == HUB:
            if record.get("by", sender.id) != sender.id and sender.kind != HUB:
                return Verdict(ItemResult.REFUSED, "other-partner")
        elif to is None:
            return Verdict(ItemResult.REFUSED, "unknown-reference")
        elif sender.id != to and sender.kind != HUB:
            return Verdict(ItemResult.REFUSED, "other-partner")
        last = int(record.get("rev", 0))
        if rev == last and record.get("digest") == digest:
            return Verdict(ItemResult.DUPLICATE)
        if rev <= last:
            return Verdict(ItemResult.SUPERSEDED, "older-rev")
        put = (LEDGER, key, {"rev": rev, "digest": digest, "by": record.get("by", sender.id)})
        return Verdict(ItemResult.STORED, None, (put,), message)

    def _by_id(self, opened: Opened, result: ItemResult, message: Message | None = None) -> Verdict:
        key = f"{opened.kind}:{opened.sender}:{opened.jti}:{opened.version}"
        digest = contents(opened.document)
        record = self.remembered(key)
        if record is not None:
            if record.get("digest") != digest:
                return Verdict(ItemResult.REFUSED, "same-version-other-content")
            return Verdict(result if result is ItemResult.UNSUPPORTED else ItemResult.DUPLICATE)
        if message is None:
            try:
                message = opened.message()
            except BadMessage:
                return Verdict(ItemResult.REFUSED, "malformed")
        return Verdict(result, None, ((LEDGER, key, {"digest": digest}),), message)


def contents(document: Mapping[str, Any]) -> str:
    """What a message says, whatever it was sealed in: SHA-256 of its sorted JSON, hex."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def answer(read: ReadBatch, results: Mapping[int, Verdict]) -> Receipt | None:
    """The receipt for a batch; None if nothing in it is receipted."""
    items = []
    for arrival in read.arrivals:
        verdict = results.get(arrival.index)
        if verdict is None:
            continue
        opened = arrival.opened
        items.append(
            ReceiptItem(
                index=arrival.index,
                digest=arrival.digest,
                result=str(verdict.result),
                reference=opened.jti if opened else None,
                version=opened.version if opened else None,
                reason=verdict.reason,
            )
        )
    return Receipt(batch=read.batch.id, digest=read.digest, items=items) if items else None
