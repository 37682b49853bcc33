"""The commands. Data goes to stdout, talk to stderr; exit 0 done, 1 the answer is no, 2 used wrongly.

What a command needs is imported inside it: `firstcontact status` must not wait for what `firstcontact demo` uses.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from firstcontact.errors import AnswerIsNo, FirstContactError, UsedWrongly
from sync.base.command_line import in_words, unforeseen_in_words

_PASSPHRASE_FD = click.option(
    "--passphrase-fd", type=int, metavar="N", help="Read the passphrase from this file descriptor."
)
_AS = click.option("--as", "profile", metavar="NAME", help="Who is working, where several people share this laptop.")


def _day(context: click.Context, option: click.Parameter, written: str | None) -> date | None:
    """A day as people write it in files."""
    try:
        return None if written is None else date.fromisoformat(written)
    except ValueError:
        raise click.BadParameter(f"'{written}' is no day. A day is written 2026-01-27.", context, option) from None


_ON = click.option("--on", callback=_day, metavar="DATE", help="The day of the visit; beats the file's.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
_SCHEME = click.option(
    "--scheme",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The scheme's folder; the demo scheme Ambleshire if left out.",
)


def _examples(*lines: str) -> str:
    """The end of a help page: lines to copy, which click must not wrap."""
    return "\n".join(("\b", "Example:", *(f"  {line}" for line in lines)))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code, and never lets a traceback out."""
    try:
        result = main.main(args=list(arguments), prog_name="firstcontact", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.Abort:
        click.echo("Stopped. What was saved stays saved.", err=True)
        return 1
    except click.ClickException as wrong:
        click.echo(in_words(wrong), err=True)
        return 2
    except FirstContactError as stopped:
        click.echo(str(stopped), err=True)
        return stopped.exit_code
    except BrokenPipeError:
        # Whoever read our output has left; Python must not complain about it while closing.
        sys.stderr.close()
        return 1
    except Exception as unforeseen:  # the last wall: a person never sees a traceback
        click.echo(unforeseen_in_words(unforeseen), err=True)
        return 1


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_examples("firstcontact", "firstcontact demo"),
)
@click.version_option(package_name="firstcontact", prog_name="firstcontact")
@_AS
@click.option("--demo-network", type=click.Path(path_type=Path), hidden=True)
@click.pass_context
def main(context: click.Context, profile: str | None, demo_network: Path | None) -> int | None:
    """One visit, one checklist, every partner. Without a command: the visit program.

    Everything saved is encrypted, and nothing is sent without the person's yes.

    The visit program needs a terminal; it sets up the laptop at the first run and unlocks it at later ones.
    """
    if context.invoked_subcommand is not None:
        # Said before the command's name, it counts for the command.
        context.default_map = {name: {"profile": profile} for name in ("visit", "sync", "status")}
        return None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsedWrongly(
            "The visit program needs a terminal.", "Open one and run `firstcontact`, or see `firstcontact --help`."
        )
    from firstcontact.start import run_visit_program

    return run_visit_program(profile=profile, demo_network=demo_network)


@main.command(epilog=_examples("firstcontact demo", "firstcontact demo --script visit.yaml"))
@click.option(
    "--script",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Play this visit (a file of answers) by itself, print each step and leave.",
)
def demo(script: Path | None) -> int:
    """A whole partnership on this machine, with invented people.

    A mailbox, the fire service's own desk, one desk for all other partners, and one laptop, made in a temporary folder
    and gone when you leave. Without a terminal it plays a visit by itself.
    """
    from firstcontact.demo import run_demo

    return run_demo(script)


@main.command(
    short_help="Set up this laptop without the screen.",
    epilog=_examples('firstcontact setup --name "Osric Lamplough" --agency "Community nursing" --json'),
)
@click.option("--name", required=True, help="The professional's full name.")
@click.option("--role", default="", help="What they are: community nurse, housing officer ...")
@click.option("--agency", required=True, help="The agency they work for.")
@click.option("--work-phone", default="", help="The number that partners may ring.")
@_PASSPHRASE_FD
@_JSON
def setup(name: str, role: str, agency: str, work_phone: str, passphrase_fd: int | None, as_json: bool) -> None:
    """Set up this laptop for one professional without the screen, and print its request to the scheme.

    Prints the code that opens the vault when the passphrase is forgotten: write it down, it is shown once.
    """
    from firstcontact.config import Settings, read_passphrase
    from firstcontact.gate import set_up_profile
    from firstcontact.rows import Professional

    settings = Settings.from_environment()
    who = Professional(name=name, role=role, agency=agency, work_phone=work_phone)
    made = set_up_profile(settings, who, read_passphrase(passphrase_fd))
    if as_json:
        click.echo(json.dumps({"request": made.request, "one_time_code": made.code, "vault": made.profile_id}))
        return
    click.echo(
        f"Ready for {name}. If the passphrase is forgotten, this code opens it. Keep it apart from the laptop:",
        err=True,
    )
    click.echo(made.code)
    click.echo("Next: give the coordinator this laptop's request: firstcontact setup ... --json", err=True)


