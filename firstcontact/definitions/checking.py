"""Whether a whole checklist makes sense: ids, names and choices that its conditions speak of, what its offers send.

It reads the tree and not the models, so that a file with a misspelt field is told everything else as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from firstcontact.definitions.problems import DefinitionProblem
from firstcontact.definitions.yaml import Node
from firstcontact.domain.answer import Standing
from firstcontact.domain.checklist import DERIVED, FACTS
from firstcontact.domain.condition import Ast, ConditionError, nearest, parse, references, uses_self

_STANDING = frozenset(standing.value for standing in Standing)
_LISTS = ("follow_ups", "details")
_RULES = ("offers", "adds_reason", "signposts")


@dataclass(slots=True)
class _Names:
    """What a condition may speak of."""

    questions: dict[str, Node] = field(default_factory=dict)
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    """Question id -> its own tokens, for questions with a list."""
    facts: dict[str, str] = field(default_factory=dict)
    """Fact -> the id of the question that asks for it."""
    calculations: set[str] = field(default_factory=set)
    safeguarding: set[str] = field(default_factory=set)

    def known(self) -> set[str]:
        return set(self.questions) | self.calculations | FACTS | DERIVED

    def tokens_of(self, name: str) -> frozenset[str] | None:
        return self.tokens.get(name if name in self.questions else self.facts.get(name, ""))


def check(root: Node) -> list[DefinitionProblem]:
    """Everything about a checklist.yaml that no single field shows to be wrong; sorted later."""
    problems: list[DefinitionProblem] = []
    names = _collect(root, problems)
    known = names.known()
    for node, may_use_self in _conditions(root):
        problems += _check_condition(node, names, known, may_use_self=may_use_self)
    problems += _check_rules(root, names)
    groups = {group.at("about").text for group in _list(root, "facts")}
    for start in _list(root, "questions_at_start"):
        if start.kind == "text" and start.text not in groups:
            problems.append(
                start.problem(f"no group of facts is called '{start.text[:60]}'", nearest(start.text, groups))
            )
    return problems


def check_translation(node: Node, root: Node) -> list[DefinitionProblem]:
    """Ids in a language file that the checklist does not have."""
    problems: list[DefinitionProblem] = []
    names = _collect(root, [])
    advice, services, because = set(), set(), set()
    for question in _main_questions(root):
        advice |= {each.at("advice").text for each in _list(question, "advice")}
        for kind in _RULES:
            for rule in _list(question, kind):
                services.add(rule.at("service").text)
                services |= {each.at("to").text for each in _list(rule, "signposted")}
                because |= {each.entries["because"].text for each in _list(rule, "raise") if "because" in each.entries}
    known_by_field = {
        "facts": {each.at("about").text for each in _list(root, "facts")},
        "sections": {each.at("section").text for each in _list(root, "sections")},
        "questions": set(names.questions),
        "advice": advice,
        "signposts": services,
        "because": because,
    }
    for name, known in known_by_field.items():
        part = node.entries.get(name)
        for key, mark in (part.keys if part else {}).items():
            if key not in known:
                problems.append(
                    mark.problem(f"the checklist has no '{key[:60]}' among its {name}", nearest(key, known))
                )
    for question_id, translated in (node.at("questions").entries).items():
        tokens = names.tokens.get(question_id, frozenset())
        choices = translated.entries.get("choices")
        for key, mark in (choices.keys if choices else {}).items():
            if question_id in names.questions and key not in tokens:
                problems.append(mark.problem(f"{question_id} has no choice '{key[:60]}'", nearest(key, tokens)))
    return problems


def _list(node: Node, name: str) -> list[Node]:
    found = node.entries.get(name)
    return found.items if found is not None and found.kind == "list" else []


def _main_questions(root: Node) -> Iterator[Node]:
    for section in _list(root, "sections"):
        yield from _list(section, "questions")


def _questions(root: Node) -> Iterator[Node]:
    for group in _list(root, "facts"):
        yield from _list(group, "questions")
    for question in _main_questions(root):
        yield question
        for name in _LISTS:
            yield from _list(question, name)


def _collect(root: Node, problems: list[DefinitionProblem]) -> _Names:
    names = _Names()
    for question in _questions(root):
        mark = question.entries.get("question")
        if mark is None or mark.kind != "text":
            continue
        _once(mark, names.questions, "question", problems)
        names.questions.setdefault(mark.text, mark)
        fact = question.entries.get("fact")
        if mark.text in FACTS | DERIVED and (fact is None or fact.text != mark.text):
            problems.append(mark.problem(f"'{mark.text}' is the name of a fact; call the question something else"))
        if fact is not None:
            if fact.text in names.facts:
                problems.append(fact.problem(f"{names.facts[fact.text]} asks for the fact '{fact.text[:60]}' already"))
            elif fact.text not in FACTS:
                problems.append(fact.problem(f"there is no fact '{fact.text[:60]}'", nearest(fact.text, FACTS)))
            names.facts.setdefault(fact.text, mark.text)
        tokens = _tokens(question, problems)
        if tokens:
            names.tokens[mark.text] = tokens
    for question in _main_questions(root):
        if question.at("safeguarding").text in ("yes", "true"):
            for each in (question, *(part for name in _LISTS for part in _list(question, name))):
                names.safeguarding.add(each.at("question").text)
    for kind, holder in (("about", "facts"), ("section", "sections")):
        seen: dict[str, Node] = {}
        for each in _list(root, holder):
            mark = each.entries.get(kind)
            if mark is not None:
                _once(mark, seen, {"about": "group", "section": "section"}[kind], problems)
                seen.setdefault(mark.text, mark)
    marks = dict(names.questions)
    for each in _list(root, "calculations"):
        mark = each.entries.get("calculation")
        if mark is not None:
            _once(mark, marks, "name", problems)
            marks.setdefault(mark.text, mark)
            names.calculations.add(mark.text)
    advice: dict[str, Node] = {}
    for question in _main_questions(root):
        for each in _list(question, "advice"):
            mark = each.entries.get("advice")
            if mark is not None:
                _once(mark, {**names.questions, **advice}, "piece of advice", problems)
                advice.setdefault(mark.text, mark)
    return names


def _once(mark: Node, seen: dict[str, Node], what: str, problems: list[DefinitionProblem]) -> None:
    if mark.text in seen:
        problems.append(
            mark.problem(f"a second {what} '{mark.text[:60]}' (the first is in line {seen[mark.text].line})")
        )


def _tokens(question: Node, problems: list[DefinitionProblem]) -> frozenset[str]:
    if question.at("type").text == "yes-no":
        return frozenset({"yes", "no"})
    seen: dict[str, Node] = {}
    for choice in _list(question, "choices"):
        mark = choice.entries.get("choice")
        if mark is None or mark.kind != "text":
            continue
        if mark.text in _STANDING:
            problems.append(
                mark.problem(f"'{mark.text}' can be answered to every question; leave it out of the choices")
            )
        _once(mark, seen, "choice", problems)
        seen.setdefault(mark.text, mark)
    return frozenset(seen)


def _conditions(root: Node) -> Iterator[tuple[Node, bool]]:
    """Every condition of the file, and whether it may speak of its own answer."""
    for question in _questions(root):
        for name in ("relevant", "constraint", "required"):
            found = question.entries.get(name)
            if found is not None and found.kind == "text" and not (name == "required" and found.text in ("yes", "no")):
                yield found, name == "constraint"
        for kind in (*_RULES, "advice"):
            for rule in _list(question, kind):
                inner = [part for name in ("raise", "signposted", "packs") for part in _list(rule, name)]
                for holder in (rule, *inner):
                    found = holder.entries.get("when")
                    if found is not None and found.kind == "text":
                        yield found, False
    for calculation in _list(root, "calculations"):
        found = calculation.entries.get("value")
        if found is not None and found.kind == "text":
            yield found, True


def _check_condition(node: Node, names: _Names, known: set[str], *, may_use_self: bool) -> Iterator[DefinitionProblem]:
    try:
        ast = parse(node.text)
    except ConditionError as problem:
        yield node.problem(problem.message, problem.suggestion, offset=problem.position)
        return
    for name, position in references(node.text):
        if name not in known:
            near = nearest(name, known)
            yield node.problem(f"there is no question or fact '{name[:60]}'", near, offset=position)
    if not may_use_self and uses_self(ast):
        yield node.problem("'.' is the answer itself, which only a constraint can speak of")
    for name, token in _tokens_named(ast):
        tokens = names.tokens_of(name)
        if tokens and token and token not in tokens | _STANDING:
            near = nearest(token, tokens | _STANDING)
            yield node.problem(f"{name} has no answer '{token[:60]}'", near, offset=max(node.text.find(token), 0))
    for name in _bare(ast):
        if (names.tokens_of(name) or frozenset()) == {"yes", "no"}:
            offset = max(node.text.find(name) - 2, 0)
            yield node.problem(f"${{{name}}} alone is true of 'no' as well", f"${{{name}}} = 'yes'", offset=offset)


def _tokens_named(ast: Ast) -> Iterator[tuple[str, str]]:
    """Pairs of a name and the text that it is compared with, or that is looked for in it."""
    for node in _walk(ast):
        parts = node[1:] if node[0] in ("=", "!=") else node[2:] if node[:2] == ["call", "selected"] else []
        for left, right in (
            (parts, parts[::-1]) if len(parts) == 2 and node[0] != "call" else [parts][: len(parts) // 2]
        ):
            if left[0] == "ref" and right[0] == "str":
                yield left[1], right[1]


def _bare(ast: Ast) -> Iterator[str]:
    """Names that stand alone where a yes or no is wanted."""
    for node in _walk(ast):
        parts = (
            node[1:] if node[0] in ("and", "or") else node[2:3] if node[:2] in (["call", "not"], ["call", "if"]) else []
        )
        for part in [*parts, *([node] if node is ast else [])]:
            if part[0] == "ref":
                yield part[1]


def _walk(ast: Ast) -> Iterator[Ast]:
    waiting = [ast]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(part for part in node[1:] if isinstance(part, list))


def _check_rules(root: Node, names: _Names) -> Iterator[DefinitionProblem]:
    offered = {
        rule.entries[key].text
        for question in _main_questions(root)
        for rule in _list(question, "offers")
        for key in ("service", "otherwise")
        if key in rule.entries
    }
    for question in _main_questions(root):
        question_id = question.at("question").text
        for kind in _RULES:
            for rule in _list(question, kind):
                service = rule.at("service")
                if question_id in names.safeguarding:
                    yield service.problem("a safeguarding question makes no offers: it opens the safeguarding decision")
                if kind == "adds_reason" and service.text not in offered:
                    words = f"no question offers '{service.text[:60]}', so there is nothing to add a reason to"
                    yield service.problem(words, nearest(service.text, offered))
                for sent in _list(rule, "fields"):
                    if sent.text not in names.questions:
                        near = nearest(sent.text, names.questions)
                        yield sent.problem(f"there is no question '{sent.text[:60]}' to send", near)
                    elif sent.text in names.safeguarding:
                        yield sent.problem(f"{sent.text} is about safeguarding and is never sent with an offer")
