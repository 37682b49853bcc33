"""The link over httpx: whatever answers, it is told apart, and nothing is sent where it must not go."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sync import http_signing
from sync.client import HttpLink, check_url, new_client
from sync.errors import Busy, Captive, NotDelivered, Ours, Refused, SyncError, Unreachable, Unsure
from tests.sync_pair import LAPTOP, keyring

URL = "https://post.ambleshire.example"
NOW = datetime(2026, 2, 10, 11, 42, tzinfo=UTC)
CAPABILITIES = {
    "mailbox": "mailbox-1",
    "server_time": NOW.isoformat(),
    "formats": ["firstcontact.batch.v1"],
    "max_batch_bytes": 786_432,
    "max_items": 50,
    "max_wait_seconds": 25,
    "pack_sequence": 1,
}


def link(answer: Callable[[httpx.Request], httpx.Response], *, clock: datetime = NOW) -> HttpLink:
    """A link whose mailbox is a function."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/capabilities":
            return httpx.Response(200, json=CAPABILITIES)
        return answer(request)

    client = httpx.Client(transport=httpx.MockTransport(handle), follow_redirects=False)
    return HttpLink(URL, keyring(LAPTOP), client, now=clock.timestamp)


def problem(status: int, code: str, **more: Any) -> httpx.Response:
    """An answer of RFC 9457."""
    document = {"type": f"urn:firstcontact:problem:{code}", "title": code, "status": status, **more}
    return httpx.Response(status, json=document, headers={"content-type": "application/problem+json"})


def test_a_request_is_signed_as_the_mailbox_wants_it() -> None:
    """What the client signs, the mailbox's own check accepts."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={"receipt": "r"})

    assert link(answer).deposit("AFR", "batch-1", b"{}") == "r"
    me = keyring(LAPTOP).signing
    caller = http_signing.verify(
        "POST",
        f"{URL}/v1/mailboxes/AFR/batches",
        dict(seen[0].headers),
        b"{}",
        resolve=lambda kid: me.public if kid == me.kid else None,
        now=NOW,
        nonce_seen=lambda kid, nonce, until: False,  # noqa: ARG005
    )
    assert caller.kid == me.kid
    assert seen[0].headers["idempotency-key"] == "batch-1"


def test_a_laptop_whose_clock_is_years_wrong_signs_in_the_servers_time() -> None:
    """`created` follows the server's time, not the laptop's."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["signature-input"])
        return httpx.Response(200, json={"highest_sender_sequence": 1, "waiting": 0})

    link(answer, clock=NOW - timedelta(days=2_000)).inbox_state(LAPTOP)
    assert f"created={int(NOW.timestamp())}" in seen[0]


def test_a_clock_problem_is_mended_at_once() -> None:
    """The time is learned from the refusal, and the request is made again, once."""
    calls = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request.headers["signature-input"])
        if len(calls) == 1:
            return problem(401, "clock", server_time=(NOW + timedelta(hours=3)).isoformat())
        return httpx.Response(201, json={"receipt": "r"})

    assert link(answer).deposit("AFR", "b", b"{}") == "r"
    assert f"created={int(NOW.timestamp()) + 10_800}" in calls[1]


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (httpx.Response(200, html="<title>Welcome to Kiln Hotel</title>"), Captive),
        (httpx.Response(302, headers={"location": "https://evil.example/"}), Captive),
        (httpx.Response(404, html="<p>not here</p>"), Captive),
        (httpx.Response(200, json=["not", "an", "object"]), Captive),
        (httpx.Response(200, json={"receipt": 7}), Captive),
        (httpx.Response(201, content=b"{", headers={"content-type": "application/json"}), Captive),
        (httpx.Response(201, content=b"[" * 90_000, headers={"content-type": "application/json"}), Captive),
        (httpx.Response(200, content=b"x" * 2_000_000, headers={"content-type": "application/json"}), Captive),
        (httpx.Response(500, text="boom"), Unsure),
        (httpx.Response(500, html="<p>boom</p>"), Unsure),
        (httpx.Response(503, headers={"retry-after": "7"}), Busy),
        (httpx.Response(429), Busy),
        (problem(409, "in-progress"), Busy),
        (problem(403, "revoked"), Refused),
        (problem(413, "too-large", errors=[{"pointer": "/items/3"}]), Refused),
    ],
)
def test_every_answer_is_told_apart(response: httpx.Response, error: type[SyncError]) -> None:
    """Only the mailbox's own words count as the mailbox's."""
    with pytest.raises(error) as caught:
        link(lambda _: response).deposit("AFR", "b", b"{}")
    assert caught.value.words.endswith((".", "in-progress", "revoked", "too-large"))
    if isinstance(caught.value, Busy) and response.status_code == 503:
        assert caught.value.retry_after_seconds == 7
    if isinstance(caught.value, Refused) and response.status_code == 413:
        assert caught.value.item_numbers == (3,)


