"""The vault's seals: bytes in, bytes out. One random store key, a sub-key for each purpose, a data key for each stream.

    store key --HKDF-SHA256, one label per purpose--> sub-keys
    sub-key "data keys" --AES-256-GCM-SIV--> data keys (random 256 bit, one per stream, with the stream's label)
    data key --AES-256-GCM--> events;  AAD = format | store id | stream | seq | previous tag in that stream
    sub-keys --AES-256-GCM--> head, register, documents;  AAD = format | store id | purpose | place

A sealed piece is nonce (12 random bytes) | ciphertext | tag (16). Before sealing, the text gets its length in front and
is filled up with zeros to a multiple of 256 bytes, so that a row tells only the step that its text falls in.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.base.vault_errors import VaultDamaged

FORMAT: Final = b"first-contact vault 1|"
"""Stands in every seal, so that bytes of a later format can never be taken for this one."""
KEY_BYTES: Final = 32
ID_BYTES: Final = 16
TAG_BYTES: Final = 16
STEP: Final = 256
NO_TAG: Final = bytes(TAG_BYTES)
"""The previous tag of a stream's first event."""
_NONCE: Final = 12
_SHORTEST: Final = _NONCE + STEP + TAG_BYTES


def padded(text: bytes) -> bytes:
    """The text with its length in front, filled up to a multiple of 256 bytes."""
    length = len(text) + 4
    return len(text).to_bytes(4) + text + bytes(-length % STEP)


def unpadded(block: bytes) -> bytes:
    """What `padded` was given. Raises: ValueError."""
    length = int.from_bytes(block[:4])
    if length + 4 > len(block):
        raise ValueError("the length in front is longer than the text")
    return block[4 : 4 + length]


def tag_of(sealed: bytes) -> bytes:
    """The tag of a sealed piece: its last 16 bytes."""
    return sealed[-TAG_BYTES:]


class Seal:
    """AES-256-GCM under one sub-key, for one purpose of one store."""

    __slots__ = ("_cipher", "_prefix", "purpose")

    def __init__(self, key: bytes, store_id: bytes, purpose: str) -> None:
        self._cipher = AESGCM(key)
        self._prefix = FORMAT + store_id + purpose.encode() + b"|"
        self.purpose = purpose

    def seal(self, text: bytes, place: bytes) -> bytes:
        """Seal a text for one place (a row, a revision); it opens nowhere else."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, padded(text), self._prefix + place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """What was sealed for this place. Raises: VaultDamaged."""
        try:
            return unpadded(self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._prefix + place))
        except (InvalidTag, ValueError) as error:
            raise VaultDamaged(self.purpose, "it was altered, or stands in the wrong place") from error


class StreamSeal:
    """The data key of one stream, sealing and opening its events."""

    __slots__ = ("_cipher", "_prefix", "label", "stream_id")

    def __init__(self, data_key: bytes, store_id: bytes, stream_id: bytes, label: bytes) -> None:
        self._cipher = AESGCM(data_key)
        self._prefix = FORMAT + store_id + b"event|" + stream_id
        self.stream_id = stream_id
        self.label = label

    def seal(self, event: bytes, seq: int, previous_tag: bytes) -> bytes:
        """Seal the event of this number as the next of the stream after the one whose tag is given."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, padded(event), self._prefix + seq.to_bytes(8) + previous_tag)

    def open(self, sealed: bytes, seq: int, previous_tag: bytes) -> bytes:
        """The event. Raises: VaultDamaged, when bytes, number or neighbour are not those it was sealed with."""
        try:
            return unpadded(
                self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._prefix + seq.to_bytes(8) + previous_tag)
            )
        except (InvalidTag, ValueError, OverflowError) as error:
            raise VaultDamaged("event", "an entry was altered, removed or put back") from error


class Vault:
    """An open store key. It lives in memory only, and only as long as the vault is open."""

    def __init__(self, store_id: bytes, store_key: bytes) -> None:
        if len(store_id) != ID_BYTES or len(store_key) != KEY_BYTES:
            raise ValueError("a store has an id of 16 bytes and a key of 32")
        self.store_id = store_id
        self._store_key = store_key
        self._data_keys = AESGCMSIV(self.sub_key("data keys"))

    @classmethod
    def new(cls) -> Vault:
        """A fresh store id and store key."""
        return cls(secrets.token_bytes(ID_BYTES), secrets.token_bytes(KEY_BYTES))

    @property
    def store_key(self) -> bytes:
        """The store key itself, for making a further slot."""
        return self._store_key

    def sub_key(self, label: str) -> bytes:
        """The 256-bit sub-key of one purpose."""
        return HKDF(
            algorithm=hashes.SHA256(), length=KEY_BYTES, salt=self.store_id, info=FORMAT + label.encode()
        ).derive(self._store_key)

    def seal_for(self, purpose: str) -> Seal:
        """The seal of one purpose, with a sub-key of its own."""
        return Seal(self.sub_key("seal " + purpose), self.store_id, purpose)

    def opaque_ids(self, purpose: str) -> OpaqueIds:
        """Names that tell nothing, the same each time for the same thing."""
        return OpaqueIds(self.sub_key("ids " + purpose))

    def sum_terms(self, purpose: str) -> SumTerms:
        """The terms of a sum that vouches for a set of rows."""
        return SumTerms(self.sub_key("sum " + purpose))

    def new_stream(self, label: bytes, place: bytes) -> tuple[StreamSeal, bytes]:
        """A fresh stream with a random id and data key; returns its seal and the wrapped key to keep beside its id.

        `place` is what else the wrapping is bound to (the visit's opaque id); the label travels inside.
        """
        stream_id, data_key = secrets.token_bytes(ID_BYTES), AESGCM.generate_key(256)
        nonce = secrets.token_bytes(_NONCE)
        bound = FORMAT + self.store_id + b"stream|" + stream_id + place
        wrapped = nonce + self._data_keys.encrypt(nonce, padded(data_key + label), bound)
        return StreamSeal(data_key, self.store_id, stream_id, label), wrapped

    def open_stream(self, stream_id: bytes, wrapped: bytes, place: bytes) -> StreamSeal:
        """A stream from its wrapped key. Raises: VaultDamaged."""
        bound = FORMAT + self.store_id + b"stream|" + stream_id + place
        try:
            text = unpadded(self._data_keys.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], bound))
        except (InvalidTag, ValueError) as error:
            raise VaultDamaged("stream", "its key was altered, or stands in the wrong place") from error
        return StreamSeal(text[:KEY_BYTES], self.store_id, stream_id, text[KEY_BYTES:])


class OpaqueIds:
    """HMAC-SHA256 names of 16 bytes under one sub-key."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, *parts: str) -> bytes:
        """The opaque id of a thing named by these parts; ("a", "bc") and ("ab", "c") are different things."""
        text = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)
        return hmac.digest(self._key, text, hashlib.sha256)[:ID_BYTES]


class SumTerms:
    """The secret numbers of which a sum over a set of rows is made, under a sub-key that names nothing else."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, *parts: bytes) -> int:
        """The 256-bit number of a row, from parts of fixed lengths."""
        return int.from_bytes(hmac.digest(self._key, b"".join(parts), hashlib.sha256))
