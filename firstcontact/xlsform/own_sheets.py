"""Offers, signposts and advice as sheets of their own, one table each, and back again.

A rule takes one row, and what belongs to it the rows below: what raises its urgency (`raise`), what takes its place
(`instead`), and a data pack that goes only sometimes (`pack`). Other programs leave these sheets alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstcontact.xlsform.grid import Grid, Languages, is_code, language_code, normal

OFFERS: Final = "offers"
SIGNPOSTS: Final = "signposts"
ADVICE: Final = "advice"
SHEETS: Final = (OFFERS, SIGNPOSTS, ADVICE)

_OFFER: Final = "offer"
_REASON: Final = "adds reason"
_RAISE: Final = "raise"
_INSTEAD: Final = "instead"
_PACK: Final = "pack"
RULES: Final = (_OFFER, _REASON, _RAISE, _INSTEAD, _PACK)
URGENCIES: Final = ("routine", "soon", "urgent", "immediate")

Tree = dict[str, Any]
"""A part of a definition: mappings, lists and text, as in checklist.yaml."""


def questions_of(definition: Mapping[str, Any]) -> Iterator[Tree]:
    """Every main question of the sections, whatever groups it stands in."""
    waiting = [
        entry for section in reversed(definition.get("sections", ())) for entry in reversed(section["questions"])
    ]
    while waiting:
        entry = waiting.pop()
        if "question" in entry:
            yield entry
        else:
            waiting.extend(reversed(entry.get("questions", ())))


def rule_sheets(
    definition: Mapping[str, Any], translations: Mapping[str, Mapping[str, Any]], languages: Languages
) -> dict[str, Grid]:
    """The sheets that have rows."""
    words = _Words(translations, languages)
    offers = Grid(["question", "rule", "service", "when", "urgency", *languages.headers("words"), "health", "packs"])
    offers.columns += ["fields", "otherwise", "subject"]
    signposts = Grid(["question", "service", "subject", "when", *languages.headers("words")])
    advice = Grid(["question", "advice", "when", *languages.headers("words")])
    for question in questions_of(definition):
        name = question["question"]
        for kind, key in ((_OFFER, "offers"), (_REASON, "adds_reason")):
            for rule in question.get(key, ()):
                offers.rows += _offer_rows(name, kind, rule, words)
        for each in question.get("signposts", ()):
            row = {"question": name, "service": each["service"], "when": each["when"]}
            row["subject"] = each.get("subject", "")
            signposts.rows.append({**row, **words.of(each.get("say"), "signposts", each["service"])})
        for each in question.get("advice", ()):
            row = {"question": name, "advice": each["advice"], "when": each["when"]}
            advice.rows.append({**row, **words.of(each["say"], "advice", each["advice"])})
    sheets = {OFFERS: offers, SIGNPOSTS: signposts, ADVICE: advice}
    return {name: grid for name, grid in sheets.items() if grid.rows}


class _Words:
    """Words in every language, as cells of a row."""

    def __init__(self, translations: Mapping[str, Mapping[str, Any]], languages: Languages) -> None:
        self.translations = translations
        self.languages = languages

    def of(self, said: str | None, table: str, key: str) -> dict[str, str]:
        """The cells of the columns `words`."""
        if not said:
            return {}
        first, *others = self.languages.codes
        cells = {self.languages.header("words", first): said}
        for code in others:
            found = self.translations[code].get(table, {}).get(key)
            if found:
                cells[self.languages.header("words", code)] = found
        return cells


def _offer_rows(question: str, kind: str, rule: Mapping[str, Any], words: _Words) -> Iterator[dict[str, str]]:
    packs = [each if isinstance(each, dict) else {"pack": each} for each in rule.get("packs", ())]
    row = {"question": question, "rule": kind, "service": rule["service"], "when": rule["when"]}
    row["urgency"] = rule.get("urgency", "")
    row["packs"] = " ".join(each["pack"] for each in packs)
    row["fields"] = " ".join(rule.get("fields", ()))
    row["otherwise"] = rule.get("otherwise", "")
    row["subject"] = rule.get("subject", "")
    yield row
    for each in rule.get("raise", ()):
        said = words.of(each.get("because"), "because", each.get("because", ""))
        more = {"question": question, "rule": _RAISE, "when": each["when"], "urgency": each["to"]}
        yield {**more, **said, "health": each.get("health", "")}
    for each in rule.get("signposted", ()):
        more = {"question": question, "rule": _INSTEAD, "service": each["to"], "when": each["when"]}
        yield {**more, **words.of(each.get("say"), "signposts", each["to"])}
    for each in packs:
        if each.get("when"):
            yield {"question": question, "rule": _PACK, "when": each["when"], "packs": each["pack"]}


def put_rules_back(
    definition: Tree, translations: dict[str, Tree], sheets: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Hang the rows of these sheets under their questions. Returns: what could not be placed, in words."""
    places = {question["question"]: question for question in questions_of(definition)}
    returning = _Returning(places, translations, definition.get("language", "en"))
    for name in SHEETS:
        for number, row in _rows(sheets.get(name)):
            returning.row(name, number, row)
    return returning.lost


