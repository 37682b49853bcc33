"""What `checklist check` tells beyond what stops a checklist: where, how bad, and in which words."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from firstcontact.checklist_check import check_tree, ranked
from firstcontact.definitions.problems import DefinitionProblem
from firstcontact.definitions.yaml import parse_yaml

HEAD = 'checklist: small\nversion: "1"\ntitle: Small\n'
FACTS = """facts:
  - about: X
    title: About
    questions:
      - {question: X1, fact: address, type: text, say: Where?}
      - {question: X2, fact: postcode, type: postcode, say: Which postcode?}
"""
BODY = """sections:
  - section: A
    title: First
    questions:
      - {question: A1, type: yes-no, say: One?}
      - question: A2
        type: any-of
        say: Which?
        choices:
          - {choice: a, label: apples}
          - {choice: b, label: pears}
          - {choice: none, label: none of these, exclusive: yes}
      - {question: A3, type: whole-number, say: How many?, constraint: ". >= 1 and . <= 30"}
      - {question: A4, type: text, say: What?}
      - {question: A5, type: date, say: When?}
      - {question: A6, type: one-of, say: Which one?, choices: [{choice: x, label: ex}, {choice: y, label: why}]}
"""


def told(extra: str, *, body: str = BODY, more: str = "", languages: dict[str, str] | None = None) -> list[str]:
    """What is told of the body with these lines at its end, as `level code: message`."""
    return [f"{each.level} {each.code}: {each.message}" for each in problems(extra, body, more, languages)]


def problems(
    extra: str, body: str = BODY, more: str = "", languages: dict[str, str] | None = None
) -> tuple[DefinitionProblem, ...]:
    text = f"{HEAD}{FACTS}{body}{extra}{more}"
    root = parse_yaml(text.encode(), "checklist.yaml")
    translations = {code: parse_yaml(words.encode(), f"{code}.yaml") for code, words in (languages or {}).items()}
    return ranked(check_tree(root, translations))


def asked(relevant: str, name: str = "B1", kind: str = "yes-no") -> str:
    return f'      - {{question: {name}, type: {kind}, say: Then?, relevant: "{relevant}"}}\n'


def test_nothing_is_said_of_what_is_right() -> None:
    """A checklist without a fault is told nothing, whatever its conditions look like."""
    right = (
        asked("${A1} = 'yes' and (selected(${A2}, 'a') or ${A3} > 5)")
        + asked("${A1} != 'no'", "B2")
        + asked("${A4} = 'blue' or string-length(${A4}) > 3", "B3")
        + asked("${A5} > '2020-01-01' and ${A5} <= today()", "B4")
        + asked("count-selected(${A2}) > 1 or selected(${A2}, 'none')", "B5")
        + asked("${A6} = 'x' or ${A6} = 'dont-know'", "B6")
    )
    assert told(right) == []


@pytest.mark.parametrize(
    ("relevant", "why"),
    [
        ("${A1} = 'yes' and ${A1} = 'no'", "A1 has one answer at a time"),
        ("selected(${A2}, 'a') and selected(${A2}, 'none')", "'none' of A2 stands alone and is never chosen together"),
        ("${A3} > 30", "by its constraint A3 keeps . >= 1 and . <= 30"),
        ("${A3} > 5 and ${A3} < 5", "no answer to A3 makes it true"),
        ("${A5} > '2020-01-02' and ${A5} < '2020-01-01'", "no answer to A5 makes it true"),
        ("${A1} >= 1", "the answers to A1 are yes, no, which have no size to compare"),
        ("${A6} + 1 = 2", "the answers to A6 are x, y"),
        ("count-selected(${A2}) > 2", "the answers to A2 are a, b, none"),
    ],
)
def test_a_question_that_is_never_asked(relevant: str, why: str) -> None:
    """It is a warning, and tells why no answers lead there."""
    lines = [line for line in told(asked(relevant)) if "never-asked" in line]
    assert len(lines) == 1, lines
    assert lines[0].startswith("warning never-asked: B1 is never asked: ")
    assert why in lines[0]


def test_what_can_only_be_asked_otherwise() -> None:
    """A question that is asked after a yes is never answered after a no."""
    lines = told(asked("${A1} = 'yes'") + asked("${A1} = 'no' and ${B1} = 'yes'", "B2"))
    assert lines == ["warning never-asked: B2 is never asked: this never holds: B1 is only asked while ${A1} = 'yes'"]


def test_what_hangs_on_the_unreachable_is_told_its_cause() -> None:
    """The next in the chain says which question before it is never asked."""
    lines = told(asked("${A3} > 99") + asked("${B1} = 'yes'", "B2"))
    assert any(
        line.endswith("B1 is never asked: this never holds: by its constraint A3 keeps . >= 1 and . <= 30")
        for line in lines
    )
    assert "warning never-asked: B2 is never asked: this never holds: B1 is never asked" in lines


@pytest.mark.parametrize(
    ("relevant", "code", "words"),
    [
        ("${A1} = 'yes' or ${A3} > 40", "part-never", "${A3} > 40 never holds: by its constraint A3"),
        ("${A1} = 'yes' or (${A6} = 'x' and ${A6} = 'y')", "part-never", "(${A6} = 'x') and (${A6} = 'y') never holds"),
        ("${A1} = 'yes' and (${A3} < 50 or ${A3} = '' or ${A3} != 3)", "part-always", "always holds here"),
        ("${A3} = '' or ${A3} != ''", "always", "this always holds, so B1 is always asked; leave it out"),
        ("false()", "switched-off", "B1 is switched off by false()"),
        ("${A1} = 'yes' and false()", "switched-off", "this is switched off by false()"),
    ],
)
def test_parts_and_wholes_of_conditions(relevant: str, code: str, words: str) -> None:
    """A dead branch, a term that could be left out, a condition that says nothing."""
    (line,) = told(asked(relevant))
    assert code in line
    assert words in line


def test_the_place_of_a_part_is_where_it_begins() -> None:
    """The column points at the part and not at the condition."""
    row = asked("${A1} = 'yes' or ${A3} > 40")
    (problem,) = problems(row)
    text = f"{HEAD}{FACTS}{BODY}{row}"
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith("${A3} > 40")


def offer(when: str, more: str = "") -> str:
    return (
        f"      - question: C1\n        type: yes-no\n        say: Help?\n        offers:\n"
        f'          - {{service: s, when: "{when}"{more}}}\n'
    )


@pytest.mark.parametrize(
    ("when", "more", "words"),
    [
        ("${C1} = 'yes' and ${A3} > 30", "", "warning offer-never: s never comes: ${A3} > 30 never holds"),
        ("${C1} = 'yes' or ${C1} != 'yes'", "", "warning always: this comes whatever is answered"),
        (
            "${C1} = 'yes'",
            ", raise: [{to: urgent, when: \"${C1} = 'no'\"}]",
            "warning never: nothing is ever raised here",
        ),
        ("${C1} = 'yes'", ", raise: [{to: urgent, when: \"${C1} != 'no'\"}]", "so it is always raised"),
        (
            "${C1} = 'yes'",
            ", signposted: [{to: gp, when: \"${A1} = 'yes'\"}, {to: hub, when: \"${A1} != 'yes'\"}]",
            "warning offer-never: this offer never comes: whenever it would, one of `signposted` takes its place",
        ),
        (
            "${C1} = 'yes'",
            ", packs: [DOB]",
            "the pack DOB carries the fact 'date_of_birth', which no question asks for",
        ),
    ],
)
def test_offers(when: str, more: str, words: str) -> None:
    """An offer that never comes or always does, and what is raised or sent with it."""
    assert any(words in line for line in told(offer(when, more))), told(offer(when, more))


def test_a_calculation_is_followed() -> None:
    """A comparison with what a calculation never comes to is found, and one of its own branches too."""
    calculations = (
        "calculations:\n  - {calculation: size, value: \"if(${A3} > 40, 'big', if(${A3} > 5, 'middle', 'small'))\"}\n"
    )
    lines = told(asked("${size} = 'huge'"), more=calculations)
    assert any(line.startswith("warning never-asked: B1 is never asked") for line in lines)
    assert any(line.startswith("warning never: ${A3} > 40 never holds: by its constraint A3") for line in lines)
    assert not any("never-asked" in line for line in told(asked("${size} = 'small'"), more=calculations))


@pytest.mark.parametrize(
    ("relevant", "words"),
    [
        ("${A4} > 5", "warning text-by-size: A4 is text, which has no size to compare"),
        ("count-selected(${A6}) > 0", "warning count-of-one: A6 has one answer at a time"),
        ("${A2} = 'a'", "hint any-of-equals: this is only so of 'a' alone, and A2 may have several answers"),
        ("${tenure} = 'owner' or ${A1} = 'yes'", "warning fact-not-asked: no question asks for the fact 'tenure'"),
        ("${age} > 65 or ${A1} = 'yes'", "warning fact-not-asked: no question asks for the fact 'date_of_birth'"),
    ],
)
def test_types_and_facts(relevant: str, words: str) -> None:
    """Text by size, one answer counted, several as one, facts that nobody asks."""
    assert any(words in line for line in told(asked(relevant))), told(asked(relevant))


def test_none_of_these_may_be_compared_as_one() -> None:
    """A choice that stands alone is all of the answer."""
    assert told(asked("${A2} = 'none'")) == []


def test_what_is_of_no_use() -> None:
    """Calculations, lists, details and follow-ups that nothing reads, and choices that read alike."""
    body = BODY.replace("label: pears", "label: Apples") + (
        "      - question: D1\n        type: yes-no\n        say: More?\n"
        "        follow_ups: [{question: D1a, type: yes-no, say: Sure?, relevant: \"${D1} = 'yes'\"}]\n"
        "        details: [{question: D1b, type: text, say: What?, relevant: \"${D1} = 'yes'\"}]\n"
    )
    more = 'lists: {fruit: [{choice: a, label: apple}]}\ncalculations: [{calculation: c, value: "1 + 1"}]\n'
    lines = told("", body=body, more=more)
    for words in (
        "warning unused: nothing reads the calculation c",
        "warning unused: no question chooses from the list fruit",
        "warning detail-not-sent: nobody receives the detail D1b: no offer has it in `fields`",
        "hint decides-nothing: nothing depends on the follow-up D1a, and no offer sends it",
        "warning same-label: 'b' reads like 'a': nobody can tell them apart",
    ):
        assert words in lines, lines


def test_words() -> None:
    """`${}` that names nothing, and what a language leaves out; numbers need no translation."""
    body = BODY.replace("say: One?", "say: 'One, ${A33}?'").replace("label: pears", "label: '12'")
    welsh = "language: cy\ntitle: Bach\nquestions:\n  A1: {say: Un?}\n  A2: {choices: {a: afalau}}\n"
    found = problems("", body=body, languages={"cy": welsh})
    lines = [f"{each.level} {each}" for each in found]
    first = "error checklist.yaml:14:51: there is no question or fact 'A33' to put into these words. Did you mean 'A3'?"
    assert lines[0] == first
    assert "warning cy.yaml:5:7: cy has no words for A2 (say, choice 'none')" in lines
    assert not any("choice 'b'" in line for line in lines)
    assert any("cy has no words for 'A' among its sections" in line for line in lines)


def test_circles_are_each_told_once() -> None:
    """Two circles and a question that waits for itself: all at once, the way round told."""
    lines = told(
        asked("${B2} = 'yes'")
        + asked("${B1} = 'yes'", "B2")
        + asked("${B3} = 'yes'", "B3")
        + asked("${B6} = 'yes'", "B4")
        + asked("${B4} = 'yes'", "B5")
        + asked("${B5} = 'yes'", "B6")
    )
    circles = [line for line in lines if line.startswith("error")]
    assert circles == [
        "error cycle: these need each other: B1 needs B2 needs B1",
        "error self-reference: B3 reads its own answer to find out whether it is asked: B3 needs B3",
        "error cycle: these need each other: B4 needs B6 needs B5 needs B4",
    ]


def test_a_long_circle_is_shortened() -> None:
    """Of a circle of 200 its beginning and its end are told."""
    rows = "".join(asked(f"${{C{(n + 1) % 200}}} = 'yes'", f"C{n}") for n in range(200))
    (line,) = [line for line in told(rows) if line.startswith("error")]
    assert "(189 more)" in line
    assert len(line) < 300


def test_errors_come_first() -> None:
    """Whatever its place, what stops the checklist is told before what does not."""
    levels = [
        each.level for each in problems(asked("${A3} > 99") + asked("${A2} = 'a'", "B2") + asked("${A9} = 1", "B3"))
    ]
    assert levels == sorted(levels, key=("error", "warning", "hint").index)
    assert levels[0] == "error"
    assert levels[-1] == "hint"


def test_a_form_from_a_workbook_is_judged_less_strictly() -> None:
    """What other programs run all the same is a warning there, and stops nothing."""
    kept = "kept: {settings: {form_id: x}}\n"
    ours, theirs = told(asked("${A6} = 'z'")), told(asked("${A6} = 'z'"), more=kept)
    assert any(line.startswith("error unknown-choice") for line in ours)
    assert any(line.startswith("warning unknown-choice") for line in theirs)


def messages(found: Iterable[DefinitionProblem]) -> list[str]:
    return [each.message for each in found]


def test_a_file_wrong_everywhere_is_told_in_time() -> None:
    """Thousands of unknown names cost no minutes of looking for what was meant."""
    rows = "".join(asked(f"${{unknown{n}}} = 'yes'", f"q{n}") for n in range(1500))
    found = messages(problems(rows))
    assert sum(message.startswith("there is no question or fact") for message in found) == 1500
