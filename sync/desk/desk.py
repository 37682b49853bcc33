"""One agency's desk: its inbox over a durable journal, what it takes in and what it sends out.

Every change is one commit: a case and, when an answer leaves, the status beside it in the outbox. So a crash between
the two cannot happen, and (reference, version) is taken once, for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sync.base.work import ANSWERS, Button
from sync.base.working_days import WorkingDays
from sync.desk.answers import Given
from sync.desk.inbox import (
    TAKE_BACK,
    Case,
    Happened,
    answer,
    arrive,
    due_to_leave,
    mark_left,
    note,
    send_now,
    state,
    state_at,
    still_here,
    take_back,
    today_at,
)
from sync.desk.index import Index
from sync.desk.rows import row_of
from sync.items import Item, outgoing
from sync.messages import Correction, Referral, Status
from sync.ports import Clock, Delete, Document, Journal, Put

CASE: Final = "case"
ARRIVAL: Final = "arrival"
"""Durable, receipted, and not joined with its case yet."""
NEWER: Final = "newer"
"""Kept whole: messages of a kind that this desk does not know yet, or knows by name only."""


class NotHere(LookupError):
    """This agency has no such referral; another agency's is not here either."""


class Shelf:
    """One agency's own part of a journal that several share: kinds of one are never kinds of another."""

    def __init__(self, journal: Journal, agency: str) -> None:
        self._journal = journal
        self._prefix = f"{agency}/"

    def load(self, kind: str) -> Iterator[tuple[str, Document]]:
        """Every document of a kind of this agency."""
        return self._journal.load(self._prefix + kind)

    def get(self, kind: str, id: str) -> Document | None:  # noqa: A002 - the journal's own word
        """One document of this agency, or None."""
        return self._journal.get(self._prefix + kind, id)

    def commit(self, puts: Iterable[Put], deletes: Iterable[Delete] = ()) -> None:
        """Write and remove in one transaction."""
        prefix = self._prefix
        self._journal.commit(
            [(prefix + kind, ident, document) for kind, ident, document in puts],
            [(prefix + kind, ident) for kind, ident in deletes],
        )


_ORDER: Final = {"referral": 0, "correction": 0, "reminder": 1, "withdrawal": 2}
"""Kinds that this desk joins with a case; of one version, in this order."""


def _by_version(arrival: tuple[str, Document]) -> tuple[int, int]:
    message = arrival[1]["message"]
    return int(message.get("version", 1)), _ORDER[message["kind"]]


def no_post() -> None:
    """A desk that is not joined to a mailbox: what leaves waits in the journal's outbox."""


