"""Accept and reject samples of everything that is sealed or signed, for engineers with another JOSE library.

    python -m tests.vectors.make_vectors            writes tests/vectors/vectors.json

Each vector: `name`, `what` (message, batch, deposit-receipt, pack, http-request), `expect` (accept or reject), `reason`
(the token of the first law that it breaks; another implementation may say it in other words, but must refuse), and its
data. The pack, the addressee's private sealing key and the time at which to judge stand at the top. The keys are for
these samples only.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwe, jws
from joserfc.jwk import OctKey, RSAKey
from joserfc.util import urlsafe_b64encode

from sync import batch as batches
from sync import http_signing, signed
from sync import pack as packs
from sync.envelope import Addressee, seal, seal_payload
from sync.keys import Keyring, PrivateKey, PublicKey
from sync.messages import dump_message
from tests.sync_pair import make_referral

HERE = Path(__file__).parent
NOW = datetime(2026, 2, 10, 11, 42, tzinfo=UTC)
REFERENCE = "7K3M9Q2TX4VB1"

_ALG = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}


class Cast:
    """Who takes part, with fresh keys."""

    def __init__(self) -> None:
        self.device, self.other_device = Keyring.generate("dev-1", "AYC"), Keyring.generate("dev-2", "AYC")
        self.afr, self.ayc = Keyring.generate("AFR"), Keyring.generate("AYC")
        self.mailbox, self.stolen = Keyring.generate("mailbox-1"), Keyring.generate("dev-3")
        self.coordinator, self.stranger = PrivateKey.generate(), PrivateKey.generate()
        self.stolen_party = packs.party_of(self.stolen, "device") | {"revoked": "2026-02-01T00:00:00Z"}
        listed = [
            packs.party_of(self.device, "device", agency="AYC"),
            packs.party_of(self.other_device, "device", agency="AYC"),
            packs.party_of(self.afr, "agency", "Ambleshire Fire and Rescue", mailbox="mailbox-1"),
            packs.party_of(self.ayc, "agency", "Ambleshire County Council"),
            packs.party_of(self.mailbox, "mailbox"),
            self.stolen_party,
            packs.party_of(Keyring("coordinator", self.coordinator), "coordinator"),
        ]
        self.keys = packs.keys_part(listed)
        self.files = packs.build_pack({"keys.json": self.keys}, 12, datetime(2026, 5, 1, tzinfo=UTC), self.coordinator)
        self.to = Addressee("AFR", self.afr.sealing[0].public)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of an ordinary referral, changed."""
        ordinary = {
            "iss": "dev-1",
            "agency": "AYC",
            "aud": "AFR",
            "aud_kid": self.to.key.kid,
            "jti": REFERENCE,
            "version": 1,
            "iat": int(NOW.timestamp()),
            "pack": 12,
            "message": dump_message(make_referral(REFERENCE)),
        }
        return ordinary | changes

    def sealed(self, *, signer: PrivateKey | None = None, key: PublicKey | None = None, **changes: Any) -> str:
        """Changed claims, signed and sealed as they are."""
        payload = json.dumps(self.claims(**changes)).encode()
        return seal_payload(payload, signer or self.device.signing, key or self.to.key)

    def outer(self, inner: str, header: dict[str, Any] | None = None, **more: Any) -> str:
        """Any inner text under any header."""
        kid = self.to.key.kid
        full = {**_ALG, "kid": kid, "typ": "firstcontact.sealed.v1", "cty": signed.MESSAGE, "apv": kid, **more}
        header = full if header is None else header
        names = [str(header[name]) for name in ("alg", "enc", "zip") if name in header]
        registry = jwe.JWERegistry(algorithms=names, strict_check_header=False)
        return jwe.encrypt_compact(dict(header), inner, self.to.key.key, registry=registry)

    def inner(self, **changes: Any) -> str:
        """An ordinary signed referral, not sealed yet."""
        payload = json.dumps(self.claims(**changes)).encode()
        return signed.sign(payload, signed.MESSAGE, self.device.signing)

    def inner_with(self, header: dict[str, Any], key: Any) -> str:
        """A referral under any signature header; parameters that the library refuses to write are put in by hand."""
        payload = json.dumps(self.claims()).encode()
        names = [str(header["alg"])]
        return jws.serialize_compact(
            header, payload, key, registry=jws.JWSRegistry(algorithms=names, strict_check_header=False)
        )


