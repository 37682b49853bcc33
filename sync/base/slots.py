"""Ways into a vault: each slot wraps the same random store key under a passphrase, a printed code or a recovery key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kdf:
    """Argon2id parameters of one slot. Source: RFC 9106, section 4, second recommended option."""

    memory_kib: int = 64 * 1024
    """Memory in KiB."""
    iterations: int = 3
    """Passes over it."""
    lanes: int = 4
    """Lanes computed side by side."""
