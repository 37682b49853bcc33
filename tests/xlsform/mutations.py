"""Good forms with something changed: bytes of the file, bytes of a part, cells, headers, whole rows and sheets."""

from __future__ import annotations

import random
from collections.abc import Iterator

from firstcontact.definitions.yaml import parse_yaml
from firstcontact.xlsform.exporting import sheets_of
from tests.xlsform.everything import EVERYTHING, WELSH
from tests.xlsform.packages import Rows, packed, parts_of, sheet_xml

Sheets = dict[str, list[list[str]]]

RICH: dict[str, Rows] = {
    "survey": [
        (
            "type",
            "name",
            "label::English (en)",
            "label::Cymraeg (cy)",
            "hint",
            "relevant",
            "required",
            "constraint",
            "constraint_message",
            "calculation",
            "default",
            "appearance",
            "choice_filter",
            "parameters",
            "repeat_count",
            "read_only",
        ),
        ("start", "start"),
        ("text", "name", "What is your name?", "Beth yw eich enw?", "In full", "", "yes"),
        ("integer", "age", "How old are you?", "", "", "", "", ". >= 0 and . < 120", "Between 0 and 119"),
        ("decimal", "weight", "Weight of ${name}?", "", "", "${age} > 17", "", "", "", "", "1.5"),
        ("date", "born", "When were you born?", "", "", "", "", ". <= today()", "Not yet", "", "today()"),
        ("select_one yn", "smokes", "Do you smoke?", "Ydych chi'n ysmygu?", "", "", "true()"),
        ("select_multiple things or_other", "things", "Which of these?", "", "", "selected(${smokes}, 'yes')"),
        ("select_one wards", "ward", "Which ward?", "", "", "", "", "", "", "", "", "minimal", "county = ${county}"),
        ("calculate", "county", "", "", "", "", "", "", "", "if(${age} > 20, 'a', 'b')"),
        ("range", "pain", "How bad is it?", "", "", "", "", "", "", "", "", "", "", "start=0 end=10 step=1"),
        ("begin_group", "house", "The house", "Y tŷ", "", "${age} >= 16"),
        ("begin_repeat", "people", "Somebody", "", "", "", "", "", "", "", "", "", "", "", "${age} mod 4"),
        ("text", "who", "Who?", "", "", "../../../age > 2"),
        ("integer", "years", "How old?", "", "", "", "", "regex(., '^[0-9]+$')"),
        ("end_repeat",),
        ("calculate", "all_years", "", "", "", "", "", "", "", "sum(${years}) + count(${people})"),
        ("note", "thanks", "Thank you, ${name}: ${all_years}."),
        ("geopoint", "where", "Where?"),
        ("image", "picture", "A picture?"),
        ("acknowledge", "read", "I have read it"),
        ("rank", "x", "x"),
        ("end_group",),
    ],
    "choices": [
        ("list_name", "name", "label::English (en)", "label::Cymraeg (cy)", "county"),
        ("yn", "yes", "Yes", "Ie"),
        ("yn", "no", "No", "Na"),
        ("things", "car", "A car"),
        ("things", "dog", "A dog"),
        ("wards", "w1", "North", "Gogledd", "a"),
        ("wards", "w2", "South", "De", "b"),
    ],
    "settings": [("form_title", "form_id", "version", "default_language"), ("Rich", "rich", "3", "English (en)")],
}
NASTY = (
    "",
    " ",
    "${",
    "${nope}",
    "${a} and",
    "(" * 400,
    "not(" * 300,
    "'",
    '"',
    "a" * 3000,
    "\u202e\u200b",
    "_x0000_",
    "_x001B_[2J",
    "=1+1",
    "1e309",
    "-1",
    "NaN",
    "select_one",
    "select_one nope",
    "select_multiple  yn",
    "begin_group",
    "end_group",
    "begin repeat",
    "end_repeat",
    "calculate",
    "../../..",
    ".",
    "${name}[1]",
    "instance('x')/root/item[a=b]/c",
    "pulldata('x', 'y', 'z', 1)",
    "regex(., '(a+)+$')",
    "regex(., '(')",
    "position(..)",
    "indexed-repeat(${who}, ${people}, 999999999)",
    "substr('x', -9999999999)",
    "format-date(today(), '%')",
    "round(1 div 0, 99999999)",
    "9" * 400,
    "true() + 'x'",
    "label::x",
    "name",
    "fc::role",
    "fc::section",
    "follow-up",
    "fc::type",
    "rank",
)


