"""A referral in a list, and its history: a line each, in words.

Pure. A list names nobody: a name and a postcode serve to find a row and never leave the process; a contact rule is
never spelt out there. Lateness and state are said in words, never by colour alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sync.base.references import show_reference
from sync.base.safe_text import safe_text
from sync.base.work import Button
from sync.desk.answers import FORMS, OUTCOME_WORDS
from sync.desk.inbox import Act, Case, Happened, Late, Section, State, state, still_here
from sync.desk.view import services_of, upper_first
from sync.desk.words import clock_time, local, plain_day, short_day, t
from sync.messages import Contact, Referral

_POSTCODE: Final = re.compile(r"[a-z]{1,2}[0-9][a-z0-9]?[0-9][a-z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One referral in a list: no name is shown there; the words to find it by never leave the process."""

    reference: str
    services: str
    district: str
    hint: str
    urgent: bool
    contact_by: date | None
    ack_by: date | None
    arrived: str
    """ISO time of the first arrival, to sort by."""
    answered: str
    """`You: accepted 2 February`, or ""."""
    now: State
    versions: tuple[int, ...]
    """Every version that was taken, each once."""
    haystack: str
    """Folded name, postcode and own number, to find the row by."""


def row_of(case: Case, referral: Referral, language: str = "en") -> Row:
    """A case as a line of a list."""
    postcode = next((str(one.value) for one in referral.fields if one.field == "postcode"), "")
    now = state(case)
    return Row(
        reference=case.reference,
        services=upper_first(services_of(referral, language)),
        district=_district(postcode),
        hint=_hint(referral.contact, language),
        urgent=referral.urgency == "urgent",
        contact_by=referral.contact_by,
        ack_by=referral.ack_by,
        arrived=case.acts[0].at.isoformat(),
        answered=_you(now, language),
        now=now,
        versions=case.versions,
        haystack=_folded(" ".join((referral.person.name, postcode, postcode.replace(" ", ""), case.own_number))),
    )


def find_key(text: str) -> tuple[str, ...]:
    """What somebody typed into Find, as the pieces that must all be there; a whole postcode is one piece."""
    pieces = tuple(_folded(safe_text(text)).split())
    together = "".join(pieces)
    return (together,) if _POSTCODE.fullmatch(together) else pieces


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _district(postcode: str) -> str:
    """The outward half of a postcode in any spelling: a list names no more of where somebody lives."""
    plain = "".join(postcode.split()).upper()
    return plain[:-3] if 5 <= len(plain) <= 8 else ""


def _hint(contact: Contact, language: str) -> str:
    """What to know before opening; a contact rule is never spelt out in a list."""
    if contact.rule or contact.ring is not True or contact.message is False:
        return t("Contact rule: read first.", language)
    said = [upper_first(need).rstrip(".") + "." for need in contact.communication]
    if contact.best_time:
        said.append(t("Best time: {time}.", language, time=contact.best_time.rstrip(".")))
    return " ".join(said)


def _you(now: State, language: str) -> str:
    last = now.last_answer
    if last is None:
        return ""
    assert last.button is not None
    what, day = t(_ANSWERED[last.button], language), short_day(local(last.at).date(), language)
    return t("You: {what}, {day}", language, what=what, day=day)


_ANSWERED = {
    Button.ACCEPT: "accepted",
    Button.CONTACTED: "been in touch",
    Button.COULD_NOT_REACH: "could not reach",
    Button.HELPED: "done",
    Button.PERSON_DECLINED: "they changed their mind",
    Button.SEND_BACK: "sent back",
    Button.DECEASED: "has died",
    Button.CONFIRM_WITHDRAWAL: "stopped, confirmed",
}


