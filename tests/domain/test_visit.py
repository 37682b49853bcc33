"""A visit is a fold over its events."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcontact.domain.agreement import Agreement, Decider, How, Put, Said, WordsRead, from_data, to_data
from firstcontact.domain.answer import Standing, Value
from firstcontact.domain.events import (
    HOME,
    KINDS,
    VISIT,
    Event,
    Stamp,
    agreement_recorded,
    answer_recorded,
    corrected,
    from_json,
    note_written,
    part_finished,
    person_added,
    presence_changed,
    referral_raised,
    statement_answered,
    stream_of,
    to_json,
    visit_paused,
    visit_resumed,
    visit_started,
    withdrawn,
)
from firstcontact.domain.visit import ForeignEvent, Visit, fold, redo_last, require_writable, undo_last

_NUMBERS = count(1)


def stamp(by: str = "osric") -> Stamp:
    """A fresh stamp."""
    return Stamp(
        id=f"e{next(_NUMBERS)}",
        at=datetime(2026, 1, 15, 10, 30, tzinfo=UTC),
        offset_minutes=0,
        clock_trusted=True,
        device="d1",
        by=by,
    )


def started() -> Visit:
    """A visit to Ann that has just begun."""
    return Visit().then(
        visit_started(stamp(), visit="v1", checklist="older", version="1", digest="ab", on=date(2026, 1, 15)),
        person_added(stamp(), "ann"),
    )


VALUES = st.one_of(
    st.none(),
    st.text(max_size=20).filter(lambda text: text not in set(Standing)),
    st.sampled_from(list(Standing)),
    st.integers(-5, 200),
    st.dates(),
    st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=3).map(tuple),
)


@given(VALUES)
def test_an_answer_reads_back_as_it_was_written(value: Value) -> None:
    """Every kind of value, through JSON and the fold."""
    visit = fold(
        [from_json(to_json(event)) for event in started().then(answer_recorded(stamp(), "ann", "B1", value)).events]
    )
    assert visit.answers_of("ann").get("B1") == value
    assert type(visit.answers_of("ann").get("B1")) is type(value)


def test_the_last_answer_counts_and_all_are_kept() -> None:
    """A changed answer takes the place of the first, a None takes it away; the history keeps every one."""
    visit = started().then(
        answer_recorded(stamp(), "ann", "B2", "yes"),
        answer_recorded(stamp(), "ann", "B2", "no"),
        answer_recorded(stamp(), "ann", "B1", "yes"),
        answer_recorded(stamp(), "ann", "B1", None),
    )
    assert visit.answers_of("ann") == {"B2": "no"}
    assert [event.data["value"] for event in visit.events if event.data.get("question") == "B2"] == ["yes", "no"]
    assert visit.position == ("ann", "B1")


def test_undo_takes_back_act_by_act_and_redo_puts_back() -> None:
    """Two undos, a redo, and nothing to redo after a new act; the list of events only grows."""
    visit = started().then(
        answer_recorded(stamp(), "ann", "B1", "yes"),
        answer_recorded(stamp(), "ann", "B2", "yes"),
    )
    length = len(visit.events)
    for left in ({"B1": "yes"}, {}):
        taken_back = undo_last(visit, stamp())
        assert taken_back is not None
        visit = visit.then(taken_back)
        assert visit.answers_of("ann") == left
    for again in ({"B1": "yes"}, {"B1": "yes", "B2": "yes"}):
        put_back = redo_last(visit, stamp())
        assert put_back is not None
        visit = visit.then(put_back)
        assert visit.answers_of("ann") == again
    assert redo_last(visit, stamp()) is None
    assert len(visit.events) == length + 4
    assert fold(visit.events).answers == visit.answers


def test_nobody_takes_back_what_somebody_else_did() -> None:
    """Undo is for one's own acts."""
    visit = started().then(answer_recorded(stamp("osric"), "ann", "B1", "yes"))
    assert undo_last(visit, stamp("wren")) is None


def test_a_referral_that_was_raised_is_not_undone() -> None:
    """What has a reference is withdrawn instead."""
    raised = referral_raised(
        stamp(), HOME, partner="AFR", services=["fire-visit"], reference="R", version=1, on=date(2026, 1, 15)
    )
    assert undo_last(started().then(raised), stamp()) is None


def test_an_unknown_event_is_kept_and_makes_the_visit_read_only() -> None:
    """A kind, or a version of a kind, from a newer program: everything known is still read."""
    for kind, version in (("CapacityRecorded", 1), ("AnswerRecorded", KINDS["AnswerRecorded"] + 1)):
        foreign = {**to_json(answer_recorded(stamp(), "ann", "B1", "yes")), "type": kind, "v": version, "mood": "good"}
        visit = started().then(from_json(foreign), answer_recorded(stamp(), "ann", "B2", "yes"))
        assert visit.read_only
        assert visit.answers_of("ann") == {"B2": "yes"}
        assert to_json(visit.events[2])["mood"] == "good"
        with pytest.raises(ForeignEvent):
            require_writable(visit)


