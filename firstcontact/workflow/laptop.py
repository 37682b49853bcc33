"""One professional's laptop, open: its visits, its referrals, and the post that goes and comes by itself."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from firstcontact.domain.events import Stamp, from_json, outcome_received, to_json
from firstcontact.domain.visit import fold
from firstcontact.errors import FirstContactError, SetUpNeeded
from firstcontact.rows import Change, Group, Professional, ReferralRow, SignalState, TodayPage, VisitState
from firstcontact.store.store import Store, VisitSummary
from firstcontact.workflow import cards
from firstcontact.workflow.identity import Identity
from firstcontact.workflow.open_visit import VisitAtHand, begin
from firstcontact.workflow.say import counted, day_in_full
from firstcontact.workflow.summary import is_of_today, row_of, summary_of
from firstcontact.workflow.version import KIND as VERSION
from firstcontact.workflow.version import Version
from sync.base.working_days import WorkingDays
from sync.errors import BadPack
from sync.ports import Put

if TYPE_CHECKING:
    from firstcontact.workflow.post import Post

SHORT_LOCK: Final = timedelta(minutes=15)
_LOOK_AT: Final = 3
_GROUPS: Final = (Group.NEEDS_YOU, Group.ON_THE_WAY, Group.FINISHED)


def _newest_time(store: Store) -> datetime | None:
    """The latest time in the list of visits, read page by page: the whole list would stay in memory for nothing."""
    newest = ""

    def look(visit: VisitSummary) -> bool:
        nonlocal newest
        newest = max(newest, str(visit.summary["stopped_at"]))
        return False

    store.visits(keep=look)
    return datetime.fromisoformat(newest) if newest else None


class Laptop:
    """What the screens and the commands act through (`tui.ports.Work`)."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        versions: Mapping[str, Version],
        post: Post | None,
        now: Callable[[], datetime],
    ) -> None:
        self.store = store
        self.identity = identity
        self.versions = versions
        """Checklist id -> the version that new visits start with; empty while no pack has come."""
        self.post = post
        """The way to partners; None while the scheme has not let this laptop in."""
        self.now = now
        """This moment, with the laptop's own offset from UTC."""
        self._kept: dict[str, Version] = {version.digest: version for version in versions.values()}
        self._newest = _newest_time(store)

    # who and when

    def who(self) -> Professional:
        """Who is working."""
        return self.identity.who

    def today_on(self) -> date:
        """The day it is here."""
        return self.now().date()

    def new_id(self) -> str:
        """A random id that tells nothing."""
        return secrets.token_hex(8)

    def stamp(self) -> Stamp:
        """Who, when and where, for an event that happens now."""
        now = self.now()
        offset = now.utcoffset()
        return Stamp(
            id=self.new_id(),
            at=now.astimezone(UTC),
            offset_minutes=int(offset.total_seconds() // 60) if offset else 0,
            clock_trusted=self._newest is None or now >= self._newest,
            device=self.identity.keyring.id,
            by=self.identity.keyring.id,
        )

    # visits

    def today(self) -> TodayPage:
        """The visits of today and those not ended, and what came of earlier ones."""
        now = self.now()
        lines = self.store.visits(keep=lambda visit: is_of_today(visit.summary, now.date()))
        referrals = self.my_referrals(ended=False)
        return TodayPage(
            on=day_in_full(now.date()),
            visits=tuple(row_of(visit_id, line, now) for visit_id, line in lines),
            needs=tuple(cards.need_of(row) for row in referrals if row.group is Group.NEEDS_YOU),
            came=self._came(referrals),
            news=tuple(
                f"A part of what is kept here was damaged ({found.part}): {found.why}. Ring the helpdesk."
                for found in self.store.damage()
            ),
        )

    def new_visit(
        self, checklist: str | None = None, *, on: date | None = None, people: int = 1, also: Iterable[Put] = ()
    ) -> VisitAtHand:
        """Start a visit; durable on return, together with the documents of `also`.

        Raises: SetUpNeeded, if the scheme has not let this laptop in.
        """
        if not self.versions:
            raise SetUpNeeded(
                "A real visit needs the scheme's yes, and it has not come yet.",
                "Give the coordinator this laptop's request. Until then, `firstcontact demo` is for practice.",
            )
        version = self.versions[checklist] if checklist else next(iter(self.versions.values()))
        visit, happened = begin(self, version, on or self.today_on(), [self.new_id() for _ in range(people)])
        at_hand = VisitAtHand(self, visit, version)
        puts = [] if self.store.journal.get(VERSION, version.digest) else [version.as_put()]
        self.store.new_visit(visit.id, summary_of(at_hand), at_hand.rows(happened), [*puts, *also])
        return at_hand

    def open_visit(self, visit_id: str) -> VisitAtHand:
        """Read a visit; a half-done one goes on at its question. Raises: StoreError."""
        visit = fold(from_json(document) for document in self.store.events(visit_id))
        at_hand = VisitAtHand(self, visit, self._version(str(self.store.summary(visit_id)["version"])))
        if visit.paused and not visit.read_only:
            at_hand.resume().save()
        return at_hand

    def unfinished(self) -> str | None:
        """The visit that a lock or a crash broke off within the last 15 minutes; later it may be another home.

        One that was paused on purpose is not: its visitor went on to something else, and finds it on Today.
        """
        since = self.now() - SHORT_LOCK
        half_done = self.store.visits(keep=lambda visit: visit.summary["state"] == VisitState.HALF_DONE)
        half_done.sort(key=lambda visit: str(visit.summary["stopped_at"]), reverse=True)
        # A line says when a visit was opened or paused; an answer given since stands in the visit alone.
        for visit in half_done[:_LOOK_AT]:
            told = fold(from_json(event) for event in self.store.events(visit.visit_id))
            if told.events[-1].at >= since and not told.paused:
                return visit.visit_id
        return None

    def take_back(self, visit_id: str) -> Change | None:
        """Take a finished visit back while its two minutes run; None if it has left."""
        return self.open_visit(visit_id).take_back()

    # referrals

    def my_referrals(self, *, ended: bool = True) -> tuple[ReferralRow, ...]:
        """All referrals: needs you first, then on the way, then finished; the latest first within each."""
        kinds = (cards.OPEN, cards.ENDED) if ended else (cards.OPEN,)
        found = [card for kind in kinds for _, card in self.store.journal.load(kind)]
        found.sort(key=lambda card: str(card["raised_at"]), reverse=True)
        now, calendar = self.now(), self.calendar()
        rows = [cards.row_of(card, self.delivery(card), now, calendar) for card in found]
        return tuple(sorted(rows, key=lambda row: _GROUPS.index(row.group)))

    def delivery(self, card: Mapping[str, Any]) -> cards.Delivery:
        """Where the outbox says that a referral is."""
        from sync.delivery import State
        from sync.items import BATCH, OUTBOX, SENT, Frozen, Item

        item_id = f"{card['partner']}:{card['kind']}:{card['reference']}:{card['version']}"
        document = self.store.journal.get(OUTBOX, item_id) or self.store.journal.get(SENT, item_id)
        if document is None:
            return cards.Delivery("")
        item = Item.from_document(document)
        until = datetime.fromisoformat(item.held_until) if item.held_until else None
        state = item.state
        if state == State.SEALED and item.batch and (batch := self.store.journal.get(BATCH, item.batch)):
            tried = Frozen.from_document(batch)
            # Nobody was there, or a stranger was: it waits for signal as before, and nothing of it is on its way.
            state = State.QUEUED if tried.problem and not tried.unsure and not tried.ask else state
        return cards.Delivery(state, until, item.reason or "")

    def taken_back(self, references: Iterable[str]) -> set[str]:
        """Those references whose referral was taken back for ever, by their cards."""
        found = {reference: self.store.journal.get(cards.OPEN, reference) for reference in references}
        return {reference for reference, card in found.items() if card is not None and card.get("taken_back")}

    def delivery_lock(self) -> AbstractContextManager[Any]:
        """Held while something is taken back, so that it cannot leave at the same moment."""
        return self.post.exchange.lock if self.post is not None else nullcontext()

    def calendar(self) -> WorkingDays:
        """The scheme's working days; Monday to Friday while no pack has come."""
        return next((version.directory.working_days for version in self.versions.values()), WorkingDays())

    # post

    def run_sync(self, told: Callable[[SignalState], None], stop: threading.Event) -> None:
        """Send and collect until `stop` is set, on the thread that calls it."""
        if self.post is None:
            told(SignalState(connected=False, waiting=0, words="The scheme has not let this laptop in yet."))
            stop.wait()
            return
        self.post.run(self, told, stop)

    def nudge(self) -> None:
        """Wake the post: something is ready to leave, or the network came back."""
        if self.post is not None:
            self.post.nudge()

    def take_in_outcomes(self) -> int:
        """Write statuses that came for a visit into its history, each once; returns how many."""
        taken = 0
        for kind in (cards.OPEN, cards.ENDED):
            untold = [
                row for row in self.store.journal.load(kind) if len(row[1]["statuses"]) > row[1]["told"]
            ]  # few: all cards at once would be many
            for reference, card in untold:
                new = card["statuses"][card["told"] :]
                happened = [
                    outcome_received(self.stamp(), "visit", reference=reference, status=status) for status in new
                ]
                rows: list[tuple[str | tuple[str, str], dict[str, Any]]] = [("visit", to_json(e)) for e in happened]
                after = {**card, "told": len(card["statuses"])}
                self.store.append(card["visit"], rows, puts=[(kind, reference, after)])
                taken += len(new)
        return taken

    def erase_what_was_promised(self) -> bool:
        """Erase the visits of people who said "do not keep", once the last of their post has been received.

        A visit that can still be taken back stays until then. Returns: whether any is left to erase later.
        """
        from firstcontact.workflow.finishing import erase

        left = False
        for visit_id, line in self.store.visits(keep=lambda visit: bool(visit.summary.get("erase_when_received"))):
            mine = [card for _, card in self.store.journal.load(cards.OPEN) if card["visit"] == visit_id]
            until = line.get("leaves_at") if line["state"] == VisitState.FINISHED else None
            if (until and self.now() < datetime.fromisoformat(until)) or any(
                self.delivery(card).state in ("held", "queued", "sealed", "deposited") for card in mine
            ):
                left = True
            else:
                erase(self, self.open_visit(visit_id), line)
        return left

    def close(self) -> None:
        """Close the store and the connections."""
        if self.post is not None:
            self.post.close()
        self.store.close()

    @classmethod
    def put_together(
        cls, store: Store, pack_folder: Path, *, demo_network: Path | None = None, read_only: bool = False
    ) -> Laptop:
        """The laptop of an open vault with the scheme's pack, if there is one that counts."""
        from firstcontact.workflow.finishing import take_back_noted
        from firstcontact.workflow.post import Post, trusted_pack

        def now() -> datetime:
            return datetime.now(UTC).astimezone()

        try:
            identity = Identity.read(store.journal)
        except KeyError as missing:
            raise FirstContactError(
                "This vault opens, but it does not say whose it is.", "Ring the helpdesk; nothing was changed."
            ) from missing
        try:
            pack = trusted_pack(store, identity, pack_folder, read_only=read_only)
        except BadPack as bad:
            raise FirstContactError(
                f"{bad.words} It was not used.", "Ask the coordinator for the pack again. Your visits are kept."
            ) from bad
        versions = {} if pack is None else Post.versions_of(pack)
        post = None if pack is None else Post(store, identity, pack, pack_folder, now, demo_network)
        laptop = cls(store, identity, versions, post, now)
        if not read_only:
            take_back_noted(laptop)
        return laptop

    def _version(self, digest: str) -> Version:
        if digest not in self._kept:
            document = self.store.journal.get(VERSION, digest)
            if document is None:
                raise FirstContactError(
                    "The checklist that this visit began with is not here.", "Ring the helpdesk; the answers are kept."
                )
            self._kept[digest] = Version.from_document(document)
        return self._kept[digest]

    def _came(self, referrals: tuple[ReferralRow, ...]) -> tuple[str, ...]:
        back = sum(row.happened.startswith("Sent back") for row in referrals)
        late = sum("Late" in row.happened for row in referrals)
        lines = []
        if back:
            lines.append(f"{counted(back, 'referral was', 'referrals were')} sent back. The hub is seeing to it.")
        if late:
            lines.append(f"Late: {late}. They are reminded. Nothing for you to do.")
        return tuple(lines)
