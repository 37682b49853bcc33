"""The running service: a bound socket, uvicorn on it, a clean stop, and one line on stdout once it is ready."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn
from pysqlite3 import dbapi2
from starlette.applications import Starlette

from sync.keys import Keyring
from sync.mailbox.access import utc_now
from sync.mailbox.app import Mailbox
from sync.mailbox.guard import GuardedProtocol
from sync.mailbox.logs import log, log_to_stderr
from sync.mailbox.shelf import PackShelf
from sync.mailbox.sqlite import SqliteStorage
from sync.mailbox.storage import Storage, StorageUnavailable

KEEP_ALIVE_SECONDS = 75
STOP_SECONDS = 20
"""How long a stop waits for answers in the making; every long poll ends at once, as nothing more will arrive for it."""
MOST_CONNECTIONS = 2000
HOUSEKEEPING_SECONDS = 60.0


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling, which ends the process by the signal instead of with exit code 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are handled once for all servers of the process, by `until_told_to_stop`."""
        yield


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises: OSError."""
    # The protocol must be named: without it asyncio leaves Nagle's algorithm on, and answers wait 40 ms.
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # there, the option would let two programs share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(512)
    except OSError:
        listening.close()
        raise
    return listening


def address_of(listening: socket.socket) -> str:
    """The plain http address of a bound socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_for(app: Starlette) -> uvicorn.Server:
    """A server that takes no more than the guard allows, and logs nothing itself."""
    return _Server(
        uvicorn.Config(
            app,
            http=GuardedProtocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
            limit_concurrency=MOST_CONNECTIONS,
        )
    )


async def until_told_to_stop(
    servers: list[tuple[uvicorn.Server, socket.socket]],
    ready: Callable[[], None],
    stopping: Callable[[], Awaitable[None]],
) -> None:
    """Serve until SIGTERM or SIGINT, then finish the answers in the making.

    `ready` is called once every server accepts; `stopping` when the stop begins, so that what waits on purpose ends.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(told.set)

    previous = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    running = [asyncio.create_task(server.serve(sockets=[listening])) for server, listening in servers]
    try:
        while not all(server.started for server, _ in servers) and not any(task.done() for task in running):
            await asyncio.sleep(0.005)
        if not any(task.done() for task in running):
            ready()
        stopped = asyncio.create_task(told.wait())
        await asyncio.wait([stopped, *running], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        await stopping()
        for server, _ in servers:
            server.should_exit = True
        await asyncio.gather(*running)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a mailbox needs to run, read and checked."""

    database: Path
    keys: Keyring
    public_url: str | None
    """None: the address that it turns out to listen on."""
    offered_pack: dict[str, bytes] | None
    """From the operator; None once a pack is stored."""
    coordinators: tuple[str, ...]
    """Thumbprints of coordinator keys that the operator vouches for."""
    keep_seconds: int
    """How long the trace of a collected batch stays."""


async def run(
    service: Service,
    listening: socket.socket,
    admin: socket.socket | None = None,
    open_storage: Callable[[Path], Storage] = SqliteStorage,
) -> int:
    """Serve until told to stop; returns the exit code. Raises: BadPack, OSError."""
    log_to_stderr()
    storage = _opened(open_storage, service.database)
    try:
        shelf = await PackShelf.open(storage, service.offered_pack, service.coordinators)
        mailbox = Mailbox(storage, service.keys, shelf, service.public_url or address_of(listening), utc_now)
        _warn_if_unlisted(shelf, service.keys)
        servers = [(server_for(mailbox.app), listening)]
        if admin is not None:
            servers.append((server_for(mailbox.admin), admin))
        housekeeping = asyncio.create_task(_keep_house(mailbox, storage, service.keep_seconds))

        def ready() -> None:
            told = {"pack": shelf.pack.sequence, "pid": os.getpid()}
            log.info("ready", extra=told | ({"admin": address_of(admin)} if admin else {}))
            sys.stdout.write(f"ready {address_of(listening)}\n")
            sys.stdout.flush()

        await until_told_to_stop(servers, ready, mailbox.stop)
        housekeeping.cancel()
        log.info("stopped", extra=mailbox.counters.news())
    finally:
        await storage.close()
    return 0


def _opened(open_storage: Callable[[Path], Storage], path: Path) -> Storage:
    try:
        return open_storage(path)
    except dbapi2.Error as error:
        # A file that is not ours is never recreated or repaired here.
        raise OSError(errno.EIO, "not a mailbox's database, or it cannot be written", str(path)) from error


def _warn_if_unlisted(shelf: PackShelf, keys: Keyring) -> None:
    found = shelf.signer(keys.signing.kid, utc_now())
    if isinstance(found, str) or found[0].id != keys.id:
        log.warning("the pack does not list this mailbox's key: senders will not believe its receipts")


async def _keep_house(mailbox: Mailbox, storage: Storage, keep_seconds: int) -> None:
    """Once a minute: log what happened, drop nonces that aged out; and what was collected long ago."""
    while True:
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
        try:
            gone = await storage.forget(now=int(utc_now().timestamp()), keep_seconds=keep_seconds)
        except StorageUnavailable:
            log.error("nothing could be forgotten, as storage failed")
            continue
        mailbox.counters.add("forgotten", by=gone)
        if news := mailbox.counters.news():
            log.info("counts", extra=news)
