"""What may answer in a mailbox's place: sign-in pages, faults, nonsense, silence. Each is a few bytes on a socket."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

_HTML: Final = b"<html><title>Welcome to Kiln Hotel</title><p>Error! Invalid session, sign in</html>"
_DRIP_SECONDS: Final = 0.05
_MOST: Final = 65_536


def reply(status: str, body: bytes = b"", kind: str = "application/json", *more: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _capabilities() -> bytes:
    told: dict[str, Any] = {
        "mailbox": "mailbox",
        "server_time": datetime.now(UTC).isoformat(),
        "formats": ["firstcontact.batch.v1"],
        "max_batch_bytes": 786_432,
        "max_items": 50,
        "max_wait_seconds": 25,
        "pack_sequence": 1,
    }
    return reply("200 OK", json.dumps(told).encode())


CAPTIVE_HTML = reply("200 OK", _HTML, "text/html")
FAULT = reply("500 Internal Server Error", b"Traceback (most recent call last): boom", "text/plain")

ANSWERS: Final[dict[str, bytes]] = {
    "a sign-in page": CAPTIVE_HTML,
    "a page not found": reply("404 Not Found", _HTML, "text/html"),
    "a page that says no": reply("403 Forbidden", _HTML, "text/html"),
    "a redirect": reply("302 Found", b"", "text/html", "Location: http://127.0.0.1:1/steal"),
    "a fault": FAULT,
    "a fault as a page": reply("502 Bad Gateway", _HTML, "text/html"),
    "broken JSON": reply("200 OK", b'{"mailbox": "mail'),
    "JSON of something else": reply("200 OK", b'[{"error": "invalid"}]'),
    "a list too deep": reply("200 OK", b"[" * 60_000),
    "no HTTP at all": b"220 mail.kiln.example ESMTP\r\n",
    "bytes": bytes(range(256)) * 4,
    "nothing, and the line is closed": b"",
}
"""What answers every request in the same way."""

AFTER_CAPABILITIES: Final[dict[str, bytes]] = {
    "a mailbox, then a sign-in page": CAPTIVE_HTML,
    "a mailbox, then a fault": FAULT,
    "a mailbox, then no receipt": reply("201 Created", b"{}"),
    "a mailbox, then a forged receipt": reply(
        "201 Created", b'{"receipt": "e30.e30.e30", "highest_sender_sequence": 0, "waiting": 0, "batches": []}'
    ),
    "a mailbox, then a closed line": b"",
}
"""What says its limits and time as a mailbox does, and answers everything else in this way."""


class BadMailbox:
    """Answers at an address until it is left; `None` takes the connection and is silent, `drip` speaks for ever."""

    def __init__(self, address: tuple[str, int], answer: bytes | None, *, after_capabilities: bool = False) -> None:
        self.answer = answer
        self.after_capabilities = after_capabilities
        self.drip = False
        self.requests: list[bytes] = []
        """first lines, as they came"""
        self._stop = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(address)
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> BadMailbox:
        self._spawn(self._listen)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _spawn(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            self._spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            heard = b""
            while b"\r\n\r\n" not in heard:
                piece = connection.recv(_MOST)
                if not piece:
                    return
                heard += piece
            first = heard.partition(b"\r\n")[0]
            self.requests.append(first)
            if self.after_capabilities and b"/v1/capabilities" in first:
                connection.sendall(_capabilities())
            elif self.drip:
                self._drip(connection)
            elif self.answer is None:
                self._stop.wait()
            else:
                connection.sendall(self.answer)

    def _drip(self, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX: ")
        while not self._stop.wait(_DRIP_SECONDS):
            connection.sendall(b"a")
