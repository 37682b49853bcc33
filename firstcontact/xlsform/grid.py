"""A sheet of a workbook as columns and rows of words, and columns that come once per language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

OWN: Final = "fc::"
"""What the headers of our own columns begin with; other programs leave such columns alone."""

_NAMES: Final[Mapping[str, str]] = {
    "am": "Amharic",
    "ar": "Arabic",
    "bn": "Bengali",
    "bg": "Bulgarian",
    "cs": "Czech",
    "cy": "Cymraeg",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "gu": "Gujarati",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "ku": "Kurdish",
    "lt": "Lithuanian",
    "ne": "Nepali",
    "nl": "Dutch",
    "pa": "Punjabi",
    "pl": "Polish",
    "ps": "Pashto",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "so": "Somali",
    "sq": "Albanian",
    "sw": "Swahili",
    "ta": "Tamil",
    "ti": "Tigrinya",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "yo": "Yoruba",
    "zh": "Chinese",
}
_WHOLE_CODE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CODE: Final = re.compile(r"\(\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*\)\s*\Z")


def language_name(code: str) -> str:
    """A language as the headers of a workbook name it: `Cymraeg (cy)`."""
    return f"{_NAMES.get(code, code.removeprefix('qaa-'))} ({code})"


def is_code(text: str) -> bool:
    """Whether this is the code of a language, which files are named by."""
    return _WHOLE_CODE.fullmatch(text) is not None


def language_code(name: str) -> str:
    """The code in such a name; without brackets the name itself."""
    found = _CODE.search(name)
    return found[1] if found else name.strip()


@dataclass(slots=True)
class Languages:
    """The languages of a checklist, the first of them its own; with one alone the headers name none."""

    codes: tuple[str, ...]

    def header(self, column: str, code: str) -> str:
        """`label`, or `label::English (en)`."""
        return column if len(self.codes) == 1 else f"{column}::{language_name(code)}"

    def headers(self, column: str) -> Iterator[str]:
        """The column in each language."""
        return (self.header(column, code) for code in self.codes)


@dataclass(slots=True)
class Grid:
    """One sheet: its columns in order, and its rows by column."""

    columns: list[str]
    rows: list[dict[str, str]] = field(default_factory=list)

    def shorn(self, always: Iterable[str]) -> Grid:
        """Without the columns in which nothing stands, but for those that must be there; unknown ones go to the end."""
        used: dict[str, None] = {}
        for row in self.rows:
            for column, value in row.items():
                if value:
                    used[column] = None
        known = [column for column in self.columns if column in used or column in set(always)]
        return Grid(known + [column for column in used if column not in self.columns], self.rows)

    def lines(self) -> Iterator[list[str]]:
        """The header and the rows, as lists of words."""
        yield self.columns
        for row in self.rows:
            yield [row.get(column, "") for column in self.columns]


def normal(header: str) -> str:
    """A header as it is compared: small letters (but for a language), single blanks, nothing around `::`."""
    parts = (" ".join(part.split()) for part in header.split("::"))
    return "::".join(part if part.endswith(")") else part.lower() for part in parts)
