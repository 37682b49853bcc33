"""From files to the signed pack: who is who, the scheme's data, the compiled checklists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from firstcontact.definitions.compiled import compile_checklist, dumps
from firstcontact.definitions.scheme import load_scheme
from firstcontact.definitions.yaml import load_checklist
from firstcontact.domain.directory_json import directory_to_json
from sync.keys import PrivateKey
from sync.pack import KEYS, build_pack, keys_part, pack_to_wire

SCHEME_PART = "scheme.json"
CHECKLIST_PARTS = "checklists/"


def scheme_parts(
    scheme_folder: Path, checklist_folders: Sequence[Path], parties: Iterable[Mapping[str, Any]]
) -> dict[str, bytes]:
    """The parts of a pack by name: keys, the scheme's directory, one compiled checklist each.

    `parties` are the public halves that agencies, laptops and mailboxes gave (`sync.pack.party_of`).
    Raises: DefinitionError, naming file, line and column; ValueError, if two parties share an id or a key.
    """
    parts = {KEYS: keys_part(parties)}
    directory = directory_to_json(load_scheme(scheme_folder))
    parts[SCHEME_PART] = json.dumps(directory, ensure_ascii=False, separators=(",", ":")).encode()
    for folder in checklist_folders:
        checklist = load_checklist(folder)
        parts[f"{CHECKLIST_PARTS}{checklist.id}.json"] = dumps(compile_checklist(checklist))
    return parts


def signed_pack(
    parts: Mapping[str, bytes], *, sequence: int, issued: datetime, expires: datetime, by: PrivateKey
) -> bytes:
    """The pack as it travels and as it stands in `pack/`: one JSON file, its index signed by a coordinator."""
    return pack_to_wire(build_pack(parts, sequence, expires, by, issued=issued))
