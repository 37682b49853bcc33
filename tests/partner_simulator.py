"""The other side, in memory: a mailbox behind a network that loses, repeats, delays, reorders and lies.

`MailboxSimulator` keeps deposits as a real mailbox does; `SimulatedLink` is one endpoint's way to it, with faults drawn
from a seed. `MemoryJournal` is a journal that can crash before or after a commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from sync.batch import Deposit, Envelope, digest_of, read_deposit, sign_deposit
from sync.errors import Busy, Captive, NotDelivered, Refused, Unreachable, Unsure
from sync.http_signing import MAX_AGE_SECONDS
from sync.keys import Keyring, PrivateKey, PublicKey
from sync.pack import Pack
from sync.ports import Capabilities, Collected, Delete, Document, InboxState, Page, Put


class SimulatedClock:
    """Time that only tests move."""

    def __init__(self, at: datetime = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **units: float) -> None:
        """Let time pass: seconds=, minutes=, days=."""
        self.at += timedelta(**units)


class Crash(BaseException):
    """The process is gone."""


class MemoryJournal:
    """A journal in memory. `crash_in` counts commits down; at zero the process dies, before or after the write."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], Document] = {}
        self.commits = 0
        self.crash_in: int | None = None
        self.crash_after_write = False

    def load(self, kind: str) -> Iterator[tuple[str, Document]]:
        for (found, key), document in list(self.documents.items()):
            if found == kind:
                yield key, dict(document)

    def get(self, kind: str, id: str) -> Document | None:  # noqa: A002
        found = self.documents.get((kind, id))
        return None if found is None else dict(found)

    def commit(self, puts: Iterable[Put], deletes: Iterable[Delete] = ()) -> None:
        dies = False
        if self.crash_in is not None:
            self.crash_in -= 1
            dies = self.crash_in < 0
            if dies:
                self.crash_in = None
                if not self.crash_after_write:
                    raise Crash
        for kind, key, document in puts:
            self.documents[kind, key] = dict(document)
        for kind, key in deletes:
            self.documents.pop((kind, key), None)
        self.commits += 1
        if dies:
            raise Crash


@dataclass
class Kept:
    """One batch in the mailbox."""

    number: int
    deposit: Deposit
    receipt: str
    at: datetime
    acknowledged: bool = False


@dataclass
class Delayed:
    """A deposit that is still somewhere on the way."""

    sender: str
    to: str
    batch_id: str
    body: bytes
    signed_at: datetime


@dataclass
class MailboxSimulator:
    """A mailbox that keeps its word."""

    pack: Pack
    keyring: Keyring
    clock: SimulatedClock
    batches: dict[tuple[str, str], Kept] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)
    number: int = 0
    newer_pack: Pack | None = None
    delayed: list[Delayed] = field(default_factory=list)
    calls: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    """every deposit that left an endpoint, in order: from, to, batch id, body"""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def deposit(self, sender: str, to: str, batch_id: str, body: bytes) -> str:
        """What POST does."""

        def key(kid: str) -> PublicKey | None:
            found = self.pack.signer_of(kid, self.clock())
            return None if found is None or found[0].id != sender else found[1]

        deposit = read_deposit(body, key)
        envelope = deposit.envelope
        assert (envelope.sender, envelope.to, envelope.batch) == (sender, to, batch_id)
        before = self.batches.get((to, batch_id))
        if before is not None:
            if before.deposit.envelope.digest != envelope.digest:
                raise Refused(422, "other-bytes", "Other bytes.")
            return before.receipt
        self.number += 1
        receipt = sign_deposit(envelope, self.keyring.id, self.keyring.signing, self.clock())
        self.batches[to, batch_id] = Kept(self.number, deposit, receipt, self.clock())
        self.highest[sender] = max(self.highest.get(sender, 0), envelope.sender_sequence)
        return receipt

    def deliver_delayed(self, rng: Random) -> None:
        """Some of what was on the way arrives, if its signature is not too old by then."""
        rng.shuffle(self.delayed)
        for late in [self.delayed.pop() for _ in range(rng.randint(0, len(self.delayed)))]:
            if self.clock() - late.signed_at <= timedelta(seconds=MAX_AGE_SECONDS):
                self.deposit(late.sender, late.to, late.batch_id, late.body)

    def waiting(self, me: str) -> list[Kept]:
        """What is kept for an addressee, oldest first, acknowledged or not."""
        kept = [each for (to, _), each in self.batches.items() if to == me]
        return sorted(kept, key=lambda each: each.number)


Faults = Mapping[str, float]
"""name of a fault -> how often, of 1.0"""

ALL_FAULTS: Faults = {
    "unreachable": 0.06,
    "lost-request": 0.08,
    "lost-answer": 0.10,
    "delayed": 0.08,
    "captive": 0.04,
    "busy": 0.04,
    "lying-receipt": 0.05,
    "repeat": 0.10,
    "reorder": 0.08,
}


