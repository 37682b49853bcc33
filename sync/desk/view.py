"""One referral in words: how to reach the person first, then the data under the partner's own labels.

Pure. Reads a referral as its message model gives it (the newest words as they came) and returns lines of plain text;
pages, print and command line show the same lines. Nothing here says why a contact rule exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sync.base.references import show_reference
from sync.desk.words import in_groups, local, long_day, plain_day, t
from sync.messages import Contact, FieldValue, Referral


@dataclass(frozen=True, slots=True)
class Line:
    """A label and its value, both plain text."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything that one referral says, in the order that it is read."""

    reference: str
    """In groups, as people read it."""
    services: str
    name: str
    urgent: str
    """What made it urgent; "" if it is not."""
    due: str
    """`ring by Tuesday 27 January 2026`, or ""."""
    reach: tuple[str, ...]
    """How to reach the person safely: short sentences, the most important first."""
    say: str
    """Words for the first call; "" where nobody may ring."""
    data: tuple[Line, ...]
    """What the partner asked for, under its labels."""
    yes: tuple[Line, ...]
    """Who agreed, how and when; who made the visit."""


def words_in(text: Mapping[str, str] | None, language: str = "en") -> str:
    """A text in a language, or in English."""
    return (text.get(language) or text.get("en") or next(iter(text.values()), "")) if text else ""


def services_of(referral: Referral, language: str = "en") -> str:
    """`befriending and a lunch or social club`."""
    labels = [words_in(service.label, language) or service.id for service in referral.services]
    return f" {t('and', language)} ".join(filter(None, (", ".join(labels[:-1]), labels[-1]))) if labels else ""


def upper_first(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def sheet_of(referral: Referral, language: str = "en") -> Sheet:
    """A referral in words."""
    name = referral.person.name
    due = f"{t('ring by', language)} {long_day(referral.contact_by, language)}" if referral.contact_by else ""
    because = words_in(referral.urgent_because, language)
    return Sheet(
        reference=show_reference(referral.reference),
        services=upper_first(services_of(referral, language)),
        name=name,
        urgent=(because or t("Urgent", language)) if referral.urgency == "urgent" else "",
        due=due,
        reach=_reach(referral.contact, language),
        say=_say(referral, language),
        data=_data(referral, language),
        yes=_yes(referral, language),
    )


def _reach(contact: Contact, language: str) -> tuple[str, ...]:
    """How to reach the person: the rule in its own words, then what was asked; not asked is never taken as a yes."""
    said = [words_in(contact.rule, language)]
    if contact.phone:
        number = in_groups(contact.phone)
        match contact.ring:
            case True:
                said.append(t("{number}. Safe to ring.", language, number=number))
            case False:
                said.append(t("Do not ring {number}.", language, number=number))
            case None:
                said.append(t("{number}. Safe to ring: not asked, so take care.", language, number=number))
    else:
        said.append(t("No telephone number was given.", language))
    if contact.best_time:
        said.append(t("Best time: {time}.", language, time=contact.best_time.rstrip(".")))
    if contact.phone:
        said.append(_allowed(contact.message, "You may leave a message.", "Leave no message.", "Messages", language))
    said.append(_allowed(contact.text_message, "Text messages are fine.", "Send no text.", "Texts", language))
    said.append(_allowed(contact.post, "Post is fine.", "Send no post.", "Post", language))
    said.extend(upper_first(need).rstrip(".") + "." for need in contact.communication)
    if contact.language and contact.language not in {"en", "English"}:
        said.append(t("Speaks {language}.", language, language=contact.language))
    if contact.interpreter:
        said.append(t("Needs an interpreter.", language))
    return tuple(filter(None, said))


def _allowed(answer: bool | None, yes: str, no: str, what: str, language: str) -> str:
    if answer is None:
        return t("{what}: not asked, so none.", language, what=t(what, language))
    return t(yes if answer else no, language)


def _say(referral: Referral, language: str) -> str:
    """The first sentences of a call, fit to be read aloud."""
    if referral.contact.ring is False or not referral.contact.phone:
        return ""
    first = referral.from_.name.split(" ")[0] if referral.from_.name else ""
    after = t("I am ringing after {name}'s visit.", language, name=first) if first else ""
    if not after:
        after = t("I am ringing after a First Contact visit.", language)
    decided = referral.agreement.decider == "person" and referral.subject != "home"
    return f"{after} {t('You said yes to a call from us.', language)}" if decided else after


def _data(referral: Referral, language: str) -> tuple[Line, ...]:
    lines = [Line(t("Asked for", language), services_of(referral, language))]
    if referral.person.preferred and referral.person.preferred not in referral.person.name.split():
        lines.append(Line(t("Likes to be called", language), referral.person.preferred))
    others = [name for name in referral.person.named if name != referral.person.name]
    if others:
        lines.append(Line(t("Also agreed to be named", language), ", ".join(others)))
    reasons = [words_in(reason.label, language) for reason in referral.reasons]
    if any(reasons):
        lines.append(Line(t("Why", language), "; ".join(filter(None, reasons))))
    lines.extend(Line(upper_first(words_in(one.label, language)) or one.field, _value(one)) for one in referral.fields)
    return tuple(lines)


def _value(one: FieldValue, language: str = "en") -> str:
    if one.words:
        return words_in(one.words, language)
    match one.value:
        case bool():
            return t("yes" if one.value else "no", language)
        case list():
            return ", ".join(one.value)
        case str() if one.field == "date_of_birth":
            try:
                return plain_day(date.fromisoformat(one.value), language)
            except ValueError:
                return one.value
        case str() if one.field == "phone":
            return in_groups(one.value)
        case _:
            return str(one.value)


def _yes(referral: Referral, language: str) -> tuple[Line, ...]:
    agreed = referral.agreement
    parts = [agreed.by]
    if agreed.decider != "person":
        parts[0] += f" ({agreed.decider})"
    if agreed.how:
        parts.append(agreed.how)
    parts.append(plain_day(local(agreed.at or referral.made_at).date(), language))
    if agreed.statement is not None:
        words = t("words", language)
        parts.append(
            f"{words} {agreed.statement.key}/{agreed.statement.version.removeprefix(agreed.statement.key + '/')}"
        )
    lines = [Line(t("Yes given by", language), ", ".join(filter(None, parts)))]
    sender = referral.from_
    visitor = ", ".join(
        filter(None, (sender.name, sender.organisation, in_groups(sender.phone) if sender.phone else ""))
    )
    if visitor:
        lines.append(Line(t("Visitor", language), visitor))
    if not referral.feedback:
        no = t(
            "This person did not agree that the visitor hears how it goes. Your answer goes to the hub only.", language
        )
        lines.append(Line(t("Who hears your answer", language), no))
    return tuple(lines)
