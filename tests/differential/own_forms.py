"""Small forms of our own, one for each part of the language, and the workbooks that they are written into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import xlsxwriter

Row: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OwnForm:
    """A form as rows; `files` are tables that lie beside it."""

    name: str
    survey: tuple[Row, ...]
    choices: tuple[Row, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def ask(type_: str, name: str, **more: str) -> Row:
    """A row of the survey."""
    return {"type": type_, "name": name, "label": name, **more}


def work_out(name: str, calculation: str, **more: str) -> Row:
    """A calculate row."""
    return {"type": "calculate", "name": name, "calculation": calculation, **more}


def options(list_name: str, *names: str, **columns: str) -> tuple[Row, ...]:
    """Rows of the choices: `columns` are the same for all of them."""
    return tuple({"list_name": list_name, "name": name, "label": name.title(), **columns} for name in names)


def begin(kind: str, name: str, **more: str) -> Row:
    """The first row of a group or repeat."""
    return {"type": f"begin {kind}", "name": name, "label": name, **more}


def end(kind: str) -> Row:
    """The last row of a group or repeat."""
    return {"type": f"end {kind}"}


def expressions(
    name: str, asked: tuple[Row, ...], written: Mapping[str, str], choices: tuple[Row, ...] = ()
) -> OwnForm:
    """A form that asks and works out one expression a row."""
    return OwnForm(name, (*asked, *(work_out(key, text) for key, text in written.items())), choices)


_YES_NO: Final = options("yn", "yes", "no")

RELEVANCE: Final = OwnForm(
    "relevance",
    (
        ask("select_one yn", "smokes", required="yes"),
        ask("select_one yn", "indoors", relevant="${smokes} = 'yes'", required="${smokes} = 'yes'"),
        ask("integer", "a_day", relevant="${indoors} = 'yes'", constraint=". > 0 and . <= 60", required="true()"),
        ask("text", "why", relevant="${a_day} > 20"),
        begin("group", "health", relevant="${smokes} = 'no' or ${a_day} < 5"),
        ask("select_multiple ill", "ills"),
        ask("text", "other_ill", relevant="selected(${ills}, 'other')", required="yes"),
        begin("group", "more", relevant="count-selected(${ills}) > 1"),
        ask("integer", "years", constraint=". >= 0 and . < 100"),
        ask("note", "long_time", relevant="${years} > 10"),
        end("group"),
        end("group"),
        ask("text", "none_hidden", relevant="${other_ill} != ''"),
        ask("text", "not_hidden", relevant="not(${years} > 3)"),
        work_out("score", "if(${indoors} = 'yes', 2, 0) + if(${years} > 3, 1, 0)"),
        work_out("hidden", "concat('a', ${other_ill})", relevant="${smokes} = 'yes'"),
        ask("text", "of_hidden", relevant="${hidden} != ''"),
    ),
    (*_YES_NO, *options("ill", "heart", "lungs", "other")),
)

NUMBERS: Final = expressions(
    "numbers",
    (ask("integer", "a"), ask("integer", "b"), ask("decimal", "d"), ask("text", "t")),
    {
        "plus": "${a} + ${b}",
        "minus": "${a} - ${b} - 1",
        "negative": "-${a}",
        "times": "${a} * ${d}",
        "over": "${a} div 4",
        "rest": "${a} mod 7",
        "rest_negative": "(0 - ${a}) mod 7",
        "rest_decimal": "${d} mod 2",
        "whole": "int(${d})",
        "whole_negative": "int(0 - ${d})",
        "floor_": "floor(${d})",
        "ceiling_": "ceiling(${d})",
        "rounded": "round(${d})",
        "rounded_two": "round(${d} div 3, 2)",
        "rounded_tens": "round(${a}, -1)",
        "half": "round(2.5) + round(-2.5)",
        "as_number": "number(${t})",
        "as_text": "string(${d})",
        "text_adds": "${t} + 1",
        "coalesced": "coalesce(${a}, ${b})",
        "zero_if_blank": "if(${a} = '', 0, ${a}) + if(${b} = '', 0, ${b})",
        "first": "once(${a})",
        "least": "min(${a}, ${b}, 10)",
        "most": "max(${a}, ${b}, 10)",
        "added": "sum(${a})",
        "power": "pow(${b}, 2)",
        "absolute": "abs(${a} - 10)",
    },
)

COMPARED: Final = expressions(
    "compared",
    (ask("integer", "a"), ask("decimal", "d"), ask("text", "t"), ask("date", "on")),
    {
        "eq_blank": "if(${a} = '', 1, 2)",
        "ne_blank": "if(${a} != '', 1, 2)",
        "eq_zero": "if(${a} = 0, 1, 2)",
        "ne_zero": "if(${a} != 0, 1, 2)",
        "lt": "if(${a} < 18, 1, 2)",
        "ge": "if(${a} >= 18, 1, 2)",
        "not_lt": "if(not(${a} < 18), 1, 2)",
        "eq_text": "if(${t} = '12', 1, 2)",
        "eq_number": "if(${t} = 12, 1, 2)",
        "text_lt": "if(${t} < 40, 1, 2)",
        "same": "if(number(${a}) = number(${d}), 1, 2)",
        "a_date": "if(${on} > date('2026-01-01'), 1, 2)",
        "date_text": "if(${on} = '2026-05-22', 1, 2)",
        "before_today": "if(${on} <= today(), 1, 2)",
        "true_": "true()",
        "false_": "if(false(), 1, 2)",
        "both": "if(${a} > 5 and ${d} > 5, 1, 2)",
        "either": "if(${a} > 5 or ${d} > 5, 1, 2)",
        "and_or": "if(${a} = 1 or ${a} = 2 and ${d} = 1, 1, 2)",
        "truths": "if((${a} > 5) = (${d} > 5), 1, 2)",
        "boolean_text": "boolean-from-string(${t})",
    },
)

WORDS: Final = expressions(
    "words",
    (ask("text", "t"), ask("text", "u"), ask("integer", "n")),
    {
        "joined": "concat(${t}, ' ', ${u}, ${n})",
        "length": "string-length(${t})",
        "part": "substr(${t}, 1, 3)",
        "tail": "substr(${t}, 2)",
        "before": "substring-before(${t}, ' ')",
        "after": "substring-after(${t}, '-')",
        "holds_": "if(contains(${t}, 'a'), 1, 2)",
        "starts": "if(starts-with(${t}, 'A'), 1, 2)",
        "ends": "if(ends-with(${t}, 'a'), 1, 2)",
        "matched": "if(regex(${t}, '^[A-Za-z ]+$'), 1, 2)",
        "matched_part": "if(regex(${t}, '[0-9]{2}'), 1, 2)",
        "trimmed": "normalize-space(${t})",
        "turned": "translate(${t}, 'an', 'ox')",
        "either_text": "coalesce(${t}, ${u})",
        "chosen": "if(${n} > 5, ${t}, ${u})",
        "listed": "join('; ', ${t}, ${u})",
    },
)

CHOSEN: Final = OwnForm(
    "chosen",
    (
        ask("select_one region", "where"),
        ask("select_one town", "town", choice_filter="region = ${where}", required="yes"),
        ask("select_multiple need", "needs", constraint="not(selected(., 'none') and count-selected(.) > 1)"),
        ask("select_multiple need", "second", choice_filter="not(selected(${needs}, name)) and level <= ${most}"),
        ask("integer", "most"),
        ask("select_one size or_other", "size"),
        ask("rank need", "ranked"),
        ask("rank meal or_other", "meals"),
        ask("select_one meal", "best_meal"),
        ask("acknowledge", "seen"),
        work_out("has_food", "if(selected(${needs}, 'food'), 1, 0)"),
        work_out("how_many", "count-selected(${needs})"),
        work_out("first_need", "selected-at(${needs}, 0)"),
        work_out("second_need", "selected-at(${needs}, 1)"),
        work_out("town_name", "jr:choice-name(${town}, '${town}')"),
        work_out("all_needs", "${needs}"),
        work_out("same_town", "if(${town} = 'port', 'a', 'b')"),
        work_out("best", "selected-at(${ranked}, 0)"),
        ask("text", "after_seen", relevant="${seen} = 'OK'"),
    ),
    (
        *options("region", "north", "south"),
        *options("town", "hill", "lake", region="north"),
        *options("town", "port", "bay", "cove", region="south"),
        *options("need", "food", level="1"),
        *options("need", "heat", level="2"),
        *options("need", "none", level="3"),
        *options("size", "small", "large"),
        *options("meal", "soup", "stew"),
    ),
)

DAYS: Final = expressions(
    "days",
    (ask("date", "on"), ask("dateTime", "at"), ask("time", "clock"), ask("integer", "n")),
    {
        "of_text": "date('2024-02-29')",
        "as_number": "number(${on})",
        "later": "if(${on} = '', '', date(${on} + 7))",
        "between": "int((today() - ${on}) div 365.25)",
        "whole_days": "today() - ${on}",
        "decimal_": "decimal-date-time(${on})",
        "decimal_at": "decimal-date-time(${at})",
        "shown": "format-date(${on}, '%d/%m/%Y')",
        "shown_short": "format-date(${on}, '%e %b %y, %n')",
        "shown_at": "format-date-time(${at}, '%Y-%m-%d %H:%M')",
        "year": "format-date(${on}, '%Y')",
        "is_today": "if(${on} = today(), 1, 2)",
        "future": "if(${on} > today(), 1, 2)",
        "day_text": "substr(${on}, 0, 4)",
        "clock_text": "substr(${clock}, 0, 5)",
        "at_before": "if(${at} < now(), 1, 2)",
        "copied": "${on}",
        "or_today": "coalesce(${on}, today())",
    },
)

REPEATED: Final = OwnForm(
    "repeated",
    (
        ask("integer", "limit"),
        begin("repeat", "person"),
        ask("text", "named", required="yes"),
        ask("integer", "age", constraint=". >= 0 and . < 130"),
        ask("select_one yn", "works", relevant="${age} >= 16"),
        work_out("here", "position(..)"),
        work_out("older", "if(${age} > ${limit}, 1, 0)"),
        begin("group", "money", relevant="${works} = 'yes'"),
        ask("decimal", "pay"),
        work_out("yearly", "${pay} * 12"),
        end("group"),
        end("repeat"),
        work_out("people", "count(${person})"),
        work_out("years", "sum(${age})"),
        work_out("oldest", "max(${age})"),
        work_out("youngest", "min(${age})"),
        work_out("earned", "sum(${yearly})"),
        work_out("grown", "sum(${older})"),
        work_out("names", "join(', ', ${named})"),
        work_out("filled", "count-non-empty(${named})"),
        work_out("second_age", "indexed-repeat(${age}, ${person}, 2)"),
        work_out("nth_name", "indexed-repeat(${named}, ${person}, ${limit})"),
        ask("note", "any_old", relevant="${age} > 64"),
        ask("text", "many", relevant="count(${person}) > 2"),
        begin("repeat", "visit", repeat_count="coalesce(${limit}, 0)"),
        ask("text", "reason"),
        ask("text", "again", relevant="${reason} != ''"),
        end("repeat"),
        work_out("visits", "count(${visit})"),
    ),
    _YES_NO,
)

NESTED: Final = OwnForm(
    "nested",
    (
        begin("repeat", "home"),
        ask("text", "street"),
        begin("repeat", "room"),
        ask("integer", "beds"),
        ask("text", "who", relevant="${beds} > 1 and ${street} != ''"),
        work_out("place", "concat(position(../..), '.', position(..))"),
        end("repeat"),
        work_out("beds_here", "if(count(${room}) = 0, 0, sum(${beds}))"),
        work_out("rooms_here", "count(${room})"),
        ask("text", "full", relevant="${beds_here} > 5"),
        end("repeat"),
        work_out("beds_all", "if(count(${beds}) = 0, 0, sum(${beds}))"),
        work_out("homes", "count(${home})"),
    ),
)

GIVEN: Final = OwnForm(
    "given",
    (
        ask("text", "named", default="Rosa"),
        ask("integer", "n", default="3"),
        ask("date", "on", default="today()"),
        ask("text", "copied", default="${named}", read_only="yes"),
        ask("select_one yn", "agrees", default="no"),
        ask("text", "shown", calculation="concat(${named}, '!')", read_only="yes"),
        ask("range", "from_to", parameters="start=0 end=10 step=2", constraint=". > 2"),
        ask("decimal", "weight", constraint=". >= 0.5 and . <= 250"),
        ask("time", "clock"),
        work_out("twice", "${n} * 2"),
        work_out("ranged", "${from_to} + 1"),
        begin("repeat", "thing"),
        ask("text", "what", default="spoon"),
        ask("integer", "how_many", default="1"),
        ask("text", "of", default="${named}"),
        end("repeat"),
        work_out("things", "sum(${how_many})"),
    ),
    _YES_NO,
)

KEPT: Final = OwnForm(
    "kept",
    (
        ask("text", "named", relevant="${open} = 'yes'", constraint="string-length(.) > 3 and . != ${other}"),
        ask("text", "other"),
        ask("select_one yn", "open"),
        begin("group", "inner", relevant="${other} != ''"),
        ask("integer", "n", required="${open} = 'yes'", constraint=". > ${least}"),
        ask("integer", "least"),
        ask("text", "words", constraint="regex(., '^[a-zA-Z ]*$')"),
        end("group"),
        work_out("sum_", "${n} + ${least}"),
        work_out("seen", "concat(${named}, '/', ${words})"),
        ask("image", "picture", relevant="${n} > 1"),
        ask("geopoint", "place"),
        work_out("has_place", "if(${place} = '', 0, 1)"),
    ),
    _YES_NO,
)

_STREETS: Final = """\
key,name,label,street,houses,region
A1,a1,Hill,Hill Road,12,north
B2,b2,Bay,Bay View,30,south
12,c3,Bar,Bar Lane,7,south
"""
TABLES: Final = OwnForm(
    "tables",
    (
        ask("text", "code"),
        work_out("street", "pulldata('streets', 'street', 'key', ${code})"),
        work_out("houses", "pulldata('streets', 'houses', 'key', ${code}) + 0"),
        ask("text", "many", relevant="${houses} > 20"),
        ask("select_one region", "where"),
        ask("select_one_from_file streets.csv", "which", choice_filter="region = ${where}"),
        work_out("where_label", "instance('region')/root/item[name = ${where}]/label"),
        work_out("where_level", "instance('region')/root/item[name = ${where}]/level"),
        work_out("in_region", "count(instance('streets')/root/item[region = ${where}])"),
        begin("repeat", "member"),
        ask("integer", "age"),
        ask("select_one region", "from", choice_filter="level < ${age}"),
        end("repeat"),
        work_out("grown", "count(/data/member[age > 17])"),
        work_out("of_region", "count(${member}[from = ${where}])"),
        work_out("first_old", "/data/member[age > 17][1]/age"),
    ),
    (*options("region", "north", level="3"), *options("region", "south", level="5")),
    {"streets.csv": _STREETS},
)

LOOPED: Final = OwnForm(
    "looped",
    (
        ask("select_multiple heat or_other", "warm"),
        {"type": "begin loop over heat", "name": "each", "label": "each"},
        ask("integer", "hours", relevant="selected(${warm}, '%(name)s')", constraint=". <= 24"),
        ask("select_one yn", "safe", required="selected(${warm}, '%(name)s')"),
        {"type": "end loop"},
        ask("text", "last", relevant="${warm} != ''"),
    ),
    (*_YES_NO, *options("heat", "stove", "boiler", "none")),
)

SAVED: Final = expressions(
    "saved",
    (ask("text", "t"), ask("text", "u"), ask("integer", "n")),
    {
        "eq_blank": "if(${last-saved#t} = '', 1, 2)",
        "ne_blank": "if(${last-saved#t} != '', 1, 2)",
        "eq_text": "if(${last-saved#t} = 'b', 1, 2)",
        "ne_text": "if(${last-saved#t} != 'b', 1, 2)",
        "eq_node": "if(${last-saved#t} = ${u}, 1, 2)",
        "turned": "if(${u} = ${last-saved#t} or ${u} = 'b', 1, 2)",
        "eq_number": "if(${last-saved#n} = 0, 1, 2)",
        "lt": "if(${last-saved#n} < 5, 1, 2)",
        "not_eq": "if(not(${last-saved#t} = ''), 1, 2)",
        "as_text": "if(string(${last-saved#t}) = '', 1, 2)",
        "joined": "concat('a', ${last-saved#t}, ${u})",
        "coalesced": "coalesce(${last-saved#t}, ${u})",
    },
)

OWN_FORMS: Final = (
    *(LOOPED, TABLES, RELEVANCE, NUMBERS, COMPARED, WORDS, CHOSEN, DAYS, REPEATED, NESTED, GIVEN, KEPT),
    SAVED,
)


def write_workbook(form: OwnForm, folder: Path) -> Path:
    """Write a form, with its tables beside it. Returns: the workbook's path."""
    path = folder / f"{form.name}.xlsx"
    book = xlsxwriter.Workbook(path)
    settings: tuple[Row, ...] = ({"form_title": form.name, "form_id": form.name},)
    for title, rows in (("survey", form.survey), ("choices", form.choices), ("settings", settings)):
        sheet = book.add_worksheet(title)
        headers = list(dict.fromkeys(header for row in rows for header in row))
        for column, header in enumerate(headers):
            sheet.write_string(0, column, header)
        for place, row in enumerate(rows, 1):
            for column, header in enumerate(headers):
                sheet.write_string(place, column, row.get(header, ""))
    book.close()
    for name, text in form.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return path
