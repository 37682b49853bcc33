"""The scheme as one visit sees it: the directory and the checklist that it was started with, ready to use.

The pack moves on; a visit does not. What a visit was started with is kept in the vault, by digest, so that a visit
paused before a change of rules goes on under the rules that it began with.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from firstcontact.definitions.compiled import load_compiled
from firstcontact.domain.branching import Form
from firstcontact.domain.directory import Directory
from firstcontact.domain.directory_json import directory_from_json

KIND: Final = "definition"
SCHEME_PART: Final = "scheme.json"
CHECKLIST_PARTS: Final = "checklists/"


@dataclass(frozen=True, slots=True)
class Version:
    """One checklist with one directory."""

    directory: Directory
    form: Form
    parts: Mapping[str, bytes]
    """`scheme` and `checklist`: the bytes of both, as the pack carried them."""

    @classmethod
    def read(cls, scheme: bytes, checklist: bytes) -> Version:
        """From the parts of a pack. Raises: ValueError."""
        directory = directory_from_json(json.loads(scheme), digest=hashlib.sha256(scheme).hexdigest())
        return cls(directory, Form.of(load_compiled(checklist)), {"scheme": scheme, "checklist": checklist})

    @property
    def digest(self) -> str:
        """Names this version for ever."""
        return hashlib.sha256(self.parts["scheme"] + b"\0" + self.parts["checklist"]).hexdigest()

    def as_put(self) -> tuple[str, str, dict[str, Any]]:
        """The version as a document of the vault."""
        packed = {name: base64.b85encode(zlib.compress(data)).decode() for name, data in self.parts.items()}
        return KIND, self.digest, packed

    @classmethod
    def from_document(cls, document: Mapping[str, str]) -> Version:
        """The inverse of `as_put`. Raises: ValueError, KeyError."""
        parts = {name: zlib.decompress(base64.b85decode(document[name])) for name in ("scheme", "checklist")}
        return cls.read(parts["scheme"], parts["checklist"])
