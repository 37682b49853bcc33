"""What travels inside the seal: one model per kind, unknown fields kept and passed on.

A message carries its own words (`Text`: language -> words, "en" always there), so that a desk needs no checklist to
show it. Required fields are those without which a partner could do nothing; everything else may be absent. An
unknown kind is kept as `Other`. Sizes and the claims around a message are in README.md.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from sync.errors import BadMessage

Text = dict[str, str]
"""language tag -> words; "en" is always there"""
Reference = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJKMNP-TV-Z]{13}$")]
"""12 random Crockford base32 characters and a check character, plain"""
Number = Annotated[int, Field(ge=1, le=1_000_000)]


class Kind(StrEnum):
    """Every kind that this version names; the kind stands inside the seal."""

    REFERRAL = "referral"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    REMINDER = "reminder"
    ERASURE = "erasure"
    RESTRICT = "restrict"
    HAND_OVER = "hand-over"
    HUB_COPY = "hub-copy"
    VISIT_COUNT = "visit-count"
    RECEIPT = "receipt"
    STATUS = "status"
    NOTICE = "notice"
    SUGGESTION = "suggestion"
    RESYNC = "resync"


class ItemResult(StrEnum):
    """What became of one item at the receiver."""

    STORED = "stored"
    """durable there, and shown to people"""
    DUPLICATE = "duplicate"
    """was there already: the same as stored for the sender"""
    SUPERSEDED = "superseded"
    """understood, and overtaken by something later that arrived first"""
    REFUSED = "refused"
    """not taken; `reason` says why"""
    ACCEPTED_FOR_IMPORT = "accepted-for-import"
    """durable there, waiting to be taken into a case system"""
    UNSUPPORTED = "unsupported"
    """of a kind that the receiver does not know: kept, shown as from a newer version"""


ARRIVED = frozenset({ItemResult.STORED, ItemResult.DUPLICATE, ItemResult.SUPERSEDED, ItemResult.ACCEPTED_FOR_IMPORT})
"""Results that make a referral *received*."""


class Model(BaseModel):
    """Unknown fields are kept: a message may come from a newer peer.

    A model is made ready when it is first used: a laptop meets three kinds a day, and all of them cost it 5 MB.
    """

    model_config = ConfigDict(
        extra="allow", frozen=True, validate_by_name=True, validate_by_alias=True, defer_build=True
    )


class Message(Model):
    """What every kind has."""

    kind: str


class Labelled(Model):
    """An id with its words."""

    id: str
    label: Text


class FieldValue(Model):
    """One fact of a partner's data pack, with its label."""

    pack: str
    """core, ADDR, DOB, BAND, TEN, HH, LIVES, GP, ALT, LTC, or the question id of a detail"""
    field: str
    label: Text
    value: str | int | bool | list[str]
    words: Text | None = None
    """the value as people read it, where it is a token"""


class Sender(Model):
    """Who made the visit, as far as the partner may know."""

    name: str = ""
    organisation: str = ""
    phone: str = ""


class Person(Model):
    """Who is referred; a home's referral is in the name of the adult who agreed."""

    name: str
    preferred: str | None = None
    named: list[str] = []
    """names of everyone who agreed to be named (a home's referral)"""


class Contact(Model):
    """How and when it is safe to get in touch; the rule beats convenience."""

    phone: str | None = None
    ring: bool | None = None
    message: bool | None = None
    """may a message be left"""
    text_message: bool | None = None
    post: bool | None = None
    best_time: str | None = None
    communication: list[str] = []
    language: str | None = None
    interpreter: bool | None = None
    rule: Text | None = None
    """the safe-contact rule in words, first thing that a desk shows"""


class Statement(Model):
    """Which wording was read out."""

    key: str
    version: str
    language: str


class Agreement(Model):
    """The person's yes to this partner."""

    answer: str = "yes"
    by: str
    """name of who decided"""
    decider: str = "person"
    """person, attorney, parent, best-interests ..."""
    how: str | None = None
    present: list[str] = []
    statement: Statement | None = None
    health: bool | None = None
    feedback: bool | None = None
    at: datetime | None = None


class ChecklistVersion(Model):
    """Which questions were asked."""

    id: str
    version: str = ""
    digest: str = ""
    """SHA-256 of the compiled form (RFC 8785), hex"""


class AboutReference(Message):
    """A message about one version of one referral."""

    reference: Reference
    version: Number = 1


class Referral(AboutReference):
    """A person asks for a service."""

    kind: Literal["referral"] = "referral"
    made_at: datetime
    agency: str = ""
    """id of the agency whose professional made the visit"""
    from_: Sender = Field(default_factory=Sender, alias="from")
    services: list[Labelled]
    reasons: list[Labelled] = []
    urgency: str = "routine"
    urgent_because: Text | None = None
    subject: str = "person"
    """person or home"""
    person: Person
    contact: Contact = Field(default_factory=Contact)
    fields: list[FieldValue] = []
    agreement: Agreement
    contact_by: date | None = None
    ack_by: date | None = None
    checklist: ChecklistVersion | None = None
    feedback: bool = False
    """may the outcome be told to the visitor"""
    language: str = "en"
    previous: Reference | None = None
    """the reference that this one replaces, at another partner"""


class Correction(Referral):
    """The whole referral again, corrected; `changed` names what differs from the version before."""

    kind: Literal["correction"] = "correction"  # type: ignore[assignment]
    changed: list[str] = []
    why: Text | None = None


