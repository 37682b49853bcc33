"""Definition files: from YAML to a tree with line and column, and from the tree to a pydantic model.

Every scalar is text until the model types it, so `yes`, `no`, `on`, 2026.1 and 07700 900121 need no quotes. Anchors,
aliases, tags, several documents and duplicate keys are refused; files are capped in size, depth and number of values.
Everything that is wrong is collected and raised at once, as one DefinitionError.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import yaml
from yaml import events

from firstcontact.definitions.problems import DefinitionError, DefinitionProblem, Level
from sync.base.safe_text import is_safe_text, safe_text

if TYPE_CHECKING:
    from pydantic import BaseModel

    from firstcontact.domain.checklist import Checklist

    M = TypeVar("M", bound=BaseModel)

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 30
MAX_VALUES: Final = 150_000
"""A form of 5,000 questions has about 70,000."""
MAX_EXPLAINED: Final = 500

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True, eq=False)
class Node:
    """One value of a file, and where it stands (line and column from 1)."""

    kind: Literal["text", "list", "mapping"]
    file: str
    line: int
    column: int
    text: str = ""
    exact: bool = False
    """A text on one line, written as it reads: a place inside it can be shown."""
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Node] = field(default_factory=dict)
    sheet: str | None = None
    """Of a workbook: the sheet, with its row as `line`."""

    def problem(
        self,
        message: str,
        suggestion: str | None = None,
        *,
        offset: int = 0,
        code: str = "definition",
        level: Level = "error",
        instead: str | None = None,
    ) -> DefinitionProblem:
        """What is wrong here; `offset`: characters into the text."""
        column = self.column + (offset if self.exact else 0)
        return DefinitionProblem(
            self.file, self.line, column, message, suggestion, code, level, sheet=self.sheet, instead=instead
        )

    def at(self, *path: str | int) -> Node:
        """The node at the end of this path, or the last one on the way that is there."""
        node = self
        for step in path:
            if isinstance(step, int) and node.kind == "list" and step < len(node.items):
                node = node.items[step]
            elif isinstance(step, str) and node.kind == "mapping" and step in node.entries:
                node = node.entries[step]
            else:
                break
        return node

    def plain(self) -> Any:
        """The same as dicts, lists and text."""
        if self.kind == "text":
            return self.text
        if self.kind == "list":
            return [item.plain() for item in self.items]
        return {key: node.plain() for key, node in self.entries.items()}


def read_yaml(path: Path, *, name: str | None = None) -> Node:
    """Read a file. `name` is what problems call it; its own file name if None.

    Raises: DefinitionError, for anything that is no plain YAML within the caps.
    """
    file = safe_text(name or path.name)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as problem:
        reason = "is not there" if isinstance(problem, FileNotFoundError) else "cannot be read"
        raise DefinitionError([DefinitionProblem(file, 0, 0, f"the file {reason}")]) from problem
    return parse_yaml(content, file)


def parse_yaml(content: bytes, file: str) -> Node:
    """Read the bytes of a file. Raises: DefinitionError."""
    if len(content) > MAX_BYTES:
        raise DefinitionError([DefinitionProblem(file, 0, 0, f"the file is larger than {MAX_BYTES // 1024} KiB")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        column = problem.start - content.rfind(b"\n", 0, problem.start)
        raise DefinitionError([DefinitionProblem(file, line, column, "this is no UTF-8 text")]) from problem
    reader = _Reader(file)
    try:
        root = reader.document(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        found = DefinitionProblem(file, line, column, _yaml_words(problem))
        raise DefinitionError([*reader.problems, found]) from problem
    except yaml.YAMLError as problem:
        place = getattr(problem, "position", 0) or 0
        line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
        words = "a character stands here that YAML does not allow"
        raise DefinitionError([*reader.problems, DefinitionProblem(file, line, column, words)]) from problem
    if reader.problems:
        raise DefinitionError(reader.problems)
    return root


def _yaml_words(problem: yaml.MarkedYAMLError) -> str:
    words = safe_text(str(problem.problem or problem.context or "not YAML"))[:200]
    hint = ""
    if "mapping values are not allowed" in words:
        hint = "; text with ': ' in it needs quotes around it"
    elif "cannot start any token" in words:
        hint = "; indent with spaces, and put quotes around text that starts with a special character"
    return f"this cannot be read as YAML: {words}{hint}"


class _Reader:
    """Builds nodes from YAML's events: no recursion, and nothing is expanded."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[DefinitionProblem] = []
        self.values = 0

    def document(self, stream: Iterator[Any]) -> Node:
        """The one document of a file. Raises: DefinitionError and PyYAML's errors."""
        root: Node | None = None
        open_nodes: list[Node] = []
        pending: Node | None = None  # the key whose value comes next, in the innermost mapping
        for event in stream:
            kind = type(event)
            if kind is events.ScalarEvent:
                node = self._scalar(event)
            elif kind is events.MappingStartEvent or kind is events.SequenceStartEvent:
                node = self._collection(
                    event, "mapping" if kind is events.MappingStartEvent else "list", len(open_nodes)
                )
            elif kind is events.MappingEndEvent or kind is events.SequenceEndEvent:
                open_nodes.pop()
                pending = None
                continue
            elif kind is events.AliasEvent:
                raise DefinitionError([*self.problems, self._here(event, "aliases (*name) are not used here")])
            else:
                if kind is events.DocumentStartEvent and root is not None:
                    raise DefinitionError([*self.problems, self._here(event, "one file holds one document")])
                continue
            if open_nodes:
                pending = self._place(node, open_nodes[-1], pending)
            else:
                root = node
            if node.kind != "text":
                open_nodes.append(node)
        if root is None:
            raise DefinitionError([DefinitionProblem(self.file, 1, 1, "the file is empty")])
        return root

    def _place(self, node: Node, parent: Node, key: Node | None) -> Node | None:
        """Put a node into its list or mapping. Returns: the key that now waits for its value."""
        if parent.kind == "list":
            parent.items.append(node)
            return None
        if key is None:
            if node.kind != "text":
                raise DefinitionError([*self.problems, node.problem("a field's name is text")])
            if node.text in parent.keys:
                first = parent.keys[node.text].line
                self.problems.append(node.problem(f"'{node.text[:60]}' stands here twice (first in line {first})"))
            return node
        parent.keys[key.text] = key
        parent.entries[key.text] = node
        return None

    def _scalar(self, event: Any) -> Node:
        self._check(event)
        start, end, text = event.start_mark, event.end_mark, event.value
        quoted = event.style in ("'", '"')
        exact = start.line == end.line and end.column - start.column == len(text) + 2 * quoted
        node = Node("text", self.file, start.line + 1, start.column + 1 + quoted * exact, text, exact)
        if not (text.isascii() and text.isprintable()) and not is_safe_text(text, multiline=True):
            shown = safe_text(text)[:40]
            self.problems.append(node.problem(f"there is an invisible or control character in this text: {shown}"))
        return node

    def _collection(self, event: Any, kind: Literal["list", "mapping"], depth: int) -> Node:
        self._check(event)
        if depth >= MAX_DEPTH:
            raise DefinitionError([*self.problems, self._here(event, f"nested more than {MAX_DEPTH} deep")])
        return Node(kind, self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _check(self, event: Any) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            raise DefinitionError([*self.problems, self._here(event, f"the file has more than {MAX_VALUES} values")])
        if event.anchor is not None:
            self.problems.append(self._here(event, "anchors (&name) are not used here"))
        if event.tag is not None and event.tag != "!":
            self.problems.append(self._here(event, "tags (!name) are not used here"))

    def _here(self, event: Any, message: str) -> DefinitionProblem:
        return DefinitionProblem(self.file, event.start_mark.line + 1, event.start_mark.column + 1, message)


def build(model: type[M], node: Node) -> M:
    """Make the model from the tree. Raises: DefinitionError with everything that does not fit, located."""
    made, problems = attempt(model, node)
    if made is None:
        raise DefinitionError(problems)
    return made


def attempt(model: type[M], node: Node) -> tuple[M | None, list[DefinitionProblem]]:
    """Make the model from the tree, or say everything that does not fit."""
    from pydantic import ValidationError

    from firstcontact.definitions.fitting import explain, one_of_each

    try:
        return model.model_validate(node.plain()), []
    except ValidationError as problem:
        # Pydantic counts a list's good items only, and so says "too short" of a list whose one item is wrong.
        errors = [
            e for e in problem.errors(include_url=False) if e["type"] != "too_short" or not node.at(*e["loc"]).items
        ]
        return None, [
            explain(model, node, error) for error in one_of_each(node, errors[: 4 * MAX_EXPLAINED])[:MAX_EXPLAINED]
        ]


def load_checklist(folder: Path) -> Checklist:
    """Read `checklist.yaml` and the translations beside it. Raises: DefinitionError, with everything that is wrong."""
    from firstcontact.definitions.reading import read_checklist

    return read_checklist(folder)


__all__ = [
    "DefinitionError",
    "DefinitionProblem",
    "Node",
    "attempt",
    "build",
    "load_checklist",
    "parse_yaml",
    "read_yaml",
]
