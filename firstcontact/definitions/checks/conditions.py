"""Conditions that never hold or always do, questions that are never asked, offers that never come.

Every claim is made of *all* valid answers: where a condition reads more than is looked at, nothing is said.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from firstcontact.definitions.checks.domains import DERIVED_DOMAINS, Domain, domain_of
from firstcontact.definitions.checks.prepared import HERE, Prepared, Unsure, inside, joined, names_in, negated
from firstcontact.definitions.checks.readable import offsets, written
from firstcontact.definitions.checks.reasons import why_never
from firstcontact.definitions.checks.ways import Memory, TooManyWaysError, Ways
from firstcontact.definitions.outline import Entry, Outline, Written, conditions, listed
from firstcontact.definitions.problems import DefinitionProblem, Level
from firstcontact.domain.condition import Ast, ConditionError, parse

STEPS: Final = 2
"""How far back it is followed when what is read is asked at all."""
MAX_READ: Final = 5
"""Questions read by a condition, and by the conditions of those, that are looked at together."""
_NEVER_ANSWERED: Final = Domain("", "blank", standing=False)


@dataclass(frozen=True, slots=True)
class Given:
    """Something that is known to hold, and of whose question."""

    ast: Ast
    entry: Entry | None
    """Whose relevance it is."""


@dataclass(slots=True)
class Scene:
    """The ways in which a condition can be met with, and how the condition turns out in them."""

    ways: Ways
    given: list[Given]
    bits: int
    """The ways in which everything given holds."""


class Conditions:
    """Goes through the conditions of one checklist in its order."""

    def __init__(self, found: Outline) -> None:
        self.found = found
        self.prepared = Prepared(found)
        self.domains: dict[str, Domain] = dict(DERIVED_DOMAINS)
        for entry in found.by_id.values():
            if entry.kind == "question":
                self.domains[entry.id] = domain_of(entry, self._limits(entry))
        self.memory = Memory(self.domains)
        self.never_asked: set[str] = set()
        self._only_if: dict[str, Given | None] = {}

    def problems(self) -> Iterator[DefinitionProblem]:
        """Everything that is found."""
        for each in conditions(self.found):
            entry = each.entry
            if entry is None or entry.id in self.never_asked or each.use in ("filter", "default", "count"):
                continue
            if self._around_never_asked(entry):
                self.forget(entry)
                continue
            try:
                ast = parse(each.node.text)
            except ConditionError:
                continue
            yield from self._of(each, entry, ast)

    def _of(self, each: Written, entry: Entry, ast: Ast) -> Iterator[DefinitionProblem]:
        if each.use == "calculation":
            for part in _choosing(ast):
                yield from self._tell(each, entry, part, ast, self._asked(entry), parts=True)
        elif each.use == "relevant":
            around = [Given(given, entry) for given in self.prepared.around(entry)]
            yield from self._tell(each, entry, ast, ast, around)
        elif each.use == "constraint":
            yield from self._tell(each, entry, ast, ast, self._asked(entry), own=entry.id)
        elif each.use in ("raise", "signposted", "pack"):
            yield from self._tell(each, entry, ast, ast, [*self._asked(entry), *self._when(each, entry)])
        else:
            yield from self._tell(each, entry, ast, ast, self._asked(entry))
            if each.use == "when":
                yield from self._always_instead(each, entry)

    def _limits(self, entry: Entry) -> list[Ast]:
        """The parts of a question's constraint that speak of its answer alone."""
        text = entry.text("constraint")
        if text is None:
            return []
        try:
            ast = self.prepared.condition(text, entry, own=entry.id)
        except Unsure:
            return []
        parts = ast[1:] if ast[0] == "and" else [ast]
        return [part for part in parts if set(names_in(part)) == {HERE} and "'any'" not in repr(part)]

    def _asked(self, entry: Entry) -> list[Given]:
        return [Given(given, entry) for given in self.prepared.relevance(entry)]

    def _when(self, each: Written, entry: Entry) -> list[Given]:
        text = each.rule.at("when").text if each.rule is not None else ""
        return [Given(given, None) for given in self.prepared.known(text, entry)]

    def _around_never_asked(self, entry: Entry) -> bool:
        return any(name in self.never_asked for name in (*entry.blocks, entry.parent or ""))

    def forget(self, entry: Entry) -> None:
        """Count an entry as never asked: its answer is always blank."""
        self.never_asked.add(entry.id)
        if entry.id in self.domains:
            self.domains[entry.id] = _NEVER_ANSWERED
            self.memory.known.pop(entry.id, None)

    def _scene(self, target: Ast, given: list[Given], *, own: Entry | None = None) -> Scene | None:
        """The ways that there are, following what is read as far back as their number allows; None: too many."""
        memory = self.memory
        if own is not None:
            # Blank and standing answers are never held against a constraint; `. = ''` is no mistake in one.
            here = replace(domain_of(own), name=HERE, standing=False)
            memory = Memory(ChainMap({HERE: here}, self.domains), self.memory.atoms, seen=self.memory.seen)
        for steps in range(STEPS, -1, -1):
            all_given = self._followed(target, given, steps)
            try:
                ways = Ways([target, *(each.ast for each in all_given)], memory)
            except TooManyWaysError:
                continue
            bits = ways.all
            for each in all_given:
                bits &= ways.of(each.ast)
            return Scene(ways, all_given, bits)
        return None

    def _followed(self, target: Ast, given: list[Given], steps: int) -> list[Given]:
        """What is given, and that only what is asked has an answer."""
        found, seen = list(given), set[str]()
        reading = [target, *(each.ast for each in given)]
        for _ in range(steps):
            names = {name for ast in reading for name in self.memory.names_of(ast)} - seen
            reading = []
            for name in sorted(names):
                seen.add(name)
                only = self._only_if_asked(name) if len(seen) <= MAX_READ else None
                if only is not None:
                    found.append(only)
                    reading.append(only.ast)
        return found

    def _only_if_asked(self, name: str) -> Given | None:
        """That a question has an answer only if it is asked; None where it always may be."""
        if name not in self._only_if:
            entry = self.found.by_id.get(name)
            asked = self.prepared.relevance(entry) if entry is not None else []
            blank: Ast = ["=", ["ref", name], ["str", ""]]
            self._only_if[name] = Given(["or", blank, joined("and", asked)], entry) if asked else None
        return self._only_if[name]

    def _tell(
        self,
        each: Written,
        entry: Entry,
        part: Ast,
        whole: Ast,
        given: list[Given],
        *,
        own: str = "",
        parts: bool = False,
    ) -> Iterator[DefinitionProblem]:
        try:
            if part is whole:
                target = self.prepared.condition(each.node.text, entry, own=own)
            else:
                target = self.prepared.ast(part, entry, own=own)
        except Unsure:
            return
        if not any(True for _ in names_in(target)) and "'any'" not in repr(target):
            yield from _said_outright(each, entry, part)
            return
        scene = self._scene(target, given, own=entry if own else None)
        if scene is None or not scene.bits:
            return
        telling = _Telling(self, each, entry, whole, scene, own)
        yield from telling.whole(part, target, inner=parts)

    def _always_instead(self, each: Written, entry: Entry) -> Iterator[DefinitionProblem]:
        """An offer whose place is always taken by a signpost."""
        texts = [part.at("when").text for part in listed(each.rule, "signposted")] if each.rule is not None else []
        instead = [known for text in texts for known in self.prepared.known(text, entry)]
        if not instead or len(instead) < len(texts):
            return
        target = joined("and", [negated(known) for known in instead])
        given = [*self._asked(entry), *self._when(each, entry)]
        scene = self._scene(target, given)
        if scene is not None and scene.bits and not scene.ways.of(target) & scene.bits:
            words = "this offer never comes: whenever it would, one of `signposted` takes its place"
            yield each.node.problem(words, code="offer-never", level="warning")


