"""Every type of question in a visit: what may be typed, what is said when it may not, and what a repeat does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from firstcontact.domain.answer import NotAnAnswer
from firstcontact.rows import Item, Wrong
from firstcontact.workflow import phone
from firstcontact.workflow.laptop import Laptop
from firstcontact.workflow.open_visit import VisitAtHand
from firstcontact.workflow.typed import as_typed, day_and_time_text, day_text, number_text, time_text
from tests.builders import World, done
from tests.every_type import FORM


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    """A laptop whose scheme has the form with every type."""
    laptop = World(checklist=FORM).laptop(tmp_path)
    yield laptop
    laptop.close()


def say(visit: VisitAtHand, *answers: tuple[str, str | tuple[str, ...]]) -> None:
    """Record answers in order."""
    for node, value in answers:
        done(visit.record_answer(node, value))


def refused(visit: VisitAtHand, node: str, value: str | tuple[str, ...]) -> str:
    """Why an answer is not taken."""
    wrong = visit.record_answer(node, value)
    assert isinstance(wrong, Wrong), wrong
    return wrong.words


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("14 3 1943", "1943-03-14"),
        ("14/3/1943", "1943-03-14"),
        ("14.03.1943", "1943-03-14"),
        ("14 march 1943", "1943-03-14"),
        ("14 Mar, 1943", "1943-03-14"),
        ("1943-03-14", "1943-03-14"),
        ("", ""),
    ],
)
def test_a_day_is_read_as_people_type_it(typed: str, read: str) -> None:
    """In any of the usual ways; the year has four digits, so that nobody's birthday moves by a century."""
    assert day_text(typed) == read


@pytest.mark.parametrize("typed", ["31 2 1943", "14 3 43", "yesterday", "14 1943", "14 13 1943"])
def test_a_day_that_is_none_is_said_in_words(typed: str) -> None:
    """With what to type in its place, or that the calendar has no such day."""
    with pytest.raises(NotAnAnswer, match=r"Type a day like|no such day"):
        day_text(typed)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9.30", "09:30:00"),
        ("9:30", "09:30:00"),
        ("0930", "09:30:00"),
        ("930", "09:30:00"),
        ("9 30", "09:30:00"),
        ("21.15", "21:15:00"),
        ("9.15 pm", "21:15:00"),
        ("12 am", "00:00:00"),
        ("12pm", "12:00:00"),
        ("noon", "12:00:00"),
        ("7", "07:00:00"),
    ],
)
def test_a_time_is_read_as_people_say_it(typed: str, read: str) -> None:
    """With a full stop, a colon, a space or nothing between hours and minutes; am and pm where they are said."""
    assert time_text(typed) == read


@pytest.mark.parametrize("typed", ["25.00", "9.75", "13 pm", "half past", "9.3"])
def test_a_time_that_is_none_is_said_in_words(typed: str) -> None:
    """Nothing is guessed: half past nine in the evening is not half past nine in the morning."""
    with pytest.raises(NotAnAnswer, match="Type a time like"):
        time_text(typed)


def test_a_day_and_a_time_are_read_together() -> None:
    """A day as for a date, then the time, with a comma, "at" or a space between them."""
    for typed in ("14 3 1943 9.30", "14/3/1943 at 9.30", "14 March 1943, 09:30", "1943-03-14T09:30"):
        assert day_and_time_text(typed) == "1943-03-14T09:30:00"
    for typed in ("14 3 1943", "9.30", "tomorrow at 9"):
        with pytest.raises(NotAnAnswer, match="the day and the time"):
            day_and_time_text(typed)


def test_what_is_shown_in_the_box_can_be_typed_again() -> None:
    """Going back to an answer and pressing Enter never changes it."""
    assert day_text(str(as_typed(date(1943, 3, 14)))) == "1943-03-14"
    assert time_text(str(as_typed(time(7, 5)))) == "07:05:00"
    assert day_and_time_text(str(as_typed(datetime(2025, 3, 14, 9, 30)))) == "2025-03-14T09:30:00"  # noqa: DTZ001
    assert number_text("£1,250.50") == "1250.50"
    assert as_typed(Decimal("2.50")) == "2.50"


@pytest.mark.parametrize(
    ("typed", "shown", "usual"),
    [
        ("01632960411", "01632 960411", True),
        ("+44 7700 900121", "07700 900121", True),
        ("00 33 1 23 45 67 89", "+33 1 23 45 67 89", True),
        ("0808 157 0100", "0808 157 0100", True),
        ("999", "999", False),
        ("01632 96041", "01632 96041", False),
        ("the shop, 01234 5", "the shop, 01234 5", False),
    ],
)
def test_a_telephone_number_is_shown_tidily_and_never_refused(typed: str, shown: str, usual: bool) -> None:
    """An unusual one stays as it was typed, and is asked about once."""
    assert phone.read(typed) == (shown, usual)
    assert bool(phone.doubt(typed)) is not usual