def _signature_rows(cast: Cast) -> list[tuple[str, str | None, str]]:
    """Inner signatures of other shapes and algorithms, each under an ordinary seal."""
    kid, typ, signing = cast.device.signing.kid, signed.MESSAGE, cast.device.signing.key
    rsa_key = RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    public_bytes = json.dumps(cast.device.signing.public.jwk).encode()
    none_header = urlsafe_b64encode(json.dumps({"alg": "none", "kid": kid, "typ": typ}).encode()).decode()
    body = urlsafe_b64encode(json.dumps(cast.claims()).encode()).decode()
    return [
        ("signature none", "algorithm", cast.outer(f"{none_header}.{body}.")),
        (
            "signature HS256 with the public key as secret",
            "algorithm",
            cast.outer(cast.inner_with({"alg": "HS256", "kid": kid, "typ": typ}, OctKey.import_key(public_bytes))),
        ),
        (
            "signature RS256",
            "algorithm",
            cast.outer(cast.inner_with({"alg": "RS256", "kid": kid, "typ": typ}, rsa_key)),
        ),
        (
            "signature key inside the header",
            "header",
            cast.outer(
                cast.inner_with(
                    {"alg": "ES256", "kid": kid, "typ": typ, "jwk": cast.stranger.public.jwk}, cast.stranger.key
                )
            ),
        ),
        (
            "signature with jku",
            "header",
            cast.outer(
                cast.inner_with({"alg": "ES256", "kid": kid, "typ": typ, "jku": "https://evil.example/keys"}, signing)
            ),
        ),
        (
            "signature of another thing",
            "format",
            cast.outer(signed.sign(json.dumps(cast.claims()).encode(), signed.BATCH, cast.device.signing)),
        ),
    ]


def _message_vectors(cast: Cast) -> list[dict[str, Any]]:
    referral = make_referral(REFERENCE)
    kid = cast.device.signing.kid
    typ = signed.MESSAGE
    good = seal(referral, cast.device, cast.to, now=NOW, pack_sequence=12)
    head, key, iv, text, tag = good.split(".")
    flipped = ("B" if text[5] == "A" else "A").join((text[:5], text[6:]))
    rsa_key = RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    other = Addressee("AYC", cast.ayc.sealing[0].public)
    stolen = Keyring("dev-3", cast.stolen.signing)
    to_ayc = seal(referral, cast.device, other, now=NOW, pack_sequence=12)
    rows: list[tuple[str, str | None, str]] = [
        ("referral", None, good),
        ("referral with a field of a newer version", None, cast.sealed(message={**cast.claims()["message"], "new": 1})),
        ("unknown kind", None, cast.sealed(jti="w1", message={"kind": "weather", "id": "w1"})),
        *_signature_rows(cast),
        ("signature by a stranger", "unknown-key", cast.sealed(signer=cast.stranger)),
        (
            "signature by a revoked device",
            "unknown-key",
            seal(referral, stolen, cast.to, now=NOW, pack_sequence=12),
        ),
        (
            "signature that does not hold",
            "signature",
            cast.outer(cast.inner_with({"alg": "ES256", "kid": kid, "typ": typ}, cast.stranger.key)),
        ),
        ("signed by one device in the name of another", "sender", cast.sealed(iss="dev-2")),
        ("passed on: signed for another addressee", "audience", cast.outer(to_inner(to_ayc, cast.ayc))),
        ("signed for another key of the addressee", "audience", cast.sealed(aud_kid=cast.ayc.sealing[0].kid)),
        ("sealed to another addressee", "not-for-me", to_ayc),
        ("compressed", "header", cast.outer(cast.inner(), zip="DEF")),
        ("seal ECDH-ES without key wrap", "algorithm", cast.outer(cast.inner(), alg="ECDH-ES")),
        ("seal A128KW", "algorithm", cast.outer(cast.inner(), alg="ECDH-ES+A128KW")),
        ("seal A256CBC-HS512", "algorithm", cast.outer(cast.inner(), enc="A256CBC-HS512")),
        ("seal of another format", "format", cast.outer(cast.inner(), typ="firstcontact.sealed.v9")),
        ("seal without apv", "header", cast.outer(cast.inner(), header=_header(cast, without="apv"))),
        ("ciphertext changed", "seal", f"{head}.{key}.{iv}.{flipped}.{tag}"),
        ("tag cut", "seal", f"{head}.{key}.{iv}.{text}.{tag[:8]}"),
        ("not sealed at all", "malformed", cast.inner()),
        ("not JOSE", "malformed", "hello"),
        ("longer than 62,000 characters", "too-large", good + "A" * 62_000),
        ("jti is not the message's reference", "claims", cast.sealed(jti="AAAAAAAAAAAAA")),
        ("version is not a number", "claims", cast.sealed(version="1")),
        ("message missing", "claims", cast.sealed(message=None)),
    ]
    rows += [(f"seal {name}", "algorithm", token) for name, token in _foreign_seals(cast, rsa_key)]
    return [
        {"name": name, "what": "message", "expect": "reject" if reason else "accept", "reason": reason, "token": token}
        for name, reason, token in rows
    ]


