"""Files that mean harm, or nothing: each by its name, and what must come of it.

`refused`: no folder is written, and the words say why. `works`: a checklist that can be used. `told`: a checklist that
is written, and what keeps it from being used is said. `any`: one of these.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from tests.xlsform import old_books
from tests.xlsform.packages import Rows, form, packed, parts_of, sheet_xml, texts, workbook

SURVEY = "xl/worksheets/sheet1.xml"
HEAD = ("type", "name", "label", "relevant", "constraint", "calculation")
GOOD: Rows = [HEAD, ("text", "a", "A"), ("integer", "b", "B", "${a} = 'x'", ". > 0")]
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]>"
)


def _part(content: bytes, name: str = SURVEY) -> bytes:
    return packed(parts_of({"survey": sheet_xml(GOOD)}) | {name: content})


def _bomb(megabytes: int) -> bytes:
    return _part(sheet_xml(GOOD) + b" " * (megabytes * 2**20))


def _many_bombs() -> bytes:
    parts = parts_of({f"s{n}": sheet_xml(GOOD) + b" " * (20 * 2**20) for n in range(12)})
    return packed(parts)


def _lying_size() -> bytes:
    """The directory says that the sheet is small."""
    content = bytearray(_bomb(60))
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(SURVEY.encode()))
    content[at + 24 : at + 28] = (4096).to_bytes(4, "little")
    return bytes(content)


def _overlapping() -> bytes:
    """Many names for the same bytes of the file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts_of({"survey": sheet_xml(GOOD) + b" " * (8 * 2**20)}).items():
            package.writestr(name, content)
        first = package.getinfo(SURVEY)
        for number in range(2, 200):
            twin = zipfile.ZipInfo(f"xl/worksheets/sheet{number}.xml")
            twin.header_offset, twin.CRC = first.header_offset, first.CRC
            twin.compress_size, twin.file_size, twin.compress_type = first.compress_size, first.file_size, 8
            package.filelist.append(twin)
    return stream.getvalue()


def _entities(part: str) -> bytes:
    content = parts_of({"survey": sheet_xml(GOOD)})[part]
    return _part(ENTITIES + content.split(b"?>", 1)[1].replace(b"</", b"&j;</", 1), part)


def _outside_entity() -> bytes:
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return _part(head + sheet_xml([HEAD, ("text", "a", "A&a;")]).replace(b"&amp;", b"&").split(b"?>", 1)[1])


def _links() -> bytes:
    """External links, a formula that reads another file, a hyperlink, a data connection."""
    parts = parts_of({"survey": sheet_xml(GOOD)})
    parts["xl/externalLinks/externalLink1.xml"] = b'<externalLink><externalBook r:id="rId1"/></externalLink>'
    parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        b'<Relationships><Relationship Id="rId1" TargetMode="External" Target="http://files.example/x.xlsx"/></Relationships>'
    )
    parts["xl/connections.xml"] = (
        b'<connections><connection><webPr url="http://files.example/"/></connection></connections>'
    )
    cell = b'<c r="C2" t="str"><f>\'http://files.example/[x.xlsx]S\'!A1</f><v>A</v></c>'
    parts[SURVEY] = parts[SURVEY].replace(b'<c r="C2" t="inlineStr"><is><t xml:space="preserve">A</t></is></c>', cell)
    return packed(parts)


def _far_cell(reference: str) -> bytes:
    return _part(sheet_xml(GOOD).replace(b'r="B3"', f'r="{reference}"'.encode()))


def _million_rows() -> bytes:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(4, 1_000_001))
    return _part(sheet_xml(GOOD).replace(b"</sheetData>", rows + b"</sheetData>"))


def _expression(text: str) -> bytes:
    return form(texts(("text", "a", "A"), ("text", "b", "B", text)))


def _calculation(text: str) -> bytes:
    return form(texts(("text", "a", "A"), ("calculate", "c", "", "", "", text), ("text", "b", "B", "${c} = 1")))


