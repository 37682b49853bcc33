"""A visit's one line in the register: all that Today shows of it without opening it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from firstcontact.domain.directory import place_of
from firstcontact.domain.events import VISIT
from firstcontact.rows import VisitRow, VisitState
from firstcontact.workflow.household import name_of
from firstcontact.workflow.say import clock_time, day_from_today, initials

if TYPE_CHECKING:
    from firstcontact.workflow.open_visit import VisitAtHand


def summary_of(at_hand: VisitAtHand) -> dict[str, Any]:
    """The line of a visit as it stands now; kept sealed, like everything else about it."""
    visit, sheets = at_hand.visit, at_hand.sheets
    first, last = visit.events[0], visit.events[-1]
    place = place_of(sheets.postcode)
    question = visit.position.question if visit.position else None
    known = at_hand.version.form.checklist.by_id.get(question or "")
    line: dict[str, Any] = {
        "state": _state(at_hand).value,
        "on": visit.on.isoformat(),
        "started_at": first.at.isoformat(),
        "version": at_hand.version.digest,
        "name": name_of(sheets, visit.people[0], full=True, known_only=True) if visit.people else "",
        "district": place.outward if place else "",
        "part": known.section_id if known is not None and known.part_of is None else "",
        "stopped_at": last.at.isoformat(),
        "offset_minutes": last.offset_minutes,
    }
    if at_hand.leaves_at is not None:
        line["leaves_at"] = at_hand.leaves_at.isoformat()
    if at_hand.erase_when_received:
        line["erase_when_received"] = True
    return line


def _state(at_hand: VisitAtHand) -> VisitState:
    visit = at_hand.visit
    if visit.stopped:
        return VisitState.STOPPED
    if visit.finished_on(VISIT) is not None:
        return VisitState.FINISHED
    return VisitState.HALF_DONE


def row_of(visit_id: str, line: Mapping[str, Any], now: datetime) -> VisitRow:
    """The line as Today shows it; `now` carries the laptop's own offset."""
    today = now.date()
    started = datetime.fromisoformat(line["started_at"]).astimezone(now.tzinfo)
    stopped = datetime.fromisoformat(line["stopped_at"]).astimezone(now.tzinfo)
    on = date.fromisoformat(line["on"])
    state = VisitState(line["state"])
    leaves_at = line.get("leaves_at")
    if state is VisitState.FINISHED and leaves_at and now < datetime.fromisoformat(leaves_at):
        state = VisitState.LEAVING
    return VisitRow(
        id=visit_id,
        when=clock_time(started) if on == today else day_from_today(on, today),
        initials=initials(line["name"]),
        name=line["name"],
        district=line["district"],
        state=state,
        part=line.get("part", ""),
        stopped=clock_time(stopped),
    )


def is_of_today(line: Mapping[str, Any], today: date) -> bool:
    """Whether Today lists a visit: everything that is not ended, and what ended today."""
    return line["state"] not in (VisitState.FINISHED, VisitState.STOPPED) or line["stopped_at"][:10] >= str(today)
