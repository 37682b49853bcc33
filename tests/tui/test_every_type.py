"""Every type of question, asked and answered at the keys of the real program, from the door to the end of the list."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from firstcontact.config import Settings
from firstcontact.gate import open_laptop
from firstcontact.rows import Item, Kind
from firstcontact.tui.pages.question import question_rows
from firstcontact.tui.pages.view import TYPED as TYPED_KINDS
from firstcontact.tui.pages.view import QuestionView, is_long, items_of
from firstcontact.tui.paint import Marks
from tests.builders import PASSPHRASE, World, done
from tests.every_type import ANSWERS, CHOSEN, DOOR, FORM, REPEATED, TYPED, play
from tests.terminal import ENTER, Terminal


@pytest.mark.skipif(os.name != "posix", reason="drives the program through a pty, which this system has not")
def test_every_type_is_answered_at_the_keys(tmp_path: Path) -> None:
    """Each question says how it is answered, takes the answer, and the vault has it as a value of its type."""
    World(checklist=FORM).laptop(tmp_path).close()
    env = {**os.environ, "FIRSTCONTACT_HOME": str(tmp_path)}
    with Terminal([sys.executable, "-m", "firstcontact"], env=env) as screen:
        screen.until("Passphrase")
        screen.process.send(PASSPHRASE + ENTER)
        screen.until("New visit")
        screen.press("a")
        play(screen, (*DOOR, *TYPED, *CHOSEN, *REPEATED))
        screen.until("Visits")
    laptop = open_laptop(Settings(tmp_path), None, PASSPHRASE)
    visit = laptop.open_visit(laptop.today().visits[0].id)
    assert dict(visit.visit.answers_of(visit.person)) == ANSWERS
    laptop.close()


def test_every_type_fits_every_window(tmp_path: Path) -> None:
    """From the smallest window up, the question, its box and its keys are on the page, and nothing runs over."""
    laptop = World(checklist=FORM).laptop(tmp_path)
    visit = laptop.new_visit()
    for node in ("child[1]", "toy[1][1]"):
        done(visit.record_answer(node, "yes"))
    looked_at = 0
    for node in visit.agenda.items():
        page = visit.page(node)
        for item in items_of(page):
            view = QuestionView(page=page, current=item.id, progress=visit.progress(), people=visit.household().people)
            for width, height in ((40, 10), (60, 12), (80, 20), (120, 36)):
                rows = question_rows(view, Marks(), width, height)
                assert len(rows) <= height, (item.id, width)
                assert any(line.box for line in rows) == (item.asked and wants_a_box(item)), item.id
                looked_at += 1
    assert looked_at > 100
    laptop.close()


def wants_a_box(item: Item) -> bool:
    """Typed answers, and lists too long for numbers."""
    return item.kind in TYPED_KINDS or item.kind is Kind.LONG_TEXT or is_long(item)