class Withdrawal(AboutReference):
    """The person no longer wants this; stops every version up to and with this one."""

    kind: Literal["withdrawal"] = "withdrawal"
    made_at: datetime
    by: str = "person"
    """person, hub (the person rang), visitor (made in error), deceased"""
    words: Text | None = None


class Reminder(AboutReference):
    """A referral that nobody opened in time."""

    kind: Literal["reminder"] = "reminder"
    made_at: datetime


class Erasure(AboutReference):
    """Erase what you hold under this reference, as far as your own duties allow."""

    kind: Literal["erasure"] = "erasure"
    made_at: datetime


class Restrict(AboutReference):
    """Keep, but do not use (a right under data protection law)."""

    kind: Literal["restrict"] = "restrict"
    made_at: datetime


class Status(Message):
    """What the partner did, in the values of README.md, "Answers". `rev` grows strictly per reference."""

    kind: Literal["status"] = "status"
    reference: Reference
    version: Number = 1
    rev: Number
    work: str
    business_status: str
    outcome: str | None = None
    reason: str | None = None
    detail: str | None = None
    """the reason's own detail: which service, what information, which reference"""
    until: date | None = None
    """no-capacity: until when"""
    on: list[date] = []
    """contacted: the date; could-not-reach: both dates"""
    note: str | None = None
    at: datetime
    by: str | None = None
    """role or name of who answered, as the partner wishes it known"""
    partner: str | None = None


class ReceiptItem(Model):
    """What became of one item."""

    index: int
    """position in the batch, from 0"""
    digest: str
    """SHA-256 of the sealed item, hex"""
    result: str
    reference: str | None = None
    version: int | None = None
    reason: str | None = None


class Receipt(Message):
    """The receiver's word over one batch; never receipted itself."""

    kind: Literal["receipt"] = "receipt"
    batch: str
    digest: str
    """SHA-256 of the batch text, hex"""
    items: list[ReceiptItem]


class VisitCount(Message):
    """A finished part without identity, for the hub."""

    kind: Literal["visit-count"] = "visit-count"
    id: str
    on: date
    district: str | None = None
    checklist: ChecklistVersion
    needs: dict[str, int] = {}
    offers: dict[str, int] = {}
    ends: dict[str, int] = {}
    minutes: int | None = None


class ContactCard(Model):
    """What the hub needs when a person rings; only with C-RECORD, opened one at a time for a logged reason."""

    name: str
    phone: str | None = None
    contact: Contact = Field(default_factory=Contact)
    language: str | None = None
    references: list[Reference] = []


class HubCopy(AboutReference):
    """That a referral exists: no person, unless they agreed to a contact card."""

    kind: Literal["hub-copy"] = "hub-copy"
    partner: str
    services: list[str]
    urgency: str = "routine"
    contact_by: date | None = None
    ack_by: date | None = None
    agency: str = ""
    made_at: datetime
    card: ContactCard | None = None


class Resync(Message):
    """The sender's memory was put back to an older state, or is new: send the last state of every reference of it."""

    kind: Literal["resync"] = "resync"
    id: str
    device: str
    """whose references; the sender itself, or the laptop that it replaces (named in a signed hand-over)"""
    behind: int
    """the highest sender_sequence that the sender still remembered"""
    ahead: int
    """the highest that a mailbox had seen"""
    at: datetime


class Notice(Message):
    """Words from the hub, a partner or the coordinator to a professional."""

    kind: Literal["notice"] = "notice"
    id: str
    at: datetime
    title: Text
    words: Text = {}
    reference: Reference | None = None
    level: str = "note"


class Other(Message):
    """A kind that this version does not know, or knows by name only; kept whole."""


MODELS: dict[str, type[Message]] = {
    "referral": Referral,
    "correction": Correction,
    "withdrawal": Withdrawal,
    "reminder": Reminder,
    "erasure": Erasure,
    "restrict": Restrict,
    "status": Status,
    "receipt": Receipt,
    "visit-count": VisitCount,
    "hub-copy": HubCopy,
    "resync": Resync,
    "notice": Notice,
}
"""Typed kinds; `hand-over` and `suggestion` are named, and pass through as Other."""

KNOWN_KINDS = frozenset(str(kind) for kind in Kind)


def parse_message(document: dict[str, Any]) -> Message:
    """The model of a message's kind; `Other` for a kind without one.

    Raises: BadMessage("malformed"), with the JSON Pointer of the first field at fault in its words, never the value.
    """
    kind = document.get("kind")
    if not isinstance(kind, str) or not 1 <= len(kind) <= 40:
        raise BadMessage("malformed", "A message says not of which kind it is.")
    model = MODELS.get(kind, Other)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        pointer = "".join(f"/{step}" for step in first["loc"])
        raise BadMessage("malformed", f"A {model.__name__.lower()} is wrong at {pointer}: {first['type']}.") from None


def dump_message(message: Message) -> dict[str, Any]:
    """A message as a JSON-able document; blanks left out, unknown fields kept."""
    return message.model_dump(mode="json", by_alias=True, exclude_none=True)


def identity(document: dict[str, Any]) -> tuple[str, int]:
    """The (jti, version) of a message: its reference and version, or its own id and 1.

    A status counts by `rev`, a receipt by the batch that it answers.
    """
    kind = document.get("kind")
    if kind == "receipt":
        return str(document.get("batch", "")), 1
    if kind == "status":
        return str(document.get("reference", "")), int(document.get("rev", 1))
    if "reference" in document and "id" not in document:
        return str(document["reference"]), int(document.get("version", 1))
    return str(document.get("id", "")), 1
