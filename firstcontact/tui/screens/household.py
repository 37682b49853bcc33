"""The home and its people: choose whom to ask, add a person, say who is in the room."""

from __future__ import annotations

from firstcontact.rows import Change, HouseholdPage
from firstcontact.tui.commands import Where
from firstcontact.tui.pages.household import ADD, household_rows
from firstcontact.tui.paint import Piece, Row
from firstcontact.tui.ports import OpenVisit
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.words import _


class HouseholdScreen(PageScreen[str]):
    """Returns the question to go on with, or None."""

    where = Where.HOUSEHOLD

    def __init__(self, visit: OpenVisit) -> None:
        super().__init__()
        self.visit = visit
        self.household: HouseholdPage = visit.household()
        self.marked = next((f"person:{person.id}" for person in self.household.people if person.current), "")

    def on_screen_resume(self) -> None:
        """A fact may have been asked meanwhile."""
        self._read()

    def _read(self) -> None:
        self.household = self.visit.household()
        self.repaint()

    def top(self) -> tuple[list[Piece], str]:
        """Which home, what is saved."""
        title = self.household.title
        words = _("{home}: who is here").format(home=title) if title else _("Who is here")
        return [(words, "strong")], self.home.status_words()

    def body(self, width: int, height: int) -> list[Row]:  # noqa: ARG002 - a long page scrolls
        """The page."""
        return household_rows(self.household, self.marks, width, marked=self.marked)

    def do_enter(self, _key: str) -> None:
        """Ask the marked person, or the marked fact."""
        kind, _sep, name = self.marked.partition(":")
        if self.marked == ADD:
            self.do_add("")
        elif kind == "person":
            self._ask(name)
        elif kind == "fact":
            self.do_change("")

    def _ask(self, person_id: str) -> None:
        current = next((person.id for person in self.household.people if person.current), "")
        if person_id == current:
            self.dismiss(None)
            return
        self.visit.choose_person(person_id)
        self.dismiss(self.visit.next_to_ask(None) or self.visit.position())

    def do_choice(self, key: str) -> None:
        """A person by number."""
        place = int(key) - 1
        if place < len(self.household.people):
            self._ask(self.household.people[place].id)

    def do_people(self, _key: str) -> None:
        """The other person."""
        people = self.household.people
        place = next((n for n, person in enumerate(people) if person.current), 0)
        self._ask(people[(place + 1) % len(people)].id)

    def do_add(self, _key: str) -> None:
        """Add a person, and ask them."""
        self.act(self.visit.add_person())
        self.dismiss(self.visit.next_to_ask(None) or self.visit.position())

    def do_show(self, _key: str) -> None:
        """The marked person came in or went out."""
        kind, _sep, name = self.marked.partition(":")
        person = next((person for person in self.household.people if person.id == name), None)
        if kind == "person" and person is not None:
            self.act(self.visit.set_in_room(name, not person.in_room))
            self._read()

    def do_change(self, _key: str) -> None:
        """Change the marked fact."""
        from firstcontact.tui.screens.visit import VisitScreen

        kind, _sep, item_id = self.marked.partition(":")
        if kind == "fact":
            self.app.push_screen(VisitScreen(self.visit, (item_id,)))
        else:
            self.say(_("Mark a line with the arrows first; e then changes it."))

    def do_undo(self, _key: str) -> None:
        """Take back the last act."""
        self._again(self.visit.undo(), _("Taken back."), _("Nothing to take back."))

    def do_redo(self, _key: str) -> None:
        """Put back what was taken back."""
        self._again(self.visit.redo(), _("Put back."), _("Nothing to put back."))

    def _again(self, change: Change | None, done: str, nothing: str) -> None:
        if change is not None:
            self.act(change)
        self._read()
        self.say(done if change is not None else nothing)

    def go_back(self) -> None:
        """Back to the question."""
        self.dismiss(None)
