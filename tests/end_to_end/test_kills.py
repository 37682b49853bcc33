"""SIGKILL of the visit program while answers are given: what the screen had called saved is in the vault."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from firstcontact.config import Settings
from firstcontact.domain.answer import from_json
from firstcontact.gate import open_laptop
from firstcontact.workflow.laptop import Laptop
from tests.builders import PASSPHRASE, World
from tests.end_to_end.visitor import PROGRAM, Visitor

LEAST_SAVED = 5
"""A kill counts only after so many answers that the screen called saved."""
ENOUGH_TO_ASK = 16
LAST_KEY_TO_KILL_SECONDS = 0.06
EARLY = (sys.executable, "-m", "tests.end_to_end.early_saver")


@dataclass
class Tally:
    """What the kills of one vault show."""

    kills: int = 0
    claimed: int = 0
    """answers that the screen had called saved"""
    kept: int = 0
    """answers in the vault"""
    again: int = 0
    """of these: second answers to questions that the hand went back to"""
    went_back: int = 0
    frames: int = 0
    lost: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.frames} screens looked at, {self.claimed} answers called saved, "
            f"{self.kept} in the vault ({self.again} given again, the hand went back {self.went_back} times), "
            f"{len(self.lost)} lost, {len(self.changed)} changed, {len(self.doubled)} doubled"
        )


def to_go_on_with(laptop: Laptop, rng: Random) -> tuple[str, int]:
    """A half-done visit with enough left to ask, and how many answers it has; a new one if need be."""
    visit_id = laptop.unfinished()
    if visit_id is not None:
        visit = laptop.open_visit(visit_id)
        if visit.agenda.to_ask() >= ENOUGH_TO_ASK:
            return visit_id, len(answers_given(laptop, visit_id))
        visit.stop_all(keep=True).save()
    visit = laptop.new_visit()
    visit.pause(rng.choice(("X1", "A1", "D1"))).save()
    return visit.id, 0


def answers_given(laptop: Laptop, visit_id: str) -> list[tuple[str, str]]:
    """(question, the answer in words) as a visit's vault has them, one after the other."""
    agenda = laptop.open_visit(visit_id).agenda
    given = []
    for event in laptop.store.events(visit_id):
        if event["type"] == "AnswerRecorded":
            question = agenda.checklist.question(str(event["data"]["question"]))
            given.append((question.id, agenda.words_for(question, from_json(event["data"]["value"]))))
    return given


def compare(laptop: Laptop, visit_id: str, visitor: Visitor, before: int, tally: Tally) -> None:
    """Hold what the screen claimed, in its order, against what the vault has in its order."""
    recorded = answers_given(laptop, visit_id)[before:]
    place = 0
    for question, words in visitor.claimed:
        found = next((n for n in range(place, len(recorded)) if is_kept(recorded[n], question, words)), None)
        if found is not None:
            place = found + 1
        elif any(question == each for each, _ in recorded):
            tally.changed.append(f"{question}: {words} / {recorded}")
        else:
            tally.lost.append(question)
    # The hand gives each question one answer, but for those that it went back to.
    again = [
        question for question, times in Counter(question for question, _ in recorded).items() for _ in range(1, times)
    ]
    if len(again) > visitor.went_back:
        tally.doubled += again
    tally.claimed += len(visitor.claimed)
    tally.kept += len(recorded)
    tally.again += len(again)
    tally.went_back += visitor.went_back
    tally.frames += visitor.frames
    if len(visitor.claimed) >= LEAST_SAVED:
        tally.kills += 1


def is_kept(given: tuple[str, str], question: str, words: str) -> bool:
    """Whether an answer of the vault is the one that the screen showed, perhaps cut short there."""
    return given[0] == question and given[1].startswith(words.removesuffix(".."))


def kill_often(home: Path, kills: int, seed: int, program: tuple[str, ...] = PROGRAM) -> Tally:
    """Answer, kill, look into the vault, and go on with the same visit, until so many kills count.

    A visit whose questions end before LEAST_SAVED answers is killed and looked at too, but its kill is not counted.
    """
    rng, tally = Random(seed), Tally()
    World().laptop(home).close()
    env = {**os.environ, "FIRSTCONTACT_HOME": str(home)}
    laptop = open_laptop(Settings(home), None, PASSPHRASE)
    rounds = 0
    while tally.kills < kills:
        rounds += 1
        assert rounds <= 3 * kills + 3, f"hardly a kill counts: {tally}"
        visit_id, before = to_go_on_with(laptop, rng)
        laptop.close()
        with Visitor(env, rng, program) as visitor:
            visitor.unlock()
            visitor.answer(LEAST_SAVED + rng.randrange(4))
            visitor.killed(LAST_KEY_TO_KILL_SECONDS)
        laptop = open_laptop(Settings(home), None, PASSPHRASE)
        compare(laptop, visit_id, visitor, before, tally)
    assert list(laptop.store.verify()) == []
    laptop.close()
    return tally


def said(tally: Tally) -> None:
    """How much was looked at."""
    sys.stdout.write(f"{tally}\n")


def check(tally: Tally) -> None:
    """Nothing lost, nothing changed, nothing twice, and every kill counted."""
    said(tally)
    assert (tally.lost, tally.changed, tally.doubled) == ([], [], [])
    assert tally.claimed >= tally.kills * LEAST_SAVED


def test_killed_while_answering_nothing_saved_is_lost(tmp_path: Path) -> None:
    """Four kills of the real program at random moments: every answer that the screen called saved is there."""
    check(kill_often(tmp_path, 4, seed=1))


@pytest.mark.faults
@pytest.mark.parametrize("vault", range(34))
def test_killed_a_hundred_times_while_answering(tmp_path: Path, vault: int) -> None:
    """The full count: three kills in each of 34 vaults, for a list of questions ends after some forty answers."""
    check(kill_often(tmp_path, 3, seed=100 + vault))


def test_a_program_that_says_saved_too_early_is_caught(tmp_path: Path) -> None:
    """The control: with acts that are saved three acts later, the same look at the vault finds lost answers."""
    tally = kill_often(tmp_path, 1, seed=3, program=EARLY)
    said(tally)
    assert len(tally.lost) >= 1
