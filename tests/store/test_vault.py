"""The seals and the ways in: what opens, what does not, and what is refused before any work."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from base64 import b64encode
from typing import Any

import pytest
from joserfc.jwk import ECKey

from sync.base import slots
from sync.base.slots import Kdf
from sync.base.vault import NO_TAG, STEP, Vault, padded, tag_of, unpadded
from sync.base.vault_errors import KdfRefused, VaultDamaged, WrongSecret

SECRET = b"lantern otter gravel teaspoon"
STORE_ID = bytes(range(16))
STORE_KEY = bytes(range(100, 132))


@pytest.fixture(scope="module")
def slot() -> bytes:
    return slots.seal_slot(slots.PASSPHRASE, SECRET, STORE_ID, STORE_KEY)


def changed(slot: bytes, **fields: Any) -> bytes:
    """A slot with other parameters in its header and a fitting check: what a thief writes, who knows the format."""
    length = int.from_bytes(slot[:2])
    header = json.dumps({**json.loads(slot[2 : 2 + length]), **fields}).encode()
    record = len(header).to_bytes(2) + header + slot[2 + length : -8]
    return record + hashlib.sha256(record).digest()[:8]


def test_a_slot_opens_with_its_secret_and_no_other(slot: bytes) -> None:
    """The passphrase gives the store key; one letter less gives nothing."""
    assert slots.open_slot(slot, SECRET, STORE_ID) == STORE_KEY
    with pytest.raises(WrongSecret):
        slots.open_slot(slot, SECRET[:-1], STORE_ID)


def test_a_slot_of_another_store_is_no_way_in(slot: bytes) -> None:
    """Copied beside another store's rows, with the right passphrase: damage, never a key."""
    with pytest.raises(VaultDamaged):
        slots.open_slot(slot, SECRET, bytes(16))


def test_every_flipped_byte_of_a_slot_is_told_from_a_wrong_passphrase(slot: bytes) -> None:
    """Every byte, three bits each: damaged, and said so without the slow work."""
    began = time.perf_counter()
    for at in range(len(slot)):
        for bit in (0, 3, 7):
            broken = bytearray(slot)
            broken[at] ^= 1 << bit
            with pytest.raises(VaultDamaged):
                slots.open_slot(bytes(broken), SECRET, STORE_ID)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "fields",
    [
        {"memory_kib": 64 * 1024 - 1},
        {"memory_kib": 8},
        {"iterations": 2},
        {"lanes": 3},
        {"memory_kib": 2 * 1024 * 1024 + 1},
        {"memory_kib": 1 << 60},
        {"iterations": 65},
        {"lanes": 65},
        {"memory_kib": -1},
        {"iterations": 0},
    ],
)
def test_parameters_outside_the_bounds_are_refused_before_any_work(slot: bytes, fields: dict[str, int]) -> None:
    """Lowered for a quick guess or raised for a hang: refused within milliseconds, for opening and for making."""
    began = time.perf_counter()
    with pytest.raises(KdfRefused):
        slots.open_slot(changed(slot, **fields), SECRET, STORE_ID)
    with pytest.raises(KdfRefused):
        slots.seal_slot(slots.CODE, SECRET, STORE_ID, STORE_KEY, Kdf(**fields))
    assert time.perf_counter() - began < 0.05


@pytest.mark.parametrize(
    "fields", [{"iterations": 4}, {"kind": "code"}, {"salt": b64encode(bytes(16)).decode()}, {"more": 1}]
)
def test_a_changed_header_opens_nothing(slot: bytes, fields: dict[str, Any]) -> None:
    """The header is authenticated: with other parameters, kind, salt or a field more, nothing opens."""
    with pytest.raises(WrongSecret):
        slots.open_slot(changed(slot, **fields), SECRET, STORE_ID)


@pytest.mark.parametrize(
    "fields", [{"memory_kib": "65536"}, {"memory_kib": 65536.0}, {"lanes": True}, {"salt": 7}, {"format": 2}]
)
def test_a_header_of_the_wrong_types_is_damage(slot: bytes, fields: dict[str, Any]) -> None:
    """Never a traceback."""
    with pytest.raises(VaultDamaged):
        slots.open_slot(changed(slot, **fields), SECRET, STORE_ID)


def test_the_commitment_ties_a_slot_to_one_secret(slot: bytes) -> None:
    """Under another commitment the right passphrase is a clear no: no slot can be made that two passphrases open."""
    length = int.from_bytes(slot[:2])
    record = slot[: 2 + length] + secrets.token_bytes(32) + slot[2 + length + 32 : -8]
    with pytest.raises(WrongSecret):
        slots.open_slot(record + hashlib.sha256(record).digest()[:8], SECRET, STORE_ID)