def _nested(depth: int, kind: str = "group") -> bytes:
    rows = [(f"begin_{kind}", f"g{n}", f"G{n}") for n in range(depth)]
    return form(texts(*rows, ("text", "a", "A"), *[(f"end_{kind}", "", "")] * depth))


def _questions(count: int) -> bytes:
    rows = [("integer", f"q{n}", f"Q {n}?", f"${{q{n - 1}}} > 0" if n else "", ". < 9") for n in range(count)]
    return form(texts(*rows))


def _ring(count: int) -> bytes:
    return form(texts(*((("text", f"q{n}", "Q", f"${{q{(n + 1) % count}}} = 'x'")) for n in range(count))))


def _choices(count: int, selects: int) -> bytes:
    rows = [("select_one l", f"q{n}", "Q") for n in range(selects)]
    listed = [("list_name", "name", "label"), *(("l", f"c{n}", f"Choice {n}") for n in range(count))]
    return form([HEAD, *rows], listed)


def _languages(headers: tuple[str, ...]) -> bytes:
    return form([("type", "name", *headers), ("text", "a", *(["A"] * len(headers)))])


def _wide_sheets() -> bytes:
    """A hundred sheets with one cell each, far from the first."""
    far = sheet_xml(()).replace(b"</sheetData>", b'<row r="799"><c r="ALL799"><v>1</v></c></row></sheetData>')
    return packed(parts_of({"survey": sheet_xml(GOOD)} | {f"s{n}": far for n in range(99)}))


def _old_wide_sheets() -> bytes:
    far = old_books.label(798, 999, 0)
    return old_books.workbook(["type"], {"survey": far} | {f"s{n}": far for n in range(99)})


def _shared_text() -> bytes:
    """One long text, which two thousand cells share."""
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 2001))
    parts = parts_of({"survey": sheet_xml(()).replace(b"</sheetData>", cells + b"</sheetData>")})
    parts["xl/sharedStrings.xml"] = b"<sst><si><t>%s</t></si></sst>" % (b"x" * 1_000_000)
    link = b'<Relationship Id="t" Type="%s/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    name = "xl/_rels/workbook.xml.rels"
    return packed(parts | {name: parts[name].replace(b"</Relationships>", link % kind)})


def _growing_loop() -> bytes:
    rows = [("begin loop over l", "g", "G"), ("text", "a", "%(label)s" * 2200), ("end loop", "", "")]
    listed = [("list_name", "name", "label"), *(("l", f"c{n}", "y" * 19_990) for n in range(10))]
    return form([("type", "name", "label"), *rows], listed)


def _missing_lists(count: int) -> bytes:
    """As many lists as questions, and no question names one of them."""
    listed = [("list_name", "name", "label"), *((f"list{n}", "a", "A") for n in range(count))]
    return form([("type", "name", "label"), *((f"select_one liste{n}", f"q{n}", "Q") for n in range(count))], listed)


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "noise": lambda: bytes(range(256)) * 400,
    "a page": lambda: b"<html><body>Sign in</body></html>",
    "a PDF": lambda: b"%PDF-1.7\n" + bytes(2000),
    "an empty package": lambda: packed({}),
    "a package of something else": lambda: packed({"word/document.xml": b"<x/>"}),
    "half a file": lambda: form(GOOD)[:700],
    "no directory": lambda: form(GOOD)[:-60],
    "old and broken": lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(range(256)) * 40,
    "old and cut": lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504),
    "zip bomb": lambda: _bomb(200),
    "many zip bombs": _many_bombs,
    "a size that lies": _lying_size,
    "overlapping parts": _overlapping,
    "5,000 parts": lambda: packed(
        parts_of({"survey": sheet_xml(GOOD)}) | {f"xl/media/{n}.png": b"x" for n in range(5000)}
    ),
    "entities in the sheet": lambda: _entities(SURVEY),
    "entities in the workbook": lambda: _entities("xl/workbook.xml"),
    "entities in the relations": lambda: _entities("xl/_rels/workbook.xml.rels"),
    "an entity from outside": _outside_entity,
    "a million rows": _million_rows,
    "a hundred wide sheets": _wide_sheets,
    "a hundred wide sheets of old": _old_wide_sheets,
    "a text that 2,000 cells share": _shared_text,
    "25 million empty cells": lambda: b"type,name,label\ntext,a,A\n" + (b"," * 999 + b"\n") * 25_000,
    "the last cell there is": lambda: _far_cell("XFD1048576"),
    "a cell far below": lambda: _far_cell("A1048576"),
    "no sheet of a form": lambda: workbook(budget=[("year", "sum"), ("2026", "1")]),
    "a sheet called like a trick": lambda: workbook(**{"\u202efdp.mrof": [("a", "b")], "x": [("a", "b")]}),
    "an empty survey": lambda: form([]),
    "headers alone": lambda: form([HEAD]),
}

