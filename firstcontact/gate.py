"""The way in: who has a vault here, setting one up, unlocking it, and putting the parts of a laptop together.

Everything heavy (cryptography, the store, the pack) is imported inside the functions, so that the unlock screen is
painted before any of it is read.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firstcontact.config import Settings
from firstcontact.errors import AnswerIsNo, SetUpNeeded, UsedWrongly
from firstcontact.rows import Profile, Refused
from sync.base.safe_text import safe_text

if TYPE_CHECKING:
    from firstcontact.rows import Professional
    from firstcontact.store.store import Store
    from firstcontact.workflow.laptop import Laptop

_PROFILE = "profile.json"
_VAULT = "vault.db"
_WORDS = 4
MINIMUM_PASSPHRASE = 15
_LONGEST_WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Made:
    """A laptop just set up."""

    profile_id: str
    code: str
    """The one-time code that opens the vault once more; shown once and kept nowhere."""
    request: dict[str, Any]
    """The laptop's request to the scheme: its public keys, for the coordinator (`sync.pack.party_of`)."""


class Gate:
    """What the visit program's first screens ask (`tui.ports.Gate`)."""

    def __init__(self, settings: Settings, *, demo_network: Path | None = None) -> None:
        self._settings = settings
        self._demo_network = demo_network
        self._wrong = 0
        self.scheme, self.helpdesk = _scheme_line(settings)

    def profiles(self) -> tuple[Profile, ...]:
        """Who has a vault here, last used first."""
        return read_profiles(self._settings)

    def warm(self) -> None:
        """Import what unlocking needs, while the passphrase is typed."""
        import firstcontact.store.store
        import firstcontact.workflow.laptop  # noqa: F401 - imported for its weight

    def suggest_words(self) -> tuple[str, ...]:
        """Four words that do not belong together, from the EFF's list for passphrases."""
        from xkcdpass import xkcd_password

        listed = xkcd_password.generate_wordlist(
            wordfile=xkcd_password.locate_wordfile(), min_length=4, max_length=8, valid_chars="[a-z]"
        )
        return tuple(secrets.choice(listed) for _ in range(_WORDS))

    def set_up(self, who: Professional, passphrase: str) -> tuple[Laptop, str]:
        """Make the vault; return it open, and the one-time code that is shown once."""
        made = set_up_profile(self._settings, who, passphrase)
        return self._open(made.profile_id, passphrase), made.code

    def unlock(self, profile_id: str, passphrase: str) -> Laptop | Refused:
        """Open the vault with the passphrase, or with the printed code typed in its place."""
        from firstcontact.store.errors import WrongPassphrase

        try:
            laptop = self._open(profile_id, passphrase)
        except WrongPassphrase:
            self._wrong += 1
            return Refused(wait_seconds=min(2.0**self._wrong, _LONGEST_WAIT_SECONDS))
        self._wrong = 0
        return laptop

    def _open(self, profile_id: str, passphrase: str) -> Laptop:
        return _open(self._settings, profile_id, passphrase, demo_network=self._demo_network)


def read_profiles(settings: Settings) -> tuple[Profile, ...]:
    """Who has a vault here, last used first; reads the `profile.json` files only, and passes over a broken one."""
    found = []
    for path in settings.vaults.glob(f"*/{_PROFILE}") if settings.vaults.is_dir() else ():
        name, used_at = path.parent.name, None
        # A damaged profile file must not keep anybody out: the vault is opened by the passphrase, not by this file.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            document = json.loads(path.read_text(encoding="utf-8"))
            name = str(document["name"])
            used_at = datetime.fromisoformat(document["used_at"])
        found.append(Profile(path.parent.name, name, used_at))
    earliest = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(found, key=lambda profile: profile.used_at or earliest, reverse=True))


