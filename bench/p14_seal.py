"""P14: sign and seal a 4 KB referral, open and verify it, against joserfc nested by hand.

    python bench/p14_seal.py [--rounds 300] [--runs 5] [--json]

Ours: `envelope.seal` from the message (claims, JSON, padding) and `envelope.open_` to checked claims, keys imported
once. Peer: the same payload bytes through joserfc's own `jws.serialize_compact` inside `jwe.encrypt_compact`, and
back, with the claims read from JSON. Interleaved in random order; the bar is 1.1 times the peer, for each.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from joserfc import jwe, jws

sys.path.insert(0, str(Path(__file__).parents[1]))

from sync import envelope, signed
from sync.envelope import Addressee
from sync.keys import Keyring, PublicKey

BAR = 1.1
SIZE = 4096


def variants() -> dict[str, Callable[[], object]]:
    """Ours and the peer's, over the same payload."""
    me, partner = Keyring.generate("dev-1", "AYC"), Keyring.generate("AFR")
    to = Addressee("AFR", partner.sealing[0].public)
    now = datetime(2026, 2, 10, 11, 42, tzinfo=UTC)
    message = {"kind": "referral", "reference": "7K3M9Q2TX4VB1", "version": 1, "words": ""}
    empty = envelope.seal(message, me, to, now=now, pack_sequence=12)
    claims = signed.unpadded(envelope.unseal(empty, partner)[0].split(".")[1]).rstrip()
    message["words"] = "x" * (SIZE - len(claims))
    token = envelope.seal(message, me, to, now=now, pack_sequence=12)
    payload = signed.unpadded(envelope.unseal(token, partner)[0].split(".")[1])
    assert len(payload) == SIZE, len(payload)

    sign_registry = jws.JWSRegistry(algorithms=["ES256"])
    seal_registry = jwe.JWERegistry(algorithms=["ECDH-ES+A256KW", "A256GCM"])
    header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": to.key.kid, "typ": envelope.SEALED}

    def peer_seal() -> str:
        inner_header = {"alg": "ES256", "kid": me.signing.kid, "typ": signed.MESSAGE}
        inner = jws.serialize_compact(inner_header, payload, me.signing.key, registry=sign_registry)
        return jwe.encrypt_compact(dict(header), inner, to.key.key, registry=seal_registry)

    nested = peer_seal()

    def peer_open() -> object:
        inner = jwe.decrypt_compact(nested, partner.sealing[0].key, registry=seal_registry).plaintext or b""
        return json.loads(jws.deserialize_compact(inner, me.signing.public.key, registry=sign_registry).payload)

    def resolve(kid: str) -> tuple[str, PublicKey] | None:
        return ("dev-1", me.signing.public) if kid == me.signing.kid else None

    return {
        "seal": lambda: envelope.seal(message, me, to, now=now, pack_sequence=12),
        "peer seal": peer_seal,
        "open": lambda: envelope.open_(token, partner, resolve),
        "peer open": peer_open,
    }


def run(rounds: int, seed: int) -> dict[str, float]:
    """Median microseconds of each variant, interleaved."""
    order = random.Random(seed)
    calls = variants()
    names, taken = list(calls), {name: [] for name in calls}  # type: dict[str, list[float]]
    for number in range(rounds + 20):
        order.shuffle(names)
        for name in names:
            begun = time.perf_counter()
            calls[name]()
            if number >= 20:
                taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(each) * 1e6 for name, each in taken.items()}


def main() -> int:
    """Print the figures; 0 if the bar is met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    runs = [run(options.rounds, seed) for seed in range(options.runs)]
    ratios = {act: statistics.median(each[act] / each[f"peer {act}"] for each in runs) for act in ("seal", "open")}
    figures = {name: round(statistics.median(each[name] for each in runs), 1) for name in runs[0]}
    met = all(ratio <= BAR for ratio in ratios.values())
    if options.json:
        machine = f"{platform.machine()} {platform.python_version()} joserfc {version('joserfc')}"
        print(json.dumps({"bar": "P14", "machine": machine, "us": figures, "ratios": ratios, "limit": BAR, "met": met}))
        return 0 if met else 1
    print(f"P14  {platform.machine()}, Python {platform.python_version()}, joserfc {version('joserfc')}")
    for act, ratio in ratios.items():
        ours, peer = figures[act], figures[f"peer {act}"]
        print(f"{act:5s} ours {ours:7.1f} us   joserfc by hand {peer:7.1f} us   ratio {ratio:.2f} (bar {BAR})")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
