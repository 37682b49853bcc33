"""One thread that writes, many requests that wait: acts that arrive together share one durable transaction.

A commit costs a disk flush whatever it holds, so while one transaction is being flushed the next one gathers. A
request is answered only after the commit that holds its act.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sync.mailbox.storage import StorageUnavailable

Connection = Any
"""A pysqlite3 connection; the library carries no types."""

Act = Callable[[Connection], Any]
"""Runs inside the shared transaction, perhaps twice (see `_commit`), so it touches nothing but the database.
What it expects to be refused it returns as a value: an exception costs its neighbours a second run."""

MOST_PER_COMMIT = 256


@dataclass(frozen=True, slots=True)
class _Waiting:
    act: Act
    done: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop


class GroupCommit:
    """The single writer of a database."""

    def __init__(self, connect: Callable[[], Connection], database_error: type[Exception]) -> None:
        """Start the writing thread; `connect` runs in it, in autocommit mode. Raises what `connect` raises."""
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._database_error = database_error
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(connect, opened), name="mailbox-writer", daemon=True)
        self._thread.start()
        opened.result()

    async def do(self, act: Act) -> Any:
        """Run an act and return its result once it is durable.

        Raises: what the act raised (nothing of it is stored); StorageUnavailable, if the database failed.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        self._queue.put(_Waiting(act, done, loop))
        return await done

    def close(self) -> None:
        """Commit what was handed in before, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self, connect: Callable[[], Connection], opened: "Future[None]") -> None:
        try:
            connection = connect()
        except BaseException as error:
            opened.set_exception(error)
            return
        opened.set_result(None)
        while True:
            gathered, ending = self._gather()
            if gathered:
                self._commit(connection, gathered)
            if ending:
                break
        connection.close()

    def _gather(self) -> tuple[list[_Waiting], bool]:
        """All that waits now, after waiting for the first; and whether the end was asked for."""
        gathered: list[_Waiting] = []
        waiting = self._queue.get()
        while waiting is not None:
            gathered.append(waiting)
            if len(gathered) == MOST_PER_COMMIT:
                return gathered, False
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return gathered, False
        return gathered, True

    def _commit(self, connection: Connection, gathered: list[_Waiting]) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
            results = [waiting.act(connection) for waiting in gathered]
            connection.execute("COMMIT")
        except Exception as error:
            self._roll_back(connection)
            if len(gathered) == 1:
                self._tell(gathered, [self._explained(error)])
                return
            # One act failed, or the disk did; which one shows when each has its own transaction.
            for alone in gathered:
                self._commit(connection, [alone])
            return
        self._tell(gathered, results)

    def _tell(self, gathered: list[_Waiting], results: list[Any]) -> None:
        """Wake all with one call into the event loop: a call for each would cost more than the insert."""
        pairs = [(waiting.done, result) for waiting, result in zip(gathered, results, strict=True)]
        gathered[0].loop.call_soon_threadsafe(_resolve, pairs)

    def _roll_back(self, connection: Connection) -> None:
        if connection.in_transaction:
            try:
                connection.execute("ROLLBACK")
            except self._database_error:  # the disk is gone: the next BEGIN says so to its own caller
                return

    def _explained(self, error: Exception) -> Exception:
        if not isinstance(error, self._database_error):
            return error
        failure = StorageUnavailable(type(error).__name__)
        failure.__cause__ = error
        return failure


def _resolve(pairs: list[tuple["asyncio.Future[Any]", Any]]) -> None:
    for done, result in pairs:
        if done.cancelled():  # the caller hung up; what was stored stays stored
            continue
        if isinstance(result, Exception):
            done.set_exception(result)
        else:
            done.set_result(result)
