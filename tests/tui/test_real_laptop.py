"""The screens on the real workflow, store and checklist: Agnes's visit from the door to a finished referral."""

from __future__ import annotations

import asyncio
from pathlib import Path

from firstcontact.rows import Profile, Refused
from firstcontact.tui.app import FirstContact
from firstcontact.tui.screens.agreement import AgreementScreen
from firstcontact.tui.screens.review import ReviewScreen
from firstcontact.tui.screens.visit import VisitScreen
from firstcontact.workflow.laptop import Laptop
from tests.builders import World
from tests.tui.double_visit import NOW


class OpenGate:
    """A way in to one laptop, by any passphrase."""

    scheme = "Ambleshire"
    helpdesk = "0808 157 0100"

    def __init__(self, laptop: Laptop) -> None:
        self._laptop = laptop

    def profiles(self) -> tuple[Profile, ...]:
        """One professional."""
        return (Profile("o", "Osric", None),)

    def warm(self) -> None:
        """Everything is here."""

    def suggest_words(self) -> tuple[str, ...]:
        """Never asked."""
        return ()

    def set_up(self, who: object, passphrase: str) -> tuple[Laptop, str]:
        """Never asked."""
        raise NotImplementedError

    def unlock(self, profile_id: str, passphrase: str) -> Laptop | Refused:
        """Open."""
        return self._laptop


def test_a_visit_on_the_real_workflow(tmp_path: Path) -> None:
    """Door, facts, one need, one yes with its lines, review, finish, take back, finish, Today, my referrals."""
    laptop = World().laptop(tmp_path, now=lambda: NOW)
    clock = [100.0]
    app = FirstContact(OpenGate(laptop), now=lambda: NOW, ticks=lambda: clock[0])

    async def story() -> None:
        async with app.run_test(size=(80, 24)) as pilot:

            async def settle() -> None:
                for _round in range(3):
                    await pilot.pause()
                    await app.workers.wait_for_complete()
                await asyncio.to_thread(app.drain, 5.0)
                await pilot.pause()

            async def press(*keys: str) -> str:
                for key in keys:
                    clock[0] += 1.0
                    await pilot.press(key)
                    await settle()
                return text()

            async def typed(words: str) -> str:
                await pilot.press(*("space" if letter == " " else letter for letter in words))
                return await press("enter")

            def text() -> str:
                return app.screen.query_one("#page").text  # type: ignore[attr-defined, no-any-return]

            await settle()
            await typed("any words will do here")
            assert "Visits" in text()
            await press("a", "2", "enter")
            assert "Which language" in await typed("English") or "interpreter" in text()
            await press("n", "y", "y", "y")
            await typed("Agnes Thimblewick")
            await typed("Agnes")
            await typed("3 Lantern Row, Rushmere")
            await typed("AY2 4QT")
            assert "smoke alarm" in await press("y")
            assert "Agnes" in await press("n")
            assert "Saved 10:41" in text()
            await press("o")
            assert isinstance(app.screen, AgreementScreen)
            assert "Ambleshire Fire and Rescue" in text()
            assert "AY2 4QT" in text()
            await press("y", "y")
            await press("enter")
            assert isinstance(app.screen, VisitScreen), "what the first yes needs is asked next"
            await press("escape", "escape", "r")
            assert isinstance(app.screen, ReviewScreen)
            assert "To pass on (1)" in text()
            assert "Thu 29 January" in text()
            assert "Take it back within 2 minutes" in await press("f")
            assert "Taken back" in await press("ctrl+z")
            await press("f", "enter")
            assert "Agnes" not in text()
            assert "A.T." in text()
            await press("m")
            assert "A.T." in text()
            assert "nobody" not in text()
            app._stop_sync.set()

    asyncio.run(story())
    laptop.close()
