"""The visit: one question at a time, answered with one key, each answer kept at once."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import Input

from firstcontact.rows import Change, Item, Kind, QuestionPage, Wish, Wrong
from firstcontact.tui.commands import ANSWERING, HINTS, Command, Where
from firstcontact.tui.pace import CONFIRM_SECONDS, Pace, Verdict
from firstcontact.tui.pages.question import (
    STANDING,
    TYPED,
    QuestionView,
    answered,
    items_of,
    keyed_choices,
    question_rows,
)
from firstcontact.tui.paint import Piece, Row
from firstcontact.tui.ports import OpenVisit
from firstcontact.tui.screens.base import PageScreen
from firstcontact.tui.sizes import SMALLEST, WITH_SIDES
from firstcontact.tui.words import _

_STANDING_OF = {"unsure": "u", "rather_not": "p", "has_help": "h", "not_asked": "s", "not_safe": "x"}
_TOKEN = dict(STANDING)


class VisitScreen(PageScreen[None]):
    """Questions of a visit; with a `queue`, just those, and then back to where they were asked for."""

    where = Where.QUESTION
    smallest = SMALLEST
    box_ids = ("answer",)

    def __init__(self, visit: OpenVisit, queue: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.visit = visit
        self.queue = queue
        self.pace = Pace()
        self.question: QuestionPage = visit.page(queue[0] if queue else visit.position())
        self.current = ""
        self.ticked: frozenset[str] = frozenset()
        self.wrong = ""
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
        """Who is asked, which part, how far in it, what is saved."""
        page, narrow = self.question, self.size.width < 60
        pieces: list[Piece] = [(self._progress.name or _("New visit"), "strong"), ("     ", "plain")]
        if narrow:
            pieces[1] = ("  ", "plain")
        title = page.section_title[:1].lower() + page.section_title[1:]
        if page.section and narrow:
            pieces.append((page.section, "plain"))
        elif page.section:
            pieces.append((_("Part {letter}: {title}").format(letter=page.section, title=title), "plain"))
        if page.of:
            gap = " " if narrow else "     "
            pieces.append((gap + _("{n} of {count}").format(n=page.number, count=page.of), "plain"))
        return pieces, self.home.status_words(count=self.size.width >= WITH_SIDES)

    def body(self, width: int, height: int) -> list[Row]:
        """The page."""
        wide = width >= WITH_SIDES
        view = QuestionView(
            page=self.question,
            current=self.current,
            marked=self.marked,
            ticked=self.ticked,
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
            return command.keys[0] in {key for key, _token, _words in keyed_choices(item)}
        if command.name in _STANDING_OF:
            return item.standing_allowed
        if command.name == "choice":
            return item.kind in {Kind.ONE_OF, Kind.ANY_OF, Kind.STATEMENT, Kind.YES_NO}
        if command.name == "show":
            return item.kind is Kind.ANY_OF
        if self.queue and command.name in {"offers", "review", "parts", "find", "jump", "people"}:
            return False
        return super().available(command)

    @property
    def item(self) -> Item:
        """The item that the keys answer now."""
        return next((item for item in items_of(self.question) if item.id == self.current), self.question.item)

    def show(self, item_id: str) -> None:
        """Show the question that an item belongs to, at that item."""
        before = self.current
        self.question = self.visit.page(item_id)
        self._progress = self.visit.progress()
        self._choose_current(item_id)
        if self.current != before:
            self.pace.shown(self.home.ticks())
            self.marked = ""
            self.scrolled = 0
        self._ready()

    def _choose_current(self, item_id: str) -> None:
        items = items_of(self.question)
        wanted = next((item for item in items if item.id == item_id), items[0])
        if wanted is items[0] and answered(wanted):
            wanted = next((item for item in items[1:] if not answered(item)), wanted)
        self.current = wanted.id
        self.wrong = ""
        self.ticked = frozenset(wanted.answer or ()) if wanted.kind is Kind.ANY_OF else frozenset()

    def _ready(self) -> None:
        self.repaint()
        if self.item.kind in TYPED:
            box = self.box("answer")
            answer = self.item.answer
            box.value = answer if isinstance(answer, str) else ""
            box.cursor_position = len(box.value)
            if self.fits():
                self.set_focus(box)
        elif self.typing:
            self.set_focus(None)

    # answering ------------------------------------------------------------------------------------------------------

    def run(self, command: Command, key: str) -> None:
        """Stand the guard before one-key answers."""
        if command.name not in ANSWERING or (command.name == "choice" and self.item.kind is Kind.ANY_OF):
            super().run(command, key)
            return
        at = self.home.ticks()
        verdict = self.pace.press(key, at)
        if verdict is Verdict.TOO_QUICK:
            self.say(_("too quick: press again"))
        elif verdict is Verdict.TAKE:
            self._answer_with(command, key)
        else:
            self.set_timer(CONFIRM_SECONDS, lambda: self._answer_if_quiet(command, key, at))

    def _answer_if_quiet(self, command: Command, key: str, at: float) -> None:
        """The same key again soon after an answer: taken only if it was not the first repeat of a held key."""
        if self.pace.still_waiting(key, at) and self.app.screen is self:
            self._answer_with(command, key)

    def _answer_with(self, command: Command, key: str) -> None:
        self.pace.answered(key)
        super().run(command, key)

    def do_yes(self, _key: str) -> None:
        """Yes."""
        self.do_choice("y")

    def do_no(self, _key: str) -> None:
        """No."""
        self.do_choice("n")

    def do_unsure(self, _key: str) -> None:
        """Does not know."""
        self._take_standing("u")

    def do_rather_not(self, _key: str) -> None:
        """Would rather not say."""
        self._take_standing("p")

    def do_has_help(self, _key: str) -> None:
        """Has help already."""
        self._take_standing("h")

    def do_not_asked(self, _key: str) -> None:
        """Not asked."""
        self._take_standing("s")

    def do_not_safe(self, _key: str) -> None:
        """Not safe to ask."""
        self._take_standing("x")

    def do_choice(self, key: str) -> None:
        """The numbered choice: taken at once, or ticked where several may be chosen."""
        token = next((token for name, token, _words in keyed_choices(self.item) if name == key), None)
        if token is None:
            return
        if self.item.kind is Kind.ANY_OF:
            self._tick(token)
        else:
            self._take(token)

    def do_show(self, _key: str) -> None:
        """Tick the marked choice."""
        token = self._marked_choice()
        if token:
            self._tick(token)

    def _marked_choice(self) -> str:
        kind, _sep, rest = self.marked.partition(":")
        item_id, _sep, token = rest.partition(":")
        return token if kind == "choice" and item_id == self.current else ""

    def _tick(self, token: str) -> None:
        alone = {choice.token for choice in self.item.choices if choice.exclusive}
        if token in self.ticked:
            self.ticked -= {token}
        elif token in alone:
            self.ticked = frozenset({token})
        else:
            self.ticked = (self.ticked - alone) | {token}
        self.repaint()

    def do_enter(self, _key: str) -> None:
        """Take the marked choice and stay; with nothing marked, go on."""
        item = self.item
        kind, _sep, name = self.marked.partition(":")
        if kind == "item":
            self.marked = ""
            self.show(name)
        elif item.kind is Kind.ANY_OF:
            order = [choice.token for choice in item.choices]
            none_of_these = tuple(choice.token for choice in item.choices if choice.exclusive)[:1]
            self._take(tuple(sorted(self.ticked, key=order.index)) or none_of_these)
        elif (token := self._marked_choice()) and item.answer != token:
            self._take(token, stay=True)
        elif answered(item):
            self._go_on()
        else:
            self.say(_("Press a key beside an answer, or → to leave it for now."))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A typed answer: kept, or said what it needs; left blank, go on."""
        event.stop()
        typed = event.value.strip()
        if typed == (self.item.answer or ""):
            self.set_focus(None)
            self._go_on()
        else:
            self._take(typed)

    def _take(self, value: str | tuple[str, ...], *, stay: bool = False) -> None:
        item_id = self.current
        change = self.visit.record_answer(item_id, value)
        if isinstance(change, Wrong):
            self.wrong = change.words
            self.repaint()
            return
        self._taken(change, item_id, stay=stay)
        if item_id == "C-START" and value == "no":
            self.home.open_stop()

    def _take_standing(self, key: str) -> None:
        item_id = self.current
        change = self.visit.record_standing(item_id, _TOKEN[key])
        if isinstance(change, Wrong):
            self.wrong = change.words
            self.repaint()
            return
        self._taken(change, item_id, stay=False)

    def _taken(self, change: Change, item_id: str, *, stay: bool) -> None:
        """Hand the answer to the writer, and show its follow-up, or the next question."""
        self.act(change)
        self.said = ""
        if stay:
            self.question = self.visit.page(item_id)
            self._progress = self.visit.progress()
            self.current = item_id
            self.repaint()
            return
        items = items_of(self.visit.page(item_id))
        names = [item.id for item in items]
        place = names.index(item_id) if item_id in names else 0
        open_item = next((item for item in items[place + 1 :] if not answered(item)), None)
        if open_item is not None:
            self.show(open_item.id)
        else:
            self._next_main(items[0].id)

    # moving ---------------------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        items = items_of(self.question)
        names = [item.id for item in items]
        place = names.index(self.current) if self.current in names else 0
        if place + 1 < len(items):
            self.show(items[place + 1].id)
        else:
            self._next_main(items[0].id)

    def _next_main(self, item_id: str) -> None:
        if self.queue:
            mains = [self.visit.page(name).item.id for name in self.queue]
            place = mains.index(item_id) if item_id in mains else len(mains)
            later = [
                name for name, main in zip(self.queue[place + 1 :], mains[place + 1 :], strict=True) if main != item_id
            ]
            if later:
                self.show(later[0])
            else:
                self.dismiss(None)
            return
        after = self.visit.after(item_id)
        if after is None:
            self.show(item_id)
            self._to_offers()
        else:
            self.show(after)

    def do_after(self, _key: str) -> None:
        """The next item, without answering."""
        self._go_on()

    def do_before(self, _key: str) -> None:
        """The item before."""
        items = items_of(self.question)
        names = [item.id for item in items]
        place = names.index(self.current) if self.current in names else 0
        if place:
            self.current = items[place - 1].id
            self.question = replace(self.question)
            self._show_exactly(items[place - 1].id)
            return
        before = None if self.queue else self.visit.before(items[0].id)
        if before is not None:
            self._show_exactly(before)

    def _show_exactly(self, item_id: str) -> None:
        """Show an item itself, not the first open follow-up below it."""
        self.question = self.visit.page(item_id)
        self._progress = self.visit.progress()
        item = next(item for item in items_of(self.question) if item.id == item_id)
        self.current, self.wrong, self.marked = item.id, "", ""
        self.ticked = frozenset(item.answer or ()) if item.kind is Kind.ANY_OF else frozenset()
        self.pace.shown(self.home.ticks())
        self._ready()

    def step(self, by: int) -> None:
        """Arrows leave the box and mark a choice."""
        if self.typing:
            self.set_focus(None)
        super().step(by)

    def do_jump(self, _key: str) -> None:
        """The next question still to ask."""
        target = self.visit.next_to_ask(self.current)
        if target is None:
            self.say(_("Nothing is left to ask. o shows the offers, r the review."))
        else:
            self.show(target)

    def do_parts(self, _key: str) -> None:
        """The list of parts."""
        from firstcontact.tui.dialogs.lists import PartsPanel

        self.app.push_screen(PartsPanel(self._progress.parts), self._go_to)

    def do_find(self, _key: str) -> None:
        """Find a question by its words."""
        from firstcontact.tui.dialogs.lists import FindPanel

        self.app.push_screen(FindPanel(self.visit.questions()), self._go_to)

    def _go_to(self, item_id: str | None) -> None:
        if item_id:
            self._show_exactly(item_id)

    def do_people(self, _key: str) -> None:
        """The home and its people."""
        from firstcontact.tui.screens.household import HouseholdScreen

        self.app.push_screen(HouseholdScreen(self.visit), self._person_chosen)

    def _person_chosen(self, item_id: str | None) -> None:
        if item_id:
            self._show_exactly(item_id)

    def do_note(self, _key: str) -> None:
        """Write a note on this question."""
        from firstcontact.tui.dialogs.note import NotePanel

        item = self.item
        panel = NotePanel(_("Note on this question"), item.say, item.note)
        self.app.push_screen(panel, lambda text: self._noted(item.id, text))

    def _noted(self, item_id: str, text: str | None) -> None:
        if text is not None:
            self.act(self.visit.write_note(item_id, text))
            self._show_exactly(item_id)

    def do_undo(self, _key: str) -> None:
        """Take back the last act, and go where it was."""
        self._again(self.visit.undo(), _("Taken back."), _("Nothing to take back."))

    def do_redo(self, _key: str) -> None:
        """Put back what was taken back."""
        self._again(self.visit.redo(), _("Put back."), _("Nothing to put back."))

    def _again(self, change: Change | None, done: str, nothing: str) -> None:
        if change is None:
            self.say(nothing)
            return
        self.act(change)
        if change.item_id:
            self._show_exactly(change.item_id)
        else:
            self.show(self.current)
        self.say(done)

    def do_offers(self, _key: str) -> None:
        """Settle an offer now."""
        self._to_offers(asked_for=True)

    def _to_offers(self, *, asked_for: bool = False) -> None:
        from firstcontact.tui.screens.agreement import AgreementScreen

        offers = self.visit.offers()
        first = next((offer for offer in offers if offer.wish is Wish.NOT_ASKED), None)
        if first is not None:
            self.app.push_screen(AgreementScreen(self.visit, first.key))
        elif offers and asked_for:
            self.app.push_screen(AgreementScreen(self.visit, offers[0].key))
        elif asked_for:
            self.say(_("No offers yet."))
        else:
            self.do_review("")

    def do_review(self, _key: str) -> None:
        """What is passed on."""
        from firstcontact.tui.screens.review import ReviewScreen

        self.app.push_screen(ReviewScreen(self.visit))

    def go_back(self) -> None:
        """From a queue, back to where it was asked for; else back to Today, the visit paused."""
        if self.marked:
            self.marked = ""
            self.repaint()
        elif self.queue:
            self.dismiss(None)
        else:
            self.do_stop("")
