"""A checklist as an XLSForm: the sheets survey, choices and settings, and what only we know in columns of its own.

Other programs read the sheets that they know and leave columns that begin with `fc::` alone. A form that came from a
workbook goes out as it came in; a checklist of ours has its sections as groups. Names that only we know (`${tenure}`,
`${age}`) become `calculate` rows marked `fc::derived`, so that every `${name}` has its row; import drops them again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from firstcontact.domain.checklist import DERIVED, FACTS
from firstcontact.xlsform.choice_rows import ChoiceRows, unused
from firstcontact.xlsform.grid import OWN, Grid, Languages
from firstcontact.xlsform.own_sheets import questions_of, rule_sheets
from firstcontact.xlsform.types import METADATA, read_type

SURVEY: Final = "survey"
CHOICES: Final = "choices"
SETTINGS: Final = "settings"

PLAIN_TYPES: Final = {
    "text": "text",
    "long-text": "text",
    "whole-number": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "date-time": "dateTime",
    "range": "range",
    "note": "note",
    "phone": "text",
    "postcode": "text",
    "file": "file",
}
SELECTS: Final = {
    "yes-no": "select_one",
    "one-of": "select_one",
    "level": "select_one",
    "any-of": "select_multiple",
    "rank": "rank",
}
MARKED: Final = frozenset({"yes-no", "level", "phone", "postcode", "file"})
"""Types that XLSForm has no word for: `fc::type` says them."""
_MARKS: Final = ("fact", "max_length", "private", "safeguarding", "never_prefilled", "evidence")
_NAME: Final = re.compile(r"\$\{\s*(?:last-saved#)?([A-Za-z_][A-Za-z0-9_.-]*)\s*\}")
_ASIDE: Final = re.compile(r"list_\d+_(.+)")
"""What an import calls a list of choices that is too long for the file of a checklist."""
_WORKED_OUT: Final = re.compile(r"\$\{|[A-Za-z][\w:.-]*\s*\(")
"""What makes a default something to be worked out; such a text keeps its quotes."""
_QUOTED: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def sheets_of(
    definition: Mapping[str, Any],
    translations: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, Sequence[Sequence[str]]] | None = None,
) -> dict[str, Grid]:
    """The sheets of the workbook, by name and in order.

    `definition`, `translations`: as the files say them, in dicts and text. `tables`: id -> rows, the columns first; of
    these only lists that an import put aside become part of the workbook.
    """
    languages = Languages((definition.get("language", "en"), *translations))
    survey = _Survey(definition, translations, languages)
    for name, rows in (tables or {}).items():
        aside = _ASIDE.fullmatch(name)
        if aside:
            columns, *entries = rows
            filled = ({key: cell for key, cell in zip(columns, row, strict=False) if cell} for row in entries)
            survey.choices.shared(aside[1], filled)
    survey.write()
    settings = _settings(definition, languages, translations, doubled=survey.choices.doubled())
    sheets = {SURVEY: survey.grid(), CHOICES: survey.choices.grid(), SETTINGS: settings}
    if not sheets[CHOICES].rows:
        del sheets[CHOICES]
    sheets |= rule_sheets(definition, translations, languages)
    for name, sheet in definition.get("kept", {}).get("sheets", {}).items():
        if name not in sheets:
            kept = [dict(zip(sheet["columns"], row, strict=False)) for row in sheet.get("rows", ())]
            sheets[name] = Grid(list(sheet["columns"]), kept)
    return sheets


def travelling(tables: Iterable[str]) -> list[str]:
    """The tables that go as files beside the workbook, by their ids."""
    return [name for name in tables if not _ASIDE.fullmatch(name)]


def is_plain(definition: Mapping[str, Any], translations: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether it is one form under one title, as an imported one is: its section needs no group in the workbook."""
    sections = definition["sections"]
    return (
        len(sections) == 1
        and sections[0]["section"] == "form"
        and sections[0]["title"] == definition["title"]
        and not definition.get("facts")
        and all(words.get("sections", {}).get("form") == words.get("title") for words in translations.values())
    )


def _triggers(entry: Mapping[str, Any]) -> str:
    return ", ".join(f"${{{name}}}" for name in entry.get("trigger", ()))


def _settings(
    definition: Mapping[str, Any],
    languages: Languages,
    translations: Mapping[str, Mapping[str, Any]],
    *,
    doubled: bool,
) -> Grid:
    kept = definition.get("kept", {}).get("settings", {})
    row = {"form_title": definition["title"], "form_id": kept.get("form_id", definition["checklist"])}
    row["version"] = definition["version"]
    if translations:
        row["default_language"] = next(languages.headers("")).removeprefix("::")
    row |= {key: value for key, value in kept.items() if key not in row}
    if doubled and "allow_choice_duplicates" not in row:
        row |= {"allow_choice_duplicates": "yes", f"{OWN}allow_choice_duplicates": "added"}
    row[f"{OWN}checklist"] = definition["checklist"]
    row[f"{OWN}language"] = languages.codes[0]
    row[f"{OWN}minimum_age"] = definition.get("minimum_age", "")
    row[f"{OWN}questions_at_start"] = " ".join(definition.get("questions_at_start", ()))
    row[f"{OWN}tables"] = " ".join(travelling(definition.get("tables", {})))
    for code, words in translations.items():
        row[languages.header(f"{OWN}title", code)] = words.get("title", "")
    return Grid(list(row), [row]).shorn(("form_title", "form_id", "version"))


