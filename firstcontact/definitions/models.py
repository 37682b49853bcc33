"""What may stand in checklist.yaml and in its translations: one pydantic model per mapping, key by key.

Scalars are read as text and typed here, so `yes`, `no` and `on` need no quotes. A worked example, in full:

```yaml
# yaml-language-server: $schema=../schema/checklist.schema.json
checklist: older-person-first-contact
version: "2026.1"
language: en
title: Older person, First Contact
minimum_age: 60                       # told to the visitor, never a rule
questions_at_start: [X5, X6, X1, X3]  # groups of `facts`, asked before section A in this order; the others when needed
facts:                                # about the person or the home: they make no offers
  - about: X4                         # a group: its questions are asked together (part_of: X4 in the program)
    title: Telephone and post
    subject: person                   # of every question of the group
    questions:
      - {question: X4, fact: phone, type: phone, say: What is your telephone number?}
      - question: X4a                 # an id of your choice; the program knows it by its fact
        fact: ring
        type: yes-no
        say: Is it safe to ring you?
        relevant: ${X4} != ''
sections:
  - section: A
    title: Fire safety
    questions:
      - question: A2
        subject: home                 # person (when left out), home or visitor
        type: yes-no
        say: Does anyone smoke indoors, or do you use candles or an open fire?
        short: smoke, candles, fire   # a few words, for lists and for what a partner is told
        prompt: Notice burn marks on carpet, chair or bedding. Do not lecture.
        follow_ups:                   # decide something: urgency, partner; relevant only while A2 is
          - question: A2a
            type: any-of
            say: Which of these?
            relevant: ${A2} = 'yes'
            choices:
              - {choice: oxygen, label: home oxygen}
              - {choice: none, label: none of these, exclusive: yes}
          - {question: A2b, subject: person, type: yes-no, say: Is it you who smokes?, relevant: "${A2} = 'yes'"}
        offers:
          - service: fire-visit
            when: ${A2} = 'yes'
            urgency: routine          # routine (when left out), soon, urgent, immediate
            raise:                    # the highest that holds counts; the first of equals gives `because`
              - {to: urgent, when: "selected(${A2a}, 'oxygen')", because: home oxygen where people smoke, health: yes}
            packs: [ADDR, TEN, HH]
            fields: [A2a]             # answers that go with this reason
      - question: B1
        type: yes-no
        say: Have you had a fall in the last 12 months?
        offers:
          - service: falls-assess
            when: ${B1} = 'yes'
            packs: [ADDR, DOB, {pack: LTC, when: "${age} < 65"}]   # a pack that goes only sometimes
        advice:                       # to say or do at once; nothing is sent
          - {advice: B1-gp, when: "selected(${B1b}, 'blacked-out')", say: Please see your GP as well.}
      - question: B2
        type: yes-no
        say: Do you feel unsteady on your feet, or worry about falling?
        offers:
          - {service: strength-balance, when: "${B2} = 'yes' and not(${B1} = 'yes')", packs: [DOB, ADDR]}
        adds_reason:                  # a further reason of an offer raised elsewhere; never raises one itself
          - {service: falls-assess, when: "${B2} = 'yes' and ${B1} = 'yes'"}
      - question: C1
        subject: home
        type: yes-no
        say: Are there small jobs you cannot manage?
        details:                      # carry what the partner needs, decide nothing
          - {question: C1a, type: text, max_length: 60, say: What is the job?, relevant: "${C1} = 'yes'"}
        offers:
          - service: small-jobs
            when: ${C1} = 'yes'
            signposted:               # takes the place of the offer while it holds
              - {to: landlord, when: "${tenure} = 'council'", say: Your landlord does these repairs.}
            fields: [C1a]
      - question: D1
        subject: home
        type: yes-no
        say: Is your home hard to keep warm?
        offers:
          - {service: heating-insulation, when: "${D1} = 'yes'", otherwise: energy-advice}   # if not eligible
      - question: G5
        type: yes-no
        say: Do you have trouble managing your medicines?
        signposts:                    # a service without a partner
          - {service: medicines-review, when: "${G5} = 'yes'", say: Your pharmacist can go through them with you.}
      - question: L1
        type: yes-no
        private: yes                  # only when alone with the person
        safeguarding: yes             # kept apart; no offers, no packs; opens the safeguarding decision
        never_prefilled: yes
        say: Is anyone hurting you or frightening you?
calculations:
  - {calculation: alone, value: "if(${people} = 1, 'yes', 'no')"}
```

Translations stand beside it, one file per language (cy.yaml), by the same ids:

```yaml
language: cy
title: Person hŷn, Cyswllt Cyntaf
facts: {X4: Ffôn a phost}             # titles of groups
sections: {A: Diogelwch tân}
questions:
  A2a: {say: Pa rai o'r rhain?, choices: {oxygen: ocsigen gartref, none: dim un o'r rhain}}
advice: {B1-gp: Ewch i weld eich meddyg hefyd.}
because: {home oxygen where people smoke: ocsigen gartref lle mae pobl yn ysmygu}   # by the words of the checklist
signposts: {medicines-review: Gall eich fferyllydd eu trafod gyda chi., landlord: Eich landlord sy'n gwneud hyn.}
```
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

from firstcontact.domain.answer import QuestionType
from firstcontact.domain.checklist import FACTS, Subject, Urgency

Flag = Annotated[bool, WithJsonSchema({"enum": ["yes", "no", True, False]})]
"""yes or no, without quotes. Editors read YAML 1.2, where `yes` is a word: the schema lists both."""
_SCALAR = {"type": ["string", "number", "boolean"]}
Id = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*$", max_length=60),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*$"}),
]
"""A letter, then letters, digits, _ and single hyphens."""
Token = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+.-]*( [A-Za-z0-9_+.-]+)*$", max_length=60),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
"""A choice as it is stored and compared. Single spaces only where one of a list is chosen: `2 or more`."""
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000), WithJsonSchema(_SCALAR)]
"""What people read: plain text, no markup."""
Short = Annotated[str, StringConstraints(min_length=1, max_length=60), WithJsonSchema(_SCALAR)]
"""A name for something, to stand in a list or in the middle of a sentence."""
Condition = Annotated[str, StringConstraints(min_length=1, max_length=20_000), WithJsonSchema(_SCALAR)]
"""A condition in the language of XLSForm."""


def _required(value: Any) -> Any:
    return {"yes": "true()", "no": None}.get(value, value) if isinstance(value, str) else value


Required = Annotated[Condition | None, BeforeValidator(_required, json_schema_input_type=str | bool | None)]
"""yes, no, or a condition."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
FactName = Annotated[str, StringConstraints(max_length=40), WithJsonSchema({"type": "string", "enum": sorted(FACTS)})]
PackCode = Literal["ADDR", "DOB", "BAND", "TEN", "HH", "LIVES", "GP", "ALT", "LTC", "PHONE"]


