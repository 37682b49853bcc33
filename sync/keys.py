"""P-256 keys, imported once: what signs, what unseals, and the public halves.

A key's id (`kid`) is its RFC 7638 thumbprint, so that naming a key and fixing it are one act. The same class serves
signing and sealing; which of the two a key may do is said where it is listed (the pack, the `Keyring`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from sync.errors import Theirs

Jwk = dict[str, str]


class PublicKey:
    """The public half of a key. Use `PublicKey.of`, which imports each key once per process."""

    def __init__(self, key: ECKey) -> None:
        self.key = key
        self.kid: str = key.thumbprint()

    @staticmethod
    def of(jwk: dict[str, Any]) -> PublicKey:
        """Import a public JWK (kty, crv, x, y; anything else in it is ignored). Raises: Theirs."""
        if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
            raise Theirs("A key is not on the curve P-256.")
        return _public(str(jwk.get("x", "")), str(jwk.get("y", "")))

    @cached_property
    def raw(self) -> ec.EllipticCurvePublicKey:
        """The key as `cryptography` has it."""
        return self.key.public_key

    @cached_property
    def jwk(self) -> Jwk:
        """kty, crv, x, y."""
        full = self.key.as_dict(private=False)
        return {name: str(full[name]) for name in ("kty", "crv", "x", "y")}


@lru_cache(maxsize=4096)
def _public(x: str, y: str) -> PublicKey:
    if len(x) != 43 or len(y) != 43:
        raise Theirs("A key's coordinates are not 32 bytes each.")
    try:
        key = PublicKey(ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y}))
        _ = key.raw  # the point is checked to lie on the curve here
    except Exception as error:  # joserfc and cryptography raise many kinds for one fact
        raise Theirs("A key is not a point on the curve P-256.") from error
    return key


class PrivateKey:
    """A key that signs or unseals."""

    def __init__(self, key: ECKey) -> None:
        self.key = key
        self.public = PublicKey(ECKey.import_key(key.public_key))
        self.kid = self.public.kid

    @staticmethod
    def generate() -> PrivateKey:
        """A fresh key from the system's randomness."""
        return PrivateKey(ECKey.generate_key("P-256"))

    @staticmethod
    def of(jwk: dict[str, Any]) -> PrivateKey:
        """Import a private JWK. Raises: ValueError."""
        if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" not in jwk:
            raise ValueError("not a private P-256 key")
        return PrivateKey(ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y", "d")}))

    @cached_property
    def raw(self) -> ec.EllipticCurvePrivateKey:
        """The key as `cryptography` has it."""
        private = self.key.private_key
        if private is None:
            raise ValueError("a public key cannot sign or unseal")
        return private

    @property
    def jwk(self) -> Jwk:
        """kty, crv, x, y, d: secret, to be sealed at rest."""
        full = self.key.as_dict(private=True)
        return {name: str(full[name]) for name in ("kty", "crv", "x", "y", "d")}

    def __repr__(self) -> str:
        return f"PrivateKey({self.kid})"


@dataclass(frozen=True, slots=True)
class Keyring:
    """One endpoint's own keys: a device, an agency's desk, the hub, a mailbox."""

    id: str
    """its party id in the pack"""
    signing: PrivateKey
    sealing: tuple[PrivateKey, ...] = ()
    """newest first; older ones stay until their overlap ends"""
    agency: str = ""
    """for a device: the agency of its professional"""
    _by_kid: dict[str, PrivateKey] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_kid.update({key.kid: key for key in self.sealing})

    @staticmethod
    def generate(party_id: str, agency: str = "") -> Keyring:
        """A fresh endpoint with one key of each sort."""
        return Keyring(party_id, PrivateKey.generate(), (PrivateKey.generate(),), agency)

    def sealing_key(self, kid: str) -> PrivateKey | None:
        """The key that a sealed item names, if it is ours."""
        return self._by_kid.get(kid)

    def to_document(self) -> dict[str, Any]:
        """JSON-able and secret."""
        return {
            "id": self.id,
            "agency": self.agency,
            "signing": self.signing.jwk,
            "sealing": [key.jwk for key in self.sealing],
        }

    @staticmethod
    def from_document(document: dict[str, Any]) -> Keyring:
        """The inverse of `to_document`."""
        return Keyring(
            document["id"],
            PrivateKey.of(document["signing"]),
            tuple(PrivateKey.of(jwk) for jwk in document["sealing"]),
            document.get("agency", ""),
        )
