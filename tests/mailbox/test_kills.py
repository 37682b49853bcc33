"""The mailbox killed at any moment: every batch that it acknowledged is there, byte for byte, and none twice."""

from __future__ import annotations

import json
import random
import secrets
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.mailbox.world import Running, Scheme, Speaker, running

SENDERS = ("dev-1", "dev-2", "hub")
LEAST_ACKNOWLEDGED = 5
"""A kill counts only after so many acknowledged batches in that life of the process."""


@dataclass
class Ledger:
    """What the senders know, kept beside the mailbox and compared with it at the end."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    acknowledged: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """batch id -> sender, batch text, receipt"""
    unsure: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """batch id -> sender, frozen body: sent, and never answered"""
    committed_unanswered: int = 0
    contradicted: list[str] = field(default_factory=list)

    def note(self, sender: str, batch_id: str, body: bytes, reply: httpx.Response) -> None:
        """An answer arrived."""
        assert reply.status_code in (200, 201), reply.text
        with self.lock:
            receipt = reply.json()["receipt"]
            before = self.acknowledged.get(batch_id)
            if before is not None and before[2] != receipt:
                self.contradicted.append(batch_id)
            self.acknowledged[batch_id] = (sender, json.loads(body)["batch"], receipt)
            self.unsure.pop(batch_id, None)


@dataclass
class Finding:
    """What the comparison of ledger and mailbox shows."""

    looked_at: int
    lost: list[str]
    doubled: list[str]
    changed: list[str]


def _send_until_cut(process: Running, scheme: Scheme, sender: str, ledger: Ledger, count: list[int]) -> None:
    """Deposit one batch after the other until the connection breaks."""
    speaker = Speaker(scheme.keys(sender), process.url, scheme)
    rng = random.Random(f"{sender}{len(ledger.acknowledged)}")
    try:
        while True:
            batch_id, body = speaker.frozen("AFR", ["x" * rng.choice((50, 2_000, 50_000))])
            with ledger.lock:
                ledger.unsure[batch_id] = (sender, body)
            ledger.note(sender, batch_id, body, speaker.deposit("AFR", batch_id, body))
            count[0] += 1
    except httpx.TransportError:
        return
    finally:
        speaker.http.close()


@contextmanager
def _speakers(process: Running, scheme: Scheme) -> Iterator[dict[str, Speaker]]:
    """Every sender, each over one connection."""
    speakers = {sender: Speaker(scheme.keys(sender), process.url, scheme) for sender in SENDERS}
    yield speakers
    for speaker in speakers.values():
        speaker.http.close()


def _send_again(process: Running, scheme: Scheme, ledger: Ledger) -> None:
    """What every sender does after a cut: the same bytes under the same key."""
    with _speakers(process, scheme) as speakers:
        for batch_id, (sender, body) in list(ledger.unsure.items()):
            reply = speakers[sender].deposit("AFR", batch_id, body)
            if reply.status_code == 200:
                ledger.committed_unanswered += 1
            ledger.note(sender, batch_id, body, reply)


def _one_life(process: Running, scheme: Scheme, ledger: Ledger, rng: random.Random, *, held: bool) -> None:
    """Send from three sides, and kill: at a random moment, or in the very place between commit and reply."""
    count = [0]
    senders = [
        threading.Thread(target=_send_until_cut, args=(process, scheme, sender, ledger, count)) for sender in SENDERS
    ]
    for thread in senders:
        thread.start()
    enough = LEAST_ACKNOWLEDGED + rng.randrange(40)
    while count[0] < enough and any(thread.is_alive() for thread in senders):
        senders[0].join(0.001)
    assert count[0] >= LEAST_ACKNOWLEDGED
    if held:
        _hold_one(process, scheme, ledger)
    process.kill()
    for thread in senders:
        thread.join(30)


def _hold_one(process: Running, scheme: Scheme, ledger: Ledger) -> None:
    """A deposit that is committed and not answered, at the moment when this returns."""
    speaker = Speaker(scheme.keys("dev-1"), process.url, scheme)
    batch_id, body = speaker.frozen("AFR", batch_id=f"pause-{secrets.token_urlsafe(12)}")
    with ledger.lock:
        ledger.unsure[batch_id] = ("dev-1", body)

    def deposit() -> None:
        try:
            ledger.note("dev-1", batch_id, body, speaker.deposit("AFR", batch_id, body))
        except httpx.TransportError:
            return

    threading.Thread(target=deposit, daemon=True).start()
    assert next(process.lines()) == f"committed {batch_id}\n".encode()


def _compare(process: Running, scheme: Scheme, ledger: Ledger) -> Finding:
    """Collect everything as the addressee does, and hold it against the ledger."""
    desk = Speaker(scheme.keys("AFR"), process.url, scheme)
    texts: Counter[str] = Counter()
    after = ""
    while batches := desk.collect(f"?limit=100{after}"):
        texts.update(batch["batch"] for batch in batches)
        after = f"&after={batches[-1]['cursor']}"
    ids = Counter(json.loads(text)["batch"] for text in texts.elements())
    lost = [batch_id for batch_id in ledger.acknowledged if batch_id not in ids]
    changed = [batch_id for batch_id, kept in ledger.acknowledged.items() if batch_id in ids and kept[1] not in texts]
    with _speakers(process, scheme) as speakers:
        for batch_id, (sender, _, receipt) in ledger.acknowledged.items():
            reply = speakers[sender].request("GET", f"/v1/mailboxes/AFR/batches/{batch_id}")
            if reply.status_code != 200 or reply.json()["receipt"] != receipt:
                changed.append(batch_id)
    desk.http.close()
    return Finding(len(ids), lost, [batch_id for batch_id, times in ids.items() if times > 1], changed)


def _kill_many(folder: Path, kills: int, seed: int) -> None:
    scheme, ledger, rng = Scheme(), Ledger(), random.Random(seed)
    scheme.write(folder)
    held = 0
    for number in range(kills):
        with running(folder, module="tests.mailbox.pausing") as process:
            _send_again(process, scheme, ledger)
            hold = number % 4 == 0
            held += hold
            _one_life(process, scheme, ledger, rng, held=hold)
    with running(folder) as process:
        _send_again(process, scheme, ledger)
        finding = _compare(process, scheme, ledger)
    sys.stdout.write(
        f"{kills} kills, {ledger.committed_unanswered} batches committed and not answered ({held} held there), "
        f"{len(ledger.acknowledged)} acknowledged, {finding.looked_at} in the mailbox\n"
    )
    assert ledger.committed_unanswered >= kills / 5
    assert len(ledger.acknowledged) >= kills * LEAST_ACKNOWLEDGED
    assert (finding.lost, finding.doubled, finding.changed, ledger.contradicted) == ([], [], [], [])
    assert finding.looked_at == len(ledger.acknowledged)
    shutil.rmtree(folder)


def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """Eight kills, a quarter of them between commit and reply: nothing lost, nothing doubled, nothing changed."""
    _kill_many(tmp_path / "data", kills=8, seed=2)


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(3))
def test_killed_a_hundred_times(tmp_path: Path, seed: int) -> None:
    """The full count, three times over."""
    _kill_many(tmp_path / "data", kills=100, seed=seed)


def test_an_acknowledgement_before_the_commit_is_caught(tmp_path: Path) -> None:
    """Positive control: a mailbox that answers before it has stored loses batches, and the comparison finds them."""
    scheme, ledger = Scheme(), Ledger()
    scheme.write(tmp_path)
    with running(tmp_path, module="tests.mailbox.pausing", environment={"FC_TEST_BUG": "early"}) as process:
        _one_life(process, scheme, ledger, random.Random(1), held=False)
    with running(tmp_path) as process:
        finding = _compare(process, scheme, ledger)
    assert len(finding.lost) >= LEAST_ACKNOWLEDGED


def test_a_batch_stored_twice_is_caught(tmp_path: Path) -> None:
    """Positive control: with the memory of ids gone, a repeat is stored again, and the comparison finds it."""
    scheme, ledger = Scheme(), Ledger()
    scheme.write(tmp_path)
    with running(tmp_path, module="tests.mailbox.pausing", environment={"FC_TEST_BUG": "forgetful"}) as process:
        speaker = Speaker(scheme.keys("dev-1"), process.url, scheme)
        batch_id, body = speaker.frozen("AFR")
        for _ in range(2):
            ledger.note("dev-1", batch_id, body, speaker.deposit("AFR", batch_id, body))
        speaker.http.close()
        finding = _compare(process, scheme, ledger)
    assert finding.doubled == [batch_id]
