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

from decimal import Decimal
from typing import Annotated, Any, Final, TypeAlias

from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)

from firstcontact.definitions.rule_models import AddsReasonModel, AdviceModel, OfferModel, SignpostModel
from firstcontact.definitions.scalars import (
    Condition,
    DefinitionModel,
    FactName,
    FileName,
    Flag,
    Id,
    KeptModel,
    Language,
    Name,
    Required,
    Scalar,
    Short,
    Token,
    Words,
)
from firstcontact.domain.answer import QuestionType
from firstcontact.domain.checklist import Subject

CHOOSING: Final = ("one-of", "any-of", "rank", "level")
"""The types that choose from a list."""


class ChoiceModel(DefinitionModel):
    """One answer of a question's own list."""

    choice: Token
    label: Words
    exclusive: Flag = False


class ListedChoiceModel(DefinitionModel):
    """One choice of a shared list; every further key is a column that filters may read."""

    model_config = ConfigDict(extra="allow")

    choice: Token
    label: Words | None = None
    """The choice itself when left out."""
    exclusive: Flag = False


class AskedModel(DefinitionModel):
    """What every question has: its id, its type, the words to say."""

    question: Name
    type: QuestionType
    say: Words
    short: Short | None = None
    """Two to six words for lists, and for what a partner is told: "how many falls"."""
    prompt: Words | None = None
    choices: tuple[ChoiceModel, ...] = ()
    list_: Name | None = Field(default=None, alias="list")
    """A shared list in place of `choices`."""
    filter: Condition | None = None
    """Over the columns of the list: the choices for which it holds are offered."""
    other: Flag = False
    """A further choice `other`, and a question `<id>_other` for what it is."""
    relevant: Condition | None = None
    constraint: Condition | None = None
    message: Words | None = None
    """Said when the constraint does not hold."""
    required: Required = None
    required_message: Words | None = None
    read_only: Flag = False
    default: Condition | None = None
    """An expression, worked out once; text stands in quotes: `default: "'cm'"`."""
    calculation: Condition | None = None
    """An expression that sets the answer, again whenever something that it reads changes."""
    trigger: tuple[Name, ...] = ()
    """Questions: the calculation sets the answer only when one of them is changed."""
    max_length: Annotated[int, Field(ge=1, le=4000)] | None = None
    start: Decimal | None = None
    end: Decimal | None = None
    step: Annotated[Decimal, Field(gt=0)] | None = None
    evidence: Name | None = None
    """Of a level: the text question that says why."""
    appearance: Scalar | None = None
    kept: dict[str, Scalar] = Field(default={})

    @model_validator(mode="after")
    def _consistent(self) -> AskedModel:
        needs_choices = self.type in CHOOSING
        if needs_choices and not self.choices and self.list_ is None:
            raise ValueError(f"a question of type {self.type} needs 'choices'")
        if self.choices and self.list_ is not None:
            raise ValueError("'choices' and 'list' exclude each other")
        if not needs_choices and (self.choices or self.list_ is not None):
            raise ValueError(f"a question of type {self.type} has no 'choices'")
        if self.filter is not None and not needs_choices:
            raise ValueError(f"a question of type {self.type} has no choices to filter")
        if self.other and self.type not in ("one-of", "any-of", "rank"):
            raise ValueError("'other' is a further choice, of a one-of, any-of or rank question")
        spaced = next((row.choice for row in self.choices if " " in row.choice), None)
        if self.type in ("any-of", "rank") and spaced is not None:
            raise ValueError(f"the choice '{spaced}' has a space, which parts the answers of an {self.type} question")
        if self.trigger and self.calculation is None:
            raise ValueError("'trigger' says when a 'calculation' is worked out, and there is none")
        if self.message and not self.constraint:
            raise ValueError("'message' is said when a 'constraint' does not hold, and there is none")
        self._limits()
        return self

    def _limits(self) -> None:
        limits = (self.start, self.end, self.step)
        if self.type == "range" and (self.start is None or self.end is None):
            raise ValueError("a question of type range needs 'start' and 'end'")
        if self.type != "range" and limits != (None, None, None):
            raise ValueError("'start', 'end' and 'step' belong to a question of type range")
        if (self.type == "level") is not (self.evidence is not None):
            raise ValueError("a level needs 'evidence': the text question that says why; nothing else has it")


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


class CalculationModel(DefinitionModel):
    """A name worked out from answers."""

    calculation: Name
    value: Condition
    relevant: Condition | None = None
    label: Words | None = None
    trigger: tuple[Name, ...] = ()
    kept: dict[str, Scalar] = Field(default={})


class BlockModel(DefinitionModel):
    """What a group and a repeat have."""

    title: Words | None = None
    relevant: Condition | None = None
    kept: dict[str, Scalar] = Field(default={})
    questions: tuple[Entry, ...] = ()


class QuestionGroupModel(BlockModel):
    """Questions that share a relevance."""

    group: Name


class RepeatModel(BlockModel):
    """Questions asked again and again, `count` times or until there is not another one."""

    repeat: Name
    count: Condition | None = None


def _kind_of_entry(value: Any) -> str:
    """The tag of an entry: no name that could also be a key, so that a place in a file is not mistaken for it."""
    if isinstance(value, dict):
        return next(
            (f"#{kind}" for kind in ("question", "group", "repeat", "calculation") if kind in value), "#question"
        )
    tags: dict[type, str] = {QuestionGroupModel: "#group", RepeatModel: "#repeat", CalculationModel: "#calculation"}
    return tags.get(type(value), "#question")


Entry: TypeAlias = Annotated[
    Annotated[QuestionModel, Tag("#question")]
    | Annotated[QuestionGroupModel, Tag("#group")]
    | Annotated[RepeatModel, Tag("#repeat")]
    | Annotated[CalculationModel, Tag("#calculation")],
    Discriminator(_kind_of_entry),
]
"""What a section and a block hold, told apart by their first key."""


class SectionModel(DefinitionModel):
    """Questions under one heading."""

    section: Id
    title: Words
    questions: tuple[Entry, ...] = Field(min_length=1)


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
    lists: dict[Name, tuple[ListedChoiceModel, ...]] = Field(default={})
    tables: dict[Name, FileName] = Field(default={})
    """Rows for pulldata(), as a .csv file beside this one."""
    kept: KeptModel = KeptModel()


for _recursive in (BlockModel, QuestionGroupModel, RepeatModel, SectionModel, ChecklistModel):
    _recursive.model_rebuild()
