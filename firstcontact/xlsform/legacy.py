"""Whether an old .xls may be handed to the spreadsheet library: its records are walked and measured first.

An .xls is a small file system (MS-CFB) with one stream of records (MS-XLS). Only what says how much memory a reader
will ask for is looked at: how far the cells reach, and how many texts there are said to be.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from firstcontact.xlsform.packaging import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Refused, refuse, too_far

_FREE: Final = 0xFFFFFFFA
"""Sector numbers from here on mean something else."""
_CELLS: Final = frozenset({0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x0206, 0x0406, 0x027E})
_DIMENSIONS, _TEXTS, _SHEET, _START, _LOCKED = 0x0200, 0x00FC, 0x0085, 0x0809, 0x002F
MAX_TEXTS: Final = 1_000_000


def checked_xls(content: bytes) -> bytes:
    """The same file, with no sheet claiming more cells than it has: the library sets room aside for what is claimed.

    Raises: Refused, if this cannot be a form or would ask for too much.
    """
    try:
        stream, offsets = _workbook_stream(content)
        claims = list(_check_records(stream))
    except (struct.error, IndexError) as problem:
        raise _damaged() from problem
    patched = bytearray(content)
    for claim in claims:
        for place in claim:
            sector, rest = divmod(place, offsets.size)
            patched[offsets.starts[sector] + rest] = 0
    return bytes(patched)


class _Offsets(NamedTuple):
    """Where in the file each sector of a stream begins."""

    size: int
    starts: tuple[int, ...]


def _damaged() -> Refused:
    return refuse("The workbook is damaged.")


def _workbook_stream(content: bytes) -> tuple[bytes, _Offsets]:
    """The stream of records, and where its parts stand in the file. Raises: Refused, struct.error."""
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
        offsets = _Offsets(size, tuple((sector + 1) * size for sector in _chain(start, fat)))
    else:
        root = next((each for each in entries if each[1] == 5), None)
        if root is None:
            raise _damaged()
        table = _read(content, _chain(small_fat, fat), size)
        holders = [(sector + 1) * size for sector in _chain(root[2], fat)]
        small = _chain(start, struct.unpack(f"<{len(table) // 4}I", table))
        per = size // 64
        offsets = _Offsets(64, tuple(holders[sector // per] + sector % per * 64 for sector in small))
    parts = [content[place : place + offsets.size] for place in offsets.starts]
    return b"".join(parts)[:length], offsets


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
    table = _read(content, [sector for sector in sectors if sector < _FREE], size)
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


def _check_records(stream: bytes) -> Iterator[range]:
    """Where in the stream sheets claim how far they reach. Raises: Refused, struct.error."""
    place, end, bottom, right, sheets = 0, len(stream) - 4, 0, 0, 0
    unpack = struct.Struct("<HH").unpack_from
    while place <= end:
        kind, length = unpack(stream, place)
        if kind in _CELLS:
            row, column = unpack(stream, place + 4)
            bottom, right = max(bottom, row + 1), max(right, column + 1)
            if bottom * right > MAX_CELLS or right > MAX_COLUMNS or bottom > MAX_ROWS:
                raise too_far(bottom, right)
        elif kind == _START:
            bottom = right = 0
        elif kind == _DIMENSIONS:
            yield range(place + 4, min(place + 4 + length, len(stream)))
        elif kind == _TEXTS and length >= 8:
            if struct.unpack_from("<I", stream, place + 8)[0] > MAX_TEXTS:
                raise refuse("The workbook holds far more than a form needs.")
        elif kind == _SHEET:
            sheets += 1
            if sheets > MAX_SHEETS:
                raise refuse(f"The workbook has more than {MAX_SHEETS} sheets.")
        elif kind == _LOCKED:
            raise refuse("The workbook is locked with a password.", "Save a copy without a password, and try that.")
        place += 4 + length
