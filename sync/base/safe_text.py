"""Make outside text safe to show: nothing of it can steer a terminal, a page or a reader's eye.

Text crosses a border when it comes from a definition, a message, a paste, a file or an HTTP error body. At each
border it passes `safe_text` once; what is shown afterwards is plain characters.
"""

from __future__ import annotations

import re
from typing import Final

# C0 and C1 controls and DEL; line and paragraph separators; bidi embeddings, overrides and isolates; zero-width and
# other invisible characters; tag characters; interlinear annotation; the byte-order mark; lone surrogates.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_CONTROL_PICTURES: Final = 0x2400
_DELETE: Final = 0x7F
_DELETE_PICTURE: Final = "\N{SYMBOL FOR DELETE}"


def safe_text(text: str, *, multiline: bool = False) -> str:
    """Return the text with every control, override and invisible character shown as a visible symbol.

    Tabs and line ends become single spaces; with `multiline`, line ends (of any platform) stay as `\\n`.
    Letters of every language, combining accents and emoji are kept as they are.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if not multiline:
        return _UNSAFE.sub(_visible, text.replace("\n", " "))
    return "\n".join(_UNSAFE.sub(_visible, line) for line in text.split("\n"))


def is_safe_text(text: str, *, multiline: bool = False) -> bool:
    """Whether `safe_text` would change nothing that matters (tabs and line ends aside)."""
    probe = text.replace("\t", " ")
    if multiline:
        probe = probe.replace("\r", "").replace("\n", "")
    return _UNSAFE.search(probe) is None


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:  # the C0 range has pictures of its own
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return _DELETE_PICTURE
    return _REPLACEMENT
