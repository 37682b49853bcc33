"""Valid things in one line: a scheme with keys, a laptop that the scheme has let in, a partner's endpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from firstcontact.config import Settings
from firstcontact.definitions.scheme import load_scheme
from firstcontact.gate import open_laptop, set_up_profile
from firstcontact.pack_file import write_pack
from firstcontact.rows import Change, Professional
from firstcontact.scheme.building import scheme_parts
from firstcontact.shipped import shipped
from firstcontact.workflow.laptop import Laptop
from firstcontact.workflow.open_visit import VisitAtHand
from sync.keys import Keyring, PublicKey
from sync.pack import Pack, build_pack, party_of

PASSPHRASE = "lantern otter gravel teaspoon"
OSRIC = Professional(
    name="Osric Lamplough", role="community nurse", agency="Community nursing", work_phone="01632 960150"
)
MAILBOX_URL = "http://127.0.0.1:9"


SHIPPED = shipped("checklists", "older-person-first-contact")


@cache
def scheme_data(checklist: Path = SHIPPED) -> dict[str, bytes]:
    """The shipped scheme and a checklist as parts of a pack, but for the keys; built once."""
    parts = scheme_parts(shipped("checklists", "ambleshire"), [checklist], [])
    return {name: data for name, data in parts.items() if name != "keys.json"}


@dataclass
class World:
    """A scheme: its coordinator, its partners' keys, its mailbox, and the laptops that it lets in."""

    coordinator: Keyring = field(default_factory=lambda: Keyring.generate("coordinator"))
    agencies: dict[str, Keyring] = field(default_factory=dict)
    url: str = MAILBOX_URL
    checklist: Path = SHIPPED

    def __post_init__(self) -> None:
        directory = load_scheme(shipped("checklists", "ambleshire"))
        for partner in directory.partners:
            if partner.channel != "none" and partner.services:
                self.agencies[partner.id] = Keyring.generate(partner.id)

    def pack(self, *devices: dict[str, object], sequence: int = 1, expires: datetime | None = None) -> Pack:
        """A signed and verified pack that names these devices."""
        from sync.pack import keys_part

        post = {"mailbox": "mailbox", "mailbox_url": self.url}
        parties = [
            party_of(self.coordinator, "coordinator"),
            *({**party_of(keyring, "agency", keyring.id), **post} for keyring in self.agencies.values()),
            *({**device, **post} for device in devices),
        ]
        parts = {**scheme_data(self.checklist), "keys.json": keys_part(parties)}
        until = expires or datetime.now(UTC) + timedelta(days=30)
        files = build_pack(parts, sequence, until, self.coordinator.signing)
        return Pack.verify(files, [PublicKey.of(self.coordinator.signing.public.jwk)])

    def laptop(self, home: Path, *, now: Callable[[], datetime] | None = None) -> Laptop:
        """A laptop set up for Osric, let in by the scheme, and open."""
        settings = Settings(home)
        made = set_up_profile(settings, OSRIC, PASSPHRASE)
        write_pack(settings.pack, self.pack(made.request))
        laptop = open_laptop(settings, None, PASSPHRASE)
        if now is not None:
            laptop.now = now
        return laptop


def done(change: object) -> None:
    """Save a change that must not be refused."""
    assert isinstance(change, Change), change
    change.save()


def answer(visit: VisitAtHand, **answers: str | tuple[str, ...]) -> None:
    """Record answers by question id, in order, each durable before the next."""
    for question, value in answers.items():
        done(visit.record_answer(question, value))
