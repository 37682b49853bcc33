"""The desk on the command line: the same lists, words and forms as the pages, as plain lines or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync.base.references import show_reference
from sync.base.safe_text import safe_text
from sync.base.work import Button
from sync.desk.answers import FORMS, check_answer
from sync.desk.desk import Desk, referral_of, summary_of
from sync.desk.inbox import Case, Section, buttons, state
from sync.desk.rows import SECTION_WORDS, due_words, history_of, state_words
from sync.desk.view import sheet_of
from sync.desk.words import local


def _sections(everything: bool) -> tuple[Section, ...]:
    return tuple(section for section in Section if everything or section is not Section.FINISHED)


def list_rows(desk: Desk, *, everything: bool) -> list[dict[str, Any]]:
    """What waits, for a program: no names, no data of a person."""
    today = desk.today()
    return [
        {
            **summary_of(desk.case(row.reference)),
            "section": section.value,
            "services": row.services,
            "urgent": row.urgent,
            "contact_by": row.contact_by.isoformat() if row.contact_by else None,
            "ack_by": row.ack_by.isoformat() if row.ack_by else None,
        }
        for section in _sections(everything)
        for row in desk.index.section(section, today)
    ]


def list_lines(desk: Desk, *, everything: bool) -> list[str]:
    """What waits, as lines."""
    today = desk.today()
    lines = [safe_text(desk.name)]
    for section in _sections(everything):
        rows = desk.index.section(section, today)
        if not rows and section is not Section.NEW:
            continue
        lines += ["", f"{SECTION_WORDS[section]} ({len(rows)})"]
        for row in rows:
            due = due_words(row, desk.index.late(row, today))
            urgent = "Urgent." if row.urgent and not row.now.finished else ""
            facts = (urgent, row.services, row.district, due, row.answered or state_words(row.now))
            lines.append(f"  {show_reference(row.reference)}  " + safe_text("  ".join(filter(None, facts))))
    return lines


def one_lines(case: Case, now: datetime) -> list[str]:
    """One referral, how to reach the person first."""
    sheet, at = sheet_of(referral_of(case)), state(case)
    lines = [f"{sheet.services}, for {sheet.name}", f"{sheet.reference}  {state_words(at)}  {sheet.due}".rstrip(), ""]
    if at.died:
        lines.append("Has died. Do not ring or write.")
    elif at.stop_asked:
        lines.append("Asked to stop. Do not get in touch.")
    else:
        if sheet.urgent:
            lines.append(f"Urgent: {sheet.urgent}")
        lines += ["Before you ring", *(f"  {words}" for words in sheet.reach)]
        if sheet.say:
            lines.append(f"  Say: {sheet.say}")
    lines += ["", *(f"{line.label}: {line.value}" for line in (*sheet.data, *sheet.yes)), "", "History"]
    lines += [
        f"  {line.when}  {line.what}" + (f" ({line.where})" if line.where else "") for line in history_of(case, now)
    ]
    return [safe_text(line) for line in lines]


def one_document(case: Case) -> dict[str, Any]:
    """One referral for a case system: where it stands, its data as they came, and what may be said next."""
    return {
        **summary_of(case),
        "buttons": [button.value for button in buttons(case)],
        "referral": dict(case.referral),
        "acts": [act.to_json() for act in case.acts],
    }


def press(desk: Desk, reference: str, button: str, given: Mapping[str, Any]) -> tuple[Case | None, tuple[str, ...]]:
    """Press a button with what was typed; the case afterwards, or the words of what is to be put right."""
    if button == "take-back":
        try:
            return desk.take_back(reference), ()
        except ValueError:
            return None, ("There is nothing to take back: it has left.",)
    case = desk.case(reference)
    possible = buttons(case)
    if button not in {one.value for one in possible}:
        return None, (
            f"That cannot be said now. You can say: {', '.join(one.value for one in possible) or 'nothing more'}.",
        )
    form = FORMS[Button(button)]
    dates = list(given.get("dates", ()))
    typed = {name: str(given.get(name, "")) for name in ("outcome", "until", "what", "which", "own_number")}
    typed |= {"of": str(given.get("of_", "")), "weekly_gain_pounds": str(given.get("gain", ""))}
    typed |= dict(zip(("date", "second_date"), dates, strict=False))
    today = desk.today()
    referral = referral_of(case)
    made = local(referral.made_at).date()
    services = frozenset(service.id for service in referral.services)
    checked = check_answer(form, typed, today=today, earliest=min(made, today), services=services)
    if isinstance(checked, tuple):
        labels = {one.name: one.label for one in form.fields}
        return None, tuple(f"{labels.get(problem.field, problem.field)} {problem.words}" for problem in checked)
    return desk.answer(reference, checked), ()
