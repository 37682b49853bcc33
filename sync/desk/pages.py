"""The desk's pages: plain HTML that works without a script.

Laws: a link only shows (its first opening is told as read); an answer is a form with a Save button, and the same form
sent twice is one answer; names stand in the body of a page, never in its title or address.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from sync.base.work import Button
from sync.desk.answers import FORMS, Form, Problem, check_answer, fields_for
from sync.desk.desk import Desk, NotHere, referral_of
from sync.desk.door import Door
from sync.desk.guard import Guard
from sync.desk.inbox import Case, Happened, Section, buttons, can_take_back, state, today_at
from sync.desk.index import PAGE
from sync.desk.rows import SECTION_WORDS, Row, answer_words, button_label, due_words, history_of, state_words
from sync.desk.site import Front, Routes, Site, Visit
from sync.desk.view import sheet_of
from sync.desk.words import clock_time, local, t


def desk_app(desks: Mapping[str, Desk], door: Door, front: Front | None = None) -> Guard:
    """The ASGI application over one or several agencies' desks."""
    return Site(desks, door, front).app(ROUTES)


def _go(path: str) -> Response:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def home(visit: Visit) -> Response:
    """The inbox, or first the question whose."""
    return _go(visit.base() if visit.session.agency else "/agencies")


def agencies(visit: Visit) -> Response:
    """Whose referrals: one agency at a time."""
    names = [(agency, visit.site.desks[agency].name) for agency in visit.session.agencies]
    return visit.site.page("agencies.html", session=visit.session, names=names)


def choose_agency(visit: Visit) -> Response:
    """Show another agency's desk; only one that this session may."""
    agency = visit.form.get("agency", "")
    if agency not in visit.session.agencies:
        raise NotHere(agency)
    visit.session.agency = agency
    return _go(visit.base())


def leave(visit: Visit) -> Response:
    """Sign out."""
    visit.site.door.leave(visit.session)
    visit.site.front.signed_out()
    return visit.site.message(
        HTTPStatus.OK,
        t("You have signed out"),
        t("You can close this page. To come in again, open the new address in the desk's window."),
    )


def about(visit: Visit) -> Response:
    """Accessibility and privacy."""
    return visit.show("about.html")


def _rows_in(visit: Visit, section: Section, most: int, skip: int = 0) -> dict[str, Any]:
    desk = visit.desk
    with desk.lock:
        count = desk.index.counts(desk.today())[section]
        shown = [_line(desk, row) for row in desk.index.section(section, desk.today(), skip, most)]
    return {"section": section, "title": t(SECTION_WORDS[section]), "rows": shown, "count": count}


def _line(desk: Desk, row: Row) -> dict[str, Any]:
    late = desk.index.late(row, desk.today())
    return {"row": row, "due": due_words(row, late), "state": state_words(row.now), "late": late}


def inbox(visit: Visit) -> Response:
    """Everything that waits, in its sections."""
    sections = [_rows_in(visit, section, PAGE) for section in Section]
    return visit.show("inbox.html", sections=sections, today=visit.desk.today())


