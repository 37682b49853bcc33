"""Requests that are wrong on purpose: each is refused in a sentence, stores nothing, and leaves the mailbox well."""

from __future__ import annotations

import gzip
import json
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from sync import http_signing
from sync.mailbox.guard import MAX_HEADER_BYTES
from tests.mailbox.conftest import Speak
from tests.mailbox.world import DEADLINE_SECONDS, Running, Speaker, code_of


@pytest.fixture(autouse=True)
def _still_answers(speak: Speak) -> Iterator[None]:
    """Positive control of every test here: the same laptop's good batch is taken before and after."""
    laptop = speak("dev-1")
    yield
    batch_id, body = laptop.frozen("AFR")
    assert laptop.deposit("AFR", batch_id, body).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body>Sign in to the hotel network</body></html>",
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"batch": 1, "signature": 2}',
        b'{"batch": "x", "signature": "a.b.c"}',
        b'{"batch": "x", "signature": "..."}',
        b"[" * 200_000,
        b'{"batch":' * 100_000,
        b'{"batch": "' + b"\xff\xfe" * 50 + b'", "signature": "x"}',
        b'{"batch": "\\ud800", "signature": "x.y.z"}',
        b'{"batch": ' + b"9" * 5000 + b"}",
        b'{"batch": "x", "signature": "' + b"A" * 900_000 + b'"}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_a_body_that_is_no_deposit(speak: Speak, body: bytes) -> None:
    """HTML, nothing, deep nesting, broken text: a problem, soon, without a byte of what was sent."""
    laptop = speak("dev-1")
    began = time.monotonic()
    reply = laptop.request(
        "POST", "/v1/mailboxes/AFR/batches", body, headers={"Idempotency-Key": "k", "Content-Type": "application/json"}
    )
    assert (reply.status_code, code_of(reply)) == (400, "malformed")
    assert len(reply.content) < 1000
    assert time.monotonic() - began < 5


def test_half_a_character_signed_for_is_refused(speak: Speak) -> None:
    """JSON may name half of a surrogate pair; a text with it has no bytes to be signed."""
    laptop = speak("dev-1")
    batch_id, body = laptop.frozen("AFR")
    document = json.loads(body)
    broken = json.dumps({"batch": "\ud800", "signature": document["signature"]}).encode()
    reply = laptop.deposit("AFR", batch_id, broken)
    assert (reply.status_code, code_of(reply)) == (400, "malformed")


def test_a_text_other_than_the_one_signed_for_is_refused(speak: Speak) -> None:
    """The signature names the digest of the text."""
    laptop = speak("dev-1")
    batch_id, body = laptop.frozen("AFR")
    document = json.loads(body)
    changed = json.dumps({**document, "batch": document["batch"] + " "}).encode()
    reply = laptop.deposit("AFR", batch_id, changed)
    assert (reply.status_code, code_of(reply)) == (422, "invalid")


@pytest.mark.parametrize("size", [1024 * 1024, 8 * 1024 * 1024])
def test_a_body_over_the_limit_is_refused_by_its_announced_length(speak: Speak, size: int) -> None:
    """413 before anything is read or parsed."""
    laptop = speak("dev-1")
    reply = laptop.request("POST", "/v1/mailboxes/AFR/batches", b" " * size, headers={"Idempotency-Key": "k"})
    assert (reply.status_code, code_of(reply)) == (413, "too-large")


