"""What may stand in a language file beside checklist.yaml: the same ids, other words."""

from __future__ import annotations

from pydantic import Field

from firstcontact.definitions.scalars import DefinitionModel, Id, Language, Name, Short, Token, Words


class QuestionWords(DefinitionModel):
    """The words of one question in another language."""

    say: Words | None = None
    short: Short | None = None
    prompt: Words | None = None
    message: Words | None = None
    required_message: Words | None = None
    choices: dict[Token, Words] = Field(default={})


class TranslationModel(DefinitionModel):
    """A language file beside checklist.yaml, such as cy.yaml."""

    language: Language
    title: Words | None = None
    facts: dict[Id, Words] = Field(default={})
    sections: dict[Id, Words] = Field(default={})
    questions: dict[Name, QuestionWords] = Field(default={})
    groups: dict[Name, Words] = Field(default={})
    """Titles of groups and repeats."""
    lists: dict[Name, dict[Token, Words]] = Field(default={})
    """Labels of shared lists of choices."""
    calculations: dict[Name, Words] = Field(default={})
    advice: dict[Id, Words] = Field(default={})
    because: dict[str, Words] = Field(default={})
    """By the words that the checklist uses, as in gettext."""
    signposts: dict[Id, Words] = Field(default={})
    """By service, or by what `signposted` names in `to`."""
