"""The way in: a one-time address printed at the desk's window, and the session that it opens.

Whoever can read that window may come in; nobody else can guess the way. A token is spent on its first use. A session
knows which agencies it may show, and shows one at a time.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sync.ports import Clock

IDLE: Final = timedelta(hours=12)
"""A session that nobody used for so long is over: a desk is a room with a door, and a working day has an end."""
MOST_SESSIONS: Final = 64
_TOKEN_BYTES: Final = 32


@dataclass(slots=True)
class Session:
    """One browser that came in."""

    id: str
    csrf: str
    """Stands in every form, and never in an address or a cookie."""
    agencies: tuple[str, ...]
    """Whom it may show."""
    used_at: datetime
    agency: str | None = None
    """Whom it shows now."""


@dataclass(slots=True)
class Door:
    """Tokens and sessions, in memory only: when the program ends, everybody is out."""

    clock: Clock
    random: Callable[[int], str] = secrets.token_urlsafe
    _tokens: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _sessions: dict[str, Session] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def new_token(self, agencies: tuple[str, ...]) -> str:
        """A token that lets one browser in, once."""
        token = self.random(_TOKEN_BYTES)
        with self._lock:
            self._tokens[token] = agencies
        return token

    def enter(self, token: str) -> Session | None:
        """Spend a token. None for one that was used, or never made."""
        with self._lock:
            agencies = self._tokens.pop(token, None)
            if agencies is None:
                return None
            while len(self._sessions) >= MOST_SESSIONS:
                oldest = min(self._sessions.values(), key=lambda one: one.used_at)
                del self._sessions[oldest.id]
            session = Session(
                id=self.random(_TOKEN_BYTES),
                csrf=self.random(_TOKEN_BYTES),
                agencies=agencies,
                used_at=self.clock(),
                agency=agencies[0] if len(agencies) == 1 else None,
            )
            self._sessions[session.id] = session
            return session

    def session(self, session_id: str) -> Session | None:
        """The session behind a cookie, if it is still open."""
        now = self.clock()
        with self._lock:
            session = self._sessions.get(session_id)
            if session is None:
                return None
            if now - session.used_at > IDLE:
                del self._sessions[session_id]
                return None
            session.used_at = now
            return session

    def leave(self, session: Session) -> None:
        """Sign out."""
        with self._lock:
            self._sessions.pop(session.id, None)


def right_form(session: Session, given: str) -> bool:
    """Whether a form was made by us for this session."""
    return hmac.compare_digest(session.csrf.encode(), given.encode())
