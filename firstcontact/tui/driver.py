"""The last filter before the terminal: text that is painted and bytes that are written cannot steer it.

Textual passes control characters in labels straight through, and once they are in the output they look like its own.
So there are two sieves. `SafeLines` stands in each line's path before styling, where text is still known to be text:
every unsafe character becomes a visible sign of the same width. `safe_driver` stands at the write path and lets only
those sequences pass that Textual itself needs: no title, no clipboard, no colour query, no string sequence of any kind.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.filter import LineFilter

from sync.base.safe_text import is_safe_text, safe_text

if TYPE_CHECKING:
    from textual.color import Color
    from textual.driver import Driver

# What Textual writes: cursor moves, erasures, styles, modes (with private markers and `$p` queries), window size,
# the kitty keyboard switch, the cursor's shape, device attributes, and the bell.
_OWN: Final = r"\x1b\[[<=>?]?[0-9;:]*(?:[ABCDEFGHJKSTfhlmnrstuc]|\$p| q)"
_FOREIGN: Final = re.compile(
    rf"({_OWN})|"
    r"\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?|"
    r"[\x00-\x06\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


class SafeLines(LineFilter):
    """Make the text of each line safe before it is styled; keeps its width in cells."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the segments, those with unsafe text replaced."""
        for segment in segments:
            if not segment.control and not _is_safe(segment.text):
                break
        else:
            return segments
        return [
            segment if segment.control or _is_safe(segment.text) else Segment(_same_width(segment.text), segment.style)
            for segment in segments
        ]


@lru_cache(maxsize=4096)
def _is_safe(text: str) -> bool:
    return text.isprintable() and is_safe_text(text)


def _same_width(text: str) -> str:
    safe = safe_text(text)
    missing = cell_len(text) - cell_len(safe)
    return safe + " " * missing if missing > 0 else safe[: cell_len(text)] if missing < 0 else safe


def only_own_sequences(data: str) -> str:
    """Return the output without any sequence or control that is not one of Textual's own."""
    return _FOREIGN.sub(lambda match: match.group(1) or "", data)


def safe_driver(base: type[Driver]) -> type[Driver]:
    """Return a driver class like `base` whose every write passes `only_own_sequences`."""

    class SafeDriver(base):  # type: ignore[misc, valid-type]
        """A driver that writes Textual's own sequences and plain text, and nothing else."""

        def write(self, data: str) -> None:
            """Write what is left after the sieve."""
            super().write(only_own_sequences(data))

    SafeDriver.__name__ = f"Safe{base.__name__}"
    return SafeDriver