def _rows(sheet: Mapping[str, Any] | None) -> Iterator[tuple[int, dict[str, str]]]:
    """Row number and cells by header; a row with nothing in it is none."""
    if sheet is None:
        return
    headers = [normal(each) for each in sheet["columns"]]
    for number, cells in enumerate(sheet["rows"], 2):
        row = {header: cell.strip() for header, cell in zip(headers, cells, strict=False) if cell.strip()}
        if row:
            yield number, row


class _Returning:
    """Rows on their way back under their questions."""

    def __init__(self, places: Mapping[str, Tree], translations: dict[str, Tree], language: str) -> None:
        self.places = places
        self.translations = translations
        self.language = language
        self.rule: Tree | None = None
        self.lost: list[str] = []

    def row(self, sheet: str, number: int, row: Mapping[str, str]) -> None:
        """Place one row."""
        question = self.places.get(row.get("question", ""))
        kind = row.get("rule", _OFFER).lower() if sheet == OFFERS else sheet
        if question is None:
            self.lost.append(f"{sheet}, row {number}: there is no question '{row.get('question', '')[:60]}'")
        elif sheet == SIGNPOSTS:
            made = {"service": row.get("service", ""), "when": row.get("when", "")}
            made |= {"subject": row["subject"]} if "subject" in row else {}
            self._add(question, "signposts", {**made, **self._said("say", row, "signposts", row.get("service", ""))})
        elif sheet == ADVICE:
            made = {"advice": row.get("advice", ""), "when": row.get("when", "")}
            self._add(question, "advice", {**made, **self._said("say", row, "advice", row.get("advice", ""))})
        elif kind in (_OFFER, _REASON):
            self.rule = _rule(row)
            self._add(question, "offers" if kind == _OFFER else "adds_reason", self.rule)
        elif self.rule is None or kind not in RULES:
            self.lost.append(f"{sheet}, row {number}: '{kind[:40]}' belongs under an offer")
        else:
            self._part(kind, row, self.rule)

    def _part(self, kind: str, row: Mapping[str, str], rule: Tree) -> None:
        when = row.get("when", "")
        if kind == _RAISE:
            made = {"to": row.get("urgency", ""), "when": when}
            made |= self._said("because", row, "because", self._first(row))
            self._add(rule, "raise", {**made, **({"health": row["health"]} if "health" in row else {})})
        elif kind == _INSTEAD:
            made = {"to": row.get("service", ""), "when": when}
            self._add(rule, "signposted", {**made, **self._said("say", row, "signposts", row.get("service", ""))})
        else:
            code = row.get("packs", "")
            packs = [each for each in rule.get("packs", []) if each != code]
            place = rule.get("packs", []).index(code) if code in rule.get("packs", []) else len(packs)
            rule["packs"] = [*packs[:place], {"pack": code, "when": when}, *packs[place:]]

    def _add(self, parent: Tree, key: str, made: Tree) -> None:
        parent.setdefault(key, []).append(made)

    def _first(self, row: Mapping[str, str]) -> str:
        return next((cell for code, cell in _spoken(row) if code in ("", self.language)), "")

    def _said(self, key: str, row: Mapping[str, str], table: str, name: str) -> Tree:
        """The words of a row; those in other languages go to their files."""
        for code, cell in _spoken(row):
            if code not in ("", self.language) and name and is_code(code):
                self.translations.setdefault(code, {"language": code}).setdefault(table, {})[name] = cell
        first = self._first(row)
        return {key: first} if first else {}


def _spoken(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for header, cell in row.items():
        column, _, language = header.partition("::")
        if column == "words":
            yield (language_code(language) if language else ""), cell


def _rule(row: Mapping[str, str]) -> Tree:
    made: Tree = {"service": row.get("service", ""), "when": row.get("when", "")}
    for key in ("urgency", "otherwise", "subject"):
        if key in row:
            made[key] = row[key]
    for key in ("packs", "fields"):
        if key in row:
            made[key] = _several(row[key])
    return made


def _several(cell: str) -> list[str]:
    return cell.replace(",", " ").split()
