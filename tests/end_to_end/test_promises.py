"""What was promised is done after a crash as well: whoever said "do not keep my answers" is erased."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from firstcontact.config import Settings
from firstcontact.gate import open_laptop
from firstcontact.store.store import Store
from firstcontact.workflow.laptop import Laptop
from tests.builders import PASSPHRASE, World, answer, done

NAMES = ("Zephyrine Quillfeather", "Barnaby Quillfeather")


class Clock:
    """A clock that goes only when told."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at


@contextmanager
def opened(home: Path, clock: Clock) -> Iterator[Laptop]:
    """The laptop, open anew; nobody answers at its mailbox."""
    laptop = open_laptop(Settings(home), None, PASSPHRASE)
    laptop.now = clock
    yield laptop
    laptop.close()


def visit_of_two_who_said_do_not_keep(laptop: Laptop) -> str:
    """Finished, without any referral."""
    visit = laptop.new_visit()
    for number, name in enumerate(NAMES):
        if number:
            done(visit.add_person())
        answer(visit, **{"C-START": "yes", "C-SAFE": "understood", "C-RECORD": "no"}, X1=name)
    done(visit.finish())
    return visit.id


def kept_of(laptop: Laptop, visit_id: str) -> set[str]:
    """Which of the names are still anywhere in the visit."""
    text = json.dumps([laptop.store.events(visit_id), laptop.store.summary(visit_id)])
    return {name for name in NAMES if name in text}


def round_of(laptop: Laptop) -> None:
    """One round of the post, as the visit program and `firstcontact sync` make it."""
    assert laptop.post is not None
    laptop.post.round(laptop)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A laptop that the scheme has let in."""
    World().laptop(tmp_path).close()
    return tmp_path


def test_a_visit_without_a_referral_is_erased_when_it_can_be_taken_back_no_more(home: Path) -> None:
    """Nothing has to be received first; but for two minutes the finish can be taken back, and then all is there."""
    clock = Clock()
    with opened(home, clock) as laptop:
        visit_id = visit_of_two_who_said_do_not_keep(laptop)
        round_of(laptop)
        assert kept_of(laptop, visit_id) == set(NAMES)
        clock.at += timedelta(minutes=3)
        round_of(laptop)
        assert kept_of(laptop, visit_id) == set()


def test_a_crash_before_the_erasure_leaves_it_to_the_next_start(home: Path) -> None:
    """The first round of the next process does what this one was not alive to do."""
    clock = Clock()
    with opened(home, clock) as laptop:
        visit_id = visit_of_two_who_said_do_not_keep(laptop)
    clock.at += timedelta(minutes=3)
    with opened(home, clock) as laptop:
        assert kept_of(laptop, visit_id) == set(NAMES)
        round_of(laptop)
        assert kept_of(laptop, visit_id) == set()


@pytest.mark.parametrize("survived", [1, 2, 3])
def test_a_crash_in_the_middle_of_the_erasure_is_made_good(
    home: Path, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    """However many of the transactions were made (two people and the home), the rest follow at the next start."""
    clock = Clock()
    with opened(home, clock) as laptop:
        visit_id = visit_of_two_who_said_do_not_keep(laptop)
        clock.at += timedelta(minutes=3)
        made, erase_person = 0, Store.erase_person

        def dies(*arguments: Any, **named: Any) -> bool:
            nonlocal made
            made += 1
            if made == survived:
                raise SystemExit
            return erase_person(*arguments, **named)

        with monkeypatch.context() as broken:
            broken.setattr(Store, "erase_person", dies)
            with pytest.raises(SystemExit):
                round_of(laptop)
        left = kept_of(laptop, visit_id)
    with opened(home, clock) as laptop:
        round_of(laptop)
        assert kept_of(laptop, visit_id) == set()
        assert not laptop.store.summary(visit_id).get("erase_when_received")
    sys.stdout.write(f"died before transaction {survived} of 3, {len(left)} of 2 names still there; then none\n")
