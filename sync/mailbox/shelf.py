"""The pack that the mailbox goes by: the newest that a coordinator signed, durable, and read from memory."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from sync import pack as packs
from sync.errors import BadPack
from sync.keys import PublicKey
from sync.mailbox.storage import Storage, StoredPack
from sync.pack import Pack, Party


class PackShelf:
    """Holds one verified pack; takes a newer one from a file at start, or by `PUT /v1/pack`."""

    def __init__(self, storage: Storage, pack: Pack) -> None:
        self._storage = storage
        self.pack = pack
        self.wire = pack.to_wire()

    @staticmethod
    async def open(storage: Storage, offered: Mapping[str, bytes] | None, thumbprints: Iterable[str]) -> "PackShelf":
        """The stored pack or the one offered by whoever runs the mailbox, whichever is newer.

        The first pack ever is trusted because the operator gave it (or only if a coordinator key of these thumbprints
        signed it, where any are named); every later one because a coordinator of the pack before signed it.
        Raises: BadPack (also "missing", if there is neither).
        """
        stored = await storage.pack()
        named = frozenset(thumbprints)
        if stored is None:
            if offered is None:
                raise BadPack("missing", "There is no pack yet; give the first one with --pack.")
            keys = [key for key in _claimed_coordinators(offered) if not named or key.kid in named]
            first = Pack.verify(offered, keys)
            shelf = PackShelf(storage, first)
            await shelf._keep(first, keys)
            return shelf
        shelf = PackShelf(storage, Pack.verify(stored.files, [PublicKey.of(json.loads(stored.signer))]))
        if offered is not None:
            claimed = _claimed_coordinators(offered)
            if Pack.verify(offered, claimed).sequence > shelf.pack.sequence:
                keys = [*shelf.pack.coordinator_keys(), *(key for key in claimed if key.kid in named)]
                await shelf._keep(Pack.verify(offered, keys), keys)
        return shelf

    async def offer(self, files: Mapping[str, bytes]) -> bool:
        """Take a pack that arrived over the network; False if it is the very one held. Raises: BadPack."""
        trusted = self.pack.coordinator_keys()
        pack = Pack.verify(files, trusted, self.pack.sequence)
        if pack.sequence == self.pack.sequence:
            if pack.files[packs.INDEX] != self.pack.files[packs.INDEX]:
                raise BadPack("older", "Another pack has the same sequence.")
            return False
        await self._keep(pack, trusted)
        return True

    def signer(self, kid: str, at: datetime) -> tuple[Party, PublicKey] | str:
        """The party that signs with this key and the key; or the code of the problem with it."""
        found = self.pack.signer_of(kid, at)
        if found is not None:
            return found
        # Slow, but only on the way to a refusal: was the key ever listed?
        for party in self.pack.parties.values():
            if any(PublicKey.of(listed.jwk).kid == kid for listed in party.signing):
                return "revoked"
        return "unknown-sender"

    async def _keep(self, pack: Pack, trusted: Iterable[PublicKey]) -> None:
        signer = next(key for key in trusted if key.kid == pack.signer)
        await self._storage.save_pack(StoredPack(pack.sequence, dict(pack.files), json.dumps(signer.jwk)))
        self.pack = pack
        self.wire = pack.to_wire()


def read_pack(path: Path) -> dict[str, bytes]:
    """The files of a pack from a folder, or from the one JSON file that also travels. Raises: OSError, BadPack."""
    if path.is_dir():
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    return packs.pack_from_wire(path.read_bytes())


def _claimed_coordinators(files: Mapping[str, bytes]) -> list[PublicKey]:
    """The coordinator keys that a pack names: nothing but a claim, until somebody vouches for it."""
    try:
        parties = [Party.model_validate(party) for party in json.loads(files[packs.KEYS])["parties"]]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadPack("keys", "The list of keys in the pack cannot be read.") from error
    return [
        PublicKey.of(listed.jwk)
        for party in parties
        if party.kind == packs.COORDINATOR
        for listed in party.signing
        if listed.revoked is None and party.revoked is None
    ]