class DefinitionModel(BaseModel):
    """A mapping in a definition file: an unknown key is an error, and every scalar arrives as text."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, use_enum_values=False)


class ChoiceModel(DefinitionModel):
    """One answer of a question's own list."""

    choice: Token
    label: Words
    exclusive: Flag = False


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


class OfferModel(DefinitionModel):
    """An answer that calls for a service."""

    service: Id
    when: Condition
    urgency: Urgency = Urgency.ROUTINE
    raises: tuple[RaiseModel, ...] = Field(default=(), alias="raise")
    otherwise: Id | None = None
    packs: tuple[Pack, ...] = ()
    fields_: tuple[Id, ...] = Field(default=(), alias="fields")
    signposted: tuple[InsteadModel, ...] = ()


class SignpostModel(DefinitionModel):
    """A service without a partner."""

    service: Id
    when: Condition
    say: Words | None = None


class AddsReasonModel(DefinitionModel):
    """A further reason of an offer raised elsewhere."""

    service: Id
    when: Condition
    raises: tuple[RaiseModel, ...] = Field(default=(), alias="raise")
    packs: tuple[Pack, ...] = ()
    fields_: tuple[Id, ...] = Field(default=(), alias="fields")


class AdviceModel(DefinitionModel):
    """Something to say or do at once."""

    advice: Id
    when: Condition
    say: Words


