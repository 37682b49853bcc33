"""The visit program with a fault on purpose: an act counts as saved while it still waits for three later ones.

For the positive control of the kill tests: what the screen calls saved is then not on the disk.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from firstcontact import __main__
from firstcontact.store.store import Store

_BEHIND = 3
_append = Store.append
_waiting: deque[tuple[Any, ...]] = deque()


def _append_later(*arguments: Any, **named: Any) -> None:
    _waiting.append((arguments, named))
    while len(_waiting) > _BEHIND:
        before, also = _waiting.popleft()
        _append(*before, **also)


if __name__ == "__main__":
    Store.append = _append_later  # type: ignore[method-assign]
    __main__.main()
