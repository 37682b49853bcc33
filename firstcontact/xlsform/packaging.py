"""What kind of file a workbook is, and whether it may be unpacked: sizes, entities and extents before anything else.

Only parts that were read and measured here reach the spreadsheet library, in a fresh package: a part that is too large,
declares a document type, or spans more cells than a form has, never does.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Final, Literal, TypeAlias
from xml.parsers import expat

from firstcontact.errors import UsedWrongly
from firstcontact.xlsform.shared_texts import letters_of_shared
from sync.base.safe_text import safe_text

Kind: TypeAlias = Literal["xlsx", "xls", "csv"]

MAX_FILE_BYTES: Final = 25 * 1024 * 1024
MAX_ENTRIES: Final = 2000
MAX_PART_BYTES: Final = 30 * 1024 * 1024
"""Of one part, unpacked."""
MAX_TOTAL_BYTES: Final = 40 * 1024 * 1024
"""Of all parts that are read, unpacked."""
MAX_RATIO: Final = 400
"""How many times its size a part over 1 MiB may unpack to; sheets of a form unpack to 5 to 60 times."""
MAX_SHEETS: Final = 100
MAX_ROWS: Final = 66_000
MAX_COLUMNS: Final = 1000
MAX_CELLS: Final = 800_000
"""Rows times columns of one sheet, the empty ones included: the library lays them all out."""
MAX_ALL_CELLS: Final = 4_000_000
"""The same of all sheets together."""
MAX_LETTERS: Final = 16_000_000
"""Of all cells together: many cells may share one text, and each of them gets it whole."""
MAX_ELEMENTS: Final = 1_100_000
"""XML elements of all sheets; of the largest of 180 real forms the largest sheet has 70,000."""

_PARTS: Final = re.compile(
    r"\[content_types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/sharedstrings\.xml|xl/styles\.xml"
    r"|xl/worksheets/[^/]+\.xml"
)
_LETTERS: Final = re.compile(r"[A-Za-z]{1,7}\Z")
_UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    struct.error,
)
"""What Python's zipfile raises for damaged packages."""
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")


class Refused(UsedWrongly):
    """The workbook is not read at all; the words say why and what to do."""


def refuse(title: str, next_step: str = "Save it again as a plain .xlsx workbook, and try that.") -> Refused:
    """The refusal of a file as a whole."""
    return Refused(safe_text(title), safe_text(next_step))


