"""A visit in the visitor's hands: what is asked, what is kept, what leaves, and what never does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from firstcontact.config import Settings
from firstcontact.gate import open_laptop
from firstcontact.rows import Change, VisitState, Wish, Wrong
from firstcontact.workflow.laptop import Laptop
from firstcontact.workflow.open_visit import VisitAtHand
from sync.items import OUTBOX
from tests.builders import PASSPHRASE, World, answer, done


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.at = datetime.fromisoformat("2026-01-15T10:30:00+00:00")

    def __call__(self) -> datetime:
        return self.at

    def pass_minutes(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def laptop(tmp_path: Path, clock: Clock) -> Iterator[Laptop]:
    laptop = World().laptop(tmp_path, now=clock)
    yield laptop
    laptop.close()


def agnes(laptop: Laptop) -> VisitAtHand:
    """Agnes of S01, as far as the door: who she is and where she lives."""
    visit = laptop.new_visit()
    answer(visit, X5=("large-print",), X6="English", X6a="no")
    answer(visit, **{"C-START": "yes", "C-SAFE": "understood", "C-RECORD": "yes"})
    answer(visit, X1="Agnes Thimblewick", X1a="Agnes", X3="3 Lantern Row, Rushmere", X3a="ay24qt", X3b="yes")
    return visit


def key_of(visit: VisitAtHand, partner: str) -> str:
    return next(row.key for row in visit.offers() if row.key.endswith(f":{partner}"))


def outbox(laptop: Laptop) -> list[str]:
    return sorted(item_id.partition(":")[0] for item_id, _ in laptop.store.journal.load(OUTBOX))


def test_the_door_comes_in_its_order(laptop: Laptop) -> None:
    """How to communicate and language first, then the three statements, then name and postcode, then the list."""
    visit = laptop.new_visit()
    seen = [visit.position()]
    while (following := visit.after(seen[-1])) is not None and len(seen) < 9:
        seen.append(following)
    assert seen[:9] == ["X5", "X6", "C-START", "C-SAFE", "C-RECORD", "X1", "X3", "A1", "A2"]


def test_safeguarding_questions_are_on_no_ordinary_list(laptop: Laptop) -> None:
    """L1 and L2 stand in no agenda, no find list, no part and no count."""
    visit = agnes(laptop)
    assert not [row for row in visit.questions() if row.id.startswith("L")]
    assert "L" not in [part.letter for part in visit.progress().parts]
    assert visit.after("K1") == "M1"


def test_a_follow_up_comes_with_its_question_and_goes_with_it(laptop: Laptop) -> None:
    """After yes to a fall the two follow-ups are on the same page; after no they are gone, and the answer is kept."""
    visit = agnes(laptop)
    assert visit.page("B1").follow_ups == ()
    answer(visit, B1="yes", B1a="2 or more")
    assert [item.id for item in visit.page("B1").follow_ups] == ["B1a", "B1b"]
    answer(visit, B1="no")
    assert visit.page("B1").follow_ups == ()
    answer(visit, B1="yes")
    assert visit.page("B1").follow_ups[0].answer == "2 or more"


def test_a_wrong_answer_is_said_beside_its_question_and_changes_nothing(laptop: Laptop) -> None:
    """A day that has not come yet is no date of birth, and a slip in the date is said in words."""
    visit = agnes(laptop)
    events = len(visit.visit.events)
    for typed in ("14 March 2143", "yesterday", "31/2/1943"):
        refused = visit.record_answer("X2", typed)
        assert isinstance(refused, Wrong)
        assert refused.words
    assert len(visit.visit.events) == events
    for typed in ("14 March 1943", "14/3/1943", "1943-03-14", "14.03.1943"):
        answer(visit, X2=typed)
        assert visit.page("X2").item.answer == "14 March 1943"


def test_undo_takes_back_one_act_and_redo_puts_it_back(laptop: Laptop) -> None:
    """The history keeps all of it; the visit reads as if it had not happened."""
    visit = agnes(laptop)
    answer(visit, A1="no")
    assert [row.key for row in visit.offers()] == ["home:AFR"]
    undone = visit.undo()
    done(undone)
    assert isinstance(undone, Change)
    assert undone.item_id == "A1"
    assert visit.offers() == ()
    done(visit.redo())
    assert [row.key for row in visit.offers()] == ["home:AFR"]


def test_the_page_of_an_agreement_shows_what_is_sent_and_no_more(laptop: Laptop) -> None:
    """AFR sees the address and the home, and neither the fall nor the age."""
    visit = agnes(laptop)
    answer(visit, A1="no", B1="yes", B1a="1", X2="14 March 1943", X8="owner", X7=("alone",), X7a="1", X4="01632 960411")
    shown = {line.label: line.value for line in visit.agreement(key_of(visit, "AFR")).lines}
    assert shown["Name"] == "Agnes Thimblewick"
    assert shown["Postcode"] == "AY2 4QT"
    assert "Date of birth" not in shown
    assert not [value for value in shown.values() if "fall" in value]
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.YES))
    done(visit.finish())
    document = next(document for _, document in laptop.store.journal.load(OUTBOX))
    sent = {field["field"] for field in document["message"]["fields"]}
    assert sent == {"address", "postcode", "tenure", "people"}
    assert "fall" not in str(document["message"]).lower()
    assert "1943" not in str(document["message"])


def test_a_yes_names_what_it_still_needs(laptop: Laptop) -> None:
    """The GP is asked about only for the falls service, and a date of birth only where a pack needs one."""
    visit = agnes(laptop)
    answer(visit, A1="no", B1="yes", X11="no")
    fire = visit.agreement(key_of(visit, "AFR")).needs
    assert {"X4", "X8"} <= set(fire)
    assert not {"X2", "X9"} & set(fire)
    answer(visit, X2="14 March 1943")
    assert "X9" in visit.agreement(key_of(visit, "FAB")).needs


def test_a_rule_that_needs_an_age_says_so_before_it_offers(laptop: Laptop) -> None:
    """Without an age the falls service is neither offered nor silently dropped: the age is still to ask."""
    visit = agnes(laptop)
    answer(visit, B1="yes")
    assert not [row for row in visit.offers() if row.key.endswith("FAB")]
    assert "X2" in [still.item_id for still in visit.review().still]


def test_finishing_waits_two_minutes_and_can_be_taken_back(laptop: Laptop, clock: Clock) -> None:
    """Ordinary referrals are held, shown, and gone without a trace when they are taken back in time."""
    visit = agnes(laptop)
    answer(visit, A1="no")
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.YES))
    done(visit.finish())
    assert outbox(laptop) == ["AFR"]
    assert laptop.today().visits[0].state is VisitState.LEAVING
    assert laptop.my_referrals()[0].happened == "Leaves at 10:32"
    clock.pass_minutes(1)
    done(laptop.take_back(visit.id))
    assert outbox(laptop) == []
    assert laptop.my_referrals() == ()
    again = laptop.open_visit(visit.id)
    done(again.finish())
    clock.pass_minutes(3)
    assert laptop.take_back(visit.id) is None
    assert outbox(laptop) == ["AFR"]


def test_an_urgent_referral_does_not_wait(laptop: Laptop) -> None:
    """A broken boiler in January goes to Warm Homes as urgent, and is not held."""
    visit = agnes(laptop)
    answer(visit, D2="yes", X8="owner", X2="14 March 1943", X4="01632 960411")
    done(visit.record_agreement(key_of(visit, "WHA"), Wish.YES))
    assert [row.because for row in visit.review().urgent]
    done(visit.finish())
    (document,) = [document for _, document in laptop.store.journal.load(OUTBOX)]
    assert document["urgent"]
    assert document["state"] == "queued"


def test_a_no_takes_no_more_than_a_yes(laptop: Laptop) -> None:
    """Agreed and then no longer wanted, in the same two keys: nothing is raised."""
    visit = agnes(laptop)
    answer(visit, A1="no")
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.YES))
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.NO))
    review = visit.review()
    assert review.passed == ()
    assert [row.why for row in review.not_passed] == ["said no"]
    done(visit.finish())
    assert outbox(laptop) == []


def test_she_wants_to_stop_and_nothing_is_kept(laptop: Laptop, tmp_path: Path, clock: Clock) -> None:
    """S03: nothing leaves, now or after a restart; name, address and answers are gone; the yes and no are counted."""
    visit = agnes(laptop)
    answer(visit, A1="no")
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.YES))
    done(visit.finish())
    again = laptop.open_visit(visit.id)
    done(again.stop_all(keep=False))
    assert outbox(laptop) == []
    assert laptop.my_referrals() == ()
    laptop.close()
    clock.pass_minutes(60)
    reopened = open_laptop(Settings(tmp_path), None, PASSPHRASE)
    try:
        events = str(reopened.store.events(visit.id))
        assert "Thimblewick" not in events
        assert "Lantern" not in events
        assert "AgreementRecorded" in events
        (line,) = [summary for _, summary in reopened.store.visits()]
        assert line["name"] == ""
        assert line["state"] == "stopped"
        assert outbox(reopened) == []
    finally:
        reopened.close()


def test_a_half_done_visit_goes_on_at_its_question(laptop: Laptop) -> None:
    """Paused at E2, locked, unlocked: the same question, every answer there."""
    visit = agnes(laptop)
    answer(visit, A1="yes", A2="no")
    assert laptop.unfinished() == visit.id, "broken off by a lock: unlocking returns to it"
    done(visit.pause("E2"))
    assert laptop.unfinished() is None, "paused on purpose: it waits on Today"
    row = laptop.today().visits[0]
    assert (row.initials, row.district, row.state, row.part) == ("A.T.", "AY2", VisitState.HALF_DONE, "E")
    again = laptop.open_visit(visit.id)
    assert again.position() == "E2"
    assert again.page("A1").item.answer == "yes"


def test_two_people_share_the_home_and_nothing_else(laptop: Laptop) -> None:
    """Home questions are asked once; a second person's page never shows the first one's answer."""
    visit = agnes(laptop)
    answer(visit, A1="no", B1="yes")
    done(visit.add_person())
    assert visit.page("B1").item.answer is None
    assert "A1" not in visit.agenda.items()
    assert visit.progress().just_now == ""
    answer(visit, B1="no")
    visit.choose_person(visit.visit.people[0])
    assert visit.page("B1").item.answer == "yes"


def test_a_visit_keeps_the_version_that_it_started_on(laptop: Laptop) -> None:
    """The definition is in the vault, so a visit opens although the pack has moved on."""
    visit = agnes(laptop)
    laptop.versions = {}
    laptop._kept.clear()
    again = laptop.open_visit(visit.id)
    assert again.version.digest == visit.version.digest
    assert again.page("A1").item.say


def test_a_no_after_finishing_stops_what_waits_and_follows_what_has_left(laptop: Laptop, clock: Clock) -> None:
    """Said yes, finished, and then no: nothing of it leaves; a later yes is a new referral under a new reference."""
    visit = agnes(laptop)
    answer(visit, A1="no")
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.YES))
    done(visit.finish())
    first = laptop.my_referrals()[0].reference
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.NO))
    assert outbox(laptop) == []
    assert laptop.my_referrals()[0].happened == "Asked to stop"
    clock.pass_minutes(5)
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.YES))
    done(visit.finish())
    assert outbox(laptop) == ["AFR"]
    references = {row.reference for row in laptop.my_referrals()}
    assert first in references
    assert len(references) == 2


def test_an_urgent_one_released_at_the_pause_is_taken_back_when_its_answer_changes(laptop: Laptop) -> None:
    """S05: the boiler's referral leaves at the pause; were the answer wrong, it is cancelled and never sent."""
    visit = agnes(laptop)
    answer(visit, D2="yes", X8="owner", X2="14 March 1943", X4="01632 960411", B2="yes", X11="no")
    done(visit.record_agreement(key_of(visit, "WHA"), Wish.YES))
    done(visit.record_agreement(key_of(visit, "HAM"), Wish.YES))
    done(visit.pause("E2"))
    assert outbox(laptop) == ["WHA"], "the urgent one only: the visit is not finished"
    again = laptop.open_visit(visit.id)
    answer(again, D2="no")
    assert outbox(laptop) == []


