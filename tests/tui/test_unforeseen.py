"""Whatever happens, a person sees sentences and never a traceback with somebody's name in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from firstcontact.errors import UsedWrongly
from firstcontact.tui.unforeseen import words_of
from tests.terminal import Terminal

BROKEN = """
import sys
from firstcontact.tui.app import FirstContact

class Gate:
    scheme = ""
    def profiles(self):
        person = "Agnes Thimblewick"
        raise RuntimeError(person)
    @property
    def helpdesk(self):
        return ""
    def warm(self):
        pass

app = FirstContact(Gate())
if "control" in sys.argv:
    from textual.app import App
    FirstContact._fatal_error = App._fatal_error
app.run()
sys.exit(app.return_code or 0)
"""


def run(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    script = tmp_path / "broken.py"
    script.write_text(BROKEN, encoding="utf-8")
    with Terminal([sys.executable, str(script), *arguments], env=dict(os.environ)) as screen:
        code = screen.wait_end()
        screen.read()
        return code, screen.raw.decode("utf-8", "replace")


@pytest.mark.skipif(os.name != "posix", reason="needs a pty")
def test_a_crash_ends_in_plain_words_and_shows_no_value(tmp_path: Path) -> None:
    """Exit code 1, what is safe and what to do next; the control shows that Textual's own way would leak."""
    code, said = run(tmp_path)
    assert code == 1
    assert "had to close" in said
    assert "Thimblewick" not in said
    assert "Traceback" not in said
    _, control = run(tmp_path, "control")
    assert "Thimblewick" in control


def test_our_own_errors_speak_for_themselves() -> None:
    """Others are named by their kind only."""
    assert words_of(UsedWrongly("That is no date.", "Type it again.")) == "That is no date. Type it again."
    assert "ValueError" in words_of(ValueError("Agnes Thimblewick"))
    assert "Agnes" not in words_of(ValueError("Agnes Thimblewick"))
