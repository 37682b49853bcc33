"""What is asked of one person, in which order, and each question as a page.

An agenda is a list of item ids: the first question of a group of facts (X5), the key of a consent statement (C-START),
or a main question (A1) of each instance that is there (age[2]). A page is one item with everything that is asked with
it: the rest of its group, or follow-ups. Order at the door: how to communicate, language; C-START, C-SAFE, C-RECORD;
name, postcode; then the questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from firstcontact.domain.answer import Text, Value, words
from firstcontact.domain.checklist import Checklist, Group, Question
from firstcontact.domain.directory import Directory
from firstcontact.domain.events import HOME
from firstcontact.domain.instances import node_id, parts_of
from firstcontact.domain.sheet import Sheet
from firstcontact.domain.visit import Visit
from firstcontact.rows import ChoiceRow, Item, Kind, PartRow, QuestionPage, QuestionRow
from firstcontact.workflow.asked import Asked
from firstcontact.workflow.layout import PARTS_DEEP, Known, Layout, is_asked, section_part
from firstcontact.workflow.parts import Part

AT_START: Final = ("C-START", "C-SAFE", "C-RECORD")
"""Statements said before the first question of the list."""
AT_THE_END: Final = ("C-LATER",)
"""Statements asked on the review."""
_STATEMENTS: Final = frozenset({*AT_START, *AT_THE_END})
_AFTER_GROUPS: Final = 2
"""The statements stand after how to communicate and which language: they have to be understood."""
_ANSWER_LABELS: Final = {"yes": "Yes", "no": "No", "understood": "Understood"}


class Agenda(Asked):
    """One person's list, on one visit, as of its last event; thrown away with it, so what was looked up is kept."""

    def __init__(self, visit: Visit, layout: Layout, directory: Directory, person: str, sheet: Sheet) -> None:
        super().__init__(visit, layout, person, sheet)
        self.directory = directory
        self.checklist: Checklist = layout.checklist

    # order

    def items(self, keep: str | None = None) -> tuple[str, ...]:
        """The ids in order; what the home has answered already is not asked of its next person, but for `keep`."""
        if not self.visit.people or self.visit.people[0] == self.person:
            return self._all
        return tuple(item for item in self._all if item == keep or not self._asked_of_another(item))

    @cached_property
    def _all(self) -> tuple[str, ...]:
        groups = [self._group(group_id) for group_id in self.checklist.at_start]
        return (
            *(group.questions[0].id for group in groups[:_AFTER_GROUPS]),
            *(key for key in AT_START if self.directory.statement(key) is not None),
            *(group.questions[0].id for group in groups[_AFTER_GROUPS:]),
            *self._mains,
        )

    @cached_property
    def _mains(self) -> tuple[str, ...]:
        return tuple(known.node for known, _still in self._walked)

    @cached_property
    def _walked(self) -> tuple[tuple[Known, bool], ...]:
        """The main questions that are relevant now, in every instance, and each "another one?"; whether it is open."""
        layout, sheet = self.layout, self.sheet
        own, home = self.visit.answers_of(self.person), self.visit.answers_of(HOME)
        nodes: Iterable[str] = layout.mains
        if layout.repeats:
            nodes = [node for node in sheet.nodes() if layout.begins_page(node)]
        found = []
        for node in nodes:
            if not sheet.relevant(node):
                continue
            known = layout.known(node, sheet)
            if known.ordinary:
                answers = home if known.question.subject == HOME else own
                still = known.asked and answers.get(node) is None
                found.append((known, still or (known.attached and self._more_is_open(known.question))))
        return tuple(found)

    @cached_property
    def _sections(self) -> Mapping[str, Mapping[str, int]]:
        """Section -> each of its main nodes that takes an answer -> its place, from 1."""
        found: dict[str, dict[str, int]] = {}
        for known, _still in self._walked:
            if known.asked:
                places = found.setdefault(known.question.section_id, {})
                places[known.node] = len(places) + 1
        return found

    def knows(self, item_id: str) -> bool:
        """Whether an id is a statement's, or an ordinary question's that is or was there."""
        if item_id in _STATEMENTS:
            return True
        try:
            return self.is_ordinary(self.sheet.question(item_id))
        except KeyError:
            return False

    def _asked_of_another(self, item_id: str) -> bool:
        if item_id in _STATEMENTS:
            return False
        main = self.sheet.question(item_id)
        # A home question may have a follow-up of each person ("is it you who smokes?"): shown while that is open.
        return main.subject == HOME and self.value(main) is not None and not self.is_open(item_id)

    def main_of(self, item_id: str) -> str:
        """The item that a question belongs to: its main question, or the first of its group."""
        if item_id in _STATEMENTS:
            return item_id
        name, path = parts_of(item_id)
        question = self.sheet.question(item_id)
        if question.part_of:
            return self._group(question.part_of).questions[0].id
        return node_id(self.layout.main_of(name), path)

    def is_open(self, item_id: str) -> bool:
        """Whether anything of an item is still to be asked: its own answer, or that of a relevant follow-up."""
        found = self._open.get(item_id)
        if found is None:
            found = self._open[item_id] = self._is_open(item_id)
        return found

    @cached_property
    def _open(self) -> dict[str, bool]:
        return {known.node: still for known, still in self._walked}

    def _is_open(self, item_id: str) -> bool:
        if item_id in _STATEMENTS:
            return (self.person, item_id) not in self.visit.statements
        question = self.sheet.question(item_id)
        if is_asked(question) and self.value(question) is None:
            return True
        return question.role == "main" and self._more_is_open(question)

    def _more_is_open(self, main: Question) -> bool:
        return any(is_asked(each) and self.value(each) is None for each in self.follow_ups(main))

    # pages

    def page(self, item_id: str) -> QuestionPage:
        """An item with everything that is asked with it."""
        main_id = self.main_of(item_id)
        if main_id in _STATEMENTS:
            return QuestionPage(item=self._statement(main_id))
        main = self.sheet.question(main_id)
        if main.part_of:
            group = self._group(main.part_of)
            first, *others = [question for question in group.questions if self.is_put(question)] or [main]
            return QuestionPage(
                item=self.item(first),
                follow_ups=tuple(self.item(question) for question in others),
                section_title=words(group.title, self.language),
            )
        section = next(part for part in self.checklist.sections if part.id == main.section_id)
        places = self._sections.get(section.id, {})
        around = self.layout.instances(main_id, self.language)
        return QuestionPage(
            item=self.item(main),
            follow_ups=tuple(self.item(question) for question in self.follow_ups(main)),
            section=section.id,
            section_title=words(section.title, self.language),
            number=places.get(main_id, 0),
            of=len(places) if main_id in places else 0,
            groups=tuple(self.fill(title, main_id) for _id, title, again in around if not again),
            instance=", ".join(self.fill(title, main_id) for _id, title, again in around if again),
            part=around[:PARTS_DEEP][-1][0] if around else section_part(section.id),
        )

    def follow_ups(self, main: Question) -> list[Question]:
        """What is asked with a main question and is relevant now, in order."""
        name, path = parts_of(main.id)
        attached = self.layout.on_page_of(name)
        if not attached:
            return []
        nodes = [self.sheet.question(node_id(question.id, path)) for question in attached]
        return [question for question in nodes if self.is_put(question)]

    def rows(self) -> tuple[QuestionRow, ...]:
        """Every relevant ordinary question in the checklist's order, facts first."""
        found = []
        for node in self.sheet.nodes():
            question = self.sheet.question(node)
            if self.is_put(question) and question.type != "note":
                around = self.layout.instances(node, self.language) if question.block else []
                found.append(
                    QuestionRow(
                        id=node,
                        section="" if question.part_of else question.section_id,
                        say=self.say(question),
                        answer_words=self.value_words(question),
                        where=around[-1][1] if around else "",
                    )
                )
        return tuple(found)

    def parts(self) -> tuple[PartRow, ...]:
        """Each section, and the groups and instances in it, with how many of their main questions have an answer."""
        return self._parts

    @cached_property
    def _parts(self) -> tuple[PartRow, ...]:
        found: dict[str, Part] = {}
        for known, still in self._walked:
            for part_id in known.parts:
                part = found.get(part_id) or self._part(part_id, known, found)
                part.count(known.node, asked=known.asked, still=still)
        return tuple(part.row() for part in found.values() if part.of)

    def _part(self, part_id: str, known: Known, found: dict[str, Part]) -> Part:
        depth = known.parts.index(part_id)
        if depth == 0:
            letter = known.question.section_id
            title = words(self._titles[letter], self.language)
        else:
            title, letter = self.fill(self.layout.instances(known.node, self.language)[depth - 1][1], known.node), ""
        found[part_id] = Part(part_id, letter, title, depth)
        return found[part_id]

    @cached_property
    def _titles(self) -> Mapping[str, Text]:
        return {section.id: section.title for section in self.checklist.sections}

    @cached_property
    def _to_ask(self) -> int:
        return sum(self.is_open(item) for item in self.items())

    def to_ask(self) -> int:
        """How many items nobody has answered yet."""
        return self._to_ask

    def required_blank(self) -> Iterator[Question]:
        """The relevant questions that must have an answer and have none, in order."""
        for node in self.sheet.nodes():
            question = self.sheet.question(node)
            if question.required is None or not is_asked(question) or self.value(question) is not None:
                continue
            if self.is_ordinary(question) and self.sheet.required(node):
                yield question

    def in_violation(self) -> Iterator[Question]:
        """The questions whose answer fitted once and does not any more, in order."""
        for node, value in self._answers():
            if value is not None and self.knows(node) and self.sheet.violations(node):
                yield self.sheet.question(node)

    def count_kept(self) -> int:
        """How many questions have an answer that is relevant now."""
        return sum(
            value is not None and self.sheet.relevant(node) for node, value in self._answers() if self.knows(node)
        )

    def _answers(self) -> Iterator[tuple[str, Value]]:
        for subject in (HOME, self.person):
            yield from self.visit.answers_of(subject).items()

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


def filled(text: str, blanks: Mapping[str, str]) -> str:
    """A wording with its blanks filled; a blank that nothing fills stays visible rather than vanish."""
    for name, value in blanks.items():
        text = text.replace("{" + name + "}", value)
    return text