def test_what_an_act_took_away_is_taken_back_even_after_a_crash(laptop: Laptop, tmp_path: Path) -> None:
    """Killed between the act's transaction and the taking back, the next unlock does what is left."""
    visit = agnes(laptop)
    answer(visit, A1="no")
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.YES))
    done(visit.finish())
    post, laptop.post = laptop.post, None  # the crash: the notes are written, and nothing reads them
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.NO))
    assert outbox(laptop) == ["AFR"]
    assert post is not None
    laptop.close()
    reopened = open_laptop(Settings(tmp_path), None, PASSPHRASE)
    try:
        assert outbox(reopened) == []
    finally:
        reopened.close()


def test_a_finished_visit_takes_no_answers_until_it_is_taken_back(laptop: Laptop, clock: Clock) -> None:
    """What was agreed was agreed on these answers; it says what to do instead."""
    visit = agnes(laptop)
    answer(visit, A1="no")
    done(visit.finish())
    refused = visit.record_answer("A1", "yes")
    assert isinstance(refused, Wrong)
    assert "Take it back" in refused.words
    done(visit.undo())
    answer(visit, A1="yes")
    done(visit.finish())
    clock.pass_minutes(3)
    assert visit.undo() is None
    assert isinstance(visit.record_standing("A2", "dont-know"), Wrong)


