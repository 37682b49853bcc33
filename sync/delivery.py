"""Delivery of one version of one message, as one table.

    draft -> held -> queued -> sealed -> deposited -> received
                       |         |          |-> refused          (the partner took the batch, not this item)
                       |         `-> queued                      (its batch was dissolved before it had left)
                       |-> parked -> queued                      (needs a person; mended)
                       `-> cancelled | withdrawn | handed-over

What the partner *does* is the work table of base/work.py; being late is computed and closes nothing. A move that the
table does not have is a fault of ours and raises; a repeat of what is already known is a move to the same state.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where one version of one message is, as far as we can prove."""

    DRAFT = "draft"
    """made, and not yet let go"""
    HELD = "held"
    """waits until a time, for a reason that is shown"""
    QUEUED = "queued"
    """waits for its lane"""
    SEALED = "sealed"
    """in a frozen batch; that batch may or may not have left"""
    DEPOSITED = "deposited"
    """the mailbox's signed receipt names its batch"""
    RECEIVED = "received"
    """the addressee's signed receipt names it"""
    REFUSED = "refused"
    """the addressee's signed receipt names it, and says no"""
    PARKED = "parked"
    """cannot go as it is: needs a person"""
    CANCELLED = "cancelled"
    """taken back by us: corrected away, no longer eligible, made in error"""
    WITHDRAWN = "withdrawn"
    """the person's wish"""
    HANDED_OVER = "handed-over"
    """told by telephone"""


class Move(StrEnum):
    """What can happen to it."""

    HOLD = "hold"
    RELEASE = "release"
    SEAL = "seal"
    DISSOLVE = "dissolve"
    DEPOSIT = "deposit"
    RECEIVE = "receive"
    REFUSE = "refuse"
    PARK = "park"
    MEND = "mend"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    HAND_OVER = "hand-over"


FINAL = frozenset({State.RECEIVED, State.REFUSED, State.CANCELLED, State.WITHDRAWN, State.HANDED_OVER})
"""States that our side does not leave by itself."""

WAITING = frozenset({State.DRAFT, State.HELD, State.QUEUED, State.PARKED})
"""States in which nothing has been frozen, so that nothing can have left."""

_S, _M = State, Move
TABLE: dict[State, dict[Move, State]] = {
    _S.DRAFT: {
        _M.HOLD: _S.HELD,
        _M.RELEASE: _S.QUEUED,
        _M.CANCEL: _S.CANCELLED,
        _M.WITHDRAW: _S.WITHDRAWN,
        _M.HAND_OVER: _S.HANDED_OVER,
    },
    _S.HELD: {
        _M.HOLD: _S.HELD,
        _M.RELEASE: _S.QUEUED,
        _M.CANCEL: _S.CANCELLED,
        _M.WITHDRAW: _S.WITHDRAWN,
        _M.HAND_OVER: _S.HANDED_OVER,
    },
    _S.QUEUED: {
        _M.HOLD: _S.HELD,
        _M.RELEASE: _S.QUEUED,
        _M.SEAL: _S.SEALED,
        _M.PARK: _S.PARKED,
        _M.CANCEL: _S.CANCELLED,
        _M.WITHDRAW: _S.WITHDRAWN,
        _M.HAND_OVER: _S.HANDED_OVER,
    },
    _S.SEALED: {
        _M.DISSOLVE: _S.QUEUED,
        _M.DEPOSIT: _S.DEPOSITED,
        # The addressee's receipt can overtake the mailbox's answer, and proves more.
        _M.RECEIVE: _S.RECEIVED,
        _M.REFUSE: _S.REFUSED,
        _M.PARK: _S.PARKED,
    },
    _S.DEPOSITED: {
        _M.DEPOSIT: _S.DEPOSITED,
        _M.RECEIVE: _S.RECEIVED,
        _M.REFUSE: _S.REFUSED,
        # It has left: these say what we want now, and a message that says so follows.
        _M.CANCEL: _S.CANCELLED,
        _M.WITHDRAW: _S.WITHDRAWN,
        _M.HAND_OVER: _S.HANDED_OVER,
    },
    _S.RECEIVED: {
        _M.DEPOSIT: _S.RECEIVED,
        _M.RECEIVE: _S.RECEIVED,
        _M.CANCEL: _S.CANCELLED,
        _M.WITHDRAW: _S.WITHDRAWN,
    },
    _S.REFUSED: {
        _M.DEPOSIT: _S.REFUSED,
        _M.REFUSE: _S.REFUSED,
        _M.MEND: _S.QUEUED,
        _M.CANCEL: _S.CANCELLED,
        _M.WITHDRAW: _S.WITHDRAWN,
        _M.HAND_OVER: _S.HANDED_OVER,
    },
    _S.PARKED: {
        _M.PARK: _S.PARKED,
        _M.MEND: _S.QUEUED,
        _M.CANCEL: _S.CANCELLED,
        _M.WITHDRAW: _S.WITHDRAWN,
        _M.HAND_OVER: _S.HANDED_OVER,
    },
    # What was taken back stays so, whatever still arrives about it.
    _S.CANCELLED: dict.fromkeys((_M.DEPOSIT, _M.RECEIVE, _M.REFUSE, _M.CANCEL), _S.CANCELLED)
    | {_M.WITHDRAW: _S.WITHDRAWN},
    _S.WITHDRAWN: dict.fromkeys((_M.DEPOSIT, _M.RECEIVE, _M.REFUSE, _M.CANCEL, _M.WITHDRAW), _S.WITHDRAWN),
    _S.HANDED_OVER: dict.fromkeys((_M.DEPOSIT, _M.RECEIVE, _M.REFUSE, _M.HAND_OVER), _S.HANDED_OVER)
    | {_M.CANCEL: _S.CANCELLED, _M.WITHDRAW: _S.WITHDRAWN},
}


class NoSuchMove(ValueError):
    """The table does not have this move: a fault of ours, never of a peer."""


def moved(state: State | str, move: Move) -> State:
    """The state after a move. Raises: NoSuchMove."""
    after = TABLE[State(state)].get(move)
    if after is None:
        raise NoSuchMove(f"{move} is no move from {state}")
    return after


def allows(state: State | str, move: Move) -> bool:
    """Whether the table has this move."""
    return move in TABLE[State(state)]
