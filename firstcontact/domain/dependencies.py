"""Which parts of a checklist read which, and the order in which to work them out."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from firstcontact.domain.checklist import Checklist
from firstcontact.domain.condition import names_used, parse


class CycleError(ValueError):
    """Questions that need each other; `names` goes once round the circle and ends where it began."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(" needs ".join(names))
        self.names = names


def order(checklist: Checklist) -> tuple[str, ...]:
    """Everything that is worked out, each after what it reads; otherwise in the checklist's order.

    Raises: CycleError.
    """
    reads = dependencies(checklist)
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
    if len(done) < len(reads):
        raise CycleError(_circle(reads, {name for name, count in missing.items() if count}))
    return tuple(done)


def dependencies(checklist: Checklist) -> dict[str, set[str]]:
    """Id of a question, calculation, rule or piece of advice -> the ids of those that it reads.

    Names that are no question and no calculation (facts that nobody asks, the age) are left out.
    """
    by_fact = {fact: question.id for fact, question in checklist.by_fact.items()}
    worked_out = {question.id for question in checklist.questions} | {each.id for each in checklist.calculations}
    used: dict[str, frozenset[str]] = {}

    def nodes(*conditions: str | None) -> set[str]:
        found: set[str] = set()
        for text in conditions:
            if text is None:
                continue
            if text not in used:
                names = names_used(checklist.conditions.get(text) or parse(text))
                used[text] = frozenset(name if name in worked_out else by_fact.get(name, "") for name in names)
            found |= used[text] & worked_out
        return found

    reads: dict[str, set[str]] = {}
    for question in checklist.questions:
        reads[question.id] = nodes(question.relevant)
        if question.follow_up_of:
            reads[question.id].add(question.follow_up_of)
    for calculation in checklist.calculations:
        reads[calculation.id] = nodes(calculation.value)
    for rule in checklist.rules:
        raises, instead = [each.when for each in rule.raises], [each.when for each in rule.signposted]
        reads[rule.id] = nodes(rule.when, *raises, *instead) | {rule.question_id}
    for advice in checklist.advice:
        reads[advice.id] = nodes(advice.when) | {advice.question_id}
    return reads


def _circle(reads: Mapping[str, set[str]], stuck: set[str]) -> tuple[str, ...]:
    path = {next(name for name in reads if name in stuck): None}
    while True:
        # Every stuck node reads a stuck node, so the walk returns to where it has been.
        following = next(name for name in sorted(reads[next(reversed(path))]) if name in stuck)
        if following in path:
            names = tuple(path)
            return (*names[names.index(following) :], following)
        path[following] = None