HARMLESS: dict[str, Callable[[], bytes]] = {
    "a good form": lambda: form(GOOD),
    "external links": _links,
    "a hungry pattern": lambda: form(texts(("text", "a", "A", "", "regex(., '(a+)+$')"))),
    "a pattern that cannot be run": lambda: form(texts(("text", "a", "A", "", r"regex(., '(a+)\1$')"))),
    "5,000 questions": lambda: _questions(5000),
    "10,000 choices in 200 questions": lambda: _choices(10_000, 200),
    "a long label": lambda: form(texts(("text", "a", "A" * 15_000))),
    "a label of names": lambda: form(texts(("text", "a", "A"), ("note", "b", "${a} " * 2000))),
    "ways out in its ids": lambda: form(
        texts(("text", "a", "A")), settings=[("form_title", "form_id", "version"), ("../../x", "../../x", "../1")]
    ),
    "ways out in its languages": lambda: _languages(("label::English (en)", "label::../../x (../../x)", "label::a/b")),
    "ways out in our own sheets": lambda: workbook(
        survey=[("type", "name", "label", "fc::short::../../x", "fc::prompt::(../y)"), ("text", "a", "A", "b", "c")],
        settings=[("form_title", "fc::title::../../x", "fc::tables"), ("Form", "x", "../../../etc/passwd")],
        advice=[("question", "advice", "when", "words", "words::/x"), ("a", "b", "${a} = 'x'", "c", "d")],
    ),
    "a table outside": lambda: form(
        texts(
            ("select_one_from_file ../../../../etc/passwd", "a", "A"),
            ("select_one_from_file /etc/passwd.csv", "b", "B"),
        )
    ),
    "a pulled table outside": lambda: _calculation("pulldata('../../../../etc/passwd', 'a', 'b', 'c')"),
    "controls in words": lambda: form(texts(("text", "a", "_x001B_]0;x_x0007_ \u202e \u200b"))),
    "a formula in a cell": lambda: form(texts(("text", "a", '=HYPERLINK("http://files.example")'))),
    "a large count": lambda: form(
        [
            ("type", "name", "label", "repeat_count"),
            ("begin_repeat", "r", "R", "1000000000"),
            ("text", "a", "A"),
            ("end_repeat",),
        ]
    ),
}

