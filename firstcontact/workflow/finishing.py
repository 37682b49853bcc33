"""The end of a visit: the review, finishing, taking back, stopping, and erasing what nobody wanted kept.

Laws:
1. Finishing writes the end of the part, each referral, its outbox entry and its card in one transaction; sending begins
   after. Ordinary referrals wait two minutes, in which all of it can be taken back.
2. What is due no more never leaves: the act that took it away writes a note in its own transaction, and the note is
   worked off at once, or after a crash; what has left already is followed by a withdrawal.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from firstcontact.domain import events as told
from firstcontact.domain.agreement import Said
from firstcontact.domain.answer import words
from firstcontact.domain.checklist import Urgency
from firstcontact.domain.events import HOME, VISIT, Event
from firstcontact.domain.offer import End
from firstcontact.domain.referral import Referral, referrals_due
from firstcontact.errors import AnswerIsNo
from firstcontact.outbox import referral_message, withdrawal_message
from firstcontact.rows import Change, NotPassed, PassOn, ReviewPage, StillToAsk, UrgentRow, Wish
from firstcontact.workflow import cards
from firstcontact.workflow.agenda import AT_THE_END, Agenda
from firstcontact.workflow.household import name_of
from firstcontact.workflow.say import day_short
from sync.base.references import new_reference
from sync.delivery import Move
from sync.items import OUTBOX, Item, outgoing
from sync.messages import Correction

if TYPE_CHECKING:
    from firstcontact.workflow.laptop import Laptop
    from firstcontact.workflow.open_visit import VisitAtHand

GRACE: Final = timedelta(minutes=2)
TAKING_BACK: Final = "taking-back"
_JUST_FINISHED: Final = "just-finished"
_SAY: Final = "This is what we agreed. Stop me if something is not right."
_NOT_PASSED: Final = {
    Wish.NO: "said no",
    Wish.NOT_TODAY: "not today",
    Wish.HOLD: "kept until the list opens",
    Wish.HAS_HELP: "has help already",
    Wish.RANG: "you rang them",
    Wish.ADVISED: "advice was enough",
    Wish.WITHDRAWN: "no longer wanted",
    Wish.NOT_ASKED: "not asked",
}
_CONTACT_SAFETY: Final = {
    "ring": "Is it safe to ring them?",
    "message": "May they leave a message on the phone?",
    "post": "Is post safe?",
}

Put = tuple[str, str, dict[str, Any]]


def review_page(at_hand: VisitAtHand) -> ReviewPage:
    """What was agreed, in the checklist's order, and what is still to ask before going."""
    offers, directory = at_hand.settled, at_hand.version.directory
    on = at_hand.laptop.today_on()
    # those raised already are agreed all the same: a finished part still says what is passed on
    agreed = referrals_due(at_hand.sheets, on, at_hand.settled.settlement)
    due = {(referral.subject, referral.partner): referral for referral in agreed}
    passed, not_passed = [], []
    for row in offers.rows():
        subject, _, partner = row.key.partition(":")
        referral = due.get((subject, partner))
        if referral is not None:
            passed.append(PassOn(key=row.key, partner=row.partner, what=row.service, by=_by(referral)))
        elif row.wish in _NOT_PASSED and row.wish is not Wish.NOT_ASKED:
            not_passed.append(NotPassed(key=row.key, partner=row.partner, why=_NOT_PASSED[row.wish]))
    withdraw = directory.statement("C-WITHDRAW")
    return ReviewPage(
        say=_SAY,
        passed=tuple(passed),
        not_passed=tuple(not_passed),
        still=tuple(_still_to_ask(at_hand)),
        say_last=words(withdraw.words, at_hand.visit.language) if withdraw else "",
        urgent=tuple(_urgent_row(at_hand, referral) for referral in _due(at_hand, on) if _is_urgent(referral)),
        offers=bool(at_hand.version.form.checklist.rules),
        kept=at_hand.agenda.count_kept(),
        finished=at_hand.visit.finished_on(VISIT) is not None,
        leaves_at=at_hand.leaves_at,
    )


