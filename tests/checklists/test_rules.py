"""The rules of the older person's checklist at their edges, on the shipped data: tables of what must come out."""

from __future__ import annotations

import pytest

from tests.checklists.telling import due, ends, one, told

OWNER = "address: 1 High Street, postcode: AY2 4QT, tenure: owner, people: 1"


@pytest.mark.parametrize(
    ("person", "end"),
    [
        ("born: 1961-01-15", "offered"),
        ("born: 1961-01-16", "check-age X11"),
        ("born: 1961-01-16, long_term_condition: yes", "offered"),
        ("born: 1961-01-16, long_term_condition: no", "not-eligible age"),
        ("born: 1961-01-16, long_term_condition: prefers-not-to-say", "check-age X11"),
        ("born: 1976-01-16, long_term_condition: yes", "not-eligible age"),
        ("born: 1976-01-16", "not-eligible age"),
        ("age_band: 65-74", "offered"),
        ("age_band: 60-64", "check-age X11"),
        ("age_band: 50-59, long_term_condition: yes", "offered"),
        ("name: Ann", "check-age X2"),
        ("born: prefers-not-to-say, age_band: 85+", "offered"),
    ],
)
def test_an_age_rule_is_decided_on_the_day_or_asks(person: str, end: str) -> None:
    """65 on the birthday itself; a band is enough where it decides; what is missing is named, never a silent no."""
    assert ends(one(OWNER, person, "ann: {B1: yes}"))["falls-assess"] == end


@pytest.mark.parametrize(
    ("born", "on", "service"),
    [
        ("1960-04-05", "2026-04-04", "benefit-check"),
        ("1960-04-05", "2026-04-05", "benefit-home-visit"),
        ("1960-04-06", "2026-05-05", "benefit-check"),
        ("1960-04-06", "2026-05-06", "benefit-home-visit"),
        ("1961-03-05", "2028-02-04", "benefit-check"),
        ("1961-03-05", "2028-02-05", "benefit-home-visit"),
        ("1961-03-06", "2028-03-05", "benefit-check"),
        ("1961-03-06", "2028-03-06", "benefit-home-visit"),
    ],
)
def test_a_home_visit_about_money_is_for_those_of_state_pension_age(born: str, on: str, service: str) -> None:
    """State Pension age rises month by month for births from 6 April 1960 to 5 March 1961."""
    result = one(OWNER, f"name: Ann, born: {born}", "ann: {F1: yes, F1a: no}", on=on)
    assert ends(result) == {service: "offered"}


@pytest.mark.parametrize(
    ("band", "found"),
    [
        ("60-64", {"benefit-check": "offered"}),
        ("65-74", {"benefit-home-visit": "check-age X2"}),
        ("75-84", {"benefit-home-visit": "offered"}),
    ],
)
def test_a_band_that_does_not_decide_state_pension_age_asks_for_the_date(band: str, found: dict[str, str]) -> None:
    """65 to 74 holds people on both sides of State Pension age in 2026."""
    assert ends(one(OWNER, f"name: Ann, age_band: {band}", "ann: {F1: yes, F1a: no}")) == found


@pytest.mark.parametrize(
    ("postcode", "end", "partner"),
    [
        ("AY8 3RB", "offered", "VCR"),
        ("ay83rb", "offered", "VCR"),
        (" ay8  3rb ", "offered", "VCR"),
        ("AY8 4NB", "out-of-area area", None),
        ("ay84nb", "out-of-area area", None),
        ("AY7 1DD", "offered", "VCR"),
        ("AY6 8YN", "offered", "RTH"),
        ("AY1 1ZZ", "offered", "RTH"),
        ("AY11 1AA", "offered", "VCR"),
        ("AY12 3PL", "unmet area", None),
        ("AY20 1AA", "out-of-area area", None),
        ("AY14 1AA", "offered", None),
        ("AY8", "offered", None),
        ("not known", "offered", None),
    ],
)
def test_a_postcode_is_matched_down_to_the_sector(postcode: str, end: str, partner: str | None) -> None:
    """The county ends inside AY8; spelling does not matter; what matches nothing is offered without a partner."""
    result = one(f"postcode: {postcode}, tenure: owner", "born: 1943-03-14", "home: {C1: yes}")
    assert ends(result) == {"small-jobs": end}
    assert [row["partner"] for row in result["offers"]] == ([partner] if end == "offered" else [])


