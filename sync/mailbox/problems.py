"""What the mailbox says when it says no: RFC 9457 problems, with JSON Pointers (RFC 6901) to what is at fault.

The codes are the contract of sync/README.md, "The mailbox's HTTP". No problem repeats a byte of what was sent: it may
be shown on a screen, or written to a log.
"""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from starlette.responses import Response

TYPE_PREFIX = "urn:firstcontact:problem:"

PROBLEMS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "malformed": (400, "The request is not what it must be."),
        "signature": (401, "The request is not signed as it must be for this mailbox."),
        "clock": (401, "The request was signed at another time than the mailbox has now."),
        "replay": (401, "This very request was made before."),
        "unknown-sender": (403, "The pack of this mailbox does not name the key that signed."),
        "revoked": (403, "The key that signed was revoked, or its time is over."),
        "not-allowed": (403, "You have no right to do this."),
        "pack-signature": (403, "The pack is not signed by a coordinator of this scheme."),
        "not-found": (404, "There is nothing here."),
        "unknown-batch": (404, "No such batch of yours was deposited here."),
        "unknown-addressee": (404, "This mailbox keeps no post for such an addressee."),
        "not-here": (405, "This cannot be done here."),
        "in-progress": (409, "The same batch is being stored right now."),
        "pack-older": (409, "The mailbox holds a newer pack."),
        "too-large": (413, "The request is larger than this mailbox takes."),
        "media-type": (415, "The body is not plain JSON, or it is compressed."),
        "other-bytes": (422, "Another batch was deposited under this id."),
        "invalid": (422, "The batch is not signed as it must be, or does not match its signature."),
        "pack-part": (422, "The pack cannot be read, or a part of it does not match its index."),
        "full": (429, "The addressee's mailbox is full."),
        "broken": (500, "The mailbox failed over this request."),
        "busy": (503, "The mailbox can store nothing at the moment; nothing was stored."),
    }
)
"""Code -> status and title; the code ends the problem's `type`."""

_TYPES = {"full": "busy"}
"""Senders come back later for both; the status tells them apart."""


class Problem(Exception):
    """A request refused. `extra` members stand beside those of RFC 9457."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        pointers: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, str | int] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = PROBLEMS[code][0]
        self._detail = detail
        self._pointers = tuple(pointers)
        self._headers = dict(headers or {})
        self._extra = dict(extra or {})

    def response(self) -> Response:
        """The problem as `application/problem+json`."""
        status, title = PROBLEMS[self.code]
        type_ = TYPE_PREFIX + _TYPES.get(self.code, self.code)
        document: dict[str, object] = {"type": type_, "title": title, "status": status}
        if self._detail:
            document["detail"] = self._detail
        if self._pointers:
            document["errors"] = [{"pointer": pointer, "detail": detail} for pointer, detail in self._pointers]
        document |= self._extra
        return Response(
            json.dumps(document, ensure_ascii=False).encode(),
            status,
            {"cache-control": "no-store", **self._headers},
            "application/problem+json",
        )
