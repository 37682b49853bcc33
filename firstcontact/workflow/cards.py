"""A referral after it was raised: one sealed card each, and the four columns of My referrals.

A card is what the laptop remembers of a referral without opening its visit: whom it is for, what was asked of whom, by
when, and every status that came back. Delivery is read from the outbox, work from the statuses; neither is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Final

from firstcontact.rows import Group, NeedRow, ReferralRow
from firstcontact.workflow.say import clock_time, day_bare, day_in_history, day_short, initials, joined
from sync.base.references import show_reference
from sync.base.work import ANSWERS, Button, Work, button_of
from sync.base.working_days import WorkingDays

OPEN: Final = "card"
ENDED: Final = "card-ended"
HUB_SEES_TO_IT: Final = "hub: next step"
_RETURNED: Final = {
    "out-of-area": "not in their area",
    "age": "not for this age",
    "tenure": "not for this kind of home",
    "not-eligible": "not eligible",
    "already-our-client": "they help already",
    "no-capacity": "no room at the moment",
    "not-enough-information": "they need to know more",
    "wrong-service": "another service fits better",
    "duplicate": "they have it already",
    "moved-away": "moved away",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the outbox says a referral is; a blank state is one that is no longer known."""

    state: str
    held_until: datetime | None = None
    reason: str = ""


def new_card(
    *,
    reference: str,
    version: int,
    kind: str,
    visit_id: str,
    name: str,
    partner: str,
    partner_name: str,
    services: tuple[str, ...],
    raised_at: datetime,
    contact_by: date | None,
    ack_by: date | None,
    urgent: bool,
    feedback: bool,
) -> tuple[str, str, dict[str, Any]]:
    """The card of a referral that is raised now, as a document of the vault."""
    return (
        OPEN,
        reference,
        {
            "reference": reference,
            "version": version,
            "kind": kind,
            "visit": visit_id,
            "name": name,
            "partner": partner,
            "partner_name": partner_name,
            "what": joined(services),
            "raised_at": raised_at.isoformat(),
            "contact_by": contact_by.isoformat() if contact_by else None,
            "ack_by": ack_by.isoformat() if ack_by else None,
            "urgent": urgent,
            "feedback": feedback,
            "statuses": [],
            "told": 0,
        },
    )


