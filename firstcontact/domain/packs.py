"""The lines that a referral carries: each pack's fields, with their labels, out of one person's sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from firstcontact.domain import answer
from firstcontact.domain.answer import Text, Value, standing
from firstcontact.domain.checklist import OfferRule, Question
from firstcontact.domain.sheets import Sheets


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the exact data: shown on the agreement page, and sent."""

    pack: str
    """`core`, a pack code, or the id of the question whose answer it is."""
    field: str
    label: Text
    value: Text
    """As people read it."""
    code: Any
    """As machines read it: text, a number, true, or a list of tokens; dates are ISO text."""

    def label_in(self, language: str) -> str:
        """The label in a language, else in English."""
        return answer.words(self.label, language)

    def value_in(self, language: str) -> str:
        """The value in a language, else in English."""
        return answer.words(self.value, language)


_YES_NO: Final[Mapping[str, Text]] = {"yes": {"en": "yes", "cy": "ydy"}, "no": {"en": "no", "cy": "nac ydy"}}
_NOT_ASKED: Final[Text] = {"en": "not asked, take care", "cy": "heb ei ofyn, byddwch yn ofalus"}

_LABELS: Final[Mapping[str, Text]] = {
    "name": {"en": "Name", "cy": "Enw"},
    "preferred_name": {"en": "Likes to be called", "cy": "Enw dewisol"},
    "phone": {"en": "Phone", "cy": "Ffôn"},
    "ring": {"en": "Safe to ring", "cy": "Diogel i ffonio"},
    "message": {"en": "Safe to leave a message", "cy": "Diogel i adael neges"},
    "text_message": {"en": "Safe to send a text", "cy": "Diogel i anfon neges destun"},
    "post": {"en": "Safe to post", "cy": "Diogel i bostio"},
    "best_time": {"en": "Best time or way", "cy": "Amser neu ffordd orau"},
    "communication": {"en": "Needs", "cy": "Anghenion"},
    "language": {"en": "Language", "cy": "Iaith"},
    "interpreter": {"en": "Interpreter wanted", "cy": "Angen cyfieithydd"},
    "address": {"en": "Address", "cy": "Cyfeiriad"},
    "postcode": {"en": "Postcode", "cy": "Cod post"},
    "access": {"en": "Before calling", "cy": "Cyn galw"},
    "date_of_birth": {"en": "Date of birth", "cy": "Dyddiad geni"},
    "age_band": {"en": "Age band", "cy": "Band oedran"},
    "tenure": {"en": "Home", "cy": "Cartref"},
    "landlord": {"en": "Landlord", "cy": "Landlord"},
    "people": {"en": "People who live there", "cy": "Pobl sy'n byw yno"},
    "alone": {"en": "Lives alone", "cy": "Yn byw ar ei ben ei hun"},
    "practice": {"en": "GP practice", "cy": "Meddygfa"},
    "other_name": {"en": "Someone to speak to", "cy": "Rhywun i siarad ag ef"},
    "other_relationship": {"en": "Who that is", "cy": "Pwy yw hynny"},
    "other_phone": {"en": "Their phone", "cy": "Eu ffôn"},
    "long_term_condition": {
        "en": "Has a long-term condition or disability",
        "cy": "Mae ganddo gyflwr hirdymor neu anabledd",
    },
}
_CORE: Final = ("name", "preferred_name", "phone", "ring", "message", "text_message", "post", "best_time")
_NEEDS: Final = ("communication", "language", "interpreter")
_SAFETY: Final = frozenset({"ring", "message", "text_message", "post"})
"""What was not asked here travels as "not asked", which never counts as safe."""
_FACTS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "ADDR": (("address", "address"), ("postcode", "postcode"), ("access", "access")),
    "DOB": (("date_of_birth", "date_of_birth"),),
    "TEN": (("tenure", "tenure"), ("landlord", "landlord")),
    "GP": (("practice", "gp_practice"),),
    "ALT": (("name", "other_name"), ("relationship", "other_relationship"), ("phone", "other_phone")),
}
"""Pack code -> (field, fact), for packs that carry facts as they are."""


def core_lines(sheets: Sheets, person: str) -> tuple[Line, ...]:
    """Name, phone with the safe-contact rule and best time, communication needs and language."""
    found = []
    for fact in (*_CORE, *_NEEDS):
        value = sheets.fact(person, fact)
        if fact in _SAFETY and value is None:
            if sheets.fact(person, "phone") is not None or fact == "post":
                found.append(Line("core", fact, _LABELS[fact], _NOT_ASKED, "not-asked"))
        elif value is not None:
            found.append(_line(sheets, "core", fact, fact, value))
    return tuple(found)


