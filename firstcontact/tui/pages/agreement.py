"""The agreement page: the words to say, the exact data that one partner would get, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase
from typing import Final

from rich.cells import cell_len

from firstcontact.rows import AgreementPage, Line, OfferRow, RecordedRow, Wish
from firstcontact.tui.pages.columns import wish_words
from firstcontact.tui.paint import Marks, Piece, Row, beside, blank, fit, labelled, pad, paragraph, row, shrink
from firstcontact.tui.sizes import WITH_SIDES
from firstcontact.tui.words import _, without_article

LEFT_WIDTH: Final = 43
LABEL_COLUMN: Final = 16
LABEL_MOST: Final = 25
MIDDLE_MOST: Final = 80
SHORT_VALUE: Final = 14
"""Two lines stand beside each other where neither says more than this."""


def agreement_rows(
    page: AgreementPage,
    offers: Sequence[OfferRow],
    recorded: Sequence[RecordedRow],
    marks: Marks,
    width: int,
    height: int,
    *,
    asking: str,
    marked: str,
) -> list[Row]:
    """The page; `asking` is "health" or "feedback" while that line is asked under the yes."""
    if width < WITH_SIDES:
        return shrink(_top(page, width, marked), height)
    middle = width - LEFT_WIDTH - 1
    left = _left(page, offers, recorded, marks)
    return beside(
        [
            (left[:height], LEFT_WIDTH),
            (_middle(page, marks, min(middle, MIDDLE_MOST), height, asking, marked), middle),
        ],
        marks.side,
        height,
    )


def answer_rows(page: AgreementPage, marks: Marks, width: int, *, asking: str) -> list[Row]:
    """The keys that decide, and what was decided: they stay in sight while the data scrolls above them."""
    if width >= WITH_SIDES:
        return []
    return _answer(page, marks, width, asking, small=width < 80)


def _middle(page: AgreementPage, marks: Marks, width: int, height: int, asking: str, marked: str) -> list[Row]:
    answers = _answer(page, marks, width, asking, small=False)
    return [*shrink(_top(page, width, marked), height - len(answers)), *answers]


def _top(page: AgreementPage, width: int, marked: str) -> list[Row]:
    """The words to say, and the exact data."""
    rows = [*_say(page, width), blank(), row("  ", (_("They will get this, and nothing else"), "strong"))]
    groups = _grouped(page.lines)
    longest = max((cell_len(group[0].label) for group in groups), default=0)
    column = max(min(longest + 6, LABEL_MOST), LABEL_COLUMN) if width >= 60 else 14
    for group in groups:
        rows += _data(group, width, column, marked)
    return [*rows, blank()]


def _grouped(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that belong together: those of one question, and two short ones beside each other."""
    groups: list[list[Line]] = []
    for line in lines:
        last = groups[-1] if groups else []
        same = bool(last) and bool(_question(line)) and _question(line) == _question(last[-1])
        if same or (len(last) == 1 and _is_short(last[0]) and _is_short(line)):
            last.append(line)
        else:
            groups.append([line])
    return groups


def _question(line: Line) -> str:
    """The main question that a line comes from: its follow-ups have a letter behind its id."""
    return (line.ask or line.item).rstrip(ascii_lowercase)


def _is_short(line: Line) -> bool:
    return bool(line.item) and not line.ask and cell_len(line.value) <= SHORT_VALUE


def _data(group: Sequence[Line], width: int, column: int, marked: str) -> list[Row]:
    """The lines of a group behind the label of the first, as many in a row as fit."""
    indent = 4 if width >= 60 else 1
    rows: list[list[Line]] = []
    used = width
    for line in group:
        words = _value(line, first=line is group[0])
        if rows and used + 3 + cell_len(words) < width - column:
            rows[-1].append(line)
            used += 3 + cell_len(words)
        else:
            rows.append([line])
            used = cell_len(words)
    made: list[Row] = []
    for cells in rows:
        open_line = next((line for line in cells if line.ask), None)
        name = cells[0].item
        entry = f"ask:{open_line.ask}" if open_line else f"fact:{name}" if name else ""
        head = group[0].label if cells[0] is group[0] else ""
        if len(cells) == 1:
            style = "marked" if entry and entry == marked else "care" if open_line else "plain"
            words = _value(cells[0], first=cells[0] is group[0])
            made += labelled(head, words, width, indent=indent, column=column, style=style, entry=entry)
            continue
        pieces: list[Piece] = [(pad(" " * indent + head, column - 1) + " ", "quiet")]
        for n, line in enumerate(cells):
            style = "marked" if entry and entry == marked else "care" if line.ask else "plain"
            pieces += [("   " if n else "", "plain"), (_value(line, first=line is group[0]), style)]
        made.append(row(*pieces, entry=entry))
    return made


def _value(line: Line, *, first: bool) -> str:
    """What a line says; its label goes before it where it does not stand at the left."""
    value = f"{line.value} {_not_asked(line.value)}".strip() if line.ask else line.value
    return value if first else f"{line.label[:1].lower()}{line.label[1:]}: {value}"


def _not_asked(value: str) -> str:
    return "" if "!" in value else _("! not asked")


