"""P5: process start to first painted screen, seen from outside, against a minimal Textual program and `posting`."""

from __future__ import annotations

import argparse
from importlib.metadata import version

from bench._lib import Row, percentile, report
from bench._terminal import Session, home, minimal, ours, posting

SIZE = (100, 30)


def main(arguments: list[str] | None = None) -> int:
    """Measure; programs are interleaved. Returns: 1 if a bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    folder = {"FIRSTCONTACT_HOME": str(home())}
    programs: dict[str, tuple[list[str], dict[str, str]]] = {"ours": (ours(), folder), "minimal": (minimal(), {})}
    peer = posting()
    if peer is not None:
        programs["posting"] = peer
    figures: dict[str, list[float]] = {name: [] for name in programs}
    for _run in range(options.runs + 1):  # the first warms the disk cache and is thrown away
        for name, (command, surroundings) in programs.items():
            with Session(command, SIZE, surroundings) as session:
                figures[name].append(session.painted() * 1000)
    middle = {name: percentile(values[1:], 0.5) for name, values in figures.items()}
    rows = [
        Row("P5", "start to first paint, p50", middle["ours"], "ms", "minimal Textual", middle["minimal"], 1.3),
        Row("P5", "start to first paint, p50", middle["ours"], "ms", "posting", middle.get("posting"), 0.4),
    ]
    return report("P5: process start to first paint", rows, {"textual": version("textual")}, as_json=options.json)


if __name__ == "__main__":
    raise SystemExit(main())
