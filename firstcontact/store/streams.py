"""Streams: one data key each, per visit one and per person two, and the sealed, chained events in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pysqlite3 import dbapi2

from firstcontact.store.register import Chain
from sync.base.sealed_file import SealedFile
from sync.base.vault import NO_TAG, StreamSeal, tag_of
from sync.base.vault_errors import VaultDamaged

Stream = str | tuple[str, str]
"""`"visit"`, a person's id, or `("safeguarding", person id)`."""

VISIT: Final = "visit"
SAFEGUARDING: Final = "safeguarding"

# Made once: json.dumps with options makes an encoder a call, which is a fifth of the work of saving an answer.
_to_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def person_of(stream: Stream) -> str | None:
    """The person that a stream belongs to; None for the visit's own."""
    if isinstance(stream, tuple):
        return stream[1]
    return None if stream == VISIT else stream


def streams_of(person_id: str | None) -> tuple[Stream, ...]:
    """All streams that a person gets, or the visit: made together, so that none tells anything by being there."""
    return (VISIT,) if person_id is None else (person_id, (SAFEGUARDING, person_id))


class Streams:
    """The stream and event tables. Call within the file's `reading()` or `writing()`."""

    def __init__(self, file: SealedFile) -> None:
        self._db = file.db
        self._vault = file.vault

    def make(self, visit: bytes, person_id: str | None) -> dict[Stream, StreamSeal]:
        """Fresh streams of a person, or of the visit itself, with fresh keys."""
        made: dict[Stream, StreamSeal] = {}
        for stream in streams_of(person_id):
            seal, wrapped = self._vault.new_stream(_label(stream), visit)
            self._db.execute("INSERT INTO stream VALUES (?, ?, ?)", (seal.stream_id, visit, wrapped))
            made[stream] = seal
        return made

    def of_visit(self, visit: bytes, chain: Chain) -> dict[Stream, StreamSeal]:
        """The streams of a visit, which must be those that its chain names. Raises: VaultDamaged."""
        rows = self._select("SELECT id, wrapped FROM stream WHERE visit = ?", (visit,), bytes, bytes)
        if {stream_id for stream_id, _ in rows} != set(chain.tags):
            raise VaultDamaged("visit", "a part of it was removed or added")
        seals = [self._vault.open_stream(stream_id, wrapped, visit) for stream_id, wrapped in rows]
        return {_stream(seal.label): seal for seal in seals}

    def append(
        self,
        visit: bytes,
        streams: Mapping[Stream, StreamSeal],
        chain: Chain,
        events: Iterable[tuple[Stream, Mapping[str, Any]]],
    ) -> tuple[Chain, dict[Stream, StreamSeal]]:
        """Seal and write events; returns where the visit's streams now end, and the streams made on the way."""
        made: dict[Stream, StreamSeal] = {}
        tags, seq = dict(chain.tags), chain.seq
        for stream, event in events:
            seal = streams.get(stream) or made.get(stream)
            if seal is None:
                fresh = self.make(visit, person_of(stream))
                made.update(fresh)
                tags.update((each.stream_id, NO_TAG) for each in fresh.values())
                seal = fresh[stream]
            seq += 1
            text = _to_json(event).encode()
            sealed = seal.seal(text, seq, tags[seal.stream_id])
            try:
                self._db.execute("INSERT INTO event VALUES (?, ?, ?)", (seal.stream_id, seq, sealed))
            except dbapi2.IntegrityError as error:
                raise VaultDamaged("visit", "an entry was added or put back") from error
            tags[seal.stream_id] = tag_of(sealed)
        return Chain(seq, tags), made

    def events(self, streams: Mapping[Stream, StreamSeal], chain: Chain) -> list[dict[str, Any]]:
        """Every event of a visit in the order of writing, each stream whole and ending where the chain says.

        Raises: VaultDamaged.
        """
        found: list[tuple[int, dict[str, Any]]] = []
        for seal in streams.values():
            tag = NO_TAG
            query = "SELECT seq, sealed FROM event WHERE stream = ? ORDER BY seq"
            for seq, sealed in self._select(query, (seal.stream_id,), int, bytes):
                found.append((seq, json.loads(seal.open(sealed, seq, tag))))
                tag = tag_of(sealed)
            if tag != chain.tags[seal.stream_id]:
                raise VaultDamaged("visit", "entries were removed or put back")
        found.sort(key=lambda numbered: numbered[0])
        if len({seq for seq, _ in found}) != len(found) or (found and found[-1][0] > chain.seq):
            raise VaultDamaged("visit", "its entries are not numbered as they were written")
        return [event for _, event in found]

    def destroy(self, stream_ids: Iterable[bytes]) -> None:
        """Destroy keys first and then the rows; `secure_delete` overwrites both with zeros."""
        for stream_id in stream_ids:
            self._db.execute("UPDATE stream SET wrapped = zeroblob(length(wrapped)) WHERE id = ?", (stream_id,))
            self._db.execute("DELETE FROM stream WHERE id = ?", (stream_id,))
            self._db.execute("DELETE FROM event WHERE stream = ?", (stream_id,))

    def ids_of(self, visit: bytes) -> list[bytes]:
        """The ids of a visit's streams, without opening them."""
        return [row[0] for row in self._select("SELECT id FROM stream WHERE visit = ?", (visit,), bytes)]

    def strays(self, visits: set[bytes]) -> Iterator[str]:
        """Rows that belong to no listed visit: they show nowhere, and should not be there."""
        for stream_id, visit in self._select("SELECT id, visit FROM stream ORDER BY id", (), bytes, bytes):
            if visit not in visits:
                yield f"stream {stream_id.hex()} belongs to no visit of the list"
        query = "SELECT DISTINCT stream FROM event WHERE stream NOT IN (SELECT id FROM stream)"
        for (stream_id,) in self._select(query, (), bytes):
            yield f"entries of stream {stream_id.hex()} have no key"

    def _select(self, query: str, parameters: tuple[Any, ...], *types: type) -> list[tuple[Any, ...]]:
        return self._db.select(query, parameters, types=types)


def _label(stream: Stream) -> bytes:
    return json.dumps(stream, ensure_ascii=False).encode()


def _stream(label: bytes) -> Stream:
    name = json.loads(label)
    return (name[0], name[1]) if isinstance(name, list) else str(name)
