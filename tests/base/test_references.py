"""A reference is short, is read over the telephone, and catches a slip."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.base.references import ALPHABET, new_reference, parse_reference, show_reference

references = st.binary(min_size=8, max_size=8).map(lambda raw: new_reference(lambda _: raw))


@given(references)
def test_what_is_shown_is_what_is_parsed(reference: str) -> None:
    """Shown in groups, typed in any case and spacing, it is the same reference."""
    shown = show_reference(reference)
    assert len(shown) == len("7K3M-9Q2T-X4VB-1")
    assert parse_reference(shown) == reference
    assert parse_reference(f"  {shown.lower().replace('-', ' ')} ") == reference
    assert parse_reference(reference.replace("0", "O").replace("1", "l")) == reference


@given(references, st.integers(0, 12), st.sampled_from(ALPHABET))
def test_any_one_wrong_character_is_caught(reference: str, position: int, wrong: str) -> None:
    """Misreading one letter or figure never finds somebody else's referral."""
    changed = reference[:position] + wrong + reference[position + 1 :]
    if changed != reference:
        with pytest.raises(ValueError, match="not right"):
            parse_reference(changed)


@given(references, st.integers(0, 11))
def test_swapped_neighbours_are_caught(reference: str, position: int) -> None:
    """Two neighbours read the wrong way round are caught, but for the one pair that Luhn cannot tell apart."""
    left, right = reference[position], reference[position + 1]
    if left == right or {left, right} == {ALPHABET[0], ALPHABET[-1]}:
        return
    with pytest.raises(ValueError, match="not right"):
        parse_reference(reference[:position] + right + left + reference[position + 2 :])


def test_references_do_not_repeat() -> None:
    """Sixty random bits each."""
    assert len({new_reference(secrets.token_bytes) for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize("text", ["", "7K3M", "7K3M-9Q2T-X4VB-U", "7K3M-9Q2T-X4VB-1-2"])
def test_what_is_no_reference_is_refused_in_words(text: str) -> None:
    """A length or a letter that cannot be is named."""
    with pytest.raises(ValueError, match="reference"):
        parse_reference(text)