def _choosing(ast: Ast) -> Iterator[Ast]:
    """The conditions of every `if` in an expression."""
    waiting = [ast]
    while waiting:
        node = waiting.pop()
        if node[:2] == ["call", "if"] and len(node) == 5:
            yield node[2]
        if node[0] not in ("str", "num"):
            waiting.extend(part for part in node[1:] if isinstance(part, list))


def _said_outright(each: Written, entry: Entry, part: Ast) -> Iterator[DefinitionProblem]:
    """`true()` and `false()` where a condition stands: meant so, and worth a line where it switches something off."""
    if part == ["call", "false"] and each.use in ("relevant", "when") and entry.type != "file":
        what = f"{entry.id} is switched off" if each.use == "relevant" else "this is switched off"
        yield each.node.problem(f"{what} by false()", code="switched-off", level="hint")


class _Telling:
    """Says what is found of one condition, at the smallest part that shows it."""

    def __init__(self, about: Conditions, each: Written, entry: Entry, whole: Ast, scene: Scene, own: str) -> None:
        self.about, self.each, self.entry, self.scene, self.own = about, each, entry, scene, own
        self.ways = scene.ways
        self.places = offsets(each.node.text, whole)

    def whole(self, part: Ast, target: Ast, *, inner: bool) -> Iterator[DefinitionProblem]:
        """Of a whole condition; `inner`: of one inside an expression."""
        held = self.ways.of(target) & self.scene.bits
        if not held:
            yield self._never(part, target, inner=inner)
        elif held == self.scene.bits:
            yield self._always(part, inner=inner)
        else:
            yield from self._parts(part)

    def _prepare(self, part: Ast) -> Ast | None:
        try:
            return self.about.prepared.ast(part, self.entry, own=self.own)
        except Unsure:
            return None

    def _holds(self, part: Ast) -> int | None:
        """The ways in which a part holds; None where it is not known."""
        target = self._prepare(part)
        if target is None or not self.ways.knows(target):
            return None
        return self.ways.of(target) & self.scene.bits

    def _parts(self, part: Ast) -> Iterator[DefinitionProblem]:
        """Branches that never hold, and terms that always do."""
        terms = inside(part)
        if terms is None or part[1:2] in (["if"], ["true"], ["false"]):
            return
        for term in terms:
            held = self._holds(term)
            if held is None:
                continue
            if part[0] in ("and", "or") and held in (0, self.scene.bits):
                yield self._part(term, never=not held)
            else:
                yield from self._parts(term)

    def _problem(
        self, part: Ast, words: str, code: str, level: Level = "warning", instead: str | None = None
    ) -> DefinitionProblem:
        offset = self.places.get(id(part), 0)
        return self.each.node.problem(words, offset=offset, code=code, level=level, instead=instead)

    def _part(self, part: Ast, *, never: bool) -> DefinitionProblem:
        if never:
            small, target = self._smallest(part)
            return self._problem(small, f"{written(part)} never holds: {self._why(target)}", "part-never")
        words = f"{written(part)} always holds here, so it can be left out"
        return self._problem(part, words, "part-always", "hint")

    def _smallest(self, part: Ast) -> tuple[Ast, Ast]:
        """The term of an `and` that never holds, as far down as there is one."""
        target = self._prepare(part) or part
        while part[0] == "and":
            never = next((term for term in part[1:] if self._holds(term) == 0), None)
            if never is None:
                break
            part, target = never, self._prepare(never) or never
        return part, target

    def _never(self, part: Ast, target: Ast, *, inner: bool) -> DefinitionProblem:
        small, target = self._smallest(part)
        use, why = self.each.use, self._why(target)
        which = "this" if small is part else written(small)
        because = f"{which} never holds: {why}"
        if small == ["call", "false"]:
            if use == "relevant":
                self.about.forget(self.entry)
            return self._problem(small, "this is switched off by false()", "switched-off", "hint")
        if inner:
            return self._problem(small, f"{written(part)} never holds: {why}", "never")
        if use == "relevant":
            self.about.forget(self.entry)
            kinds = {"calculation": "is never worked out", "group": "is never asked", "repeat": "is never asked"}
            does = kinds.get(self.entry.kind, "is never asked")
            return self._problem(small, f"{self.entry.id} {does}: {because}", "never-asked")
        if use == "when":
            what = self.each.rule.at("service").text if self.each.rule and "service" in self.each.rule.entries else ""
            words = f"{what or 'this advice'} never comes: {because}"
            return self._problem(small, words, "offer-never")
        said = {
            "constraint": f"no answer to {self.entry.id} keeps this constraint: {because}",
            "raise": f"nothing is ever raised here: {because}",
            "signposted": f"this never takes the place of the offer: {because}",
            "required": f"{self.entry.id} is never required: {because}",
            "pack": f"this pack never goes: {because}",
        }
        return self._problem(small, said.get(use, because), "never")

    def _always(self, part: Ast, *, inner: bool) -> DefinitionProblem:
        if inner:
            return self._problem(part, f"{written(part)} always holds", "always")
        words = {
            "relevant": f"this always holds, so {self.entry.id} is always asked{self._around()}; leave it out",
            "constraint": f"every answer to {self.entry.id} keeps this constraint",
            "required": "this always holds; write yes",
            "when": "this comes whatever is answered",
            "raise": "this always holds while the offer does, so it is always raised",
            "pack": "this always holds while the offer does; write the pack alone",
            "signposted": "this always takes the place of the offer",
        }
        level: Level = "hint" if self.each.use in ("required", "pack") else "warning"
        return self._problem(part, words.get(self.each.use, "this always holds"), "always", level)

    def _around(self) -> str:
        if not self.about.prepared.around(self.entry):
            return ""
        return " with its main question" if self.entry.parent else " with its group"

    def _why(self, target: Ast) -> str:
        return why_never(target, self.scene.ways, [(each.ast, each.entry) for each in self.scene.given], self.about)
