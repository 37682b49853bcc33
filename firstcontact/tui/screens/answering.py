"""The keys that answer: one key, ticks, an order, a level with what shows it, or a text; each kept at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from firstcontact.rows import Change, Given, Item, Kind, Wrong
from firstcontact.tui.commands import ANSWERING, Command
from firstcontact.tui.pace import CONFIRM_SECONDS, Verdict
from firstcontact.tui.pages.view import (
    LISTED,
    STANDING,
    answered,
    found_choices,
    is_long,
    items_of,
    keyed_choices,
)
from firstcontact.tui.screens.asking import Asking
from firstcontact.tui.words import _

if TYPE_CHECKING:
    from firstcontact.tui.widgets.area import Area

_TOKEN = dict(STANDING)
_SEVERAL = frozenset({Kind.ANY_OF, Kind.RANK})


class Answering(Asking):
    """The question on the screen, answered."""

    def go_on(self) -> None:
        """To the next question, without answering."""
        raise NotImplementedError

    def next_page(self, item_id: str) -> None:
        """To the question after this main one."""
        raise NotImplementedError

    # the guard ------------------------------------------------------------------------------------------------------

    def run(self, command: Command, key: str) -> None:
        """Stand the guard before one-key answers."""
        if command.name not in ANSWERING or (command.name == "choice" and self.item.kind in _SEVERAL):
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

    # one key --------------------------------------------------------------------------------------------------------

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
        """The numbered choice: taken at once, or ticked or put next in order where several are."""
        token = next((token for name, token, _words in keyed_choices(self.item) if name == key), None)
        if token is not None:
            self._choose(token)

    def do_show(self, _key: str) -> None:
        """Tick the marked choice."""
        token = self._marked_choice()
        if token:
            self._choose(token)

    def _choose(self, token: str, *, stay: bool = False) -> None:
        item = self.item
        if item.kind is Kind.ANY_OF:
            self._tick(token)
        elif item.kind is Kind.RANK:
            ranked = self.ranked
            self.ranked = tuple(each for each in ranked if each != token) if token in ranked else (*ranked, token)
            self.repaint()
        elif self._needs_evidence(item):
            self._ask_for_evidence(item, token)
        else:
            self._take(token, stay=stay)

    def _marked_choice(self) -> str:
        kind, _sep, rest = self.marked.partition(":")
        token = rest.removeprefix(f"{self.current}:")
        return token if kind == "choice" and token != rest else ""

    def _tick(self, token: str) -> None:
        alone = {choice.token for choice in self.item.choices if choice.exclusive}
        if token in self.ticked:
            self.ticked -= {token}
        elif token in alone:
            self.ticked = frozenset({token})
        else:
            self.ticked = (self.ticked - alone) | {token}
        self.repaint()

    # a level and what shows it --------------------------------------------------------------------------------------

    def _evidence(self, item: Item) -> Item | None:
        return next((other for other in items_of(self.question) if other.id == item.evidence), None)

    def _needs_evidence(self, item: Item) -> bool:
        evidence = self._evidence(item) if item.evidence else None
        return evidence is not None and not evidence.answer

    def _ask_for_evidence(self, item: Item, token: str) -> None:
        """The box for what shows it opens by itself; the level is kept together with the words."""
        evidence = self._evidence(item)
        if evidence is None:
            return
        self._take_up(evidence)
        self.level, self.marked = token, ""
        self.pace.shown(self.home.ticks())
        self._ready()

    def _take_with_evidence(self, typed: str) -> None:
        evidence, token = self.current, self.level
        level = next(item for item in items_of(self.question) if item.evidence == evidence)
        if not typed:
            self.wrong = _("Without these words the level is not kept. Nothing is lost: Esc, then another key.")
            self.repaint()
            return
        for item_id, value in ((evidence, typed), (level.id, token)):
            change = self.visit.record_answer(item_id, value)
            if isinstance(change, Wrong):
                self.wrong = change.words
                self.repaint()
                return
            self.act(change)
        self.level = self.said = ""
        self._after(evidence if _place(items_of(self.question), evidence) > 0 else level.id)

    # Enter ----------------------------------------------------------------------------------------------------------

    def do_enter(self, _key: str) -> None:
        """Take the marked choice and stay; with nothing marked, go on."""
        item = self.item
        kind, _sep, name = self.marked.partition(":")
        if kind == "item":
            self.marked = ""
            self.show(name)
        elif not item.asked or (item.kind in LISTED and not item.choices):
            self.go_on()
        elif item.kind is Kind.ANY_OF:
            self._take_ticks(item)
        elif item.kind is Kind.RANK:
            self._take_order(item)
        elif (token := self._marked_choice()) and (item.answer != token or item.default):
            self._choose(token, stay=not is_long(item))
        elif item.default and item.answer is not None:
            self._take(item.answer)
        elif answered(item):
            self.go_on()
        else:
            self.say(_("Press a key beside an answer, or → to leave it for now."))

    def _take_ticks(self, item: Item) -> None:
        order = [choice.token for choice in item.choices]
        none_of_these = tuple(choice.token for choice in item.choices if choice.exclusive)[:1]
        kept = tuple(token for token in order if token in self.ticked) or none_of_these
        if kept or item.answer:
            self._take(kept)
        else:
            self.go_on()

    def _take_order(self, item: Item) -> None:
        """An order is of all choices; the last one needs no key."""
        left = [choice.token for choice in item.choices if choice.token not in self.ranked]
        if len(left) == 1:
            self.ranked, left = (*self.ranked, left[0]), []
        if not left:
            self._take(self.ranked)
        elif not self.ranked:
            self.go_on()
        else:
            self.say(_("{count} more to put in order. → leaves it for now.").format(count=len(left)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A typed answer: kept, or said what it needs; left as it was, go on. In the box to find, the marked choice."""
        event.stop()
        if event.input.id == "find":
            self._found_one()
        else:
            self._typed(event.value.strip())

    def on_area_kept(self, event: Area.Kept) -> None:
        """A long text is kept as any other."""
        event.stop()
        self._typed(event.text.strip())

    def _typed(self, typed: str) -> None:
        item = self.item
        if self.level:
            self._take_with_evidence(typed)
        elif typed == (item.answer or "") and not (item.default and typed):
            self.set_focus(None)
            self.go_on()
        elif typed != self.doubted and (doubt := self.visit.doubt(item.id, typed)):
            self.doubted, self.wrong = typed, doubt
            self.repaint()
        else:
            self._take(typed)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What is typed to find a choice narrows the list at once; the first that fits is marked."""
        event.stop()
        if event.input.id != "find" or not is_long(self.item):
            return
        found = found_choices(self.item, event.value)
        self.marked = f"choice:{self.current}:{found[0][1]}" if found and event.value.strip() else ""
        self.repaint()

    def _found_one(self) -> None:
        """Enter in the box to find."""
        token, item = self._marked_choice(), self.item
        if not token:
            if self.found.strip():
                self.say(_("No choice has these words."))
            else:
                self.do_enter("")
        elif item.kind in _SEVERAL:
            self._choose(token)
            self.box("find").value = self.marked = ""
            self.repaint()
        else:
            self._choose(token)

    # keeping --------------------------------------------------------------------------------------------------------

    def _take(self, value: Given, *, stay: bool = False) -> None:
        item_id = self.current
        if not self._kept(self.visit.record_answer(item_id, value), item_id, stay=stay):
            return
        if item_id == "C-START" and value == "no":
            self.home.open_stop()

    def _take_standing(self, key: str) -> None:
        item_id = self.current
        self._kept(self.visit.record_standing(item_id, _TOKEN[key]), item_id, stay=False)

    def _kept(self, change: Change | Wrong, item_id: str, *, stay: bool) -> bool:
        """Hand the answer to the writer, and show its follow-up, or the next question; or say what is wrong."""
        if isinstance(change, Wrong):
            self.wrong = change.words
            self.repaint()
            return False
        self.act(change)
        self.said = ""
        if stay:
            self._read(item_id)
            self.current, self.wrong = item_id, ""
            self.repaint()
        else:
            self._after(item_id)
        return True

    def _after(self, item_id: str) -> None:
        items = items_of(self.visit.page(item_id))
        later = items[_place(items, item_id) + 1 :]
        open_item = next((item for item in later if not answered(item)), None)
        if open_item is not None:
            self.show(open_item.id)
        else:
            self.next_page(items[0].id)


def _place(items: tuple[Item, ...], item_id: str) -> int:
    return next((n for n, item in enumerate(items) if item.id == item_id), 0)
