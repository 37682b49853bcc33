"""What the names of a condition stand for at one place of a checklist.

A condition is compiled for a place: a question, or one instance of a question in a repeat. The place answers where a
name's value stands in the frame, and which instances of a repeat there are; so a compiled condition only picks slots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeAlias

Ast: TypeAlias = "list[Any]"
Slot: TypeAlias = Callable[[str], int]
"""Where in the frame a name's value stands: all that a checklist without repeats and tables needs."""
Slots: TypeAlias = "int | tuple[int, ...]"
"""One value, or a node-set: the values of all instances, in document order (none: an empty tuple)."""
Rows: TypeAlias = "Sequence[Mapping[str, str]]"
"""Choices or the lines of a table, each by column; a choice has `name` and `label` beside its own columns."""

ROOT: Final = -1
"""Instead of a number of steps up: the path begins at the form."""


class ConditionError(ValueError):
    """A condition that cannot be read: what is wrong in plain words, where, and what may have been meant."""

    def __init__(self, message: str, position: int = 0, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        """Characters from the start of the condition."""
        self.suggestion = suggestion
        """The nearest known name or spelling, if one is near."""

    def __str__(self) -> str:
        return f"{self.message}. Did you mean {self.suggestion}?" if self.suggestion else self.message


class Scope(Protocol):
    """What names mean at one place: at a question, or at (just inside) one instance of a group or repeat.

    Steps up count from the place itself: from a question, 1 is the group, instance or form that it stands in, so
    `../x` is its neighbour x; from an instance, 0 is the instance, so `./x` (up 0) is its child x. A group is a block
    that is there once. Nothing here raises for a name that is not known: it is the blank slot, or no instances.
    """

    def slots(self, name: str, /) -> Slots:
        """`${name}`: one slot, or, seen from outside its repeat, those of all instances.

        From inside the same instance of a repeat it is that instance's alone.
        """
        ...

    def path(self, up: int, names: tuple[str, ...], /) -> Slots:
        """`../x` (1, x), `../../g/x` (2, g, x), `/form/g/x` (ROOT, g, x: without the form's own name)."""
        ...

    def last(self, name: str, /) -> int:
        """`${last-saved#name}`."""
        ...

    def places(self, name: str, /) -> tuple[Scope, ...]:
        """Where `${name}` is: of a block each instance (a group: one), of a question each of its instances.

        The same as `slots` goes through, in the same order, and each of them a place of its own: `path(0, ())` of a
        question's is its slot. From inside an instance of a repeat only what is in that instance; the repeat itself is
        seen whole (`count(${repeat})`), within the instances of the repeats around it.
        """
        ...

    def places_at(self, up: int, names: tuple[str, ...], /) -> tuple[Scope, ...]:
        """The same for a path; without names the block so many steps up (0: this place itself)."""
        ...

    def position(self, up: int, /) -> int:
        """The place, from 1, among its repeat's instances of the block so many steps up; 1 if it is in no repeat."""
        ...

    def table(self, table_id: str, /) -> Rows | None:
        """The rows of a table or a shared list of choices, the same object each time; None if there is none."""
        ...

    def words(self, name: str, /) -> Mapping[str, str]:
        """The labels of a question's choices by token, in the language in use."""
        ...


class Plain:
    """The Scope of a checklist whose names are all there is: a callable from a name to its slot."""

    __slots__ = ("_slot",)

    def __init__(self, slot: Slot) -> None:
        self._slot = slot

    def slots(self, name: str) -> Slots:
        """The name's slot."""
        return self._slot(name)

    def path(self, _up: int, names: tuple[str, ...]) -> Slots:
        """Without blocks every path ends at a name."""
        return self._slot(names[-1]) if names else ()

    def last(self, name: str) -> int:
        """A name of its own, which nobody fills."""
        return self._slot(f"last-saved#{name}")

    def places(self, _name: str, /) -> tuple[Scope, ...]:
        """One place is all there is."""
        return (self,)

    def places_at(self, _up: int, _names: tuple[str, ...], /) -> tuple[Scope, ...]:
        """One place is all there is."""
        return (self,)

    def position(self, _up: int) -> int:
        """There are no repeats."""
        return 1

    def table(self, _table_id: str) -> Rows | None:
        """There are no tables."""
        return None

    def words(self, _name: str) -> Mapping[str, str]:
        """There are no choices."""
        return {}
