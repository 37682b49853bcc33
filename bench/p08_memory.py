"""P8: settled memory of the visit program with 10,000 visits, ten seconds after unlock, against `posting` idle."""

from __future__ import annotations

import argparse
import time
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp

from bench._lib import Row, percentile, report
from bench._terminal import PASSPHRASE, Session, ours, posting

SIZE = (100, 30)
SETTLED_SECONDS = 10.0
UNFINISHED = 10
POSTING_MB = 77.0
"""`posting` idle as measured when the bar was set; used where POSTING does not name the program."""


def _home(visits: int) -> Path:
    """A vault with so many visits, each as the program itself starts one: all but a few finished a month ago."""
    from tests.builders import World

    folder = Path(mkdtemp(prefix="bench-home-"))
    laptop = World().laptop(folder)
    now = datetime.now().astimezone()
    laptop.now = lambda: now - timedelta(days=30)
    for _visit in range(visits - UNFINISHED):
        laptop.new_visit().finish().save()
    laptop.now = lambda: now
    for _visit in range(UNFINISHED):
        laptop.new_visit()
    laptop.close()
    return folder


def _settled(folder: Path) -> float:
    with Session(ours(), SIZE, {"FIRSTCONTACT_HOME": str(folder)}) as session:
        session.shows("Passphrase")
        session.quiet()
        session.send(PASSPHRASE, "enter")
        session.shows("What came of your visits", 120)
        _let_run(session)
        return session.resident_mb()


def _let_run(session: Session) -> None:
    until = time.perf_counter() + SETTLED_SECONDS
    while time.perf_counter() < until:
        session.quiet(0.5)
        time.sleep(0.2)


def _peer() -> list[float]:
    peer = posting()
    if peer is None:
        return []
    with Session(peer[0], SIZE, peer[1]) as session:
        session.shows("Headers")
        _let_run(session)
        return [session.resident_mb()]


def main(arguments: list[str] | None = None) -> int:
    """Measure. Returns: 1 if the bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--visits", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    folder = _home(options.visits)
    mine: list[float] = []
    theirs: list[float] = []
    for _run in range(options.runs):
        mine.append(_settled(folder))
        theirs += _peer()
    figure = percentile(theirs, 0.5) if theirs else POSTING_MB
    note = "" if theirs else "posting as measured earlier"
    what = f"resident, {options.visits} visits, settled"
    rows = [Row("P8", what, percentile(mine, 0.5), "MiB", "posting idle", figure, 1.0, note=note)]
    return report("P8: settled memory", rows, {"textual": version("textual")}, as_json=options.json)


if __name__ == "__main__":
    raise SystemExit(main())