def to_inner(token: str, me: Keyring) -> str:
    """The signed inner text of a sealed message."""
    from sync.envelope import unseal

    return unseal(token, me)[0]


def _header(cast: Cast, without: str) -> dict[str, Any]:
    kid = cast.to.key.kid
    full = {**_ALG, "kid": kid, "typ": "firstcontact.sealed.v1", "cty": signed.MESSAGE, "apv": kid}
    return {name: value for name, value in full.items() if name != without}


def _foreign_seals(cast: Cast, rsa_key: RSAKey) -> list[tuple[str, str]]:
    """Seals by other algorithms: their first part alone must be enough to refuse them."""
    inner = cast.inner()
    base = {name: value for name, value in _header(cast, "alg").items() if name != "apv"}
    secret = OctKey.generate_key(256)
    made: list[tuple[str, Callable[[], str]]] = []

    def with_key(alg: str, key: Any) -> Callable[[], str]:
        registry = jwe.JWERegistry(algorithms=[alg, "A256GCM"], strict_check_header=False)
        return lambda: jwe.encrypt_compact({**base, "alg": alg}, inner, key, registry=registry)

    made.append(("dir", with_key("dir", secret)))
    made.append(("PBES2", with_key("PBES2-HS256+A128KW", OctKey.import_key(b"password" * 4))))
    made.append(("RSA-OAEP", with_key("RSA-OAEP", rsa_key)))
    tokens = [(name, make()) for name, make in made]
    # RSA1_5 is not written by a library that means well: its header before another token's parts does the same.
    header = urlsafe_b64encode(json.dumps({**base, "alg": "RSA1_5"}).encode()).decode()
    return [*tokens, ("RSA1_5", ".".join([header, *tokens[-1][1].split(".")[1:]]))]


def _batch_vectors(cast: Cast) -> list[dict[str, Any]]:
    good = seal(make_referral(REFERENCE), cast.device, cast.to, now=NOW, pack_sequence=12)

    def frozen(me: Keyring, items: list[str], to: str = "AFR", sequence: int = 218) -> dict[str, str]:
        body, _ = batches.freeze("batch-1", me, to, items, sender_sequence=sequence, pack_sequence=12)
        document: dict[str, str] = json.loads(body)
        return document

    ordinary = frozen(cast.device, [good])
    renumbered = ordinary | {"batch": ordinary["batch"].replace('"sender_sequence":218', '"sender_sequence":219')}
    forged = frozen(Keyring("dev-1", cast.stranger), [good])
    rows: list[tuple[str, str | None, dict[str, str]]] = [
        ("batch", None, ordinary),
        ("batch changed after signing", "digest", renumbered),
        ("batch signed by a stranger", "unknown-key", forged),
        ("batch signed by a revoked device", "revoked", frozen(Keyring("dev-3", cast.stolen.signing), [good])),
        ("batch in the name of another", "sender", frozen(Keyring("dev-1", cast.other_device.signing), [good])),
        ("batch for another addressee", "not-for-me", frozen(cast.device, [good], to="AYC")),
        ("batch without items", "too-large", frozen(cast.device, [])),
        ("batch of 51 items", "too-large", frozen(cast.device, [good[:40]] * 51)),
        ("batch with a number of 0", "claims", frozen(cast.device, [good], sequence=0)),
    ]
    return [
        {"name": name, "what": "batch", "expect": "reject" if reason else "accept", "reason": reason, **document}
        for name, reason, document in rows
    ]


def _receipt_vectors(cast: Cast) -> list[dict[str, Any]]:
    envelope = batches.Envelope("batch-1", "0" * 64, "dev-1", "AFR", 218, 12, cast.device.signing.kid)
    good = batches.sign_deposit(envelope, "mailbox-1", cast.mailbox.signing, NOW)
    forged = batches.sign_deposit(envelope, "mailbox-1", cast.stranger, NOW)
    as_other = signed.sign(b"{}", signed.MESSAGE, cast.mailbox.signing)
    rows: list[tuple[str, str | None, str]] = [
        ("deposit receipt", None, good),
        ("deposit receipt by a stranger", "unknown-key", forged),
        (
            "deposit receipt by a partner instead of its mailbox",
            "unknown-key",
            batches.sign_deposit(envelope, "mailbox-1", cast.afr.signing, NOW),
        ),
        ("a message in place of a deposit receipt", "format", as_other),
        ("deposit receipt that names nothing", "claims", signed.sign(b"{}", signed.DEPOSIT, cast.mailbox.signing)),
    ]
    return [
        {
            "name": name,
            "what": "deposit-receipt",
            "expect": "reject" if reason else "accept",
            "reason": reason,
            "token": t,
        }
        for name, reason, t in rows
    ]


