"""What an import did with each row, and everything that is worth knowing about it: where, in plain words.

A finding names sheet, row and column as the spreadsheet program shows them, so that it can be mended there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from firstcontact.domain.names import Guesses
from sync.base.safe_text import safe_text

Level: TypeAlias = Literal["error", "warning", "changed", "kept"]
"""`error`: something that the form asks for does not work here; `warning`: it works, and may not mean what was wanted;
`changed`: it works, written differently; `kept`: it means nothing here, and is written back on export."""
Fate: TypeAlias = Literal["live", "kept", "left-out"]
"""`live`: it is asked, shown or worked out; `kept`: it cannot be answered here, and is written back; `left-out`: it is
not part of the checklist (a comment, a disabled row)."""

LEVELS: Final = ("error", "warning", "changed", "kept")
MAX_FINDINGS: Final = 2000
"""Beyond these they are only counted."""
_SHOWN: Final = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about the workbook."""

    level: Level
    sheet: str
    """Empty: the whole file."""
    row: int
    """As the spreadsheet shows it, from 1; 0: the whole sheet."""
    column: str
    """Its letters; empty: the whole row."""
    message: str
    suggestion: str | None = None
    """The nearest known name, if one is near."""

    @property
    def place(self) -> str:
        """Such as `survey row 12, column D`."""
        parts = [self.sheet] if self.sheet else ["workbook"]
        if self.row:
            parts.append(f"row {self.row}")
        where = " ".join(parts)
        return f"{where}, column {self.column}" if self.column else where

    def __str__(self) -> str:
        hint = f" Did you mean '{self.suggestion}'?" if self.suggestion else ""
        return f"{self.place}: {self.message}{'' if self.message.endswith(('.', '?')) else '.'}{hint}"

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        found: dict[str, Any] = {"level": self.level, "sheet": self.sheet, "row": self.row, "column": self.column}
        found["message"] = self.message
        if self.suggestion:
            found["suggestion"] = self.suggestion
        return found


@dataclass(frozen=True, slots=True)
class RowFate:
    """What became of one row of the survey sheet."""

    row: int
    type: str
    """The word of its type, without the name of a list: `select_one`."""
    name: str
    """Its id in the checklist; empty if it has none."""
    fate: Fate


@dataclass(slots=True)
class Report:
    """Gathered while a workbook is read. `findings` keep the order in which they were found."""

    findings: list[Finding] = field(default_factory=list)
    rows: list[RowFate] = field(default_factory=list)
    more: int = 0
    """Findings beyond MAX_FINDINGS."""
    guesses: Guesses = field(default_factory=Guesses)

    def add(self, level: Level, sheet: str, row: int, column: str, message: str, suggestion: str | None = None) -> None:
        """Note a finding. Words of the workbook inside the message are made safe to show here."""
        if len(self.findings) >= MAX_FINDINGS:
            self.more += 1
            return
        hint = None if suggestion is None else safe_text(suggestion)[:_SHOWN]
        self.findings.append(Finding(level, safe_text(sheet)[:60], row, column, safe_text(message)[:_SHOWN], hint))

    def nearest(self, name: str, known: Collection[str]) -> str | None:
        """The known name that a misspelt one most likely means; None, too, once a form has asked for very many."""
        return self.guesses.nearest(name, known)

    def fate(self, row: int, kind: str, name: str, fate: Fate) -> None:
        """Note what became of a row."""
        self.rows.append(RowFate(row, safe_text(kind)[:60], name, fate))

    def of(self, level: Level) -> tuple[Finding, ...]:
        """The findings of one level."""
        return tuple(each for each in self.findings if each.level == level)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What does not work here."""
        return self.of("error")

    def by_place(self) -> list[Finding]:
        """Errors first, then warnings and so on, each by sheet in the order of the workbook, row and column."""
        sheets = {name: place for place, name in enumerate(dict.fromkeys(each.sheet for each in self.findings))}
        return sorted(
            self.findings,
            key=lambda each: (
                LEVELS.index(each.level),
                sheets[each.sheet],
                each.row,
                len(each.column),
                each.column,
            ),
        )

    def by_type(self) -> dict[str, Counter[str]]:
        """For each type of row how many are live, kept and left out."""
        table: dict[str, Counter[str]] = {}
        for each in self.rows:
            table.setdefault(each.type, Counter())[each.fate] += 1
        return dict(sorted(table.items()))

    def lines(self) -> Iterator[str]:
        """The report as text, most important first."""
        fates = Counter(each.fate for each in self.rows)
        total = sum(fates.values())
        yield (
            f"{total} {'row' if total == 1 else 'rows'}: {fates['live']} live, {fates['kept']} kept but not answerable "
            f"here, {fates['left-out']} left out"
        )
        for each in self.by_place():
            yield f"{each.level}: {each}"
        if self.more:
            yield f"... and {self.more} more"

    def as_json(self) -> dict[str, Any]:
        """The report for programs (`--json`)."""
        return {
            "rows": [
                {"sheet": "survey", "row": each.row, "type": each.type, "name": each.name, "fate": each.fate}
                for each in self.rows
            ],
            "types": {kind: dict(counts) for kind, counts in self.by_type().items()},
            "findings": [each.as_json() for each in self.by_place()],
            "more": self.more,
        }
