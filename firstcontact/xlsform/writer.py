"""A checklist as the files of a folder: YAML as a coordinator would write it, and the tables that came along.

Block style, one question below the other, short mappings on one line, quotes only where YAML itself would stumble. A
folder is written beside its place and renamed into it, so that half a checklist is never there.
"""

from __future__ import annotations

import csv
import io
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from firstcontact.errors import FirstContactError, UsedWrongly
from firstcontact.xlsform.grid import is_code
from sync.base.safe_text import safe_text

MAIN_FILE: Final = "checklist.yaml"
WIDTH: Final = 118
MAX_DEPTH: Final = 60
"""Lists and mappings inside each other; far beyond what the reader takes."""
_MAX_SIMPLE_KEY: Final = 900
"""YAML lets a key on one line have 1,024 characters."""

_BAD_START: Final = frozenset(" \t,[]{}#&*!|>'\"%@`")
_PLAIN: Final = r"\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_STUMBLES: Final = re.compile(rf"[^{_PLAIN}]|: | #")
"""What no plain scalar holds: characters that YAML reads as something else, `: ` and ` #`."""
_FLOW_STUMBLES: Final = re.compile(r"[,\[\]{}:?#'\"&*!|>%@`]")
_LITERAL: Final = re.compile(rf"[^\n{_PLAIN}]")
_ESCAPED: Final = re.compile(rf'["\\]|[^{_PLAIN}]')
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_PROSE: Final = frozenset({"say", "prompt", "label", "message", "title"})
"""Keys whose words may be folded over several lines; a condition stays on its line, so that a column can be shown."""
_SPACED: Final = frozenset({"sections", "facts", "questions"})
"""Lists whose entries are parted by an empty line."""
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,120}\.csv", re.ASCII)


def write_definition(
    definition: Mapping[str, Any],
    translations: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, Sequence[Sequence[str]]],
    out: Path,
    *,
    heading: Sequence[str] = (),
    replace: bool = False,
) -> tuple[Path, ...]:
    """Write a checklist's folder: `checklist.yaml`, a file per language, and each table under its file name.

    `heading`: lines of comment at the top. `replace`: put the files in the place of those of the same names, and leave
    the others (sample visits) alone. Returns: the files, `checklist.yaml` first.
    Raises: UsedWrongly, when `out` holds something that may not be written over; FirstContactError, when the disk says
    no.
    """
    files = {MAIN_FILE: yaml_text(definition, heading)}
    for language, words in translations.items():
        if not is_code(language):
            raise UsedWrongly(
                f"'{safe_text(language)[:40]}' is no code of a language.", "Write it as in `Cymraeg (cy)`."
            )
        files[f"{language}.yaml"] = yaml_text(words)
    for name, rows in tables.items():
        files[_table_file(name)] = _csv_text(rows)
    check_place(out, replace=replace)
    _check_same(out, str(definition.get("checklist", "")))
    try:
        if out.is_dir() and any(out.iterdir()):
            _into(out, files)
        else:
            _as_folder(out, files)
    except OSError as problem:
        raise FirstContactError(
            f"{out} could not be written ({problem.strerror or problem}).",
            "Nothing was left half done: try another place.",
        ) from problem
    return tuple(out / name for name in files)


def _table_file(name: str) -> str:
    file = name if name.endswith(".csv") else f"{name}.csv"
    return file if _FILE_NAME.fullmatch(file) else re.sub(r"[^A-Za-z0-9_.-]", "_", file)[-120:].lstrip(".-")


def _csv_text(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def check_place(out: Path, *, replace: bool = False) -> None:
    """Whether a checklist's folder may be written here. Raises: UsedWrongly."""
    if not out.exists():
        return
    if not out.is_dir():
        raise UsedWrongly(f"{out} is a file.", "Give --out the name of a new folder.")
    if not any(out.iterdir()):
        return
    if not (out / MAIN_FILE).is_file():
        raise UsedWrongly(f"{out} holds something else already.", "Give --out the name of a new folder.")
    if not replace:
        raise UsedWrongly(
            f"{out} holds a checklist already.",
            "Give --out the name of a new folder, or say --replace to write over the checklist there.",
        )


def _check_same(out: Path, checklist_id: str) -> None:
    """Whether the checklist that stands there is this one. Raises: UsedWrongly."""
    main = out / MAIN_FILE
    if not main.is_file():
        return
    with main.open(encoding="utf-8", errors="replace") as lines:
        there = next((line.partition(":")[2].strip() for line in lines if line.startswith("checklist:")), "")
    if there.strip("'\"") != checklist_id:
        raise UsedWrongly(
            f"The checklist in {out} is '{there[:60]}' and not '{checklist_id}'.",
            "Give --out the name of a new folder.",
        )


def _as_folder(out: Path, files: Mapping[str, str]) -> None:
    """All of the folder at once."""
    parent = out.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name[:60]}-", dir=parent))
    try:
        draft.chmod(0o755)
        for name, text in files.items():
            (draft / name).write_text(text, encoding="utf-8", newline="\n")
        if out.is_dir():
            out.rmdir()  # it is empty; only then may a folder take its name on every platform
        draft.rename(out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _into(out: Path, files: Mapping[str, str]) -> None:
    """File by file, each at once; the checklist last, so that its languages and tables are there before it."""
    drafts = []
    try:
        for name, text in sorted(files.items(), key=lambda each: each[0] == MAIN_FILE):
            draft = out / f".{secrets.token_hex(6)}.tmp"
            drafts.append(draft)
            draft.write_text(text, encoding="utf-8", newline="\n")
            draft.replace(out / name)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)


