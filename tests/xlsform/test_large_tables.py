"""Tables and merged cells that would multiply: what they would become is counted before it is made."""

from __future__ import annotations

import json
import time
from pathlib import Path

from firstcontact.domain.names import ENOUGH
from firstcontact.xlsform.choices import Lists, read_table_file
from firstcontact.xlsform.headers import Spoken, columns_of
from firstcontact.xlsform.report import Report
from firstcontact.xlsform.workbook import Row, Sheet


def test_places_that_share_no_property_are_no_table(tmp_path: Path) -> None:
    """Each place with a property of its own makes a table of their product; a few such places are one."""
    for count, is_table in ((3, True), (2000, False)):
        places = [{"id": n, "properties": {f"p{n}": "x"}} for n in range(count)]
        (tmp_path / "places.geojson").write_text(json.dumps({"features": places}), encoding="utf-8")
        rows = read_table_file(tmp_path / "form.xlsx", "places.geojson")
        assert (rows is not None) is is_table
    (tmp_path / "places.geojson").write_text('{"features": [{"id": ' + "[" * 900 + "]" * 900 + "}]}", encoding="utf-8")
    read_table_file(tmp_path / "form.xlsx", "places.geojson")


def test_merged_cells_that_overlap_are_gone_through_once() -> None:
    """Thirty thousand merged cells over the same rows: the list in the first of them counts for all below it."""
    rows = [Row(2, {"list_name": "l", "name": "a"}), *(Row(n, {"name": f"c{n}"}) for n in range(3, 5000))]
    sheet = Sheet("choices", [("A", "list_name"), ("B", "name")], rows, [(2, 4999, 0, 0)] * 30_000)
    lists = Lists(Spoken(), Report())
    started = time.process_time()
    lists.read(sheet, columns_of(sheet, "choices", Report()))
    assert time.process_time() - started < 2
    assert len(lists.by_name["l"].entries) == 4998


def test_a_form_that_is_misspelt_throughout_gets_as_many_hints_as_there_is_time_for() -> None:
    """The first names have the nearest one beside them; what is asked for in all is bounded."""
    report = Report()
    known = [f"question{n}" for n in range(1000)]
    found = [report.nearest(f"questoin{n:02}", known) for n in range(100)]
    assert found[10] == "question10"
    assert sum(each is not None for each in found) == ENOUGH // (10 * 1000)
    assert report.nearest("questoin10", known) == "question10"