class AskedModel(DefinitionModel):
    """What every question has: its id, its type, the words to say."""

    question: Id
    type: QuestionType
    say: Words
    short: Short | None = None
    """Two to six words for lists, and for what a partner is told: "how many falls"."""
    prompt: Words | None = None
    choices: tuple[ChoiceModel, ...] = ()
    relevant: Condition | None = None
    constraint: Condition | None = None
    message: Words | None = None
    """Said when the constraint does not hold."""
    required: Required = None
    max_length: Annotated[int, Field(ge=1, le=4000)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> AskedModel:
        needs_choices = self.type in ("one-of", "any-of")
        if needs_choices and not self.choices:
            raise ValueError(f"a question of type {self.type} needs 'choices'")
        if self.choices and not needs_choices:
            raise ValueError(f"a question of type {self.type} has no 'choices'")
        spaced = next((row.choice for row in self.choices if " " in row.choice), None)
        if self.type == "any-of" and spaced is not None:
            raise ValueError(f"the choice '{spaced}' has a space, which parts the answers of an any-of question")
        if self.message and not self.constraint:
            raise ValueError("'message' is said when a 'constraint' does not hold, and there is none")
        return self


class FactModel(AskedModel):
    """A question about the person or the home that makes no offers."""

    fact: FactName | None = None


class FollowUpModel(AskedModel):
    """A follow-up or a detail; the subject is its main question's when left out."""

    subject: Subject | None = None
    private: Flag | None = None


class QuestionModel(AskedModel):
    """A main question with everything that hangs on it."""

    subject: Subject = "person"
    safeguarding: Flag = False
    never_prefilled: Flag = False
    private: Flag = False
    follow_ups: tuple[FollowUpModel, ...] = ()
    details: tuple[FollowUpModel, ...] = ()
    offers: tuple[OfferModel, ...] = ()
    adds_reason: tuple[AddsReasonModel, ...] = ()
    signposts: tuple[SignpostModel, ...] = ()
    advice: tuple[AdviceModel, ...] = ()


class GroupModel(DefinitionModel):
    """Facts asked together."""

    about: Id
    title: Words
    subject: Subject = "person"
    questions: tuple[FactModel, ...] = Field(min_length=1)


class SectionModel(DefinitionModel):
    """Questions under one heading."""

    section: Id
    title: Words
    questions: tuple[QuestionModel, ...] = Field(min_length=1)


class CalculationModel(DefinitionModel):
    """A name worked out from answers."""

    calculation: Id
    value: Condition


class ChecklistModel(DefinitionModel):
    """checklist.yaml"""

    checklist: Id
    version: Annotated[
        str, StringConstraints(min_length=1, max_length=40), WithJsonSchema({"type": ["string", "number"]})
    ]
    language: Language = "en"
    title: Words
    minimum_age: Annotated[int, Field(ge=0, le=120)] | None = None
    questions_at_start: tuple[Id, ...] = ()
    facts: tuple[GroupModel, ...] = ()
    sections: tuple[SectionModel, ...] = Field(min_length=1)
    calculations: tuple[CalculationModel, ...] = ()


class QuestionWords(DefinitionModel):
    """The words of one question in another language."""

    say: Words | None = None
    short: Short | None = None
    prompt: Words | None = None
    message: Words | None = None
    choices: dict[Token, Words] = {}


class TranslationModel(DefinitionModel):
    """A language file beside checklist.yaml, such as cy.yaml."""

    language: Language
    title: Words | None = None
    facts: dict[Id, Words] = {}
    sections: dict[Id, Words] = {}
    questions: dict[Id, QuestionWords] = {}
    advice: dict[Id, Words] = {}
    because: dict[str, Words] = {}
    """By the words that the checklist uses, as in gettext."""
    signposts: dict[Id, Words] = {}
    """By service, or by what `signposted` names in `to`."""


def schema_of(model: type[DefinitionModel], title: str) -> dict[str, Any]:
    """The JSON Schema that editors complete and check a file of this model with."""
    schema = model.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
