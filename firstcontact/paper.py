"""A paper form keyed in from a file: the same events, the same vault and the same outbox as a visit on the screen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from firstcontact.definitions.problems import DefinitionError
from firstcontact.definitions.visits import load_visit
from firstcontact.domain import events as told
from firstcontact.domain.agreement import WordsRead, from_data
from firstcontact.domain.answer import from_json
from firstcontact.domain.events import Event
from firstcontact.errors import UsedWrongly
from firstcontact.rehearsal import Outcome, play
from firstcontact.rows import Change, ReviewPage
from firstcontact.workflow.laptop import Laptop
from firstcontact.workflow.open_visit import VisitAtHand
from firstcontact.workflow.say import counted, day_in_full

KEYED = "keyed"
"""The journal's kind for what was keyed in: SHA-256 of the file -> when. It keeps one form from becoming two visits."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """What became of a paper form."""

    visit_id: str
    answers: int
    review: ReviewPage
    references: tuple[str, ...]
    finished: bool

    def as_json(self) -> dict[str, Any]:
        """For a program to read."""
        return {
            "visit": self.visit_id,
            "answers": self.answers,
            "finished": self.finished,
            "references": list(self.references),
        }

    def in_words(self) -> str:
        """For a person, without a name."""
        if not self.finished:
            return f"Saved: {counted(self.answers, 'answer')}. The visit is half done, and goes on where it stopped."
        passed = [f"  {row.partner}: {row.what}, by {row.by}" for row in self.review.passed]
        waits = counted(len(self.references), "referral")
        return "\n".join([f"Saved: {counted(self.answers, 'answer')}. {waits} ready to leave.", *passed])


def key_in(
    laptop: Laptop,
    path: Path,
    checklist: str,
    *,
    on: date | None = None,
    stop_at: str | None = None,
    again: bool = False,
) -> Keyed:
    """Key in a visit from a file of answers and finish it, or leave it half done before the question `stop_at`.

    on: the day of the visit, instead of the file's; again: also if these very bytes were keyed in before.

    Raises: UsedWrongly, naming file, line and column of what is wrong in it, a checklist that is not in the pack, or
    that this file was keyed in before: two referrals for one need would be worse than a question.
    """
    if laptop.versions and checklist not in laptop.versions:
        known = ", ".join(sorted(laptop.versions))
        raise UsedWrongly(f"The scheme's pack has no checklist '{checklist}'.", f"It has: {known}.")
    if not laptop.versions:
        laptop.new_visit()  # says what is missing
    version = laptop.versions[checklist]
    form = version.form
    if stop_at is not None and stop_at not in form.checklist.by_id:
        raise UsedWrongly(f"The checklist has no question {stop_at}.")
    try:
        sample = load_visit(path, form.checklist, version.directory, on=on)
    except DefinitionError as wrong:
        raise UsedWrongly(str(wrong), "Nothing was saved.") from wrong
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    before = laptop.store.journal.get(KEYED, digest)
    if before is not None and not again:
        day = datetime.fromisoformat(before["at"]).date()
        raise UsedWrongly(
            f"This file was keyed in before, on {day_in_full(day)}.",
            "Nothing was saved. If it stopped half way, open First Contact and go on there; to key it in anew: --again",
        )
    played = play(sample, form, version.directory)
    mark = (KEYED, digest, {"at": laptop.now().isoformat()})
    at_hand = laptop.new_visit(checklist, on=sample.steps[0].on, people=len(sample.people), also=[mark])
    subjects = dict(zip(sample.people, at_hand.visit.people, strict=True))
    happened = list(_transcribed(played, at_hand, subjects, stop_at))
    at_hand.do(*happened, listed=True).save()
    if stop_at is not None:
        at_hand.pause(stop_at).save()
        review = at_hand.review()
    else:
        _say_statements(at_hand)
        review = at_hand.review()
        at_hand.finish(on=_last_day(played), hold=False).save()
    return Keyed(
        visit_id=at_hand.id,
        answers=sum(event.type == "AnswerRecorded" for event in happened),
        review=review,
        references=tuple(raised.reference for raised in at_hand.visit.raised.values()),
        finished=stop_at is None,
    )


def _transcribed(
    played: Outcome, at_hand: VisitAtHand, subjects: Mapping[str, str], stop_at: str | None
) -> Iterator[Event]:
    """The answers and agreements of the played visit, over the people of the real one."""
    laptop, checklist = at_hand.laptop, at_hand.version.form.checklist
    end = checklist.place[stop_at] if stop_at is not None else None
    statement = at_hand.version.directory.statement("C-PARTNER")
    for event in played.visit.events:
        subject = subjects.get(event.subject, event.subject)
        question = str(event.data.get("question", ""))
        if event.type in ("AnswerRecorded", "Corrected"):
            if end is None or checklist.place[question] < end:
                yield told.answer_recorded(laptop.stamp(), subject, question, from_json(event.data.get("value")))
        elif event.type == "AgreementRecorded" and end is None:
            given = from_data(event.data)
            read = WordsRead(statement.key, statement.version, "en") if statement else None
            agreed = replace(
                given,
                by=subjects.get(given.by, given.by) if given.by else None,
                named=tuple(subjects.get(name, name) for name in given.named) if given.named is not None else None,
                words=given.words or read,
            )
            yield told.agreement_recorded(laptop.stamp(), subject, agreed)


def _say_statements(at_hand: VisitAtHand) -> None:
    """A paper form is signed at its head: the opening statements were read and agreed to."""
    for key, answer in (("C-START", "yes"), ("C-SAFE", "understood"), ("C-RECORD", "yes")):
        if at_hand.version.directory.statement(key) is not None:
            for person in at_hand.visit.people:
                at_hand.choose_person(person)
                change = at_hand.record_answer(key, answer)
                if isinstance(change, Change):
                    change.save()


def _last_day(played: Outcome) -> date:
    return played.visit.finished_on("visit") or played.visit.on
