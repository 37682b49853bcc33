"""Who comes in, what a wrong passphrase says, and which pack counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from firstcontact.config import Settings
from firstcontact.errors import AnswerIsNo, FirstContactError, SetUpNeeded, UsedWrongly
from firstcontact.gate import Gate, open_laptop, read_profiles, set_up_profile
from firstcontact.pack_file import write_pack
from firstcontact.rows import Refused
from firstcontact.workflow.laptop import Laptop
from sync.keys import Keyring
from tests.builders import OSRIC, PASSPHRASE, World


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


def test_a_profile_holds_a_first_name_and_a_last_use_and_nothing_else(settings: Settings) -> None:
    """The only clear text about a professional."""
    made = set_up_profile(settings, OSRIC, PASSPHRASE)
    open_laptop(settings, None, PASSPHRASE).close()
    (profile,) = read_profiles(settings)
    assert (profile.id, profile.name) == (made.profile_id, "Osric")
    assert profile.used_at is not None
    text = (settings.vaults / made.profile_id / "profile.json").read_text(encoding="utf-8")
    assert "Lamplough" not in text
    assert "01632" not in text


def test_a_wrong_passphrase_is_a_clear_no_with_a_growing_wait(settings: Settings) -> None:
    """No hint, no count of what is inside; the right one opens afterwards, and so does the printed code."""
    made = set_up_profile(settings, OSRIC, PASSPHRASE)
    gate = Gate(settings)
    waits = []
    for _ in range(3):
        refused = gate.unlock(made.profile_id, "gravel otter lantern spoon")
        assert isinstance(refused, Refused)
        waits.append(refused.wait_seconds)
    assert waits == sorted(set(waits))
    for secret in (PASSPHRASE, made.code, made.code.lower().replace("-", " ")):
        laptop = gate.unlock(made.profile_id, secret)
        assert isinstance(laptop, Laptop)
        laptop.close()


def test_without_a_pack_the_laptop_opens_and_says_what_is_missing(settings: Settings) -> None:
    """A real visit needs the scheme's yes."""
    set_up_profile(settings, OSRIC, PASSPHRASE)
    laptop = open_laptop(settings, "osric", PASSPHRASE)
    with pytest.raises(SetUpNeeded, match="the scheme's yes"):
        laptop.new_visit()
    laptop.close()


def test_a_pack_that_does_not_name_this_laptop_lets_nobody_in(settings: Settings) -> None:
    """Somebody else's pack is not believed, and nothing of it is pinned."""
    set_up_profile(settings, OSRIC, PASSPHRASE)
    world = World()
    other = Keyring.generate("device-of-somebody-else")
    from sync.pack import party_of

    write_pack(settings.pack, world.pack(party_of(other, "device")))
    laptop = open_laptop(settings, None, PASSPHRASE)
    assert laptop.post is None
    laptop.close()


def test_after_the_first_pack_only_its_coordinator_counts(settings: Settings) -> None:
    """A pack by another signer, or an older one put back, is refused in words; the right next one is taken."""
    made = set_up_profile(settings, OSRIC, PASSPHRASE)
    world, stranger = World(), World()
    write_pack(settings.pack, world.pack(made.request, sequence=5))
    open_laptop(settings, None, PASSPHRASE).close()
    for pack in (stranger.pack(made.request, sequence=6), world.pack(made.request, sequence=4)):
        write_pack(settings.pack, pack)
        with pytest.raises(FirstContactError, match="It was not used") as refused:
            open_laptop(settings, None, PASSPHRASE)
        assert "coordinator" in refused.value.next_step
    write_pack(settings.pack, world.pack(made.request, sequence=6))
    laptop = open_laptop(settings, None, PASSPHRASE)
    assert laptop.post is not None
    assert laptop.post.exchange.pack.sequence == 6
    laptop.close()


def test_an_expired_pack_never_prevents_a_visit(settings: Settings) -> None:
    """The list can be asked; what it raises waits for the next pack."""
    made = set_up_profile(settings, OSRIC, PASSPHRASE)
    write_pack(settings.pack, World().pack(made.request, expires=datetime.now(UTC) - timedelta(days=1)))
    laptop = open_laptop(settings, None, PASSPHRASE)
    assert laptop.new_visit().position() == "X5"
    laptop.close()


def test_a_second_program_beside_an_open_one_is_told_so(settings: Settings) -> None:
    """One process writes; a reading command still reads."""
    made = set_up_profile(settings, OSRIC, PASSPHRASE)
    write_pack(settings.pack, World().pack(made.request))
    laptop = open_laptop(settings, None, PASSPHRASE)
    with pytest.raises(AnswerIsNo, match="open here and is sending by itself"):
        open_laptop(settings, None, PASSPHRASE)
    reader = open_laptop(settings, None, PASSPHRASE, read_only=True)
    assert reader.my_referrals() == ()
    reader.close()
    laptop.close()


def test_setting_up_asks_for_enough(settings: Settings) -> None:
    """A short passphrase or no name is refused before anything is written."""
    with pytest.raises(UsedWrongly, match="15 letters"):
        set_up_profile(settings, OSRIC, "too short")
    assert not settings.vaults.exists()
    with pytest.raises(SetUpNeeded):
        open_laptop(settings, None, PASSPHRASE)


def test_suggested_words_do_not_repeat_themselves(settings: Settings) -> None:
    """Four words each time, and other ones the next time."""
    gate = Gate(settings)
    suggestions = {gate.suggest_words() for _ in range(5)}
    assert len(suggestions) == 5
    assert all(len(words) == 4 and len(" ".join(words)) >= 15 for words in suggestions)
