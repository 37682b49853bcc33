"""The real exchange of a laptop and a desk through the real mailbox: there and back over HTTP on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from sync.base.references import new_reference
from sync.client import Links, new_client
from sync.exchange import Exchange
from sync.incoming import Handled, Incoming
from sync.keys import PublicKey
from sync.pack import Pack
from tests.mailbox.conftest import Speak
from tests.mailbox.world import Running, Scheme, now, running
from tests.partner_simulator import MemoryJournal
from tests.sync_pair import make_referral


@contextmanager
def endpoint(scheme: Scheme, party_id: str, url: str, got: list[Incoming] | None = None) -> Iterator[Exchange]:
    """One party with its own journal, over HTTP."""
    trusted: list[PublicKey] = [scheme.coordinator.signing.public]
    keys = scheme.keys(party_id)

    def on_message(incoming: Incoming) -> Handled:
        if got is not None:
            got.append(incoming)
        return Handled()

    with new_client() as client:
        links = Links(keys, client)
        pack = Pack.verify(scheme.pack_files(url=url), trusted)
        yield Exchange(keys, MemoryJournal(), links, pack, now, on_message)


def references(count: int) -> list[str]:
    """Valid references."""
    rng = Random(7)
    return [new_reference(rng.randbytes) for _ in range(count)]


def test_a_referral_is_received_when_the_desks_receipt_says_so(mailbox: Running, scheme: Scheme) -> None:
    """Deposited, collected once, receipted back through the same mailbox, and then *received*; nothing is left over."""
    got: list[Incoming] = []
    with endpoint(scheme, "dev-2", mailbox.url) as laptop, endpoint(scheme, "SSA", mailbox.url, got) as desk:
        wanted = references(60)
        for reference in wanted:
            laptop.queue(make_referral(reference), "SSA")
        assert laptop.run_once().deposited == 60
        assert {item.state for item in laptop.items()} == {"deposited"}
        desk.run_once()
        desk.run_once()
        assert sorted(incoming.opened.jti for incoming in got) == sorted(wanted), "each exactly once"
        laptop.run_once()
        assert {item.state for item in laptop.items()} == {"received"}
        assert laptop.run_once().deposited == 0


def test_a_desk_that_waits_is_told_at_once(mailbox: Running, scheme: Scheme, speak: Speak) -> None:
    """A long poll of the real client ends with the referral."""
    got: list[Incoming] = []
    with endpoint(scheme, "dev-1", mailbox.url) as laptop, endpoint(scheme, "AFR", mailbox.url, got) as desk:
        waiting = threading.Thread(target=desk.collect, kwargs={"wait_seconds": 20})
        waiting.start()
        laptop.queue(make_referral(references(61)[-1]), "AFR")
        assert laptop.send().deposited == 1
        waiting.join(15)
        assert not waiting.is_alive()
        assert len(got) == 1


@pytest.mark.parametrize("acknowledged", [True, False])
def test_a_mailbox_set_up_anew_loses_no_post_that_comes_after(tmp_path: Path, acknowledged: bool) -> None:
    """After the mailbox's database was lost, its places are used again; a desk with an old cursor misses nothing.

    Also when the desk had not yet said that it has the batch of that cursor: nothing else may go in its stead.
    """
    scheme = Scheme()
    scheme.write(tmp_path)
    got: list[Incoming] = []
    first, second = references(2)
    with running(tmp_path) as process:
        with endpoint(scheme, "dev-1", process.url) as laptop, endpoint(scheme, "AFR", process.url, got) as desk:
            laptop.queue(make_referral(first), "AFR")
            laptop.send()
            desk.collect()
            assert [incoming.opened.jti for incoming in got] == [first]
            journal = desk.journal
            kept = journal.get("cursor", "inbox")
            assert kept is not None
            journal.commit([("cursor", "inbox", {**kept, "acknowledged": acknowledged})])
        process.kill()
    for file in tmp_path.glob("mailbox.db*"):
        file.unlink()
    with (
        running(tmp_path) as process,
        endpoint(scheme, "dev-1", process.url) as laptop,
        endpoint(scheme, "AFR", process.url, got) as desk,
    ):
        desk.journal = journal
        laptop.queue(make_referral(second), "AFR")
        laptop.send()
        assert desk.collect().problem is None
        assert [incoming.opened.jti for incoming in got] == [first, second]