def one_section(visit: Visit) -> Response:
    """One section of the inbox, page by page."""
    try:
        section = Section(visit.request.path_params["section"])
        number = int(visit.request.query_params.get("page", "1"))
    except ValueError as error:
        raise NotHere from error
    if number < 1:
        raise NotHere
    shown = _rows_in(visit, section, PAGE, (number - 1) * PAGE)
    pages = max(1, -(-shown["count"] // PAGE))
    if number > pages:
        raise NotHere
    return visit.show("list.html", shown=shown, number=number, pages=pages)


def print_list(visit: Visit) -> Response:
    """What waits, to print: no names."""
    waiting = (Section.STOP, Section.NEW, Section.LATE, Section.OPEN)
    sections = [_rows_in(visit, section, 4 * PAGE) for section in waiting]
    return visit.show("print_list.html", sections=sections, today=visit.desk.today())


def find(visit: Visit) -> Response:
    """Rows by reference, name, postcode or own number. A form that is posted, so that no name is ever in an address."""
    desk = visit.desk
    typed = visit.form.get("text", "").strip()[:100]
    with desk.lock:
        rows = [_line(desk, row) for row in desk.index.find(typed)]
    return visit.show("find.html", typed=typed, rows=rows, most=PAGE)


def referral(visit: Visit) -> Response:
    """One referral. The first opening by a person is kept and told as read; a browser's look-ahead is nobody's."""
    ahead = visit.request.method == "HEAD" or visit.request.headers.get("sec-purpose", "").startswith("prefetch")
    case = visit.desk.case(visit.reference) if ahead else visit.desk.read(visit.reference)
    return _one(visit, case, "referral.html")


def referral_print(visit: Visit) -> Response:
    """One referral on paper."""
    return _one(visit, visit.desk.read(visit.reference), "referral_print.html")


def referral_text(visit: Visit) -> Response:
    """One referral as text, to copy into a case system."""
    return _one(visit, visit.desk.read(visit.reference), "referral_text.html")


def _one(visit: Visit, case: Case, template: str, status: int = 200, **more: Any) -> Response:
    sheet = sheet_of(referral_of(case))
    now = state(case)
    here = can_take_back(case, visit.desk.clock())
    return visit.show(
        template,
        status,
        case=case,
        sheet=sheet,
        now=now,
        state_words=state_words(now),
        history=history_of(case, visit.desk.clock()),
        buttons=[(button, button_label(button)) for button in buttons(case)],
        saved=answer_words(here) if here is not None else "",
        leaves_at=clock_time(here.leaves_at) if here is not None and here.leaves_at else "",
        link=f"{visit.base()}/referral/{case.reference}",
        **more,
    )


def _form_of(visit: Visit) -> Form:
    try:
        return FORMS[Button(visit.request.path_params["button"])]
    except (KeyError, ValueError) as error:
        raise NotHere from error


def answer_form(visit: Visit) -> Response:
    """One short page behind a button. Looking at it answers nothing."""
    form = _form_of(visit)
    case = visit.desk.case(visit.reference)
    if form.button not in buttons(case):
        return _changed(visit, case)
    return _show_form(visit, form, case, {"own_number": case.own_number}, ())


def _show_form(
    visit: Visit, form: Form, case: Case, typed: Mapping[str, str], problems: tuple[Problem, ...]
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    services = frozenset(service["id"] for service in case.referral["services"])
    return _one(
        visit,
        case,
        "answer.html",
        status,
        form=form,
        fields=fields_for(form, services),
        typed=typed,
        problems=problems,
        told={problem.field: problem.words for problem in problems},
        seen=len(case.acts),
    )


def _changed(visit: Visit, case: Case) -> Response:
    return _one(visit, case, "referral.html", HTTPStatus.CONFLICT, changed=True)


def save_answer(visit: Visit) -> Response:
    """Save: the answer leaves in ten minutes. The same form sent twice is one answer."""
    form, desk = _form_of(visit), visit.desk
    with desk.lock:
        case = desk.case(visit.reference)
        today = today_at(desk.clock())
        made = local(referral_of(case).made_at).date()
        services = frozenset(service["id"] for service in case.referral["services"])
        given = check_answer(form, visit.form, today=today, earliest=min(made, today), services=services)
        if isinstance(given, tuple):
            return _show_form(visit, form, case, visit.form, given)
        last = case.acts[-1]
        if visit.form.get("seen") != str(len(case.acts)):
            if last.happened is Happened.ANSWERED and dict(last.given or {}) == given.to_json():
                return _go(f"{visit.base()}/referral/{case.reference}")
            return _changed(visit, case)
        try:
            desk.answer(case.reference, given)
        except ValueError:
            return _changed(visit, case)
    return _go(f"{visit.base()}/referral/{case.reference}")


def take_back(visit: Visit) -> Response:
    """Take the last answer back, while it is still here."""
    case = visit.desk.case(visit.reference)
    try:
        visit.desk.take_back(case.reference)
    except ValueError:
        return _changed(visit, case)
    return _go(f"{visit.base()}/referral/{case.reference}")


def send_now(visit: Visit) -> Response:
    """Let the last answer leave at once."""
    case = visit.desk.case(visit.reference)
    try:
        visit.desk.send_now(case.reference)
    except ValueError:
        return _changed(visit, case)
    return _go(f"{visit.base()}/referral/{case.reference}")


ROUTES: Final[Routes] = (
    ("GET", "/", home),
    ("GET", "/agencies", agencies),
    ("POST", "/agencies", choose_agency),
    ("POST", "/leave", leave),
    ("GET", "/about", about),
    ("GET", "/at/{agency}", inbox),
    ("GET", "/at/{agency}/list/{section}", one_section),
    ("GET", "/at/{agency}/print", print_list),
    ("GET", "/at/{agency}/find", find),
    ("POST", "/at/{agency}/find", find),
    ("GET", "/at/{agency}/referral/{reference}", referral),
    ("GET", "/at/{agency}/referral/{reference}/print", referral_print),
    ("GET", "/at/{agency}/referral/{reference}/text", referral_text),
    ("GET", "/at/{agency}/referral/{reference}/answer/{button}", answer_form),
    ("POST", "/at/{agency}/referral/{reference}/answer/{button}", save_answer),
    ("POST", "/at/{agency}/referral/{reference}/take-back", take_back),
    ("POST", "/at/{agency}/referral/{reference}/send-now", send_now),
)
"""Every page and form behind the session."""
