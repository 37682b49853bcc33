"""The laws of the pack."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sync import pack as packs
from sync.errors import BadPack, NoKey, Theirs
from sync.keys import Keyring, PublicKey
from sync.pack import Pack
from tests.sync_pair import AFR, COORDINATOR, LAPTOP, keyring, make_pack

EXPIRES = datetime(2026, 12, 31, tzinfo=UTC)


def test_it_travels_and_comes_back_whole() -> None:
    """What the mailbox hands out verifies like the file on a stick."""
    pack = make_pack(7)
    again = Pack.verify(packs.pack_from_wire(pack.to_wire()), [COORDINATOR.public], 7)
    assert again.files == pack.files
    assert again.parties == pack.parties


def test_a_pack_names_its_own_next_signers() -> None:
    """The coordinators that it lists may sign the next one."""
    assert [key.kid for key in make_pack().coordinator_keys()] == [COORDINATOR.kid]


def test_an_expired_pack_still_verifies() -> None:
    """It serves a visit; only sealing waits."""
    pack = make_pack()
    assert pack.expired(EXPIRES)
    assert not pack.expired(EXPIRES - timedelta(seconds=1))


def test_a_revoked_device_signs_nothing() -> None:
    """Known, and not trusted."""
    pack = make_pack(revoked=[LAPTOP])
    kid = keyring(LAPTOP).signing.kid
    assert pack.signer_of(kid, datetime(2026, 2, 10, tzinfo=UTC)) is None
    assert pack.knows(kid)


def test_keys_rotate_with_an_overlap() -> None:
    """Sealed to the newest that is valid; signatures of the old one count until its end, and for post that waited."""
    old, new = Keyring.generate(AFR), Keyring.generate(AFR)
    change, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    party = packs.party_of(old, "agency", valid_until=end)
    later = packs.party_of(new, "agency", valid_from=change)
    party["sealing"] += later["sealing"]
    party["signing"] += later["signing"]
    files = packs.build_pack({"keys.json": packs.keys_part([party])}, 1, EXPIRES, COORDINATOR)
    pack = Pack.verify(files, [COORDINATOR.public])
    afr = pack.party(AFR)
    assert afr is not None
    assert afr.sealing_key(change - timedelta(days=1)).kid == old.sealing[0].kid
    assert afr.sealing_key(change).kid == new.sealing[0].kid
    assert pack.signer_of(old.signing.kid, end - timedelta(days=1)) is not None
    assert pack.signer_of(old.signing.kid, end) is None
    assert pack.signer_of(old.signing.kid, end + timedelta(days=1), grace=timedelta(days=35)) is not None
    assert pack.signer_of(old.signing.kid, end + timedelta(days=40), grace=timedelta(days=35)) is None
    assert pack.signer_of(new.signing.kid, change - timedelta(days=1), grace=timedelta(days=35)) is None


def test_no_key_to_seal_to_is_said() -> None:
    """A party without a valid sealing key cannot be written to."""
    afr = make_pack(revoked=[AFR]).party(AFR)
    assert afr is not None
    with pytest.raises(NoKey):
        afr.sealing_key(datetime(2026, 2, 10, tzinfo=UTC))


def test_two_parties_never_share_a_key() -> None:
    """A key says who signed: it belongs to one."""
    ring = Keyring.generate("A")
    twin = Keyring("B", ring.signing)
    with pytest.raises(ValueError, match="twice"):
        packs.keys_part([packs.party_of(ring, "agency"), packs.party_of(twin, "agency")])


def test_a_point_that_is_not_on_the_curve_is_no_key() -> None:
    """Neither are other curves and short coordinates."""
    good = keyring(AFR).signing.public.jwk
    for bad in ({"y": good["x"]}, {"crv": "P-384"}, {"x": good["x"][:20]}, {"kty": "RSA"}):
        with pytest.raises(Theirs):
            PublicKey.of(good | bad)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"index": 1, "parts": {}}', b'{"index": "x", "parts": 3}', b"["])
def test_what_is_not_a_pack_is_said(body: bytes) -> None:
    """No foreign exception for foreign bytes."""
    with pytest.raises(BadPack):
        Pack.verify(packs.pack_from_wire(body), [COORDINATOR.public])
