"""`python -m tests.screens`: docs/screens/ rebuilt from the running programs, with invented people."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from firstcontact.demo import OWN_DESK
from tests.screens import clock
from tests.screens.browser import Browser, find_chromium
from tests.screens.drawing import drawing
from tests.screens.story import HOSTED, SMALL, TODAY, WIDE, Hand, Laptop, Timed, at, before
from tests.screens.types import type_pictures
from tests.terminal import ENTER, ESCAPE

PICTURES: Final = Path(__file__).parents[2] / "docs" / "screens"
_WINDOW: Final = (1000, 900)
_NARROW: Final = (320, 640)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _take(laptop: Hand, name: str) -> None:
    """The same screen in both sizes, then small again."""
    for size in (WIDE, SMALL):
        laptop.resize(size)
        columns, rows = size
        path = PICTURES / f"{name}-{columns}x{rows}.svg"
        path.write_text(drawing(laptop.screen, f"{name}, {columns} by {rows}"), encoding="utf-8")
        _say(f"  {path.name}")


def laptop_pictures(partnership: Timed) -> None:
    """Unlock, Today, a question, an agreement, the review, my referrals: one visit at the keys."""
    at(TODAY, "10:38")
    with Laptop(partnership) as laptop:
        laptop.until("Passphrase")
        _take(laptop, "unlock")
        laptop.unlock(partnership.passphrase)
        _take(laptop, "today")
        at(TODAY, "10:41")
        laptop.go(ENTER, "hard to move about")
        laptop.go("n", "had a fall")
        _take(laptop, "question")
        laptop.answer_the_rest()
        at(TODAY, "10:58")
        laptop.until("Offer 1 of 5")
        _take(laptop, "agreement")
        laptop.agree()
        at(TODAY, "11:04")
        laptop.until("Before you go")
        _take(laptop, "review")
        laptop.go("f", "Finished")
        at(TODAY, "11:09")
        laptop.go(ENTER, "Needs you")
        laptop.go("m", "names hidden")
        laptop.until("Waits for signal")
        laptop.go(ENTER, "reference")
        _take(laptop, "my-referrals")
        laptop.press(ESCAPE, "q")


def desk_pictures(partnership: Timed, chromium: str) -> None:
    """The desk's pages in Chromium, wide and narrow."""
    at(TODAY, "11:20")
    partnership.network_off.unlink()
    partnership.run("firstcontact", "sync", may_say_no=True)
    partnership.desks_sync()
    at("2026-01-16", "09:05")
    with Browser(chromium) as browser:

        def take(name: str, size: tuple[int, int] = _WINDOW) -> None:
            path = PICTURES / f"{name}.png"
            browser.picture(path, *size)
            _say(f"  {path.name}")

        browser.open(partnership.address_of(HOSTED))
        take("desk-agencies")
        browser.press("document.querySelector('button[value=FAB]').click()")
        take("desk-inbox")
        take("desk-inbox-320", _NARROW)
        browser.open(partnership.address_of(OWN_DESK))
        browser.press("document.querySelector('.rows a').click()")
        take("desk-referral")
        take("desk-referral-320", _NARROW)
        browser.press("document.querySelector('a[href$=could-not-reach]').click()")
        take("desk-answer")


def main() -> int:
    """Make every picture; 0, or 1 where something is missing that may not be."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="firstcontact-screens-") as folder:
        os.environ[clock.WALL] = str(Path(folder) / "time")
        clock.hang_up()
        at(TODAY, "10:41")
        type_pictures(Path(folder) / "types", _take)
        at("2026-01-12", "09:20")
        with Timed(Path(folder)) as partnership:
            _say("Two visits of the days before, and half of a third.")
            before(partnership)
            laptop_pictures(partnership)
            chromium = find_chromium()
            if chromium is not None:
                desk_pictures(partnership, chromium)
    if chromium is None:
        _say("The desk's pages were skipped: Chromium is not installed here.")
        return 1 if os.environ.get("FIRSTCONTACT_NO_SKIPS") else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
