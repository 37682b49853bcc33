"""A checklist file as the list of what stands in it, each with its place: read from the tree and not from the models.

So a file with a misspelt field is still told everything else. Nothing here is judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from firstcontact.definitions.yaml import Node
from firstcontact.domain.checklist import FACTS

Kind: TypeAlias = Literal["question", "calculation", "group", "repeat"]
KINDS: Final[tuple[Kind, ...]] = ("question", "group", "repeat", "calculation")
FOLLOWING: Final[Mapping[str, str]] = {"follow_ups": "follow-up", "details": "detail"}
RULES: Final = ("offers", "adds_reason", "signposts")
YES_NO: Final = ("yes", "no")
OTHER: Final = "other"


@dataclass(slots=True, eq=False)
class Entry:
    """A question, calculation, group or repeat."""

    id: str
    kind: Kind
    node: Node
    """All of it."""
    mark: Node
    """Its id."""
    role: str = ""
    """Of a question: fact, main, follow-up or detail; `other` for what a choice "other" asks of itself."""
    type: str = ""
    parent: str | None = None
    """The main question of a follow-up or detail."""
    blocks: tuple[str, ...] = ()
    """Ids of the groups and repeats around it, the outermost first."""
    choices: tuple[Node, ...] = ()
    """Choices as they stand, of its own or of its shared list."""
    safeguarding: bool = False

    def text(self, key: str) -> str | None:
        """What stands at a key, if text does."""
        found = self.node.entries.get(key)
        return found.text if found is not None and found.kind == "text" else None

    @property
    def flagged(self) -> frozenset[str]:
        """Tokens of choices that stand alone."""
        return frozenset(row.at("choice").text for row in self.choices if is_yes(row, "exclusive"))

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens of its choices, each once; the standing answers are not among them."""
        if self.type == "yes-no":
            return YES_NO
        found = dict.fromkeys(row.entries["choice"].text for row in self.choices if "choice" in row.entries)
        if is_yes(self.node, OTHER):
            found[OTHER] = None
        return tuple(found)


@dataclass(slots=True, eq=False)
class Written:
    """A condition or expression as it stands, and what it is for."""

    node: Node
    entry: Entry | None
    """Whose it is."""
    use: str
    """relevant, constraint, required, count, filter, default, calculation; of rules: when, raise, signposted, pack."""
    rule: Node | None = None
    """The offer, signpost, reason or advice that it belongs to."""


@dataclass(slots=True, eq=False)
class Outline:
    """Everything that a checklist file holds, in its order. Of two with one id, `by_id` has the first."""

    root: Node
    entries: list[Entry] = field(default_factory=list)
    by_id: dict[str, Entry] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    """Fact -> the id of the first question that asks for it."""
    lists: dict[str, Node] = field(default_factory=dict)

    @property
    def imported(self) -> bool:
        """Whether it came out of a workbook, whose authors knew other rules than ours (`kept` stands at the top)."""
        return "kept" in self.root.entries

    def of(self, *kinds: Kind) -> Iterator[Entry]:
        """The entries of these kinds."""
        return (entry for entry in self.entries if entry.kind in kinds)

    @property
    def questions(self) -> Iterator[Entry]:
        """The questions, facts first."""
        return self.of("question")

    def named(self, name: str) -> Entry | None:
        """What a condition means by a name: a question, a calculation, a block, or the question that asks a fact."""
        found = self.by_id.get(name)
        return found if found is not None else self.by_id.get(self.facts.get(name, ""))


def outline(root: Node) -> Outline:
    """List what stands in a checklist file."""
    found = Outline(root)
    lists = root.entries.get("lists")
    found.lists = dict(lists.entries) if lists is not None else {}
    for group in listed(root, "facts"):
        for question in listed(group, "questions"):
            _add_question(found, question, "fact")
    for section in listed(root, "sections"):
        _add_entries(found, section, ())
    for calculation in listed(root, "calculations"):
        _add(found, calculation, "calculation", ())
    for entry in found.questions:
        fact = entry.text("fact")
        if fact is not None and fact in FACTS:
            found.facts.setdefault(fact, entry.id)
    return found


def listed(node: Node, name: str) -> list[Node]:
    """The items at a key that holds a list."""
    found = node.entries.get(name)
    return found.items if found is not None and found.kind == "list" else []


def is_yes(node: Node, key: str) -> bool:
    """Whether a flag is set."""
    found = node.entries.get(key)
    return found is not None and found.text in ("yes", "true")


def _add_entries(found: Outline, holder: Node, blocks: tuple[str, ...]) -> None:
    # Files are nested 30 deep at most, so this recursion has its end.
    for node in listed(holder, "questions"):
        kind: Kind = next((kind for kind in KINDS if kind in node.entries), "question")
        if kind == "question":
            _add_question(found, node, "main", blocks)
            continue
        entry = _add(found, node, kind, blocks)
        if kind != "calculation":
            _add_entries(found, node, blocks if entry is None else (*blocks, entry.id))


def _add_question(found: Outline, node: Node, role: str, blocks: tuple[str, ...] = ()) -> None:
    main = _add(found, node, "question", blocks, role=role)
    if role == "fact":
        return
    for key, part_role in FOLLOWING.items():
        for part in listed(node, key):
            entry = _add(found, part, "question", blocks, role=part_role)
            if entry is not None and main is not None:
                entry.parent, entry.safeguarding = main.id, main.safeguarding


def _add(found: Outline, node: Node, kind: Kind, blocks: tuple[str, ...], *, role: str = "") -> Entry | None:
    mark = node.entries.get(kind)
    if mark is None or mark.kind != "text":
        return None
    entry = Entry(mark.text, kind, node, mark, role, node.at("type").text, blocks=blocks)
    shared = found.lists.get(entry.text("list") or "")
    entry.choices = tuple(shared.items if shared is not None else listed(node, "choices"))
    entry.safeguarding = is_yes(node, "safeguarding")
    found.entries.append(entry)
    found.by_id.setdefault(entry.id, entry)
    if kind == "question" and is_yes(node, OTHER):
        what = Entry(f"{entry.id}_other", "question", node, mark, OTHER, "text", entry.id, blocks)
        found.by_id.setdefault(what.id, what)
    return entry


def conditions(found: Outline) -> Iterator[Written]:
    """Every condition and expression of the file."""
    for entry in found.entries:
        for use in ("relevant", "constraint", "required", "count", "filter", "default", "calculation", "value"):
            node = entry.node.entries.get(use)
            if node is None or node.kind != "text" or (use == entry.kind == "calculation"):
                continue
            if use == "required" and node.text in YES_NO:
                continue
            yield Written(node, entry, "calculation" if use == "value" else use)
        if entry.kind == "question":
            yield from _of_rules(entry)


def rules_of(entry: Entry) -> Iterator[tuple[str, Node]]:
    """The rules and pieces of advice under a question, each with the key that it stands under."""
    for key in (*RULES, "advice"):
        for rule in listed(entry.node, key):
            yield key, rule


def _of_rules(entry: Entry) -> Iterator[Written]:
    for _, rule in rules_of(entry):
        inner = [(use, part) for use in ("raise", "signposted", "packs") for part in listed(rule, use)]
        for use, holder in (("when", rule), *inner):
            node = holder.entries.get("when")
            if node is not None and node.kind == "text":
                yield Written(node, entry, "pack" if use == "packs" else use, rule)
