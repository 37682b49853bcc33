"""Old workbooks (.xls) as rows of cells: a small file system (MS-CFB) with one stream of records in it (MS-XLS, BIFF8).

Read here and not by the spreadsheet library, which trusts what such a file claims. Only what a form needs is read: the
names of sheets, texts, numbers, truths, dates, the results of formulas, merged cells.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from firstcontact.xlsform.packaging import (
    MAX_ALL_CELLS,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_SHEETS,
    Refused,
    refuse,
    too_far,
    too_many_cells,
)
from firstcontact.xlsform.strings import Texts, long_text, short_text

_FREE: Final = 0xFFFFFFFA
"""Sector numbers from here on mean something else."""
_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Formats of dates and times that every workbook has."""
_NO_DATE: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.|General', re.IGNORECASE)
MAX_RECORDS: Final = 700_000

Merged = list[tuple[int, int, int, int]]


def read_xls(content: bytes) -> list[tuple[str, list[list[Any]], Merged]]:
    """Name, rows from the first on and merged cells of each sheet. Raises: Refused, if this cannot be a form."""
    try:
        return list(_Book(_workbook_stream(content)).sheets())
    except (struct.error, IndexError, OverflowError) as problem:
        raise _damaged() from problem


def _damaged() -> Refused:
    return refuse("The workbook is damaged.")


def _workbook_stream(content: bytes) -> bytes:
    """The stream of records. Raises: Refused, struct.error."""
    sector_bits, small_bits = struct.unpack_from("<HH", content, 30)
    if sector_bits not in (9, 12) or small_bits != 6:
        raise _damaged()
    size = 1 << sector_bits
    (directory,) = struct.unpack_from("<I", content, 48)
    cutoff, small_fat = struct.unpack_from("<II", content, 56)
    fat = _fat(content, size)
    entries = list(_entries(_read(content, _chain(directory, fat), size)))
    names = {name.lower() for name, *_ in entries}
    if "encryptedpackage" in names:
        raise refuse("The workbook is locked with a password.", "Save a copy without a password, and try that.")
    found = next((each for each in entries if each[0].lower() == "workbook"), None)
    found = found or next((each for each in entries if each[0].lower() == "book"), None)
    if found is None:
        raise refuse("This is an old Office file and not a workbook.")
    _, kind, start, length = found
    if kind != 2:
        raise _damaged()
    if length >= cutoff:
        return _read(content, _chain(start, fat), size)[:length]
    root = next((each for each in entries if each[1] == 5), None)
    if root is None:
        raise _damaged()
    small = _read(content, _chain(root[2], fat), size)
    table = _read(content, _chain(small_fat, fat), size)
    chain = _chain(start, struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4]))
    return b"".join(small[sector * 64 : sector * 64 + 64] for sector in chain)[:length]


def _fat(content: bytes, size: int) -> tuple[int, ...]:
    """Which sector follows each."""
    sectors = list(struct.unpack_from("<109I", content, 76))
    following, seen = struct.unpack_from("<I", content, 68)[0], 0
    while following < _FREE:
        seen += 1
        if seen > len(content) // size + 1:
            raise _damaged()
        numbers = struct.unpack_from(f"<{size // 4}I", content, (following + 1) * size)
        sectors.extend(numbers[:-1])
        following = numbers[-1]
    used = [sector for sector in sectors if sector < _FREE]
    if len(used) > len(content) // size + 1:
        raise _damaged()
    table = _read(content, used, size)
    return struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])


def _chain(start: int, fat: tuple[int, ...]) -> list[int]:
    """The sectors of one stream, in order."""
    sectors: list[int] = []
    while start < _FREE:
        if start >= len(fat) or len(sectors) > len(fat):
            raise _damaged()
        sectors.append(start)
        start = fat[start]
    return sectors


def _read(content: bytes, sectors: list[int], size: int) -> bytes:
    return b"".join(content[(sector + 1) * size : (sector + 2) * size] for sector in sectors)


