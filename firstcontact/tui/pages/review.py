"""Before you go: what is passed on, what is not, what is still to ask. Nothing of the visitor's part is here."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rich.cells import cell_len

from firstcontact.rows import PassOn, ReviewPage, UrgentRow
from firstcontact.tui.paint import Marks, Row, blank, fit, labelled, pad, paragraph, row
from firstcontact.tui.words import _, clock_time

WIDEST: Final = 100
"""In a wide window the columns stay near enough to each other to be read as one line."""


def review_rows(page: ReviewPage, marks: Marks, width: int, *, marked: str, now: datetime) -> list[Row]:
    """The page."""
    if page.finished:
        return [*_finished(page, width, now), blank(), *_passed(page, marks, width, marked)]
    if not page.offers:
        return [*_without_offers(page, width), blank(), *_still(page, marks, width, marked)]
    rows = labelled(_("Say"), f'"{page.say}"', width, indent=1, column=7)
    rows += [blank(), *_passed(page, marks, width, marked)]
    partner = _sizes(page, width)[0]
    if page.not_passed:
        rows.append(row(" ", (_("Not passed on ({count})").format(count=len(page.not_passed)), "strong")))
        for line in page.not_passed:
            entry = f"offer:{line.key}"
            look = "marked" if entry == marked else "plain"
            rows.append(
                row(
                    f" {marks.here if entry == marked else ' '} ",
                    (pad(line.partner, partner), look),
                    " ",
                    (fit(line.why, width - partner - 5), look),
                    entry=entry,
                )
            )
        rows.append(blank())
    rows += _still(page, marks, width, marked)
    rows += [blank(), *labelled(_("Say"), f'"{page.say_last}"', width, indent=1, column=7)]
    return rows


def _without_offers(page: ReviewPage, width: int) -> list[Row]:
    """The end of a list that makes no offers: what is kept, and that nothing leaves."""
    kept = _("1 answer is kept.") if page.kept == 1 else _("{count} answers are kept.").format(count=page.kept)
    rows = [blank(), *paragraph(_("This is the end of the list."), width, indent=3, style="strong"), blank()]
    rows += paragraph(kept, width, indent=3)
    rows += paragraph(_("This list makes no offers: nothing is passed on to anyone."), width, indent=3)
    return [*rows, *paragraph(_("f finishes the visit."), width, indent=3)]


def _passed(page: ReviewPage, marks: Marks, width: int, marked: str) -> list[Row]:
    partner, what, by = _sizes(page, width)
    title = _("To pass on ({count})").format(count=len(page.passed))
    rows = [row(" ", (pad(title, partner + what + 4), "strong"), (_("they ring by"), "quiet"))]
    if not page.passed:
        rows.append(row("   ", (_("Nothing is passed on."), "quiet")))
    rows += [_pass_row(line, marks, marked, (partner, what, by)) for line in page.passed]
    return rows


def _sizes(page: ReviewPage, width: int) -> tuple[int, int, int]:
    """How wide partner, service and day are: as wide as they need, and the partner is cut last."""
    by = max((cell_len(line.by) for line in page.passed), default=0)
    by = max(min(by, 17), cell_len(_("they ring by")))
    room = min(width, WIDEST) - by - 5
    what = max((cell_len(line.what) for line in page.passed), default=0)
    names = [*(line.partner for line in page.passed), *(line.partner for line in page.not_passed)]
    partner = max((cell_len(name) for name in names), default=0)
    partner = min(max(partner, 24), max(room - what, room * 3 // 5))
    return partner, room - partner, by


def _pass_row(line: PassOn, marks: Marks, marked: str, sizes: tuple[int, int, int]) -> Row:
    entry = f"pass:{line.key}"
    here = entry == marked
    look = "marked" if here else "plain"
    partner, what, by = sizes
    return row(
        f" {marks.here if here else ' '} ",
        (pad(line.partner, partner), look),
        " ",
        (pad(line.what, what), look),
        " ",
        (fit(line.by, by), look),
        entry=entry,
    )


def _still(page: ReviewPage, marks: Marks, width: int, marked: str) -> list[Row]:
    if not page.still:
        return [row(" ", (_("Nothing is left to ask."), "quiet"))]
    rows = [row(" ", (_("Still to ask ({count})").format(count=len(page.still)), "strong"))]
    tail = _("Enter to ask")
    for number, line in enumerate(page.still):
        entry = f"still:{number}"
        here = entry == marked
        sign = "!" if line.careful else marks.dot
        room = min(width, WIDEST) - len(tail) - 7
        rows.append(
            row(
                f" {marks.here if here else ' '} ",
                (sign, "care" if line.careful else "quiet"),
                " ",
                (pad(line.say, room), "marked" if here else "plain"),
                (f" {tail}", "quiet"),
                entry=entry,
            )
        )
    return rows


def _finished(page: ReviewPage, width: int, now: datetime) -> list[Row]:
    if not page.passed:
        words = _("Finished. Nothing is sent.")
    elif page.leaves_at is None or page.leaves_at <= now:
        words = _("Finished. This leaves when there is signal.")
    else:
        words = _("Finished. This leaves when there is signal. Take it back within 2 minutes: ctrl+z.")
    rows = [blank(), *paragraph(words, width, indent=3, style="strong")]
    if page.leaves_at is not None and page.leaves_at > now and page.passed:
        rows += paragraph(_("Until {time}.").format(time=clock_time(page.leaves_at)), width, indent=3)
    rows += paragraph(_("Then there is nothing more to do. Enter goes to Today."), width, indent=3)
    return rows


def urgent_rows(urgent: tuple[UrgentRow, ...], width: int) -> list[Row]:
    """The one page before urgent referrals leave."""
    rows = [blank(), *paragraph(_("This leaves at once, and cannot be taken back:"), width, indent=3, style="strong")]
    for line in urgent:
        rows += [blank(), *paragraph(f"{line.partner}: {line.what}", width, indent=5, style="strong")]
        if line.because:
            rows += paragraph(_("Because: {why}").format(why=line.because), width, indent=7)
        rows += paragraph(_("They aim to be in touch by {day}.").format(day=line.by), width, indent=7)
        if line.ring:
            text = _("No signal, or they are closed? Ring them before you leave: {number}.")
            rows += paragraph(text.format(number=line.ring), width, indent=7, style="care")
    return rows
