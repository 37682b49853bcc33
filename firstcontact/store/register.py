"""The register: the sealed index of all visits, in pages, and what vouches for the visits written since.

    head part "register"  = tag of the root | chains of the visits written since the register last was
    root (one row)        = for each page: number, count of visits, tag of its list, tag of its chains
    page.list             = [[visit id, summary], ...] as JSON, zlib: the list of visits is read from these alone
    page.chains           = chains of its visits: last sequence number, and the last tag of each stream

An answer touches the head alone. When a visit is opened, paused, finished or resumed, the pages of the visits in the
head are rewritten and the head forgets them; so neither the head nor an answer grows with the number of visits.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sync.base.sealed_db import SealedDb
from sync.base.sealed_file import SealedFile, Writing
from sync.base.vault import ID_BYTES, TAG_BYTES, Vault, tag_of
from sync.base.vault_errors import VaultDamaged

PART: Final = "register"
VISITS_A_PAGE: Final = 128
_MOST_IN_HEAD: Final = 16
_CHAIN: Final = struct.Struct(">16sIH")
_PAGE: Final = struct.Struct(">IH16s16s")


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a visit's streams end: what tells whether its rows are all there and the newest."""

    seq: int
    """The number of the visit's last event; the first is 1. Gaps are what an erased person leaves."""
    tags: Mapping[bytes, bytes]
    """Stream id to the tag of its last event, or sixteen zero bytes if it has none."""


class _Since(NamedTuple):
    """A visit written since the register last was."""

    page: int
    chain: Chain


class Page(NamedTuple):
    """What the root says of one page."""

    number: int
    visits: int
    list_tag: bytes
    chains_tag: bytes


