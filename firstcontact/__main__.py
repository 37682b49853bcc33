"""`firstcontact`: with nothing behind it the visit program, otherwise one of its commands."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the program; every way out is an exit code and, at worst, two plain sentences."""
    # The visit program alone is what a professional starts in a doorway: it does not wait for the command line's parts.
    if len(sys.argv) == 1 and sys.stdin.isatty() and sys.stdout.isatty():
        from firstcontact.start import run_visit_program

        sys.exit(run_visit_program())
    from firstcontact.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