def finish(at_hand: VisitAtHand, *, on: date, hold: bool) -> Change:
    """Finish the visit: everything agreed gets its reference and goes to the outbox."""
    laptop, visit = at_hand.laptop, at_hand.visit
    at = laptop.now()
    happened: list[Event] = [told.part_finished(laptop.stamp(), VISIT, on, leaves_at=at + GRACE if hold else None)]
    puts: list[Put] = []
    for referral in _due(at_hand, on):
        raised, documents = _raise(at_hand, referral, at, on, hold=hold and not _is_urgent(referral))
        happened += raised
        puts += documents
    for offer in at_hand.settled.settlement.offers:
        is_new = (offer.subject, offer.partner) not in visit.held
        if offer.end is End.HELD and offer.partner and offer.closed_until and is_new:
            until, services = offer.closed_until, [offer.service]
            happened.append(
                told.referral_held(laptop.stamp(), offer.subject, partner=offer.partner, services=services, until=until)
            )
    return at_hand.do(*happened, listed=True, puts=puts, then=laptop.nudge)


def release_urgent(at_hand: VisitAtHand) -> Change | None:
    """Let urgent referrals go at once, those that are agreed and complete; None if there is none."""
    at = at_hand.laptop.now()
    happened: list[Event] = []
    puts: list[Put] = []
    for referral in _due(at_hand, at.date()):
        group = at_hand.settled.group(f"{referral.subject}:{referral.partner}")
        if _is_urgent(referral) and not at_hand.settled.needed_to_leave(group):
            raised, documents = _raise(at_hand, referral, at, at.date(), hold=False)
            happened += raised
            puts += documents
    if not happened:
        return None
    return at_hand.do(*happened, puts=puts, then=at_hand.laptop.nudge)


def take_back(at_hand: VisitAtHand) -> Change | None:
    """Take the finish back, with every referral that still waits its two minutes; None when they are over."""
    laptop, visit = at_hand.laptop, at_hand.visit
    if at_hand.leaves_at is None or laptop.now() >= at_hand.leaves_at:
        return None
    finished = next(event for event in reversed(visit.events) if event.type == "PartFinished")
    place = visit.events.index(finished)
    raised = [event for event in visit.events[place:] if event.type == "ReferralRaised"]
    waiting = [event for event in raised if _is_held(laptop, event)]
    gone = [(cards.OPEN, str(event.data["reference"])) for event in waiting]
    notes = [_note(event.data, wish=False) for event in waiting]
    happened = [told.undone(laptop.stamp(), event) for event in (finished, *waiting)]
    change = at_hand.do(*happened, listed=True, puts=notes, deletes=gone)

    def save() -> None:
        with laptop.delivery_lock():
            if not all(_is_held(laptop, event) for event in waiting):
                raise AnswerIsNo("The two minutes are over: it has left.", "Say no on its offer, and a notice follows.")
            change.save()
            take_back_noted(laptop)

    return Change(save=save, said=change.said, item_id=change.item_id)


def stop_all(at_hand: VisitAtHand, *, keep: bool) -> Change:
    """The person wants to stop: nothing is sent, and answers are kept or nothing is."""
    laptop = at_hand.laptop
    event = told.withdrawn(laptop.stamp(), VISIT, keep_answers=keep)

    def erase_now() -> None:
        laptop.erase_what_was_promised()

    return at_hand.do(event, listed=True, then=None if keep else erase_now)


def no_longer_due(at_hand: VisitAtHand) -> list[Put]:
    """What makes sure that referrals which an act took away are taken back, for the transaction of that act.

    A referral that has its reference and is due no more (somebody said no, an answer changed, everything was stopped)
    gets a note, and its card says so; `take_back_noted` does what the notes ask, now or after a crash.
    """
    visit = at_hand.visit
    open_ones = {key: row for key, row in visit.raised.items() if row.reference not in at_hand.taken_back}
    if not open_ones:
        return []
    on = at_hand.laptop.today_on()
    due = {(row.subject, row.partner) for row in referrals_due(at_hand.sheets, on, at_hand.settled.settlement)}
    puts: list[Put] = []
    for key, row in open_ones.items():
        if key in due:
            continue
        card = at_hand.laptop.store.journal.get(cards.OPEN, row.reference)
        if card is None:
            continue  # it has ended, and nothing waits at the partner
        agreed = visit.agreements.get(key)
        at_hand.taken_back.add(row.reference)
        puts.append(_note(card, wish=visit.stopped or agreed is None or agreed.answer is not Said.YES))
        puts.append((cards.OPEN, row.reference, {**card, "taken_back": True}))
    return puts


