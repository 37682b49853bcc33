"""A Link over httpx, and nothing more: one client, signed requests, caps, a deadline for each request as a whole.

No redirect is followed and nothing is sent to another host; plain http goes to loopback only. The server's time is
learned from `capabilities` before the first signed request, so that a laptop with a wrong clock still gets through.
"""

from __future__ import annotations

import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

import httpcore
import httpx

from sync.base.safe_text import safe_text
from sync.batch import MAX_BODY_BYTES
from sync.errors import Busy, Captive, Ours, Refused, SyncError, Theirs, Unreachable, Unsure
from sync.http_signing import sign
from sync.keys import Keyring
from sync.pack import MAX_PACK_BYTES, Party, pack_from_wire
from sync.ports import Capabilities, Collected, InboxState, Page

DEADLINE_SECONDS = 60.0
CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
PREFIX = "urn:firstcontact:problem:"

_CAPTIVE = (
    "Something between here and the mailbox answered instead of it (a sign-in page?). Open a browser, then try again."
)
_NO_SIGNAL = "Waits for signal: the mailbox cannot be reached."
_BROKE_OFF, _TOO_SLOW = "The connection broke off; ", "The mailbox answers too slowly; "
_WILL_ASK, _WILL_TRY = "the mailbox will be asked what has arrived.", "it will be tried again."
_SHARED_SECONDS = 1.0
"""Requests made so soon after the mailbox did not even say its time share that failure: each would wait as long."""


def check_url(url: str) -> str:
    """A mailbox's address without a trailing slash. Raises: Ours, unless https, or http to loopback."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    loopback = host == "localhost"
    with suppress(ValueError):  # a name is not an address
        loopback = loopback or ip_address(host).is_loopback
    if not host or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not loopback):
        raise Ours("The pack gives an address for a mailbox that is not https.")
    return url.rstrip("/")


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose reads and writes end with the request's deadline; httpx's timeouts watch each read only."""

    def __init__(self, stream: httpcore.NetworkStream, local: threading.local) -> None:
        self._stream, self._local = stream, local

    def _left(self, timeout: float | None, error: type[Exception]) -> float | None:
        left = getattr(self._local, "deadline", time.monotonic() + DEADLINE_SECONDS) - time.monotonic()
        if left <= 0:
            raise error("deadline")
        return left if timeout is None else min(left, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._left(timeout, httpcore.ConnectTimeout)
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left), self._local)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _DeadlineBackend(httpcore.SyncBackend):
    """Connections that know the deadline of the request that their thread makes."""

    def __init__(self, local: threading.local) -> None:
        super().__init__()
        self._local = local

    def connect_tcp(self, *args: Any, **options: Any) -> httpcore.NetworkStream:
        return _DeadlineStream(super().connect_tcp(*args, **options), self._local)


