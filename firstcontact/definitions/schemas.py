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

from firstcontact.definitions.models import ChecklistModel, TranslationModel, schema_of

FOLDER = Path("checklists") / "schema"


def schemas() -> Mapping[str, dict[str, Any]]:
    """File name -> schema, of every kind of definition file."""
    found = {
        "checklist": schema_of(ChecklistModel, "A checklist"),
        "translation": schema_of(TranslationModel, "A checklist's words in another language"),
    }
    found.update(_elsewhere())
    return {f"{name}.schema.json": schema for name, schema in found.items()}


def _elsewhere() -> dict[str, dict[str, Any]]:
    """Schemas of the scheme's files and of sample visits, from the modules that own those models."""
    from importlib import import_module

    found: dict[str, dict[str, Any]] = {}
    for module in ("scheme_models", "visits"):
        try:
            models = import_module(f"firstcontact.definitions.{module}")
        except ModuleNotFoundError:
            continue
        for name, (model, title) in getattr(models, "SCHEMAS", {}).items():
            found[name] = schema_of(model, title)
    return found


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