class _Survey:
    """The sheet `survey`, row by row."""

    def __init__(
        self,
        definition: Mapping[str, Any],
        translations: Mapping[str, Mapping[str, Any]],
        languages: Languages,
    ) -> None:
        self.definition = definition
        self.translations = translations
        self.languages = languages
        self.plain = is_plain(definition, translations)
        self.choices = ChoiceRows(languages, translations)
        self.choices.names |= set(definition.get("lists", {}))
        self.rows: list[dict[str, str]] = []
        self.facts: dict[str, str] = {}
        """Fact -> the question that asks for it."""
        self.names: set[str] = set(_names_of(definition))

    def write(self) -> None:
        """Every row."""
        for name, entries in self.definition.get("lists", {}).items():
            self.choices.shared(name, entries)
        for group in self.definition.get("facts", ()):
            self._open("about", group["about"], group["title"], "facts", {f"{OWN}subject": group.get("subject", "")})
            for question in group["questions"]:
                if question.get("fact"):
                    self.facts[question["fact"]] = question["question"]
                self._question(question)
            self.rows.append({"type": "end_group"})
        for section in self.definition["sections"]:
            if not self.plain:
                self._open("section", section["section"], section["title"], "sections", {})
            self._entries(section["questions"])
            if not self.plain:
                self.rows.append({"type": "end_group"})
        for each in self.definition.get("calculations", ()):
            self._calculation(each, {f"{OWN}role": "calculation"})
        self.rows += self._derived()

    def grid(self) -> Grid:
        """The sheet, without columns in which nothing stands."""
        per = self.languages.headers
        columns = ["type", "name", *per("label"), *per("hint"), "relevant", "required", *per("required_message")]
        columns += ["constraint", *per("constraint_message"), "calculation", "trigger", "default", "readonly"]
        columns += ["choice_filter", "parameters", "appearance", "repeat_count"]
        columns += [f"{OWN}{name}" for name in ("section", "about", "role", "type", "subject")]
        columns += [*per(f"{OWN}short"), *per(f"{OWN}prompt"), f"{OWN}choices"]
        columns += [f"{OWN}{name}" for name in (*_MARKS, "step", "derived")]
        return Grid(columns, self.rows).shorn(("type", "name", *per("label")))

    def _open(self, kind: str, name: str, title: str, table: str, more: Mapping[str, str]) -> None:
        """A section, or a group of facts, as a group."""
        row = {"type": "begin_group", "name": unused(f"{kind}_{name}", self.names), f"{OWN}{kind}": name, **more}
        self.names.add(row["name"])
        self._say(row, "label", title, (table, name))
        self.rows.append(row)

    def _entries(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """What stands in a section or a block; nested no deeper than a file may be."""
        for entry in entries:
            if "question" in entry:
                self._question(entry)
                for role, key in (("follow-up", "follow_ups"), ("detail", "details")):
                    for part in entry.get(key, ()):
                        self._question(part, role)
            elif "calculation" in entry:
                self._calculation(entry, {})
            else:
                kind = "repeat" if "repeat" in entry else "group"
                row = {"type": f"begin_{kind}", "name": entry[kind], "relevant": entry.get("relevant", "")}
                row["repeat_count"] = entry.get("count", "")
                self._say(row, "label", entry.get("title"), ("groups", entry[kind]))
                row |= entry.get("kept", {})
                self.rows.append(row)
                self._entries(entry.get("questions", ()))
                loop = read_type(row["type"]).word == "begin_loop"
                self.rows.append({"type": "end_loop" if loop else f"end_{kind}"})

    def _calculation(self, entry: Mapping[str, Any], marks: Mapping[str, str]) -> None:
        row = {"type": "calculate", "name": entry["calculation"]}
        word = read_type(entry.get("kept", {}).get("type", "calculate")).word
        if word in ("calculate", "hidden") or entry["value"] != METADATA.get(word, "''"):
            row["calculation"] = entry["value"]
        row["relevant"] = entry.get("relevant", "")
        row["trigger"] = _triggers(entry)
        self._say(row, "label", entry.get("label"), ("calculations", entry["calculation"]))
        self.rows.append(row | entry.get("kept", {}) | marks)

    def _question(self, question: Mapping[str, Any], role: str = "") -> None:
        name = question["question"]
        row = {"type": self._type(question), "name": name, f"{OWN}role": role}
        for column, key in (
            ("label", "say"),
            ("hint" if self.plain else f"{OWN}prompt", "prompt"),
            ("constraint_message", "message"),
            ("required_message", "required_message"),
            (f"{OWN}short", "short"),
        ):
            self._say(row, column, question.get(key), ("questions", name, key))
        for column in ("relevant", "constraint", "calculation", "appearance", "required"):
            row[column] = question.get(column, "")
        row["trigger"] = _triggers(question)
        row["choice_filter"] = question.get("filter", "")
        row["readonly"] = question.get("read_only", "")
        row["default"] = _default(question.get("default", ""))
        limits = (f"{key}={question[key]}" for key in ("start", "end", "step") if key in question)
        row["parameters"] = " ".join(limits)
        kept = dict(question.get("kept", {}))
        row[f"{OWN}subject"] = question.get("subject", "")
        for mark in _MARKS:
            row[f"{OWN}{mark}"] = question.get(mark, "")
        if "type" not in kept:
            self._mark_type(question, row)
            if "choices" in question:
                row[f"{OWN}choices"] = "own"
        elif read_type(kept["type"]).shape == "table":
            row = {"name": name}  # rows for look-ups: whatever else a question says was made up on import
        if kept.get("parameters"):
            row["parameters"] = f"{row['parameters']} {kept.pop('parameters')}".strip()
        self.rows.append(row | kept)

    def _mark_type(self, question: Mapping[str, Any], row: dict[str, str]) -> None:
        """Say the type where XLSForm has no word for it."""
        kind = question["type"]
        if kind in MARKED:
            row[f"{OWN}type"] = kind
        elif kind == "long-text" and "multiline" not in row["appearance"]:
            row[f"{OWN}type"] = kind
            row["appearance"] = row["appearance"] or "multiline"
        elif kind == "range" and "step" not in question:
            row[f"{OWN}step"] = "none"

    def _type(self, question: Mapping[str, Any]) -> str:
        kept: str | None = question.get("kept", {}).get("type")
        if kept:
            return kept
        kind = question["type"]
        if kind not in SELECTS:
            return PLAIN_TYPES[kind]
        chosen = self.choices.yes_no() if kind == "yes-no" else question.get("list") or self.choices.own(question)
        other = " or_other" if question.get("other") in ("yes", "true") else ""
        return f"{SELECTS[kind]} {chosen}{other}"

    def _say(self, row: dict[str, str], column: str, said: str | None, path: tuple[str, ...]) -> None:
        """The words in every language, each in its column."""
        if not said:
            return
        first, *others = self.languages.codes
        row[self.languages.header(column, first)] = said
        for code in others:
            place: Any = self.translations[code]
            for step in path:
                place = place.get(step) if isinstance(place, Mapping) else None
            if isinstance(place, str):
                row[self.languages.header(column, code)] = place

    def _derived(self) -> Iterator[dict[str, str]]:
        """Rows for names that only we know, as far as a plain tool can work them out."""
        used = {found for row in self.rows for cell in row.values() if "${" in cell for found in _NAME.findall(cell)}
        for name in sorted((used & (FACTS | DERIVED)) - self.names):
            yield {
                "type": "calculate",
                "name": name,
                "calculation": _formula(name, self.facts),
                f"{OWN}derived": "yes",
            }


def _formula(name: str, facts: Mapping[str, str]) -> str:
    if name in facts:
        return f"${{{facts[name]}}}"
    if name == "age" and "date_of_birth" in facts:
        born = f"${{{facts['date_of_birth']}}}"
        return f"if({born} = '', '', int((decimal-date-time(today()) - decimal-date-time({born})) div 365.2425))"
    if name == "postcode_district" and "postcode" in facts:
        return f"substring-before(${{{facts['postcode']}}}, ' ')"
    return "''"


def _default(value: str) -> str:
    """A text in quotes is a plain default in a workbook."""
    found = _QUOTED.fullmatch(value)
    if found is None:
        return value
    plain = found[1] if found[1] is not None else found[2]
    return value if _WORKED_OUT.search(plain) else plain


def _names_of(definition: Mapping[str, Any]) -> Iterator[str]:
    """Every name that some row of the workbook will have."""
    for group in definition.get("facts", ()):
        yield from (question["question"] for question in group["questions"])
    for question in questions_of(definition):
        yield question["question"]
        for key in ("follow_ups", "details"):
            yield from (part["question"] for part in question.get(key, ()))
    yield from (each["calculation"] for each in definition.get("calculations", ()))
    waiting = [entry for section in definition["sections"] for entry in section["questions"]]
    while waiting:
        entry = waiting.pop()
        if "question" not in entry:
            yield from (entry[key] for key in ("group", "repeat", "calculation") if key in entry)
            waiting.extend(entry.get("questions", ()))
