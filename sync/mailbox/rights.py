"""Who may deposit for whom. The addressee alone collects and acknowledges; a sender asks for its own batches only."""

from collections.abc import Mapping

DEPOSITS: Mapping[str, frozenset[str]] = {
    "device": frozenset({"agency", "hub", "device", "safeguarding"}),
    "agency": frozenset({"device", "hub"}),
    "hub": frozenset({"agency", "hub", "device", "safeguarding"}),
}
"""Kind of the sender -> kinds of addressee. Everybody else in the pack deposits nothing.

A safeguarding lead is an addressee only: a laptop seals its safeguarding records to the lead's own key."""


def may_deposit(sender_kind: str, addressee_kind: str) -> bool:
    """Whether a party of one kind may put a batch into the mailbox of another."""
    return addressee_kind in DEPOSITS.get(sender_kind, frozenset())
