"""Laws of relevance and repeats, over random checklists and random answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from firstcontact.domain.answer import Value
from firstcontact.domain.branching import Form, Sheet
from firstcontact.domain.checklist import Block, Calculation, Checklist, OfferRule
from tests.domain.forms import ON, checklist, question

NUMBERS = 6
REPEATED = 3


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Numbers that depend on those before them, groups, a repeat with an inner one, totals and rules."""
    blocks = [
        Block(id="g", relevant=draw(condition(NUMBERS))),
        Block(id="h", parent="g", relevant=draw(st.none() | condition(2))),
        Block(id="r", repeat=True, relevant=draw(st.none() | condition(3)), count=draw(st.none() | st.just("${q0}"))),
        Block(id="i", repeat=True, parent="r", count=draw(st.sampled_from(["${r0}", "${q1} - 1", "2"]))),
    ]
    questions: list[Any] = [
        question(f"q{n}", draw(st.none() | condition(n)) if n else None, kind="whole-number") for n in range(NUMBERS)
    ]
    questions += [question(f"in_{block}", kind="whole-number", block=block) for block in ("g", "h")]
    for n in range(REPEATED):
        inside = f"${{r{n - 1}}} > 1" if n and draw(st.booleans()) else None
        questions.append(question(f"r{n}", inside, kind="whole-number", block="r"))
    questions.append(question("inner", draw(st.none() | st.just("${r1} != 2")), kind="whole-number", block="i"))
    calculations = (
        Calculation("total", " + ".join(f"coalesce(${{q{n}}}, 0)" for n in range(NUMBERS))),
        Calculation("all_r0", "sum(${r0})"),
        Calculation("all_inner", "count-non-empty(${inner})"),
        Calculation("here", "${r0} * position(..)", block="r"),
        Calculation("of_h", "${in_h} + 1", block="h", relevant=draw(st.none() | condition(2))),
        Calculation("grand", "${total} + coalesce(${all_r0}, 0)"),
    )
    rules = (OfferRule(id="q1:s", question_id="q1", service="s", when="${grand} > 6"),)
    made: Checklist = replace(checklist(*questions, rules=rules), blocks=tuple(blocks), calculations=calculations)
    return Form.of(made)


def condition(below: int) -> st.SearchStrategy[str]:
    """Something about one of the first so many numbers."""
    names = st.integers(0, max(below - 1, 0))
    return st.builds("${{q{}}} {} {}".format, names, st.sampled_from([">", "=", "!="]), st.integers(0, 3))


NODES = [
    *(f"q{n}" for n in range(NUMBERS)),
    "in_g",
    "in_h",
    *(f"r[{n}]" for n in (1, 2, 3)),
    *(f"r{n}[{i}]" for n in range(REPEATED) for i in (1, 2)),
    *(f"inner[{i}][{j}]" for i in (1, 2) for j in (1, 2)),
]
ANSWERS = st.lists(st.tuples(st.sampled_from(NODES), st.none() | st.integers(0, 3)), max_size=25)


def put(sheet: Sheet, node: str, number: int | None) -> frozenset[str]:
    """Record a number; of the node of a repeat yes or no."""
    value: Value = number
    if node.startswith("r["):
        if sheet.form.checklist.by_block["r"].count is not None:
            return frozenset()
        value = None if number is None else "yes" if number else "no"
    return sheet.record(node, value)


def seen(sheet: Sheet) -> dict[str, Any]:
    """Everything that can be asked of a sheet."""
    found: dict[str, Any] = {"nodes": sheet.nodes(), "rule": sheet.holds("q1:s")}
    for node in sheet.nodes():
        found[node] = (sheet.relevant(node), sheet.value(node), sheet.answer(node), sheet.violations(node))
    for name in ("total", "all_r0", "all_inner", "of_h", "grand", *(f"here[{n}]" for n in range(1, 5))):
        found[name] = sheet.value(name)
    return found


@given(forms(), ANSWERS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_a_sheet_kept_up_is_one_made_anew(form: Form, answers: list[tuple[str, int | None]], rng: Any) -> None:
    """However answers came, changed and went: the sheet is the one that the last answers alone would make."""
    kept_up = Sheet(form, ON)
    last: dict[str, int | None] = {}
    for node, number in answers:
        put(kept_up, node, number)
        last[node] = number
    anew = Sheet(Form.of(form.checklist), ON)
    rows = list(last.items())
    rng.shuffle(rows)
    for node, number in rows:
        put(anew, node, number)
    assert seen(kept_up) == seen(anew)


@given(forms(), ANSWERS, st.sampled_from(NODES), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_what_is_hidden_and_shown_again_is_back(
    form: Form, answers: list[tuple[str, int | None]], node: str, number: int
) -> None:
    """Changing one answer and changing it back leaves everything as it was, hidden answers included."""
    sheet = Sheet(form, ON)
    for each, value in answers:
        put(sheet, each, value)
    before, own = seen(sheet), sheet.answer(node) if node[:2] != "r[" else None
    if node.startswith("r["):
        if form.checklist.by_block["r"].count is not None:
            return
        own = sheet.answer(node)
    put(sheet, node, number)
    sheet.record(node, own)
    assert seen(sheet) == before


@given(forms(), ANSWERS)
@settings(max_examples=60, deadline=None)
def test_record_tells_all_that_changed(form: Form, answers: list[tuple[str, int | None]]) -> None:
    """What record() returns is exactly what has another relevance, value or standing than before."""
    sheet = Sheet(form, ON)
    for node, number in answers:
        before = seen(sheet)
        told = put(sheet, node, number)
        after = seen(sheet)
        for name in before.keys() | after.keys():
            if name in ("nodes", "rule", node):
                continue
            old, new = before.get(name), after.get(name)
            if isinstance(old, tuple) or isinstance(new, tuple):  # a question: whether it is there and relevant
                old, new = old and old[0], new and new[0]
            if bool(old) is not bool(new) or (not isinstance(old, bool) and old != new):
                assert name in told, (node, number, name, old, new)


@given(forms(), ANSWERS, st.sampled_from(NODES), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_what_if_leaves_the_sheet_alone(
    form: Form, answers: list[tuple[str, int | None]], node: str, number: int
) -> None:
    """A copy can be changed, instances and all, without the sheet that it was made from."""
    sheet = Sheet(form, ON)
    for each, value in answers:
        put(sheet, each, value)
    before = seen(sheet)
    put(sheet.copy(), node, number)
    assert seen(sheet) == before
