"""Delivery told as stories, both ends at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from sync.delivery import Move
from sync.errors import Busy, Captive, Unreachable, Unsure
from sync.messages import Notice, Other
from sync.pack import Pack
from sync.sender import TOO_LATE_SECONDS, Limits
from tests.partner_simulator import Crash
from tests.sync_pair import AFR, AYC, HUB, LAPTOP, End, SyncPair, keyring, make_pack, make_referral, make_withdrawal


def test_a_referral_is_received_only_after_the_partners_receipt() -> None:
    """Deposited is not received: the partner's own receipt makes the difference."""
    pair = SyncPair()
    reference = pair.refer()
    pair.laptop.exchange.run_once()
    assert pair.state(reference) == "deposited"
    pair.afr.exchange.run_once()
    assert pair.state(reference) == "deposited"
    pair.laptop.exchange.run_once()
    assert pair.state(reference) == "received"
    assert pair.afr.applied == {f"referral:{reference}:1": 1}


def test_a_lost_answer_is_asked_for_and_nothing_is_doubled() -> None:
    """The deposit arrived, its answer did not: the next round asks, and the partner has it once."""
    pair = SyncPair(faults={"lost-answer": 1.0})
    reference = pair.refer()
    pair.laptop.exchange.send()
    assert pair.state(reference) == "sealed"
    pair.faults = {}
    pair.clock.pass_(minutes=1)
    pair.rounds()
    assert pair.state(reference) == "received"
    assert pair.afr.applied[f"referral:{reference}:1"] == 1
    assert len(pair.mailbox.calls) == 2  # the deposit and the desk's receipt: it was asked for, not sent again


def test_every_retry_sends_the_same_bytes() -> None:
    """A batch is frozen before its first attempt; a retry is the same batch, byte for byte."""
    pair = SyncPair(faults={"lost-request": 1.0})
    pair.refer()
    for _ in range(3):
        pair.laptop.exchange.send(eager=True)
        pair.clock.pass_(hours=1)
    pair.faults = {"delayed": 1.0}
    pair.laptop.exchange.send(eager=True)
    bodies = {body for sender, _, _, body in pair.mailbox.calls if sender == LAPTOP}
    assert len(bodies) == 1


def test_withdrawn_while_waiting_never_leaves() -> None:
    """What the person took back in the two minutes after finishing is never seen by anyone."""
    pair = SyncPair()
    reference = pair.refer(held_minutes=2)
    pair.laptop.exchange.run_once()
    assert pair.state(reference) == "held"
    assert pair.withdraw(reference) == "withdrawn"
    pair.clock.pass_(minutes=5)
    pair.rounds()
    assert pair.mailbox.calls == []
    assert pair.afr.applied == {}


def test_withdrawn_after_it_has_left_is_followed_by_a_withdrawal() -> None:
    """The partner is told, and confirms that it knows."""
    pair = SyncPair()
    reference = pair.refer()
    pair.rounds()
    assert pair.withdraw(reference) == "withdrawn"
    pair.rounds()
    assert pair.afr.applied == {f"referral:{reference}:1": 1, f"withdrawal:{reference}:1": 1}


def test_withdrawn_when_nobody_knows_whether_it_left() -> None:
    """Unknown to the mailbox, and too late to arrive: it never left, and nothing follows."""
    pair = SyncPair(faults={"lost-request": 1.0})
    reference, other = pair.refer(), pair.refer()
    pair.laptop.exchange.send()
    pair.faults = {}
    assert pair.withdraw(reference) == "sealed"
    calls = len(pair.mailbox.calls)
    pair.clock.pass_(minutes=1)
    pair.laptop.exchange.send()
    assert pair.state(reference) == "sealed"  # the lost request could still arrive
    pair.clock.pass_(seconds=TOO_LATE_SECONDS)
    pair.rounds()
    assert pair.state(reference) == "withdrawn"
    assert pair.state(other) == "received"
    assert pair.afr.applied == {f"referral:{other}:1": 1}
    assert len(pair.mailbox.calls) > calls


def test_withdrawn_when_it_had_arrived_unseen() -> None:
    """Known to the mailbox: a withdrawal follows."""
    pair = SyncPair(faults={"lost-answer": 1.0})
    reference = pair.refer()
    pair.laptop.exchange.send()
    pair.faults = {}
    assert pair.withdraw(reference) == "sealed"
    pair.rounds()
    assert pair.state(reference) == "withdrawn"
    assert pair.afr.applied == {f"referral:{reference}:1": 1, f"withdrawal:{reference}:1": 1}


