"""The same long form for us and for the peers, and the peers' runs.

Form of size N: whole-number questions q1..qN; question i > 1 is relevant when question i-1 > 0; a subtotal for every 50
questions (an addition of 50 terms, blanks as 0) and `total`, the sum of the subtotals. `cut`: every cut-th question is
always relevant (0: one chain of N). One answer changes its own value, the relevance of its successor, one subtotal and
the total. As a FHIR Questionnaire (lforms) the total is one sum, which is less work.

The peers run in headless Chromium, their real host, when FIRSTCONTACT_BENCH_PEERS names a folder with their packages:

    npm install --legacy-peer-deps      (in a folder with a copy of bench/peers/package.json)
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from firstcontact.domain.checklist import Calculation, Checklist, Question, Section
from firstcontact.domain.condition import parse
from firstcontact.domain.dependencies import with_order

BLOCK = 50


def free(i: int, cut: int) -> bool:
    """Whether question i is always relevant."""
    return i == 1 or (cut > 0 and i % cut == 1)


def sums(size: int) -> list[tuple[str, str]]:
    """The subtotals and the total, by name."""
    found = []
    for start in range(0, size, BLOCK):
        terms = " + ".join(f"coalesce(${{q{i}}}, 0)" for i in range(start + 1, min(size, start + BLOCK) + 1))
        found.append((f"s{start // BLOCK + 1}", terms))
    return [*found, ("total", " + ".join(f"${{{name}}}" for name, _ in found))]


def checklist(size: int, cut: int) -> Checklist:
    """Ours, as a value."""
    questions = tuple(
        Question(
            id=f"q{i}",
            section_id="S",
            subject="person",
            type="whole-number",
            label={"en": f"Question number {i}: how many?"},
            relevant=None if free(i, cut) else f"${{q{i - 1}}} > 0",
            constraint=". >= 0 and . < 1000",
            constraint_message={"en": "Between 0 and 999"},
        )
        for i in range(1, size + 1)
    )
    made = Checklist(
        id=f"form-{size}",
        version="1",
        title={"en": f"Form {size}"},
        languages=("en",),
        sections=(Section("S", {"en": "Questions"}, questions),),
        calculations=tuple(Calculation(name, value) for name, value in sums(size)),
    )
    texts = {text for each in questions for text in (each.relevant, each.constraint) if text}
    conditions = {text: parse(text) for text in sorted(texts | {each.value for each in made.calculations})}
    fields = {name: getattr(made, name) for name in made.__dataclass_fields__}
    return with_order(Checklist(**{**fields, "conditions": conditions}))


def as_yaml(size: int, cut: int) -> str:
    """Ours, as a file."""
    lines = [f"checklist: form-{size}", "version: 1", f"title: Form {size}", "sections:"]
    lines += ["  - section: S", "    title: Questions", "    questions:"]
    for i in range(1, size + 1):
        lines += [
            f"      - question: q{i}",
            "        type: whole-number",
            f'        say: "Question number {i}: how many?"',
            "        constraint: . >= 0 and . < 1000",
            "        message: Between 0 and 999",
        ]
        if not free(i, cut):
            lines.append(f"        relevant: ${{q{i - 1}}} > 0")
    lines.append("calculations:")
    for name, value in sums(size):
        lines += [f"  - calculation: {name}", f"    value: {value}"]
    return "\n".join(lines) + "\n"


def as_xform(size: int, cut: int) -> str:
    """For xforms-engine and Enketo: an ODK XForm as pyxform would write it."""

    def path(text: str) -> str:
        return text.replace("${", " /data/").replace("}", " ").replace(">", "&gt;").replace("<", "&lt;")

    nodes = "".join(f"<q{i}/>" for i in range(1, size + 1)) + "".join(f"<{name}/>" for name, _ in sums(size))
    binds, body = [], []
    for i in range(1, size + 1):
        relevant = "" if free(i, cut) else f' relevant="{path(f"${{q{i - 1}}} > 0")}"'
        message = ' jr:constraintMsg="Between 0 and 999"'
        limits = ' constraint=". &gt;= 0 and . &lt; 1000"' + message
        binds.append(f'<bind nodeset="/data/q{i}" type="int"{relevant}{limits}/>')
        body.append(f'<input ref="/data/q{i}"><label>Question number {i}: how many?</label></input>')
    for name, value in sums(size):
        binds.append(f'<bind nodeset="/data/{name}" type="string" calculate="{path(value)}"/>')
    return (
        '<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" '
        'xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms">'
        f"<h:head><h:title>Form {size}</h:title><model><instance>"
        f'<data id="form_{size}" version="1">{nodes}<orx:meta><orx:instanceID/></orx:meta></data></instance>'
        f"{''.join(binds)}</model></h:head><h:body>{''.join(body)}</h:body></h:html>"
    )


def as_fhir(size: int, cut: int) -> str:
    """For lforms: a FHIR Questionnaire."""
    items: list[dict[str, Any]] = []
    for i in range(1, size + 1):
        item: dict[str, Any] = {"linkId": f"q{i}", "text": f"Question number {i}: how many?", "type": "integer"}
        if not free(i, cut):
            item["enableWhen"] = [{"question": f"q{i - 1}", "operator": ">", "answerInteger": 0}]
        items.append(item)
    calculated = {
        "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
        "valueExpression": {
            "language": "text/fhirpath",
            "expression": "%resource.item.where(linkId != 'total').answer.value.sum()",
        },
    }
    items.append({"linkId": "total", "text": "Total", "type": "integer", "readOnly": True, "extension": [calculated]})
    return json.dumps({"resourceType": "Questionnaire", "status": "active", "title": f"Form {size}", "item": items})


class Peers:
    """The three form engines, if they are installed; `why_not` says why they are not measured."""

    def __init__(self) -> None:
        self.folder = os.environ.get("FIRSTCONTACT_BENCH_PEERS", "")
        self.browser = os.environ.get("FIRSTCONTACT_BENCH_CHROMIUM") or shutil.which("chromium") or ""
        self.errors: list[str] = []
        self.why_not = ""
        if not self.folder or not (Path(self.folder) / "node_modules").is_dir():
            self.why_not = "FIRSTCONTACT_BENCH_PEERS names no folder with their packages"
        elif shutil.which("node") is None or not self.browser:
            self.why_not = "node or chromium is not installed"

    def run(
        self, engine: str, size: int, cut: int, *, loads: int, fill: bool, timeout: float = 240
    ) -> dict[str, Any] | None:
        """One page with one engine: load the form, fill it in, change answers. None if that did not work."""
        if self.why_not:
            return None
        text = as_fhir(size, cut) if engine == "lforms" else as_xform(size, cut)
        with tempfile.TemporaryDirectory() as place:
            form = Path(place) / "form"
            form.write_text(text, encoding="utf-8")
            script = Path(__file__).parent / "peers" / "form_engines.mjs"
            command = [
                "node",
                str(script),
                self.folder,
                self.browser,
                engine,
                str(form),
                str(size),
                str(loads),
                str(int(fill)),
            ]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
                found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
            except (subprocess.TimeoutExpired, ValueError, IndexError) as problem:
                self.errors.append(f"{engine} {size}: {type(problem).__name__}")
                return None
        if "error" in found:
            self.errors.append(f"{engine} {size}: {found['error'][:120]}")
            return None
        return found

    def versions(self) -> dict[str, str]:
        """The installed versions."""
        found = {}
        for name in ("@getodk/xforms-engine", "enketo-core", "lforms"):
            path = Path(self.folder) / "node_modules" / name / "package.json"
            if self.folder and path.is_file():
                found[name] = json.loads(path.read_text(encoding="utf-8"))["version"]
        return found
