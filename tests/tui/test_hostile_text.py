"""Nothing that comes from outside reaches the terminal as anything but text (F8)."""

from __future__ import annotations

import asyncio
import io
import os
import select
import struct
import sys
import time
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color

from firstcontact.tui.driver import SafeLines, only_own_sequences
from firstcontact.tui.paint import row
from tests.tui.double import DoubleGate
from tests.tui.harness import playing

EVIL = "A\x1b]0;OWNED\x07B\x1b[31mC\x9b32mD\x1b]52;c;aGk=\x07E\u202eF\x00\u200bG[bold]H[/]"
FORBIDDEN = ("\x1b", "\x07", "\x9b", "\u202e", "\x00", "\u200b")
TRACES = (b"\x1b]0;", b"\x1b]52;", b"\x1b[31mC", b"\xc2\x9b", "\u202e".encode(), b"OWNED\x07")


def test_a_row_is_safe_as_it_is_made_and_shows_markup_as_text() -> None:
    """Pieces of a row carry no control, override or invisible character; square brackets stay as they are."""
    made = row(EVIL, (EVIL, "strong"))
    assert not any(sign in made.text for sign in FORBIDDEN)
    assert "[bold]H[/]" in made.text


def test_the_line_filter_keeps_width_and_text() -> None:
    """A segment that carries escapes becomes text of the same width; a clean line is handed on as it is."""
    clean = [Segment("plain words")]
    sieve = SafeLines()
    assert sieve.apply(clean, Color(0, 0, 0)) is clean
    made = sieve.apply([Segment(EVIL)], Color(0, 0, 0))
    assert not any(sign in made[0].text for sign in FORBIDDEN)
    assert "OWNED" in made[0].text


@pytest.mark.parametrize(
    "own",
    ["\x1b[?1049h", "\x1b[2;5H", "\x1b[1;38;2;1;2;3m", "\x1b[>1u", "\x1b[?2026$p", "\x1b[0K", "\x1b[?25l", "\x1b[6n"],
)
def test_textuals_own_sequences_pass_the_driver(own: str) -> None:
    """What Textual needs to paint is written unchanged."""
    assert only_own_sequences(f"a{own}b") == f"a{own}b"


@pytest.mark.parametrize(
    "foreign",
    [
        "\x1b]0;OWNED\x07",
        "\x1b]52;c;aGk=\x1b\\",
        "\x1bP1$r0m\x1b\\",
        "\x1b_Gf=100\x1b\\",
        "\x9b32m",
        "\x1bc",
        "\x1b#8",
        "\x1b]8;;http://x\x07",
        "\u202e",
        "\x00",
    ],
)
def test_nothing_else_passes_the_driver(foreign: str) -> None:
    """Titles, clipboard, device strings, resets, 8-bit controls and overrides are taken out of the output."""
    assert only_own_sequences(f"a{foreign}b").replace("32m", "") == "ab"


def test_hostile_words_on_every_page() -> None:
    """Names, wordings, partners, replies and notes full of escapes are on the pages as visible signs."""

    async def story() -> None:
        async with playing(gate=_hostile_gate()) as player:
            await player.unlock()
            texts = [player.text]
            player.visit.answers["X1"] = EVIL
            for asked in player.visit.asked:
                object.__setattr__(asked.item, "say", EVIL + asked.item.say)
                object.__setattr__(asked.item, "prompt", EVIL)
            for keys in (("space",), ("m", "space", "enter"), ("escape", "enter"), ("y",), ("n",), ("o",), ("r",)):
                await player.press(*keys)
                texts.append(player.text)
            await player.press("escape", "escape", "c")
            texts.append(player.text)
            for text in texts:
                assert not any(sign in text for sign in FORBIDDEN), text
            assert any("OWNED" in text for text in texts)

    asyncio.run(story())


def _hostile_gate() -> DoubleGate:
    gate = DoubleGate(scheme=EVIL, helpdesk=EVIL)
    for visit in gate.work.visits:
        for name in ("name", "initials", "district", "when"):
            object.__setattr__(visit, name, EVIL)
    return gate


PROGRAM = """
import sys
from textual.app import App
from textual.content import Content
from textual.widgets import Static
from firstcontact.tui.driver import SafeLines, safe_driver
from firstcontact.tui.paint import Row
from firstcontact.tui.widgets.area import Area
from firstcontact.tui.widgets.box import Box
from firstcontact.tui.widgets.page import Page
from tests.tui.test_hostile_text import EVIL

class Probe(App):
    def __init__(self, guarded):
        super().__init__()
        if guarded:
            self.driver_class = safe_driver(self.driver_class)
            self._filters.append(SafeLines())
    def compose(self):
        yield Page(id="page")
        yield Box(id="box")
        yield Area(id="area")
        yield Static(Content(EVIL))
    def on_mount(self):
        self.query_one(Page).styles.height = 5
        self.query_one(Page)._rows = [Row(((EVIL, "plain"),))]  # past the border on purpose
        self.query_one(Box).value = EVIL
        self.query_one(Box).display = True
        self.query_one(Area).text = EVIL
        self.query_one(Area).styles.height = 3
        self.copy_to_clipboard(EVIL)
        self.set_timer(0.8, self.exit)

Probe(sys.argv[1] == "guarded").run()
"""


def _written_by(guarded: bool) -> bytes:
    """Run the probe in a pseudo-terminal and return every byte it wrote."""
    import fcntl
    import pty
    import termios

    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(Path(__file__).parents[2])
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM, "guarded" if guarded else "bare"])  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    written, until = io.BytesIO(), time.monotonic() + 30
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        written.write(data)
    os.waitpid(pid, 0)
    os.close(terminal)
    return written.getvalue()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_no_byte_of_theirs_in_the_output_and_the_control_run_finds_them() -> None:
    """Through page, both boxes, label and clipboard: nothing with the sieves; without them they are found."""
    bare = _written_by(guarded=False)
    found = [trace for trace in TRACES if trace in bare]
    guarded = _written_by(guarded=True)
    print(f"looked at {len(bare)} and {len(guarded)} bytes; the control run leaked {len(found)} of {len(TRACES)}")  # noqa: T201
    assert len(found) >= 4
    assert b"OWNED" in guarded
    assert not [trace for trace in TRACES if trace in guarded]
