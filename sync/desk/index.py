"""Every referral of one agency as a row in memory, so that a list of ten thousand costs no reading.

Rows are placed in the sections of the inbox for one day; a change places one row anew, a new day all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from sync.base.references import parse_reference
from sync.base.working_days import WorkingDays
from sync.desk.inbox import Late, Section, lateness, section_of
from sync.desk.rows import Row, find_key

PAGE: Final = 50
"""Rows on one page of a list."""
_FAR: Final = date.max


class Index:
    """The rows of one agency's inbox, by section."""

    def __init__(self, calendar: WorkingDays) -> None:
        self._calendar = calendar
        self._rows: dict[str, Row] = {}
        self._placed: dict[str, tuple[Section, Late | None]] = {}
        self._day = date.min
        self._lists: dict[Section, list[Row]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, row: Row) -> None:
        """Take a row, or its newest form."""
        known = self._placed.pop(row.reference, None)
        self._rows[row.reference] = row
        if known is not None:
            self._lists.pop(known[0], None)
        if self._day != date.min:
            section, late = self._place(row)
            self._placed[row.reference] = (section, late)
            self._lists.pop(section, None)

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
        counts = dict.fromkeys(Section, 0)
        for section, _ in self._placed.values():
            counts[section] += 1
        return counts

    def section(self, section: Section, today: date) -> list[Row]:
        """The rows of a section: urgent first, then by the day a call is due; finished newest first."""
        self._turn_to(today)
        known = self._lists.get(section)
        if known is None:
            known = [self._rows[reference] for reference, (place, _) in self._placed.items() if place is section]
            if section is Section.FINISHED:
                known.sort(key=lambda row: row.arrived, reverse=True)
            else:
                known.sort(key=lambda row: (not row.urgent, row.contact_by or _FAR, row.arrived))
            self._lists[section] = known
        return known

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
        found: list[Row] = []
        for row in self._rows.values():
            if all(piece in row.haystack for piece in pieces):
                found.append(row)
                if len(found) == most:
                    break
        return found

    def _turn_to(self, today: date) -> None:
        if today == self._day:
            return
        self._day = today
        self._lists.clear()
        self._placed = {reference: self._place(row) for reference, row in self._rows.items()}

    def _place(self, row: Row) -> tuple[Section, Late | None]:
        late = lateness(row.now, ack_by=row.ack_by, contact_by=row.contact_by, today=self._day, calendar=self._calendar)
        return section_of(row.now, late), late
