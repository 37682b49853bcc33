"""What the visit screen shows: the question that is asked now, as it stands, and the boxes that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from firstcontact.rows import Item, Kind, QuestionPage
from firstcontact.tui.commands import HINTS, Command, Where
from firstcontact.tui.pace import Pace
from firstcontact.tui.pages.answers import AREA_ROWS
from firstcontact.tui.pages.question import question_rows
from firstcontact.tui.pages.view import (
    FIND_AT_ONCE,
    TYPED,
    QuestionView,
    answered,
    found_choices,
    is_long,
    items_of,
    keyed_choices,
)
from firstcontact.tui.paint import Piece, Row, fit
from firstcontact.tui.ports import OpenVisit
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.sizes import SMALLEST, WITH_SIDES
from firstcontact.tui.words import _

if TYPE_CHECKING:
    from firstcontact.tui.widgets.area import Area

_LETTERS_MOST = 2
_ROOMY_WIDTH = 80
_TITLE_LEAST = 8
_PART_LEAST = 16
_BOX_BESIDE = 38
AREA_WIDE = 72
AREA_BESIDE = 48
"""Cells that a long text may take, without and with columns beside it."""
_STANDING_COMMANDS = frozenset({"unsure", "rather_not", "has_help", "not_asked", "not_safe"})
_NOT_IN_A_QUEUE = frozenset({"offers", "review", "parts", "find", "jump", "people"})


class Asking(PageScreen[None]):
    """One question on the screen; with a `queue`, just those questions."""

    where = Where.QUESTION
    smallest = SMALLEST
    box_ids = ("answer", "find")

    def __init__(self, visit: OpenVisit, queue: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.visit = visit
        self.queue = queue
        self.pace = Pace()
        self.question: QuestionPage = visit.page(queue[0] if queue else visit.position())
        self.current = ""
        self.ticked: frozenset[str] = frozenset()
        self.ranked: tuple[str, ...] = ()
        self.level = ""
        """The token of a level that waits for the words that show it."""
        self.doubted = ""
        """The typed answer that was asked about once: typed again, it is kept."""
        self.wrong = ""
        self._area: Area | None = None
        self._progress = visit.progress()
        self._choose_current(queue[0] if queue else visit.position())

    def on_mount(self) -> None:
        """Paint, and put the keyboard where the question wants it."""
        self.pace.shown(self.home.ticks())
        self._ready()

    def on_screen_resume(self) -> None:
        """Another screen may have changed what is true."""
        self.show(self.current or self.question.item.id)

    # the page -------------------------------------------------------------------------------------------------------

    def top(self) -> tuple[list[Piece], str]:
        """Who is asked, which part, which one, how far in it, what is saved."""
        page, narrow = self.question, self.size.width < 60
        status = self.home.status_words(count=self.size.width >= WITH_SIDES)
        name = self._progress.name or _("New visit")
        counted = _("{n} of {count}").format(n=page.number, count=page.of) if page.of else ""
        gap = "  " if self.size.width < _ROOMY_WIDTH else "     "
        room = self.size.width - sum(map(len, (name, counted, page.instance, status))) - 3 * len(gap) - 3
        part = self._part_words(room, narrow=narrow)
        pieces: list[Piece] = [(name, "strong"), (gap if part or page.instance else "", "plain"), (part, "plain")]
        if page.instance:
            pieces.append((f"{gap if part else ''}{page.instance}", "strong"))
        if counted:
            pieces.append(((" " if narrow else gap) + counted, "plain"))
        return pieces, status

    def _part_words(self, room: int, *, narrow: bool) -> str:
        """The section; its letter alone where there is no room for its title."""
        page = self.question
        if not page.section:
            return ""
        if len(page.section) > _LETTERS_MOST:
            return fit(page.section_title, room) if room >= _TITLE_LEAST else ""
        title = page.section_title[:1].lower() + page.section_title[1:]
        words = _("Part {letter}: {title}").format(letter=page.section, title=title)
        if narrow:
            return page.section
        if cell_len(words) > room and (page.instance or room < _PART_LEAST):
            return _("Part {letter}").format(letter=page.section)
        return fit(words, room)

    def body(self, width: int, height: int) -> list[Row]:
        """The page."""
        wide = width >= WITH_SIDES
        view = QuestionView(
            page=self.question,
            current=self.current,
            marked=self.marked,
            ticked=self.ticked,
            ranked=self.ranked,
            found=self.found,
            level=self.level,
            wrong=self.wrong,
            progress=self._progress,
            offers=self.visit.offers() if wide else (),
            people=self.visit.household().people if wide else (),
        )
        return question_rows(view, self.marks, width, height)

    def hints(self) -> list[tuple[str, str]]:
        """In a queue of facts, Esc goes back to where they were asked for."""
        if self.queue:
            return [(_("Enter"), _("go on")), (_("Esc"), _("back")), ("← →", _("move")), ("q", _("stop"))]
        return list(HINTS[self.where])

    def available(self, command: Command) -> bool:
        """What needs choices works only where there are some."""
        item = self.item
        if command.name in {"yes", "no"}:
            return item.asked and command.keys[0] in {key for key, _token, _words in keyed_choices(item)}
        if command.name in _STANDING_COMMANDS:
            return item.standing_allowed and item.asked
        if command.name == "choice":
            return item.asked and bool(keyed_choices(item)) and item.kind not in TYPED
        if command.name == "show":
            return item.kind in {Kind.ANY_OF, Kind.RANK}
        if command.name == "next_field":
            return bool(self._box_name())
        if self.queue and command.name in _NOT_IN_A_QUEUE:
            return False
        return super().available(command)

    @property
    def item(self) -> Item:
        """The item that the keys answer now."""
        return next((item for item in items_of(self.question) if item.id == self.current), self.question.item)

    @property
    def found(self) -> str:
        """What is typed to find a choice of a long list."""
        return self.box("find").value if self.is_mounted and is_long(self.item) else ""

    # which question -------------------------------------------------------------------------------------------------

    def show(self, item_id: str) -> None:
        """Show the question that an item belongs to, at that item."""
        before = self.current
        self._read(item_id)
        self._choose_current(item_id)
        if self.current != before:
            self.pace.shown(self.home.ticks())
            self.marked = ""
            self.scrolled = 0
        self._ready()

    def show_exactly(self, item_id: str) -> None:
        """Show an item itself, not the first open follow-up below it."""
        self._read(item_id)
        item = next((item for item in items_of(self.question) if item.id == item_id), self.question.item)
        self._take_up(item)
        self.marked = ""
        self.pace.shown(self.home.ticks())
        self._ready()

    def _read(self, item_id: str) -> None:
        self.question = self.visit.page(item_id)
        self._progress = self.visit.progress()

    def _choose_current(self, item_id: str) -> None:
        items = items_of(self.question)
        wanted = next((item for item in items if item.id == item_id), items[0])
        if wanted is items[0] and answered(wanted):
            wanted = next((item for item in items[1:] if not answered(item)), wanted)
        self._take_up(wanted)

    def _take_up(self, item: Item) -> None:
        """Let the keys answer this item, beginning from what it holds."""
        self.current = item.id
        self.wrong = self.level = self.doubted = ""
        self.ticked = frozenset(item.answer or ()) if item.kind is Kind.ANY_OF else frozenset()
        self.ranked = tuple(item.answer or ()) if item.kind is Kind.RANK else ()

    # boxes ----------------------------------------------------------------------------------------------------------

    def _box_name(self) -> str:
        """Which box the question needs; blank if none."""
        item = self.item
        if not item.asked:
            return ""
        if item.kind is Kind.LONG_TEXT:
            return "long"
        return "answer" if item.kind in TYPED else "find" if is_long(item) else ""

    def _ready(self) -> None:
        """Paint, fill the question's box, and let it have the keyboard."""
        name, answer = self._box_name(), self.item.answer
        text = answer if isinstance(answer, str) else ""
        if name == "find":
            self.box("find").value = ""
        self.repaint()
        if name == "long":
            self._ready_area(text)
        elif name == "answer":
            box = self.box("answer")
            box.value = text
            box.cursor_position = len(box.value)
        if name in {"answer", "long"} or (name == "find" and len(self.item.choices) > FIND_AT_ONCE):
            self._focus_box(name)
        elif self.typing:
            self.set_focus(None)

    def _focus_box(self, name: str) -> None:
        if not self.fits():
            return
        if name != "long":
            self.set_focus(self.box(name))
        elif self._area is not None and self._area.is_attached:
            self.set_focus(self._area)

    def _ready_area(self, text: str) -> None:
        """The box for a long text comes in with the first of them."""
        if self._area is None:
            from firstcontact.tui.widgets.area import Area

            self._area = Area(id="long")
            self.mount(self._area)
            self.call_after_refresh(self._area_came)
        self._area.text = text
        self._area.move_cursor(self._area.document.end)

    def _area_came(self) -> None:
        self.repaint()
        self._focus_box(self._box_name())

    def _place_boxes(self, rows: list[Row], width: int) -> None:
        super()._place_boxes(rows, width)
        area = self._area
        if area is None or not area.is_attached:
            return
        place = next(((line.box_at, y) for y, line in enumerate(rows) if line.box == "long"), None)
        area.display = place is not None
        if place is not None:
            area.styles.offset = place
            area.styles.width = max(min(width - place[0] - 2, AREA_WIDE if width < WITH_SIDES else AREA_BESIDE), 8)
            area.styles.height = max(min(AREA_ROWS, len(rows) - 2 - place[1]), 1)

    def box_most(self, width: int) -> int:
        """Beside columns a box stays in its own."""
        return super().box_most(width) if width < WITH_SIDES else _BOX_BESIDE

    def do_next_field(self, _key: str) -> None:
        """Tab goes into the question's box."""
        self._focus_box(self._box_name())

    def step(self, by: int) -> None:
        """Arrows leave the box and mark a choice; in a long list they walk what was found, and the box stays."""
        if not is_long(self.item):
            if self.typing:
                self.set_focus(None)
            super().step(by)
            return
        names = [f"choice:{self.current}:{token}" for _key, token, _words in found_choices(self.item, self.found)]
        if names:
            at = names.index(self.marked) + by if self.marked in names else (0 if by > 0 else len(names) - 1)
            self.marked = names[max(0, min(at, len(names) - 1))]
            self.repaint()
