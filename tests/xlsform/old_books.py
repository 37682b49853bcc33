"""Old workbooks (.xls) built record by record: two sheets, each kind of cell, a text that two records share."""

from __future__ import annotations

import struct
from collections.abc import Sequence

SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def record(kind: int, content: bytes = b"") -> bytes:
    """One record."""
    return struct.pack("<HH", kind, len(content)) + content


def bof(part: int) -> bytes:
    """Where the workbook (5) or a sheet (16) begins."""
    return record(0x0809, struct.pack("<HHHHII", 0x0600, part, 0, 0, 0, 0))


def text(words: str) -> bytes:
    """A text with one byte a letter, or two where it needs them."""
    narrow = all(ord(letter) < 256 for letter in words)
    return struct.pack("<HB", len(words), not narrow) + words.encode("latin-1" if narrow else "utf-16-le")


def label(row: int, column: int, number: int) -> bytes:
    """A cell that holds a shared text."""
    return record(0x00FD, struct.pack("<HHHI", row, column, 0, number))


def number(row: int, column: int, value: float, look: int = 0) -> bytes:
    """A cell that holds a number, or with the second look a date."""
    return record(0x0203, struct.pack("<HHHd", row, column, look, value))


def whole(row: int, column: int, value: int) -> bytes:
    """The same, packed as spreadsheets pack small numbers."""
    return record(0x027E, struct.pack("<HHHI", row, column, 0, (value << 2) & 0xFFFFFFFF | 2))


def truth(row: int, column: int, value: bool) -> bytes:
    """A cell that holds TRUE or FALSE."""
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, value, 0))


def formula(row: int, column: int, words: str) -> bytes:
    """A formula whose result is a text."""
    result = b"\x00" + bytes(5) + b"\xff\xff"
    return record(0x0006, struct.pack("<HHH", row, column, 0) + result + bytes(8)) + record(0x0207, text(words))


def merged(*places: tuple[int, int, int, int]) -> bytes:
    """Merged cells: first row, last row, first column, last column, all from 0."""
    return record(0x00E5, struct.pack("<H", len(places)) + b"".join(struct.pack("<4H", *each) for each in places))


def workbook(texts: Sequence[str], sheets: dict[str, bytes], *, cut: int | None = None, extra: bytes = b"") -> bytes:
    """The whole file. `cut`: the shared texts go on in a second record after so many bytes of letters."""
    shared = b"".join(text(each) for each in texts)
    head = struct.pack("<II", len(texts), len(texts))
    if cut is None:
        table = record(0x00FC, head + shared)
    else:
        table = record(0x00FC, head + shared[:cut]) + record(0x003C, b"\x00" + shared[cut:])
    looks = record(0x00E0, struct.pack("<HH", 0, 0) + bytes(16)) + record(0x00E0, struct.pack("<HH", 0, 14) + bytes(16))
    names = {name: record(0x0085, bytes(4) + b"\x00\x00" + bytes([len(name), 0]) + name.encode()) for name in sheets}
    start = len(bof(5)) + len(looks) + sum(map(len, names.values())) + len(table) + len(extra) + len(record(0x000A))
    stream, placed = b"", b""
    for name, cells in sheets.items():
        found = names[name]
        placed += found[:4] + struct.pack("<I", start + len(stream)) + found[8:]
        stream += bof(16) + cells + record(0x000A)
    return container(bof(5) + looks + placed + table + extra + record(0x000A) + stream)


def container(stream: bytes, name: str = "Workbook") -> bytes:
    """The file system around the stream of records."""
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\x00")
    sectors = len(stream) // SECTOR
    fat = [_FAT, _END, *range(3, sectors + 2), _END]
    fat += [_FREE] * (SECTOR // 4 - len(fat))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<I", 0)
    head = head.ljust(SECTOR, b"\xff")
    entries = _entry("Root Entry", 5, _END, 0) + _entry(name, 2, 2, len(stream))
    return head + struct.pack(f"<{len(fat)}I", *fat) + entries.ljust(SECTOR, b"\x00") + stream


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le")
    made = (
        written.ljust(64, b"\x00") + struct.pack("<HBB", len(written) + 2, kind, 1) + struct.pack("<III", *[_FREE] * 3)
    )
    return made + bytes(36) + struct.pack("<IQ", start, size)
