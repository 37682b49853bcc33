"""The short way to verify a request accepts nothing that the library would not, and takes what our client sends."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime

import pytest

from sync import http_signing
from sync.http_signing import BadSignature, Caller
from sync.keys import PrivateKey
from sync.mailbox.quick_signature import usual_caller

NOW = datetime(2026, 2, 10, 12, 0, tzinfo=UTC)
KEY = PrivateKey.generate()
URL = "https://post.ambleshire.example/v1/mailboxes/AFR/batches?after=abc&limit=20"
BODY = b'{"batch": "x"}'
Request = tuple[str, str, dict[str, str], bytes]


def a_request(method: str = "POST", url: str = URL, body: bytes = BODY, nonce: str = "nonce-12345") -> Request:
    """A request as our client signs it, its fields by lower-case name."""
    fields = http_signing.sign(method, url, body, KEY, created=int(NOW.timestamp()), nonce=nonce)
    return method, url, {name.lower(): value for name, value in fields.items()}, body


def quick(request: Request) -> Caller | None:
    """What the short way says."""
    return usual_caller(*request, {KEY.kid: KEY.public}.get)


def library(request: Request) -> Caller | None:
    """What the long way says."""
    resolve = {KEY.kid: KEY.public}.get
    try:
        return http_signing.verify(*request, resolve=resolve, now=NOW, nonce_seen=lambda *_: False)
    except BadSignature:
        return None


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("POST", URL, BODY),
        ("GET", "http://127.0.0.1:8080/v1/mailboxes/dev-1", b""),
        ("GET", "https://post.example:8443/v1/pack?after=3", b""),
        ("PUT", "https://post.example/fc/v1/pack", b"x" * 100_000),
    ],
)
def test_what_our_client_sends_takes_the_short_way(method: str, url: str, body: bytes) -> None:
    """The usual request is accepted, and both ways name the same caller."""
    request = a_request(method, url, body)
    assert quick(request) == library(request) == Caller(KEY.kid, "nonce-12345", int(NOW.timestamp()))


@pytest.mark.parametrize(
    "url", ["https://post.example:443/v1", "http://127.0.0.1:80/v1", "http://[::1]:8080/v1", "https://p.example/%41"]
)
def test_an_unusual_address_is_left_to_the_library(url: str) -> None:
    """The short way has no opinion; the library accepts."""
    request = a_request(url=url)
    assert quick(request) is None
    assert library(request) is not None


def test_parameters_may_stand_in_any_order() -> None:
    """Another client writes them otherwise; both ways agree on which orders hold."""
    method, url, fields, body = a_request()
    head, *parameters = fields["signature-input"].split(";")
    random.Random(3).shuffle(parameters)
    changed = (method, url, {**fields, "signature-input": ";".join([head, *parameters])}, body)
    assert quick(changed) is None
    assert library(changed) is None, "the order is signed for"


def _mutated(request: Request, rng: random.Random) -> Request:
    """One thing about a signed request changed."""
    method, url, fields, body = request
    choice = rng.randrange(7)
    if choice == 0:
        return rng.choice(["GET", "PUT", "post", "POST "]), url, fields, body
    if choice == 1:
        at = rng.randrange(len(url))
        return method, url[:at] + rng.choice("aZ0/:?.%") + url[at + 1 :], fields, body
    if choice == 2:
        return method, url, fields, body + rng.choice([b" ", b"}", b"\0"])
    name = rng.choice(sorted(fields))
    value = fields[name]
    at = rng.randrange(len(value))
    if choice == 3:
        value = value[:at] + value[at + 1 :]
    elif choice == 4:
        value = value[:at] + chr(rng.randrange(33, 127)) + value[at + 1 :]
    elif choice == 5:
        value = rng.choice([value + ", " + value, value + ";x=1", " " + value, value + " ", value.upper()])
    else:
        value = re.sub(r'(;[a-z]+=("[^"]*"|\d+))', lambda found: found[1] * rng.choice([0, 1, 1, 1, 2]), value)
    return method, url, {**fields, name: value}, body


def test_the_short_way_accepts_nothing_that_the_library_refuses() -> None:
    """Over thousands of changed requests: whenever the short way names a caller, the library names the same one."""
    rng = random.Random(9421)
    request = a_request()
    accepted = 0
    for _ in range(4_000):
        changed = _mutated(request, rng)
        caller = quick(changed)
        if caller is not None:
            accepted += 1
            assert library(changed) == caller
            assert changed == request or changed[2] == request[2], "only an unchanged request holds"
    assert accepted < 1_000, "some changes change nothing"
    assert quick(request) is not None, "the positive control"


def test_a_signature_by_another_key_is_nobody() -> None:
    """The key that the id names must have made the signature."""
    other = PrivateKey.generate()
    method, url, fields, body = a_request()
    assert usual_caller(method, url, fields, body, {KEY.kid: other.public}.get) is None
    assert usual_caller(method, url, fields, body, lambda _: None) is None
