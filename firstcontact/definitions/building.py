"""From the models of a checklist's files to domain values, with the words of every language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from firstcontact.definitions.building_rules import RuleBuilder
from firstcontact.definitions.models import (
    AskedModel,
    CalculationModel,
    ChecklistModel,
    GroupModel,
    ListedChoiceModel,
    QuestionGroupModel,
    QuestionModel,
    RepeatModel,
    SectionModel,
)
from firstcontact.definitions.scalars import TableModel
from firstcontact.definitions.translation_models import TranslationModel
from firstcontact.definitions.wordbook import Wordbook
from firstcontact.domain.checklist import (
    Ask,
    Block,
    Calculation,
    Checklist,
    Choice,
    Group,
    Question,
    Role,
    Section,
    Subject,
    Table,
)
from sync.base.safe_text import safe_text

OTHER: Final = "other"
_OTHER_LABEL: Final = "Other"
_OTHER_WORDS: Final = "Specify other."
"""As XLSForm's or_other has them."""


class Builder:
    """One checklist's models as domain values.

    Conditions are parsed once, for the compiled form. Raises: ConditionError, for one that nobody checked before.
    """

    def __init__(
        self,
        model: ChecklistModel,
        translations: Mapping[str, TranslationModel],
        tables: Mapping[str, Table] | None = None,
    ) -> None:
        self.model = model
        self.tables = tables or {}
        self.words = Wordbook(model.language, translations)
        self.blocks: list[Block] = []
        self.calculations: list[Calculation] = []
        self.lists: dict[str, tuple[Choice, ...]] = {}
        self.asked: list[QuestionModel] = []

    def checklist(self) -> Checklist:
        """Everything, in document order."""
        model, words = self.model, self.words
        self._lists()
        groups = tuple(self._group(group) for group in model.facts)
        sections = tuple(self._section(section) for section in model.sections)
        for each in model.calculations:
            self._calculation(each, None, None)
        rules = RuleBuilder(words)
        return Checklist(
            id=model.checklist,
            version=safe_text(model.version),
            title=words.text(model.title, ("title",)),
            languages=words.languages,
            minimum_age=model.minimum_age,
            groups=groups,
            at_start=model.questions_at_start,
            sections=sections,
            rules=tuple(rule for question in self.asked for rule in rules.rules(question)),
            advice=tuple(each for question in self.asked for each in rules.advice(question)),
            calculations=tuple(self.calculations),
            conditions=words.conditions,
            blocks=tuple(self.blocks),
            lists=self.lists,
            tables=self.tables,
            kept=_kept(model.kept.settings),
            kept_sheets={safe_text(name): _table(sheet) for name, sheet in model.kept.sheets.items()},
        )

    def _lists(self) -> None:
        for name, rows in self.model.lists.items():
            self.lists[name] = tuple(self._listed(name, row) for row in rows)
        for asked in _every_question(self.model):
            # or_other puts its choice into the list itself, as XLSForm does.
            if asked.other and asked.list_ in self.lists:
                self.lists[asked.list_] = self._with_other(self.lists[asked.list_], ("lists", asked.list_))

    def _listed(self, name: str, row: ListedChoiceModel) -> Choice:
        label = self.words.text(row.label or row.choice, ("lists", name, row.choice))
        columns = {key: _plain_text(value) for key, value in (row.model_extra or {}).items()}
        return Choice(row.choice, label, row.exclusive, columns)

    def _with_other(self, choices: tuple[Choice, ...], path: tuple[str, ...]) -> tuple[Choice, ...]:
        if any(choice.token == OTHER for choice in choices):
            return choices
        return (*choices, Choice(OTHER, self.words.text(_OTHER_LABEL, (*path, OTHER))))

    def _group(self, group: GroupModel) -> Group:
        ask: Ask = "at-start" if group.about in self.model.questions_at_start else "when-needed"
        questions = tuple(
            question
            for each in group.questions
            for question in self._with_follow_up(
                each, group.about, group.subject, "fact", ask=ask, fact=each.fact, part_of=group.about
            )
        )
        title = self.words.text(group.title, ("facts", group.about))
        return Group(group.about, title, group.subject, ask, questions)

    def _section(self, section: SectionModel) -> Section:
        questions: list[Question] = []
        self._entries(section.questions, section.section, None, section.section, questions)
        title = self.words.text(section.title, ("sections", section.section))
        return Section(section.section, title, tuple(questions))

    def _entries(
        self, entries: Iterable[Any], section_id: str, block: str | None, after: str, questions: list[Question]
    ) -> str:
        """Build what a section or block holds; files are nested no deeper than yaml.MAX_DEPTH.

        Returns: the id of the last thing built, after which the next calculation stands.
        """
        for entry in entries:
            if isinstance(entry, CalculationModel):
                self._calculation(entry, block, after)
                after = entry.calculation
            elif isinstance(entry, QuestionModel):
                questions.extend(self._asked(entry, section_id, block))
                after = questions[-1].id
            else:
                made = self._block(entry, block)
                after = self._entries(entry.questions, section_id, made.id, made.id, questions)
        return after

    def _block(self, entry: QuestionGroupModel | RepeatModel, parent: str | None) -> Block:
        repeat = isinstance(entry, RepeatModel)
        block_id = entry.repeat if isinstance(entry, RepeatModel) else entry.group
        made = Block(
            id=block_id,
            title=self.words.maybe_text(entry.title, ("groups", block_id)),
            relevant=self.words.maybe_condition(entry.relevant),
            parent=parent,
            repeat=repeat,
            count=self.words.maybe_condition(entry.count) if isinstance(entry, RepeatModel) else None,
            kept=_kept(entry.kept),
        )
        self.blocks.append(made)
        return made

    def _calculation(self, each: CalculationModel, block: str | None, after: str | None) -> None:
        words = self.words
        self.calculations.append(
            Calculation(
                id=each.calculation,
                value=words.condition(each.value),
                block=block,
                relevant=words.maybe_condition(each.relevant),
                label=words.maybe_text(each.label, ("calculations", each.calculation)),
                after=after,
                trigger=each.trigger,
                kept=_kept(each.kept),
            )
        )

    def _asked(self, each: QuestionModel, section_id: str, block: str | None) -> Iterable[Question]:
        """A main question with its follow-ups and details."""
        self.asked.append(each)
        marks: dict[str, Any] = {
            "safeguarding": each.safeguarding,
            "never_prefilled": each.never_prefilled,
            "private": each.private,
            "block": block,
        }
        yield from self._with_follow_up(each, section_id, each.subject, "main", **marks)
        parts: Iterable[tuple[Role, Any]] = (
            *(("follow-up", follow_up) for follow_up in each.follow_ups),
            *(("detail", detail) for detail in each.details),
        )
        for role, part in parts:
            own = marks if part.private is None else {**marks, "private": part.private}
            subject = part.subject or each.subject
            yield from self._with_follow_up(part, section_id, subject, role, follow_up_of=each.question, **own)

    def _with_follow_up(
        self, asked: AskedModel, section_id: str, subject: Subject, role: Role, **more: Any
    ) -> Iterable[Question]:
        """A question and, where it has `other`, the one that asks what that is."""
        yield self._question(asked, section_id, subject, role, **more)
        if not asked.other:
            return
        other_id = f"{asked.question}_{OTHER}"
        if role == "main":
            role, more = "follow-up", {**more, "follow_up_of": asked.question}
        yield Question(
            id=other_id,
            section_id=section_id,
            subject=subject,
            type="text",
            label=self.words.text(_OTHER_WORDS, ("questions", other_id, "say")),
            role=role,
            relevant=self.words.condition(f"selected(${{{asked.question}}}, '{OTHER}')"),
            **{**more, "fact": None} if "fact" in more else more,
        )

    def _question(
        self, asked: AskedModel, section_id: str, subject: Subject, role: Role, *, ask: Ask = "in-order", **more: Any
    ) -> Question:
        words, path = self.words, ("questions", asked.question)
        return Question(
            id=asked.question,
            section_id=section_id,
            subject=subject,
            type=asked.type,
            label=words.text(asked.say, (*path, "say")),
            role=role,
            short=words.maybe_text(asked.short, (*path, "short")),
            prompt=words.maybe_text(asked.prompt, (*path, "prompt")),
            choices=self._choices(asked),
            ask=ask,
            relevant=words.maybe_condition(asked.relevant),
            constraint=words.maybe_condition(asked.constraint),
            constraint_message=words.maybe_text(asked.message, (*path, "message")),
            required=words.maybe_condition(asked.required),
            required_message=words.maybe_text(asked.required_message, (*path, "required_message")),
            max_length=asked.max_length,
            read_only=asked.read_only,
            default=words.maybe_condition(asked.default),
            calculation=words.maybe_condition(asked.calculation),
            trigger=asked.trigger,
            choice_list=asked.list_,
            choice_filter=words.maybe_filter(asked.filter),
            start=asked.start,
            end=asked.end,
            step=asked.step,
            evidence=asked.evidence,
            appearance=None if asked.appearance is None else safe_text(asked.appearance),
            kept=_kept(asked.kept),
            **more,
        )

    def _choices(self, asked: AskedModel) -> tuple[Choice, ...]:
        path = ("questions", asked.question, "choices")
        if asked.list_ is not None:
            choices = self.lists.get(asked.list_, ())
        else:
            choices = tuple(
                Choice(each.choice, self.words.text(each.label, (*path, each.choice)), each.exclusive)
                for each in asked.choices
            )
            choices = self._with_other(choices, path) if asked.other else choices
        self.words.choices[asked.question] = choices
        return choices


def _every_question(model: ChecklistModel) -> Iterable[AskedModel]:
    for group in model.facts:
        yield from group.questions
    waiting: list[Any] = [entry for section in model.sections for entry in section.questions]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, QuestionModel):
            yield entry
            yield from entry.follow_ups
            yield from entry.details
        elif not isinstance(entry, CalculationModel):
            waiting.extend(entry.questions)


def _kept(rows: Mapping[str, str]) -> dict[str, str]:
    return {safe_text(name): safe_text(value, multiline=True) for name, value in rows.items()}


def _table(sheet: TableModel) -> Table:
    rows = tuple(tuple(safe_text(cell, multiline=True) for cell in row) for row in sheet.rows)
    return Table(tuple(safe_text(name) for name in sheet.columns), rows)


def _plain_text(value: object) -> str:
    return safe_text(str(value), multiline=True)