def test_nothing_is_sent_while_the_area_is_not_known() -> None:
    """A yes where the postcode matches nothing sends nothing."""
    result = one("address: somewhere", "born: 1943-03-14", "home: {A1: no}", "home: {AFR: yes}")
    assert result["referrals"] == []
    assert [(row["service"], row["partner"]) for row in result["offers"]] == [("fire-visit", None)]


@pytest.mark.parametrize(
    ("tenure", "found"),
    [
        ("owner", {"small-jobs": "offered", "heating-insulation": "offered"}),
        ("private rent", {"small-jobs": "offered", "heating-insulation": "offered"}),
        ("council-rent", {"small-jobs": "signposted landlord", "energy-advice": "offered"}),
        ("housing association rent", {"small-jobs": "signposted landlord", "energy-advice": "offered"}),
        ("other", {"small-jobs": "not-eligible tenure", "energy-advice": "offered"}),
        ("dont-know", {"small-jobs": "check-age X8", "heating-insulation": "check-age X8"}),
        ("lives-with-family, family_owns: yes", {"small-jobs": "offered", "energy-advice": "offered"}),
        ("lives-with-family, family_owns: no", {"small-jobs": "not-eligible tenure", "energy-advice": "offered"}),
        ("lives-with-family", {"small-jobs": "check-age X8a", "energy-advice": "offered"}),
    ],
)
def test_tenure_decides_about_repairs_and_heating(tenure: str, found: dict[str, str]) -> None:
    """Rented from the council or an association is the landlord's; warmth advice is for everybody."""
    result = one(f"postcode: AY2 4QT, tenure: {tenure}", "age_band: 60-64", "home: {C1: yes, D1: yes}")
    assert ends(result) == found


def test_b1_keeps_strength_and_balance_away_even_where_nobody_assesses_falls() -> None:
    """With B1 yes no class is offered, and in AY12 the person is pointed to the GP."""
    result = one("postcode: AY12 3PL", "born: 1954-06-02", "ann: {B1: yes, B2: yes}")
    assert ends(result) == {"falls-assess": "signposted gp"}


@pytest.mark.parametrize(
    ("on", "end"),
    [("2025-11-23", "agreed"), ("2025-11-24", "held"), ("2026-03-01", "held"), ("2026-03-02", "agreed")],
)
def test_a_list_is_closed_from_its_first_day_until_the_day_it_opens(on: str, end: str) -> None:
    """A yes to a closed list is held: nothing leaves before it opens and the person is asked again."""
    result = one("postcode: AY7 1DD", "born: 1943-03-14", "ann: {H1: yes}", "ann: {LLA: yes}", on=on)
    assert ends(result) == {"befriending": end}
    assert bool(result["referrals"]) is (end == "agreed")


@pytest.mark.parametrize(
    ("postcode", "end"), [("AY8 2AA", "held"), ("AY6 1AA", "agreed"), ("AY9 1AA", "agreed"), ("AY12 1AA", "agreed")]
)
def test_a_list_is_closed_only_where_the_note_says(postcode: str, end: str) -> None:
    """Befriending is closed in AY7 and AY8 and open everywhere else."""
    result = one(f"postcode: {postcode}", "born: 1943-03-14", "ann: {H1: yes}", "ann: {LLA: yes}")
    assert ends(result) == {"befriending": end}


def test_a_held_request_that_is_reconfirmed_counts_from_its_own_yes() -> None:
    """The other referrals of the visit keep their dates."""
    result = one(
        "postcode: AY7 1DD, tenure: owner",
        "born: 1943-03-14",
        "home: {A1: no}, ann: {H1: yes}",
        "home: {AFR: yes}, ann: {LLA: hold}",
        more="later: [{on: 2026-03-03, agreements: {ann: {LLA: yes}}}]",
    )
    assert due(result) == {"AFR": "2026-01-29", "LLA": "2026-03-17"}


@pytest.mark.parametrize(
    ("on", "contact_by"),
    [
        ("2026-01-04", "2026-01-23"),
        ("2026-01-05", "2026-02-09"),
        ("2026-03-30", "2026-05-07"),
        ("2026-03-31", "2026-04-23"),
    ],
)
def test_a_slow_list_gives_its_own_target_and_the_latest_counts(on: str, contact_by: str) -> None:
    """Small jobs and grab rails at one partner: one referral, due by the later of the two."""
    result = one(
        "postcode: AY9 1DD, tenure: owner", "born: 1943-03-14", "home: {C1: yes, C2: yes}", "home: {VCR: yes}", on=on
    )
    assert due(result) == {"VCR": contact_by}