class Desk:
    """The inbox of one agency. Every method may be called from any thread; `lock` guards the whole."""

    def __init__(
        self,
        agency: str,
        name: str,
        journal: Journal,
        clock: Clock,
        *,
        calendar: WorkingDays | None = None,
        hub: str | None = None,
        stays: timedelta = TAKE_BACK,
        read_only: bool = False,
        posted: Callable[[], None] = no_post,
    ) -> None:
        self.agency = agency
        self.name = name
        self.hub = hub
        self.clock = clock
        self.stays = stays
        self.lock = threading.RLock()
        self.posted = posted
        self._journal = journal
        self._waiting: set[str] = set()
        self.index = Index(calendar or WorkingDays())
        with self.lock:
            for _, document in journal.load(CASE):
                self._show(Case.from_json(document))
            self._absorb(write=not read_only)

    # What people look at

    def case(self, reference: str) -> Case:
        """One case. Raises: NotHere."""
        case = self._case_or_none(reference)
        if case is None:
            raise NotHere(reference)
        return case

    def _case_or_none(self, reference: str) -> Case | None:
        document = self._journal.get(CASE, reference)
        return None if document is None else Case.from_json(document)

    def today(self) -> date:
        """The day on the desk's calendar."""
        return today_at(self.clock())

    # What people do

    def read(self, reference: str) -> Case:
        """Open a referral as a person: the first opening is kept, and told. Raises: NotHere."""
        with self.lock:
            case = self.case(reference)
            after = note(case, Happened.READ, self._now())
            if after is not case:
                self._keep(after)
            return after

    def answer(self, reference: str, given: Given) -> Case:
        """Save an answer; it leaves in ten minutes. Raises: NotHere, ValueError (it makes no sense any more)."""
        with self.lock:
            after = answer(self.case(reference), given, self._now(), self.stays)
            self._keep(after)
            return after

    def take_back(self, reference: str) -> Case:
        """Take the last answer back. Raises: NotHere, ValueError (there is none, or it has left)."""
        with self.lock:
            after = take_back(self.case(reference), self._now())
            self._keep(after)
            return after

    def send_now(self, reference: str) -> Case:
        """Let the last answer leave at once. Raises: NotHere, ValueError (there is none, or it has left)."""
        with self.lock:
            after = send_now(self.case(reference), self._now())
            self._keep(after)
        self.posted()
        return after

    # What comes in and what goes out

    def take(self, message: Document, sender: str, at: datetime) -> tuple[Put, ...]:
        """What to write for a message that `sync.receiver` has found new and allowed; nothing is written here.

        The caller commits these puts with the ledger and the receipt, some time later and from another thread. So they
        stand beside the cases and never on them: an answer saved meanwhile cannot be overwritten. `absorb` joins them.
        """
        kind, reference = str(message.get("kind")), str(message.get("reference", message.get("id", "")))
        ident = f"{kind}:{reference}:{message.get('version', 1)}"
        kept = {"from": sender, "at": at.isoformat(), "message": message}
        return (((ARRIVAL if kind in _ORDER else NEWER), ident, kept),)

    def absorb(self) -> int:
        """Join what has come with the cases. After every collecting, and at the start; a repeat changes nothing."""
        return self._absorb(write=True)

    def _absorb(self, *, write: bool) -> int:
        with self.lock:
            waiting = sorted(self._journal.load(ARRIVAL), key=_by_version)
            changed: dict[str, Case] = {}
            for _, kept in waiting:
                message = kept["message"]
                reference = message["reference"]
                case = changed.get(reference) or self._case_or_none(reference)
                after = self._joined(case, message, kept["from"], datetime.fromisoformat(kept["at"]))
                if after is not None:
                    changed[reference] = after
            if waiting and write:
                self._journal.commit(
                    [_put(case) for case in changed.values()], [(ARRIVAL, ident) for ident, _ in waiting]
                )
            for case in changed.values():
                self._show(case)
            return len(changed)

    def _joined(self, case: Case | None, message: Document, sender: str, at: datetime) -> Case | None:
        """The case after a message; None for a wish about a referral that never came (the ledger remembers it)."""
        version = int(message.get("version", 1))
        if message["kind"] in {"referral", "correction"}:
            # The hub may speak for a person; answers still go back to the device that holds the visit.
            owner = case.sender if case is not None and sender == self.hub else sender
            return arrive(
                case,
                agency=self.agency,
                reference=message["reference"],
                version=version,
                sender=owner,
                referral=message,
                at=at,
            )
        if case is None or version < max(case.versions):
            return case
        if message["kind"] == "reminder":
            return note(case, Happened.REMINDED, at)
        return note(case, Happened.DIED if message.get("by") == "deceased" else Happened.ASKED_TO_STOP, at)

    def release(self) -> int:
        """Give what is due to the outbox: first readings, and answers whose ten minutes are over. Returns how many."""
        with self.lock:
            now = self._now()
            told = 0
            for reference in tuple(self._waiting):
                case = self.case(reference)
                items: list[Item] = []
                due = due_to_leave(case, now)
                for place in due:
                    case = mark_left(case, place)
                    items += self._post(case, place, now)
                if due:
                    self._journal.commit([_put(case), *(item.put for item in items)])
                    self.posted()
                    self._show(case)
                    told += len(due)
            return told

    def _post(self, case: Case, place: int, now: datetime) -> list[Item]:
        """A status to the visitor, if the person agreed that the visitor hears; one without free words to the hub."""
        status = status_of(case, place)
        urgent = status.business_status == "deceased"
        items = []
        if case.referral.get("feedback") is True:
            items.append(outgoing(status, case.sender, now=now, urgent=urgent))
        if self.hub is not None:
            items.append(outgoing(without_words(status), self.hub, now=now, urgent=urgent))
        return items

    def _keep(self, case: Case) -> None:
        self._journal.commit([_put(case)])
        self._show(case)

    def _show(self, case: Case) -> None:
        self.index.put(row_of(case, referral_of(case)))
        (self._waiting.add if still_here(case) else self._waiting.discard)(case.reference)

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC)


def _put(case: Case) -> Put:
    return (CASE, case.reference, case.to_json())


def status_of(case: Case, place: int) -> Status:
    """The status that one act of a case sends, exactly as the table of answers has it."""
    act = case.acts[place]
    now = state_at(case, place)
    versions = [earlier.version for earlier in case.acts[: place + 1] if earlier.version is not None]
    button = act.button or Button.OPENED
    given: dict[str, Any] = dict(act.given or {})
    extra = given.get("extra", {})
    detail = next((extra[name] for name in ("what", "which", "of") if name in extra), None)
    more = {name: extra[name] for name in ("weekly_gain_pounds",) if name in extra}
    return Status(
        reference=case.reference,
        version=max(versions),
        rev=act.left_rev or case.rev + 1,
        work=now.work.value,
        business_status=ANSWERS[button].business_status,
        outcome=given.get("outcome"),
        reason=given.get("outcome") if button is Button.SEND_BACK else None,
        detail=detail,
        until=extra.get("until"),
        on=[date.fromisoformat(day) for day in given.get("dates", ())],
        at=act.at,
        partner=case.agency,
        **more,
    )


def without_words(status: Status) -> Status:
    """The status as the hub gets it: no words that somebody typed, for they may speak of the person."""
    return status.model_copy(update={"detail": None, "note": None})


def referral_of(case: Case) -> Referral:
    """The newest words of a case: a correction is a whole referral too."""
    model = Correction if case.referral.get("kind") == "correction" else Referral
    return model.model_validate(dict(case.referral))


def summary_of(case: Case) -> dict[str, Any]:
    """A case for a program: where it stands and what came, no data of the person."""
    now = state(case)
    return {
        "reference": case.reference,
        "agency": case.agency,
        "versions": list(case.versions),
        "work": now.work.value,
        "business_status": now.business_status,
        "asked_to_stop": now.stop_asked,
        "finished": now.finished,
    }
