"""The question page: one question, its follow-ups below the same words, and the two columns beside it when wide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.cells import cell_len

from firstcontact.rows import Item, Kind, OfferRow, PersonRow, Progress, QuestionPage, Wish
from firstcontact.tui.paint import Marks, Piece, Row, beside, blank, fit, labelled, pad, paragraph, row, shrink, spread
from firstcontact.tui.sizes import WITH_SIDES
from firstcontact.tui.words import _

STANDING: Final = (
    ("u", "dont-know"),
    ("h", "already-getting-help"),
    ("s", "not-asked"),
    ("p", "prefers-not-to-say"),
    ("x", "not-safe-to-ask"),
)
TYPED: Final = frozenset({Kind.TEXT, Kind.WHOLE_NUMBER, Kind.DECIMAL, Kind.DATE, Kind.PHONE, Kind.POSTCODE, Kind.NOTE})
LEFT_WIDTH: Final = 32
RIGHT_WIDTH: Final = 33
MIDDLE_MOST: Final = 76


def standing_words(token: str) -> str:
    """A standing answer in words."""
    return {
        "dont-know": _("does not know"),
        "prefers-not-to-say": _("would rather not say"),
        "already-getting-help": _("has help already"),
        "not-asked": _("not asked"),
        "not-safe-to-ask": _("not safe to ask"),
    }.get(token, token)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """What the question page shows."""

    page: QuestionPage
    current: str
    """The id of the item that the keys answer now."""
    marked: str = ""
    ticked: frozenset[str] = field(default_factory=frozenset)
    wrong: str = ""
    progress: Progress
    offers: tuple[OfferRow, ...] = ()
    people: tuple[PersonRow, ...] = ()


def items_of(page: QuestionPage) -> tuple[Item, ...]:
    """The main question and its follow-ups."""
    return (page.item, *page.follow_ups)


def answered(item: Item) -> bool:
    """Whether the item has an answer or a standing answer."""
    return item.answer is not None or bool(item.standing)


def keyed_choices(item: Item) -> tuple[tuple[str, str, str], ...]:
    """(key, token, words) of each choice, in order."""
    if item.kind in {Kind.YES_NO, Kind.STATEMENT} and not item.choices:
        return (("y", "yes", _("Yes")), ("n", "no", _("No")))
    keys = {"yes": "y", "no": "n", "understood": "y"} if item.kind in {Kind.YES_NO, Kind.STATEMENT} else {}
    return tuple(
        (keys.get(choice.token, str(n) if n < 10 else " "), choice.token, choice.label)
        for n, choice in enumerate(item.choices, start=1)
    )


def question_rows(view: QuestionView, marks: Marks, width: int, height: int) -> list[Row]:
    """The page for a window of this size."""
    if width < WITH_SIDES:
        return _middle(view, marks, width, height, alone=True)
    alone = sum(person.in_room for person in view.people) < 2
    right_width = RIGHT_WIDTH if alone else 0
    middle_width = width - LEFT_WIDTH - 1 - (right_width + 1 if alone else 0)
    columns: list[tuple[Sequence[Row], int]] = [
        (_left(view, marks, height), LEFT_WIDTH),
        (_middle(view, marks, min(middle_width, MIDDLE_MOST), height, alone=False), middle_width),
    ]
    if alone:
        columns.append((_right(view, marks), right_width))
    return beside(columns, marks.side, height)


def _middle(view: QuestionView, marks: Marks, width: int, height: int, *, alone: bool) -> list[Row]:
    small = (alone and width < 60) or height < 12
    rows: list[Row] = [blank()]
    for number, item in enumerate(items_of(view.page)):
        if item.id == view.current:
            rows += _current(item, view, marks, width, small=small)
        else:
            rows += _other(item, width, first=number == 0)
    bottom = _just_now(view, width) if alone else _just_now_list(view, width)
    if alone:
        bottom += [blank(), _progress_line(view.progress, marks, width)]
    current = next((item for item in items_of(view.page) if item.id == view.current), view.page.item)
    rows += _for_you(current, marks, width)
    return spread(rows, bottom, height) if len(rows) + len(bottom) <= height else shrink([*rows, *bottom], height)


def _other(item: Item, width: int, *, first: bool) -> list[Row]:
    """A question of the page that is not asked just now: its words, and its answer beside them."""
    answer = item.answer_words or (standing_words(item.standing) if item.standing else _("not asked yet"))
    rows = paragraph(item.say, width, indent=3, style="strong" if first else "plain", entry=f"item:{item.id}")
    last = rows[-1]
    look = "strong" if answered(item) else "quiet"
    room = width - last.width - 4
    if room >= min(cell_len(answer), 16):
        rows[-1] = Row((*last.pieces, (f"   {fit(answer, room)}", look)), last.entry)
    else:
        rows.append(row("      ", (fit(answer, width - 7), look), entry=last.entry))
    return [*rows, blank()]


def _current(item: Item, view: QuestionView, marks: Marks, width: int, *, small: bool) -> list[Row]:
    rows = [*paragraph(item.say, width, indent=3, style="strong"), blank()]
    if not small and item.kind is Kind.YES_NO:
        rows.append(blank())
    if item.kind in TYPED:
        rows += _typed(item, view, width)
    else:
        rows += _choices(item, view, marks, width, small=small)
    if view.wrong:
        rows += [blank(), *paragraph(view.wrong, width, indent=4, style="care")]
    if item.standing_allowed:
        rows += [blank(), *_standing(item, marks, width)]
    if item.note:
        rows += [blank(), *labelled(_("Note"), item.note, width, indent=4, column=10)]
    return [*rows, blank()]


def _typed(item: Item, view: QuestionView, width: int) -> list[Row]:
    rows = [row("    ", (_("Answer"), "quiet"), box="answer", box_at=12)]
    if item.answer_words:
        rows += labelled(_("Now"), item.answer_words, width, indent=4, column=12)
    hint = {
        Kind.DATE: _("Like 14 3 1943, or 14 March 1943."),
        Kind.POSTCODE: _("Any spelling will do."),
    }.get(item.kind, "")
    if hint and not view.wrong:
        rows.append(row("    ", (hint, "quiet"), droppable=1))
    if item.standing_allowed:
        words = _("Enter keeps it. For the letters below, press Esc first.")
        rows += paragraph(words, width, indent=4, style="quiet", droppable=3)
    return rows


def _choices(item: Item, view: QuestionView, marks: Marks, width: int, *, small: bool) -> list[Row]:
    rows: list[Row] = []
    chosen = _chosen(item, view)
    many = item.kind is Kind.ANY_OF
    for key, token, words in keyed_choices(item):
        entry = f"choice:{item.id}:{token}"
        here = entry == view.marked
        sign = (marks.ticked if token in chosen else marks.empty) if many else marks.done if token in chosen else " "
        look = "marked" if here else "strong" if token in chosen else "plain"
        lines = paragraph(words, width - (13 if many else 10), style=look)
        rows.append(
            row(
                f"{' ' if not here else marks.here}{sign if not many else ' '}  ",
                (key, "key"),
                "   ",
                f"{sign} " if many else "",
                *lines[0].pieces[1:],
                entry=entry,
            )
        )
        rows += [row(" " * (12 if many else 8), *line.pieces[1:], entry=entry) for line in lines[1:]]
        if item.kind is Kind.YES_NO and not small:
            rows.append(blank())
    if many:
        words = _("Tick with the numbers, then Enter. Enter alone means none of these.")
        rows += paragraph(words, width, indent=4, style="quiet", droppable=3)
    return rows


def _chosen(item: Item, view: QuestionView) -> frozenset[str]:
    if item.kind is Kind.ANY_OF:
        return view.ticked
    if isinstance(item.answer, str):
        return frozenset({item.answer})
    return frozenset(item.answer or ())


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


def _just_now(view: QuestionView, width: int) -> list[Row]:
    words = view.progress.just_now
    if not words:
        return []
    tail = _("ctrl+z takes it back")
    head = fit(_("Just now: {what}").format(what=words), width - cell_len(tail) - 6)
    gap = max(width - 2 - cell_len(head) - cell_len(tail) - 1, 2)
    return [row("  ", head, " " * gap, (tail, "quiet"), droppable=3)]


def _just_now_list(view: QuestionView, width: int) -> list[Row]:
    """The last few answers, newest last, for a wide window."""
    recent = view.progress.just_now_list[-4:]
    if not recent or not view.progress.just_now:
        return []
    rows = [row("  ", (_("Just now"), "strong"), droppable=3), blank()]
    undo = _("ctrl+z takes back")
    room = max(width - 12 - cell_len(undo), 16)
    for number, (name, words, answer) in enumerate(recent):
        tail = undo if number == len(recent) - 1 else ""
        said = fit(answer, room // 2)
        words = fit(words, room - cell_len(said) - 2)
        gap = " " * (room - cell_len(words) - cell_len(said))
        rows.append(row(f"   {pad(name, 5)}{words}  ", (said, "strong"), gap, (tail, "quiet"), droppable=3))
    return [*rows, blank()]


def part_sign(asked: int, of: int, marks: Marks) -> str:
    """How far a part is: all asked, some, none."""
    return marks.done if asked >= of else marks.half if asked else marks.none


def _progress_line(progress: Progress, marks: Marks, width: int) -> Row:
    parts = " ".join(f"{part.letter}{part_sign(part.asked, part.of, marks)}" for part in progress.parts)
    counts = _("to ask {ask}   offers {offers}").format(ask=progress.to_ask, offers=progress.offers)
    gap = max(width - 2 - cell_len(parts) - cell_len(counts) - 4, 2)
    if cell_len(parts) + cell_len(counts) + 6 > width:
        return row("  ", (counts, "quiet"), droppable=1)
    return row("  ", parts, " " * gap, counts, droppable=1)


def _left(view: QuestionView, marks: Marks, height: int) -> list[Row]:
    rows = [row(" ", (_("Parts"), "strong")), blank()]
    for part in view.progress.parts:
        here = part.letter == view.page.section
        count = f"{part.asked}/{part.of}"
        title = pad(part.title, LEFT_WIDTH - 6 - len(count)) + " "
        look = "strong" if here else "plain"
        rows.append(row(f" {part.letter}", f"{marks.here if here else ' '} ", (title, look), (count, "quiet")))
    rows += [blank(), row(" ", (_("People"), "strong")), blank()]
    for person in view.people:
        rows.append(row(f" {marks.here if person.current else ' '} ", pad(person.name, LEFT_WIDTH - 4)))
    rows += [row("   ", ("c", "key"), ("  " + _("people, add one"), "quiet"))]
    rows += [blank(), row(" ", (_("In the room"), "strong")), blank()]
    rows += [row("   ", pad(person.name, LEFT_WIDTH - 4)) for person in view.people if person.in_room]
    return shrink(rows, height)


def _right(view: QuestionView, marks: Marks) -> list[Row]:
    """Service names only: no answers, reasons or urgency."""
    count = _("Offers so far: {count}").format(count=len(view.offers))
    rows = [row(" ", (pad(count, 17), "strong"), ("  o", "key"), (" " + _("settle now"), "quiet")), blank()]
    for offer in view.offers:
        rows.append(row(" ", fit(offer.service, RIGHT_WIDTH - 2)))
        rows.append(row("   ", (wish_words(offer.wish), "quiet")))
    rows += [blank(), row((marks.rule * RIGHT_WIDTH, "rule")), blank(), row(" ", _("Note on this question")), blank()]
    current = next((item for item in items_of(view.page) if item.id == view.current), view.page.item)
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
