"""The sizes of window that pages are laid out for, in columns and rows."""

from __future__ import annotations

from typing import Final

SMALLEST: Final = (40, 12)
"""Unlock, question, agreement and stop work here."""
ONE_COLUMN: Final = (60, 16)
"""Everything works here, in one column."""
ROOMY_ROWS: Final = 16
"""From this height on, a page has its two rules."""
WITH_SIDES: Final = 110
"""From this width on, side columns are shown."""
