"""Valid referrals in one line, a journal in memory, a clock in the hand, and a desk of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sync.base.references import new_reference
from sync.desk.desk import Desk
from sync.desk.door import Door
from sync.ports import Delete, Document, Put

MONDAY = datetime(2026, 2, 2, 10, 0, tzinfo=UTC)


def reference(seed: int = 1) -> str:
    """A reference that is the same each time for a seed."""
    return new_reference(random.Random(seed).randbytes)


class Clock:
    """A clock that goes only when told."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def goes(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


class MemoryJournal:
    """A journal in memory; counts its commits."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Document] = {}
        self.commits = 0

    def load(self, kind: str) -> Iterator[tuple[str, Document]]:
        """Every document of a kind."""
        return iter([(ident, document) for (of, ident), document in self.kept.items() if of == kind])

    def get(self, kind: str, id: str) -> Document | None:  # noqa: A002 - the journal's own word
        """One document."""
        return self.kept.get((kind, id))

    def commit(self, puts: Iterable[Put], deletes: Iterable[Delete] = ()) -> None:
        """Write and remove."""
        self.commits += 1
        for key in deletes:
            self.kept.pop(key, None)
        for kind, ident, document in puts:
            self.kept[kind, ident] = document


def referral(seed: int = 1, **more: Any) -> dict[str, Any]:
    """A referral as it travels: Desmond Pilchard asks for befriending."""
    return {
        "kind": "referral",
        "reference": reference(seed),
        "version": 1,
        "made_at": "2026-01-13T11:00:00Z",
        "agency": "HSG",
        "from": {"name": "Tamsin Grout", "organisation": "housing officer", "phone": "01632960777"},
        "services": [{"id": "befriending", "label": {"en": "befriending", "cy": "cyfeillio"}}],
        "person": {"name": "Desmond Pilchard"},
        "contact": {"phone": "07700900121", "ring": True, "best_time": "mornings", "communication": ["large print"]},
        "fields": [
            {"pack": "LIVES", "field": "alone", "label": {"en": "lives alone"}, "value": True},
            {"pack": "BAND", "field": "age_band", "label": {"en": "age"}, "value": "65 to 74"},
            {"pack": "ADDR", "field": "address", "label": {"en": "address"}, "value": "9 Creel Street, Kelder Harbour"},
            {"pack": "ADDR", "field": "postcode", "label": {"en": "postcode"}, "value": "AY12 3PL"},
        ],
        "agreement": {
            "by": "Desmond Pilchard",
            "how": "spoken",
            "at": "2026-01-13T10:40:00Z",
            "statement": {"key": "C-PARTNER", "version": "1", "language": "en"},
        },
        "contact_by": "2026-02-09",
        "ack_by": "2026-02-04",
        "feedback": True,
        **more,
    }


def withdrawal(seed: int = 1, **more: Any) -> dict[str, Any]:
    """The person's wish to stop."""
    return {
        "kind": "withdrawal", "reference": reference(seed), "version": 1, "made_at": "2026-02-02T09:00:00Z", **more,
    }  # fmt: skip


def arrived(desk: Desk, *messages: dict[str, Any], sender: str = "dev-1") -> None:
    """Messages that the receiver found new, committed and joined, as a round of collecting does."""
    journal = desk._journal
    for message in messages:
        journal.commit(desk.take(message, sender, desk.clock()))
    desk.absorb()


def desk(agency: str = "LLA", name: str = "Later Life Ambleshire", clock: Clock | None = None, **more: Any) -> Desk:
    """An empty desk."""
    return Desk(agency, name, more.pop("journal", MemoryJournal()), clock or Clock(), hub="HUB", **more)


def door(clock: Clock) -> Door:
    """A way in."""
    return Door(clock)
