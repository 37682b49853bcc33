"""Texts in the records of an old workbook: one or two bytes a letter, cut anywhere (MS-XLS 2.4.265, 2.5.293)."""

from __future__ import annotations

import struct
from typing import Final

from firstcontact.xlsform.packaging import refuse

MAX_TEXTS: Final = 1_000_000


def short_text(record: bytes, place: int, *, old: bool) -> str:
    """A text whose length is one byte."""
    return _text(record, place + 1, record[place], old=old)


def long_text(record: bytes, place: int, *, old: bool) -> str:
    """A text whose length is two bytes."""
    return _text(record, place + 2, struct.unpack_from("<H", record, place)[0], old=old)


def _text(record: bytes, place: int, length: int, *, old: bool) -> str:
    if old:
        return record[place : place + length].decode("cp1252", errors="replace")
    if record[place] & 1:
        return record[place + 1 : place + 1 + 2 * length].decode("utf-16-le", errors="replace")
    return record[place + 1 : place + 1 + length].decode("latin-1")


class Texts:
    """The table of shared texts, which goes on through as many records as it needs."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.count = 0
        self.part = 0
        self.place = 0

    def begin(self, record: bytes) -> None:
        """Its first record."""
        self.count = struct.unpack_from("<I", record, 4)[0]
        if self.count > MAX_TEXTS:
            raise refuse("The workbook holds far more than a form needs.")
        self.parts = [record]
        self.place = 8

    def more(self, record: bytes) -> None:
        """A further one."""
        self.parts.append(record)

    def read(self) -> list[str]:
        """All texts, as far as there are any. Raises: struct.error, IndexError, where they end too soon."""
        self.part = 0
        found = []
        for _ in range(self.count):
            if self._at_end():
                break
            found.append(self._one())
        return found

    def _at_end(self) -> bool:
        while self.part < len(self.parts) and self.place >= len(self.parts[self.part]):
            self.part, self.place = self.part + 1, 0
        return self.part >= len(self.parts)

    def _one(self) -> str:
        length, flags = struct.unpack("<HB", self._bytes(3))
        runs = struct.unpack("<H", self._bytes(2))[0] if flags & 8 else 0
        extra = struct.unpack("<I", self._bytes(4))[0] if flags & 4 else 0
        letters: list[str] = []
        wide = flags & 1
        while length > 0:
            if self._at_end():
                raise IndexError("a text ends too soon")
            if self.place == 0 and self.part:
                wide = self.parts[self.part][0] & 1  # each further record says anew how wide its letters are
                self.place = 1
            step = 2 if wide else 1
            taken = min(length, (len(self.parts[self.part]) - self.place) // step)
            if taken == 0:
                self.place = len(self.parts[self.part])
                continue
            raw = self.parts[self.part][self.place : self.place + taken * step]
            letters.append(raw.decode("utf-16-le" if wide else "latin-1", errors="replace"))
            self.place += taken * step
            length -= taken
        self._skip(4 * runs + extra)
        return "".join(letters)

    def _bytes(self, count: int) -> bytes:
        made = b""
        while len(made) < count:
            if self._at_end():
                raise IndexError("a text ends too soon")
            part = self.parts[self.part][self.place : self.place + count - len(made)]
            self.place += len(part)
            made += part
        return made

    def _skip(self, count: int) -> None:
        while count > 0 and not self._at_end():
            step = min(count, len(self.parts[self.part]) - self.place)
            self.place += step
            count -= step
