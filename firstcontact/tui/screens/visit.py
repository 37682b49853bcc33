"""The visit: one question at a time, and the ways from one to another."""

from __future__ import annotations

from firstcontact.rows import Change, Wish
from firstcontact.tui.pages.view import items_of
from firstcontact.tui.screens.answering import Answering
from firstcontact.tui.words import _


class VisitScreen(Answering):
    """Questions of a visit; with a `queue`, just those, and then back to where they were asked for."""

    # moving ---------------------------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """The next item that takes an answer, or the next question."""
        later = items_of(self.question)[self._place() + 1 :]
        following = next((item for item in later if item.asked), None)
        if following is not None:
            self.show_exactly(following.id)
        else:
            self.next_page(self.question.item.id)

    def _place(self) -> int:
        names = [item.id for item in items_of(self.question)]
        return names.index(self.current) if self.current in names else 0

    def next_page(self, item_id: str) -> None:
        """The question after this one; of a queue its next; after the last the offers or the review."""
        if self.queue:
            self._next_of_queue(item_id)
            return
        after = self.visit.after(item_id)
        if after is None:
            self.show(item_id)
            self._to_offers()
        else:
            self.show(after)

    def _next_of_queue(self, item_id: str) -> None:
        mains = [self.visit.page(name).item.id for name in self.queue]
        place = mains.index(item_id) if item_id in mains else len(mains)
        rest = zip(self.queue[place + 1 :], mains[place + 1 :], strict=True)
        later = next((name for name, main in rest if main != item_id), None)
        if later is not None:
            self.show(later)
        else:
            self.dismiss(None)

    def do_after(self, _key: str) -> None:
        """The next item, without answering."""
        self.go_on()

    def do_before(self, _key: str) -> None:
        """The item before."""
        items, place = items_of(self.question), self._place()
        earlier = next((item for item in reversed(items[:place]) if item.asked), None)
        before = None if self.queue else self.visit.before(items[0].id)
        if earlier is not None or (place and before is None):
            self.show_exactly((earlier or items[0]).id)
        elif before is not None:
            self.show_exactly(before)

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
            self.show_exactly(item_id)

    def do_people(self, _key: str) -> None:
        """The home and its people."""
        from firstcontact.tui.screens.household import HouseholdScreen

        self.app.push_screen(HouseholdScreen(self.visit), self._person_chosen)

    def _person_chosen(self, item_id: str | None) -> None:
        if item_id:
            self.show_exactly(item_id)

    def do_note(self, _key: str) -> None:
        """Write a note on this question."""
        from firstcontact.tui.dialogs.note import NotePanel

        item = self.item
        panel = NotePanel(_("Note on this question"), item.say, item.note)
        self.app.push_screen(panel, lambda text: self._noted(item.id, text))

    def _noted(self, item_id: str, text: str | None) -> None:
        if text is not None:
            self.act(self.visit.write_note(item_id, text))
            self.show_exactly(item_id)

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
            self.show_exactly(change.item_id)
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
