"""Every request of sync/README.md, "The mailbox's HTTP", and every status that it may have, at the real program."""

from __future__ import annotations

import json
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync import pack
from sync.keys import Keyring
from tests.mailbox.conftest import Speak
from tests.mailbox.world import MAILBOX, Running, Scheme, Speaker, code_of, pack_parts, running


def test_capabilities_say_the_limits_and_the_time(speak: Speak) -> None:
    """Anybody may ask what the mailbox takes and what time it has."""
    told = speak("dev-1").http.get("/v1/capabilities").json()
    assert told["mailbox"] == MAILBOX
    assert told["formats"] == ["firstcontact.batch.v1"]
    assert (told["max_batch_bytes"], told["max_items"], told["max_wait_seconds"]) == (786432, 50, 25)
    assert told["pack_sequence"] >= 1
    assert told["server_time"].endswith("Z")


def test_healthz_answers_everybody(speak: Speak) -> None:
    """A load balancer needs no key."""
    assert speak("dev-1").http.get("/healthz").json() == {"ok": True}


def test_a_batch_goes_from_laptop_to_desk_byte_for_byte(speak: Speak) -> None:
    """201 with a signed receipt; collected as it was sent; acknowledged, and then gone."""
    laptop, desk = speak("dev-1"), speak("AFR")
    batch_id, body = laptop.frozen("AFR")
    reply = laptop.deposit("AFR", batch_id, body)
    assert reply.status_code == 201
    receipt = laptop.receipt_in(reply)
    assert (receipt.batch, receipt.sender, receipt.to, receipt.mailbox) == (batch_id, "dev-1", "AFR", MAILBOX)
    assert receipt.sender_sequence == laptop.sequence
    waiting = desk.collect()
    sent = json.loads(body)
    assert (waiting[-1]["batch"], waiting[-1]["signature"]) == (sent["batch"], sent["signature"])
    assert waiting[-1]["deposited_at"] == receipt.deposited_at
    assert desk.acknowledge(waiting[-1]["cursor"]).json()["acknowledged"] >= 1
    assert desk.collect() == []
    assert desk.acknowledge(waiting[-1]["cursor"]).json() == {"acknowledged": 0}