def plain(sheets: dict[str, Rows]) -> Sheets:
    """Rows of the same length, which can be changed."""
    return {name: [[*row, *[""] * (max(map(len, rows)) - len(row))] for row in rows] for name, rows in sheets.items()}


def _write(sheets: Sheets) -> dict[str, bytes]:
    return parts_of({name: sheet_xml(rows) for name, rows in sheets.items()})


def _cells(sheets: Sheets, rng: random.Random) -> None:
    """A few cells changed."""
    for _ in range(rng.randrange(1, 6)):
        rows = sheets[rng.choice(list(sheets))]
        if not rows:
            continue
        row = rng.choice(rows)
        if not row:
            continue
        place = rng.randrange(len(row))
        kind = rng.randrange(4)
        if kind == 0:
            row[place] = rng.choice(NASTY)
        elif kind == 1:
            row[place] = rng.choice(rng.choice(rows) or [""])
        elif kind == 2:
            row[place] += rng.choice(NASTY)
        else:
            start = rng.randrange(len(row[place]) + 1)
            row[place] = row[place][:start] + row[place][start + 1 :]


def _rows(sheets: Sheets, rng: random.Random) -> None:
    """Rows, columns or sheets gone, doubled or moved."""
    name = rng.choice(list(sheets))
    rows = sheets[name]
    kind = rng.randrange(7)
    if kind == 0 and rows:
        del rows[rng.randrange(len(rows))]
    elif kind == 1 and rows:
        rows.insert(rng.randrange(len(rows)), list(rng.choice(rows)))
    elif kind == 2:
        rng.shuffle(rows)
    elif kind == 3 and rows and rows[0]:
        place = rng.randrange(len(rows[0]))
        for row in rows:
            del row[place : place + 1]
    elif kind == 4 and rows and rows[0]:
        place = rng.randrange(len(rows[0]))
        for row in rows:
            row.append(row[place] if place < len(row) else "")
    elif kind == 5:
        del sheets[name]
    else:
        sheets[rng.choice(NASTY)[:31] or "x"] = sheets.pop(name)


def _bytes(content: bytes, rng: random.Random) -> bytes:
    """A few bytes changed, or a piece gone, doubled or moved."""
    kind = rng.randrange(4)
    start = rng.randrange(len(content))
    end = min(len(content), start + rng.randrange(1, 200))
    if kind == 0:
        changed = bytearray(content)
        for _ in range(rng.randrange(1, 8)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        return bytes(changed)
    if kind == 1:
        return content[:start] + content[end:]
    if kind == 2:
        return content[:end] + content[start:]
    return content[:start]


def ours() -> dict[str, Rows]:
    """A checklist of ours as it goes out, with everything that a definition may say."""
    definition, welsh = (parse_yaml(text.encode(), "checklist.yaml").plain() for text in (EVERYTHING, WELSH))
    sheets = sheets_of(definition, {"cy": welsh})
    return {name: list(grid.lines()) for name, grid in sheets.items()}


def mutated(seed: int, count: int) -> Iterator[bytes]:
    """So many files; the same seed gives the same ones."""
    rng = random.Random(seed)
    bases = (RICH, ours())
    for number in range(count):
        sheets = plain(bases[number % 2])
        kind = rng.randrange(6)
        if kind <= 2:
            _cells(sheets, rng)
        if kind in (2, 3):
            for _ in range(rng.randrange(1, 3)):
                if sheets:
                    _rows(sheets, rng)
        parts = _write(sheets)
        if kind == 4:
            name = rng.choice(list(parts))
            parts[name] = _bytes(parts[name], rng)
        content = packed(parts)
        yield _bytes(content, rng) if kind == 5 else content