def test_a_body_without_a_length_is_cut_off_at_the_limit(mailbox: Running) -> None:
    """Chunks without end: the answer comes when the limit is passed."""
    with _connected(mailbox) as wire:
        wire.sendall(
            b"POST /v1/mailboxes/AFR/batches HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        answer = b""
        for _ in range(64):
            try:
                wire.sendall(chunk)
            except OSError:
                break
        answer = _read_all(wire)
    assert not answer or b" 413 " in answer.split(b"\r\n")[0]


def test_a_compressed_body_is_refused(speak: Speak) -> None:
    """No bomb is ever unpacked."""
    laptop = speak("dev-1")
    batch_id, body = laptop.frozen("AFR")
    headers = {"Idempotency-Key": batch_id, "Content-Encoding": "gzip"}
    reply = laptop.request("POST", "/v1/mailboxes/AFR/batches", gzip.compress(body), headers=headers)
    assert (reply.status_code, code_of(reply)) == (415, "media-type")


def test_another_media_type_is_refused(speak: Speak) -> None:
    """A form of a web page cannot be a deposit."""
    laptop = speak("dev-1")
    batch_id, body = laptop.frozen("AFR")
    headers = {"Idempotency-Key": batch_id, "Content-Type": "text/plain"}
    reply = laptop.request("POST", "/v1/mailboxes/AFR/batches", body, headers=headers)
    assert (reply.status_code, code_of(reply)) == (415, "media-type")


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "another"}, {"Idempotency-Key": ""}])
def test_the_key_is_the_id_of_the_batch(speak: Speak, headers: dict[str, str]) -> None:
    """A missing or other Idempotency-Key is refused."""
    laptop = speak("dev-1")
    _, body = laptop.frozen("AFR")
    reply = laptop.request("POST", "/v1/mailboxes/AFR/batches", body, headers=headers)
    assert (reply.status_code, code_of(reply)) == (400, "malformed")


Wrong = Callable[[Speaker], dict[str, Any]]

WRONGLY_SIGNED: dict[str, tuple[Wrong, str]] = {
    "other authority": (lambda _: {"authority": "https://post.elsewhere.example"}, "signature"),
    "other path": (lambda s: {"authority": s.url + "/prefix"}, "signature"),
    "other body": (lambda _: {"signed_body": b"{}"}, "signature"),
    "too old": (lambda _: {"created": int(time.time()) - http_signing.MAX_AGE_SECONDS - 5}, "clock"),
    "years old": (lambda _: {"created": 1_000_000_000}, "clock"),
    "in the future": (lambda _: {"created": int(time.time()) + http_signing.MAX_SKEW_SECONDS + 60}, "clock"),
    "short nonce": (lambda _: {"nonce": "n"}, "signature"),
    "endless nonce": (lambda _: {"nonce": "n" * 500}, "signature"),
    "a key that is not listed": (lambda s: {"key": s.scheme.keys("stranger").signing}, "unknown-sender"),
    "the sealing key": (lambda s: {"key": s.keys.sealing[0]}, "unknown-sender"),
}


@pytest.mark.parametrize("name", WRONGLY_SIGNED)
def test_a_request_signed_wrongly_is_refused(speak: Speak, name: str) -> None:
    """Each refused for its own reason; a wrong clock is told the time."""
    laptop = speak("dev-1")
    wrong, code = WRONGLY_SIGNED[name]
    batch_id, body = laptop.frozen("AFR")
    arguments = wrong(laptop)
    reply = laptop.request(
        "POST", "/v1/mailboxes/AFR/batches", body, headers={"Idempotency-Key": batch_id}, **arguments
    )
    assert code_of(reply) == code
    assert ("server_time" in reply.json()) == (code == "clock")
    unsure = laptop.request("GET", f"/v1/mailboxes/AFR/batches/{batch_id}")
    assert code_of(unsure) == "unknown-batch"


def test_headers_of_the_signature_must_be_there_once(speak: Speak) -> None:
    """A missing or doubled field is refused; so is a signature over fewer components."""
    laptop = speak("dev-1")
    path, url = "/v1/mailboxes/dev-1", f"{laptop.url}/v1/mailboxes/dev-1"
    fields = http_signing.sign(
        "GET", url, b"", laptop.keys.signing, created=int(time.time()), nonce=secrets.token_urlsafe()
    )
    for name in fields:
        fewer = {key: value for key, value in fields.items() if key != name}
        assert code_of(laptop.http.get(path, headers=fewer)) == "signature"
        doubled = [*fields.items(), (name, fields[name])]
        assert code_of(laptop.http.get(path, headers=doubled)) == "signature"
    thinner = {**fields, "Signature-Input": fields["Signature-Input"].replace(' "content-digest"', "")}
    assert code_of(laptop.http.get(path, headers=thinner)) == "signature"
    assert laptop.http.get(path, headers=fields).status_code == 200, "the positive control"