def test_what_is_not_answered_is_shown_and_never_open(laptop: Laptop) -> None:
    """A note, a picture and a value that is worked out stand on the list, count nowhere and take no answer."""
    visit = laptop.new_visit()
    say(visit, ("weight", "70.5"))
    for node, words in (("welcome", ""), ("photo", ""), ("twice", "141")):
        item = visit.page(node).item
        assert (item.asked, item.standing_allowed, item.answer_words) == (False, False, words)
        assert not visit.agenda.is_open(node)
        assert refused(visit, node, "5")
    assert "photo" in visit.agenda.items()
    assert visit.page("photo").number == 0


def test_a_default_stands_there_until_somebody_keeps_it(laptop: Laptop) -> None:
    """It is shown, counts in conditions, and is still to ask."""
    visit = laptop.new_visit()
    item = visit.page("rooms").item
    assert (item.answer, item.default) == ("3", True)
    assert visit.agenda.is_open("rooms")
    say(visit, ("rooms", "3"))
    assert not visit.page("rooms").item.default


def test_choices_are_those_there_now_and_a_choice_that_went_is_named(laptop: Laptop) -> None:
    """The filter follows the answer above; an answer that is no choice any more is said, and named on the review."""
    visit = laptop.new_visit()
    say(visit, ("area", "south"))
    assert [choice.token for choice in visit.page("town").item.choices] == ["kelder", "nether"]
    assert refused(visit, "town", "rush")
    say(visit, ("town", "nether"), ("area", "north"))
    assert "not among the choices" in visit.page("town").item.wrong
    assert "Look again: Which town?" in [line.say for line in visit.review().still]


def test_a_level_stands_only_on_words(laptop: Laptop) -> None:
    """It is not taken before them, and they are not taken away from under it."""
    visit = laptop.new_visit()
    page = visit.page("stairs")
    assert [item.id for item in (page.item, *page.follow_ups)] == ["stairs", "stairs_why"]
    assert "shows this level" in refused(visit, "stairs", "2")
    say(visit, ("stairs_why", "held both rails"), ("stairs", "2"))
    assert "level stands" in refused(visit, "stairs_why", "")


def test_an_instance_has_its_name_and_its_part(laptop: Laptop) -> None:
    """Each "another one?" opens one more; questions, parts and find say which one they are about."""
    visit = laptop.new_visit()
    say(visit, ("child[1]", "yes"), ("child_name[1]", "Bo"), ("toy[1][1]", "yes"), ("child[2]", "yes"))
    assert visit.page("toy_name[1][1]").instance == "Child 1, Toy 1"
    assert visit.page("child_age[1]").item.say == "How old is Bo?"
    assert visit.page("child[3]").item.say == "Another child?"
    assert visit.after("child[2]") == "child_name[2]"
    assert [part.title for part in visit.progress().parts][-4:] == ["The people", "Child 1", "Toy 1", "Child 2"]
    assert {row.id: row.where for row in visit.questions()}["child_age[2]"] == "Child 2"


def test_an_instance_that_is_taken_away_comes_back_as_it_was(laptop: Laptop) -> None:
    """No to "another one?" hides its answers and keeps them; what went is followed by the question after it."""
    visit = laptop.new_visit()
    say(visit, ("child[1]", "yes"), ("child_age[1]", "7"), ("child[2]", "yes"), ("child_age[2]", "5"))
    assert visit.page("sum").item.say == "The children are 12 together."
    say(visit, ("child[2]", "no"))
    assert visit.page("sum").item.say == "The children are 7 together."
    assert "child_age[2]" not in visit.agenda.items()
    say(visit, ("child[2]", "yes"))
    assert visit.page("child_age[2]").item.answer == "5"


def test_what_is_needed_is_named_on_the_review_and_without_offers_the_end_is_clear(laptop: Laptop) -> None:
    """Nothing is a wall: the questions that need an answer are named, and the page knows that nothing can be sent."""
    visit = laptop.new_visit()
    review = visit.review()
    assert "Needed: What do they call you?" in [line.say for line in review.still]
    assert not review.offers
    assert visit.offers() == ()
    say(visit, ("who", "Agnes"))
    assert visit.review().kept == 1
    assert not any(line.say.startswith("Needed") for line in visit.review().still)


def test_a_visit_goes_on_at_the_instance_where_it_was_left(laptop: Laptop) -> None:
    """Paused in a repeat, opened again: the same question of the same instance."""
    visit = laptop.new_visit()
    say(visit, ("child[1]", "yes"), ("child_name[1]", "Bo"), ("child[2]", "yes"))
    done(visit.pause("child_age[2]"))
    again = laptop.open_visit(visit.id)
    assert again.position() == "child_age[2]"
    item: Item = again.page("child_name[1]").item
    assert item.answer == "Bo"
