"""A small vault with a bit of everything in it, what is true of it, and what a reader of some copy of it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from firstcontact.store.errors import StoreDamaged, StoreError
from firstcontact.store.store import Store

PASSPHRASE = b"lantern otter gravel teaspoon"
VISITS = ("visit-ay9", "visit-ay4", "visit-ay1")
DOCUMENTS = (("outbox", "r1"), ("outbox", "r2"), ("outbox", "r3"), ("cursor", "mailbox"), ("outbox", "gone"))


@dataclass(slots=True)
class Shown:
    """What somebody who opens a vault is shown, piece by piece; `None` where the vault said that it is damaged."""

    refused: str | None = None
    """Why the vault did not open, if it did not."""
    listed: tuple[tuple[str, str], ...] | None = None
    events: dict[str, list[dict[str, Any]] | None] = field(default_factory=dict)
    documents: dict[tuple[str, str], dict[str, Any] | str | None] = field(default_factory=dict)
    kinds: dict[str, Any] = field(default_factory=dict)
    damage: int = 0


def make_small_vault(path: Path) -> tuple[bytes, list[Shown]]:
    """Make the vault in steps; returns its store key and what was true after each step, the last one for good."""
    store = Store.create(path, PASSPHRASE)
    history: list[Shown] = []
    truth = Shown(listed=(), events={}, documents=dict.fromkeys(DOCUMENTS), kinds={"outbox": [], "cursor": []})

    def step() -> None:
        history.append(show(store))

    step()
    for visit in VISITS:
        store.new_visit(visit, {"line": f"opened {visit}"}, [("visit", {"type": "VisitStarted", "of": visit})])
        step()
    for number in range(4):
        for visit in VISITS[:2]:
            person = {"type": "AnswerRecorded", "question": f"B{number}", "value": f"yes {visit} {number}"}
            store.append(visit, [("edith", person), ("visit", {"type": "AgreementRecorded", "n": number})])
            step()
        put = ("outbox", f"r{number % 3 + 1}", {"state": f"queued {number}"})
        gone = ("outbox", "gone", {"state": "soon gone"})
        store.append(VISITS[0], [(("safeguarding", "edith"), {"L1": "no", "n": number})], puts=[put, gone])
        step()
        store.journal.commit([("cursor", "mailbox", {"at": number})], deletes=[("outbox", "gone")])
        step()
    store.append(VISITS[1], [("visit", {"type": "VisitPaused"})], summary={"line": "paused"})
    step()
    store.append(VISITS[0], [("horace", {"type": "AnswerRecorded", "question": "J1", "value": "no"})])
    step()
    key = store._file.vault.store_key
    store.close()
    assert truth.damage == 0
    return key, history


def open_and_show(path: Path, key: bytes) -> Shown:
    """Open a copy and look at all of it. Anything but our own errors escapes, and so fails the test."""
    try:
        store = Store.open(path, store_key=key)
    except StoreError as error:
        return Shown(refused=error.title)
    try:
        return show(store)
    finally:
        store.close()


def show(store: Store) -> Shown:
    """Look at every visit and document."""
    shown = Shown()
    try:
        shown.listed = tuple((visit.visit_id, visit.summary["line"]) for visit in store.visits())
    except StoreError:
        shown.damage += 1
    for visit in VISITS:
        try:
            shown.events[visit] = store.events(visit)
        except StoreDamaged:
            shown.events[visit] = None
            shown.damage += 1
        except StoreError:
            pass
    for kind, ident in DOCUMENTS:
        try:
            shown.documents[kind, ident] = store.journal.get(kind, ident)
        except StoreDamaged:
            shown.documents[kind, ident] = "damaged"
            shown.damage += 1
    for kind in ("outbox", "cursor"):
        try:
            shown.kinds[kind] = list(store.journal.load(kind))
        except StoreDamaged:
            shown.kinds[kind] = "damaged"
            shown.damage += 1
    shown.damage += len(store.damage())
    return shown


def lies(shown: Shown, truth: Shown) -> list[str]:
    """Each thing shown as true that is not, and each thing left out without a word."""
    if shown.refused is not None:
        return []
    found = []
    if shown.listed is not None and shown.listed != truth.listed and not shown.damage:
        found.append(f"the list of visits shows {shown.listed}")
    if shown.listed is not None and set(shown.listed) - set(truth.listed or ()):
        found.append(f"the list of visits shows {set(shown.listed) - set(truth.listed or ())}")
    for visit, events in truth.events.items():
        seen = shown.events.get(visit, "unknown")
        if seen == "unknown" and not shown.damage:
            found.append(f"{visit} is gone without a word")
        elif seen not in (None, "unknown") and seen != events:
            found.append(f"{visit} shows {seen}")
    found += [
        f"document {key} shows {seen}"
        for key, seen in shown.documents.items()
        if seen not in ("damaged", truth.documents[key])
    ]
    found += [
        f"documents of {kind} show {seen}"
        for kind, seen in shown.kinds.items()
        if seen not in ("damaged", truth.kinds[kind])
    ]
    return found
