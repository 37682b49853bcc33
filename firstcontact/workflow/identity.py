"""Who works on this laptop, and the laptop's own keys: made once, kept in the vault only."""

from __future__ import annotations

import dataclasses
import secrets
from dataclasses import dataclass
from typing import Any, Final

from firstcontact.rows import Professional
from sync.keys import Keyring
from sync.pack import party_of

KIND: Final = "identity"
_ID: Final = "me"


@dataclass(frozen=True, slots=True)
class Identity:
    """One professional on one laptop."""

    who: Professional
    keyring: Keyring
    """The device's keys; `keyring.id` is its random id."""

    @classmethod
    def new(cls, who: Professional) -> Identity:
        """Fresh keys under a fresh random id, which tells nothing."""
        return cls(who, Keyring.generate(f"device-{secrets.token_hex(8)}", agency=who.agency))

    def as_put(self) -> tuple[str, str, dict[str, Any]]:
        """The identity as a document of the vault; secret."""
        return KIND, _ID, {"professional": dataclasses.asdict(self.who), "keyring": self.keyring.to_document()}

    @classmethod
    def read(cls, journal: Any) -> Identity:
        """The identity in a vault. Raises: KeyError, if the vault has none."""
        document = journal.get(KIND, _ID)
        if document is None:
            raise KeyError("identity")
        return cls(Professional(**document["professional"]), Keyring.from_document(document["keyring"]))

    def request(self) -> dict[str, Any]:
        """What the coordinator needs to let this laptop in: public halves and the agency, no private key."""
        return party_of(self.keyring, "device", agency=self.who.agency)
