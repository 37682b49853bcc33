"""The command `firstcontact-desk`: options in, exit codes out (0 done, 1 the answer is no, 2 used wrongly).

Data goes to stdout, talk to stderr. A list names nobody; one referral is shown when it is asked for by its reference.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.base.command_line import PlainGroup

if TYPE_CHECKING:
    from sync.desk.desk import Desk
    from sync.desk.home import Home
    from sync.pack import Pack

PASSPHRASE_FILE = "FIRSTCONTACT_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable that names a file
SHORTEST = 15


def default_home() -> Path:
    """The platform's folder for a desk's data."""
    import platformdirs

    return Path(platformdirs.user_data_dir("firstcontact-desk", appauthor=False))


_HOME = click.option(
    "--home",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="FIRSTCONTACT_DESK_HOME",
    help="The desk's folder. Without it: FIRSTCONTACT_DESK_HOME, or your user data folder.",
)
_FD = click.option(
    "--passphrase-fd", type=int, metavar="N", help=f"Read the passphrase from this descriptor (or {PASSPHRASE_FILE})."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="For a program to read.")
_AGENCY = click.option("--agency", help="Whose desk, where one folder holds several.")


def with_home(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options that every command has."""
    return _HOME(_FD(command))


def plainly(command: Callable[..., Any]) -> Callable[..., Any]:
    """Failures that we know end in one sentence and exit code 1, never in a traceback."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> Any:
        from sync.base.vault_errors import VaultBusy, VaultError, VaultMissing
        from sync.errors import SyncError

        try:
            return command(*args, **options)
        except VaultBusy:
            raise click.ClickException("The desk is open in another window. Use its page, or close it first.") from None
        except VaultMissing:
            raise click.ClickException("There is no desk here yet. Make one with `firstcontact-desk init`.") from None
        except VaultError as error:
            raise click.ClickException(str(error)) from None
        except SyncError as error:
            raise click.ClickException(error.words) from None
        except OSError as error:
            raise click.ClickException(f"{error.filename or 'A file'}: {error.strerror}.") from None

    return run


def read_passphrase(descriptor: int | None, *, new: bool = False) -> bytes:
    """The passphrase from a descriptor, a file that the environment names, or the prompt; never from an argument."""
    named = os.environ.get(PASSPHRASE_FILE)
    if descriptor is not None:
        with os.fdopen(descriptor, "rb") as stream:
            text = stream.readline()
    elif named:
        text = Path(named).read_bytes().split(b"\n", 1)[0]
    else:
        text = click.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True).encode()
    passphrase: bytes = text.rstrip(b"\r\n")
    if new and len(passphrase.decode("utf-8", "replace")) < SHORTEST:
        raise click.UsageError(f"Choose a passphrase of at least {SHORTEST} letters. Spaces are fine.")
    return passphrase


def _said_before(name: str, here: Any) -> Any:
    """An option of this command, or of `firstcontact-desk` before the command's name."""
    parent = click.get_current_context().parent
    return here if here is not None or parent is None else parent.params.get(name)


@contextmanager
def opened(
    folder: Path | None, descriptor: int | None, *, read_only: bool = False
) -> Iterator[tuple[Home, Pack | None]]:
    """The open desk and its pack."""
    from sync.desk.home import Home

    where = _said_before("folder", folder) or default_home()
    home = Home.open(where, read_passphrase(_said_before("passphrase_fd", descriptor)), read_only=read_only)
    try:
        yield home, home.pack()
    finally:
        home.close()


