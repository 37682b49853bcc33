"""Checklist, Section, Question, Choice, OfferRule: what a definition is once it has been read.

Plain frozen values, built by `definitions.compiled` (from JSON) and `definitions.yaml` (from files). The order of every
tuple is the order of the checklist. Conditions stand here as the text that was written; their parsed form is in
`Checklist.conditions`, keyed by that text, so that no laptop parses anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

from firstcontact.domain.answer import QuestionType, Text

Subject: TypeAlias = Literal["person", "home", "visitor"]
"""Asked of each person, once of the home, or of the visitor."""
Ask: TypeAlias = Literal["in-order", "at-start", "when-needed"]
Role: TypeAlias = Literal["main", "follow-up", "detail", "fact"]
"""A main question; a follow-up decides something (urgency, partner); a detail only carries what a partner needs;
a fact is about the person or home and makes no offers."""
RuleKind: TypeAlias = Literal["offer", "signpost", "adds-reason"]


class Urgency(StrEnum):
    """How soon harm is likely. Source: checklists/README.md, "Urgency"."""

    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"
    IMMEDIATE = "immediate"

    @property
    def rank(self) -> int:
        """0 for routine up to 3 for immediate."""
        return _RANK[self]


_RANK: Final = {urgency: rank for rank, urgency in enumerate(Urgency)}

FACTS: Final = frozenset(
    {
        "name",
        "preferred_name",
        "date_of_birth",
        "age_band",
        "address",
        "postcode",
        "usual_home",
        "phone",
        "ring",
        "message",
        "text_message",
        "post",
        "best_time",
        "communication",
        "language",
        "interpreter",
        "lives_with",
        "people",
        "tenure",
        "landlord",
        "family_owns",
        "gp_practice",
        "other_name",
        "other_relationship",
        "other_phone",
        "other_agreed",
        "long_term_condition",
        "access",
    }
)
"""What Question.fact may say. The rest of the house finds identity by fact, never by question id; in a condition
`${tenure}` is the answer of whichever question has the fact `tenure`."""

DERIVED: Final = frozenset({"age", "pension_age", "postcode_district"})
"""Names that the visit works out and hands to the Sheet: whole years on the day of the visit; 'yes', 'no' or blank for
State Pension age reached; the outward part of the postcode."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a question's own list."""

    token: str
    label: Text
    exclusive: bool = False
    """Choosing it clears the others ("none of these")."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Further columns of its row, for choice filters."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that came along with a checklist, for pulldata() and for choices kept in a file."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Each as wide as `columns`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question as it is asked."""

    id: str
    section_id: str
    """The section, or for a fact the group that it is part of."""
    subject: Subject
    type: QuestionType
    label: Text
    """The words to say."""
    role: Role = "main"
    short: Text | None = None
    """A few words for lists, and for what a partner is told; None: the words to say."""
    prompt: Text | None = None
    """A hint for the visitor, never read out."""
    choices: tuple[Choice, ...] = ()
    """A yes-no question has none here: its tokens are "yes" and "no". All of them; `Sheet.choices` filters."""
    follow_up_of: str | None = None
    """The main question's id; None for a main question and for a fact. It is relevant only while that one is."""
    ask: Ask = "in-order"
    relevant: str | None = None
    constraint: str | None = None
    constraint_message: Text | None = None
    required: str | None = None
    """A condition; "true()" for always."""
    fact: str | None = None
    """One of FACTS."""
    part_of: str | None = None
    """The group (X4) whose questions are asked together."""
    max_length: int | None = None
    safeguarding: bool = False
    """L1 and L2: kept apart, absent from ordinary screens, prints, lists and counts."""
    never_prefilled: bool = False
    private: bool = False
    """Ask only when alone with the person."""
    block: str | None = None
    """The innermost Block that it stands in."""
    read_only: bool = False
    """Shown and never answered: it keeps its default or its calculation."""
    default: str | None = None
    """An expression, worked out once: when the sheet is made, or when its instance of a repeat begins."""
    calculation: str | None = None
    """An expression that sets its value whenever something that it reads changes; with `trigger`, only then."""
    trigger: tuple[str, ...] = ()
    """Ids of questions: when the visitor changes one of them, the calculation is worked out once, and its value is the
    answer until the visitor gives another."""
    required_message: Text | None = None
    choice_list: str | None = None
    """The shared list that `choices` is (`Checklist.lists`)."""
    choice_filter: str | None = None
    """A condition over a choice's columns: those choices are offered for which it holds."""
    start: Decimal | None = None
    """Of a range: its lowest value."""
    end: Decimal | None = None
    """Of a range: its highest value."""
    step: Decimal | None = None
    """Of a range: what lies between two values that it may have."""
    evidence: str | None = None
    """Of a level: the id of the text question that must not be blank beside it."""
    appearance: str | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    """What a workbook said of it that is not understood here, by header; written back. `type`: its type there."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens of its own list, without the standing answers."""
        if self.type == "yes-no":
            return ("yes", "no")
        return tuple(choice.token for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Section:
    """Main questions, follow-ups and details under one heading, in the order in which they are asked."""

    id: str
    title: Text
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Facts asked together: X4 is phone, ring, message, text, post and best time."""

    id: str
    title: Text
    subject: Subject
    ask: Ask
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """What makes an offer more urgent than its rule says."""

    to: Urgency
    when: str
    because: Text | None = None
    """The words that travel with an urgent referral; None if no answer's label fits."""
    health: bool = False
    """The words tell something about health, so the health agreement covers them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """A signpost that takes the place of the offer while `when` holds (council tenants: landlord repairs)."""

    to: str
    when: str
    say: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRule:
    """An answer that calls for a service.

    Kinds: `offer`; `signpost`: a service without partner (medicines-review), recorded as signposted; `adds-reason`: its
    question becomes a further reason of an offer of that service raised elsewhere, and never raises one itself.
    """

    id: str
    """f"{question_id}:{service}"; a second rule of the same pair has "#2" at its end."""
    question_id: str
    service: str
    when: str
    kind: RuleKind = "offer"
    subject: Subject | None = None
    """Whose need it is; None: as its question is asked. Under a question of the home, `person` is each person on whose
    sheet `when` holds: what was asked once can call for something in one person's name."""
    urgency: Urgency = Urgency.ROUTINE
    raises: tuple[Raise, ...] = ()
    otherwise: str | None = None
    """The service offered instead when nobody serving this area may take the person for the first."""
    fields: tuple[str, ...] = ()
    """Ids of questions whose answers go to the partner with this reason."""
    packs: tuple[str, ...] = ()
    """Codes beyond the core pack: ADDR, DOB, BAND, TEN, HH, LIVES, GP, ALT, LTC, PHONE."""
    pack_when: Mapping[str, str] = field(default_factory=dict)
    """Pack code -> condition, for those of `packs` that go only sometimes (LTC); `Sheet.packs(rule_id)` applies it."""
    signposted: tuple[Instead, ...] = ()
    """The first that holds takes the place of the offer."""
    say: Text | None = None
    """Words of a signpost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something to say or do at once while `when` holds ("ring the bank now"); nothing is sent."""

    id: str
    question_id: str
    when: str
    say: Text


@dataclass(frozen=True, slots=True)
class Calculation:
    """A name worked out from answers, usable in every condition."""

    id: str
    value: str
    block: str | None = None
    """The innermost Block that it stands in; worked out once for each instance of a repeat."""
    relevant: str | None = None
    """While it does not hold the value is blank."""
    label: Text | None = None
    trigger: tuple[str, ...] = ()
    """As of a Question."""
    after: str | None = None
    """What stands before it in the document: the id of a question or calculation, of a block that it is the first
    thing in, or of the section that it opens. None: it has no place of its own."""
    kept: Mapping[str, str] = field(default_factory=dict)
    """As of a Question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Questions that share a relevance, or that are asked again and again (a repeat)."""

    id: str
    title: Text | None = None
    relevant: str | None = None
    parent: str | None = None
    """The block around it."""
    repeat: bool = False
    count: str | None = None
    """Of a repeat: how many instances, an expression; None: the visitor adds one more at a time."""
    kept: Mapping[str, str] = field(default_factory=dict)
    """As of a Question."""


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """One agreed list of questions and what their answers call for."""

    id: str
    version: str
    title: Text
    languages: tuple[str, ...]
    """The language that it was written in first, then its translations."""
    minimum_age: int | None = None
    """Told to the visitor, never a rule."""
    groups: tuple[Group, ...] = ()
    """Facts, in the file's order; those asked at the start stand in `at_start`."""
    at_start: tuple[str, ...] = ()
    """Group ids, in the order in which they are asked before the first section."""
    sections: tuple[Section, ...] = ()
    rules: tuple[OfferRule, ...] = ()
    advice: tuple[Advice, ...] = ()
    calculations: tuple[Calculation, ...] = ()
    conditions: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Text of a condition -> its parsed form (`condition.Ast`)."""
    blocks: tuple[Block, ...] = ()
    """In document order, each after the block around it."""
    lists: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    """Shared lists of choices; a Question with `choice_list` has this very tuple as its `choices`."""
    tables: Mapping[str, Table] = field(default_factory=dict, repr=False)
    kept: Mapping[str, str] = field(default_factory=dict)
    """Settings of a workbook that mean nothing here, by header; written back."""
    kept_sheets: Mapping[str, Table] = field(default_factory=dict, repr=False)
    """Sheets of a workbook that mean nothing here; written back."""
    order: tuple[str, ...] = field(default=(), repr=False)
    """Everything that is worked out, in an order in which each stands after what it needs (`dependencies.order`)."""
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """The dependency graph: of everything in `order` that reads something the names of that, in alphabetical order."""
    digest: str = ""
    """SHA-256 of the compiled form, hex: what partners sign. Empty before compiling."""

    @cached_property
    def by_id(self) -> Mapping[str, Question]:
        """Every question by its id."""
        return {question.id: question for question in self.questions}

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question: facts first, then the sections."""
        facts = tuple(question for group in self.groups for question in group.questions)
        return facts + tuple(question for section in self.sections for question in section.questions)

    @cached_property
    def by_block(self) -> Mapping[str, Block]:
        """Every block by its id."""
        return {block.id: block for block in self.blocks}

    @cached_property
    def main_questions(self) -> tuple[Question, ...]:
        """The main questions of the sections: no facts, follow-ups or details."""
        return tuple(question for question in self.questions if question.role == "main")

    @cached_property
    def by_fact(self) -> Mapping[str, Question]:
        """The question that asks for each fact."""
        return {question.fact: question for question in self.questions if question.fact}

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Question id -> its place in the checklist, to put reasons in the checklist's order."""
        return {question.id: index for index, question in enumerate(self.questions)}

    def question(self, question_id: str) -> Question:
        """The question of this id. Raises: KeyError."""
        return self.by_id[question_id]

    def rules_of(self, question_id: str) -> tuple[OfferRule, ...]:
        """The rules written under a question."""
        return tuple(rule for rule in self.rules if rule.question_id == question_id)
