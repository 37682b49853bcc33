"""Why a condition never holds, in words: what its author has to see to mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from firstcontact.definitions.checks.domains import Domain
from firstcontact.definitions.checks.prepared import HERE, names_in
from firstcontact.definitions.checks.ways import Memory, TooManyWaysError, Ways
from firstcontact.definitions.outline import Entry, Outline
from firstcontact.domain.condition import Ast

_SIZES: Final = frozenset({"<", "<=", ">", ">="})
_LISTED: Final = 8


class About(Protocol):
    """What is known of the checklist."""

    found: Outline
    domains: dict[str, Domain]
    memory: Memory
    never_asked: set[str]


def why_never(target: Ast, ways: Ways, given: Sequence[tuple[Ast, Entry | None]], about: About) -> str:
    """The reason why a part never holds, where it is met with."""
    names = tuple(dict.fromkeys(names_in(target)))
    for name in names:
        if name in about.never_asked:
            return f"{name} is never asked"
    alone = ways.of(target)
    if not alone:
        return _by_itself(target, names, about)
    for ast, entry in given:
        if not ways.of(ast) & alone:
            if entry is None:
                return "the offer's own `when` does not hold then"
            text = entry.text("relevant")
            if text is not None and entry.id in names:
                return f"{entry.id} is only asked while {text}"
            return f"{entry.id} is not asked then"
    return "the questions that it reads are never asked together with such answers"


def _by_itself(target: Ast, names: Sequence[str], about: About) -> str:
    if len(names) != 1:
        return "no answers make it true"
    name = names[0]
    entry = about.found.by_id.get(name)
    domain = about.domains.get(name)
    shown = "the answer" if name == HERE else name
    if domain is None:
        return "no answer makes it true"
    if domain.kind in ("choice", "choices"):
        return _of_choices(target, shown, domain)
    text = entry.text("constraint") if entry is not None else None
    if text is not None and domain.constraint and _possible_without(target, name, domain, about.domains):
        return f"by its constraint {shown} keeps {text}"
    if domain.low is not None or domain.high is not None:
        return f"{shown} lies between {domain.low} and {domain.high}"
    return f"no answer to {shown} makes it true" if name != HERE else "no answer makes it true"


def _of_choices(target: Ast, shown: str, domain: Domain) -> str:
    parts = list(_parts(target))
    chosen = [part[3][1] for part in parts if part[:2] == ["call", "selected"] and part[3][0] == "str"]
    single = next((token for token in chosen if token in domain.alone), None)
    if single is not None and len(set(chosen)) > 1:
        return f"'{single}' of {shown} stands alone and is never chosen together with another"
    if any(part[0] in _SIZES for part in parts):
        return f"the answers to {shown} are {_listed(domain.tokens)}, which have no size to compare"
    if domain.kind == "choice" and target[0] == "and":
        return f"{shown} has one answer at a time"
    return f"the answers to {shown} are {_listed(domain.tokens)}"


def _listed(tokens: Sequence[str]) -> str:
    shown = ", ".join(tokens[:_LISTED])
    return f"{shown} and {len(tokens) - _LISTED} more" if len(tokens) > _LISTED else shown


def _possible_without(target: Ast, name: str, domain: Domain, domains: Mapping[str, Domain]) -> bool:
    free = Domain(name, domain.kind, domain.tokens, domain.alone, domain.whole, domain.low, domain.high)
    try:
        return bool(Ways([target], Memory({**domains, name: free})).of(target))
    except TooManyWaysError:
        return False


def _parts(ast: Ast) -> list[Ast]:
    waiting, found = [ast], []
    while waiting:
        node = waiting.pop()
        found.append(node)
        if node[0] not in ("str", "num", "any", "ref"):
            waiting.extend(part for part in node[1:] if isinstance(part, list))
    return found
