"""All the ways in which some answers can turn out together, as bit sets: what holds in none of them never holds.

One bit stands for one combination of values of everything that some conditions read. Values that make no difference to
any of them are one. `and`, `or` and `not` are then single operations on whole numbers, whatever the number of ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Final, TypeAlias

from firstcontact.definitions.checks.domains import Atom, Domain, Value, atoms, runs
from firstcontact.definitions.checks.prepared import inside
from firstcontact.domain.condition import Ast

MAX_WAYS: Final = 1 << 12
MAX_TOGETHER: Final = 600
"""Combinations that a part of a condition over several answers is tried with."""
MAX_LOOSE: Final = 3
"""Loose parts about one answer that are tried both ways together with its values; more stand for themselves."""

Signature: TypeAlias = "tuple[bool, ...]"
"""The truth of every atom about one answer, for values that are alike in this."""


class TooManyWaysError(Exception):
    """More ways than are looked at: nothing is said."""


@dataclass(slots=True)
class _Known:
    """What was worked out of one answer; all of it by the keys of atoms."""

    rows: dict[tuple[str, ...], tuple[Signature, ...] | None] = field(default_factory=dict)
    values: dict[tuple[str, ...], list[Value] | None] = field(default_factory=dict)
    columns: dict[str, Signature] = field(default_factory=dict)
    sharp: dict[str, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Memory:
    """What was worked out for one checklist and comes again: atoms, and the values of an answer that differ."""

    domains: Mapping[str, Domain]
    atoms: dict[str, Atom] = field(default_factory=dict)
    known: dict[str, _Known] = field(default_factory=dict)
    """By name; to be left out where its domain changes."""
    seen: dict[int, tuple[Ast, tuple[Atom, ...]]] = field(default_factory=dict)
    """By the id() of a condition, which is kept so that no other gets its id."""

    def atoms_of(self, ast: Ast) -> tuple[Atom, ...]:
        """The atoms that a condition is made of."""
        known = self.seen.get(id(ast))
        if known is None:
            found = {repr(part): part for part in atoms(ast)}
            for key, part in found.items():
                if key not in self.atoms:
                    self.atoms[key] = runs(part, key)
            known = self.seen[id(ast)] = (ast, tuple(self.atoms[key] for key in found))
        return known[1]

    def atom(self, ast: Ast) -> Atom:
        """The atom of a part of a condition that is one."""
        return self.atoms_of(ast)[0]

    def names_of(self, ast: Ast) -> set[str]:
        """The names that a condition reads."""
        return {name for atom in self.atoms_of(ast) for name in atom.names}


@dataclass(slots=True)
class _Axis:
    """One thing that can turn out in several ways: an answer, or a truth of which nothing is known."""

    size: int
    truths: dict[str, list[int]]
    """Key of an atom -> the classes in which it holds."""
    values: list[Value] | None = None
    """The value of each class, where classes are single values."""


class Ways:
    """Every way in which what these conditions read can turn out. Raises: TooManyWaysError."""

    def __init__(self, conditions: Iterable[Ast], memory: Memory) -> None:
        found = {atom.key: atom for condition in conditions for atom in memory.atoms_of(condition)}
        self._memory = memory
        self._bits: dict[str, int] = {}
        axes, together, fixed = self._axes(found.values())
        size = prod(axis.size for axis in axes.values())
        self.all: int = (1 << size) - 1
        """The bit set of every way."""
        patterns = self._lay_out(axes)
        for atom in together:
            self._bits[atom.key] = self._together(atom, axes, patterns)
        for atom in fixed:
            self._bits[atom.key] = self.all if atom.of() else 0

    def knows(self, ast: Ast) -> bool:
        """Whether a condition is made of the atoms that were looked at."""
        return all(atom.key in self._bits for atom in self._memory.atoms_of(ast))

    def of(self, ast: Ast) -> int:
        """The ways in which a condition holds; its atoms must be among those of the conditions given."""
        if ast[0] == "and":
            found = self.all
            for term in ast[1:]:
                found &= self.of(term)
            return found
        if ast[0] == "or":
            found = 0
            for term in ast[1:]:
                found |= self.of(term)
            return found
        if inside(ast) is None:
            return self._bits[self._memory.atom(ast).key]
        terms = [self.of(term) for term in ast[2:]]
        match ast[1]:
            case "true":
                return self.all
            case "false":
                return 0
            case "not":
                return self.all ^ terms[0]
            case "if":
                return terms[0] & terms[1] | (self.all ^ terms[0]) & terms[2]
        return terms[0]

    def _axes(self, found: Iterable[Atom]) -> tuple[dict[str, _Axis], list[Atom], list[Atom]]:
        """What can vary, the atoms over several answers that can be tried out, and those over none."""
        single: dict[str, list[Atom]] = {}
        several: list[Atom] = []
        fixed: list[Atom] = []
        free: list[Atom] = []
        domains = self._memory.domains
        for atom in found:
            if not atom.known or any(name not in domains for name in atom.names):
                free.append(atom)
            elif len(atom.names) == 1:
                single.setdefault(atom.names[0], []).append(atom)
            else:
                (several if atom.names else fixed).append(atom)
        together: list[Atom] = []
        for atom in several:
            values = [self._values(name, ()) for name in atom.names]
            sizes = [len(each) for each in values if each is not None and not any(row.loose for row in each)]
            (together if len(sizes) == len(values) and prod(sizes) <= MAX_TOGETHER else free).append(atom)
        axes: dict[str, _Axis] = {}
        size = 1
        for name in dict.fromkeys(name for atom in together for name in atom.names):
            axes[name] = self._by_value(name, single.pop(name, []))
            size = _within(size * axes[name].size)
        for name, own in single.items():
            axis = self._by_signature(name, own)
            if axis is None:
                free += own
            else:
                axes[name] = axis
                size = _within(size * axis.size)
                free += [atom for atom in own if atom.key not in axis.truths]
        for atom in free:
            axes[f"?{atom.key}"] = _Axis(2, {atom.key: [1]})
            size = _within(size * 2)
        return axes, together, fixed

    def _known(self, name: str) -> _Known:
        return self._memory.known.setdefault(name, _Known())

    def _values(self, name: str, own: tuple[Atom, ...]) -> list[Value] | None:
        domain, values = self._memory.domains[name], self._known(name).values
        key = () if domain.fixed else tuple(atom.key for atom in own)
        if key not in values:
            values[key] = domain.values(own)
        return values[key]

    def _by_value(self, name: str, own: list[Atom]) -> _Axis:
        values = self._values(name, ()) or []
        truths = {atom.key: [place for place, each in enumerate(values) if atom.of(each.value)] for atom in own}
        return _Axis(len(values), truths, values)

    def _by_signature(self, name: str, own: list[Atom]) -> _Axis | None:
        """Classes of values that no atom tells apart; None where nothing is known."""
        domain = self._memory.domains[name]
        known = self._known(name)
        for atom in own:
            if atom.key not in known.sharp:
                known.sharp[atom.key] = domain.sharp(atom)
        loose = [atom for atom in own if not known.sharp[atom.key]]
        kept = [atom for atom in own if atom not in loose[MAX_LOOSE:]]
        key = tuple(atom.key for atom in kept)
        if key not in known.rows:
            known.rows[key] = self._signatures(name, kept, loose[:MAX_LOOSE])
        rows = known.rows[key]
        if rows is None:
            return None
        truths = {
            atom.key: [place for place, row in enumerate(rows) if row[number]] for number, atom in enumerate(kept)
        }
        return _Axis(len(rows), truths)

    def _signatures(self, name: str, own: list[Atom], loose: list[Atom]) -> tuple[Signature, ...] | None:
        values = self._values(name, tuple(own))
        if values is None:
            return None
        if self._memory.domains[name].fixed:
            # The same values every time: what each atom is of them is worked out once.
            columns = [self._column(name, atom, values) for atom in own]
            return tuple(dict.fromkeys(zip(*columns, strict=True)))
        found: dict[Signature, None] = {}
        either = [(True, False) if atom in loose else None for atom in own]
        for each in values:
            ways = [
                (atom.of(each.value),) if not each.loose or both is None else both
                for atom, both in zip(own, either, strict=True)
            ]
            found.update(dict.fromkeys(product(*ways)))
        return tuple(found)

    def _column(self, name: str, atom: Atom, values: list[Value]) -> Signature:
        columns = self._known(name).columns
        if atom.key not in columns:
            columns[atom.key] = tuple(atom.of(each.value) for each in values)
        return columns[atom.key]

    def _lay_out(self, axes: Mapping[str, _Axis]) -> dict[str, list[int]]:
        """Give every combination its bit. Returns: of the axes with values, the bits of each value."""
        stride = 1
        patterns: dict[str, list[int]] = {}
        for name, axis in axes.items():
            block = (1 << stride) - 1
            again = self.all // ((1 << (stride * axis.size)) - 1)
            for key, places in axis.truths.items():
                self._bits[key] = sum(block << (place * stride) for place in places) * again
            if axis.values is not None:
                patterns[name] = [(block << (place * stride)) * again for place in range(axis.size)]
            stride *= axis.size
        return patterns

    def _together(self, atom: Atom, axes: Mapping[str, _Axis], patterns: Mapping[str, list[int]]) -> int:
        found = 0
        rows = [list(enumerate(axes[name].values or ())) for name in atom.names]
        for chosen in product(*rows):
            if atom.of(*(value.value for _, value in chosen)):
                bits = self.all
                for name, (place, _) in zip(atom.names, chosen, strict=True):
                    bits &= patterns[name][place]
                found |= bits
        return found


def _within(size: int) -> int:
    if not 0 < size <= MAX_WAYS:
        raise TooManyWaysError
    return size
