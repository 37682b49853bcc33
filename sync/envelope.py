"""Sign, then seal; open, then verify.

    inner  compact JWS, ES256 by the sender's signing key, typ firstcontact.message.v1, payload = `Claims` padded with
           spaces in 1 KB steps
    outer  compact JWE, ECDH-ES+A256KW on P-256 and A256GCM, typ firstcontact.sealed.v1, cty firstcontact.message.v1,
           kid and apv = thumbprint of the addressee's sealing key

Anything else in a header (zip, crit, jku, jwk, x5u, ...) and any other algorithm is refused before a key is touched.
The signed `aud` and `aud_kid` stop an addressee from passing a message on as if it had been addressed to another.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError

from sync import signed
from sync.errors import BadMessage, TooLarge
from sync.keys import Keyring, PrivateKey, PublicKey
from sync.messages import Message, dump_message, identity, parse_message

SEALED = "firstcontact.sealed.v1"
MAX_INNER_BYTES = 32 * 1024
PADDING_BYTES = 1024
MAX_SEALED_CHARS = 62_000

_ALG, _ENC = "ECDH-ES+A256KW", "A256GCM"
_HEADER = frozenset({"alg", "enc", "kid", "typ", "cty", "apv", "epk"})
_EPK = frozenset({"kty", "crv", "x", "y"})
_REGISTRY = jwe.JWERegistry(algorithms=[_ALG, _ENC])
_CLAIMS = ("iss", "aud", "aud_kid", "jti")


@dataclass(frozen=True, slots=True)
class Opened:
    """A message whose seal opened and whose signature holds; whether it counts is receiver.py's question."""

    sender: str
    """`iss`: party id of who signed"""
    kid: str
    """the key that signed"""
    jti: str
    version: int
    issued_at: int
    """`iat`, seconds since 1970 by the sender's clock"""
    pack_sequence: int
    agency: str
    document: dict[str, Any]
    """the message itself, as sent"""
    token: str
    """the inner JWS, kept as evidence of who said what"""

    @property
    def kind(self) -> str:
        """The message's kind, known or not."""
        return str(self.document.get("kind", ""))

    def message(self) -> Message:
        """The typed message. Raises: BadMessage("malformed")."""
        return parse_message(self.document)


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom a message is sealed."""

    id: str
    key: PublicKey


def seal(message: Message | dict[str, Any], me: Keyring, to: Addressee, *, now: datetime, pack_sequence: int) -> str:
    """Sign a message with our signing key and seal it to its addressee; a compact JWE.

    Raises: TooLarge, if the claims are over 32 KB.
    """
    document = message if isinstance(message, dict) else dump_message(message)
    jti, version = identity(document)
    claims = {
        "iss": me.id,
        "agency": me.agency,
        "aud": to.id,
        "aud_kid": to.key.kid,
        "jti": jti,
        "version": version,
        "iat": int(now.timestamp()),
        "pack": pack_sequence,
        "message": document,
    }
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    return seal_payload(payload, me.signing, to.key)


def seal_payload(payload: bytes, signer: PrivateKey, key: PublicKey) -> str:
    """Pad, sign and seal the bytes of claims as they stand."""
    if len(payload) > MAX_INNER_BYTES:
        raise TooLarge("A message is larger than 32 KB.")
    payload += b" " * (-len(payload) % PADDING_BYTES)
    inner = signed.sign(payload, signed.MESSAGE, signer)
    # A fresh header each time: joserfc writes the ephemeral key into the one that it is given.
    header = {"alg": _ALG, "enc": _ENC, "kid": key.kid, "typ": SEALED, "cty": signed.MESSAGE, "apv": key.kid}
    return jwe.encrypt_compact(header, inner, key.key, registry=_REGISTRY)


def unseal(token: str, me: Keyring) -> tuple[str, str]:
    """Open the outer seal: the inner JWS, and the thumbprint of the key that opened it.

    Raises: BadMessage: too-large, malformed, algorithm, header, format, not-for-me (no such key here), seal (does
    not open).
    """
    if len(token) > MAX_SEALED_CHARS:
        raise BadMessage("too-large")
    header = signed.header_of(token, 5)
    if header.get("alg") != _ALG or header.get("enc") != _ENC:
        raise BadMessage("algorithm")
    if header.keys() != _HEADER:
        raise BadMessage("header")
    if header["typ"] != SEALED or header["cty"] != signed.MESSAGE:
        raise BadMessage("format")
    epk = header["epk"]
    if not isinstance(epk, dict) or epk.keys() != _EPK or epk["kty"] != "EC" or epk["crv"] != "P-256":
        raise BadMessage("header")
    kid = header["kid"]
    if not isinstance(kid, str) or header["apv"] != kid:
        raise BadMessage("header")
    key = me.sealing_key(kid)
    if key is None:
        raise BadMessage("not-for-me")
    try:
        opened = jwe.decrypt_compact(token, key.key, registry=_REGISTRY)
        inner = (opened.plaintext or b"").decode("ascii")
    except (JoseError, ValueError, TypeError) as error:
        raise BadMessage("seal") from error
    return inner, kid


def open_(token: str, me: Keyring, resolve: Callable[[str], tuple[str, PublicKey] | None]) -> Opened:
    """Open and verify one item.

    `resolve` tells of a kid the party that may sign with it now, and the key (pack.Pack.signer).
    Raises: BadMessage with a reason of `unseal`, of `signed.verify`, or: claims, audience (signed for another
    addressee or another key), sender (`iss` is not the owner of the key).
    """
    inner, kid = unseal(token, me)
    owners: list[str] = []

    def key_of(signing_kid: str) -> PublicKey | None:
        found = resolve(signing_kid)
        if found is None:
            return None
        owners.append(found[0])
        return found[1]

    claims, signing_kid = signed.verify_json(inner, signed.MESSAGE, key_of)
    document = claims.get("message")
    numbers = [claims.get(name) for name in ("version", "iat", "pack")]
    if (
        not isinstance(document, dict)
        or any(not isinstance(claims.get(name), str) for name in _CLAIMS)
        or any(type(number) is not int for number in numbers)
        or not isinstance(claims.get("agency", ""), str)
    ):
        raise BadMessage("claims")
    if claims["aud"] != me.id or claims["aud_kid"] != kid:
        raise BadMessage("audience")
    if claims["iss"] != owners[0]:
        raise BadMessage("sender")
    try:
        agrees = identity(document) == (claims["jti"], claims["version"])
    except (TypeError, ValueError):
        agrees = False
    if not agrees:
        raise BadMessage("claims")
    return Opened(
        sender=claims["iss"],
        kid=signing_kid,
        jti=claims["jti"],
        version=claims["version"],
        issued_at=claims["iat"],
        pack_sequence=claims["pack"],
        agency=claims.get("agency", ""),
        document=document,
        token=inner,
    )
