"""What stands around the question: the last answers, how far the list is, and the two columns of a wide window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from firstcontact.rows import PartRow, Progress, Wish
from firstcontact.tui.pages.view import QuestionView, code_of
from firstcontact.tui.paint import Marks, Row, blank, fit, pad, paragraph, row, shrink
from firstcontact.tui.words import _

LEFT_WIDTH: Final = 32
RIGHT_WIDTH: Final = 33
_LETTERS_MOST: Final = 2
"""A section named by more letters than this is known by its title."""


def just_now_row(view: QuestionView, width: int) -> list[Row]:
    """The last answer, and how it is taken back."""
    words = view.progress.just_now
    if not words:
        return []
    tail = _("ctrl+z takes it back")
    head = fit(_("Just now: {what}").format(what=words), width - cell_len(tail) - 6)
    gap = max(width - 2 - cell_len(head) - cell_len(tail) - 1, 2)
    return [row("  ", head, " " * gap, (tail, "quiet"), droppable=3)]


def just_now_list(view: QuestionView, width: int) -> list[Row]:
    """The last few answers, newest last, for a wide window."""
    recent = view.progress.just_now_list[-4:]
    if not recent or not view.progress.just_now:
        return []
    rows = [row("  ", (_("Just now"), "strong"), droppable=3), blank()]
    undo = _("ctrl+z takes back")
    codes = 5 if any(code_of(name) for name, _words, _answer in recent) else 0
    room = max(width - 7 - codes - cell_len(undo), 16)
    for number, (name, words, answer) in enumerate(recent):
        tail = undo if number == len(recent) - 1 else ""
        said = fit(answer, room // 2)
        words = fit(words, room - cell_len(said) - 2)
        gap = " " * (room - cell_len(words) - cell_len(said))
        rows.append(
            row(f"   {pad(code_of(name), codes)}{words}  ", (said, "strong"), gap, (tail, "quiet"), droppable=3)
        )
    return [*rows, blank()]


def part_sign(asked: int, of: int, marks: Marks) -> str:
    """How far a part is: all asked, some, none."""
    return marks.done if asked >= of else marks.half if asked else marks.none


def progress_line(progress: Progress, marks: Marks, width: int) -> Row:
    """How far each part is, in one line; where they do not fit, the counts alone."""
    letters = [part for part in progress.parts if 0 < len(part.letter) <= _LETTERS_MOST]
    parts = " ".join(f"{part.letter}{part_sign(part.asked, part.of, marks)}" for part in letters)
    counts = _("to ask {ask}   offers {offers}").format(ask=progress.to_ask, offers=progress.offers)
    gap = max(width - 2 - cell_len(parts) - cell_len(counts) - 4, 2)
    if not parts or cell_len(parts) + cell_len(counts) + 6 > width:
        return row("  ", (counts, "quiet"), droppable=1)
    return row("  ", parts, " " * gap, counts, droppable=1)


def part_name(part: PartRow) -> str:
    """A part's letter before its title, where it is short enough to be one."""
    return part.letter if len(part.letter) <= _LETTERS_MOST else ""


def left_rows(view: QuestionView, marks: Marks, height: int) -> list[Row]:
    """Where you are: the parts, the people, who is in the room."""
    people = [blank(), row(" ", (_("People"), "strong")), blank()]
    people += [row(f" {marks.here if who.current else ' '} ", pad(who.name, LEFT_WIDTH - 4)) for who in view.people]
    people += [row("   ", ("c", "key"), ("  " + _("people, add one"), "quiet"))]
    people += [blank(), row(" ", (_("In the room"), "strong")), blank()]
    people += [row("   ", pad(person.name, LEFT_WIDTH - 4)) for person in view.people if person.in_room]
    rows = [row(" ", (_("Parts"), "strong")), blank()]
    parts = _near(view.progress.parts, view.page.part, max(height - len(people) - len(rows), 4))
    for part in parts:
        here = part.id == view.page.part
        count = f"{part.asked}/{part.of}"
        name = f" {pad(part_name(part), 1)}" if not part.depth else "  " * part.depth
        sign = f"{marks.here if here else ' '} "
        title = pad(part.title, LEFT_WIDTH - len(name) - 4 - len(count)) + " "
        rows.append(row(name, sign, (title, "strong" if here else "plain"), (count, "quiet")))
    return shrink([*rows, *people], height)


def _near(parts: Sequence[PartRow], part_id: str, room: int) -> Sequence[PartRow]:
    """All parts if they fit, else those around the one that is asked now."""
    if len(parts) <= room:
        return parts
    place = next((n for n, part in enumerate(parts) if part.id == part_id), 0)
    start = max(0, min(place - room // 3, len(parts) - room))
    return parts[start : start + room]


def right_rows(view: QuestionView, marks: Marks) -> list[Row]:
    """Service names only: no answers, reasons or urgency."""
    count = _("Offers so far: {count}").format(count=len(view.offers))
    rows = [row(" ", (pad(count, 17), "strong"), ("  o", "key"), (" " + _("settle now"), "quiet")), blank()]
    for offer in view.offers:
        rows.append(row(" ", fit(offer.service, RIGHT_WIDTH - 2)))
        rows.append(row("   ", (wish_words(offer.wish), "quiet")))
    rows += [blank(), row((marks.rule * RIGHT_WIDTH, "rule")), blank(), row(" ", _("Note on this question")), blank()]
    current = view.item
    if current.note:
        rows += paragraph(current.note, RIGHT_WIDTH, indent=3)
    else:
        rows.append(row("   ", ("w", "key"), (" " + _("to write"), "quiet")))
    return rows


def wish_words(wish: Wish) -> str:
    """The answer to an offer, in words."""
    return {
        Wish.NOT_ASKED: _("not asked yet"),
        Wish.YES: _("yes"),
        Wish.NO: _("no"),
        Wish.NOT_TODAY: _("not today"),
        Wish.HOLD: _("on hold until it opens"),
        Wish.HAS_HELP: _("has help already"),
        Wish.RANG: _("rung"),
        Wish.ADVISED: _("advice given"),
        Wish.WITHDRAWN: _("no longer wanted"),
    }[wish]
