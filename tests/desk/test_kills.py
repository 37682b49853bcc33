"""SIGKILL of the desk while it collects: each referral is there exactly once by its own ledger."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.parts import desk, reference, referral
from tests.desk.programs import World, not_once

PER_KILL = 6


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A scheme of this test's own."""
    made = World(tmp_path)
    yield made
    made.close()


def killed_often(world: World, kills: int, seed: int) -> tuple[int, int]:
    """Kill the desk so often while it collects; how many kills, and how many fell between commit and reply."""
    rng = random.Random(seed)
    between = 0
    wait_seconds = 0.1
    with world.mailbox():
        for turn in range(kills):
            mine = range(turn * PER_KILL + 1, (turn + 1) * PER_KILL + 1)
            program = world.serve()
            program.ready()
            world.refer(mine)
            world.exchange.send()
            time.sleep(wait_seconds * rng.uniform(0.5, 1.5))
            program.end(signal.SIGKILL)
            world.exchange.collect()
            ledger = world.ledger()
            kept = sum(reference(one) in ledger for one in mine)
            replied = world.received(mine)
            between += kept > replied
            # Aim at the moment between commit and reply, however busy this machine is.
            wait_seconds *= 1.4 if kept == 0 else 0.7 if kept == replied else 1.0
        program = world.serve()
        program.ready()
        everything = range(1, kills * PER_KILL + 1)
        world.until(lambda: world.received(everything) == len(everything))
        program.end()
        assert not_once(world.ledger(), everything) == []
    return kills, between


def test_killed_while_collecting(world: World) -> None:
    """A slice: after every kill nothing is lost, nothing is there twice, and every receipt comes in the end."""
    kills, between = killed_often(world, 6, seed=1)
    print(f"{kills} kills, {between} between commit and reply")  # noqa: T201 - how much it looked at


@pytest.mark.faults
def test_killed_a_hundred_times_while_collecting(world: World) -> None:
    """A hundred kills, at least a fifth of them between commit and reply: none lost, none twice."""
    kills, between = killed_often(world, 100, seed=2)
    print(f"{kills} kills, {between} between commit and reply")  # noqa: T201 - how much it looked at
    assert between >= kills // 5


def test_the_ledger_test_would_notice() -> None:
    """The control: a desk that loses a commit, or takes a version twice, is found by the same look at its ledger."""
    here = desk()
    journal = here._journal
    journal.commit(here.take(referral(1), "dev-1", here.clock()))
    here.take(referral(2), "dev-1", here.clock())  # acknowledged, never committed
    here.absorb()
    ledger = {row.reference: list(row.versions) for row in here.index.rows()}
    assert not_once(ledger, range(1, 3)) == [reference(2)]
    assert not_once({**ledger, reference(2): [1, 1]}, range(1, 3)) == [reference(2)]