def test_no_redirect_is_followed() -> None:
    """Nothing goes to another host."""
    hosts: set[str] = set()

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.add(request.url.host)
        return httpx.Response(307, headers={"location": "https://evil.example/v1"})

    with pytest.raises(Captive):
        link(answer).deposit("AFR", "b", b"secret")
    assert hosts == {"post.ambleshire.example"}


def test_a_problems_words_cannot_reach_the_terminal() -> None:
    """Control characters in a title are made visible."""
    response = problem(403, "not-allowed", title="no\x1b[2J\u202e")
    with pytest.raises(Refused) as caught:
        link(lambda _: response).deposit("AFR", "b", b"{}")
    assert not set("\x1b\u202e") & set(caught.value.words)


@pytest.mark.parametrize(
    "url", ["http://post.example", "ftp://127.0.0.1", "https://", "http://127.0.0.1.evil.example", "file:///etc/passwd"]
)
def test_plain_http_goes_to_loopback_only(url: str) -> None:
    """Anything else is refused before a byte is sent."""
    with pytest.raises(Ours):
        check_url(url)


def test_loopback_and_https_are_fine() -> None:
    """The demo's addresses, and real ones."""
    for url in ("http://127.0.0.1:8471/", "http://[::1]:1", "http://localhost:1", "https://post.example/m"):
        assert check_url(url) == url.rstrip("/")


@pytest.fixture
def rude_server() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """Starts a server on loopback that treats its first connections as it is told; gives its address."""
    stop, listeners, threads = threading.Event(), [], []

    def start(treat: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        treat(connection)
                    except OSError:
                        continue

        threads.append(threading.Thread(target=serve, daemon=True))
        threads[-1].start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    stop.set()
    for listener in listeners:
        listener.close()


def _timed(url: str, deadline: float) -> tuple[SyncError, float]:
    with new_client() as client:
        slow = HttpLink(url, keyring(LAPTOP), client, deadline_seconds=deadline)
        begun = time.monotonic()
        with pytest.raises(NotDelivered) as caught:
            slow.capabilities()
        return caught.value, time.monotonic() - begun


def test_a_byte_a_second_ends_at_the_deadline(rude_server: Callable[..., str]) -> None:
    """A server that keeps each read alive cannot keep a request alive."""

    def drip(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        pause = threading.Event()
        for _ in range(200):
            connection.sendall(b"a")
            pause.wait(0.05)

    error, taken = _timed(rude_server(drip), 0.5)
    assert isinstance(error, Unsure)
    assert taken < 5


def test_a_connection_that_is_cut_is_unsure(rude_server: Callable[..., str]) -> None:
    """After sending began, nobody knows."""
    error, _ = _timed(rude_server(lambda connection: connection.recv(10)), 5)
    assert isinstance(error, Unsure)


def test_nobody_there_is_unreachable() -> None:
    """A refused connection has sent nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error, _ = _timed(f"http://127.0.0.1:{port}", 5)
    assert isinstance(error, Unreachable)


def test_a_compressed_bomb_is_not_swallowed() -> None:
    """The cap counts what comes out of the compression."""
    import gzip

    body = gzip.compress(json.dumps({"receipt": "x" * 30_000_000}).encode())
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    with pytest.raises(Captive):
        link(lambda _: httpx.Response(200, content=body, headers=headers)).deposit("AFR", "b", b"{}")
