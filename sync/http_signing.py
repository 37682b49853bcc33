"""Requests signed by RFC 9421, made by client.py and checked by the mailbox.

Covered: "@method" "@authority" "@target-uri" "content-digest" (RFC 9530; also for an empty body), with `created` in the
server's time, a fresh `nonce`, `keyid` = thumbprint of the caller's signing key, and the tag "firstcontact". Nothing
else is accepted: no other algorithm, no other component list, no second signature.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)

from sync.errors import SyncError
from sync.keys import PrivateKey, PublicKey

COVERED = ("@method", "@authority", "@target-uri", "content-digest")
TAG = "firstcontact"
LABEL = "fc"
_NO_NONCE = "0000000000000000"
MAX_SKEW_SECONDS = 60
MAX_AGE_SECONDS = 300
NONCE_SECONDS = MAX_AGE_SECONDS + 2 * MAX_SKEW_SECONDS
"""how long a nonce must be remembered"""


class BadSignature(SyncError):
    """A request whose signature does not count; `code` is the problem code of README.md (signature, clock, replay)."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed a request."""

    kid: str
    nonce: str
    created: int


@dataclass(slots=True)
class _Request:
    """What the library looks at."""

    method: str
    url: str
    headers: dict[str, str]


def content_digest(body: bytes) -> str:
    """The Content-Digest field of a body (RFC 9530)."""
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"


class _Lookup(HTTPSignatureKeyResolver):
    """Verifies with whatever key the caller's resolver names."""

    def __init__(self, resolve: Callable[[str], PublicKey | None]) -> None:
        self.resolve = resolve

    def resolve_private_key(self, key_id: str) -> Any:
        raise LookupError(key_id)

    def resolve_public_key(self, key_id: str) -> ec.EllipticCurvePublicKey:
        key = self.resolve(key_id)
        if key is None:
            raise InvalidSignature("unknown key")
        return key.raw


class _Verifier(HTTPMessageVerifier):
    """The library's verifier without its clock: time is judged by `verify`, against the time that it is given."""

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        pass


def sign(method: str, url: str, body: bytes, key: PrivateKey, *, created: int, nonce: str) -> dict[str, str]:
    """The three header fields that make a request ours: Content-Digest, Signature-Input, Signature."""
    digest = content_digest(body)
    before, params = _frame(method, url, key.kid)
    params = params.replace(";created=1;", f";created={created};", 1).replace(_NO_NONCE, nonce, 1)
    base = f'{before}"content-digest": {digest}\n"@signature-params": {params}'
    algorithm = algorithms.ECDSA_P256_SHA256(private_key=key.raw)  # type: ignore[no-untyped-call]
    signature = algorithm.sign(base.encode("ascii"))
    return {
        "Content-Digest": digest,
        "Signature-Input": f"{LABEL}={params}",
        "Signature": f"{LABEL}=:{b64encode(signature).decode('ascii')}:",
    }


@lru_cache(maxsize=256)
def _frame(method: str, url: str, kid: str) -> tuple[str, str]:
    """What the library makes of a request but for digest, time and nonce: the base's first lines, and the parameters.

    A drain signs a thousand requests to one address; building this each time costs several times the signature itself.
    """
    prepared = _SIGNER.prepare(
        _Request(method, url, {"Content-Digest": content_digest(b"")}),
        key_id=kid,
        created=datetime.fromtimestamp(1, UTC),
        nonce=_NO_NONCE,
        label=LABEL,
        tag=TAG,
        use_existing_digest=True,
        covered_component_ids=COVERED,
    )
    first, digest, _ = prepared.signature_base.decode("ascii").rsplit("\n", 2)
    assert digest.startswith('"content-digest": ')
    return first + "\n", prepared.signature_params


def verify(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    resolve: Callable[[str], PublicKey | None],
    now: datetime,
    nonce_seen: Callable[[str, str, int], bool],
) -> Caller:
    """Who made this request.

    `url` is the public one (`--public-url` and the path with query, as the caller addressed it). `nonce_seen(kid,
    nonce, keep_until)` records a nonce and says whether it was there already; it is asked last, so that a stranger's
    request fills no memory. Raises: BadSignature: signature, clock, replay.
    """
    wanted = {name: value for name, value in headers.items() if name.lower() in _FIELDS}
    request = _Request(method, url, wanted)
    verifier = _Verifier(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=_Lookup(resolve))
    try:
        if len({name.lower() for name in wanted}) != len(_FIELDS):
            raise InvalidSignature("a header field is missing or doubled")
        results = verifier.verify(request, max_age=None, expect_tag=TAG)
        if len(results) != 1:
            raise InvalidSignature("not exactly one signature")
        result = results[0]
        covered = set(result.covered_components) - {'"@signature-params"'}
        if covered != _COVERED:
            raise InvalidSignature("other components are covered")
        if wanted_digest(wanted) != content_digest(body):
            raise InvalidSignature("the body is another")
        created, nonce, kid = (result.parameters.get(name) for name in ("created", "nonce", "keyid"))
        if type(created) is not int or not isinstance(nonce, str) or not isinstance(kid, str):
            raise InvalidSignature("created, nonce or keyid is missing")
        if not 8 <= len(nonce) <= 64:
            raise InvalidSignature("the nonce is too short or too long")
    except (HTTPMessageSignaturesException, InvalidSignature, ValueError, TypeError, KeyError) as error:
        raise BadSignature("signature", "The request is not signed as it must be.") from error
    age = now.timestamp() - created
    if age > MAX_AGE_SECONDS or age < -MAX_SKEW_SECONDS:
        raise BadSignature("clock", "The request was signed at another time than the mailbox has now.")
    if nonce_seen(kid, nonce, int(now.timestamp()) + NONCE_SECONDS):
        raise BadSignature("replay", "This very request was made before.")
    return Caller(kid, nonce, created)


_SIGNER = HTTPMessageSigner(signature_algorithm=algorithms.ECDSA_P256_SHA256)
_FIELDS = frozenset({"content-digest", "signature-input", "signature"})
_COVERED = frozenset(f'"{name}"' for name in COVERED)


def wanted_digest(headers: Mapping[str, str]) -> str:
    """The Content-Digest field as sent."""
    return next(value for name, value in headers.items() if name.lower() == "content-digest")
