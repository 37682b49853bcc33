"""Ways into a vault: each slot wraps the same random store key under a passphrase, a printed code or a recovery key.

A slot is one byte string, so that it can be kept anywhere:

    passphrase, code   header length (2 bytes) | header (JSON) | commitment (32) | nonce (12) | wrapped (48) | check (8)
    recovery           header length (2 bytes) | header (JSON) | JWE compact of the store key | check (8)

The header (kind, format, KDF parameters, salt) and the store's id are authenticated by the wrapping. AES-GCM-SIV does
not commit to its key, so a commitment derived from the same secret is compared first. `check` is the beginning of a
SHA-256 over everything before it: it tells a damaged slot from a wrong passphrase, and is no secret.
Source: RFC 9106 (Argon2id), RFC 8452 (AES-GCM-SIV), RFC 7516 and 7518 (JWE).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.base.references import ALPHABET
from sync.base.vault_errors import KdfRefused, VaultDamaged, WrongSecret

FORMAT: Final = 1
PASSPHRASE: Final = "passphrase"  # noqa: S105 - the name of a kind of slot
CODE: Final = "code"
RECOVERY: Final = "recovery"

_CHECK_BYTES: Final = 8
_CEILING_KIB: Final = 2 * 1024 * 1024
_MOST_ITERATIONS: Final = 64
_MOST_LANES: Final = 64
_CODE_BODY: Final = 18
_HEARD_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\u2010": None, "\u2013": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kdf:
    """Argon2id parameters of one slot. Source: RFC 9106, section 4, second recommended option."""

    memory_kib: int = 64 * 1024
    """Memory in KiB."""
    iterations: int = 3
    """Passes over it."""
    lanes: int = 4
    """Lanes computed side by side."""

    def refuse_outside(self) -> None:
        """Raise KdfRefused for parameters below the floor (a thief's wish) or above what any laptop has (a hang)."""
        floor = FLOOR
        if self.memory_kib < floor.memory_kib or self.iterations < floor.iterations or self.lanes < floor.lanes:
            raise KdfRefused("This way in asks for less work than is safe. It was changed, and was not used.")
        if self.memory_kib > _CEILING_KIB or self.iterations > _MOST_ITERATIONS or self.lanes > _MOST_LANES:
            raise KdfRefused("This way in asks for more work than any laptop can do. It was changed, and was not used.")


FLOOR: Final = Kdf()


def new_code() -> str:
    """A fresh one-time code to print: 90 random bits and two check characters, `7K3M-9Q2T-X4VB-1CDE-FGH5`."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_CODE_BODY))
    plain = body + _code_check(body)
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def parse_code(text: str) -> bytes:
    """What somebody typed from paper, as the bytes that the slot was made with.

    Case, spaces and hyphens do not matter, and O, I and L are read as 0, 1 and 1.
    Raises: ValueError, for a code that cannot be right, before any slow work.
    """
    plain = text.strip().upper().translate(_HEARD_AS)
    if len(plain) != _CODE_BODY + 2:
        raise ValueError(f"the code has {_CODE_BODY + 2} letters and figures, this has {len(plain)}")
    body = plain[:_CODE_BODY]
    if set(plain) - set(ALPHABET) or _code_check(body) != plain[_CODE_BODY:]:
        raise ValueError("one letter or figure of this code is not right: please look at it again")
    return plain.encode()


def seal_slot(kind: str, secret: bytes, store_id: bytes, store_key: bytes, kdf: Kdf = FLOOR) -> bytes:
    """A slot that opens with a passphrase or a code. Raises: KdfRefused."""
    kdf.refuse_outside()
    salt = secrets.token_bytes(16)
    header = json.dumps(
        {
            "format": FORMAT,
            "kind": kind,
            "kdf": "argon2id",
            "memory_kib": kdf.memory_kib,
            "iterations": kdf.iterations,
            "lanes": kdf.lanes,
            "salt": b64encode(salt).decode(),
        }
    ).encode()
    wrapping, commitment = _slot_keys(secret, salt, kdf, header)
    nonce = secrets.token_bytes(12)
    wrapped = AESGCMSIV(wrapping).encrypt(nonce, store_key, b"first-contact slot|" + store_id + header)
    return _checked(len(header).to_bytes(2) + header + commitment + nonce + wrapped)


def seal_recovery_slot(public_jwk: Mapping[str, Any], store_id: bytes, store_key: bytes) -> bytes:
    """A slot that opens with the scheme's offline recovery key (P-256)."""
    from joserfc import jwe
    from joserfc.jwk import ECKey

    registry = jwe.JWERegistry(algorithms=["ECDH-ES+A256KW", "A256GCM"])
    key = ECKey.import_key({name: public_jwk[name] for name in ("kty", "crv", "x", "y")})
    header = json.dumps({"format": FORMAT, "kind": RECOVERY, "key": key.thumbprint()}).encode()
    token = jwe.encrypt_compact(
        {
            "alg": "ECDH-ES+A256KW",
            "enc": "A256GCM",
            "typ": "first-contact-store-key+v1",
            "apv": b64encode(hashlib.sha256(store_id + header).digest(), altchars=b"-_").rstrip(b"=").decode(),
        },
        store_key,
        key,
        registry=registry,
    )
    return _checked(len(header).to_bytes(2) + header + token.encode())


def slot_kind(slot: bytes) -> str:
    """`passphrase`, `code`, `recovery`, or a kind from a newer version as it stands. Raises: VaultDamaged."""
    return str(_parse(slot)[0].get("kind", ""))


def open_slot(slot: bytes, secret: bytes, store_id: bytes) -> bytes:
    """The store key from a passphrase or code slot.

    Raises: WrongSecret; VaultDamaged, when the slot is not as it was written; KdfRefused, before any work.
    """
    fields, header, body = _parse(slot)
    try:
        if fields["format"] != FORMAT or fields["kdf"] != "argon2id" or len(body) != 32 + 12 + 48:
            raise VaultDamaged("a way in", "it is of a form that this version does not know")
        kdf = Kdf(
            memory_kib=_number(fields["memory_kib"]),
            iterations=_number(fields["iterations"]),
            lanes=_number(fields["lanes"]),
        )
        salt = b64decode(fields["salt"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise VaultDamaged("a way in", "its description does not read") from error
    kdf.refuse_outside()
    wrapping, commitment = _slot_keys(secret, salt, kdf, header)
    if not hmac.compare_digest(commitment, body[:32]):
        raise WrongSecret
    try:
        return AESGCMSIV(wrapping).decrypt(body[32:44], body[44:], b"first-contact slot|" + store_id + header)
    except InvalidTag as error:
        raise VaultDamaged("a way in", "it was not made for this file, or was altered") from error


def open_recovery_slot(slot: bytes, private_jwk: Mapping[str, Any], store_id: bytes) -> bytes:
    """The store key from the recovery slot, with the scheme's private key. Raises: WrongSecret, VaultDamaged."""
    from joserfc import jwe
    from joserfc.jwk import ECKey

    fields, header, body = _parse(slot)
    registry = jwe.JWERegistry(algorithms=["ECDH-ES+A256KW", "A256GCM"])
    key = ECKey.import_key(dict(private_jwk))
    if fields.get("key") != key.thumbprint():
        raise WrongSecret("That is not the recovery key that this file was sealed to.")
    try:
        opened = jwe.decrypt_compact(body.decode("ascii"), key, registry=registry)
    except (
        Exception
    ) as error:  # on altered tokens the library raises more than its own errors (KeyError, InvalidUnwrap)
        raise VaultDamaged("the recovery way in", "it was altered") from error
    party = b64encode(hashlib.sha256(store_id + header).digest(), altchars=b"-_").rstrip(b"=").decode()
    if opened.headers().get("apv") != party or opened.plaintext is None or len(opened.plaintext) != 32:
        raise VaultDamaged("the recovery way in", "it was not made for this file, or was altered")
    return opened.plaintext


def _slot_keys(secret: bytes, salt: bytes, kdf: Kdf, header: bytes) -> tuple[bytes, bytes]:
    """The wrapping key and the commitment, both from one run of Argon2id and both bound to the header."""
    stretched = Argon2id(
        salt=salt, length=32, iterations=kdf.iterations, lanes=kdf.lanes, memory_cost=kdf.memory_kib
    ).derive(secret)

    def derived(label: bytes) -> bytes:
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=hashlib.sha256(header).digest(), info=label).derive(
            stretched
        )

    return derived(b"first-contact slot wrapping v1"), derived(b"first-contact slot commitment v1")


def _checked(record: bytes) -> bytes:
    return record + hashlib.sha256(record).digest()[:_CHECK_BYTES]


def _parse(slot: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """Header as fields and as bytes, and the rest. Raises: VaultDamaged."""
    record, check = slot[:-_CHECK_BYTES], slot[-_CHECK_BYTES:]
    if hashlib.sha256(record).digest()[:_CHECK_BYTES] != check:
        raise VaultDamaged("a way in", "it is not as it was written")
    length = int.from_bytes(record[:2])
    header, body = record[2 : 2 + length], record[2 + length :]
    try:
        fields = json.loads(header)
    except ValueError as error:
        raise VaultDamaged("a way in", "its description does not read") from error
    if not isinstance(fields, dict):
        raise VaultDamaged("a way in", "its description does not read")
    return fields, header, body


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a KDF parameter is a whole number")
    return value


def _code_check(body: str) -> str:
    digest = hashlib.sha256(b"first-contact code|" + body.encode()).digest()
    return ALPHABET[digest[0] & 31] + ALPHABET[digest[1] & 31]
