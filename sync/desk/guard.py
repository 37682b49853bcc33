"""What every response of the desk says to the browser, and whom the desk answers at all."""

from __future__ import annotations

import logging
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG: Final = logging.getLogger("firstcontact.desk")
HEADERS: Final = (
    # Nothing is loaded from elsewhere, nothing runs, nobody frames us, forms go only home.
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"cache-control", b"no-store"),
    # Not "no-referrer": under that a browser sends "Origin: null" with our own forms, and they would be refused.
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-robots-tag", b"noindex"),
)
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Guard:
    """Answers only requests for this machine by name, from pages of our own; adds the headers above to all of them.

    The check of `Host` stops a web site that lets its name point at 127.0.0.1 (DNS rebinding); that of `Origin` and
    `Sec-Fetch-Site` stops forms of other sites before the mark in the form is even looked at.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *HEADERS]}
            await send(message)

        if not _is_for_us(scope):
            await send_guarded({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
            await send_guarded({"type": "http.response.body", "body": b""})
            return
        try:
            await self._app(scope, receive, send_guarded)
        except Exception as error:
            # The page that says so has been sent. A traceback may quote a person's data: the log gets its kind only.
            LOG.error("a page could not be made: %s", type(error).__name__)


def _is_for_us(scope: dict[str, Any] | Scope) -> bool:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get(b"host", "")
    if urlsplit(f"//{host}").hostname not in LOOPBACK:
        return False
    if scope["method"] not in {"GET", "HEAD"}:
        origin = headers.get(b"origin")
        if origin not in (None, f"http://{host}"):
            return False
        if headers.get(b"sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
    return True
