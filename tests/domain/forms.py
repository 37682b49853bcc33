"""Small checklists for the tests of branching, in one line each."""

from __future__ import annotations

from datetime import date
from typing import Any

from firstcontact.domain.answer import Value
from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import Calculation, Checklist, Choice, OfferRule, Question, Section

ON = date(2026, 2, 10)


def question(question_id: str, relevant: str | None = None, *, kind: str = "yes-no", **more: Any) -> Question:
    """A question whose words are its id; `choices` may be a text of tokens."""
    tokens = more.pop("choices", "")
    choices = tuple(Choice(token.strip("!"), {"en": token.strip("!")}, token.endswith("!")) for token in tokens.split())
    words = {"en": question_id}
    return Question(
        id=question_id,
        section_id="S",
        subject="person",
        type=kind,  # type: ignore[arg-type]
        label=words,
        relevant=relevant,
        choices=choices,
        role="follow-up" if more.get("follow_up_of") else "main",
        **more,
    )


def checklist(
    *questions: Question, rules: tuple[OfferRule, ...] = (), calculate: dict[str, str] | None = None
) -> Checklist:
    """One section of these questions."""
    return Checklist(
        id="test",
        version="1",
        title={"en": "Test"},
        languages=("en",),
        sections=(Section("S", {"en": "S"}, questions),),
        rules=rules,
        calculations=tuple(Calculation(name, value) for name, value in (calculate or {}).items()),
    )


def sheet(*questions: Question, facts: dict[str, Value] | None = None, **more: Any) -> Sheet:
    """A sheet of these questions, on 10 February 2026."""
    return Sheet(Form.of(checklist(*questions, **more)), ON, facts)
