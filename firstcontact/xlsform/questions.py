"""From rows of a survey sheet to the entries of a checklist: what each says, asks, and cannot do here."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, TypeAlias

from firstcontact.domain.answer import QuestionType
from firstcontact.xlsform.choices import ChoiceList, Lists, read_table_file
from firstcontact.xlsform.expressions import Expressions, quoted
from firstcontact.xlsform.headers import Spoken
from firstcontact.xlsform.naming import Item
from firstcontact.xlsform.report import Report
from firstcontact.xlsform.types import METADATA, RowType

Entry: TypeAlias = dict[str, Any]
"""A question, calculation, group or repeat, as in checklist.yaml."""

_PARAMETER: Final = re.compile(r"([A-Za-z_][\w-]*)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s,;]+)")
_REFERENCE: Final = re.compile(r"\$\{\s*([^\s{}]+)\s*\}")
_UNSAID: Final = ("hint", "required_message", "constraint_message")
"""Words that a block or a calculation has no use for."""
_RULES: Final = ("relevant", "required", "constraint", "calculation", "default", "readonly")
_RECORDINGS: Final = frozenset({"audit", "start-geopoint", "background-audio", "background-geopoint"})
"""What a device records by itself: shown to nobody, and blank here."""
_WHOLE: Final = re.compile(r"\d{1,9}\Z", re.ASCII)


class Questions:
    """Makes the entries of one form, and the words of its translations."""

    def __init__(self, lists: Lists, expressions: Expressions, spoken: Spoken, report: Report, form: Path) -> None:
        self.lists = lists
        self.expressions = expressions
        self.spoken = spoken
        self.report = report
        self.form = form
        self.tables: dict[str, list[list[str]]] = {}
        self.said: dict[str, dict[str, dict[str, Any]]] = {}
        """Code of a language -> questions, groups, calculations -> id -> words."""
        self._unspaced: set[str] = set()
        self._files: dict[tuple[str, str, str], ChoiceList | None] = {}

    def entries(self, items: list[Item]) -> list[Entry]:
        """These items and what stands in them, no deeper than rows may be nested."""
        made = []
        for item in items:
            makers: dict[str, Callable[[Item], Entry]] = {
                "begin-group": self._block,
                "begin-repeat": self._block,
                "calculation": self._calculated,
                "table": self._table,
            }
            made.append(makers.get(item.type.shape, self._question)(item))
        return made

    def _note(self, level: str, item: Item, column: str, words: str, suggestion: str | None = None) -> None:
        letter = self.expressions.letters.get(column, "")
        self.report.add(level, "survey", item.row, letter, words, suggestion)  # type: ignore[arg-type]

    def _block(self, item: Item) -> Entry:
        repeat = item.type.shape == "begin-repeat"
        entry: Entry = {"repeat" if repeat else "group": item.id}
        title = self._words(item, "label", "groups", None)
        if title:
            entry["title"] = title
        entry["relevant"] = self.expressions.read(item, "relevant")
        count = item.cells.get("repeat_count")
        if repeat:
            entry["count"] = self.expressions.read(item, "repeat_count")
        elif count is not None:
            item.kept["repeat_count"] = count
        if item.type.word == "begin_loop":
            self._note("error", item, "type", "a loop is not known here; what stands in it is asked once")
            item.kept["type"] = item.written
        self._keep(item, ("relevant", "repeat_count"), words=_UNSAID)
        self.report.fate(item.row, item.type.word, item.id, "live")
        return self._done(entry, item, questions=self.entries(item.children))

    def _calculated(self, item: Item) -> Entry:
        word = item.type.word
        if word in ("email", "phonenumber", "username") and item.words.get("label"):
            kind: QuestionType = "phone" if word == "phonenumber" else "text"
            item.kept["type"] = item.written
            return self._asked(item, kind)
        entry: Entry = {"calculation": item.id}
        value = self.expressions.read(item, "calculation")
        if value is None and "calculation" not in item.cells:
            value = self.expressions.default(item, "text")
            if value is not None and word == "calculate":
                value = f"once({value})"
        if word != "calculate":
            item.kept["type"] = item.written
            if word != "hidden" and value is None:
                value = METADATA.get(word, "''")
                if word not in METADATA:
                    self._note("kept", item, "type", f"{word} is not known to a visit; it is blank here")
            elif "default" in item.cells:
                item.kept["default"] = item.cells["default"]
        elif value is None and "calculation" not in item.cells:
            self._note("error", item, "calculation", "there is nothing to work out; it stays blank")
        entry["value"] = value if value is not None else "''"
        entry["trigger"] = self._trigger(item, value)
        entry["relevant"] = self.expressions.read(item, "relevant")
        label = self._words(item, "label", "calculations", None)
        if label:
            entry["label"] = label
        self._keep(
            item, ("relevant", "calculation", "default"), words=("hint", "required_message", "constraint_message")
        )
        self.report.fate(item.row, word, item.id, "kept" if word in _RECORDINGS else "live")
        return self._done(entry, item)

    def _table(self, item: Item) -> Entry:
        """`csv-external`: rows for pulldata() and instance(), shown to nobody."""
        name = item.name if item.type.word == "csv-external" else ""
        live = bool(name) and self.load_table(name) is not None
        if not live:
            words = (
                f"the file {(item.name or item.id)[:60]}.{item.type.word[:3]} is not beside the form or cannot be read"
            )
            self._note("error" if name else "kept", item, "name", f"{words}; what is looked up in it is blank")
        item.kept["type"] = item.written
        self._keep(item, (), words=("label", *_UNSAID))
        self.report.fate(item.row, item.type.word, item.id, "live" if live else "kept")
        entry: Entry = {"question": item.id, "type": "file", "say": item.id, "relevant": "false()"}
        return self._done(entry, item)

    def load_table(self, name: str) -> list[list[str]] | None:
        """A table beside the form, by the name that expressions use."""
        stem = name.removesuffix(".csv")
        if stem not in self.tables:
            rows = read_table_file(self.form, f"{stem}.csv")
            if rows is None:
                return None
            self.tables[stem] = rows
        return self.tables[stem]

    def _question(self, item: Item) -> Entry:
        if item.type.shape == "unknown":
            if item.written:
                words = f"there is no type '{item.written[:60]}'; it is kept and cannot be answered here"
                self._note("error", item, "type", words, item.type.suggestion)
            item.kept["type"] = item.written
            return self._asked(item, "file")
        kind = item.type.kind
        if kind == "file":
            item.kept["type"] = item.written
            self._note("kept", item, "type", f"{item.type.word} cannot be answered here; it is kept")
        elif item.type.word == "text" and _is_long(item):
            kind = "long-text"
        elif item.type.word in ("acknowledge", "tel", "db"):
            item.kept["type"] = item.written
            if item.type.word == "db":
                self._note("changed", item, "type", "a record of another program; it is asked for as text")
        return self._asked(item, kind)

    def _asked(self, item: Item, kind: QuestionType) -> Entry:
        parameters = dict(_PARAMETER.findall(item.cells.pop("parameters", "")))
        choosing: Entry = {}
        if item.type.word == "acknowledge":
            choosing["choices"] = [{"choice": "OK", "label": "OK"}]
        elif item.type.shape == "question" and (kind in ("one-of", "any-of", "rank")):
            kind, choosing = self._choosing(item, kind, parameters)
        limits = self._limits(item, parameters) if kind == "range" else {}
        if parameters:
            item.kept["parameters"] = " ".join(f"{name}={value}" for name, value in parameters.items())
        entry: Entry = {"question": item.id, "type": kind, "say": self._label(item, kind)}
        entry["prompt"] = self._words(item, "hint", "questions", "prompt")
        entry |= choosing
        entry["relevant"] = self.expressions.read(item, "relevant")
        if kind not in ("file", "note"):
            entry |= self._rules(item, kind)
        entry |= limits
        entry["appearance"] = item.cells.get("appearance")
        used = ("relevant", "appearance", "choice_filter")
        if kind in ("file", "note"):
            self._keep(item, used, words=("required_message", "constraint_message"))
        else:
            self._keep(item, (*used, *_RULES))
        fate = "kept" if kind == "file" else "live"
        self.report.fate(item.row, item.type.word or "(none)", item.id, fate)  # type: ignore[arg-type]
        return self._done(entry, item)

    def _rules(self, item: Item, kind: QuestionType) -> Entry:
        """What must hold of an answer, and what it is before anybody answers."""
        read = self.expressions
        made: Entry = {"required": read.flag(item, "required")}
        made["required_message"] = self._words(item, "required_message", "questions", "required_message")
        made["constraint"] = read.read(item, "constraint")
        if made["constraint"] is not None:
            made["message"] = self._words(item, "constraint_message", "questions", "message")
        else:
            self._keep_words(item, "constraint_message")
        only_read = read.flag(item, "readonly")
        if only_read == "yes":
            made["read_only"] = "yes"
        elif only_read is not None:
            self._note("error", item, "readonly", "read-only by a condition is not known here; it can be answered")
            item.kept["readonly"] = item.cells["readonly"]
        made["default"] = read.default(item, kind)
        made["calculation"] = read.read(item, "calculation")
        made["trigger"] = self._trigger(item, made["calculation"])
        return made

    def _trigger(self, item: Item, calculation: str | None) -> list[str] | None:
        """The questions after whose change a calculation is worked out; a trigger without calculation is kept."""
        if calculation is None or "trigger" not in item.cells:
            return None
        text = self.expressions.words(item, "trigger", item.cells["trigger"])
        named = _REFERENCE.findall(text)
        if not named:
            self._note(
                "changed", item, "trigger", "it names no question; it is worked out whenever what it reads changes"
            )
            return None
        del item.cells["trigger"]
        return list(dict.fromkeys(named))

    def _choosing(self, item: Item, kind: QuestionType, parameters: dict[str, str]) -> tuple[QuestionType, Entry]:
        """Where the choices of a question come from; without any it is asked as text, or kept."""
        row_type = item.type
        if row_type.from_file:
            found = self._from_file(item, parameters)
        elif "${" in row_type.list_name:
            words = "choices out of earlier answers are not known here; it is asked as text"
            self._note("changed", item, "type", words)
            return self._as_text(item)
        else:
            found = self.lists.find(row_type.list_name, external=row_type.external)
            if found is None:
                return self._without_list(item, row_type)
        if found is None:
            return self._as_text(item)
        if kind in ("any-of", "rank") and found.id not in self._unspaced:
            self._unspaced.add(found.id)
            self.lists.without_blanks(found, row_type.word)
        if row_type.external:
            self._note("changed", item, "type", "its choices are part of the checklist; it is asked as select_one")
        if "randomize" in parameters:
            self._note("kept", item, "parameters", "choices are shown in the order of their list, never shuffled")
        entry: Entry = {"list": found.id, "filter": self.expressions.read(item, "choice_filter", of_rows=True)}
        if row_type.other and kind in ("one-of", "any-of", "rank"):
            entry["other"] = "yes"
        return kind, entry

    def _without_list(self, item: Item, row_type: RowType) -> tuple[QuestionType, Entry]:
        if row_type.list_name:
            words = f"there is no list '{row_type.list_name[:60]}'; the question is kept and cannot be answered here"
            self._note("error", item, "type", words, self.lists.nearest(row_type.list_name))
        else:
            self._note("error", item, "type", f"{row_type.word} needs the name of a list; the question is kept")
        item.kept["type"] = item.written
        self._keep(item, (), only=("choice_filter",))
        return "file", {}

    def _as_text(self, item: Item) -> tuple[QuestionType, Entry]:
        item.kept["type"] = item.written
        self._keep(item, (), only=("choice_filter",))
        return "text", {}

    def _from_file(self, item: Item, parameters: dict[str, str]) -> ChoiceList | None:
        name = item.type.list_name
        geo = name.lower().endswith(".geojson")
        value = parameters.pop("value", "id" if geo else "name").strip("'\"")
        label = parameters.pop("label", "title" if geo else "label").strip("'\"")
        key = (name, value, label)
        if key not in self._files:
            rows = read_table_file(self.form, name) if name else None
            stem = re.sub(r"\.(csv|geojson)\Z", "", name, flags=re.IGNORECASE)
            self._files[key] = self.lists.from_table(stem, rows, value, label) if rows else None
        found = self._files[key]
        if found is None or not found.entries:
            words = f"the choices in {name[:60] or 'a file'} cannot be read beside the form; it is asked as text"
            self._note("changed", item, "type", words)
            parameters |= {"value": value, "label": label} if (value, label) != ("name", "label") and not geo else {}
            return None
        self._note("changed", item, "type", f"the choices in {name[:60]} are part of the checklist")
        return found

    def _limits(self, item: Item, parameters: dict[str, str]) -> Entry:
        made: Entry = {}
        for name, usual in (("start", "1"), ("end", "10"), ("step", "1")):
            text = parameters.pop(name, usual)
            try:
                amount = Decimal(text)
                good = amount.is_finite() and (name != "step" or amount > 0) and len(text) < 30
            except InvalidOperation:
                good = False
            if not good:
                self._note("error", item, "parameters", f"'{text[:40]}' is no {name} of a range; {usual} is taken")
                text = usual
            made[name] = text
        return made

    def _label(self, item: Item, kind: QuestionType) -> str:
        label = self._words(item, "label", "questions", "say")
        if label:
            return label
        if kind != "file" and item.words.get("hint") is None and not item.kept:
            self._note("changed", item, "label", "it has no label; its name stands in")
        return item.name or item.id

    def _words(self, item: Item, column: str, table: str, key: str | None) -> str | None:
        """The words of a row in the checklist's language; those in others go to the translations."""
        spoken = item.words.get(column)
        if not spoken:
            return None
        main = self.spoken.main
        for code, text in spoken.items():
            if code == main:
                continue
            said = self.said.setdefault(code, {}).setdefault(table, {})
            made = self.expressions.words(item, column, text)
            if key is None:
                said[item.id] = made
            else:
                said.setdefault(item.id, {})[key] = made
        text = spoken.get(main) or next(iter(spoken.values()))
        return self.expressions.words(item, column, text)

    def _keep_words(self, item: Item, column: str) -> None:
        for code, text in item.words.get(column, {}).items():
            item.kept[self.spoken.header(column, code)] = text

    def _keep(
        self, item: Item, used: tuple[str, ...], *, words: tuple[str, ...] = (), only: tuple[str, ...] | None = None
    ) -> None:
        """Put what was not used of a row among what is kept of it."""
        for column, text in item.cells.items():
            if column not in used and (only is None or column in only) and text:
                item.kept.setdefault(column, text)
        for column in words:
            self._keep_words(item, column)

    def _done(self, entry: Entry, item: Item, **more: Any) -> Entry:
        made = {key: value for key, value in entry.items() if value is not None}
        if item.kept:
            made["kept"] = dict(item.kept)
        return {**made, **more}


def _is_long(item: Item) -> bool:
    """A text over several lines."""
    rows = re.search(r"rows\s*=\s*(\d{1,4})", item.cells.get("parameters", ""))
    return "multiline" in item.cells.get("appearance", "") or (rows is not None and int(rows[1]) > 1)


__all__ = ["Entry", "Questions", "quoted"]
