"""What P15 and P16 share: a mailbox as a real process over a real file, its peer, and a referral of usual size."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sync import pack
from sync.keys import Keyring
from sync.pack import Pack

PARTNER, MAILBOX = "AFR", "mailbox-1"


class World:
    """Keys and the pack of some laptops, one partner and one mailbox."""

    def __init__(self, laptops: int = 1) -> None:
        self.coordinator = Keyring.generate("coordinator")
        self.mailbox = Keyring.generate(MAILBOX)
        self.partner = Keyring.generate(PARTNER)
        self.laptops = [Keyring.generate(f"dev-{number + 1}") for number in range(laptops)]

    def files(self, url: str | None) -> dict[str, bytes]:
        """The signed pack, with the mailbox's address once it is known."""
        where: dict[str, Any] = {"mailbox": MAILBOX, "mailbox_url": url}
        parties = [
            pack.party_of(self.coordinator, pack.COORDINATOR),
            pack.party_of(self.mailbox, pack.MAILBOX, mailbox_url=url),
            pack.party_of(self.partner, pack.AGENCY, **where),
            *(pack.party_of(laptop, pack.DEVICE, **where) for laptop in self.laptops),
        ]
        expires = datetime.now(UTC) + timedelta(days=90)
        return pack.build_pack({pack.KEYS: pack.keys_part(parties)}, 1, expires, self.coordinator.signing)

    def pack(self, url: str) -> Pack:
        """The pack as the laptop uses it."""
        return Pack.verify(self.files(url), [self.coordinator.signing.public])


@contextmanager
def mailbox_process(world: World, folder: Path) -> Iterator[str]:
    """`firstcontact-mailbox` on a free port; its address."""
    folder.mkdir(parents=True)
    (folder / "mailbox-key.json").write_text(json.dumps(world.mailbox.to_document()), encoding="utf-8")
    (folder / "pack.json").write_bytes(pack.pack_to_wire(world.files(None)))
    arguments = ["-m", "sync.mailbox", "--data", str(folder), "--pack", str(folder / "pack.json")]
    with _process(arguments, folder) as url:
        yield url


@contextmanager
def peer_process(folder: Path) -> Iterator[str]:
    """The peer of `peers/durable_insert.py` on a free port; its address."""
    folder.mkdir(parents=True)
    script = Path(__file__).parent / "peers" / "durable_insert.py"
    with _process([str(script), str(folder / "peer.db")], folder) as url:
        yield url


@contextmanager
def _process(arguments: list[str], folder: Path) -> Iterator[str]:
    with (folder / "stderr.log").open("ab") as stderr:
        process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, stderr=stderr)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().decode().split()[1]
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def referral(reference: str) -> dict[str, Any]:
    """A referral as a visit makes it: about 2 KB of JSON, two services, the packs ADDR, HH and ALT."""

    def text(words: str) -> dict[str, str]:
        return {"en": words, "cy": words}

    def field(code: str, name: str, label: str, value: object) -> dict[str, Any]:
        return {"pack": code, "field": name, "label": text(label), "value": value}

    return {
        "kind": "referral",
        "reference": reference,
        "version": 1,
        "made_at": "2026-02-10T11:42:00Z",
        "agency": "AYC",
        "from": {"name": "Osric Penhallow", "organisation": "Ambleshire Council", "phone": "01632 960 011"},
        "services": [
            {"id": "fire-visit", "label": text("a home fire safety visit")},
            {"id": "smoke-alarm", "label": text("a smoke alarm fitted")},
        ],
        "reasons": [
            {"id": "A2", "label": text("someone smokes indoors, or candles or an open fire are used")},
            {"id": "A3", "label": text("no working smoke alarm on every floor")},
        ],
        "urgency": "urgent",
        "urgent_because": text("home oxygen in a home where people smoke"),
        "subject": "home",
        "person": {
            "name": "Edith Bramblecote",
            "preferred": "Edie",
            "named": ["Edith Bramblecote", "Horace Bramblecote"],
        },
        "contact": {
            "phone": "01632 960 144",
            "ring": True,
            "message": False,
            "best_time": "mornings",
            "language": "en",
        },
        "fields": [
            field("ADDR", "address", "Address", "Kiln Cottage, Great Fenny Road, Nether Amble"),
            field("ADDR", "postcode", "Postcode", "AY9 2LM"),
            field("ADDR", "access", "How to get in", "Side gate; the dog is friendly"),
            field("HH", "people", "People at home", "2"),
            field("ALT", "name", "Somebody else to ring", "Maud Bramblecote"),
            field("ALT", "phone", "Their number", "01632 960 199"),
            field("A2a", "answer", "Smoking, candles, fire", ["smokes in bed or chair", "home oxygen"]),
        ],
        "agreement": {"by": "Edith Bramblecote", "how": "spoken", "present": ["Horace Bramblecote"], "feedback": True},
        "contact_by": "2026-02-12",
        "ack_by": "2026-02-11",
        "checklist": {"id": "older-person-first-contact", "version": "2026.1", "digest": "0" * 64},
        "feedback": True,
        "language": "en",
    }
