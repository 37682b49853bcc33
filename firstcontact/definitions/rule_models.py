"""What may stand under a question about referrals: offers, signposts, further reasons, advice."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from firstcontact.definitions.scalars import Condition, DefinitionModel, Flag, Id, Name, PackCode, Words
from firstcontact.domain.checklist import Urgency


class RaiseModel(DefinitionModel):
    """What makes an offer more urgent."""

    to: Urgency
    when: Condition
    because: Words | None = None
    health: Flag = False


class InsteadModel(DefinitionModel):
    """A signpost in place of the offer."""

    to: Id
    when: Condition
    say: Words | None = None


class PackModel(DefinitionModel):
    """A data pack; with `when`, one that goes only while that holds."""

    pack: PackCode
    when: Condition | None = None


def _pack(value: Any) -> Any:
    return {"pack": value} if isinstance(value, str) else value


Pack = Annotated[
    PackModel,
    BeforeValidator(_pack, json_schema_input_type=PackCode | PackModel),
]
"""ADDR, or {pack: LTC, when: ...}."""


Whose = Literal["person", "home"] | None
"""Whose need a rule raises; as the question is asked when left out."""


class OfferModel(DefinitionModel):
    """An answer that calls for a service."""

    service: Id
    when: Condition
    subject: Whose = None
    urgency: Urgency = Urgency.ROUTINE
    raises: tuple[RaiseModel, ...] = Field(default=(), alias="raise")
    otherwise: Id | None = None
    packs: tuple[Pack, ...] = ()
    fields_: tuple[Name, ...] = Field(default=(), alias="fields")
    signposted: tuple[InsteadModel, ...] = ()


class SignpostModel(DefinitionModel):
    """A service without a partner."""

    service: Id
    when: Condition
    subject: Whose = None
    say: Words | None = None


class AddsReasonModel(DefinitionModel):
    """A further reason of an offer raised elsewhere."""

    service: Id
    when: Condition
    subject: Whose = None
    raises: tuple[RaiseModel, ...] = Field(default=(), alias="raise")
    packs: tuple[Pack, ...] = ()
    fields_: tuple[Name, ...] = Field(default=(), alias="fields")


class AdviceModel(DefinitionModel):
    """Something to say or do at once."""

    advice: Id
    when: Condition
    say: Words
