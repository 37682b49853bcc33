"""Every act of a user, once: its name, its keys, what `?` says of it, and on which screens it works.

The screens look keys up here and nowhere else, the bottom line and `?` are made from here: so one letter has one
meaning, and no list can show a key that does nothing. A screen runs the command `name` in its method `do_<name>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from firstcontact.tui.words import _


class Where(StrEnum):
    """The screens, as far as keys go."""

    UNLOCK = "unlock"
    SET_UP = "set-up"
    TODAY = "today"
    HOUSEHOLD = "household"
    QUESTION = "question"
    AGREEMENT = "agreement"
    REVIEW = "review"
    REFERRALS = "referrals"
    PANEL = "panel"
    """A short list or text box over a screen: stop, parts, find, offers, note, keys."""


_VISIT: Final = frozenset({Where.HOUSEHOLD, Where.QUESTION, Where.AGREEMENT, Where.REVIEW})
_OPEN: Final = _VISIT | {Where.TODAY, Where.REFERRALS}
_LISTS: Final = _OPEN | {Where.PANEL, Where.UNLOCK, Where.SET_UP}
EVERYWHERE: Final = frozenset(Where)


@dataclass(frozen=True, slots=True)
class Command:
    """One act."""

    name: str
    keys: tuple[str, ...]
    """Key names; a printable key is named by its character, lower case."""
    help: str
    """What `?` says: one sentence without a stop."""
    where: frozenset[Where]
    shown: str = ""
    """How the key is printed, where that differs from the first key."""

    @property
    def key_words(self) -> str:
        """The key as it is printed."""
        return self.shown or self.keys[0]


def _on(*where: Where) -> frozenset[Where]:
    return frozenset(where)


_Q, _A, _R, _T, _H, _M = (
    Where.QUESTION,
    Where.AGREEMENT,
    Where.REVIEW,
    Where.TODAY,
    Where.HOUSEHOLD,
    Where.REFERRALS,
)

COMMANDS: Final = (
    Command("undo", ("ctrl+z",), _("I pressed the wrong thing: take it back"), _VISIT | {_T}),
    Command("redo", ("ctrl+y",), _("put back what was taken back"), _VISIT),
    Command("enter", ("enter",), _("the marked thing; go on"), _LISTS, "Enter"),
    Command("back", ("escape",), _("back one level, close a panel; nothing is dropped"), EVERYWHERE, "Esc"),
    Command("up", ("up",), _("the choice above"), _LISTS, "↑"),
    Command("down", ("down",), _("the choice below"), _LISTS, "↓"),
    Command("page_up", ("pageup",), _("further up"), _LISTS, "PgUp"),
    Command("page_down", ("pagedown",), _("further down"), _LISTS, "PgDn"),
    Command("before", ("left", "b"), _("the question or offer before"), _on(_Q, _A), "←"),
    Command("after", ("right",), _("the question or offer after, without answering"), _on(_Q, _A), "→"),
    Command("next_field", ("tab",), _("next field or panel"), _on(Where.UNLOCK, Where.SET_UP, Where.PANEL), "Tab"),
    Command("field_before", ("shift+tab",), _("field before"), _on(Where.UNLOCK, Where.SET_UP, Where.PANEL), "⇧Tab"),
    Command("yes", ("y",), _("yes"), _on(_Q, _A)),
    Command("no", ("n",), _("no; on an agreed line: no longer wanted"), _on(_Q, _A, _R)),
    Command("unsure", ("u",), _("does not know"), _on(_Q)),
    Command("rather_not", ("p",), _("would rather not say"), _on(_Q)),
    Command("has_help", ("h",), _("has help already"), _on(_Q, _A)),
    Command("not_asked", ("s",), _("not asked"), _on(_Q)),
    Command("not_safe", ("x",), _("not safe to ask"), _on(_Q)),
    Command("choice", tuple("123456789"), _("the numbered choice"), _on(_Q, _A, _H, Where.PANEL), "1..9"),
    Command("not_today", ("d",), _("not today"), _on(_A)),
    Command("rang", ("k",), _("I rang them: who, and what was said"), _on(_A)),
    Command("note", ("w",), _("write a note on this question"), _on(_Q)),
    Command("change", ("e",), _("change a fact"), _on(_H, _R)),
    Command("offers", ("o",), _("offers: settle one at any time"), _on(_Q)),
    Command("parts", ("g",), _("the list of parts"), _on(_Q)),
    Command("find", ("/",), _("find a question"), _on(_Q)),
    Command("jump", ("j",), _("the next question still to ask"), _on(_Q)),
    Command("people", ("c",), _("the people here; the other person"), _on(_Q, _H)),
    Command("add", ("a",), _("add a person; on Today a new visit"), _on(_T, _H)),
    Command("review", ("r",), _("review: what is passed on"), _on(_Q, _A)),
    Command("finish", ("f",), _("finish"), _on(_R)),
    Command("mine", ("m",), _("my referrals"), _on(_T)),
    Command("show", ("space",), _("show or hide names; in the room or not; tick"), _on(_T, _M, _H, _Q), "space"),
    Command("stop", ("q",), _("the Stop menu"), _OPEN),
    Command("stop_anywhere", ("ctrl+q",), _("the Stop menu, from anywhere"), EVERYWHERE),
    Command("lock", ("ctrl+l",), _("hide and lock now"), _OPEN | {Where.PANEL}),
    Command("saved", ("ctrl+s",), _("say what is saved"), _OPEN | {Where.PANEL}),
    Command("copy", ("ctrl+c",), _("never quits: says how to stop"), EVERYWHERE),
    Command("keys", ("?", "f1"), _("the keys that work now"), _OPEN),
    Command("network", ("ctrl+n",), _("demo only: the network off and on"), _OPEN),
)

BY_NAME: Final[Mapping[str, Command]] = {command.name: command for command in COMMANDS}

ANSWERING: Final = frozenset({"yes", "no", "unsure", "rather_not", "has_help", "not_asked", "not_safe", "choice"})
"""Commands that answer a question with one key: the pace guard stands before them."""

FROM_ANYWHERE: Final = ("stop_anywhere", "lock", "saved", "copy", "network")
"""Commands that work while a text box has the keyboard, too."""


@lru_cache(maxsize=512)
def command_for(key: str, where: Where) -> Command | None:
    """Return the command that a key runs on a screen, or None."""
    return next((command for command in COMMANDS if key in command.keys and where in command.where), None)


def commands_on(where: Where) -> tuple[Command, ...]:
    """The commands of one screen, in the order of the table."""
    return tuple(command for command in COMMANDS if where in command.where)


HINTS: Final[Mapping[Where, tuple[tuple[str, str], ...]]] = {
    # (key as printed, word) for the bottom line; the rightmost fall away first in a small window, `?` never does
    Where.UNLOCK: ((_("Tab"), _("next")), (_("Enter"), _("choose")), ("ctrl+q", _("close"))),
    Where.SET_UP: (
        (_("Tab"), _("next")),
        (_("Enter"), _("go on")),
        (_("Esc"), _("back, nothing lost")),
        ("ctrl+q", _("stop and go on later")),
    ),
    Where.TODAY: (
        (_("Enter"), _("open")),
        ("a", _("new visit")),
        ("space", _("show names")),
        ("m", _("mine")),
        ("q", _("stop")),
    ),
    Where.HOUSEHOLD: (
        (_("Enter"), _("choose")),
        ("a", _("add")),
        ("space", _("in the room")),
        ("e", _("change")),
        ("c", _("other person")),
        (_("Esc"), _("back")),
    ),
    Where.QUESTION: (
        ("← →", _("move")),
        ("w", _("note")),
        ("o", _("offers")),
        ("g", _("parts")),
        ("/", _("find")),
        ("r", _("review")),
        ("q", _("stop")),
        ("j", _("next to ask")),
        ("c", _("people")),
    ),
    Where.AGREEMENT: (
        (_("Enter"), _("next offer")),
        ("← →", _("move")),
        ("r", _("review")),
        ("q", _("stop")),
    ),
    Where.REVIEW: (
        ("f", _("finish")),
        (_("Enter"), _("ask")),
        ("n", _("no longer wanted")),
        ("e", _("change")),
        ("q", _("stop")),
    ),
    Where.REFERRALS: ((_("Enter"), _("open")), ("space", _("names")), (_("Esc"), _("back")), ("q", _("stop"))),
    Where.PANEL: ((_("Enter"), _("choose")), (_("Esc"), _("back"))),
}
