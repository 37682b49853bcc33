"""A paper form keyed in from a file becomes one visit, however often the command runs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from firstcontact.errors import UsedWrongly
from firstcontact.paper import key_in
from firstcontact.shipped import shipped
from tests.builders import World

CHECKLIST = "older-person-first-contact"


def test_the_same_file_twice_makes_one_visit(tmp_path: Path) -> None:
    """The second run says when it was keyed in, saves nothing, and names the way to do it all the same."""
    form = shipped("checklists", CHECKLIST, "visits", "S01.yaml")
    with closing(World().laptop(tmp_path)) as laptop:
        first = key_in(laptop, form, CHECKLIST)
        with pytest.raises(UsedWrongly, match="keyed in before") as refused:
            key_in(laptop, form, CHECKLIST)
        assert "--again" in refused.value.next_step
        assert [visit.visit_id for visit in laptop.store.visits()] == [first.visit_id]
        second = key_in(laptop, form, CHECKLIST, again=True)
        assert len({first.visit_id, second.visit_id, *first.references, *second.references}) == 2 + 2 * len(
            first.references
        )
