"""The post of one laptop: the pack that it believes, and the loop that sends and collects by itself."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from firstcontact.errors import FirstContactError
from firstcontact.pack_file import read_pack_files, write_pack
from firstcontact.rows import SignalState
from firstcontact.store.store import Store
from firstcontact.workflow import cards
from firstcontact.workflow.identity import Identity
from firstcontact.workflow.version import CHECKLIST_PARTS, SCHEME_PART, Version
from sync.delivery import State
from sync.errors import BadPack, NotDelivered
from sync.exchange import Exchange
from sync.incoming import Handled, Incoming
from sync.items import OUTBOX
from sync.keys import PublicKey
from sync.messages import Status, dump_message
from sync.pack import COORDINATOR, KEYS, Pack, Party
from sync.ports import Link
from sync.report import Report

if TYPE_CHECKING:
    from firstcontact.workflow.laptop import Laptop
    from sync.client import Links

_TRUST: Final = ("trust", "scheme")
_PAUSE_SECONDS: Final = 10.0
_PAUSE_WITHOUT_SIGNAL_SECONDS: Final = 5.0
_LONG_POLL_SECONDS: Final = 0
_ABOUT_PEOPLE: Final = frozenset({"referral", "correction", "withdrawal"})
_LEAVING: Final = frozenset({State.HELD, State.QUEUED, State.SEALED})


def trusted_pack(store: Store, identity: Identity, folder: Path, *, read_only: bool = False) -> Pack | None:
    """The pack in `pack/`, if it counts for this vault; None while the scheme has not let this laptop in.

    The first pack that names this laptop's own keys is believed, and its coordinators are pinned in the vault; after
    that only what one of them signed. Raises: BadPack, for a pack that does not count, in words.
    """
    files = read_pack_files(folder)
    if files is None:
        return None
    trust = store.journal.get(*_TRUST)
    if trust is not None:
        keys = [PublicKey.of(jwk) for jwk in trust["coordinators"]]
        return Pack.verify(files, keys, int(trust["sequence"]))
    pack = Pack.verify(files, _named_coordinators(files))
    mine = pack.party(identity.keyring.id)
    if mine is None or identity.keyring.signing.kid not in {PublicKey.of(key.jwk).kid for key in mine.signing}:
        return None
    if not read_only:
        store.journal.commit([_trust(pack)])
    return pack


def _named_coordinators(files: Mapping[str, bytes]) -> list[PublicKey]:
    try:
        parties = json.loads(files[KEYS])["parties"]
        coordinators = [party for party in parties if party["kind"] == COORDINATOR]
        return [PublicKey.of(key["jwk"]) for party in coordinators for key in party["signing"]]
    except (KeyError, TypeError, ValueError) as problem:
        raise BadPack("keys", "The list of keys in the scheme's pack cannot be read.") from problem


def _trust(pack: Pack) -> tuple[str, str, dict[str, Any]]:
    return (*_TRUST, {"coordinators": [key.jwk for key in pack.coordinator_keys()], "sequence": pack.sequence})


class Post:
    """What goes to partners and comes back, for one open vault."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        pack: Pack,
        pack_folder: Path,
        now: Callable[[], datetime],
        demo_network: Path | None = None,
    ) -> None:
        self._store = store
        self._identity = identity
        self._pack_folder = pack_folder
        self._demo_network = demo_network
        self.links: Links | None = None
        """The connections, made when first needed."""
        self._wake = threading.Event()
        self._look = True
        """Whether a round looks for what is to be done even if nothing came: at first, since a crash may have come
        between what was received and what it leads to; after a finish; and while a promise to erase waits."""
        self.exchange = Exchange(
            identity.keyring,
            store.journal,
            self._link,
            pack,
            lambda: now().astimezone(UTC),
            self._on_message,
            on_pack=self._on_pack,
        )

    @staticmethod
    def versions_of(pack: Pack) -> dict[str, Version]:
        """The checklists of a pack, each with its directory, by id."""
        scheme = pack.part(SCHEME_PART)
        return {
            name.removeprefix(CHECKLIST_PARTS).removesuffix(".json"): Version.read(scheme, data)
            for name, data in sorted(pack.files.items())
            if name.startswith(CHECKLIST_PARTS)
        }

    def nudge(self) -> None:
        """Wake the loop: something is ready to leave, or the network came back."""
        self._look = True
        self._wake.set()

    def run(self, laptop: Laptop, told: Callable[[SignalState], None], stop: threading.Event) -> None:
        """Send and collect until `stop` is set; never raises for trouble with the network."""
        while not stop.is_set():
            self._wake.clear()
            try:
                state = self.signal(self.round(laptop))
            except FirstContactError as stopped:
                state = SignalState(connected=False, waiting=0, words=str(stopped))
            except Exception as unforeseen:  # the thread must live on: nothing would ever leave again without it
                words = f"Sending stopped for a reason that is not known ({type(unforeseen).__name__}). It tries again."
                state = SignalState(connected=False, waiting=0, words=words)
            told(state)
            self._wake.wait(_PAUSE_SECONDS if state.connected else _PAUSE_WITHOUT_SIGNAL_SECONDS)

    def round(self, laptop: Laptop) -> Report:
        """One round: send, collect, take what came into the visits, and erase what was promised to be."""
        report = self.exchange.run_once(eager=True)
        if report.collected or report.receipts or self._look:
            self._look = False
            laptop.take_in_outcomes()
            if laptop.erase_what_was_promised():
                self._look = True
        return report

    def signal(self, report: Report) -> SignalState:
        """What the top right says after a round."""
        waiting = sum(
            document["kind"] in _ABOUT_PEOPLE and State(document["state"]) in _LEAVING
            for _, document in self._store.journal.load(OUTBOX)
        )
        lanes = [lane.words for lane in report.lanes.values() if lane.waiting and lane.words]
        return SignalState(
            connected=report.problem is None,
            waiting=waiting,
            words=report.problem or next(iter(lanes), ""),
            changed=bool(report.collected or report.receipts or report.deposited),
        )

    def close(self) -> None:
        """Close the connections."""
        if self.links is not None:
            self.links.close()

    def _link(self, party: Party) -> Link:
        if self._demo_network is not None and self._demo_network.exists():
            raise NotDelivered("No signal.")
        if self.links is None:
            from sync.client import Links  # httpx costs 125 ms, and nothing is sent before the first paint

            self.links = Links(self._identity.keyring)
        return self.links(party)

    def _on_message(self, incoming: Incoming) -> Handled:
        """A status goes on its referral's card; what else comes is kept whole."""
        message = incoming.message
        if isinstance(message, Status):
            for kind in (cards.OPEN, cards.ENDED):
                card = incoming.read(kind, message.reference)
                if card is not None:
                    put = cards.with_status(card, dump_message(message))
                    gone = ((kind, message.reference),) if put[0] != kind else ()
                    return Handled(puts=(put,), deletes=gone)
        digest = hashlib.sha256(json.dumps(incoming.opened.document, sort_keys=True).encode()).hexdigest()
        return Handled(puts=(("kept", digest[:32], dict(incoming.opened.document)),))

    def _on_pack(self, pack: Pack) -> None:
        write_pack(self._pack_folder, pack)
        self._store.journal.commit([_trust(pack)])
