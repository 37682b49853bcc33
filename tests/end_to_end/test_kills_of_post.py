"""SIGKILL of `firstcontact sync` and of the mailbox while it sends: by the desks' own ledgers, each referral once."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.end_to_end.ambleshire import WITH_REFERRALS, Ambleshire, ended, not_once
from tests.end_to_end.visitor import PROGRAM
from tests.terminal import ENTER, Terminal

POSIX = pytest.mark.skipif(os.name != "posix", reason="drives the program through a pty, which this system has not")

VISITS_PER_KILL = 2
MOST_DEPOSITS = 4
DESKS_EVERY = 5

Kill = Callable[[Ambleshire, Random, float, bool], bool]


def killed_sync(place: Ambleshire, rng: Random, took: float, held: bool) -> bool:
    """Kill `firstcontact sync`: between a commit and its reply, or anywhere; False if it ended before."""
    anywhere = not held and rng.random() < 0.5
    if not anywhere:
        place.hold(rng.randint(1, MOST_DEPOSITS), reply=not held)
    process = place.start("sync")
    if anywhere:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(took * rng.uniform(0.3, 1.0))
    elif not place.until_held(lambda: process.poll() is not None):
        ended(process)
        return False
    running = process.poll() is None
    process.kill()
    ended(process)
    return running


def killed_mailbox(place: Ambleshire, rng: Random, took: float, held: bool) -> bool:
    """Kill the mailbox under a running `firstcontact sync`, which then says why in plain words; start it again."""
    place.hold(rng.randint(1, MOST_DEPOSITS), reply=not held)
    process = place.start("sync")
    reached = place.until_held(lambda: process.poll() is not None)
    if not held:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0.0, 0.05))
    place.kill_mailbox()
    done = ended(process)
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode in (0, 1), done.stderr
    place.start_mailbox()
    return reached


def killed_while_sending_by_itself(place: Ambleshire, rng: Random, took: float, held: bool) -> bool:
    """Kill the visit program, which sends as soon as it is unlocked."""
    place.hold(rng.randint(1, MOST_DEPOSITS), reply=not held)
    with Terminal(PROGRAM, env=place.environment()) as screen:
        screen.until("Passphrase")
        screen.process.send(place.passphrase + ENTER)

        def has_ended() -> bool:
            screen.read(0.001)
            return not screen.process.isalive()

        reached = place.until_held(has_ended)
        assert reached, screen.text
        screen.process.kill(9)
        while not screen.process.flag_eof:
            screen.read(1)
    return reached


def killed_often(place: Ambleshire, kill: Kill, kills: int, seed: int) -> tuple[int, int]:
    """So many kills, each with referrals that wait; how many, and how many of them between commit and reply."""
    rng = Random(seed)
    place.refer(["S01"])
    began = time.monotonic()
    place.command("sync")
    took = time.monotonic() - began
    done = between = 0
    while done < kills:
        held = done % 2 == 0
        place.refer(rng.sample(WITH_REFERRALS, VISITS_PER_KILL))
        if kill(place, rng, took, held):
            done += 1
            between += held
        if done % DESKS_EVERY == 0:
            place.desks_collect()
    place.deliver_all()
    return done, between


def check(place: Ambleshire, kill: Kill, kills: int, seed: int) -> None:
    """Each referral once by the desks' ledgers, and received by the laptop's own word."""
    done, between = killed_often(place, kill, kills, seed)
    ledger, happened = place.ledger(), place.happened()
    sys.stdout.write(
        f"{done} kills, {between} between commit and reply; {len(place.raised)} referrals raised, "
        f"{len(ledger)} in the desks' ledgers\n"
    )
    assert between >= done / 5
    assert not_once(ledger, place.raised) == []
    assert set(happened) == place.raised
    assert [one for one, words in happened.items() if not words.startswith("With them")] == []


def test_sync_killed_at_any_moment_each_referral_arrives_once(tmp_path: Path) -> None:
    """Six kills of the command while it sends."""
    with Ambleshire(tmp_path) as place:
        check(place, killed_sync, 6, seed=1)


def test_the_mailbox_killed_under_sync_each_referral_arrives_once(tmp_path: Path) -> None:
    """Six kills of the mailbox while the command sends to it."""
    with Ambleshire(tmp_path) as place:
        check(place, killed_mailbox, 6, seed=2)


@POSIX
def test_the_visit_program_killed_while_it_sends_each_referral_arrives_once(tmp_path: Path) -> None:
    """Three kills of the visit program while it sends by itself."""
    with Ambleshire(tmp_path) as place:
        check(place, killed_while_sending_by_itself, 3, seed=4)


@POSIX
@pytest.mark.faults
@pytest.mark.parametrize("kill", [killed_sync, killed_mailbox, killed_while_sending_by_itself])
def test_a_hundred_kills(tmp_path: Path, kill: Kill) -> None:
    """The full count, of each."""
    with Ambleshire(tmp_path) as place:
        check(place, kill, 100, seed=3)


def test_a_lost_and_a_doubled_referral_are_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a mailbox that acknowledges what it never stores, and a ledger with a line twice, are both found."""
    monkeypatch.setenv("FC_TEST_BUG", "early")
    with Ambleshire(tmp_path) as place:
        place.refer(["S01"])
        lost = set(place.raised)
        place.command("sync")
        monkeypatch.delenv("FC_TEST_BUG")
        place.kill_mailbox()
        place.start_mailbox()
        place.refer(["S09"])
        place.deliver_all()
        ledger = place.ledger()
        assert lost
        assert set(not_once(ledger, place.raised)) == lost
        arrived = place.raised - lost
        assert not_once(ledger, arrived) == []
        assert not_once([*ledger, ledger[0]], arrived) == [ledger[0][0]]
