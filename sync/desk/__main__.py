"""`python -m sync.desk`, and the console command `firstcontact-desk`."""

from __future__ import annotations


def main() -> None:
    """Run the command; a failure that we know is one plain sentence on stderr and exit code 1."""
    from sync.desk.cli import desk

    desk(prog_name="firstcontact-desk")


if __name__ == "__main__":
    main()
