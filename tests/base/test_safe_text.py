"""Text from outside cannot steer what shows it."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from sync.base.safe_text import is_safe_text, safe_text


@given(st.text(st.characters()))
def test_nothing_that_steers_a_terminal_survives(text: str) -> None:
    """No control, format override or invisible character is left, whatever comes in."""
    for character in safe_text(text):
        assert unicodedata.category(character) not in {"Cc", "Zl", "Zp", "Cs"}
        assert character not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200d\ufeff"


@given(st.text(st.characters()), st.booleans())
def test_cleaning_twice_changes_nothing_more(text: str, multiline: bool) -> None:
    """A text may cross two borders."""
    once = safe_text(text, multiline=multiline)
    assert safe_text(once, multiline=multiline) == once
    assert is_safe_text(once, multiline=multiline)


def test_ordinary_writing_is_kept() -> None:
    """Welsh, Urdu, accents, dashes and quotation marks pass as they are."""
    for text in ("tŷ, dŵr, ŷ", "اردو میں بات", "naïve – “quoted” £5.10", "Kiln Cottage"):
        assert safe_text(text) == text


def test_an_escape_sequence_is_shown_and_not_obeyed() -> None:
    """The reader sees that something was there."""
    assert safe_text("a\x1b[2Jb\x07") == "a␛[2Jb␇"
    assert safe_text("one\r\ntwo\tthree") == "one two three"
    assert safe_text("one\r\ntwo\rthree", multiline=True) == "one\ntwo\nthree"
