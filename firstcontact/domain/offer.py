"""From needs to offers, and why there is none: signpost, unmet, not eligible, out of area.

The end of a need, in this order: already getting help; out of area; a signpost instead (landlord); nobody serves the
area (signposted, else unmet); outside the rules, or undecided; telephone only; closed list; offer. While the area is
not known everything that somebody could take is offered without a partner, and nothing is sent.
Ages and dated rules are those of the day on which the visit was started; lists are closed or open on the day given.
Source: checklists/README.md, "Referral rules".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from firstcontact.domain.agreement import Agreement, Said
from firstcontact.domain.answer import Text
from firstcontact.domain.checklist import Urgency
from firstcontact.domain.directory import Capacity, Outside, Partner, ServiceAt
from firstcontact.domain.eligibility import Verdict
from firstcontact.domain.events import HOME
from firstcontact.domain.needs import Need, needs_of
from firstcontact.domain.sheets import Sheets


class End(StrEnum):
    """How a need ended."""

    OFFERED = "offered"
    AGREED = "agreed"
    DECLINED = "declined"
    NOT_TODAY = "not-today"
    HELD = "held"
    ADVISED = "advised"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    SIGNPOSTED = "signposted"
    UNMET = "unmet"
    NOT_ELIGIBLE = "not-eligible"
    OUT_OF_AREA = "out-of-area"
    ALREADY_HELPED = "already-helped"
    HANDED_OVER = "handed-over"
    CHECK_AGE = "check-age"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A need with a partner that can be put before the person, whatever its end."""

    service: str
    partner: str | None
    """None while the area is not known."""
    end: End
    urgency: Urgency
    reasons: tuple[str, ...]
    """Main question ids, in the checklist's order."""
    subject: str
    """A person's key, or `home`."""
    urgent_because: Text | None = None
    """The words of the one answer that made it urgent."""
    because_health: bool = False
    """Those words tell something about health."""
    rules: tuple[str, ...] = ()
    """Ids of the rules that raised it or added a reason."""
    closed: bool = False
    """Its list is closed: hold, another partner, or leave it."""
    closed_until: date | None = None
    """The first day on which the list is open again, where that is known."""
    contact_days: int | None = None
    """The partner's target as it stands for this offer, in working days."""
    charge: str | None = None

    @property
    def key(self) -> str:
        """`subject:service`, unique in a visit."""
        return f"{self.subject}:{self.service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A need where nothing could be put before the person."""

    service: str
    end: End
    reason: str | None
    """area, age, tenure, landlord, gp, closed, or the id of the question whose answer is missing."""
    subject: str
    reasons: tuple[str, ...] = ()
    """Main question ids."""
    partner: str | None = None
    """A telephone partner, or a neighbouring scheme, that can be rung about it."""
    say: Text | None = None
    """Words for the person, where the checklist has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Something passed on by telephone."""

    partner: str
    services: tuple[str, ...]
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Where every need of a visit stands."""

    offers: tuple[Offer, ...] = ()
    recorded: tuple[Recorded, ...] = ()
    handovers: tuple[HandOver, ...] = ()

    def offers_of(self, subject: str, partner: str) -> tuple[Offer, ...]:
        """What one partner is offered for a subject, the cancelled ones left out."""
        return tuple(
            offer
            for offer in self.offers
            if offer.subject == subject and offer.partner == partner and offer.end is not End.CANCELLED
        )


ENDS: Final[Mapping[Said, End]] = {
    Said.YES: End.AGREED,
    Said.NO: End.DECLINED,
    Said.NOT_TODAY: End.NOT_TODAY,
    Said.HOLD: End.HELD,
    Said.HAS_HELP: End.ALREADY_HELPED,
    Said.RANG: End.HANDED_OVER,
    Said.ADVISED: End.ADVISED,
    Said.WITHDRAWN: End.WITHDRAWN,
}
"""What an answer makes of an offer."""


class _At(NamedTuple):
    """A partner that could take a need, and what its rules say."""

    partner: Partner
    row: ServiceAt
    verdict: Verdict
    note: Capacity | None

    @property
    def closed(self) -> bool:
        """Whether its list is closed."""
        return self.note is not None and self.note.state != "slow"


def offers_due(sheets: Sheets, on: date) -> Settlement:
    """Say where every need of a visit stands, as of its last event.

    sheets: kept up with the visit. on: the day for closed and slow lists (today, or the day a part was finished).
    Returns: offers and recorded needs in the checklist's order of their first reason, the home before people.
    """
    needs = _with_alternatives(sheets, needs_of(sheets), on)
    order = {subject: index for index, subject in enumerate(sheets.visit.subjects)}
    ranked = sorted(needs, key=lambda need: (need.place, order.get(need.subject, 0)))
    ends = [_end(sheets, need, on) for need in ranked]
    offers = _cancelled(sheets, [row for row in ends if isinstance(row, Offer)])
    standing = {(offer.service, offer.subject) for offer in offers}
    recorded = [row for row in ends if isinstance(row, Recorded) and (row.service, row.subject) not in standing]
    return Settlement(offers=tuple(offers), recorded=tuple(recorded), handovers=_handovers(sheets, offers, recorded))


def eligible_people(sheets: Sheets, row: ServiceAt, subject: str) -> tuple[str, ...]:
    """The people for whom a service's rules hold: for a home the adults among them, in the order of the visit."""
    people = (sheets.adults or sheets.people) if subject == HOME else (subject,)
    on = sheets.visit.on
    return tuple(
        person for person in people if sheets.eligibility.verdict(row, sheets.known(person), on).answer == "yes"
    )


