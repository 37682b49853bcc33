"""What stands around the desk's pages: the session, the mark in every form, templates, and what is said when it stops.

Laws: no page without a session but the way in, and the style sheet; another agency's address is the same 404 as one
that never was; every form carries its session's own mark; a link only shows (its first opening is told as read);
names stand in the body of a page, never in its title or address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sync.base.references import parse_reference, show_reference
from sync.base.safe_text import safe_text
from sync.desk.desk import Desk, NotHere
from sync.desk.door import Door, Session, right_form
from sync.desk.guard import Guard
from sync.desk.words import long_day, t

HERE: Final = Path(__file__).parent
MOST_FORM_BYTES: Final = 64 * 1024
Handler = Callable[["Visit"], Response]
Routes = Sequence[tuple[str, str, Handler]]
"""Method, path and handler of each."""


@dataclass(frozen=True, slots=True)
class Front:
    """What stands on every page besides the agency's own data."""

    scheme: str = "First Contact"
    hub_phone: str = ""
    signed_out: Callable[[], None] = lambda: None
    """Called when somebody signed out or came with a spent address: the window prints a new one."""


@dataclass(slots=True)
class Visit:
    """One request, read, by somebody who came in."""

    site: Site
    request: Request
    session: Session
    form: dict[str, str] = field(default_factory=dict)

    @property
    def desk(self) -> Desk:
        """The desk that the address names. Raises: NotHere, unless it is the one that this session shows now."""
        agency = self.request.path_params["agency"]
        if agency != self.session.agency or agency not in self.session.agencies:
            raise NotHere(agency)
        return self.site.desks[agency]

    @property
    def reference(self) -> str:
        """The reference in the address. Raises: NotHere."""
        try:
            return parse_reference(self.request.path_params["reference"])
        except ValueError as error:
            raise NotHere from error

    def base(self) -> str:
        """Where this agency's pages begin."""
        return f"/at/{self.session.agency}"

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page of the agency that is shown now."""
        agency = self.session.agency
        desk = self.site.desks.get(agency) if agency else None
        return self.site.page(template, status, session=self.session, desk=desk, **values)


class Site:
    """The pages over one or several desks."""

    def __init__(self, desks: Mapping[str, Desk], door: Door, front: Front | None = None) -> None:
        self.desks = desks
        self.door = door
        self.front = front or Front()
        self._css = (HERE / "static" / "desk.css").read_bytes()
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_finalize,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(t=t, long_day=long_day, show_reference=show_reference)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Any page."""
        values = {"session": None, "desk": None, "front": self.front, **values}
        return HTMLResponse(self._templates.get_template(template).render(values), status)

    def message(self, status: HTTPStatus, title: str, *words: str, **values: Any) -> Response:
        """A page with one thing to say: what happened, what to do."""
        return self.page("message.html", status, title=title, words=words, **values)

    def app(self, routes: Routes) -> Guard:
        """The ASGI application: these routes behind the session."""
        here = [Route("/static/desk.css", self._style), Route("/enter/{token}", self._enter, methods=["GET"])]
        stops = {404: self._not_found, 405: self._not_found, 500: self._broken}
        return Guard(Starlette(routes=[*here, *self._behind(routes)], exception_handlers=stops))

    def _behind(self, routes: Routes) -> list[Route]:
        return [Route(path, partial(self._serve, handler), methods=[method]) for method, path, handler in routes]

    async def _style(self, request: Request) -> Response:
        del request
        return Response(self._css, media_type="text/css")

    async def _enter(self, request: Request) -> Response:
        """Spend the one-time address. HEAD and look-ahead requests of a browser or a mail scanner spend nothing."""
        if request.method == "HEAD" or request.headers.get("sec-purpose", "").startswith("prefetch"):
            return Response(status_code=HTTPStatus.NO_CONTENT)
        session = self.door.enter(request.path_params["token"])
        if session is None:
            if self._session(request) is not None:
                return RedirectResponse("/", HTTPStatus.SEE_OTHER)
            self.front.signed_out()
            return self._no_session()
        response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        response.set_cookie(_cookie_name(request), session.id, httponly=True, samesite="strict", path="/")
        return response

    def _session(self, request: Request) -> Session | None:
        return self.door.session(request.cookies.get(_cookie_name(request), ""))

    def _no_session(self) -> Response:
        return self.message(
            HTTPStatus.UNAUTHORIZED,
            t("Come in by the address in the desk's window"),
            t("This address opens nothing by itself, or it was used before. Nothing is lost."),
            t("Look at the window where the desk was started. It prints an address. Open that one."),
        )

    async def _serve(self, handler: Handler, request: Request) -> Response:
        session = self._session(request)
        if session is None:
            return self._no_session()
        visit = Visit(self, request, session)
        if request.method == "POST":
            body = await _body(request)
            if body is None:
                words = t("What you sent is too long. Nothing was saved.")
                return self.message(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, t("Too long"), words)
            visit.form = dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=100))
            if not right_form(session, visit.form.get("csrf", "")):
                return self.message(
                    HTTPStatus.FORBIDDEN,
                    t("This form is not from this desk, or is too old"),
                    t("Nothing was saved. Go back, load the page again and try once more."),
                )
        try:
            return await run_in_threadpool(handler, visit)
        except NotHere:
            return self._no_such_page(session)

    def _no_such_page(self, session: Session | None) -> Response:
        return self.message(
            HTTPStatus.NOT_FOUND,
            t("There is nothing here"),
            t("There is no such page or referral at this desk."),
            session=session,
        )

    async def _not_found(self, request: Request, error: Exception) -> Response:
        del error
        session = self._session(request)
        return self._no_such_page(session) if session is not None else self._no_session()

    async def _broken(self, request: Request, error: Exception) -> Response:
        del request, error
        return self.message(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            t("Something went wrong at the desk"),
            t("What was saved is safe. Go back and try once more. If it happens again, ring the hub."),
        )


def _finalize(value: object) -> object:
    """Every text on its way to a page: nothing in it can steer a reader's eye. Markup of ours passes."""
    return safe_text(value, multiline=True) if isinstance(value, str) and not isinstance(value, Markup) else value


def _cookie_name(request: Request) -> str:
    """Cookies know hosts, not ports: two desks on one machine keep theirs apart by name."""
    return f"desk-{request.url.port or 80}"


async def _body(request: Request) -> bytes | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM_BYTES:
            return None
    return body
