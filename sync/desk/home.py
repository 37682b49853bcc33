"""A desk's folder: the sealed file with keys and inboxes, and the scheme's pack beside it.

    HOME/desk.db            sealed documents: keys of every agency here, inboxes, outboxes, whom we trust
    HOME/pack/pack.json     the signed pack, public; believed only when a pinned coordinator signed it

Nothing else is written. Which agencies live here is sealed too.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from sync.base.documents import SealedDocuments
from sync.base.safe_text import safe_text
from sync.base.working_days import WorkingDays
from sync.desk.desk import Desk, Shelf
from sync.desk.inbox import TAKE_BACK
from sync.errors import BadPack
from sync.keys import Keyring, PublicKey
from sync.pack import COORDINATOR, HUB, KEYS, Pack, Party, pack_from_wire, pack_to_wire, party_of
from sync.ports import Clock, Delete, Document, Put

DATABASE: Final = "desk.db"
PACK: Final = "pack.json"
SCHEME_PART: Final = "scheme.json"
_AGENCY, _TRUST = "agency", "trust"


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency that this desk answers for."""

    id: str
    name: str
    keys: Keyring


@dataclass(frozen=True, slots=True)
class Scheme:
    """What the pack says that a desk needs besides keys."""

    name: str = "First Contact"
    hub_phone: str = ""
    calendar: WorkingDays = field(default_factory=WorkingDays)


class SharedJournal:
    """The sealed file, used by several threads in turn."""

    def __init__(self, documents: SealedDocuments) -> None:
        self._documents = documents
        self._lock = threading.RLock()

    def load(self, kind: str) -> Iterator[tuple[str, Document]]:
        """Every document of a kind, read at once."""
        with self._lock:
            return iter(list(self._documents.load(kind)))

    def get(self, kind: str, id: str) -> Document | None:  # noqa: A002 - the journal's own word
        """One document, or None."""
        with self._lock:
            return self._documents.get(kind, id)

    def commit(self, puts: Iterable[Put], deletes: Iterable[Delete] = ()) -> None:
        """Write and remove in one transaction, durable on return."""
        with self._lock:
            self._documents.commit(list(puts), list(deletes))