def _with_alternatives(sheets: Sheets, needs: Iterable[Need], on: date) -> list[Need]:
    """Replace a need that nobody may take by the service that its rule offers otherwise."""
    found: dict[tuple[str, str], Need] = {}
    for first in needs:
        otherwise = next((call.rule.otherwise for call in first.calls if call.rule.otherwise), None)
        need = first
        if otherwise and not first.already:
            end = _end(sheets, first, on)
            if isinstance(end, Recorded) and end.end in {End.UNMET, End.NOT_ELIGIBLE}:
                need = replace(first, service=otherwise)
        key = (need.service, need.subject)
        known = found.get(key)
        if known is None or known.already:
            found[key] = need
        elif not need.already:
            found[key] = known.joined(need)
    return list(found.values())


def _end(sheets: Sheets, need: Need, on: date) -> Offer | Recorded:
    directory, visit = sheets.directory, sheets.visit
    if need.already:
        return _recorded(need, End.ALREADY_HELPED)
    if all(call.rule.kind == "signpost" for call in need.calls):
        return _recorded(need, End.SIGNPOSTED)
    area = directory.area_of(sheets.postcode)
    if isinstance(area, Outside):
        return replace(_recorded(need, End.OUT_OF_AREA, "area"), partner=area.scheme)
    if all(call.instead or call.rule.kind == "adds-reason" for call in need.calls):
        return _recorded(need, End.SIGNPOSTED, need.calls[0].instead)
    if area is None:
        pairs = directory.partners_for(need.service, visit.on)
    else:
        pairs = directory.serving(need.service, sheets.postcode, visit.on)
    if not pairs:
        uncovered = directory.service_by_id[need.service].uncovered if need.service in directory.service_by_id else None
        return _recorded(need, End.SIGNPOSTED, uncovered) if uncovered else _recorded(need, End.UNMET, "area")
    found = [_at(sheets, need, partner, row, on) for partner, row in pairs]
    for wanted in ("yes", "undecided", "no"):
        able = [each for each in found if each.verdict.answer == wanted]
        if able:
            best = min(able, key=lambda each: each.closed)
            break
    if best.verdict.answer == "undecided":
        return _recorded(need, End.CHECK_AGE, best.verdict.reason)
    if best.verdict.answer == "no":
        return _recorded(need, End.NOT_ELIGIBLE, best.verdict.reason)
    if area is None:
        return _offer(need, None, None)
    return _put(sheets, need, best)


def _at(sheets: Sheets, need: Need, partner: Partner, row: ServiceAt, on: date) -> _At:
    """What one partner's rules say: for a home yes if yes for any adult, undecided if undecided for any."""
    people = in_whose_name(sheets, partner.id) if need.subject == HOME else (need.subject,)
    verdicts = [sheets.eligibility.verdict(row, sheets.known(person), sheets.visit.on) for person in people]
    rank = {"yes": 0, "undecided": 1, "no": 2}
    verdict = min(verdicts, key=lambda each: rank[each.answer])
    agreement = sheets.visit.agreements.get((need.subject, partner.id))
    day = on
    if agreement is not None and agreement.on is not None and need.service in agreement.services:
        day = agreement.on  # a list that closed after the yes takes nothing back
    return _At(partner, row, verdict, sheets.directory.capacity_note(partner.id, need.service, sheets.postcode, day))


def in_whose_name(sheets: Sheets, partner: str) -> tuple[str, ...]:
    """The adults of whom a home's rule may hold: all, until a yes says who agreed to be named to this partner."""
    adults = sheets.adults or sheets.people
    agreement = sheets.visit.agreements.get((HOME, partner))
    if agreement is None or agreement.answer not in {Said.YES, Said.HOLD}:
        return adults
    return tuple(person for person in adults if person in agreement.people) or adults