def set_up_profile(settings: Settings, who: Professional, passphrase: str) -> Made:
    """Make a vault for one professional, with the keys of this laptop in it.

    Raises: UsedWrongly for a passphrase under 15 characters; StoreError.
    """
    from firstcontact.store.store import Store
    from firstcontact.workflow.identity import Identity
    from sync.base.slots import new_code

    if len(passphrase) < MINIMUM_PASSPHRASE:
        raise UsedWrongly("The passphrase needs at least 15 letters.", "Four words that do not belong together do.")
    if not who.name.strip():
        raise UsedWrongly("A name is needed.", "Give the name of who will be working.")
    profile_id = secrets.token_hex(8)
    folder = settings.vaults / profile_id
    folder.mkdir(parents=True, mode=0o700)
    code = new_code()
    identity = Identity.new(who)
    store = Store.create(folder / _VAULT, passphrase.encode(), recovery_code=code.encode())
    with store:
        store.journal.commit([identity.as_put()])
    _write_profile(folder, who.name)
    return Made(profile_id, code, identity.request())


def open_laptop(settings: Settings, profile: str | None, passphrase: str, *, read_only: bool = False) -> Laptop:
    """Open the vault of a profile (by first name or id; the only one, or the one used last, if left out).

    Raises: SetUpNeeded, UsedWrongly, StoreError.
    """
    return _open(settings, _chosen(settings, profile), passphrase, read_only=read_only)


def _chosen(settings: Settings, profile: str | None) -> str:
    profiles = read_profiles(settings)
    if not profiles:
        raise SetUpNeeded("This laptop is not set up yet.", "Run `firstcontact`, and it asks what it needs.")
    if profile is None:
        return profiles[0].id
    wanted = profile.casefold()
    for found in profiles:
        if wanted in (found.id.casefold(), found.name.casefold(), found.name.split()[0].casefold()):
            return found.id
    raise UsedWrongly(f"Nobody called {profile} has a vault here.", f"Known: {', '.join(p.name for p in profiles)}.")


def _open(
    settings: Settings,
    profile_id: str,
    passphrase: str,
    *,
    read_only: bool = False,
    demo_network: Path | None = None,
) -> Laptop:
    from firstcontact.store.store import Store
    from firstcontact.workflow.laptop import Laptop

    folder = settings.vaults / profile_id
    store = _open_store(Store, folder / _VAULT, passphrase, read_only=read_only)
    try:
        laptop = Laptop.put_together(store, settings.pack, demo_network=demo_network, read_only=read_only)
        if not read_only:
            _write_profile(folder, laptop.who().name)
    except BaseException:
        store.close()
        raise
    return laptop


def _open_store(kind: type[Store], path: Path, passphrase: str, *, read_only: bool) -> Store:
    """Open with the passphrase; what looks like a printed code is tried as one when the passphrase does not fit."""
    from firstcontact.store.errors import StoreBusy, WrongPassphrase
    from sync.base.slots import parse_code

    try:
        return kind.open(path, passphrase.encode(), read_only=read_only)
    except StoreBusy as busy:
        raise AnswerIsNo("First Contact is open here and is sending by itself.", "Close it first.") from busy
    except WrongPassphrase as wrong:
        try:
            parse_code(passphrase)
        except ValueError:
            raise wrong from None
        return kind.open(path, code=passphrase, read_only=read_only)


def _write_profile(folder: Path, name: str) -> None:
    """First name and last use: the only clear text about a professional."""
    document = {"name": name.split()[0], "used_at": datetime.now(UTC).isoformat(timespec="seconds")}
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".profile-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(document, stream)
    Path(temporary).replace(folder / _PROFILE)


def _scheme_line(settings: Settings) -> tuple[str, str]:
    """The scheme's name and its helpdesk for the unlock screen; blank without a pack.

    Read before anything is verified, so it is shown and never acted on; the pack counts only after unlock.
    """
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        pack = json.loads((settings.pack / "pack.json").read_bytes())
        scheme = json.loads(base64.b64decode(pack["parts"]["scheme.json"]))
        hub = scheme["hub"]
        name = safe_text(str(scheme["name"])).removeprefix("First Contact").strip()
        return name, safe_text(str(hub["number"]))
    return "", ""