def kind_of(content: bytes) -> Kind:
    """The real type of a file, whatever it is called. Raises: Refused, for what is no workbook."""
    if content.startswith(b"PK\x03\x04"):
        return "xlsx"
    if content.startswith(_OLE):
        return "xls"
    if content.startswith((b"PK", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")):
        raise refuse("This is a packed archive and not a workbook.")
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"%pdf"):
        raise refuse("This is a PDF and not a workbook.")
    if head.startswith(b"<"):
        raise refuse("This is a web page or an XML file and not a workbook.")
    if not head or b"\x00" in content[:4096]:
        raise refuse("This is not a workbook." if head else "The file is empty.")
    return "csv"


def checked_package(content: bytes) -> io.BytesIO:
    """The parts of an .xlsx that hold its sheets, measured and packed anew. Raises: Refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = _entries(package)
            parts = {entry.filename: _unpack(package, entry) for entry in entries}
    except _UNREADABLE as problem:
        raise refuse("The workbook is damaged: it cannot be unpacked.") from problem
    gate = _Gate()
    gate.check(parts)
    if letters_of_shared(parts, (MAX_ELEMENTS - gate.left) // 2, MAX_LETTERS) > MAX_LETTERS:
        raise too_many_letters()
    fresh = io.BytesIO()
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED) as package:
        for name in list(parts):
            package.writestr(zipfile.ZipInfo(name), parts.pop(name))
    fresh.seek(0)
    return fresh


def _entries(package: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The parts to read, by what the package says of them. Raises: Refused."""
    every = package.infolist()
    if len(every) > MAX_ENTRIES:
        raise refuse(f"The workbook has {len(every)} parts, at most {MAX_ENTRIES} are read.")
    names = [entry.filename.replace("\\", "/").lower() for entry in every]
    if "xl/workbook.xml" not in names:
        raise _not_xlsx(names)
    if len(set(names)) != len(names):
        raise refuse("The workbook is damaged: two of its parts have the same name.")
    entries = [entry for entry, name in zip(every, names, strict=True) if _PARTS.fullmatch(name)]
    total = 0
    for entry in entries:
        total += entry.file_size
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > MAX_PART_BYTES or (entry.file_size > 2**20 and ratio > MAX_RATIO):
            raise refuse(
                f"The workbook unpacks to far more than a form needs ({entry.file_size // 2**20} MiB in one part).",
                "Delete empty rows and columns at the end of each sheet, save it again, and try that.",
            )
        if entry.flag_bits & 1:
            raise refuse("The workbook is locked with a password.", "Save a copy without a password, and try that.")
    if total > MAX_TOTAL_BYTES:
        raise refuse(f"The workbook unpacks to {total // 2**20} MiB, at most {MAX_TOTAL_BYTES // 2**20} MiB are read.")
    return entries


def _not_xlsx(names: list[str]) -> Refused:
    if "xl/workbook.bin" in names:
        return refuse("This is a binary workbook (.xlsb).")
    if "content.xml" in names:
        return refuse("This is an OpenDocument file.")
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        return refuse("This is a document or a presentation and not a workbook.")
    return refuse("This is a packed archive and not a workbook.")


def _unpack(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with package.open(entry) as stream:
        content = stream.read(MAX_PART_BYTES + 1)
    if len(content) > MAX_PART_BYTES:
        raise refuse("The workbook unpacks to far more than a form needs.")
    return content


class _Gate:
    """Reads every part once with a strict parser, counting; nothing is built."""

    def __init__(self) -> None:
        self.elements = 0
        self.sheets = 0
        self.left = MAX_ELEMENTS
        """Elements that all sheets together may still have."""
        self.cells = 0
        """Rows times columns of the sheets so far."""

    def check(self, parts: dict[str, bytes]) -> None:
        """Raises: Refused."""
        for name, part in parts.items():
            parser = expat.ParserCreate()
            parser.StartDoctypeDeclHandler = _no_doctype
            in_sheet = name.lower().startswith("xl/worksheets/")
            parser.StartElementHandler, left = self._cells() if in_sheet else (self._element, None)
            try:
                parser.Parse(part, True)
            except expat.ExpatError as problem:
                raise refuse(f"The workbook is damaged: its part {name[:60]} is no XML.") from problem
            if left is not None:
                self.left, cells = left()
                self.cells += cells
                if self.cells > MAX_ALL_CELLS:
                    raise too_many_cells()

    def _element(self, name: str, _attributes: dict[str, str]) -> None:
        self.elements += 1
        if name == "sheet":
            self.sheets += 1
            if self.sheets > MAX_SHEETS:
                raise refuse(f"The workbook has more than {MAX_SHEETS} sheets.")
        if self.elements > MAX_ELEMENTS:
            raise refuse("The workbook holds far more than a form needs.")

    def _cells(self) -> tuple[Callable[[str, dict[str, str]], None], Callable[[], tuple[int, int]]]:
        """A handler that follows how far the filled cells of one sheet reach.

        Beside it what tells, after the sheet, how many elements are left for others, and its rows times columns.

        Formatted empty cells take no room in the library, and real forms have a million of them. This is called for
        every element of a workbook, so it keeps its state in plain names.
        """
        row = column = bottom = right = 0
        place: str | None = None
        columns: dict[str, int] = {}
        budget = self.left

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal row, column, bottom, right, place, budget
            budget -= 1
            if budget < 0:
                raise refuse(
                    "A sheet of the workbook holds far more than a form needs.",
                    "Delete empty rows and columns at its end, save it again, and try that.",
                )
            if ":" in name:
                name = name.rpartition(":")[2]
            if name == "c":
                column += 1
                place = attributes.get("r")
            elif name == "v" or name == "is":
                if place is not None:
                    letters = place.rstrip("0123456789")
                    number = columns.get(letters) or _column(letters, columns)
                    digits = place[len(letters) :]
                    if not digits or len(digits) > 10:
                        raise _no_place()
                    column, row, place = number, int(digits), None
                if row > bottom or column > right:
                    bottom, right = max(bottom, row), max(right, column)
                    if bottom > MAX_ROWS or right > MAX_COLUMNS or bottom * right > MAX_CELLS:
                        raise too_far(bottom, right)
            elif name == "row":
                given = attributes.get("r")
                row = int(given) if given is not None and given.isdecimal() and len(given) < 12 else row + 1
                column, place = 0, None

        return start, lambda: (budget, bottom * right)


def _column(letters: str, columns: dict[str, int]) -> int:
    """The number of a column, from 1. Raises: Refused."""
    if not _LETTERS.match(letters):
        raise _no_place()
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    columns[letters] = column
    return column


def _no_place() -> Refused:
    return refuse("The workbook is damaged: a cell has no place.")


def too_far(bottom: int, right: int) -> Refused:
    """The refusal of a sheet that is larger than any form."""
    return refuse(
        f"A sheet of the workbook reaches to row {bottom} and column {right}: at most {MAX_ROWS} rows, {MAX_COLUMNS} "
        f"columns and {MAX_CELLS} cells are read.",
        "Delete what is not part of the form, save it again, and try that.",
    )


def too_many_cells() -> Refused:
    """The refusal of sheets that are too large together."""
    return refuse(
        f"The sheets of the workbook reach over more than {MAX_ALL_CELLS} cells together.",
        "Delete the sheets that are not part of the form, save it again, and try that.",
    )


def too_many_letters() -> Refused:
    """The refusal of cells that hold too much text together."""
    return refuse(f"The cells of the workbook hold more than {MAX_LETTERS} letters, far more than a form needs.")


def _no_doctype(*_: object) -> None:
    raise refuse("The workbook declares XML entities, which no spreadsheet program writes.")
