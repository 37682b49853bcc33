"""One visit in the visitor's hands: what is asked, what was said, and each act as a change that becomes durable.

An act is true in memory at once, so that no key waits for a disk; it is saved by `Change.save`, in the order of the
acts, and only then may a screen say so. Everything here reads from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from firstcontact.domain import events as told
from firstcontact.domain.answer import NotAnAnswer, Standing, Value, from_text
from firstcontact.domain.events import HOME, VISIT, Event
from firstcontact.domain.sheets import Sheets
from firstcontact.domain.visit import Visit, redo_last, require_writable, undo_last
from firstcontact.rows import (
    AgreementPage,
    Change,
    Given,
    HouseholdPage,
    Item,
    OfferRow,
    Progress,
    QuestionPage,
    QuestionRow,
    RecordedRow,
    ReviewPage,
    Wish,
    Wrong,
)
from firstcontact.workflow import finishing, moving, phone
from firstcontact.workflow.agenda import AT_START, AT_THE_END, Agenda
from firstcontact.workflow.household import household_page, name_of
from firstcontact.workflow.layout import Layout, is_asked
from firstcontact.workflow.offers import Offers
from firstcontact.workflow.summary import summary_of

if TYPE_CHECKING:
    from firstcontact.workflow.laptop import Laptop
    from firstcontact.workflow.version import Version

_LISTED_FACTS = frozenset({"name", "preferred_name", "address", "postcode"})
"""Facts that stand in the visit's line on Today, which is rewritten when one of them changes."""


