"""Forms with mistakes: everything that is wrong is told at once, by sheet, row and column, and the rest works."""

from __future__ import annotations

import json
from pathlib import Path

from firstcontact.definitions.yaml import load_checklist
from firstcontact.xlsform.importing import Imported
from firstcontact.xlsform.writer import write_definition
from tests.xlsform.books import book, entries, entry, imported, told

HEAD = ("type", "name", "label")
RULES = (*HEAD, "relevant", "constraint", "calculation")
YES_NO = [("list_name", "name", "label"), ("yes_no", "yes", "Yes"), ("yes_no", "no", "No")]


def loads(made: Imported, folder: Path) -> None:
    """What was imported is a checklist that can be used."""
    write_definition(made.definition, made.translations, made.tables, folder / "out")
    load_checklist(folder / "out")


def test_a_broken_expression_is_told_kept_and_without_effect(tmp_path: Path) -> None:
    """The row stays; the report says loudly what that means; a misspelt name has the nearest one beside it."""
    made = imported(
        tmp_path,
        [
            RULES,
            ("text", "colour", "A"),
            ("text", "b", "B", "${color} = 'red'"),
            ("text", "c", "C", "${colour} = = 'red'", "selekted(., 'x')"),
            ("calculate", "d", "", "", "", "1 +"),
            ("text", "e", "E", "", "regex(., '(a)\\1')"),
            ("integer", "f", "F", "", ". >= 18"),
        ],
    )
    errors = told(made, "error")
    first = "survey row 3, column D: relevant cannot be used: there is no 'color'. The row is asked always. "
    assert errors == [
        f"{first}Did you mean 'colour'?",
        *[each for each in errors if "row 4, column D" in each],
        *[each for each in errors if "row 4, column E" in each],
        *[each for each in errors if "row 5, column F" in each],
        *[each for each in errors if "row 6, column E" in each],
    ]
    assert len(errors) == 5
    assert "Did you mean 'selected()'?" in errors[2]
    assert "character" in errors[1]
    assert "Every answer is taken" in errors[4]
    assert entry(made, "b")["kept"] == {"relevant": "${color} = 'red'"}
    assert "relevant" not in entry(made, "b")
    assert entry(made, "d") == {"calculation": "d", "value": "''", "kept": {"calculation": "1 +"}}
    assert entry(made, "f")["constraint"] == ". >= 18"
    assert all(each.fate == "live" for each in made.report.rows)
    loads(made, tmp_path)


def test_a_misspelt_type_or_list_has_the_nearest_beside_it(tmp_path: Path) -> None:
    """The row is kept as one that cannot be answered here, and written back as it was."""
    made = imported(
        tmp_path,
        [
            HEAD,
            ("slect_one yes_no", "a", "A"),
            ("select_one yes_n", "b", "B"),
            ("select_one", "c", "C"),
            ("", "d", "D"),
            ("select_one Yes_No", "e", "E"),
            ("select_multiple ${r}", "f", "F"),
        ],
        YES_NO,
    )
    errors = told(made, "error")
    assert "Did you mean 'select_one'?" in errors[0]
    assert errors[1] == (
        "survey row 3, column A: there is no list 'yes_n'; the question is kept and cannot be answered here. "
        "Did you mean 'yes_no'?"
    )
    assert [each["type"] for each in entries(made)] == ["file", "file", "file", "file", "one-of", "text"]
    assert entry(made, "b")["kept"] == {"type": "select_one yes_n"}
    loads(made, tmp_path)


def test_groups_that_do_not_fit(tmp_path: Path) -> None:
    """An end without a beginning, the wrong end, none at all: each at its row."""
    made = imported(
        tmp_path,
        [
            HEAD,
            ("end group",),
            ("begin group", "g", "G"),
            ("text", "a", "A"),
            ("end repeat",),
            ("begin repeat", "r", "R"),
            ("text", "b", "B"),
        ],
    )
    assert told(made, "error") == [
        "survey row 2: nothing is open that this end_group could end.",
        "survey row 5: this end_repeat ends the begin_group of row 3. Did you mean 'end_group'?",
        "survey row 6: this begin_repeat is never ended; it is taken to end with the sheet.",
    ]
    assert [next(iter(each.values())) for each in entries(made)] == ["g", "r"]
    loads(made, tmp_path)