def serving(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the page, for `firstcontact-desk` alone and for `serve`."""
    file = click.Path(path_type=Path, exists=True)
    for option in (
        click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: any free one."),
        click.option("--agency", "agencies", multiple=True, help="The address opens this agency only. Repeatable."),
        click.option("--pack", "pack_path", type=file, help="The scheme's signed pack; needed the first time only."),
        click.option("--coordinator", "coordinators", multiple=True, metavar="KID",
                     help="Whom a first pack must be signed by."),
        click.option("--no-post", is_flag=True, help="Serve the pages only; collect and send nothing."),
        click.option("--take-back-seconds", type=click.IntRange(0, 3600), default=600, show_default=True,
                     help="How long a saved answer stays, and can be taken back, before it leaves."),
    ):  # fmt: skip
        command = option(command)
    return with_home(command)


@click.group(
    cls=PlainGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExample:\n  firstcontact-desk init --home desk --agency LLA='Later Life Ambleshire'\n"
    "  firstcontact-desk --home desk --pack pack.json",
)
@serving
@click.pass_context
def desk(context: click.Context, /, **options: Any) -> None:
    """A partner's inbox of referrals: a page in your browser, or `list`, `open`, `answer` and `sync` right here.

    Without a command it serves the page, on this computer only. It prints `ready ADDRESS`: open that address. It works
    once.
    """
    if context.invoked_subcommand is None:
        _serve(**options)


@plainly
def _serve(
    *,
    folder: Path | None,
    passphrase_fd: int | None,
    port: int,
    agencies: tuple[str, ...],
    pack_path: Path | None,
    coordinators: tuple[str, ...],
    no_post: bool,
    take_back_seconds: int,
) -> None:
    from sync.desk.serve import Serving, serve

    with opened(folder, passphrase_fd) as (home, pack):
        here = {agency.id for agency in home.agencies()}
        strange = sorted(set(agencies) - here)
        if strange:
            raise click.UsageError(f"This desk is not for {', '.join(strange)}. It is for {', '.join(sorted(here))}.")
        if pack_path is not None:
            pack = home.take_pack(pack_path, coordinators)
        if pack is None and not no_post:
            click.echo("There is no pack of the scheme yet, so no post. Give it once with --pack FILE.", err=True)
        stays = timedelta(seconds=take_back_seconds)
        serve(home, pack, Serving(port, agencies, stays, with_post=not no_post), click.echo)


@desk.command("serve")
@serving
def serve_command(**options: Any) -> None:
    """The same as no command at all: serve the page.

    Example: firstcontact-desk serve --home desk --port 8080
    """
    _serve(**options)


@desk.command()
@with_home
@click.option("--agency", "agencies", multiple=True, required=True, metavar="ID=NAME", help="Repeat for a hosted desk.")
@click.option("--mailbox", help="Id of the mailbox that keeps their post, for the pack.")
@click.option("--mailbox-url", help="Its address, for the pack.")
@plainly
def init(
    folder: Path | None,
    passphrase_fd: int | None,
    agencies: tuple[str, ...],
    mailbox: str | None,
    mailbox_url: str | None,
) -> None:
    """Make a desk with fresh keys, and print the public halves for the scheme's pack (JSON).

    Example: firstcontact-desk init --home desk --agency RTH='Rushmere Handyperson' --agency VCR='Vale Care and Repair'
    """
    from sync.desk.home import Home, public_party

    named = [(id_, name or id_) for id_, _, name in (agency.partition("=") for agency in agencies)]
    if len({id_ for id_, _ in named}) != len(named) or not all(id_.isalnum() for id_, _ in named):
        raise click.UsageError(
            "Each agency needs an id of its own, of letters and figures: --agency AFR='Fire service'."
        )
    passphrase = read_passphrase(_said_before("passphrase_fd", passphrase_fd), new=True)
    home = Home.create(_said_before("folder", folder) or default_home(), passphrase, named)
    try:
        parties = [
            public_party(agency, hosted=len(named) > 1, mailbox=mailbox, mailbox_url=mailbox_url)
            for agency in home.agencies()
        ]
    finally:
        home.close()
    click.echo(json.dumps({"parties": parties}, indent=1))


@desk.command("list")
@with_home
@_AGENCY
@_JSON
@click.option("--all", "everything", is_flag=True, help="Finished ones too.")
@plainly
def list_(folder: Path | None, passphrase_fd: int | None, agency: str | None, as_json: bool, everything: bool) -> None:
    """What waits, without names.

    Example: firstcontact-desk list --home desk --json
    """
    from sync.desk.console import list_lines, list_rows

    with opened(folder, passphrase_fd, read_only=True) as (home, pack):
        one = _one_desk(home, pack, agency)
        if as_json:
            click.echo(json.dumps(list_rows(one, everything=everything), ensure_ascii=False, indent=1))
        else:
            click.echo("\n".join(list_lines(one, everything=everything)))


@desk.command("open")
@click.argument("reference")
@with_home
@_AGENCY
@_JSON
@plainly
def open_(reference: str, folder: Path | None, passphrase_fd: int | None, agency: str | None, as_json: bool) -> None:
    """Show one referral, and tell that it was read.

    Example: firstcontact-desk open --home desk 7K3M-9Q2T-X4VB-1
    """
    from sync.desk.console import one_document, one_lines

    with opened(folder, passphrase_fd) as (home, pack):
        here = _one_desk(home, pack, agency)
        case = here.read(_reference(here, reference))
        if as_json:
            click.echo(json.dumps(one_document(case), ensure_ascii=False, indent=1))
        else:
            click.echo("\n".join(one_lines(case, here.clock())))


@desk.command()
@click.argument("reference")
@click.argument("button")
@with_home
@_AGENCY
@_JSON
@click.option("--date", "dates", multiple=True, metavar="DAY", help="2026-01-27; twice for could-not-reach.")
@click.option("--outcome", "--reason", "outcome", default="", help="How it ended, or why it goes back.")
@click.option("--until", default="", metavar="DAY", help="With no-capacity.")
@click.option("--what", default="", help="With not-enough-information.")
@click.option("--which", default="", help="With wrong-service.")
@click.option("--of", "of_", default="", metavar="REF", help="With duplicate.")
@click.option("--gain", default="", metavar="POUNDS", help="Weekly gain, where the service asks for it.")
@click.option("--own-number", default="", help="Your own case number; stays here.")
@click.option("--now", is_flag=True, help="Let it leave at once; it cannot be taken back then.")
@plainly
def answer(
    reference: str, button: str, folder: Path | None, passphrase_fd: int | None, agency: str | None, as_json: bool,
    now: bool, **given: Any,
) -> None:  # fmt: skip
    """Say what happened. BUTTON: accept, contacted, could-not-reach, helped, person-declined, send-back, deceased,
    confirm-withdrawal, take-back.

    Example: firstcontact-desk answer --home desk 7K3M-9Q2T-X4VB-1 contacted --date 2026-01-27
    """
    from sync.desk.console import one_document, press

    with opened(folder, passphrase_fd) as (home, pack):
        here = _one_desk(home, pack, agency)
        case, problems = press(here, _reference(here, reference), button, given)
        if case is None:
            for words in problems:
                click.echo(words, err=True)
            raise SystemExit(1)
        if now and button != "take-back":
            case = here.send_now(case.reference)
            here.release()
        if as_json:
            click.echo(json.dumps(one_document(case), ensure_ascii=False, indent=1))
        else:
            click.echo("Saved.", err=True)


@desk.command()
@with_home
@_JSON
@click.option("--pack", "pack_path", type=click.Path(path_type=Path, exists=True), help="The scheme's signed pack.")
@plainly
def sync(folder: Path | None, passphrase_fd: int | None, as_json: bool, pack_path: Path | None) -> None:
    """Collect and send once, for every agency of this desk.

    Example: firstcontact-desk sync --home desk
    """
    from sync.desk.serve import posts_of

    with opened(folder, passphrase_fd) as (home, pack):
        if pack_path is not None:
            pack = home.take_pack(pack_path)
        if pack is None:
            raise click.ClickException("There is no pack of the scheme yet. Give it once with --pack FILE.")
        reports = {post.agency.id: post.once() for post in posts_of(home, pack, home.desks(pack))}
    if as_json:
        rows = {
            agency: {"collected": report.collected, "deposited": report.deposited, "waiting": report.waiting,
                     "problem": report.problem}
            for agency, report in reports.items()
        }  # fmt: skip
        click.echo(json.dumps(rows, indent=1))
    else:
        for agency, report in reports.items():
            click.echo(f"{agency}: {report.collected} came, {report.deposited} sent. {report.words}")
    if any(report.problem for report in reports.values()):
        sys.exit(1)


def _one_desk(home: Home, pack: Pack | None, agency: str | None) -> Desk:
    desks = home.desks(pack)
    if agency is None and len(desks) == 1:
        return next(iter(desks.values()))
    if agency is None or agency not in desks:
        raise click.UsageError(f"Say whose desk with --agency: {', '.join(desks)}.")
    return desks[agency]


def _reference(here: Desk, text: str) -> str:
    from sync.base.references import parse_reference

    try:
        reference = parse_reference(text)
    except ValueError as wrong:
        raise click.UsageError(f"Look at the reference again: {wrong}.") from None
    if here.index.get(reference) is None:
        raise click.ClickException("There is no such referral at this desk.")
    return reference
