"""What a column of a workbook is, however its header is spelt, and the languages that headers speak of.

`relevance`, `bind::relevant` and `Relevant ` are one column; `label::French (fr)` is the column `label` in a language.
Source: the XLSForm reference tables, and the aliases that pyxform accepts.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

from firstcontact.xlsform.grid import language_name
from firstcontact.xlsform.report import Report
from firstcontact.xlsform.workbook import Sheet

SheetKind: TypeAlias = Literal["survey", "choices", "settings"]

_MEDIA: Final = {
    "image": "media::image",
    "big_image": "media::big-image",
    "audio": "media::audio",
    "video": "media::video",
}
_SURVEY: Final = {
    "type": "type",
    "command": "type",
    "name": "name",
    "tag": "name",
    "value": "name",
    "label": "label",
    "caption": "label",
    "hint": "hint",
    "guidance_hint": "guidance_hint",
    "relevant": "relevant",
    "relevance": "relevant",
    "required": "required",
    "required_message": "required_message",
    "requiredmsg": "required_message",
    "jr:requiredmsg": "required_message",
    "constraint": "constraint",
    "constraint_message": "constraint_message",
    "constraining_message": "constraint_message",
    "constraintmsg": "constraint_message",
    "jr:constraintmsg": "constraint_message",
    "calculation": "calculation",
    "calculate": "calculation",
    "default": "default",
    "read_only": "readonly",
    "readonly": "readonly",
    "appearance": "appearance",
    "parameters": "parameters",
    "choice_filter": "choice_filter",
    "repeat_count": "repeat_count",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "disabled": "disabled",
    "trigger": "trigger",
    **_MEDIA,
}
_CHOICES: Final = {
    "list_name": "list_name",
    "listname": "list_name",
    "name": "name",
    "value": "name",
    "label": "label",
    "caption": "label",
    **_MEDIA,
}
_SETTINGS: Final = {
    "form_title": "form_title",
    "set_form_title": "form_title",
    "title": "form_title",
    "form_id": "form_id",
    "set_form_id": "form_id",
    "id_string": "form_id",
    "version": "version",
    "default_language": "default_language",
}
_ALIASES: Final[Mapping[SheetKind, Mapping[str, str]]] = {
    "survey": _SURVEY,
    "choices": _CHOICES,
    "settings": _SETTINGS,
}
TRANSLATED: Final = frozenset(
    {"label", "hint", "guidance_hint", "required_message", "constraint_message", *_MEDIA.values()}
)
"""Columns that may come once per language."""
_WRAPPERS: Final = frozenset({"bind", "control", "body", "media"})
_CODE: Final = re.compile(r"\(\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)\s*\)\s*\Z")
_PLAIN_CODE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
UNKNOWN_CODE: Final = "qaa"
"""For languages whose code nobody gave; ISO 639-2 leaves it to private use."""
_BY_NAME: Final = {
    "albanian": "sq", "amharic": "am", "arabic": "ar", "bahasa": "id", "bangla": "bn", "bengali": "bn",
    "bulgarian": "bg", "burmese": "my", "chichewa": "ny", "chinese": "zh", "creole": "ht", "croatian": "hr",
    "cymraeg": "cy", "czech": "cs", "dari": "prs", "deutsch": "de", "dutch": "nl", "english": "en", "espagnol": "es",
    "espanol": "es", "español": "es", "farsi": "fa", "filipino": "fil", "francais": "fr", "francese": "fr",
    "french": "fr", "français": "fr", "frances": "fr", "gaeilge": "ga", "german": "de", "greek": "el",
    "gujarati": "gu", "haitian creole": "ht", "hausa": "ha", "hebrew": "he", "hindi": "hi", "hungarian": "hu",
    "igbo": "ig", "indonesian": "id", "inglese": "en", "ingles": "en", "inglés": "en", "irish": "ga", "italian": "it",
    "italiano": "it", "japanese": "ja", "khmer": "km", "kinyarwanda": "rw", "kiswahili": "sw", "korean": "ko",
    "kurdish": "ku", "lao": "lo", "lithuanian": "lt", "luganda": "lg", "malagasy": "mg", "malay": "ms",
    "nederlands": "nl", "nepali": "ne", "pashto": "ps", "persian": "fa", "polish": "pl", "polski": "pl",
    "portugues": "pt", "portuguese": "pt", "português": "pt", "punjabi": "pa", "romanian": "ro", "russian": "ru",
    "scottish gaelic": "gd", "serbian": "sr", "sinhala": "si", "somali": "so", "spanish": "es", "swahili": "sw",
    "swedish": "sv", "tagalog": "tl", "tamil": "ta", "tetum": "tet", "thai": "th", "tigrinya": "ti", "turkish": "tr",
    "ukrainian": "uk", "urdu": "ur", "vietnamese": "vi", "welsh": "cy", "xhosa": "xh", "yoruba": "yo", "zulu": "zu",
}  # fmt: skip


class Column(NamedTuple):
    """One column of a sheet."""

    letter: str
    header: str
    """As it is written."""
    name: str
    """What it is, as we write it on export; empty for one that means nothing here."""
    language: str | None
    """As the header names it; None where it names none."""


def columns_of(sheet: Sheet, kind: SheetKind, report: Report) -> list[Column]:
    """Say of every column what it is. Unknown ones that look like a misspelling are reported with the nearest name."""
    doubled = any("::" in header for _, header in sheet.headers)
    found: list[Column] = []
    seen: dict[tuple[str, str | None], str] = {}
    for letter, header in sheet.headers:
        name, language = _read(header, kind, doubled=doubled)
        if name:
            first = seen.setdefault((name, language), letter)
            if first != letter:
                words = f"'{header}' says the same as column {first}; where both are filled that one counts"
                report.add("warning", sheet.name, 1, letter, words)
        found.append(Column(letter, header, name, language))
        if not name and kind == "survey":
            _report_unknown(sheet, found[-1], report)
    return found


def _report_unknown(sheet: Sheet, column: Column, report: Report) -> None:
    header = column.header
    if header.startswith("fc::"):
        return
    plain = _plain(header.partition("::")[0])
    meant = report.nearest(plain, _SURVEY) if plain not in _SURVEY and "::" not in header else None
    if meant is not None:
        words = f"there is no column '{header}'; what stands in it is kept and has no effect"
        report.add("warning", sheet.name, 1, column.letter, words, meant)
    else:
        words = f"the column '{header}' means nothing here; what stands in it is kept"
        report.add("kept", sheet.name, 1, column.letter, words)


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", "_", word.strip().lower())


def _read(header: str, kind: SheetKind, *, doubled: bool) -> tuple[str, str | None]:
    """What a header means, and the language in it."""
    aliases = _ALIASES[kind]
    whole = aliases.get(_plain(header))
    if whole is not None:
        return whole, None
    if "::" in header:
        parts = header.split("::")
    elif ":" in header and not doubled:
        parts = re.split(r":(?!constraintmsg|requiredmsg|count|noapperrorstring)", header, flags=re.IGNORECASE)
    else:
        return "", None
    parts = [part.strip() for part in parts]
    while len(parts) > 1 and _plain(parts[0]) in _WRAPPERS:
        parts = parts[1:]
    name = aliases.get(_plain(parts[0]), "")
    if not name or len(parts) > 2:
        return "", None
    if len(parts) == 1 or not parts[1]:
        return name, None
    return (name, parts[1]) if name in TRANSLATED else ("", None)


@dataclass(slots=True)
class Spoken:
    """The languages of a form and the codes that they have here."""

    main: str = "en"
    """The code of the language that the checklist is written in."""
    codes: dict[str | None, str] = field(default_factory=dict)
    """Language as headers name it (None: columns that name none) -> code."""

    @property
    def others(self) -> list[str]:
        """Codes of the translations, in the order of the columns."""
        return [code for code in dict.fromkeys(self.codes.values()) if code != self.main]

    def header(self, column: str, code: str) -> str:
        """What a column in a language is called on export."""
        return f"{column}::{language_name(code)}" if self.others else column


def spoken_in(columns: Iterable[Column], default: str, report: Report, own: str = "") -> Spoken:
    """The languages of these columns; `default`: what the settings call the default language, `own`: a code from us."""
    named = dict.fromkeys(column.language for column in columns if column.name in TRANSLATED)
    found = Spoken()
    taken: set[str] = set()
    for language in named:
        if language is None:
            continue
        code, certain = language_code(language, taken)
        found.codes[language] = code
        taken.add(code)
        if not certain:
            words = f"the language '{language}' has no code; it is called {code} here"
            report.add("changed", "survey", 1, "", words, f"{language} ({code})")
    default_code = found.codes.get(default) if default else None
    if default and default_code is None and default.lower() != "default":
        default_code = language_code(default, set())[0]
    if None in named or not found.codes:
        code = own or default_code or ("en" if "en" not in taken else "und")
        found.codes = {None: code, **found.codes}
        found.main = code
    else:
        codes = list(found.codes.values())
        found.main = default_code if default_code in codes else codes[0]
    return found


def language_code(language: str, taken: set[str]) -> tuple[str, bool]:
    """The code of a language as a header names it, and whether the header or everybody knows it."""
    bracketed = _CODE.search(language)
    if bracketed is not None:
        return _tidy(bracketed[1]), True
    plain = " ".join(language.lower().replace("_", " ").split())
    known = _BY_NAME.get(plain) or _BY_NAME.get(plain.split(" ")[0] if plain else "")
    if known is not None:
        return known, True
    if _PLAIN_CODE.match(language) and (len(language) == 2 or "-" in language):
        return _tidy(language), True
    slug = re.sub(r"[^a-z0-9]", "", plain)[:8]
    if len(slug) < 2:
        slug = f"{zlib.crc32(language.encode()):08x}"
    code, turn = f"{UNKNOWN_CODE}-{slug}", 1
    while code in taken:
        turn += 1
        code = f"{UNKNOWN_CODE}-{slug[: 8 - len(str(turn))]}{turn}"
    return code, False


def _tidy(code: str) -> str:
    first, _, rest = code.replace("_", "-").partition("-")
    return f"{first.lower()}-{rest}" if rest else first.lower()
