"""From a checklist's folder to the Checklist: the models become domain values, with the words of every language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from firstcontact.definitions.checking import check, check_translation
from firstcontact.definitions.compiled import digest_of
from firstcontact.definitions.models import (
    AskedModel,
    ChecklistModel,
    GroupModel,
    QuestionModel,
    SectionModel,
)
from firstcontact.definitions.problems import DefinitionError, DefinitionProblem
from firstcontact.definitions.rule_models import AddsReasonModel, OfferModel, RaiseModel
from firstcontact.definitions.translation_models import TranslationModel
from firstcontact.definitions.yaml import Node, attempt, read_yaml
from firstcontact.domain.answer import Text
from firstcontact.domain.checklist import (
    Advice,
    Ask,
    Calculation,
    Checklist,
    Choice,
    Group,
    Instead,
    OfferRule,
    Question,
    Raise,
    Role,
    RuleKind,
    Section,
    Subject,
)
from firstcontact.domain.condition import Ast, parse
from firstcontact.domain.dependencies import CycleError, order
from sync.base.safe_text import safe_text

MAIN_FILE = "checklist.yaml"
_LANGUAGE_FILE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\.yaml")
_CHOICE_USED = re.compile(r"selected\(\s*\$\{(\S+)\}\s*,\s*'([^']+)'\s*\)|\$\{(\S+)\}\s*=\s*'([^']+)'")


def read_checklist(folder: Path) -> Checklist:
    """Read, check and build. Raises: DefinitionError, with everything that is wrong in all of its files."""
    root = read_yaml(folder / MAIN_FILE)
    model, problems = attempt(ChecklistModel, root)
    problems += check(root)
    translations: dict[str, TranslationModel] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == MAIN_FILE or not _LANGUAGE_FILE.fullmatch(path.name):
            continue
        translation, found = _read_translation(path, root)
        problems += found
        if translation is not None:
            translations[translation.language] = translation
    if model is None or problems:
        raise DefinitionError(problems)
    checklist = _Builder(model, translations).checklist()
    try:
        checklist = replace(checklist, order=order(checklist))
    except CycleError as cycle:
        raise DefinitionError([_cycle_problem(root, cycle)]) from cycle
    return replace(checklist, digest=digest_of(checklist))


def _read_translation(path: Path, root: Node) -> tuple[TranslationModel | None, list[DefinitionProblem]]:
    try:
        node = read_yaml(path)
    except DefinitionError as problem:
        return None, list(problem.problems)
    translation, problems = attempt(TranslationModel, node)
    problems += check_translation(node, root)
    if translation is not None and translation.language != path.stem:
        words = f"the file is called {path.name}, so its language is {path.stem}"
        problems.append(node.at("language").problem(words))
    return translation, problems


def _cycle_problem(root: Node, cycle: CycleError) -> DefinitionProblem:
    names = set(cycle.names)
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        for key in ("question", "calculation"):
            if key in node.entries and node.entries[key].text in names:
                # Told from the place where it was found: A needs B needs A.
                first = node.entries[key].text
                turn = cycle.names.index(first)
                circle = (*cycle.names[turn:-1], *cycle.names[:turn], first)
                return node.entries[key].problem("these need each other: " + " needs ".join(circle))
        waiting.extend(node.items)
        waiting.extend(node.entries.values())
    return root.problem("these need each other: " + str(cycle))


class _Builder:
    """One checklist's models as domain values."""

    def __init__(self, model: ChecklistModel, translations: Mapping[str, TranslationModel]) -> None:
        self.model = model
        self.translations = translations
        self.labels: dict[tuple[str, str], Text] = {}
        self.conditions: dict[str, Ast] = {}
        self.rule_ids: set[str] = set()

    def checklist(self) -> Checklist:
        model = self.model
        groups = tuple(self._group(group) for group in model.facts)
        sections = tuple(self._section(section) for section in model.sections)
        asked = [question for section in model.sections for question in section.questions]
        rules = tuple(rule for question in asked for rule in self._rules(question))
        advice = tuple(
            Advice(
                id=each.advice,
                question_id=question.question,
                when=self._condition(each.when),
                say=self._text(each.say, ("advice", each.advice)),
            )
            for question in asked
            for each in question.advice
        )
        calculations = tuple(Calculation(each.calculation, self._condition(each.value)) for each in model.calculations)
        return Checklist(
            id=model.checklist,
            version=safe_text(model.version),
            title=self._text(model.title, ("title",)),
            languages=(model.language, *(code for code in self.translations if code != model.language)),
            minimum_age=model.minimum_age,
            groups=groups,
            at_start=model.questions_at_start,
            sections=sections,
            rules=rules,
            advice=advice,
            calculations=calculations,
            conditions=self.conditions,
        )

    def _group(self, group: GroupModel) -> Group:
        ask: Ask = "at-start" if group.about in self.model.questions_at_start else "when-needed"
        questions = tuple(
            self._question(each, group.about, group.subject, "fact", ask=ask, fact=each.fact, part_of=group.about)
            for each in group.questions
        )
        return Group(group.about, self._text(group.title, ("facts", group.about)), group.subject, ask, questions)

    def _section(self, section: SectionModel) -> Section:
        questions: list[Question] = []
        for each in section.questions:
            marks: dict[str, Any] = {
                "safeguarding": each.safeguarding,
                "never_prefilled": each.never_prefilled,
                "private": each.private,
            }
            questions.append(self._question(each, section.section, each.subject, "main", **marks))
            parts: Iterable[tuple[Role, Any]] = (
                *(("follow-up", follow_up) for follow_up in each.follow_ups),
                *(("detail", detail) for detail in each.details),
            )
            for role, part in parts:
                own = marks if part.private is None else {**marks, "private": part.private}
                subject = part.subject or each.subject
                questions.append(
                    self._question(part, section.section, subject, role, follow_up_of=each.question, **own)
                )
        title = self._text(section.title, ("sections", section.section))
        return Section(section.section, title, tuple(questions))

    def _question(
        self, asked: AskedModel, section_id: str, subject: Subject, role: Role, *, ask: Ask = "in-order", **more: Any
    ) -> Question:
        path = ("questions", asked.question)
        choices = []
        for each in asked.choices:
            label = self._text(each.label, (*path, "choices", each.choice))
            self.labels[asked.question, each.choice] = label
            choices.append(Choice(each.choice, label, each.exclusive))
        return Question(
            id=asked.question,
            section_id=section_id,
            subject=subject,
            type=asked.type,
            label=self._text(asked.say, (*path, "say")),
            role=role,
            short=self._words(asked.short, (*path, "short")),
            prompt=self._words(asked.prompt, (*path, "prompt")),
            choices=tuple(choices),
            ask=ask,
            relevant=self._maybe(asked.relevant),
            constraint=self._maybe(asked.constraint),
            constraint_message=self._words(asked.message, (*path, "message")),
            required=self._maybe(asked.required),
            max_length=asked.max_length,
            **more,
        )

    def _rules(self, question: QuestionModel) -> Iterator[OfferRule]:
        for offer in question.offers:
            instead = tuple(
                Instead(to=each.to, when=self._condition(each.when), say=self._words(each.say, ("signposts", each.to)))
                for each in offer.signposted
            )
            yield replace(
                self._rule(question, offer, "offer"),
                urgency=offer.urgency,
                otherwise=offer.otherwise,
                signposted=instead,
            )
        for reason in question.adds_reason:
            yield self._rule(question, reason, "adds-reason")
        for signpost in question.signposts:
            yield OfferRule(
                id=self._rule_id(question.question, signpost.service),
                question_id=question.question,
                service=signpost.service,
                when=self._condition(signpost.when),
                kind="signpost",
                say=self._words(signpost.say, ("signposts", signpost.service)),
            )

    def _rule(self, question: QuestionModel, offer: OfferModel | AddsReasonModel, kind: RuleKind) -> OfferRule:
        return OfferRule(
            id=self._rule_id(question.question, offer.service),
            question_id=question.question,
            service=offer.service,
            when=self._condition(offer.when),
            kind=kind,
            raises=tuple(self._raise(each) for each in offer.raises),
            fields=offer.fields_,
            packs=tuple(each.pack for each in offer.packs),
            pack_when={each.pack: self._condition(each.when) for each in offer.packs if each.when is not None},
        )

    def _rule_id(self, question_id: str, service: str) -> str:
        rule_id, turn = f"{question_id}:{service}", 1
        while rule_id in self.rule_ids:
            turn += 1
            rule_id = f"{question_id}:{service}#{turn}"
        self.rule_ids.add(rule_id)
        return rule_id

    def _raise(self, each: RaiseModel) -> Raise:
        because = self._words(each.because, ("because", each.because or ""))
        if because is None:
            because = self._label_of(each.when)
        return Raise(to=each.to, when=self._condition(each.when), because=because, health=each.health)

    def _label_of(self, when: str) -> Text | None:
        """The label of the one choice that a condition speaks of, if it speaks of one."""
        used = [(match[1] or match[3], match[2] or match[4]) for match in _CHOICE_USED.finditer(when)]
        return self.labels.get(used[0]) if len(used) == 1 else None

    def _condition(self, text: str) -> str:
        if text not in self.conditions:
            self.conditions[text] = parse(text)
        return text

    def _maybe(self, text: str | None) -> str | None:
        return None if text is None else self._condition(text)

    def _words(self, said: str | None, path: tuple[str, ...]) -> Text | None:
        return None if said is None else self._text(said, path)

    def _text(self, said: str, path: tuple[str, ...]) -> Text:
        text = {self.model.language: safe_text(said.strip())}
        for language, translation in self.translations.items():
            found = _translated(translation, path)
            if found:
                text[language] = safe_text(found.strip())
        return text


def _translated(translation: TranslationModel, path: tuple[str, ...]) -> str | None:
    place: Any = translation
    for step in path:
        place = place.get(step) if isinstance(place, Mapping) else getattr(place, step, None)
        if place is None:
            return None
    return place if isinstance(place, str) else None
