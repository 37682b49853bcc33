"""What can go wrong between a laptop and a partner, said by who can mend it.

    SyncError
     |- Ours                what we were about to send is not fit to be sent
     |   |- TooLarge        over a cap of README.md, "Sizes"
     |   `- NoKey           the pack names no key that this addressee can be sealed to
     |- Theirs              the other side broke the rules; what it sent is not used
     |   |- BadMessage      a sealed item, batch or receipt that is not what it must be; `reason` is a token
     |   |- BadPack         a pack by another signer, older than ours, or with a part that does not match
     |   `- Refused         the mailbox understood and said no; carries its RFC 9457 problem
     `- NotDelivered        nothing is known to have arrived; everything stays queued and is tried again
         |- Unreachable     no connection could be made
         |- Unsure          the connection broke after sending began: ask before believing anything
         |- Captive         something that is not the mailbox answered (a page, a redirect, another host)
         `- Busy            429, 503, 409: the mailbox asks us to come back later

Every error has `words`: one plain sentence without identity, fit for a screen and for a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class SyncError(Exception):
    """Anything that this package raises on purpose."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Ours(SyncError):
    """What we were about to send is not fit to be sent."""


class TooLarge(Ours):
    """A message, batch or body is over its cap."""


class NoKey(Ours):
    """The pack names no key that this addressee can be sealed to."""


class Theirs(SyncError):
    """The other side broke the rules."""


class BadMessage(Theirs):
    """A sealed item, a batch or a receipt that is not what it must be."""

    def __init__(self, reason: str, words: str = "") -> None:
        super().__init__(words or f"A message was refused: {reason}.")
        self.reason = reason


class BadPack(Theirs):
    """A pack by another signer, older than ours, or with a part that does not match its index."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason = reason


class Refused(Theirs):
    """The mailbox understood the request and said no."""

    def __init__(self, status: int, code: str, words: str, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.code = code
        self.problem = dict(problem or {})

    @property
    def item_numbers(self) -> tuple[int, ...]:
        """Positions of the items that the problem points at ("/items/3"), in its order."""
        found = []
        for error in self.problem.get("errors") or ():
            parts = str(error.get("pointer", "")).split("/") if isinstance(error, dict) else []
            if len(parts) >= 3 and parts[1] == "items" and parts[2].isdigit():
                found.append(int(parts[2]))
        return tuple(found)


class NotDelivered(SyncError):
    """Nothing is known to have arrived."""


class Unreachable(NotDelivered):
    """No connection could be made: nothing was sent."""


class Unsure(NotDelivered):
    """The connection broke, or time ran out, after sending began."""


class Captive(NotDelivered):
    """Something that is not the mailbox answered."""


class Busy(NotDelivered):
    """The mailbox asks us to come back later."""

    def __init__(self, words: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(words)
        self.retry_after_seconds = retry_after_seconds
