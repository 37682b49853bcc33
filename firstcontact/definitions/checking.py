"""Whether a whole checklist makes sense: ids, names and choices that its conditions speak of, what its offers send.

It reads the outline and not the models, so that a file with a misspelt field is told everything else as well. What is
found here stops a checklist of our own from being used. A form that came out of a workbook (`kept` at its top) was
written for programs that run such conditions all the same: there, some of it is a warning and stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from firstcontact.definitions.outline import (
    RULES,
    Entry,
    Outline,
    Written,
    conditions,
    listed,
    outline,
    rules_of,
)
from firstcontact.definitions.problems import DefinitionProblem, Level
from firstcontact.definitions.yaml import Node
from firstcontact.domain.answer import Standing
from firstcontact.domain.checklist import DERIVED, FACTS
from firstcontact.domain.condition import Ast, ConditionError, nearest, parse, references, uses_self
from firstcontact.domain.names import Guesses

STANDING = frozenset(standing.value for standing in Standing)
_SELF = frozenset({"constraint", "calculation", "default"})
"""Where `.` means something: the answer, or what a calculation was before."""


def check(root: Node) -> list[DefinitionProblem]:
    """Everything about a checklist.yaml that no single field shows to be wrong; sorted later."""
    found = outline(root)
    known, meant = known_names(found), Meant(known_names(found))
    problems = [*_once_each(found), *_facts(found), *_choices(found), *_evidence(found)]
    for written in conditions(found):
        problems += _check_condition(written, found, known, meant)
    problems += _check_rules(found)
    groups = {group.at("about").text for group in listed(root, "facts")}
    for start in listed(root, "questions_at_start"):
        if start.kind == "text" and start.text not in groups:
            words = f"no group of facts is called '{start.text[:60]}'"
            problems.append(start.problem(words, nearest(start.text, groups), code="unknown-group"))
    return problems


class Meant:
    """Finds the nearest of these names, until it has cost enough."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = tuple(known)
        self.guesses = Guesses()

    def by(self, name: str) -> str | None:
        """The known name that a misspelt one most likely means."""
        return self.guesses.nearest(name, self.known)


def known_names(found: Outline) -> frozenset[str]:
    """What a condition may speak of."""
    return frozenset(found.by_id) | FACTS | DERIVED


def check_translation(node: Node, root: Node) -> list[DefinitionProblem]:
    """Ids in a language file that the checklist does not have."""
    problems: list[DefinitionProblem] = []
    found = outline(root)
    known_by_field = {
        "facts": {each.at("about").text for each in listed(root, "facts")},
        "sections": {each.at("section").text for each in listed(root, "sections")},
        "questions": {entry.id for entry in found.by_id.values() if entry.kind == "question"},
        "groups": {entry.id for entry in found.of("group", "repeat")},
        "calculations": {entry.id for entry in found.of("calculation")},
        "lists": set(found.lists),
        **_named_by_rules(found),
    }
    for name, known in known_by_field.items():
        part = node.entries.get(name)
        for key, mark in (part.keys if part else {}).items():
            if key not in known:
                words = f"the checklist has no '{key[:60]}' among its {name}"
                problems.append(mark.problem(words, nearest(key, known), code="unknown-translation"))
    for question_id, translated in node.at("questions").entries.items():
        entry = found.by_id.get(question_id)
        choices = translated.entries.get("choices")
        tokens = entry.tokens if entry is not None else ()
        for key, mark in (choices.keys if choices and entry is not None else {}).items():
            if key not in tokens:
                words = f"{question_id} has no choice '{key[:60]}'"
                problems.append(mark.problem(words, nearest(key, tokens), code="unknown-translation"))
    return problems


def _named_by_rules(found: Outline) -> dict[str, set[str]]:
    advice, services, because = set(), set(), set()
    for entry in found.questions:
        for kind, rule in rules_of(entry):
            if kind == "advice":
                advice.add(rule.at("advice").text)
                continue
            services.add(rule.at("service").text)
            services |= {each.at("to").text for each in listed(rule, "signposted")}
            because |= {each.entries["because"].text for each in listed(rule, "raise") if "because" in each.entries}
    return {"advice": advice, "signposts": services, "because": because}


