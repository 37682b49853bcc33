"""The buttons of the desk as a table of short forms: what each asks, what it checks, and what it says when saved.

Pure: a form's fields as text go in, a checked `Given` or the list of what is to put right comes out. What a button
means to the visitor (work, business status, words) stands in `sync.base.work`.
Source: sync/README.md, "Answers".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal

from sync.base.references import parse_reference
from sync.base.safe_text import safe_text
from sync.base.work import ANSWERS, RETURN_REASONS, Button
from sync.desk.words import read_day

Kind = Literal["past-date", "coming-date", "choice", "text", "reference", "pounds"]
EXTRA: Final[tuple[str, ...]] = ("until", "what", "which", "of", "weekly_gain_pounds")
"""What an answer may carry beside its outcome and dates."""
_POUNDS: Final = re.compile(r"[0-9]{1,5}(\.[0-9]{0,2})?")
MOST_LETTERS: Final = 200
"""The longest text that an answer carries: a sentence or two, never a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that a form asks."""

    name: str
    kind: Kind
    label: str
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """Token and words of each choice, for kind `choice`."""
    required: bool = True
    only_when: str | None = None
    """The choice of the field `outcome` that this one belongs to; otherwise it is left alone."""
    only_for: frozenset[str] = frozenset()
    """Service ids that this is asked for; empty is all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One button: its words on the referral, and the short page behind it."""

    button: Button
    label: str
    """The words on the button; they say the next step."""
    title: str
    lead: str
    """What Save does, in a sentence or two."""
    fields: tuple[Field, ...] = ()
    save: str = "Save"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to put right, beside its field and in the summary."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Given:
    """A checked answer: exactly what the status will carry, and the desk's own number, which stays here."""

    button: Button
    outcome: str | None = None
    dates: tuple[date, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    """`until`, `what`, `which`, `of` or `weekly_gain_pounds`, as far as the outcome has one."""
    own_number: str = ""

    def to_json(self) -> dict[str, Any]:
        """The answer as kept in the inbox: ISO dates, no blanks."""
        kept: dict[str, Any] = {"button": self.button.value}
        if self.outcome:
            kept["outcome"] = self.outcome
        if self.dates:
            kept["dates"] = [day.isoformat() for day in self.dates]
        if self.extra:
            kept["extra"] = dict(self.extra)
        return kept


OUTCOME_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "helped": "Helped",
        "partly-helped": "Helped with part of it",
        "signposted": "Told them where else to ask",
        "out-of-area": "Not in our area",
        "age": "Not the age we work with",
        "tenure": "Not the kind of home we work with",
        "not-eligible": "Not someone we can help, for another reason",
        "already-our-client": "We are helping them already",
        "no-capacity": "We have no room until a later date",
        "not-enough-information": "We need to know more",
        "wrong-service": "Another service would be right",
        "duplicate": "We have the same referral twice",
        "moved-away": "They have moved away",
        "person-declined": "Changed their mind",
        "deceased": "Has died",
        "withdrawn": "Stopped",
    }
)

OWN_NUMBER: Final = Field(
    name="own_number",
    kind="text",
    label="Your own case number",
    hint="If you have one. It stays at your desk and is never sent.",
    required=False,
)
_HELPED = Field(
    name="outcome",
    kind="choice",
    label="How did it end?",
    choices=tuple((token, OUTCOME_WORDS[token]) for token in ANSWERS[Button.HELPED].outcomes),
)
_GAIN = Field(
    name="weekly_gain_pounds",
    kind="pounds",
    label="How much better off each week, in pounds?",
    hint="Only if they agree that we know.",
    required=False,
    only_for=frozenset({"benefit-check", "benefit-home-visit"}),
)
_REASON = Field(
    name="outcome",
    kind="choice",
    label="Why are you sending it back?",
    choices=tuple((token, OUTCOME_WORDS[token]) for token in RETURN_REASONS),
)
_EXTRAS = (
    Field(name="until", kind="coming-date", label="No room until which day?", only_when="no-capacity"),
    Field(
        name="what",
        kind="text",
        label="What do you need to know?",
        hint="Ask for the thing, for example: which floor. Do not write about the person.",
        only_when="not-enough-information",
    ),
    Field(name="which", kind="text", label="Which service would be right?", only_when="wrong-service"),
    Field(
        name="of",
        kind="reference",
        label="Which other reference is it the same as?",
        hint="For example 7K3M-9Q2T-X4VB-1.",
        only_when="duplicate",
    ),
)

