"""P9: a form of 1,000 and of 5,000 questions loaded from its compiled form, and cold from YAML.

    python -m bench.p09_load [--runs 5] [--json]

Ours: bytes of the compiled form to a sheet that takes answers. Cold: a new process, from its first line (imports
included) to such a sheet, from a checklist.yaml. Peers: `@getodk/xforms-engine` and `lforms`, the same form from its
XForm and its FHIR Questionnaire, in headless Chromium; the middle one of three loads in a page.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from bench._lib import Row, report
from bench.long_form import Peers, as_yaml, checklist
from firstcontact.definitions.compiled import compile_checklist, dumps, load_compiled
from firstcontact.domain.branching import Form, Sheet

SIZES = (1000, 5000)
CUT = 50
ON = date(2026, 2, 10)
COLD = """
import time
started = time.perf_counter()
import sys, datetime, pathlib
from firstcontact.definitions.yaml import load_checklist
from firstcontact.domain.branching import Form, Sheet
sheet = Sheet(Form.of(load_checklist(pathlib.Path(sys.argv[1]))), datetime.date(2026, 2, 10))
assert sheet.value("total") == 0
print((time.perf_counter() - started) * 1e3)
"""


def load(content: bytes) -> float:
    """Milliseconds from bytes to a sheet."""
    started = time.perf_counter()
    sheet = Sheet(Form.of(load_compiled(content)), ON)
    seconds = time.perf_counter() - started
    if sheet.value("total") != 0:
        raise RuntimeError("the loaded form adds up wrongly")
    return seconds * 1e3


def cold(folder: Path) -> float:
    """Milliseconds of a new process from its first line to a sheet."""
    done = subprocess.run([sys.executable, "-c", COLD, str(folder)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main(arguments: list[str] | None = None) -> int:
    """Measure in interleaved runs, print, and say whether the bars are met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    peers = Peers()
    compiled = {size: dumps(compile_checklist(checklist(size, CUT))) for size in SIZES}
    ours: dict[int, list[float]] = {size: [] for size in SIZES}
    cold_ms: list[float] = []
    theirs: dict[tuple[str, int], list[float]] = {(name, size): [] for name in ("xforms", "lforms") for size in SIZES}
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "checklist.yaml").write_text(as_yaml(1000, CUT), encoding="utf-8")
        for _ in range(options.runs):
            for size in SIZES:
                ours[size].append(statistics.median(load(compiled[size]) for _ in range(3)))
                for name in ("xforms", "lforms"):
                    # Their first load in a page also warms the engine up, so the middle one of three counts; 5,000
                    # questions take xforms-engine many seconds, so there the one load counts.
                    loads = 1 if (name, size) == ("xforms", 5000) else 3
                    found = peers.run(name, size, CUT, loads=loads, fill=False)
                    if found is not None:
                        theirs[name, size].append(statistics.median(found["load"]))
            cold_ms.append(cold(Path(place)))
    rows = []
    for size in SIZES:
        mine = statistics.median(ours[size])
        limit = {1000: 50.0, 5000: 500.0}[size]
        rows.append(Row("P9", f"load {size:,} questions, compiled", mine, "ms", bar=limit, on_ratio=False))
        for name, label, bar in (("xforms", "xforms-engine", 0.1), ("lforms", "lforms", 1.0)):
            values = theirs[name, size]
            rows.append(
                Row(
                    "P9",
                    f"load {size:,} questions",
                    mine,
                    "ms",
                    label,
                    statistics.median(values) if values else None,
                    bar,
                )
            )
    first = theirs["xforms", 1000]
    mine = statistics.median(cold_ms)
    rows.append(Row("P9", "cold from YAML, 1,000 questions", mine, "ms", bar=650, on_ratio=False))
    rows.append(
        Row(
            "P9",
            "cold from YAML, 1,000 questions",
            mine,
            "ms",
            "xforms-engine",
            statistics.median(first) if first else None,
            1.0,
        )
    )
    versions = {"Python": platform.python_version(), **peers.versions()}
    status = report("P9: loading a long form", rows, versions, as_json=options.json)
    for line in filter(None, [peers.why_not and f"peers not measured: {peers.why_not}", *peers.errors]):
        print(line, file=sys.stderr if options.json else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
