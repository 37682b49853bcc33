"""The delivery table."""

from __future__ import annotations

import pytest

from sync.delivery import FINAL, TABLE, Move, NoSuchMove, State, moved


def test_every_state_has_a_row() -> None:
    """No state is forgotten."""
    assert set(TABLE) == set(State)


def test_only_a_receipt_makes_received() -> None:
    """`received` is entered by RECEIVE alone, and only from where something has been frozen."""
    ways = {
        (s, m) for s, row in TABLE.items() for m, after in row.items() if after is State.RECEIVED and s is not after
    }
    assert ways == {(State.SEALED, Move.RECEIVE), (State.DEPOSITED, Move.RECEIVE)}


def test_what_was_taken_back_never_returns() -> None:
    """From withdrawn there is no way out; from cancelled and handed-over only to withdrawn or cancelled."""
    assert set(TABLE[State.WITHDRAWN].values()) == {State.WITHDRAWN}
    assert set(TABLE[State.CANCELLED].values()) <= {State.CANCELLED, State.WITHDRAWN}
    assert set(TABLE[State.HANDED_OVER].values()) <= {State.HANDED_OVER, State.CANCELLED, State.WITHDRAWN}


def test_nothing_is_sealed_but_from_the_queue() -> None:
    """A held, parked or withdrawn message cannot be sealed."""
    assert [state for state, row in TABLE.items() if Move.SEAL in row] == [State.QUEUED]


def test_a_move_that_the_table_does_not_have_raises() -> None:
    """A fault of ours is not passed over."""
    with pytest.raises(NoSuchMove):
        moved(State.DRAFT, Move.RECEIVE)


def test_every_state_is_reached() -> None:
    """From a draft, every state can be reached; the final ones are those without a way on by themselves."""
    seen, todo = {State.DRAFT}, [State.DRAFT]
    while todo:
        for after in TABLE[todo.pop()].values():
            if after not in seen:
                seen.add(after)
                todo.append(after)
    assert seen == set(State)
    assert State.PARKED not in FINAL