def _put(sheets: Sheets, need: Need, at: _At) -> Offer | Recorded:
    agreement = sheets.visit.agreements.get((need.subject, at.partner.id))
    if at.partner.channel == "none":
        if agreement is not None and agreement.called:
            return replace(_recorded(need, End.HANDED_OVER), partner=at.partner.id)
        if at.closed:
            return replace(_recorded(need, End.UNMET, "closed"), partner=at.partner.id)
        return replace(_recorded(need, End.SIGNPOSTED), partner=at.partner.id)
    offer = _offer(need, at, agreement)
    if sheets.visit.stopped and offer.end in {End.AGREED, End.HELD}:
        return replace(offer, end=End.WITHDRAWN)
    return offer


def _offer(need: Need, at: _At | None, agreement: Agreement | None) -> Offer:
    end, because = End.OFFERED, need.because
    if agreement is not None and need.service in agreement.services:
        end = ENDS[agreement.answer]
    offer = Offer(
        service=need.service,
        partner=at.partner.id if at else None,
        end=end,
        urgency=need.urgency,
        reasons=need.reasons,
        subject=need.subject,
        urgent_because=because.because if because else None,
        because_health=because.health if because else False,
        rules=tuple(call.rule.id for call in need.calls),
    )
    if at is None:
        return offer
    targets, slow = at.partner.targets, at.note.contact if at.note is not None and not at.closed else None
    urgent = need.urgency.rank >= Urgency.URGENT.rank
    bracketed = urgent and targets.contact_urgent is not None
    days = targets.contact_urgent if bracketed else slow if slow is not None else targets.contact
    offer = replace(offer, contact_days=days, charge=at.row.charge)
    if not at.closed:
        return offer
    # A yes to a closed list is a request to hold: nothing may leave before it opens and the person is asked again.
    return replace(
        offer,
        end=End.HELD if end is End.AGREED else end,
        closed=True,
        closed_until=at.note.to_on if at.note else None,
    )


def _recorded(need: Need, end: End, reason: str | None = None) -> Recorded:
    say = next((call.say for call in need.calls if call.say), None)
    return Recorded(service=need.service, end=end, reason=reason, subject=need.subject, reasons=need.reasons, say=say)


def _cancelled(sheets: Sheets, offers: list[Offer]) -> list[Offer]:
    """The offers with those added that were agreed and are not due any more, in the checklist's order."""
    due = {(offer.service, offer.subject, offer.partner) for offer in offers}
    gone: list[Offer] = []
    for (subject, partner), agreement in sheets.visit.agreements.items():
        stands = agreement.put if agreement.answer in {Said.YES, Said.HOLD} else ()
        gone.extend(
            Offer(
                service=row.service,
                partner=partner,
                end=End.CANCELLED,
                urgency=Urgency(row.urgency),
                reasons=row.reasons,
                subject=subject,
            )
            for row in (*stands, *sheets.visit.lapsed.get((subject, partner), ()))
            if (row.service, subject, partner) not in due
        )
    if not gone:
        return offers
    place, order = sheets.checklist.place, {subject: index for index, subject in enumerate(sheets.visit.subjects)}
    return sorted(
        [*offers, *gone],
        key=lambda offer: (min((place.get(reason, 0) for reason in offer.reasons), default=0), order[offer.subject]),
    )


def _handovers(sheets: Sheets, offers: Iterable[Offer], recorded: Iterable[Recorded]) -> tuple[HandOver, ...]:
    """What was passed on by telephone: one for each partner and subject, in the checklist's order."""
    services: dict[tuple[str, str], list[str]] = {}
    agreements = sheets.visit.agreements
    for offer in offers:
        if offer.end is End.HANDED_OVER and offer.partner:
            services.setdefault((offer.partner, offer.subject), []).append(offer.service)
    for row in recorded:
        if row.partner is None or row.end not in {End.HANDED_OVER, End.OUT_OF_AREA}:
            continue
        subject = _rang_for(sheets, row) if row.end is End.OUT_OF_AREA else row.subject
        agreement = agreements.get((subject, row.partner)) if subject else None
        if subject and agreement is not None and agreement.called:
            services.setdefault((row.partner, subject), []).append(row.service)
    return tuple(
        HandOver(partner=partner, services=tuple(rows), subject=subject)
        for (partner, subject), rows in services.items()
    )


def _rang_for(sheets: Sheets, row: Recorded) -> str | None:
    """Under whose name a need outside the county was passed on: its own subject, or in a visit to one person either."""
    agreements = sheets.visit.agreements
    if (row.subject, row.partner) in agreements:
        return row.subject
    if len(sheets.visit.people) != 1:
        return None
    return next((subject for subject in sheets.visit.subjects if (subject, row.partner) in agreements), None)