def test_a_withdrawal_stops_a_batch_that_is_about_to_leave() -> None:
    """Between freezing and leaving, a person's wish still counts: the other items of the batch go without it."""
    pair = SyncPair(limits=Limits(items=1))
    first, second = pair.refer(), pair.refer()
    reached, go_on = threading.Event(), threading.Event()

    def stop(_: str) -> None:
        reached.set()
        assert go_on.wait(10)

    pair.laptop.link.before_deposit = stop
    worker = threading.Thread(target=pair.laptop.exchange.send)
    worker.start()
    assert reached.wait(10)
    on_the_wire = [reference for reference in (first, second) if pair.state(reference) == "sealed"]
    assert len(on_the_wire) == 2
    results = {reference: pair.withdraw(reference) for reference in (first, second)}
    go_on.set()
    worker.join(10)
    assert sorted(str(state) for state in results.values()) == ["sealed", "withdrawn"]
    pair.rounds()
    stopped = next(reference for reference, state in results.items() if state == "withdrawn")
    assert not any(stopped in key for key in pair.afr.applied)
    assert {pair.state(first), pair.state(second)} == {"withdrawn"}


def test_a_withdrawal_that_overtakes_its_referral() -> None:
    """The referral that comes after its withdrawal is known and never shown."""
    pair = SyncPair()
    reference = pair.reference()
    pair.queue(make_withdrawal(reference), AFR)
    pair.rounds()
    pair.queue(make_referral(reference), AFR)
    pair.rounds()
    assert pair.afr.applied == {f"withdrawal:{reference}:1": 1}
    assert pair.item(reference).result == "superseded"


def test_a_person_who_agrees_again_is_the_next_version() -> None:
    """After a withdrawal, a new yes at the same partner arrives."""
    pair = SyncPair()
    reference = pair.refer()
    pair.rounds()
    pair.withdraw(reference)
    pair.rounds()
    pair.queue(make_referral(reference, 2), AFR)
    pair.rounds()
    assert pair.afr.applied[f"referral:{reference}:2"] == 1


def test_a_dead_partner_delays_nobody_else() -> None:
    """One lane that fails says why; the other is done."""
    pair = SyncPair()
    dead, alive = pair.refer(AFR), pair.refer(AYC)
    whole = pair.laptop.link.deposit

    def deposit(to: str, batch_id: str, body: bytes) -> str:
        if to == AFR:
            raise Unreachable("Waits for signal: the mailbox cannot be reached.")
        return whole(to, batch_id, body)

    pair.laptop.link.deposit = deposit  # type: ignore[method-assign]
    report = pair.laptop.exchange.run_once()
    assert pair.state(alive) == "deposited"
    assert pair.state(dead) == "sealed"
    assert report.lanes[AFR].waiting == 1
    assert "Waits for signal" in report.words
    assert pair.withdraw(dead) == "withdrawn"  # nothing had left: no asking


@pytest.mark.parametrize("error", [Unreachable("no"), Unsure("hm"), Captive("page"), Busy("later", 30.0)])
def test_whatever_the_network_says_everything_stays_queued(error: Exception) -> None:
    """Nothing is lost, nothing counts as sent, and the reason stands in the report."""
    pair = SyncPair()
    reference = pair.refer()

    def deposit(to: str, batch_id: str, body: bytes) -> str:
        raise error

    whole = pair.laptop.link.deposit
    pair.laptop.link.deposit = deposit  # type: ignore[method-assign]
    report = pair.laptop.exchange.run_once()
    assert report.lanes[AFR].words == str(error)
    assert pair.state(reference) == "sealed"
    pair.laptop.link.deposit = whole  # type: ignore[method-assign]
    pair.clock.pass_(hours=1)
    pair.rounds()
    assert pair.state(reference) == "received"


def test_retry_after_is_honoured_even_when_somebody_is_eager() -> None:
    """The mailbox's wish counts for more than our hurry."""
    pair = SyncPair(faults={"busy": 1.0})
    pair.refer()
    pair.laptop.exchange.send()
    calls = len(pair.mailbox.calls)
    pair.clock.pass_(seconds=1)
    pair.laptop.exchange.send(eager=True)
    assert len(pair.mailbox.calls) == calls
    pair.clock.pass_(seconds=3)
    pair.laptop.exchange.send(eager=True)
    assert len(pair.mailbox.calls) == calls + 1


def test_a_lying_mailbox_is_not_believed() -> None:
    """A receipt by another key, or for other bytes, makes nothing deposited."""
    pair = SyncPair(seed=3, faults={"lying-receipt": 1.0})
    reference = pair.refer()
    report = pair.laptop.exchange.send()
    assert pair.state(reference) == "sealed"
    assert "receipt does not hold" in report.lanes[AFR].words
    pair.faults = {}
    pair.rounds()
    assert pair.state(reference) == "received"