def _say(page: AgreementPage, width: int) -> list[Row]:
    """The words for what is asked now, fit to be read aloud."""
    rows: list[Row] = []
    if page.urgent:
        rows += labelled(_("Soon"), page.urgent, width, indent=2, column=8, style="care")
    if page.charge_say:
        rows += labelled(_("Say"), f'"{page.charge_say}"', width, indent=2, column=8)
        rows += labelled("", f'"{page.say}"', width, indent=2, column=8)
    else:
        rows += labelled(_("Say"), f'"{page.say}"', width, indent=2, column=8)
    if page.closed_until:
        words = _("Their list is closed until {day}. 4 keeps it for then; they are asked again first.")
        rows += paragraph(words.format(day=page.closed_until), width, indent=8, style="care")
    if not page.electronic:
        words = _("They take telephone calls only: {number}. Ring them together, then press k.")
        rows += paragraph(words.format(number=page.ring), width, indent=8, style="care")
    return rows


def _answer(page: AgreementPage, marks: Marks, width: int, asking: str, *, small: bool) -> list[Row]:
    rows = _keys(page, marks, width, small=small)
    if page.wish is Wish.YES:
        rows += _under_the_yes(page, width, asking)
    if page.read_back:
        rows += labelled(_("Kept"), page.read_back, width, indent=2, column=10, style="strong")
    if not small:
        decided = _("Decided by: {name}").format(name=page.decided_by) if page.decided_by else ""
        rows.append(row("  ", (decided, "quiet"), droppable=1))
    return rows


def _keys(page: AgreementPage, marks: Marks, width: int, *, small: bool) -> list[Row]:
    first = [("y", Wish.YES, _("Yes, pass it on")), ("n", Wish.NO, _("No")), ("d", Wish.NOT_TODAY, _("Not today"))]
    second = [
        ("h", Wish.HAS_HELP, _("has help already")),
        ("k", Wish.RANG, _("I rang them now")),
        ("1", Wish.ADVISED, _("advice given")),
    ]
    if page.closed_until:
        first[0] = ("y", Wish.YES, _("Yes, when it opens"))
        second.append(("4", Wish.HOLD, _("hold until it opens")))
    if small:
        cells = [*first, *second]
        return [_key_row(cells[n : n + 2], page.wish, marks, (width - 1) // 2, 0) for n in range(0, len(cells), 2)]
    rows = [_key_row(first, page.wish, marks, 25, 3)]
    rows.append(_key_row(second[:3], page.wish, marks, 25, 3, quiet=True))
    if len(second) > 3:
        rows.append(_key_row(second[3:], page.wish, marks, 30, 3, quiet=True))
    return rows


def _key_row(
    cells: Sequence[tuple[str, Wish, str]], wish: Wish, marks: Marks, size: int, indent: int, *, quiet: bool = False
) -> Row:
    pieces: list[Piece] = [(" " * indent, "plain")]
    for key, meaning, words in cells:
        here = wish is meaning
        pieces.append((marks.done if here else " ", "strong"))
        pieces.append((key, "key"))
        look = "strong" if here else "quiet" if quiet else "plain"
        pieces.append((f"  {pad(words, size - 4)}", look))
    last, look = pieces[-1]
    return row(*pieces[:-1], (last.rstrip(), look))


def _under_the_yes(page: AgreementPage, width: int, asking: str) -> list[Row]:
    """C-HEALTH and C-FEEDBACK, one line each, asked where they belong."""
    rows: list[Row] = []
    lines = (("health", page.health_say, page.health), ("feedback", page.feedback_say, page.feedback))
    for name, words, answer in lines:
        if not words:
            continue
        if name == asking:
            rows += labelled(_("y or n"), f'"{words}"', width, indent=2, column=10, style="strong")
        elif answer is not None:
            short = _("Health facts") if name == "health" else _("Hear back")
            said = _("yes") if answer else _("no, left out") if name == "health" else _("no")
            rows += labelled("", f"{short}: {said}", width, indent=2, column=10)
    return rows


def _left(page: AgreementPage, offers: Sequence[OfferRow], recorded: Sequence[RecordedRow], marks: Marks) -> list[Row]:
    rows = [row(" ", (_("Offers, always in this order"), "strong")), blank()]
    for number, offer in enumerate(offers, start=1):
        here = offer.key == page.key
        words = wish_words(offer.wish)
        look = "strong" if here else "plain"
        room = LEFT_WIDTH - 8 - min(cell_len(words), 14)
        rows.append(
            row(
                f" {marks.here if here else ' '} {number:<2} ",
                (pad(without_article(offer.service), room) + " ", look),
                (fit(words, 14), "quiet"),
            )
        )
    if recorded:
        rows += [blank(), row(" ", (_("Not offered, and why"), "strong")), blank()]
        for need in recorded:
            rows += paragraph(need.service, LEFT_WIDTH, indent=3)
            rows += paragraph(need.why, LEFT_WIDTH, indent=6, style="quiet")
    rows += [blank(), row(" ", (_("Who decides"), "strong")), blank(), row("   ", fit(page.decided_by, LEFT_WIDTH - 4))]
    return rows