@pytest.mark.parametrize(
    ("on", "contact_by"),
    [
        ("2026-04-01", "2026-04-17"),
        ("2026-01-15", "2026-01-29"),
        ("2026-12-24", "2027-01-12"),
        ("2026-05-01", "2026-05-18"),
        ("2026-01-17", "2026-01-30"),
    ],
)
def test_targets_count_working_days_of_england(on: str, contact_by: str) -> None:
    """Good Friday, Easter Monday, Christmas and the early May holiday are no working days; day 1 is the day after."""
    result = one(OWNER, "born: 1943-03-14", "home: {A1: no}", "home: {AFR: yes}", on=on)
    assert due(result) == {"AFR": contact_by}


@pytest.mark.parametrize(
    ("on", "urgency"),
    [("2026-09-30", "soon"), ("2026-10-01", "urgent"), ("2026-03-31", "urgent"), ("2026-04-01", "soon")],
)
def test_a_broken_boiler_is_urgent_from_october_to_march(on: str, urgency: str) -> None:
    """By the day of the visit."""
    assert one(OWNER, "born: 1943-03-14", "home: {D2: yes}", on=on)["offers"][0]["urgency"] == urgency


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("no", {"fire-visit": "offered"}),
        ("dont-know", {"fire-visit": "offered"}),
        ("yes", {}),
        ("prefers-not-to-say", {}),
        ("not-asked", {}),
        ("not-safe-to-ask", {}),
        ("already-getting-help", {"fire-visit": "already-helped"}),
    ],
)
def test_a_smoke_alarm_nobody_is_sure_of_counts_as_none(answer: str, found: dict[str, str]) -> None:
    """A1 works the other way round, and "don't know" is an answer that matters."""
    assert ends(one(OWNER, "born: 1943-03-14", f"home: {{A1: {answer}}}")) == found


@pytest.mark.parametrize(
    "question", ["B1", "B2", "B3", "C3", "E2", "F1", "F2", "F3", "G1", "G3", "G5", "G6", "H1", "J1", "J2", "K1", "M1"]
)
@pytest.mark.parametrize("standing", ["dont-know", "prefers-not-to-say", "not-asked", "not-safe-to-ask"])
def test_a_standing_answer_calls_for_nothing(question: str, standing: str) -> None:
    """Only the answers named under Offers create one."""
    result = one(OWNER, "born: 1943-03-14", f"ann: {{{question}: {standing}}}")
    assert ends(result) == {}


def test_help_already_given_is_counted_unless_another_answer_calls_for_the_same() -> None:
    """No need stands in two lists."""
    result = one(OWNER, "born: 1943-03-14", "home: {A1: already-getting-help, A3: yes, D1: already-getting-help}")
    assert ends(result) == {"fire-visit": "offered", "heating-insulation": "already-helped"}


def test_several_reasons_for_one_service_are_one_offer_with_the_highest_urgency() -> None:
    """F1 and F2 ask the same partner once; D1, D2 and D3 go to one partner in one referral."""
    result = one(
        OWNER,
        "name: Ann, born: 1943-03-14, long_term_condition: yes",
        "home: {D1: yes, D2: yes, D3: yes}, ann: {F1: yes, F2: yes}",
        "home: {WHA: yes}, ann: {WRT: yes}",
    )
    assert [(row["service"], row["reasons"], row["urgency"]) for row in result["offers"]] == [
        ("heating-insulation", ["D1", "D2"], "urgent"),
        ("energy-advice", ["D3"], "routine"),
        ("benefit-check", ["F1", "F2"], "routine"),
    ]
    warm, money = result["referrals"]
    assert (warm["services"], warm["urgency"], warm["reasons"]) == (
        ["heating-insulation", "energy-advice"],
        "urgent",
        ["D1", "D2", "D3"],
    )
    assert warm["contact_by"] == "2026-01-16"
    assert money["fields"]["LTC"] == {"long_term_condition": True}


def test_a_long_term_condition_is_told_only_where_age_does_not_qualify() -> None:
    """At 62 RTH takes her by age and VCR by her condition; energy advice never hears of it."""
    person = "name: Ann, age_band: 60-64, long_term_condition: yes"
    rth = one(OWNER, person, "home: {C1: yes}", "home: {RTH: yes}")
    vcr = one("postcode: AY9 1DD, tenure: owner", person, "home: {C1: yes}", "home: {VCR: yes}")
    advice = one(
        "postcode: AY2 4QT, tenure: council-rent",
        person.replace("60-64", "50-59"),
        "home: {D1: yes}",
        "home: {WHA: yes}",
    )
    assert "LTC" not in rth["referrals"][0]["fields"]
    assert vcr["referrals"][0]["fields"]["LTC"] == {"long_term_condition": True}
    assert "LTC" not in advice["referrals"][0]["fields"]


