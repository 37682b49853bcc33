"""A form as nested dicts, as the Scope that conditions are compiled for: {"age": 5, "people": [{"name": "Ann"}]}."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from firstcontact.domain.condition import ROOT, Rows, Scope, Slots, compile_condition, parse

ON = date(2026, 2, 10)


class Tree:
    """One place of a form: the form itself, a group (dict), an instance of a repeat (dict in a list), or a question."""

    def __init__(self, content: Any, **more: Any) -> None:
        self.name: str = more.get("name", "data")
        self.parent: Tree | None = more.get("parent")
        self.index: int = more.get("index", 1)
        self.root: Tree = more.get("root", self)
        self.repeated: bool = "index" in more
        if self.root is self:
            self.frame: list[Any] = [None, ON, datetime.combine(ON, time(13, 30))]
            self.tables: Mapping[str, Rows] = more.get("tables", {})
            self.labels: Mapping[str, Mapping[str, str]] = more.get("labels", {})
        self.slot = -1
        self.children: list[Tree] = []
        self.empty = {name for name, each in content.items() if each == []} if isinstance(content, dict) else set()
        if isinstance(content, dict):
            for name, each in content.items():
                parts = each if isinstance(each, list) else [each]
                for index, part in enumerate(parts, 1):
                    place = {"index": index} if isinstance(each, list) else {}
                    self.children.append(Tree(part, name=name, parent=self, root=self.root, **place))
        else:
            self.slot = len(self.root.frame)
            self.root.frame.append(content)

    def below(self) -> Iterator[Tree]:
        """Everything inside, in document order."""
        for child in self.children:
            yield child
            yield from child.below()

    def places(self, name: str, /) -> tuple[Scope, ...]:
        """As Scope says."""
        around: Tree | None = self
        while around is not None:
            found = tuple(each for each in around.below() if each.name == name)
            if found or name in around.empty:
                return found
            around = around.parent
        return ()

    def places_at(self, up: int, names: tuple[str, ...], /) -> tuple[Scope, ...]:
        """As Scope says."""
        start: Tree | None = self.root if up == ROOT else self
        for _ in range(max(up, 0)):
            start = start.parent if start is not None else None
        found = [] if start is None else [start]
        for name in names:
            found = [child for each in found for child in each.children if child.name == name]
        return tuple(found)

    def slots(self, name: str, /) -> Slots:
        """As Scope says."""
        return _slots(self.places(name))

    def path(self, up: int, names: tuple[str, ...], /) -> Slots:
        """As Scope says."""
        return _slots(self.places_at(up, names))

    def last(self, name: str, /) -> int:
        """As Scope says: here what the form holds as `last_<name>`."""
        found = self.root.path(0, (f"last_{name}",))
        assert isinstance(found, int)
        return found

    def position(self, up: int, /) -> int:
        """As Scope says."""
        place: Tree | None = self
        for _ in range(up):
            place = place.parent if place is not None else None
        while place is not None and not place.repeated:
            place = place.parent
        return place.index if place is not None else 1

    def table(self, table_id: str, /) -> Rows | None:
        """As Scope says."""
        return self.root.tables.get(table_id)

    def words(self, name: str, /) -> Mapping[str, str]:
        """As Scope says."""
        return self.root.labels.get(name, {})

    def at(self, *names: str | int) -> Tree:
        """A place by names and, in a repeat, numbers from 1: at("people", 2, "name")."""
        found = self
        for name in names:
            if isinstance(name, int):
                assert found.parent is not None
                found = [each for each in found.parent.children if each.name == found.name][name - 1]
            else:
                found = next(each for each in found.children if each.name == name)
        return found

    def works_out(self, text: str, **more: Any) -> Any:
        """What an expression yields at this place; `.` is its own answer."""
        frame = self.root.frame
        frame[0] = frame[self.slot] if self.slot >= 0 else None
        return compile_condition(parse(text, **more), self)(frame)


def _slots(places: tuple[Scope, ...]) -> Slots:
    found = tuple(each.slot for each in places if isinstance(each, Tree) and each.slot >= 0)
    alone = [each for each in places if isinstance(each, Tree) and not _repeated(each)]
    return found[0] if len(found) == 1 and alone else found


def _repeated(place: Tree) -> bool:
    return place.repeated or (place.parent is not None and _repeated(place.parent))
