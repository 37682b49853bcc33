"""Names as people type them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import Final

ENOUGH: Final = 300_000
"""Letters of misspelt names times the names that each is compared with: about a second, where all are alike."""
_SHORTEST: Final = 10


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means, or None."""
    by_lower = {each.lower(): each for each in known}
    if name.lower() in by_lower:
        return by_lower[name.lower()]
    found = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


class Guesses:
    """Finds what misspelt names mean, each once, until it has cost enough: a file can be misspelt throughout."""

    __slots__ = ("_found", "_left")

    def __init__(self) -> None:
        self._left = ENOUGH
        self._found: dict[tuple[str, str, int], str | None] = {}
        """By the name, and by the first and the number of those that it was compared with."""

    def nearest(self, name: str, known: Collection[str]) -> str | None:
        """As the function; None, too, once it has cost enough."""
        key = (name, next(iter(known), ""), len(known))
        if key not in self._found:
            cost = max(len(name), _SHORTEST) * len(known)
            if cost > self._left:
                return None
            self._left -= cost
            self._found[key] = nearest(name, known)
        return self._found[key]