def _pack_vectors(cast: Cast) -> list[dict[str, Any]]:
    expires = datetime(2026, 5, 1, tzinfo=UTC)
    parts = {"keys.json": cast.keys}
    older = packs.build_pack(parts, 11, expires, cast.coordinator)
    rows: list[tuple[str, str | None, dict[str, bytes]]] = [
        ("pack", None, cast.files),
        (
            "pack, expired: still good for a visit",
            None,
            packs.build_pack(parts, 13, datetime(2026, 1, 1, tzinfo=UTC), cast.coordinator),
        ),
        ("pack by another signer", "signer", packs.build_pack(parts, 13, expires, cast.stranger)),
        ("pack by a party that is no coordinator", "signer", packs.build_pack(parts, 13, expires, cast.device.signing)),
        ("pack older than the one in use (12)", "older", older),
        ("pack with a part changed", "part", cast.files | {"keys.json": cast.keys + b" "}),
        ("pack with a part missing", "part", {packs.INDEX: cast.files[packs.INDEX]}),
        ("pack without an index", "malformed", dict(parts)),
    ]
    return [
        {
            "name": name,
            "what": "pack",
            "expect": "reject" if reason else "accept",
            "reason": reason,
            "files": {file: base64.b64encode(data).decode() for file, data in files.items()},
        }
        for name, reason, files in rows
    ]


def _http_vectors(cast: Cast) -> list[dict[str, Any]]:
    url, body = "https://post.ambleshire.example/v1/mailboxes/AFR/batches", b'{"batch":"...","signature":"..."}'
    at = int(NOW.timestamp())

    def request(**changes: Any) -> dict[str, Any]:
        wish: dict[str, Any] = {
            "method": "POST",
            "url": url,
            "body": body,
            "key": cast.device.signing,
            "created": at,
        } | changes
        headers = http_signing.sign(
            wish["method"], wish["url"], wish["body"], wish["key"], created=wish["created"], nonce="nonce-0001"
        )
        return {"method": "POST", "url": url, "body": body.decode(), "headers": headers}

    good = request()
    narrow = {
        **good,
        "headers": good["headers"] | {"Signature-Input": good["headers"]["Signature-Input"].replace('"@method" ', "")},
    }
    rows: list[tuple[str, str | None, dict[str, Any]]] = [
        ("signed request", None, good),
        ("signed for another address", "signature", request(url=url.replace("AFR", "AYC"))),
        ("signed for another method", "signature", request(method="PUT")),
        ("signed for another body", "signature", request(body=b"{}")),
        ("signed by a stranger", "signature", request(key=cast.stranger)),
        ("signed 301 seconds ago", "clock", request(created=at - 301)),
        ("signed 61 seconds ahead", "clock", request(created=at + 61)),
        ("signature over fewer components", "signature", narrow),
        ("not signed", "signature", {**good, "headers": {}}),
    ]
    return [
        {"name": name, "what": "http-request", "expect": "reject" if reason else "accept", "reason": reason, **document}
        for name, reason, document in rows
    ]


def make() -> dict[str, Any]:
    """All vectors, with fresh keys."""
    cast = Cast()
    return {
        "about": "firstcontact v1: accept and reject samples; see sync/README.md. Keys are for these samples only.",
        "now": NOW.isoformat(),
        "me": "AFR",
        "my_sealing_key": cast.afr.sealing[0].jwk,
        "coordinator_key": cast.coordinator.public.jwk,
        "pack_sequence": 12,
        "pack_index": cast.files[packs.INDEX].decode(),
        "keys": json.loads(cast.keys),
        "keys_part": base64.b64encode(cast.keys).decode(),
        "vectors": [
            *_message_vectors(cast),
            *_batch_vectors(cast),
            *_receipt_vectors(cast),
            *_pack_vectors(cast),
            *_http_vectors(cast),
        ],
    }


if __name__ == "__main__":
    (HERE / "vectors.json").write_text(json.dumps(make(), indent=1) + "\n", encoding="utf-8")
