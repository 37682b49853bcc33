"""Before you go: what is passed on, what is not, what is still to ask. Nothing of the visitor's part is here."""

from __future__ import annotations

from datetime import datetime

from firstcontact.rows import PassOn, ReviewPage, UrgentRow
from firstcontact.tui.paint import Marks, Row, blank, fit, labelled, pad, paragraph, row
from firstcontact.tui.words import _, clock_time


def review_rows(page: ReviewPage, marks: Marks, width: int, *, marked: str, now: datetime) -> list[Row]:
    """The page."""
    if page.finished:
        return [*_finished(page, width, now), blank(), *_passed(page, marks, width, marked)]
    rows = labelled(_("Say"), f'"{page.say}"', width, indent=1, column=7)
    rows += [blank(), *_passed(page, marks, width, marked)]
    if page.not_passed:
        rows.append(row(" ", (_("Not passed on ({count})").format(count=len(page.not_passed)), "strong")))
        for line in page.not_passed:
            entry = f"offer:{line.key}"
            look = "marked" if entry == marked else "plain"
            rows.append(
                row(
                    f" {marks.here if entry == marked else ' '} ",
                    (pad(line.partner, min(31, width // 2)), look),
                    " ",
                    (fit(line.why, width - min(31, width // 2) - 5), look),
                    entry=entry,
                )
            )
        rows.append(blank())
    rows += _still(page, marks, width, marked)
    rows += [blank(), *labelled(_("Say"), f'"{page.say_last}"', width, indent=1, column=7)]
    return rows


def _passed(page: ReviewPage, marks: Marks, width: int, marked: str) -> list[Row]:
    partner, by = min(31, width * 2 // 5), 17
    what = width - partner - by - 6
    title = _("To pass on ({count})").format(count=len(page.passed))
    rows = [row(" ", (pad(title, partner + what + 3), "strong"), (_("they ring by"), "quiet"))]
    if not page.passed:
        rows.append(row("   ", (_("Nothing is passed on."), "quiet")))
    rows += [_pass_row(line, marks, marked, (partner, what, by)) for line in page.passed]
    return rows


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
        room = width - len(tail) - 8
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
