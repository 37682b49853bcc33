"""What is relevant, what comes next, what is missing or in violation: a checklist as it is filled in.

A `Form` is a checklist made ready: one step for each question, calculation, rule and piece of advice, in an order in
which each stands after what it reads (`form`, `plan`). A `Sheet` is the answers as one person sees them (`sheet`,
`working`).

*Relevant*, *required*, *constraint* and *blank* are those of ODK XForms. An answer that becomes irrelevant is kept,
hidden, and counts as blank in every condition; if it becomes relevant again it is back. A follow-up is relevant only
while its main question is, whatever stands in a block only while the block is. A rule holds only while its question is
relevant. Instances of a repeat come and go with their count, or with the answers to "another one?"; the answers of an
instance that is gone are kept, hidden.
"""

from __future__ import annotations

from collections.abc import Callable

from firstcontact.domain.checklist import Question
from firstcontact.domain.form import Form
from firstcontact.domain.sheet import UNANSWERED, Sheet, Violation

__all__ = [
    "Form",
    "Sheet",
    "Violation",
    "missing",
    "next_question",
    "relevant_questions",
    "takes_answer",
]


def relevant_questions(sheet: Sheet, section_id: str | None = None) -> tuple[Question, ...]:
    """The questions to be asked, in the checklist's order; of one section (or group of facts) if named.

    In a repeat each instance's questions, their ids those of their nodes.
    """
    questions = (sheet.question(node) for node in sheet.nodes() if sheet.relevant(node))
    return tuple(question for question in questions if section_id is None or question.section_id == section_id)


def next_question(sheet: Sheet, after: str | None, among: Callable[[Question], bool] | None = None) -> Question | None:
    """The first relevant question after this node that takes an answer; `after` None starts at the beginning.

    among: which questions this asking is about (one person's, not the facts asked when needed); all if None.
    """
    nodes = sheet.nodes()
    for node in nodes[0 if after is None else sheet.position(after) + 1 :]:
        question = sheet.question(node)
        if not takes_answer(question) or not sheet.relevant(node):
            continue
        if among is None or among(question):
            return question
    return None


def missing(sheet: Sheet) -> tuple[Question, ...]:
    """The relevant required questions that are blank, in the checklist's order; in a repeat those of each instance.

    An answer that is not among the choices offered now is blank. What nobody can answer is never missing.
    """
    found = []
    for node in sheet.nodes():
        question = sheet.question(node)
        if question.required is None or not takes_answer(question):
            continue
        if sheet.value(node) is None and sheet.required(node):
            found.append(question)
    return tuple(found)


def takes_answer(question: Question) -> bool:
    """Whether the visitor can answer it: no note or file, not only shown, and not worked out."""
    worked_out = question.calculation is not None and not question.trigger
    return not (question.type in UNANSWERED or question.read_only or worked_out)
