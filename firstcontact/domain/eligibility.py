"""May this partner take this person for this service? Yes, no and why, or which question decides.

A clause is a condition over facts. What is not known (blank, or a standing answer such as "don't know") is tried in
every way it could turn out: true in all of them is yes, false in all is no, anything else is undecided, and names the
question to ask. So an age band is enough wherever it decides, and nothing is ever a silent no.
Source: checklists/README.md, "Answers"; docs/decisions/undecided-is-tried-out.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any, Final, Literal

from firstcontact.domain.answer import Value, standing
from firstcontact.domain.checklist import Checklist
from firstcontact.domain.coercion import truth
from firstcontact.domain.condition import compile_condition, names_used, parse
from firstcontact.domain.directory import Clause, Directory, ServiceAt, age_on
from firstcontact.domain.functions import FIRST_NAME

OLDEST: Final = 120
ADULT: Final = 18
_ASK_ORDER: Final = ("age", "pension_age", "tenure", "family_owns", "long_term_condition")
"""Which of several missing facts is asked for first."""
_AGE_NAMES: Final = frozenset({"age", "pension_age"})
_NUMBERS: Final = re.compile(r"\d+")

Known = Mapping[str, Value]
"""Facts and derived names of one person, home included; blank where not known."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a partner's rules say of one person."""

    answer: Literal["yes", "no", "undecided"]
    reason: str | None = None
    """Of a no: the first clause that fails (age, tenure). Undecided: the id of the question that decides."""


YES: Final = Verdict("yes")


def ages_of_band(band: str | None) -> range:
    """The whole years that an age band stands for: `60-64`, `85+`; all of them where there is none."""
    numbers = [int(text) for text in _NUMBERS.findall(band or "")]
    if not numbers:
        return range(OLDEST + 1)
    return range(numbers[0], (numbers[1] if len(numbers) > 1 else OLDEST) + 1)


def band_of_age(age: int, bands: tuple[str, ...]) -> str | None:
    """The age band that an age falls in, of the bands that the checklist knows."""
    return next((band for band in bands if age in ages_of_band(band)), None)


def pension_age_reached(directory: Directory, born: date, on: date) -> Value:
    """'yes' or 'no', by the scheme's table; blank without one."""
    day = directory.pension_day(born)
    return None if day is None else "yes" if day <= on else "no"


@dataclass(frozen=True, slots=True)
class _Program:
    """A clause, ready to be asked."""

    names: tuple[str, ...]
    """What it looks at."""
    holds: Callable[[list[Any]], bool]
    """Over a frame: self, today, now, then a value for each name."""


