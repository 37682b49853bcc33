"""The visit: one key answers, follow-ups come at once, guards hold, nothing is called saved that is not."""

from __future__ import annotations

import asyncio
import threading

import pytest
from textual import events

from firstcontact.rows import Wish
from firstcontact.tui.dialogs.stop import StopPanel
from firstcontact.tui.screens.agreement import AgreementScreen
from firstcontact.tui.screens.review import ReviewScreen
from firstcontact.tui.screens.today import TodayScreen
from firstcontact.tui.screens.visit import VisitScreen
from tests.tui.harness import playing


def test_one_key_answers_and_moves_on() -> None:
    """`n` records no and shows the next question; the record is durable when the screen says Saved."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A1")
            await player.press("n")
            assert "Is any room so full" in player.text
            assert player.visit.answers["A1"] == "no"
            await player.until("Saved 10:41")
            assert player.work.written == ["A1=no"]

    asyncio.run(story())


def test_follow_ups_come_at_once_below_the_same_words() -> None:
    """After yes, the follow-ups stand below the question's own words; choices by number, ticks by number and Enter."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("B1")
            await player.press("y")
            assert "Have you had a fall in the last 12 months?   yes" in player.text
            assert "How many falls?" in player.text
            await player.press("2", "1", "4")
            assert "[x] was hurt" in player.text
            await player.press("enter")
            assert player.visit.answers["B1b"] == ("hurt", "blacked-out")
            assert "Do you feel unsteady" in player.text

    asyncio.run(story())


def test_forty_repeats_answer_one_question() -> None:
    """A key held down answers the question on the screen, and no other."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A1")
            player.seconds += 5
            await player.together(*["n"] * 40)
            assert player.visit.answers.get("A4") is None
            assert "too quick: press again" in player.text
            assert [name for name, _value in player.visit.acts] == ["A1"]

    asyncio.run(story())


def test_a_held_key_after_the_keyboards_own_delay_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first repeat comes half a second later and looks like a press: the ones after it give it away."""
    # A busy machine may take longer than 80 ms between two keys of a test; a keyboard does not.
    monkeypatch.setattr("firstcontact.tui.screens.answering.CONFIRM_SECONDS", 1.5)

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A1")
            player.seconds += 5
            await player.together("n")
            await player.together("n", apart=0.5)
            await player.together(*["n"] * 20)
            await player.pilot.pause(1.8)
            assert [name for name, _value in player.visit.acts] == ["A1"]

    asyncio.run(story())


def test_a_quick_second_key_answers_nothing() -> None:
    """A second key within 250 ms of a new question was meant for the one before."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A1")
            player.seconds += 5
            await player.together("n", "y", apart=0.2)
            assert [name for name, _value in player.visit.acts] == ["A1"]
            assert "too quick: press again" in player.text
            await player.press("y")
            assert player.visit.answers["A4"] == "yes"

    asyncio.run(story())


def test_a_paste_answers_nothing() -> None:
    """Letters that arrive as a paste are no answer."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A1")
            player.screen.post_message(events.Paste("ynynyn"))
            await player.settle()
            assert player.visit.acts == []
            assert "too quick: press again" in player.text

    asyncio.run(story())


def test_enter_alone_where_several_may_be_ticked_says_none_of_these() -> None:
    """Enter without a tick records the choice "none of these" and goes on: nothing stays open behind it."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("B1")
            await player.press("y", "1")
            assert "Enter alone means none of these" in player.text
            await player.press("enter")
            assert player.visit.answers["B1b"] == ("none",)
            assert "unsteady" in player.text

    asyncio.run(story())


def test_enter_on_a_choice_stays_until_enter() -> None:
    """A marked choice is recorded by Enter and stays on the screen; Enter again goes on."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A1")
            await player.press("enter")
            assert player.visit.acts == []
            await player.press("down", "down", "enter")
            assert player.visit.answers["A1"] == "no"
            assert "smoke alarm" in player.text
            await player.press("enter")
            assert "Is any room so full" in player.text

    asyncio.run(story())


def test_standing_answers_notes_moves_and_undo() -> None:
    """u p h s x record, w writes a note, arrows move without answering, ctrl+z and ctrl+y take back and put back."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A1")
            await player.press("h")
            assert player.visit.standing["A1"] == "already-getting-help"
            await player.press("left")
            assert "smoke alarm" in player.text
            await player.press("w")
            await player.type("battery is flat")
            assert player.visit.notes["A1"] == "battery is flat"
            assert "battery is flat" in player.text
            await player.press("y")
            await player.press("ctrl+z")
            assert "A1" not in player.visit.answers
            assert "Taken back." in player.text
            await player.press("ctrl+y")
            assert player.visit.answers["A1"] == "yes"

    asyncio.run(story())


def test_parts_find_and_jump_go_to_a_question() -> None:
    """g and a letter, / and a word, j: each goes where it says."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A1")
            await player.press("g", "b")
            assert "Have you had a fall" in player.text
            await player.press("/")
            await player.type("smoke")
            assert "smoke alarm" in player.text
            await player.press("right", "j")
            assert "Have you had a fall" in player.text

    asyncio.run(story())


