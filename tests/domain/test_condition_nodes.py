"""Names in repeats, paths, predicates and tables: what a condition sees from where it stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from firstcontact.domain.answer import Standing
from firstcontact.domain.condition import (
    ROOT,
    ConditionError,
    compile_condition,
    compile_filter,
    evaluate,
    names_used,
    parse,
    paths_used,
    unusable_patterns,
    uses_self,
)
from tests.domain.tree import ON, Tree

TOWNS = [
    {"name": "ay", "label": "Aymouth", "county": "east", "people": "9"},
    {"name": "be", "label": "Bemouth", "county": "west", "people": "12"},
    {"name": "ce", "label": "Cemouth", "county": "east", "people": "10"},
]
FORM: dict[str, Any] = {
    "county": "east",
    "wanted": 2,
    "blank": None,
    "last_county": "west",
    "last_wanted": None,
    "home": {"rooms": 3, "heat": {"warm": "yes"}},
    "people": [
        {"name": "Ann", "age": 80, "job": None, "pets": [{"pet": "cat"}, {"pet": "dog"}]},
        {"name": "Bob", "age": 7, "job": "pupil", "pets": []},
        {"name": "Cy", "age": 31, "job": "baker", "pets": [{"pet": "owl"}]},
    ],
    "nobody": [],
}
TREE = Tree(FORM, tables={"towns": TOWNS}, labels={"county": {"east": "The East", "west": "The West"}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # functions over sets take them whole; elsewhere a set is its first (XPath 1.0, 4.2)
        ("sum(${age})", 118),
        ("min(${age})", 7),
        ("max(${age}, 100)", 100),
        ("count(${people})", 3),
        ("count(${age})", 3),
        ("count(${nobody})", 0),
        ("count(${county})", 1),
        ("count-non-empty(${job})", 2),
        ("join(', ', ${name})", "Ann, Bob, Cy"),
        ("concat(${name}, '!')", "AnnBobCy!"),
        ("string(${name})", "Ann"),
        ("${age} + 1", 81),
        ("sum(${nothing})", 0),
        ("max(${nothing})", None),
        # a comparison holds if it holds for any (XPath 1.0, 3.4), and an empty set is neither = nor != anything
        ("${age} = 7", True),
        ("${age} != 7", True),
        ("${age} > 79", True),
        ("90 < ${age}", False),
        ("${name} = 'Cy'", True),
        ("${name} = ${county}", False),
        ("${age} = ${wanted} + 5", True),
        ("not(${name} = 'Dee')", True),
        # paths
        ("/data/home/rooms", 3),
        ("/data/people/age = 31", True),
        ("sum(/data/people/age)", 118),
        ("../home/heat/warm = 'yes'", True),
        ("../home/heat/../rooms", 3),
        ("count(../people | ../home)", 4),
        ("current()/../county", "east"),
        ("${home}/heat/warm", "yes"),
        # predicates
        ("${people}[2]/name", "Bob"),
        ("${people}[position() = 2]/name", "Bob"),
        ("${people}[position() = ${wanted}]/name", "Bob"),
        ("/data/people[last()]/name", "Cy"),
        ("/data/people[age > 18]/name", "Ann"),
        ("count(/data/people[age > 18])", 2),
        ("count(${people}[age > 18][2])", 1),
        ("sum(${people}[job != '']/age)", 38),
        ("count(${age}[. > 18])", 2),
        ("count(${age}[../job = 'baker'])", 1),
        ("join(' ', ${people}[count(./pets) > 0]/name)", "Ann Cy"),
        ("join(' ', ${people}[1]/pets/pet)", "cat dog"),
        ("${people}[1]/pets[2]/pet", "dog"),
        ("count(${people}/pets)", 3),
        ("(${people})[3]/name", "Cy"),
        ("${people}[4]/name", None),
        ("count(${people}[1 + 1])", 1),
        ("count(${people}[if(1 = 1, 2, 3)])", 1),
        ("count(${people}[${wanted}])", 3),
        ("count(${people}[job])", 2),
        ("count(${people}[${blank}])", 0),
        ("${people}[4]/name = ''", False),
        # rows of tables
        ("instance('towns')/root/item[name = 'ce']/label", "Cemouth"),
        ("instance('towns')/root/item[county = ${county}]/label", "Aymouth"),
        ("join(' ', instance('towns')/root/item[county = ${county}]/name)", "ay ce"),
        ("count(instance('towns')/root/item[county = ${county} and people > 9])", 1),
        ("count(instance('towns')/root/item[people > 9])", 2),
        ("instance('towns')/root/item[2]/name", "be"),
        ("instance('towns')/root/item[name = current()/../county]/label", None),
        ("instance('towns')/root/item[county = 'east'][position() = 2]/name", "ce"),
        ("instance('towns')/root/item[county = 'east' and position() = 2]/name", None),
        ("count(instance('nowhere')/root/item)", 0),
        ("sum(instance('towns')/root/item/people)", 31),
        ("pulldata('towns', 'label', 'name', 'be')", "Bemouth"),
        ("pulldata('towns.csv', 'people', 'name', ${blank})", None),
        ("pulldata('nowhere', 'people', 'name', 'be')", None),
        # the rest
        ("jr:choice-name(${county}, '${county}')", "The East"),
        ("jr:choice-name('north', '${county}')", None),
        ("${last-saved#county}", "west"),
        # nothing was saved: no node, which equals and exceeds nothing (XPath 1.0, 3.4); its text is none
        ("${last-saved#county} != ''", True),
        ("${last-saved#wanted}", None),
        ("${last-saved#wanted} = ''", False),
        ("${last-saved#wanted} != ''", False),
        ("'' = ${last-saved#wanted}", False),
        ("${last-saved#wanted} != 'west'", False),
        ("${last-saved#wanted} = ${blank}", False),
        ("${last-saved#wanted} < 1", False),
        ("not(${last-saved#wanted} = 'west')", True),
        ("string(${last-saved#wanted}) = ''", True),
        ("concat('a', ${last-saved#wanted})", "a"),
        ("coalesce(${last-saved#wanted}, 'b')", "b"),
        ("indexed-repeat(${name}, ${people}, 3)", "Cy"),
        ("indexed-repeat(${name}, ${people}, ${wanted})", "Bob"),
        ("indexed-repeat(${pet}, ${people}, 1, ${pets}, 2)", "dog"),
        ("indexed-repeat(${pet}, ${people}, 2, ${pets}, 1)", None),
        ("indexed-repeat(${name}, ${people}, ${blank})", None),
        ("position(..)", 1),
    ],
)
def test_seen_from_the_form(text: str, expected: Any) -> None:
    """A question outside every repeat sees repeats as sets."""
    found = TREE.at("wanted").works_out(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${name}", "Bob"),
        ("../name", "Bob"),
        ("${age} >= 18", False),
        ("count(${people})", 3),
        ("sum(../../people/age)", 118),
        ("position(..)", 2),
        ("indexed-repeat(${name}, ${people}, position(..) - 1)", "Ann"),
        ("indexed-repeat(${name}, ${people}, position(..) + 9)", None),
        ("/data/people[position() = position(current()/..) - 1]/name", "Ann"),
        ("count(/data/people[age > current()/../age])", 2),
        ("${people}[age > 50]/name", "Ann"),
        (". = 'pupil'", True),
        ("count(${name}[. = current()/.])", 0),
        ("count(/data/people/job[. = current()/.])", 1),
    ],
)
def test_seen_from_an_instance(text: str, expected: Any) -> None:
    """A question in an instance of a repeat sees that instance, and the repeat itself whole."""
    found = TREE.at("people", 2, "job").works_out(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("county = ${county}", [0, 2]),
        ("./county = ${county}", [0, 2]),
        ("${county} = county and people > 9", [2]),
        ("people > 9", [1, 2]),
        ("selected('ay be', name)", [0, 1]),
        ("name != ''", [0, 1, 2]),
        ("${blank} = '' or county = ${blank}", [0, 1, 2]),
        ("county = ${blank}", []),
        ("county = ${dk}", []),
        ("people = 9", [0]),
        ("true()", [0, 1, 2]),
        ("colour = ''", [0, 1, 2]),
    ],
)
def test_choice_filter(text: str, expected: list[int]) -> None:
    """A choice filter lets choices through by their columns, whether it is looked up or tried row by row."""
    tree = Tree({"county": "east", "blank": None, "dk": Standing.DONT_KNOW})
    assert list(compile_filter(parse(text, of_rows=True), tree, TOWNS)(tree.frame)) == expected


def test_choice_filter_of_many_rows() -> None:
    """A list of 20,000 choices is looked up, not gone through, each time an answer changes."""
    tree = Tree({"county": "c7"})
    rows = [{"name": f"n{i}", "label": "", "county": f"c{i % 1000}"} for i in range(20_000)]
    let_through = compile_filter(parse("county = ${county}", of_rows=True), tree, rows)
    assert len(let_through(tree.frame)) == 20
    rows[7]["county"] = "c8"  # what was looked up once is not gone through again
    assert len(let_through(tree.frame)) == 20


def test_bare_words() -> None:
    """A bare word is a column: in a choice filter and in predicates; elsewhere it is a mistake."""
    assert parse("region = ${r}", of_rows=True) == ["=", ["name", "region"], ["ref", "r"]]
    assert parse("${a}[b = 1]")[2][1] == ["name", "b"]
    with pytest.raises(ConditionError, match="words stand in quotes"):
        parse("region = ${r}")
    with pytest.raises(ConditionError, match="words stand in quotes"):
        parse("${a}[b = 1] and b = 1")


def test_what_is_read() -> None:
    """Names and paths are known without evaluating; what a predicate calls `.` is not the own answer."""
    ast = parse("${a} + ../b + /data/c/d + current()/../e + count(${r}[. > ${f}])")
    assert names_used(ast) == {"a", "r", "f"}
    assert paths_used(ast) == {(1, ("b",)), (ROOT, ("c", "d")), (1, ("e",))}
    assert not uses_self(ast)
    assert uses_self(parse("current()/. > 1"))
    assert names_used(parse("jr:choice-name(${a}, '${b}')")) == {"a", "b"}


def test_patterns_of_other_engines() -> None:
    """An import keeps a pattern that RE2 cannot run and says which; it then matches nothing."""
    text = "regex(., '^(?!0)[0-9]+$') and regex(., '^[0-9]+$')"
    with pytest.raises(ConditionError, match="cannot be run"):
        parse(text)
    ast = parse(text, any_pattern=True)
    assert [pattern for pattern, _ in unusable_patterns(ast)] == ["^(?!0)[0-9]+$"]
    assert unusable_patterns(parse("regex(., '^[0-9]+$')")) == ()
    assert evaluate(ast, {}, ON, here="5") is False


@pytest.mark.parametrize(
    "ast",
    [
        ["filter", ["num", 1], ["num", 1]],
        ["step", ["filter", ["instance", "t"], ["num", 1]]],
        ["filter", ["step", ["instance", "t"], "a"], ["num", 1]],
        ["path"],
        ["path", "x"],
        ["abs"],
        ["call", "count", ["num", 1]],
        ["call", "indexed-repeat"],
        ["call", "pulldata"],
        ["call", "position", ["path", "x"]],
        ["union", ["what"]],
        ["current"],
        ["instance"],
        ["call", "jr:choice-name", ["num", 1]],
    ],
)
def test_damaged_node_sets(ast: Any) -> None:
    """A compiled form that was damaged is refused when it is compiled, or yields blank; it never fails later."""
    try:
        node = compile_condition(ast, TREE)
    except ConditionError:
        return
    assert node(TREE.frame) in (None, 1, 0, Decimal(1))
