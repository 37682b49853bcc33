"""Where errors of the sealed file become ours, with a title and a next step that a visitor can use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

from firstcontact.store import errors
from sync.base import vault_errors

_KEPT: Final = "It is kept as it is. Tell the scheme, and use the paper list meanwhile."
_OURS: Final[dict[type[vault_errors.VaultError], tuple[type[errors.StoreError], str, str]]] = {
    vault_errors.WrongSecret: (errors.WrongPassphrase, "That did not open it.", "Check Caps Lock."),
    vault_errors.KdfRefused: (
        errors.StoreDamaged,
        "A way into this vault was altered, and was not used.",
        "Use another way in, and tell the scheme.",
    ),
    vault_errors.VaultBusy: (
        errors.StoreBusy,
        "First Contact is open here and is sending by itself.",
        "Close it first, or do this there.",
    ),
    vault_errors.VaultMissing: (errors.StoreMissing, "There is no vault here.", "Set up this laptop first."),
    vault_errors.VaultExists: (errors.StoreExists, "There is a vault here already.", "It was left as it is."),
    vault_errors.VaultTooNew: (
        errors.StoreTooNew,
        "This vault was made by a newer First Contact.",
        "Update the program. Nothing was changed.",
    ),
    vault_errors.VaultReadOnly: (
        errors.StoreReadOnly,
        "This was opened for reading only.",
        "Do it in the visit program.",
    ),
    vault_errors.NotSaved: (
        errors.NotSaved,
        "This was not saved: the disk did not take it.",
        "Everything saved before is still there. Free some space and try again.",
    ),
}


@contextlib.contextmanager
def our_errors() -> Iterator[None]:
    """Raise the store's own error for whatever the sealed file raises."""
    try:
        yield
    except vault_errors.VaultDamaged as error:
        raise errors.StoreDamaged(f"A part of this vault does not read: {error.part}, {error.why}.", _KEPT) from error
    except vault_errors.VaultError as error:
        for theirs, (ours, title, next_step) in _OURS.items():
            if isinstance(error, theirs):
                raise ours(title, next_step) from error
        raise errors.StoreError("The vault could not do this.", _KEPT) from error
