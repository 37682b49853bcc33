"""What came of one round of an endpoint's post, in numbers and plain words."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class LaneReport:
    """What came of one partner's lane, in plain words."""

    to: str
    name: str
    deposited: int = 0
    """messages deposited in this run"""
    waiting: int = 0
    """messages that still wait"""
    held: int = 0
    parked: int = 0
    words: str = ""


@dataclass(slots=True)
class Report:
    """One round, in plain words."""

    lanes: dict[str, LaneReport] = field(default_factory=dict)
    collected: int = 0
    """messages that were new and counted"""
    receipts: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """reason -> how many items or batches were refused"""
    problem: str | None = None
    """why nothing could be collected, in words; None if all is well"""
    rolled_back: bool = False
    """this store is older than what the mailbox has seen of it"""
    pack_sequence: int = 0

    @property
    def deposited(self) -> int:
        """Messages deposited in this round."""
        return sum(lane.deposited for lane in self.lanes.values())

    @property
    def waiting(self) -> int:
        """Messages that still wait for their lane."""
        return sum(lane.waiting for lane in self.lanes.values())

    @property
    def words(self) -> str:
        """One sentence for the status line."""
        if self.problem and (self.waiting or not self.lanes):
            return self.problem
        if self.waiting:
            why = next((lane.words for lane in self.lanes.values() if lane.waiting and lane.words), "")
            return f"{self.waiting} waiting. {why}".strip()
        return self.problem or "All sent."

    def refuse(self, reason: str) -> None:
        """Count an item or batch that was refused."""
        self.refused[reason] = self.refused.get(reason, 0) + 1
