"""Tables that come along with a checklist: .csv files with a line of column names."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

from firstcontact.definitions.problems import DefinitionError, DefinitionProblem
from firstcontact.domain.checklist import Table
from sync.base.safe_text import safe_text

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 400


def read_table(path: Path) -> Table:
    """Read a table; short rows are filled up with blanks, what stands beyond the last column is left out.

    Raises: DefinitionError.
    """
    name = safe_text(path.name)

    def wrong(message: str, line: int = 0) -> DefinitionError:
        return DefinitionError([DefinitionProblem(name, line, 1 if line else 0, message)])

    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as problem:
        reason = "is not there" if isinstance(problem, FileNotFoundError) else "cannot be read"
        raise wrong(f"the file {name} {reason}") from problem
    if len(content) > MAX_BYTES:
        raise wrong(f"the file {name} is larger than {MAX_BYTES // 1024} KiB")
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=False)
        columns = tuple(safe_text(cell.strip()) for cell in next(reader, ()))
        if len(columns) > MAX_COLUMNS:
            raise wrong(f"the file {name} has more than {MAX_COLUMNS} columns", 1)
        blank = ("",) * len(columns)
        rows: list[tuple[str, ...]] = []
        for cells in reader:
            if len(rows) == MAX_ROWS:
                raise wrong(f"the file {name} has more than {MAX_ROWS} rows", reader.line_num)
            if cells:
                rows.append((*map(_safe, cells), *blank)[: len(columns)])
    except UnicodeDecodeError as problem:
        raise wrong(f"the file {name} is no UTF-8 text") from problem
    except csv.Error as problem:
        raise wrong(f"the file {name} cannot be read as a table: {problem}", reader.line_num) from problem
    return Table(columns, tuple(rows))


def _safe(cell: str) -> str:
    """As safe_text(); most cells are plain, and a table has many."""
    return cell if cell.isascii() and cell.isprintable() else safe_text(cell, multiline=True)
