"""The directory: places, dates, ages, and its way through the pack."""

from __future__ import annotations

import json
from datetime import date

import pytest

from firstcontact.definitions.scheme import coverage_of, weekdays_of
from firstcontact.domain.directory import (
    Capacity,
    Coverage,
    Outside,
    Place,
    age_on,
    months_after,
    place_of,
    tidy_postcode,
)
from firstcontact.domain.directory_json import directory_from_json, directory_to_json
from firstcontact.domain.eligibility import ages_of_band
from tests.checklists.telling import scheme


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("AY8 3RB", Place("AY8", "3")),
        ("ay83rb", Place("AY8", "3")),
        (" Ay 8 3 Rb ", Place("AY8", "3")),
        ("AY8-3RB", Place("AY8", "3")),
        ("AY10 5GH", Place("AY10", "5")),
        ("AY105GH", Place("AY10", "5")),
        ("ＡＹ１０ ５ＧＨ", Place("AY10", "5")),
        ("AY8", Place("AY8", None)),
        ("AY8 3", Place("AY8", "3")),
        ("", None),
        (None, None),
        ("Rushmere", None),
        ("AY", None),
    ],
)
def test_a_postcode_is_read_in_any_spelling(text: str | None, place: Place | None) -> None:
    """Case, spaces, hyphens and full-width letters do not matter."""
    assert place_of(text) == place


def test_a_postcode_is_kept_tidy_or_as_given() -> None:
    """One space where it belongs; what is none stays."""
    assert tidy_postcode("ay105gh") == "AY10 5GH"
    assert tidy_postcode(" somewhere ") == "somewhere"


@pytest.mark.parametrize(
    ("text", "coverage"),
    [
        ("AY7", Coverage(frozenset({"AY7"}))),
        ("AY1-AY3", Coverage(frozenset({"AY1", "AY2", "AY3"}))),
        ("AY1-3", Coverage(frozenset({"AY1", "AY2", "AY3"}))),
        ("AY8 1-3", Coverage(sectors=frozenset({("AY8", "1"), ("AY8", "2"), ("AY8", "3")}))),
        ("AY8 4", Coverage(sectors=frozenset({("AY8", "4")}))),
    ],
)
def test_areas_are_written_as_people_write_them(text: str, coverage: Coverage) -> None:
    """Districts, runs of districts, and a district with sectors."""
    assert coverage_of(text) == coverage


@pytest.mark.parametrize("text", ["AY3-AY1", "AY1-BY3", "Rushmere", "8", "AY8 1-"])
def test_what_is_no_area_is_refused(text: str) -> None:
    """With words, not with an empty area."""
    with pytest.raises(ValueError, match="AY"):
        coverage_of(text)


def test_weekdays_may_be_runs_lists_or_every_day() -> None:
    """Tue-Fri; Mon, Wed, Fri; every day; over the week-end too."""
    assert weekdays_of("Tue-Fri") == {1, 2, 3, 4}
    assert weekdays_of("Mon, Wed, Fri") == {0, 2, 4}
    assert weekdays_of("every day") == set(range(7))
    assert weekdays_of("Sat-Mon") == {5, 6, 0}


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(1961, 1, 15), date(2026, 1, 14), 64),
        (date(1961, 1, 15), date(2026, 1, 15), 65),
        (date(1960, 2, 29), date(2025, 2, 28), 64),
        (date(1960, 2, 29), date(2025, 3, 1), 65),
        (date(1960, 2, 29), date(2024, 2, 29), 64),
    ],
)
def test_a_year_is_complete_on_the_birthday(born: date, on: date, age: int) -> None:
    """And for 29 February on 1 March where there is no 29th."""
    assert age_on(born, on) == age


def test_months_end_on_the_last_day_where_there_is_no_such_day() -> None:
    """As in the State Pension age table; whole years from 29 February end on 1 March."""
    assert months_after(date(1960, 7, 31), 66 * 12 + 4) == date(2026, 11, 30)
    assert months_after(date(1960, 12, 31), 66 * 12 + 9) == date(2027, 9, 30)
    assert months_after(date(1960, 2, 29), 65 * 12) == date(2025, 3, 1)
    assert months_after(date(1961, 12, 6), 12) == date(1962, 12, 6)


def test_a_capacity_note_ends_on_the_first_open_day() -> None:
    """From is the first day closed, to the first day open."""
    note = Capacity(
        partner="LLA",
        service="befriending",
        coverage=Coverage(),
        state="closed-list",
        from_on=date(2025, 11, 24),
        to_on=date(2026, 3, 2),
    )
    held = [note.on(day) for day in (date(2025, 11, 23), date(2025, 11, 24), date(2026, 3, 1), date(2026, 3, 2))]
    assert held == [False, True, True, False]


def test_every_partner_service_and_hour_survives_the_pack() -> None:
    """The directory read back from its JSON is the same, parsed conditions included."""
    again = directory_from_json(json.loads(json.dumps(directory_to_json(scheme()))), scheme().digest)
    assert again == scheme()


def test_a_newer_pack_may_say_more() -> None:
    """A member that we do not know is ignored; a document that is no directory is refused."""
    document = {**directory_to_json(scheme()), "weather": "mild"}
    assert directory_from_json(document, scheme().digest) == scheme()
    with pytest.raises(ValueError, match="no directory"):
        directory_from_json({"id": "x"})


def test_the_county_ends_inside_ay8() -> None:
    """Sector 3 is Vale of Lorne, sector 4 Westmarch, AY8 alone is not known, AY14 is nowhere."""
    directory = scheme()
    inside, outside = directory.area_of("AY8 3RB"), directory.area_of("AY8 4NB")
    assert inside is not None
    assert inside.name == "Vale of Lorne"
    assert isinstance(outside, Outside)
    assert outside.scheme == "WHH"
    assert directory.area_of("AY8") is None
    assert directory.area_of("AY14 1AA") is None


def test_hours_are_said_shortly() -> None:
    """As on the key card."""
    assert scheme().by_id["VCR"].hours[0].words == "Tue-Fri 09:30-15:30"


@pytest.mark.parametrize(
    ("band", "first", "last"), [("60-64", 60, 64), ("85+", 85, 120), (None, 0, 120), ("85-plus", 85, 120)]
)
def test_an_age_band_is_a_range_of_ages(band: str | None, first: int, last: int) -> None:
    """An open band ends at 120; no band is every age."""
    ages = ages_of_band(band)
    assert (ages[0], ages[-1]) == (first, last)
