"""What an answer can be: every value that makes a difference to the conditions that read it, and no other.

Choices are finite and are tried one by one. Numbers and dates are cut at the constants that they are compared with:
between two of them one value stands for all. Of text only the words that it is compared with count. A part of a
condition that fits none of these is *loose*: of blank and of standing answers its truth is known, of all else it is
tried both ways. So what is left out here can only make the analysis say less, never say something that is not so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from itertools import combinations, pairwise
from typing import Final

from firstcontact.definitions.checks.prepared import HERE, inside, names_in
from firstcontact.definitions.outline import Entry
from firstcontact.domain.answer import Standing
from firstcontact.domain.coercion import Result, day, number, truth
from firstcontact.domain.condition import Ast, ConditionError, compile_condition
from firstcontact.domain.functions import FIRST_NAME

STANDING: Final = tuple(Standing)
MAX_VALUES: Final = 4000
MANY_CHOICES: Final = 8
"""Of more choices than these, an any-of is only looked at through the choices that are spoken of."""
MANY_TOKENS: Final = 200
_EPOCH: Final = date(1970, 1, 1)
_TODAY: Final = date(2026, 1, 1)
_HEAD: Final = (None, _TODAY, datetime.combine(_TODAY, time()), *([None] * (FIRST_NAME - 3)))
_COMPARED: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_NUMBERS: Final = frozenset({"whole-number", "decimal", "range"})
_TEXTS: Final = frozenset({"text", "long-text", "phone", "postcode"})
_BLANK_ONLY: Final = frozenset({"note", "file"})
SOMETHING: Final = "\N{REPLACEMENT CHARACTER} something else"
"""Stands for every text that no condition speaks of."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value, or one that stands for others like it."""

    value: Result
    loose: bool
    """Whether it stands for others, of which a loose part of a condition may say either."""


class Atom:
    """A part of a prepared condition that is true or false of itself: a comparison, a call, a bare name."""

    __slots__ = ("ast", "key", "known", "names", "tried")

    def __init__(self, ast: Ast, key: str) -> None:
        self.ast = ast
        self.key = key
        self.names = tuple(dict.fromkeys(names_in(ast)))
        self.known = "'any'" not in key
        """Nothing in it is unknown but the values of `names`."""
        self.tried: Callable[..., bool] | None = None

    def of(self, *values: Result) -> bool:
        """Its truth when `names` have these values."""
        if self.tried is None:
            self.tried = _callable(self.ast, self.names)
        return self.tried(*values)


def _callable(ast: Ast, names: Sequence[str]) -> Callable[..., bool]:
    """A prepared condition as a function of these names' values. Raises: ConditionError."""
    steps: list[tuple[str, Ast]] = []
    while ast[0] == "let":
        steps.append((ast[1], ast[2]))
        ast = ast[3]
    places = {name: FIRST_NAME + place for place, name in enumerate(names)}
    for name, _ in steps:
        places.setdefault(name, FIRST_NAME + len(places))
    worked_out = [(places[name], compile_condition(value, places.__getitem__)) for name, value in steps]
    node = compile_condition(ast, places.__getitem__)
    if not worked_out:
        return lambda *values: truth(node([*_HEAD, *values]))

    def holds(*values: Result) -> bool:
        frame = [*_HEAD, *values, *[None] * len(worked_out)]
        for place, value in worked_out:
            frame[place] = value(frame)
        return truth(node(frame))

    return holds


def runs(ast: Ast, key: str) -> Atom:
    """An atom that can be worked out, or at least stand for a truth that is not known."""
    atom = Atom(ast, key)
    if atom.known:
        try:
            atom.of(*([None] * len(atom.names)))
        except ConditionError:
            atom.known = False
    return atom


