"""Who is here, by which name, and how to reach them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from firstcontact.domain.checklist import Question
from firstcontact.domain.directory import Outside, age_on
from firstcontact.domain.sheets import Sheets
from firstcontact.rows import HouseholdPage, Line, PersonRow

if TYPE_CHECKING:
    from firstcontact.workflow.open_visit import VisitAtHand

_HOME_FACTS: Final = {
    "address": "The home",
    "postcode": "Postcode",
    "tenure": "Owned or rented",
    "people": "People here",
    "lives_with": "Lives with",
    "access": "Before calling",
}
_REACHING_FACTS: Final = {
    "phone": "Phone",
    "ring": "Safe to ring?",
    "message": "Leave a message?",
    "text_message": "Safe to text?",
    "post": "Safe to post?",
    "best_time": "Best or unsafe times",
    "communication": "Needs",
    "language": "Language",
    "interpreter": "Interpreter",
}


def name_of(sheets: Sheets, person: str, *, full: bool = False, known_only: bool = False) -> str:
    """The name a person likes, or with `full` their whole name; "Person 1" while none is known, or blank."""
    order = ("name", "preferred_name") if full else ("preferred_name", "name")
    for fact in order:
        value = sheets.fact(person, fact)
        if isinstance(value, str) and value.strip():
            return value if full or fact == "preferred_name" else value.split()[0]
    if known_only or person not in sheets.visit.people:
        return ""
    return f"Person {sheets.visit.people.index(person) + 1}"


def household_page(at_hand: VisitAtHand) -> HouseholdPage:
    """The home once, its people, and the safe ways to reach the one being asked."""
    sheets, visit = at_hand.sheets, at_hand.visit
    agenda = at_hand.agenda
    facts = agenda.checklist.by_fact
    address = sheets.fact(at_hand.person, "address")
    home = [_line(at_hand, facts[fact], label) for fact, label in _HOME_FACTS.items() if fact in facts]
    if sheets.postcode is not None:
        area = sheets.directory.area_of(sheets.postcode)
        found = "not known" if area is None else area.name
        outside = ", outside the scheme" if isinstance(area, Outside) else ""
        home.append(Line(label="Area", value=f"{found}{outside}"))
    mains = [question for question in agenda.checklist.main_questions if question.subject == "home"]
    asked = agenda.items()
    return HouseholdPage(
        title=str(address).split(",")[0] if address else "",
        home=tuple(home),
        home_to_ask=sum(agenda.is_open(question.id) for question in mains if question.id in asked),
        people=tuple(_person(at_hand, person) for person in visit.people),
        reaching=tuple(_line(at_hand, facts[fact], label) for fact, label in _REACHING_FACTS.items() if fact in facts),
    )


def _person(at_hand: VisitAtHand, person: str) -> PersonRow:
    sheets = at_hand.sheets
    born = sheets.fact(person, "date_of_birth")
    band = sheets.fact(person, "age_band")
    age = str(age_on(born, at_hand.visit.on)) if isinstance(born, date) else str(band or "")
    return PersonRow(
        id=person,
        name=name_of(sheets, person),
        age=age,
        in_room=person in at_hand.visit.present,
        to_ask=at_hand.agenda_of(person).to_ask(),
        current=person == at_hand.person,
    )


def _line(at_hand: VisitAtHand, question: Question, label: str) -> Line:
    value = at_hand.agenda.value_words(question)
    return Line(label=label, value=value, ask="" if value else question.id)
