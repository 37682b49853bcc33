"""The home and its people: who is in the room, what is still to ask, and how to reach the one being asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from firstcontact.rows import HouseholdPage, Line
from firstcontact.tui.paint import Marks, Row, blank, fit, labelled, pad, paragraph, row
from firstcontact.tui.words import _

ADD: Final = "do:add"


def household_rows(page: HouseholdPage, marks: Marks, width: int, *, marked: str) -> list[Row]:
    """The page."""
    rows = _lines(_("The home"), page.home, width, marked, marks)
    if page.home_to_ask:
        words = _("{count} still to ask, once for the home").format(count=page.home_to_ask)
        rows.append(row("   ", (words, "quiet"), droppable=2))
    name = min(26, width // 3)
    heads = (pad(_("People"), name + 3), pad(_("in the room now"), 18), _("still to ask"))
    rows += [blank(), row(" ", (heads[0], "strong"), (heads[1], "quiet"), (heads[2], "quiet"))]
    for number, person in enumerate(page.people, start=1):
        entry = f"person:{person.id}"
        here = entry == marked
        asking = _("asking now") if person.current else ""
        rows.append(
            row(
                f" {marks.here if here else ' '} ",
                (str(number), "key"),
                "  ",
                (pad(f"{person.name}  {person.age}", name - 3), "marked" if here else "plain"),
                " ",
                pad(_("yes") if person.in_room else _("no"), 18),
                f"{person.to_ask:<4} ",
                (asking, "quiet"),
                entry=entry,
            )
        )
    here = marked == ADD
    look = "marked" if here else "plain"
    sign = marks.here if here else " "
    rows.append(row(f" {sign} ", ("a", "key"), "  ", (_("Add a person"), look), entry=ADD))
    current = next((person.name for person in page.people if person.current), "")
    if page.reaching:
        title = _("Reaching {name}").format(name=current)
        rows += [blank(), *_lines(title, page.reaching, width, marked, marks)]
    rows.append(blank())
    if len(page.people) > 1:
        text = _("Each person's answers are their own: they are never shown in another person's record.")
        rows += paragraph(text, width, indent=1, style="quiet", droppable=2)
    for text in (
        _('"!" items travel as "not asked, take care". They never count as safe.'),
        _("When the room changes, press space on the name. It is kept with each answer and each yes."),
    ):
        rows += paragraph(text, width, indent=1, style="quiet", droppable=2)
    return rows


def _lines(title: str, lines: Sequence[Line], width: int, marked: str, marks: Marks) -> list[Row]:
    rows = [row(" ", (fit(title, width - 2), "strong"))]
    for line in lines:
        item = line.ask or line.item
        entry = f"fact:{item}" if item else ""
        value = line.value if not line.ask or "!" in line.value else f"{line.value}  {_('! not asked')}".strip()
        style = "care" if line.ask else "plain"
        made = labelled(line.label, value, width, indent=3, column=20, style=style, entry=entry)
        if entry and entry == marked:
            made = [Row(tuple((text, "marked") for text, _style in one.pieces), entry) for one in made]
            first = made[0]
            made[0] = Row(((f" {marks.here}", "plain"), (first.text[2:], "marked")), entry)
        rows += made
    return rows