@dataclass
class Eligibility:
    """Decides clauses, and remembers what it decided: the same facts come again after each answer."""

    checklist: Checklist
    directory: Directory
    _programs: dict[str, _Program] = field(default_factory=dict)
    _decided: dict[tuple[Any, ...], tuple[bool | None, str | None]] = field(default_factory=dict)

    def verdict(self, row: ServiceAt, known: Known, on: date) -> Verdict:
        """What the rules of one service at one partner say of a person on a day."""
        missing: list[str] = []
        for clause in row.eligible:
            if not clause.on(on):
                continue
            holds, name = self._decide(clause, known, on)
            if holds is False:
                return Verdict("no", clause.reason)
            if name is not None:
                missing.append(name)
        if not missing:
            return YES
        first = min(missing, key=lambda name: _ASK_ORDER.index(name) if name in _ASK_ORDER else len(_ASK_ORDER))
        return Verdict("undecided", self._question(first))

    def needs_condition(self, row: ServiceAt, known: Known, on: date) -> bool:
        """Whether the person comes in only because of a long-term condition or disability."""
        return self.verdict(row, {**known, "long_term_condition": "no"}, on).answer != "yes"

    def mentions(self, row: ServiceAt, name: str) -> bool:
        """Whether the rules of a service look at a fact at all."""
        return any(name in self._program(clause).names for clause in row.eligible)

    def pension_ages(self, known: Known, on: date) -> set[Value]:
        """Every way in which "has reached State Pension age" could turn out, given what is known."""
        return {pension for _, pension in self._ages(known, on)}

    def _question(self, name: str) -> str:
        fact = "date_of_birth" if name in _AGE_NAMES else name
        question = self.checklist.by_fact.get(fact)
        return question.id if question else fact

    def _program(self, clause: Clause) -> _Program:
        program = self._programs.get(clause.when)
        if program is None:
            parsed = clause.parsed if clause.parsed is not None else parse(clause.when)
            names = tuple(sorted(names_used(parsed)))
            node = compile_condition(parsed, lambda name: names.index(name) + FIRST_NAME)
            program = self._programs[clause.when] = _Program(names, lambda frame: truth(node(frame)))
        return program

    def _decide(self, clause: Clause, known: Known, on: date) -> tuple[bool | None, str | None]:
        """(True, None), (False, None), or (None, the missing name that decides)."""
        names = self._program(clause).names
        given = tuple((name, known.get(name)) for name in names)
        about_age = (known.get("date_of_birth"), known.get("age_band")) if _AGE_NAMES & set(names) else ()
        key = (clause.when, given, about_age, on)
        if key not in self._decided:
            self._decided[key] = self._work_out(self._program(clause), known, on)
        return self._decided[key]

    def _work_out(self, program: _Program, known: Known, on: date) -> tuple[bool | None, str | None]:
        names, here = program.names, [None, on, datetime.combine(on, time())]
        ways = [
            (way, program.holds([*here, *(way[name] for name in names)])) for way in self._completions(names, known, on)
        ]
        truths = {truth for _, truth in ways}
        if len(truths) == 1:
            return truths.pop(), None
        open_names = [name for name in names if len({way[name] for way, _ in ways}) > 1]
        deciding = [name for name in open_names if _decides(name, names, ways)] or open_names
        ranked = [name for name in _ASK_ORDER if name in deciding] or deciding
        return None, ranked[0]

    def _completions(self, names: tuple[str, ...], known: Known, on: date) -> Iterator[dict[str, Value]]:
        ages = list(self._ages(known, on)) if _AGE_NAMES & set(names) else [(None, None)]
        others = [name for name in names if name not in _AGE_NAMES]
        choices = [self._values(name, known, names) for name in others]
        for (age, pension), values in product(ages, product(*choices)):
            yield {**dict(zip(others, values, strict=True)), "age": age, "pension_age": pension}

    def _ages(self, known: Known, on: date) -> Iterator[tuple[Value, Value]]:
        born = known.get("date_of_birth")
        if isinstance(born, date):
            yield age_on(born, on), pension_age_reached(self.directory, born, on)
            return
        band = known.get("age_band")
        for age in ages_of_band(band if isinstance(band, str) and not standing(band) else None):
            youngest, oldest = _years_before(on, age), _years_before(on, age + 1) + timedelta(days=1)
            for pension in {pension_age_reached(self.directory, day, on) for day in (youngest, oldest)}:
                yield age, pension

    def _values(self, name: str, known: Known, names: tuple[str, ...]) -> tuple[Value, ...]:
        value = known.get(name)
        question = self.checklist.by_fact.get(name)
        if (value is not None and not standing(value)) or question is None or not question.tokens:
            return (value,)
        if name == "family_owns" and (tenure := known.get("tenure")) and not standing(tenure):
            # Asked only of who lives with family; for anybody else its blank is an answer.
            return question.tokens if tenure == "lives-with-family" else (None,)
        return question.tokens if name in names else (value,)


def is_adult(known: Known, on: date) -> bool:
    """18 or over, or not known to be younger."""
    born = known.get("date_of_birth")
    return not isinstance(born, date) or age_on(born, on) >= ADULT


def _years_before(on: date, years: int) -> date:
    year = max(on.year - years, 1)
    try:
        return on.replace(year=year)
    except ValueError:  # 29 February
        return date(year, 2, 28)


def _decides(name: str, names: tuple[str, ...], ways: list[tuple[dict[str, Value], bool]]) -> bool:
    """Whether knowing this one alone could change the truth, for some way that the others turn out."""
    seen: dict[tuple[Value, ...], bool] = {}
    for way, holds in ways:
        rest = tuple(way[other] for other in names if other != name)
        if seen.setdefault(rest, holds) is not holds:
            return True
    return False
