"""How a checklist, and what follows from a file of answers, read as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from firstcontact.definitions.yaml import load_checklist
from firstcontact.domain.answer import words
from firstcontact.domain.checklist import Block, Checklist, OfferRule, Question, Raise
from firstcontact.errors import UsedWrongly

_WIDTH: Final = 96
_TITLES: Final[Mapping[str, str]] = {
    "offers": "Offers",
    "referrals": "Referrals",
    "recorded": "Recorded, not sent",
    "handovers": "By telephone",
}
"""The lists of `checklist try`, in their order."""


def try_in_words(result: Mapping[str, Any]) -> str:
    """What `try_checklist` returned, for a person to read."""
    lines = [f"{result['checklist']} {result['version']}, on {result['on']}"]
    for name, title in _TITLES.items():
        rows = result[name]
        lines += ["", f"{title} ({len(rows)})"]
        lines += [f"  {line}" for row in rows for line in _row_in_words(name, row)]
    return "\n".join(lines)


def _row_in_words(name: str, row: Mapping[str, Any]) -> Iterator[str]:
    match name:
        case "offers":
            reasons = ", ".join(row["reasons"])
            who = row["partner"] or "no partner yet: area not known"
            yield f"{row['service']:<20} {who:<5} {row['end']:<12} {row['urgency']:<8} {row['subject']}: {reasons}"
        case "referrals":
            names, because = ", ".join(row["names"]), row["urgent_because"]
            urgency = f"{row['urgency']} ({because})" if because else row["urgency"]
            yield f"{row['partner']:<5} {', '.join(row['services'])}, for {names}, {urgency}"
            contact = f"contact by {row['contact_by']}" if row["contact_by"] else "contact on no set day"
            known = f"acknowledged by {row['ack_by']}" if row["ack_by"] else "acknowledged on no set day"
            yield f"      {contact}, {known}"
            for pack, fields in row["fields"].items():
                yield f"      {pack:<6} {', '.join(f'{field}: {_shown(value)}' for field, value in fields.items())}"
        case "recorded":
            reason = f" ({row['reason']})" if row["reason"] else ""
            yield f"{row['service']:<20} {row['end']}{reason}, {row['subject']}"
        case _:
            yield f"{row['partner']:<5} {', '.join(row['services'])}, {row['subject']}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " + ".join(str(item) for item in value)
    return "yes" if value is True else str(value)


def show_checklist(checklist_dir: Path, language: str | None = None) -> str:
    """A checklist as plain text: every question with its hint, its choices, and what each answer calls for.

    `language`: English if left out, or else the language in which the checklist is written.
    """
    checklist = load_checklist(checklist_dir)
    if language is None:
        language = "en" if "en" in checklist.languages else checklist.languages[0]
    if language not in checklist.languages:
        known = ", ".join(checklist.languages)
        raise UsedWrongly(f"{checklist.id} is not written in '{language}'.", f"There is: {known}.")
    lines = [f"{words(checklist.title, language)} ({checklist.id} {checklist.version})"]
    for group in checklist.groups:
        lines += ["", f"{group.id}. {words(group.title, language)}"]
        for question in group.questions:
            lines += _question_lines(checklist, question, language)
    for section in checklist.sections:
        lines += ["", f"{section.id}. {words(section.title, language)}"]
        inside: tuple[Block, ...] = ()
        for question in section.questions:
            around = _around(checklist, question)
            lines += _entered(inside, around, language)
            inside = around
            lines += [f"{'  ' * len(around)}{line}" for line in _question_lines(checklist, question, language)]
    return "\n".join(lines)


def _around(checklist: Checklist, question: Question) -> tuple[Block, ...]:
    """The groups and repeats that a question stands in, from the outside in."""
    around: list[Block] = []
    name = question.block
    while name is not None:
        around.append(checklist.by_block[name])
        name = around[-1].parent
    return tuple(reversed(around))


def _entered(before: tuple[Block, ...], now: tuple[Block, ...], language: str) -> Iterator[str]:
    """A heading for each group and repeat that begins here."""
    for depth, block in enumerate(now):
        if before[: depth + 1] == now[: depth + 1]:
            continue
        indent = "  " * (depth + 1)
        kind = "repeat" if block.repeat else "group"
        yield f"{indent}{kind} {block.id}" + (f"  {words(block.title, language)}" if block.title else "")
        if block.relevant:
            yield f"{indent}    asked when {block.relevant}"
        if block.count:
            yield f"{indent}    as many times as {block.count}"


def _question_lines(checklist: Checklist, question: Question, language: str) -> Iterator[str]:
    indent = "    " if question.role in {"follow-up", "detail"} else "  "
    whose = {"home": "the home", "visitor": "for the visitor"}.get(question.subject, "each person")
    yield f"{indent}{question.id} ({whose})  {_flat(words(question.label, language))}"
    if question.prompt:
        yield f"{indent}    {_flat(words(question.prompt, language))}"
    if question.choices:
        yield f"{indent}    {' / '.join(words(choice.label, language) for choice in question.choices)}"
    if question.relevant:
        yield f"{indent}    asked when {question.relevant}"
    if question.choice_filter:
        yield f"{indent}    of the choices only those with {question.choice_filter}"
    if question.constraint:
        message = f": {words(question.constraint_message, language)}" if question.constraint_message else ""
        yield f"{indent}    must keep {question.constraint}{message}"
    if question.calculation:
        yield f"{indent}    worked out: {question.calculation}"
    for rule in checklist.rules_of(question.id):
        yield f"{indent}    {_rule_line(rule)}"
        for raised in rule.raises:
            yield f"{indent}      {_raise_line(raised, language)}"
    for advice in checklist.advice:
        if advice.question_id == question.id:
            yield f"{indent}    say, when {advice.when}: {words(advice.say, language)}"


def _flat(text: str) -> str:
    """Words of several lines in one, so that what is below another stands below it."""
    return " ".join(text.split())


def _rule_line(rule: OfferRule) -> str:
    sends = ", ".join((*rule.packs, *rule.fields))
    match rule.kind:
        case "adds-reason":
            line = f"also a reason for {rule.service}"
        case "signpost":
            line = f"-> told about {rule.service}"
        case _:
            line = f"-> {rule.service}" + (f", otherwise {rule.otherwise}" if rule.otherwise else "")
    urgency = "" if rule.kind == "signpost" else f", {rule.urgency.value}"
    whose = {"home": " for the home", "person": " for each person"}.get(rule.subject or "", "")
    return f"{line}{whose}{urgency}, when {rule.when}" + (f"; sends {sends}" if sends else "")


def _raise_line(raised: Raise, language: str) -> str:
    because = f" ({words(raised.because, language)})" if raised.because else ""
    return f"{raised.to.value} when {raised.when}{because}"


def counted(number: int, one: str, many: str) -> str:
    """`1 line is`, `2 lines are`."""
    return f"{number} {one if number == 1 else many}"


def in_lines(rows: Iterable[str]) -> list[str]:
    """Ids in lines of a readable length, none of them broken."""
    whole = ", ".join(row.replace(" ", "\xa0") for row in rows)
    lines = textwrap.wrap(whole, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [f"  {line}".replace("\xa0", " ") for line in lines]
