"""What is said when something happens that nobody foresaw: a sentence, never a traceback.

A traceback on a terminal would show what the program held in its hands, names and answers among it.
"""

from __future__ import annotations

from firstcontact.tui.words import _


def words_of(problem: BaseException) -> str:
    """What an error says if it is one of ours, else what is known: its kind, that nothing is lost, and what to do."""
    from firstcontact.errors import FirstContactError

    if isinstance(problem, FirstContactError):
        return str(problem)
    return _("Something happened that is not known ({kind}). What was saved is safe. Try once more.").format(
        kind=type(problem).__name__
    )


def last_words(problem: BaseException | None) -> str:
    """What the terminal shows after the program had to end."""
    kind = type(problem).__name__ if problem is not None else "?"
    return _(
        "First Contact had to close: something happened that it does not know ({kind}).\n"
        "Everything that it called saved is safe. Start it again: an open visit goes on where it was.\n"
        "If it comes again, ring the helpdesk and say this word."
    ).format(kind=kind)
