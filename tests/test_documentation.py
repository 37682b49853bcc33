"""The pages keep their word: what they tell a stranger to type runs, what they name is there, and help is help.

`checklists/README.md` has a test of its own, tests/checklists/test_readme_examples.py.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
import pytest
from click.testing import CliRunner

from firstcontact.cli import main as firstcontact
from firstcontact.cli import run as run_firstcontact
from firstcontact.demo import OWN_DESK, Partnership
from sync.base.command_line import PlainGroup
from sync.desk.cli import desk
from sync.mailbox.__main__ import main as mailbox

ROOT: Final = Path(__file__).resolve().parents[1]
MODULES: Final = {
    "firstcontact": "firstcontact",
    "firstcontact-desk": "sync.desk",
    "firstcontact-mailbox": "sync.mailbox",
}
GROUPS: Final[Mapping[str, click.Group]] = {
    "firstcontact": firstcontact,
    "firstcontact-desk": desk,
    "firstcontact-mailbox": mailbox,
}
SAMPLE_REFERENCE: Final = "7K3M-9Q2T-X4VB-1"
PLAYED_ELSEWHERE: Final = "firstcontact demo"
"""tests/end_to_end/test_demo.py plays it; here only its files are looked for."""
_BLOCK: Final = re.compile(r"^```sh\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"\]\((?P<to>[^)\s]+)\)")
_SPAN: Final = re.compile(r"`(?P<path>[\w./-]+/(?:[\w.-]+\.(?:py|md|yaml|json|toml|css|sh))?)`")
_TARGET: Final = re.compile(r"^(?P<name>[a-z][a-z-]*):[^#\n]*(?:## (?P<help>.+))?$", re.MULTILINE)
_NEVER: Final = re.compile(r"\b(?:errors?|failed|invalid|fatal|submit|session)\b", re.IGNORECASE)


class Block(NamedTuple):
    """The commands of one fence, typed one after the other in one folder."""

    page: str
    commands: tuple[str, ...]

    @property
    def begins_afresh(self) -> bool:
        """Whether it is what somebody types on the first day."""
        return shlex.split(self.commands[0])[1:2] in (["init"], ["setup"])


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project: as git knows them, or all that lie here where there is no git."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout:
        names = [ROOT / name for name in done.stdout.split("\0") if name]
    else:
        names = [path for path in ROOT.rglob("*") if not any(part.startswith(".") for part in path.parts)]
    return tuple(path for path in names if path.is_file())


def pages() -> tuple[Path, ...]:
    """Every page of words."""
    return tuple(path for path in tracked() if path.suffix == ".md")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    found = []
    for fence in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        lines = fence["body"].replace("\\\n", " ").splitlines()
        commands = tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
        found.append(Block(name_of(page), commands))
    return found


def all_commands() -> list[str]:
    return [command for page in pages() for block in blocks(page) for command in block.commands]


# -- what a page tells you to type -----------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_every_make_command_of_a_page_is_a_target() -> None:
    """`make` knows each, and knows how to make it."""
    targets = {command.split()[1] for command in all_commands() if command.startswith("make ")}
    assert {"demo", "test", "lint", "bench"} <= targets
    for target in sorted(targets):
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_every_command_of_a_page_is_one_of_ours() -> None:
    """Nothing is shown that is not checked here."""
    assert {command.split()[0] for command in all_commands()} <= {"make", *MODULES}


@pytest.fixture(scope="module")
def partnership(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partnership]:
    """A scheme to type the commands in: a mailbox, desks, and a laptop that was let in."""
    with Partnership(tmp_path_factory.mktemp("partnership")) as made:
        yield made


def readable(page: Path) -> bool:
    return any(not command.startswith("make ") for block in blocks(page) for command in block.commands)


@pytest.mark.parametrize("page", [page for page in pages() if readable(page)], ids=name_of)
def test_every_command_of_a_page_runs(page: Path, partnership: Partnership, tmp_path: Path) -> None:
    """Typed in the page's order, each does what it is there for and exits 0."""
    every_day = Stage(partnership, tmp_path / "every-day", partnership.laptop)
    shutil.copytree(partnership.desk(OWN_DESK), every_day.folder / "desk")
    for number, block in enumerate(blocks(page)):
        first_day = tmp_path / f"first-day-{number}"
        stage = Stage(partnership, first_day, first_day / "home") if block.begins_afresh else every_day
        for command in block.commands:
            if not command.startswith(("make ", PLAYED_ELSEWHERE)):
                stage.type(command)
    for command in (command for command in all_commands() if command.startswith(PLAYED_ELSEWHERE)):
        assert [word for word in shlex.split(command) if word.endswith(".yaml") and (ROOT / word).is_file()]