def test_names_that_stand_twice(tmp_path: Path) -> None:
    """In different groups they are two rows: the second has a name of its own, and whatever meant it means it still."""
    made = imported(
        tmp_path,
        [
            RULES,
            ("begin group", "mother", "Mother"),
            ("integer", "years", "Age?"),
            ("note", "m", "${years} years", "${years} > 50"),
            ("end group",),
            ("begin group", "father", "Father"),
            ("integer", "years", "Age?"),
            ("note", "f", "${years} years", "../years > 50 and /data/mother/years > 50"),
            ("end group",),
            ("note", "either", "E", "${years} > 5"),
            ("begin group", "f", "F"),
            ("end group",),
        ],
    )
    assert entry(made, "m")["relevant"] == "${years} > 50"
    assert entry(made, "f")["relevant"] == "../father_years > 50 and /data/mother/years > 50"
    assert entry(made, "f")["say"] == "${father_years} years"
    assert entry(made, "f_group")["group"] == "f_group"
    assert "survey row 7, column B: 'years' is the name of row 3 too; this one is called father_years here." in told(
        made
    )
    assert any("several rows are called 'years'; the first of them is meant" in each for each in told(made, "warning"))
    loads(made, tmp_path)


def test_names_that_are_none(tmp_path: Path) -> None:
    """Accents, blanks, digits first, nothing at all: each becomes a name, and expressions follow."""
    made = imported(
        tmp_path,
        [
            RULES,
            ("text", "âge réel", "A"),
            ("text", "1st", "B", "${âge réel} = 'x' and ${âge} = 1"),
            ("note", "", "C"),
            ("text", "имя", "D"),
            ("text", "age", "E", "${имя} != ''"),
        ],
    )
    assert [each["question"] for each in entries(made)] == ["age_reel", "_1st", "note_4", "row_5", "age"]
    assert entry(made, "age")["relevant"] == "${row_5} != ''"
    assert any("'age' is also a name that a visit works out" in each for each in told(made, "warning"))
    loads(made, tmp_path)


def test_rows_that_wait_for_each_other(tmp_path: Path) -> None:
    """The circle is told by its names, at the row where it closes, and broken there."""
    made = imported(
        tmp_path,
        [
            RULES,
            ("text", "a", "A", "${b} = 'x'"),
            ("text", "b", "B", "${c} = 'x'"),
            ("calculate", "c", "", "", "", "${a}"),
            ("begin group", "g", "G", "${inside} = 'x'"),
            ("text", "inside", "I"),
            ("end group",),
        ],
    )
    why = "is set aside, because these wait for each other"
    assert told(made, "error") == [
        f"survey row 4, column F: calculation {why}: a needs b needs c needs a.",
        f"survey row 5, column D: relevant {why}: g needs inside needs g.",
    ]
    assert entry(made, "c") == {"calculation": "c", "value": "''", "kept": {"calculation": "${a}"}}
    loads(made, tmp_path)


def test_a_circle_through_groups_in_groups(tmp_path: Path) -> None:
    """The inner group says nothing itself; the outer one waits for what stands in the inner one."""
    made = imported(
        tmp_path,
        [
            RULES,
            ("begin group", "outer", "O", "${answer} = 'x'"),
            ("begin group", "inner", "I"),
            ("calculate", "answer", "", "", "", "${first}"),
            ("text", "first", "F"),
            ("end group",),
            ("end group",),
        ],
    )
    assert len(told(made, "error")) >= 1
    loads(made, tmp_path)


def test_what_a_spreadsheet_does_to_text(tmp_path: Path) -> None:
    """Curly quotes, TRUE where a condition is wanted, line breaks inside a condition."""
    made = imported(
        tmp_path,
        [
            RULES,
            ("text", "a", "A", True),
            ("text", "b", "B", "${a} = ‘x’ or\n${a} = “y”"),
            ("text", "c", "C", False, "yes"),
        ],
    )
    assert entry(made, "a")["relevant"] == "true()"
    assert entry(made, "b")["relevant"] == "${a} = 'x' or ${a} = \"y\""
    assert entry(made, "c")["relevant"] == "false()"
    assert "survey row 3, column D: curly quotes are straight ones here." in told(made, "changed")
    loads(made, tmp_path)


def test_a_word_without_quotes_is_blank_as_elsewhere(tmp_path: Path) -> None:
    """In XPath it is a path that leads nowhere; it is told, with what may have been meant."""
    made = imported(
        tmp_path,
        [
            RULES,
            ("integer", "a", "A"),
            ("text", "b", "B", "${a} > o and ${a} != null"),
            ("text", "c", "C", "${a} = a"),
            ("text", "d", "D", "${a} = 'l’eau'"),
            ("text", "e", "E", "${a} wet"),
        ],
    )
    assert entry(made, "b")["relevant"] == "${a} > '' and ${a} != ''"
    assert entry(made, "c")["relevant"] == "${a} = ''"
    assert entry(made, "d")["relevant"] == "${a} = 'l’eau'"
    assert "relevant" not in entry(made, "e")
    warnings = told(made, "warning")
    assert [each.rpartition(" ")[2] for each in warnings] == ["''o''?", "''null''?", "'${a}'?"]
    assert len(told(made, "error")) == 1
    loads(made, tmp_path)


