"""What is asked of one person, in which order, and each question as a page.

An agenda is a list of item ids: the first question of a group of facts (X5), the key of a consent statement (C-START),
or a main question (A1). A page is one item with everything that is asked with it: the rest of its group, or follow-ups.
Order at the door: how to communicate, language; C-START, C-SAFE, C-RECORD; name, postcode; then the questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from firstcontact.domain.answer import NotAnAnswer, Standing, Value, from_text, from_tokens, standing, words
from firstcontact.domain.branching import Sheet
from firstcontact.domain.checklist import Checklist, Group, Question
from firstcontact.domain.directory import Directory
from firstcontact.domain.events import HOME, VISITOR
from firstcontact.domain.visit import Visit
from firstcontact.rows import ChoiceRow, Given, Item, Kind, PartRow, QuestionPage, QuestionRow
from firstcontact.workflow.say import day_bare

AT_START: Final = ("C-START", "C-SAFE", "C-RECORD")
"""Statements said before the first question of the list."""
AT_THE_END: Final = ("C-LATER",)
"""Statements asked on the review."""
_AFTER_GROUPS: Final = 2
"""The statements stand after how to communicate and which language: they have to be understood."""
_ANSWER_LABELS: Final = {"yes": "Yes", "no": "No", "understood": "Understood"}
_STANDING_WORDS: Final = {
    Standing.DONT_KNOW: "does not know",
    Standing.PREFERS_NOT_TO_SAY: "would rather not say",
    Standing.ALREADY_GETTING_HELP: "has help already",
    Standing.NOT_ASKED: "not asked",
    Standing.NOT_SAFE_TO_ASK: "not safe to ask",
}


@dataclass(frozen=True, slots=True)
class Agenda:
    """One person's list, on one visit, as of its last event."""

    visit: Visit
    checklist: Checklist
    directory: Directory
    person: str
    sheet: Sheet
    language: str

    # order

    def items(self, keep: str | None = None) -> tuple[str, ...]:
        """The ids in order; what the home has answered already is not asked of its next person, but for `keep`."""
        return tuple(item for item in self._all() if item == keep or not self._asked_of_another(item))

    def _all(self) -> Iterator[str]:
        groups = [self._group(group_id) for group_id in self.checklist.at_start]
        for group in groups[:_AFTER_GROUPS]:
            yield group.questions[0].id
        yield from (key for key in AT_START if self.directory.statement(key) is not None)
        for group in groups[_AFTER_GROUPS:]:
            yield group.questions[0].id
        for question in self.checklist.main_questions:
            if self.is_ordinary(question) and self.sheet.relevant(question.id):
                yield question.id

    def is_ordinary(self, question: Question) -> bool:
        """Whether a question belongs on the screens that the person may see."""
        return not question.safeguarding and question.subject != VISITOR

    def _asked_of_another(self, item_id: str) -> bool:
        if not self.visit.people or self.visit.people[0] == self.person or item_id in (*AT_START, *AT_THE_END):
            return False
        main = self.checklist.question(item_id)
        # A home question may have a follow-up of each person ("is it you who smokes?"): shown while that is open.
        return main.subject == HOME and self.value(main) is not None and not self.is_open(item_id)

    def main_of(self, item_id: str) -> str:
        """The item that a question belongs to: its main question, or the first of its group."""
        if item_id in (*AT_START, *AT_THE_END):
            return item_id
        question = self.checklist.question(item_id)
        if question.follow_up_of:
            return question.follow_up_of
        if question.part_of:
            return self._group(question.part_of).questions[0].id
        return question.id

    def is_open(self, item_id: str) -> bool:
        """Whether anything of an item is still to be asked: its own answer, or that of a relevant follow-up."""
        if item_id in (*AT_START, *AT_THE_END):
            return (self.person, item_id) not in self.visit.statements
        questions = [self.checklist.question(item_id)]
        if questions[0].role == "main":
            questions += self.follow_ups(questions[0])
        return any(self.value(question) is None for question in questions)

    # pages

    def page(self, item_id: str) -> QuestionPage:
        """An item with everything that is asked with it."""
        main_id = self.main_of(item_id)
        if main_id in (*AT_START, *AT_THE_END):
            return QuestionPage(item=self._statement(main_id))
        main = self.checklist.question(main_id)
        if main.part_of:
            group = self._group(main.part_of)
            first, *others = [question for question in group.questions if self._is_put(question)] or [main]
            return QuestionPage(
                item=self._item(first),
                follow_ups=tuple(self._item(question) for question in others),
                section_title=words(group.title, self.language),
            )
        section = next(part for part in self.checklist.sections if part.id == main.section_id)
        asked = [q.id for q in section.questions if q.role == "main" and self._is_put(q)]
        return QuestionPage(
            item=self._item(main),
            follow_ups=tuple(self._item(question) for question in self.follow_ups(main)),
            section=section.id,
            section_title=words(section.title, self.language),
            number=asked.index(main.id) + 1 if main.id in asked else 0,
            of=len(asked),
        )

    def follow_ups(self, main: Question) -> list[Question]:
        """The follow-ups and details of a main question that are relevant now, in order."""
        section = next(part for part in self.checklist.sections if part.id == main.section_id)
        return [q for q in section.questions if q.follow_up_of == main.id and self._is_put(q)]

    def rows(self) -> tuple[QuestionRow, ...]:
        """Every relevant ordinary question in the checklist's order, facts first."""
        found = []
        for question in self.checklist.questions:
            if self._is_put(question):
                section = "" if question.part_of else question.section_id
                said = self.value_words(question)
                say = words(question.label, self.language)
                found.append(QuestionRow(id=question.id, section=section, say=say, answer_words=said))
        return tuple(found)

    def parts(self) -> tuple[PartRow, ...]:
        """Each section with how many of its main questions have an answer."""
        rows = []
        for section in self.checklist.sections:
            mains = [question for question in section.questions if question.role == "main" and self._is_put(question)]
            if not mains:
                continue
            still = [question.id for question in mains if self.is_open(question.id)]
            rows.append(
                PartRow(
                    letter=section.id,
                    title=words(section.title, self.language),
                    asked=len(mains) - len(still),
                    of=len(mains),
                    first_id=still[0] if still else mains[0].id,
                )
            )
        return tuple(rows)

    def to_ask(self) -> int:
        """How many items nobody has answered yet."""
        return sum(self.is_open(item) for item in self.items())

    # values

    def subject_of(self, question: Question) -> str:
        """Whose answer it is: the person's, or the home's."""
        return self.person if question.subject == "person" else str(question.subject)

    def value(self, question: Question) -> Value:
        """The answer as kept."""
        return self.visit.answers_of(self.subject_of(question)).get(question.id)

    def short(self, question: Question) -> str:
        """A question in a few words, for lists."""
        return words(question.short or question.label, self.language)

    def value_words(self, question: Question) -> str:
        """The answer as people read it; blank while there is none."""
        return self.words_for(question, self.value(question))

    def words_for(self, question: Question, value: Value) -> str:
        """A value as people read it in the answer to a question; blank for None."""
        if value is None:
            return ""
        said = standing(value)
        if said is not None:
            return _STANDING_WORDS[said]
        if question.choices or question.type == "yes-no":
            labels = {choice.token: words(choice.label, self.language) for choice in question.choices}
            tokens = value if isinstance(value, tuple) else (str(value),)
            return ", ".join(labels.get(token, token) for token in tokens)
        return day_bare(value) if isinstance(value, date) else str(value)

    def parse(self, question: Question, given: Given) -> Value:
        """What was typed or chosen, as a value. Raises: NotAnAnswer, in words that a visitor can act on."""
        if isinstance(given, tuple):
            return from_tokens(given, question.tokens)
        text = _typed_date(given) if question.type == "date" else given
        value = from_text(question.type, text, question.tokens)
        if question.max_length is not None and isinstance(value, str) and len(value) > question.max_length:
            raise NotAnAnswer(f"That is too long: at most {question.max_length} characters.")
        return value

    def _is_put(self, question: Question) -> bool:
        return self.is_ordinary(question) and question.type != "note" and self.sheet.relevant(question.id)

    def _group(self, group_id: str) -> Group:
        return next(group for group in self.checklist.groups if group.id == group_id)

    def _statement(self, key: str) -> Item:
        statement = self.directory.statement(key)
        if statement is None:
            raise KeyError(key)
        said = self.visit.statements.get((self.person, key))
        answers = statement.answers or ("understood",)
        return Item(
            id=key,
            kind=Kind.STATEMENT,
            say=filled(words(statement.words, self.language), {"months": "three"}),
            choices=tuple(ChoiceRow(token, _ANSWER_LABELS.get(token, token)) for token in answers),
            answer=said.answer if said else None,
            answer_words=_ANSWER_LABELS.get(said.answer, said.answer).lower() if said else "",
            standing_allowed=False,
        )

    def _item(self, question: Question) -> Item:
        value = self.value(question)
        said = standing(value)
        subject = self.subject_of(question)
        note = next((n.text for n in self.visit.notes if (n.subject, n.question) == (subject, question.id)), "")
        return Item(
            id=question.id,
            kind=Kind(question.type) if question.type in _KINDS else Kind.TEXT,
            say=filled(words(question.label, self.language), {}),
            prompt=words(question.prompt, self.language) if question.prompt else "",
            choices=tuple(
                ChoiceRow(choice.token, words(choice.label, self.language), choice.exclusive)
                for choice in question.choices
            ),
            answer=None if said or value is None else _as_given(value),
            standing=said.value if said else "",
            answer_words=self.value_words(question),
            note=note,
        )


_KINDS: Final = frozenset(Kind)


def filled(text: str, blanks: Mapping[str, str]) -> str:
    """A wording with its blanks filled; a blank that nothing fills stays visible rather than vanish."""
    for name, value in blanks.items():
        text = text.replace("{" + name + "}", value)
    return text


def _as_given(value: Value) -> Given:
    if isinstance(value, tuple):
        return value
    if isinstance(value, date):
        return day_bare(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _typed_date(text: str) -> str:
    """A day as people type it (14/3/1943, 14 March 1943, 1943-03-14) as ISO text; anything else as it came."""
    parts = text.replace("/", " ").replace(".", " ").replace("-", " ").split()
    if len(parts) != 3:
        return text
    first, middle, last = parts
    if len(first) == 4:
        return f"{first}-{middle:0>2}-{last:0>2}"
    month = middle
    if middle[:3].lower() in _MONTHS:
        month = str(_MONTHS.index(middle[:3].lower()) + 1)
    return f"{last}-{month:0>2}-{first:0>2}"
