"""What `checklist check` claims of all answers, held against one sheet of answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from firstcontact.definitions.problems import DefinitionProblem
from firstcontact.domain.answer import Standing, Value
from firstcontact.domain.branching import Sheet
from firstcontact.domain.checklist import Question

_NEVER_ASKED = re.compile(r"(\S+) is never (?:asked|worked out): ")
_ALWAYS_ASKED = re.compile(r"this always holds, so (\S+) is always asked")
_NEVER_OFFERED = re.compile(r"(\S+) never comes: ")
_PART_NEVER = re.compile(r"(.*?) never holds: ", re.DOTALL)
_PART_ALWAYS = re.compile(r"(.*) always holds here", re.DOTALL)


def contradictions(
    sheet: Sheet, problems: Iterable[DefinitionProblem], owners: Mapping[tuple[int, int], str]
) -> Iterator[str]:
    """The claims that these answers show to be wrong.

    `owners`: (line, 0) -> the question that a condition in that line belongs to; (line, 1) is there, too, where the
    condition is one of its rules.
    """
    ids = {question.id for question in sheet.form.checklist.questions}
    for problem in problems:
        text = problem.message
        found = _NEVER_ASKED.match(text)
        if problem.code == "never-asked" and found is not None and found[1] in ids:
            if sheet.relevant(found[1]):
                yield f"{problem}"
            continue
        found = _ALWAYS_ASKED.match(text)
        if found is not None and found[1] in ids and around(sheet, found[1]) and not sheet.relevant(found[1]):
            yield f"{problem}"
        found = _NEVER_OFFERED.match(text)
        if problem.code == "offer-never" and found is not None:
            for rule in sheet.form.checklist.rules:
                owner = owners.get((problem.line, 0))
                if rule.service == found[1] and owner in (None, rule.question_id) and sheet.holds(rule.id):
                    yield f"{problem}"
        yield from _of_parts(sheet, problem, owners)


def _of_parts(sheet: Sheet, problem: DefinitionProblem, owners: Mapping[tuple[int, int], str]) -> Iterator[str]:
    owner = owners.get((problem.line, 0), "")
    for code, pattern, wanted in (("part-never", _PART_NEVER, False), ("part-always", _PART_ALWAYS, True)):
        found = pattern.match(problem.message)
        if problem.code != code or found is None or " ... " in found[1] or "..." in found[1] or found[1] == "this":
            continue
        if not owner or not around(sheet, owner):
            continue
        if owners.get((problem.line, 1)) and not sheet.relevant(owner):
            continue  # a rule of a question that is not asked
        if sheet.test(found[1], owner) is not wanted:
            yield f"{problem}"


def around(sheet: Sheet, name: str) -> bool:
    """Whether the groups around a question or calculation, and its main question, are asked."""
    checklist = sheet.form.checklist
    if name in checklist.by_id and sheet.form.repeats_of(checklist.by_id[name].block):
        return False  # asked in its instances only
    question = checklist.by_id.get(name)
    holder = question or next((each for each in checklist.calculations if each.id == name), None)
    block = holder.block if holder is not None else None
    while block is not None:
        found = checklist.by_block[block]
        if found.relevant is not None and not sheet.test(found.relevant, name):
            return False
        block = found.parent
    return question is None or question.follow_up_of is None or sheet.relevant(question.follow_up_of)


def any_answer(question: Question, random: Random, words: tuple[str, ...] = ()) -> Value:
    """An answer that its type allows; blank and standing answers too."""
    chance = random.random()
    if chance < 0.12:
        return None
    if chance < 0.2:
        return random.choice(list(Standing))
    tokens = question.tokens
    match question.type:
        case "yes-no" | "one-of" | "level":
            return random.choice(tokens) if tokens else None
        case "any-of":
            alone = {choice.token for choice in question.choices if choice.exclusive}
            if alone and random.random() < 0.3:
                return (random.choice(sorted(alone)),)
            rest = [token for token in tokens if token not in alone]
            chosen = random.sample(rest, random.randint(0, min(len(rest), 4)))
            return tuple(token for token in tokens if token in chosen) or None
        case "rank":
            return tuple(random.sample(tokens, len(tokens))) or None
        case "whole-number":
            return random.choice([0, 1, 2, 3, 5, 7, 17, 18, 30, 31, 64, 65, 66, 100, random.randint(-3, 130)])
        case "decimal":
            return random.choice([Decimal(random.randint(-4, 200)) / 4, Decimal(random.randint(0, 40))])
        case "range":
            low, high, step = question.start or Decimal(0), question.end or Decimal(0), question.step or Decimal(1)
            return low + step * random.randint(0, max(0, int((high - low) / step)))
        case "date":
            return date(2026, 2, 10) + timedelta(
                days=random.choice([-30000, -400, -1, 0, 1, 400, random.randint(-9, 9)])
            )
        case "time":
            return time(random.randint(0, 23), 30)
        case "date-time":
            return datetime.combine(date(2026, 2, random.randint(1, 28)), time(9, 30))
        case "text" | "long-text" | "phone" | "postcode":
            return random.choice([*words, "blue", "5", "0", "12345", "yes", "A b"])
    return None


def answered(sheet: Sheet, random: Random, words: tuple[str, ...] = ()) -> None:
    """Answer some questions of a sheet at random, and leave none in violation of its own constraint."""
    questions = [each for each in sheet.form.checklist.questions if each.type not in ("note", "file")]
    for question in random.sample(questions, random.randint(0, len(questions))):
        if question.calculation is not None or not sheet.form.knows_node(question.id):
            continue
        sheet.record(question.id, any_answer(question, random, words))
    for question in questions:
        if sheet.violations(question.id):
            sheet.record(question.id, None)
