"""Opaque cursors: a place in one addressee's mailbox, made by this mailbox only and good for that addressee only."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode

_TAG_BYTES = 12


class Cursors:
    """Makes and reads cursors under a secret of this mailbox."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def at(self, addressee: str, position: int) -> str:
        """The cursor after the batch at this position."""
        place = position.to_bytes(8, "big")
        return urlsafe_b64encode(place + self._tag(addressee, place)).decode().rstrip("=")

    def position(self, addressee: str, cursor: str) -> int:
        """The inverse of `at`. Raises: ValueError, for a cursor that was not made here for this addressee."""
        if len(cursor) > 64 or not cursor.isascii():
            raise ValueError("not a cursor")
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place, tag = raw[:8], raw[8:]
        if not hmac.compare_digest(tag, self._tag(addressee, place)):
            raise ValueError("not a cursor of this mailbox")
        return int.from_bytes(place, "big")

    def _tag(self, addressee: str, place: bytes) -> bytes:
        return hmac.digest(self._secret, addressee.encode() + b"\0" + place, hashlib.sha256)[:_TAG_BYTES]
