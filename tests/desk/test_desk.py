"""One agency's desk: what its people do, what comes in, and what leaves when."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sync.base.work import ANSWERS, Button, Work
from sync.desk.answers import Given
from sync.desk.desk import Desk, NotHere, Shelf
from sync.desk.inbox import Section, buttons, can_take_back, state
from tests.desk.parts import Clock, MemoryJournal, arrived, desk, reference, referral, withdrawal

REF = reference()
TWO_DAYS = (date(2026, 1, 29), date(2026, 1, 30))


def given(button: Button) -> Given:
    """A right answer for a button."""
    match button:
        case Button.CONTACTED:
            return Given(button, dates=TWO_DAYS[1:])
        case Button.COULD_NOT_REACH:
            return Given(button, dates=TWO_DAYS)
        case Button.HELPED:
            return Given(button, "signposted")
        case Button.SEND_BACK:
            return Given(button, "wrong-service", extra={"which": "the library"})
        case _:
            return Given(button, next(iter(ANSWERS[button].outcomes), None))


def posted(here: Desk, to: str) -> list[dict[str, Any]]:
    """The statuses in the outbox for an addressee, in the order of their numbers."""
    found = [item["message"] for _, item in here._journal.load("outbox") if item["to"] == to]
    return sorted(found, key=lambda status: int(status["rev"]))


def opened(**more: Any) -> tuple[Desk, Clock]:
    """A desk with one referral that was read, and the reading told."""
    clock = Clock()
    here = desk(clock=clock)
    arrived(here, referral(**more))
    here.read(REF)
    here.release()
    return here, clock


ANSWERABLE = [button for button in ANSWERS if button not in {Button.ARRIVED, Button.OPENED, Button.CONFIRM_WITHDRAWAL}]


@pytest.mark.parametrize("button", ANSWERABLE)
@pytest.mark.parametrize("accepted", [False, True])
def test_each_button_gives_the_status_of_the_table(button: Button, accepted: bool) -> None:
    """What a button sends is exactly its row of the table, sending back as failed once it was accepted."""
    here, clock = opened()
    if accepted:
        here.answer(REF, given(Button.ACCEPT))
        clock.goes(minutes=10)
        here.release()
        if button is Button.ACCEPT:
            with pytest.raises(ValueError, match="cannot follow"):
                here.answer(REF, given(button))
            return
    answer, row = given(button), ANSWERS[button]
    here.answer(REF, answer)
    clock.goes(minutes=10)
    here.release()
    status = posted(here, "dev-1")[-1]
    work = row.work_after_acceptance if accepted and row.work_after_acceptance else row.work
    assert (status["work"], status["business_status"]) == (work.value, row.business_status)
    assert status.get("outcome") == answer.outcome
    assert status.get("on", []) == [day.isoformat() for day in answer.dates]
    assert status.get("detail") == answer.extra.get("which")
    assert status["rev"] == (3 if accepted else 2)


def test_opening_is_told_once_and_answers_nothing() -> None:
    """The first opening by a person is told as read; the next ones say nothing, and no answer arises from it."""
    here, _ = opened()
    here.read(REF)
    here.read(REF)
    here.release()
    said = posted(here, "dev-1")
    assert [(status["work"], status["business_status"], status["rev"]) for status in said] == [("requested", "read", 1)]


def test_an_answer_stays_ten_minutes_and_can_be_taken_back() -> None:
    """Nothing leaves in the first ten minutes; what is taken back never leaves, and the state is as before."""
    here, clock = opened()
    before = state(here.case(REF))
    here.answer(REF, given(Button.HELPED))
    clock.goes(minutes=9, seconds=59)
    here.release()
    assert len(posted(here, "dev-1")) == 1
    here.take_back(REF)
    clock.goes(days=1)
    here.release()
    assert len(posted(here, "dev-1")) == 1
    assert state(here.case(REF)) == before


def test_after_ten_minutes_there_is_nothing_to_take_back() -> None:
    """When its time is up an answer has left, whether the sending thread was there in time or not."""
    here, clock = opened()
    here.answer(REF, given(Button.ACCEPT))
    clock.goes(minutes=10)
    assert can_take_back(here.case(REF), clock()) is None
    with pytest.raises(ValueError, match="nothing to take back"):
        here.take_back(REF)


def test_an_answer_can_be_sent_at_once() -> None:
    """Who is sure can let an answer leave now, once."""
    here, _ = opened()
    here.answer(REF, given(Button.ACCEPT))
    here.send_now(REF)
    here.release()
    here.release()
    assert [status["business_status"] for status in posted(here, "dev-1")] == ["read", "accepted"]


def test_without_the_persons_yes_the_visitor_hears_nothing() -> None:
    """Without C-FEEDBACK a status goes to the hub only; nothing that somebody typed goes there."""
    here, clock = opened(feedback=False)
    here.answer(REF, Given(Button.SEND_BACK, "not-enough-information", extra={"what": "Desmond's floor"}))
    clock.goes(minutes=10)
    here.release()
    assert posted(here, "dev-1") == []
    to_hub = posted(here, "HUB")
    assert [status["business_status"] for status in to_hub] == ["read", "returned"]
    assert "Desmond" not in str(to_hub)


def test_a_status_and_the_memory_of_it_are_one_commit() -> None:
    """What is marked as sent is in the outbox, and the other way round: there is no moment between."""
    here, clock = opened()
    here.answer(REF, given(Button.ACCEPT))
    clock.goes(minutes=10)
    journal = here._journal
    assert isinstance(journal, MemoryJournal)
    before = journal.commits
    here.release()
    assert journal.commits == before + 1


def test_a_version_is_taken_once() -> None:
    """The same version again changes nothing at all, neither data nor state nor history."""
    here, _ = opened()
    case = here.case(REF)
    arrived(here, referral(person={"name": "Somebody Else"}))
    assert here.case(REF) == case


def test_a_later_version_replaces_the_words_and_asks_to_be_read() -> None:
    """A corrected referral shows the new words, keeps the work, is to be read again, and tells no second read."""
    here, clock = opened()
    here.answer(REF, given(Button.ACCEPT))
    clock.goes(minutes=10)
    arrived(here, referral(version=2, kind="correction", contact={"phone": "01632960111"}))
    now = state(here.case(REF))
    assert (now.work, now.read) == (Work.ACCEPTED, False)
    here.read(REF)
    here.release()
    assert [status["business_status"] for status in posted(here, "dev-1")] == ["read", "accepted"]
    assert here.case(REF).referral["contact"]["phone"] == "01632960111"


def test_a_version_that_comes_late_changes_nothing_but_the_ledger() -> None:
    """Version 1 after version 2 is remembered as taken, and nothing else of it counts."""
    here = desk()
    arrived(here, referral(version=2))
    before = state(here.case(REF))
    arrived(here, referral(version=1, person={"name": "Old Words"}))
    assert here.case(REF).versions == (2, 1)
    assert here.case(REF).referral["person"] == {"name": "Desmond Pilchard"}
    assert state(here.case(REF)) == before


def test_the_next_version_brings_a_returned_one_back() -> None:
    """A referral that was sent back comes again as the next version, as new."""
    here, clock = opened()
    here.answer(REF, given(Button.SEND_BACK))
    clock.goes(minutes=10)
    here.release()
    arrived(here, referral(version=2))
    assert here.index.counts(here.today())[Section.NEW] == 1
    assert state(here.case(REF)).work is Work.REQUESTED


def test_a_wish_to_stop_leaves_one_thing_to_say() -> None:
    """After a withdrawal the desk can confirm it, or say that the person died; confirmed, it is finished."""
    here, clock = opened()
    arrived(here, withdrawal())
    assert buttons(here.case(REF)) == (Button.CONFIRM_WITHDRAWAL, Button.DECEASED)
    assert here.index.counts(here.today())[Section.STOP] == 1
    here.answer(REF, given(Button.CONFIRM_WITHDRAWAL))
    clock.goes(minutes=10)
    here.release()
    status = posted(here, "dev-1")[-1]
    assert (status["work"], status["business_status"]) == ("cancelled", "withdrawn")
    assert here.index.counts(here.today())[Section.FINISHED] == 1
    assert buttons(here.case(REF)) == ()


def test_a_wish_in_the_same_batch_counts_whatever_its_place() -> None:
    """A withdrawal that stands before its referral in what was collected stops it all the same."""
    here = desk()
    arrived(here, withdrawal(), referral())
    assert state(here.case(REF)).stop_waits


def test_word_of_a_death_stops_everything() -> None:
    """After a death nothing can be said or sent any more, and nothing is ever late."""
    here, _ = opened()
    arrived(here, withdrawal(by="deceased"))
    assert buttons(here.case(REF)) == ()
    assert here.index.counts(here.today())[Section.FINISHED] == 1


LATE = [
    (date(2026, 2, 9), "Mon 9", None),
    (date(2026, 2, 10), "Tue 10", 1),
    (date(2026, 2, 16), "Mon 16", 5),
]


@pytest.mark.parametrize(("today", "_day", "days"), LATE)
def test_lateness_is_counted_in_working_days(today: date, _day: str, days: int | None) -> None:
    """A call is late from the day after its date; weekends do not count; it closes nothing."""
    here, _ = opened()
    row = here.index.get(REF)
    assert row is not None
    late = here.index.late(row, today)
    assert (late.days if late else None) == days
    assert here.index.counts(today)[Section.LATE] == (1 if days else 0)
    assert buttons(here.case(REF))


def test_who_was_reached_is_not_late() -> None:
    """Once the person was spoken to, or the visitor was asked for help, no target is missed at this desk."""
    for button in (Button.CONTACTED, Button.COULD_NOT_REACH):
        here, _ = opened()
        here.answer(REF, given(button))
        row = here.index.get(REF)
        assert row is not None
        assert here.index.late(row, date(2026, 3, 30)) is None


def test_an_answer_saved_while_a_batch_is_taken_in_is_kept() -> None:
    """What comes in stands beside the case until it is joined: an answer given meanwhile is never written over."""
    here, _ = opened()
    puts = here.take(referral(version=2), "dev-1", here.clock())
    here.answer(REF, given(Button.ACCEPT))
    here._journal.commit(puts)
    here.absorb()
    now = state(here.case(REF))
    assert now.accepted
    assert here.case(REF).versions == (1, 2)


def test_what_was_received_and_not_joined_is_joined_at_the_next_start() -> None:
    """A desk that stops between receiving and joining shows the referral when it starts again, once."""
    journal = MemoryJournal()
    here = desk(journal=journal)
    journal.commit(here.take(referral(), "dev-1", here.clock()))
    again = desk(journal=journal)
    assert again.case(REF).versions == (1,)
    assert desk(journal=journal).case(REF).versions == (1,)
    assert not list(journal.load("arrival"))


def test_two_agencies_on_one_journal_never_see_each_other() -> None:
    """A hosted desk keeps each agency's documents apart: a reference of one is not there for the other."""
    journal = MemoryJournal()
    one = desk("LLA", journal=Shelf(journal, "LLA"))
    other = desk("RTH", journal=Shelf(journal, "RTH"))
    arrived(one, referral())
    with pytest.raises(NotHere):
        other.case(REF)
    assert len(other.index) == 0
    assert desk("LLA", journal=Shelf(journal, "LLA")).case(REF).versions == (1,)


def test_find_needs_no_spelling() -> None:
    """A referral is found by its reference, part of the name, or the postcode in any spelling."""
    here, _ = opened()
    for text in (REF, REF.lower(), "pilch", "DESMOND", "ay123pl", "AY12 3pl"):
        assert [row.reference for row in here.index.find(text)] == [REF], text
    for text in ("", " ", "x", "Edith", "AY1 3PL"):
        assert here.index.find(text) == [], text
