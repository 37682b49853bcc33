"""checklist.yaml and its translations: what they become, and what is said of everything that is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from firstcontact.definitions import models
from firstcontact.definitions.compiled import compile_checklist, digest_of, dumps, load_compiled
from firstcontact.definitions.problems import SHOWN
from firstcontact.definitions.schemas import FOLDER, schemas, text_of
from firstcontact.definitions.yaml import DefinitionError, load_checklist
from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import Checklist, Urgency
from tests.domain.forms import ON

ROOT = Path(__file__).parents[2]


def example(part: int) -> str:
    """The worked examples that stand at the top of definitions/models.py: what they say must be so."""
    assert models.__doc__ is not None
    return models.__doc__.split("```yaml\n")[part].split("```")[0]


def folder(tmp_path: Path, text: str, **others: str) -> Path:
    (tmp_path / "checklist.yaml").write_text(text, encoding="utf-8")
    for name, content in others.items():
        (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
    return tmp_path


def whole_example() -> str:
    """The example with the questions that it speaks of but does not show."""
    missing = """  - about: X8
    title: Home
    questions: [{question: X8, fact: tenure, type: text, say: Tenure?}]
  - {about: X5, title: Five, questions: [{question: X5, type: text, say: Five?}]}
  - {about: X6, title: Six, questions: [{question: X6, type: text, say: Six?}]}
  - {about: X1, title: One, questions: [{question: X1, type: text, say: One?}]}
  - {about: X3, title: Three, questions: [{question: X3, type: text, say: Three?}]}
sections:
"""
    text = example(1).replace("sections:\n", missing, 1)
    return text.replace(
        "        offers:\n          - service: falls-assess",
        "        follow_ups:\n          - question: B1b\n            type: any-of\n            say: B1b?\n"
        "            choices: [{choice: blacked-out, label: b}]\n"
        "        offers:\n          - service: falls-assess",
    )


def problems_of(tmp_path: Path, text: str, **others: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        load_checklist(folder(tmp_path, text, **others))
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    return str(caught.value).splitlines()


def read(tmp_path: Path) -> Checklist:
    return load_checklist(folder(tmp_path, whole_example(), cy=example(2)))


def test_the_worked_example_is_a_checklist(tmp_path: Path) -> None:
    """The example at the top of models.py is read as it says, in both languages."""
    checklist = read(tmp_path)
    assert checklist.languages == ("en", "cy")
    assert [section.id for section in checklist.sections] == ["A"]
    phone = checklist.question("X4")
    assert (phone.fact, phone.part_of, phone.role, phone.ask) == ("phone", "X4", "fact", "when-needed")
    assert checklist.question("X1").ask == "at-start"
    follow_up = checklist.question("A2b")
    assert (follow_up.follow_up_of, follow_up.subject, follow_up.role) == ("A2", "person", "follow-up")
    assert checklist.question("A2a").subject == "home"
    assert checklist.question("A2a").choices[0].label == {"en": "home oxygen", "cy": "ocsigen gartref"}
    assert checklist.question("A2a").choices[1].exclusive
    assert checklist.question("C1a").role == "detail"
    assert checklist.question("L1").safeguarding
    rule = checklist.rules_of("A2")[0]
    assert (rule.id, rule.fields, rule.packs) == ("A2:fire-visit", ("A2a",), ("ADDR", "TEN", "HH"))
    assert rule.raises[0].because == {
        "en": "home oxygen where people smoke",
        "cy": "ocsigen gartref lle mae pobl yn ysmygu",
    }
    assert rule.raises[0].to is Urgency.URGENT
    kinds = {rule.id: rule.kind for rule in checklist.rules}
    assert kinds["B2:falls-assess"] == "adds-reason"
    assert kinds["G5:medicines-review"] == "signpost"
    assert checklist.rules_of("D1")[0].otherwise == "energy-advice"
    assert checklist.rules_of("B1")[0].pack_when == {"LTC": "${age} < 65"}
    assert checklist.advice[0].say["cy"].startswith("Ewch")


def test_because_is_the_label_of_the_answer(tmp_path: Path) -> None:
    """Without words of its own, a raise says the label of the one choice that it speaks of."""
    text = whole_example().replace("because: home oxygen where people smoke, ", "")
    checklist = load_checklist(folder(tmp_path, text))
    assert checklist.rules_of("A2")[0].raises[0].because == {"en": "home oxygen"}


def test_compiled_there_and_back(tmp_path: Path) -> None:
    """The compiled form is the whole checklist: same values, same bytes, same digest."""
    checklist = read(tmp_path)
    content = dumps(compile_checklist(checklist))
    again = load_compiled(content)
    assert again == checklist
    assert dumps(compile_checklist(again)) == content
    assert again.digest == digest_of(checklist) == checklist.digest
    sheet = Sheet(Form.of(again), ON)
    sheet.record("A2", "yes")
    sheet.record("A2a", ("oxygen",))
    assert sheet.urgency("A2:fire-visit")[0] is Urgency.URGENT


def test_digest_is_of_what_it_means(tmp_path: Path) -> None:
    """A comment or another layout is the same checklist; one word more is another."""
    first = read(tmp_path)
    same = load_checklist(folder(tmp_path, "# a comment\n" + whole_example(), cy=example(2)))
    assert same.digest == first.digest
    other = load_checklist(
        folder(tmp_path, whole_example().replace("Do not lecture.", "Never lecture."), cy=example(2))
    )
    assert other.digest != first.digest


def test_loading_brings_in_no_parser(tmp_path: Path) -> None:
    """A laptop that loads and fills in a compiled checklist imports no pydantic, lark, yaml or rfc8785."""
    path = tmp_path / "compiled.json"
    path.write_bytes(dumps(compile_checklist(read(tmp_path))))
    code = f"""
