"""The words of a checklist in all of its languages, and its conditions parsed, while it is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firstcontact.definitions.translation_models import TranslationModel
from firstcontact.domain.answer import Text
from firstcontact.domain.checklist import Choice
from firstcontact.domain.condition import Ast, parse
from sync.base.safe_text import safe_text


class Wordbook:
    """What texts and conditions of one checklist have been met so far."""

    def __init__(self, language: str, translations: Mapping[str, TranslationModel]) -> None:
        self.language = language
        self.translations = translations
        self.choices: dict[str, tuple[Choice, ...]] = {}
        """Question -> its choices, which many may share."""
        self.conditions: dict[str, Ast] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The language that the checklist was written in first, then its translations."""
        return (self.language, *(code for code in self.translations if code != self.language))

    def label(self, question: str, token: str) -> Text | None:
        """The label of a choice; None if there is no such choice."""
        return next((choice.label for choice in self.choices.get(question, ()) if choice.token == token), None)

    def condition(self, text: str) -> str:
        """The same text, parsed on the way. Raises: ConditionError."""
        if text not in self.conditions:
            self.conditions[text] = parse(text)
        return text

    def maybe_filter(self, text: str | None) -> str | None:
        """As maybe_condition(), of a choice filter, where a bare word is a column."""
        if text is not None and text not in self.conditions:
            self.conditions[text] = parse(text, of_rows=True)
        return text

    def maybe_condition(self, text: str | None) -> str | None:
        """As condition(), of one that may be left out."""
        return None if text is None else self.condition(text)

    def text(self, said: str, path: tuple[str, ...]) -> Text:
        """The words in every language that has them; `path` leads to them in a language file."""
        text = {self.language: safe_text(said.strip(), multiline=True)}
        for language, translation in self.translations.items():
            found = _translated(translation, path)
            if found:
                text[language] = safe_text(found.strip(), multiline=True)
        return text

    def maybe_text(self, said: str | None, path: tuple[str, ...]) -> Text | None:
        """As text(), of words that may be left out."""
        return None if said is None else self.text(said, path)


def _translated(translation: TranslationModel, path: tuple[str, ...]) -> str | None:
    place: Any = translation
    for step in path:
        place = place.get(step) if isinstance(place, Mapping) else getattr(place, step, None)
        if place is None:
            return None
    return place if isinstance(place, str) else None
