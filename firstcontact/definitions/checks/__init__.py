"""What `checklist check` looks at beyond what makes a checklist unusable: one file per kind of question asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from firstcontact.definitions.checks.conditions import Conditions
from firstcontact.definitions.checks.cycles import check_cycles
from firstcontact.definitions.checks.types import check_types
from firstcontact.definitions.checks.usage import check_usage
from firstcontact.definitions.checks.wordings import check_wordings
from firstcontact.definitions.outline import Outline
from firstcontact.definitions.problems import DefinitionProblem
from firstcontact.definitions.yaml import Node


def look_closely(found: Outline, translations: Mapping[str, Node]) -> Iterator[DefinitionProblem]:
    """Everything about a checklist that can be used, and surely was not meant so; cycles, which cannot, as well."""
    yield from check_cycles(found)
    yield from Conditions(found).problems()
    yield from check_types(found)
    yield from check_usage(found, translations)
    yield from check_wordings(found, translations)
