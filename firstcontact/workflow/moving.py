"""From one item of an agenda to another, and what was answered on the way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from firstcontact.domain.events import HOME, Event
from firstcontact.workflow.agenda import Agenda

_JUST_NOW: Final = 4
_CODE: Final = re.compile(r"[A-Z]{1,2}\d{1,2}[a-z]?\d?\Z", re.ASCII)
"""An id that people use as a name: A1, X3b."""


def there(agenda: Agenda, item_id: str) -> str:
    """The item that a question is on, if it is on the list now; else blank."""
    if not agenda.knows(item_id):
        return ""
    main = agenda.main_of(item_id)
    return main if main in agenda.items(keep=main) else ""


def next_to_ask(agenda: Agenda, item_id: str | None) -> str | None:
    """The next item after one that still has something to ask, going round once."""
    items = agenda.items(keep=item_id)
    start = items.index(item_id) + 1 if item_id in items else 0
    return next((item for item in (*items[start:], *items[:start]) if agenda.is_open(item)), None)


def neighbour(agenda: Agenda, item_id: str, step: int) -> str | None:
    """The item after (1) or before (-1) another; of one that an answer took off the list, the nearest that way."""
    items = agenda.items(keep=item_id)
    if item_id in items:
        place = items.index(item_id) + step
        return items[place] if 0 <= place < len(items) else None
    sheet = agenda.sheet
    nodes = set(sheet.nodes())
    if item_id not in nodes:
        return items[0] if items else None
    at = sheet.position(item_id)
    order: Sequence[str] = items if step > 0 else items[::-1]
    return next((item for item in order if item in nodes and (sheet.position(item) - at) * step > 0), None)


def recent(agenda: Agenda, events: Sequence[Event]) -> tuple[tuple[str, str, str], ...]:
    """(question id, its words, short, answer in words) of the last few answers of this person, newest last."""
    rows: dict[str, tuple[str, str, str]] = {}
    for event in reversed(events):
        node = str(event.data.get("question"))
        if event.type != "AnswerRecorded" or node in rows or event.subject not in {agenda.person, HOME}:
            continue
        if agenda.knows(node) and (said := agenda.value_words(question := agenda.sheet.question(node))):
            rows[node] = (node, agenda.short(question), said)
        if len(rows) == _JUST_NOW:
            break
    return tuple(reversed(rows.values()))


def told(item_id: str, short: str, answer: str) -> str:
    """An answer in a list of answers: the id, where people use it as a name, a few of its words, what was said."""
    head = f"{item_id}, {short}" if _CODE.match(item_id) else short
    return f"{head} {answer}" if head.endswith("?") else f"{head}: {answer}"
