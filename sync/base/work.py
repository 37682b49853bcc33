"""What a partner's desk can answer, and what each answer means to everybody else.

One table: a button at the desk gives a FHIR Task status, a business status and an outcome, and the words that the
visitor reads. Delivery (has the partner got it?) is another table, in `sync.delivery`.
Source: sync/README.md, "Answers"; HL7 FHIR R4, Task.status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Work(StrEnum):
    """Where the partner is with a referral: FHIR Task.status, the values we use."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing more is expected of the partner."""
        return self in {Work.COMPLETED, Work.CANCELLED, Work.REJECTED, Work.FAILED}


class Button(StrEnum):
    """One thing that a person at a desk can say about a referral; `ARRIVED` and `OPENED` happen by themselves."""

    ARRIVED = "arrived"
    OPENED = "opened"
    ACCEPT = "accept"
    CONTACTED = "contacted"
    COULD_NOT_REACH = "could-not-reach"
    HELPED = "helped"
    PERSON_DECLINED = "person-declined"
    SEND_BACK = "send-back"
    DECEASED = "deceased"
    CONFIRM_WITHDRAWAL = "confirm-withdrawal"


@dataclass(frozen=True, slots=True)
class Answer:
    """What pressing one button says."""

    work: Work
    business_status: str
    outcomes: tuple[str, ...] = ()
    """The outcomes to choose from; one is required when there are any."""
    dates: int = 0
    """How many dates the answer must carry (two tries on different days for could-not-reach)."""
    reads: str = ""
    """What the visitor reads; `{reason}` and `{name}` are filled in."""
    work_after_acceptance: Work | None = None
    """The Task status instead of `work` when the partner had accepted before."""


HELPED_OUTCOMES: Final = ("helped", "partly-helped", "signposted")
RETURN_REASONS: Final[Mapping[str, str | None]] = MappingProxyType(
    {
        "out-of-area": None,
        "age": None,
        "tenure": None,
        "not-eligible": None,
        "already-our-client": None,
        "no-capacity": "until",
        "not-enough-information": "what",
        "wrong-service": "which",
        "duplicate": "of",
        "moved-away": None,
    }
)
"""Reasons for sending a referral back, each with the one extra that it needs, if any."""

ANSWERS: Final[Mapping[Button, Answer]] = MappingProxyType(
    {
        Button.ARRIVED: Answer(Work.REQUESTED, "received", reads="With them"),
        Button.OPENED: Answer(Work.REQUESTED, "read", reads="With them"),
        Button.ACCEPT: Answer(Work.ACCEPTED, "accepted", reads="Accepted"),
        Button.CONTACTED: Answer(Work.IN_PROGRESS, "contacted", dates=1, reads="They have been in touch"),
        Button.COULD_NOT_REACH: Answer(
            Work.ON_HOLD, "could-not-reach", dates=2, reads="Could not reach: can you help?"
        ),
        Button.HELPED: Answer(Work.COMPLETED, "helped", outcomes=HELPED_OUTCOMES, reads="Helped"),
        Button.PERSON_DECLINED: Answer(
            Work.CANCELLED, "person-declined", outcomes=("person-declined",), reads="Changed their mind"
        ),
        Button.SEND_BACK: Answer(
            Work.REJECTED,
            "returned",
            outcomes=tuple(RETURN_REASONS),
            reads="Sent back: {reason}",
            work_after_acceptance=Work.FAILED,
        ),
        Button.DECEASED: Answer(Work.CANCELLED, "deceased", outcomes=("deceased",), reads="{name} has died"),
        Button.CONFIRM_WITHDRAWAL: Answer(
            Work.CANCELLED, "withdrawn", outcomes=("withdrawn",), reads="Stopped, confirmed"
        ),
    }
)

_OPEN: Final = frozenset({Work.REQUESTED, Work.ACCEPTED, Work.IN_PROGRESS, Work.ON_HOLD})
_MAY_FOLLOW: Final[Mapping[Button, frozenset[Work]]] = MappingProxyType(
    {
        Button.ARRIVED: frozenset(),
        Button.OPENED: frozenset({Work.REQUESTED}),
        Button.ACCEPT: frozenset({Work.REQUESTED, Work.ON_HOLD}),
        Button.CONTACTED: _OPEN,
        Button.COULD_NOT_REACH: _OPEN,
        Button.HELPED: _OPEN,
        Button.PERSON_DECLINED: _OPEN,
        Button.SEND_BACK: _OPEN,
        Button.DECEASED: _OPEN,
        Button.CONFIRM_WITHDRAWAL: frozenset(Work),
    }
)


def may_press(button: Button, work: Work | None) -> bool:
    """Whether a button makes sense in a state of the work; None is a referral that has only just come."""
    if work is None:
        return button is Button.ARRIVED
    return work in _MAY_FOLLOW[button]


def work_after(button: Button, *, accepted: bool) -> Work:
    """The Task status that a button gives, knowing whether the partner had accepted before."""
    answer = ANSWERS[button]
    if accepted and answer.work_after_acceptance is not None:
        return answer.work_after_acceptance
    return answer.work


def button_of(business_status: str) -> Button | None:
    """The button behind a business status, or None for one from a newer version."""
    return next((button for button, answer in ANSWERS.items() if answer.business_status == business_status), None)
