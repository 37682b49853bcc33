"""Targets count in working days of the scheme's calendar."""

from datetime import date

from sync.base.working_days import WorkingDays

EASTER_2026 = WorkingDays(frozenset({date(2026, 4, 3), date(2026, 4, 6)}))


def test_day_one_is_the_first_working_day_after() -> None:
    """Finished on a Friday, one working day is Monday."""
    assert WorkingDays().after(date(2026, 1, 16), 1) == date(2026, 1, 19)
    assert WorkingDays().after(date(2026, 1, 17), 1) == date(2026, 1, 19)


def test_ten_working_days_over_easter() -> None:
    """Finished on Wednesday 1 April 2026, ten working days end on Friday 17 April."""
    assert EASTER_2026.after(date(2026, 4, 1), 10) == date(2026, 4, 17)


def test_lateness_counts_working_days_only() -> None:
    """Due on the Thursday before Easter and looked at on Tuesday after: one working day late."""
    assert EASTER_2026.late_by(date(2026, 4, 2), date(2026, 4, 7)) == 1
    assert EASTER_2026.late_by(date(2026, 4, 2), date(2026, 4, 2)) == 0
    assert EASTER_2026.late_by(date(2026, 4, 7), date(2026, 4, 2)) == 0