def _once_each(found: Outline) -> Iterator[DefinitionProblem]:
    marks: dict[str, Node] = {}
    for entry in found.entries:
        what = entry.kind if entry.kind == "question" or entry.mark.text not in marks else "name"
        yield from _once(entry.mark, marks, what)
        marks.setdefault(entry.id, entry.mark)
    for kind, holder, what in (("about", "facts", "group"), ("section", "sections", "section")):
        seen: dict[str, Node] = {}
        for each in listed(found.root, holder):
            mark = each.entries.get(kind)
            if mark is not None:
                yield from _once(mark, seen, what)
                seen.setdefault(mark.text, mark)
    for entry in found.questions:
        for kind, rule in rules_of(entry):
            if kind == "advice" and "advice" in rule.entries:
                yield from _once(rule.entries["advice"], marks, "piece of advice")
                marks.setdefault(rule.entries["advice"].text, rule.entries["advice"])


def _once(mark: Node, seen: dict[str, Node], what: str, level: Level = "error") -> Iterator[DefinitionProblem]:
    if mark.text in seen:
        words = f"a second {what} '{mark.text[:60]}' (the first is in line {seen[mark.text].line})"
        yield mark.problem(words, code="twice", level=level)


def _facts(found: Outline) -> Iterator[DefinitionProblem]:
    for entry in found.questions:
        fact = entry.node.entries.get("fact")
        name = entry.text("fact")
        if entry.id in FACTS | DERIVED and name != entry.id and not found.imported:
            words = f"'{entry.id}' is the name of a fact; call the question something else"
            yield entry.mark.problem(words, code="fact-name")
        if fact is None or name is None:
            continue
        if name not in FACTS:
            yield fact.problem(f"there is no fact '{name[:60]}'", nearest(name, FACTS), code="unknown-fact")
        elif found.facts[name] != entry.id:
            yield fact.problem(f"{found.facts[name]} asks for the fact '{name[:60]}' already", code="twice")


def _choices(found: Outline) -> Iterator[DefinitionProblem]:
    """Choices that stand twice or need not be there, once for each list."""
    level: Level = "warning" if found.imported else "error"
    seen_lists: set[int] = set()
    holders = [*((entry.choices, entry.type) for entry in found.questions)]
    holders += [(tuple(each.items), "") for each in found.lists.values()]
    for choices, kind in holders:
        if not choices or kind == "yes-no" or id(choices[0]) in seen_lists:
            continue
        seen_lists.add(id(choices[0]))
        marks: dict[str, Node] = {}
        for row in choices:
            mark = row.entries.get("choice")
            if mark is None or mark.kind != "text":
                continue
            if mark.text in STANDING:
                words = f"'{mark.text}' can be answered to every question; leave it out of the choices"
                yield mark.problem(words, code="standing-choice", level=level)
            yield from _once(mark, marks, "choice", level)
            marks.setdefault(mark.text, mark)
    for entry in found.questions:
        node = entry.node.entries.get("list")
        if node is not None and node.kind == "text" and node.text not in found.lists:
            words = f"there is no list '{node.text[:60]}'"
            yield node.problem(words, nearest(node.text, found.lists), code="unknown-list")


def _evidence(found: Outline) -> Iterator[DefinitionProblem]:
    for entry in found.questions:
        node = entry.node.entries.get("evidence")
        if node is None or node.kind != "text":
            continue
        meant = found.by_id.get(node.text)
        texts = {each.id for each in found.questions if each.type in ("text", "long-text")}
        if meant is None:
            words = f"there is no question '{node.text[:60]}' to hold the evidence"
            yield node.problem(words, nearest(node.text, texts), code="unknown-name")
        elif meant.id not in texts:
            yield node.problem(f"{meant.id} holds no text, and evidence is told in words", code="evidence-no-text")


