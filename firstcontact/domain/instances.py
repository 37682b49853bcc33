"""Where in a checklist something stands, and what names mean there: nodes, blocks and instances of repeats.

A *node* is a question (calculation, ...) as it is there once: its id outside repeats, `age[2]` in the second instance
of a repeat, `age[1][2]` in the second inner instance of the first outer one. A `Place` is the `Scope` that a condition
is compiled for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from firstcontact.domain.scope import ROOT, Rows, Scope, Slots

if TYPE_CHECKING:
    from firstcontact.domain.form import Form

Path: TypeAlias = "tuple[int, ...]"
"""Which instance of each repeat around something, from 1, the outermost first."""
Counts: TypeAlias = "Mapping[tuple[str, Path], int]"
"""(repeat, path of the repeats around it) -> how many instances; those that are not there have none."""

MAX_INSTANCES: Final = 200
"""Of one repeat, inside one instance of the repeat around it."""
MAX_NODES: Final = 20_000
"""Questions and calculations in all instances of all repeats."""
_NODE: Final = re.compile(r"([^\[\]]+)((?:\[[1-9]\d{0,2}\])*)", re.ASCII)


def node_id(name: str, path: Path) -> str:
    """`age` and (1, 2) -> `age[1][2]`."""
    return name + "".join([f"[{index}]" for index in path]) if path else name


def parts_of(node: str) -> tuple[str, Path]:
    """`age[1][2]` -> `age` and (1, 2). Raises: KeyError, for what is no node."""
    if not node.endswith("]"):
        return node, ()
    match = _NODE.fullmatch(node)
    if match is None:
        raise KeyError(node)
    return match[1], tuple(int(index) for index in match[2][1:-1].split("]["))


class Reading:
    """What a condition was found to read while it was compiled."""

    __slots__ = ("slots", "varies")

    def __init__(self) -> None:
        self.slots: set[int] = set()
        self.varies = False
        """It looked at which instances there are, so it is compiled again when there are others."""


class Place:
    """The Scope of a question (`name`; its block is one step up) or of a block's instance (no step up)."""

    __slots__ = ("_block", "_counts", "_form", "_name", "_path", "reading")

    def __init__(
        self, form: Form, counts: Counts, block: str | None, path: Path, reading: Reading, name: str | None = None
    ) -> None:
        self._form = form
        self._counts = counts
        self._block = block
        self._path = path
        self._name = name
        self.reading = reading

    def slots(self, name: str) -> Slots:
        """`${name}`: that of the same instance from inside its repeat, of all instances from outside."""
        form = self._form
        around = form.repeated.get(name)
        if around is None:
            slot = form.slot(name)
            self.reading.slots.add(slot)
            return slot
        return self._under(name, around, self._shared(around, self._block))

    def path(self, up: int, names: tuple[str, ...]) -> Slots:
        """`../x`, `/form/g/x`: ids are unique, so the last name says what, and the steps up say in which instance."""
        if not names:
            if up == 0 and self._name is not None:
                return self._under(self._name, self._form.repeats_of(self._block), self._path)
            return ()
        around = self._form.repeated.get(names[-1])
        if around is None:
            return self.slots(names[-1])
        return self._under(names[-1], around, self._shared(around, self._climb(up)))

    def last(self, name: str) -> int:
        """`${last-saved#name}`: a slot that a fact of that name fills."""
        slot = self._form.slot_for(f"last-saved#{name}")
        self.reading.slots.add(slot)
        return slot

    def places(self, name: str) -> tuple[Scope, ...]:
        """The instances of a block or question as seen from here."""
        return self._places(name, self._block)

    def places_at(self, up: int, names: tuple[str, ...]) -> tuple[Scope, ...]:
        """The blocks or questions at the end of a path."""
        if names:
            return self._places(names[-1], self._climb(up))
        if up == 0:
            return (self,)
        block = self._climb(up)
        return (self._at(block, self._path[: len(self._form.repeats_of(block))]),)

    def position(self, up: int) -> int:
        """Which instance of its repeat the block so many steps up is; 1 for a group."""
        block = self._climb(up)
        if block is None or not self._form.checklist.by_block[block].repeat:
            return 1
        return self._path[len(self._form.repeats_of(block)) - 1]

    def table(self, table_id: str) -> Rows | None:
        """A table or a shared list."""
        return self._form.rows(table_id)

    def words(self, name: str) -> Mapping[str, str]:
        """The labels of a question's choices."""
        return self._form.words(name)

    def _shared(self, around: tuple[str, ...], block: str | None) -> Path:
        """The part of this place's path that something in these repeats shares, seen from a block around the place."""
        depth = 0
        for theirs, mine in zip(around, self._form.repeats_of(block), strict=False):
            if theirs != mine:
                break
            depth += 1
        return self._path[:depth]

    def _climb(self, up: int) -> str | None:
        if up == ROOT:
            return None
        block = self._block
        blocks = self._form.checklist.by_block
        for _ in range(up if self._name is None else up - 1):
            if block is None:
                break
            block = blocks[block].parent
        return block

    def _at(self, block: str | None, path: Path, name: str | None = None) -> Place:
        return Place(self._form, self._counts, block, path, self.reading, name)

    def _under(self, name: str, around: tuple[str, ...], known: Path) -> Slots:
        form, reading = self._form, self.reading
        if len(known) == len(around):
            slot = form.slot_for(node_id(name, known))
            reading.slots.add(slot)
            return slot
        reading.varies = True
        found = tuple(form.slot_for(node_id(name, path)) for path in paths(self._counts, around, known))
        reading.slots.update(found)
        return found

    def _places(self, name: str, seen_from: str | None) -> tuple[Scope, ...]:
        form = self._form
        block = form.checklist.by_block.get(name)
        if block is None:
            home = form.home.get(name)
            around = form.repeats_of(home)
            known = self._shared(around, seen_from)
        else:
            home, around = block.id, form.repeats_of(block.id)
            known = self._shared(form.repeats_of(block.parent), seen_from)
        if len(around) > len(known):
            self.reading.varies = True
        own = None if block is not None else name
        return tuple(self._at(home, path, own) for path in paths(self._counts, around, known))


def paths(counts: Counts, around: tuple[str, ...], known: Path = ()) -> list[Path]:
    """The paths of all instances of the innermost of these repeats that begin with `known`, in document order."""
    found = [known]
    for repeat in around[len(known) :]:
        found = [(*path, index) for path in found for index in range(1, counts.get((repeat, path), 0) + 1)]
    return found
