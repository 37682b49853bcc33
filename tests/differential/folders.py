"""A folder of real forms through both engines, one form at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import TimeoutExpired
from tempfile import TemporaryDirectory
from typing import Final, Literal, TypeAlias

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from firstcontact.definitions.problems import DefinitionError
from firstcontact.definitions.reading import read_checklist
from firstcontact.domain.checklist import Checklist
from firstcontact.errors import FirstContactError
from firstcontact.xlsform.importing import Imported, import_form
from firstcontact.xlsform.writer import write_definition
from tests.differential.comparing import Compared, compare
from tests.differential.reference import Played, Reference, play

End: TypeAlias = Literal["compared", "not-converted", "not-loaded", "not-imported"]
_LARGE: Final = 120
_PATIENCE: Final = 1500.0
"""Seconds for one form."""
FAILURES: Final = (PyXFormError, TypeError, KeyError, ValueError, AttributeError, OSError)
"""What pyxform raises for a workbook that it does not take."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one form."""

    name: str
    end: End
    why: str = ""
    compared: Compared | None = None
    errors: tuple[str, ...] = ()
    """What the import said does not work here, by row: such a form cannot behave the same."""


def workbooks(folder: Path) -> Iterator[Path]:
    """Every workbook below a folder, in a settled order."""
    yield from sorted(path for path in folder.rglob("*.xls*") if path.suffix in {".xls", ".xlsx"})


def imported(path: Path, place: Path) -> Checklist:
    """A workbook through our import: written as a folder and read again, as a scheme would have it.

    Raises: FirstContactError, DefinitionError.
    """
    return _written(import_form(path), place)


def _written(form: Imported, place: Path) -> Checklist:
    folder = place / "imported"
    write_definition(form.definition, form.translations, form.tables, folder)
    return read_checklist(folder)


def told_of(path: Path, root: Path, modules: Path, keep: Path, count: int, length: int) -> Told:
    """Convert, play, import and compare one form."""
    name = str(path.relative_to(root))
    try:
        xform = convert(path, validate=False).xform
    except FAILURES as problem:
        return Told(name, "not-converted", f"{type(problem).__name__}: {str(problem)[:160]}")
    reference = reference_of(xform, path.parent, modules, keep, count, length)
    if reference.refused is not None:
        return Told(name, "not-loaded", reference.refused[:160])
    with TemporaryDirectory() as place:
        try:
            form = import_form(path)
            checklist = _written(form, Path(place))
        except (FirstContactError, DefinitionError) as problem:
            return Told(name, "not-imported", f"{type(problem).__name__}: {str(problem)[:400]}")
    errors = tuple(str(each) for each in form.report.errors)
    return Told(name, "compared", compared=compare(checklist, reference), errors=errors)


def reference_of(xform: str, folder: Path, modules: Path, keep: Path, count: int, length: int) -> Reference:
    """What the reference engine makes of a form, asked once; of a large form the sequences are shorter."""
    binds = xform.count("<bind ")
    length = length if binds <= _LARGE else max(1, length * _LARGE // binds, length // 3)
    kept = keep / (hashlib.sha256(f"{count}/{length}/{xform}".encode()).hexdigest()[:24] + ".json")
    reference = _remembered(kept)
    if reference is None:
        try:
            reference = play(modules, xform, folder=folder, count=count, length=length, seconds=_PATIENCE)
        except TimeoutExpired:
            reference = Reference(refused="it took too long")
        keep.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(asdict(reference)), encoding="utf-8")
    return reference


def _remembered(kept: Path) -> Reference | None:
    with suppress(FileNotFoundError):
        told = json.loads(kept.read_text(encoding="utf-8"))
        return Reference(told["nodes"], tuple(Played(**each) for each in told["played"]), told["refused"])
    return None
