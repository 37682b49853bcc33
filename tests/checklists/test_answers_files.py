"""Answers files: what is accepted, and what is told where it is not."""

from __future__ import annotations

from datetime import date

import pytest

from firstcontact.definitions.problems import DefinitionError
from firstcontact.definitions.visits import visit_of
from firstcontact.definitions.yaml import parse_yaml
from tests.checklists.telling import checklist, ends, one, scheme, told

OWNER = "address: 1 High Street, postcode: AY2 4QT, tenure: owner, people: 1"
ANN = "name: Ann, born: 1943-03-14"


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ("home: {E1: burgled}", {"home-security": "offered"}),
        ("home: {E1: burgled in the last 12 months}", {"home-security": "offered"}),
        ("home: {C4: worried about losing it}", {"housing-advice": "offered"}),
        ("home: {C4: no longer right for me}", {"housing-advice": "offered"}),
        ("ann: {H4: both}", {"home-library": "offered", "digital-help": "offered"}),
        ("ann: {H4: [books brought to me]}", {"home-library": "offered"}),
        ("ann: {H4: online}", {"digital-help": "offered"}),
        ("ann: {B1: Yes}", {"falls-assess": "offered"}),
        ("ann: {G3: already getting help}", {"memory-support": "already-helped"}),
        ('home: {A1: "don\'t know"}', {"fire-visit": "offered"}),
        ("ann: {A1: no}", {"fire-visit": "offered"}),
        ("home: {B1: yes}", {"falls-assess": "offered"}),
    ],
)
def test_answers_may_be_written_as_people_say_them(answers: str, found: dict[str, str]) -> None:
    """Tokens, labels, enough of a label; and a question under the wrong heading goes where it belongs."""
    assert ends(one(OWNER, ANN, answers)) == found


@pytest.mark.parametrize("how_many", ['"2 or more"', "2 or more", "2-or-more", "more"])
def test_two_or_more_falls_may_be_spelt_in_several_ways(how_many: str) -> None:
    """Each of them makes it soon."""
    assert one(OWNER, ANN, f"ann: {{B1: yes, B1a: {how_many}}}")["offers"][0]["urgency"] == "soon"


@pytest.mark.parametrize("nothing", ["none", "[none]", "[]", "none of these"])
def test_none_of_these_is_no_reason_to_hurry(nothing: str) -> None:
    """Nothing chosen in B1b leaves it routine."""
    assert one(OWNER, ANN, f"ann: {{B1: yes, B1a: 1, B1b: {nothing}}}")["offers"][0]["urgency"] == "routine"


def test_facts_may_stand_among_the_answers_by_their_questions() -> None:
    """X ids do the same as the maps of home and people; X10 takes its parts."""
    result = told(
        """
        on: 2026-01-15
        people: {ann: {}}
        answers:
          home: {X3: {address: 1 High Street, postcode: AY2 4QT}, X7: alone, X8: owner, X12: a dog}
          ann:
            X1: Ann Archer
            X2: 1961-02-01
            X11: yes
            X9: Osier Park
            X10: {name: Bea, relationship: niece, phone: 01632 960999, agreed: yes}
            B1: yes
            B3: yes
        agreements: {ann: {FAB: yes, LLK: yes}}
        """
    )
    falls, alarm = result["referrals"]
    assert falls["names"] == ["Ann Archer"]
    assert falls["fields"] == {
        "ADDR": {"address": "1 High Street", "postcode": "AY2 4QT", "access": "a dog"},
        "DOB": {"date_of_birth": "1961-02-01"},
        "LIVES": {"alone": "yes"},
        "GP": {"practice": "Osier Park"},
        "LTC": {"long_term_condition": True},
    }
    assert alarm["fields"]["ALT"] == {"name": "Bea", "relationship": "niece", "phone": "01632 960999"}


def test_an_agreement_under_the_person_counts_for_the_home_and_the_other_way_round() -> None:
    """A partner has offers for one of the two, so it is clear which is meant; the person is the one who said yes."""
    result = one(OWNER, ANN, "home: {A1: no}, ann: {F1: yes}", "ann: {AFR: yes}, home: {WRT: yes}")
    assert [(row["partner"], row["subject"], row["names"]) for row in result["referrals"]] == [
        ("AFR", "home", ["Ann"]),
        ("WRT", "ann", ["Ann"]),
    ]