def test_what_makes_a_fire_visit_urgent_travels_only_with_its_reason() -> None:
    """The A2a choices go to AFR when A2 is a reason, with the label of the one that made it urgent."""
    result = one(OWNER, "name: Ann", "home: {A2: yes, A2a: oxygen}", "home: {AFR: yes}")
    referral = result["referrals"][0]
    assert (referral["urgency"], referral["urgent_because"]) == ("urgent", "home oxygen")
    assert referral["fields"]["A2a"] == {"answer": ["oxygen"]}
    assert referral["contact_by"] == "2026-01-19"
    refused = one(OWNER, "name: Ann", "home: {A2: no, A2a: oxygen, A3: yes}", "home: {AFR: yes}")["referrals"][0]
    assert (refused["urgency"], "A2a" in refused["fields"]) == ("routine", False)


def test_two_jobs_are_one_note() -> None:
    """C1a and C2a go to one handyperson as one job note."""
    answers = "home: {C1: yes, C1a: loose rail, C2: yes, C2a: by the bath}"
    result = one(OWNER, "name: Ann, born: 1943-03-14", answers, "home: {RTH: yes}")
    fields = result["referrals"][0]["fields"]
    assert fields["C1a"] == {"answer": "loose rail; by the bath"}
    assert "C2a" not in fields


def test_access_notes_go_only_to_partners_that_come_to_the_door() -> None:
    """X12 goes to AFR and not to WRT."""
    home = f"{OWNER}, access: use the back door"
    result = one(
        home, "name: Ann, born: 1943-03-14", "home: {A1: no}, ann: {F1: yes}", "home: {AFR: yes}, ann: {WRT: yes}"
    )
    fire, money = result["referrals"]
    assert fire["fields"]["ADDR"]["access"] == "use the back door"
    assert "access" not in money["fields"]["ADDR"]


@pytest.mark.parametrize(("agreed", "there"), [("yes", True), ("no", False), ("not-asked", False)])
def test_another_contact_goes_only_with_their_own_yes(agreed: str, there: bool) -> None:
    """ALT needs the agreement of the person it names."""
    person = (
        f"name: Ann, born: 1943-03-14, other: {{name: Bea, relationship: niece, phone: 01632 960999, agreed: {agreed}}}"
    )
    result = one(OWNER, person, "ann: {B3: yes}", "ann: {LLK: yes}")
    assert ("ALT" in result["referrals"][0]["fields"]) is there


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("yes", "agreed"),
        ("no", "declined"),
        ("not-today", "not-today"),
        ("hold", "held"),
        ("has-help", "already-helped"),
        ("rang", "handed-over"),
        ("advised", "advised"),
        ("withdrawn", "withdrawn"),
    ],
)
def test_only_a_yes_makes_a_referral(said: str, end: str) -> None:
    """Whatever was said, the offer stays in the list, and a call is a hand-over."""
    result = one(OWNER, "name: Ann, born: 1943-03-14", "home: {A1: no}", f"home: {{AFR: {said}}}")
    assert ends(result) == {"fire-visit": end}
    assert bool(result["referrals"]) is (said == "yes")
    calls = [{"partner": "AFR", "services": ["fire-visit"], "subject": "home"}]
    assert result["handovers"] == (calls if said == "rang" else [])


@pytest.mark.parametrize(
    ("on", "said", "end"),
    [
        ("2026-02-06", "", "signposted"),
        ("2026-02-06", "KNM: rang", "handed-over"),
        ("2026-02-09", "", "unmet closed"),
        ("2026-02-19", "", "unmet closed"),
        ("2026-02-20", "", "signposted"),
    ],
)
def test_a_telephone_partner_gets_no_referral(on: str, said: str, end: str) -> None:
    """Meals are signposted until somebody rang; without a driver they are an unmet need."""
    result = one("postcode: AY11 1AA", "born: 1943-03-14", "ann: {G6: yes}", f"ann: {{{said}}}", on=on)
    assert ends(result) == {"hot-meals": end}
    assert result["referrals"] == []
    assert bool(result["handovers"]) is bool(said)