def take_back_noted(laptop: Laptop) -> None:
    """Take back every referral that has a note; run again after a crash, it does what is left."""
    if laptop.post is None:
        return
    for reference, note in list(laptop.store.journal.load(TAKING_BACK)):
        by = "person" if note["wish"] else "visitor"
        follow = withdrawal_message(reference, int(note["version"]), laptop.now(), by=by)
        move = Move.WITHDRAW if note["wish"] else Move.CANCEL
        laptop.post.exchange.take_back(note["item"], move=move, reason=by, follow=follow)
        laptop.store.journal.commit([], [(TAKING_BACK, reference)])


def erase(laptop: Laptop, at_hand: VisitAtHand, line: Mapping[str, Any]) -> None:
    """Destroy name, address, contact and answers of a visit; its count, its statements and its yes and no stay."""
    promised = {**line, "name": "", "part": "", "erase_when_received": True}
    kept = {name: value for name, value in promised.items() if name != "erase_when_received"}
    references = [raised.reference for raised in at_hand.visit.raised.values()]
    doomed = [(kind, reference) for reference in references for kind in (cards.OPEN, cards.ENDED)]
    for person in at_hand.visit.people:
        laptop.store.erase_person(at_hand.id, person, promised)
    # The promise stands in the line until the last of it is done, so a crash on the way leaves it to be done again.
    laptop.store.erase_person(at_hand.id, HOME, kept, deletes=doomed)


def _due(at_hand: VisitAtHand, on: date) -> tuple[Referral, ...]:
    """The referrals that are agreed and not raised yet, or whose services have grown since."""
    raised = at_hand.visit.raised
    return tuple(
        referral
        for referral in referrals_due(at_hand.sheets, on, at_hand.settled.settlement)
        if (before := raised.get((referral.subject, referral.partner))) is None
        or before.reference in at_hand.taken_back
        or set(before.services) != set(referral.services)
    )


def _raise(
    at_hand: VisitAtHand, referral: Referral, at: datetime, on: date, *, hold: bool
) -> tuple[list[Event], list[Put]]:
    """The event, the outbox entry and the card of one referral, which has its reference from here on for life."""
    laptop, version = at_hand.laptop, at_hand.version
    before = at_hand.visit.raised.get((referral.subject, referral.partner))
    if before is not None and before.reference in at_hand.taken_back:
        before = None  # the old one stays taken back for ever: a new yes is a new referral
    reference = before.reference if before else new_reference(secrets.token_bytes)
    number = before.version + 1 if before else 1
    decider = referral.agreement.by if referral.agreement and referral.agreement.by else referral.person
    message = referral_message(
        referral,
        reference=reference,
        version=number,
        made_at=at,
        directory=version.directory,
        checklist=version.form.checklist,
        who=laptop.who(),
        language=at_hand.visit.language,
        decided_by=name_of(at_hand.sheets, decider, full=True),
    )
    if before:
        document = message.model_dump(by_alias=True, exclude={"kind"})
        message = Correction.model_validate({**document, "changed": ["services"]})
    until = at + GRACE if hold else None
    item = outgoing(
        message,
        referral.partner,
        now=at,
        urgent=_is_urgent(referral),
        held_until=until,
        held_reason=_JUST_FINISHED if hold else None,
    )
    partner = version.directory.by_id[referral.partner]
    card = cards.new_card(
        reference=reference,
        version=number,
        kind=item.kind,
        visit_id=at_hand.id,
        name=name_of(at_hand.sheets, referral.person, full=True),
        partner=referral.partner,
        partner_name=words(partner.name, "en"),
        services=tuple(words(version.directory.service_by_id[s].label, "en") for s in referral.services),
        raised_at=at,
        contact_by=referral.contact_by,
        ack_by=referral.ack_by,
        urgent=_is_urgent(referral),
        feedback=message.feedback,
    )
    event = told.referral_raised(
        laptop.stamp(),
        referral.subject,
        partner=referral.partner,
        services=referral.services,
        reference=reference,
        version=number,
        on=on,
    )
    return [event], [item.put, card]


