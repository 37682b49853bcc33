"""References: the one name that a referral keeps for life, readable over the telephone.

A reference is 12 random characters of Crockford's base 32 and a check character (Luhn mod 32 over the same
alphabet), stored plain in upper case and shown in groups: `7K3M-9Q2T-X4VB-1`.
Source: Crockford, "Base 32"; ISO/IEC 7812-1 annex B for the Luhn method, taken to 32 symbols.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE: Final = len(ALPHABET)
_LENGTH: Final = 12
_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}
# What people say and write for the characters that the alphabet leaves out.
_HEARD_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\u2013": None, "\u2010": None})


def check_character(body: str) -> str:
    """The Luhn mod 32 check character of a body of alphabet characters; catches any one wrong character."""
    total = 0
    for position, character in enumerate(reversed(body)):
        value = _VALUE[character] * (2 if position % 2 == 0 else 1)
        total += value // _BASE + value % _BASE
    return ALPHABET[-total % _BASE]


def new_reference(random_bytes: Callable[[int], bytes]) -> str:
    """A fresh reference: 60 random bits and the check character, 13 characters, plain.

    `random_bytes(n)` returns n bytes from a cryptographic source (`secrets.token_bytes`).
    """
    bits = int.from_bytes(random_bytes(8)) >> 4
    body = "".join(ALPHABET[bits >> shift & 31] for shift in range(55, -1, -5))
    return body + check_character(body)


def show_reference(reference: str) -> str:
    """The reference in groups of four: `7K3M-9Q2T-X4VB-1`."""
    return "-".join(reference[start : start + 4] for start in range(0, len(reference), 4))


def parse_reference(text: str) -> str:
    """What somebody typed or read aloud, as a plain reference.

    Case, spaces and hyphens do not matter, and O, I and L are heard as 0, 1 and 1.
    Raises: ValueError, saying in plain words which of length, letters or check character is wrong.
    """
    plain = text.strip().upper().translate(_HEARD_AS)
    if len(plain) != _LENGTH + 1:
        raise ValueError(f"a reference has 13 letters and figures, this has {len(plain)}")
    strange = sorted(set(plain) - set(ALPHABET))
    if strange:
        raise ValueError(f"a reference never holds {', '.join(strange)}")
    if check_character(plain[:-1]) != plain[-1]:
        raise ValueError("one letter or figure of this reference is not right: please read it again")
    return plain
