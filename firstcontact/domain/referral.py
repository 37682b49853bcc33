"""Which referrals are due, to whom, carrying how little, due when.

Laws:
1. One referral per subject and partner; nothing without an agreement to that partner about that service.
2. Of the data, only what a reason's question names, within what the directory allows that partner for that service.
   What is blank, not relevant or a standing answer is left out, and never stops a referral.
3. Targets count from the day on which the part was finished, or an urgent referral released early, and never move.
Source: checklists/README.md, "Data packs" and "Referral rules".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from firstcontact.domain.agreement import Agreement
from firstcontact.domain.answer import Text
from firstcontact.domain.checklist import OfferRule, Urgency
from firstcontact.domain.directory import Partner
from firstcontact.domain.events import HOME
from firstcontact.domain.offer import End, Offer, Settlement, eligible_people, in_whose_name, offers_due
from firstcontact.domain.packs import Line, core_lines, pack_lines
from firstcontact.domain.sheets import NOBODY, Sheets

_CODES: Final = ("ADDR", "DOB", "BAND", "TEN", "HH", "LIVES", "GP", "ALT", "LTC")
"""Pack codes that send something, in the order in which they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """One partner is asked to help one person or home; no reference yet."""

    partner: str
    services: tuple[str, ...]
    """In the checklist's order of their first reasons."""
    urgency: Urgency
    urgent_because: Text | None
    subject: str
    """A person's key, or `home`."""
    person: str
    """Key of the person in whose name it goes."""
    named: tuple[str, ...]
    """Keys of the people who are named."""
    names: tuple[str, ...]
    """Their full names; the key stands in for a name that is not known."""
    reasons: tuple[str, ...]
    """Main question ids, in the checklist's order; never sent."""
    lines: tuple[Line, ...] = field(repr=False)
    """The exact data, core and packs: what the agreement page shows is what is sent."""
    health: tuple[str, ...] = ()
    """Codes of `lines` that tell something about health; empty when they were left out."""
    contact_by: date | None = None
    ack_by: date | None = None
    contact_days: int | None = None
    agreement: Agreement | None = None
    """None while it is only being shown."""

    @property
    def core(self) -> Mapping[str, Any]:
        """Name, contact and safe-contact rule, needs and language, by field name."""
        return {line.field: line.code for line in self.lines if line.pack == "core"}

    @property
    def fields(self) -> Mapping[str, Mapping[str, Any]]:
        """Pack code -> field -> value, as machines read it; blank ones are left out."""
        found: dict[str, dict[str, Any]] = {}
        for line in self.lines:
            if line.pack != "core":
                found.setdefault(line.pack, {})[line.field] = line.code
        return found


def referrals_due(sheets: Sheets, on: date, settlement: Settlement | None = None) -> tuple[Referral, ...]:
    """Derive the referrals that a visit's agreements call for.

    on: the day on which the part is finished, for parts that have not been yet.
    Returns: zero or more, in the checklist's order, one at most per subject and partner, each carrying only the fields
    of that partner's packs.
    """
    settled = settlement if settlement is not None else offers_due(sheets, on)
    groups: dict[tuple[str, str], list[Offer]] = {}
    for offer in settled.offers:
        if offer.end is End.AGREED and offer.partner is not None:
            groups.setdefault((offer.subject, offer.partner), []).append(offer)
    found = [_referral(sheets, tuple(offers), on) for offers in groups.values()]
    return tuple(referral for referral in found if referral is not None)


def referral_for(sheets: Sheets, subject: str, partner: str, on: date) -> Referral | None:
    """The referral as a yes would make it, for the agreement page; None if this partner has nothing to offer here."""
    offers = offers_due(sheets, on).offers_of(subject, partner)
    return _referral(sheets, offers, on) if offers else None


def lines(referral: Referral, language: str) -> tuple[tuple[str, str], ...]:
    """The exact data as people read it: (label, value) in the order in which it is sent."""
    return tuple((line.label_in(language), line.value_in(language)) for line in referral.lines)


def day_counted_from(sheets: Sheets, subject: str, partner: str, on: date) -> date:
    """The day from which a referral's targets count: its release, else the end of the part, else the day given."""
    visit = sheets.visit
    raised = visit.raised.get((subject, partner))
    if raised is not None:
        return raised.on
    finished, agreement = visit.finished_on(subject) or on, visit.agreements.get((subject, partner))
    # A request that was held, and reconfirmed after the part was finished, counts from its own yes.
    return max(finished, agreement.on) if agreement is not None and agreement.on is not None else finished


