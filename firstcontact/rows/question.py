"""The questions of a visit, and the people who are asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Given = str | tuple[str, ...]
"""An answer as a visitor gives it: "yes", a choice's token, typed text, or the tokens of an any-of or rank question."""


class Kind(StrEnum):
    """How a question is answered on the screen."""

    YES_NO = "yes-no"
    ONE_OF = "one-of"
    ANY_OF = "any-of"
    RANK = "rank"
    """All choices, the first of them first."""
    LEVEL = "level"
    """A judgement: one choice, never without the words that show it."""
    TEXT = "text"
    LONG_TEXT = "long-text"
    WHOLE_NUMBER = "whole-number"
    DECIMAL = "decimal"
    RANGE = "range"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date-time"
    PHONE = "phone"
    POSTCODE = "postcode"
    NOTE = "note"
    """Words to say or read; nothing is answered."""
    FILE = "file"
    """A picture, a recording, a place on a map: cannot be answered here, and is passed by."""
    STATEMENT = "statement"
    """Words of `consent.yaml` that are said and answered: C-START, C-SAFE, C-RECORD, C-LATER."""


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One choice of a question that can be chosen now."""

    token: str
    label: str
    exclusive: bool = False
    """Chosen alone: choosing it clears the others ("none of these")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question (or statement) as it is put to one subject now."""

    id: str
    kind: Kind
    say: str
    """The words to say, in the language of the visit."""
    prompt: str = ""
    """For the visitor alone; blank if there is none."""
    choices: tuple[ChoiceRow, ...] = ()
    answer: Given | None = None
    """The answer as kept; None while it was not asked. Dates and numbers as they are read ("14 March 1943")."""
    standing: str = ""
    """The token of a standing answer ("dont-know", ...); then `answer` is None."""
    answer_words: str = ""
    """The answer in words: "no", "smokes in bed or chair, home oxygen"."""
    note: str = ""
    standing_allowed: bool = True
    """False for statements and for what only the visitor answers: no u, p, h, s, x there."""
    asked: bool = True
    """False for what is shown and not answered: notes, files, and values that the checklist works out."""
    default: bool = False
    """`answer` stands there from the start, and nobody has said it yet: Enter keeps it."""
    required: bool = False
    bounds: str = ""
    """What may be typed, in words: "From 0 to 10, in steps of 0.5."; blank if nothing is said."""
    evidence: str = ""
    """Of a level: the id of the item of the same page whose words must be there first."""
    wrong: str = ""
    """Why the kept answer cannot stand any more, in words; blank if it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """A main question with the follow-ups that are relevant now, in order."""

    item: Item
    follow_ups: tuple[Item, ...] = ()
    section: str = ""
    """The section's letter; blank for the facts at the start."""
    section_title: str = ""
    number: int = 0
    """Place of the main question in its section, from 1."""
    of: int = 0
    """How many main questions the section has for this person now."""
    groups: tuple[str, ...] = ()
    """Titles of the groups around the question, the outermost first."""
    instance: str = ""
    """Which one is asked about, where something is asked again and again: "Child 2"."""
    part: str = ""
    """The id of the PartRow, the innermost, that it stands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One section in the progress line and in the parts list, or one group or instance below it."""

    id: str
    letter: str
    """The section's letter or word; blank for a group."""
    title: str
    asked: int
    of: int
    first_id: str
    """Where `g` and Enter go: its first question still to ask, else its first question."""
    depth: int = 0
    """0 for a section, 1 for what stands in it, 2 for what stands in that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """One question in "find a question"."""

    id: str
    section: str
    say: str
    answer_words: str = ""
    where: str = ""
    """The group or instance that it stands in: "Child 2"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person of the household."""

    id: str
    name: str
    """The name they like; "Person 1" while none is known."""
    age: str = ""
    in_room: bool = True
    to_ask: int = 0
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One labelled line of data: on the household page, and the exact data of an agreement."""

    label: str
    value: str
    ask: str = ""
    """The id of the question that is still open ("! not asked"); blank if nothing is."""
    item: str = ""
    """The id of the question that this line comes from, so that it can be changed; blank if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdPage:
    """The home, who lives there, who is in the room, and how to reach the person being asked."""

    title: str
    """The home in a few words: "Kiln Cottage"; blank while it is not known."""
    home: tuple[Line, ...]
    home_to_ask: int
    people: tuple[PersonRow, ...]
    reaching: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The bottom of the question screen, and its left column when wide."""

    name: str
    """The current person's preferred name; blank while it is not known."""
    parts: tuple[PartRow, ...]
    to_ask: int
    offers: int
    just_now: str = ""
    """The last act in words, with the question's id: "A4, any room too full: no"; blank after a change of person."""
    just_now_list: tuple[tuple[str, str, str], ...] = ()
    """(question id, its words, short, answer in words) of the last few answers of this person, newest last."""