def answer_words(act: Act, language: str = "en") -> str:
    """An answer in a few words, with its outcome and dates: `been in touch (27 January 2026)`."""
    button, given = act.button, act.given
    assert button is not None
    assert given is not None
    details = []
    if button in {Button.HELPED, Button.SEND_BACK} and given.get("outcome"):
        details.append(t(OUTCOME_WORDS.get(given["outcome"], given["outcome"]), language).lower())
    details += [plain_day(date.fromisoformat(day), language) for day in given.get("dates", ())]
    for name, value in given.get("extra", {}).items():
        match name:
            case "until":
                details.append(plain_day(date.fromisoformat(value), language))
            case "of":
                details.append(show_reference(value))
            case "weekly_gain_pounds":
                details.append(t("{pounds} pounds a week", language, pounds=value))
            case _:
                details.append(value)
    words = t(_ANSWERED[button], language)
    return f"{words} ({', '.join(details)})" if details else words


def due_words(row: Row, late: Late | None, language: str = "en") -> str:
    """`by Tuesday 3 February`, or how late it is; said in words, never by colour alone."""
    if late is not None and late.target == "contact":
        days = (
            t("1 working day late", language) if late.days == 1 else t("{n} working days late", language, n=late.days)
        )
        return f"{days}: {t('due', language)} {short_day(late.due_on, language)}"
    if late is not None:
        return t("please open: due {day}", language, day=short_day(late.due_on, language))
    if row.now.finished or row.now.stop_asked or row.contact_by is None or row.now.in_touch:
        return ""
    return t("by {day}", language, day=short_day(row.contact_by, language))


def state_words(now: State, language: str = "en") -> str:
    """Where a case stands, as the desk reads it."""
    if now.stop_waits:
        return t("Asked to stop", language)
    if now.died:
        return t("Has died", language)
    if now.work.is_final or now.last_answer is not None:
        return upper_first(t(_BY_STATUS.get(now.business_status, now.business_status), language))
    return t("Read", language) if now.read else t("Not opened yet", language)


_BY_STATUS = {
    "received": "not opened yet",
    "read": "read",
    "accepted": "accepted",
    "contacted": "been in touch",
    "could-not-reach": "could not reach",
    "helped": "done",
    "person-declined": "changed their mind",
    "returned": "sent back",
    "deceased": "has died",
    "withdrawn": "stopped, confirmed",
}
SECTION_WORDS = {
    Section.STOP: "Asked to stop",
    Section.NEW: "New",
    Section.LATE: "Late",
    Section.OPEN: "Open",
    Section.FINISHED: "Finished",
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a history: when, what, and where the answer is."""

    when: str
    what: str
    where: str = ""
    """`leaves at 14:15`, `sent`, or ""."""


def history_of(case: Case, now: datetime, language: str = "en") -> tuple[HistoryLine, ...]:
    """What happened to a case, oldest first."""
    lines = []
    first = True
    newest = 0
    here = set(still_here(case))
    for place, act in enumerate(case.acts):
        if act.version is not None and act.version < newest:
            continue
        newest = max(newest, act.version or 0)
        where = ""
        if act.happened is Happened.ANSWERED and act.left_rev is not None:
            where = t("sent", language)
        elif act.happened is Happened.ANSWERED and place in here and act.leaves_at is not None:
            due = act.leaves_at <= now
            where = (
                t("leaving now", language) if due else t("leaves at {time}", language, time=clock_time(act.leaves_at))
            )
        elif act.happened is Happened.ANSWERED:
            where = t("taken back", language)
        when = f"{short_day(local(act.at).date(), language)}, {clock_time(act.at)}"
        lines.append(HistoryLine(when, _happened(act, language, first=first), where))
        first = first and act.happened is not Happened.ARRIVED
    return tuple(lines)


def _happened(act: Act, language: str, *, first: bool) -> str:
    match act.happened:
        case Happened.ARRIVED if first:
            return t("Arrived here", language)
        case Happened.ARRIVED:
            return t("Changed by the visitor: please read it again", language)
        case Happened.READ:
            return t("Read at your desk", language)
        case Happened.ANSWERED:
            return t("You: {what}", language, what=answer_words(act, language))
        case Happened.TAKEN_BACK:
            return t("You took your last answer back", language)
        case Happened.ASKED_TO_STOP:
            return t("Asked to stop", language)
        case Happened.DIED:
            return t("Word came that they have died", language)
        case Happened.REMINDED:
            return t("A reminder came", language)


def button_label(button: Button, language: str = "en") -> str:
    """The words on a button."""
    return t(FORMS[button].label, language)
