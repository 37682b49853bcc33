"""A scripted visit in memory: Agnes Thimblewick's (S01), as far as the screens need it, without any rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from firstcontact.rows import (
    AgreementPage,
    Change,
    ChoiceRow,
    Given,
    HouseholdPage,
    Item,
    Kind,
    Line,
    NotPassed,
    OfferRow,
    PartRow,
    PassOn,
    PersonRow,
    Progress,
    QuestionPage,
    QuestionRow,
    RecordedRow,
    ReviewPage,
    StillToAsk,
    UrgentRow,
    Wish,
    Wrong,
)

NOW = datetime(2026, 1, 15, 10, 41, tzinfo=timezone(timedelta(0)))
NUMBERS = (ChoiceRow("1", "1"), ChoiceRow("2 or more", "2 or more"))
HARMS = (
    ChoiceRow("hurt", "was hurt"),
    ChoiceRow("could-not-get-up", "could not get up"),
    ChoiceRow("floor", "was on the floor over an hour"),
    ChoiceRow("blacked-out", "blacked out"),
    ChoiceRow("none", "none of these", exclusive=True),
)


@dataclass(frozen=True)
class Asked:
    """A question of the double."""

    item: Item
    section: str = ""
    title: str = ""
    shown_when: tuple[str, str | None] | None = None
    """(main question, answer) that makes a follow-up relevant."""


def _q(name: str, say: str, section: str, title: str, prompt: str = "") -> Asked:
    return Asked(Item(id=name, kind=Kind.YES_NO, say=say, prompt=prompt), section, title)


def script() -> tuple[Asked, ...]:
    """The questions, in order."""
    falls, fire, home = "Falls and moving about", "Fire safety", "Home and repairs"
    return (
        Asked(
            Item(
                id="C-START",
                kind=Kind.STATEMENT,
                say="I have a short list of questions about things that help people stay safe and well at home. You "
                "can skip any question or stop at any time. Is that all right?",
                choices=(ChoiceRow("yes", "Yes"), ChoiceRow("no", "No")),
                standing_allowed=False,
            )
        ),
        Asked(Item(id="X1", kind=Kind.TEXT, say="What is your full name?")),
        _q("A1", "Is there a smoke alarm that works on every floor?", "A", fire, "Offer to press the test button."),
        _q("A4", "Is any room so full that it is hard to move about or reach the door?", "A", fire),
        _q(
            "B1",
            "Have you had a fall in the last 12 months?",
            "B",
            falls,
            "A slip that ends on the floor counts. People often leave out falls that did not hurt.",
        ),
        Asked(Item(id="B1a", kind=Kind.ONE_OF, say="How many falls?", choices=NUMBERS), "B", falls, ("B1", "yes")),
        Asked(
            Item(id="B1b", kind=Kind.ANY_OF, say="Did any of these happen?", choices=HARMS), "B", falls, ("B1", "yes")
        ),
        _q("B2", "Do you feel unsteady on your feet, or worry about falling?", "B", falls),
        _q("B3", "Would a button you can press to call for help make you feel safer?", "B", falls),
        _q("C1", "Are there small jobs you cannot manage, such as a loose rail?", "C", home),
        Asked(Item(id="C1a", kind=Kind.TEXT, say="Which job?"), "C", home, ("C1", "yes")),
    )


@dataclass
class DoubleVisit:
    """One visit."""

    write: Callable[[str], None]
    """The disk."""
    id: str = "v1"
    answers: dict[str, Given] = field(default_factory=dict)
    standing: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    wishes: dict[str, Wish] = field(default_factory=dict)
    lines: dict[str, tuple[bool | None, bool | None]] = field(default_factory=dict)
    acts: list[tuple[str, object]] = field(default_factory=list)
    undone: list[tuple[str, object]] = field(default_factory=list)
    asked: tuple[Asked, ...] = field(default_factory=script)
    people: list[PersonRow] = field(
        default_factory=lambda: [PersonRow(id="p1", name="Agnes", age="82", current=True, to_ask=29)]
    )
    calls: list[str] = field(default_factory=list)
    finished: bool = False
    urgent: tuple[UrgentRow, ...] = ()
    closed: bool = False

    def _change(self, said: str, item_id: str | None = None) -> Change:
        self.calls.append(said)
        return Change(lambda: self.write(said), said, item_id)

    def _item(self, asked: Asked) -> Item:
        answer = self.answers.get(asked.item.id)
        words = answer if isinstance(answer, str) else ", ".join(answer or ()) if answer is not None else ""
        return replace(
            asked.item,
            answer=answer,
            standing=self.standing.get(asked.item.id, ""),
            answer_words=words,
            note=self.notes.get(asked.item.id, ""),
        )

    def _mains(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.shown_when is None]

    def _main_of(self, item_id: str) -> Asked:
        asked = next(asked for asked in self.asked if asked.item.id == item_id)
        if asked.shown_when is None:
            return asked
        return next(main for main in self.asked if asked.shown_when and main.item.id == asked.shown_when[0])

    def position(self) -> str:
        return self.next_to_ask(None) or "A1"

    def page(self, item_id: str) -> QuestionPage:
        main = self._main_of(item_id)
        follow = [
            self._item(asked)
            for asked in self.asked
            if asked.shown_when and asked.shown_when == (main.item.id, self.answers.get(main.item.id))
        ]
        of_section = [asked for asked in self._mains() if asked.section == main.section]
        return QuestionPage(
            item=self._item(main),
            follow_ups=tuple(follow),
            section=main.section,
            section_title=main.title,
            number=of_section.index(main) + 1 if main.section else 0,
            of=len(of_section) if main.section else 0,
        )

    def after(self, item_id: str) -> str | None:
        names = [asked.item.id for asked in self._mains()]
        place = names.index(self._main_of(item_id).item.id) + 1
        return names[place] if place < len(names) else None

    def before(self, item_id: str) -> str | None:
        names = [asked.item.id for asked in self._mains()]
        place = names.index(self._main_of(item_id).item.id) - 1
        return names[place] if place >= 0 else None

    def next_to_ask(self, item_id: str | None) -> str | None:
        names = [asked.item.id for asked in self._mains()]
        start = names.index(self._main_of(item_id).item.id) + 1 if item_id else 0
        turned = names[start:] + names[:start]
        return next((name for name in turned if name not in self.answers and name not in self.standing), None)

    def progress(self) -> Progress:
        parts = []
        for letter, title in (("A", "Fire safety"), ("B", "Falls and moving about"), ("C", "Home and repairs")):
            mains = [asked.item.id for asked in self._mains() if asked.section == letter]
            done = sum(name in self.answers or name in self.standing for name in mains)
            parts.append(PartRow(id=letter, letter=letter, title=title, asked=done, of=len(mains), first_id=mains[0]))
        answers = [act for act in self.acts if act[0] in self.answers]
        said = f"{answers[-1][0]}: {self.answers[answers[-1][0]]}" if answers else ""
        recent = tuple((name, name, str(self.answers.get(name, ""))) for name, _value in answers[-4:])
        name = self.answers.get("X1", "Agnes")
        return Progress(
            name=str(name).split()[0] if name else "",
            parts=tuple(parts),
            to_ask=sum(1 for asked in self._mains() if asked.item.id not in self.answers),
            offers=len(self.offers()),
            just_now=said,
            just_now_list=recent,
        )

    def questions(self) -> tuple[QuestionRow, ...]:
        rows = []
        for asked in self.asked:
            item = self._item(asked)
            rows.append(QuestionRow(id=item.id, section=asked.section, say=item.say, answer_words=item.answer_words))
        return tuple(rows)

    def household(self) -> HouseholdPage:
        return HouseholdPage(
            title="3 Lantern Row",
            home=(
                Line(label="Address", value="3 Lantern Row, Rushmere, AY2 4QT", item="X1"),
                Line(label="Tenure", value="Owner. One person lives here."),
            ),
            home_to_ask=3,
            people=tuple(self.people),
            reaching=(
                Line(label="Phone", value="01632 960411"),
                Line(label="Leave a message?", value="", ask="X1"),
            ),
        )

    def offers(self) -> tuple[OfferRow, ...]:
        rows = []
        if self.answers.get("A1") == "no":
            rows.append(OfferRow(key="AFR", service="Fire visit", partner="Ambleshire Fire and Rescue Service"))
        if self.answers.get("B1") == "yes":
            rows.append(OfferRow(key="FAB", service="Falls check", partner="Ambleshire Falls and Balance Service"))
        return tuple(replace(row, wish=self.wishes.get(row.key, Wish.NOT_ASKED)) for row in rows)

    def recorded(self) -> tuple[RecordedRow, ...]:
        return (RecordedRow(service="Balance class", why="falls check covers it"),) if self.offers() else ()

    def agreement(self, key: str) -> AgreementPage:
        rows = self.offers()
        row = next(row for row in rows if row.key == key)
        health, feedback = self.lines.get(key, (None, None))
        falls = key == "FAB"
        return AgreementPage(
            key=key,
            number=rows.index(row) + 1,
            of=len(rows),
            partner=row.partner,
            service="a home fire safety visit",
            say="I would like to pass your name, how to reach you and your address to Ambleshire Fire and Rescue "
            "Service, so that they can visit and check your home for fire risks. They aim to contact you within 10 "
            "working days. They will not be told your other answers. Shall I do that?",
            lines=(
                Line(label="Name", value="Agnes Thimblewick"),
                Line(label="Phone", value="01632 960411   safe to ring, mornings   messages", ask="X1"),
                Line(label="Needs", value="large print    English"),
                Line(label="Asked for", value="a home fire safety visit"),
                Line(label="Address", value="3 Lantern Row, Rushmere, AY2 4QT"),
                Line(label="Home", value="owner, one person lives here"),
                Line(label="From", value="Osric Lamplough, community nurse, and your work phone"),
                Line(label="Her yes", value="how, when and with which words she agreed"),
            ),
            wish=row.wish,
            decided_by="Agnes",
            closed_until="2 March" if self.closed else "",
            ring="01632 960320",
            health_say="That includes that you had a fall. Is it all right for them to know that?" if falls else "",
            health=health,
            feedback_say="May they tell me how it went, just the outcome?",
            feedback=feedback,
            needs=("C1a",) if falls and row.wish is Wish.YES and "C1a" not in self.answers else (),
            read_back={Wish.YES: "Yes, pass it on.", Wish.NO: "No.", Wish.NOT_TODAY: "Not today."}.get(row.wish, ""),
        )

    def review(self) -> ReviewPage:
        rows = self.offers()
        yes = [row for row in rows if row.wish is Wish.YES]
        return ReviewPage(
            say="This is what we agreed. Stop me if something is not right.",
            passed=tuple(PassOn(key=r.key, partner=r.partner, what=r.service, by="Thu 29 January") for r in yes),
            not_passed=tuple(
                NotPassed(key=r.key, partner=r.partner, why=r.wish.value) for r in rows if r.wish not in {"", "yes"}
            ),
            still=(
                StillToAsk(say="May they leave a message on her phone?", item_id="X1", careful=True),
                *(StillToAsk(say=f"{r.service}: yes or no?", offer_key=r.key) for r in rows if not r.wish),
            ),
            say_last="You can change your mind about any of this: ring 0808 157 0100, or tell any visitor.",
            urgent=self.urgent,
            finished=self.finished,
            leaves_at=NOW + timedelta(minutes=2) if self.finished else None,
        )

    def doubt(self, item_id: str, typed: str) -> str:
        return "That is not a usual number here." if item_id == "ring" and len(typed) < 9 else ""

    def record_answer(self, item_id: str, value: Given) -> Change | Wrong:
        if item_id == "X1" and value == "?":
            return Wrong("A name has letters.")
        self.answers[item_id] = value
        self.standing.pop(item_id, None)
        self.acts.append((item_id, value))
        self.undone.clear()
        return self._change(f"{item_id}={value}", item_id)

    def record_standing(self, item_id: str, token: str) -> Change:
        self.standing[item_id] = token
        self.answers.pop(item_id, None)
        return self._change(f"{item_id}~{token}", item_id)

    def write_note(self, item_id: str, text: str) -> Change:
        self.notes[item_id] = text
        return self._change(f"note {item_id}: {text}", item_id)

    def add_person(self) -> Change:
        self.people = [replace(person, current=False) for person in self.people]
        self.people.append(
            PersonRow(id=f"p{len(self.people) + 1}", name=f"Person {len(self.people) + 1}", current=True)
        )
        return self._change("person added")

    def choose_person(self, person_id: str) -> None:
        self.people = [replace(person, current=person.id == person_id) for person in self.people]
        self.calls.append(f"asks {person_id}")

    def set_in_room(self, person_id: str, here: bool) -> Change:
        self.people = [replace(p, in_room=here if p.id == person_id else p.in_room) for p in self.people]
        return self._change(f"{person_id} in the room: {here}")

    def record_agreement(
        self, key: str, wish: Wish, *, health: bool | None = None, feedback: bool | None = None, call: str = ""
    ) -> Change:
        self.wishes[key] = wish
        self.lines[key] = (health, feedback)
        return self._change(f"{key}: {wish} {health} {feedback} {call}".strip())

    def undo(self) -> Change | None:
        if not self.acts:
            return None
        item_id, value = self.acts.pop()
        self.undone.append((item_id, value))
        self.answers.pop(item_id, None)
        return self._change(f"undo {item_id}", item_id)

    def redo(self) -> Change | None:
        if not self.undone:
            return None
        item_id, value = self.undone.pop()
        assert isinstance(value, (str, tuple))
        self.answers[item_id] = value
        self.acts.append((item_id, value))
        return self._change(f"redo {item_id}", item_id)

    def pause(self, item_id: str) -> Change:
        return self._change(f"pause {item_id}")

    def finish(self) -> Change:
        self.finished = True
        return self._change("finish")

    def take_back(self) -> Change | None:
        self.finished = False
        return self._change("take back")

    def stop_all(self, *, keep: bool) -> Change:
        return self._change(f"stop all, keep {keep}")
