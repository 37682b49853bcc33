"""Every URL of the mailbox against every kind of caller: what is not allowed is refused, and nothing of it is told."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from tests.mailbox.conftest import Speak
from tests.mailbox.world import Scheme, Speaker, code_of

CALLERS = ("dev-1", "dev-2", "dev-lost", "AFR", "SSA", "hub", "lead", "mailbox-1", "coord", "stranger", "nobody")
ADDRESSEES = ("dev-2", "dev-lost", "AFR", "hub", "lead", "mailbox-1", "coord", "not-listed")
KINDS = {"dev-1": "device", "dev-2": "device", "AFR": "agency", "SSA": "agency", "hub": "hub"}

MAY_WRITE_TO = {
    "device": {"dev-2", "AFR", "hub", "lead"},
    "agency": {"dev-2", "hub"},
    "hub": {"dev-2", "AFR", "hub", "lead"},
}
"""Written down a second time on purpose: the table of the contract, not the one of the code."""

CANARY = "CANARY-of-the-one-who-was-written-to"


@pytest.fixture
def call(speak: Speak, scheme: Scheme) -> Callable[[str], Speaker]:
    """A caller of the matrix; nobody signs with a broken signature."""
    return lambda who: speak("dev-1" if who == "nobody" else who)


def _ask(caller: Speaker, who: str, method: str, path: str, body: bytes = b"", key: str = "") -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    if who == "nobody":
        json_type = {"Content-Type": "application/json"} if body else {}
        return caller.http.request(method, path, content=body, headers={**headers, **json_type})
    return caller.request(method, path, body, headers=headers)


def _identity_refused(who: str, reply: httpx.Response) -> bool:
    """Whether the caller is refused for who it is, whatever it asks."""
    wanted = {"nobody": (401, "signature"), "stranger": (403, "unknown-sender"), "dev-lost": (403, "revoked")}
    if who not in wanted:
        return False
    assert (reply.status_code, code_of(reply)) == wanted[who]
    return True


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("to", ADDRESSEES)
def test_who_may_deposit_for_whom(call: Callable[[str], Speaker], who: str, to: str) -> None:
    """The table of the contract; a revoked or unlisted addressee gets nothing from anybody."""
    caller = call(who)
    batch_id, body = caller.frozen(to)
    reply = _ask(caller, who, "POST", f"/v1/mailboxes/{to}/batches", body, batch_id)
    if _identity_refused(who, reply):
        return
    if to in MAY_WRITE_TO.get(KINDS.get(who, ""), set()):
        assert reply.status_code == 201, reply.text
    elif to in ("not-listed", "dev-lost"):
        assert reply.status_code in (403, 404)
        assert code_of(reply) in ("unknown-addressee", "not-allowed")
    else:
        assert (reply.status_code, code_of(reply)) == (403, "not-allowed")


@pytest.mark.parametrize("who", CALLERS)
def test_only_the_addressee_sees_or_takes_its_post(call: Callable[[str], Speaker], speak: Speak, who: str) -> None:
    """State, collecting and acknowledging: 403 for everybody else, even a hub, and no byte of the batch is told."""
    laptop, desk = speak("dev-1"), speak("AFR")
    batch_id, body = laptop.frozen("AFR", [CANARY])
    assert laptop.deposit("AFR", batch_id, body).status_code == 201
    cursor = desk.collect("?limit=100")[-1]["cursor"]
    caller = call(who)
    replies = [
        _ask(caller, who, "GET", "/v1/mailboxes/AFR"),
        _ask(caller, who, "GET", "/v1/mailboxes/AFR/batches"),
        _ask(caller, who, "GET", f"/v1/mailboxes/AFR/batches?after={cursor}"),
        _ask(caller, who, "POST", "/v1/mailboxes/AFR/collected", json.dumps({"cursor": cursor}).encode()),
    ]
    if who == "AFR":
        assert [reply.status_code for reply in replies] == [200, 200, 200, 200]
        assert CANARY in replies[1].text, "the positive control: the addressee does see it"
        return
    for reply in replies:
        assert CANARY not in reply.text
        if not _identity_refused(who, reply):
            assert (reply.status_code, code_of(reply)) == (403, "not-allowed")
    assert any(CANARY in batch["batch"] for batch in desk.collect("?limit=100")), "nothing was taken"


@pytest.mark.parametrize("who", CALLERS)
def test_only_the_sender_asks_for_its_receipt(call: Callable[[str], Speaker], speak: Speak, who: str) -> None:
    """Others are told the same as if the batch were not there."""
    laptop = speak("dev-1")
    batch_id, body = laptop.frozen("hub")
    assert laptop.deposit("hub", batch_id, body).status_code == 201
    reply = _ask(call(who), who, "GET", f"/v1/mailboxes/hub/batches/{batch_id}")
    if not _identity_refused(who, reply):
        assert reply.status_code == (200 if who == "dev-1" else 404)


@pytest.mark.parametrize("who", CALLERS)
def test_everybody_in_the_pack_may_read_it(call: Callable[[str], Speaker], who: str) -> None:
    """And nobody else."""
    reply = _ask(call(who), who, "GET", "/v1/pack")
    if not _identity_refused(who, reply):
        assert reply.status_code == 200


def test_a_batch_signed_by_another_is_not_passed_off_as_mine(speak: Speak) -> None:
    """A laptop cannot deposit another's batch, nor an agency forward what it was sent."""
    victim, thief = speak("dev-2"), speak("dev-1")
    batch_id, body = victim.frozen("AFR")
    reply = thief.deposit("AFR", batch_id, body)
    assert (reply.status_code, code_of(reply)) == (422, "invalid")
    own_id, own = thief.frozen("AFR")
    redirected = thief.deposit("hub", own_id, own)
    assert (redirected.status_code, code_of(redirected)) == (403, "not-allowed")
