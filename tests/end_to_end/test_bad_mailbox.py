"""Whatever answers in the mailbox's place, every referral stays here, and arrives once when the mailbox is back."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import pytest

from firstcontact.sync_command import SyncReport, sync_once
from sync.client import HttpLink, Links
from sync.pack import Party
from tests.end_to_end.ambleshire import Ambleshire, not_once
from tests.end_to_end.bad_mailboxes import AFTER_CAPABILITIES, ANSWERS, BadMailbox

NOT_SAID = re.compile(r"error|failed|invalid|exception|traceback|http|json|\d{3}", re.IGNORECASE)
READY, BEING_SENT = "Ready. Waits for signal", "Being sent"
SHORT_SECONDS = 0.5
MOST_DEADLINES = 4
"""One deadline for each partner would be more; a busy machine may make two of them seem three."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Ambleshire]:
    """The partnership, with referrals that wait and no mailbox."""
    with Ambleshire(tmp_path) as place:
        place.refer(["S01", "S09"])
        place.kill_mailbox()
        yield place


def says_why(done: subprocess.CompletedProcess[str], waiting: int) -> str:
    """Check what the command said, and return the one sentence that says why."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr == ""
    return in_plain_words(done.stdout, waiting)


def in_plain_words(said: str, waiting: int) -> str:
    """Nothing sent, everything safe, and why, in one sentence of two clauses at most."""
    sent, safe, why = said.strip().splitlines()
    assert sent == "Sent 0 messages, collected 0 answers."
    assert safe == f"{waiting} referrals still waiting, and are safe here."
    assert NOT_SAID.search(why) is None, why
    assert why.endswith(".")
    assert len(why) <= 130
    return why


def arrives_once(place: Ambleshire) -> None:
    """With the real mailbox everything arrives, once, and the laptop says so."""
    place.start_mailbox()
    place.deliver_all()
    assert not_once(place.ledger(), place.raised) == []
    assert all(words.startswith("With them") for words in place.happened().values())


def everybody() -> list[str]:
    """The names of all that may answer instead."""
    return [*ANSWERS, *AFTER_CAPABILITIES]


def check(place: Ambleshire, names: list[str]) -> None:
    """Whoever answers: exit 1, all safe here, one plain sentence; and everything arrives once in the end."""
    waiting, requests = len(place.raised), 0
    sentences = {"nobody": says_why(place.command("sync"), waiting)}
    assert "signal" in sentences["nobody"]
    assert set(place.happened().values()) == {READY}
    for name in names:
        after = name in AFTER_CAPABILITIES
        answer = (AFTER_CAPABILITIES if after else ANSWERS)[name]
        with BadMailbox(place.address, answer, after_capabilities=after) as bad:
            sentences[name] = says_why(place.command("sync"), waiting)
        assert bad.requests, name
        assert not any(b"steal" in first for first in bad.requests)
        requests += len(bad.requests)
        if name == names[0]:
            assert set(place.happened().values()) == {READY}, name
    happened = place.happened()
    sys.stdout.write(f"{len(sentences)} bad mailboxes, {requests} requests answered badly, {waiting} referrals\n")
    sys.stdout.writelines(f"  {name}: {words}\n" for name, words in sentences.items())
    assert set(happened) == place.raised
    assert set(happened.values()) <= {READY, BEING_SENT}
    arrives_once(place)


def test_nothing_that_answers_instead_of_the_mailbox_loses_a_referral(place: Ambleshire) -> None:
    """A sign-in page, a redirect, a fault, and three others: all safe here, and said why."""
    first = ["a sign-in page", "a redirect", "a fault"]
    others = [name for name in everybody() if name not in first]
    check(place, [*first, *Random(1).sample(others, 3)])


@pytest.mark.faults
def test_nothing_of_all_that_may_answer_loses_a_referral(place: Ambleshire) -> None:
    """All of them."""
    check(place, everybody())


class ShortLinks(Links):
    """Links that lose patience soon."""

    def __call__(self, party: Party) -> HttpLink:
        link = super().__call__(party)
        link.deadline_seconds = SHORT_SECONDS
        return link


def sync_impatiently(place: Ambleshire) -> tuple[SyncReport, float]:
    """What `firstcontact sync` does, in this process, with short deadlines; and how long it took."""
    laptop = place.open_laptop()
    assert laptop.post is not None
    laptop.post.links = ShortLinks(laptop.identity.keyring)
    began = time.monotonic()
    report = sync_once(laptop)
    took = time.monotonic() - began
    laptop.close()
    return report, took


def test_a_mailbox_that_is_silent_or_slow_is_not_waited_for(place: Ambleshire) -> None:
    """It takes two deadlines, however many partners there are; everything stays, and why is said."""
    for drip, after_capabilities in product((False, True), repeat=2):
        with BadMailbox(place.address, None, after_capabilities=after_capabilities) as bad:
            bad.drip = drip
            report, took = sync_impatiently(place)
        why = in_plain_words(report.in_words(), len(place.raised))
        sys.stdout.write(f"{len(bad.requests)} requests, {took:.1f} s, {len(place.raised)} referrals: {why}\n")
        assert report.exit_code == 1
        assert "slowly" in why
        assert took < MOST_DEADLINES * SHORT_SECONDS
    arrives_once(place)


@pytest.mark.faults
def test_the_command_itself_gives_up_on_a_silent_mailbox(place: Ambleshire) -> None:
    """With the real deadlines: exit 1 within a minute, and everything is still here."""
    began = time.monotonic()
    with BadMailbox(place.address, None):
        why = says_why(place.command("sync"), len(place.raised))
    sys.stdout.write(f"{time.monotonic() - began:.0f} s: {why}\n")
    assert time.monotonic() - began < 60
    arrives_once(place)


def test_the_words_that_nobody_should_read_are_noticed() -> None:
    """The control: a reason in a programmer's words would not pass."""
    for why in ("Error: it broke.", "HTTPStatusError.", "Server said 502.", "The JSON was no good."):
        with pytest.raises(AssertionError):
            in_plain_words(
                f"Sent 0 messages, collected 0 answers.\n2 referrals still waiting, and are safe here.\n{why}", 2
            )
