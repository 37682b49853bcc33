"""What a screen shows, as plain values: the rows and pages that `workflow` fills in and `tui` paints.

Nothing here is imported but the standard library, so that the first screen costs nothing. Text in these values is
*outside text* until it is painted (names, wordings, replies of partners): the screens paint it without markup and
through one filter. Words of the program itself ("saved", "not asked") are said by the screens, never by these values,
unless a field says "in words".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Given = str | tuple[str, ...]
"""An answer as a visitor gives it: "yes", a choice's token, typed text, or the tokens of an any-of question."""


class Kind(StrEnum):
    """How a question is answered on the screen."""

    YES_NO = "yes-no"
    ONE_OF = "one-of"
    ANY_OF = "any-of"
    TEXT = "text"
    WHOLE_NUMBER = "whole-number"
    DECIMAL = "decimal"
    DATE = "date"
    PHONE = "phone"
    POSTCODE = "postcode"
    NOTE = "note"
    STATEMENT = "statement"
    """Words of `consent.yaml` that are said and answered: C-START, C-SAFE, C-RECORD, C-LATER."""


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


# Today ---------------------------------------------------------------------------------------------------------------


class VisitState(StrEnum):
    """Where a visit stands, for the list on Today."""

    PREPARED = "prepared"
    HALF_DONE = "half-done"
    LEAVING = "leaving"
    """Finished, and still in the two minutes in which it can be taken back."""
    FINISHED = "finished"
    STOPPED = "stopped"
    """The person wanted to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """One visit on Today; the screen shows initials and district until names are asked for."""

    id: str
    when: str
    """In words: "10:00", "Friday", "Thu 15 January"."""
    initials: str
    name: str
    district: str
    """The postcode district, "AY4"; blank if it is not known."""
    state: VisitState
    part: str = ""
    """The section's letter where a half-done visit stopped."""
    stopped: str = ""
    """When it stopped, in words: "14:20"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRow:
    """Something that nobody but the visitor can do."""

    reference: str
    initials: str
    name: str
    words: str
    """In words, no partner's name: "One partner tried twice and could not reach her.\""""


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayPage:
    """What Today says; `today()` reads it from the register alone."""

    on: str
    """The day in words: "Monday 2 February 2026"."""
    visits: tuple[VisitRow, ...]
    needs: tuple[NeedRow, ...] = ()
    came: tuple[str, ...] = ()
    """What came of earlier visits, at most two sentences in words, no names."""
    news: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalState:
    """What the top right says about the connection."""

    connected: bool
    waiting: int
    """Referrals that are ready and wait for signal."""
    words: str = ""
    """Why nothing is sent though there is a connection, one plain sentence; blank if all is well."""
    changed: bool = False
    """Something arrived (a receipt, a reply): lists are read again."""


# My referrals --------------------------------------------------------------------------------------------------------


class Group(StrEnum):
    """The three lists of My referrals."""

    NEEDS_YOU = "needs-you"
    ON_THE_WAY = "on-the-way"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRow:
    """One referral in four columns: who, what, what happened, who acts next."""

    reference: str
    """As shown: "7K3M-9Q2T-X4VB-1"; blank while it has none."""
    visit_id: str
    initials: str
    name: str
    what: str
    """The service, short, in words: "Falls check"."""
    partner: str
    """The partner's name: shown only while names are shown."""
    happened: str
    """In words: "With them. Late 2 working days"."""
    next: str
    """Who acts next and how, in words: "they: reminded", "this laptop", "nobody"."""
    group: Group
    history: tuple[str, ...] = ()
    """What happened, oldest first, in words: "15 Jan  agreed, sent 11:07"."""


# The visit -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One choice of a one-of or any-of question."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One section in the progress line and in the parts list."""

    letter: str
    title: str
    asked: int
    of: int
    first_id: str
    """Where `g` and Enter go: its first question still to ask, else its first question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """One question in "find a question"."""

    id: str
    section: str
    say: str
    answer_words: str = ""


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


class Wish(StrEnum):
    """A person's answer to one offer; more come with later versions."""

    NOT_ASKED = ""
    YES = "yes"
    NO = "no"
    NOT_TODAY = "not-today"
    HOLD = "hold"
    HAS_HELP = "has-help"
    RANG = "rang"
    ADVISED = "advised"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """One offer to put before a person: one partner, one subject, one or more services."""

    key: str
    """Names the offer for as long as the visit is open."""
    service: str
    """Short, in words: "Fire visit"."""
    partner: str
    wish: Wish = Wish.NOT_ASKED
    open_questions: int = 0
    """Facts that a yes still needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRow:
    """A need where nothing can be put before the person, and why, in words ("falls check covers it")."""

    service: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPage:
    """One offer as it is put: the words, the exact data (the same code as what is sent), and the answer so far."""

    key: str
    number: int
    of: int
    partner: str
    service: str
    say: str
    lines: tuple[Line, ...]
    wish: Wish = Wish.NOT_ASKED
    decided_by: str = ""
    """The name of who decides: the person the offer is for, or the adult who speaks for the home."""
    closed_until: str = ""
    """When the list opens again, in words; blank if it is open."""
    urgent: str = ""
    """What makes it urgent, in words; blank if it is not."""
    ring: str = ""
    """The partner's number for professionals."""
    electronic: bool = True
    """False for a partner that only takes telephone calls: a yes is followed by `k`."""
    health_say: str = ""
    """C-HEALTH, filled; blank if the data holds no health fact."""
    health: bool | None = None
    feedback_say: str = ""
    """C-FEEDBACK; blank where the partner never reports back."""
    feedback: bool | None = None
    charge_say: str = ""
    """C-CHARGE, filled: said before a yes; blank if it costs nothing."""
    needs: tuple[str, ...] = ()
    """Ids of facts that a yes needs and that nobody has asked yet, in order."""
    read_back: str = ""
    """What was recorded, in words to read back; blank while nothing is."""
    other_people: tuple[tuple[str, str], ...] = ()
    """(person id, name) of others in the home who can decide for themselves; more than one only for the home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    """One line of the review: what is passed on, and by when they ring."""

    key: str
    partner: str
    what: str
    by: str
    """In words: "Thu 29 January", "They will write"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPassed:
    """One line of the review: what is not passed on, and the end in words."""

    key: str
    partner: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StillToAsk:
    """Something open before going: a question, a statement, or an offer nobody answered."""

    say: str
    item_id: str = ""
    offer_key: str = ""
    careful: bool = False
    """True for contact safety: it travels as "not asked, take care"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentRow:
    """A referral that leaves at once when the part is finished."""

    partner: str
    what: str
    because: str
    ring: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """Before you go: what was agreed, in the checklist's order; nothing of the visitor's part is in it."""

    say: str
    passed: tuple[PassOn, ...]
    not_passed: tuple[NotPassed, ...]
    still: tuple[StillToAsk, ...]
    say_last: str
    """C-WITHDRAW, filled."""
    urgent: tuple[UrgentRow, ...] = ()
    finished: bool = False
    leaves_at: datetime | None = None
    """Until when a finished part can be taken back; None if it is not finished or has left."""


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
