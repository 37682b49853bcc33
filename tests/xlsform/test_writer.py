"""What is written is what is read again, and no folder of somebody else's is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstcontact.definitions.yaml import DefinitionError, parse_yaml
from firstcontact.errors import UsedWrongly
from firstcontact.shipped import shipped
from firstcontact.xlsform.writer import write_definition, yaml_text

WORDS = st.one_of(
    st.text(min_size=1, max_size=40),
    st.text(alphabet="ab \n'\"{}[],:#-?&*!|>%@`$~\\=.<", min_size=1, max_size=160),
    st.sampled_from(["yes", "null", "~", "08", "- a", "a: b", "a #b", "---", "...", "? x", "${A1} = 'yes'", "a:", " "]),
)
KEYS = st.one_of(st.sampled_from(["say", "prompt", "when", "choices", "questions", "kept"]), WORDS)
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        WORDS,
        lambda inner: st.one_of(
            st.lists(st.one_of(WORDS, st.lists(WORDS, min_size=1, max_size=3)), min_size=1, max_size=4),
            st.lists(st.dictionaries(KEYS, inner, min_size=1, max_size=3), min_size=1, max_size=4),
            st.dictionaries(KEYS, inner, min_size=1, max_size=4),
        ),
        max_leaves=12,
    ),
    min_size=1,
    max_size=5,
)
DEFINITION = {"checklist": "door", "version": "1", "title": "Door", "sections": [{"section": "A", "title": "A"}]}


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_whatever_is_written_is_read_again(tree: dict[str, Any]) -> None:
    """Any words, with quotes, braces, line ends and marks of YAML in them, come back letter by letter."""
    try:
        read = parse_yaml(yaml_text(tree).encode("utf-8", "surrogatepass"), "x.yaml").plain()
    except DefinitionError as refused:
        said = str(refused)
        assert "control character" in said or "UTF-8" in said, said + "\n" + yaml_text(tree)
        return
    assert read == tree, yaml_text(tree)


@pytest.mark.parametrize("file", ["checklist.yaml", "cy.yaml"])
def test_the_files_that_we_ship_come_back(file: str) -> None:
    """A shipped file, written again, says the same."""
    content = (shipped("checklists", "older-person-first-contact") / file).read_bytes()
    tree = parse_yaml(content, file).plain()
    assert parse_yaml(yaml_text(tree).encode(), file).plain() == tree


def test_it_reads_as_a_person_would_write_it() -> None:
    """Block style, short mappings on a line, quotes only where YAML would stumble, long words folded."""
    long_words = "Is there anything " * 8 + "else?"
    question = {
        "question": "A1",
        "type": "one-of",
        "say": long_words,
        "relevant": "${B1} = 'yes'",
        "required": "yes",
        "prompt": "One: two\nThree",
        "choices": [{"choice": "none", "label": "none, really", "exclusive": True}, {"choice": "08", "label": "eight"}],
    }
    text = yaml_text({"checklist": "x", "sections": [{"section": "A", "questions": [question]}]}, ["From door.xlsx."])
    assert text.startswith("# From door.xlsx.\n\nchecklist: x\n\nsections:\n  - section: A\n    questions:\n")
    assert "        relevant: ${B1} = 'yes'\n        required: yes\n" in text
    assert "        prompt: |-\n          One: two\n          Three\n" in text
    assert '          - {choice: none, label: "none, really", exclusive: yes}\n' in text
    assert "        say: >-\n          Is there anything" in text
    assert max(map(len, text.splitlines())) <= 120


def test_a_folder_is_written_whole(tmp_path: Path) -> None:
    """A new or empty folder gets the checklist, its languages and its tables, and nothing else is left behind."""
    (tmp_path / "empty").mkdir()
    for out in (tmp_path / "new" / "deep", tmp_path / "empty"):
        files = write_definition(DEFINITION, {"cy": {"language": "cy"}}, {"wards": [["a", "b"], ["1", "x, y"]]}, out)
        assert [path.name for path in files] == ["checklist.yaml", "cy.yaml", "wards.csv"]
        assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in files)
        assert (out / "wards.csv").read_text(encoding="utf-8") == 'a,b\n1,"x, y"\n'
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "new"]


def test_nothing_of_anybody_is_written_over(tmp_path: Path) -> None:
    """A file, a folder with something else, a checklist that is there: refused, with what to do, and untouched."""
    held = tmp_path / "held"
    held.mkdir()
    (held / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsedWrongly, match=r"something else.*new folder"):
        write_definition(DEFINITION, {}, {}, held, replace=True)
    with pytest.raises(UsedWrongly, match="is a file"):
        write_definition(DEFINITION, {}, {}, held / "notes.txt")
    out = tmp_path / "door"
    write_definition(DEFINITION, {}, {}, out)
    with pytest.raises(UsedWrongly, match="--replace"):
        write_definition(DEFINITION, {}, {}, out)
    with pytest.raises(UsedWrongly, match="is 'door' and not 'gate'"):
        write_definition({**DEFINITION, "checklist": "gate"}, {}, {}, out, replace=True)
    (out / "visits").mkdir()
    write_definition({**DEFINITION, "version": "2"}, {}, {}, out, replace=True)
    assert "version: 2" in (out / "checklist.yaml").read_text(encoding="utf-8")
    assert sorted(path.name for path in out.iterdir()) == ["checklist.yaml", "visits"]


def test_a_language_never_leaves_its_folder(tmp_path: Path) -> None:
    """Nor does a language that is called like one."""
    with pytest.raises(UsedWrongly, match="no code of a language"):
        write_definition(DEFINITION, {"../x": {"language": "../x"}}, {}, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_a_table_never_leaves_its_folder(tmp_path: Path) -> None:
    """A table that is called like a way out of the folder becomes a file inside it."""
    for path in write_definition(DEFINITION, {}, {"../../etc/passwd": [["a"]], "a:b": [["a"]]}, tmp_path / "x"):
        assert path.resolve().parent == (tmp_path / "x").resolve()
