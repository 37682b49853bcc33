"""The signed pack: who is who, with which keys, and the data files of the scheme.

An index (sequence, expiry, SHA-256 of each part) signed by a coordinator, and its parts. Laws, kept by `Pack.verify`:

1. The index is signed by one of the coordinator keys that the reader already trusts; never by one that only the new
pack names.
2. The sequence is not lower than the one the reader holds.
3. Every part named is there with the digest named; a file that the index does not name is not looked at.
4. An expired pack still serves a visit (`Pack.expired`); nothing is sealed by it until it is refreshed.

The part `keys.json` is {"v": 1, "parties": [Party...]}; its shape is in README.md, "The pack".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from sync import signed
from sync.errors import BadMessage, BadPack, NoKey, SyncError
from sync.keys import Keyring, PrivateKey, PublicKey

INDEX = "index.jws"
KEYS = "keys.json"
MAX_PACK_BYTES = 8 * 1024 * 1024

_INSTANT = timedelta(microseconds=1)
AGENCY, DEVICE, HUB, MAILBOX = "agency", "device", "hub", "mailbox"
COORDINATOR, SAFEGUARDING, RECOVERY = "coordinator", "safeguarding", "recovery"


class ListedKey(BaseModel):
    """A public key and when it may be used."""

    model_config = ConfigDict(extra="allow", frozen=True, validate_by_name=True, validate_by_alias=True)

    jwk: dict[str, str]
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked: datetime | None = None

    def valid(self, at: datetime) -> bool:
        """Whether it may be used at this time."""
        return (
            self.revoked is None
            and (self.valid_from is None or self.valid_from <= at)
            and (self.valid_until is None or at < self.valid_until)
        )


class Party(BaseModel):
    """Someone that the scheme knows: an agency, a laptop, the hub, a mailbox, a coordinator ..."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str
    kind: str
    name: str = ""
    signing: tuple[ListedKey, ...] = ()
    sealing: tuple[ListedKey, ...] = ()
    mailbox_url: str | None = None
    """where its post is kept; for a mailbox, its own address"""
    mailbox: str | None = None
    """party id of that mailbox: whose key signs the deposit receipts"""
    desk: str | None = None
    """agencies: own or hosted"""
    agency: str | None = None
    """devices: the agency of the professional"""
    revoked: datetime | None = None

    def sealing_key(self, at: datetime) -> PublicKey:
        """The key to seal to now: the latest that has become valid. Raises: NoKey."""
        usable = [key for key in self.sealing if key.valid(at)] if self.revoked is None else []
        if not usable:
            raise NoKey(f"The pack has no key to seal to {self.name or self.id}.")
        first = datetime.min.replace(tzinfo=UTC)
        return PublicKey.of(max(usable, key=lambda key: key.valid_from or first).jwk)


def party_of(
    keyring: Keyring, kind: str, name: str = "", *, valid_from: datetime | None = None, **more: Any
) -> dict[str, Any]:
    """An entry of `keys.json` for an endpoint's public halves.

    `more`: mailbox_url, mailbox, desk, agency, valid_until.
    """
    until = more.pop("valid_until", None)

    def listed(key: PrivateKey) -> ListedKey:
        return ListedKey(jwk=key.public.jwk, valid_from=valid_from, valid_until=until)

    party = Party(
        id=keyring.id,
        kind=kind,
        name=name,
        signing=(listed(keyring.signing),),
        sealing=tuple(listed(key) for key in keyring.sealing),
        **more,
    )
    return party.model_dump(mode="json", exclude_none=True)


