"""The peer of P15 and P16: a bare receiving service, on the same uvicorn, event loop, parser and SQLite as ours.

    python durable_insert.py DATABASE

POST /store: one durable insert per request (WAL, synchronous=FULL). POST /group: requests wait for a shared transaction
of up to 100 (bare group commit). It verifies nothing and signs nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from typing import Any

import uvicorn
from pysqlite3 import dbapi2 as sqlite
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

Row = tuple[str, bytes]


def connect(path: str) -> Any:
    """The database with its one table."""
    connection = sqlite.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS referral (id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID")
    return connection


class Peer:
    """Both services over one connection."""

    def __init__(self, path: str) -> None:
        self.connection = connect(path)
        self.queue: asyncio.Queue[tuple[Row, asyncio.Future[bool]]] = asyncio.Queue(1000)
        self.committer: asyncio.Task[None] | None = None

    async def store(self, request: Request) -> JSONResponse:
        """Insert, commit, answer."""
        row = (request.headers["idempotency-key"], await request.body())
        self.connection.execute("INSERT OR IGNORE INTO referral VALUES (?, ?)", row)
        return JSONResponse({"ok": True}, 201)

    async def group(self, request: Request) -> JSONResponse:
        """Wait for the transaction that holds this row, answer."""
        if self.committer is None:
            self.committer = asyncio.create_task(self._commit())
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        await self.queue.put(((request.headers["idempotency-key"], await request.body()), done))
        await done
        return JSONResponse({"ok": True}, 201)

    async def _commit(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            gathered = [await self.queue.get()]
            while len(gathered) < 100 and not self.queue.empty():
                gathered.append(self.queue.get_nowait())
            await loop.run_in_executor(None, self._write, [row for row, _ in gathered])
            for _, done in gathered:
                if not done.done():
                    done.set_result(True)

    def _write(self, rows: list[Row]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("INSERT OR IGNORE INTO referral VALUES (?, ?)", rows)
        self.connection.execute("COMMIT")


async def serve(path: str) -> None:
    """Say where, and serve until the end."""
    peer = Peer(path)
    app = Starlette(
        routes=[Route("/store", peer.store, methods=["POST"]), Route("/group", peer.group, methods=["POST"])]
    )
    # With the protocol named, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, loop="asyncio", http="httptools", log_level="critical", access_log=False)
    sys.stdout.write(f"ready http://127.0.0.1:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(sys.argv[1]))