def test_out_of_area_needs_are_handed_over_and_stay_recorded() -> None:
    """With one person in the visit, one call covers the home's needs and theirs; the pharmacist is everywhere."""
    answers = "home: {C1: yes}, ann: {F1: yes, G5: yes}"
    result = one("postcode: AY8 4NB", "born: 1943-03-14", answers, "ann: {WHH: rang}")
    assert ends(result) == {
        "small-jobs": "out-of-area area",
        "benefit-check": "out-of-area area",
        "medicines-review": "signposted",
    }
    assert result["handovers"] == [{"partner": "WHH", "services": ["small-jobs", "benefit-check"], "subject": "ann"}]


COUPLE = """
on: 2026-02-10
home: {address: 1 High Street, postcode: AY2 4QT, tenure: owner, people: 2}
people: {ida: {name: Ida, born: 1968-01-01, long_term_condition: no}, max: {name: Max, born: 1950-01-01}}
answers: {home: {C1: yes, A1: no}}
"""


def test_a_home_rule_holds_when_it_holds_for_one_adult_who_is_then_named() -> None:
    """RTH takes Max (76) and not Ida (58): it goes in his name, with his age band."""
    result = told(COUPLE + "agreements: {home: {RTH: yes, AFR: yes}}")
    fire, jobs = result["referrals"]
    assert (jobs["names"], jobs["fields"]["BAND"]) == (["Max"], {"age_band": "75-84"})
    assert fire["names"] == ["Ida"]


def test_a_home_is_never_referred_in_the_name_of_a_child() -> None:
    """A child's own yes to the fire visit is kept; the visit is made for the adult who lives there."""
    family = (
        "on: 2026-01-15\nhome: {address: 1 High Street, postcode: AY2 4QT}\n"
        "people: {kit: {name: Kit Archer, born: 2015-06-01}, ida: {name: Ida Archer, born: 1950-05-05}}\n"
        "answers: {home: {A1: no}}\nagreements: {home: {AFR: {answer: yes, by: kit}}}\n"
    )
    assert [row["names"][0] for row in told(family)["referrals"]] == ["Ida Archer"]


def test_only_those_who_agreed_are_named() -> None:
    """Both by their own wish, or one."""
    both = told(COUPLE + "agreements: {home: {AFR: {answer: yes, by: max, named: [ida, max]}}}")
    alone = told(COUPLE + "agreements: {home: {AFR: {answer: yes, by: max}}}")
    assert both["referrals"][0]["names"] == ["Ida", "Max"]
    assert alone["referrals"][0]["names"] == ["Max"]


def test_stop_smoking_is_asked_only_of_the_one_who_smokes() -> None:
    """G4 counts for a person whose A2b is yes, and is blank for the other."""
    answers = "answers: {home: {A2: yes}, ida: {A2b: yes, G4: yes}, max: {A2b: no, G4: yes}}\n"
    result = told(COUPLE.replace("answers: {home: {C1: yes, A1: no}}\n", answers))
    assert [(row["service"], row["subject"]) for row in result["offers"]] == [
        ("fire-visit", "home"),
        ("stop-smoking", "ida"),
    ]


def test_rest_no_answers_what_is_not_listed_and_nothing_private() -> None:
    """A1 becomes yes, choices become none, so no need appears; without it nothing was asked."""
    assert ends(one(OWNER, "born: 1943-03-14", more="rest: no")) == {}
    assert ends(one(OWNER, "born: 1943-03-14")) == {}
    assert ends(one(OWNER, "born: 1943-03-14", "home: {A2: yes}, ann: {A2b: yes}", more="rest: no")) == {
        "fire-visit": "offered"
    }


def test_an_answer_changed_after_a_yes_cancels_and_anything_new_needs_its_own_yes() -> None:
    """The tenant turns out to be the council's: insulation is cancelled, and advice is only offered."""
    result = one(
        OWNER,
        "name: Ann, born: 1943-03-14",
        "home: {D1: yes, A1: no}",
        "home: {WHA: yes, AFR: yes}",
        more="later: [{on: 2026-01-19, corrections: {home: {tenure: council-rent}}}]",
    )
    assert ends(result) == {"heating-insulation": "cancelled", "energy-advice": "offered", "fire-visit": "agreed"}
    assert due(result) == {"AFR": "2026-01-29"}
    assert result["referrals"][0]["fields"]["TEN"] == {"tenure": "council-rent"}