class _NoCookies(CookieJar):
    """A mailbox has no business with cookies: none is kept, none is sent, and no time goes into looking for them."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        pass

    def add_cookie_header(self, request: Any) -> None:
        pass


_REQUEST = threading.local()


def new_client(**options: Any) -> httpx.Client:
    """The client that links share: one pool of connections, no redirects, no proxies or netrc from the environment."""
    transport = httpx.HTTPTransport(
        verify=options.pop("verify", True),
        trust_env=False,
        limits=httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30.0),
    )
    # httpx has no public place for a network backend; tests/sync/test_client.py notices if this one moves.
    transport._pool._network_backend = _DeadlineBackend(_REQUEST)
    return httpx.Client(transport=transport, cookies=_NoCookies(), follow_redirects=False, trust_env=False, **options)


class HttpLink:
    """One mailbox, reached by HTTP as one endpoint. Safe to use from several threads."""

    def __init__(
        self,
        base_url: str,
        me: Keyring,
        client: httpx.Client,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.base_url = check_url(base_url)
        self.me, self.client, self.deadline_seconds, self._now = me, client, deadline_seconds, now
        self._offset: float | None = None
        """server's time minus ours, seconds"""
        self._learning = threading.Lock()
        self._unanswered: tuple[float, SyncError] | None = None

    # -- Link ----------------------------------------------------------------------------------------------------------

    def capabilities(self) -> Capabilities:
        document = self._document(self._request("GET", "/v1/capabilities", signed=False))
        try:
            at = datetime.fromisoformat(document["server_time"])
            self._offset = at.timestamp() - self._now()
            return Capabilities(
                mailbox=str(document["mailbox"]),
                server_time=at,
                formats=tuple(document["formats"]),
                max_batch_bytes=int(document["max_batch_bytes"]),
                max_items=int(document["max_items"]),
                max_wait_seconds=int(document.get("max_wait_seconds", 0)),
                pack_sequence=int(document.get("pack_sequence", 0)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Captive(_CAPTIVE) from error

    def deposit(self, to: str, batch_id: str, body: bytes) -> str:
        path = f"/v1/mailboxes/{quote(to, safe='')}/batches"
        headers = {"Idempotency-Key": batch_id}
        return self._receipt(self._request("POST", path, body, headers))

    def batch_receipt(self, to: str, batch_id: str) -> str | None:
        try:
            return self._receipt(
                self._request("GET", f"/v1/mailboxes/{quote(to, safe='')}/batches/{quote(batch_id, safe='')}")
            )
        except Refused as error:
            if error.code == "unknown-batch":
                return None
            raise

    def inbox_state(self, me: str) -> InboxState:
        document = self._document(self._request("GET", f"/v1/mailboxes/{quote(me, safe='')}"))
        try:
            return InboxState(int(document["highest_sender_sequence"]), int(document["waiting"]))
        except (KeyError, TypeError, ValueError) as error:
            raise Captive(_CAPTIVE) from error

    def collect(self, me: str, after: str | None, limit: int = 20, wait_seconds: int = 0) -> Page:
        query = [f"limit={limit}"]
        if after is not None:
            query.insert(0, f"after={quote(after, safe='')}")
        if wait_seconds:
            query.append(f"wait={wait_seconds}")
        path = f"/v1/mailboxes/{quote(me, safe='')}/batches?{'&'.join(query)}"
        document = self._document(self._request("GET", path, patience_seconds=wait_seconds))
        try:
            batches = tuple(
                Collected(str(each["cursor"]), str(each["batch"]), str(each["signature"]), str(each["deposited_at"]))
                for each in document["batches"]
            )
            return Page(batches, bool(document.get("more", False)))
        except (KeyError, TypeError) as error:
            raise Captive(_CAPTIVE) from error

    def acknowledge(self, me: str, cursor: str) -> None:
        body = json.dumps({"cursor": cursor}).encode()
        self._request("POST", f"/v1/mailboxes/{quote(me, safe='')}/collected", body)

    def fetch_pack(self, after: int) -> Mapping[str, bytes] | None:
        status, body = self._request("GET", f"/v1/pack?after={after}", cap=2 * MAX_PACK_BYTES)
        return None if status == 204 else pack_from_wire(body)

    def put_pack(self, files: Mapping[str, bytes]) -> None:
        """Publish a pack; the coordinator's signature inside it is the permission."""
        from sync.pack import pack_to_wire

        self._request("PUT", "/v1/pack", pack_to_wire(files), signed=False)

    # -- one request ---------------------------------------------------------------------------------------------------

    def _request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        signed: bool = True,
        cap: int = MAX_BODY_BYTES,
        patience_seconds: int = 0,
    ) -> tuple[int, bytes]:
        """Status and body of a success. Raises: Refused, NotDelivered."""
        if signed and self._offset is None:
            self._learn_first()
        try:
            return self._once(method, path, body, headers, signed, cap, patience_seconds)
        except Refused as error:
            if not signed or error.code != "clock" or not self._learn_time(error):
                raise
        return self._once(method, path, body, headers, signed, cap, patience_seconds)

    def _learn_first(self) -> None:
        """The server's time, before the first signed request. Raises: SyncError, and then nothing has been sent."""
        asked = time.monotonic()
        with self._learning:
            if self._offset is not None:
                return
            if self._unanswered is not None and self._unanswered[0] > asked - _SHARED_SECONDS:
                raise self._unanswered[1]
            failure: SyncError
            try:
                self.capabilities()
                return
            except Unsure as error:
                failure = Unreachable(error.words)  # of the request itself nothing is on the wire yet
            except SyncError as error:
                failure = error
            self._unanswered = (time.monotonic(), failure)
            raise failure

    def _learn_time(self, error: Refused) -> bool:
        try:
            at = datetime.fromisoformat(str(error.problem["server_time"]))
        except (KeyError, ValueError):
            return False
        self._offset = at.timestamp() - self._now()
        return True

    def _once(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str] | None,
        signed: bool,
        cap: int,
        patience_seconds: int,
    ) -> tuple[int, bytes]:
        url = self.base_url + path
        fields = {"Accept": "application/json", **(headers or {})}
        if body:
            fields["Content-Type"] = "application/json"
        if signed:
            created = int(self._now() + (self._offset or 0.0))
            fields |= sign(method, url, body, self.me.signing, created=created, nonce=secrets.token_urlsafe(16))
        deadline = time.monotonic() + self.deadline_seconds + patience_seconds
        _REQUEST.deadline = deadline
        timeout = httpx.Timeout(READ_SECONDS + patience_seconds, connect=CONNECT_SECONDS)
        try:
            with self.client.stream(method, url, content=body, headers=fields, timeout=timeout) as got:
                return self._answer(got, cap)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            words = "The mailbox's certificate is not right for it; nothing was sent." if _tls(error) else _NO_SIGNAL
            raise Unreachable(words) from error
        except httpx.TimeoutException as error:
            raise Unsure(_TOO_SLOW + (_WILL_ASK if body else _WILL_TRY)) from error
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise Unsure(_BROKE_OFF + (_WILL_ASK if body else _WILL_TRY)) from error

    def _answer(self, got: httpx.Response, cap: int) -> tuple[int, bytes]:
        kind = got.headers.get("content-type", "").partition(";")[0].strip().lower()
        if 300 <= got.status_code < 400 or (kind in ("text/html", "application/xhtml+xml") and got.status_code < 500):
            raise Captive(_CAPTIVE)
        chunks, size = [], 0
        for chunk in got.iter_bytes():
            size += len(chunk)
            if size > cap:
                raise Captive("The mailbox's answer was longer than any answer can be; it was not read.")
            chunks.append(chunk)
        body = b"".join(chunks)
        if got.status_code in (200, 201) and kind == "application/json":
            return got.status_code, body
        if got.status_code == 204:
            return 204, b""
        raise self._problem(got, kind, body)

    def _problem(self, got: httpx.Response, kind: str, body: bytes) -> SyncError:
        status = got.status_code
        document: dict[str, Any] = {}
        if kind == "application/problem+json":
            try:
                found = json.loads(body)
                document = found if isinstance(found, dict) else {}
            except (ValueError, RecursionError):
                document = {}
        code = str(document.get("type", "")).removeprefix(PREFIX)
        if status in (429, 503) or code == "in-progress":
            return Busy("The mailbox is busy and asks us to come back.", _seconds(got.headers.get("retry-after")))
        if status >= 500:
            return Unsure("The mailbox has a fault of its own; it will be tried again.")
        if not document or not str(document.get("type", "")).startswith(PREFIX):
            return Captive(_CAPTIVE)
        title = safe_text(str(document.get("title", "")))[:200]
        return Refused(status, code, f"The mailbox refused: {title or code}", document)

    def _document(self, answer: tuple[int, bytes]) -> dict[str, Any]:
        try:
            document = json.loads(answer[1])
        except (ValueError, RecursionError) as error:
            raise Captive(_CAPTIVE) from error
        if not isinstance(document, dict):
            raise Captive(_CAPTIVE)
        return document

    def _receipt(self, answer: tuple[int, bytes]) -> str:
        receipt = self._document(answer).get("receipt")
        if not isinstance(receipt, str):
            raise Captive(_CAPTIVE)
        return receipt


class Links:
    """A link per mailbox address, made when first needed, over one client; hand it to an Exchange."""

    def __init__(self, me: Keyring, client: httpx.Client | None = None) -> None:
        self.me, self.client = me, client or new_client()
        self._links: dict[str, HttpLink] = {}
        self._lock = threading.Lock()

    def __call__(self, party: Party) -> HttpLink:
        url = party.mailbox_url
        if url is None:
            raise Theirs("The pack names no mailbox for this party.")
        with self._lock:
            if url not in self._links:
                self._links[url] = HttpLink(url, self.me, self.client)
            return self._links[url]

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


def _tls(error: Exception) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def _seconds(value: str | None) -> float | None:
    """Retry-After as seconds: a number, or an HTTP date."""
    if value is None:
        return None
    with suppress(ValueError):  # then it may be a date
        return max(0.0, float(value))
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
