"""The part of the question page where the answer is given: a box, keys, a list, an order, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from firstcontact.rows import Item, Kind
from firstcontact.tui.pages.view import (
    FIND_AT_ONCE,
    LISTED,
    TYPED,
    QuestionView,
    found_choices,
    is_long,
    keyed_choices,
)
from firstcontact.tui.paint import Marks, Row, blank, fit, labelled, paragraph, row
from firstcontact.tui.words import _

AREA_ROWS: Final = 5
_LIST_LEAST: Final = 3
"""As many choices of a long list are shown even in the smallest window."""

_Keyed = tuple[str, str, str]


def answer_rows(view: QuestionView, marks: Marks, width: int, room: int, *, small: bool) -> list[Row]:
    """Where the current item is answered; a long list takes no more than `room` rows."""
    item = view.item
    if not item.asked:
        return _shown(item, width)
    if item.kind in TYPED or item.kind is Kind.LONG_TEXT:
        return _typed(view, width)
    if is_long(item):
        return _long_list(view, marks, width, room)
    keyed = keyed_choices(item)
    if not keyed:
        words = _("There is nothing to choose from here. An answer before this one decides that.")
        rows = paragraph(words, width, indent=4)
        return [*rows, *paragraph(_("Enter goes on."), width, indent=4, style="quiet", droppable=1)]
    rows = [made for each in keyed for made in _choice(view, marks, width, each, small=small)]
    return [*rows, *_below(view, width)]


def _shown(item: Item, width: int) -> list[Row]:
    """What is read and passed by."""
    if item.kind is Kind.FILE:
        what = {
            "image": _("a picture"),
            "audio": _("a recording"),
            "video": _("a film"),
            "file": _("a file"),
            "geopoint": _("a place on the map"),
            "geotrace": _("a line on the map"),
            "geoshape": _("an area on the map"),
            "barcode": _("a bar code"),
        }.get(item.bounds, item.bounds)
        words = _("This cannot be answered here: {what}.").format(what=what) if what else ""
        rows = paragraph(words or _("This cannot be answered here."), width, indent=4)
        return [*rows, *paragraph(_("Enter passes it by."), width, indent=4, style="quiet", droppable=1)]
    rows = []
    if item.answer_words:
        rows = [*paragraph(item.answer_words, width, indent=4), blank()]
    return [*rows, *paragraph(_("Enter goes on."), width, indent=4, style="quiet", droppable=1)]


def _typed(view: QuestionView, width: int) -> list[Row]:
    item = view.item
    rows: list[Row] = []
    if view.level:
        rows += [*paragraph(_waiting(view), width, indent=4), blank()]
    if item.kind is Kind.LONG_TEXT:
        rows += [row("    ", box="long", box_at=4), *[row("") for _line in range(AREA_ROWS - 1)]]
    else:
        rows.append(row("    ", (_("Answer"), "quiet"), box="answer", box_at=12))
        if item.answer_words and not item.default:
            rows += labelled(_("Now"), item.answer_words, width, indent=4, column=12)
    hint = _how_to_type(item)
    if hint and not view.wrong:
        rows += paragraph(hint, width, indent=4, style="quiet", droppable=1)
    if item.standing_allowed and not view.level:
        words = _("Enter keeps it. For the letters below, press Esc first.")
        if item.default:
            words = _("This stands there already. Enter keeps it. For the letters below, press Esc first.")
        rows += paragraph(words, width, indent=4, style="quiet", droppable=3)
    return rows


def _waiting(view: QuestionView) -> str:
    """A level is taken only with the words that show it."""
    level = next((item for item in (view.page.item, *view.page.follow_ups) if item.evidence == view.current), None)
    label = next((c.label for c in level.choices if c.token == view.level), "") if level else ""
    return _('What shows it? Write it, and "{level}" is kept.').format(level=label or view.level)


def _how_to_type(item: Item) -> str:
    words: Mapping[Kind, str] = {
        Kind.DATE: _("Like 14 3 1943, or 14 March 1943."),
        Kind.TIME: _("Like 9.30, or 21.15."),
        Kind.DATE_TIME: _("The day and the time, like 14 3 1943 9.30."),
        Kind.DECIMAL: _("A number, like 2 or 2.5."),
        Kind.POSTCODE: _("Any spelling will do."),
    }
    return item.bounds or words.get(item.kind, "")


def _choice(view: QuestionView, marks: Marks, width: int, keyed: _Keyed, *, small: bool = True) -> list[Row]:
    """One choice: its key, its tick or its place in the order, its words."""
    item = view.item
    key, token, words = keyed
    entry = f"choice:{item.id}:{token}"
    here = entry == view.marked
    chosen = token in _chosen(view)
    many = item.kind in {Kind.ANY_OF, Kind.RANK}
    look = "marked" if here else "strong" if chosen else "plain"
    sign = _sign(view, marks, token) if many else ""
    indent = 8 + (len(sign) + 1 if many else 0)
    lines = paragraph(words, width - indent - (1 if many else 2), style=look)
    dot = " " if many or not chosen else marks.done
    head = f"{marks.here if here else ' '}{dot}  "
    rows = [row(head, (key, "key"), "   ", f"{sign} " if many else "", *lines[0].pieces[1:], entry=entry)]
    rows += [row(" " * indent, *line.pieces[1:], entry=entry) for line in lines[1:]]
    if item.kind is Kind.YES_NO and not small:
        rows.append(blank())
    return rows


def _sign(view: QuestionView, marks: Marks, token: str) -> str:
    if view.item.kind is Kind.ANY_OF:
        return marks.ticked if token in view.ticked else marks.empty
    place = view.ranked.index(token) + 1 if token in view.ranked else 0
    return f"[{place}]" if place else marks.empty


def _chosen(view: QuestionView) -> frozenset[str]:
    item = view.item
    if item.kind is Kind.ANY_OF:
        return view.ticked
    if item.kind is Kind.RANK:
        return frozenset(view.ranked)
    if item.default:
        return frozenset()
    if isinstance(item.answer, str):
        return frozenset({item.answer})
    return frozenset(item.answer or ())


def _below(view: QuestionView, width: int) -> list[Row]:
    """What Enter does here, and what is chosen so far where the list does not show it at a glance."""
    item = view.item
    rows: list[Row] = []
    if item.kind is Kind.RANK:
        rows += [blank(), *_order(view, width)]
    words = {
        Kind.ANY_OF: _("Tick with the numbers, then Enter. Enter alone means none of these.")
        if any(choice.exclusive for choice in item.choices)
        else _("Tick with the numbers, then Enter."),
        Kind.RANK: _("Press the numbers in order, the most important first, then Enter."),
        Kind.LEVEL: _("A level is kept only with the words that show it.") if item.evidence else "",
    }.get(item.kind, "")
    if words:
        rows += [blank()] if item.kind is Kind.LEVEL else []
        rows += paragraph(words, width, indent=4, style="quiet", droppable=3)
    return [*rows, *_default(item, width)]


def _order(view: QuestionView, width: int) -> list[Row]:
    labels = {choice.token: choice.label for choice in view.item.choices}
    said = ", ".join(f"{n} {labels.get(token, token)}" for n, token in enumerate(view.ranked, start=1))
    return labelled(_("Order"), said or _("nothing yet"), width, indent=4, column=12)


def _default(item: Item, width: int) -> list[Row]:
    """An answer that stands there from the start is said to be that, and kept by one key."""
    if not item.default:
        return []
    words = _("It stands at: {answer}. Enter keeps that.").format(answer=item.answer_words)
    return paragraph(words, width, indent=4, style="quiet", droppable=1)


# lists that are too long for keys -------------------------------------------------------------------------------------


def _long_list(view: QuestionView, marks: Marks, width: int, room: int) -> list[Row]:
    """A box to find by, and what fits so far: as many rows as there is room for, the marked one among them."""
    item = view.item
    found = found_choices(item, view.found)
    head = [row("    ", (_("Find"), "quiet"), box="find", box_at=12)]
    foot = _chosen_so_far(view, width)
    foot += [] if view.found or item.kind not in LISTED else _default(item, width)
    hint = _long_hint(item)
    foot += paragraph(hint, width, indent=4, style="quiet", droppable=3)
    if not found:
        return [*head, row("    ", (_("No choice has these words."), "quiet")), *foot]
    room -= len(head) + sum(line.droppable < 4 for line in foot)
    return [*head, *_window(found, view, width, room, lambda each: _choice(view, marks, width, each)), *foot]


def _long_hint(item: Item) -> str:
    if item.kind is Kind.ONE_OF:
        return _("Type some of its words, then Enter. For letters as keys, press Esc first.")
    if len(item.choices) <= FIND_AT_ONCE:
        return _("Tick with numbers or space, then Enter. Tab finds by words.")
    return _("Type some words, Enter ticks. Enter on its own keeps the ticks. Esc first for letters as keys.")


def _chosen_so_far(view: QuestionView, width: int) -> list[Row]:
    item = view.item
    if item.kind is Kind.RANK:
        return _order(view, width)
    chosen = _chosen(view)
    labels = [choice.label for choice in item.choices if choice.token in chosen]
    if not labels:
        return []
    label = _("Ticked") if item.kind is Kind.ANY_OF else _("Now")
    return labelled(label, ", ".join(labels), width, indent=4, column=12)


def _window(
    found: Sequence[_Keyed], view: QuestionView, width: int, room: int, made: Callable[[_Keyed], list[Row]]
) -> list[Row]:
    """The rows around the marked choice, and how many more there are above and below."""
    tokens = [f"choice:{view.item.id}:{token}" for _key, token, _words in found]
    at = tokens.index(view.marked) if view.marked in tokens else 0
    blocks: dict[int, list[Row]] = {}

    def size(start: int, end: int) -> int:
        for n in range(start, end):
            if n not in blocks:
                blocks[n] = made(found[n])
        return sum(len(blocks[n]) for n in range(start, end)) + (start > 0) + (end < len(found))

    room = max(room, _LIST_LEAST)
    start, end = at, at + 1
    while start > 0 or end < len(found):
        if end < len(found) and size(start, end + 1) <= room:
            end += 1
        elif start > 0 and size(start - 1, end) <= room:
            start -= 1
        else:
            break
    size(start, end)
    lines = [line for n in range(start, end) for line in blocks[n]]
    above = [_more(start, width)] if start else []
    below = [_more(len(found) - end, width)] if end < len(found) else []
    return [*above, *lines, *below]


def _more(count: int, width: int) -> Row:
    return row("        ", (fit(_("{count} more").format(count=count), width - 9), "quiet"))