class Home:
    """An open desk. Make one with `create` or `open`."""

    def __init__(self, folder: Path, documents: SealedDocuments, *, read_only: bool = False) -> None:
        self.folder = folder
        self._read_only = read_only
        self._documents = documents
        self.journal = SharedJournal(documents)

    @classmethod
    def create(cls, folder: Path, passphrase: bytes, agencies: Iterable[tuple[str, str]]) -> Self:
        """A new desk with fresh keys for each agency (id, name). Raises: VaultExists."""
        folder.mkdir(parents=True, exist_ok=True)
        home = cls(folder, SealedDocuments.create(folder / DATABASE, passphrase))
        home.journal.commit(
            [(_AGENCY, id_, {"name": name, "keys": Keyring.generate(id_).to_document()}) for id_, name in agencies]
        )
        return home

    @classmethod
    def open(cls, folder: Path, passphrase: bytes, *, read_only: bool = False) -> Self:
        """Open a desk. Raises: VaultMissing, WrongSecret, VaultBusy, VaultDamaged, VaultTooNew."""
        return cls(
            folder, SealedDocuments.open(folder / DATABASE, passphrase, read_only=read_only), read_only=read_only
        )

    def close(self) -> None:
        """Close the sealed file and let the next writer in."""
        self._documents.close()

    def agencies(self) -> tuple[Agency, ...]:
        """Whom this desk answers for, by id."""
        found = [
            Agency(id_, safe_text(kept["name"]), Keyring.from_document(kept["keys"]))
            for id_, kept in self.journal.load(_AGENCY)
        ]
        return tuple(sorted(found, key=lambda agency: agency.id))

    # The pack

    def take_pack(self, path: Path, coordinators: Iterable[str] = ()) -> Pack:
        """Use a pack from a file or folder. The first one pins its coordinators; later ones must be signed by those.

        `coordinators`: thumbprints from the key card; when given, the first pack must be signed by one of them.
        Raises: BadPack, OSError.
        """
        files = read_pack_files(path)
        pinned = self._pinned()
        if pinned:
            keys = pinned
        else:
            named = set(coordinators)
            keys = [key for key in _claimed_coordinators(files) if not named or key.kid in named]
        pack = Pack.verify(files, keys, self._sequence())
        self.keep_pack(pack)
        return pack

    def pack(self) -> Pack | None:
        """The pack in use, verified; None when there is none yet. Raises: BadPack."""
        path = self.folder / "pack" / PACK
        if not path.exists():
            return None
        return Pack.verify(read_pack_files(path), self._pinned(), self._sequence())

    def keep_pack(self, pack: Pack) -> None:
        """Use a verified pack from now on; after a power cut there is the old one or the new one, whole."""
        folder = self.folder / "pack"
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".pack-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(pack_to_wire(pack.files))
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(folder / PACK)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        if self._sequence() != pack.sequence or not self._pinned():
            kept = {"sequence": pack.sequence, "coordinators": [key.jwk for key in pack.coordinator_keys()]}
            self.journal.commit([(_TRUST, "pack", kept)])

    def _pinned(self) -> list[PublicKey]:
        kept = self.journal.get(_TRUST, "pack") or {"coordinators": []}
        return [PublicKey.of(jwk) for jwk in kept["coordinators"]]

    def _sequence(self) -> int:
        return int((self.journal.get(_TRUST, "pack") or {"sequence": 0})["sequence"])

    def desks(
        self,
        pack: Pack | None,
        clock: Clock = utc_now,
        *,
        stays: timedelta = TAKE_BACK,
    ) -> dict[str, Desk]:
        """A desk for each agency, by id."""
        scheme = scheme_of(pack)
        hubs = pack.of_kind(HUB) if pack is not None else ()
        return {
            agency.id: Desk(
                agency.id,
                _name_of(agency, pack),
                Shelf(self.journal, agency.id),
                clock,
                calendar=scheme.calendar,
                hub=hubs[0].id if hubs else None,
                stays=stays,
                read_only=self._read_only,
            )
            for agency in self.agencies()
        }


def _name_of(agency: Agency, pack: Pack | None) -> str:
    party = pack.party(agency.id) if pack is not None else None
    return safe_text((party.name if party is not None else "") or agency.name or agency.id)


def public_party(agency: Agency, *, hosted: bool, mailbox: str | None, mailbox_url: str | None) -> dict[str, Any]:
    """The agency's entry for the scheme's pack: public keys only."""
    desk = "hosted" if hosted else "own"
    return party_of(agency.keys, "agency", agency.name, desk=desk, mailbox=mailbox, mailbox_url=mailbox_url)


def read_pack_files(path: Path) -> Mapping[str, bytes]:
    """The files of a pack: from the one JSON file that travels, or a folder that holds it. Raises: OSError, BadPack."""
    if path.is_dir():
        if (path / PACK).exists():
            return read_pack_files(path / PACK)
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    return pack_from_wire(path.read_bytes())


def _claimed_coordinators(files: Mapping[str, bytes]) -> list[PublicKey]:
    """The coordinator keys that a pack names: a claim, taken once, when the desk is set up."""
    try:
        parties = [Party.model_validate(party) for party in json.loads(files[KEYS])["parties"]]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadPack("keys", "The list of keys in the pack cannot be read.") from error
    return [PublicKey.of(key.jwk) for party in parties if party.kind == COORDINATOR for key in party.signing]


def scheme_of(pack: Pack | None) -> Scheme:
    """Name, hub number and calendar from the pack; a pack that lacks them, or says them otherwise, is no fault."""
    if pack is None or SCHEME_PART not in pack.files:
        return Scheme()
    try:
        document = json.loads(pack.part(SCHEME_PART))
        closed = frozenset(date.fromisoformat(day) for day in document.get("closed_days", ()))
        hub = document.get("hub", {})
        return Scheme(
            name=safe_text(str(document.get("name") or "First Contact")),
            hub_phone=safe_text(str(hub.get("number") or "")),
            calendar=WorkingDays(closed, frozenset(document.get("weekdays", range(5)))),
        )
    except (ValueError, TypeError, AttributeError):
        return Scheme()
