"""Every type of question, asked and answered at the keys of the real program, from the door to the end of the list."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from firstcontact.config import Settings
from firstcontact.gate import open_laptop
from tests.builders import PASSPHRASE, World
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
