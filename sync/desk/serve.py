"""The desk as a running program: pages on loopback, the post beside them, a clean end.

Prints `ready http://127.0.0.1:PORT/enter/TOKEN` once it answers, and another address whenever somebody signed out or
came with a spent one.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import uvicorn

from sync.client import Links
from sync.desk.desk import Desk, Shelf
from sync.desk.door import Door
from sync.desk.home import Home, scheme_of, utc_now
from sync.desk.inbox import TAKE_BACK
from sync.desk.pages import desk_app
from sync.desk.post import Post
from sync.desk.site import Front
from sync.pack import Pack

LONGEST_ANSWER_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Serving:
    """How a desk is served."""

    port: int = 0
    agencies: tuple[str, ...] = ()
    """Whom the printed address lets in to; empty is everybody at this desk."""
    stays: timedelta = TAKE_BACK
    with_post: bool = True


def listen(port: int) -> socket.socket:
    """A listening socket on this machine alone.

    Its protocol is named, because asyncio turns Nagle's waiting off only where it is: it costs 40 ms a page.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(100)
    return listener


class _Server(uvicorn.Server):
    """A server that does not raise the signal again after it has stopped: what comes after must still be closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours."""
        yield


def posts_of(home: Home, pack: Pack, desks: dict[str, Desk]) -> list[Post]:
    """The post of every agency that the pack names."""
    posts = []
    for agency in home.agencies():
        if pack.party(agency.id) is None:
            continue
        journal = Shelf(home.journal, agency.id)
        links = Links(agency.keys)
        posts.append(Post(agency, desks[agency.id], journal, links, pack, utc_now, home.keep_pack))
    return posts


def serve(home: Home, pack: Pack | None, serving: Serving, say: Callable[[str], None]) -> None:
    """Serve until stopped (Ctrl-C, SIGTERM)."""
    desks = home.desks(pack, stays=serving.stays)
    posts = posts_of(home, pack, desks) if pack is not None and serving.with_post else []
    allowed = tuple(agency for agency in desks if not serving.agencies or agency in serving.agencies)
    door = Door(utc_now)
    listener = listen(serving.port)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    printing = threading.Lock()

    def new_address() -> None:
        with printing:
            say(f"ready {address}/enter/{door.new_token(allowed)}")

    scheme = scheme_of(pack)
    front = Front(scheme=scheme.name, hub_phone=scheme.hub_phone, signed_out=new_address)
    config = uvicorn.Config(
        desk_app(desks, door, front),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        timeout_graceful_shutdown=LONGEST_ANSWER_SECONDS,
    )

    async def run() -> None:
        server = _Server(config)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: setattr(server, "should_exit", True))
        serving_pages = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving_pages.done():
            await asyncio.sleep(0.005)
        new_address()
        for post in posts:
            post.start()
        await serving_pages

    try:
        asyncio.run(run())
    finally:
        for post in posts:
            post.stop()
        listener.close()
