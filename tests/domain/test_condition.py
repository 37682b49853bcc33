"""The condition language: what it means, and what it says when it cannot be read."""

from __future__ import annotations

import contextlib
import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcontact.domain.answer import Standing
from firstcontact.domain.condition import (
    ConditionError,
    compile_condition,
    evaluate,
    names_used,
    parse,
    references,
    uses_self,
)

ON = date(2026, 2, 10)
NAMES: dict[str, Any] = {
    "yes": "yes",
    "no": "no",
    "dk": Standing.DONT_KNOW,
    "n": 7,
    "d": Decimal("2.5"),
    "many": ("oxygen", "creams"),
    "born": date(1943, 3, 14),
    "text": "AY9 2LM",
    "six": "6",
    "at": datetime.fromisoformat("2026-02-10T13:30"),
    "t": time(6, 0),
}


def value(text: str, **more: Any) -> Any:
    return evaluate(parse(text), {**NAMES, **more}, ON)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # equality: as numbers if either is one, otherwise as text
        ("${yes} = 'yes'", True),
        ("${yes} != 'no'", True),
        ("${six} = 6", True),
        ("${six} = '6.0'", False),
        ("0.1 + 0.2 = 0.3", True),
        ("${many} = 'oxygen creams'", True),
        ("true() = 'no'", True),
        # blank is the empty text, and no number
        ("${nothing} = ''", True),
        ("${nothing} != 'no'", True),
        ("${nothing} = ${also_nothing}", True),
        ("${nothing} = 0", False),
        ("${nothing} != 0", True),
        ("${nothing} < 1", False),
        ("${nothing} >= 0", False),
        ("${nothing} + 1", None),
        ("not(${nothing})", True),
        # a standing answer equals its own token and nothing else
        ("${dk} = 'dont-know'", True),
        ("${dk} = ''", False),
        ("${dk} != 'no'", True),
        ("${dk} = 0", False),
        ("${dk} + 1", None),
        ("${dk} > 0", False),
        ("selected(${dk}, 'dont-know')", False),
        ("count-selected(${dk})", 0),
        ("not(${dk})", True),
        ("coalesce(${dk}, 5)", 5),
        # arithmetic
        ("2 + 3 * 4 - 1", 13),
        ("7 div 2", Decimal("3.5")),
        ("6 div 2", 3),
        ("1 div 0", None),
        ("-7 mod 2", -1),
        ("- - 3", 3),
        ("-${n}", -7),
        ("${d} * 2", 5),
        ("1 + 2 + 3 + 4", 10),
        ("${n} + ${n} + ${n} + ${d}", Decimal("23.5")),
        ("${n} + ${n} + ${n} + ${six}", 27),
        ("coalesce(${n}, 0) + coalesce(${nothing}, 0) + coalesce(${dk}, 0) + coalesce(${six}, 0)", 13),
        # and, or; and binds tighter
        ("${yes} = 'yes' or ${no} = 'yes' and ${no} = 'yes'", True),
        ("(${yes} = 'yes' or ${no} = 'yes') and ${no} = 'yes'", False),
        # days
        ("today() - ${born} > 365", True),
        ("${born} < '1950-01-01'", True),
        ("${born} = '1943-03-14'", True),
        ("${born} <= today()", True),
        ("today() = '2026-02-10'", True),
        ("date('2026-02-30')", None),
        ("date(today() + 7)", date(2026, 2, 17)),
        ("format-date(today(), '%d/%m/%Y %e %b %y %a %n')", "10/02/2026 10 Feb 26 Tue 2"),
        ("format-date(${at}, '%H:%M')", "13:30"),
        ("difference-in-months('2025-12-11', today())", 1),
        ("difference-in-months('2025-12-10', today())", 2),
        ("difference-in-months(today(), '2025-12-10')", -2),
        ("decimal-date-time('1970-01-02T12:00:00')", Decimal("1.5")),
        ("number(${t})", Decimal("0.25")),
        # choices
        ("selected(${many}, 'oxygen')", True),
        ("selected(${many}, 'oxy')", False),
        ("selected('a b c', 'b')", True),
        ("count-selected(${many})", 2),
        ("selected-at(${many}, 1)", "creams"),
        ("selected-at(${many}, 2)", None),
        # the rest
        ("if(${n} > 5, 'many', 'few')", "many"),
        ("if(false(), 1 div 0, 2)", 2),
        ("regex(${text}, '[A-Z]{2}[0-9]+ [0-9][A-Z]{2}')", True),
        ("regex(${text}, 'AY9')", True),
        ("regex(${text}, '^AY9$')", False),
        ("string-length(${text})", 7),
        ("int(${d})", 2),
        ("int(-2.5)", -2),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(2.345, 2)", Decimal("2.35")),
        ("round(1234, -2)", 1200),
        ("floor(-2.5)", -3),
        ("ceiling(2.1)", 3),
        ("number('x')", None),
        ("number(' 12 ')", 12),
        ("string(2.50)", "2.5"),
        ("string(true())", "true"),
        ("concat('a', ${n}, ${nothing})", "a7"),
        ("join(', ', 'a', 'b')", "a, b"),
        ("contains(${text}, '2L')", True),
        ("starts-with(${text}, 'AY')", True),
        ("substr('abcdef', 1, 3)", "bc"),
        ("substr('abcdef', -2)", "ef"),
        ("substring-before('a-b', '-')", "a"),
        ("substring-after('a-b', '-')", "b"),
        ("translate('abc', 'abc', 'AB')", "AB"),
        ("normalize-space('  a  b ')", "a b"),
        ("min(3, 1, 2)", 1),
        ("min(3, ${nothing}, 2)", None),
        ("max(${nothing})", None),
        ("sum(1, 2, ${nothing})", None),
        ("sum(1, 2, ${n})", 10),
        ("count(${nothing})", 1),
        ("count-non-empty(${nothing})", 0),
        ("mean(1, 2)", Decimal("1.5")),
        ("abs(-3)", 3),
    ],
)
def test_meaning(text: str, expected: Any) -> None:
    """Each line means what checklists/README.md says of the language."""
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("${B1} == 'yes'", 7, "Did you mean =?"),
        ("${a} = “x”", 7, "curly quotes"),
        ("selectd(${a}, 'x')", 0, "Did you mean selected()?"),
        ("1 + cuont(2)", 4, "Did you mean count()?"),
        ("selected(${a})", 0, "takes 2 things"),
        ("substr('a')", 0, "takes 2 to 3"),
        ("regex(${a}, '(?=x)')", 0, "this pattern cannot be run"),
        ("1 +", 3, "ends too soon"),
        ("(${a} = 'x'", 11, "ends too soon"),
        ("${a} = 'x", 7, "never closed"),
        ("${a", 0, "not closed"),
        ("${a} ${b}", 5, "missing before ${b}"),
        ("${a} = 'x' AND ${b} = 'y'", 11, "Did you mean and?"),
        ("${a} = yes", 7, "words stand in quotes"),
        ("1 < 2 < 3", 6, "two things at a time"),
        ("position(1)", 0, "Did you mean position(..)?"),
        ("1 / 2", 2, "Did you mean div?"),
        ("or 1", 0, "missing before 'or'"),
        ("", 0, "nothing here"),
        ("(" * 41 + "1" + ")" * 41, 40, "more than 40 deep"),
        ("1" + " + 1" * 9000, 0, "too long"),
    ],
)
def test_unreadable(text: str, position: int, words: str) -> None:
    """What cannot be read is refused at its place, in plain words, with the nearest known spelling."""
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.position == position


