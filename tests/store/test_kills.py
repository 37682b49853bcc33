"""Killed at any moment, the store holds every answer that it had called saved, whole, once, and opens again."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from firstcontact.store.store import Store
from tests.store.acking_writer import VISIT
from tests.store.small_vault import PASSPHRASE

FIVE = 5


def killed_at_a_random_moment(path: Path, key: bytes, first: int, rest: random.Random, mode: str) -> int:
    """Start the writer, let it acknowledge five answers or more, kill it; returns the last number acknowledged."""
    command = [sys.executable, "-m", "tests.store.acking_writer", str(path), key.hex(), str(first), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(FIVE + rest.randrange(12))]
        # Somewhere within the next few acts, to the microsecond; the pipe is read to its end afterwards.
        until = time.perf_counter() + rest.random() * 0.003
        while time.perf_counter() < until:
            pass
        writer.kill()
        said += writer.stdout.readlines()
    assert len(said) >= FIVE
    return int(said[-1].split()[1])


def kill_many(path: Path, kills: int, seed: int, mode: str = "late") -> tuple[int, int]:
    """Kill so many times over; returns acknowledged answers in all, and how many of them were lost."""
    rest = random.Random(seed)
    with Store.create(path, PASSPHRASE) as store:
        store.new_visit(VISIT, {"n": 0})
        key = store._file.vault.store_key
    acknowledged = lost = 0
    first = 1
    for _ in range(kills):
        last = killed_at_a_random_moment(path, key, first, rest, mode)
        with Store.open(path, store_key=key) as store:
            numbers = [event["n"] for event in store.events(VISIT)]
            kept = numbers[-1] if numbers else 0
            assert numbers == [n for n in range(1, kept + 1) for _ in range(2)], "each once, in order, both or neither"
            documents = {document["n"] for _, document in store.journal.load("outbox")}
            assert documents == set(range(max(1, kept - 4), kept + 1)), "events and documents together"
            assert store.visits()[0].summary == {"n": kept - kept % 7}, "and the list with them"
            assert not list(store.verify())
        acknowledged += last - first + 1
        lost += max(0, last - kept)
        assert kept <= last + 1, "nothing was written that was not asked for"
        first = kept + 1
    print(f"{kills} kills, {acknowledged} acknowledged, {lost} lost")  # noqa: T201 - how much was looked at
    return acknowledged, lost


def test_no_saved_answer_is_lost_to_a_kill(tmp_path: Path) -> None:
    """Fifteen kills at random moments."""
    acknowledged, lost = kill_many(tmp_path / "vault.db", 15, seed=2)
    assert acknowledged > 15 * FIVE
    assert lost == 0


@pytest.mark.faults
def test_no_saved_answer_is_lost_to_a_hundred_kills(tmp_path: Path) -> None:
    """A hundred kills at random moments."""
    acknowledged, lost = kill_many(tmp_path / "vault.db", 100, seed=3)
    assert acknowledged > 100 * FIVE
    assert lost == 0


def test_acknowledging_before_the_commit_is_caught(tmp_path: Path) -> None:
    """Positive control: a writer that says saved too early does lose answers, and this test sees it."""
    lost = 0
    for seed in range(4):
        lost += kill_many(tmp_path / f"{seed}.db", 6, seed, "early")[1]
        if lost:
            break
    assert lost > 0
