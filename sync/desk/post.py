"""One agency's post: collecting and sending by itself, beside the pages.

Two threads: one waits at the mailbox for what arrives (long poll), one sends what is due to leave. Either survives
every trouble with the network; both write through the same exchange.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from datetime import UTC
from typing import Final

from sync.desk.desk import Desk
from sync.desk.home import Agency
from sync.errors import SyncError
from sync.exchange import Exchange
from sync.incoming import Handled, Incoming
from sync.messages import dump_message
from sync.pack import Pack, Party
from sync.ports import Clock, Journal, Link
from sync.report import Report

LOG: Final = logging.getLogger("firstcontact.desk")
WAIT_SECONDS: Final = 20
"""How long the mailbox may keep a collecting request open until something arrives."""
BEAT_SECONDS: Final = 5.0
"""How often it is looked whether an answer's ten minutes are over."""
LONGEST_PAUSE_SECONDS: Final = 60.0


class Post:
    """Collects and sends for one agency."""

    def __init__(
        self,
        agency: Agency,
        desk: Desk,
        journal: Journal,
        links: Callable[[Party], Link],
        pack: Pack,
        clock: Clock,
        on_pack: Callable[[Pack], None],
    ) -> None:
        self.agency, self.desk = agency, desk
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._back = threading.Event()
        """Set when the mailbox answers again: what was tried in vain is tried at once."""
        self._threads: list[threading.Thread] = []
        self.words = ""
        """Why nothing comes or goes, in words; "" when all is well."""
        self.exchange = Exchange(agency.keys, journal, links, pack, clock, self._taken, on_pack=on_pack)
        desk.posted = self.wake

    def _taken(self, incoming: Incoming) -> Handled:
        at = self.exchange.clock().astimezone(UTC)
        return Handled(puts=self.desk.take(dump_message(incoming.message), incoming.sender.id, at))

    def once(self) -> Report:
        """Collect and send once, now: somebody asked for it, so no pause after an earlier failure counts."""
        report = self.exchange.run_once(eager=True)
        self.desk.absorb()
        if self.desk.release():
            report.lanes = self.exchange.send(eager=True).lanes
        return report

    def start(self) -> None:
        """Collect and send from now on."""
        for work in (self._collect_for_ever, self._send_for_ever):
            thread = threading.Thread(target=work, name=f"post-{self.agency.id}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def wake(self) -> None:
        """Something may be ready to leave."""
        self._wake.set()

    def stop(self, seconds: float = 2.0) -> None:
        """No new round begins; one under way is waited for a moment."""
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(seconds)

    def _collect_for_ever(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                self.exchange.refresh_pack()
                report = self.exchange.collect(wait_seconds=WAIT_SECONDS)
                problem = report.problem
                if self.desk.absorb() or report.collected or report.refused:
                    self.wake()
            except SyncError as error:
                problem = error.words
            except Exception as error:
                # Type only: a message of a foreign exception may hold a person's data.
                LOG.error("collecting stopped for a moment: %s", type(error).__name__)
                problem = "The post stopped for a moment. It goes on by itself."
            self.words = problem or ""
            if failures and not problem:
                self._back.set()
                self.wake()
            failures = failures + 1 if problem else 0
            if problem:
                pause = min(LONGEST_PAUSE_SECONDS, 2.0 ** min(failures, 6))
                self._stop.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, keeps no secret

    def _send_for_ever(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self.desk.release()
                eager = self._back.is_set()
                self._back.clear()
                self.exchange.send(eager=eager)
            except Exception as error:
                LOG.error("sending stopped for a moment: %s", type(error).__name__)
            self._wake.wait(BEAT_SECONDS)
