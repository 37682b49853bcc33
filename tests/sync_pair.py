"""Both ends at once on a fake wire: a laptop, two agencies, the hub, and the mailbox between them.

pair = SyncPair()
pair.refer("AFR")                 # the laptop queues a referral
pair.rounds()                     # everyone sends and collects until nothing moves
assert pair.state(reference) == "received"
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random

from sync import pack as packs
from sync.base.references import new_reference
from sync.delivery import Move, State
from sync.exchange import Exchange
from sync.incoming import Handled, Incoming
from sync.items import Item, outgoing
from sync.keys import Keyring, PrivateKey
from sync.messages import Agreement, Labelled, Message, Person, Referral, Status, Withdrawal
from sync.pack import Pack, Party
from sync.report import Report
from sync.sender import Limits
from tests.partner_simulator import Faults, MailboxSimulator, MemoryJournal, SimulatedClock, SimulatedLink

LAPTOP, AFR, AYC, HUB = "dev-1", "AFR", "AYC", "hub-1"
_KEYS: dict[str, Keyring] = {}


def keyring(party_id: str) -> Keyring:
    """Keys of an invented party, made once per process."""
    if party_id not in _KEYS:
        _KEYS[party_id] = Keyring.generate(party_id)
    return _KEYS[party_id]


COORDINATOR = PrivateKey.generate()


def make_pack(sequence: int = 1, *, without: Iterable[str] = (), revoked: Iterable[str] = (), **keys: Keyring) -> Pack:
    """The pack of the pair's world; `keys` replaces a party's (dev_1=..., AFR=...)."""
    kinds = {LAPTOP: "device", AFR: "agency", AYC: "agency", HUB: "hub", "mailbox-1": "mailbox"}
    parties = []
    for party_id, kind in kinds.items():
        if party_id in without:
            continue
        ring = keys.get(party_id.replace("-", "_")) or keyring(party_id)
        party = packs.party_of(ring, kind, party_id.title(), mailbox_url="http://127.0.0.1:1", mailbox="mailbox-1")
        if party_id in revoked:
            party["revoked"] = "2026-01-01T00:00:00Z"
        parties.append(party)
    parties.append(packs.party_of(Keyring("coordinator", COORDINATOR), "coordinator"))
    expires = datetime(2026, 12, 31, tzinfo=UTC)
    files = packs.build_pack({"keys.json": packs.keys_part(parties)}, sequence, expires, COORDINATOR)
    return Pack.verify(files, [COORDINATOR.public])


def make_referral(reference: str, version: int = 1, **changes: object) -> Referral:
    """A referral in one line."""
    values: dict[str, object] = {
        "reference": reference,
        "version": version,
        "made_at": datetime(2026, 2, 10, 9, 0, tzinfo=UTC),
        "services": [Labelled(id="fire-visit", label={"en": "a home fire safety visit"})],
        "person": Person(name="Edith Bramblecote"),
        "agreement": Agreement(by="Edith Bramblecote"),
    }
    return Referral.model_validate({**values, **changes})


def make_withdrawal(reference: str, version: int = 1) -> Withdrawal:
    """The person changed their mind."""
    return Withdrawal(reference=reference, version=version, made_at=datetime(2026, 2, 10, 10, 0, tzinfo=UTC))


class End:
    """One endpoint: its journal survives, its process may not."""

    def __init__(self, pair: SyncPair, party_id: str) -> None:
        self.pair, self.id = pair, party_id
        self.journal = MemoryJournal()
        self.link = SimulatedLink(pair.mailbox, party_id, pair.rng, lambda: pair.faults)
        self.pack = pair.pack
        self.exchange = self.start()

    def start(self) -> Exchange:
        """A new process on the same journal."""
        self.exchange = Exchange(
            keyring(self.id),
            self.journal,
            lambda _: self.link,
            self.pack,
            self.pair.clock,
            self.on_message,
            limits=self.pair.limits,
            rng=Random(1),
        )
        return self.exchange

    def on_message(self, incoming: Incoming) -> Handled:
        """Write what arrived into our own ledger, apart from the protocol's."""
        opened = incoming.opened
        key = f"{opened.kind}:{opened.jti}:{opened.version}"
        times = int((self.journal.get("applied", key) or {"times": 0})["times"])
        return Handled(puts=(("applied", key, {"times": times + 1, "from": opened.sender}),))

    @property
    def applied(self) -> Counter[str]:
        """kind:reference:version -> how often it took effect here."""
        return Counter({key: int(document["times"]) for key, document in self.journal.load("applied")})


class SyncPair:
    """A world with a fake wire."""

    def __init__(self, seed: int = 0, faults: Faults | None = None, limits: Limits | None = None) -> None:
        self.rng = Random(seed)
        self.faults: Faults = faults or {}
        self.limits = limits or Limits()
        self.clock = SimulatedClock()
        self.pack = make_pack()
        self.mailbox = MailboxSimulator(self.pack, keyring("mailbox-1"), self.clock)
        self.laptop, self.afr, self.ayc, self.hub = (End(self, each) for each in (LAPTOP, AFR, AYC, HUB))
        self.ends = {end.id: end for end in (self.laptop, self.afr, self.ayc, self.hub)}

    def reference(self) -> str:
        """A fresh reference."""
        return new_reference(self.rng.randbytes)

    def refer(self, to: str = AFR, *, held_minutes: float = 0, urgent: bool = False, language: str = "en") -> str:
        """The laptop queues one referral; its reference."""
        reference = self.reference()
        self.queue(make_referral(reference, language=language), to, held_minutes=held_minutes, urgent=urgent)
        return reference

    def queue(self, message: Message, to: str, *, held_minutes: float = 0, urgent: bool = False) -> Item:
        """The laptop queues any message."""
        now = self.clock()
        held = now + timedelta(minutes=held_minutes) if held_minutes else None
        item = outgoing(message, to, now=now, urgent=urgent, held_until=held, held_reason="just-finished")
        self.laptop.journal.commit([item.put])
        return item

    def item(self, reference: str) -> Item:
        """The laptop's view of a referral."""
        found = [item for item in self.laptop.exchange.items(reference) if item.kind in ("referral", "correction")]
        return max(found, key=lambda item: item.version)

    def state(self, reference: str) -> str:
        """Its delivery state."""
        return self.item(reference).state

    def withdraw(self, reference: str) -> State | None:
        """The person changed their mind."""
        item = self.item(reference)
        follow = make_withdrawal(reference, item.version)
        return self.laptop.exchange.take_back(item.id, move=Move.WITHDRAW, reason="person", follow=follow)

    def answer(self, reference: str, rev: int, business_status: str = "accepted", *, by: str = AFR) -> None:
        """A desk answers."""
        status = Status(
            reference=reference, rev=rev, work="accepted", business_status=business_status, at=self.clock(), partner=by
        )
        self.ends[by].exchange.queue(status, LAPTOP)

    def round(self) -> dict[str, Report]:
        """Everyone once."""
        return {end.id: end.exchange.run_once() for end in self.ends.values()}

    def rounds(self, most: int = 30) -> None:
        """Until nothing waits anywhere; time passes between rounds."""
        for _ in range(most):
            reports = self.round()
            self.clock.pass_(minutes=16)
            if not any(r.waiting or r.collected or r.receipts or r.deposited for r in reports.values()):
                return

    def party(self, party_id: str) -> Party:
        """From the pack."""
        party = self.pack.party(party_id)
        assert party is not None
        return party
