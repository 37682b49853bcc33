"""Unlock, the first run, Today, the household, my referrals."""

from __future__ import annotations

import asyncio

from firstcontact.tui.screens.set_up import SetUpScreen
from firstcontact.tui.screens.today import TodayScreen
from tests.tui.double import DoubleGate, DoubleWork
from tests.tui.harness import playing


def test_a_wrong_passphrase_is_a_clear_no_with_a_wait_and_no_hint() -> None:
    """It says that it did not open, and when to try again; an attempt before that is not made."""

    async def story() -> None:
        async with playing() as player:
            await player.type("not the right words")
            await player.until("That did not open it. Check Caps Lock. You can try again in 2 seconds.")
            await player.type("again too early")
            assert player.gate.wrong == 1
            assert "Agnes" not in player.text

    asyncio.run(story())


def test_unlock_shows_nobody_who_was_visited() -> None:
    """Before unlock: no count, no visited person, no partner."""

    async def story() -> None:
        async with playing() as player:
            for word in ("I.T.", "Tuppence", "AY4", "to send", "Needs you"):
                assert word not in player.text

    asyncio.run(story())


def test_first_run_in_five_steps() -> None:
    """Name, agency, phone; a passphrase of at least 15 letters, twice; the code, shown once; then Today."""

    async def story() -> None:
        async with playing(gate=DoubleGate(known=())) as player:
            assert isinstance(player.screen, SetUpScreen)
            for text in ("Osric Lamplough", "community nurse", "Rushmere nursing", "01632 960111", ""):
                await player.type(text)
            assert "lantern   otter   gravel   teaspoon" in player.text
            await player.type("too short")
            await player.type("too short")
            assert "It needs at least 15 letters." in player.text
            player.screen.box("first").value = ""
            player.screen.box("second").value = ""
            await player.type("lantern otter gravel")
            await player.type("lantern otter gravel")
            await player.until("7K3M 9Q2T X4VB 1WWW")
            assert player.gate.made[0].name == "Osric Lamplough"
            await player.press("enter")
            assert "7K3M" not in player.text
            await player.press("enter")
            await player.until("Visits")

    asyncio.run(story())


def test_today_shows_initials_until_names_are_asked_for_and_only_for_a_while() -> None:
    """Space shows names for 30 seconds; then they are hidden again."""

    async def story() -> None:
        async with playing() as player:
            await player.unlock()
            assert "I.T." in player.text
            assert "Tuppence" not in player.text
            await player.press("space")
            assert "Ivor Tuppence" in player.text
            assert "hide names" in player.text
            player.seconds += 30
            player.screen.repaint()
            assert "Tuppence" not in player.text

    asyncio.run(story())


def test_my_referrals_has_four_columns() -> None:
    """Who, what, what happened, who acts next; the partner only with names."""

    async def story() -> None:
        async with playing() as player:
            await player.unlock()
            await player.press("m")
            assert "names hidden" in player.text
            line = next(line for line in player.text.splitlines() if "Falls check" in line)
            for word in ("A.T.", "With them. Late 2", "they: reminded"):
                assert word in line
            await player.press("enter")
            assert "receipt checked" in player.text
            assert "Welfare Rights Team" not in player.text
            await player.press("escape")
            assert isinstance(player.screen, TodayScreen)

    asyncio.run(story())


def test_household_adds_switches_and_says_who_is_here() -> None:
    """a adds a person and asks them; space says that they left the room; a number asks the other."""

    async def story() -> None:
        async with playing() as player:
            await player.to_question("A4")
            await player.press("c", "a")
            assert [person.current for person in player.visit.people] == [False, True]
            await player.press("c", "space")
            assert player.visit.people[1].in_room is False
            await player.press("1")
            assert [person.current for person in player.visit.people] == [True, False]

    asyncio.run(story())


def test_the_top_right_says_signal_and_what_waits() -> None:
    """No signal is said as it is, with what waits."""

    async def story() -> None:
        async with playing() as player:
            await player.unlock()
            await player.until("No signal: 1 to send")

    asyncio.run(story())


def test_lock_closes_the_store() -> None:
    """ctrl+l ends the program, with everything saved, so that it comes up again locked."""

    async def story() -> None:
        work = DoubleWork()
        async with playing(gate=DoubleGate(work=work)) as player:
            await player.to_question("A1")
            await player.press("n")
            await player.pilot.press("ctrl+l")
            await player.pilot.pause()
            assert work.closed
            assert player.app.return_value == "lock"

    asyncio.run(story())
