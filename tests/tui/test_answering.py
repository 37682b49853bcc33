"""Answers that take more than one key: long texts, unusual numbers, long lists, levels with what shows them."""

from __future__ import annotations

import asyncio

from textual import events

from firstcontact.rows import ChoiceRow, Item, Kind
from tests.tui.double_visit import Asked
from tests.tui.harness import playing


def test_a_paste_into_a_long_text_keeps_its_lines_and_no_controls() -> None:
    """Several lines come in as lines, as safe text and no longer than may be kept; Enter keeps them."""

    async def story() -> None:
        async with playing() as player:
            player.visit.asked = (Asked(Item(id="L", kind=Kind.LONG_TEXT, say="What happened?")), *player.visit.asked)
            await player.unlock()
            await player.press("enter")
            await player.until("What happened?")
            await player.until("Enter keeps it")
            area = player.screen.query_one("#long")
            area.post_message(events.Paste("one\x1b[31m\ntwo\u202e" + "x" * 9000))
            await player.settle()
            await player.press("enter")
            kept = player.visit.answers["L"]
            assert isinstance(kept, str)
            assert kept.startswith("one")
            assert "\ntwo" in kept
            assert not {"\x1b", "\u202e"} & set(kept)
            assert len(kept) <= 4000

    asyncio.run(story())


def test_an_unusual_number_is_asked_about_once() -> None:
    """The first Enter asks, the second keeps; another number is asked about anew."""

    async def story() -> None:
        async with playing() as player:
            player.visit.asked = (Asked(Item(id="ring", kind=Kind.PHONE, say="Your number?")), *player.visit.asked)
            await player.unlock()
            await player.press("enter")
            await player.type("999")
            assert "That is not a usual number here." in player.text
            assert "ring" not in player.visit.answers
            await player.press("enter")
            assert player.visit.answers["ring"] == "999"

    asyncio.run(story())


def test_three_hundred_choices_are_found_by_their_words() -> None:
    """The list narrows as words are typed, the arrows walk what is left, and letters are no keys meanwhile."""
    names = tuple(ChoiceRow(f"t{n}", f"Village number {n}") for n in range(300))
    towns = Asked(Item(id="town", kind=Kind.ONE_OF, say="Which village?", choices=names))

    async def story() -> None:
        async with playing() as player:
            player.visit.asked = (towns, *player.visit.asked)
            await player.unlock()
            await player.press("enter")
            await player.until("more")
            await player.pilot.press(*"number", "space", *"25")
            await player.settle()
            assert "Village number 25" in player.text
            assert "Village number 31" not in player.text
            assert player.visit.acts == []
            await player.press("down", "enter")
            assert player.visit.answers["town"] == "t125"

    asyncio.run(story())


def test_a_list_that_an_earlier_answer_emptied_says_so() -> None:
    """With nothing to choose from the page says why, Enter goes on, and nothing is kept."""
    town = Asked(Item(id="town", kind=Kind.ONE_OF, say="Which town?"))

    async def story() -> None:
        async with playing() as player:
            player.visit.asked = (town, *player.visit.asked)
            await player.unlock()
            await player.press("enter")
            await player.until("There is nothing to choose from here.")
            await player.press("enter")
            assert "Which town?" not in player.text
            assert "town" not in player.visit.answers

    asyncio.run(story())


def test_a_level_is_kept_with_its_words_or_not_at_all() -> None:
    """The box opens by itself; left empty nothing is kept; Esc and another level ask for the words again."""
    levels = (ChoiceRow("0", "no trouble"), ChoiceRow("1", "slow"), ChoiceRow("2", "needs somebody"))
    page = (
        Asked(Item(id="stairs", kind=Kind.LEVEL, say="The stairs?", choices=levels, evidence="why")),
        Asked(Item(id="why", kind=Kind.TEXT, say="What did you see?"), shown_when=("stairs", None)),
    )

    async def story() -> None:
        async with playing() as player:
            player.visit.asked = (*page, *player.visit.asked)
            await player.unlock()
            await player.press("enter")
            await player.until("2   needs somebody")
            await player.press("2", "enter")
            assert player.visit.acts == []
            assert "Without these words the level is not kept" in player.text
            await player.press("escape", "left", "1")
            assert '"slow" is kept' in player.text
            await player.type("one step at a time")
            assert player.visit.answers["stairs"] == "1"
            assert player.visit.answers["why"] == "one step at a time"

    asyncio.run(story())
