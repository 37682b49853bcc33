"""The last step of a command line: whatever went wrong leaves as plain words and an exit code, never as a traceback."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click


def in_words(wrong: click.ClickException) -> str:
    """What was wrong and, if it was typed so, where to look; click's own sentences begin with "Error"."""
    said = wrong.format_message()
    if not isinstance(wrong, click.UsageError) or said.startswith("Usage:"):
        return said  # ours, or a group without its command: then it is the whole help page
    if type(wrong) is click.BadParameter and wrong.param is not None and wrong.ctx is not None:
        said = f"{wrong.param.get_error_hint(wrong.ctx)}: {wrong.message}"
    return f"{said} See `{wrong.ctx.command_path} --help`." if wrong.ctx is not None else said


def unforeseen_in_words(problem: BaseException) -> str:
    """What is said of a failure that nobody foresaw: its kind only, because its text may hold a person's data."""
    return (
        f"Something happened that this program does not know ({type(problem).__name__}). "
        "What was saved stays saved. Try once more; if it comes again, ring the helpdesk and say this word."
    )


class PlainGroup(click.Group):
    """A group of commands that speaks as `in_words` does. Exit codes: 0 done, 1 the answer is no, 2 used wrongly."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run and leave the process; with `standalone_mode` off, as click does it."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.Abort:
            _leave(1, "Stopped. What was saved stays saved.")
        except click.ClickException as wrong:
            _leave(wrong.exit_code, in_words(wrong))
        except BrokenPipeError:
            # Whoever read our output has left; Python must not complain about it while closing.
            sys.stderr.close()
            sys.exit(1)
        except Exception as unforeseen:
            _leave(1, unforeseen_in_words(unforeseen))
        sys.exit(code if isinstance(code, int) else 0)


def _leave(code: int, words: str) -> NoReturn:
    click.echo(words, err=True)
    sys.exit(code)
