"""Several messages about one referral in one page: each sees what those before it did, and all are durable at once."""

from __future__ import annotations

from sync.incoming import Handled, Incoming
from sync.messages import Status
from tests.sync_pair import SyncPair


def test_two_answers_collected_at_once_are_both_kept_and_the_last_one_moves_the_card() -> None:
    """A card that the first answer changes and the second moves to another list is in one list, with both answers."""
    pair = SyncPair()
    reference = pair.refer()
    pair.rounds()
    pair.laptop.journal.commit([("open", reference, {"answers": []})])

    def take(incoming: Incoming) -> Handled:
        message = incoming.message
        if not isinstance(message, Status):
            return Handled()
        card = incoming.read("open", reference)
        assert card is not None
        after = {"answers": [*card["answers"], message.business_status]}
        if message.business_status == "accepted":
            return Handled(puts=(("open", reference, after),))
        return Handled(puts=(("ended", reference, after),), deletes=(("open", reference),))

    pair.laptop.exchange.on_message = take
    pair.answer(reference, 1)
    pair.answer(reference, 2, "helped")
    pair.afr.exchange.send()
    assert pair.laptop.exchange.collect().collected == 2
    assert pair.laptop.journal.get("open", reference) is None
    assert pair.laptop.journal.get("ended", reference) == {"answers": ["accepted", "helped"]}
