"""The question page: one question, its follow-ups below the same words, and the two columns beside it when wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from firstcontact.rows import Item, Kind
from firstcontact.tui.pages.answers import answer_rows
from firstcontact.tui.pages.columns import (
    LEFT_WIDTH,
    RIGHT_WIDTH,
    just_now_list,
    just_now_row,
    left_rows,
    progress_line,
    right_rows,
)
from firstcontact.tui.pages.view import STANDING, QuestionView, answered, items_of, standing_words
from firstcontact.tui.paint import Marks, Piece, Row, beside, blank, fit, labelled, pad, paragraph, row, shrink, spread
from firstcontact.tui.sizes import WITH_SIDES
from firstcontact.tui.words import _

MIDDLE_MOST: Final = 76
_ROOM_FOR_ALL: Final = 14


def question_rows(view: QuestionView, marks: Marks, width: int, height: int) -> list[Row]:
    """The page for a window of this size."""
    if width < WITH_SIDES:
        return _middle(view, marks, width, height, alone=True)
    alone = sum(person.in_room for person in view.people) < 2
    right_width = RIGHT_WIDTH if alone else 0
    middle_width = width - LEFT_WIDTH - 1 - (right_width + 1 if alone else 0)
    columns: list[tuple[Sequence[Row], int]] = [
        (left_rows(view, marks, height), LEFT_WIDTH),
        (_middle(view, marks, min(middle_width, MIDDLE_MOST), height, alone=False), middle_width),
    ]
    if alone:
        columns.append((right_rows(view, marks), right_width))
    return beside(columns, marks.side, height)


def _middle(view: QuestionView, marks: Marks, width: int, height: int, *, alone: bool) -> list[Row]:
    small = (alone and width < 60) or height < 12
    bottom = just_now_row(view, width) if alone else just_now_list(view, width)
    if alone:
        bottom += [blank(), progress_line(view.progress, marks, width)]
    above, below = [*_groups(view, width)], [*_for_you(view.item, marks, width)]
    items = items_of(view.page)
    at = next((n for n, item in enumerate(items) if item.id == view.current), 0)
    for number, item in enumerate(items[:at]):
        above += _other(item, width, first=number == 0)
    below = [made for item in items[at + 1 :] for made in _other(item, width, first=False)] + below
    current = _current(view, marks, width, height - _needed([*above, *below, *bottom], height), small=small)
    rows = [*above, *current, *below]
    return spread(rows, bottom, height) if len(rows) + len(bottom) <= height else shrink([*rows, *bottom], height)


def _needed(rows: Sequence[Row], height: int) -> int:
    """How many rows a long list leaves to the rest of the page: all but empty ones, where there is room for them."""
    return len(shrink(rows, 0)) if height < _ROOM_FOR_ALL else sum(line.droppable < 4 for line in rows) + 2


def _groups(view: QuestionView, width: int) -> list[Row]:
    """The titles of the groups around the question, in one line."""
    if not view.page.groups:
        return [blank()]
    return [row("   ", (fit("  ›  ".join(view.page.groups), width - 4), "quiet"), droppable=2), blank()]


def _other(item: Item, width: int, *, first: bool) -> list[Row]:
    """A question of the page that is not asked just now: its words, and its answer beside them."""
    nothing = _("not asked yet") if item.asked else ""
    answer = item.answer_words or (standing_words(item.standing) if item.standing else nothing)
    rows = paragraph(item.say, width, indent=3, style="strong" if first else "plain", entry=f"item:{item.id}")
    last = rows[-1]
    look = "strong" if answered(item) else "quiet"
    room = width - last.width - 4
    if room >= min(cell_len(answer), 16):
        rows[-1] = Row((*last.pieces, (f"   {fit(answer, room)}", look)), last.entry)
    else:
        rows.append(row("      ", (fit(answer, width - 7), look), entry=last.entry))
    return [*rows, blank()]


def _current(view: QuestionView, marks: Marks, width: int, room: int, *, small: bool) -> list[Row]:
    """The question that the keys answer now; `room` is how many rows it may take."""
    item = view.item
    says = [*paragraph(item.say, width, indent=3, style="strong"), blank()]
    if not small and item.kind is Kind.YES_NO:
        says.append(blank())
    ends: list[Row] = []
    wrong = view.wrong or item.wrong
    if wrong:
        ends += [blank(), *paragraph(wrong, width, indent=4, style="care")]
    if item.standing_allowed and not view.level:
        ends += [blank(), *_standing(item, marks, width)]
    if item.note:
        ends += [blank(), *labelled(_("Note"), item.note, width, indent=4, column=10)]
    ends.append(blank())
    room -= _needed([*says, *ends], room)
    return [*says, *answer_rows(view, marks, width, room, small=small), *ends]


def _standing(item: Item, marks: Marks, width: int) -> list[Row]:
    """The five standing answers: three in a line where there is room, else two."""
    cells = [(key, token, standing_words(token)) for key, token in STANDING]
    columns = 3 if width >= 80 else 2
    size = (width - 4) // columns if columns == 2 else 26
    rows = []
    for start in range(0, len(cells), columns):
        pieces: list[Piece] = [("   ", "plain")]
        for key, token, words in cells[start : start + columns]:
            here = item.standing == token
            pieces.append((marks.done if here else " ", "plain"))
            pieces.append((key, "key"))
            look = "strong" if here else "quiet"
            gap = 3 if columns == 3 else 1
            pieces.append((" " * gap + pad(words, size - 2 - gap), look))
        text, look = pieces[-1]
        pieces[-1] = (text.rstrip(), look)
        rows.append(row(*pieces))
    return rows


def _for_you(item: Item, marks: Marks, width: int) -> list[Row]:
    if not item.prompt:
        return []
    words = f" {_('for you')} "
    line = f"  {marks.dot * 3}{words}{marks.dot * max(width - len(words) - 8, 3)}"
    return [
        row((line, "rule"), droppable=2),
        *paragraph(item.prompt, width, indent=3, style="quiet", droppable=2),
        blank(),
    ]
