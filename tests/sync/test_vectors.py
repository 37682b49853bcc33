"""The published samples: every one to accept is accepted, every one to reject is refused for the reason it names."""

from __future__ import annotations

import base64
import json
import time
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sync import batch as batches
from sync import http_signing
from sync.envelope import open_
from sync.errors import BadMessage, BadPack
from sync.http_signing import BadSignature
from sync.keys import Keyring, PrivateKey, PublicKey
from sync.pack import INDEX, MAILBOX, Pack
from sync.ports import Collected
from sync.receiver import read_batch
from tests.vectors import make_vectors

FILE = Path(__file__).parents[1] / "vectors" / "vectors.json"


class World:
    """What a reader of the samples holds."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.now = datetime.fromisoformat(document["now"])
        self.me = Keyring(document["me"], PrivateKey.generate(), (PrivateKey.of(document["my_sealing_key"]),))
        self.coordinator = PublicKey.of(document["coordinator_key"])
        files = {INDEX: document["pack_index"].encode(), "keys.json": base64.b64decode(document["keys_part"])}
        self.pack = Pack.verify(files, [self.coordinator])

    def signer(self, kid: str) -> tuple[str, PublicKey] | None:
        """Who may sign."""
        found = self.pack.signer_of(kid, self.now)
        return None if found is None else (found[0].id, found[1])

    def key(self, kid: str) -> PublicKey | None:
        """The key alone."""
        found = self.signer(kid)
        return None if found is None else found[1]

    def mailbox_key(self, kid: str) -> PublicKey | None:
        """Only a mailbox signs for deposits."""
        found = self.pack.signer_of(kid, self.now)
        return found[1] if found and found[0].kind == MAILBOX else None

    def judge(self, vector: dict[str, Any]) -> str | None:
        """The reason why it is refused, or None."""
        try:
            getattr(self, "_" + vector["what"].replace("-", "_"))(vector)
        except (BadMessage, BadPack) as error:
            return error.reason
        except BadSignature as error:
            return error.code
        return None

    def _message(self, vector: dict[str, Any]) -> None:
        open_(vector["token"], self.me, self.signer)

    def _batch(self, vector: dict[str, Any]) -> None:
        read_batch(Collected("1", vector["batch"], vector["signature"], ""), self.me, self.pack, self.now)

    def _deposit_receipt(self, vector: dict[str, Any]) -> None:
        batches.read_deposit_receipt(vector["token"], self.mailbox_key)

    def _pack(self, vector: dict[str, Any]) -> None:
        files = {name: base64.b64decode(data) for name, data in vector["files"].items()}
        Pack.verify(files, [self.coordinator], self.pack.sequence)

    def _http_request(self, vector: dict[str, Any]) -> None:
        http_signing.verify(
            vector["method"],
            vector["url"],
            vector["headers"],
            vector["body"].encode(),
            resolve=self.key,
            now=self.now,
            nonce_seen=lambda kid, nonce, until: False,  # noqa: ARG005
        )


@cache
def published() -> dict[str, Any]:
    """The file as committed."""
    document: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return document


@cache
def world() -> World:
    """The reader of the committed file."""
    return World(published())


@pytest.mark.parametrize("vector", published()["vectors"], ids=lambda vector: str(vector["name"]))
def test_published_vector(vector: dict[str, Any]) -> None:
    """Accepted, or refused for the reason that it names."""
    assert world().judge(vector) == vector["reason"]


def test_freshly_made_vectors_agree_with_the_published_ones() -> None:
    """The script that makes the samples makes these."""
    fresh = make_vectors.make()
    names = [(vector["name"], vector["expect"], vector["reason"]) for vector in fresh["vectors"]]
    assert names == [(vector["name"], vector["expect"], vector["reason"]) for vector in published()["vectors"]]
    reader = World(fresh)
    assert [v["name"] for v in fresh["vectors"] if reader.judge(v) != v["reason"]] == []


def test_a_dropped_check_is_found() -> None:
    """The positive control: a reader that trusts every key accepts what it must refuse."""
    reader = World(published())
    stranger = {v["name"]: v for v in published()["vectors"]}["signature by a stranger"]
    reader.signer = lambda kid: ("dev-1", reader.pack.signer_of(published_kid(), reader.now)[1])  # type: ignore[method-assign,index]  # noqa: ARG005
    assert reader.judge(stranger) != stranger["reason"]


def published_kid() -> str:
    """The key of the ordinary device."""
    party = world().pack.party("dev-1")
    assert party is not None
    return PublicKey.of(party.signing[0].jwk).kid


def _all_classes(times: int) -> tuple[list[str], float]:
    """Judge every reject vector so many times: those not refused, and the slowest median, seconds."""
    accepted, slowest = [], 0.0
    for vector in published()["vectors"]:
        if vector["expect"] == "accept":
            continue
        taken = []
        for _ in range(times):
            begun = time.perf_counter()
            if world().judge(vector) != vector["reason"]:
                accepted.append(vector["name"])
            taken.append(time.perf_counter() - begun)
        slowest = max(slowest, sorted(taken)[len(taken) // 2])
    return accepted, slowest


def test_refusing_is_quick() -> None:
    """Each class is refused in 5 ms at most."""
    accepted, slowest = _all_classes(7)
    assert accepted == []
    assert slowest <= 0.005


@pytest.mark.faults
def test_refusing_a_hundred_times() -> None:
    """All classes, a hundred times each."""
    accepted, slowest = _all_classes(100)
    assert accepted == []
    assert slowest <= 0.005
