"""Our own forms behave here as in the reference engine, whose states were written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.differential.comparing import compare
from tests.differential.expected import expected
from tests.differential.folders import imported
from tests.differential.own_forms import OWN_FORMS, OwnForm, write_workbook


@pytest.mark.parametrize("form", OWN_FORMS, ids=lambda form: form.name)
def test_every_step_of_our_own_forms_is_as_in_the_reference_engine(form: OwnForm, tmp_path: Path) -> None:
    """Relevance, required, constraints, values and choices are the same after every step of every sequence."""
    checklist = imported(write_workbook(form, tmp_path), tmp_path)
    compared = compare(checklist, expected(form.name))
    assert compared.steps > 100
    assert [(each.node, each.aspect, each.theirs, each.ours) for each in compared.differences] == []