def test_urgent_goes_first() -> None:
    """An urgent referral does not wait behind older ordinary ones."""
    pair = SyncPair(limits=Limits(items=1))
    for _ in range(5):
        pair.refer()
    urgent = pair.refer(urgent=True)
    pair.laptop.exchange.send()
    first = pair.mailbox.calls[0][2]
    assert pair.item(urgent).batch == first


def test_one_item_too_large_is_parked_and_the_others_go() -> None:
    """A poison item never blocks its lane; mended, it goes."""
    pair = SyncPair()
    big = pair.refer(language="x" * 40_000)
    small = pair.refer()
    pair.rounds()
    assert pair.state(big) == "parked"
    assert pair.state(small) == "received"
    assert pair.laptop.exchange.mend(pair.item(big).id, make_referral(big))
    pair.rounds()
    assert pair.state(big) == "received"


def test_a_batch_refused_without_a_reason_is_taken_apart() -> None:
    """Nobody knows which item it was: each goes alone, the bad one is parked, the others arrive."""
    from sync.errors import Refused

    pair = SyncPair()
    references = [pair.refer() for _ in range(4)]
    bad = references[2]
    whole = pair.laptop.link.deposit

    def deposit(to: str, batch_id: str, body: bytes) -> str:
        items = pair.laptop.journal.get("batch", batch_id)
        assert items is not None
        if any(bad in item for item in items["items"]):
            raise Refused(400, "malformed", "The mailbox refused: malformed")
        return whole(to, batch_id, body)

    pair.laptop.link.deposit = deposit  # type: ignore[method-assign]
    pair.rounds()
    states = [pair.state(reference) for reference in references]
    assert states == ["received", "received", "parked", "received"]


def test_the_same_batch_again_gets_the_same_receipt() -> None:
    """A repeat changes nothing at the desk, and its receipt goes again."""
    pair = SyncPair()
    reference = pair.refer()
    pair.laptop.exchange.run_once()
    pair.afr.exchange.run_once()
    pair.afr.journal.documents.pop(("cursor", "inbox"))
    report = pair.afr.exchange.run_once()
    assert report.refused == {"repeated": 1}
    pair.rounds()
    assert pair.state(reference) == "received"
    assert pair.afr.applied[f"referral:{reference}:1"] == 1


def test_a_desk_that_dies_before_its_commit_loses_nothing() -> None:
    """Durable before acknowledged: what was not committed is collected again."""
    pair = SyncPair()
    reference = pair.refer()
    pair.laptop.exchange.run_once()
    pair.afr.journal.crash_in = 0
    with pytest.raises(Crash):
        pair.afr.exchange.run_once()
    assert pair.afr.applied == {}
    pair.afr.start()
    pair.rounds()
    assert pair.state(reference) == "received"
    assert pair.afr.applied[f"referral:{reference}:1"] == 1


def test_statuses_come_back_and_only_forward() -> None:
    """A status counts once, and an older `rev` never overwrites a newer one."""
    pair = SyncPair()
    reference = pair.refer()
    pair.rounds()
    pair.answer(reference, 2, "contacted")
    pair.rounds()
    pair.answer(reference, 1, "accepted")
    pair.rounds()
    assert pair.laptop.applied == {f"status:{reference}:2": 1}


def test_a_status_of_another_partner_does_not_count() -> None:
    """Only the partner addressed may answer."""
    pair = SyncPair()
    reference = pair.refer(AFR)
    pair.rounds()
    pair.answer(reference, 1, by=AYC)
    pair.rounds()
    assert pair.laptop.applied == {}
    refused = pair.ayc.journal.get("sent", f"{LAPTOP}:status:{reference}:1")
    assert refused is not None
    assert (refused["state"], refused["reason"]) == ("refused", "other-partner")


def test_an_unknown_kind_is_kept_and_answered_unsupported() -> None:
    """A newer laptop may say new things; the desk keeps them and says that it cannot read them."""
    pair = SyncPair()
    pair.queue(Other.model_validate({"kind": "weather", "id": "w1", "sky": "grey"}), AFR)
    pair.rounds()
    assert pair.afr.applied == {"weather:w1:1": 1}
    sent = pair.laptop.journal.get("sent", f"{AFR}:weather:w1:1")
    assert sent is not None
    assert (sent["state"], sent["result"]) == ("refused", "unsupported")


def test_an_older_copy_of_the_store_is_noticed() -> None:
    """The mailbox has seen a higher number: the laptop says so, and asks hub and agencies for everything."""
    pair = SyncPair()
    pair.refer()
    before = dict(pair.laptop.journal.documents)
    pair.rounds()
    pair.laptop.journal.documents = before
    pair.laptop.start()
    report = pair.laptop.exchange.run_once()
    assert report.rolled_back
    pair.rounds()
    for end in (pair.hub, pair.afr, pair.ayc):
        assert [key.split(":")[0] for key in end.applied if key.startswith("resync")] == ["resync"]