@dataclass(frozen=True, slots=True)
class Domain:
    """What the answer to one question can be."""

    name: str
    kind: str
    """choice, choices, number, date, text, other (only blank and standing answers are told apart), blank, unknown."""
    tokens: tuple[str, ...] = ()
    alone: frozenset[str] = frozenset()
    """Of `choices`: tokens that stand alone."""
    whole: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    constraint: tuple[Ast, ...] = ()
    """Prepared conditions on `.` that a valid answer keeps."""
    blank: bool = True
    standing: bool = True

    @property
    def fixed(self) -> bool:
        """Whether its values are told one by one, whatever reads them: no value stands for another."""
        if self.kind == "choice":
            return len(self.tokens) <= MANY_TOKENS
        return self.kind == "blank" or (self.kind == "choices" and len(self.tokens) <= MANY_CHOICES)

    def values(self, atoms: Sequence[Atom]) -> list[Value] | None:
        """All that makes a difference to these atoms, which read this name alone; None: nothing is known."""
        if self.kind == "unknown":
            return None
        found = [Value(None, loose=False)] if self.blank else []
        if self.standing:
            found += [Value(each, loose=False) for each in STANDING]
        if self.kind == "blank":
            return found
        # A part of the constraint counts where the values are cut so that it is told exactly.
        limits = [(ast, _atoms_of(ast)) for ast in self.constraint]
        limits = [(ast, parts) for ast, parts in limits if all(self.sharp(atom) for atom in parts)]
        own = self._own([*atoms, *(atom for _, each in limits for atom in each)])
        if own is None or len(own) > MAX_VALUES:
            return None
        kept = [_callable(ast, (HERE,)) for ast, _ in limits]
        return found + [each for each in own if all(keeps(each.value) for keeps in kept)]

    def sharp(self, atom: Atom) -> bool:
        """Whether the values tell this atom exactly."""
        if not atom.known:
            return False
        match self.kind:
            case "choice":
                return len(self.tokens) <= MANY_TOKENS or self._words(atom) is not None
            case "choices":
                return len(self.tokens) <= MANY_CHOICES or self._sets(atom) is not None
            case "number" | "date":
                return self._cuts(atom) is not None
            case "text":
                return self._words(atom) is not None
        return False

    def _own(self, atoms: Sequence[Atom]) -> list[Value] | None:
        match self.kind:
            case "choice":
                return self._of_one(atoms)
            case "choices":
                return self._of_any(atoms)
            case "number":
                return self._numbers(atoms)
            case "date":
                return self._dates(atoms)
            case "text":
                named = {word: None for atom in atoms for word in self._words(atom) or ()}
                return [*(Value(word, loose=False) for word in named if word), Value(SOMETHING, loose=True)]
        return [Value(SOMETHING, loose=True)]

    def _of_one(self, atoms: Sequence[Atom]) -> list[Value]:
        if len(self.tokens) <= MANY_TOKENS:
            return [Value(token, loose=False) for token in self.tokens]
        named = {word for atom in atoms for word in self._words(atom) or ()}
        # selected() takes '2 or more' for three choices, so such a token is never like another.
        spoken_of = [token for token in self.tokens if token in named or " " in token]
        rest = [token for token in self.tokens if token not in named and " " not in token]
        return [*(Value(token, loose=False) for token in spoken_of), *(Value(token, loose=True) for token in rest[:1])]

    def _of_any(self, atoms: Sequence[Atom]) -> list[Value] | None:
        if len(self.tokens) <= MANY_CHOICES:
            return [Value(chosen, loose=False) for chosen in self._subsets(self.tokens)]
        named = {word for atom in atoms for word in self._sets(atom) or ()}
        spoken_of = [token for token in self.tokens if token in named]
        rest = sorted((token for token in self.tokens if token not in named), key=lambda token: token in self.alone)
        if len(spoken_of) > MANY_CHOICES or (len(rest) + 1) << len(spoken_of) > MAX_VALUES:
            return None
        place = {token: index for index, token in enumerate(self.tokens)}
        found = []
        for chosen in (*self._subsets(tuple(spoken_of)), ()):
            for more in range(len(rest) + 1):
                both = tuple(sorted((*chosen, *rest[:more]), key=place.__getitem__))
                if both and self._allowed(both):
                    found.append(Value(both, loose=more > 0))
        return [*found, *(Value((token,), loose=True) for token in rest if token in self.alone)]

    def _subsets(self, tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for size in range(1, len(tokens) + 1):
            yield from filter(self._allowed, combinations(tokens, size))

    def _allowed(self, chosen: tuple[str, ...]) -> bool:
        return len(chosen) < 2 or self.alone.isdisjoint(chosen)

    def _numbers(self, atoms: Sequence[Atom]) -> list[Value]:
        cuts = {Decimal(cut) for atom in atoms for cut in self._cuts(atom) or ()}
        cuts |= {limit for limit in (self.low, self.high) if limit is not None}
        cuts = cuts or {Decimal(0)}
        found: set[Decimal] = set()
        if self.whole:
            for cut in cuts:
                floor = cut.to_integral_value("ROUND_FLOOR")
                found |= {floor - 1, floor, floor + 1, floor + 2}
        else:
            line = sorted(cuts)
            found = {*line, line[0] - 1, line[-1] + 1}
            found |= {(one + other) / 2 for one, other in pairwise(line)}
        inside = (
            each
            for each in sorted(found)
            if (self.low is None or each >= self.low) and (self.high is None or each <= self.high)
        )
        return [Value(int(each) if each == each.to_integral_value() else each, loose=True) for each in inside]

    def _dates(self, atoms: Sequence[Atom]) -> list[Value]:
        cuts = {int(cut // 1) for atom in atoms for cut in self._cuts(atom) or ()} or {0}
        found = {cut + step for cut in cuts for step in (-1, 0, 1, 2)}
        first, last = (date.min - _EPOCH).days, (date.max - _EPOCH).days
        return [Value(_EPOCH + timedelta(days=each), loose=True) for each in sorted(found) if first <= each <= last]

    def _cuts(self, atom: Atom) -> list[Decimal] | None:
        """The numbers (days, for a date) at which an atom may change its truth; None: nobody knows."""
        ast = atom.ast
        if not atom.known:
            return None
        if _is_name(ast):
            return [Decimal(0)]
        if ast[0] not in _COMPARED:
            return None
        for one, other in ((ast[1], ast[2]), (ast[2], ast[1])):
            if self._is_plain(one) and not any(True for _ in names_in(other)):
                constant = _constant(other)
                if self.kind == "date" and isinstance(constant, str):
                    constant = day(constant)
                cut = number(constant)
                if isinstance(constant, bool):
                    return [Decimal(0), Decimal(1)]
                return [] if cut is None else [Decimal(cut)]
        return None

    def _is_plain(self, ast: Ast) -> bool:
        """The name itself, or what leaves a number as it is."""
        if _is_name(ast):
            return True
        if ast[:2] == ["call", "number"]:
            return _is_name(ast[2])
        return (
            self.kind == "number"
            and ast[:2] == ["call", "coalesce"]
            and len(ast) == 4
            and _is_name(ast[2])
            and (ast[3][0] in ("num", "str"))
        )

    def _words(self, atom: Atom) -> list[str] | None:
        """The texts that an atom compares the answer with; None: it does something else with it."""
        ast = atom.ast
        if not atom.known:
            return None
        if _is_name(ast):
            return []
        if ast[0] in ("=", "!="):
            for one, other in ((ast[1], ast[2]), (ast[2], ast[1])):
                if _is_name(one) and other[0] == "str":
                    return [str(other[1])]
        if self.kind == "choice" and ast[:2] == ["call", "selected"] and len(ast) == 4:
            if _is_name(ast[2]) and ast[3][0] == "str":
                return [str(ast[3][1])]
            if ast[2][0] == "str" and _is_name(ast[3]):
                return str(ast[2][1]).split()
        return None

    def _sets(self, atom: Atom) -> list[str] | None:
        """The choices that an atom speaks of, where it asks for nothing but choices and how many they are."""
        ast = atom.ast
        if not atom.known:
            return None
        if _is_name(ast):
            return []
        if ast[:2] == ["call", "selected"] and len(ast) == 4 and _is_name(ast[2]) and ast[3][0] == "str":
            return [str(ast[3][1])]
        if ast[0] in _COMPARED:
            for one, other in ((ast[1], ast[2]), (ast[2], ast[1])):
                if ast[0] in ("=", "!=") and _is_name(one) and other[0] == "str":
                    return [other[1], *other[1].split()]
                counted = one[:2] == ["call", "count-selected"] and _is_name(one[2])
                if counted and not any(True for _ in names_in(other)):
                    return []
        return None


def domain_of(entry: Entry, constraint: Iterable[Ast] = ()) -> Domain:
    """What the answer to a question can be, as long as it keeps its constraint."""
    kind, limits = _kind(entry), tuple(constraint)
    if "default" in entry.node.entries:
        # A default need not keep the constraint, nor be one of the choices.
        limits = ()
        if kind not in ("text", "unknown"):
            kind = "unknown"
    if "calculation" in entry.node.entries:
        kind = "unknown"
    return Domain(
        entry.id,
        kind,
        tokens=entry.tokens,
        alone=entry.flagged,
        whole=entry.type == "whole-number",
        low=_decimal(entry.text("start")) if entry.type == "range" else None,
        high=_decimal(entry.text("end")) if entry.type == "range" else None,
        constraint=limits,
    )


def _kind(entry: Entry) -> str:
    if entry.type in _NUMBERS:
        return "number"
    if entry.type in _TEXTS:
        return "text"
    if entry.type in _BLANK_ONLY:
        return "blank"
    match entry.type:
        case "yes-no" | "one-of" | "level":
            return "choice" if entry.tokens else "unknown"
        case "any-of":
            return "choices" if entry.tokens else "unknown"
        case "date":
            return "date"
        case "time" | "date-time" | "rank":
            return "other"
    return "unknown"


DERIVED_DOMAINS: Final = {
    "age": Domain("age", "number", whole=True, standing=False),
    "pension_age": Domain("pension_age", "choice", ("yes", "no"), standing=False),
    "postcode_district": Domain("postcode_district", "text", standing=False),
}


def atoms(ast: Ast) -> Iterator[Ast]:
    """The parts of a prepared condition that are true or false of themselves."""
    waiting = [ast]
    while waiting:
        node = waiting.pop()
        inner = inside(node)
        if inner is None:
            yield node
        else:
            waiting.extend(inner)


def _atoms_of(ast: Ast) -> list[Atom]:
    return [runs(each, repr(each)) for each in atoms(ast)]


def _is_name(ast: Ast) -> bool:
    return bool(ast[0] == "ref")


def _constant(ast: Ast) -> Result:
    return compile_condition(ast, lambda _: FIRST_NAME)(list(_HEAD))


def _decimal(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None
