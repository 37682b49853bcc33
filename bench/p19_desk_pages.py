"""P19: every kind of desk page with 10,000 referrals in the inbox, against Starlette returning the same bytes.

    python -m bench.p19_desk_pages [--referrals 10000] [--runs 31] [--json]

Ours: a real server on loopback over one agency's desk, a session, one browser's connection kept open. Peer: the same
server, returning bytes of the very same page that was rendered before. Runs take turns. The figure is the difference
of the medians in milliseconds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from importlib.metadata import version

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bench._lib import Row, report
from sync.desk.pages import desk_app
from tests.desk.parts import Clock, desk, door, reference, referral
from tests.desk.test_pages import csrf_of, serving

BAR_MS = 30.0


def same_bytes(text: str) -> Callable[[Request], Response]:
    """An endpoint that returns a text that is ready."""

    def endpoint(request: Request) -> Response:
        del request
        return HTMLResponse(text)

    return endpoint


def main(arguments: list[str] | None = None) -> int:
    """Measure. Returns: 1 if a page is over the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referrals", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    clock = Clock()
    here, way_in = desk(clock=clock), door(clock)
    for seed in range(options.referrals):
        due = (date(2026, 1, 1) + timedelta(days=seed % 120)).isoformat()
        here._journal.commit(here.take(referral(seed, contact_by=due), "dev-1", clock()))
    here.absorb()
    one = f"/at/LLA/referral/{reference(7)}"
    with serving(desk_app({"LLA": here}, way_in)) as base, httpx.Client(base_url=base, follow_redirects=True) as ours:
        mark = csrf_of(ours.get(f"/enter/{way_in.new_token(('LLA',))}"))
        pages: dict[str, Callable[[], httpx.Response]] = {
            "inbox": lambda: ours.get("/at/LLA"),
            "page 2 of a list": lambda: ours.get("/at/LLA/list/new?page=2"),
            "find, nothing there": lambda: ours.post("/at/LLA/find", data={"csrf": mark, "text": "nobody at all"}),
            "one referral": lambda: ours.get(one),
            "answer form": lambda: ours.get(f"{one}/answer/send-back"),
            "list to print": lambda: ours.get("/at/LLA/print"),
        }
        ready = [same_bytes(page().text) for page in pages.values()]
        peer_app = Starlette(routes=[Route(f"/{place}", endpoint) for place, endpoint in enumerate(ready)])
        rows = []
        with serving(peer_app) as peer_base, httpx.Client(base_url=peer_base) as peer:
            for place, (name, page) in enumerate(pages.items()):
                took: list[float] = []
                peer_took: list[float] = []
                for _ in range(options.runs):
                    took.append(seconds(page))
                    peer_took.append(seconds(partial(peer.get, f"/{place}")))
                mine, theirs = (statistics.median(each) * 1000 for each in (took, peer_took))
                note = f"ours {mine:.1f} ms, Starlette {theirs:.1f} ms"
                rows.append(
                    Row(
                        "P19",
                        f"{name}, more than the same bytes",
                        mine - theirs,
                        "ms",
                        bar=BAR_MS,
                        on_ratio=False,
                        note=note,
                    )
                )
    versions = {name: version(name) for name in ("starlette", "uvicorn", "jinja2")}
    return report(f"P19, {options.referrals} referrals in the inbox", rows, versions, as_json=options.json)


def seconds(act: Callable[[], httpx.Response]) -> float:
    """How long one request took, answer and all."""
    begun = time.perf_counter()
    assert act().status_code == 200
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