def test_the_same_bytes_again_get_the_same_receipt(speak: Speak) -> None:
    """A repeat is welcome, before and after collection, and stores nothing."""
    laptop, desk = speak("dev-1"), speak("AFR")
    batch_id, body = laptop.frozen("AFR")
    first = laptop.deposit("AFR", batch_id, body)
    again = laptop.deposit("AFR", batch_id, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    desk.acknowledge(desk.collect()[-1]["cursor"])
    late = laptop.deposit("AFR", batch_id, body)
    assert (late.status_code, late.content) == (200, first.content)
    assert desk.collect() == []


def test_other_bytes_under_the_same_id_are_refused(speak: Speak) -> None:
    """422: an id is used once."""
    laptop = speak("dev-1")
    batch_id, body = laptop.frozen("AFR")
    laptop.deposit("AFR", batch_id, body)
    _, other = laptop.frozen("AFR", batch_id=batch_id)
    reply = laptop.deposit("AFR", batch_id, other)
    assert (reply.status_code, code_of(reply)) == (422, "other-bytes")


def test_a_sender_that_is_unsure_asks_for_its_receipt(speak: Speak) -> None:
    """The receipt of a batch of mine, with whether it was collected; another's batch is as unknown as none."""
    laptop, desk = speak("dev-1"), speak("AFR")
    batch_id, body = laptop.frozen("AFR")
    path = f"/v1/mailboxes/AFR/batches/{batch_id}"
    assert code_of(laptop.request("GET", path)) == "unknown-batch"
    receipt = laptop.deposit("AFR", batch_id, body).json()["receipt"]
    assert laptop.request("GET", path).json() == {"receipt": receipt, "collected": False}
    desk.acknowledge(desk.collect()[-1]["cursor"])
    assert laptop.request("GET", path).json() == {"receipt": receipt, "collected": True}
    for other in ("dev-2", "AFR", "hub"):
        reply = speak(other).request("GET", path)
        assert (reply.status_code, code_of(reply)) == (404, "unknown-batch")


def test_a_vault_put_back_learns_its_highest_number(speak: Speak) -> None:
    """The mailbox remembers the highest sender_sequence over all addressees, and never refuses a lower one."""
    hub = speak("hub")
    hub.sequence = 40
    for to in ("AFR", "dev-1"):
        batch_id, body = hub.frozen(to)
        assert hub.deposit(to, batch_id, body).status_code == 201
    assert hub.state()["highest_sender_sequence"] == 42
    hub.sequence = 10
    batch_id, body = hub.frozen("SSA")
    assert hub.deposit("SSA", batch_id, body).status_code == 201
    assert hub.state()["highest_sender_sequence"] == 42


def test_collecting_goes_page_by_page_in_order(speak: Speak) -> None:
    """A cursor goes on where the page before ended; `more` says whether to ask again."""
    laptop, desk = speak("dev-2"), speak("SSA")
    _empty(desk)
    sent = []
    for _ in range(5):
        batch_id, body = laptop.frozen("SSA")
        laptop.deposit("SSA", batch_id, body)
        sent.append(json.loads(body)["batch"])
    got, cursor, mores = [], "", []
    for _ in range(3):
        reply = desk.request("GET", f"/v1/mailboxes/SSA/batches?limit=2{cursor}").json()
        got += [batch["batch"] for batch in reply["batches"]]
        mores.append(reply["more"])
        cursor = f"&after={reply['batches'][-1]['cursor']}"
    assert got == sent
    assert mores == [True, True, False]
    assert desk.state()["waiting"] == 5


def test_a_page_stays_under_a_megabyte(speak: Speak) -> None:
    """Large batches come in several answers, each small enough for a client with a limit."""
    laptop, desk = speak("dev-2"), speak("SSA")
    _empty(desk)
    for _ in range(3):
        batch_id, body = laptop.frozen("SSA", ["x" * 60_000] * 10)
        assert laptop.deposit("SSA", batch_id, body).status_code == 201
    got = 0
    while batches := desk.request("GET", "/v1/mailboxes/SSA/batches").json():
        if not batches["batches"]:
            break
        assert len(json.dumps(batches)) < 1024 * 1024
        got += len(batches["batches"])
        desk.acknowledge(batches["batches"][-1]["cursor"])
    assert got == 3


def test_quotes_cannot_make_a_batch_too_large_to_hand_out(speak: Speak) -> None:
    """A text that doubles when quoted is refused on the way in, or fits into an answer on the way out."""
    laptop, desk = speak("dev-2"), speak("SSA")
    _empty(desk)
    largest = 0
    for size in (900_000, 1_040_000, 1_046_500, 1_047_500):
        batch_id, body = laptop.frozen("SSA", ['"' * (size // 4)])
        if laptop.deposit("SSA", batch_id, body).status_code == 201:
            largest = max(largest, len(body))
    assert largest > 900_000
    while batches := desk.request("GET", "/v1/mailboxes/SSA/batches"):
        assert len(batches.content) <= 1024 * 1024
        if not batches.json()["batches"]:
            break
        desk.acknowledge(batches.json()["batches"][-1]["cursor"])


def test_a_long_poll_ends_when_something_arrives(speak: Speak) -> None:
    """Waiting costs one request, and a deposit ends it at once."""
    laptop, desk = speak("dev-2"), speak("SSA")
    _empty(desk)
    batch_id, body = laptop.frozen("SSA")
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        polling = pool.submit(desk.collect, "?wait=25")
        assert laptop.deposit("SSA", batch_id, body).status_code == 201
        assert [batch["batch"] for batch in polling.result(20)] == [json.loads(body)["batch"]]
        assert time.monotonic() - began < 15


def test_a_long_poll_may_end_with_nothing(speak: Speak) -> None:
    """After the asked time the answer is an empty page."""
    desk = speak("SSA")
    _empty(desk)
    assert desk.collect("?wait=1") == []


@pytest.mark.parametrize(
    "query", ["?after=nonsense", "?after=AAAAAAAAAAFgednRNcEEL0MmK0s", "?limit=x", "?wait=-1", "?limit=٣"]
)
def test_a_cursor_or_number_that_is_none_is_refused(speak: Speak, query: str) -> None:
    """400, in words that do not repeat what was sent."""
    reply = speak("AFR").request("GET", f"/v1/mailboxes/AFR/batches{_quoted(query)}")
    assert (reply.status_code, code_of(reply)) == (400, "malformed")


def test_another_ones_cursor_is_worth_nothing(speak: Speak) -> None:
    """A cursor is good for the mailbox that it was made for: nothing is skipped and nothing goes for it elsewhere."""
    laptop, desk, other = speak("dev-1"), speak("AFR"), speak("dev-2")
    for to in ("AFR", "dev-2"):
        laptop.deposit(to, *laptop.frozen(to))
    cursor = desk.collect()[-1]["cursor"]
    reply = other.request("GET", f"/v1/mailboxes/dev-2/batches?after={cursor}")
    assert (reply.status_code, code_of(reply)) == (400, "malformed")
    assert other.acknowledge(cursor).json() == {"acknowledged": 0}
    assert other.collect()
    assert desk.collect()
    garbage = desk.acknowledge("garbage")
    assert (garbage.status_code, code_of(garbage)) == (400, "malformed")


def test_the_pack_is_given_to_those_who_hold_an_older_one(speak: Speak, scheme: Scheme) -> None:
    """200 with index and parts, 204 when there is nothing newer."""
    laptop = speak("dev-1")
    reply = laptop.request("GET", "/v1/pack?after=0")
    assert reply.status_code == 200
    files = {**pack_parts(reply), pack.INDEX: reply.json()["index"].encode()}
    sequence = pack.Pack.verify(files, [scheme.coordinator.signing.public]).sequence
    assert laptop.request("GET", f"/v1/pack?after={sequence}").status_code == 204


def test_a_newer_pack_of_the_coordinator_is_taken_from_anybody(mailbox: Running, speak: Speak, scheme: Scheme) -> None:
    """204 for a newer one and for the same again; it counts at once."""
    newcomer = Speaker(Keyring.generate("dev-new"), mailbox.url, scheme)
    sequence = speak("dev-1").http.get("/v1/capabilities").json()["pack_sequence"]
    batch_id, body = newcomer.frozen("AFR")
    assert code_of(newcomer.deposit("AFR", batch_id, body)) == "unknown-sender"
    scheme.parties["dev-new"] = (newcomer.keys, pack.DEVICE)
    wire = pack.pack_to_wire(scheme.pack_files(sequence + 1))
    assert _put(mailbox, wire).status_code == 204
    assert _put(mailbox, wire).status_code == 204
    assert newcomer.deposit("AFR", batch_id, body).status_code == 201
    older = _put(mailbox, pack.pack_to_wire(scheme.pack_files(sequence)))
    assert (older.status_code, code_of(older)) == (409, "pack-older")
    other = _put(mailbox, pack.pack_to_wire(scheme.pack_files(sequence + 1, elsewhere=["SSA"])))
    assert (other.status_code, code_of(other)) == (409, "pack-older")
    newcomer.http.close()


def test_a_pack_of_another_signer_or_with_another_part_is_refused(mailbox: Running, scheme: Scheme) -> None:
    """403 and 422; the kept one stays."""
    stranger = _put(mailbox, pack.pack_to_wire(scheme.pack_files(99, signer=scheme.keys("hub").signing)))
    assert (stranger.status_code, code_of(stranger)) == (403, "pack-signature")
    files = scheme.pack_files(99)
    changed = _put(mailbox, pack.pack_to_wire({**files, pack.KEYS: files[pack.KEYS] + b" "}))
    assert (changed.status_code, code_of(changed)) == (422, "pack-part")
    nonsense = _put(mailbox, b'{"index": 7}')
    assert (nonsense.status_code, code_of(nonsense)) == (422, "pack-part")


def test_two_deposits_racing_with_one_key_store_one_batch(speak: Speak) -> None:
    """Of many at once one is 201; the others are 200 with its receipt or 409 to ask again, and one batch waits."""
    desk = speak("SSA")
    _empty(desk)
    for _ in range(10):
        speakers = [speak("dev-1") for _ in range(4)]
        batch_id, body = speakers[0].frozen("SSA", batch_id=secrets.token_urlsafe(12))
        together = threading.Barrier(4)

        def race(speaker: Speaker, batch_id: str = batch_id, body: bytes = body, together: Any = together) -> Any:
            together.wait()
            return speaker.deposit("SSA", batch_id, body)

        with ThreadPoolExecutor(4) as pool:
            replies: list[httpx.Response] = list(pool.map(race, speakers))
        assert sorted(reply.status_code for reply in replies).count(201) == 1
        assert {reply.status_code for reply in replies} <= {200, 201, 409}
        assert len({reply.json()["receipt"] for reply in replies if reply.status_code != 409}) == 1
        for reply in replies:
            assert reply.status_code != 409 or (code_of(reply), reply.headers["retry-after"]) == ("in-progress", "1")
    assert len(desk.collect("?limit=100")) == 10


def test_a_batch_that_is_being_stored_is_in_progress(tmp_path: Path) -> None:
    """409 while the first deposit of the same batch has not ended."""
    scheme = Scheme()
    scheme.write(tmp_path)
    with running(tmp_path, module="tests.mailbox.pausing") as process, ThreadPoolExecutor(1) as pool:
        first, second = (Speaker(scheme.keys("dev-1"), process.url, scheme) for _ in range(2))
        batch_id, body = first.frozen("AFR", batch_id="pause-1")
        held = pool.submit(first.deposit, "AFR", batch_id, body)
        assert next(process.lines()) == b"committed pause-1\n"
        reply = second.deposit("AFR", batch_id, body)
        assert (reply.status_code, code_of(reply), reply.headers["retry-after"]) == (409, "in-progress", "1")
        process.kill()
        with pytest.raises(httpx.TransportError):
            held.result(20)
        first.http.close()
        second.http.close()


@pytest.mark.parametrize(("bug", "status", "code"), [("full", 503, "busy"), ("unforeseen", 500, "broken")])
def test_a_failure_of_its_own_is_a_problem_without_words(tmp_path: Path, bug: str, status: int, code: str) -> None:
    """A disk that is full asks to come back; what nobody foresaw is told as such; neither shows what was sent."""
    scheme = Scheme()
    scheme.write(tmp_path)
    with running(tmp_path, module="tests.mailbox.pausing", environment={"FC_TEST_BUG": bug}) as process:
        laptop = Speaker(scheme.keys("dev-1"), process.url, scheme)
        reply = laptop.deposit("AFR", *laptop.frozen("AFR", ["CANARY"]))
        assert (reply.status_code, code_of(reply)) == (status, code)
        assert ("retry-after" in reply.headers) == (status == 503)
        assert laptop.http.get("/healthz").status_code == 200
        laptop.http.close()
        assert "CANARY" not in reply.text + process.log.read_text()
        assert "Error" in process.log.read_text(), "the operator learns of it"


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/mailboxes/AFR/other", "/metrics", "/v1/mailboxes//batches", "/docs"])
def test_what_is_not_there_is_a_problem_too(speak: Speak, path: str) -> None:
    """404 as a problem, and no metrics on the public address."""
    assert code_of(speak("dev-1").http.get(path)) == "not-found"


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/v1/pack"), ("PUT", "/v1/mailboxes/AFR/batches"), ("POST", "/healthz")]
)
def test_what_cannot_be_done_there_is_a_problem_too(speak: Speak, method: str, path: str) -> None:
    """405 with the methods that can."""
    reply = speak("dev-1").http.request(method, path)
    assert (reply.status_code, code_of(reply)) == (405, "not-here")
    assert reply.headers["allow"]


def _empty(desk: Speaker) -> None:
    while batches := desk.collect("?limit=100"):
        desk.acknowledge(batches[-1]["cursor"])


def _quoted(query: str) -> str:
    return str(httpx.URL(f"http://x/{query}").raw_path, "ascii")[1:]


def _put(mailbox: Running, body: bytes) -> httpx.Response:
    return httpx.put(mailbox.url + "/v1/pack", content=body, headers={"Content-Type": "application/json"}, timeout=30)