def keys_part(parties: Iterable[Mapping[str, Any]]) -> bytes:
    """The bytes of `keys.json`. Raises: ValueError, if two parties share an id or a key."""
    listed = [Party.model_validate(dict(party)) for party in parties]
    if len({party.id for party in listed}) != len(listed):
        raise ValueError("two parties have the same id")
    kids = [PublicKey.of(key.jwk).kid for party in listed for key in (*party.signing, *party.sealing)]
    if len(set(kids)) != len(kids):
        raise ValueError("one key is listed twice")
    document = {"v": 1, "parties": [party.model_dump(mode="json", exclude_none=True) for party in listed]}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def build_pack(
    parts: Mapping[str, bytes], sequence: int, expires: datetime, signer: PrivateKey, *, issued: datetime | None = None
) -> dict[str, bytes]:
    """File name -> bytes: the parts, and `index.jws` signed by a coordinator."""
    if INDEX in parts or KEYS not in parts:
        raise ValueError(f"a pack has a part {KEYS} and none called {INDEX}")
    index = {
        "v": 1,
        "sequence": sequence,
        "issued": _stamp(issued) if issued else None,
        "expires": _stamp(expires),
        "parts": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(parts.items())},
    }
    token = signed.sign(json.dumps(index, separators=(",", ":")).encode(), signed.PACK, signer)
    return {**parts, INDEX: token.encode("ascii")}


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Pack:
    """A verified pack. Make one with `Pack.verify`."""

    sequence: int
    expires: datetime
    files: Mapping[str, bytes]
    """index and parts, as they travel"""
    parties: Mapping[str, Party]
    signer: str
    """kid of the coordinator key that signed"""
    _by_kid: dict[str, tuple[Party, ListedKey, PublicKey]] = field(default_factory=dict, repr=False, compare=False)

    @staticmethod
    def verify(files: Mapping[str, bytes], coordinator_keys: Iterable[PublicKey], min_sequence: int = 0) -> Pack:
        """Check a pack by the laws above.

        Raises: BadPack: malformed, signer, older, part, keys.
        """
        trusted = {key.kid: key for key in coordinator_keys}
        token = files.get(INDEX)
        if token is None or sum(map(len, files.values())) > MAX_PACK_BYTES:
            raise BadPack("malformed", "The pack has no index, or is too large.")
        try:
            index, kid = signed.verify_json(token.decode("ascii", "replace"), signed.PACK, trusted.get)
        except BadMessage as error:
            words = "The pack is not signed by a coordinator of this scheme."
            raise BadPack("signer" if error.reason != "malformed" else "malformed", words) from error
        try:
            sequence, digests = index["sequence"], dict(index["parts"])
            expires = datetime.fromisoformat(index["expires"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadPack("malformed", "The index of the pack cannot be read.") from error
        if type(sequence) is not int or expires.tzinfo is None:
            raise BadPack("malformed", "The index of the pack cannot be read.")
        if sequence < min_sequence:
            raise BadPack("older", f"This pack ({sequence}) is older than the one in use ({min_sequence}).")
        parts = {name: files[name] for name in digests if name in files}
        if any(hashlib.sha256(parts.get(name, b"")).hexdigest() != digest for name, digest in digests.items()):
            raise BadPack("part", "A part of the pack is missing or was changed.")
        return Pack(sequence, expires, {**parts, INDEX: token}, _parties(parts), kid)

    def __post_init__(self) -> None:
        for party in self.parties.values():
            for listed in party.signing:
                key = PublicKey.of(listed.jwk)
                self._by_kid[key.kid] = (party, listed, key)

    def part(self, name: str) -> bytes:
        """The bytes of one part. Raises: KeyError."""
        return self.files[name]

    def expired(self, now: datetime) -> bool:
        """Past its expiry: still good for a visit, but nothing is sealed by it."""
        return now >= self.expires

    def party(self, party_id: str) -> Party | None:
        """Who has this id."""
        return self.parties.get(party_id)

    def of_kind(self, kind: str) -> tuple[Party, ...]:
        """All parties of a kind, in the pack's order."""
        return tuple(party for party in self.parties.values() if party.kind == kind)

    def signer_of(self, kid: str, at: datetime, grace: timedelta = timedelta(0)) -> tuple[Party, PublicKey] | None:
        """Who may sign with this key at this time: None for an unknown, outdated or revoked key or party.

        `grace` is for post that has waited: how long after its end a key still counts.
        """
        found = self._by_kid.get(kid)
        if found is None or found[0].revoked is not None:
            return None
        listed = found[1]
        if not listed.valid(at) and not (listed.valid_until and listed.valid(min(at, listed.valid_until - _INSTANT))):
            return None
        if listed.valid_until is not None and at >= listed.valid_until + grace:
            return None
        return found[0], found[2]

    def knows(self, kid: str) -> bool:
        """Whether this signing key is listed at all, be it revoked or outdated."""
        return kid in self._by_kid

    def coordinator_keys(self) -> tuple[PublicKey, ...]:
        """Who may sign the next pack."""
        return tuple(
            PublicKey.of(listed.jwk)
            for party in self.of_kind(COORDINATOR)
            if party.revoked is None
            for listed in party.signing
            if listed.revoked is None
        )

    def to_wire(self) -> bytes:
        """The JSON of GET and PUT /v1/pack."""
        return pack_to_wire(self.files)


def pack_to_wire(files: Mapping[str, bytes]) -> bytes:
    """{"index": JWS, "parts": {name: base64}}."""
    parts = {name: base64.b64encode(data).decode() for name, data in files.items() if name != INDEX}
    return json.dumps({"index": files[INDEX].decode("ascii"), "parts": parts}, separators=(",", ":")).encode()


def pack_from_wire(body: bytes) -> dict[str, bytes]:
    """The inverse of `pack_to_wire`; nothing is verified. Raises: BadPack("malformed")."""
    try:
        document = json.loads(body)
        parts = {str(name): base64.b64decode(data, validate=True) for name, data in document["parts"].items()}
        return {**parts, INDEX: document["index"].encode("ascii")}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise BadPack("malformed", "What the mailbox sent is not a pack.") from error


def _parties(parts: Mapping[str, bytes]) -> dict[str, Party]:
    try:
        document = json.loads(parts[KEYS])
        listed = [Party.model_validate(party) for party in document["parties"]]
        for party in listed:
            for key in (*party.signing, *party.sealing):
                PublicKey.of(key.jwk)
    except (KeyError, TypeError, ValueError, ValidationError, SyncError) as error:
        raise BadPack("keys", "The list of keys in the pack cannot be read.") from error
    return {party.id: party for party in listed}
