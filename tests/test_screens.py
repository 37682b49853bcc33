"""The pictures that the documents show are there, are pictures, and bring nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_HOUSE = Path(__file__).parents[1]
_PICTURES = _HOUSE / "docs" / "screens"
_DOCUMENTS = [_HOUSE / "README.md", *sorted((_HOUSE / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: path.name)
def test_every_picture_that_a_document_names_is_there(document: Path) -> None:
    """No document shows a picture that `make screens` does not make."""
    named = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", document.read_text(encoding="utf-8"))
    for name in named:
        picture = document.parent / name
        assert picture.is_file(), f"{document.name} names {name}"
        assert picture.stat().st_size > 1000, f"{name} is empty"


def test_the_screens_are_shown_in_both_sizes() -> None:
    """Six screens of the visit program at 80x24 and at 120x40, as text that can be read out, and nothing loaded."""
    for name in ("unlock", "today", "question", "agreement", "review", "my-referrals"):
        for size in ("80x24", "120x40"):
            drawn = (_PICTURES / f"{name}-{size}.svg").read_text(encoding="utf-8")
            assert len(drawn) < 60_000
            assert drawn.count("<text") > 10
            assert "@font-face" not in drawn
            assert "url(" not in drawn


def test_the_desk_is_shown() -> None:
    """Four pages of the desk, two of them also on a narrow screen."""
    for name in ("desk-inbox", "desk-inbox-320", "desk-referral", "desk-referral-320", "desk-answer", "desk-agencies"):
        picture = (_PICTURES / f"{name}.png").read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert len(picture) < 200_000