def test_comments_and_disabled_rows_are_left_out(tmp_path: Path) -> None:
    """And told; blank rows are not worth a word."""
    made = imported(
        tmp_path,
        [
            (*HEAD, "disabled", "comments"),
            ("text", "a", "A", "no"),
            (),
            ("", "", "", "", "ask Rosa about this"),
            ("text", "b", "B", "yes"),
        ],
    )
    assert [each["question"] for each in entries(made)] == ["a"]
    assert [(each.row, each.fate) for each in made.report.rows] == [(4, "left-out"), (5, "left-out"), (2, "live")]
    assert len(told(made, "changed")) == 2


def test_choices_that_do_not_fit(tmp_path: Path) -> None:
    """Choices without a list, twice, or with blanks where answers are parted by blanks; merged names of lists."""
    made = imported(
        tmp_path,
        [HEAD, ("select_multiple l", "a", "A"), ("select_one m", "b", "B")],
        [
            ("list_name", "name", "label"),
            ("l", "one two", "12"),
            ("l", "three", "3"),
            ("l", "three", "3"),
            ("", "four", "4"),
            ("m", "x", "X"),
            ("", "y y", "Y"),
        ],
        merged=[("choices", "A6:A7", "m")],
    )
    assert [each["choice"] for each in made.definition["lists"]["l"]] == ["one_two", "three", "three"]
    assert [each["choice"] for each in made.definition["lists"]["m"]] == ["x", "y y"]
    assert any("choices row 2: 'one two' has a blank in it" in each for each in told(made, "error"))
    assert any("choices row 4: 'three' stands in the list l twice" in each for each in told(made, "warning"))
    assert any("choices row 5: this choice has no list_name" in each for each in told(made, "warning"))
    assert any("choices row 7, column A: merged cells" in each for each in told(made, "changed"))
    loads(made, tmp_path)


def test_columns_that_are_misspelt(tmp_path: Path) -> None:
    """A column that nobody knows has the nearest known one beside it; two of one meaning are told."""
    made = imported(
        tmp_path,
        [(*HEAD, "relevent", "relevance", "bind::relevant", "my notes"), ("text", "a", "A", "x", "1", "2", "n")],
    )
    assert (
        "survey row 1, column D: there is no column 'relevent'; what stands in it is kept and has no effect. "
        "Did you mean 'relevant'?" in told(made, "warning")
    )
    assert any("column F: 'bind::relevant' says the same as column E" in each for each in told(made, "warning"))
    assert entry(made, "a")["relevant"] == "1"
    assert entry(made, "a")["kept"] == {"relevent": "x", "my notes": "n"}


def test_a_list_too_long_for_a_checklist(tmp_path: Path) -> None:
    """It becomes a table beside the checklist, and its question is asked as text."""
    rows = [("l", f"c{number}", f"Choice {number}") for number in range(30_000)]
    made = imported(tmp_path, [HEAD, ("select_one l", "a", "A")], [("list_name", "name", "label"), *rows])
    assert "lists" not in made.definition or not made.definition["lists"]
    assert entry(made, "a") == {"question": "a", "type": "text", "say": "A", "kept": {"type": "select_one l"}}
    (table,) = made.tables.values()
    assert len(table) == 30_001
    assert any("more than fit into a checklist" in each for each in told(made, "error"))


def test_the_report_as_json(tmp_path: Path) -> None:
    """Each row with its fate, each finding with its place; control characters of the form are shown, not sent."""
    made = imported(tmp_path, [HEAD, ("text", "a", "A"), ("holo\x1b[2Jgram", "b", "B")])
    told_json = json.loads(json.dumps(made.report.as_json()))
    assert told_json["rows"][0] == {"sheet": "survey", "row": 2, "type": "text", "name": "a", "fate": "live"}
    assert told_json["types"]["text"] == {"live": 1}
    error = next(each for each in told_json["findings"] if each["level"] == "error")
    assert (error["sheet"], error["row"], error["column"]) == ("survey", 3, "A")
    assert "\x1b" not in json.dumps(told_json, ensure_ascii=False)
    assert next(made.report.lines()) == "2 rows: 1 live, 1 kept but not answerable here, 0 left out"


def test_a_survey_with_every_sheet_misnamed_is_still_read(tmp_path: Path) -> None:
    """One sheet alone is the survey, whatever it is called."""
    from firstcontact.xlsform.importing import import_form

    made = import_form(book(tmp_path / "f.xlsx", {"Blatt1": [HEAD, ("text", "a", "A")]}))
    assert entries(made)[0]["question"] == "a"
