"""How many letters the cells of an .xlsx have when each gets the text that it shares with others.

A workbook keeps a text once, however many cells hold it; the spreadsheet library gives each of them one of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.parsers import expat


def letters_of_shared(parts: Mapping[str, bytes], cells: int, enough: int) -> int:
    """The letters of all cells that share a text; counting ends once there are more than `enough`.

    `parts`: by name, each known to be XML; `cells`: no fewer than there are. Where even the longest text in every cell
    would be no more than enough, that is what is given.
    """
    shared = next((part for name, part in parts.items() if name.lower() == "xl/sharedstrings.xml"), None)
    if shared is None:
        return 0
    sizes = _sizes(shared)
    letters = max(sizes, default=0) * cells
    if letters <= enough:
        return letters
    letters = 0
    for name, part in parts.items():
        if name.lower().startswith("xl/worksheets/"):
            letters += sum(sizes[number] for number in _shared_by(part) if number < len(sizes))
            if letters > enough:
                break
    return letters


def _sizes(shared: bytes) -> list[int]:
    """How many letters each of the shared texts has."""
    sizes: list[int] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "si":
            sizes.append(0)

    def letters(text: str) -> None:
        if sizes:
            sizes[-1] += len(text)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.CharacterDataHandler = start, letters
    parser.Parse(shared, True)
    return sizes


def _shared_by(sheet: bytes) -> list[int]:
    """The numbers of the texts that the cells of a sheet share."""
    numbers: list[int] = []
    is_shared = in_value = False
    digits = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal is_shared, in_value, digits
        name = name.rpartition(":")[2]
        if name == "c":
            is_shared = attributes.get("t") == "s"
        elif name == "v" and is_shared:
            in_value, digits = True, ""

    def end(name: str) -> None:
        nonlocal in_value
        if in_value and name.rpartition(":")[2] == "v":
            in_value = False
            number = digits.strip()
            if number.isdecimal() and len(number) < 10:
                numbers.append(int(number))

    def letters(text: str) -> None:
        nonlocal digits
        if in_value:
            digits = (digits + text)[:20]

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, letters
    parser.Parse(sheet, True)
    return numbers