def test_names() -> None:
    """The names that a condition uses are known without evaluating it; quotes hide them."""
    text = "${a} = '${not}' and selected(${ b }, ${c-d.e})"
    assert names_used(parse(text)) == {"a", "b", "c-d.e"}
    assert [name for name, _ in references(text)] == ["a", "b", "c-d.e"]
    assert [text[place:].startswith(name) for name, place in references(text)] == [True] * 3


def test_own_answer() -> None:
    """`.` is the answer that a constraint is about, and the number .5 is no `.`."""
    assert uses_self(parse(". >= 0"))
    assert not uses_self(parse(".5 > 0"))
    assert evaluate(parse(". >= 0 and . < 1000"), {}, ON, here=5) is True


def test_flat() -> None:
    """A long addition is no deeper than a short one, and the parsed form is plain JSON."""
    ast = parse(" + ".join(["${a}"] * 2000))
    assert len(ast) == 2002
    assert json.loads(json.dumps(ast)) == ast
    assert evaluate(ast, {"a": 1}, ON) == 2000


def test_deep_but_allowed() -> None:
    """Forty brackets in a row parse and evaluate."""
    assert evaluate(parse("not(" * 38 + "(true())" + ")" * 38), {}, ON) is True


@pytest.mark.parametrize("ast", [["call", "exec", ["str", "x"]], ["what"], [], "x", ["call", "selected"], ["neg"]])
def test_damaged_form(ast: Any) -> None:
    """A compiled condition that this version does not understand is refused, never run."""
    with pytest.raises(ConditionError):
        compile_condition(ast, lambda _: 3)


def test_bounded_numbers() -> None:
    """Numbers that grow beyond any meaning become blank instead of filling the memory."""
    assert value(" * ".join(["999999999999"] * 1000)) is None
    assert value("round(1, 99999)") is None


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Any text at all parses or is refused with a position inside it."""
    with contextlib.suppress(ConditionError):
        parse(text)
        return
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert 0 <= caught.value.position <= len(text)


_VALUES = st.one_of(
    st.none(),
    st.sampled_from(["yes", "no", "", "7", "2026-02-10", "x y"]),
    st.integers(-10, 10),
    st.decimals(-10, 10, places=2),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.sampled_from(list(Standing)),
    st.just(("a", "b")),
    st.times(),
    st.datetimes(),
)

_SHAPES = [
    *[f"${{a}} {operator} ${{b}}" for operator in ("=", "!=", "<", ">=", "+", "-", "*", "div", "mod", "and", "or")],
    *[f"{name}(${{a}}, ${{b}})" for name in ("selected", "selected-at", "concat", "format-date", "round", "substr")],
    *[f"{name}(${{a}}, ${{b}})" for name in ("difference-in-months", "regex", "min", "join", "contains", "sum")],
    *[f"{name}(${{a}})" for name in ("date", "decimal-date-time", "int", "number", "string", "not", "count-selected")],
    "if(${a}, ${b}, 1)",
    "translate(${a}, ${b}, ${a})",
    "${a} + ${b} + ${a} + ${b}",
    "-${a}",
]


@given(
    a=_VALUES,
    b=_VALUES,
    shape=st.sampled_from(_SHAPES),
)
def test_total(a: Any, b: Any, shape: str) -> None:
    """No combination of values makes a condition fail: it yields a value, true, false or blank."""
    found = value(shape.strip(), a=a, b=b)
    assert found is None or isinstance(found, bool | str | int | Decimal | date | time | tuple)


@given(a=_VALUES, b=_VALUES)
def test_equality_laws(a: Any, b: Any) -> None:
    """= and != are opposites, and = does not care which side is which."""
    assert value("${a} = ${b}", a=a, b=b) is not value("${a} != ${b}", a=a, b=b)
    assert value("${a} = ${b}", a=a, b=b) is value("${b} = ${a}", a=a, b=b)
