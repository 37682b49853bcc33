"""Real forms behave here as in the reference engine; runs where a folder of them and the engine are given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.differential.folders import told_of, workbooks

FORMS, ENGINE = os.environ.get("FIRSTCONTACT_FORMS"), os.environ.get("FIRSTCONTACT_XFORMS_ENGINE")
WHY = "no real forms or no reference engine: set FIRSTCONTACT_FORMS and FIRSTCONTACT_XFORMS_ENGINE to folders"


@pytest.mark.faults
@pytest.mark.skipif(not (FORMS and ENGINE), reason=WHY)
def test_at_most_one_step_in_a_thousand_differs(tmp_path: Path) -> None:
    """Over every form that converts and loads, and of whose rows the import says that they work.

    Each class that stays is pinned in test_where_we_differ.
    """
    steps = differing = compared = 0
    root = Path(FORMS or "")
    count = int(os.environ.get("FIRSTCONTACT_SEQUENCES", "5"))
    for path in workbooks(root):
        told = told_of(path, root, Path(ENGINE or ""), tmp_path, count, 20)
        assert told.end != "not-imported", f"{told.name}: {told.why}"
        if told.compared is not None and not told.errors:
            compared += 1
            steps, differing = steps + told.compared.steps, differing + told.compared.differing
    assert compared > 0
    assert differing * 1000 <= steps