def test_a_typed_answer_that_cannot_stand_says_so_and_stays() -> None:
    """What is wrong stands beside the question, and the text stays in the box."""

    async def story() -> None:
        async with playing() as player:
            await player.unlock()
            await player.press("enter", "y")
            await player.type("?")
            assert "A name has letters." in player.text
            assert player.screen.box("answer").value == "?"

    asyncio.run(story())


def test_saved_is_said_only_after_the_disk_has_it() -> None:
    """While the write runs the screen says Saving and takes the next key; then Saved."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A1")
            player.work.slow = threading.Event()
            player.seconds += 5
            await player.pilot.press("n")
            await player.pilot.pause()
            assert "Saving" in player.text
            assert "Saved" not in player.text
            player.seconds += 5
            await player.pilot.press("y")
            await player.pilot.pause()
            assert "Have you had a fall" in player.text
            player.work.slow.set()
            await player.until("Saved 10:41")
            assert player.work.written == ["A1=no", "A4=yes"]

    asyncio.run(story())


def test_a_failed_write_is_said_and_tried_again() -> None:
    """A full disk: never a false Saved; once there is room, ctrl+s writes it, in order."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A1")
            player.work.disk_full = True
            await player.press("n", "y")
            await player.until("Not saved yet")
            assert player.work.written == []
            player.work.disk_full = False
            await player.press("ctrl+s")
            await player.until("Saved 10:41")
            assert player.work.written == ["A1=no", "A4=yes"]

    asyncio.run(story())


def test_agreement_records_and_stays_and_asks_the_lines_under_the_yes() -> None:
    """y records and stays; C-HEALTH and C-FEEDBACK are one line each; then Enter asks what the yes still needs."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("B1")
            await player.press("y", "o", "right")
            assert isinstance(player.screen, AgreementScreen)
            assert "They will get this, and nothing else" in player.text
            assert "3 Lantern Row, Rushmere, AY2 4QT" in player.text
            assert player.visit.wishes == {}
            await player.press("y")
            assert player.visit.wishes == {"FAB": Wish.YES}
            assert "That includes that you had a fall." in player.text
            await player.press("y", "n")
            assert player.visit.lines["FAB"] == (True, False)
            assert player.visit.wishes == {"FAB": Wish.YES}
            await player.press("n")
            assert player.visit.wishes == {"FAB": Wish.NO}
            await player.press("y", "y", "y", "enter")
            assert isinstance(player.screen, VisitScreen)
            await player.press("escape", "enter")
            assert isinstance(player.screen, ReviewScreen)

    asyncio.run(story())


def test_hold_is_a_key_only_where_the_list_is_closed() -> None:
    """4 does nothing on an open list, and holds on a closed one."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A4")
            await player.press("o", "4")
            assert player.visit.wishes == {}
            player.visit.closed = True
            await player.press("escape", "o", "4")
            assert player.visit.wishes == {"AFR": Wish.HOLD}

    asyncio.run(story())


def test_review_finish_and_take_back() -> None:
    """f finishes, the page says that it leaves, ctrl+z takes it back; Enter on a finished part goes to Today."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A4")
            await player.press("o", "y", "n", "enter")
            assert isinstance(player.screen, ReviewScreen)
            assert "To pass on (1)" in player.text
            assert "Thu 29 January" in player.text
            await player.press("f")
            assert "Take it back within 2 minutes" in player.text
            await player.press("ctrl+z")
            assert not player.visit.finished
            await player.press("f", "enter")
            assert isinstance(player.screen, TodayScreen)

    asyncio.run(story())


def test_stop_menu_from_a_box_and_keep_nothing() -> None:
    """ctrl+q opens the Stop menu from a text box; the person wants to stop, and nothing is kept."""

    async def story() -> None:
        async with playing() as player:
            await player.unlock()
            await player.press("enter", "y", "ctrl+q")
            assert isinstance(player.screen, StopPanel)
            await player.press("2")
            assert "Stop, and keep nothing" in player.text
            await player.press("3")
            assert "stop all, keep False" in player.work.written
            assert isinstance(player.screen, TodayScreen)

    asyncio.run(story())


def test_ctrl_c_never_quits() -> None:
    """ctrl+c says how to stop, on every screen of a visit."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A4")
            for keys in ((), ("o",), ("r",)):
                await player.press(*keys, "ctrl+c")
                assert player.app.is_running
                assert "To stop, press q." in player.text

    asyncio.run(story())


def test_pause_keeps_the_question() -> None:
    """q 1 pauses at this very question and goes to Today."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A4")
            await player.press("q", "1")
            assert player.work.written == ["pause A4"]
            assert isinstance(player.screen, TodayScreen)

    asyncio.run(story())
