"""Runs every figure's script, one after the other, each in a process of its own.

python -m bench [--json] [p09 p14 ...]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def main(arguments: list[str] | None = None) -> int:
    """Run them, print what each says and how each ended. Returns: 1 if a bar is not met or a script failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("only", nargs="*", help="beginnings of script names, such as p09; all if left out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    ends: list[tuple[str, str, float]] = []
    outputs: list[object] = []
    for path in sorted(HERE.glob("p[0-9][0-9]_*.py")):
        if options.only and not path.stem.startswith(tuple(options.only)):
            continue
        command = [sys.executable, "-m", f"bench.{path.stem}", *(["--json"] if options.json else [])]
        started = time.monotonic()
        done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
        failed = done.returncode not in (0, 1) or not done.stdout.strip()
        end = "failed" if failed else ("met" if done.returncode == 0 else "not met")
        ends.append((path.stem, end, time.monotonic() - started))
        if options.json and not failed:
            outputs.append({"script": path.stem, "end": end, "output": json.loads(done.stdout)})
        elif options.json:
            outputs.append({"script": path.stem, "end": end, "error": done.stderr[-2000:]})
        else:
            print(done.stdout, done.stderr[-2000:] if failed else "", sep="", flush=True)
    if options.json:
        print(json.dumps(outputs))
    else:
        for name, end, seconds in ends:
            print(f"{name:32s} {end:8s} {seconds:6.0f} s")
    return 0 if all(end == "met" for _, end, _ in ends) else 1


if __name__ == "__main__":
    sys.exit(main())
