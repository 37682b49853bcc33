"""The pages before the vault is open: unlock and the first run. Nothing about any visited person is on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from firstcontact.rows import Profile
from firstcontact.tui.paint import Marks, Row, blank, pad, paragraph, row, shrink
from firstcontact.tui.words import _, day_and_time

SOMEONE_NEW: Final = "new"
CANNOT: Final = "cannot"
UNLOCK: Final = "unlock"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockView:
    """What the unlock page shows."""

    profiles: tuple[Profile, ...]
    chosen: str
    marked: str
    opening: bool = False
    trouble: str = ""
    helpdesk: str = ""
    help_open: bool = False
    now: datetime


def unlock_rows(view: UnlockView, marks: Marks, width: int, height: int) -> list[Row]:
    """Who is working, the passphrase, and what to do if it does not open."""
    rows: list[Row] = [blank(), row("   ", (_("Who is working?"), "strong"), droppable=3), blank()]
    for profile in view.profiles:
        sign = marks.here if profile.id == view.chosen else " "
        used = _("used {when}").format(when=day_and_time(profile.used_at, view.now)) if profile.used_at else ""
        look = "marked" if profile.id == view.marked else "strong" if profile.id == view.chosen else "plain"
        rows.append(row(f" {sign}  ", (pad(profile.name, 14), look), " ", (used, "quiet"), entry=profile.id))
    rows.append(_choice(SOMEONE_NEW, _("Someone new"), view.marked, marks, droppable=3))
    rows += [blank(), row("   ", _("Passphrase"), box="passphrase", box_at=15), blank()]
    if view.opening:
        rows.append(row("   ", (_("Opening..."), "quiet")))
    elif view.trouble:
        rows += paragraph(view.trouble, width, indent=3, style="care")
    else:
        rows.append(row("   ", (_("What you type is not shown."), "quiet"), droppable=2))
    rows += [blank(), _choice(CANNOT, _("I cannot get in"), view.marked, marks, droppable=3)]
    if view.help_open:
        rows += _cannot_get_in(view.helpdesk, width)
    rows += [
        blank(),
        *paragraph(_("Life at risk? Ring 999 first. This can wait."), width, indent=3, droppable=1),
    ]
    if not view.help_open and view.helpdesk:
        text = _("Helpdesk {line}").format(line=view.helpdesk)
        rows += [blank(), *paragraph(text, width, indent=3, style="quiet", droppable=2)]
        rows += paragraph(_PAPER, width, indent=3, style="quiet", droppable=2)
    return shrink(rows, height)


_PAPER: Final = _(
    "Cannot get in, and someone is in front of you? Use the paper list in your folder. It can be typed in later. "
    "Everything saved here is still safe."
)


def _cannot_get_in(helpdesk: str, width: int) -> list[Row]:
    lines = [
        _("Type the code from your first day in place of the passphrase. It opens your visits too."),
        _("No code? Ring the helpdesk: {line}").format(line=helpdesk) if helpdesk else _("No code? Ring the helpdesk."),
        _PAPER,
    ]
    return [made for line in lines for made in paragraph(line, width, indent=5, style="quiet")]


def _choice(entry: str, words: str, marked: str, marks: Marks, droppable: int = 0) -> Row:
    here = entry == marked
    look = "marked" if here else "plain"
    return row(f" {marks.here if here else ' '}  ", (words, look), entry=entry, droppable=droppable)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpView:
    """What the first run shows: which step, and what it says."""

    step: int
    words: tuple[str, ...] = ()
    code: str = ""
    trouble: str = ""
    working: bool = False


FIELDS: Final = ("name", "role", "agency", "work-phone", "lead-phone")


def set_up_rows(view: SetUpView, marks: Marks, width: int, height: int) -> list[Row]:
    """The five steps, and the one that is asked now."""
    rows: list[Row] = [blank()]
    for number, title in enumerate(_steps(), start=1):
        state = _("done") if number < view.step else _("now") if number == view.step else ""
        sign = marks.here if number == view.step else " "
        look = "strong" if number == view.step else "quiet"
        level = 0 if number == view.step else 3
        rows.append(row(f" {sign} {pad(state, 5)} ", (f"{number}  {title}", look), droppable=level))
    rows.append(blank())
    rows += (_about_you, _passphrase, _way_back, _letting_in)[min(view.step, 4) - 1](view, width)
    if view.trouble:
        rows += [blank(), *paragraph(view.trouble, width, indent=3, style="care")]
    if view.working:
        rows += [blank(), row("   ", (_("Making your vault..."), "quiet"))]
    return shrink(rows, height)


def _steps() -> Sequence[str]:
    return (
        _("Your name, agency, work phone and safeguarding lead's number"),
        _("Your passphrase"),
        _("A way back in if you forget it"),
        _("Ask the scheme to let this laptop in"),
        _("A ten-minute practice visit with made-up people"),
    )


def _about_you(_view: SetUpView, width: int) -> list[Row]:
    labels = (
        _("Your full name"),
        _("What you are"),
        _("Your agency"),
        _("Work phone"),
        _("Lead's number"),
    )
    rows = [row("   ", label, box=name, box_at=20) for label, name in zip(labels, FIELDS, strict=True)]
    text = _("Partners see your name, agency and work phone with each referral. The lead's number can wait.")
    return [*rows, blank(), *paragraph(text, width, indent=3, style="quiet", droppable=2)]


def _passphrase(view: SetUpView, width: int) -> list[Row]:
    rows = paragraph(_("Choose four words that do not belong together. Or use these:"), width, indent=3)
    rows.append(row("        ", ("   ".join(view.words), "strong"), "    ", (_("(Esc, then o: other words)"), "quiet")))
    rows += [
        blank(),
        row("   ", _("Passphrase"), box="first", box_at=17),
        row("   ", _("Once more"), box="second", box_at=17),
        blank(),
    ]
    for text in (
        _("At least 15 letters. Spaces are fine. No capitals or numbers needed."),
        _("Only you can open your visits. Step 3 gives you a way back in."),
        _("It locks after 5 quiet minutes, and with ctrl+l."),
    ):
        rows += paragraph(text, width, indent=3, style="quiet", droppable=2)
    return rows


def _way_back(view: SetUpView, width: int) -> list[Row]:
    rows = paragraph(_("This code opens your visits once, if you forget the passphrase:"), width, indent=3)
    rows += [blank(), *paragraph(view.code, width, indent=8, style="strong"), blank()]
    for text in (
        _("Write it on paper now, and keep it away from the laptop. It is not shown again."),
        _("Enter when it is written down."),
    ):
        rows += paragraph(text, width, indent=3)
    return rows


def _letting_in(_view: SetUpView, width: int) -> list[Row]:
    rows: list[Row] = []
    for text in (
        _("Give the coordinator this laptop's request. Until the scheme says yes, nothing is sent."),
        _("You can practise now: firstcontact demo walks you through a visit with made-up people."),
        _("A real visit needs the scheme's yes."),
        _("Enter opens Today."),
    ):
        rows += paragraph(text, width, indent=3)
    return rows