def _entries(directory: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Name, kind (2: a stream, 5: the root), first sector and length of each entry."""
    for place in range(0, len(directory) - 127, 128):
        (name_bytes,) = struct.unpack_from("<H", directory, place + 64)
        if 2 <= name_bytes <= 64:
            name = directory[place : place + name_bytes - 2].decode("utf-16-le", errors="replace")
            start, length = struct.unpack_from("<II", directory, place + 116)
            yield name, directory[place + 66], start, length


class _Book:
    """The records of one workbook."""

    def __init__(self, stream: bytes) -> None:
        self.stream = stream
        self.places: list[tuple[str, int]] = []
        """Names of sheets, and where their records begin."""
        self.texts = Texts()
        self.formats: dict[int, bool] = {}
        """Formats of their own that show a date."""
        self.cell_formats: list[int] = []
        self.start = date(1899, 12, 30)
        self.old = False
        self.left = MAX_RECORDS
        self._globals()

    def records(self, place: int) -> Iterator[tuple[int, bytes]]:
        """Kind and content of each record, to the end of the part that begins here."""
        end = len(self.stream) - 4
        depth = 0
        while place <= end:
            self.left -= 1
            if self.left < 0:
                raise refuse("The workbook holds far more than a form needs.")
            kind, length = struct.unpack_from("<HH", self.stream, place)
            if kind in (0x0809, 0x0409, 0x0209):
                depth += 1
            elif kind == 0x000A:
                depth -= 1
                if depth <= 0:
                    return
            if depth <= 1:  # charts inside a sheet have records of their own
                yield kind, self.stream[place + 4 : place + 4 + length]
            place += 4 + length

    def _globals(self) -> None:
        in_texts = False
        for kind, record in self.records(0):
            if kind == 0x003C and in_texts:
                self.texts.more(record)
                continue
            in_texts = kind == 0x00FC
            if kind == 0x0809:
                self.old = struct.unpack_from("<H", record)[0] < 0x0600
            elif kind == 0x002F:
                raise refuse("The workbook is locked with a password.", "Save a copy without a password, and try that.")
            elif kind == 0x0022 and record[:2] == b"\x01\x00":
                self.start = date(1904, 1, 1)
            elif kind == 0x0085 and record[5] == 0:
                self.places.append((short_text(record, 6, old=self.old), struct.unpack_from("<I", record)[0]))
                if len(self.places) > MAX_SHEETS:
                    raise refuse(f"The workbook has more than {MAX_SHEETS} sheets.")
            elif in_texts:
                self.texts.begin(record)
            elif kind == 0x041E:
                number = struct.unpack_from("<H", record)[0]
                shown = _NO_DATE.sub("", long_text(record, 2, old=self.old)).lower()
                self.formats[number] = any(letter in shown for letter in "ymdhs")
            elif kind == 0x00E0:
                self.cell_formats.append(struct.unpack_from("<H", record, 2)[0])

    def sheets(self) -> Iterator[tuple[str, list[list[Any]], Merged]]:
        """Each sheet, read."""
        texts = self.texts.read()
        cells = 0
        for name, place in self.places:
            rows, merged = self._sheet(place, texts)
            cells += len(rows) * len(rows[0]) if rows else 0
            if cells > MAX_ALL_CELLS:
                raise too_many_cells()
            yield name, rows, merged

    def _sheet(self, place: int, texts: list[str]) -> tuple[list[list[Any]], Merged]:
        cells: dict[int, dict[int, Any]] = {}
        merged: Merged = []
        right = bottom = 0
        waiting: tuple[int, int] | None = None
        for kind, record in self.records(place):
            if kind == 0x00E5:
                (count,) = struct.unpack_from("<H", record)
                for top, low, left, last in struct.iter_unpack("<4H", record[2 : 2 + 8 * min(count, 1026)]):
                    merged.append((top + 1, low + 1, left, last))
                continue
            if kind == 0x0207 and waiting is not None:
                found = [(*waiting, long_text(record, 0, old=self.old))]
                waiting = None
            else:
                found = list(self._cells(kind, record, texts))
                if kind in (0x0006, 0x0206, 0x0406) and record[12:14] == b"\xff\xff" and record[6] == 0:
                    row, column = struct.unpack_from("<HH", record)
                    waiting = (row, column)
            for row, column, value in found:
                bottom, right = max(bottom, row + 1), max(right, column + 1)
                if bottom > MAX_ROWS or right > MAX_COLUMNS or bottom * right > MAX_CELLS:
                    raise too_far(bottom, right)
                cells.setdefault(row, {})[column] = value
        rows = [
            [""] * right if row not in cells else [cells[row].get(n, "") for n in range(right)] for row in range(bottom)
        ]
        return rows, merged

    def _cells(self, kind: int, record: bytes, texts: list[str]) -> Iterator[tuple[int, int, Any]]:
        """Row, column and value of the cells in one record; blank ones are not there."""
        if kind == 0x00FD:
            row, column, _, number = struct.unpack_from("<HHHI", record)
            if number < len(texts):
                yield row, column, texts[number]
        elif kind in (0x0204, 0x00D6):
            row, column = struct.unpack_from("<HH", record)
            yield row, column, long_text(record, 6, old=self.old)
        elif kind == 0x0203:
            row, column, look, number = struct.unpack_from("<HHHd", record)
            yield row, column, self._shown(number, look)
        elif kind == 0x027E:
            row, column, look, packed = struct.unpack_from("<HHHI", record)
            yield row, column, self._shown(_unpacked(packed), look)
        elif kind == 0x00BD:
            row, column = struct.unpack_from("<HH", record)
            for offset in range(4, len(record) - 7, 6):
                look, packed = struct.unpack_from("<HI", record, offset)
                yield row, column + (offset - 4) // 6, self._shown(_unpacked(packed), look)
        elif kind == 0x0205 and record[7] == 0:
            row, column = struct.unpack_from("<HH", record)
            yield row, column, record[6] != 0
        elif kind in (0x0006, 0x0206, 0x0406):
            row, column, look = struct.unpack_from("<HHH", record)
            if record[12:14] != b"\xff\xff":
                yield row, column, self._shown(struct.unpack_from("<d", record, 6)[0], look)
            elif record[6] == 1:
                yield row, column, record[8] != 0

    def _shown(self, number: float, look: int) -> Any:
        """A number, or the date or time that its format makes of it."""
        format_id = self.cell_formats[look] if look < len(self.cell_formats) else 0
        if not self.formats.get(format_id, format_id in _DATES) or not 0 <= number < 2_958_466:
            return number
        days = int(number)
        seconds = round((number - days) * 86_400)
        if days == 0 and seconds < 86_400:
            return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
        moment = datetime.combine(self.start, time()) + timedelta(days=days, seconds=seconds)
        return moment if moment.time() != time() else moment.date()


def _unpacked(packed: int) -> float:
    """A number in four bytes: an integer or the upper half of a double, perhaps in hundredths."""
    if packed & 2:
        number = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        number = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0]
    return number / 100 if packed & 1 else number
