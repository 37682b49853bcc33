"""Working days: the arithmetic of targets, on a calendar handed in as a value.

Which days are closed comes from the scheme's pack; nothing here knows a country.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_ONE_DAY: Final = timedelta(days=1)
_MONDAY_TO_FRIDAY: Final = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The days on which the scheme's partners are expected to work."""

    closed: frozenset[date] = frozenset()
    """Public holidays and other days on which nobody works, whatever the weekday."""
    weekdays: frozenset[int] = _MONDAY_TO_FRIDAY
    """Days of the week that are worked, Monday is 0."""

    def __post_init__(self) -> None:
        if not self.weekdays:
            raise ValueError("a week needs at least one working day")

    def is_working(self, day: date) -> bool:
        """Whether partners work on this day."""
        return day.weekday() in self.weekdays and day not in self.closed

    def after(self, day: date, count: int) -> date:
        """The count-th working day after a day; day 1 is the first working day after it, 0 the day itself."""
        while count > 0:
            day += _ONE_DAY
            if self.is_working(day):
                count -= 1
        return day

    def late_by(self, due_on: date, today: date) -> int:
        """Working days from the due day to today; 0 when it is not late."""
        late = 0
        day = due_on
        while day < today:
            day += _ONE_DAY
            late += self.is_working(day)
        return late
