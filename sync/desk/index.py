"""Every referral of one agency as a row in memory, so that a list of ten thousand costs no reading.

Rows are placed in the sections of the inbox for one day; a change places one row anew, a new day all of them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice
from typing import Final

from sync.base.references import parse_reference
from sync.base.working_days import WorkingDays
from sync.desk.inbox import Late, Section, lateness, section_of
from sync.desk.rows import Row, find_key

PAGE: Final = 50
"""Rows on one page of a list."""
_FAR: Final = date.max.toordinal()
_Key = tuple[int, float, float, str]
"""What a section is sorted by; the reference comes last, so that no two are alike."""


def _key(section: Section, row: Row) -> _Key:
    arrived = datetime.fromisoformat(row.arrived).timestamp()
    if section is Section.FINISHED:
        return (0, -arrived, 0, row.reference)
    due = row.contact_by.toordinal() if row.contact_by else _FAR
    return (int(not row.urgent), due, arrived, row.reference)


class Index:
    """The rows of one agency's inbox, by section."""

    def __init__(self, calendar: WorkingDays) -> None:
        self._calendar = calendar
        self._rows: dict[str, Row] = {}
        self._placed: dict[str, tuple[Section, Late | None]] = {}
        self._day = date.min
        self._lists: dict[Section, list[_Key]] = {section: [] for section in Section}

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, row: Row) -> None:
        """Take a row, or its newest form: one row moves, whatever the length of the lists."""
        known = self._placed.pop(row.reference, None)
        if known is not None:
            listed, key = self._lists[known[0]], _key(known[0], self._rows[row.reference])
            del listed[bisect_left(listed, key)]
        self._rows[row.reference] = row
        if self._day != date.min:
            place = self._placed[row.reference] = self._place(row)
            insort(self._lists[place[0]], _key(place[0], row))

    def get(self, reference: str) -> Row | None:
        """One row."""
        return self._rows.get(reference)

    def rows(self) -> Iterable[Row]:
        """Every row, in the order that they came."""
        return self._rows.values()

    def late(self, row: Row, today: date) -> Late | None:
        """Which target of a row has passed."""
        self._turn_to(today)
        return self._placed[row.reference][1]

    def counts(self, today: date) -> dict[Section, int]:
        """How many rows stand in each section."""
        self._turn_to(today)
        return {section: len(listed) for section, listed in self._lists.items()}

    def section(self, section: Section, today: date, skip: int = 0, most: int | None = None) -> list[Row]:
        """The rows of a section: urgent first, then by the day a call is due; finished newest first."""
        self._turn_to(today)
        listed = self._lists[section]
        return [self._rows[key[-1]] for key in listed[skip : None if most is None else skip + most]]

    def find(self, text: str, most: int = PAGE) -> list[Row]:
        """Rows by reference, name, postcode or own number, at most so many; nothing for nothing."""
        try:
            exact = self._rows.get(parse_reference(text))
        except ValueError:
            exact = None
        if exact is not None:
            return [exact]
        pieces = find_key(text)
        if not pieces or sum(map(len, pieces)) < 2:
            return []
        first, *others = sorted(pieces, key=len, reverse=True)
        near = (row for row in self._rows.values() if first in row.haystack)
        return list(islice((row for row in near if all(piece in row.haystack for piece in others)), most))

    def _turn_to(self, today: date) -> None:
        if today == self._day:
            return
        self._day = today
        self._placed = {reference: self._place(row) for reference, row in self._rows.items()}
        self._lists = {section: [] for section in Section}
        for reference, (section, _) in self._placed.items():
            self._lists[section].append(_key(section, self._rows[reference]))
        for listed in self._lists.values():
            listed.sort()

    def _place(self, row: Row) -> tuple[Section, Late | None]:
        late = lateness(row.now, ack_by=row.ack_by, contact_by=row.contact_by, today=self._day, calendar=self._calendar)
        return section_of(row.now, late), late
