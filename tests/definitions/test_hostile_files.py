"""Hostile definitions: refused with a place and a sentence, or read; quickly, in little memory, never a traceback."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstcontact.definitions.yaml import MAX_BYTES, DefinitionError, load_checklist

ROOT = Path(__file__).parents[2]
GOOD = (ROOT / "checklists" / "older-person-first-contact" / "checklist.yaml").read_bytes()
HEAD = b"checklist: x\nversion: 1\ntitle: x\nsections:\n"
QUESTION = (
    HEAD + b"  - section: A\n    title: A\n    questions:\n      - {question: a, type: text, say: A, relevant: %s}\n"
)
LIMIT_SECONDS = 2.0

NAMED = {
    "nothing": b"",
    "only spaces": b"  \n\t\n",
    "a comment": b"# nothing",
    "one word": b"hello",
    "a list": b"- 1\n- 2",
    "null": b"~",
    "binary": bytes(range(256)) * 40,
    "nul bytes": b"checklist: \0\0",
    "not utf-8": b"checklist: \xff\xfe",
    "utf-16": "checklist: x".encode("utf-16"),
    "a zip": b"PK\x03\x04" + bytes(5000),
    "too large": b"#" * (MAX_BYTES + 1),
    "deep flow": b"a: " + b"[" * 100_000,
    "deep flow, closed": b"a: " + b"[" * 900 + b"]" * 900,
    "deep mappings": b"a: " + b"{a: " * 50_000,
    "deep block": b"\n".join(b" " * i + b"a:" for i in range(3000)),
    "deep dashes": b"- " * 50_000,
    "alias bomb": b"a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c]\n",
    "alias to itself": b"a: &a [*a]",
    "merge": b"a: &a {x: y}\nb: {<<: *a}",
    "python object": b"a: !!python/object/apply:os.system ['true']",
    "binary tag": b"a: !!binary aGVsbG8=",
    "two documents": b"a: b\n---\na: b\n",
    "directive": b"%YAML 3.7\n---\na: b",
    "bad directive": b"%TAG ! tag:x,2000:\n---\n!a b: c",
    "unclosed quote": b"a: 'b\nc: d",
    "tabs": b"a:\n\tb: c",
    "many values": b"a: [" + b"x," * 400_000 + b"]",
    "many keys": b"\n".join(b"k%d: v" % i for i in range(60_000)),
    "a key that is a list": b"? [a, b]\n: c",
    "a long line": b"a: " + b"x" * 1_000_000,
    "a long key": b"k" * 5000 + b": v",
    "escape in a value": HEAD + b'  - {section: A, title: "\\e]0;x\\a"}',
    "escape in a key": b'"\\e[31m": x\nchecklist: x',
    "sections as text": b"checklist: x\nversion: 1\ntitle: x\nsections: all",
    "sections as mapping": b"checklist: x\nversion: 1\ntitle: x\nsections: {a: b}",
    "nulls everywhere": HEAD + b"  - section:\n    title:\n    questions:\n      -\n      - question:\n",
    "questions as numbers": HEAD + b"  - {section: A, title: A, questions: [1, 2, [3]]}",
    "deep condition": QUESTION % (b'"' + b"(" * 9000 + b'"'),
    "long condition": QUESTION % (b'"' + b"1+" * 11_000 + b'1"'),
    "long not": QUESTION % (b'"' + b"not(" * 4000 + b'"'),
    "hungry pattern": QUESTION % b"\"regex(${a}, '(((((x{1000}){1000}){1000}){1000})'))\"",
    "quadratic names": QUESTION % (b'"' + b" and ".join(b"${nope%d} = 1" % i for i in range(900)) + b'"'),
    "huge number": QUESTION % (b'"' + b"9" * 9000 + b' = 1"'),
}


def write(folder: Path, content: bytes) -> Path:
    (folder / "checklist.yaml").write_bytes(content)
    return folder


def refused_or_read(folder: Path, content: bytes) -> DefinitionError | None:
    """Load it; fails the test for anything but a checklist or a DefinitionError in time, safe to print."""
    write(folder, content)
    started = time.process_time()  # other tests share the processor
    found: DefinitionError | None = None
    try:
        load_checklist(folder)
    except DefinitionError as problem:
        found = problem
    assert time.process_time() - started <= LIMIT_SECONDS
    if found is not None:
        printed = str(found)
        assert printed
        assert "\x1b" not in printed
        assert "\0" not in printed
        assert all(each.line >= 0 and each.message for each in found.problems)
    return found


@pytest.mark.parametrize("name", list(NAMED))
def test_hostile_files_are_refused(tmp_path: Path, name: str) -> None:
    """Each is refused with the name of the file, within two seconds."""
    found = refused_or_read(tmp_path, NAMED[name])
    assert found is not None
    assert all(each.file == "checklist.yaml" for each in found.problems)


def test_the_control_is_read(tmp_path: Path) -> None:
    """The same check lets the good file through: it does not refuse everything."""
    assert refused_or_read(tmp_path, GOOD) is None


@pytest.mark.parametrize("text", [b"-" * 9000 + b"1", b"1+" * 9000 + b"1", b"(" * 40 + b"1" + b")" * 40])
def test_odd_but_right(tmp_path: Path, text: bytes) -> None:
    """What is long and odd but means something is read, in the same time."""
    assert refused_or_read(tmp_path, QUESTION % (b'"' + text + b'"')) is None


def test_a_missing_folder(tmp_path: Path) -> None:
    """A folder that is not there, or has no checklist.yaml, is said in words."""
    with pytest.raises(DefinitionError) as caught:
        load_checklist(tmp_path / "nowhere")
    assert str(caught.value) == "checklist.yaml: the file is not there"


def test_a_hostile_translation(tmp_path: Path) -> None:
    """A translation that cannot be read is told with its own name."""
    (tmp_path / "cy.yaml").write_bytes(b"&a [*a]")
    found = refused_or_read(tmp_path, GOOD)
    assert found is not None
    assert {each.file for each in found.problems} == {"cy.yaml"}


def damaged(seed: int, count: int) -> Iterator[bytes]:
    """The good file with a few bytes, lines or words changed, moved, doubled or gone."""
    rng = random.Random(seed)
    lines = GOOD.split(b"\n")
    words = [
        b"[",
        b"]",
        b"{",
        b"}",
        b":",
        b"- ",
        b"&a ",
        b"*a",
        b"!!x ",
        b"'",
        b'"',
        b"|\n",
        b"\t",
        b"\xff",
        b"\0",
        b"${",
        b"(",
    ]
    for _ in range(count):
        kind = rng.randrange(5)
        if kind == 0:
            start = rng.randrange(len(GOOD))
            yield GOOD[:start] + rng.choice(words) + GOOD[start + rng.randrange(3) :]
        elif kind == 1:
            start = rng.randrange(len(lines))
            yield b"\n".join(lines[:start] + lines[start + rng.randrange(1, 9) :])
        elif kind == 2:
            start = rng.randrange(len(lines))
            yield b"\n".join([*lines[:start], lines[rng.randrange(len(lines))], *lines[start:]])
        elif kind == 3:
            yield GOOD[: rng.randrange(len(GOOD))]
        else:
            content = bytearray(GOOD)
            for _ in range(rng.randrange(1, 6)):
                content[rng.randrange(len(content))] = rng.randrange(256)
            yield bytes(content)


def try_damaged(folder: Path, seed: int, count: int) -> None:
    refused = sum(refused_or_read(folder, content) is not None for content in damaged(seed, count))
    sys.stderr.write(f"hostile definitions: {count} tried, {refused} refused, {count - refused} read\n")
    assert refused > count // 3


def test_damaged_files(tmp_path: Path) -> None:
    """A slice of the full suite: damaged copies of the shipped checklist are refused in words, or still a checklist."""
    try_damaged(tmp_path, seed=20260210, count=60)


@pytest.mark.faults
def test_a_thousand_damaged_files(tmp_path: Path) -> None:
    """A thousand damaged copies of the shipped checklist, in little memory."""
    import resource

    try_damaged(tmp_path, seed=1, count=1000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss <= 300 * 1024
