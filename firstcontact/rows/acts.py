"""Who works, and what an act comes back as."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """One professional who has a vault on this laptop: the only clear text about them."""

    id: str
    name: str
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Professional:
    """Who is working: typed once at the first run, sent with each referral."""

    name: str
    role: str
    agency: str
    work_phone: str
    lead_phone: str = ""
    """Telephone of the agency's safeguarding lead; blank if it is not known yet."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The passphrase did not open the vault."""

    wait_seconds: float
    """How long the next attempt is held back; grows with each wrong one."""


@dataclass(frozen=True, slots=True)
class Change:
    """One act: already true in memory, durable once `save` has returned."""

    save: Callable[[], None]
    """Blocks until the act is durable; called once, on the writer thread, in the order of the acts.

    Raises: StoreError, in which case nothing of the act is on disk and calling it again tries again.
    """
    said: str = ""
    """The act in words, for "Just now: ..."; blank where nothing is said."""
    item_id: str | None = None
    """The question that the act was about: undo and redo go there."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A typed answer that cannot stand, with the question's own constraint message, in words."""

    words: str
