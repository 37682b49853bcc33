"""Words: names in them that mean nothing, and words that a language does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from firstcontact.definitions.checking import Meant, known_names
from firstcontact.definitions.outline import Entry, Outline, listed, rules_of
from firstcontact.definitions.problems import DefinitionProblem, Level
from firstcontact.definitions.yaml import Node

NAMED: Final = re.compile(r"\$\{([^{}]*)\}")
SAID: Final = ("say", "short", "message", "required_message")
_ENTRY_WORDS: Final = (*SAID, "prompt", "title", "label")
MANY: Final = 12
"""Questions of one language that are told one by one; of more, how many they are."""


def wordings(found: Outline, translations: Mapping[str, Node]) -> Iterator[Node]:
    """Everything that people read, in every language."""
    root = found.root
    titles = [root, *listed(root, "facts"), *listed(root, "sections")]
    yield from (node for each in titles if (node := each.entries.get("title")) is not None)
    for entry in found.entries:
        yield from (node for key in _ENTRY_WORDS if (node := entry.node.entries.get(key)) is not None)
        for row in listed(entry.node, "choices"):
            yield from (node for node in (row.entries.get("label"),) if node is not None)
        for _, rule in rules_of(entry):
            for holder in (rule, *listed(rule, "raise"), *listed(rule, "signposted")):
                yield from (node for key in ("say", "because") if (node := holder.entries.get(key)) is not None)
    for rows in found.lists.values():
        yield from (node for row in rows.items if (node := row.entries.get("label")) is not None)
    for translation in translations.values():
        yield from _texts(translation)


def _texts(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.kind == "text":
            yield each
        waiting.extend(each.items)
        waiting.extend(each.entries.values())


def check_wordings(found: Outline, translations: Mapping[str, Node]) -> Iterator[DefinitionProblem]:
    """Every `${name}` in words that names nothing, and everything that a translation leaves out."""
    known = known_names(found)
    meant = Meant(known)
    level: Level = "warning" if found.imported else "error"
    for node in wordings(found, translations):
        if "${" not in node.text:
            continue
        for match in NAMED.finditer(node.text):
            name = match[1].strip().removeprefix("last-saved#")
            if name not in known:
                words = f"there is no question or fact '{name[:60]}' to put into these words"
                place = match.start(1)
                yield node.problem(words, meant.by(name), offset=place, code="unknown-name-in-words", level=level)
    for language, node in translations.items():
        yield from _left_out(found, language, node)


def _left_out(found: Outline, language: str, node: Node) -> Iterator[DefinitionProblem]:
    """What people read and this language does not have; where a visitor reads it alone, it is a hint."""
    said: list[tuple[Node, str]] = []
    for name, words in _titles(found, node):
        said.append((node.at(name), words))
    prompts: list[tuple[Node, str]] = []
    for entry in found.questions:
        there = node.at("questions").entries.get(entry.id)
        missing = [key for key in SAID if _lacks(entry.node, key, there)]
        missing += [f"choice '{token}'" for token in _choices_left_out(entry, there)]
        # A language of a workbook has no file of its own: its words are missing in the question's row.
        place = there if there is not None else entry.mark if found.imported else node.at("questions")
        if missing:
            said.append((place, f"{entry.id} ({', '.join(missing)})"))
        if _lacks(entry.node, "prompt", there):
            prompts.append((place, entry.id))
    yield from _told(said, f"{language} has no words for {{}}", "warning", node)
    yield from _told(prompts, f"{language} has no prompt for {{}}", "hint", node)


def _told(missing: list[tuple[Node, str]], words: str, level: Level, root: Node) -> Iterator[DefinitionProblem]:
    code = "no-translation"
    for place, what in missing[:MANY]:
        yield place.problem(words.format(what), code=code, level=level)
    if len(missing) > MANY:
        more = f"{len(missing) - MANY} more, such as {missing[MANY][1]}"
        yield root.problem(words.format(more), code=code, level=level)


def _lacks(node: Node, key: str, there: Node | None) -> bool:
    return _speaks(node.entries.get(key)) and (there is None or key not in there.entries)


def _speaks(node: Node | None) -> bool:
    """Whether there are words to translate: a number reads alike in every language."""
    return node is not None and node.kind == "text" and any(letter.isalpha() for letter in NAMED.sub("", node.text))


def _choices_left_out(entry: Entry, there: Node | None) -> Iterator[str]:
    translated = there.entries.get("choices") if there is not None else None
    for row in listed(entry.node, "choices"):
        token = row.at("choice").text
        if _speaks(row.entries.get("label")) and (translated is None or token not in translated.entries):
            yield token


def _titles(found: Outline, node: Node) -> Iterator[tuple[str, str]]:
    """Titles, labels of shared lists, advice, reasons and signposts that a language leaves out."""
    root = found.root
    parts: list[tuple[str, str, Node | None]] = []
    if not found.imported:  # a workbook has one title, whatever its languages
        if _speaks(root.entries.get("title")) and "title" not in node.entries:
            yield "title", "the title"
        for key, ids, name in (("facts", "about", "facts"), ("sections", "section", "sections")):
            parts += [(name, each.at(ids).text, each.entries.get("title")) for each in listed(root, key)]
    for entry in found.of("group", "repeat"):
        parts.append(("groups", entry.id, entry.node.entries.get("title")))
    for entry in found.of("calculation"):
        parts.append(("calculations", entry.id, entry.node.entries.get("label")))
    for entry in found.questions:
        for key, rule in rules_of(entry):
            if key == "advice":
                parts.append(("advice", rule.at("advice").text, rule.entries.get("say")))
            else:
                parts.append(("signposts", rule.at("service").text, rule.entries.get("say")))
            parts += [("signposts", each.at("to").text, each.entries.get("say")) for each in listed(rule, "signposted")]
            parts += [
                ("because", each.at("because").text, each.entries.get("because")) for each in listed(rule, "raise")
            ]
    told: set[tuple[str, str]] = set()
    for name, key, words in parts:
        there = node.entries.get(name)
        if _speaks(words) and (there is None or key not in there.entries) and (name, key) not in told:
            told.add((name, key))
            yield name, f"'{key[:60]}' among its {name}"
    for name, rows in found.lists.items():
        there = node.at("lists").entries.get(name)
        tokens = [row.at("choice").text for row in rows.items if _speaks(row.entries.get("label"))]
        missing = [token for token in tokens if there is None or token not in there.entries]
        if missing:
            yield "lists", f"{len(missing)} choices of the list {name[:60]}, such as '{missing[0]}'"
