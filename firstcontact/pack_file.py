"""The scheme's pack as this laptop holds it: one file, replaced whole, believed only after its signature.

Trust: the vault pins the coordinator's keys from the first pack that names this laptop; later packs count only when one
of the pinned keys signed them and their sequence is not lower (`sync.pack`).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from sync.errors import BadPack
from sync.pack import Pack, pack_from_wire, pack_to_wire

_NAME = "pack.json"


def read_pack_files(folder: Path) -> Mapping[str, bytes] | None:
    """The files of the pack in `pack/`, not verified; None when there is no pack yet. Raises: BadPack."""
    try:
        return pack_from_wire((folder / _NAME).read_bytes())
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise BadPack("malformed", f"The scheme's pack cannot be read: {problem.strerror}.") from problem
    except BadPack as bad:
        raise BadPack(bad.reason, "The file with the scheme's pack on this laptop is not a pack.") from bad


def write_pack(folder: Path, pack: Pack) -> None:
    """Replace the pack by a verified one; after a power cut there is the old one or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".pack-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(pack_to_wire(pack.files))
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(folder / _NAME)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
