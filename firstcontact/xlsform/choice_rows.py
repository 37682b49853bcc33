"""The sheet `choices` of a workbook: every list that is used, one below the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from firstcontact.xlsform.grid import Grid, Languages

YES_NO: Final = "yes_no"


@dataclass(slots=True)
class ChoiceRows:
    """The sheet `choices`: the lists that are used, one below the other."""

    languages: Languages
    translations: Mapping[str, Mapping[str, Any]]
    rows: list[dict[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def grid(self) -> Grid:
        """The sheet, without columns in which nothing stands."""
        columns = ["list_name", "name", *self.languages.headers("label"), "fc_exclusive"]
        return Grid(columns, self.rows).shorn(columns[:3])

    def doubled(self) -> bool:
        """Whether a choice stands in a list twice, as in lists that are only ever filtered."""
        places = {(row["list_name"], row["name"]) for row in self.rows}
        return len(places) < len(self.rows)

    def shared(self, name: str, entries: Iterable[Mapping[str, str]]) -> None:
        """A shared list, with the further columns of its entries."""
        said = [words.get("lists", {}).get(name, {}) for words in self.translations.values()]
        self._put(name, entries, said)

    def own(self, question: Mapping[str, Any]) -> str:
        """The choices of one question as a list of its own. Returns: the list's name."""
        name = unused(question["question"], self.names)
        path = question["question"]
        said = [words.get("questions", {}).get(path, {}).get("choices", {}) for words in self.translations.values()]
        self._put(name, question["choices"], said)
        return name

    def yes_no(self) -> str:
        """The list of every yes/no question."""
        if YES_NO not in self.names:
            words = {"en": ("Yes", "No"), "cy": ("Ie", "Na")}
            said = [
                dict(zip(("yes", "no"), words[code], strict=True)) if code in words else {}
                for code in self.languages.codes
            ]
            first = said[0] or dict(zip(("yes", "no"), words["en"], strict=True))
            self._put(YES_NO, [{"choice": token, "label": first[token]} for token in ("yes", "no")], said[1:])
        return YES_NO

    def _put(self, name: str, entries: Iterable[Mapping[str, str]], said: list[dict[str, str]]) -> None:
        self.names.add(name)
        first, *others = self.languages.codes
        for entry in entries:
            row = {"list_name": name, "name": entry["choice"]}
            row[self.languages.header("label", first)] = entry.get("label", entry["choice"])
            for code, words in zip(others, said, strict=True):
                row[self.languages.header("label", code)] = words.get(entry["choice"], "")
            row["fc_exclusive"] = entry.get("exclusive", "")
            more = {key: each for key, each in entry.items() if key not in ("choice", "label", "exclusive")}
            self.rows.append(more | row)


def unused(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken."""
    found, turn = name, 1
    while found in taken:
        turn += 1
        found = f"{name}_{turn}"
    return found