def test_a_correction_that_makes_somebody_ineligible_cancels_and_restarts_nothing() -> None:
    """The day after of S09: RTH cancelled, the landlord not counted as a second end, targets as they were."""
    result = one(
        "address: 16 Yard, postcode: AY4 7XE, tenure: owner, people: 1",
        "name: Ivor, born: 1954-04-04",
        "home: {A1: no, C1: yes}, ann: {F1: yes, F1a: yes}",
        "home: {AFR: yes, RTH: yes}, ann: {WRT: yes}",
        on="2026-02-02",
        more="later: [{on: 2026-02-04, corrections: {ann: {born: 1944-04-04}, "
        "home: {address: 61 Yard, tenure: housing-association-rent}}}]",
    )
    assert ends(result) == {"fire-visit": "agreed", "small-jobs": "cancelled", "benefit-check": "agreed"}
    assert due(result) == {"AFR": "2026-02-16", "WRT": "2026-02-16"}
    fire, money = result["referrals"]
    assert fire["fields"]["ADDR"]["address"] == "61 Yard"
    assert "DOB" not in fire["fields"]
    assert money["fields"]["DOB"] == {"date_of_birth": "1944-04-04"}
    assert result["recorded"] == []


def test_a_withdrawal_moves_no_other_date() -> None:
    """Taking one back days later leaves the others as they were."""
    result = one(
        OWNER,
        "name: Ann, born: 1943-03-14",
        "home: {A1: no, C1: yes}",
        "home: {AFR: yes, RTH: yes}",
        more="later: [{on: 2026-01-20, agreements: {home: {RTH: withdrawn}}}]",
    )
    assert ends(result) == {"fire-visit": "agreed", "small-jobs": "withdrawn"}
    assert due(result) == {"AFR": "2026-01-29"}


def test_ordinary_referrals_wait_for_the_last_day_and_urgent_ones_do_not() -> None:
    """An interrupted visit: the boiler leaves on day one, the alarm's date counts from day two."""
    result = one(
        OWNER,
        "name: Ann, born: 1943-03-14",
        "home: {A1: no, D2: yes}",
        "home: {AFR: yes, WHA: yes}",
        more="later: [{on: 2026-01-16, answers: {ann: {G1: yes}}, agreements: {ann: {SSA: yes}}}]",
    )
    assert due(result) == {"AFR": "2026-01-30", "WHA": "2026-01-16", "SSA": "2026-02-06"}


def test_safeguarding_is_in_none_of_the_lists() -> None:
    """L1 and L2, whatever they say, lead to no offer, referral, recorded need or hand-over."""
    result = one(OWNER, "born: 1943-03-14", "ann: {L1: yes}, visitor: {L2: [this-person]}")
    assert all(result[name] == [] for name in ("offers", "referrals", "recorded", "handovers"))


def test_health_refused_leaves_health_out_and_still_sends() -> None:
    """C-HEALTH no: the condition is left out, the referral goes."""
    person = "name: Ann, age_band: 60-64, long_term_condition: yes"
    result = one(OWNER, person, "ann: {B1: yes}", "ann: {FAB: {answer: yes, health: no}}")
    assert "LTC" not in result["referrals"][0]["fields"]


def test_an_urgent_reason_about_health_is_left_out_when_health_is_refused() -> None:
    """The referral stays urgent; why is not told."""
    result = one(OWNER, "name: Ann", "home: {A2: yes, A2a: oxygen}", "home: {AFR: {answer: yes, health: no}}")
    assert (result["referrals"][0]["urgency"], result["referrals"][0]["urgent_because"]) == ("urgent", None)


def test_a_move_to_another_partners_area_cancels_one_and_offers_the_other() -> None:
    """A yes to one partner is no yes to the next."""
    result = one(
        OWNER,
        "name: Ann, born: 1943-03-14",
        "home: {C1: yes}",
        "home: {RTH: yes}",
        more="later: [{on: 2026-01-16, corrections: {home: {postcode: AY9 1AA}}}]",
    )
    assert [(row["partner"], row["end"]) for row in result["offers"]] == [("VCR", "offered"), ("RTH", "cancelled")]
    assert result["referrals"] == []


def test_a_home_without_named_people_can_be_referred_and_names_nobody() -> None:
    """The visit may have got no further than the alarm."""
    result = told(
        "on: 2026-01-15\nhome: {postcode: AY2 4QT}\nanswers: {home: {A1: no}}\nagreements: {home: {AFR: yes}}\n"
    )
    assert result["referrals"][0]["names"] == []
