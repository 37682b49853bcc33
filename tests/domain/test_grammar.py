"""What the condition language accepts, what it says of anything else, and that nothing makes it fail."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcontact.domain.condition import (
    ConditionError,
    compile_condition,
    compile_filter,
    names_used,
    parse,
    paths_used,
    references,
    unusable_patterns,
)
from firstcontact.domain.functions import FUNCTIONS
from firstcontact.domain.grammar_words import NODE_FUNCTIONS
from tests.domain.test_coercion import VALUES
from tests.domain.tree import Tree


@pytest.mark.parametrize(
    ("text", "ast"),
    [
        ("${ a }", ["ref", "a"]),
        ("${last-saved#a}", ["last", "a"]),
        ("${año.x-1}", ["ref", "año.x-1"]),
        ("..", ["path", 1]),
        ("../../a/b", ["path", 2, "a", "b"]),
        ("./a", ["path", 0, "a"]),
        (".", ["self"]),
        ("/data/a/../b", ["abs", "data", "b"]),
        ("current()/../../a", ["current", 2, "a"]),
        ("current()/.", ["current", 0]),
        ("${r}[1]/a[2]", ["filter", ["step", ["filter", ["ref", "r"], ["num", 1]], "a"], ["num", 2]]),
        ("instance('t')/root/item", ["instance", "t"]),
        (
            "instance('t')/root/item[x = 1]/y",
            ["step", ["filter", ["instance", "t"], ["=", ["name", "x"], ["num", 1]]], "y"],
        ),
        ("${a} | ../b", ["union", ["ref", "a"], ["path", 1, "b"]]),
        ("jr:choice-name(${a}, ' ${ b } ')", ["call", "jr:choice-name", ["ref", "a"], ["ref", "b"]]),
        ("jr:itext(instance('t')/root/item/itextId)", ["step", ["instance", "t"], "label"]),
        ("position(..)", ["call", "position", ["path", 1]]),
        ("5div 2 mod 3", ["product", "/%", ["num", 5], ["num", 2], ["num", 3]]),
        ("2*3 - -4", ["sum", "-", ["product", "*", ["num", 2], ["num", 3]], ["neg", ["num", 4]]]),
        ("${a}-1", ["sum", "-", ["ref", "a"], ["num", 1]]),
        (".5 + 5.", ["sum", "+", ["num", ".5"], ["num", "5."]]),
        ("1\u00a0=\n1", ["=", ["num", 1], ["num", 1]]),
        ("'and' = \"or\"", ["=", ["str", "and"], ["str", "or"]]),
        ("1 and 2 or 3 and 4", ["or", ["and", ["num", 1], ["num", 2]], ["and", ["num", 3], ["num", 4]]]),
        ("not (true ( ))", ["call", "not", ["call", "true"]]),
    ],
)
def test_shapes(text: str, ast: Any) -> None:
    """A text becomes the Ast that `condition` describes, and that is plain JSON."""
    assert parse(text) == ast
    assert json.loads(json.dumps(ast)) == ast


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("/", 0, "a path goes by names"),
        ("//a", 0, "a path goes by names"),
        ("${a}//b", 4, "/ is not known here"),
        ("${a} / ${b}", 5, "Did you mean div?"),
        ("4 div 0 / 2", 8, "Did you mean div?"),
        ("../", 3, "ends too soon"),
        ("../5", 3, "cannot stand here"),
        ("* 2", 0, "paths have no *"),
        ("2 * * 2", 4, "paths have no *"),
        ("../*", 3, "cannot stand here"),
        ("${a}[", 5, "ends too soon"),
        ("${a}[1", 6, "ends too soon"),
        ("${a}[1)", 6, "cannot stand here"),
        ("1[1]", 1, "cannot stand here"),
        ("${a} | 5", 5, "one of these is none"),
        ("${a} || ${b}", 6, "Did you mean or?"),
        ("${a} && ${b}", 5, "Did you mean and?"),
        ("${a} <> 1", 6, "Did you mean !=?"),
        ("!${a}", 0, "Did you mean not(...)?"),
        ("5 % 2", 2, "Did you mean mod?"),
        ("@id", 0, "'@' cannot stand here"),
        ("a::b", 0, "words stand in quotes"),
        ("count(5)", 0, "count() counts questions"),
        ("indexed-repeat(${a}, ${r}[2]/n, 1)", 0, "indexed-repeat() takes a question, then a repeat"),
        ("indexed-repeat(${a}[1], ${r}, 1)", 0, "indexed-repeat() takes a question, then a repeat"),
        ("indexed-repeat(${a}, ${r} | ${s}, 1)", 0, "indexed-repeat() takes a question, then a repeat"),
        ("position()", 0, "position(..)"),
        ("last()", 0, "in a predicate alone"),
        ("instance(${a})", 0, "in quotes"),
        ("current(1)", 0, "takes nothing"),
        ("pulldata('t', 'a')", 0, "pulldata() takes a table"),
        ("indexed-repeat(${a}, ${b})", 0, "a question, then a repeat"),
        ("jr:choice-name(${a}, ${b})", 0, "jr:choice-name(${x}, '${x}')"),
        ("jr:choicename(${a}, 'b')", 0, "Did you mean jr:choice-name()?"),
        ("today(1)", 0, "takes 0 things"),
        ("add-date(today())", 0, "takes 2 to 6"),
        ("or(1)", 0, "missing before 'or'"),
        ("12345678901234567890123456", 0, "cannot stand here"),
        ("${a b}", 0, "this is no name"),
        ("${}", 0, "this is no name"),
        ("1 + 'it's'", 8, "missing before 's'"),
        ("[" * 50, 0, "cannot stand here"),
        ("${a}" + "[${a}" * 41, 204, "more than 40 deep"),
        ("${a}" + "[1]/a" * 41, 104, "at most 40"),
    ],
)
def test_unreadable(text: str, position: int, words: str) -> None:
    """What cannot be read is refused at its place, in plain words, with what was probably meant."""
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.position == position


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "(" * 16_000 + ")" * 16_000,
        "not(" * 8_000,
        "${a}[" * 6_000,
        "-" * 32_000,
        "${a}" + "[1]" * 10_000,
        "${a}" + "/a" * 15_000,
        "../" * 10_000,
        "1" + "+1" * 16_000,
        "1" + " or 1" * 6_000,
        "1" + "|${a}" * 6_000,
        "concat(" + "1," * 16_000,
        "'" * 32_000,
        "1=" * 16_000,
        "if(1,1," * 4_000,
        "9" * 32_000,
    ],
)
def test_deep_and_long(text: str) -> None:
    """However deep or long, an answer comes at once: an Ast that compiles, or a refusal."""
    started = time.process_time()
    with contextlib.suppress(ConditionError):
        compile_condition(parse(text), Tree({"a": 1}))
    assert time.process_time() - started < 2


def test_as_long_as_a_cell() -> None:
    """Whatever fits into a cell of a workbook can be a condition."""
    text = "${a}" + " + ${a}" * 4_600
    assert len(text) < 32_767
    tree = Tree({"a": 2})
    assert compile_condition(parse(text), tree)(tree.frame) == 9_202


_LEAVES = st.sampled_from(
    [
        *("${a}", "${b}", "${n}", "${r}", ".", "..", "../a", "/data/r/n", "${r}[2]/n", "${r}[n > 1]/n", "${n}[. = 1]"),
        *("instance('t')/root/item[x = ${a}]/y", "instance('t')/root/item", "current()/../b", "${last-saved#a}"),
        *("1", "0.5", "''", "'a'", "'2026-02-10'", "today()", "true()", "position(..)", "${r}[position() = last()]"),
    ]
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = ["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "and", "or"]
    calls = st.builds(
        lambda name, args: f"{name}({', '.join(args)})",
        st.sampled_from(sorted({*FUNCTIONS, *NODE_FUNCTIONS})),
        st.lists(inner, max_size=4),
    )
    joined = st.builds(lambda left, sign, right: f"({left}) {sign} ({right})", inner, st.sampled_from(operators), inner)
    return calls | joined | st.builds("-{}".format, inner) | st.builds("${{r}}[{}]/n".format, inner)


def _parsed(text: str, **how: bool) -> Any:
    """The Ast; None for a text that is refused, which is done in words and at a place inside it."""
    try:
        return parse(text, **how)
    except ConditionError as problem:
        refused = problem
    assert 0 <= refused.position <= len(text)
    assert refused.message
    return None


EXPRESSIONS = st.recursive(_LEAVES, _larger, max_leaves=12)


@given(EXPRESSIONS, VALUES, VALUES, st.lists(VALUES, max_size=3), VALUES)
def test_any_expression_over_any_values(text: str, a: Any, b: Any, many: list[Any], here: Any) -> None:
    """Whatever is accepted yields a value or blank, at the form and in an instance, for any answers at all."""
    ast = _parsed(text)
    if ast is None:
        return
    rows = [{"x": str(each), "y": "7"} for each in (a, b)]
    tree = Tree({"a": a, "b": b, "last_a": b, "r": [{"n": each} for each in many]}, tables={"t": rows})
    for place in (tree.at("a"), *(tree.at("r", index, "n") for index in range(1, len(many) + 1))):
        tree.frame[0] = here
        found = compile_condition(ast, place)(tree.frame)
        assert not isinstance(found, float | list)
        assert tree.frame[0] is here
    assert set(compile_filter(parse(text, of_rows=True), tree.at("a"), rows)(tree.frame)) <= {0, 1}


@given(st.text(max_size=80) | st.text(alphabet="${}()[]'\"/.,|=<>!+-* abx0.9#:@\u00a0\u201c", max_size=60))
def test_any_text(text: str) -> None:
    """Any text at all parses or is refused with a position inside it; then everything about it can be asked."""
    for of_rows in (False, True):
        ast = _parsed(text, of_rows=of_rows, any_pattern=True)
        if ast is None:
            continue
        assert json.loads(json.dumps(ast)) == ast
        assert names_used(ast) >= {name for name in names_used(ast) if name in dict(references(text))}
        paths_used(ast)
        unusable_patterns(ast)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["ref", "call", "=", "filter", "path", "a"]),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=20,
)


@given(_JSON)
def test_any_damaged_form(ast: Any) -> None:
    """A compiled form that was damaged is refused when it is compiled."""
    with contextlib.suppress(ConditionError):
        compile_condition(ast, Tree({"a": 1}))
