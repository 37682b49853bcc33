"""P13: an XLSForm of 1,000 questions made into a checklist, against pyxform making an XForm of it.

    python -m bench.p13_import [--runs 7] [--json] [--forms FOLDER]

The form: whole-number questions, each relevant when the one before is more than 0 (cut every 50), a constraint with its
message on each, a subtotal for every 50 and the total. Ours: from the .xlsx to a checklist's folder on the disk, with
the report of every row; also, beside the bar, with the checklist read back from that folder and compiled. Peer:
`pyxform.xls2xform.convert` without Java's validation. In one process, after a first run of each, in turns.
`--forms`: also the ten largest workbooks of a folder that pyxform can convert, by the rows of their surveys.
"""

from __future__ import annotations

import argparse
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import xlsxwriter
from pyxform.xls2xform import convert

from bench._lib import Row, report
from bench.long_form import free, sums
from firstcontact.definitions.yaml import load_checklist
from firstcontact.errors import FirstContactError
from firstcontact.xlsform.importing import import_form
from firstcontact.xlsform.workbook import read_workbook
from firstcontact.xlsform.writer import write_definition

SIZE = 1000
CUT = 50
BAR = 1.0
HEADERS = ("type", "name", "label", "relevant", "calculation", "constraint", "constraint_message")


def write_form(path: Path, size: int, cut: int) -> None:
    """The form as a workbook."""
    rows = [
        (
            "integer",
            f"q{i}",
            f"Question number {i}: how many?",
            "" if free(i, cut) else f"${{q{i - 1}}} > 0",
            "",
            ". >= 0 and . < 1000",
            "Between 0 and 999",
        )
        for i in range(1, size + 1)
    ]
    rows += [("calculate", name, "", "", value, "", "") for name, value in sums(size)]
    with xlsxwriter.Workbook(str(path)) as book:
        survey = book.add_worksheet("survey")
        for number, row in enumerate([HEADERS, *rows]):
            survey.write_row(number, 0, row)
        settings = book.add_worksheet("settings")
        settings.write_row(0, 0, ("form_title", "form_id", "version"))
        settings.write_row(1, 0, (f"Form {size}", f"form_{size}", "1"))


class Folders:
    """A new folder for each time."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.turn = 0

    def next(self) -> Path:
        """One that is not there yet."""
        self.turn += 1
        return self.place / str(self.turn)


def to_folder(form: Path, out: Path) -> None:
    """What `checklist import` does up to the files."""
    found = import_form(form)
    write_definition(found.definition, found.translations, found.tables, out)


def variants(form: Path, folders: Folders) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""

    def and_back() -> None:
        out = folders.next()
        to_folder(form, out)
        checklist = load_checklist(out)
        if len(checklist.questions) != SIZE or len(checklist.calculations) != SIZE // 50 + 1:
            raise RuntimeError("rows were lost on the way")

    return {
        "folder": lambda: to_folder(form, folders.next()),
        "and back": and_back,
        "pyxform": lambda: convert(xlsform=str(form), validate=False),
    }


def largest(folder: Path, count: int = 10) -> list[tuple[int, Path]]:
    """The forms with most rows of survey that both can read, largest first; the same file is there once."""
    found: dict[tuple[int, int], Path] = {}
    for path in sorted(each for each in folder.rglob("*") if each.suffix.lower() in (".xls", ".xlsx")):
        try:
            survey = read_workbook(path).sheets.get("survey")
        except FirstContactError:
            continue
        if survey is not None:
            found.setdefault((len(survey.rows), path.stat().st_size), path)
    chosen: list[tuple[int, Path]] = []
    for (rows, _), path in sorted(found.items(), reverse=True):
        try:
            convert(xlsform=str(path), validate=False)
        except Exception:  # noqa: S112 - whatever the peer cannot read is no form to compare with
            continue
        chosen.append((rows, path))
        if len(chosen) == count:
            break
    return chosen


def measure(calls: dict[str, Callable[[], object]], runs: int, order: random.Random) -> dict[str, float]:
    """Milliseconds of each, the middle one, in turns."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(runs):
        names = list(calls)
        order.shuffle(names)
        for name in names:
            started = time.perf_counter()
            calls[name]()
            taken[name].append((time.perf_counter() - started) * 1e3)
    return {name: statistics.median(each) for name, each in taken.items()}


def main(arguments: list[str] | None = None) -> int:
    """Measure in turns, print, and say whether the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--forms", type=Path)
    options = parser.parse_args(arguments)
    order = random.Random(1)
    with tempfile.TemporaryDirectory() as place:
        form, folders = Path(place) / "form.xlsx", Folders(Path(place))
        write_form(form, SIZE, CUT)
        middle = measure(variants(form, folders), options.runs, order)
        what = "XLSForm of 1,000 rows to a folder"
        rows = [
            Row("P13", what, middle["folder"], "ms", "pyxform", middle["pyxform"], BAR),
            Row("P13", "and read back and compiled", middle["and back"], "ms", "pyxform", middle["pyxform"]),
        ]
        for count, path in largest(options.forms) if options.forms else ():
            calls = variants(path, folders)
            del calls["and back"]
            middle = measure(calls, max(3, options.runs // 2), order)
            what = f"{path.name[:24]}, {count:,} rows"
            rows.append(Row("P13", what, middle["folder"], "ms", "pyxform", middle["pyxform"], BAR))
    versions = {name: version(name) for name in ("pyxform", "python-calamine")}
    return report(
        "P13: importing a form", rows, {"Python": platform.python_version(), **versions}, as_json=options.json
    )


if __name__ == "__main__":
    sys.exit(main())
