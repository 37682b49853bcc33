"""Which parts of a checklist read which, and the order in which to work them out."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from firstcontact.domain.checklist import Checklist
from firstcontact.domain.condition import names_used, parse, paths_used
from firstcontact.domain.scope import Ast

GATE: Final = "/"
"""After a block's id: the name of its relevance in an order."""
COUNT: Final = "#"
"""After a repeat's id: the name of its count."""
_NAMING: Final = frozenset({"ref", "path", "abs", "current", "step", "name"})
_LOOSE: Final = frozenset({"filter", "step"})


class CycleError(ValueError):
    """Questions that need each other; `names` goes once round the circle and ends where it began."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(" needs ".join(names))
        self.names = names


def with_order(checklist: Checklist) -> Checklist:
    """The checklist with its dependency graph and the order that follows from it. Raises: CycleError."""
    reads, loose = _graph(checklist)
    graph = {name: tuple(sorted(needed)) for name, needed in reads.items() if needed}
    return replace(checklist, order=_in_order(reads, loose), reads=graph)


def order(checklist: Checklist) -> tuple[str, ...]:
    """Everything that is worked out, each after what it reads; otherwise in the checklist's order.

    Names: of questions, calculations, rules and advice their ids; a block's relevance is its id and GATE, a repeat's
    count its id and COUNT. A value that an instance of a repeat takes from another instance of the same (a running
    balance) does not count: it is settled while the form is filled in.
    Raises: CycleError.
    """
    return _in_order(*_graph(checklist))


def _in_order(reads: Mapping[str, set[str]], loose: Mapping[str, set[str]]) -> tuple[str, ...]:
    done = _sorted(reads)
    if len(done) < len(reads) and loose:
        reads = {name: needed - loose.get(name, set()) for name, needed in reads.items()}
        done = _sorted(reads)
    if len(done) < len(reads):
        raise CycleError(_circle(reads, reads.keys() - set(done)))
    return tuple(done)


def dependencies(checklist: Checklist) -> dict[str, set[str]]:
    """Name of whatever is worked out (see order) -> the names of what it reads.

    Names that are no question and no calculation (facts that nobody asks, the age) are left out.
    """
    return _graph(checklist)[0]


def _graph(checklist: Checklist) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """What each reads, and of that what it only reads of other instances."""
    names = _Names(checklist)
    reads: dict[str, set[str]] = {}
    loose: dict[str, set[str]] = {}

    def add(name: str, *conditions: str | None, also: str | None = None, filtered: str | None = None) -> None:
        found, slack = names.read(*conditions)
        if filtered is not None:
            # A choice that rules out another may be ruled out by it: what a filter reads does not count in a circle.
            offering = names.read_rows(filtered) - {name}
            found, slack = found | offering, slack | (offering - found)
        if also is not None:
            found = found | {also}
        reads[name] = found
        if slack:
            loose[name] = slack

    gates: dict[str | None, str | None] = {None: None}
    for block in checklist.blocks:
        above = gates[block.parent]
        gates[block.id] = above
        if block.count is not None:
            add(block.id + COUNT, block.count)
        if block.relevant is not None or (block.repeat and block.count is None):
            add(block.id + GATE, block.relevant, also=above)
            gates[block.id] = block.id + GATE
    for question in checklist.questions:
        above = question.follow_up_of or gates[question.block]
        value = None if question.trigger else question.calculation
        add(question.id, question.relevant, value, also=above, filtered=question.choice_filter)
    for calculation in checklist.calculations:
        value = None if calculation.trigger else calculation.value
        add(calculation.id, value, calculation.relevant, also=gates[calculation.block])
    for rule in checklist.rules:
        raises, instead = [each.when for each in rule.raises], [each.when for each in rule.signposted]
        add(rule.id, rule.when, *raises, *instead, also=rule.question_id)
    for advice in checklist.advice:
        add(advice.id, advice.when, also=advice.question_id)
    return reads, loose


class _Names:
    """What the conditions of one checklist read."""

    def __init__(self, checklist: Checklist) -> None:
        self._conditions = checklist.conditions
        self._known = {question.id: question.id for question in checklist.questions}
        self._known |= {each.id: each.id for each in checklist.calculations}
        for fact, question in checklist.by_fact.items():
            self._known.setdefault(fact, question.id)
        self._used: dict[str, tuple[set[str], set[str]]] = {}

    def read(self, *conditions: str | None) -> tuple[set[str], set[str]]:
        """Ids that these conditions read, and those among them that they read of other instances alone."""
        firm: set[str] = set()
        slack: set[str] = set()
        for text in conditions:
            if text is None:
                continue
            if text not in self._used:
                self._used[text] = self._walk(self._conditions.get(text) or parse(text))
            firm |= self._used[text][0]
            slack |= self._used[text][1]
        return firm | slack, slack - firm

    def read_rows(self, text: str) -> set[str]:
        """Ids that a choice filter reads; a bare word in it is a column, and no id."""
        ast = self._conditions.get(text) or parse(text, of_rows=True)
        used = names_used(ast) | {names[-1] for up, names in paths_used(ast) if names and up != 0}
        return {self._known[name] for name in used if name in self._known}

    def _walk(self, ast: Ast) -> tuple[set[str], set[str]]:
        firm: set[str] = set()
        slack: set[str] = set()
        waiting: list[tuple[Ast, bool]] = [(ast, False)]
        while waiting:
            node, loose = waiting.pop()
            head = node[0]
            if head in _NAMING:
                name = self._known.get(node[-1]) if isinstance(node[-1], str) else None
                if name is not None:
                    (slack if loose or head in ("step", "name") else firm).add(name)
            loose = loose or head in _LOOSE or (head == "call" and node[1] == "indexed-repeat")
            if head not in ("ref", "str", "num", "self"):
                waiting.extend([(part, loose) for part in node[1:] if isinstance(part, list)])
        return firm, slack


def _sorted(reads: Mapping[str, set[str]]) -> list[str]:
    readers: dict[str, list[str]] = {name: [] for name in reads}
    missing = dict.fromkeys(reads, 0)
    for name, needed in reads.items():
        for other in needed:
            readers[other].append(name)
            missing[name] += 1
    place = {name: index for index, name in enumerate(reads)}
    ready = [place[name] for name, count in missing.items() if count == 0]
    heapq.heapify(ready)
    names, done = list(reads), []
    while ready:
        name = names[heapq.heappop(ready)]
        done.append(name)
        for reader in readers[name]:
            missing[reader] -= 1
            if missing[reader] == 0:
                heapq.heappush(ready, place[reader])
    return done


def _circle(reads: Mapping[str, set[str]], stuck: set[str]) -> tuple[str, ...]:
    path = {next(name for name in reads if name in stuck): None}
    while True:
        # Every stuck node reads a stuck node, so the walk returns to where it has been.
        following = next(name for name in sorted(reads[next(reversed(path))]) if name in stuck)
        if following in path:
            names = tuple(each.rstrip(GATE + COUNT) for each in path)
            start = list(path).index(following)
            return (*names[start:], names[start])
        path[following] = None
