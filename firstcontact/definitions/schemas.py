"""The JSON Schemas that editors complete and check definition files with, made from the models.

python -m firstcontact.definitions.schemas        writes checklists/schema/*.schema.json
python -m firstcontact.definitions.schemas --check     exits 1 if one of them is out of date
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firstcontact.definitions import scheme_models, visit_models
from firstcontact.definitions.compiled_schema import compiled_schema
from firstcontact.definitions.models import ChecklistModel
from firstcontact.definitions.scalars import DefinitionModel, schema_of
from firstcontact.definitions.translation_models import TranslationModel

FOLDER = Path("checklists") / "schema"


def schemas() -> Mapping[str, dict[str, Any]]:
    """File name -> schema, of every kind of definition file and of the compiled form."""
    ours: dict[str, tuple[type[DefinitionModel], str]] = {
        "checklist": (ChecklistModel, "A checklist"),
        "translation": (TranslationModel, "A checklist's words in another language"),
    }
    every = {**ours, **scheme_models.SCHEMAS, **visit_models.SCHEMAS}
    found = {f"{name}.schema.json": schema_of(model, title) for name, (model, title) in every.items()}
    return {**found, "compiled.schema.json": compiled_schema()}


def text_of(schema: Mapping[str, Any]) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: list[str]) -> int:
    """Write the schemas, or check that they are up to date. Returns: the exit status."""
    stale = []
    for name, schema in schemas().items():
        path = FOLDER / name
        if path.is_file() and path.read_text(encoding="utf-8") == text_of(schema):
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text_of(schema), encoding="utf-8", newline="\n")
    if stale:
        sys.stderr.write(f"{'out of date' if '--check' in arguments else 'written'}: {', '.join(stale)}\n")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
