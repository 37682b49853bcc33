"""Opaque cursors: a batch in one addressee's mailbox, named by its place and by what stands there.

A mailbox that was lost, or put back to an older copy, uses its places again. A cursor from before would then pass over,
or give away as collected, batches that nobody has seen; so a cursor holds only while the very batch that it was made
for stands at its place. Made by this mailbox only, and good for that addressee only.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

_TAG_BYTES = 16


class Cursors:
    """Makes and reads cursors under a secret of this mailbox."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def at(self, addressee: str, position: int, what: str) -> str:
        """The cursor of a batch; `what` names the batch beyond doubt (WaitingBatch.what)."""
        place = position.to_bytes(8, "big")
        return urlsafe_b64encode(place + self._tag(addressee, place, what)).decode().rstrip("=")

    @staticmethod
    def position(cursor: str) -> int:
        """The place that a cursor claims; believe it after `holds` only. Raises: ValueError."""
        raw = _decoded(cursor)
        return int.from_bytes(raw[:8], "big")

    def holds(self, cursor: str, addressee: str, what: str | None) -> bool:
        """Whether it was made here, for this addressee, for what stands at its place now (None: nothing)."""
        raw = _decoded(cursor)
        return what is not None and hmac.compare_digest(raw[8:], self._tag(addressee, raw[:8], what))

    def _tag(self, addressee: str, place: bytes, what: str) -> bytes:
        named = b"\0".join((addressee.encode(), place, what.encode()))
        return hmac.digest(self._secret, named, hashlib.sha256)[:_TAG_BYTES]


def _decoded(cursor: str) -> bytes:
    if len(cursor) != 32 or not cursor.isascii():
        raise ValueError("not a cursor")
    raw = urlsafe_b64decode(cursor)
    if len(raw) != 8 + _TAG_BYTES or raw[0] >= 0x80:
        raise ValueError("not a cursor")
    return raw
