"""Questions that need each other: every circle once, told from where it begins."""

from __future__ import annotations

from collections.abc import Iterator

from firstcontact.definitions.outline import Entry, Outline
from firstcontact.definitions.problems import DefinitionProblem
from firstcontact.domain.condition import references

_NEEDED_FOR: dict[str, tuple[str, ...]] = {
    "question": ("relevant", "calculation"),
    "calculation": ("relevant", "value"),
    "group": ("relevant",),
    "repeat": ("relevant", "count"),
}
MAX_TOLD = 12
"""Names of a circle that are told; of more, how many they are."""


def check_cycles(found: Outline) -> Iterator[DefinitionProblem]:
    """Every set of questions, calculations and groups that wait for each other."""
    reads = {entry.id: _reads(entry, found) for entry in found.entries if found.by_id.get(entry.id) is entry}
    place = {name: number for number, name in enumerate(reads)}
    for circle in _circles(reads):
        if len(circle) == 1 and circle[0] not in reads[circle[0]]:
            continue
        names = _told(reads, set(circle), min(circle, key=place.__getitem__))
        first = found.by_id[names[0]]
        if len(names) == 2:
            words = f"{first.id} reads its own answer to find out whether it is asked: {' needs '.join(names)}"
            yield first.mark.problem(words, code="self-reference")
            continue
        told = list(names)
        if len(told) > MAX_TOLD:
            told[MAX_TOLD // 2 : -MAX_TOLD // 2] = [f"({len(told) - MAX_TOLD} more)"]
        yield first.mark.problem(f"these need each other: {' needs '.join(told)}", code="cycle")


def _reads(entry: Entry, found: Outline) -> set[str]:
    names = {entry.parent or "", *entry.blocks[-1:]}
    for key in _NEEDED_FOR[entry.kind]:
        text = entry.text(key) if key != "calculation" or entry.kind == "question" else None
        for name, position in references(text or ""):
            read = found.named(name)
            # What was answered the last time is there before anything is asked.
            before = (text or "")[:position].endswith("last-saved#")
            names.add(read.id if read is not None and not before else "")
    return names & found.by_id.keys()


def _circles(reads: dict[str, set[str]]) -> Iterator[list[str]]:
    """Strongly connected parts, after Tarjan, without recursion."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in reads:
        if root in number:
            continue
        work = [(root, iter(sorted(reads[root])))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            name, following = work[-1]
            for other in following:
                if other not in reads:
                    continue
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(reads[other]))))
                    break
                if other in on_stack:
                    low[name] = min(low[name], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == number[name]:
                    circle = [stack.pop()]
                    while circle[-1] != name:
                        circle.append(stack.pop())
                    on_stack.difference_update(circle)
                    yield circle


def _told(reads: dict[str, set[str]], circle: set[str], start: str) -> tuple[str, ...]:
    """The shortest way round from a name back to itself."""
    before: dict[str, str] = {}
    waiting = [start]
    for name in waiting:
        for other in sorted(reads[name] & circle):
            if other == start:
                path = [name]
                while path[-1] != start:
                    path.append(before[path[-1]])
                return (*reversed(path), start)
            if other not in before:
                before[other] = name
                waiting.append(other)
    return (start, start)
