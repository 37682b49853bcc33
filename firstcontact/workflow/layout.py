"""Where the questions of a checklist stand, worked out once for all visits with it: pages, groups, repeats.

A node (`domain.instances`) is a question, or the "another one?" of a repeat, in one instance: `age[2]`, `child[3]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firstcontact.domain.answer import words
from firstcontact.domain.branching import takes_answer
from firstcontact.domain.checklist import Block, Checklist, Question
from firstcontact.domain.events import VISITOR
from firstcontact.domain.instances import node_id, parts_of
from firstcontact.domain.sheet import Sheet

PARTS_DEEP: Final = 2
"""Groups and instances stand in the list of parts down to this depth below their section."""
_OTHER: Final = "other"
_HIDDEN: Final = "hidden"


@dataclass(frozen=True, slots=True)
class Known:
    """What stays the same of a node that begins a page, whatever is answered."""

    node: str
    question: Question
    asked: bool
    """Whether somebody answers it."""
    attached: bool
    """Whether more is asked on its page."""
    ordinary: bool
    """Whether it belongs on the screens that the person may see."""
    parts: tuple[str, ...]
    """Ids of its section, and of the groups and instances around it as far as they are parts."""


class Layout:
    """A checklist as pages and parts."""

    def __init__(self, checklist: Checklist) -> None:
        self.checklist = checklist
        self.blocks = checklist.by_block
        self.chains = {block.id: self._chain(block) for block in checklist.blocks}
        """Of each block: it and those around it, the outermost first."""
        self.asking = {block.id for block in checklist.blocks if block.repeat and block.count is None}
        """Repeats that have "another one?"."""
        self.repeats = any(block.repeat for block in checklist.blocks)
        self._with: dict[str, list[Question]] = {}
        self._main_of: dict[str, str] = {}
        for section in checklist.sections:
            for question in section.questions:
                if question.follow_up_of:
                    self._attach(question, question.follow_up_of)
            for question in section.questions:
                self._attach_own(question)
        self.mains = tuple(q.id for q in checklist.main_questions if q.id not in self._main_of)
        """Questions that a page begins with, in order."""
        self._begins = frozenset(self.mains) | self.asking
        self._known: dict[str, Known] = {}

    def begins_page(self, node: str) -> bool:
        """Whether a node is a main question, or an "another one?"."""
        return parts_of(node)[0] in self._begins

    def known(self, node: str, sheet: Sheet) -> Known:
        """A node that begins a page; looked up once for all answers to come."""
        found = self._known.get(node)
        if found is None:
            question = sheet.question(node)
            around = [part_id for part_id, _title, _again in self.instances(node, "")[:PARTS_DEEP]]
            found = self._known[node] = Known(
                node=node,
                question=question,
                asked=is_asked(question),
                attached=bool(self.on_page_of(parts_of(node)[0])),
                ordinary=is_ordinary(question),
                parts=(section_part(question.section_id), *around),
            )
        return found

    def main_of(self, question_id: str) -> str:
        """The question whose page a question is on."""
        return self._main_of.get(question_id, question_id)

    def on_page_of(self, main_id: str) -> list[Question]:
        """What is asked on the page of a main question after it, in order, relevant or not."""
        return self._with.get(main_id, [])

    def chain(self, block_id: str | None) -> tuple[Block, ...]:
        """A block and those around it, the outermost first."""
        return self.chains[block_id] if block_id is not None else ()

    def chain_of(self, node: str) -> tuple[Block, ...]:
        """The blocks around a node; around an "another one?" those around its repeat."""
        name = parts_of(node)[0]
        return self.chains[name][:-1] if name in self.asking else self.chain(self.checklist.question(name).block)

    def instances(self, node: str, language: str) -> list[tuple[str, str, bool]]:
        """(id, title, whether it is an instance) of each block around a node: ("child[2]", "Child 2", True)."""
        path, depth, found = parts_of(node)[1], 0, []
        for block in self.chain_of(node):
            title = words(block.title, language) if block.title else ""
            if not block.repeat:
                if title:
                    found.append((node_id(block.id, path[:depth]), title, False))
                continue
            depth += 1
            number = path[depth - 1] if depth <= len(path) else 1
            found.append((node_id(block.id, path[:depth]), f"{title or block.id} {number}", True))
        return found

    def another(self, node: str, language: str) -> str:
        """The words of "another one?"."""
        block = self.blocks[parts_of(node)[0]]
        title = words(block.title, language) if block.title else block.id
        if parts_of(node)[1][-1] == 1:
            return f"{title}: is there one?"
        lower = title[:1].lower() + title[1:] if title[1:2].islower() else title
        return f"Another {lower}?"

    def _chain(self, block: Block) -> tuple[Block, ...]:
        found = [block]
        while found[-1].parent is not None:
            found.append(self.blocks[found[-1].parent])
        return tuple(reversed(found))

    def _attach(self, question: Question, main_id: str) -> None:
        self._main_of[question.id] = main_id
        self._with.setdefault(main_id, []).append(question)

    def _attach_own(self, question: Question) -> None:
        """A level brings what shows it to its page, and a choice "other" its text."""
        known = self.checklist.by_id
        names = [question.evidence or ""]
        if _OTHER in question.tokens:
            names.append(f"{question.id}_{_OTHER}")
        for name in names:
            other = known.get(name)
            if other is None or other.role != "main" or other.block != question.block or other.id in self._main_of:
                continue
            if other.section_id == question.section_id and other.id not in self._with:
                self._attach(other, self.main_of(question.id))


def section_part(section_id: str) -> str:
    """The id of a section among the parts: a group may have the same name."""
    return f"{section_id}/"


def is_asked(question: Question) -> bool:
    """Whether somebody answers it: not a note, not a file, and no value that the checklist works out."""
    return takes_answer(question)


def is_ordinary(question: Question) -> bool:
    """Whether a question belongs on the screens that the person may see; a form's own hidden ones belong on none."""
    if question.safeguarding or question.subject == VISITOR:
        return False
    return question.appearance is None or _HIDDEN not in question.appearance.split()
