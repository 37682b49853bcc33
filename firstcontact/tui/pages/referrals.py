"""My referrals: four columns, always: who, what, what happened, who acts next."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from firstcontact.rows import Group, ReferralRow
from firstcontact.tui.paint import Marks, Row, blank, fit, pad, paragraph, row
from firstcontact.tui.words import _, without_article

MOST_FINISHED = 200


def referral_rows(
    rows_: Sequence[ReferralRow], marks: Marks, width: int, *, marked: str, opened: str, names: bool
) -> list[Row]:
    """The page; with `names`, the person's and the partner's names stand on the opened line."""
    rows: list[Row] = []
    sizes = _sizes(rows_, width, names)
    titles = {
        Group.NEEDS_YOU: _("Needs you ({count})"),
        Group.ON_THE_WAY: _("On the way ({count})"),
        Group.FINISHED: _("Finished ({count})"),
    }
    for group, title in titles.items():
        of_group = [line for line in rows_ if line.group is group][:MOST_FINISHED]
        if not of_group and group is not Group.NEEDS_YOU:
            continue
        rows.append(row(" ", (title.format(count=len(of_group)), "strong")))
        if not of_group:
            rows.append(row("   ", (_("Nothing needs you."), "quiet")))
        for line in of_group:
            rows.append(_line(line, marks, sizes, marked, names))
            if opened == entry_of(line):
                rows += _opened(line, width, names, whole=cell_len(line.what) <= sizes[1])
        rows.append(blank())
    text = _("Sent is not the same as helped. A line leaves this list when help is known.")
    return [*rows, *paragraph(text, width, indent=1, style="quiet", droppable=2)]


def entry_of(line: ReferralRow) -> str:
    """The entry of a referral on the page."""
    return f"referral:{line.reference or line.visit_id + line.what}"


def _sizes(rows_: Sequence[ReferralRow], width: int, names: bool) -> tuple[int, int, int, int]:
    """The widths of the four columns: what happened and who acts next are cut last, what it is about first."""
    who = 20 if names else 6
    room = width - who - 5
    after = min(max((cell_len(line.next) for line in rows_), default=0), room * 2 // 5)
    happened = min(max((cell_len(line.happened) for line in rows_), default=0), room // 2)
    longest = max((cell_len(without_article(line.what)) for line in rows_), default=0)
    what = max(min(longest, room - happened - after), 10)
    return who, what, max(min(happened, room - what - after), 10), after


def _line(line: ReferralRow, marks: Marks, sizes: tuple[int, int, int, int], marked: str, names: bool) -> Row:
    here = entry_of(line) == marked
    look = "marked" if here else "plain"
    who, what, happened, after = sizes
    return row(
        f" {marks.here if here else ' '} ",
        (pad(line.name if names else line.initials, who), "marked" if here else "strong"),
        (pad(without_article(line.what), what), look),
        " ",
        (pad(line.happened, happened), look),
        " ",
        (fit(line.next, after), look if here else "quiet"),
        entry=entry_of(line),
    )


def _opened(line: ReferralRow, width: int, names: bool, *, whole: bool) -> list[Row]:
    rows = [] if whole else paragraph(line.what, width, indent=6)
    if line.reference:
        rows.append(row("      ", (_("reference"), "quiet"), f" {line.reference}"))
    if names and line.partner:
        rows += paragraph(line.partner, width, indent=6)
    for text in line.history:
        rows += paragraph(text, width, indent=6, style="quiet")
    return rows
