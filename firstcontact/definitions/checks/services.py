"""What a checklist and a scheme must agree on: services, packs and details that have a way to go.

Who serves which area from when to when stands in `coverage`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from firstcontact.definitions.checks.coverage import check_coverage, check_hours
from firstcontact.definitions.checks.usage import PACK_FACTS
from firstcontact.definitions.outline import Outline, listed, rules_of
from firstcontact.definitions.problems import DefinitionProblem
from firstcontact.definitions.yaml import Node
from firstcontact.domain.condition import nearest
from firstcontact.domain.directory import Directory

URGENT = frozenset({"urgent", "immediate"})
_NEVER_SENT = "PHONE"
"""The pack of a telephone partner: it says that nothing is sent."""


@dataclass(slots=True)
class Called:
    """A service as the offers of a checklist call for it."""

    mark: Node
    """Where it is named first."""
    packs: dict[str, Node] = field(default_factory=dict)
    fields: dict[str, Node] = field(default_factory=dict)
    urgent: Node | None = None
    """Where it is said that it can be urgent."""


def check_services(found: Outline, directory: Directory, partners: Node, on: date) -> Iterator[DefinitionProblem]:
    """Everything that the checklist and the scheme disagree about. `partners`: partners.yaml, for its places."""
    yield from _unknown(found, directory)
    run = {row.service for partner in directory.partners for row in partner.services}
    called = {service: each for service, each in _called(found).items() if service in run}
    for service, each in called.items():
        yield from _not_received(service, each, directory)
        yield from check_coverage(service, each.mark, directory, partners, on)
        if each.urgent is not None:
            yield from check_hours(service, directory, partners)
    yield from _never_sent(found, called, partners)


def _unknown(found: Outline, directory: Directory) -> Iterator[DefinitionProblem]:
    """Services that the scheme does not have, or that nobody runs."""
    known = directory.service_by_id
    run = {row.service for partner in directory.partners for row in partner.services}
    told: set[str] = set()
    for entry in found.questions:
        for kind, rule in rules_of(entry):
            if kind == "advice":
                continue
            for mark in (node for key in ("service", "otherwise") if (node := rule.entries.get(key)) is not None):
                if mark.text not in known:
                    words = f"'{mark.text[:60]}' is no service of the scheme"
                    yield mark.problem(words, nearest(mark.text, known), code="unknown-service")
                elif mark.text not in run and kind == "offers" and mark.text not in told:
                    told.add(mark.text)
                    yield mark.problem(f"no partner runs '{mark.text[:60]}'", code="service-not-run")


def _called(found: Outline) -> dict[str, Called]:
    called: dict[str, Called] = {}
    for entry in found.questions:
        for kind, rule in rules_of(entry):
            if kind not in ("offers", "adds_reason"):
                continue
            marks = [node for key in ("service", "otherwise") if (node := rule.entries.get(key)) is not None]
            for number, mark in enumerate(marks):
                each = called.setdefault(mark.text, Called(mark))
                if not number:
                    each.packs |= {_code(pack).text: _code(pack) for pack in listed(rule, "packs")}
                    each.fields |= {sent.text: sent for sent in listed(rule, "fields")}
                each.urgent = each.urgent or _urgent(rule)
    return called


def _code(pack: Node) -> Node:
    return pack if pack.kind == "text" else pack.at("pack")


def _urgent(rule: Node) -> Node | None:
    levels = [rule.entries.get("urgency"), *(each.entries.get("to") for each in listed(rule, "raise"))]
    return next((node for node in levels if node is not None and node.text in URGENT), None)


def _not_received(service: str, each: Called, directory: Directory) -> Iterator[DefinitionProblem]:
    """Packs and answers that no partner of the service may get."""
    rows = [row for partner in directory.partners for row in partner.services if row.service == service]
    received = {code for row in rows for code in row.packs}
    telephone = all(partner.channel == "none" for partner in directory.partners if partner.service(service))
    for code, mark in each.packs.items():
        if code not in received and code != _NEVER_SENT and not telephone:
            words = f"no partner may get {code} for {service}, so it never goes"
            yield mark.problem(words, code="pack-not-received", level="warning")
    for question, mark in each.fields.items():
        if question not in received:
            words = f"no partner may get {question} for {service}, so the answer never goes"
            yield mark.problem(words, code="detail-not-received", level="warning")


def _never_sent(found: Outline, called: Mapping[str, Called], partners: Node) -> Iterator[DefinitionProblem]:
    """What partners may get and no offer sends. A name that is not of this checklist may be of another."""
    for partner in listed(partners, "partners"):
        for row in listed(partner, "services"):
            service = row.at("service").text
            each = called.get(service)
            if each is None:
                continue
            yield from _row_never_sent(found, each, service, partner.at("partner").text, row)


def _row_never_sent(found: Outline, each: Called, service: str, who: str, row: Node) -> Iterator[DefinitionProblem]:
    idle: list[Node] = []
    for mark in listed(row, "packs"):
        if mark.text in each.packs or mark.text in each.fields:
            continue
        if mark.text in found.by_id:
            words = f"{who} may get {mark.text} for {service}, but no offer sends it"
            yield mark.problem(words, code="detail-not-sent", level="warning")
        elif mark.text in PACK_FACTS and not _instead(found, service, mark.text):
            idle.append(mark)
    if idle:
        packs = ", ".join(mark.text for mark in idle)
        words = f"{who} may get {packs} for {service}, but no offer of this checklist sends that"
        yield idle[0].problem(words, code="pack-not-used", level="hint")


def _instead(found: Outline, service: str, code: str) -> bool:
    """Whether an offer that ends with this service `otherwise` has a pack."""
    for entry in found.questions:
        for _, rule in rules_of(entry):
            if rule.at("otherwise").text == service and any(_code(pack).text == code for pack in listed(rule, "packs")):
                return True
    return False
