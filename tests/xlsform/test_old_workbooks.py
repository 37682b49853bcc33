"""Old workbooks (.xls): every kind of cell, texts cut in the middle, and files that claim too much."""

from __future__ import annotations

import io
import random
from datetime import date
from pathlib import Path

import pytest
import python_calamine

from firstcontact.errors import FirstContactError
from firstcontact.xlsform.importing import import_form
from firstcontact.xlsform.legacy import read_xls
from firstcontact.xlsform.packaging import Refused
from firstcontact.xlsform.workbook import read_workbook
from tests.xlsform.books import entries, told
from tests.xlsform.old_books import bof, container, formula, label, merged, number, record, truth, whole, workbook

TEXTS = ("type", "name", "label", "integer", "years", "Oed? ŵ", "text")
ROWS = b"".join(label(0, column, column) for column in range(3))
FORM = ROWS + label(1, 0, 3) + label(1, 1, 4) + label(1, 2, 5) + label(2, 0, 6) + formula(2, 1, "b") + whole(2, 2, 7)


def test_each_kind_of_cell(tmp_path: Path) -> None:
    """Texts of both widths, numbers in each packing, truths, dates, results of formulas, merged cells."""
    cells = (
        number(3, 0, 2.5) + whole(3, 1, -12) + truth(3, 2, value=True) + number(3, 3, 46063, 1) + merged((1, 2, 0, 0))
    )
    ((name, rows, joined),) = read_xls(workbook(TEXTS, {"survey": FORM + cells}))
    assert name == "survey"
    assert joined == [(2, 3, 0, 0)]
    assert rows[:3] == [["type", "name", "label", ""], ["integer", "years", "Oed? ŵ", ""], ["text", "b", 7.0, ""]]
    assert rows[3] == [2.5, -12.0, True, date(2026, 2, 10)]
    path = tmp_path / "form.xlsx"
    path.write_bytes(workbook(TEXTS, {"survey": FORM}))
    made = import_form(path)
    assert [each["say"] for each in entries(made)] == ["Oed? ŵ", "7"]
    assert told(made)[0] == "workbook: the file is called .xlsx and is really .xls; it was read as that."


@pytest.mark.parametrize("cut", [3, 5, 16, 27])
def test_a_text_may_go_on_in_the_next_record(cut: int) -> None:
    """Wherever the first record ends inside the letters of a text with one byte each."""
    words = ("abcdefgh", "ijklmnop", "qrst")
    cells = b"".join(label(0, column, column) for column in range(3))
    ((_, rows, _),) = read_xls(workbook(words, {"survey": cells}, cut=cut))
    assert rows == [list(words)]


def test_the_library_reads_the_same() -> None:
    """What is built here is a workbook to others too, so these tests are about real files."""
    content = workbook(TEXTS, {"survey": FORM, "choices": ROWS})
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as theirs:
        for name, rows, _ in read_xls(content):
            assert theirs.get_sheet_by_name(name).to_python(skip_empty_area=False) == rows


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (workbook((), {"s": whole(60_000, 200, 1)}), "reaches to row 60001 and column 201"),
        (workbook((), {"s": record(0x002F, bytes(6))}, extra=record(0x002F, bytes(6))), "password"),
        (container(bof(5) + record(0x00FC, b"\x00" * 4 + b"\xff\xff\xff\x7f")), "far more than a form"),
        (container(b"", name="WordDocument"), "old Office file"),
        (container(b"", name="EncryptedPackage"), "password"),
        (workbook((), {f"s{n}": b"" for n in range(101)}), "more than 100 sheets"),
    ],
)
def test_what_no_form_needs_is_refused(content: bytes, words: str) -> None:
    """In words, and before room is set aside for what the file claims."""
    with pytest.raises(Refused, match=words):
        read_xls(content)


def test_damaged_files_end_in_words(tmp_path: Path) -> None:
    """Three hundred files with bytes changed: each is read or refused, and none writes a trace anywhere."""
    whole_file = workbook(TEXTS, {"survey": FORM, "choices": ROWS}, cut=30)
    rng = random.Random(20260210)
    path = tmp_path / "form.xls"
    ends = {"read": 0, "refused": 0}
    for _ in range(300):
        content = bytearray(whole_file)
        for _ in range(rng.choice((1, 3, 10))):
            place = rng.randrange(len(content) - 4) if rng.random() < 0.3 else rng.randrange(1800)
            content[place : place + 4] = rng.choice((b"\xff" * 4, bytes(4), rng.randbytes(4), b"\xff\xff\x00\x00"))
        path.write_bytes(content)
        try:
            read_workbook(path)
            ends["read"] += 1
        except FirstContactError:
            ends["refused"] += 1
    assert min(ends.values()) > 30
