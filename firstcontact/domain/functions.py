"""The functions of the condition language, one table entry each.

Those of numbers, of text and choices, and of days stand in files of their own; those about nodes (`position`,
`indexed-repeat`, `jr:choice-name`, `instance`, `pulldata`) in `nodesets`.
"""

from __future__ import annotations

from typing import Final

from firstcontact.domain.answer import Standing
from firstcontact.domain.calls import FIRST_NAME, HERE, MANY, NOW, TODAY, Frame, Function, Node, own_answer, plain
from firstcontact.domain.coercion import Result, string, truth
from firstcontact.domain.functions_dates import DATES
from firstcontact.domain.functions_numbers import NUMBERS
from firstcontact.domain.functions_texts import TEXTS, UnusablePattern, pattern

__all__ = [
    "FIRST_NAME",
    "FUNCTIONS",
    "HERE",
    "NOW",
    "TODAY",
    "Frame",
    "Function",
    "Node",
    "UnusablePattern",
    "pattern",
]


def _if(condition: Node, yes: Node, no: Node) -> Node:
    return lambda frame: yes(frame) if truth(condition(frame)) else no(frame)


def _coalesce(*args: Node) -> Node:
    def node(frame: Frame) -> Result:
        value: Result = None
        for arg in args:
            value = arg(frame)
            if value is not None and value != "" and not isinstance(value, Standing):
                return value
        return value

    return node


def _once(arg: Node) -> Node:
    def node(frame: Frame) -> Result:
        before = own_answer(frame)
        return arg(frame) if before is None or before == "" else before

    return node


FUNCTIONS: Final[dict[str, Function]] = {
    "if": Function(3, 3, _if, "any"),
    "coalesce": Function(1, MANY, _coalesce),
    "once": Function(1, 1, _once),
    "true": Function(0, 0, lambda: lambda _: True, "truth"),
    "false": Function(0, 0, lambda: lambda _: False, "truth"),
    "not": plain(lambda value: not truth(value), 1, gives="truth"),
    "boolean": plain(truth, 1, gives="truth"),
    "boolean-from-string": plain(lambda value: string(value) in ("true", "1"), 1, gives="truth"),
    **TEXTS,
    **NUMBERS,
    **DATES,
}
"""By name as it is written in a condition."""