@main.command(
    short_help="Key in a paper form from a file.", epilog=_examples("firstcontact visit --answers paper-form.yaml")
)
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="A paper form as a file of answers (the format is in checklists/README.md).",
)
@click.option("--checklist", default="older-person-first-contact", metavar="ID", help="Which checklist it answers.")
@_ON
@click.option("--stop-at", metavar="QUESTION", help="Leave the visit half done at this question.")
@click.option("--again", is_flag=True, help="Also if the same file was keyed in before.")
@_AS
@_PASSPHRASE_FD
@_JSON
def visit(
    answers: Path,
    checklist: str,
    on: date | None,
    stop_at: str | None,
    again: bool,
    profile: str | None,
    passphrase_fd: int | None,
    as_json: bool,
) -> None:
    """Key in a paper form from a file: the same rules, the same vault, the same outbox as a visit on the screen."""
    from firstcontact.config import Settings, read_passphrase
    from firstcontact.gate import open_laptop
    from firstcontact.paper import key_in

    laptop = open_laptop(Settings.from_environment(), profile, read_passphrase(passphrase_fd))
    try:
        keyed = key_in(laptop, answers, checklist, on=on, stop_at=stop_at, again=again)
    finally:
        laptop.close()
    if as_json:
        click.echo(json.dumps(keyed.as_json()))
    else:
        click.echo(keyed.in_words())


@main.command(epilog=_examples("firstcontact sync", "firstcontact sync --watch"))
@click.option("--watch", is_flag=True, help="Go on until stopped with ctrl+c.")
@_AS
@_PASSPHRASE_FD
@_JSON
def sync(watch: bool, profile: str | None, passphrase_fd: int | None, as_json: bool) -> int:
    """Send what is ready and collect what came, without a screen.

    Exit code 1 means that something still waits.
    """
    from firstcontact.config import Settings, read_passphrase
    from firstcontact.gate import open_laptop
    from firstcontact.sync_command import sync_once, sync_until_stopped

    laptop = open_laptop(Settings.from_environment(), profile, read_passphrase(passphrase_fd))
    try:
        if watch:
            return sync_until_stopped(laptop, lambda line: click.echo(line, err=True))
        report = sync_once(laptop)
    finally:
        laptop.close()
    click.echo(json.dumps(report.as_json()) if as_json else report.in_words())
    return report.exit_code


@main.command(short_help="What waits, and what came of each referral.", epilog=_examples("firstcontact status --json"))
@_AS
@_PASSPHRASE_FD
@_JSON
def status(profile: str | None, passphrase_fd: int | None, as_json: bool) -> int:
    """What waits, what was delivered, what came of it, what is due and what is late."""
    from firstcontact.config import Settings, read_passphrase
    from firstcontact.gate import open_laptop
    from firstcontact.sync_command import status_report

    laptop = open_laptop(Settings.from_environment(), profile, read_passphrase(passphrase_fd), read_only=True)
    try:
        report = status_report(laptop)
    finally:
        laptop.close()
    click.echo(json.dumps(report.as_json()) if as_json else report.in_words())
    return report.exit_code


@main.group(epilog=_examples("firstcontact checklist test older-person-first-contact"))
def checklist() -> None:
    """Check, test, try and show checklists; bring forms in and take them out."""


@checklist.command(
    name="check",
    short_help="Everything that is wrong with a checklist.",
    epilog=_examples(
        "firstcontact checklist check older-person-first-contact", "firstcontact checklist check form.xlsx --strict"
    ),
)
@click.argument("checklist_id", metavar="CHECKLIST")
@_SCHEME
@click.option("--on", callback=_day, metavar="DATE", help="From which day on partners are counted; today if left out.")
@click.option("--strict", is_flag=True, help="Warnings are a no as well.")
@_JSON
def checklist_check(checklist_id: str, scheme: Path | None, on: date | None, strict: bool, as_json: bool) -> int:
    """Everything that is wrong with a checklist or a form, at once, worst first, with its place.

    CHECKLIST is a folder, the id of a checklist that we ship, or a workbook in XLSForm.

    Exit code 1 means that something must be mended before it can be used; with --strict, warnings too.
    """
    from firstcontact.checklist_check import check_checklist
    from firstcontact.form_check import check_form, is_form

    if is_form(Path(checklist_id)):
        return _print_report(check_form(Path(checklist_id), strict=strict), as_json)
    folder, around = _folder(checklist_id), _scheme_folder(scheme)
    return _print_report(check_checklist(folder, around, on=on, strict=strict), as_json)


