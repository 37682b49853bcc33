"""One thread that makes acts durable, in order, while keys go on being handled.

The screen says "Saving" while acts wait, "Saved 10:41" after the last one is durable, and says plainly when the disk
did not take one: that act and all after it stay queued, in order, and are tried again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from firstcontact.errors import FirstContactError
from firstcontact.rows import Change


@dataclass(frozen=True, slots=True)
class SaveState:
    """What the top right may say about saving."""

    waiting: int = 0
    """Acts that are not durable yet."""
    saved_at: datetime | None = None
    """When the newest durable act became so; None before the first."""
    trouble: str = ""
    """Why the oldest waiting act is not durable, in words; blank while there is no trouble."""


class Writer:
    """The writer thread; `put` from the screen's thread, `told` is called on the writer's own."""

    def __init__(
        self,
        told: Callable[[SaveState], None],
        now: Callable[[], datetime],
        retry_seconds: float = 2.0,
    ) -> None:
        self._told = told
        self._now = now
        self._retry_seconds = retry_seconds
        self._queue: deque[Change] = deque()
        self._wake = threading.Condition()
        self._again = False
        self._closing = False
        self._state = SaveState()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    @property
    def state(self) -> SaveState:
        """The state as of now."""
        return self._state

    def put(self, change: Change) -> None:
        """Queue an act; returns at once."""
        with self._wake:
            self._queue.append(change)
            self._state = SaveState(len(self._queue), self._state.saved_at, self._state.trouble)
            self._wake.notify_all()

    def try_again(self) -> None:
        """Try a stuck act again now."""
        with self._wake:
            self._again = True
            self._wake.notify_all()

    def drain(self, seconds: float) -> bool:
        """Wait until everything is durable; False if it is not after that time."""
        with self._wake:
            self._again = True
            self._wake.notify_all()
            return self._wake.wait_for(lambda: not self._queue, timeout=seconds)

    def close(self, seconds: float) -> bool:
        """Drain, then end the thread; False if something could not be saved."""
        drained = self.drain(seconds)
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        self._thread.join(timeout=seconds)
        return drained

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._queue or self._closing)
                if self._closing:
                    return
                change = self._queue[0]
            trouble = self._save(change)
            with self._wake:
                if not trouble:
                    self._queue.popleft()
                saved_at = self._state.saved_at if trouble else self._now()
                self._state = SaveState(len(self._queue), saved_at, trouble)
                state = self._state
                self._wake.notify_all()
            self._told(state)
            if trouble:
                with self._wake:
                    self._again = False
                    self._wake.wait_for(lambda: self._again or self._closing, timeout=self._retry_seconds)

    @staticmethod
    def _save(change: Change) -> str:
        """Save one act; return why it could not be, or nothing."""
        try:
            change.save()
        except FirstContactError as problem:
            return problem.title
        except Exception as problem:
            # Whatever it was, the thread must live and the screen must not say "saved".
            return type(problem).__name__
        return ""
