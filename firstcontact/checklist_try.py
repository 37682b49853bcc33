"""`checklist try` as a plain function: what follows from a file of answers.

A broken checklist or scheme raises DefinitionError; an answers file that makes no sense was used wrongly.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from firstcontact.definitions.problems import DefinitionError
from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.visits import load_visit
from firstcontact.definitions.yaml import load_checklist
from firstcontact.domain.branching import Form
from firstcontact.errors import UsedWrongly
from firstcontact.rehearsal import as_json, play


def try_checklist(checklist_dir: Path, scheme_dir: Path, answers: Path, on: date | None = None) -> dict[str, Any]:
    """What a checklist makes of a file of answers, in the shape of `checklists/schema/try-output.schema.json`.

    `on` beats the file's own day; without either it is today. Raises: DefinitionError for a broken checklist or scheme,
    UsedWrongly for a broken answers file.
    """
    checklist, directory = load_checklist(checklist_dir), load_scheme(scheme_dir)
    today = date.today()  # noqa: DTZ011 - the visitor's own day, when neither file nor command names one
    try:
        sample = load_visit(answers, checklist, directory, on=on, otherwise=today)
    except DefinitionError as wrong:
        raise UsedWrongly(str(wrong)) from wrong
    return as_json(play(sample, Form.of(checklist), directory))
