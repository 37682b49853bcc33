"""What can go wrong with a sealed file, drawn as a tree. Messages are plain sentences and hold no data of a person.

VaultError
├── WrongSecret          the passphrase, code or key does not open this file; nothing more is said
├── KdfRefused           a slot asks for too little or too much work; refused before any work is done
├── VaultBusy            another process writes to this file
├── VaultMissing         there is no such file
├── VaultExists          there is one already; it is never written over
├── VaultTooNew          made by a newer version of the program
├── VaultReadOnly        a write was asked of a reading connection
├── NotSaved             a write did not reach the disk; nothing of it may be called saved
└── VaultDamaged         a part of the file does not verify; it is kept as it is, and named
    └── DocumentsDamaged one kind of document was altered, lost or put back; the other kinds are unharmed
"""

from __future__ import annotations


class VaultError(Exception):
    """Something about a sealed file stops the act."""


class WrongSecret(VaultError):
    """The passphrase, code or key does not open this file."""

    def __init__(self, message: str = "That did not open it.") -> None:
        super().__init__(message)


class KdfRefused(VaultError):
    """The key-derivation parameters of a slot lie outside what is accepted; no work was done with them."""


class VaultBusy(VaultError):
    """Another process holds the writer's lock."""


class VaultMissing(VaultError):
    """There is no sealed file at that path."""


class VaultExists(VaultError):
    """A file is there already, and is never written over."""


class VaultTooNew(VaultError):
    """The file was made by a newer version of the program; this one leaves it as it is."""


class VaultReadOnly(VaultError):
    """A write was asked of a connection that only reads."""


class NotSaved(VaultError):
    """The write did not reach the disk; what was on disk before is still there."""


class VaultDamaged(VaultError):
    """A part of the file does not verify. `part` names it; the file is never repaired or recreated in silence."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"{part}: {why}")
        self.part = part
        self.why = why


class DocumentsDamaged(VaultDamaged):
    """A kind of document does not verify: a row was altered, removed, added or put back."""
