"""Forms become checklists: every type, every spelling, every place where a name can stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstcontact.definitions.yaml import load_checklist
from firstcontact.xlsform.importing import Imported
from firstcontact.xlsform.packaging import Refused
from firstcontact.xlsform.types import read_type
from firstcontact.xlsform.writer import write_definition
from tests.xlsform.books import entries, entry, imported, told

HEAD = ("type", "name", "label")
YES_NO = [("list_name", "name", "label"), ("yn", "yes", "Yes"), ("yn", "no", "No")]


def loads(made: Imported, folder: Path) -> None:
    """What was imported is a checklist that can be used."""
    write_definition(made.definition, made.translations, made.tables, folder / "out")
    load_checklist(folder / "out")


def test_every_type_has_its_place(tmp_path: Path) -> None:
    """The types of XLSForm and the spellings of old forms become ours; pictures and places are kept."""
    kinds = {
        "text": "text",
        "string": "text",
        "q string": "text",
        "integer": "whole-number",
        "int": "whole-number",
        "decimal": "decimal",
        "date": "date",
        "time": "time",
        "dateTime": "date-time",
        "note": "note",
        "range": "range",
        "acknowledge": "one-of",
        "trigger": "one-of",
        "tel": "phone",
        "db:person": "text",
        "email": "text",
        "select_one yn": "one-of",
        "select1 yn": "one-of",
        "select one from yn": "one-of",
        "select_multiple yn": "any-of",
        "select all that apply from yn": "any-of",
        "rank yn": "rank",
        "image": "file",
        "q picture": "file",
        "geopoint": "file",
        "audio": "file",
        "barcode": "file",
        "osm": "file",
        "hologram": "file",
    }
    rows = [(written, f"q{number}", f"Q {number}") for number, written in enumerate(kinds)]
    made = imported(tmp_path, [HEAD, *rows], YES_NO)
    assert [each["type"] for each in entries(made)] == list(kinds.values())
    for each, (written, _, _) in zip(entries(made), rows, strict=True):
        if each["type"] == "file":
            assert each["kept"]["type"] == written
    assert entry(made, "q11")["choices"] == [{"choice": "OK", "label": "OK"}]
    assert entry(made, "q10") == {
        "question": "q10", "type": "range", "say": "Q 10", "start": "1", "end": "10", "step": "1",
    }  # fmt: skip
    fates = {each.name: each.fate for each in made.report.rows}
    assert fates["q21"] == "live"
    assert fates["q22"] == "kept"
    assert "survey row 30, column A: there is no type 'hologram'; it is kept and cannot be answered here." in told(made)
    loads(made, tmp_path)


def test_what_devices_add_is_worked_out_or_blank(tmp_path: Path) -> None:
    """start, today and hidden rows are calculations; what a visit does not know is blank and told."""
    made = imported(
        tmp_path,
        [
            (*HEAD, "default", "calculation"),
            ("start", "start"),
            ("today", "today"),
            ("deviceid", "deviceid"),
            ("audit", "audit"),
            ("start-geopoint", "place", "Where it began"),
            ("background-audio", "sound"),
            ("hidden", "source", "", "user"),
            ("hidden", "h"),
            ("calculate", "c", "", "", "1 + 1"),
            ("calculate", "d", "", "today()"),
            ("text", "a", "A"),
        ],
    )
    values = {each["calculation"]: each["value"] for each in entries(made) if "calculation" in each}
    assert values == {
        "start": "once(now())", "today": "today()", "deviceid": "''", "audit": "''", "place": "''",
        "sound": "''", "source": "'user'", "h": "''", "c": "1 + 1",
        "d": "once(today())",
    }  # fmt: skip
    assert entry(made, "deviceid")["kept"] == {"type": "deviceid"}
    assert entry(made, "source")["kept"] == {"type": "hidden", "default": "user"}
    fates = {each.name: each.fate for each in made.report.rows}
    assert (fates["deviceid"], fates["audit"], fates["place"], fates["sound"]) == ("live", "kept", "kept", "kept")
    loads(made, tmp_path)


@pytest.mark.parametrize(
    ("header", "cell", "key", "value"),
    [
        ("relevant", "${a} = '1'", "relevant", "${a} = '1'"),
        ("Relevance", "${a} = '1'", "relevant", "${a} = '1'"),
        ("bind::relevant", "${a} = '1'", "relevant", "${a} = '1'"),
        ("bind:relevant", "${a} = '1'", "relevant", "${a} = '1'"),
        (" bind :: Relevant", "${a} = '1'", "relevant", "${a} = '1'"),
        ("required", "yes", "required", "yes"),
        ("required", True, "required", "yes"),
        ("required", "TRUE()", "required", "yes"),
        ("required", "no", "required", None),
        ("required", "${a} = '1'", "required", "${a} = '1'"),
        ("read only", "yes", "read_only", "yes"),
        ("calculate", "${a}", "calculation", "${a}"),
        ("hint", "H", "prompt", "H"),
        ("appearance", "minimal", "appearance", "minimal"),
        ("default", "x", "default", "'x'"),
        ("default", "it's", "default", '"it\'s"'),
        ("default", "today()", "default", "today()"),
        ("default", "${a}", "default", "${a}"),
        ("constraint", ". != ${a}", "constraint", ". != ${a}"),
        ("bind::jr:requiredMsg", "M", "required_message", "M"),
    ],
)
def test_columns_are_known_by_many_names(tmp_path: Path, header: str, cell: str, key: str, value: str | None) -> None:
    """Spelt as in ODK, Kobo, old forms, with blanks and capital letters."""
    made = imported(tmp_path, [(*HEAD, header), ("text", "a", "A"), ("text", "b", "B", cell)])
    assert entry(made, "b").get(key) == value
    loads(made, tmp_path)


def test_old_headers_of_all_sheets(tmp_path: Path) -> None:
    """command, tag and caption; list name and value; set form title."""
    made = imported(
        tmp_path,
        [("command", "tag", "caption"), ("select one from l", "a", "A")],
        [("list name", "value", "caption"), ("l", 1, "One"), ("l", 2.0, "Two")],
        [("set form title", "set form id"), ("Our form", "our form v1")],
    )
    assert made.definition["title"] == "Our form"
    assert made.definition["checklist"] == "our-form-v1"
    assert made.definition["kept"]["settings"] == {"form_id": "our form v1"}
    assert made.definition["lists"] == {"l": [{"choice": "1", "label": "One"}, {"choice": "2", "label": "Two"}]}


def test_numbers_as_defaults_are_numbers(tmp_path: Path) -> None:
    """Of a number question; text stays text even if it looks like a number."""
    head = (*HEAD, "default")
    made = imported(
        tmp_path, [head, ("integer", "a", "A", 5.0), ("text", "b", "B", 5.0), ("integer", "c", "C", "3 + 4"),
                   ("integer", "d", "D", "many")],
    )  # fmt: skip
    defaults = [each.get("default") for each in entries(made)]
    assert defaults == ["5", "'5'", "3 + 4", None]
    assert entry(made, "d")["kept"] == {"default": "many"}
    assert "survey row 5, column D: the default is no number; it is kept." in told(made, "error")


def test_groups_and_repeats_stand_in_each_other(tmp_path: Path) -> None:
    """With title, relevance and count; calculations stay in their place."""
    made = imported(
        tmp_path,
        [
            (*HEAD, "relevant", "repeat_count", "calculation", "appearance"),
            ("integer", "n", "How many?"),
            ("begin repeat", "child", "Child", "${n} > 0", "${n}"),
            ("text", "first", "Name"),
            ("begin_group", "more", "More", "${first} != ''", "", "", "field-list"),
            ("calculate", "c", "", "", "", "${first}"),
            ("end_group",),
            ("end repeat",),
        ],
    )
    repeat = entries(made)[1]
    assert repeat["repeat"] == "child"
    assert (repeat["title"], repeat["relevant"], repeat["count"]) == ("Child", "${n} > 0", "${n}")
    group = repeat["questions"][1]
    assert group["group"] == "more"
    assert group["kept"] == {"appearance": "field-list"}
    assert group["questions"] == [{"calculation": "c", "value": "${first}"}]
    loads(made, tmp_path)


def test_languages_become_translations(tmp_path: Path) -> None:
    """A code in brackets, a name that everybody knows, a name that nobody knows; the default language is ours."""
    made = imported(
        tmp_path,
        [
            (
                "type",
                "name",
                "label::English (en)",
                "label::Welsh",
                "label::Ulmish",
                "hint::Welsh",
                "media::image::Welsh",
            ),
            ("begin group", "g", "Home", "Cartref"),
            ("select_one yn", "a", "Cold?", "Oer?", "Ulm?", "Awgrym", "oer.png"),
            ("end group",),
            ("note", "b", None, "Dim ond Cymraeg"),
        ],
        [
            ("list_name", "name", "label::English (en)", "label::Welsh"),
            ("yn", "yes", "Yes", "Ie"),
            ("yn", "no", "No", "Na"),
        ],
        [("form_title", "default_language"), ("F", "English (en)")],
    )
    assert made.definition["language"] == "en"
    assert entry(made, "a")["say"] == "Cold?"
    assert entry(made, "b")["say"] == "Dim ond Cymraeg"
    assert set(made.translations) == {"cy", "qaa-ulmish"}
    welsh = made.translations["cy"]
    assert welsh["questions"]["a"] == {"say": "Oer?", "prompt": "Awgrym"}
    assert welsh["groups"] == {"g": "Cartref"}
    assert welsh["lists"] == {"yn": {"yes": "Ie", "no": "Na"}}
    assert entry(made, "a")["kept"] == {"media::image::Cymraeg (cy)": "oer.png"}
    assert any("the language 'Ulmish' has no code; it is called qaa-ulmish here" in each for each in told(made))
    loads(made, tmp_path)


def test_columns_without_a_language_are_in_the_default_one(tmp_path: Path) -> None:
    """Which is English where nobody says."""
    made = imported(tmp_path, [("type", "name", "label", "label::French (fr)"), ("text", "a", "A", "Ah")])
    assert (made.definition["language"], set(made.translations)) == ("en", {"fr"})
    made = imported(
        tmp_path, [HEAD, ("text", "a", "Ah")], settings=[("form_title", "default_language"), ("F", "French (fr)")]
    )
    assert (made.definition["language"], made.translations) == ("fr", {})


def test_choices_have_filters_and_further_columns(tmp_path: Path) -> None:
    """Columns of the list are there for choice_filter; select_one_external is a list like any other."""
    made = imported(
        tmp_path,
        [
            (*HEAD, "choice_filter"),
            ("select_one town", "t", "Town?"),
            ("select_one_external street", "s", "Street?", "town=${t}"),
            ("select_one town or_other", "o", "Town?"),
        ],
        [("list_name", "name", "label", "county"), ("town", "t1", "Fenny", "A"), ("town", "t2", "Marsh", "B")],
        external_choices=[("list_name", "name", "label", "town"), ("street", "s1", "High Street", "t1")],
    )
    assert made.definition["lists"]["town"][1] == {"choice": "t2", "label": "Marsh", "county": "B"}
    assert entry(made, "s")["filter"] == "town=${t}"
    assert entry(made, "o")["other"] == "yes"
    assert "type" not in entry(made, "s").get("kept", {})
    loads(made, tmp_path)


def test_choices_in_a_file_beside_the_form(tmp_path: Path) -> None:
    """Read where the file is there, asked as text where it is not; never outside the folder."""
    (tmp_path / "towns.csv").write_text("name,label,county\nt1,Fenny,A\nt2,Marsh,B\n")
    (tmp_path / "rates.csv").write_text("area,rate\nA,5\n")
    made = imported(
        tmp_path,
        [
            (*HEAD, "choice_filter", "calculation"),
            ("select_one_from_file towns.csv", "a", "A", "county = 'A'"),
            ("select_one_from_file gone.csv", "b", "B", "county = 'A'"),
            ("select_multiple_from_file ../../etc/passwd", "c", "C"),
            ("calculate", "r", "", "", "pulldata('rates', 'rate', 'area', 'A')"),
            ("calculate", "s", "", "", "pulldata('nowhere', 'rate', 'area', 'A')"),
        ],
    )
    assert entry(made, "a")["list"] == "towns"
    assert made.definition["lists"]["towns"][0] == {"choice": "t1", "label": "Fenny", "county": "A"}
    assert entry(made, "b")["type"] == "text"
    assert entry(made, "b")["kept"] == {"type": "select_one_from_file gone.csv", "choice_filter": "county = 'A'"}
    assert entry(made, "c")["type"] == "text"
    assert made.definition["tables"] == {"rates": "rates.csv"}
    assert made.tables == {"rates.csv": [["area", "rate"], ["A", "5"]]}
    assert any("the table nowhere is not beside the form" in each for each in told(made, "error"))
    loads(made, tmp_path)


def test_what_means_nothing_here_is_kept(tmp_path: Path) -> None:
    """Columns, settings and sheets, by their headers."""
    made = imported(
        tmp_path,
        [
            (*HEAD, "body::intent", "guidance_hint", "trigger", "parameters"),
            ("text", "a", "A", "x", "G", "${a}", "p=1"),
        ],
        settings=[("form_title", "form_id", "style"), ("F", "f", "pages")],
        entities=[("list_name", "label"), ("trees", "${a}")],
        notes=[("who", "what"), ("Rosa", "checked")],
    )
    assert entry(made, "a")["kept"] == {
        "body::intent": "x",
        "guidance_hint": "G",
        "trigger": "${a}",
        "parameters": "p=1",
    }
    assert made.definition["kept"] == {
        "settings": {"form_id": "f", "style": "pages"},
        "sheets": {
            "entities": {"columns": ["list_name", "label"], "rows": [["trees", "${a}"]]},
            "notes": {"columns": ["who", "what"], "rows": [["Rosa", "checked"]]},
        },
    }
    loads(made, tmp_path)


def test_limits_of_a_range(tmp_path: Path) -> None:
    """start, end and step; what is no number is told."""
    made = imported(
        tmp_path,
        [(*HEAD, "parameters"), ("range", "a", "A", "start=0 end=1 step=0.1"), ("range", "b", "B", "start=x;end=5")],
    )
    assert {key: entry(made, "a")[key] for key in ("start", "end", "step")} == {"start": "0", "end": "1", "step": "0.1"}
    assert entry(made, "b")["start"] == "1"
    assert "survey row 3, column D: 'x' is no start of a range; 1 is taken." in told(made, "error")
    loads(made, tmp_path)


def test_no_form_no_checklist(tmp_path: Path) -> None:
    """Without a survey sheet, a type column or a row there is nothing to ask."""
    with pytest.raises(Refused, match="no survey sheet with a column 'type'"):
        imported(tmp_path, [("name", "label"), ("a", "A")])
    with pytest.raises(Refused, match="no rows"):
        imported(tmp_path, [HEAD])


def test_a_type_is_known_whatever_its_spaces() -> None:
    """begin_group, begin group and Begin  Group are one."""
    assert read_type("Begin  Group").shape == "begin-group"
    assert read_type("end_repeat").shape == "end-repeat"
    assert read_type("select_one  yn   or_other") == read_type("select_one yn or specify other")
    assert read_type("slect_one yn").suggestion == "select_one"