@dataclass(slots=True)
class Changes:
    """What a transaction does to the register."""

    chains: dict[str, Chain] = field(default_factory=dict)
    """By visit id: where the streams of a visit written now end."""
    summaries: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By visit id; an id that is in no page yet is a new visit."""
    removed: set[str] = field(default_factory=set)
    """Visit ids to take out."""


class Register:
    """The index of an open store. Call within the file's `reading()` or `writing()`."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file
        self._list_seal = file.vault.seal_for("register list")
        self._chains_seal = file.vault.seal_for("register chains")
        self._root_seal = file.vault.seal_for("register root")
        self._ids = file.vault.opaque_ids("visit")
        self._opaque: dict[str, bytes] = {}
        self._part = b""
        self._root_tag = b""
        self._since: Mapping[bytes, _Since] = MappingProxyType({})
        self._pages: tuple[Page, ...] = ()
        self._page_of: dict[str, int] | None = None
        self.damaged: dict[int, str] = {}
        """Pages that did not verify when they were last read, and why."""

    @staticmethod
    def first_rows(db: SealedDb, vault: Vault) -> tuple[str, bytes]:
        """Write the empty register of a new vault; returns what vouches for it."""
        sealed = vault.seal_for("register root").seal(b"", b"")
        db.execute("INSERT INTO register_root VALUES (1, ?)", (sealed,))
        return PART, tag_of(sealed)

    def opaque_id(self, visit_id: str) -> bytes:
        """The name of a visit outside the seals."""
        found = self._opaque.get(visit_id)
        if found is None:
            if len(self._opaque) >= _MOST_IN_HEAD:
                self._opaque.clear()
            found = self._opaque[visit_id] = self._ids.of(visit_id)
        return found

    def pages(self, part: bytes) -> Iterator[list[list[Any]]]:
        """The list of visits page by page, each row `[visit id, summary]`; a damaged page is noted and left out."""
        self._catch_up(part)
        self.damaged.clear()
        page_of: dict[str, int] = {}
        sealed = {row[0]: row[1] for row in self._select("SELECT page, list FROM register", (), int, bytes)}
        for page in self._pages:
            try:
                rows = self._open_list(page, sealed.get(page.number))
            except VaultDamaged as error:
                self.damaged[page.number] = error.why
                continue
            page_of.update(dict.fromkeys([row[0] for row in rows], page.number))
            yield rows
        self._page_of = page_of

    def knows(self, part: bytes, visit_id: str) -> bool:
        """Whether the visit is listed."""
        return visit_id in self._index(part) or self.opaque_id(visit_id) in self._since

    def visits_on_damaged_pages(self) -> Mapping[int, int]:
        """Damaged page to how many visits it lists."""
        return {page.number: page.visits for page in self._pages if page.number in self.damaged}

    def chain(self, part: bytes, visit_id: str) -> Chain | None:
        """Where the streams of a visit end, or None for a visit that is not listed. Raises: VaultDamaged."""
        self._catch_up(part)
        opaque = self.opaque_id(visit_id)
        if (since := self._since.get(opaque)) is not None:
            return since.chain
        number = self._index(part).get(visit_id)
        return None if number is None else self._read_chains(self._page(number)).get(opaque)

    def summary(self, part: bytes, visit_id: str) -> dict[str, Any] | None:
        """The line of one visit. Raises: VaultDamaged."""
        number = self._index(part).get(visit_id)
        if number is None:
            return None
        return next((summary for ident, summary in self._read_list(self._page(number)) if ident == visit_id), None)

    def stage_chain(self, writing: Writing, visit_id: str, chain: Chain) -> None:
        """The cheap way: note in the head where one visit's streams now end."""
        part = writing.parts[PART]
        self._catch_up(part)
        opaque = self.opaque_id(visit_id)
        known = self._since.get(opaque)
        if known is None and len(self._since) >= _MOST_IN_HEAD:
            self.stage(writing, Changes(chains={visit_id: chain}))
            return
        page = known.page if known else self._index(part)[visit_id]
        self._stage_part(writing, self._root_tag, {**self._since, opaque: _Since(page, chain)})

    def stage(self, writing: Writing, changes: Changes) -> None:
        """The whole way: rewrite the pages of every visit that the head names or the changes touch."""
        index = self._index(writing.parts[PART])
        pages = {page.number: page for page in self._pages}
        added: dict[str, int] = {}
        for visit_id in changes.summaries:
            if visit_id not in index:
                number = added[visit_id] = self._page_with_room(pages)
                page = pages.get(number, Page(number, 0, b"", b""))
                pages[number] = page._replace(visits=page.visits + 1)
        asked = {*changes.summaries, *changes.chains, *changes.removed}
        page_of = {visit_id: added[visit_id] if visit_id in added else index[visit_id] for visit_id in asked}
        ends = {opaque: since.chain for opaque, since in self._since.items()}
        ends |= {self.opaque_id(visit_id): chain for visit_id, chain in changes.chains.items()}
        left = dict(self._since)
        for number in sorted({since.page for since in left.values()} | set(page_of.values())):
            of_page = {visit_id for visit_id in asked if page_of[visit_id] == number}
            recent = {opaque for opaque, since in left.items() if since.page == number}
            try:
                pages[number] = self._rewrite(pages[number], of_page, recent, ends, changes)
            except VaultDamaged:
                # A damaged page stays as it is; the visits on it stay in the head. Nobody asked for it now.
                if of_page:
                    raise
                continue
            for opaque in recent:
                del left[opaque]
        self._stage_root(writing, tuple(sorted(pages.values())), added, changes.removed, left)

    def _rewrite(
        self, page: Page, visit_ids: set[str], recent: set[bytes], ends: Mapping[bytes, Chain], changes: Changes
    ) -> Page:
        """Seal one page anew with what changed of these visits. Raises: VaultDamaged, if the page does not open."""
        rows: dict[str, Any] = dict(self._read_list(page)) if page.list_tag else {}
        chains = self._read_chains(page) if page.chains_tag else {}
        chains |= {opaque: ends[opaque] for opaque in recent}
        for visit_id in visit_ids - changes.removed:
            if visit_id in changes.summaries:
                rows[visit_id] = changes.summaries[visit_id]
            opaque = self.opaque_id(visit_id)
            if opaque in ends:
                chains[opaque] = ends[opaque]
        for visit_id in visit_ids & changes.removed:
            rows.pop(visit_id, None)
            chains.pop(self.opaque_id(visit_id), None)
        place = page.number.to_bytes(8)
        text = json.dumps(list(rows.items()), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        sealed_list = self._list_seal.seal(zlib.compress(text, 1), place)
        sealed_chains = self._chains_seal.seal(_chains_to_bytes(chains), place)
        self._file.db.execute(
            "INSERT INTO register VALUES (?, ?, ?) "
            "ON CONFLICT (page) DO UPDATE SET list = excluded.list, chains = excluded.chains",
            (page.number, sealed_list, sealed_chains),
        )
        return Page(page.number, len(rows), tag_of(sealed_list), tag_of(sealed_chains))

    def _page_with_room(self, pages: Mapping[int, Page]) -> int:
        """The last page, unless it is full or damaged; else the number of a new one."""
        if not pages:
            return 0
        last = max(pages)
        return last if pages[last].visits < VISITS_A_PAGE and last not in self.damaged else last + 1

    def _stage_root(
        self,
        writing: Writing,
        pages: tuple[Page, ...],
        added: Mapping[str, int],
        removed: set[str],
        since: Mapping[bytes, _Since],
    ) -> None:
        sealed = self._root_seal.seal(b"".join(_PAGE.pack(*page) for page in pages), b"")
        if self._file.db.execute("UPDATE register_root SET sealed = ? WHERE id = 1", (sealed,)).rowcount != 1:
            raise VaultDamaged("register", "its root is missing")

        def settle() -> None:
            self._pages = pages
            if self._page_of is not None:
                self._page_of.update(added)
                for visit_id in removed:
                    self._page_of.pop(visit_id, None)

        writing.when_durable.append(settle)
        self._stage_part(writing, tag_of(sealed), since)

    def _stage_part(self, writing: Writing, root_tag: bytes, since: Mapping[bytes, _Since]) -> None:
        part = root_tag + _since_to_bytes(since)
        writing.parts[PART] = part

        def settle() -> None:
            self._part, self._root_tag, self._since = part, root_tag, since

        writing.when_durable.append(settle)

    def _catch_up(self, part: bytes) -> None:
        """Take in what the head says, if that is news. Raises: VaultDamaged, if the root is not the head's."""
        if part == self._part:
            return
        root_tag, since = part[:TAG_BYTES], _since_from_bytes(part[TAG_BYTES:])
        if root_tag != self._root_tag:
            rows = self._select("SELECT sealed FROM register_root WHERE id = 1", (), bytes)
            if not rows or tag_of(rows[0][0]) != root_tag:
                raise VaultDamaged("register", "its root was removed or put back")
            text = self._root_seal.open(rows[0][0], b"")
            self._pages = tuple(Page(*fields) for fields in _PAGE.iter_unpack(text))
            self._page_of = None
        self._part, self._root_tag, self._since = part, root_tag, since

    def _index(self, part: bytes) -> dict[str, int]:
        self._catch_up(part)
        if self._page_of is None:
            for _ in self.pages(part):
                pass
        return self._page_of or {}

    def _page(self, number: int) -> Page:
        return next(page for page in self._pages if page.number == number)

    def _read_list(self, page: Page) -> list[list[Any]]:
        rows = self._select("SELECT list FROM register WHERE page = ?", (page.number,), bytes)
        return self._open_list(page, rows[0][0] if rows else None)

    def _open_list(self, page: Page, sealed: bytes | None) -> list[list[Any]]:
        if sealed is None or tag_of(sealed) != page.list_tag:
            raise VaultDamaged("register", "a page of the list of visits was altered, removed or put back")
        rows: list[list[Any]] = json.loads(zlib.decompress(self._list_seal.open(sealed, page.number.to_bytes(8))))
        return rows

    def _read_chains(self, page: Page) -> dict[bytes, Chain]:
        rows = self._select("SELECT chains FROM register WHERE page = ?", (page.number,), bytes)
        if not rows or tag_of(rows[0][0]) != page.chains_tag:
            raise VaultDamaged("register", "a page of the ends of visits was altered, removed or put back")
        return _chains_from_bytes(self._chains_seal.open(rows[0][0], page.number.to_bytes(8)))

    def _select(self, query: str, parameters: tuple[Any, ...], *types: type) -> list[tuple[Any, ...]]:
        return self._file.db.select(query, parameters, types=types)


def _chains_to_bytes(chains: Mapping[bytes, Chain]) -> bytes:
    return b"".join(_chain_to_bytes(opaque, chain) for opaque, chain in chains.items())


def _chains_from_bytes(text: bytes) -> dict[bytes, Chain]:
    chains: dict[bytes, Chain] = {}
    at = 0
    while at < len(text):
        opaque, chains_of, at = _chain_from_bytes(text, at)
        chains[opaque] = chains_of
    return chains


def _since_to_bytes(since: Mapping[bytes, _Since]) -> bytes:
    return b"".join(entry.page.to_bytes(4) + _chain_to_bytes(opaque, entry.chain) for opaque, entry in since.items())


def _since_from_bytes(text: bytes) -> dict[bytes, _Since]:
    since: dict[bytes, _Since] = {}
    at = 0
    while at < len(text):
        page = int.from_bytes(text[at : at + 4])
        opaque, chain, at = _chain_from_bytes(text, at + 4)
        since[opaque] = _Since(page, chain)
    return since


def _chain_to_bytes(opaque: bytes, chain: Chain) -> bytes:
    ends = b"".join(stream_id + tag for stream_id, tag in chain.tags.items())
    return _CHAIN.pack(opaque, chain.seq, len(chain.tags)) + ends


def _chain_from_bytes(text: bytes, at: int) -> tuple[bytes, Chain, int]:
    """One chain that begins at a place, and the place after it."""
    opaque, seq, count = _CHAIN.unpack_from(text, at)
    at += _CHAIN.size
    step = ID_BYTES + TAG_BYTES
    end = at + count * step
    tags = {text[start : start + ID_BYTES]: text[start + ID_BYTES : start + step] for start in range(at, end, step)}
    return opaque, Chain(seq, tags), end
