"""What may stand in an answers file, which is also a sample visit, and in what `checklist try` prints.

The file says who was visited, what they answered and what they agreed to. Choices may be written as their token or as
their label; dates are year-month-day. An example, in full, is in `checklists/README.md`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, WithJsonSchema

from firstcontact.definitions.scalars import DefinitionModel

_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
Scalar = Annotated[str, StringConstraints(max_length=4000), WithJsonSchema(_SCALAR)]
Many = Scalar | tuple[Scalar, ...]
Key = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class OtherContactModel(DefinitionModel):
    """Somebody we may speak to for the person (X10)."""

    name: Scalar | None = None
    relationship: Scalar | None = None
    phone: Scalar | None = None
    agreed: Scalar | None = None


class HomeModel(DefinitionModel):
    """What is known of the home: X3, X7, X8 and X12."""

    address: Scalar | None = None
    postcode: Scalar | None = None
    usual_home: Scalar | None = None
    tenure: Scalar | None = None
    family_owns: Scalar | None = None
    landlord: Scalar | None = None
    people: Scalar | None = None
    lives_with: Many | None = None
    access: Scalar | None = None


class PersonModel(DefinitionModel):
    """What is known of a person: X1, X2, X4 to X6 and X9 to X11. Some facts have two names; either will do."""

    name: Scalar | None = None
    preferred: Scalar | None = None
    preferred_name: Scalar | None = None
    born: Scalar | None = None
    date_of_birth: Scalar | None = None
    age_band: Scalar | None = None
    phone: Scalar | None = None
    ring: Scalar | None = None
    message: Scalar | None = None
    text: Scalar | None = None
    text_message: Scalar | None = None
    post: Scalar | None = None
    best_time: Scalar | None = None
    communication: Many | None = None
    language: Scalar | None = None
    interpreter: Scalar | None = None
    gp: Scalar | None = None
    gp_practice: Scalar | None = None
    other: OtherContactModel | Scalar | None = None
    long_term_condition: Scalar | None = None


class AgreementModel(DefinitionModel):
    """One answer to one partner, with what is recorded beside it."""

    answer: Scalar
    by: Key | None = None
    named: Key | tuple[Key, ...] | None = None
    decider: Scalar | None = None
    decided_by: Scalar | None = None
    how: Scalar | None = None
    present: Many = ()
    health: Scalar | None = None
    feedback: Scalar | None = None
    reason: Scalar | None = None
    rang: Scalar | dict[Key, Scalar] | None = None


AnswerModel = Scalar | tuple[Scalar, ...] | dict[Key, Many]
Answers = dict[Key, dict[Key, AnswerModel]]
Agreements = dict[Key, dict[Key, Scalar | AgreementModel]]


class StepModel(DefinitionModel):
    """A later day of the same visit: what was added, and what was put right."""

    on: date
    home: HomeModel = HomeModel()
    people: dict[Key, PersonModel] = Field(default={})
    answers: Answers = Field(default={})
    rest: Literal["no"] | None = None
    agreements: Agreements = Field(default={})
    corrections: dict[Key, dict[Key, AnswerModel | dict[Key, AnswerModel]]] = Field(default={})


End = Literal[
    "offered",
    "agreed",
    "declined",
    "not-today",
    "held",
    "advised",
    "cancelled",
    "withdrawn",
    "signposted",
    "unmet",
    "not-eligible",
    "out-of-area",
    "already-helped",
    "handed-over",
    "check-age",
]
Urgency = Literal["routine", "soon", "urgent", "immediate"]


class OutputModel(DefinitionModel):
    """Something that `checklist try` prints; every key is there, blank as null."""


class OfferOut(OutputModel):
    """A need with a partner to put before the person, whatever its end."""

    service: str
    partner: str | None = Field(description="null while the area is not known")
    end: End
    urgency: Urgency
    reasons: tuple[str, ...] = Field(description="main question ids, in the checklist's order")
    subject: str = Field(description="a person's key, or home")


class ReferralOut(OutputModel):
    """What would leave the laptop."""

    partner: str
    services: tuple[str, ...]
    urgency: Urgency
    urgent_because: str | None = Field(description="the label of the answer that made it urgent")
    subject: str
    names: tuple[str, ...] = Field(description="the people who are named, by full name")
    reasons: tuple[str, ...]
    fields: dict[str, dict[str, Any]] = Field(description="pack code or question id -> field -> value; blanks left out")
    contact_by: date | None = Field(description="null where the partner has no contact target")
    ack_by: date | None


class RecordedOut(OutputModel):
    """A need where nothing could be put before the person."""

    service: str
    end: End
    reason: str | None = Field(description="area, age, tenure, landlord, gp, closed, or the missing question's id")
    subject: str


class HandOverOut(OutputModel):
    """What was passed on by telephone."""

    partner: str
    services: tuple[str, ...]
    subject: str


class TryOut(OutputModel):
    """What `checklist try --json` prints."""

    checklist: str
    version: str
    on: date
    offers: tuple[OfferOut, ...]
    referrals: tuple[ReferralOut, ...]
    recorded: tuple[RecordedOut, ...]
    handovers: tuple[HandOverOut, ...]


_Rows = tuple[dict[Key, Any], ...]


class ExpectModel(DefinitionModel):
    """What a sample visit must lead to: each list that is given must match row for row, on the keys that are given."""

    offers: _Rows | None = None
    referrals: _Rows | None = None
    recorded: _Rows | None = None
    handovers: _Rows | None = None


class AnswersModel(DefinitionModel):
    """An answers file, or a sample visit."""

    visit: Scalar | None = Field(default=None, description="its name, such as S01")
    title: Scalar | None = None
    story: Scalar | None = None
    checklist: Scalar | None = None
    language: Scalar | None = None
    by: Scalar | None = Field(default=None, description="who visited, in words")
    on: date | None = None
    home: HomeModel = HomeModel()
    people: dict[Key, PersonModel] = Field(default={})
    answers: Answers = Field(default={})
    rest: Literal["no"] | None = Field(
        default=None, description="what is not listed was asked and answered no (A1: yes); left out: not asked"
    )
    agreements: Agreements = Field(default={})
    later: tuple[StepModel, ...] = ()
    expect: ExpectModel | None = None
    pending: tuple[Scalar, ...] = Field(default=(), description="what only a screen or a later day can show; counted")


SCHEMAS: dict[str, tuple[type[DefinitionModel], str]] = {
    "visit": (AnswersModel, "A sample visit"),
    "answers": (AnswersModel, "An answers file for `checklist try`"),
    "try-output": (TryOut, "What `checklist try --json` prints"),
}
"""File names of published schemas, without `.schema.json`."""
