"""One question as it is put to one person: its words, its answer as people read it, and what is wrong with that."""

from __future__ import annotations

from typing import Final

from firstcontact.domain.answer import NotAnAnswer, Standing, Text, Value, from_tokens, standing, words
from firstcontact.domain.checklist import Question
from firstcontact.domain.instances import node_id, parts_of
from firstcontact.domain.sheet import Sheet
from firstcontact.domain.visit import Visit
from firstcontact.rows import ChoiceRow, Given, Item, Kind
from firstcontact.workflow.layout import Layout, is_asked, is_ordinary
from firstcontact.workflow.typed import as_typed, bounds_of, value_of

_STANDING_WORDS: Final = {
    Standing.DONT_KNOW: "does not know",
    Standing.PREFERS_NOT_TO_SAY: "would rather not say",
    Standing.ALREADY_GETTING_HELP: "has help already",
    Standing.NOT_ASKED: "not asked",
    Standing.NOT_SAFE_TO_ASK: "not safe to ask",
}
_WRONG: Final = {
    "choice": "This answer is not among the choices any more. Choose again.",
    "evidence": "Nothing is written yet that shows this level.",
    "too-long": "This is longer than it may be.",
}
_CANNOT_STAND: Final = "This answer does not fit any more. Look again."


class Asked:
    """The questions of one person's sheet, one at a time."""

    def __init__(self, visit: Visit, layout: Layout, person: str, sheet: Sheet) -> None:
        self.visit = visit
        self.layout = layout
        self.person = person
        self.sheet = sheet
        self.language = visit.language

    def is_ordinary(self, question: Question) -> bool:
        """Whether a question belongs on the screens that the person may see."""
        return is_ordinary(question)

    def is_put(self, question: Question) -> bool:
        """Whether it is relevant now, and on the screens that the person may see."""
        return self.is_ordinary(question) and self.sheet.relevant(question.id)

    def subject_of(self, question: Question) -> str:
        """Whose answer it is: the person's, or the home's."""
        return self.person if question.subject == "person" else str(question.subject)

    def value(self, question: Question) -> Value:
        """The answer as kept."""
        return self.visit.answers_of(self.subject_of(question)).get(question.id)

    def short(self, question: Question) -> str:
        """A question in a few words, for lists."""
        if parts_of(question.id)[0] in self.layout.asking:
            return self.layout.another(question.id, self.language)
        return self.fill(words(question.short or question.label, self.language), question.id)

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
            return ", ".join(self.fill(labels.get(token, token), question.id) for token in tokens)
        typed = as_typed(value)
        return typed if isinstance(typed, str) else ", ".join(typed)

    def parse(self, question: Question, given: Given) -> Value:
        """What was typed or chosen, as a value. Raises: NotAnAnswer, in words that a visitor can act on."""
        if question.type == "rank" and isinstance(given, tuple):
            value: Value = given or None
        elif isinstance(given, tuple):
            value = from_tokens(given, question.tokens)
        else:
            value = value_of(question, given)
        if question.max_length is not None and isinstance(value, str) and len(value) > question.max_length:
            raise NotAnAnswer(f"That is too long: at most {question.max_length} characters.")
        return value

    def wrong(self, question: Question) -> str:
        """Why the kept answer cannot stand any more, in words; blank if it can."""
        if self.value(question) is None:
            return ""
        return next(
            (self.violation_words(each.kind, each.message, question) for each in self.sheet.violations(question.id)), ""
        )

    def violation_words(self, kind: str, message: Text | None, question: Question) -> str:
        """What is wrong with an answer, in the question's own words where it has some."""
        if message:
            return self.fill(words(message, self.language), question.id)
        if kind == "range":
            return bounds_of(question)
        return _WRONG.get(kind, _CANNOT_STAND)

    def fill(self, text: str, node: str) -> str:
        """A wording with answers in place of `${name}`."""
        return self.sheet.fill(text, node, self.language) if "${" in text else text

    def say(self, question: Question) -> str:
        """The words to say."""
        if parts_of(question.id)[0] in self.layout.asking:
            return self.layout.another(question.id, self.language)
        return self.fill(words(question.label, self.language), question.id)

    def item(self, question: Question) -> Item:
        """The question as the screens take it."""
        node, value = question.id, self.value(question)
        asked = is_asked(question)
        default = False
        if not asked and question.type != "file":
            value = self._worked_out(question)
        elif value is None and question.default is not None:
            value = self.sheet.answer(node)
            default = value is not None
        said = standing(value)
        subject = self.subject_of(question)
        note = next((n.text for n in self.visit.notes if (n.subject, n.question) == (subject, node)), "")
        asking = parts_of(node)[0] in self.layout.asking
        return Item(
            id=node,
            kind=Kind(question.type),
            say=self.say(question),
            prompt=self.fill(words(question.prompt, self.language), node) if question.prompt else "",
            choices=self._choices(question),
            answer=None if said or value is None else as_typed(value),
            standing=said.value if said else "",
            answer_words=self.words_for(question, value),
            note=note,
            standing_allowed=asked and not asking,
            asked=asked,
            default=default,
            required=question.required is not None and self.sheet.required(node),
            bounds=question.kept.get("type", "") if question.type == "file" else bounds_of(question),
            evidence=node_id(question.evidence, parts_of(node)[1]) if question.evidence else "",
            wrong="" if default else self.wrong(question),
        )

    def _worked_out(self, question: Question) -> Value:
        """The value of a question that is shown and not answered."""
        found = self.sheet.value(question.id)
        return found if not isinstance(found, bool | float) else str(found)

    def _choices(self, question: Question) -> tuple[ChoiceRow, ...]:
        """The choices that are there now."""
        choices = self.sheet.choices(question.id) if question.choice_filter else question.choices
        language, node = self.language, question.id
        return tuple(
            ChoiceRow(choice.token, self.fill(words(choice.label, language), node), choice.exclusive)
            for choice in choices
        )