def test_each_adult_agrees_to_be_named_for_themselves(laptop: Laptop) -> None:
    """S04: Edith's yes goes in her name; Horace is named once he has said yes too, and not any longer after his no."""
    visit = agnes(laptop)
    answer(visit, X2="14 March 1943", A1="no")
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.YES))
    edith = visit.person
    done(visit.add_person())
    horace = visit.person
    answer(visit, X1="Horace Bramblecote", X2="19 August 1946")
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.YES))
    agreed = visit.visit.agreements["home", "AFR"]
    assert (agreed.by, agreed.named) == (edith, (edith, horace))
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.NO))
    agreed = visit.visit.agreements["home", "AFR"]
    assert (agreed.by, agreed.named, agreed.answer.value) == (edith, (edith,), "yes")
    visit.choose_person(edith)
    done(visit.record_agreement(key_of(visit, "AFR"), Wish.NO))
    assert visit.visit.agreements["home", "AFR"].answer.value == "no"


def test_a_homes_yes_goes_in_the_name_of_somebody_whom_the_partner_may_take(laptop: Laptop) -> None:
    """Small jobs are for people of 60 and over: with one of 50 being asked, the one of 82 decides."""
    visit = agnes(laptop)
    answer(visit, X2="14 March 1943", C1="yes", C1a="loose banister", X8="owner")
    agnes_key = visit.person
    done(visit.add_person())
    answer(visit, X1="Beatrice Thimblewick", X2="1 March 1975", X11="no")
    key = key_of(visit, "RTH")
    assert visit.agreement(key).decided_by == "Agnes"
    done(visit.record_agreement(key, Wish.YES))
    assert visit.visit.agreements["home", "RTH"].by == agnes_key
    assert [row.key for row in visit.review().passed] == [key]
