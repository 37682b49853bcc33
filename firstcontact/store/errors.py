"""What can stop an act of the store, drawn as a tree.

StoreError
├── WrongPassphrase      a clear no, and no hint
├── StoreBusy            First Contact is open here already, in another process
├── StoreMissing         there is no vault at that path
├── StoreExists          there is one, and it is never written over
├── StoreTooNew          made by a newer version of First Contact
├── StoreReadOnly        a write was asked of a reading command
├── VisitUnknown         no visit with that id is in the register
├── NotSaved             the write did not reach the disk
└── StoreDamaged         a part of the vault does not verify; it is kept and named
    └── VisitDamaged     one visit does not verify; the others are unharmed
"""

from __future__ import annotations

from firstcontact.errors import FirstContactError


class StoreError(FirstContactError):
    """Something about the vault stops the act."""


class WrongPassphrase(StoreError):
    """The passphrase, code or key does not open this vault."""


class StoreBusy(StoreError):
    """Another process writes to this vault."""


class StoreMissing(StoreError):
    """There is no vault at that path."""


class StoreExists(StoreError):
    """A vault is there already, and is never written over."""


class StoreTooNew(StoreError):
    """The vault was made by a newer version of First Contact."""


class StoreReadOnly(StoreError):
    """A write was asked of a store that was opened for reading."""


class VisitUnknown(StoreError):
    """The register knows no such visit."""


class NotSaved(StoreError):
    """The write did not reach the disk; everything saved before it is still there."""


class StoreDamaged(StoreError):
    """A part of the vault does not verify. It is kept as it is."""


class VisitDamaged(StoreDamaged):
    """One visit does not verify; it may be looked at for repair, never shown as true or added to."""

    def __init__(self, visit_id: str, why: str) -> None:
        super().__init__(
            f"One visit cannot be shown: {why}.",
            "It is kept as it is, and every other visit can be used. Tell the scheme.",
        )
        self.visit_id = visit_id
        self.why = why
