"""checklists/README.md, "Conditions": every example gives what it says, and every difference is as it says.

The differences are with the reference engine (@getodk/xforms-engine 0.22) and the ODK XForms specification; each row of
DIFFERENCES names the clause, what the engine gives and what we give.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
import yaml

from firstcontact.domain.answer import Standing
from firstcontact.domain.coercion import string
from firstcontact.domain.condition import ConditionError, evaluate, parse
from firstcontact.domain.functions import FUNCTIONS
from firstcontact.domain.grammar_words import NODE_FUNCTIONS, UNSUPPORTED
from firstcontact.shipped import shipped
from tests.domain.tree import ON, Tree

README = shipped("checklists", "README.md").read_text(encoding="utf-8")
LANGUAGE = README[README.index("## Conditions\n") : README.index("## Referral rules\n")]
FUNCTION_TABLES = LANGUAGE[LANGUAGE.index("### Functions") : LANGUAGE.index("### Where we differ")]
_ANSWERS = re.compile(r"^```yaml answers\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
_CALL = re.compile(r"([a-z][a-z0-9:-]*)\(")


def _examples() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in FUNCTION_TABLES.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `") and len(cells) >= 2:
            found += zip(_CODE.findall(cells[0]), _CODE.findall(cells[1]), strict=True)
    return found


def _form() -> Tree:
    match = _ANSWERS.search(FUNCTION_TABLES)
    assert match is not None
    answers: dict[str, Any] = yaml.safe_load(match[1])
    towns = answers.pop("towns")
    answers = {name: _typed(value) for name, value in answers.items()}
    labels = {"town": {row["name"]: row["label"] for row in towns}}
    return Tree({**answers, "asking": None}, tables={"towns": towns}, labels=labels)


def _typed(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    return tuple(value) if isinstance(value, list) and isinstance(value[0], str) else value


@pytest.mark.parametrize(("text", "expected"), _examples(), ids=lambda each: each[:40])
def test_examples(text: str, expected: str) -> None:
    """Each example of the tables gives what stands beside it."""
    assert string(_form().at("asking").works_out(text)) == expected


def test_every_function_has_an_example() -> None:
    """No function can be written that an author cannot read about, and what is left out is named."""
    shown = {name for text, _ in _examples() for name in _CALL.findall(text)}
    assert not sorted({*FUNCTIONS, *NODE_FUNCTIONS} - shown)
    left_out = LANGUAGE[LANGUAGE.index("Left out, and refused by name") : LANGUAGE.index("### Where we differ")]
    assert not sorted(set(UNSUPPORTED) - set(re.findall(r"[a-z0-9:-]+", left_out)))


NAMES: dict[str, Any] = {
    "flag": False,
    "zero": 0,
    "people": [
        {"years": 82, "pets": [{"pet": "cat"}, {"pet": "dog"}]},
        {"years": 31, "pets": [{"pet": "owl"}]},
    ],
    "whole": 19,
    "decimal": Decimal("19.0"),
    "at": datetime.fromisoformat("2026-02-10T13:30"),
    "from": time(9, 0),
    "to": time(15, 0),
    "dk": Standing.DONT_KNOW,
}
DIFFERENCES: list[tuple[str, str, Any, str]] = [
    ("XPath 1.0, 4.3 boolean() of a node-set", "if(${blank}, 'true', 'false')", "false", "true"),
    ("XPath 1.0, 4.3 boolean() of a node-set", "not(${blank})", True, "false"),
    ("ODK XForms, XPath Functions, note on stored truths", "if(${flag}, 'true', 'false')", "false", "true"),
    ("XPath 1.0, 4.3 boolean() of a node-set", "if(${zero}, 'true', 'false')", "false", "true"),
    ("XPath 1.0, 2.4 positions count per parent", "join(' ', ${people}[years > 9]/pets[1]/pet)", "cat owl", "cat"),
    ("XPath 1.0, 3.5 numbers: 1 div 0", "1 div 0", None, "Infinity"),
    ("XPath 1.0, 3.5 numbers are IEEE 754", "0.1 + 0.2 = 0.3", True, "false"),
    ("XPath 1.0, 3.4 two nodes compare as text", "${whole} = ${decimal}", True, "false"),
    ("XPath 1.0, 3.7 Number has no exponent", "number('1e3')", None, "1000"),
    ("XPath 1.0, 4.4 sum() of an empty set", "sum(${nobody})", 0, ""),
    ("XPath 1.0, 4.2 substring-after()", "substring-after('a--b', '--')", "b", "-b"),
    ("ODK XForms, fn:date is a date", "date('2026-02-01T10:00:00')", date(2026, 2, 1), "2026-02-01T10:00:00.000"),
    ("ODK XForms, fn:date", "date('nonsense')", None, "Invalid Date"),
    ("ODK XForms, fn:date", "date('2026-02-30')", None, "2026-02-28"),
    ("ODK XForms, fn:format-date has no hours", "format-date(${at}, '%H:%M')", "13:30", "%H:%M"),
    ("ODK XForms, fn:format-date", "format-date(today() + 7, '%d')", "17", ""),
    ("ODK XForms, fn:format-date %a", "format-date('2026-02-08', '%a')", "Sun", ""),
    ("ODK XForms, fn:number knows dates alone", "${to} - ${from}", Decimal("0.25"), ""),
    ("ODK XForms, fn:now with the offset", "string(now())", "2026-02-10T13:30:00", "2026-02-10T13:30:00.000+00:00"),
    ("checklists/README.md, Answers", "${dk} = '' or ${dk} > 0", False, "no standing answers"),
]


@pytest.mark.parametrize(("clause", "text", "ours", "theirs"), DIFFERENCES, ids=[each[1] for each in DIFFERENCES])
def test_where_we_differ(clause: str, text: str, ours: Any, theirs: str) -> None:
    """What we give where the reference engine gives something else, by the clause that it is about."""
    tree = Tree({**NAMES, "blank": None, "nobody": []})
    found = tree.at("blank").works_out(text)
    assert found == ours
    assert type(found) is type(ours)
    assert string(found) != theirs, clause


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        ("ODK XForms, fn:regex: a JavaScript pattern", "regex('a', '(?=a)')"),
        ("ODK XForms, fn:regex: a JavaScript pattern", r"regex('aa', '(a)\1')"),
        ("XPath 1.0, 3.4 comparisons chain", "1 < 2 < 3"),
        ("ODK XForms, XPath Axes: no descendants", "//x"),
        ("XPath 1.0, 2.3 node tests", "../*"),
        ("ODK XForms, XPath Paths: a bare name is a child", "x = 1"),
        ("ODK XForms, fn:random", "random()"),
    ],
)
def test_where_we_refuse(clause: str, text: str) -> None:
    """What the reference engine reads, and we refuse in words."""
    with pytest.raises(ConditionError):
        parse(text)
    assert clause


def test_the_text_of_the_section() -> None:
    """What the section says in words holds."""
    assert evaluate(parse("${n} = 7"), {"n": "07"}, ON) is True
    assert evaluate(parse("${n} = '7'"), {"n": "07"}, ON) is False
    for words in ("32,767 characters", "40 deep"):
        assert words in LANGUAGE
    assert all(len(line) <= 120 or line.startswith("|") for line in LANGUAGE.splitlines())
