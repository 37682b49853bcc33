"""What holds for every visit that anybody could make with the whole checklist."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstcontact.definitions.visits import Answered, SampleVisit, Step
from firstcontact.domain.agreement import Agreement, Said
from firstcontact.domain.answer import Standing, Value
from firstcontact.domain.checklist import Question
from firstcontact.domain.directory import Outside, place_of
from firstcontact.domain.events import HOME, VISITOR
from firstcontact.domain.offer import End
from firstcontact.rehearsal import Outcome, as_json, play
from tests.checklists.telling import checklist, form, scheme

DAYS = st.dates(date(2025, 11, 1), date(2026, 12, 31))
INSIDE = ["AY1 1AA", "AY6 9ZZ", "AY7 1DD", "AY8 1AA", "AY8 3RB", "AY9 2LM", "ay105gh", "AY11 1AA", "AY12 3PL"]
POSTCODES = st.sampled_from([*INSIDE, "AY8 4NB", "AY20 1AA", "AY14 1AA", "AY8", "nowhere"])


def answer_to(question: Question) -> st.SearchStrategy[Value]:
    """Any answer that a question can have, the standing ones included."""
    standing = st.sampled_from(list(Standing))
    match question.type:
        case "yes-no" | "one-of":
            own: st.SearchStrategy[Any] = st.sampled_from(question.tokens)
        case "any-of":
            own = st.lists(st.sampled_from(question.tokens), min_size=1, max_size=3, unique=True).map(tuple)
        case "date":
            own = st.dates(date(1925, 1, 1), date(2012, 1, 1))
        case "whole-number":
            own = st.integers(1, 6)
        case "postcode":
            own = POSTCODES
        case _:
            own = st.sampled_from(["words", "01632 960411"])
    return st.one_of(st.none(), own, own, own, standing)


@st.composite
def visits(draw: st.DrawFn) -> SampleVisit:
    """A visit to one or two people: any answers, any agreements, perhaps a second day that changes some of both."""
    people = draw(st.sampled_from([("ann",), ("ann", "bob")]))
    on = draw(DAYS)
    steps = []
    for number in range(draw(st.integers(1, 2))):
        questions = [question for question in checklist().questions if number == 0 or draw(st.booleans())]
        rows = []
        for question in questions:
            subjects = people if question.subject == "person" else (HOME if question.subject == "home" else VISITOR,)
            for subject in subjects:
                value = draw(answer_to(question))
                if value is not None or number:
                    rows.append(Answered(subject, question.id, value))
        partners = draw(st.lists(st.sampled_from([partner.id for partner in scheme().partners]), max_size=12))
        agreements = tuple(
            (subject, Agreement(partner=partner, answer=draw(st.sampled_from([*Said, Said.YES, Said.YES]))))
            for partner in partners
            for subject in (HOME, *people)
        )
        day = on + timedelta(days=number * 3)
        steps.append(Step(on=day, answers=tuple(rows), agreements=agreements, rest=draw(st.booleans())))
    return SampleVisit(name="any", title="", people=people, steps=tuple(steps))


def outcome_of(visit: SampleVisit) -> Outcome:
    """The visit, played."""
    return play(visit, form(), scheme())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(visits())
def test_the_laws_of_offers_and_referrals(visit: SampleVisit) -> None:
    """No offer outside coverage or eligibility, no field outside a pack, no referral without a yes, one per partner."""
    outcome = outcome_of(visit)
    sheets, settled, directory = outcome.sheets, outcome.settlement, scheme()
    place = place_of(sheets.postcode)
    outside = isinstance(directory.area_of(sheets.postcode), Outside)
    services = {(offer.service, offer.subject) for offer in settled.offers}
    assert len({(offer.service, offer.subject, offer.partner) for offer in settled.offers}) == len(settled.offers)
    assert services.isdisjoint((row.service, row.subject) for row in settled.recorded)
    for offer in settled.offers:
        if offer.end is End.CANCELLED or offer.partner is None:
            assert offer.end in {End.CANCELLED, End.OFFERED}
            continue
        row = directory.by_id[offer.partner].service(offer.service)
        assert row is not None
        assert place is not None
        assert row.coverage.holds(place)
        assert not outside
        assert directory.by_id[offer.partner].channel != "none"
        people = (sheets.adults or sheets.people) if offer.subject == HOME else (offer.subject,)
        verdicts = {
            sheets.eligibility.verdict(row, sheets.known(person), visit.steps[0].on).answer for person in people
        }
        assert "yes" in verdicts
    agreed = {(offer.subject, offer.partner) for offer in settled.offers if offer.end is End.AGREED}
    sent = [(referral.subject, referral.partner) for referral in outcome.referrals]
    assert sorted(sent) == sorted(set(sent)) == sorted((subject, str(partner)) for subject, partner in agreed)
    for referral in outcome.referrals:
        agreement = outcome.visit.agreements[referral.subject, referral.partner]
        assert agreement.answer is Said.YES
        assert set(referral.services) <= agreement.services
        allowed = {
            code
            for service in referral.services
            for row in directory.by_id[referral.partner].services
            if row.service == service
            for code in row.packs
        }
        assert set(referral.fields) <= allowed
        assert all(values for values in referral.fields.values())
        assert not {"L1", "L2"} & {*referral.reasons, *referral.fields}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(visits())
def test_the_same_events_lead_to_the_same_end(visit: SampleVisit) -> None:
    """Reading all events at once gives what keeping up with them one by one gave, in the checklist's order."""
    from firstcontact.domain.events import from_json, to_json
    from firstcontact.domain.offer import offers_due
    from firstcontact.domain.sheets import Sheets
    from firstcontact.domain.visit import fold

    outcome = outcome_of(visit)
    again = fold(from_json(to_json(event)) for event in outcome.visit.events)
    assert again.answers == outcome.visit.answers
    day = max(step.on for step in visit.steps if step.answers or step.agreements or step is visit.steps[0])
    assert offers_due(Sheets(form(), scheme(), again), day) == outcome.settlement
    place = checklist().place
    firsts = [place[offer.reasons[0]] for offer in outcome.settlement.offers]
    assert firsts == sorted(firsts)
    assert as_json(outcome) == as_json(outcome_of(visit))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(visits())
def test_one_persons_answers_never_travel_with_anothers(visit: SampleVisit) -> None:
    """What Ann answered to her own questions changes nothing that is offered or sent for Bob."""
    if len(visit.people) < 2:
        return
    questions = checklist().by_id
    steps = tuple(
        Step(
            on=step.on,
            answers=tuple(
                row for row in step.answers if row.subject != "ann" or questions[row.question].fact is not None
            ),
            agreements=step.agreements,
            rest=step.rest,
        )
        for step in visit.steps
    )
    without = outcome_of(SampleVisit(name="any", title="", people=visit.people, steps=steps))
    whole = outcome_of(visit)

    def bobs(outcome: Outcome) -> list[Any]:
        return [row for row in as_json(outcome)["referrals"] if row["subject"] == "bob"]

    assert [{**row, "contact_by": None, "ack_by": None} for row in bobs(whole)] == [
        {**row, "contact_by": None, "ack_by": None} for row in bobs(without)
    ]
