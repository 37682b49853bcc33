"""What is wrong in a definition file: where, in plain words, and what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from firstcontact.errors import FirstContactError

SHOWN = 100
"""Problems that one error prints; the rest are counted."""


@dataclass(frozen=True, slots=True, order=True)
class DefinitionProblem:
    """One thing to mend; they sort by file and place."""

    file: str
    line: int
    """From 1; 0 when it is the whole file."""
    column: int
    """From 1."""
    message: str
    suggestion: str | None = None
    """The nearest known name, if one is near."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}" + (f". Did you mean '{self.suggestion}'?" if self.suggestion else "")


class DefinitionError(FirstContactError):
    """A definition cannot be used; `problems` is everything that is wrong with it, sorted. Its text is fit to print."""

    def __init__(self, problems: Iterable[DefinitionProblem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.file, p.line, p.column, p.message)))
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"... and {len(self.problems) - SHOWN} more")
        super().__init__("\n".join(lines))