def test_the_recovery_key_opens_its_slot_and_nobody_elses(slot: bytes) -> None:
    """A P-256 JWE: the scheme's key opens it; a stranger's, another store's id or a changed byte do not."""
    scheme, stranger = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    sealed = slots.seal_recovery_slot(scheme.as_dict(private=False), STORE_ID, STORE_KEY)
    private = scheme.as_dict(private=True)
    assert slots.slot_kind(sealed) == slots.RECOVERY
    assert slots.open_recovery_slot(sealed, private, STORE_ID) == STORE_KEY
    with pytest.raises(WrongSecret):
        slots.open_recovery_slot(sealed, stranger.as_dict(private=True), STORE_ID)
    with pytest.raises(VaultDamaged):
        slots.open_recovery_slot(sealed, private, bytes(16))
    for at in range(0, len(sealed), 7):
        broken = bytearray(sealed[:-8])
        if at < len(broken):
            broken[at] ^= 1
            with pytest.raises((VaultDamaged, WrongSecret)):
                slots.open_recovery_slot(bytes(broken) + hashlib.sha256(broken).digest()[:8], private, STORE_ID)


def test_a_code_is_read_as_people_type_it() -> None:
    """Lower case, spaces, no hyphens, O for 0 and I or L for 1; one wrong character is nearly always caught."""
    code = slots.new_code()
    assert len(code) == 24
    plain = slots.parse_code(code)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert slots.parse_code(typed) == plain
    caught = 0
    for at in range(20):
        wrong = plain[:at] + (b"2" if plain[at : at + 1] != b"2" else b"3") + plain[at + 1 :]
        try:
            slots.parse_code(wrong.decode())
        except ValueError:
            caught += 1
    assert caught >= 18
    assert len({slots.new_code() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("length", [0, 1, 251, 252, 253, 508, 509, 70_000])
def test_padding_hides_all_but_the_step(length: int) -> None:
    """Whole steps of 256 bytes, and back again."""
    text = secrets.token_bytes(length)
    assert len(padded(text)) % STEP == 0
    assert unpadded(padded(text)) == text


def test_an_event_opens_only_at_its_own_place() -> None:
    """Another stream, number, neighbour or store: it does not open. At its own place it does."""
    vault = Vault(STORE_ID, STORE_KEY)
    stream, wrapped = vault.new_stream(b'"p1"', b"visit")
    other, _ = vault.new_stream(b'"p1"', b"visit")
    first = stream.seal(b"yes", 1, NO_TAG)
    second = stream.seal(b"no", 2, tag_of(first))
    assert stream.open(second, 2, tag_of(first)) == b"no"
    again = vault.open_stream(stream.stream_id, wrapped, b"visit")
    assert (again.label, again.open(first, 1, NO_TAG)) == (b'"p1"', b"yes")
    for seal, sealed, seq, previous in (
        (stream, second, 3, tag_of(first)),
        (stream, second, 2, NO_TAG),
        (stream, first, 1, tag_of(second)),
        (other, first, 1, NO_TAG),
        (stream, first[:-1], 1, NO_TAG),
        (stream, b"", 1, NO_TAG),
    ):
        with pytest.raises(VaultDamaged):
            seal.open(sealed, seq, previous)
    for vault_, ident, place in (
        (vault, other.stream_id, b"visit"),
        (vault, stream.stream_id, b"another visit"),
        (Vault(bytes(16), STORE_KEY), stream.stream_id, b"visit"),
        (Vault(STORE_ID, bytes(32)), stream.stream_id, b"visit"),
    ):
        with pytest.raises(VaultDamaged):
            vault_.open_stream(ident, wrapped, place)


def test_each_purpose_has_a_key_of_its_own() -> None:
    """What is sealed for one purpose opens for no other, and no two labels give the same sub-key."""
    vault = Vault(STORE_ID, STORE_KEY)
    sealed = vault.seal_for("head").seal(b"x", b"1")
    assert vault.seal_for("head").open(sealed, b"1") == b"x"
    for purpose, place in (("register", b"1"), ("head", b"2"), ("head", b"")):
        with pytest.raises(VaultDamaged):
            vault.seal_for(purpose).open(sealed, place)
    labels = ["data keys", "seal head", "seal document", "ids document", "sum document", "key check"]
    assert len({vault.sub_key(label) for label in labels}) == len(labels)


def count_nonces(seals: int) -> int:
    stream, _ = Vault(STORE_ID, STORE_KEY).new_stream(b"", b"")
    return len({stream.seal(b"yes", number, NO_TAG)[:12] for number in range(seals)})


def test_no_nonce_comes_twice() -> None:
    """Twenty thousand seals under one key."""
    assert count_nonces(20_000) == 20_000


@pytest.mark.faults
def test_no_nonce_comes_twice_in_a_million() -> None:
    """A million seals under one key."""
    assert count_nonces(1_000_000) == 1_000_000
