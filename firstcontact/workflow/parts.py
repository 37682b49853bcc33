"""How far a part of the list is: a section, a group or one instance, while its questions are counted."""

from __future__ import annotations

from firstcontact.rows import PartRow


class Part:
    """A part while its questions are counted."""

    __slots__ = ("asked", "depth", "first", "first_open", "id", "letter", "of", "title")

    def __init__(self, part_id: str, letter: str, title: str, depth: int) -> None:
        self.id, self.letter, self.title, self.depth = part_id, letter, title, depth
        self.asked = self.of = 0
        self.first = self.first_open = ""

    def count(self, node: str, *, asked: bool, still: bool) -> None:
        """A question that begins a page stands in it."""
        self.first = self.first or node
        if asked or still:
            self.of += 1
            self.asked += not still
            self.first_open = self.first_open or (node if still else "")

    def row(self) -> PartRow:
        """As the screens take it."""
        return PartRow(
            id=self.id,
            letter=self.letter,
            title=self.title,
            asked=self.asked,
            of=self.of,
            first_id=self.first_open or self.first,
            depth=self.depth,
        )
