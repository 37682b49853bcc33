"""Workbooks part by part: what no spreadsheet program would write, and what one would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

Rows = Sequence[Sequence[str]]

_NS = "http://schemas.openxmlformats.org"
_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def column(number: int) -> str:
    """The letters of a column, from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def sheet_xml(rows: Rows, *, dimension: str = "", extra: str = "") -> bytes:
    """A sheet whose cells hold their text themselves."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            f'<c r="{column(place)}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
            for place, cell in enumerate(row)
            if cell
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    size = f'<dimension ref="{dimension}"/>' if dimension else ""
    inner = f"{size}<sheetData>{''.join(lines)}</sheetData>{extra}"
    return _HEAD + f'<worksheet xmlns="{_NS}/spreadsheetml/2006/main">{inner}</worksheet>'.encode()


def parts_of(sheets: Mapping[str, bytes]) -> dict[str, bytes]:
    """The parts of a workbook with these sheets, by name."""
    numbered = list(enumerate(sheets, 1))
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n, _ in numbered
    )
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in numbered)
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_NS}/officeDocument/2006/relationships/worksheet" '
        f'Target="worksheets/sheet{n}.xml"/>'
        for n, _ in numbered
    )
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    found = {
        "[Content_Types].xml": f'<Types xmlns="{_NS}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/>{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{_NS}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_NS}/spreadsheetml/2006/main" '
        f'xmlns:r="{_NS}/officeDocument/2006/relationships"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships">'
        f"{links}</Relationships>",
    }
    parts = {name: _HEAD + text.encode() for name, text in found.items()}
    return parts | {f"xl/worksheets/sheet{n}.xml": sheets[name] for n, name in numbered}


def packed(parts: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The parts as one file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method, compresslevel=1) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, method)
    return stream.getvalue()


def workbook(**sheets: Rows) -> bytes:
    """A workbook of these sheets."""
    return packed(parts_of({name: sheet_xml(rows) for name, rows in sheets.items()}))


def form(survey: Rows, choices: Rows = (), settings: Rows = (("form_title", "form_id"), ("Form", "form"))) -> bytes:
    """An XLSForm; the header of `survey` is its first row."""
    sheets: dict[str, Rows] = {"survey": survey}
    if choices:
        sheets["choices"] = choices
    if settings:
        sheets["settings"] = settings
    return workbook(**sheets)


def texts(*rows: Iterable[str]) -> Rows:
    """Questions of type text with a name, a label and whatever further columns there are."""
    return [("type", "name", "label", "relevant", "constraint", "calculation"), *(tuple(row) for row in rows)]