def test_a_replayed_request_does_nothing(speak: Speak) -> None:
    """The same signed request twice: the second is refused, for reading, for writing, and after a refusal."""
    laptop, desk = speak("dev-1"), speak("AFR")
    nonce = secrets.token_urlsafe()
    batch_id, body = laptop.frozen("AFR")
    assert laptop.deposit("AFR", batch_id, body, nonce=nonce).status_code == 201
    assert code_of(laptop.deposit("AFR", batch_id, body, nonce=nonce)) == "replay"
    reading = secrets.token_urlsafe()
    assert desk.request("GET", "/v1/mailboxes/AFR", nonce=reading).status_code == 200
    assert code_of(desk.request("GET", "/v1/mailboxes/AFR", nonce=reading)) == "replay"
    refused = secrets.token_urlsafe()
    assert code_of(laptop.deposit("coord", batch_id, body, nonce=refused)) == "not-allowed"
    assert code_of(laptop.deposit("coord", batch_id, body, nonce=refused)) == "replay"


def test_the_host_header_decides_nothing(speak: Speak) -> None:
    """A request is verified against the public URL, whatever host it names."""
    laptop = speak("dev-1")
    reply = laptop.request("GET", "/v1/mailboxes/dev-1", headers={"Host": "evil.example"})
    assert reply.status_code == 200
    forged = laptop.request(
        "GET", "/v1/mailboxes/dev-1", headers={"Host": "evil.example"}, authority="http://evil.example"
    )
    assert code_of(forged) == "signature"


def test_endless_headers_are_cut_off(mailbox: Running) -> None:
    """One long header, many small ones, and a long address: 431 or a closed connection, never memory."""
    filler = b"x" * (MAX_HEADER_BYTES + 100)
    many = b"".join(b"X-%d: y\r\n" % number for number in range(200))
    for request in (
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + filler + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + many + b"\r\n",
        b"GET /" + filler + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Endless: " + filler * 4,
    ):
        with _connected(mailbox) as wire:
            wire.sendall(request)
            assert b" 431 " in _read_all(wire).split(b"\r\n")[0]


def test_what_is_no_http_is_told_so(mailbox: Running) -> None:
    """Nonsense on the socket gets an answer and a closed connection."""
    for nonsense in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10 + b"\r\n\r\n", b"HELO mail\r\n\r\n"):
        with _connected(mailbox) as wire:
            wire.sendall(nonsense)
            assert b" 400 " in _read_all(wire).split(b"\r\n")[0]


def test_a_peer_that_stops_in_the_middle_stores_nothing(mailbox: Running, speak: Speak) -> None:
    """A body that never ends is dropped with its connection."""
    laptop = speak("dev-1")
    batch_id, body = laptop.frozen("AFR")
    with _connected(mailbox) as wire:
        wire.sendall(
            b"POST /v1/mailboxes/AFR/batches HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body[: len(body) // 2]
        )
    assert code_of(laptop.request("GET", f"/v1/mailboxes/AFR/batches/{batch_id}")) == "unknown-batch"


@pytest.mark.parametrize(
    "path", ["/v1/mailboxes/%00/batches", "/v1/mailboxes/..%2f..%2fetc/batches", "/v1/mailboxes/%F0%9F"]
)
def test_odd_addresses_are_refused(speak: Speak, path: str) -> None:
    """Percent signs lead nowhere."""
    laptop = speak("dev-1")
    assert laptop.request("GET", path).status_code in (400, 401, 403, 404)


def _connected(mailbox: Running) -> socket.socket:
    parts = urlsplit(mailbox.url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=DEADLINE_SECONDS)


def _read_all(wire: socket.socket) -> bytes:
    answer = b""
    try:
        while part := wire.recv(65536):
            answer += part
    except ConnectionError:
        pass
    return answer