def yaml_text(document: Mapping[str, Any], heading: Sequence[str] = ()) -> str:
    """A file as YAML: text, lists and mappings of these. What is None or an empty list or mapping is left out."""
    lines = [f"# {line}".rstrip() for line in heading]
    if lines:
        lines.append("")
    lines += _mapping(document, 0, "", top=True)
    return "\n".join(lines) + "\n"


def _mapping(entries: Mapping[str, Any], indent: int, dash: str, *, top: bool = False) -> Iterator[str]:
    """The lines of a mapping; `dash`: what its first line begins with, as an item of a list."""
    if indent > 2 * MAX_DEPTH:
        raise FirstContactError(
            "The groups of this form stand inside each other too deeply.", "Flatten some of them, and try again."
        )
    pad, lead = " " * indent, dash or " " * indent
    for key, value in entries.items():
        if value is None or (isinstance(value, Mapping | list | tuple) and not value):
            continue
        shown = _scalar(str(key), flow=True)
        if len(shown) > _MAX_SIMPLE_KEY or "\n" in shown:
            yield f"{lead}? {_quoted(str(key))}"
            name = f"{pad}:"
        else:
            if top and isinstance(value, Mapping | list) and key in _SPACED:
                yield ""
            name = f"{lead}{shown}:"
        yield from _value(str(key), name, value, indent)
        lead = pad


def _value(key: str, name: str, value: Any, indent: int) -> Iterator[str]:
    """The lines of one entry, its name first."""
    if isinstance(value, Mapping):
        line = _on_one_line(value) if key == "kept" else None
        if line is not None and len(name) + len(line) < WIDTH:
            yield f"{name} {line}"
            return
        yield name
        yield from _mapping(value, indent + 2, "")
    elif isinstance(value, list | tuple):
        line = _on_one_line(value) if _is_words(value) and not any("\n" in each for each in value) else None
        if line is not None and len(name) + len(line) < WIDTH:
            yield f"{name} {line}"
            return
        yield name
        yield from _list(key, value, indent + 2)
    else:
        yield from _text(key, name, _word(value), indent)


def _list(key: str, items: Sequence[Any], indent: int) -> Iterator[str]:
    pad = " " * indent
    first = True
    for item in items:
        if isinstance(item, Mapping):
            line = None if key in _SPACED else _on_one_line(item)
            if line is not None and indent + 2 + len(line) < WIDTH:
                yield f"{pad}- {line}"
            else:
                if not first and key in _SPACED:
                    yield ""
                yield from _mapping(item, indent + 2, f"{pad}- ")
        elif isinstance(item, list | tuple):
            yield f"{pad}- {_on_one_line([_word(each) for each in item])}"
        else:
            yield from _text("", f"{pad}-", _word(item), indent)
        first = False


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _text(key: str, name: str, text: str, indent: int) -> Iterator[str]:
    """A text in the style that is easiest to read."""
    if "\n" in text and _fits_literal(text):
        yield f"{name} |{'' if text.endswith(chr(10)) else '-'}"
        pad = " " * (indent + 2)
        for line in text.removesuffix("\n").split("\n"):
            yield pad + line if line else ""
        return
    shown = _scalar(text)
    if len(name) + len(shown) > WIDTH and key in _PROSE and _fits_folded(text):
        yield f"{name} >-"
        yield from _folded(text, indent + 2)
        return
    yield f"{name} {shown}"


def _fits_literal(text: str) -> bool:
    lines = text.split("\n")
    return not (
        _LITERAL.search(text) or text.endswith("\n\n") or not lines[0] or any(line != line.strip(" ") for line in lines)
    )


def _fits_folded(text: str) -> bool:
    return not (_LITERAL.search(text) or "\n" in text or "  " in text or text != text.strip(" "))


def _folded(text: str, indent: int) -> Iterator[str]:
    pad, line = " " * indent, ""
    for word in text.split(" "):
        if line and indent + len(line) + 1 + len(word) > WIDTH:
            yield pad + line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield pad + line


def _on_one_line(value: Any) -> str | None:
    """A short list or mapping of texts in braces; None when it holds more than that."""
    if isinstance(value, Mapping):
        parts = []
        for key, each in value.items():
            if each is None or (isinstance(each, Mapping | list | tuple) and not each):
                continue
            shown = _on_one_line(each) if _is_words(each) else _short(each)
            if shown is None:
                return None
            parts.append(f"{_scalar(str(key), flow=True)}: {shown}")
        return "{" + ", ".join(parts) + "}"
    return "[" + ", ".join(_scalar(each, flow=True) for each in value) + "]"


def _is_words(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _short(value: Any) -> str | None:
    if isinstance(value, Mapping | list | tuple):
        return None
    text = _word(value)
    return None if "\n" in text or len(text) > WIDTH else _scalar(text, flow=True)


def _scalar(text: str, *, flow: bool = False) -> str:
    """A text on one line, plain where YAML allows it."""
    if (
        not text
        or text[0] in _BAD_START
        or text[-1] in " :"
        or (text[0] in "-?:" and (len(text) == 1 or text[1] == " "))
        or text.startswith(("---", "..."))
        or _STUMBLES.search(text)
        or (flow and (_FLOW_STUMBLES.search(text) or text[0] in "-?"))
    ):
        return _quoted(text)
    return text


def _quoted(text: str) -> str:
    special = _LITERAL.search(text) or "\n" in text
    if not special and ('"' in text or "\\" in text):
        return "'" + text.replace("'", "''") + "'"
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(match: re.Match[str]) -> str:
    found = match.group()
    if found in _ESCAPES:
        return _ESCAPES[found]
    code = ord(found)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
