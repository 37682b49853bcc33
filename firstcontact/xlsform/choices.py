"""The lists of choices of a workbook: sheets `choices` and `external_choices`, and tables in files beside it."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from firstcontact.xlsform.headers import Column, Spoken
from firstcontact.xlsform.packaging import MAX_CELLS
from firstcontact.xlsform.report import Report
from firstcontact.xlsform.workbook import Sheet

MAX_TABLE_BYTES: Final = 8 * 1024 * 1024
MAX_TABLE_ROWS: Final = 100_000
MAX_TOKEN: Final = 255
_OURS: Final = frozenset({"choice", "label", "exclusive"})
"""What the entries of a list have beyond the columns of the workbook."""
_PLAIN_FILE: Final = re.compile(r"[^/\\:\x00]{1,120}\Z")
_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z", re.ASCII)


@dataclass(slots=True)
class ChoiceList:
    """One list, as a definition holds it."""

    id: str
    name: str
    """As the workbook has it."""
    entries: list[dict[str, str]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    """Where each entry stands."""
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    """Code of a language -> choice -> label."""
    sheet: str = "choices"

    @property
    def tokens(self) -> list[str]:
        """Its choices."""
        return [entry["choice"] for entry in self.entries]


class Lists:
    """Every list of a workbook, by its name there."""

    def __init__(self, spoken: Spoken, report: Report) -> None:
        self.spoken = spoken
        self.report = report
        self.by_name: dict[str, ChoiceList] = {}
        self.external: dict[str, ChoiceList] = {}
        self._loosely: dict[tuple[bool, str], ChoiceList] = {}
        """The same, and whether external; without blanks and capital letters."""
        self.ids: set[str] = set()
        self.duplicates_meant = False

    def read(self, sheet: Sheet, columns: list[Column], *, external: bool = False) -> None:
        """Read one of the two sheets."""
        lists = self.external if external else self.by_name
        place = next((column for column in columns if column.name == "list_name"), None)
        if place is None:
            if sheet.rows:
                self.report.add("error", sheet.name, 1, "", "there is no column list_name, so no list can be read")
            return
        filled = _filled_down(sheet, place)
        if filled:
            words = "merged cells: the list in the first of them counts for all"
            self.report.add("changed", sheet.name, min(filled), place.letter, words)
        tokens: dict[str, set[str]] = {}
        for row in sheet.rows:
            self._row(sheet, columns, row.number, row.cells, filled.get(row.number), lists, tokens)

    def _row(
        self,
        sheet: Sheet,
        columns: list[Column],
        number: int,
        cells: dict[str, str],
        merged: str | None,
        lists: dict[str, ChoiceList],
        tokens: dict[str, set[str]],
    ) -> None:
        name = merged or ""
        token = ""
        labels: dict[str, str] = {}
        more: dict[str, str] = {}
        for column in columns:
            text = cells.get(column.header)
            if text is None:
                continue
            if column.name == "list_name":
                name = name or text
            elif column.name == "name":
                joined = " ".join(text.split())
                if not token and joined != text.strip():
                    words = f"blanks side by side are one here: '{joined[:60]}'"
                    self.report.add("changed", sheet.name, number, column.letter, words)
                token = token or joined
            elif column.name == "label":
                labels.setdefault(self.spoken.codes.get(column.language, self.spoken.main), text[:20_000])
            else:
                key = column.header if column.header not in _OURS else f"{column.header}_"
                more[key] = text
        if not name and not token:
            return
        if not name or not token:
            what = "list_name" if not name else "name"
            self.report.add("warning", sheet.name, number, "", f"this choice has no {what}; it is left out")
            return
        self._put(sheet, number, name, token[:MAX_TOKEN], labels, more, lists, tokens)

    def _put(
        self,
        sheet: Sheet,
        number: int,
        name: str,
        token: str,
        labels: dict[str, str],
        more: dict[str, str],
        lists: dict[str, ChoiceList],
        tokens: dict[str, set[str]],
    ) -> None:
        found = lists.get(name)
        if found is None:
            found = lists[name] = ChoiceList(self._id(name), name, sheet=sheet.name)
            self._loosely.setdefault((lists is self.external, _loose(name)), found)
        seen = tokens.setdefault(name, set())
        if token in seen and not self.duplicates_meant:
            words = f"'{token[:60]}' stands in the list {name[:60]} twice; an answer cannot tell them apart"
            self.report.add("warning", sheet.name, number, "", words)
        seen.add(token)
        label = labels.get(self.spoken.main) or next(iter(labels.values()), "")
        entry = {"choice": token}
        if label:
            entry["label"] = label
        found.entries.append(entry | more)
        found.rows.append(number)
        for code, text in labels.items():
            if code != self.spoken.main:
                found.words.setdefault(code, {}).setdefault(token, text)

    def _id(self, name: str) -> str:
        slug = name if _ID.match(name) else re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("_-.") or "list"
        slug = (slug if _ID.match(slug) else f"_{slug}")[:110]
        made, turn = slug, 1
        while made in self.ids:
            turn += 1
            made = f"{slug}_{turn}"
        self.ids.add(made)
        return made

    def find(self, name: str, *, external: bool = False) -> ChoiceList | None:
        """The list that a question names; capital letters and blanks do not matter where nothing fits better."""
        lists = (self.external, self.by_name) if external else (self.by_name, self.external)
        for each in lists:
            if name in each:
                return each[name]
        wanted = _loose(name)
        return self._loosely.get((external, wanted)) or self._loosely.get((not external, wanted))

    def nearest(self, name: str) -> str | None:
        """The known list that a misspelt name most likely means."""
        return self.report.nearest(name, [*self.by_name, *self.external])

    def without_blanks(self, found: ChoiceList, why: str) -> None:
        """Blanks inside its choices become _: answers with several choices are parted by blanks."""
        for entry, row in zip(found.entries, found.rows, strict=True):
            token = entry["choice"]
            if " " not in token:
                continue
            entry["choice"] = made = token.replace(" ", "_")
            entry.setdefault("label", token)
            for words in found.words.values():
                if token in words:
                    words[made] = words.pop(token)
            text = f"'{token[:60]}' has a blank in it, which parts the answers of {why}; it is {made[:60]} here"
            self.report.add("error", found.sheet, row, "", text)

    def from_table(self, name: str, rows: list[list[str]], value: str, label: str) -> ChoiceList | None:
        """A list from a table in a file; None if the table lacks the column of its values."""
        columns = rows[0] if rows else []
        if value not in columns:
            return None
        made = ChoiceList(self._id(name), name, sheet=name)
        for number, cells in enumerate(rows[1:], start=2):
            row = {column: cell for column, cell in zip(columns, cells, strict=False) if cell}
            token = " ".join(row.pop(value, "").split())[:MAX_TOKEN]
            if not token:
                continue
            entry = {"choice": token}
            text = row.pop(label, "") if label != value else token
            if text:
                entry["label"] = text
            made.entries.append(entry | {key if key not in _OURS else f"{key}_": cell for key, cell in row.items()})
            made.rows.append(number)
        self.by_name[name] = made
        self._loosely.setdefault((False, _loose(name)), made)
        return made

    def as_definition(self) -> dict[str, list[dict[str, str]]]:
        """Every list, as `lists` of a definition."""
        return {each.id: each.entries for each in (*self.by_name.values(), *self.external.values()) if each.entries}

    def translated(self) -> dict[str, dict[str, dict[str, str]]]:
        """Code of a language -> list -> choice -> label."""
        made: dict[str, dict[str, dict[str, str]]] = {}
        for each in (*self.by_name.values(), *self.external.values()):
            for code, words in each.words.items():
                made.setdefault(code, {})[each.id] = words
        return made


def _loose(name: str) -> str:
    return "".join(name.lower().split())


def _filled_down(sheet: Sheet, column: Column) -> dict[int, str]:
    """Rows whose list stands in a merged cell above them -> that list."""
    place = next((index for index, (letter, _) in enumerate(sheet.headers) if letter == column.letter), None)
    if place is None or not sheet.merged:
        return {}
    number = _place(column.letter)
    by_row = {row.number: row for row in sheet.rows}
    found: dict[int, str] = {}
    reached = 0
    for top, bottom, left, _right in sorted(sheet.merged):
        if left != number or bottom <= top or top not in by_row:
            continue
        name = by_row[top].cells.get(column.header)
        if name:
            # Merged cells never overlap where a spreadsheet program made them.
            last = min(bottom, top + 5000)
            found |= {row: name for row in range(max(top, reached) + 1, last + 1) if row in by_row}
            reached = max(reached, last)
    return found


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def read_table_file(form: Path, name: str) -> list[list[str]] | None:
    """A table beside a form, its columns first; None where it is not there or is no table that can be read here."""
    if not _PLAIN_FILE.match(name) or name.startswith("."):
        return None
    for folder in (form.parent, form.parent / f"{form.stem}-media", form.parent / "media"):
        path = folder / name
        try:
            if not path.is_file() or path.stat().st_size > MAX_TABLE_BYTES:
                continue
            content = path.read_bytes()
        except OSError:
            continue
        return _geojson(content) if name.lower().endswith(".geojson") else _csv(content)
    return None


def _csv(content: bytes) -> list[list[str]] | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        return None
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text)) if any(row)]
    except csv.Error:
        return None
    return rows[: MAX_TABLE_ROWS + 1] or None


def _geojson(content: bytes) -> list[list[str]] | None:
    """Features as rows: their properties, and `id`, `title` where they have them."""
    try:
        features: Any = json.loads(content)["features"]
        rows = [{"id": each.get("id"), **(each.get("properties") or {})} for each in features[:MAX_TABLE_ROWS]]
        columns = list(dict.fromkeys(key for row in rows for key in row))
        if len(columns) * len(rows) > MAX_CELLS:
            return None
        plain = [["" if row.get(column) is None else str(row[column]) for column in columns] for row in rows]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return [columns, *plain]
