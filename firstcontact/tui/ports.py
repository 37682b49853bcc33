"""What the screens ask of the rest of the house: three protocols, `Gate`, `Work` and `OpenVisit`.

Laws:
1. Reading methods of `OpenVisit` answer from memory within a millisecond: they are called on the screen's own thread
   for each key. What touches disk or network (`Gate.*`, `Work.*`) is called on a worker thread.
2. An act changes what the reading methods say at once and returns a `Change`; its `save` blocks until it is durable and
   is called on one writer thread, in order. The screen says "Saved" only after that.
3. A person, question or offer is named by the id or key that a reading method gave.

Row types live in `firstcontact.rows`, so that `workflow` can fill them in without knowing of any screen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from firstcontact.rows import (
    AgreementPage,
    Change,
    Given,
    HouseholdPage,
    OfferRow,
    Professional,
    Profile,
    Progress,
    QuestionPage,
    QuestionRow,
    RecordedRow,
    ReferralRow,
    Refused,
    ReviewPage,
    SignalState,
    TodayPage,
    Wish,
    Wrong,
)


class Gate(Protocol):
    """The way in: profiles, first run, unlock. Cheap to make: imports what is heavy inside its methods."""

    scheme: str
    """The scheme's short name, top right of the unlock screen; blank before there is one."""
    helpdesk: str
    """One line: number and hours; blank before there is a pack."""

    def profiles(self) -> tuple[Profile, ...]:
        """Who has a vault here, last used first; reads `profile.json` files only."""

    def warm(self) -> None:
        """Import what unlocking needs; called on a thread while the passphrase is typed."""

    def suggest_words(self) -> tuple[str, ...]:
        """Four words that do not belong together."""

    def set_up(self, who: Professional, passphrase: str) -> tuple[Work, str]:
        """Make the vault; return it open, and the one-time code that is shown once (groups separated by spaces)."""

    def unlock(self, profile_id: str, passphrase: str) -> Work | Refused:
        """Open the vault with the passphrase, or with the printed code typed in its place."""


class Work(Protocol):
    """One professional's laptop, open."""

    def who(self) -> Professional:
        """Who is working."""

    def today(self) -> TodayPage:
        """The visits and what came of earlier ones."""

    def my_referrals(self) -> tuple[ReferralRow, ...]:
        """All referrals of this professional: needs you first, then on the way, then finished."""

    def new_visit(self) -> OpenVisit:
        """Start a visit with one person whose name is not known yet; durable on return."""

    def open_visit(self, visit_id: str) -> OpenVisit:
        """Read a visit; a prepared one starts, a half-done one resumes at its question."""

    def unfinished(self) -> str | None:
        """The visit to return to at once after a short lock, or None."""

    def take_back(self, visit_id: str) -> Change | None:
        """Take a finished visit back while its two minutes run; None if it has left."""

    def run_sync(self, told: Callable[[SignalState], None], stop: threading.Event) -> None:
        """Send and collect until `stop` is set, on the thread that calls it; `told` hears each change of state."""

    def nudge(self) -> None:
        """Wake `run_sync`: something is ready to leave, or the network came back."""

    def close(self) -> None:
        """Close the store; called once, after the writer thread has ended."""


class OpenVisit(Protocol):
    """One visit in memory: reading methods, and acts that return a `Change`."""

    id: str

    # reading
    def position(self) -> str:
        """The id of the question (or statement) to show: where the visit was left, or what comes next."""

    def page(self, item_id: str) -> QuestionPage:
        """The main question that `item_id` is or belongs to, with its relevant follow-ups, for the current person."""

    def after(self, item_id: str) -> str | None:
        """The next main question in order, asked or not; None at the end (then the offers)."""

    def before(self, item_id: str) -> str | None:
        """The main question before, or None."""

    def next_to_ask(self, item_id: str | None) -> str | None:
        """The next question after `item_id` that nobody has answered, going round once; None if all are answered."""

    def progress(self) -> Progress:
        """Name, parts and counts for the question screen."""

    def questions(self) -> tuple[QuestionRow, ...]:
        """Every relevant question of the current person, in order: facts at the start first."""

    def household(self) -> HouseholdPage:
        """The home and its people."""

    def offers(self) -> tuple[OfferRow, ...]:
        """What can be put before someone now, always in the checklist's order, whatever was answered."""

    def recorded(self) -> tuple[RecordedRow, ...]:
        """Needs where nothing can be put, and why."""

    def agreement(self, key: str) -> AgreementPage:
        """One offer with the exact data that its partner would get."""

    def review(self) -> ReviewPage:
        """Before you go."""

    def doubt(self, item_id: str, typed: str) -> str:
        """What is unusual about a typed answer, in words, to be asked once before it is kept; blank if nothing is."""

    # acts
    def record_answer(self, item_id: str, value: Given) -> Change | Wrong:
        """Record an answer of the current person, the home or the visitor: the definition knows whose it is."""

    def record_standing(self, item_id: str, token: str) -> Change | Wrong:
        """Record a standing answer: dont-know, prefers-not-to-say, already-getting-help, not-asked, not-safe-to-ask."""

    def write_note(self, item_id: str, text: str) -> Change:
        """Write (or empty) the visitor's note on a question."""

    def add_person(self) -> Change:
        """Add a person to the home, in the room, and make them the current one."""

    def choose_person(self, person_id: str) -> None:
        """Ask this person from now on."""

    def set_in_room(self, person_id: str, here: bool) -> Change:
        """Someone came in or went out."""

    def record_agreement(
        self,
        key: str,
        wish: Wish,
        *,
        health: bool | None = None,
        feedback: bool | None = None,
        call: str = "",
    ) -> Change:
        """Record the answer to one offer.

        `health` and `feedback` are the answers to C-HEALTH and C-FEEDBACK so far; recording the same wish again with
        one of them set adds it. `call` is who was rung and what was said, for Wish.RANG. Wish.NO on an earlier yes
        takes it back.
        """

    def undo(self) -> Change | None:
        """Take back the last act of this sitting; None if there is none."""

    def redo(self) -> Change | None:
        """Put back the act taken back last; None if there is none."""

    def pause(self, item_id: str) -> Change:
        """Stop for now at this question."""

    def finish(self) -> Change:
        """Finish: ordinary referrals wait two minutes, urgent ones are released."""

    def take_back(self) -> Change | None:
        """Take the finish back while the two minutes run; None if it has left."""

    def stop_all(self, *, keep: bool) -> Change:
        """The person wants to stop: nothing is sent; answers are kept, or nothing is."""
