"""`firstcontact sync` and `firstcontact status`: send, collect and tell where everything is, without a screen."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from firstcontact.errors import SetUpNeeded
from firstcontact.rows import Group, ReferralRow, SignalState
from firstcontact.workflow.laptop import Laptop
from firstcontact.workflow.post import Post
from firstcontact.workflow.say import counted


@dataclass(frozen=True, slots=True)
class SyncReport:
    """One round of sending and collecting."""

    deposited: int
    collected: int
    waiting: int
    words: str
    refused: dict[str, int]

    @property
    def exit_code(self) -> int:
        """1 while something still waits."""
        return 1 if self.waiting or self.words else 0

    def as_json(self) -> dict[str, Any]:
        """For a program to read."""
        return {
            "deposited": self.deposited,
            "collected": self.collected,
            "waiting": self.waiting,
            "problem": self.words or None,
            "refused": self.refused,
        }

    def in_words(self) -> str:
        """For a person: what went, what came, what waits, and why."""
        lines = [f"Sent {counted(self.deposited, 'message')}, collected {counted(self.collected, 'answer')}."]
        if self.waiting:
            safe = "is" if self.waiting == 1 else "are"
            lines.append(f"{counted(self.waiting, 'referral')} still waiting, and {safe} safe here.")
        if self.words:
            lines.append(self.words)
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Where every referral is."""

    who: str
    rows: tuple[ReferralRow, ...]

    @property
    def exit_code(self) -> int:
        """1 when something needs the visitor, or is stuck."""
        stuck = any(row.group is Group.NEEDS_YOU or row.happened.startswith("Stuck") for row in self.rows)
        return 1 if stuck else 0

    def as_json(self) -> dict[str, Any]:
        """For a program to read; no name of a visited person."""
        return {
            "referrals": [
                {
                    "reference": row.reference,
                    "who": row.initials,
                    "what": row.what,
                    "happened": row.happened,
                    "next": row.next,
                    "group": row.group.value,
                }
                for row in self.rows
            ]
        }

    def in_words(self) -> str:
        """One line each: who, what, what happened, who acts next."""
        if not self.rows:
            return "No referrals yet. Nothing waits."
        groups = {Group.NEEDS_YOU: "Needs you", Group.ON_THE_WAY: "On the way", Group.FINISHED: "Finished"}
        counts = Counter(row.group for row in self.rows)
        lines = []
        for group, title in groups.items():
            if not counts[group]:
                continue
            lines.append(f"{title} ({counts[group]})")
            lines += [
                f"  {row.initials:<6} {row.what:<38} {row.happened:<34} {row.next}"
                for row in self.rows
                if row.group is group
            ]
        return "\n".join(line.rstrip() for line in lines)


def sync_once(laptop: Laptop) -> SyncReport:
    """One round. Raises: SetUpNeeded, while the scheme has not let this laptop in."""
    post = _post(laptop)
    report = post.round(laptop)
    state = post.signal(report)
    return SyncReport(
        deposited=report.deposited,
        collected=report.collected,
        waiting=state.waiting,
        words=state.words,
        refused=dict(report.refused),
    )


def sync_until_stopped(laptop: Laptop, say: Callable[[str], None]) -> int:
    """Send and collect until ctrl+c; says each change of state once."""
    _post(laptop)
    stop = threading.Event()
    last = ""

    def told(state: SignalState) -> None:
        nonlocal last
        now = state.words or (
            f"Connected. {counted(state.waiting, 'referral')} waiting." if state.waiting else "Connected. All sent."
        )
        if now != last:
            say(now)
            last = now

    with contextlib.suppress(KeyboardInterrupt):
        laptop.run_sync(told, stop)
    return 0


def status_report(laptop: Laptop) -> StatusReport:
    """Where every referral of this vault is."""
    return StatusReport(laptop.who().name, laptop.my_referrals())


def _post(laptop: Laptop) -> Post:
    if laptop.post is None:
        raise SetUpNeeded(
            "The scheme has not let this laptop in yet, so there is nowhere to send to.",
            "Give the coordinator this laptop's request.",
        )
    return laptop.post