class Stage:
    """A folder with what the pages speak of in it: the checklists, the scheme's pack."""

    def __init__(self, partnership: Partnership, folder: Path, home: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "checklists", folder / "checklists")
        shutil.copy(partnership.folder / "pack" / "pack.json", folder)
        self.environment = {**partnership.environment(), "FIRSTCONTACT_HOME": str(home)}

    def type(self, command: str) -> str:
        """Type it, and stop what goes on running as soon as it is ready. Returns: what it printed."""
        program, *arguments = shlex.split(self._as_here(command))
        talk = self.folder / "talk.txt"
        with talk.open("w", encoding="utf-8") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", MODULES[program], *arguments],
                cwd=self.folder,
                env={**self.environment, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                encoding="utf-8",
            )
        assert process.stdout is not None
        with process.stdout as stdout:
            printed = stdout.readline()
            is_serving = printed.startswith("ready ")
            if is_serving:
                process.terminate()
            printed += stdout.read()
        process.wait(timeout=60)
        said = talk.read_text(encoding="utf-8")
        assert is_serving or process.returncode == 0, f"{command}\n{printed}\n{said}"
        assert "Traceback" not in said
        return printed

    def _as_here(self, command: str) -> str:
        """The command with a reference that this desk has, and with any free port."""
        if SAMPLE_REFERENCE in command:
            listed = json.loads(self.type("firstcontact-desk list --home desk --json"))
            assert listed, "there is no referral to show"
            command = command.replace(SAMPLE_REFERENCE, str(listed[0]["reference"]))
        return re.sub(r"(127\.0\.0\.1):\d+", r"\1:0", command)


def test_a_partner_who_follows_the_readme_has_a_desk(partnership: Partnership, tmp_path: Path) -> None:
    """Two commands on the first day: keys whose public halves are fit to give away, and an empty inbox."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text[text.index("## For a partner agency") :]
    fence = _BLOCK.search(section)
    assert fence is not None
    init, listing = fence["body"].splitlines()
    stage = Stage(partnership, tmp_path / "partner", tmp_path / "home")
    (party,) = json.loads(stage.type(init))["parties"]
    assert (party["id"], party["name"], party["kind"]) == ("LLA", "Later Life Ambleshire", "agency")
    assert [set(key["jwk"]) for use in ("signing", "sealing") for key in party[use]] == [{"kty", "crv", "x", "y"}] * 2
    assert stage.type(listing).splitlines()[0] == "Later Life Ambleshire"
    assert "New (0)" in stage.type(listing)


# -- what a page names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    """Links to pages and pictures lead somewhere, and paths in the text are paths of this tree."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    missing = [
        link["to"]
        for link in _LINK.finditer(text)
        if "://" not in link["to"] and not (page.parent / link["to"].partition("#")[0]).exists()
    ]
    roots = (ROOT, page.parent, ROOT / "firstcontact", ROOT / "checklists")
    missing += [
        span["path"]
        for span in _SPAN.finditer(text)
        if not any((root / span["path"]).exists() for root in roots) and span["path"] not in MADE_BY_PROGRAMS
    ]
    assert missing == []


MADE_BY_PROGRAMS: Final = frozenset({".venv/", "pack/", "visits/", "vaults/"})


# -- make, help, and other words of ours -----------------------------------------------------------------------------


def test_every_target_has_a_line_of_help_and_is_in_the_readme() -> None:
    """`make help` leaves nothing out, and the README says when to use each."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = {match["name"]: match["help"] for match in _TARGET.finditer(makefile)}
    assert {"setup", "demo", "test", "lint", "faults", "bench", "screens"} <= set(targets)
    assert [name for name, help_line in targets.items() if not help_line] == []
    assert [name for name in targets if f"make {name}" not in readme] == []
    assert set(targets) <= set(re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split())


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_make_alone_prints_what_can_be_made() -> None:
    """One line for each target, in columns that fit a terminal."""
    # Within `make test` this make would believe that it is its child, and say which folder it enters.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make"], cwd=ROOT, env=alone, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) >= 8
    assert all(re.fullmatch(r"[a-z]+ +\S.*", line) and len(line) <= 80 for line in lines)


def test_the_console_commands_are_those_that_are_checked_here() -> None:
    """pyproject.toml has no command that these tests do not know."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["scripts"]) == set(GROUPS)