class VisitAtHand:
    """A visit that is open on the screen (`tui.ports.OpenVisit`), or being keyed in from paper."""

    def __init__(self, laptop: Laptop, visit: Visit, version: Version) -> None:
        self.id = visit.id
        self.laptop = laptop
        self.version = version
        self.visit = visit
        self.sheets = Sheets(version.form, version.directory, visit)
        self.layout = Layout(version.form.checklist)
        self._agendas: dict[str, Agenda] = {}
        """Of each person the list as of the last event."""
        self._sensitive = frozenset(q.id for q in version.form.checklist.questions if q.safeguarding)
        place = visit.position.subject if visit.position else ""
        self.person = place if place in visit.people else (visit.people[0] if visit.people else "")
        self._since = len(visit.events)
        """Where "just now" begins: blank after a change of person."""
        self.taken_back = laptop.taken_back(raised.reference for raised in visit.raised.values())
        """References of this visit that are due no more, and stay taken back."""
        self._goes_on_at = visit.position.question if visit.paused and visit.position else None

    # reading

    @property
    def agenda(self) -> Agenda:
        """The list of the person who is being asked."""
        return self.agenda_of(self.person)

    def agenda_of(self, person: str) -> Agenda:
        """The list of one person of this visit."""
        known = self._agendas.get(person)
        if known is None or known.visit is not self.visit:
            sheet = self.sheets.sheet(person)
            known = Agenda(self.visit, self.layout, self.version.directory, person, sheet)
            self._agendas[person] = known
        return known

    def position(self) -> str:
        """Where the visit was left, or what comes next."""
        agenda, place = self.agenda, self.visit.position
        if self._goes_on_at is not None and (left := moving.there(agenda, self._goes_on_at)):
            return left
        if place and place.question and (left := moving.there(agenda, place.question)):
            return self.next_to_ask(left) or left
        return self.next_to_ask(None) or agenda.items()[0]

    def page(self, item_id: str) -> QuestionPage:
        """The item that a question is or belongs to, for the current person."""
        return self.agenda.page(item_id)

    def after(self, item_id: str) -> str | None:
        """The next item in order, asked or not; None at the end."""
        return moving.neighbour(self.agenda, item_id, 1)

    def before(self, item_id: str) -> str | None:
        """The item before, or None."""
        return moving.neighbour(self.agenda, item_id, -1)

    def next_to_ask(self, item_id: str | None) -> str | None:
        """The next item after one that still has something to ask, going round once."""
        return moving.next_to_ask(self.agenda, item_id)

    def progress(self) -> Progress:
        """Name, parts and counts for the question screen."""
        agenda = self.agenda
        recent = moving.recent(agenda, self.visit.events[self._since :])
        return Progress(
            name=name_of(self.sheets, self.person, known_only=True),
            parts=agenda.parts(),
            to_ask=agenda.to_ask(),
            offers=len(self.offers()),
            just_now=moving.told(*recent[-1]) if recent else "",
            just_now_list=recent,
        )

    def questions(self) -> tuple[QuestionRow, ...]:
        """Every relevant ordinary question of the current person, facts first."""
        return self.agenda.rows()

    def household(self) -> HouseholdPage:
        """The home, its people, and how to reach the one being asked."""
        return household_page(self)

    @property
    def settled(self) -> Offers:
        """Where every need stands now."""
        return Offers(self.sheets, self.person, self.laptop.today_on())

    def offers(self) -> tuple[OfferRow, ...]:
        """What can be put before someone now."""
        return self.settled.rows()

    def recorded(self) -> tuple[RecordedRow, ...]:
        """Needs where nothing can be put, and why."""
        return self.settled.recorded_rows()

    def agreement(self, key: str) -> AgreementPage:
        """One offer with the exact data that its partner would get."""
        return self.settled.page(key, self.laptop.who())

    def review(self) -> ReviewPage:
        """Before you go."""
        return finishing.review_page(self)

    def doubt(self, item_id: str, typed: str) -> str:
        """What is unusual about a typed answer, in words; blank if nothing is."""
        if not typed or item_id in (*AT_START, *AT_THE_END):
            return ""
        return phone.doubt(typed) if self.agenda.sheet.question(item_id).type == "phone" else ""

    # acts

    def record_answer(self, item_id: str, value: Given) -> Change | Wrong:
        """Record an answer of the current person or of the home."""
        agenda = self.agenda
        if (finished := self._finished_words()) is not None:
            return Wrong(finished)
        if item_id in (*AT_START, *AT_THE_END):
            return self._statement(item_id, value if isinstance(value, str) else value[0])
        question = agenda.sheet.question(item_id)
        if not is_asked(question):
            return Wrong("This is worked out by the list, and not answered.")
        try:
            parsed = agenda.parse(question, value)
        except NotAnAnswer as wrong:
            return Wrong(str(wrong))
        if parsed is None and any(item.evidence == item_id and item.answer for item in self._on_page(item_id)):
            return Wrong("A level stands on these words. Change the level first.")
        trial = agenda.sheet.copy()
        trial.record(item_id, parsed)
        for violation in trial.violations(item_id):
            if violation.kind != "required":
                return Wrong(agenda.violation_words(violation.kind, violation.message, question))
        return self._answer(item_id, parsed)

    def _on_page(self, item_id: str) -> tuple[Item, ...]:
        page = self.page(item_id)
        return (page.item, *page.follow_ups)

    def record_standing(self, item_id: str, token: str) -> Change | Wrong:
        """Record one of the five standing answers."""
        if (finished := self._finished_words()) is not None:
            return Wrong(finished)
        return self._answer(item_id, Standing(token))

    def write_note(self, item_id: str, text: str) -> Change:
        """Write, or with blank text empty, the visitor's note on a question."""
        question = self.agenda.sheet.question(item_id)
        note = from_text("text", text)
        subject = self.agenda.subject_of(question)
        event = told.note_written(self.laptop.stamp(), subject, str(note or ""), question=item_id)
        return self.do(event, item_id=item_id, said="note written" if note else "note taken away")

    def add_person(self) -> Change:
        """Add a person to the home, in the room, and make them the current one."""
        person = self.laptop.new_id()
        change = self.do(told.person_added(self.laptop.stamp(), person), listed=True)
        self.choose_person(person)
        return change

    def choose_person(self, person_id: str) -> None:
        """Ask this person from now on."""
        if person_id in self.visit.people:
            self.person = person_id
            self._since = len(self.visit.events)

    def set_in_room(self, person_id: str, here: bool) -> Change:
        """Someone came in or went out."""
        present = [person for person in self.visit.people if (person in self.visit.present) != (person == person_id)]
        if (person_id in self.visit.present) == here:
            present = list(self.visit.present)
        return self.do(told.presence_changed(self.laptop.stamp(), present))

    def record_agreement(
        self,
        key: str,
        wish: Wish,
        *,
        health: bool | None = None,
        feedback: bool | None = None,
        call: str = "",
    ) -> Change:
        """Record the answer to one partner for one subject."""
        agreed = self.settled.agreement(
            key, wish, health=health, feedback=feedback, call=call, on=self.laptop.today_on()
        )
        return self.do(told.agreement_recorded(self.laptop.stamp(), key.partition(":")[0], agreed))

    def undo(self) -> Change | None:
        """Take back the last act of this professional; None if there is none, or if it has left."""
        if self.visit.finished_on(VISIT) is not None:
            return self.take_back()
        return self._put_right(undo_last(self.visit, self.laptop.stamp()))

    def redo(self) -> Change | None:
        """Put back what was taken back last."""
        return self._put_right(redo_last(self.visit, self.laptop.stamp()))

    def pause(self, item_id: str) -> Change:
        """Stop for now at this question; what is urgent, agreed and complete does not wait for the end of the visit."""
        event = told.visit_paused(self.laptop.stamp(), subject=self.person or VISIT, question=item_id)
        paused, urgent = self.do(event, listed=True), finishing.release_urgent(self)

        def save() -> None:
            paused.save()
            if urgent is not None:
                urgent.save()

        return Change(save=save)

    def resume(self) -> Change:
        """Go on where the visit was left."""
        return self.do(told.visit_resumed(self.laptop.stamp()), listed=True)

    def finish(self, *, on: date | None = None, hold: bool = True) -> Change:
        """Finish: ordinary referrals wait two minutes (`hold`), urgent ones are released; targets count from `on`."""
        return finishing.finish(self, on=on or self.laptop.today_on(), hold=hold)

    def take_back(self) -> Change | None:
        """Take the finish back while the two minutes run; None if it has left."""
        return finishing.take_back(self)

    def stop_all(self, *, keep: bool) -> Change:
        """The person wants to stop: nothing is sent; answers are kept, or nothing is."""
        return finishing.stop_all(self, keep=keep)

    def do(
        self,
        *happened: Event,
        item_id: str | None = None,
        said: str = "",
        listed: bool = False,
        puts: Iterable[tuple[str, str, dict[str, Any]]] = (),
        deletes: Iterable[tuple[str, str]] = (),
        then: Callable[[], None] | None = None,
    ) -> Change:
        """Let events be true now, and durable in one transaction with their documents when the change is saved.

        `listed`: the visit's line on Today changes with it. `then` runs after the commit.
        Raises: ForeignEvent, if a newer version of the program wrote to the visit.
        """
        require_writable(self.visit)
        self.visit = self.visit.then(*happened)
        self.sheets.keep_up(self.visit)
        if any(event.type == "AnswerRecorded" for event in happened):
            self._goes_on_at = None
        summary = summary_of(self) if listed else None
        notes = finishing.no_longer_due(self)
        rows, documents, gone = self.rows(happened), (*puts, *notes), tuple(deletes)
        laptop, visit_id = self.laptop, self.id

        def save() -> None:
            with laptop.delivery_lock() if notes else nullcontext():
                laptop.store.append(visit_id, rows, summary, documents, gone)
                if notes:
                    finishing.take_back_noted(laptop)
            if then is not None:
                then()

        return Change(save=save, said=said, item_id=item_id)

    def rows(self, happened: Iterable[Event]) -> list[tuple[str | tuple[str, str], dict[str, Any]]]:
        """Events as the store takes them: each with the stream that it is sealed in."""
        return [(self._stream(event), told.to_json(event)) for event in happened]

    @property
    def leaves_at(self) -> datetime | None:
        """Until when a finished visit can be taken back; None if it is not finished, or could never be."""
        if self.visit.finished_on(VISIT) is None:
            return None
        finished = next(event for event in reversed(self.visit.events) if event.type == "PartFinished")
        until = finished.data.get("leaves_at")
        return datetime.fromisoformat(until) if until else None

    @property
    def erase_when_received(self) -> bool:
        """Whether the person asked that nothing be kept: erased once the last of their post was received."""
        return not self.visit.keep_answers or any(
            key == "C-RECORD" and said.answer == "no" and self.visit.finished_on(VISIT) is not None
            for (_, key), said in self.visit.statements.items()
        )

    def _stream(self, event: Event) -> str | tuple[str, str]:
        stream = told.stream_of(event, sensitive=self._sensitive)
        kind, _, person = stream.partition(":")
        return (kind, person or HOME) if kind == "safeguarding" else stream

    def _finished_words(self) -> str | None:
        """Why no answer is taken any more: what was agreed to was agreed on these answers."""
        if self.visit.finished_on(VISIT) is None:
            return None
        if self.leaves_at is not None and self.laptop.now() < self.leaves_at:
            return "This visit is finished. Take it back first, ctrl+z, and nothing has left."
        return "This visit is finished and has left. For a fact that was wrong, ring the hub."

    def _answer(self, item_id: str, value: Value) -> Change:
        agenda = self.agenda
        question = agenda.sheet.question(item_id)
        others = [person for person in self.visit.present if person != self.person]
        event = told.answer_recorded(
            self.laptop.stamp(), agenda.subject_of(question), item_id, value, present=others or None
        )
        change = self.do(event, item_id=agenda.main_of(item_id), listed=question.fact in _LISTED_FACTS)
        said = moving.told(item_id, agenda.short(question), self.agenda.value_words(question))
        return Change(save=change.save, said=said, item_id=change.item_id)

    def _statement(self, key: str, answer: str) -> Change:
        statement = self.version.directory.statement(key)
        if statement is None:
            raise KeyError(key)
        language = self.visit.language if self.visit.language in statement.words else "en"
        event = told.statement_answered(
            self.laptop.stamp(), self.person, key=key, version=statement.version, language=language, answer=answer
        )
        return self.do(event, item_id=key)

    def _put_right(self, event: Event | None) -> Change | None:
        if event is None:
            return None
        undone = next((past for past in self.visit.events if past.id == event.data["event"]), None)
        item = undone.data.get("question") or undone.data.get("key") if undone else None
        if undone is not None and undone.subject in self.visit.people:
            self.person = undone.subject
        change = self.do(event, item_id=str(item) if item else None, listed=True)
        if self.person not in self.visit.people and self.visit.people:
            self.choose_person(self.visit.people[0])
        return change


def begin(laptop: Laptop, version: Version, on: date, people: Sequence[str]) -> tuple[Visit, list[Event]]:
    """The first events of a visit, and the visit that they tell."""
    checklist = version.form.checklist
    started = told.visit_started(
        laptop.stamp(),
        visit=laptop.new_id(),
        checklist=checklist.id,
        version=checklist.version,
        digest=checklist.digest,
        on=on,
    )
    happened = [started, *(told.person_added(laptop.stamp(), person) for person in people)]
    return Visit().then(*happened), happened
