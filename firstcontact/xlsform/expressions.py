"""Expressions of a workbook: checked, their names put right; what cannot be read is told and set aside."""

from __future__ import annotations

import re
from typing import Final

from firstcontact.domain.answer import QuestionType
from firstcontact.domain.condition import MAX_LENGTH, ConditionError, parse
from firstcontact.xlsform.naming import Item, Names, table_id
from firstcontact.xlsform.packaging import refuse
from firstcontact.xlsform.report import Report

_CURLY: Final = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "‚": "'", "„": '"', "′": "'", "″": '"'})
_IN_PLACE: Final = re.compile(r"\$\{\s*(last-saved#)?[A-Za-z_][\w.-]*\s*\}")
_CALL: Final = re.compile(r"[A-Za-z][\w:.-]*\s*\(")
_NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,12})?\Z", re.ASCII)
_BARE: Final = re.compile(r"[A-Za-z_][\w.-]*(?![\w.-])(?!\s*[(:])")
_OPERATORS: Final = frozenset({"and", "or", "div", "mod"})
MAX_BARE: Final = 20
"""Words without quotes in one expression."""
_TABLE: Final = re.compile(r"pulldata\s*\(\s*['\"]([^'\"]+)['\"]")
_TRUE: Final = frozenset({"yes", "true", "true()"})
_FALSE: Final = frozenset({"no", "false", "false()"})
_WHOLE_CELL: Final = {
    **dict.fromkeys(("yes", "Yes", "YES", "true", "True", "TRUE", "true()"), "true()"),
    **dict.fromkeys(("no", "No", "NO", "false", "False", "FALSE", "false()"), "false()"),
}
"""What a cell of nothing else means where an expression is wanted, as in pyxform."""
_NUMERIC: Final = frozenset({"whole-number", "decimal", "range"})


MAX_LETTERS: Final = 1_000_000
"""Of all expressions of a form that differ by more than names; the longest of 180 real forms have 70,000."""


