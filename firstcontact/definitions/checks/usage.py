"""What stands in a checklist and is of no use: never read, never sent, never asked; and what is missing to use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from firstcontact.definitions.checks.wordings import MANY, NAMED, wordings
from firstcontact.definitions.outline import Entry, Outline, conditions, listed, rules_of
from firstcontact.definitions.problems import DefinitionProblem, Level
from firstcontact.definitions.yaml import Node
from firstcontact.domain.checklist import DERIVED, FACTS
from firstcontact.domain.condition import references

PACK_FACTS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "ADDR": (("address",), ("postcode",)),
    "DOB": (("date_of_birth",),),
    "BAND": (("age_band", "date_of_birth"),),
    "TEN": (("tenure",),),
    "HH": (("people", "lives_with"),),
    "LIVES": (("lives_with", "people"),),
    "GP": (("gp_practice",),),
    "ALT": (("other_name",), ("other_agreed",)),
    "LTC": (("long_term_condition",),),
}
"""Pack -> the facts that it carries, each as one of several that will do."""
_MADE_OF: Final[Mapping[str, str]] = {
    "age": "date_of_birth",
    "pension_age": "date_of_birth",
    "postcode_district": "postcode",
}
"""A name that is worked out -> the fact that it is worked out from."""


def check_usage(found: Outline, translations: Mapping[str, Node]) -> Iterator[DefinitionProblem]:
    """Unused calculations and lists, details nobody receives, facts nobody asks, choices that read alike."""
    read = _names_read(found, translations)
    ours = not found.imported
    level: Level = "warning" if ours else "hint"
    yield from _unused(found, read, level)
    yield from _same_labels(found, level)
    yield from _facts_read(found)
    if ours:
        yield from _parts_of_no_use(found, read)
        yield from _facts_of_packs(found)


def _names_read(found: Outline, translations: Mapping[str, Node]) -> frozenset[str]:
    """The ids that a condition or a wording reads, or that travel with an offer."""
    names = {name for each in conditions(found) for name, _ in references(each.node.text)}
    for node in wordings(found, translations):
        names.update(match[1] for match in NAMED.finditer(node.text))
    for entry in found.questions:
        names |= {sent.text for _, rule in rules_of(entry) for sent in listed(rule, "fields")}
        names |= {entry.text("evidence") or ""}
    return frozenset(each.id for name in names if (each := found.named(name.strip())) is not None)


def _unused(found: Outline, read: frozenset[str], level: Level) -> Iterator[DefinitionProblem]:
    for entry in found.of("calculation"):
        if entry.id not in read and "label" not in entry.node.entries:
            yield entry.mark.problem(f"nothing reads the calculation {entry.id}", code="unused", level=level)
    used = {entry.text("list") for entry in found.questions}
    for name in found.lists:
        if name not in used:
            mark = found.root.at("lists").keys.get(name, found.root)
            yield mark.problem(f"no question chooses from the list {name[:60]}", code="unused", level=level)


def _same_labels(found: Outline, level: Level) -> Iterator[DefinitionProblem]:
    """Choices with one label: nobody can tell them apart."""
    seen_lists: set[int] = set()
    for entry in found.questions:
        if not entry.choices or id(entry.choices[0]) in seen_lists or "filter" in entry.node.entries:
            continue
        seen_lists.add(id(entry.choices[0]))
        labels: dict[str, Node] = {}
        for row in entry.choices:
            label = row.entries.get("label")
            if label is None or label.kind != "text":
                continue
            words = " ".join(label.text.casefold().split())
            first = labels.setdefault(words, row)
            if first is not row and first.at("choice").text != row.at("choice").text:
                said = f"'{row.at('choice').text}' reads like '{first.at('choice').text}': nobody can tell them apart"
                yield label.problem(said, code="same-label", level=level)


def _parts_of_no_use(found: Outline, read: frozenset[str]) -> Iterator[DefinitionProblem]:
    """Details that no offer sends, follow-ups that decide nothing."""
    idle = []
    for entry in found.questions:
        if entry.id in read or entry.safeguarding or entry.type == "note":
            continue
        if entry.role == "detail":
            words = f"nobody receives the detail {entry.id}: no offer has it in `fields`"
            yield entry.mark.problem(words, code="detail-not-sent", level="warning")
        elif entry.role == "follow-up" and not any(True for _ in rules_of(entry)):
            idle.append(entry)
    if len(idle) > MANY:
        words = f"nothing depends on {len(idle)} follow-ups, and no offer sends them: {_first(idle)}"
        yield idle[0].mark.problem(words, code="decides-nothing", level="hint")
        return
    for entry in idle:
        words = f"nothing depends on the follow-up {entry.id}, and no offer sends it"
        yield entry.mark.problem(words, code="decides-nothing", level="hint")


def _first(entries: Sequence[Entry]) -> str:
    shown = ", ".join(entry.id for entry in entries[:MANY])
    return f"{shown} ..." if len(entries) > MANY else shown


def _facts_read(found: Outline) -> Iterator[DefinitionProblem]:
    """Facts that conditions read and no question asks: blank, unless they are known from elsewhere."""
    told: set[str] = set()
    for each in conditions(found):
        for name, position in references(each.node.text):
            fact = _MADE_OF.get(name, name) if name in DERIVED else name
            wanted = {fact, "age_band"} if name in ("age", "pension_age") else {fact}
            if name in found.by_id or name in told or name not in FACTS | DERIVED or wanted & found.facts.keys():
                continue
            told.add(name)
            words = f"no question asks for the fact '{fact}', so {name} stays blank"
            yield each.node.problem(words, offset=position, code="fact-not-asked", level="warning")


def _facts_of_packs(found: Outline) -> Iterator[DefinitionProblem]:
    told: set[str] = set()
    for entry in found.questions:
        for _, rule in rules_of(entry):
            for pack in listed(rule, "packs"):
                mark = pack if pack.kind == "text" else pack.at("pack")
                missing = [
                    facts for facts in PACK_FACTS.get(mark.text, ()) if not any(fact in found.facts for fact in facts)
                ]
                if missing and mark.text not in told:
                    told.add(mark.text)
                    names = " and ".join(" or ".join(f"'{fact}'" for fact in facts) for facts in missing)
                    words = f"the pack {mark.text} carries the fact {names}, which no question asks for"
                    yield mark.problem(words, code="fact-not-asked", level="warning")