def _is_urgent(referral: Referral) -> bool:
    return referral.urgency.rank >= Urgency.URGENT.rank


def _item_id(raised: Mapping[str, Any]) -> str:
    """The outbox's id of a referral, from its card or its event."""
    return f"{raised['partner']}:{raised.get('kind', 'referral')}:{raised['reference']}:{raised['version']}"


def _note(raised: Mapping[str, Any], *, wish: bool) -> Put:
    """The note that a referral is to be taken back: by the person's wish, or because it is due no more."""
    content = {"item": _item_id(raised), "version": raised["version"], "wish": wish}
    return TAKING_BACK, str(raised["reference"]), content


def _is_held(laptop: Laptop, raised: Event) -> bool:
    document = laptop.store.journal.get(OUTBOX, _item_id(raised.data))
    return document is not None and Item.from_document(document).state == "held"


def _by(referral: Referral) -> str:
    return day_short(referral.contact_by) if referral.contact_by else "they will write"


def _urgent_row(at_hand: VisitAtHand, referral: Referral) -> UrgentRow:
    directory, language = at_hand.version.directory, at_hand.visit.language
    partner = directory.by_id[referral.partner]
    because = referral.urgent_because
    return UrgentRow(
        partner=words(partner.name, language),
        what=", ".join(words(directory.service_by_id[s].label, language) for s in referral.services),
        because=words(because, language) if because else "",
        ring=partner.professionals_number,
        by=_by(referral),
    )


def _still_to_ask(at_hand: VisitAtHand) -> Iterator[StillToAsk]:
    """What is open: contact safety first, what an agreed offer or a rule still needs, offers, statements, questions."""
    agenda, offers = at_hand.agenda, at_hand.settled
    facts = agenda.checklist.by_fact
    needed = {item for group in offers.groups if offers.is_agreed(group) for item in offers.needed(group)}
    for fact, say in _CONTACT_SAFETY.items():
        if fact in facts and facts[fact].id in needed:
            yield StillToAsk(say=say, item_id=facts[fact].id, careful=True)
            needed.discard(facts[fact].id)
    place = agenda.checklist.place
    for question_id in dict.fromkeys((*offers.undecided(), *sorted(needed, key=lambda each: place[each]))):
        if question_id in agenda.checklist.by_id:
            say = agenda.short(agenda.checklist.question(question_id))
            yield StillToAsk(say=say, item_id=question_id)
    for row in offers.rows():
        if row.wish is Wish.NOT_ASKED:
            yield StillToAsk(say=f"{row.partner}: {row.service}", offer_key=row.key)
    for key in AT_THE_END:
        if agenda.directory.statement(key) is not None and agenda.is_open(key):
            yield StillToAsk(say=agenda.page(key).item.say, item_id=key)
    for person in at_hand.visit.people:
        if (count := at_hand.agenda_of(person).to_ask()) and person == at_hand.person:
            first = at_hand.next_to_ask(None)
            yield StillToAsk(say=f"{count} of the list not asked yet", item_id=first or "")
    yield from _to_put_right(agenda, known=needed)


def _to_put_right(agenda: Agenda, known: set[str]) -> Iterator[StillToAsk]:
    """Answers that fit no more, and the questions of the list that need one, each by its words."""
    for question in agenda.in_violation():
        yield StillToAsk(say=f"Look again: {agenda.short(question)}", item_id=question.id)
    for question in agenda.required_blank():
        if question.id not in known:
            yield StillToAsk(say=f"Needed: {agenda.short(question)}", item_id=question.id)