@pytest.mark.parametrize(
    ("broken", "place", "said"),
    [
        ("answers: {home: {A9: yes}}", "3:18", "'A9' is no question"),
        ("answers: {home: {E1: worred}}", "3:22", "Did you mean 'worried'?"),
        ("answers: {home: {A1: maybe}}", "3:22", "'maybe' is none of: yes, no"),
        ("answers: {anne: {B1: yes}}", "3:11", "'anne' is nobody in this file. Did you mean 'ann'?"),
        ("agreements: {home: {AFX: yes}}", "3:21", "'AFX' is no partner"),
        ("agreements: {home: {AFR: perhaps}}", "3:26", "'perhaps' is none of: yes, no"),
        ("agreements: {home: {AFR: {answer: yes, by: bob}}}", "3:26", "'bob' is nobody in this file"),
        ("home: {tenur: owner}", "3:8", "unknown field 'tenur'. Did you mean 'tenure'?"),
        ("home: {tenure: ownr}", "3:16", "Did you mean 'owner'?"),
        ("rest: yes", "3:7", "'yes' is none of: no"),
        ("anwsers: {}", "3:1", "unknown field 'anwsers'. Did you mean 'answers'?"),
        ("answers: {ann: {X2: 14.3.1943}}", "3:21", "Type a date"),
        ("answers: {ann: {X2: 2026-01-16}}", "3:21", "That day has not come yet"),
        ("home: {people: -3}", "3:16", "Count everyone who lives here"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_place(broken: str, place: str, said: str) -> None:
    """File, line, column, and the nearest known name."""
    with pytest.raises(DefinitionError) as raised:
        told(f"on: 2026-01-15\npeople: {{ann: {{}}}}\n{broken}\n")
    assert f"visit.yaml:{place}:" in str(raised.value)
    assert said in str(raised.value)


def test_everything_wrong_is_told_at_once() -> None:
    """Three mistakes, three lines."""
    with pytest.raises(DefinitionError) as raised:
        told("on: 2026-01-15\npeople: {ann: {}}\nanswers: {ann: {Q1: yes, B1: perhaps, B2: never}}\n")
    assert len(raised.value.problems) == 3


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("{AFR: {answer: yes, namde: [ann]}}", "visit.yaml:3:40: unknown field 'namde'. Did you mean 'named'?"),
        ("{AFR: {answer: yes, named: {ann: yes}}}", "visit.yaml:3:47: text is expected here"),
        ("{AFR: [yes]}", "visit.yaml:3:26: text is expected here"),
    ],
)
def test_where_several_shapes_may_stand_one_mistake_is_told_once(broken: str, said: str) -> None:
    """A word misspelt inside an agreement is not also "no text", nor is a list that should be text told twice."""
    with pytest.raises(DefinitionError) as raised:
        told(f"on: 2026-01-15\npeople: {{ann: {{}}}}\nagreements: {{home: {broken}}}\n")
    assert str(raised.value) == said


def test_mistakes_in_different_places_are_all_told_whatever_their_shape() -> None:
    """A wrong shape hides nothing that stands elsewhere, and is not hidden by it."""
    with pytest.raises(DefinitionError) as raised:
        told("on: 2026-01-15\nhome: a house\nanwsers: {}\nlater: none\n")
    lines = str(raised.value).splitlines()
    assert [line.split(": ")[0] for line in lines] == ["visit.yaml:2:7", "visit.yaml:3:1", "visit.yaml:4:8"]


def test_one_name_may_stand_for_a_list_of_one() -> None:
    """`named: ann` is what `named: [ann]` is."""
    result = one(OWNER, ANN, "home: {A1: no}", "home: {AFR: {answer: yes, by: ann, named: ann, present: ann}}")
    assert result["referrals"][0]["names"] == ["Ann"]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("on: 9999-12-31", "visit.yaml:1:5: a visit is between 2000 and 2100, not on 9999-12-31"),
        (
            "on: 2026-01-15\nlater: [{on: 2026-01-14}]",
            "visit.yaml:2:14: 2026-01-14 comes before 2026-01-15: the steps stand in the order of their days",
        ),
    ],
)
def test_days_that_cannot_be_are_told(days: str, said: str) -> None:
    """No calendar reaches the year 9999, and no visit goes back in time."""
    with pytest.raises(DefinitionError) as raised:
        told(f"{days}\n")
    assert str(raised.value) == said


def test_another_day_than_the_files_may_be_given_whatever_its_steps_say() -> None:
    """`--on` beats the first day, and is not held against the later ones."""
    node = parse_yaml(b"on: 2026-01-15\nlater: [{on: 2026-01-16}]\n", "visit.yaml")
    visit = visit_of(node, "visit", checklist(), scheme(), on=date(2026, 3, 1))
    assert [step.on for step in visit.steps] == [date(2026, 3, 1), date(2026, 1, 16)]
