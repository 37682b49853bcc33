"""The types of rows of a survey sheet, and what each becomes here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from firstcontact.domain.answer import QuestionType
from firstcontact.domain.condition import nearest

Shape: TypeAlias = Literal[
    "question", "calculation", "begin-group", "begin-repeat", "end-group", "end-repeat", "table", "unknown"
]


@dataclass(frozen=True, slots=True)
class RowType:
    """A type as it is written, understood."""

    word: str
    """Its usual spelling, without a list: `select_one`."""
    shape: Shape
    kind: QuestionType = "file"
    """Of a question."""
    list_name: str = ""
    """The list, the file or the repeat that choices come from."""
    from_file: bool = False
    external: bool = False
    other: bool = False
    suggestion: str | None = None
    """Of an unknown type: the nearest one."""


_TAIL: Final = r"(?:\s+(?P<list>.+?))?(?:\s+(?P<other>or_other|or other|or specify other))?\Z"
_SELECTS: Final[tuple[tuple[str, QuestionType, str], ...]] = (
    ("select_one_from_file", "one-of", r"select[ _]?(?:one|1)[ _]from[ _]file"),
    ("select_multiple_from_file", "any-of", r"select[ _]?(?:multiple|many)[ _]from[ _]file"),
    ("select_one_external", "one-of", r"select[ _]?one[ _]external"),
    ("select_one", "one-of", r"(?:add select one prompt using|select[ _]one (?:from|using)|select[ _-]?(?:one|1))"),
    (
        "select_multiple",
        "any-of",
        r"(?:add select multiple prompt using|select all that apply(?: from)?|select[ _-]?multiple(?: from| using)?)",
    ),
    ("rank", "rank", r"rank"),
)
_SELECT: Final = tuple((word, kind, re.compile(part + _TAIL, re.IGNORECASE)) for word, kind, part in _SELECTS)
_BLOCK: Final = re.compile(
    r"(begin|end)[\s_-]*(group|lgroup|looped group|repeat|loop)\b\s*(over\s+.*)?\Z", re.IGNORECASE
)

_QUESTIONS: Final[dict[str, tuple[str, QuestionType]]] = {
    "text": ("text", "text"),
    "string": ("text", "text"),
    "integer": ("integer", "whole-number"),
    "int": ("integer", "whole-number"),
    "percentage": ("integer", "whole-number"),
    "number of days in last month": ("integer", "whole-number"),
    "number of days in last six months": ("integer", "whole-number"),
    "number of days in last year": ("integer", "whole-number"),
    "decimal": ("decimal", "decimal"),
    "date": ("date", "date"),
    "time": ("time", "time"),
    "datetime": ("dateTime", "date-time"),
    "date time": ("dateTime", "date-time"),
    "note": ("note", "note"),
    "range": ("range", "range"),
    "acknowledge": ("acknowledge", "one-of"),
    "trigger": ("acknowledge", "one-of"),
    "tel": ("tel", "phone"),
}
_CALCULATED: Final = {
    "calculate": "calculate",
    "calculation": "calculate",
    "hidden": "hidden",
    "start": "start",
    "start time": "start",
    "end": "end",
    "end time": "end",
    "today": "today",
    "deviceid": "deviceid",
    "device id": "deviceid",
    "imei": "deviceid",
    "subscriberid": "subscriberid",
    "subscriber id": "subscriberid",
    "simserial": "simserial",
    "sim id": "simserial",
    "simid": "simserial",
    "phonenumber": "phonenumber",
    "phone number": "phonenumber",
    "username": "username",
    "email": "email",
    "uri:deviceid": "deviceid",
    "uri:subscriberid": "subscriberid",
    "uri:simserial": "simserial",
    "uri:phonenumber": "phonenumber",
    "uri:username": "username",
    "uri:email": "email",
    "audit": "audit",
    "start geopoint": "start-geopoint",
    "background audio": "background-audio",
    "background geopoint": "background-geopoint",
}
METADATA: Final = {"start": "once(now())", "today": "today()", "end": "''"}
"""What a visit knows of the metadata that devices add; the rest is blank."""
_FILES: Final = {
    "image": "image",
    "photo": "image",
    "picture": "image",
    "audio": "audio",
    "video": "video",
    "file": "file",
    "geopoint": "geopoint",
    "gps": "geopoint",
    "location": "geopoint",
    "geotrace": "geotrace",
    "geoshape": "geoshape",
    "barcode": "barcode",
    "osm": "osm",
    "bind": "bind",
}
_TABLES: Final = {"csv external": "csv-external", "xml external": "xml-external"}
_KNOWN: Final = frozenset(
    {
        *_QUESTIONS,
        *_CALCULATED,
        *_FILES,
        "select_one",
        "select_multiple",
        "rank",
        "begin_group",
        "end_group",
        "begin_repeat",
        "end_repeat",
    }
)


def read_type(cell: str) -> RowType:
    """Understand the cell `type` of a row; a type that nobody knows has the shape `unknown`."""
    text = " ".join(cell.split())
    block = _BLOCK.match(text)
    if block is not None:
        repeat = block[2].lower() in ("repeat", "lgroup", "looped group")
        loop = block[2].lower() == "loop"
        shape: Shape
        if block[1].lower() == "begin":
            shape = "begin-repeat" if repeat else "begin-group"
        else:
            shape = "end-repeat" if repeat else "end-group"
        name = f"{block[1].lower()}_{'repeat' if repeat else 'group'}"
        return RowType(f"{block[1].lower()}_loop" if loop else name, shape)
    select = _select(text)
    return select if select is not None else _plain(text)


def _select(text: str) -> RowType | None:
    for word, kind, pattern in _SELECT:
        match = pattern.match(text)
        if match is not None:
            return RowType(
                word,
                "question",
                kind,
                list_name=(match["list"] or "").strip(),
                from_file=word.endswith("from_file"),
                external=word == "select_one_external",
                other=bool(match["other"]),
            )
    return None


def _plain(text: str) -> RowType:
    word = re.sub(r"[\s_-]+", " ", text.lower())
    for prefix, suffix in (("", ""), ("q ", ""), ("add ", " prompt"), ("get ", "")):
        if not (word.startswith(prefix) and word.endswith(suffix)):
            continue
        inner = word[len(prefix) : len(word) - len(suffix)]
        if inner in _QUESTIONS:
            return RowType(_QUESTIONS[inner][0], "question", _QUESTIONS[inner][1])
        if inner in _CALCULATED:
            return RowType(_CALCULATED[inner], "calculation")
        if inner in _FILES:
            return RowType(_FILES[inner], "question", "file")
        if inner in _TABLES:
            return RowType(_TABLES[inner], "table")
    if text.lower().startswith("db:"):
        return RowType("db", "question", "text")
    if word.startswith("osm "):
        return RowType("osm", "question", "file")
    return RowType(text[:40], "unknown", suggestion=nearest(text.split(" ")[0], _KNOWN))
