"""The lines of Today as text."""

from __future__ import annotations

import pytest

from firstcontact.rows import TodayPage, VisitRow, VisitState
from firstcontact.tui.pages.today import today_rows
from firstcontact.tui.paint import Marks


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("when", ["10:00", "Saturday", "Wednesday", "Thu 15 January"])
def test_the_day_of_a_visit_is_never_cut_or_joined_to_the_initials(when: str, width: int) -> None:
    """A day that is cut could be read as another one."""
    visit = VisitRow(id="v", when=when, initials="D.P.", name="", district="AY12", state=VisitState.FINISHED)
    rows = today_rows(TodayPage(on="", visits=(visit,)), Marks(), width, 20, marked="", names=False, waiting=0)
    line = next(row.text for row in rows if "D.P." in row.text)
    assert f"{when} " in line
    assert len(line.rstrip()) <= width
    assert line.index("D.P.") == next(row.text for row in rows if "New visit" in row.text).index("New visit")
