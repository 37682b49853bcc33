"""The compiled form of a checklist: deterministic JSON with all languages, parsed conditions and the order of steps.

Laptops load this and never YAML: loading builds frozen values straight from JSON and imports no parser and no pydantic.
The digest, SHA-256 of the RFC 8785 form, is what partners sign. A field that has its usual value is left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from decimal import Decimal
from typing import Any, Final, TypeAlias

from firstcontact.definitions.problems import DefinitionError, DefinitionProblem
from firstcontact.domain.checklist import (
    Advice,
    Block,
    Calculation,
    Checklist,
    Choice,
    Group,
    Instead,
    OfferRule,
    Question,
    Raise,
    Section,
    Table,
    Urgency,
)
from firstcontact.domain.pausing import nothing_is_garbage

_Lists: TypeAlias = "Mapping[str, tuple[Choice, ...]]"

FORMAT: Final = 1
"""The version of the compiled form; a higher one is refused with the words to update the program."""


def compile_checklist(checklist: Checklist) -> dict[str, Any]:
    """The compiled form, JSON-able; the same checklist gives the same form, whatever it was read from."""
    form = _plain(checklist)
    form.pop("digest", None)
    return {"compiled": FORMAT, **form}


def dumps(compiled: Mapping[str, Any]) -> bytes:
    """The bytes of the compiled form: RFC 8785, so that equal forms are equal bytes.

    A compiled form has text, whole numbers below 2^53, truths, lists and mappings, and of those Python's own encoder
    writes what RFC 8785 asks for, but for the order of keys with characters beyond U+FFFF (its section 3.2.3).
    """
    content = json.dumps(compiled, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if content.isascii() or max(content) <= "\uffff":
        return content.encode()
    import rfc8785

    return rfc8785.dumps(dict(compiled))


def digest_of(checklist: Checklist) -> str:
    """SHA-256, hex, of the bytes of the compiled form."""
    return hashlib.sha256(dumps(compile_checklist(checklist))).hexdigest()


def load_compiled(content: bytes) -> Checklist:
    """Read a compiled form; its digest is that of exactly these bytes.

    Raises: DefinitionError, if it is damaged or from a newer version.
    """
    try:
        with nothing_is_garbage():
            return _checklist(content)
    except (ValueError, ArithmeticError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        raise DefinitionError([_problem("the compiled checklist is damaged")]) from problem


def _checklist(content: bytes) -> Checklist:
    raw = json.loads(content)
    if not isinstance(raw, dict) or raw.get("compiled") != FORMAT:
        raise DefinitionError([_problem("this checklist is from another version of the program: update First Contact")])
    del raw["compiled"]
    lists = {name: tuple([Choice(**row) for row in rows]) for name, rows in raw.get("lists", {}).items()}
    raw["lists"] = lists
    raw["groups"] = tuple(_group(each, lists) for each in raw.get("groups", ()))
    raw["sections"] = tuple(_section(each, lists) for each in raw.get("sections", ()))
    raw["blocks"] = tuple(Block(**each) for each in raw.get("blocks", ()))
    for name in ("tables", "kept_sheets"):
        raw[name] = {key: _table(each) for key, each in raw.get(name, {}).items()}
    raw["rules"] = tuple(_rule(each) for each in raw.get("rules", ()))
    raw["advice"] = tuple(Advice(**each) for each in raw.get("advice", ()))
    raw["calculations"] = tuple(_calculation(each) for each in raw.get("calculations", ()))
    raw["reads"] = {name: tuple(each) for name, each in raw.get("reads", {}).items()}
    for name in ("languages", "at_start", "order"):
        raw[name] = tuple(raw.get(name, ()))
    return Checklist(**raw, digest=hashlib.sha256(content).hexdigest())


def _problem(message: str) -> DefinitionProblem:
    return DefinitionProblem("compiled checklist", 0, 0, message)


def _question(raw: dict[str, Any], lists: _Lists) -> Question:
    choices = raw.get("choices")
    if choices:
        raw["choices"] = tuple([Choice(**choice) for choice in choices])
    elif "choice_list" in raw:
        raw["choices"] = lists[raw["choice_list"]]
    if "trigger" in raw:
        raw["trigger"] = tuple(raw["trigger"])
    if "end" in raw:
        for name in ("start", "end", "step"):
            if name in raw:
                raw[name] = Decimal(raw[name])
    return Question(**raw)


def _calculation(raw: dict[str, Any]) -> Calculation:
    if "trigger" in raw:
        raw["trigger"] = tuple(raw["trigger"])
    return Calculation(**raw)


def _section(raw: dict[str, Any], lists: _Lists) -> Section:
    return Section(raw["id"], raw["title"], tuple([_question(each, lists) for each in raw["questions"]]))


def _group(raw: dict[str, Any], lists: _Lists) -> Group:
    questions = tuple([_question(each, lists) for each in raw["questions"]])
    return Group(raw["id"], raw["title"], raw["subject"], raw["ask"], questions)


def _table(raw: dict[str, Any]) -> Table:
    return Table(tuple(raw["columns"]), tuple([tuple(row) for row in raw["rows"]]))


def _rule(raw: dict[str, Any]) -> OfferRule:
    if "urgency" in raw:
        raw["urgency"] = Urgency(raw["urgency"])
    for name in ("fields", "packs"):
        raw[name] = tuple(raw.get(name, ()))
    raw["raises"] = tuple(Raise(**{**each, "to": Urgency(each["to"])}) for each in raw.get("raises", ()))
    raw["signposted"] = tuple(Instead(**each) for each in raw.get("signposted", ()))
    return OfferRule(**raw)


_USUAL: dict[type, tuple[tuple[str, Any], ...]] = {}


def _plain(value: Any) -> Any:
    """A domain value as JSON, without the fields that have their usual value. Definitions are shallow."""
    kind = type(value)
    if kind is str or kind is int or value is None or kind is bool:
        return value
    if kind is tuple or kind is list:
        return [_plain(each) for each in value]
    if kind is dict:
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, str | Decimal):
        return str(value)
    usual = _USUAL.get(kind)
    if usual is None:
        usual = _USUAL[kind] = tuple(
            (each.name, each.default_factory() if each.default_factory is not MISSING else each.default)
            for each in fields(kind)
        )
    # The choices of a shared list stand once, in that list: a long one is not gone through for each of its questions.
    shared = "choices" if kind is Question and value.choice_list is not None else ""
    return {
        name: _plain(found) for name, default in usual if name != shared and (found := getattr(value, name)) != default
    }
