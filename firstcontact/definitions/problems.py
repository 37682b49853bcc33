"""What is wrong in a definition file: where, how bad, in plain words, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from firstcontact.errors import FirstContactError

SHOWN = 100
"""Problems that one error prints; the rest are counted."""

Level: TypeAlias = Literal["error", "warning", "hint"]
"""`error`: it cannot be used so; `warning`: it can, and surely not as it was meant; `hint`: worth a look."""
LEVELS: Final[tuple[Level, ...]] = ("error", "warning", "hint")


@dataclass(frozen=True, slots=True)
class DefinitionProblem:
    """One thing to mend; they sort by file and place."""

    file: str
    line: int
    """From 1; 0 when it is the whole file. In a workbook the row."""
    column: int
    """From 1."""
    message: str
    suggestion: str | None = None
    """The nearest known name, if one is near."""
    code: str = "definition"
    """What kind of problem this is, for programs; `checklists/README.md`, "Checking", lists them."""
    level: Level = "error"
    sheet: str | None = None
    """The sheet of a workbook; None for a file of lines."""
    instead: str | None = None
    """What to write instead, or what to do about it; a whole sentence's end."""

    @property
    def place(self) -> tuple[str, str, int, int, str]:
        """What problems are sorted by."""
        return self.file, self.sheet or "", self.line, self.column, self.message

    def __lt__(self, other: DefinitionProblem) -> bool:
        return self.place < other.place

    @property
    def where(self) -> str:
        """`checklist.yaml:12:7`; of a workbook `form.xlsx, survey row 12, column F`."""
        if self.sheet is None:
            return f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        row = f" row {self.line}" if self.line else ""
        return f"{self.file}, {self.sheet}{row}" + (f", column {column_letters(self.column)}" if self.column else "")

    def __str__(self) -> str:
        meant = f". Did you mean '{self.suggestion}'?" if self.suggestion else ""
        instead = f". Write {self.instead}" if self.instead else ""
        return f"{self.where}: {self.message}{meant}{instead}"


def column_letters(column: int) -> str:
    """The letters of a workbook's column: 1 is A, 27 is AA; nothing for 0."""
    letters = ""
    while column > 0:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


class DefinitionError(FirstContactError):
    """A definition cannot be used; `problems` is everything that is wrong with it, sorted. Its text is fit to print."""

    def __init__(self, problems: Iterable[DefinitionProblem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"... and {len(self.problems) - SHOWN} more")
        super().__init__("\n".join(lines))
