"""What all screens share: the frame of a page, keys looked up in one table, marking, scrolling and small windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.screen import Screen

from firstcontact.rows import Change
from firstcontact.tui.commands import HINTS, Command, Where, command_for
from firstcontact.tui.paint import Marks, Piece, Row, cut, ends, fill, paragraph, row
from firstcontact.tui.sizes import ONE_COLUMN, ROOMY_ROWS
from firstcontact.tui.widgets.box import Box
from firstcontact.tui.widgets.page import Page
from firstcontact.tui.words import _

if TYPE_CHECKING:
    from firstcontact.tui.app import FirstContact

Result = TypeVar("Result")


class PageScreen(Screen[Result], inherit_bindings=False):
    """A screen that is one painted page and, where something is typed, boxes standing on it."""

    where: ClassVar[Where]
    smallest: ClassVar[tuple[int, int]] = ONE_COLUMN
    """The smallest window in which this screen works."""
    box_ids: ClassVar[tuple[str, ...]] = ()
    secret_boxes: ClassVar[frozenset[str]] = frozenset()
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self.marked = ""
        """The entry that Enter chooses; blank while nothing is marked."""
        self.said = ""
        """A short message on the lower rule; gone with the next key."""
        self.scrolled = 0
        self._body: list[Row] = []
        self._places: dict[str, tuple[tuple[int, int], int]] = {}

    # what a screen defines ------------------------------------------------------------------------------------------

    def top(self) -> tuple[list[Piece], str]:
        """The first line: pieces at the left, and words at the right end."""
        raise NotImplementedError

    def body(self, width: int, height: int) -> list[Row]:
        """The page between the rules."""
        raise NotImplementedError

    def foot(self, width: int, height: int) -> list[Row]:  # noqa: ARG002 - for screens that have one
        """Rows that stay at the bottom while a long page scrolls above them."""
        return []

    def hints(self) -> Iterable[tuple[str, str]]:
        """(key, word) for the last line, most needed first."""
        return HINTS[self.where]

    def available(self, command: Command) -> bool:
        """Whether a command of this screen does anything just now."""
        return command.name != "network" or self.home.network is not None

    # the frame ------------------------------------------------------------------------------------------------------

    @property
    def home(self) -> FirstContact:
        """The program."""
        from firstcontact.tui.app import FirstContact

        return cast(FirstContact, self.app)

    @property
    def marks(self) -> Marks:
        """The signs this terminal can show."""
        return self.home.marks

    @property
    def page(self) -> Page:
        """The painted page."""
        return self.query_one("#page", Page)

    def compose(self) -> ComposeResult:
        """The page, and the boxes, hidden until a row calls for them."""
        yield Page(id="page")
        for name in self.box_ids:
            yield Box(id=name, secret=name in self.secret_boxes)

    def box(self, name: str) -> Box:
        """One of the boxes."""
        return self.query_one(f"#{name}", Box)

    @property
    def typing(self) -> bool:
        """Whether a text box has the keyboard."""
        return bool(self._edits)

    @property
    def _edits(self) -> frozenset[str]:
        """The keys that edit the text of the box that has the keyboard; empty if none has."""
        return getattr(self.focused, "edits", frozenset())

    def fits(self) -> bool:
        """Whether the window is large enough for this screen."""
        width, height = self.size
        return width >= self.smallest[0] and height >= self.smallest[1]

    def on_mount(self) -> None:
        """Paint as soon as the size is known."""
        self.repaint()

    def on_resize(self, _event: events.Resize) -> None:
        """Lay the page out anew."""
        self.repaint()

    def on_screen_resume(self) -> None:
        """Paint anew after a panel was over this screen."""
        self.repaint()

    def repaint(self) -> None:
        """Lay out the page for the size of the window, and paint what changed."""
        width, height = self.size
        if not width or not self.is_attached:
            return
        try:
            page = self.page
        except NoMatches:  # not composed yet: mounting will paint
            return
        rows = self._framed(width, height) if self.fits() else self._too_small(width, height)
        self._place_boxes(rows, width)
        page.show(rows)

    def _framed(self, width: int, height: int) -> list[Row]:
        pieces, right = self.top()
        roomy = height >= ROOMY_ROWS
        room = height - (4 if roomy else 2)
        foot = [cut(line, width) for line in self.foot(width, room)]
        self._body = [cut(line, width) for line in self.body(width, room - len(foot))]
        shown, more = self._window(room - len(foot))
        shown += foot
        first = self._practice(ends([(" ", "plain"), *pieces], right, width), width)
        if not roomy:
            last = row((f" {self.said}", "care")) if self.said else self._hint_line(width)
            return [first, *shown, last]
        rule = row((self.marks.rule * width, "rule"))
        return [first, rule, *shown, self._lower_rule(width, more), self._hint_line(width)]

    def _window(self, room: int) -> tuple[list[Row], bool]:
        """The part of a long page around the marked entry, and whether there is more below."""
        body = self._body
        if len(body) <= room:
            self.scrolled = 0
            return [*body, *[Row()] * (room - len(body))], False
        place = [n for n, line in enumerate(body) if line.entry and line.entry == self.marked]
        if place:
            self.scrolled = min(self.scrolled, max(place[0] - 1, 0))
            self.scrolled = max(self.scrolled, min(place[-1] + 2, len(body)) - room)
        self.scrolled = max(0, min(self.scrolled, len(body) - room))
        return body[self.scrolled : self.scrolled + room], self.scrolled + room < len(body)

    def _lower_rule(self, width: int, more: bool) -> Row:
        sign = self.marks.rule
        if self.said:
            text = f" {self.said} "
            return fill(row((sign, "rule"), (text, "care"), (sign * max(width - cell_len(text) - 1, 0), "rule")), width)
        if more:
            text = _(" more below: PgDn ")
            return row((sign * (width - cell_len(text) - 2), "rule"), (text, "quiet"), (sign * 2, "rule"))
        return row((sign * width, "rule"))

    def _hint_line(self, width: int) -> Row:
        tail = _("? keys") if any(name == "keys" for name in self._command_names()) else ""
        room = width - cell_len(tail) - 3
        pieces: list[Piece] = []
        used = 1
        for key, word in self.hints():
            size = cell_len(key) + cell_len(word) + 3
            if used + size > room:
                break
            pieces += [(f" {key}", "key"), (f" {word} ", "quiet")]
            used += size
        return self._practice(ends(pieces, tail, width), width)

    def _command_names(self) -> list[str]:
        from firstcontact.tui.commands import commands_on

        return [command.name for command in commands_on(self.where) if self.available(command)]

    def _practice(self, line: Row, width: int) -> Row:
        """In practice, the first and last lines say so at both ends."""
        if not self.home.practice:
            return line
        word = _("PRACTICE")
        inner = fill(cut(line, width - 2 * len(word) - 2), width - 2 * len(word) - 2)
        return row((word, "care"), " ", *inner.pieces, " ", (word, "care"))

    def _too_small(self, width: int, height: int) -> list[Row]:
        need = _("This page needs a window of {columns} by {rows}. Everything is saved.")
        return paragraph(need.format(columns=self.smallest[0], rows=self.smallest[1]), width, indent=1)[:height]

    def _place_boxes(self, rows: list[Row], width: int) -> None:
        wanted = {line.box: (line.box_at, y) for y, line in enumerate(rows) if line.box}
        for name in self.box_ids:
            box = self.box(name)
            place = wanted.get(name)
            box.display = place is not None
            if place is not None and self._places.get(name) != (place, width):
                self._places[name] = (place, width)
                box.styles.offset = place
                box.styles.width = max(min(width - place[0] - 1, self.box_most(width)), 8)
        if self.typing and self.focused is not None and self.focused.id not in wanted:
            self.set_focus(None)

    def box_most(self, width: int) -> int:  # noqa: ARG002 - for screens with columns
        """Cells that a box may take in a window of this width."""
        return 50

    # keys -----------------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Look the key up in the table and run its command; a box keeps the keys that edit its text."""
        if event.key in self._edits:
            return
        event.stop()
        event.prevent_default()
        self.press(key_name(event))

    def press(self, key: str) -> None:
        """Run the command of a key on this screen."""
        command = command_for(key, self.where)
        had_said, self.said = self.said, ""
        if command is None or not self.available(command) or (not self.fits() and not _always(command)):
            if had_said:
                self.repaint()
            return
        self.run(command, key)

    def run(self, command: Command, key: str) -> None:
        """Run one command; screens with one-key answers stand a guard before it."""
        act: Callable[[str], None] | None = getattr(self, f"do_{command.name}", None)
        if act is not None:
            act(key)

    def on_paste(self, event: events.Paste) -> None:
        """Letters that arrive as a paste are no answer."""
        event.stop()
        self.say(_("too quick: press again"))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll a long page."""
        event.stop()
        self._scroll(2)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll a long page back."""
        event.stop()
        self._scroll(-2)

    def on_page_chosen(self, event: Page.Chosen) -> None:
        """A click marks; Enter or a key decides."""
        event.stop()
        if self.fits():
            self.marked = event.entry
            self.repaint()

    def say(self, words: str) -> None:
        """Show a short message on the lower rule until the next key."""
        self.said = words
        self.repaint()

    def _scroll(self, lines: int) -> None:
        if len(self._body) > self.size.height - 4 - len(self.foot(*self.size)):
            self.marked = ""
            self.scrolled += lines
            self.repaint()

    def step(self, by: int) -> None:
        """Mark the entry before or after the marked one; stops at both ends."""
        from firstcontact.tui.paint import entries

        names = entries(self._body)
        if not names:
            self._scroll(by)
            return
        at = names.index(self.marked) + by if self.marked in names else (0 if by > 0 else len(names) - 1)
        self.marked = names[max(0, min(at, len(names) - 1))]
        self.repaint()

    def do_up(self, _key: str) -> None:
        """Mark the entry above."""
        self.step(-1)

    def do_down(self, _key: str) -> None:
        """Mark the entry below."""
        self.step(1)

    def do_page_up(self, _key: str) -> None:
        """Scroll up by half a window."""
        self._scroll(-self.size.height // 2)

    def do_page_down(self, _key: str) -> None:
        """Scroll down by half a window."""
        self._scroll(self.size.height // 2)

    def do_back(self, _key: str) -> None:
        """Leave the box and keep its text; from the page, go back one level."""
        if self.typing:
            self.set_focus(None)
            self.repaint()
        else:
            self.go_back()

    def go_back(self) -> None:
        """Back one level; a first screen stays."""

    def do_stop(self, _key: str) -> None:
        """Open the Stop menu."""
        self.home.open_stop()

    def do_stop_anywhere(self, key: str) -> None:
        """Open the Stop menu from anywhere."""
        self.do_stop(key)

    def do_lock(self, _key: str) -> None:
        """Hide and lock now."""
        self.home.lock()

    def do_saved(self, _key: str) -> None:
        """Say what is saved; try again what is not."""
        self.home.save_now()
        self.say(self.home.saved_sentence())

    def do_copy(self, _key: str) -> None:
        """Never quits: says how to stop."""
        self.say(_("Everything is saved as you go. To stop, press q."))

    def do_network(self, _key: str) -> None:
        """Demo only: turn the network off or on."""
        self.say(self.home.toggle_network())

    def do_keys(self, _key: str) -> None:
        """List the keys that work now."""
        from firstcontact.tui.dialogs.keys import KeysPanel

        self.app.push_screen(KeysPanel(self.where, self._command_names()))

    def act(self, change: Change) -> None:
        """Hand an act to the writer thread."""
        self.home.save(change)


def _always(command: Command) -> bool:
    """Commands that work even where the window is too small to show the page."""
    return command.name in {"back", "stop_anywhere", "lock", "saved", "copy"}


def key_name(event: events.Key) -> str:
    """Return the key's name in the table of commands: the character, lower case, for a printable one."""
    if event.is_printable and event.character and event.character != " ":
        return event.character.lower()
    return event.key
