"""Keys come from one table; every page fits its window; nothing crashes under random keys, pastes and resizes."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from textual import events

from firstcontact.tui.commands import COMMANDS, HINTS, Where, command_for, commands_on
from firstcontact.tui.screens.agreement import AgreementScreen
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.screens.household import HouseholdScreen
from firstcontact.tui.screens.referrals import ReferralsScreen
from firstcontact.tui.screens.review import ReviewScreen
from firstcontact.tui.screens.set_up import SetUpScreen
from firstcontact.tui.screens.today import TodayScreen
from firstcontact.tui.screens.unlock import UnlockScreen
from firstcontact.tui.screens.visit import VisitScreen
from tests.tui.double import DoubleGate
from tests.tui.harness import Player, playing

SCREENS: dict[Where, type[PageScreen[Any]]] = {
    Where.UNLOCK: UnlockScreen,
    Where.SET_UP: SetUpScreen,
    Where.TODAY: TodayScreen,
    Where.HOUSEHOLD: HouseholdScreen,
    Where.QUESTION: VisitScreen,
    Where.AGREEMENT: AgreementScreen,
    Where.REVIEW: ReviewScreen,
    Where.REFERRALS: ReferralsScreen,
}
SIZES = [(80, 24), (120, 40), (60, 16)]
NEVER_BOUND = {
    "ctrl+a",
    "ctrl+b",
    "ctrl+d",
    "ctrl+w",
    "ctrl+k",
    "ctrl+u",
    "ctrl+h",
    "ctrl+i",
    "ctrl+j",
    "ctrl+m",
    "f10",
}


def test_one_letter_has_one_meaning_on_each_screen() -> None:
    """No screen has two commands for one key."""
    for where in Where:
        keys = [key for command in commands_on(where) for key in command.keys]
        assert len(keys) == len(set(keys)), where


def test_every_command_has_help_and_an_act_on_each_of_its_screens() -> None:
    """Each command says in `?` what it does, and each screen that it names has the method that does it."""
    for command in COMMANDS:
        assert command.help
        for where in command.where & SCREENS.keys():
            assert hasattr(SCREENS[where], f"do_{command.name}"), f"{command.name} on {where}"


def test_keys_that_terminals_need_are_never_bound() -> None:
    """No key of screen, tmux, line editing or the terminal itself is a command."""
    assert not NEVER_BOUND & {key for command in COMMANDS for key in command.keys}


def test_every_hint_is_a_key_that_works_there() -> None:
    """The bottom line shows only keys of the same screen."""
    shown = {"← →": "left", "Tab": "tab", "Enter": "enter", "Esc": "escape"}
    for where, hints in HINTS.items():
        for key, _word in hints:
            assert command_for(shown.get(key, key), where) is not None, (where, key)


def test_question_mark_lists_every_key_of_the_screen_and_the_wrong_thing_first() -> None:
    """`?` is made from the same table: each available command, undo first."""

    async def story() -> None:
        async with playing(size=(120, 50)) as player:
            await player.to_question("A1")
            await player.press("?")
            assert "I pressed the wrong thing" in player.text.splitlines()[2]
            names = {command.name for command in commands_on(Where.QUESTION)} - {"network", "choice", "show"}
            for command in COMMANDS:
                if command.name in names:
                    assert command.help.split(";")[0][:20] in player.text, command.name
            assert "network" not in player.text

    asyncio.run(story())


async def _tour(player: Player) -> list[str]:
    """Every screen of a visit, as text."""
    seen = [player.text]
    await player.unlock()
    seen.append(player.text)
    await player.press("m")
    seen.append(player.text)
    await player.press("escape")
    player.visit.answers["X1"] = "Agnes Thimblewick"
    player.visit.answers["C-START"] = "yes"
    await player.press("enter")
    seen.append(player.text)
    for keys in (("n",), ("y",), ("y",), ("o",), ("y", "y"), ("r",), ("escape", "c"), ("escape", "g"), ("escape", "/")):
        await player.press(*keys)
        seen.append(player.text)
    await player.press("escape", "q")
    seen.append(player.text)
    return seen


@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_its_window(size: tuple[int, int]) -> None:
    """At each size no line is wider than the window, and the first and last lines are there."""

    async def story() -> None:
        async with playing(size=size) as player:
            for text in await _tour(player):
                lines = text.splitlines()
                assert len(lines) <= size[1]
                assert max(len(line) for line in lines) <= size[0]
                assert "This page needs" not in text

    asyncio.run(story())


def test_four_screens_work_at_40_by_12_and_others_say_what_they_need() -> None:
    """Unlock, question, agreement and stop work in the smallest window; Today says one sentence."""

    async def story() -> None:
        async with playing(size=(40, 12)) as player:
            assert "Passphrase" in player.text
            await player.type("lantern otter gravel teaspoon")
            await player.until("This page needs a window")
            await player.press("a")
            assert isinstance(player.screen, TodayScreen)
            await player.pilot.resize_terminal(80, 24)
            player.visit.answers.update({"C-START": "yes", "X1": "Agnes"})
            await player.press("enter", "n")
            await player.pilot.resize_terminal(40, 12)
            await player.settle()
            for words in ("Is any room so full", "y   Yes", "n   No", "Saved 10:41"):
                assert words in player.text
            await player.press("y", "o")
            for words in ("Say", "y  Yes, pass it on", "n  No", "Saved"):
                assert words in player.text
            await player.press("y", "n")
            await player.press("q")
            assert "Pause" in player.text
            await player.pilot.resize_terminal(30, 8)
            await player.settle()
            assert "Everything is" in player.text

    asyncio.run(story())


KEYS = [
    *"ynupHsx123456789dwegojcarfmkbql/? ",
    *("enter", "escape", "up", "down", "left", "right", "tab", "shift+tab", "pageup", "pagedown", "backspace"),
    *("ctrl+z", "ctrl+y", "ctrl+s", "ctrl+c", "ctrl+q", "ctrl+a", "f1", "f5", "home", "delete", "ŵ", "é"),
]
PASTES = ["ynynyn", "\x1b[31mred\x1b]0;title\x07", "a" * 5000, "\u202eevil\n\x00\x9b", ""]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_keys_resizes_and_pastes_crash_nothing_and_lose_nothing(seed: int) -> None:
    """A seeded slice of 250 events: the program lives, and every act that a screen made was written, in order."""
    chance = random.Random(seed)

    async def story() -> None:
        async with playing(gate=DoubleGate()) as player:
            await player.unlock()
            visit = player.visit
            for _event in range(250):
                player.seconds += chance.choice((0.01, 0.3, 1.0))
                kind = chance.random()
                if kind < 0.9:
                    key = chance.choice(KEYS)
                    await player.pilot.press("space" if key == " " else key)
                elif kind < 0.95:
                    player.screen.post_message(events.Paste(chance.choice(PASTES)))
                else:
                    size = chance.choice([(80, 24), (120, 40), (60, 16), (40, 12), (20, 5)])
                    await player.pilot.resize_terminal(*size)
                if not player.app.is_running or player.app.work is None or player.work.closed:
                    break
                if player.work.visit is not visit:
                    visit = player.work.visit
            if not player.work.closed:
                await player.settle()
                acts = [call for call in visit.calls if not call.startswith("asks")]
                written = [line for line in player.work.written if not line.startswith("take back v")]
                assert written[-len(acts) :] == acts or not acts

    asyncio.run(story())