import sys, datetime, pathlib
from firstcontact.definitions.compiled import load_compiled
from firstcontact.domain.branching import Form, Sheet
sheet = Sheet(Form.of(load_compiled(pathlib.Path({str(path)!r}).read_bytes())), datetime.date(2026, 2, 10))
sheet.record("A2", "yes"); sheet.required("A2"); sheet.violations("A2"); sheet.packs("B1:falls-assess")
print([name for name in ("pydantic", "lark", "yaml", "rfc8785", "re2") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("prompt: Notice", "promt: Notice", "unknown field 'promt'. Did you mean 'prompt'?"),
        ("when: ${A2} = 'yes'", "when: ${A22} = 'yes'", "there is no question or fact 'A22'. Did you mean 'A2'?"),
        (
            "selected(${A2a}, 'oxygen')",
            "selected(${A2a}, 'oxgen')",
            "A2a has no answer 'oxgen'. Did you mean 'oxygen'?",
        ),
        ("relevant: ${A2} = 'yes'", "relevant: ${A2} == 'yes'", "== is not known here. Did you mean '='?"),
        (
            "relevant: ${A2} = 'yes'",
            "relevant: ${A2}",
            "${A2} alone is true of 'no' as well. Did you mean '${A2} = 'yes''?",
        ),
        ("relevant: ${A2} = 'yes'", "relevant: ${A2a} = ''", "these need each other: A2a needs A2a"),
        (
            "relevant: ${A2} = 'yes'",
            "relevant: . = 'x'",
            "'.' is the answer itself, which only a constraint can speak of",
        ),
        ("fact: phone", "fact: fone", "there is no fact 'fone'. Did you mean 'phone'?"),
        ("fact: ring", "fact: phone", "X4 asks for the fact 'phone' already"),
        ("question: B2", "question: B1", "a second question 'B1' (the first is in line"),
        ("question: B2", "question: age", "'age' is the name of a fact; call the question something else"),
        ("question: B2", "question: B 2", "'B 2' cannot stand here"),
        ("choice: none", "choice: oxygen", "a second choice 'oxygen'"),
        ("choice: none", "choice: not-asked", "'not-asked' can be answered to every question"),
        ("fields: [A2a]", "fields: [A2x]", "there is no question 'A2x' to send. Did you mean 'A2"),
        ("fields: [A2a]", "fields: [L1]", "L1 is about safeguarding and is never sent with an offer"),
        ("packs: [ADDR, TEN, HH]", "packs: [ADR]", "'ADR' is none of: ADDR, "),
        ("packs: [ADDR, TEN, HH]", "packs: ADDR", "a list is expected here"),
        (
            "- {service: falls-assess",
            "- {service: fals-assess",
            "no question offers 'fals-assess', so there is nothing",
        ),
        ("[X5, X6, X1, X3]", "[X5, X99]", "no group of facts is called 'X99'"),
        ("to: urgent", "to: urgnt", "'urgnt' is none of: routine, soon, urgent, immediate. Did you mean 'urgent'?"),
        ("exclusive: yes", "exclusive: perhaps", "yes or no is expected here, not 'perhaps'"),
        ("max_length: 60", "max_length: sixty", "a whole number is expected here, not 'sixty'"),
        ("max_length: 60", "max_length: 0", "this is too small: at least 1"),
        ("type: any-of", "type: anyof", "Did you mean 'any-of'?"),
        ("title: Fire safety", "title:", "this is empty"),
        ("title: Fire safety", "title: [a, b]", "text is expected here"),
        ("title: Fire safety", 'title: "a\\u202eb"', "there is an invisible or control character in this text"),
        ("title: Fire safety", "title: A\n    title: B", "'title' stands here twice"),
        ("title: Fire safety", "title: Fire: safety", "text with ': ' in it needs quotes"),
        ("title: Fire safety", "title: &a Fire", "anchors (&name) are not used here"),
        ("title: Fire safety", "title: !!str Fire", "tags (!name) are not used here"),
        ("language: en", "language: en\nfoo: bar", "unknown field 'foo'"),
        ("    title: Fire safety\n", "", "the field 'title' is missing"),
        (
            "safeguarding: yes",
            "safeguarding: yes\n        offers: [{service: x, when: true()}]",
            "a safeguarding question makes no",
        ),
        ('value: "if(', 'value: "iff(', "there is no function iff(). Did you mean 'if()'?"),
        ('value: "if(', 'value: "trim(', "there is no function trim(). Did you mean 'normalize-space()'?"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    """One mistake, one sentence with file, line and column, and the nearest known name."""
    text = whole_example()
    assert old in text
    lines = problems_of(tmp_path, text.replace(old, new, 1))
    found = [line for line in lines if said in line]
    assert found, lines
    assert found[0].startswith("checklist.yaml:")


def test_the_place_is_inside_the_condition(tmp_path: Path) -> None:
    """A problem in a condition points at the word in it."""
    text = whole_example().replace("(${A2a}, 'oxygen')", "(${A2q}, 'oxygen')", 1)
    (line,) = problems_of(tmp_path, text)
    number, column = (int(part) for part in line.split(":")[1:3])
    assert text.splitlines()[number - 1][column - 1 :].startswith("A2q}")


def test_everything_at_once(tmp_path: Path) -> None:
    """All mistakes of all files are told in one go, in the order of the files."""
    text = (
        whole_example()
        .replace("prompt:", "promt:")
        .replace("${B1} = 'yes'", "${B9} = 'yes'")
        .replace("[X5, X6, ", "[X5, X66, ")
    )
    welsh = "language: cy\nquestions: {A2a: {choices: {oxigen: x}}, Z9: {say: x}}\nsections: {Q: x}\nbecuse: {}\n"
    lines = problems_of(tmp_path, text, cy=welsh)
    places = [(line.split(":")[0], int(line.split(":")[1])) for line in lines]
    assert places == sorted(places)
    assert len([line for line in lines if line.startswith("checklist.yaml")]) >= 5
    said = "\n".join(line for line in lines if line.startswith("cy.yaml"))
    for words in (
        "A2a has no choice 'oxigen'. Did you mean 'oxygen'?",
        "no 'Z9' among",
        "no 'Q' among",
        "Did you mean 'because'?",
    ):
        assert words in said


def test_a_translation_is_called_by_its_language(tmp_path: Path) -> None:
    """cy.yaml is Welsh."""
    (line,) = problems_of(tmp_path, whole_example(), cy="language: de\n")
    assert "its language is cy" in line


def test_many_problems_are_counted(tmp_path: Path) -> None:
    """A file that is wrong everywhere prints a hundred and counts the rest."""
    rows = "\n".join(f"      - {{question: Q{i}, type: yes-no, sy: x}}" for i in range(200))
    with pytest.raises(DefinitionError) as caught:
        load_checklist(
            folder(
                tmp_path,
                f"checklist: x\nversion: 1\ntitle: x\nsections:\n  - section: A\n    title: A\n"
                f"    questions:\n{rows}\n",
            )
        )
    assert len(str(caught.value).splitlines()) == SHOWN + 1


def test_shipped_checklists() -> None:
    """Every checklist that is shipped is read without a problem."""
    found = sorted(ROOT.glob("checklists/*/checklist.yaml"))
    assert found
    for path in found:
        checklist = load_checklist(path.parent)
        assert checklist.id == path.parent.name
        assert load_compiled(dumps(compile_checklist(checklist))) == checklist


def test_published_schemas_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """checklists/schema/ is what the models say; `python -m firstcontact.definitions.schemas` writes it."""
    for name, schema in schemas().items():
        assert (ROOT / FOLDER / name).read_text(encoding="utf-8") == text_of(schema), name


def test_schema_accepts_the_example() -> None:
    """An editor that reads YAML 1.2 finds no fault with the shipped checklists."""
    import jsonschema
    import yaml

    class Core(yaml.SafeLoader):
        """YAML 1.2 as editors read it: `yes`, `no` and `on` are words, and there are no dates."""

    Core.yaml_implicit_resolvers = {
        letter: [(tag, regexp) for tag, regexp in found if not tag.endswith((":bool", ":timestamp"))]
        for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for path in sorted(ROOT.glob("checklists/*/checklist.yaml")):
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=Core)  # noqa: S506 - a SafeLoader
        jsonschema.Draft202012Validator(schemas()["checklist.schema.json"]).validate(raw)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"compiled": 2}', b'{"compiled": 1}', b"\xff", b"[" * 100_000]
)
def test_damaged_compiled_form(content: bytes) -> None:
    """A compiled form that is damaged or from another version is refused in words."""
    with pytest.raises(DefinitionError) as caught:
        load_compiled(content)
    assert "compiled checklist" in str(caught.value)


def test_damaged_compiled_field(tmp_path: Path) -> None:
    """A compiled form with a field of the wrong kind is refused."""
    form = compile_checklist(read(tmp_path))
    for name, wrong in (("sections", [1]), ("rules", [{"x": 1}]), ("groups", {}), ("rules", [{"urgency": "x"}])):
        if wrong == {}:
            continue
        with pytest.raises(DefinitionError):
            load_compiled(json.dumps({**form, name: wrong}).encode())


def test_what_is_private_about_one_part_is_not_said_of_the_next(tmp_path: Path) -> None:
    """A part that is private, or is not, says so of itself; the next takes after its main question again."""
    text = """checklist: small
version: "1"
title: Small
sections:
  - section: A
    title: One
    questions:
      - question: A1
        type: yes-no
        say: A?
        follow_ups:
          - {question: A1a, type: yes-no, say: B?, private: yes}
          - {question: A1b, type: yes-no, say: C?}
        details: [{question: A1c, type: text, say: D?}]
      - question: A2
        type: yes-no
        say: E?
        private: yes
        follow_ups:
          - {question: A2a, type: yes-no, say: F?, private: no}
          - {question: A2b, type: yes-no, say: G?}
"""
    checklist = load_checklist(folder(tmp_path, text))
    assert {question.id for question in checklist.sections[0].questions if question.private} == {"A1a", "A2", "A2b"}