EITHER: dict[str, Callable[[], bytes]] = {
    "100,000 brackets": lambda: _expression("(" * 100_000 + "1" + ")" * 100_000),
    "100,000 open brackets": lambda: _expression("(" * 100_000),
    "100,000 nots": lambda: _expression("not(" * 100_000 + "1" + ")" * 100_000),
    "100,000 ifs": lambda: _calculation("if(${a}, 1, " * 100_000 + "0" + ")" * 100_000),
    "100,000 signs": lambda: _expression("-" * 100_000 + "1"),
    "100,000 terms": lambda: _calculation("1 + " * 100_000 + "1"),
    "100,000 predicates": lambda: _expression("a[" * 100_000 + "1" + "]" * 100_000),
    "100,000 steps": lambda: _expression("../" * 100_000 + "a"),
    "5,000 terms": lambda: _calculation(" + ".join(["coalesce(${a}, 0)"] * 1700)),
    "a name that is not there, 3,000 times": lambda: _expression(
        " and ".join(f"${{nope{n}}} = 1" for n in range(1500))
    ),
    "repetition of repetition": lambda: form(texts(("text", "a", "A", "", "regex(., '((a{1000}){1000}){1000}')"))),
    "a loop whose words grow": _growing_loop,
    "4,000 lists that are not there": lambda: _missing_lists(4000),
    "2,500 names that are nearly there": lambda: form(
        texts(*(("text", f"question{n}", "Q", f"${{questionn{n}}} = 1") for n in range(2500)))
    ),
    "two that need each other": lambda: _ring(2),
    "5,000 that need each other": lambda: _ring(5000),
    "one that needs itself": lambda: form(texts(("text", "a", "A", "${a} = 'x'"))),
    "a calculation of itself": lambda: _calculation("${c} + 1"),
    "a repeat that counts itself": lambda: form(
        [
            ("type", "name", "label", "repeat_count"),
            ("begin_repeat", "r", "R", "count(${a})"),
            ("text", "a", "A"),
            ("end_repeat",),
        ]
    ),
    "controls in names": lambda: form(
        texts(("text", "a_x0007_b", "A"), ("text", "_x001B_[31m", "B"), ("text", "c\u202e", "C"))
    ),
    "a name of 100,000 letters": lambda: form(texts(("text", "a" * 100_000, "A"))),
    "no names at all": lambda: form(texts(*[("text", "", "A")] * 300)),
    "one name 5,000 times": lambda: form(texts(*[("text", "a", "A")] * 5000)),
    "a title of controls": lambda: form(GOOD, settings=[("form_title",), ("_x001B_[2J_x0000_",)]),
    "10,000 groups in each other": lambda: _nested(10_000),
    "40 groups in each other": lambda: _nested(40),
    "200 repeats in each other": lambda: _nested(200, "repeat"),
    "10,000 ends of groups": lambda: form(texts(("text", "a", "A"), *[("end_group", "", "")] * 10_000)),
    "10,000 groups that never end": lambda: form(texts(*(("begin_group", f"g{n}", "G") for n in range(10_000)))),
    "900 unknown columns": lambda: form(
        [
            ("type", "name", "label", *(f"x{n}" for n in range(900))),
            *([("text", f"q{m}", "Q", *["y"] * 900) for m in range(200)]),
        ]
    ),
    "60,000 choices": lambda: _choices(60_000, 1),
    "120 languages": lambda: _languages(tuple(f"label::Language {n} (x{n})" for n in range(120))),
    "a text of 2,000,000 letters": lambda: form(texts(("text", "a", "A" * 2_000_000))),
    "a million rows of commas": lambda: b"type,name,label\ntext,a,A\n" + b",,\n" * 1_000_000,
    "a csv of one line": lambda: b"type,name,label," + b"x," * 5_000_000,
    "a csv with nul": lambda: b"type,name,label\ntext,a,A\x00B\n",
    "an absurd cell": lambda: _far_cell("ZZZZZZZ99999999999"),
    "sheets with no names": lambda: packed(parts_of({"": sheet_xml(GOOD), " ": sheet_xml(GOOD)})),
    "a text that is not there": lambda: _part(
        sheet_xml(GOOD).replace(b'<c r="C2" t="inlineStr"><is>', b'<c r="C2" t="s"><v>99</v><is>')
    ),
    "cells in any order": lambda: _part(sheet_xml(GOOD).replace(b'r="A2"', b'r="C1"')),
    "types that nobody knows": lambda: form(texts(*((f"type{n}", f"q{n}", "Q") for n in range(3000)))),
}
