"""What the reference engine made of our own forms, written down once so that a test needs no Node."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.differential.own_forms import OWN_FORMS, write_workbook
from tests.differential.reference import Played, Reference, play

FOLDER: Final = Path(__file__).with_name("expected")
SEQUENCES: Final = 12
LENGTH: Final = 14


def expected(name: str) -> Reference:
    """What was written down of a form."""
    told = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Reference(played=tuple(Played(**each) for each in told["played"]))


def freeze(modules: Path) -> None:
    """Ask the engine again and write down what it says; its version stands beside it."""
    from pyxform.xls2xform import convert  # only whoever freezes needs it

    package = json.loads((modules / "node_modules/@getodk/xforms-engine/package.json").read_text(encoding="utf-8"))
    FOLDER.mkdir(exist_ok=True)
    for form in OWN_FORMS:
        with TemporaryDirectory() as place:
            xform = convert(write_workbook(form, Path(place))).xform
            reference = play(modules, xform, folder=Path(place), count=SEQUENCES, length=LENGTH, least=1)
        if reference.refused is not None:
            raise ValueError(f"{form.name}: {reference.refused}")
        lines = [json.dumps({"steps": each.steps, "states": _mute(each)}) for each in reference.played]
        head = json.dumps({"engine": f"{package['name']} {package['version']}", "licence": package["license"]})[:-1]
        told = f'{head}, "played": [\n' + ",\n".join(lines) + "\n]}\n"
        (FOLDER / f"{form.name}.json").write_text(told, encoding="utf-8")


def _mute(played: Played) -> list[dict[str, object]]:
    """The states without what no two runs share: the identifiers of the submission."""
    return [{node: state for node, state in each.items() if "/meta/" not in node} for each in played.states]
