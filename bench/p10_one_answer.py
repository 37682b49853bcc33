"""P10, P11, P12: one answer re-evaluated, in a form five times as long, and a chain of 5,000 opened and closed.

    python -m bench.p10_one_answer [--runs 5] [--json]

Ours: `Sheet.record`, `violations` of the question and the total read back. The form is filled in from front to back
(each answer makes its successor relevant), then 40 answers spread over it are changed, again and again; the figure is
the median change. Peers: `enketo-core` and `@getodk/xforms-engine`, the same steps in headless Chromium, until the
total is right. The row "anywhere" changes answers drawn from the whole form, and so feels the size of the cache.
"""

from __future__ import annotations

import argparse
import platform
import random
import statistics
import sys
import time
from datetime import date

from bench._lib import Row, percentile, report
from bench.long_form import Peers, checklist
from firstcontact.domain.branching import Form, Sheet

CUT = 50
ON = date(2026, 2, 10)
CHANGES = 400


def filled(form: Form, size: int) -> Sheet:
    """A sheet with every question answered."""
    sheet = Sheet(form, ON)
    for i in range(1, size + 1):
        sheet.record(f"q{i}", (i % 9) + 1)
    if sheet.value("total") != sum((i % 9) + 1 for i in range(1, size + 1)):
        raise RuntimeError("the filled form adds up wrongly")
    return sheet


def changes(sheet: Sheet, size: int, rng: random.Random | None = None) -> list[float]:
    """Milliseconds of each of many changed answers: 40 spread over the form in turn, or drawn from all of it."""
    found = []
    for turn in range(CHANGES):
        place = 1 + (turn % 40) * (size - 1) // 39 if rng is None else rng.randrange(1, size + 1)
        name = f"q{place}"
        value = 10 + turn
        started = time.perf_counter()
        sheet.record(name, value)
        sheet.violations(name)
        sheet.value("total")
        found.append((time.perf_counter() - started) * 1e3)
    if sheet.value("total") != sum(int(str(sheet.answer(f"q{i}"))) for i in range(1, size + 1)):
        raise RuntimeError("the changed form adds up wrongly")
    return found


def chain(form: Form, size: int) -> tuple[float, float]:
    """Milliseconds to close and to open again a whole chain, from its first question, totals checked."""
    sheet = filled(form, size)
    want = sheet.value("total")
    times = []
    for value, total in ((0, 0), (2, want)):
        started = time.perf_counter()
        sheet.record("q1", value)
        times.append((time.perf_counter() - started) * 1e3)
        if sheet.value("total") != total or sheet.relevant(f"q{size}") is not (value > 0):
            raise RuntimeError("the chain adds up wrongly")
    return times[0], times[1]


def main(arguments: list[str] | None = None) -> int:
    """Measure in interleaved runs, print, and say whether the bars are met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    peers, rng = Peers(), random.Random(7)
    forms = {size: Form.of(checklist(size, CUT)) for size in (1000, 5000)}
    one_chain = Form.of(checklist(5000, 0))
    p50: dict[int, list[float]] = {1000: [], 5000: []}
    anywhere: dict[int, list[float]] = {1000: [], 5000: []}
    p95: list[float] = []
    closing: list[float] = []
    opening: list[float] = []
    theirs: dict[str, list[float]] = {"enketo": [], "xforms": []}
    for _ in range(options.runs):
        sheets = {size: filled(forms[size], size) for size in forms}
        # In turns of a few milliseconds, so that what the machine does meanwhile falls on both sizes alike.
        mine: dict[int, list[float]] = {1000: [], 5000: []}
        for _turn in range(5):
            for size, sheet in sheets.items():
                mine[size] += changes(sheet, size)
                anywhere[size] += changes(sheet, size, rng)
        for size, values in mine.items():
            p50[size].append(percentile(values, 0.5))
        p95.append(percentile(mine[1000], 0.95))
        close, reopen = chain(one_chain, 5000)
        closing.append(close)
        opening.append(reopen)
        for name, values in theirs.items():
            found = peers.run(name, 1000, CUT, loads=1, fill=True)
            if found is not None and found["total_ok"]:
                values.append(percentile(found["edit"], 0.5))
    one = statistics.median(p50[1000])
    enketo = statistics.median(theirs["enketo"]) if theirs["enketo"] else None
    xforms = statistics.median(theirs["xforms"]) if theirs["xforms"] else None
    ratio = statistics.median(five / thousand for thousand, five in zip(p50[1000], p50[5000], strict=True))
    rows = [
        Row("P10", "one answer, 1,000 questions, p50", one, "ms", bar=0.2, on_ratio=False),
        Row("P10", "one answer, 1,000 questions, p50", one, "ms", "enketo-core", enketo, 0.05),
        Row("P10", "one answer, 1,000 questions, p50", one, "ms", "xforms-engine", xforms),
        Row("P10", "one answer, 1,000 questions, p95", statistics.median(p95), "ms"),
        Row("P11", "one answer, 5,000 questions, p50", ratio * one, "ms", "ours at 1,000", one, 1.2),
        Row(
            "P11",
            "the same, anywhere in the form",
            percentile(anywhere[5000], 0.5),
            "ms",
            "ours at 1,000",
            percentile(anywhere[1000], 0.5),
        ),
        Row("P12", "close a chain of 5,000, totals right", statistics.median(closing), "ms", bar=200, on_ratio=False),
        Row("P12", "open it again, totals right", statistics.median(opening), "ms", bar=200, on_ratio=False),
    ]
    versions = {"Python": platform.python_version(), **peers.versions()}
    status = report("P10, P11, P12: one answer in a long form", rows, versions, as_json=options.json)
    for line in filter(None, [peers.why_not and f"peers not measured: {peers.why_not}", *peers.errors]):
        print(line, file=sys.stderr if options.json else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