def test_after_a_rollback_the_same_referral_is_not_doubled() -> None:
    """The old copy sends again what it had sent; the desk knows it."""
    pair = SyncPair()
    reference = pair.refer()
    before = dict(pair.laptop.journal.documents)
    pair.rounds()
    pair.laptop.journal.documents = before
    pair.laptop.start()
    pair.rounds()
    assert pair.afr.applied[f"referral:{reference}:1"] == 1
    assert pair.item(reference).result == "duplicate"


def test_an_expired_pack_seals_nothing_and_loses_nothing() -> None:
    """Referrals wait for the refresh, and go once."""
    pair = SyncPair()
    reference = pair.refer()
    pair.clock.at = pair.pack.expires + timedelta(days=1)
    report = pair.laptop.exchange.run_once()
    assert pair.state(reference) == "queued"
    assert "newer pack" in report.words


def test_a_revoked_partner_is_never_sealed_to_again() -> None:
    """A batch that has not left is dissolved when its key is revoked."""
    pair = SyncPair(faults={"unreachable": 1.0})
    reference = pair.refer()
    pair.laptop.exchange.send()
    assert pair.state(reference) == "sealed"
    pair.faults = {}
    pair.laptop.exchange.pack = make_pack(2, revoked=[AFR])
    report = pair.laptop.exchange.send(eager=True)
    assert pair.state(reference) == "queued"
    assert "revoked" in report.lanes[AFR].words
    assert pair.mailbox.calls == []


def test_a_sender_that_the_pack_does_not_name_yet_waits_for_the_next_pack() -> None:
    """A desk with an older pack keeps the batch, and opens it when the pack has come."""
    pair = SyncPair()
    older = make_pack(1, without=[LAPTOP])
    pair.afr = End(pair, AFR)
    pair.ends[AFR] = pair.afr
    pair.afr.exchange.pack = older
    reference = pair.refer()
    pair.laptop.exchange.run_once()
    report = pair.afr.exchange.run_once()
    assert report.refused == {"unknown-key": 1}
    assert pair.afr.applied == {}
    newer = make_pack(2)
    pair.mailbox.newer_pack = newer
    pair.rounds()
    assert pair.afr.exchange.pack.sequence == newer.sequence
    assert pair.state(reference) == "received"


def test_a_pack_by_another_signer_changes_nothing() -> None:
    """The old pack stays in use, and the report says why."""
    from datetime import UTC, datetime

    from sync import pack as packs
    from sync.keys import PrivateKey

    pair = SyncPair()
    stranger = PrivateKey.generate()
    parts = {"keys.json": pair.pack.part("keys.json")}
    files = packs.build_pack(parts, 9, datetime(2027, 1, 1, tzinfo=UTC), stranger)
    pair.mailbox.newer_pack = Pack.verify(files, [stranger.public])
    reference = pair.refer()
    report = pair.laptop.exchange.run_once()
    assert pair.state(reference) == "deposited"
    assert report.problem == "The pack is not signed by a coordinator of this scheme."
    assert pair.laptop.exchange.pack.sequence == 1


def test_a_notice_is_told_once() -> None:
    """Kinds without a reference are known by their own id."""
    pair = SyncPair()
    notice = Notice(id="n1", at=pair.clock(), title={"en": "The office is closed."})
    pair.hub.exchange.queue(notice, LAPTOP)
    pair.rounds()
    pair.hub.exchange.queue(notice, LAPTOP)
    pair.rounds()
    assert pair.laptop.applied == {"notice:n1:1": 1}


def test_hand_over_by_telephone_takes_it_from_the_lane() -> None:
    """What was told by telephone is not sent as well."""
    pair = SyncPair()
    reference = pair.refer(HUB)
    assert pair.laptop.exchange.take_back(pair.item(reference).id, move=Move.HAND_OVER, reason="rang") == "handed-over"
    pair.rounds()
    assert pair.mailbox.calls == []


def test_an_address_that_nothing_may_be_sent_to_stops_its_lane_only() -> None:
    """A pack with a plain http address elsewhere sends nothing there, and says so."""
    from sync.client import Links

    pair = SyncPair()
    links = Links(keyring(LAPTOP))
    party = pair.party(AFR).model_copy(update={"mailbox_url": "http://elsewhere.example"})
    pair.laptop.exchange._drain.links = lambda each: links(party) if each.id == AFR else pair.laptop.link
    bad, good = pair.refer(AFR), pair.refer(AYC)
    report = pair.laptop.exchange.run_once()
    links.close()
    assert pair.state(good) == "deposited"
    assert pair.state(bad) == "sealed"
    assert "not https" in report.lanes[AFR].words