def test_an_agreement_reads_back_with_all_that_was_recorded() -> None:
    """Partner, packs, decider, how, who was there, wording, health and feedback."""
    agreement = Agreement(
        partner="AFR",
        answer=Said.YES,
        by="ann",
        named=("ann",),
        decider=Decider.ATTORNEY,
        decided_by="Posy",
        how=How.INTERPRETER,
        present=("nephew",),
        packs=("ADDR", "TEN"),
        words=WordsRead("C-PARTNER", "1", "cy"),
        health=True,
        feedback=False,
        reason="asked for it",
        put=(Put("fire-visit", "urgent", ("A2",)),),
        on=date(2026, 1, 15),
    )
    event = from_json(to_json(agreement_recorded(stamp(), HOME, agreement)))
    visit = started().then(event)
    assert visit.agreements[HOME, "AFR"] == from_data(to_data(agreement), event.at)
    assert visit.agreements[HOME, "AFR"].services == {"fire-visit"}


def test_withdrawing_everything_is_one_act() -> None:
    """All agreements of one person, or the whole visit; and whether the answers may be kept."""
    agreed = agreement_recorded(stamp(), "ann", Agreement(partner="FAB", answer=Said.YES))
    visit = started().then(agreed)
    assert visit.then(withdrawn(stamp(), "ann")).agreements["ann", "FAB"].answer is Said.WITHDRAWN
    stopped = visit.then(withdrawn(stamp(), VISIT, keep_answers=False))
    assert (stopped.stopped, stopped.keep_answers) == (True, False)


def test_a_correction_keeps_old_and_new() -> None:
    """With who changed it."""
    visit = started().then(
        answer_recorded(stamp(), "ann", "X2", date(1954, 4, 4)),
        corrected(stamp("wren"), "ann", "X2", date(1944, 4, 4), told="Ann"),
    )
    row = visit.corrections[0]
    assert (row.old, row.new, row.by, row.told) == (date(1954, 4, 4), date(1944, 4, 4), "wren", "Ann")
    assert visit.answers_of("ann")["X2"] == date(1944, 4, 4)


def test_a_release_day_never_moves() -> None:
    """A second version of the same reference keeps the day of the first."""
    events = [
        referral_raised(
            stamp(),
            HOME,
            partner="AFR",
            services=["fire-visit"],
            reference="R",
            version=number,
            on=date(2026, 1, 14 + number),
        )
        for number in (1, 2)
    ]
    raised = started().then(*events).raised[HOME, "AFR"]
    assert (raised.version, raised.on) == (2, date(2026, 1, 15))


def test_a_visit_pauses_resumes_and_finishes() -> None:
    """At the same question; finished parts have their day; notes and statements are the last ones written."""
    visit = started().then(
        visit_paused(stamp(), subject="ann", question="E2"),
        visit_resumed(stamp()),
        note_written(stamp(), "ann", "first", question="E2"),
        note_written(stamp(), "ann", "second", question="E2"),
        statement_answered(stamp(), VISIT, key="C-RECORD", version="1", language="en", answer="no"),
        presence_changed(stamp(), ["ann", "nephew"]),
        part_finished(stamp(), "ann", date(2026, 1, 16)),
    )
    assert visit.position == ("ann", "E2")
    assert not visit.paused
    assert [note.text for note in visit.notes] == ["second"]
    assert visit.statements[VISIT, "C-RECORD"].answer == "no"
    assert visit.present == ("ann", "nephew")
    assert visit.finished_on("ann") == date(2026, 1, 16)
    assert visit.finished_on(HOME) is None


def streams(*events: Event) -> list[str]:
    """The stream of each event, with L1 and L2 sensitive."""
    return [stream_of(event, sensitive=frozenset({"L1", "L2"})) for event in events]


def test_each_event_is_sealed_where_it_can_be_erased_alone() -> None:
    """A person's answers in the person's stream, agreements in the visit's, L1 and L2 apart from both."""
    assert streams(
        answer_recorded(stamp(), "ann", "B1", "yes"),
        answer_recorded(stamp(), HOME, "X3", "1 High Street"),
        agreement_recorded(stamp(), "ann", Agreement(partner="FAB", answer=Said.YES)),
        answer_recorded(stamp(), "ann", "L1", "yes"),
        answer_recorded(stamp(), "visitor", "L2", ("child",)),
        person_added(stamp(), "ann"),
    ) == ["ann", HOME, VISIT, "safeguarding:ann", "safeguarding", VISIT]