def _check_condition(
    written: Written, found: Outline, known: frozenset[str], meant: Meant
) -> Iterator[DefinitionProblem]:
    node, use = written.node, written.use
    level: Level = "warning" if found.imported else "error"
    try:
        ast = parse(node.text, of_rows=use == "filter")
    except ConditionError as problem:
        yield node.problem(problem.message, problem.suggestion, offset=problem.position, code="condition")
        return
    for name, position in references(node.text):
        name = name.removeprefix("last-saved#")
        if name not in known:
            words = f"there is no question or fact '{name[:60]}'"
            yield node.problem(words, meant.by(name), offset=position, code="unknown-name")
    if use not in _SELF and uses_self(ast):
        words = "'.' is the answer itself, which only a constraint can speak of"
        yield node.problem(words, code="self", level=level)
    for name, token in _tokens_named(ast):
        entry = found.named(name)
        tokens = (*entry.tokens, *STANDING) if entry is not None and entry.tokens else ()
        if tokens and token and token not in tokens:
            offset = max(node.text.find(token), 0)
            words = f"{name} has no answer '{token[:60]}'"
            yield node.problem(words, nearest(token, tokens), offset=offset, code="unknown-choice", level=level)
    if use not in ("calculation", "default", "count"):
        yield from _bare_yes_no(node, ast, found, level)


def _bare_yes_no(node: Node, ast: Ast, found: Outline, level: Level) -> Iterator[DefinitionProblem]:
    for name in _bare(ast):
        entry = found.named(name)
        if entry is not None and set(entry.tokens) == {"yes", "no"}:
            words, offset = f"${{{name}}} alone is true of 'no' as well", max(node.text.find(name) - 2, 0)
            yield node.problem(words, f"${{{name}}} = 'yes'", offset=offset, code="bare-yes-no", level=level)


def _tokens_named(ast: Ast) -> Iterator[tuple[str, str]]:
    """Pairs of a name and the text that it is compared with, or that is looked for in it."""
    for node in walk(ast):
        if node[0] in ("=", "!="):
            pairs = [(node[1], node[2]), (node[2], node[1])]
        elif node[:2] == ["call", "selected"] and len(node) == 4:
            pairs = [(node[2], node[3])]
        else:
            continue
        for left, right in pairs:
            if left[0] == "ref" and right[0] == "str":
                yield left[1], right[1]


def _bare(ast: Ast) -> Iterator[str]:
    """Names that stand alone where a yes or no is wanted."""
    for node in walk(ast):
        parts = (
            node[1:] if node[0] in ("and", "or") else node[2:3] if node[:2] in (["call", "not"], ["call", "if"]) else []
        )
        for part in [*parts, *([node] if node is ast else [])]:
            if part[0] == "ref":
                yield part[1]


def walk(ast: Ast) -> Iterator[Ast]:
    """Every part of a parsed condition, in no order."""
    waiting = [ast]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(part for part in node[1:] if isinstance(part, list))


def _check_rules(found: Outline) -> Iterator[DefinitionProblem]:
    offered = {
        rule.entries[key].text
        for entry in found.questions
        for rule in listed(entry.node, "offers")
        for key in ("service", "otherwise")
        if key in rule.entries
    }
    for entry in found.questions:
        for kind, rule in rules_of(entry):
            if kind in RULES:
                yield from _check_rule(kind, rule, entry, found, offered)


def _check_rule(kind: str, rule: Node, entry: Entry, found: Outline, offered: set[str]) -> Iterator[DefinitionProblem]:
    service = rule.at("service")
    if entry.safeguarding:
        words = "a safeguarding question makes no offers: it opens the safeguarding decision"
        yield service.problem(words, code="safeguarding")
    if kind == "adds_reason" and service.text not in offered:
        words = f"no question offers '{service.text[:60]}', so there is nothing to add a reason to"
        yield service.problem(words, nearest(service.text, offered), code="no-such-offer")
    for sent in listed(rule, "fields"):
        asked = found.by_id.get(sent.text)
        if asked is None or asked.kind not in ("question", "calculation"):
            near = nearest(sent.text, (each.id for each in found.questions))
            words = f"there is no question '{sent.text[:60]}' to send"
            yield sent.problem(words, near, code="unknown-name")
        elif asked.safeguarding:
            words = f"{sent.text} is about safeguarding and is never sent with an offer"
            yield sent.problem(words, code="safeguarding")