FORMS: Final[Mapping[Button, Form]] = MappingProxyType(
    {
        form.button: form
        for form in (
            Form(
                button=Button.ACCEPT,
                label="Accepted: we will ring",
                title="Accepted: we will ring",
                lead="This says that you will get in touch. The visitor reads “Accepted”.",
                save="Save: accepted",
            ),
            Form(
                button=Button.CONTACTED,
                label="Been in touch…",
                title="You have been in touch",
                lead="The visitor reads “They have been in touch”.",
                fields=(Field(name="date", kind="past-date", label="Which day did you speak to them?"),),
                save="Save: been in touch",
            ),
            Form(
                button=Button.COULD_NOT_REACH,
                label="Could not reach…",
                title="You could not reach them",
                lead="Please try on two different days first. The visitor is asked for a better time or number.",
                fields=(
                    Field(name="date", kind="past-date", label="First day you tried"),
                    Field(name="second_date", kind="past-date", label="Second day you tried"),
                ),
                save="Save: could not reach",
            ),
            Form(
                button=Button.HELPED,
                label="Helped…",
                title="It is done",
                lead="This closes the referral. The visitor reads “Helped”.",
                fields=(_HELPED, _GAIN),
                save="Save: done",
            ),
            Form(
                button=Button.PERSON_DECLINED,
                label="Said no…",
                title="They changed their mind",
                lead="This closes the referral. The visitor reads “Changed their mind”. Nobody will ask them why.",
                save="Save: changed their mind",
            ),
            Form(
                button=Button.SEND_BACK,
                label="Send back, because…",
                title="Send it back",
                lead="Somebody will look for a next step. The person does not have to start again.",
                fields=(_REASON, *_EXTRAS),
                save="Save: send it back",
            ),
            Form(
                button=Button.DECEASED,
                label="Has died…",
                title="They have died",
                lead="This stops every call and letter to this person from everybody. Please be sure: ask a second "
                "person, or look at the note once more.",
                save="Save: has died",
            ),
            Form(
                button=Button.CONFIRM_WITHDRAWAL,
                label="Stopped: we will not get in touch…",
                title="Confirm that you have stopped",
                lead="They asked to stop. Saving this says that you will not ring, write or call.",
                save="Save: we have stopped",
            ),
        )
    }
)


def fields_for(form: Form, services: frozenset[str]) -> tuple[Field, ...]:
    """The fields that a form asks about a referral for these services, the desk's own number last."""
    asked = tuple(one for one in form.fields if not one.only_for or one.only_for & services)
    return (*asked, OWN_NUMBER)


def check_answer(
    form: Form, typed: Mapping[str, str], *, today: date, earliest: date, services: frozenset[str] = frozenset()
) -> Given | tuple[Problem, ...]:
    """What was typed as a checked answer, or everything that is to be put right, in the order of the form.

    `earliest` is the day of the referral: nobody can have been rung about it before.
    """
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    outcome = typed.get("outcome", "").strip()
    for one in fields_for(form, services):
        if one.only_when is not None and one.only_when != outcome:
            continue
        text = typed.get(one.name, "").strip()
        if not text:
            if one.required:
                problems.append(Problem(one.name, _ask_for(one)))
            continue
        value = _read(one, text, today=today, earliest=earliest)
        if isinstance(value, Problem):
            problems.append(value)
        else:
            values[one.name] = value
    dates = tuple(values[name] for name in ("date", "second_date") if name in values)
    if len(dates) == 2 and dates[0] == dates[1]:
        problems.append(Problem("second_date", "Choose two different days. One try is not counted as two."))
    if problems:
        return tuple(problems)
    outcomes = ANSWERS[form.button].outcomes
    if "outcome" not in values and len(outcomes) == 1:
        values["outcome"] = outcomes[0]
    extra: dict[str, str] = {name: str(values[name]) for name in EXTRA if name in values}
    own_number = values.get("own_number", "")
    return Given(form.button, values.get("outcome"), tuple(sorted(dates)), extra, own_number)


def _ask_for(one: Field) -> str:
    """The words for a field that was left blank."""
    match one.kind:
        case "past-date" | "coming-date":
            return f"{one.label} Choose the day." if one.label.endswith("?") else f"{one.label}: choose the day."
        case "choice":
            return "Choose one."
        case _:
            return f"{one.label} Please fill this in."


def _read(one: Field, text: str, *, today: date, earliest: date) -> date | str | Problem:
    """One field's text as its value, or what is wrong with it."""
    match one.kind:
        case "past-date" | "coming-date":
            return _read_date(one, text, today=today, earliest=earliest)
        case "choice":
            return text if text in dict(one.choices) else Problem(one.name, "Choose one of the list.")
        case "reference":
            try:
                return parse_reference(text)
            except ValueError as wrong:
                return Problem(one.name, f"Look at the reference again: {wrong}.")
        case "pounds":
            plain = text.replace("£", "").replace(",", "").strip()
            if _POUNDS.fullmatch(plain):
                return plain.rstrip(".")
            return Problem(one.name, "Write pounds in figures, for example 42.50.")
        case "text":
            words = safe_text(" ".join(text.split()))
            if len(words) > MOST_LETTERS:
                return Problem(one.name, f"Use at most {MOST_LETTERS} letters. This has {len(words)}.")
            return words


def _read_date(one: Field, text: str, *, today: date, earliest: date) -> date | Problem:
    """A date that has been (not before the referral, not tomorrow) or that is to come (within two years)."""
    try:
        day = read_day(text)
    except ValueError:
        return Problem(one.name, "Write the day like this: 27 January 2026.")
    if one.kind == "coming-date":
        if day <= today:
            return Problem(one.name, "This day has been. Choose a day to come.")
        if day > today + timedelta(days=731):
            return Problem(one.name, "This day is more than two years away. Look at the year.")
        return day
    if day > today:
        return Problem(one.name, "This day is still to come. Choose a day that has been.")
    if day < earliest:
        return Problem(one.name, "This day is before the referral was made. Look at the month and the year.")
    return day