def _commands(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name, sub in command.commands.items():
            yield from _commands((*path, name), sub)


COMMANDS: Final = [path for name, group in GROUPS.items() for path in _commands((name,), group)]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    """`--help` exits 0, and shows a line to copy that begins with the command itself."""
    done = CliRunner().invoke(GROUPS[path[0]], [*path[1:], "--help"], prog_name=path[0])
    assert done.exit_code == 0
    assert "Example" in done.output
    assert " ".join(path) in re.sub(r"\s+", " ", done.output.rpartition("Example")[2] or done.output)
    assert not _NEVER.search(done.output)


@pytest.mark.parametrize(
    "typed",
    [
        "nope",
        "--nope",
        "visit",
        "visit --answers nope.yaml",
        "status --passphrase-fd x",
        "visit --answers README.md --on tomorrow",
        "checklist",
        "checklist try older-person-first-contact --answers LICENSE",
        "checklist show older-person-first-contact --language xx",
        "checklist check nope",
        "checklist check older-person-first-contact --scheme docs",
    ],
)
def test_what_was_typed_wrongly_is_said_plainly(
    typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, nothing on stdout, and no word that makes a person think that something broke."""
    monkeypatch.chdir(ROOT)
    assert run_firstcontact(typed.split()) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.strip()
    assert not _NEVER.search(printed.err)
    assert "Errno" not in printed.err


@pytest.mark.parametrize(
    ("program", "typed", "code"),
    [
        ("firstcontact-desk", "nope", 2),
        ("firstcontact-desk", "list --home nowhere", 1),
        ("firstcontact-desk", "list --home nowhere --passphrase-fd x", 2),
        ("firstcontact-desk", "--pack nope.json", 2),
        ("firstcontact-desk", "init --home desk --agency LLA --agency LLA", 2),
        ("firstcontact-mailbox", "nope", 2),
        ("firstcontact-mailbox", "--data box --listen nonsense", 2),
        ("firstcontact-mailbox", "--data box --pack nope.json", 2),
        ("firstcontact-mailbox", "--data box", 2),
    ],
)
def test_partners_and_operators_are_told_plainly_too(
    program: str, typed: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their programs speak as the laptop does: one sentence, an exit code, no traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "passphrase").write_text("lantern otter gravel teaspoon", encoding="utf-8")
    monkeypatch.setenv("FIRSTCONTACT_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    done = CliRunner().invoke(GROUPS[program], typed.split(), prog_name=program)
    assert done.exit_code == code
    assert done.stdout == ""
    assert done.stderr.strip()
    assert not _NEVER.search(done.stderr)
    assert "Errno" not in done.stderr


def test_what_nobody_foresaw_is_one_sentence() -> None:
    """A fault of ours ends without a traceback, and says its kind and none of its data."""
    group = PlainGroup("program")
    nobody: dict[str, str] = {}
    group.add_command(click.Command("break", callback=lambda: nobody["Agnes Thimblewick"]))
    done = CliRunner().invoke(group, ["break"])
    assert done.exit_code == 1
    assert "(KeyError)" in done.stderr
    assert "Agnes" not in done.stderr
    assert "Traceback" not in done.stderr


def _sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Text in the code that has a space in it, and stands not by itself (a docstring): what somebody may read."""
    loose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in loose:
            continue
        if isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value


@pytest.mark.parametrize("package", ["firstcontact", "sync"])
def test_no_sentence_of_ours_speaks_like_a_machine(package: str) -> None:
    """What a professional or a partner may read says what happened, what is kept and what to do; never "error"."""
    planted = ast.parse('class A:\n    """An error is one."""\n    said = f"It failed {A} times"')
    assert [line for line, text in _sentences(planted) if _NEVER.search(text)] == [3]
    looked_at, found = 0, []
    for path in sorted((ROOT / package).rglob("*.py")):
        if "mailbox" in path.parts:
            continue  # its logs and problems are for engineers
        for line, text in _sentences(ast.parse(path.read_text(encoding="utf-8"))):
            looked_at += 1
            if _NEVER.search(text):
                found.append(f"{name_of(path)}:{line}: {text}")
    assert looked_at > 100
    assert found == []


# -- what no file of ours holds --------------------------------------------------------------------------------------

KNOWN_HOSTS: Final = re.compile(
    r"(?:.*\.)?example|localhost|127\.0\.0\.1(?:\.evil\.example)?|x|HOST"
    r"|json-schema\.org|www\.w3\.org|openrosa\.org|hl7\.org|schemas\.openxmlformats\.org|keepachangelog\.com|semver\.org"
)
"""Invented hosts, this machine, and the standards whose names are addresses."""
_HOST: Final = re.compile(r"https?://(?P<host>[A-Za-z0-9._-]+)")
_MACHINE_PATHS: Final = re.compile(
    # `instance('x')/root/item` is how forms name the rows of a list, and `../home/rooms` a question.
    "|".join(
        ["/" + "work/", r"(?<!\))/" + "root/", r"(?<![\w.])/" + r"home/\w", "/" + r"Users/\w", r"[A-Z]:\\" + "Users"]
    )
)


def test_no_file_names_a_registry_or_a_folder_of_somebodys_machine() -> None:
    """A clone says nothing about where it was made, and takes nothing from a place that nobody chose."""
    found, looked_at = [], 0
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        looked_at += 1
        hosts = {match["host"].rstrip(".") for match in _HOST.finditer(text)}
        found += [f"{name_of(path)}: {host}" for host in sorted(hosts) if not KNOWN_HOSTS.fullmatch(host)]
        found += [f"{name_of(path)}: {match[0]}" for match in _MACHINE_PATHS.finditer(text)]
    assert looked_at > 200
    assert found == []


def test_sources_in_the_code_are_pages_that_are_here() -> None:
    """A docstring that names a page names one that a stranger can open."""
    missing = [
        f"{name_of(path)}: {name}"
        for path in tracked()
        if path.suffix == ".py"
        for name in re.findall(r"\b[\w/.-]+\.md\b", path.read_text(encoding="utf-8"))
        if not any((root / name).is_file() for root in (ROOT, ROOT / "sync", ROOT / "docs", path.parent))
    ]
    assert missing == []