class SimulatedLink:
    """One endpoint's way to the mailbox."""

    def __init__(
        self,
        mailbox: MailboxSimulator,
        me: str,
        rng: Random | None = None,
        faults: Callable[[], Faults] = dict,
    ) -> None:
        self.mailbox, self.me, self.rng, self.faults = mailbox, me, rng or Random(0), faults
        self.before_deposit: Callable[[str], None] = lambda _: None

    def _fault(self, *possible: str) -> str:
        """Draw one fault of those possible here, or none."""
        at = self.rng.random()
        for name, share in self.faults().items():
            if name in possible:
                at -= share
                if at < 0:
                    return name
        return ""

    def _network(self) -> str:
        fault = self._fault("unreachable", "lost-request", "lost-answer", "captive", "busy")
        _raise(fault, before=True)
        return fault

    def capabilities(self) -> Capabilities:
        return Capabilities(
            "mailbox-1", self.mailbox.clock(), ("firstcontact.batch.v1",), 786_432, 50, 25, self.mailbox.pack.sequence
        )

    def deposit(self, to: str, batch_id: str, body: bytes) -> str:
        self.before_deposit(batch_id)
        with self.mailbox.lock:
            fault = self._fault(
                "unreachable", "lost-request", "lost-answer", "captive", "busy", "delayed", "lying-receipt"
            )
            if fault == "unreachable":
                raise Unreachable("Waits for signal.")
            self.mailbox.calls.append((self.me, to, batch_id, body))
            _raise(fault, before=True)
            if fault == "delayed":
                self.mailbox.delayed.append(Delayed(self.me, to, batch_id, body, self.mailbox.clock()))
                raise Unsure("The connection broke off.")
            if fault == "lying-receipt":
                return self._lie(to, batch_id, body)
            receipt = self.mailbox.deposit(self.me, to, batch_id, body)
            _raise(fault, before=False)
            return receipt

    def _lie(self, to: str, batch_id: str, body: bytes) -> str:
        """A receipt for what is not kept: by another key, or for other bytes."""
        mailbox = self.mailbox
        key = self.rng.choice([mailbox.keyring.signing, PrivateKey.generate()])
        digest = digest_of("other bytes") if key is mailbox.keyring.signing else digest_of(body.decode())
        sequence = 1 if self.rng.random() < 0.5 else 2
        envelope = Envelope(batch_id, digest, self.me, to, sequence, mailbox.pack.sequence, key.kid)
        return sign_deposit(envelope, mailbox.keyring.id, key, mailbox.clock())

    def batch_receipt(self, to: str, batch_id: str) -> str | None:
        with self.mailbox.lock:
            fault = self._network()
            kept = self.mailbox.batches.get((to, batch_id))
            _raise(fault, before=False)
            return None if kept is None else kept.receipt

    def inbox_state(self, me: str) -> InboxState:
        with self.mailbox.lock:
            self._network()
            waiting = [kept for kept in self.mailbox.waiting(me) if not kept.acknowledged]
            return InboxState(self.mailbox.highest.get(me, 0), len(waiting))

    def collect(self, me: str, after: str | None, limit: int = 20, wait_seconds: int = 0) -> Page:
        with self.mailbox.lock:
            self.mailbox.deliver_delayed(self.rng)
            fault = self._network()
            kept = self.mailbox.waiting(me)
            fresh = [each for each in kept if each.number > int(after or 0)]
            if self._fault("repeat") and kept:
                fresh = [*self.rng.sample(kept, min(2, len(kept))), *fresh]
            page, rest = fresh[:limit], fresh[limit:]
            top = max((each.number for each in page), default=0)
            if self._fault("reorder"):
                self.rng.shuffle(page)
            _raise(fault, before=False)
            collected = [
                Collected(str(each.number), each.deposit.text, each.deposit.signature, each.at.isoformat())
                for each in page
            ]
            if collected:
                last = collected[-1]
                collected[-1] = Collected(str(top), last.batch, last.signature, last.deposited_at)
            return Page(tuple(collected), bool(rest))

    def acknowledge(self, me: str, cursor: str) -> None:
        with self.mailbox.lock:
            fault = self._network()
            for each in self.mailbox.waiting(me):
                each.acknowledged = each.acknowledged or each.number <= int(cursor)
            _raise(fault, before=False)

    def fetch_pack(self, after: int) -> Mapping[str, bytes] | None:
        newer = self.mailbox.newer_pack
        return None if newer is None or newer.sequence <= after else newer.files


def _raise(fault: str, *, before: bool) -> None:
    """Faults that an endpoint sees as an error."""
    errors: dict[str, NotDelivered] = {
        "unreachable": Unreachable("Waits for signal."),
        "lost-request": Unsure("The connection broke off."),
        "captive": Captive("Something else answered."),
        "busy": Busy("Busy.", 3.0),
    }
    if before and fault in errors:
        raise errors[fault]
    if not before and fault == "lost-answer":
        raise Unsure("The connection broke off.")
