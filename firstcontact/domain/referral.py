"""Which referrals are due, to whom, carrying how little, due when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from firstcontact.domain.agreement import Agreement
from firstcontact.domain.answer import Text
from firstcontact.domain.checklist import Urgency


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the exact data: shown on the agreement page, and sent."""

    pack: str
    """`core`, a pack code, or the id of the question whose answer it is."""
    field: str
    label: Text
    value: str
    """As people read it; `code` holds it as machines do."""
    code: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """One partner is asked to help one person or home; no reference yet."""

    partner: str
    services: tuple[str, ...]
    """In the checklist's order of their first reasons."""
    urgency: Urgency
    urgent_because: Text | None
    subject: str
    """A person's key, or `home`."""
    person: str
    """The person in whose name it goes."""
    names: tuple[str, ...]
    """The people who are named: their full names."""
    named: tuple[str, ...]
    """The same as keys."""
    reasons: tuple[str, ...]
    """Main question ids, in the checklist's order; never sent."""
    core: Mapping[str, Any] = field(default_factory=dict)
    """Name, preferred name, contact and safe-contact rule, needs, language, by field name."""
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Pack code -> field -> value, as `checklist try` prints them; blank ones are left out."""
    contact_by: date | None = None
    ack_by: date | None = None
    agreement: Agreement
