"""Compare the engines over a folder of forms, or write down what the reference engine makes of our own.

    python -m tests.differential FORMS ENGINE [--sequences 200] [--length 20] [--keep DIR] [--only TEXT] [--json FILE]
    python -m tests.differential --freeze ENGINE

FORMS: a folder of workbooks, at any depth; ENGINE: a folder whose node_modules hold @getodk/xforms-engine and jsdom;
--keep: where what the reference engine said is kept, so that it need not be asked again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.differential.expected import freeze
from tests.differential.folders import Told, told_of, workbooks


def _line(told: Told) -> str:
    compared = told.compared
    if compared is None:
        return f"{told.end:<14} {told.name}: {told.why}"
    classes = Counter((each.path, each.aspect) for each in compared.differences)
    worst = "; ".join(f"{path} {aspect} x{count}" for (path, aspect), count in classes.most_common(4))
    return f"{compared.differing:>6} of {compared.steps:>6} {told.name} {worst}"


def _json(told: Told) -> dict[str, Any]:
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for each in told.compared.differences if told.compared else ():
        key = (each.path, each.aspect)
        found = first.setdefault(
            key,
            {
                "path": each.path,
                "aspect": each.aspect,
                "times": 0,
                "node": each.node,
                "theirs": each.theirs,
                "ours": str(each.ours),
                "sequence": each.sequence,
                "step": each.step,
                "steps": list(told.compared.taken[each.sequence][: each.step]) if told.compared else [],
            },
        )
        found["times"] += 1
    return {
        "form": told.name,
        "end": told.end,
        "why": told.why,
        "steps": told.compared.steps if told.compared else 0,
        "differing": told.compared.differing if told.compared else 0,
        "errors": list(told.errors),
        "classes": sorted(first.values(), key=lambda found: -int(found["times"])),
    }


def main() -> int:
    """Run; exit 1 if more than one step in 1,000 differs, of forms of which the import says that all of it works."""
    take = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    take.add_argument("forms", type=Path, nargs="?")
    take.add_argument("engine", type=Path, nargs="?")
    take.add_argument("--freeze", type=Path, metavar="ENGINE")
    take.add_argument("--sequences", type=int, default=200)
    take.add_argument("--length", type=int, default=20)
    take.add_argument("--keep", type=Path)
    take.add_argument("--only", default="")
    take.add_argument("--json", type=Path)
    asked = take.parse_args()
    if asked.freeze:
        freeze(asked.freeze)
        return 0
    if asked.forms is None or asked.engine is None:
        take.error("FORMS and ENGINE are needed")
    ends: Counter[str] = Counter()
    steps = differing = working = of_working = 0
    started = time.monotonic()
    kept: list[dict[str, Any]] = []
    with TemporaryDirectory() as place:
        for path in workbooks(asked.forms):
            if asked.only not in str(path):
                continue
            told = told_of(path, asked.forms, asked.engine, asked.keep or Path(place), asked.sequences, asked.length)
            ends[told.end] += 1
            if told.compared is not None:
                steps, differing = steps + told.compared.steps, differing + told.compared.differing
                if not told.errors:
                    working, of_working = working + told.compared.steps, of_working + told.compared.differing
            sys.stdout.write(_line(told) + "\n")
            sys.stdout.flush()
            kept.append(_json(told))
            if asked.json:
                asked.json.write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")
    sys.stdout.write(f"{dict(ends)}; {steps} steps, {differing} differ, {time.monotonic() - started:.0f} s\n")
    sys.stdout.write(f"without forms of which the import says what does not work: {of_working} of {working} differ\n")
    return 0 if of_working * 1000 <= working else 1


if __name__ == "__main__":
    sys.exit(main())
