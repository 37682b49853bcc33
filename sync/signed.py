"""The one JWS shape of the house: compact, ES256, header exactly {alg, kid, typ}.

`typ` carries what it is and its format version, so that a signature over one thing never counts for another. A JWS
covers exact bytes; what was signed is never serialised again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from sync.errors import BadMessage
from sync.keys import PrivateKey, PublicKey

MESSAGE = "firstcontact.message.v1"
BATCH = "firstcontact.batch.v1"
DEPOSIT = "firstcontact.deposit.v1"
PACK = "firstcontact.pack.v1"

_HEADER = frozenset({"alg", "kid", "typ"})
_ES256 = jws.JWSRegistry(algorithms=["ES256"]).get_alg("ES256")

Resolver = Callable[[str], PublicKey | None]
"""kid -> the key that may have signed, or None"""


def unpadded(segment: str) -> bytes:
    """Decode base64url without padding; strict about alphabet and ending. Raises: ValueError."""
    return urlsafe_b64decode(segment.encode("ascii"))


def header_of(token: str, parts: int) -> dict[str, Any]:
    """The protected header of a compact JOSE token of so many parts. Raises: BadMessage("malformed")."""
    segments = token.split(".")
    if len(segments) != parts or len(segments[0]) > 1024:
        raise BadMessage("malformed")
    try:
        header = json.loads(unpadded(segments[0]))
    except (ValueError, RecursionError) as error:
        raise BadMessage("malformed") from error
    if not isinstance(header, dict):
        raise BadMessage("malformed")
    return header


def sign(payload: bytes, typ: str, key: PrivateKey) -> str:
    """Sign exact bytes."""
    header = urlsafe_b64encode(b'{"alg":"ES256","kid":"%s","typ":"%s"}' % (key.kid.encode(), typ.encode()))
    signing_input = header + b"." + urlsafe_b64encode(payload)
    return (signing_input + b"." + urlsafe_b64encode(_ES256.sign(signing_input, key.key))).decode("ascii")


def verify(token: str, typ: str, resolve: Resolver) -> tuple[bytes, str]:
    """The payload and the kid of a signature that holds.

    Raises: BadMessage: malformed, algorithm (another than ES256), header (a parameter too many or missing), format
    (another typ), unknown-key, signature.
    """
    header = header_of(token, 3)
    if header.get("alg") != "ES256":
        raise BadMessage("algorithm")
    if header.keys() != _HEADER:
        raise BadMessage("header")
    if header["typ"] != typ:
        raise BadMessage("format")
    key = resolve(header["kid"]) if isinstance(header["kid"], str) else None
    if key is None:
        raise BadMessage("unknown-key")
    signing_input, _, signature = token.rpartition(".")
    try:
        # The algorithm itself, after our own stricter reading of the header: joserfc's general path looks at more
        # than one shape and costs as much again as the signature.
        if not _ES256.verify(signing_input.encode("ascii"), unpadded(signature), key.key):
            raise BadMessage("signature")
        return unpadded(signing_input.partition(".")[2]), key.kid
    except ValueError as error:
        raise BadMessage("malformed") from error


def verify_json(token: str, typ: str, resolve: Resolver) -> tuple[dict[str, Any], str]:
    """As `verify`, for a payload that is a JSON object."""
    payload, kid = verify(token, typ, resolve)
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise BadMessage("malformed") from error
    if not isinstance(document, dict):
        raise BadMessage("malformed")
    return document, kid
