"""What `checklist check` calls never is never found true, and what it calls always never false, by any answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstcontact.definitions.checks.conditions import Conditions
from firstcontact.definitions.outline import outline
from firstcontact.definitions.yaml import load_checklist, parse_yaml
from firstcontact.domain.branching import Form, Sheet
from tests.definitions.claims import answered, contradictions
from tests.domain.forms import ON

KINDS = ("yes-no", "one-of", "any-of", "whole-number", "decimal", "date", "text", "range", "time", "rank", "note")
WORDS = ("red", "blue", "12", "")
CLAIMED = ("never-asked", "always", "part-never", "part-always", "offer-never")


@st.composite
def atom(draw: st.DrawFn, names: Sequence[tuple[str, str]]) -> str:
    """A comparison or call over earlier questions: most fit their types, some do not."""
    if not names or draw(st.integers(0, 24)) == 0:
        return draw(st.sampled_from(["true()", "false()", "today() > date('2026-01-01')", "${age} >= 65", "1 = 2"]))
    name, kind = draw(st.sampled_from(names))
    ref = f"${{{name}}}"
    number = draw(st.integers(-1, 31))
    compare = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
    same = draw(st.sampled_from(["=", "!="]))
    word = draw(st.sampled_from(WORDS))
    choice = draw(st.sampled_from(["a", "b", "c", "none"]))
    other = f"${{{draw(st.sampled_from(names))[0]}}}"
    by_kind = {
        "yes-no": [f"{ref} {same} '{draw(st.sampled_from(['yes', 'no', 'dont-know']))}'"],
        "one-of": [f"{ref} {same} '{choice}'", f"selected({ref}, '{choice}')", f"selected('a b', {ref})"],
        "any-of": [
            f"selected({ref}, '{choice}')",
            f"count-selected({ref}) {compare} {draw(st.integers(0, 3))}",
            f"{ref} {same} '{choice}'",
        ],
        "date": [
            f"{ref} {compare} '2026-02-{draw(st.integers(8, 12)):02}'",
            f"{ref} {compare} today()",
            f"difference-in-months({ref}, today()) > 12",
        ],
        "text": [f"{ref} {same} '{word}'", f"string-length({ref}) > {number}", f"regex({ref}, '[0-9]+')"],
        "calculation": [f"{ref} {same} '{choice}'", f"{ref} {compare} {number}"],
    }
    usual = by_kind.get(kind, [f"{ref} {compare} {number}"])
    odd = [
        f"{ref} {compare} {number}",
        f"{ref} {same} ''",
        f"coalesce({ref}, {number}) {compare} {draw(st.integers(0, 31))}",
        f"{ref} {compare} {other}",
        f"({ref} + {other}) {compare} {number}",
        f"if({ref} = '{choice}', 1, 2) {compare} 1",
        f"count-selected({ref}) > 0",
        f"boolean({ref})",
    ]
    return draw(st.sampled_from([*usual, *usual, *odd]))


@st.composite
def condition(draw: st.DrawFn, names: Sequence[tuple[str, str]]) -> str:
    """A few atoms, joined and negated."""
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        part = draw(atom(names))
        parts.append(f"not({part})" if draw(st.booleans()) and draw(st.booleans()) else part)
    text = parts[0]
    for part in parts[1:]:
        joined = f"{text} {draw(st.sampled_from(['and', 'or']))} {part}"
        text = f"({joined})" if draw(st.booleans()) else joined
    return text


@st.composite
def checklist_text(draw: st.DrawFn) -> str:
    """A checklist of a few questions of all kinds that depend on each other, in groups and as follow-ups."""
    lines = ["checklist: random", 'version: "1"', "title: Random", "kept: {settings: {form_id: random}}", "facts:"]
    lines += ["  - {about: X, title: X, questions: [{question: X, fact: date_of_birth, type: date, say: X}]}"]
    lines += ["sections:", "  - section: S", "    title: S", "    questions:"]
    names: list[tuple[str, str]] = []
    calculations: list[str] = []
    indent = "      "
    for number in range(draw(st.integers(2, 7))):
        kind: str = draw(st.sampled_from(KINDS))
        name = f"Q{number}"
        if indent == "      " and draw(st.integers(0, 5)) == 0:
            lines += [f"      - group: G{number}", f'        relevant: "{draw(condition(names))}"']
            lines += ["        questions:"]
            indent += "    "
        row = [f"{indent}- question: {name}", f"{indent}  type: {kind}", f"{indent}  say: Words"]
        if kind in ("one-of", "any-of", "rank"):
            alone = ", exclusive: yes" if kind == "any-of" else ""
            tokens = [f"{{choice: {each}, label: {each}}}" for each in "abc"]
            row.append(f"{indent}  choices: [{', '.join(tokens)}, {{choice: none, label: none{alone}}}]")
        if kind == "range":
            row += [f"{indent}  start: 0", f"{indent}  end: 20", f"{indent}  step: 5"]
        if kind in ("whole-number", "decimal") and draw(st.booleans()):
            row.append(f'{indent}  constraint: ". >= {draw(st.integers(0, 5))} and . <= {draw(st.integers(5, 40))}"')
        if draw(st.integers(0, 3)) > 0 and names:
            row.append(f'{indent}  relevant: "{draw(condition(names))}"')
        names.append((name, kind))
        if draw(st.integers(0, 2)) == 0:
            row += [f"{indent}  offers:", f'{indent}    - {{service: s{number}, when: "{draw(condition(names))}"}}']
        lines += row
        if draw(st.integers(0, 4)) == 0:
            value = f"if({draw(condition(names))}, 'a', {draw(st.sampled_from(['2', 'true()', chr(39) * 2]))})"
            calculations.append(f'  - {{calculation: C{number}, value: "{value}"}}')
            names.append((f"C{number}", "calculation"))
    if calculations:
        lines += ["calculations:", *calculations]
    return "\n".join(lines) + "\n"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(checklist_text(), st.integers(0, 10_000))
def test_what_is_called_never_is_never_so(text: str, seed: int) -> None:
    """Twenty sheets of valid answers contradict no claim about any part of any condition."""
    found = outline(parse_yaml(text.encode(), "checklist.yaml"))
    claims = [problem for problem in Conditions(found).problems() if problem.code in CLAIMED]
    if not claims:
        return
    with TemporaryDirectory() as folder:
        (Path(folder) / "checklist.yaml").write_text(text, encoding="utf-8")
        form = Form.of(load_checklist(Path(folder)))
    owners = owners_of(text)
    random = Random(seed)
    for _ in range(20):
        sheet = Sheet(form, ON, {"age": random.choice([None, 20, 64, 65, 90])})
        answered(sheet, random, WORDS)
        wrong = list(contradictions(sheet, claims, owners))
        assert not wrong, (wrong, {each.id: sheet.answer(each.id) for each in form.checklist.questions})


def owners_of(text: str) -> dict[tuple[int, int], str]:
    """Line of a condition -> the question or calculation that it belongs to; nothing for a group."""
    owners: dict[tuple[int, int], str] = {}
    owner = ""
    for number, line in enumerate(text.splitlines(), 1):
        for key in ("- question: ", "- {calculation: ", "- group: "):
            if key in line:
                owner = "" if "group" in key else line.split(key)[1].split(",")[0].strip()
        owners[number, 0] = owner
        if "service: " in line:
            owners[number, 1] = owner
    return owners
