"""Answers as people write them: the token, the label, or enough of the label to be sure."""

from __future__ import annotations

import re
from typing import Final

from firstcontact.domain.answer import NotAnAnswer, Standing, Value, from_text, from_tokens
from firstcontact.domain.checklist import Question
from firstcontact.domain.condition import nearest

_STANDING: Final = {standing.value: standing for standing in Standing} | {
    "do-not-know": Standing.DONT_KNOW,
    "does-not-know": Standing.DONT_KNOW,
    "would-rather-not-say": Standing.PREFERS_NOT_TO_SAY,
    "has-help": Standing.ALREADY_GETTING_HELP,
}
_NOTHING: Final = frozenset({"none", "no", "nothing", "neither", "none-of-these"})
_ALL: Final = frozenset({"both", "all"})


class UnknownChoice(NotAnAnswer):
    """The text is none of the question's choices."""

    def __init__(self, text: str, question: Question) -> None:
        super().__init__(f"'{text}' is none of: {', '.join(question.tokens)}")
        self.suggestion = nearest(slug(text), question.tokens)


def slug(text: str) -> str:
    """Lower case, words joined by hyphens, apostrophes gone: "Don't know" -> "dont-know"."""
    return re.sub(r"[\s_\-/,.()]+", "-", text.strip().lower().replace("'", "").replace("’", "")).strip("-")


def answer_of(question: Question, given: tuple[str, ...]) -> Value:
    """The value of what was written in an answers file, a single text or a list.

    Raises: NotAnAnswer; UnknownChoice for a choice that the question does not have.
    """
    if len(given) == 1 and slug(given[0]) in _STANDING and given[0] not in question.tokens:
        return _STANDING[slug(given[0])]
    match question.type:
        case "yes-no":
            if slug(_single(given)) not in question.tokens:
                raise UnknownChoice(_single(given), question)
            return slug(given[0])
        case "one-of" | "level":
            return _choice(question, _single(given))
        case "rank":
            parts = given if len(given) > 1 else tuple(re.split(r"\s*[,;]\s*", given[0].strip()))
            chosen = [_choice(question, part) for part in parts]
            return from_text("rank", " ".join(chosen), question.tokens)
        case "any-of":
            return _choices(question, given)
        case _:
            return from_text(question.type, _single(given))


def _single(given: tuple[str, ...]) -> str:
    if len(given) != 1:
        raise NotAnAnswer("One answer is expected here, not a list.")
    return given[0]


def _choices(question: Question, given: tuple[str, ...]) -> Value:
    parts = given
    if len(given) == 1:
        if slug(given[0]) in _ALL and given[0] not in question.tokens:
            return tuple(choice.token for choice in question.choices if not choice.exclusive)
        try:
            return from_tokens([_choice(question, given[0])], question.tokens)
        except UnknownChoice:
            parts = tuple(part for part in re.split(r"\s*[,;]\s*|\s+and\s+", given[0].strip()) if part)
            if len(parts) == 1 and " " in given[0].strip():
                parts = tuple(given[0].split())
            if len(parts) < 2:
                raise
    tokens = list(dict.fromkeys(_choice(question, part) for part in parts))
    exclusive = {choice.token for choice in question.choices if choice.exclusive}
    if len(tokens) > 1:
        tokens = [token for token in tokens if token not in exclusive]
    return from_tokens([token for token in tokens if token], question.tokens)


def _choice(question: Question, text: str) -> str:
    """The token; blank text for "none" where the question has no such choice."""
    wanted = slug(text)
    for choice in question.choices:
        if text.strip() == choice.token or wanted in {slug(choice.token), slug(choice.label.get("en", ""))}:
            return choice.token
    if wanted in _NOTHING:
        nothing = [choice.token for choice in question.choices if choice.exclusive or choice.token in _NOTHING]
        if len(nothing) == 1:
            return nothing[0]
        if question.type == "any-of" and not nothing:
            return ""
    words = set(wanted.split("-"))
    near = [
        choice.token
        for choice in question.choices
        if words <= {*slug(choice.token).split("-"), *slug(choice.label.get("en", "")).split("-")}
    ]
    if len(near) == 1 and wanted:
        return near[0]
    if (
        question.fact
        and question.type == "any-of"
        and "other" in question.tokens
        and not nearest(wanted, question.tokens)
    ):
        # Who lives with whom, and what helps to follow, have more answers than any list: they count as "other".
        return "other"
    raise UnknownChoice(text, question)