def pack_lines(sheets: Sheets, person: str, packs: Mapping[str, OfferRule], *, visits: bool) -> tuple[Line, ...]:
    """The lines of these packs and details, in the order given; blank ones are left out."""
    found: list[Line] = []
    notes: list[Line] = []
    for code in packs:
        question = sheets.checklist.by_id.get(code)
        if question is not None:
            line = _detail(sheets, person, question)
            is_note = question.role == "detail" and question.type in ("text", "long-text")
            if line is not None:
                (notes if is_note else found).append(line)
        else:
            found.extend(_pack(sheets, person, code, visits=visits))
    return (*found, *_one_note(notes))


def _pack(sheets: Sheets, person: str, code: str, *, visits: bool) -> Iterator[Line]:
    match code:
        case "BAND":
            band = sheets.band(person)
            if band is not None:
                yield _line(sheets, code, "age_band", "age_band", band)
        case "HH":
            people = people_in_home(sheets, person)
            if people is not None:
                yield _line(sheets, code, "people", "people", people)
        case "LIVES":
            alone = lives_alone(sheets, person)
            if alone is not None:
                yield Line(code, "alone", _LABELS["alone"], _YES_NO[alone], alone)
        case "LTC":
            if sheets.fact(person, "long_term_condition") == "yes":
                yield Line(code, "long_term_condition", _LABELS["long_term_condition"], _YES_NO["yes"], True)
        case "ALT" if sheets.fact(person, "other_agreed") != "yes":
            return
        case _:
            for name, fact in _FACTS.get(code, ()):
                value = sheets.postcode if fact == "postcode" else sheets.fact(person, fact)
                if value is not None and (fact != "access" or visits):
                    yield _line(sheets, code, name, fact, value)


def people_in_home(sheets: Sheets, person: str) -> Value:
    """How many people live there, as given; 1 for somebody who lives alone."""
    people = sheets.fact(person, "people")
    if people is None and _lives_with(sheets, person) == ("alone",):
        return 1
    return people


def lives_alone(sheets: Sheets, person: str) -> str | None:
    """'yes' or 'no', by who else lives there or by how many; None where neither is known."""
    lives_with = _lives_with(sheets, person)
    if lives_with:
        return "yes" if lives_with == ("alone",) else "no"
    people = sheets.fact(person, "people")
    return None if not isinstance(people, int) else "yes" if people == 1 else "no"


def _lives_with(sheets: Sheets, person: str) -> tuple[str, ...]:
    value = sheets.fact(person, "lives_with")
    return value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()


def _detail(sheets: Sheets, person: str, question: Question) -> Line | None:
    value = sheets.sheet(person).value(question.id)
    if value is None or isinstance(value, bool) or standing(value):
        return None
    return Line(question.id, "answer", question.short or question.label, _words(question, value), _code(value))


def _one_note(notes: list[Line]) -> Iterable[Line]:
    """Several details written in words to one partner as one, under the first's name: "loose rail; by the bath"."""
    if len(notes) < 2:
        return notes
    first = notes[0]
    text = "; ".join(str(note.code) for note in notes)
    return (Line(first.pack, first.field, first.label, {"en": text}, text),)


def _line(sheets: Sheets, pack: str, name: str, fact: str, value: Value) -> Line:
    question = sheets.checklist.by_fact.get(fact)
    label = _LABELS.get(fact) or _LABELS.get(name) or (question.label if question else {"en": name})
    return Line(pack, name, label, _words(question, value), _code(value))


def _words(question: Question | None, value: Value) -> Text:
    """A value as people read it: the labels of choices, dates as a person writes them."""
    if isinstance(value, date):
        return {"en": f"{value.day} {value:%B %Y}"}
    tokens = value if isinstance(value, tuple) else (str(value),)
    labels: Mapping[str, Text] = {}
    if question is not None:
        yes_no = question.type == "yes-no"
        labels = _YES_NO if yes_no else {choice.token: choice.label for choice in question.choices}
    texts = [labels.get(token, {"en": token}) for token in tokens]
    languages = dict.fromkeys(language for text in texts for language in text)
    return {language: ", ".join(answer.words(text, language) for text in texts) for language in languages}


def _code(value: Value) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | str) else value
