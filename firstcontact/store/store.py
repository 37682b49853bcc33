"""The store: open it, ask one question of it, write one act to it. Everything written is durable on return."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple

from firstcontact.store.errors import StoreDamaged, StoreError, VisitDamaged, VisitUnknown
from firstcontact.store.journal import StoreJournal
from firstcontact.store.register import PART, Chain, Changes, Register
from firstcontact.store.schema import MIGRATIONS
from firstcontact.store.seam import our_errors
from firstcontact.store.streams import Stream, Streams, streams_of
from sync.base.documents import Documents, Key, Put
from sync.base.sealed_file import SealedFile, Slot, Writing, with_key, with_passphrase, with_recovery_key
from sync.base.slots import CODE, FLOOR, PASSPHRASE, RECOVERY, Kdf, parse_code, seal_recovery_slot, seal_slot
from sync.base.vault import NO_TAG, StreamSeal, Vault
from sync.base.vault_errors import VaultDamaged, VaultError, WrongSecret

TOMBSTONE: Final = "_tombstone"
"""The kind of document that names an erased stream by its opaque id, so that a backup put back erases it again."""
_VISITS_IN_HAND: Final = 8

Events = Iterable[tuple[Stream, Mapping[str, Any]]]


class VisitSummary(NamedTuple):
    """One line of the list of visits, from the register alone."""

    visit_id: str
    summary: dict[str, Any]
    """What the last `new_visit` or `append` gave; the store does not read it."""


class Damage(NamedTuple):
    """A part of the vault that does not verify."""

    part: str
    """What it is: `visit`, `list of visits`, `documents`, `file`."""
    name: str
    """Which one: a visit's id, a page's number, a kind of document."""
    why: str
    """What is wrong, in plain words without data of a person."""


@dataclass(slots=True)
class _VisitInHand:
    opaque: bytes
    streams: dict[Stream, StreamSeal]


class Store:
    """One professional's vault. One process writes; its methods may be called from any thread."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file
        self._documents = Documents(file)
        self._register = Register(file)
        self._streams = Streams(file)
        self._in_hand: dict[str, _VisitInHand] = {}
        self._damaged_visits: dict[str, str] = {}
        self._cut_due = False
        self.journal = StoreJournal(file, self._documents)

    @classmethod
    def create(
        cls,
        path: Path,
        passphrase: bytes,
        *,
        kdf: Kdf = FLOOR,
        recovery_code: bytes | str | None = None,
        recovery_key: Mapping[str, Any] | None = None,
    ) -> Store:
        """A new vault at `path`, whose folder must exist; it is there whole or not at all.

        `recovery_code` is the printed one-time code (`sync.base.slots.new_code`), `recovery_key` the scheme's public
        P-256 JWK; both are ways in beside the passphrase. Raises: StoreExists, StoreBusy, NotSaved.
        """
        owners = [Documents.first_rows, Register.first_rows]
        with our_errors():
            ways: list[Slot] = [passphrase_way(passphrase, kdf)]
            if recovery_code is not None:
                ways.append(code_way(recovery_code, kdf))
            if recovery_key is not None:
                ways.append(recovery_way(recovery_key))
            return cls(SealedFile.create(path, MIGRATIONS, Vault.new(), ways, owners))

    @classmethod
    def open(
        cls,
        path: Path,
        passphrase: bytes | None = None,
        *,
        code: bytes | str | None = None,
        recovery_key: Mapping[str, Any] | None = None,
        store_key: bytes | None = None,
        read_only: bool = False,
    ) -> Store:
        """Open with exactly one secret: passphrase, printed code, the scheme's private JWK, or the store key itself.

        Raises: StoreMissing, WrongPassphrase, StoreBusy, StoreTooNew, StoreDamaged.
        """
        if [passphrase, code, recovery_key, store_key].count(None) != 3:
            raise ValueError("a vault is opened with exactly one secret")
        with our_errors():
            if passphrase is not None:
                unlock = with_passphrase(passphrase)
            elif code is not None:
                unlock = with_passphrase(_code_bytes(code), CODE)
            elif recovery_key is not None:
                unlock = with_recovery_key(recovery_key)
            else:
                unlock = with_key(store_key or b"")
            return cls(SealedFile.open(path, MIGRATIONS, unlock, read_only=read_only))

    @property
    def counter(self) -> int:
        """Transactions since the vault was made: what tells an older copy of the file from a newer one."""
        with our_errors(), self._file.reading() as head:
            return head.counter

    def ways_in(self) -> tuple[str, ...]:
        """The kinds of the ways in that this vault has: `passphrase`, `code`, `recovery`."""
        with our_errors():
            return self._file.slot_kinds()

    def set_passphrase(self, passphrase: bytes, kdf: Kdf = FLOOR) -> None:
        """A new passphrase in the place of the old one."""
        with our_errors():
            self._file.replace_slot(PASSPHRASE, passphrase_way(passphrase, kdf))

    def set_code(self, code: bytes | str | None, kdf: Kdf = FLOOR) -> None:
        """A new printed code in the place of the old one; None takes a used one away."""
        with our_errors():
            self._file.replace_slot(CODE, None if code is None else code_way(code, kdf))

    def set_recovery_key(self, public_jwk: Mapping[str, Any]) -> None:
        """Seal the store key to the scheme's recovery key."""
        with our_errors():
            self._file.replace_slot(RECOVERY, recovery_way(public_jwk))

    def visits(self, keep: Callable[[VisitSummary], bool] | None = None) -> list[VisitSummary]:
        """Every visit in the order of their making, or those that `keep` wants, from the register alone.

        A page of the list that does not verify is left out of it and named by `damage()`, which callers show.
        """
        found: list[VisitSummary] = []
        with our_errors(), self._file.reading() as head:
            for rows in self._register.pages(head.parts[PART]):
                page = map(VisitSummary._make, rows)
                found.extend(page if keep is None else filter(keep, page))
        return found

    def summary(self, visit_id: str) -> dict[str, Any]:
        """The line of one visit. Raises: VisitUnknown, StoreDamaged."""
        with our_errors(), self._file.reading() as head:
            found = self._register.summary(head.parts[PART], visit_id)
        if found is None:
            raise _unknown()
        return found

    def new_visit(
        self,
        visit_id: str,
        summary: Mapping[str, Any],
        events: Events = (),
        puts: Iterable[Put] = (),
        deletes: Iterable[Key] = (),
    ) -> None:
        """Open a visit and write its first events and documents in one transaction, durable on return.

        Raises: ValueError, if the visit is there already; NotSaved.
        """
        with self._our_visit_errors(visit_id), self._file.writing() as writing:
            if self._register.knows(writing.parts[PART], visit_id):
                raise ValueError("there is a visit with this id already")
            opaque = self._register.opaque_id(visit_id)
            visit = _VisitInHand(opaque, self._streams.make(opaque, None))
            ends = Chain(0, {seal.stream_id: NO_TAG for seal in visit.streams.values()})
            chain, made = self._streams.append(opaque, visit.streams, ends, events)
            visit.streams.update(made)
            self._documents.stage(writing, puts, deletes)
            self._register.stage(writing, Changes(chains={visit_id: chain}, summaries={visit_id: summary}))
            writing.when_durable.append(lambda: self._take_in_hand(visit_id, visit))
        self._cut_if_due()

    def append(
        self,
        visit_id: str,
        events: Events,
        summary: Mapping[str, Any] | None = None,
        puts: Iterable[Put] = (),
        deletes: Iterable[Key] = (),
    ) -> None:
        """Write events and documents in ONE transaction, durable on return.

        Give `summary` when the visit is paused, finished or resumed, or when its line in the list changes: the
        register is rewritten then (milliseconds), and not otherwise.
        Raises: VisitUnknown, VisitDamaged, NotSaved (nothing of it is on disk), StoreReadOnly.
        """
        with self._our_visit_errors(visit_id), self._file.writing() as writing:
            visit, ends = self._visit(writing.parts[PART], visit_id)
            chain, made = self._streams.append(visit.opaque, visit.streams, ends, events)
            if puts or deletes:
                self._documents.stage(writing, puts, deletes)
            if summary is not None:
                self._register.stage(writing, Changes(chains={visit_id: chain}, summaries={visit_id: summary}))
            elif chain.seq != ends.seq:
                self._register.stage_chain(writing, visit_id, chain)
            if made:
                writing.when_durable.append(lambda: visit.streams.update(made))
        if self._cut_due:
            self._cut_if_due()

    def events(self, visit_id: str) -> list[dict[str, Any]]:
        """Every event of a visit in the order of writing, verified. Raises: VisitUnknown, VisitDamaged."""
        with self._our_visit_errors(visit_id), self._file.reading() as head:
            visit, chain = self._visit(head.parts[PART], visit_id)
            return self._streams.events(visit.streams, chain)

    def erase_person(
        self,
        visit_id: str,
        person_id: str,
        summary: Mapping[str, Any],
        puts: Iterable[Put] = (),
        deletes: Iterable[Key] = (),
    ) -> bool:
        """Destroy a person's keys and rows in one visit. `summary` replaces the visit's line.

        Returns: whether the bytes are out of the write-ahead log too; if a reader held it, they go with the next write.
        An older copy of the file, with the passphrase, still opens what it held.
        """
        with self._our_visit_errors(visit_id), self._file.writing() as writing:
            visit, chain = self._visit(writing.parts[PART], visit_id)
            doomed = [visit.streams[stream].stream_id for stream in streams_of(person_id) if stream in visit.streams]
            tags = {stream_id: tag for stream_id, tag in chain.tags.items() if stream_id not in doomed}
            self._destroy(writing, doomed, puts, deletes)
            changes = Changes(chains={visit_id: Chain(chain.seq, tags)}, summaries={visit_id: summary})
            self._register.stage(writing, changes)
            self._in_hand.pop(visit_id, None)
        self._cut_due = True
        return self._cut_if_due()

    def erase_visit(self, visit_id: str, puts: Iterable[Put] = (), deletes: Iterable[Key] = ()) -> bool:
        """Destroy a whole visit, its line in the list included; it works on a damaged visit too. Returns: as above."""
        with our_errors(), self._file.writing() as writing:
            if not self._register.knows(writing.parts[PART], visit_id):
                raise _unknown()
            self._destroy(writing, self._streams.ids_of(self._register.opaque_id(visit_id)), puts, deletes)
            self._register.stage(writing, Changes(removed={visit_id}))
            self._in_hand.pop(visit_id, None)
            self._damaged_visits.pop(visit_id, None)
        self._cut_due = True
        return self._cut_if_due()

    def damage(self) -> tuple[Damage, ...]:
        """What was found damaged so far, to be shown; nothing damaged is ever left out in silence."""
        lost = self._register.visits_on_damaged_pages()
        pages = [
            Damage("list of visits", f"page {number}", f"{lost.get(number, 0)} visits cannot be listed: {why}")
            for number, why in self._register.damaged.items()
        ]
        return (*pages, *(Damage("visit", visit_id, why) for visit_id, why in self._damaged_visits.items()))

    def verify(self) -> Iterator[Damage]:
        """Read and verify everything; yields each part that does not verify."""
        try:
            listed = [visit.visit_id for visit in self.visits()]
        except StoreError as error:
            yield Damage("list of visits", "all of it", error.title)
            listed = []
        for visit_id in listed:
            with contextlib.suppress(VisitDamaged):
                self.events(visit_id)
        yield from self.damage()
        try:
            for found in self._documents.verify():
                yield Damage("documents", found.part, found.why)
            if not self._register.damaged:
                known = {self._register.opaque_id(visit_id) for visit_id in listed}
                with self._file.reading():
                    strays = list(self._streams.strays(known))
                yield from (Damage("file", "a stray row", stray) for stray in strays)
        except VaultError as error:
            yield Damage("documents", "all of them", str(error))

    def close(self) -> None:
        """Close the vault and let the next writer in; a second call does nothing."""
        self._in_hand.clear()
        self._file.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _visit(self, part: bytes, visit_id: str) -> tuple[_VisitInHand, Chain]:
        """A visit's keys and where its streams end. Raises: VisitUnknown, VaultDamaged."""
        chain = self._register.chain(part, visit_id)
        if chain is None:
            if self._register.knows(part, visit_id):
                raise VaultDamaged("visit", "where it ends is not recorded")
            raise _unknown()
        visit = self._in_hand.get(visit_id)
        if visit is None or self._file.db.read_only:
            opaque = self._register.opaque_id(visit_id)
            visit = _VisitInHand(opaque, self._streams.of_visit(opaque, chain))
            self._take_in_hand(visit_id, visit)
        return visit, chain

    def _take_in_hand(self, visit_id: str, visit: _VisitInHand) -> None:
        """Keep the keys of the last few visits; others are opened again when they are asked for."""
        while len(self._in_hand) >= _VISITS_IN_HAND:
            del self._in_hand[next(iter(self._in_hand))]
        self._in_hand[visit_id] = visit

    def _destroy(self, writing: Writing, stream_ids: list[bytes], puts: Iterable[Put], deletes: Iterable[Key]) -> None:
        self._streams.destroy(stream_ids)
        stones: list[Put] = [(TOMBSTONE, stream_id.hex(), {}) for stream_id in stream_ids]
        self._documents.stage(writing, (*puts, *stones), deletes)

    def _cut_if_due(self) -> bool:
        """Cut the write-ahead log, which still holds what was erased, unless a reader holds it."""
        if self._cut_due and self._file.db.checkpoint():
            self._cut_due = False
        return not self._cut_due

    @contextlib.contextmanager
    def _our_visit_errors(self, visit_id: str) -> Iterator[None]:
        try:
            with our_errors():
                yield
        except StoreDamaged as error:
            self._in_hand.pop(visit_id, None)
            if isinstance(cause := error.__cause__, VaultDamaged) and cause.part in {"visit", "event", "stream"}:
                self._damaged_visits[visit_id] = cause.why
                raise VisitDamaged(visit_id, cause.why) from cause
            raise


def passphrase_way(passphrase: bytes, kdf: Kdf = FLOOR) -> Slot:
    """The way in by a passphrase."""
    return lambda vault: seal_slot(PASSPHRASE, passphrase, vault.store_id, vault.store_key, kdf)


def code_way(code: bytes | str, kdf: Kdf = FLOOR) -> Slot:
    """The way in by a printed one-time code."""
    secret = _code_bytes(code)
    return lambda vault: seal_slot(CODE, secret, vault.store_id, vault.store_key, kdf)


def recovery_way(public_jwk: Mapping[str, Any]) -> Slot:
    """The way in by the scheme's recovery key."""
    return lambda vault: seal_recovery_slot(public_jwk, vault.store_id, vault.store_key)


def _code_bytes(code: bytes | str) -> bytes:
    try:
        return parse_code(code.decode("ascii") if isinstance(code, bytes) else code)
    except (ValueError, UnicodeDecodeError) as error:
        raise WrongSecret(str(error)) from error


def _unknown() -> VisitUnknown:
    return VisitUnknown("There is no such visit in this vault.", "Look at the list of visits.")
