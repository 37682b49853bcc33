"""Today: visits by initials and district, what needs the visitor, and what came of earlier visits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from firstcontact.rows import TodayPage, VisitRow, VisitState
from firstcontact.tui.paint import Marks, Row, blank, fit, pad, paragraph, row
from firstcontact.tui.words import _

NEW_VISIT: Final = "a"
MINE: Final = "m"
MOST_NEEDS: Final = 3
MOST_VISITS: Final = 9
"""The list is a window of so many visits around the marked one; arrows move through all of them."""


def today_rows(
    today: TodayPage, marks: Marks, width: int, height: int, *, marked: str, names: bool, waiting: int
) -> list[Row]:
    """The page; with `names`, full names stand in place of initials."""
    room = max(min(len(today.visits), height - 12, 40 if height > 30 else MOST_VISITS), 3)
    rows = [row(" ", (_("Visits"), "strong"))]
    first = _first_shown(today.visits, marked, room)
    shown = today.visits[first : first + room]
    days = max(8, *(cell_len(visit.when) + 1 for visit in shown)) if shown else 8
    rows += [_visit(visit, marks, width, marked, names, days) for visit in shown]
    hidden = len(today.visits) - room
    if hidden > 0:
        rows.append(row(" " * 11, (_("{count} more: use the arrows").format(count=hidden), "quiet"), droppable=2))
    here = marked == f"do:{NEW_VISIT}"
    rows.append(
        row(
            f" {marks.here if here else ' '} ",
            ("a", "key"),
            " " * (days - 1),
            (_("New visit"), "marked" if here else "plain"),
            entry=f"do:{NEW_VISIT}",
        )
    )
    rows += [blank(), *_needs(today, marks, width, marked, names), blank(), *_came(today, marks, width, marked)]
    if today.news:
        rows += [blank(), row(" ", (_("News"), "strong"), droppable=2)]
        rows += [made for line in today.news for made in paragraph(line, width, indent=3, droppable=2)]
    if not today.needs:
        rows += [blank(), *_nothing_wrong(waiting, width)]
    return rows


def _first_shown(visits: Sequence[VisitRow], marked: str, room: int) -> int:
    place = next((n for n, visit in enumerate(visits) if f"visit:{visit.id}" == marked), 0)
    return max(0, min(place - room // 2, len(visits) - room))


def _visit(visit: VisitRow, marks: Marks, width: int, marked: str, names: bool, days: int) -> Row:
    entry = f"visit:{visit.id}"
    here = entry == marked
    state, act = visit_state_words(visit)
    who = visit.name if names else visit.initials
    look = "marked" if here else "plain"
    name_width = 24 if names else 6
    room = width - 12 - days - name_width - 2 - 9
    return row(
        f" {marks.here if here else ' '} ",
        (pad(visit.when, days), look),
        (pad(who, name_width), "strong" if not here else "marked"),
        (f" {pad(visit.district, 5)}  ", look),
        (pad(state, max(room, 8)), "plain" if not here else "marked"),
        (f" {act}", "quiet"),
        entry=entry,
    )


def visit_state_words(visit: VisitRow) -> tuple[str, str]:
    """Where a visit stands, and what Enter does with it, in words."""
    if visit.state is VisitState.HALF_DONE:
        words = _("half done")
        if visit.part:
            words += _(", stopped in part {letter}").format(letter=visit.part)
        if visit.stopped:
            words += f", {visit.stopped}"
        return words, _("go on")
    return {
        VisitState.PREPARED: (_("prepared"), _("start")),
        VisitState.LEAVING: (_("finished, leaves in a moment"), _("look")),
        VisitState.FINISHED: (_("finished"), _("look")),
        VisitState.STOPPED: (_("stopped, as they wished"), ""),
    }[visit.state]


def _needs(today: TodayPage, marks: Marks, width: int, marked: str, names: bool) -> list[Row]:
    if not today.needs:
        return [row(" ", (_("Needs you"), "strong")), row("   ", (_("Nothing needs you."), "quiet"))]
    rows = [row(" ", (_("Needs you ({count})").format(count=len(today.needs)), "strong"))]
    for need in today.needs[:MOST_NEEDS]:
        entry = f"need:{need.reference}"
        here = entry == marked
        lines = paragraph(need.words, width - 20)
        who = fit(need.name if names else need.initials, 20 if names else 6)
        rows.append(
            row(
                f" {marks.here if here else ' '} ",
                (pad(who, 21 if names else 8), "marked" if here else "strong"),
                *lines[0].pieces,
                (f"  {_('help')}", "quiet"),
                entry=entry,
            )
        )
        rows += [row(" " * 11, *line.pieces, droppable=1) for line in lines[1:]]
    return rows


def _came(today: TodayPage, marks: Marks, width: int, marked: str) -> list[Row]:
    here = marked == f"do:{MINE}"
    rows = [
        row(
            f"{marks.here if here else ' '}",
            (_("What came of your visits"), "strong"),
            " " * 16,
            ("m", "key"),
            ("  " + _("all of them"), "marked" if here else "quiet"),
            entry=f"do:{MINE}",
        )
    ]
    lines = today.came or (_("Nothing new."),)
    return rows + [made for line in lines for made in paragraph(line, width, indent=3)]


def _nothing_wrong(waiting: int, width: int) -> list[Row]:
    if not waiting:
        return paragraph(_("Nothing is wrong."), width, indent=1, style="quiet", droppable=3)
    one = _("Nothing is wrong. 1 referral leaves by itself when there is signal.")
    many = _("Nothing is wrong. {count} referrals leave by themselves when there is signal.")
    words = one if waiting == 1 else many.format(count=waiting)
    return paragraph(words, width, indent=1, style="quiet", droppable=3)