def with_status(card: Mapping[str, Any], status: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """The card after one more status of its partner; an ended one moves out of the open list."""
    after = {**card, "statuses": [*card["statuses"], dict(status)]}
    try:
        ended = Work(str(status.get("work"))).is_final and status.get("business_status") != "returned"
    except ValueError:
        ended = False  # a work state of a newer version: keep it open, and show it
    return (ENDED if ended else OPEN), str(card["reference"]), after


def row_of(card: Mapping[str, Any], delivery: Delivery, now: datetime, calendar: WorkingDays) -> ReferralRow:
    """One line of My referrals; `now` carries the laptop's own offset."""
    happened, following, group = _where(card, delivery, now, calendar)
    return ReferralRow(
        reference=show_reference(str(card["reference"])),
        visit_id=str(card["visit"]),
        initials=initials(str(card["name"])),
        name=str(card["name"]),
        what=str(card["what"]),
        partner=str(card["partner_name"]),
        happened=happened,
        next=following,
        group=group,
        history=_history(card, delivery, now.tzinfo),
    )


def need_of(row: ReferralRow) -> NeedRow:
    """The same line as Today says it: what the visitor can do, without the partner's name."""
    return NeedRow(reference=row.reference, initials=row.initials, name=row.name, words=row.happened)


def _where(card: Mapping[str, Any], delivery: Delivery, now: datetime, calendar: WorkingDays) -> tuple[str, str, Group]:
    status = card["statuses"][-1] if card["statuses"] else None
    if status is not None and not card.get("taken_back"):
        return _answered(card, status, now.date(), calendar)
    match delivery.state:
        case "held" if delivery.held_until is not None:
            until = delivery.held_until.astimezone(now.tzinfo)
            if until <= now:  # the post has not been round since
                return "Ready. Waits for signal", "this laptop", _WAY
            when = clock_time(until) if until.date() == now.date() else day_short(until.date())
            return f"Leaves at {when}" if until.date() == now.date() else f"On hold until {when}", "this laptop", _WAY
        case "queued" | "draft":
            return "Ready. Waits for signal", "this laptop", _WAY
        case "sealed":
            return "Being sent", "this laptop", _WAY
        case "deposited":
            return "In their letterbox", "they: collect it", _WAY
        case "received":
            return _with_them(card, now.date(), calendar)
        case "withdrawn":
            return "Asked to stop", "they: confirm", _WAY
        case "cancelled":
            return "Taken back", "nobody", Group.FINISHED
        case "handed-over":
            return "Told by telephone", "nobody", Group.FINISHED
    return "Stuck: the hub has it", HUB_SEES_TO_IT, _WAY


_WAY: Final = Group.ON_THE_WAY


def _with_them(card: Mapping[str, Any], today: date, calendar: WorkingDays) -> tuple[str, str, Group]:
    """Received, and nothing more known: late is said, with what is done about it, and closes nothing."""
    late = _late(card["contact_by"], today, calendar)
    if late:
        return f"With them. Late {late} working day{'' if late == 1 else 's'}", "they: reminded", _WAY
    if not card["feedback"]:
        return "With them", "nobody: you asked not to hear", Group.FINISHED
    by = card["contact_by"]
    return "With them", f"they: by {_day_of_year(by)}" if by else "they: write or ring", _WAY


def _answered(
    card: Mapping[str, Any], status: Mapping[str, Any], today: date, calendar: WorkingDays
) -> tuple[str, str, Group]:
    button = button_of(str(status.get("business_status")))
    if button is None:
        return "From a newer version of the program", "they", _WAY
    said = ANSWERS[button].reads.format(reason=_reason(status), name=initials(str(card["name"])))
    match button:
        case Button.COULD_NOT_REACH:
            return said, "you: a better time?", Group.NEEDS_YOU
        case Button.SEND_BACK:
            return said, HUB_SEES_TO_IT, _WAY
        case Button.HELPED:
            outcome = {"partly-helped": "Helped in part", "signposted": "Told where to ask"}.get(
                str(status.get("outcome")), said
            )
            return f"{outcome}, {_day(status)}", "nobody", Group.FINISHED
        case Button.PERSON_DECLINED | Button.DECEASED | Button.CONFIRM_WITHDRAWAL:
            return said, "nobody", Group.FINISHED
        case Button.ARRIVED | Button.OPENED:
            return _with_them(card, today, calendar)
    return said, "they", _WAY


def _reason(status: Mapping[str, Any]) -> str:
    reason = str(status.get("reason") or status.get("outcome") or "")
    words = _RETURNED.get(reason, reason)
    until = status.get("until")
    return f"{words} until {day_bare(date.fromisoformat(str(until)))}" if until else words


def _late(by: str | None, today: date, calendar: WorkingDays) -> int:
    return calendar.late_by(date.fromisoformat(by), today) if by else 0


def _day_of_year(day: str) -> str:
    """Like 26 January: a list has no room for the weekday, and its days are near."""
    return day_short(date.fromisoformat(day)).partition(" ")[2]


def _day(status: Mapping[str, Any]) -> str:
    return day_short(datetime.fromisoformat(str(status["at"])).date())


def _history(card: Mapping[str, Any], delivery: Delivery, zone: tzinfo | None) -> tuple[str, ...]:
    raised = datetime.fromisoformat(str(card["raised_at"])).astimezone(zone)
    lines = [f"{day_in_history(raised.date())}  agreed, ready {clock_time(raised)}"]
    if delivery.state == "received":
        lines.append("their desk has it (receipt checked)")
    for status in card["statuses"]:
        button = button_of(str(status.get("business_status")))
        at = datetime.fromisoformat(str(status["at"])).astimezone(zone)
        words = ANSWERS[button].reads if button else "something from a newer version of the program"
        said = words.format(reason=_reason(status), name=initials(str(card["name"])))
        dates = joined([day_in_history(date.fromisoformat(str(on))) for on in status.get("on", ())])
        lines.append(f"{day_in_history(at.date())}  {said[0].lower()}{said[1:]}{f' ({dates})' if dates else ''}")
    return tuple(lines)