class Expressions:
    """Reads the expressions of one survey sheet."""

    def __init__(self, names: Names, report: Report, letters: dict[str, str]) -> None:
        self.names = names
        self.report = report
        self.letters = letters
        """Column as we write it on export -> its letters in the workbook."""
        self.tables: dict[str, tuple[int, str]] = {}
        """Tables that pulldata() reads -> where first."""
        self._seen: dict[tuple[str, bool], ConditionError | None] = {}
        self._letters = 0

    def read(self, item: Item, column: str, *, of_rows: bool = False) -> str | None:
        """The expression in a cell as it may stand in a checklist; None where there is none, or it cannot be used.

        What cannot be used is reported, and put among what is kept of the row.
        """
        text = item.cells.get(column)
        if text is None:
            return None
        made = self.check(item, column, text, of_rows=of_rows)
        if made is None:
            item.kept[column] = text
        return made

    def check(self, item: Item, column: str, text: str, *, of_rows: bool = False) -> str | None:
        """The same for a text."""
        letter = self.letters.get(column, "")
        if text in _WHOLE_CELL:
            return _WHOLE_CELL[text]
        straight = " ".join(text.splitlines())
        wrong = self._wrong(straight, of_rows=of_rows)
        if wrong is not None:
            straight, wrong = self._mended(item, letter, straight, wrong, of_rows=of_rows)
        if wrong is not None:
            place = f" (character {wrong.position + 1})" if wrong.position else ""
            words = f"{column} cannot be used: {wrong.message}{place}. {_effect(column)}"
            self.report.add("error", "survey", item.row, letter, words, wrong.suggestion)
            return None
        resolved = self.names.in_expression(straight, item)
        for name in resolved.unknown:
            words = f"{column} cannot be used: there is no '{name[:60]}'. {_effect(column)}"
            self.report.add("error", "survey", item.row, letter, words, self.names.nearest(name))
        if resolved.unknown:
            return None
        for name in resolved.doubtful:
            words = f"several rows are called '{name[:60]}'; the first of them is meant"
            self.report.add("warning", "survey", item.row, letter, words)
        for match in _TABLE.finditer(straight):
            self.tables.setdefault(match[1], (item.row, letter))
        return _TABLE.sub(_known_table, resolved.text)

    def _mended(
        self, item: Item, letter: str, text: str, wrong: ConditionError, *, of_rows: bool
    ) -> tuple[str, ConditionError | None]:
        """The text with straight quotes, and with words that name nothing blank, if that makes it readable.

        A bare word is a path in XPath, to a child that is not there: other programs take it for blank, without a word.
        """
        mended = text.translate(_CURLY)
        first = left = wrong if mended == text else self._wrong(mended, of_rows=of_rows)
        bare: list[str] = []
        while left is not None and len(bare) < MAX_BARE:
            match = _BARE.match(mended, left.position)
            if match is None or match[0] in _OPERATORS:
                break
            bare.append(match[0])
            mended = f"{mended[: match.start()]}''{mended[match.end() :]}"
            left = self._wrong(mended, of_rows=of_rows)
        if left is not None:
            return text, first
        if text.translate(_CURLY) != text:
            self.report.add("changed", "survey", item.row, letter, "curly quotes are straight ones here")
        for word in dict.fromkeys(bare):
            words = f"'{word[:60]}' stands alone and names nothing: it counts as blank; words stand in quotes"
            meant = f"${{{word}}}" if word in self.names.by_name else f"'{word}'"
            self.report.add("warning", "survey", item.row, letter, words, meant)
        return mended, None

    def _wrong(self, text: str, *, of_rows: bool) -> ConditionError | None:
        """What is wrong in an expression. Names do not matter for that, so `${a} = 1` is as good as `${b} = 1`."""
        if len(text) > MAX_LENGTH:
            return ConditionError(f"it is too long: {len(text)} characters, at most {MAX_LENGTH}")
        shape = _IN_PLACE.sub("${x}", text)
        key = (shape, of_rows)
        if key not in self._seen:
            self._letters += len(shape)
            if self._letters > MAX_LETTERS:
                raise refuse(
                    f"The expressions of this form have more than {MAX_LETTERS} letters.",
                    "Work out in a calculation what several of them repeat.",
                )
            self._seen[key] = _problem(shape, of_rows=of_rows)
        wrong = self._seen[key]
        if wrong is not None and shape != text:
            return _problem(text, of_rows=of_rows)  # once more, for the right place in it
        return wrong

    def flag(self, item: Item, column: str) -> str | None:
        """A cell that says yes, no or a condition: `yes`, None, or the condition."""
        text = item.cells.get(column)
        if text is None or text.lower() in _FALSE:
            return None
        return "yes" if text.lower() in _TRUE else self.read(item, column)

    def default(self, item: Item, kind: QuestionType) -> str | None:
        """The cell `default` as an expression: text in quotes unless something in it is to be worked out."""
        text = item.cells.get("default")
        if text is None:
            return None
        if "${" in text:
            return self.read(item, "default")
        number = kind in _NUMERIC and _NUMBER.match(text)
        if not number and (_CALL.search(text) or kind in _NUMERIC):
            if self._wrong(text.translate(_CURLY), of_rows=False) is None:
                return self.read(item, "default")
            if kind in _NUMERIC:
                self.report.add(
                    "error", "survey", item.row, self.letters.get("default", ""), "the default is no number; it is kept"
                )
                item.kept["default"] = text
                return None
        return text if number else quoted(text)

    def words(self, item: Item, column: str, text: str) -> str:
        """A text that people read, with the names that rows have here."""
        resolved = self.names.in_words(text, item)
        for name in resolved.unknown:
            words = f"the {column} speaks of '{name[:60]}', which is not there; it stays as it is"
            letter = self.letters.get(column, "")
            self.report.add("warning", "survey", item.row, letter, words, self.names.nearest(name))
        return resolved.text


def _problem(text: str, *, of_rows: bool) -> ConditionError | None:
    try:
        parse(text, of_rows=of_rows)
    except ConditionError as problem:
        return problem
    return None


def _known_table(call: re.Match[str]) -> str:
    stem = call[1].removesuffix(".csv")
    return call[0] if table_id(stem) == stem else call[0].replace(call[1], table_id(stem))


def _effect(column: str) -> str:
    """What follows from an expression that is set aside."""
    return {
        "relevant": "The row is asked always",
        "constraint": "Every answer is taken",
        "calculation": "It stays blank",
        "choice_filter": "All choices are offered",
        "required": "The question may be left blank",
        "repeat_count": "The visitor says whether there is another one",
    }.get(column, "It is kept without effect")


def quoted(text: str) -> str:
    """A text as an expression that is this text."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    parts = re.split("(')", text)
    return "concat(" + ", ".join('"\'"' if part == "'" else f"'{part}'" for part in parts if part) + ")"


def is_yes(text: str | None) -> bool:
    """Whether a cell says yes."""
    return text is not None and text.lower() in _TRUE
