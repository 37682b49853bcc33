"""Whether a form fits into the file of a checklist, and what to do with lists that are too long for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from firstcontact.xlsform.packaging import refuse
from firstcontact.xlsform.report import Report

MAX_VALUES: Final = 140_000
MAX_LETTERS: Final = 3_500_000
"""Both a little less than what a checklist's file may hold (definitions/yaml.py)."""
_PER_VALUE: Final = 12
"""Letters that go with each value: its indent, dash or colon."""


def put_long_lists_aside(
    definition: dict[str, Any],
    translations: dict[str, dict[str, Any]],
    tables: dict[str, list[list[str]]],
    report: Report,
) -> None:
    """Make the definition fit: the longest lists become tables beside it, and their questions are asked as text.

    Raises: Refused, when it does not fit even so.
    """
    values, letters = _measure(definition)
    lists: dict[str, list[dict[str, str]]] = definition.get("lists", {})
    aside: dict[str, str] = {}
    while lists and (values > MAX_VALUES or letters > MAX_LETTERS):
        name = max(lists, key=lambda each: len(lists[each]))
        entries = lists.pop(name)
        less, fewer = _measure(entries)
        values, letters = values - less, letters - fewer
        columns = list(dict.fromkeys(key for entry in entries for key in entry))
        file = f"list_{len(aside) + 1}_{name}"[:100] + ".csv"
        tables[file] = [columns, *([entry.get(column, "") for column in columns] for entry in entries)]
        definition.setdefault("tables", {})[file.removesuffix(".csv")] = file
        aside[name] = file
        words = f"the list {name} has {len(entries)} choices, more than fit into a checklist; it is kept as {file}"
        report.add("error", "choices", 0, "", f"{words}, and its questions are asked as text")
        for said in translations.values():
            said.get("lists", {}).pop(name, None)
    if values > MAX_VALUES or letters > MAX_LETTERS:
        raise refuse(
            "The form holds more than fits into a checklist.",
            f"It has {values} values and {letters} letters; at most {MAX_VALUES} and {MAX_LETTERS} fit.",
        )
    if aside:
        for entry in _questions(definition):
            if entry.get("list") in aside:
                _as_text(entry)


def _as_text(entry: dict[str, Any]) -> None:
    name = entry.pop("list")
    kept = entry.setdefault("kept", {})
    word = {"any-of": "select_multiple", "rank": "rank"}.get(entry["type"], "select_one")
    kept.setdefault("type", f"{word} {name}{' or_other' if entry.pop('other', None) else ''}")
    if "filter" in entry:
        kept["choice_filter"] = entry.pop("filter")
    entry["type"] = "text"


def _questions(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    waiting = [entry for section in definition["sections"] for entry in section["questions"]]
    while waiting:
        entry = waiting.pop()
        if "question" in entry:
            yield entry
        for key in ("questions", "follow_ups", "details"):
            waiting.extend(entry.get(key, ()))


def _measure(value: Any) -> tuple[int, int]:
    """How many values a part of a definition has, and about how many letters."""
    values, letters, waiting = 0, 0, [value]
    while waiting:
        each = waiting.pop()
        values += 1
        if isinstance(each, dict):
            values += len(each)
            letters += sum(map(len, each))
            for inner in each.values():
                if type(inner) is str:
                    values += 1
                    letters += len(inner)
                else:
                    waiting.append(inner)
        elif isinstance(each, list):
            waiting.extend(each)
        else:
            letters += len(each)
    return values, letters + values * _PER_VALUE
