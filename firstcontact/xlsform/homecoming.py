"""What our own columns say, put back where it belongs: sections, facts, follow-ups, rules, words that only we have.

Works on a definition as the importer made it, in which such columns lie under `kept`. A workbook without them is left
as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from firstcontact.xlsform.grid import OWN, is_code, language_code, normal
from firstcontact.xlsform.own_sheets import SHEETS, Tree, put_rules_back
from firstcontact.xlsform.spreadsheet import ABOUT

_WORDS: Final = ("short", "prompt")
_PLAIN: Final = ("subject", "fact", "max_length", "private", "safeguarding", "never_prefilled", "evidence")
_WITHOUT_CHOICES: Final = frozenset({"yes-no", "phone", "postcode", "long-text"})
_ORDER: Final = ("question", "fact", "subject", "private", "safeguarding", "never_prefilled", "type", "say", "short")


def come_home(definition: Tree, translations: dict[str, Tree]) -> list[str]:
    """Change both in place. Returns: what of our own sheets could not be placed, in words."""
    kept = definition.get("kept", {})
    sheets = kept.get("sheets", {})
    own = {name: sheets.pop(name) for name in (*SHEETS, ABOUT) if name in sheets}
    _Settings(definition, translations).read(kept.get("settings", {}))
    _Rows(definition, translations).read()
    lost = put_rules_back(definition, translations, own)
    for key in ("settings", "sheets"):
        if not kept.get(key, True):
            del kept[key]
    if not kept:
        definition.pop("kept", None)
    return lost


def _own_of(kept: Tree) -> dict[str, str]:
    """Take our own columns out of what was kept, by their names without `fc::`."""
    found = {header: normal(header) for header in kept}
    return {
        name.removeprefix(OWN): value
        for header, name in found.items()
        if name.startswith(OWN) and (value := kept.pop(header).strip())
    }


class _Settings:
    """The row of the sheet `settings`."""

    def __init__(self, definition: Tree, translations: dict[str, Tree]) -> None:
        self.definition = definition
        self.translations = translations

    def read(self, settings: Tree) -> None:
        """The id, the age that is told to the visitor, what is asked first, and the title in other languages."""
        own = _own_of(settings)
        for name, value in own.items():
            if name == "checklist":
                self.definition["checklist"] = value
                if settings.get("form_id") == value:
                    del settings["form_id"]
            elif name == "allow_choice_duplicates":
                settings.pop(name, None)
            elif name == "questions_at_start":
                self.definition[name] = value.split()
            elif name in ("minimum_age", "language"):
                self.definition[name] = value
            elif name.startswith("title::"):
                code = language_code(name.removeprefix("title::"))
                if code != self.definition.get("language", "en") and is_code(code):
                    self.translations.setdefault(code, {"language": code})["title"] = value


class _Rows:
    """The entries of the section that an import makes."""

    def __init__(self, definition: Tree, translations: dict[str, Tree]) -> None:
        self.definition = definition
        self.translations = translations
        self.language = definition.get("language", "en")
        self.lists: Tree = definition.get("lists", {})
        self.emptied: set[str] = set()
        """Lists that some question has taken out of the shared ones."""
        self.calculations: list[Tree] = definition.setdefault("calculations", [])

    def read(self) -> None:
        """Sections and facts out of groups, follow-ups under their questions, rows that we work out ourselves gone."""
        sections: list[Tree] = []
        facts: list[Tree] = self.definition.setdefault("facts", [])
        for section in self.definition["sections"]:
            rest: list[Tree] = []
            for entry in section["questions"]:
                own = _own_of(entry.get("kept", {})) if "group" in entry else {}
                if "section" in own:
                    sections.append(self._section(entry, own["section"]))
                elif "about" in own:
                    facts.append(self._about(entry, own))
                else:
                    rest.append(entry)
            section["questions"] = self._entries(rest)
            if section["questions"]:
                sections.append(section)
        self.definition["sections"] = sections
        for key in ("calculations", "facts"):
            if not self.definition[key]:
                del self.definition[key]
        self._drop_lists()

    def _section(self, entry: Tree, name: str) -> Tree:
        self._rename("groups", entry["group"], "sections", name)
        return {"section": name, "title": entry.get("title", name), "questions": self._entries(entry["questions"])}

    def _about(self, entry: Tree, own: dict[str, str]) -> Tree:
        self._rename("groups", entry["group"], "facts", own["about"])
        made: Tree = {"about": own["about"], "title": entry.get("title", own["about"])}
        if "subject" in own:
            made["subject"] = own["subject"]
        return {**made, "questions": self._entries(entry["questions"])}

    def _rename(self, table: str, old: str, new_table: str, new: str) -> None:
        """Words of a group become those of a section, in every language."""
        for words in self.translations.values():
            found = words.get(table, {}).pop(old, None)
            if found is not None:
                words.setdefault(new_table, {})[new] = found
            if not words.get(table, True):
                del words[table]

    def _entries(self, entries: list[Tree]) -> list[Tree]:
        made: list[Tree] = []
        main: Tree | None = None
        for entry in entries:
            own = _own_of(entry.get("kept", {}))
            if "kept" in entry and not entry["kept"]:
                del entry["kept"]
            if "derived" in own:
                continue
            if "questions" in entry:
                entry["questions"] = self._entries(entry["questions"])
                main = None
            elif own.get("role") == "calculation" and "calculation" in entry:
                self.calculations.append(entry)
                continue
            elif "question" in entry:
                entry = self._question(entry, own)
                place = {"follow-up": "follow_ups", "detail": "details"}.get(own.get("role", ""))
                if place and main is not None:
                    main.setdefault(place, []).append(entry)
                    continue
                main = entry
            made.append(entry)
        return made

    def _question(self, entry: Tree, own: dict[str, str]) -> Tree:
        """The marks of one question."""
        name = entry["question"]
        words = {key: value for key, value in own.items() if key.partition("::")[0] in _WORDS}
        for key, value in words.items():
            column, _, language = key.partition("::")
            code = language_code(language) if language else self.language
            if code == self.language:
                entry[column] = value
            elif is_code(code):
                self._said(code, name)[column] = value
        for key in _PLAIN:
            if key in own:
                entry[key] = own[key]
        if "type" in own:
            entry["type"] = own["type"]
            if own["type"] == "long-text" and entry.get("appearance") == "multiline":
                del entry["appearance"]
            if own["type"] == "file":
                entry.pop("kept", {}).pop("type", None)
            if own["type"] in _WITHOUT_CHOICES:
                self.emptied.add(entry.pop("list", ""))
                entry.pop("choices", None)
        if own.get("step") == "none":
            entry.pop("step", None)
        if own.get("choices") == "own" and entry.get("list") in self.lists:
            self._take_in(entry, entry.pop("list"))
        return {key: entry[key] for key in sorted(entry, key=_place)}

    def _take_in(self, entry: Tree, name: str) -> None:
        """A list of this question alone."""
        self.emptied.add(name)
        entry["choices"] = [dict(each) for each in self.lists[name]]
        for each in entry["choices"]:
            if each.pop("fc_exclusive", "") in ("yes", "true"):
                each["exclusive"] = "yes"
        for code, words in self.translations.items():
            said = words.get("lists", {}).get(name)
            if said:
                self._said(code, entry["question"])["choices"] = dict(said)

    def _said(self, code: str, name: str) -> Tree:
        words = self.translations.setdefault(code, {"language": code})
        found: Tree = words.setdefault("questions", {}).setdefault(name, {})
        return found

    def _drop_lists(self) -> None:
        """Shared lists keep what they hold of exclusive choices; those that nobody shares any more go."""
        for entries in self.lists.values():
            for each in entries:
                if each.pop("fc_exclusive", "") in ("yes", "true"):
                    each["exclusive"] = "yes"
        for name in self.emptied - set(_lists_used(self.definition)):
            self.lists.pop(name, None)
            for words in self.translations.values():
                words.get("lists", {}).pop(name, None)
        for words in (self.definition, *self.translations.values()):
            if not words.get("lists", True):
                del words["lists"]


def _lists_used(definition: Tree) -> Iterator[str]:
    def inside(entry: Tree) -> Iterator[Tree]:
        for key in ("questions", "follow_ups", "details"):
            yield from entry.get(key, ())

    waiting: list[Tree] = [*definition["sections"], *definition.get("facts", ())]
    while waiting:
        entry = waiting.pop()
        if "list" in entry:
            yield entry["list"]
        waiting.extend(inside(entry))


def _place(key: str) -> int:
    """Where a key stands in a question: what it is before what it says, and rules last."""
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)
