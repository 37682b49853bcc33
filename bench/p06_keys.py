"""P6: key to paint while answering, each answer saved, against keys in a minimal Textual program and `posting`."""

from __future__ import annotations

import argparse
import random
import time
from importlib.metadata import version

from bench._lib import Row, percentile, report
from bench._terminal import PASSPHRASE, Session, home, minimal, ours, posting

SIZE = (100, 30)
GAP_SECONDS = 0.27
"""Longer than the pace guard, which holds back a second key within 250 ms of a new question."""
ANSWERS = 30


def _answering(chance: random.Random) -> list[float]:
    """Seconds per key through the first questions of the list, in a fresh vault."""
    with Session(ours(), SIZE, {"FIRSTCONTACT_HOME": str(home())}) as session:
        session.shows("Passphrase")
        session.quiet()
        session.send(PASSPHRASE, "enter")
        session.shows("New visit")
        session.quiet()
        session.send("a")
        session.shows("to ask")
        session.quiet(0.5)
        session.send("g")
        session.shows("Fire safety")
        session.quiet()
        session.send("a")
        session.shows("smoke alarm")
        return _keys(session, [("n", "s")[number % 2] for number in range(ANSWERS)], chance)


def _keys(session: Session, keys: list[str], chance: random.Random) -> list[float]:
    figures = []
    for key in keys:
        session.quiet(0.05)
        time.sleep(GAP_SECONDS + chance.random() * 0.04)
        painted = session.key(key)
        if painted is not None:
            figures.append(painted)
    return figures


def _typing(command: list[str], ready: str, env: dict[str, str], chance: random.Random) -> list[float]:
    with Session(command, SIZE, env) as session:
        session.shows(ready)
        session.quiet(0.5)
        return _keys(session, list("the quick brown fox jumps over"), chance)


def _moving(chance: random.Random) -> list[float]:
    with Session(minimal(), SIZE) as session:
        session.shows("Question 12")
        session.quiet(0.5)
        session.send("tab")
        session.quiet()
        return _keys(session, ["down", "down", "up"] * 10, chance)


def main(arguments: list[str] | None = None) -> int:
    """Measure; programs are interleaved. Returns: 1 if a bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    chance = random.Random(6)
    peer = posting()
    figures: dict[str, list[float]] = {"ours": [], "minimal": [], "posting": []}
    for _run in range(options.runs):
        figures["ours"] += _answering(chance)
        figures["minimal"] += _typing(minimal(), "Question 12", {}, chance) + _moving(chance)
        if peer is not None:
            figures["posting"] += _typing(peer[0], "Headers", peer[1], chance)
    rows = []
    for share in (0.5, 0.95):
        at = {name: percentile(values, share) * 1000 if values else None for name, values in figures.items()}
        what = f"key to paint, p{share * 100:.0f}, {len(figures['ours'])} answers"
        mine = at["ours"] or 0.0
        rows.append(Row("P6", what, mine, "ms", "minimal Textual", at["minimal"], 1.3))
        rows.append(Row("P6", what, mine, "ms", "posting", at["posting"], 0.5))
    return report("P6: key to paint while answering", rows, {"textual": version("textual")}, as_json=options.json)


if __name__ == "__main__":
    raise SystemExit(main())