def _referral(sheets: Sheets, offers: tuple[Offer, ...], on: date) -> Referral | None:
    first = offers[0]
    partner = sheets.directory.by_id.get(first.partner or "")
    if partner is None or partner.channel == "none":
        return None
    agreement = sheets.visit.agreements.get((first.subject, partner.id))
    urgency = max((offer.urgency for offer in offers), key=lambda each: each.rank)
    person, named = _named(sheets, partner, offers, agreement)
    health_refused = agreement is not None and agreement.health is False
    packs = _packs(sheets, partner, offers, person)
    health = tuple(code for code in packs if code in _health_codes(partner, offers))
    if health_refused:
        packs = {code: rule for code, rule in packs.items() if code not in health}
    sent = (*core_lines(sheets, person), *pack_lines(sheets, person, packs, visits=partner.visits))
    because = _because(offers, urgency)
    if because is not None and because.because_health and health_refused:
        because = None
    from_day, days = day_counted_from(sheets, first.subject, partner.id, on), _contact_days(partner, offers, urgency)
    calendar = sheets.directory.working_days
    return Referral(
        partner=partner.id,
        services=tuple(offer.service for offer in offers),
        urgency=urgency,
        urgent_because=because.urgent_because if because is not None else None,
        subject=first.subject,
        person=person,
        named=named,
        names=tuple(str(sheets.fact(each, "name") or each) for each in named if each != NOBODY),
        reasons=_in_order(sheets, (reason for offer in offers for reason in offer.reasons)),
        lines=sent,
        health=tuple(code for code in health if any(line.pack == code for line in sent)),
        contact_by=None if days is None else calendar.after(from_day, days),
        ack_by=None if partner.targets.ack is None else calendar.after(from_day, partner.targets.ack),
        contact_days=days,
        agreement=agreement,
    )


def _in_order(sheets: Sheets, questions: Iterable[str]) -> tuple[str, ...]:
    place = sheets.checklist.place
    return tuple(sorted(set(questions), key=lambda question: place.get(question, len(place))))


def _because(offers: tuple[Offer, ...], urgency: Urgency) -> Offer | None:
    if urgency.rank < Urgency.URGENT.rank:
        return None
    return next((offer for offer in offers if offer.urgency is urgency and offer.urgent_because), None)


def _contact_days(partner: Partner, offers: tuple[Offer, ...], urgency: Urgency) -> int | None:
    """The latest of the services' targets; the bracketed one overrides when anything is urgent."""
    if urgency.rank >= Urgency.URGENT.rank and partner.targets.contact_urgent is not None:
        return partner.targets.contact_urgent
    return max((offer.contact_days for offer in offers if offer.contact_days is not None), default=None)


def _named(
    sheets: Sheets, partner: Partner, offers: tuple[Offer, ...], agreement: Agreement | None
) -> tuple[str, tuple[str, ...]]:
    """In whose name it goes, and who is named: for a home the first adult for whom it holds, of those who agreed."""
    subject = offers[0].subject
    if subject != HOME:
        return subject, (subject,)
    rows = [row for offer in offers if (row := partner.service(offer.service, sheets.visit.on)) is not None]
    fit = {person for row in rows for person in eligible_people(sheets, row, HOME)}
    by = agreement.by if agreement is not None else None
    asked = agreement.named if agreement is not None else None
    candidates = in_whose_name(sheets, partner.id)
    person = next((each for each in candidates if each in fit), by if by in candidates else candidates[0])
    if asked is None:
        return person, (person,)
    return person, asked if person in asked else (person, *asked)


def _health_codes(partner: Partner, offers: tuple[Offer, ...]) -> frozenset[str]:
    rows = [row for offer in offers if (row := partner.service(offer.service)) is not None]
    return frozenset().union(*(row.health for row in rows))


def _packs(sheets: Sheets, partner: Partner, offers: tuple[Offer, ...], person: str) -> dict[str, OfferRule]:
    """Codes of packs and ids of details that go, in the order in which they are shown, each with a rule that names it.

    The union over the reasons, each within what the directory allows for its service. A long-term condition goes where
    the partner's rules look at it only if the person comes in by it; elsewhere (F2) when the question names it.
    """
    found: dict[str, OfferRule] = {}
    known, on = sheets.known(person), sheets.visit.on
    for offer in offers:
        row = partner.service(offer.service, on)
        if row is None:
            continue
        by_rules = sheets.eligibility.mentions(row, "long_term_condition")
        without = by_rules and not sheets.eligibility.needs_condition(row, known, on)
        for rule_id in offer.rules:
            for code in _wanted(sheets, rule_id, person, by_rules=by_rules):
                if code in row.packs and not (code == "LTC" and without):
                    found.setdefault(code, sheets.form.rule(rule_id))
    details = _in_order(sheets, (code for code in found if code not in _CODES))
    return {code: found[code] for code in (*_CODES, *details) if code in found}


def _wanted(sheets: Sheets, rule_id: str, person: str, *, by_rules: bool) -> tuple[str, ...]:
    """What a rule sends: its packs as their own conditions leave them, and its details.

    With `by_rules` the partner's rules decide about a long-term condition, and the pack's own condition does not.
    """
    rule = sheets.form.rule(rule_id)
    left = sheets.sheet(person).packs(rule_id)
    return (*(code for code in rule.packs if code in left or (by_rules and code == "LTC")), *rule.fields)