@checklist.command(
    name="test",
    short_help="Play the sample visits kept beside it.",
    epilog=_examples("firstcontact checklist test older-person-first-contact"),
)
@click.argument("checklist_id", metavar="CHECKLIST")
@_SCHEME
@_JSON
def checklist_test(checklist_id: str, scheme: Path | None, as_json: bool) -> int:
    """Run the sample visits kept beside a checklist, and say what no sample reaches."""
    from firstcontact.checklist_samples import test_checklist

    return _print_report(test_checklist(_folder(checklist_id), _scheme_folder(scheme)), as_json)


@checklist.command(
    name="try",
    short_help="What follows from a file of answers.",
    epilog=_examples("firstcontact checklist try older-person-first-contact --answers visit.yaml --json"),
)
@click.argument("checklist_id", metavar="CHECKLIST")
@_SCHEME
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="Answers in the format of a sample visit (checklists/README.md).",
)
@_ON
@_JSON
def checklist_try(checklist_id: str, scheme: Path | None, answers: Path, on: date | None, as_json: bool) -> None:
    """What a checklist makes of a file of answers: offers, referrals, and needs that nobody can meet."""
    from firstcontact.checklist_text import try_in_words
    from firstcontact.checklist_try import try_checklist

    result = try_checklist(_folder(checklist_id), _scheme_folder(scheme), answers, on)
    click.echo(json.dumps(result, ensure_ascii=False, indent=2) if as_json else try_in_words(result))


@checklist.command(
    name="show",
    short_help="A checklist as plain text, for reading.",
    epilog=_examples("firstcontact checklist show older-person-first-contact | less"),
)
@click.argument("checklist_id", metavar="CHECKLIST")
@click.option("--language", metavar="CODE", help="en, cy ... English if left out, or else its own language.")
def checklist_show(checklist_id: str, language: str | None) -> None:
    """A checklist as plain text: every question with its hint, its choices and what each answer calls for."""
    from firstcontact.checklist_text import show_checklist

    click.echo(show_checklist(_folder(checklist_id), language))


@checklist.command(
    name="import",
    short_help="Make a checklist of an XLSForm.",
    epilog=_examples("firstcontact checklist import survey.xlsx --out checklists/survey"),
)
@click.argument("form", metavar="FORM", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="The folder to write.")
@click.option("--replace", is_flag=True, help="Write over this checklist where it stands in DIR already.")
@click.option("--all", "show_all", is_flag=True, help="Show every finding, not only the first of each kind.")
@_JSON
def checklist_import(form: Path, out: Path, replace: bool, show_all: bool, as_json: bool) -> int:
    """Make a checklist's folder of an XLSForm (.xlsx, .xls, .csv), and say what became of each row.

    Exit code 1 means that the folder was written, and something in it must be mended before it can be used.
    """
    from firstcontact.xlsform_commands import import_checklist

    report = import_checklist(form, out, replace=replace, show_all=show_all)
    click.echo(report.talk(), err=True)
    return _print_report(report, as_json)


@checklist.command(
    name="export",
    short_help="A checklist as a workbook (XLSForm).",
    epilog=_examples("firstcontact checklist export older-person-first-contact --to xlsx --out older-person.xlsx"),
)
@click.argument("checklist_id", metavar="CHECKLIST")
@click.option("--to", "_format", type=click.Choice(["xlsx"]), default="xlsx", show_default=True, help="What to write.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="<id>.xlsx here if left out.")
@_JSON
def checklist_export(checklist_id: str, _format: str, out: Path | None, as_json: bool) -> int:
    """Write a checklist as an XLSForm that other programs read and `checklist import` takes back."""
    from firstcontact.xlsform_commands import export_checklist

    report = export_checklist(_folder(checklist_id), out)
    click.echo(report.talk(), err=True)
    return _print_report(report, as_json)


def _folder(checklist_id: str) -> Path:
    """The folder of a checklist given as a path or as the id of one that we ship."""
    from firstcontact.shipped import shipped

    path = Path(checklist_id)
    if (path / "checklist.yaml").is_file():
        return path
    try:
        folder = shipped("checklists", checklist_id)
    except (FileNotFoundError, ValueError):
        folder = path
    if (folder / "checklist.yaml").is_file():
        return folder
    known = sorted(entry.parent.name for entry in shipped("checklists").glob("*/checklist.yaml"))
    raise UsedWrongly(f"There is no checklist '{checklist_id}'.", f"Shipped: {', '.join(known)}; or give a folder.")


def _scheme_folder(scheme: Path | None) -> Path:
    from firstcontact.shipped import shipped

    folder = scheme if scheme is not None else shipped("checklists", "ambleshire")
    if not (folder / "scheme.yaml").is_file():
        raise UsedWrongly(f"There is no scheme.yaml in {folder}.", "Give --scheme the folder that holds it.")
    return folder


def _print_report(report: Any, as_json: bool) -> int:
    click.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else report.in_words())
    if not report.ok:
        raise AnswerIsNo(report.why_not())
    return 0
