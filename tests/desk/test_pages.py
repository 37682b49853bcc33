"""The pages over real HTTP on loopback: who may see what, forms without a script, what a browser is told."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import httpx
import pytest
import uvicorn

from sync.desk.desk import Desk
from sync.desk.door import Door
from sync.desk.inbox import state
from sync.desk.pages import ROUTES, desk_app
from sync.desk.serve import listen
from sync.desk.site import Front
from tests.desk.parts import Clock, arrived, desk, reference, referral, withdrawal

OURS, THEIRS = reference(1), reference(2)
CANARY = "Zebedee Quillfeather"
EVIL = "<script>alert(1)</script>\u202e<b>bold</b>\x1b[31m"


class Site:
    """Two desks served together, and browsers without scripts that visit them."""

    def __init__(self, base: str, desks: dict[str, Desk], door: Door, clock: Clock, said: list[str]) -> None:
        self.base, self.desks, self.door, self.clock, self.said = base, desks, door, clock, said

    @contextmanager
    def enter(self, *agencies: str) -> Iterator[httpx.Client]:
        """A browser that came in by a one-time address."""
        with httpx.Client(base_url=self.base, follow_redirects=True) as browser:
            assert browser.get(f"/enter/{self.door.new_token(agencies)}").status_code == 200
            yield browser


@pytest.fixture
def site() -> Iterator[Site]:
    """Later Life and the Handyperson at one hosted desk, a referral each."""
    clock = Clock()
    desks = {"LLA": desk(clock=clock), "RTH": desk("RTH", "Rushmere and Thornby Handyperson", clock=clock)}
    arrived(desks["LLA"], referral(1))
    arrived(desks["RTH"], referral(2, person={"name": CANARY}))
    door, said = Door(clock), [""]
    front = Front("First Contact Ambleshire", "0808 157 0100", lambda: said.append("new address"))
    with serving(desk_app(desks, door, front)) as base:
        yield Site(base, desks, door, clock, said)


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """A real server on a free port of this machine."""
    listener = listen(0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def csrf_of(page: httpx.Response) -> str:
    """The mark in a page's forms."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def hidden(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page's answer form, as a browser without scripts sends them."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


def paths(agency: str, ref: str) -> list[tuple[str, str]]:
    """Every page and form behind the session, filled in for one referral."""
    named = {"agency": agency, "reference": ref, "section": "new", "button": "accept"}
    return [(method, path.format(**named)) for method, path, _ in ROUTES]


def test_nothing_is_shown_without_a_session(site: Site) -> None:
    """Every page and form, asked for without a session or with a made-up one, shows the way in and no data."""
    for cookies in ({}, {f"desk-{site.base.rsplit(':', 1)[1]}": "made-up"}):
        with httpx.Client(base_url=site.base, cookies=cookies) as stranger:
            for method, path in [*paths("LLA", OURS), ("GET", "/elsewhere"), ("GET", "/enter/made-up")]:
                answer = stranger.request(method, path)
                assert answer.status_code == 401, path
                assert "Desmond" not in answer.text
                assert "Later Life" not in answer.text
    assert state(site.desks["LLA"].case(OURS)).read is False


def test_an_address_opens_once(site: Site) -> None:
    """A one-time address lets one browser in; spent, it opens nothing, and the window prints a new one."""
    token = site.door.new_token(("LLA",))
    with httpx.Client(base_url=site.base) as first, httpx.Client(base_url=site.base) as second:
        assert first.head(f"/enter/{token}").status_code == 204
        came = first.get(f"/enter/{token}")
        assert came.status_code == 303
        cookie = came.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert first.get("/at/LLA").status_code == 200
        assert second.get(f"/enter/{token}").status_code == 401
        assert site.said[-1] == "new address"


def test_another_agencys_referrals_cannot_be_reached(site: Site) -> None:
    """Every address and form of another agency, and its references under our own, are the same 404 as nonsense."""
    tried = 0
    with site.enter("LLA") as ours:
        mark = csrf_of(ours.get("/at/LLA"))
        nonsense = ours.get(f"/at/LLA/referral/{reference(99)}")
        before = site.desks["RTH"].case(THEIRS)
        own = [path for path in paths("LLA", THEIRS) if THEIRS in path[1]]
        for method, path in [*(one for one in paths("RTH", THEIRS) if "/at/" in one[1]), *own]:
            answer = ours.request(method, path, data={"csrf": mark, "seen": "1"} if method == "POST" else None)
            assert (answer.status_code, answer.text) == (404, nonsense.text), path
            tried += 1
        chosen = ours.post("/agencies", data={"csrf": mark, "agency": "RTH"})
        assert chosen.status_code == 404
        found = ours.post("/at/LLA/find", data={"csrf": mark, "text": CANARY.split()[0]})
        assert "Found: 0" in found.text
        for text in (THEIRS, CANARY):
            assert THEIRS not in ours.post("/at/LLA/find", data={"csrf": mark, "text": text}).text.replace(
                f'value="{text}"', ""
            )
        assert site.desks["RTH"].case(THEIRS) == before
    assert tried == len([path for path in paths("RTH", THEIRS) if "/at/" in path[1]]) + len(own)
    print(f"looked at {tried} addresses and forms of another agency")  # noqa: T201 - how much it looked at


def test_the_access_test_would_notice(site: Site) -> None:
    """The control: somebody who may see that agency does reach it by the same addresses."""
    with site.enter("RTH") as theirs:
        reached = [path for method, path in paths("RTH", THEIRS) if method == "GET" and CANARY in theirs.get(path).text]
    assert len(reached) >= 3


def test_a_hosted_desk_shows_one_agency_at_a_time(site: Site) -> None:
    """Who may see several chooses one; the other's addresses are closed until it is chosen."""
    with site.enter("LLA", "RTH") as hub:
        chooser = hub.get("/")
        assert "Whose referrals?" in chooser.text
        assert hub.get("/at/LLA").status_code == 404
        mark = csrf_of(chooser)
        assert "Later Life" in hub.post("/agencies", data={"csrf": mark, "agency": "LLA"}).text
        assert hub.get(f"/at/RTH/referral/{THEIRS}").status_code == 404
        hub.post("/agencies", data={"csrf": mark, "agency": "RTH"})
        assert CANARY in hub.get(f"/at/RTH/referral/{THEIRS}").text
        assert hub.get(f"/at/LLA/referral/{OURS}").status_code == 404


def test_every_form_needs_its_mark(site: Site) -> None:
    """A form without the session's own mark, or with another session's, changes nothing."""
    with site.enter("LLA") as browser, site.enter("LLA") as other:
        theirs = csrf_of(other.get("/at/LLA"))
        browser.get(f"/at/LLA/referral/{OURS}")
        before = site.desks["LLA"].case(OURS)
        for method, path in paths("LLA", OURS):
            if method == "POST":
                for data in ({}, {"csrf": ""}, {"csrf": theirs}):
                    assert browser.post(path, data={**data, "seen": "2"}).status_code == 403, path
        assert site.desks["LLA"].case(OURS) == before
        assert browser.get("/at/LLA").status_code == 200


def test_other_sites_and_other_names_are_turned_away(site: Site) -> None:
    """A request under another host name, or a form from another origin, is refused before anything is looked at."""
    with site.enter("LLA") as browser:
        mark = csrf_of(browser.get("/at/LLA"))
        assert browser.get("/at/LLA", headers={"Host": "desk.evil.example"}).status_code == 403
        for header in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
            assert browser.post("/leave", data={"csrf": mark}, headers=header).status_code == 403
        assert browser.get("/at/LLA").status_code == 200
        assert "signed out" in browser.post("/leave", data={"csrf": mark}).text
        assert browser.get("/at/LLA").status_code == 401


def test_a_form_that_is_too_long_is_refused(site: Site) -> None:
    """A body larger than any form is not read to its end."""
    with site.enter("LLA") as browser:
        assert browser.post("/leave", content=b"x" * 70_000).status_code == 413


def test_opening_a_link_tells_read_and_answers_nothing(site: Site) -> None:
    """Looking at a referral and at each of its forms answers nothing; a browser's look-ahead reads nothing."""
    with site.enter("LLA") as browser:
        here = site.desks["LLA"]
        browser.head(f"/at/LLA/referral/{OURS}")
        browser.get(f"/at/LLA/referral/{OURS}", headers={"Sec-Purpose": "prefetch"})
        assert not state(here.case(OURS)).read
        for method, path in paths("LLA", OURS):
            if method == "GET":
                browser.get(path)
        now = state(here.case(OURS))
        assert (now.business_status, now.last_answer) == ("read", None)


FORMS = {
    "accept": {},
    "contacted": {"date": "2026-02-02"},
    "could-not-reach": {"date": "2026-01-29", "second_date": "2026-01-30"},
    "helped": {"outcome": "helped", "own_number": "LL-7"},
    "person-declined": {},
    "send-back": {"outcome": "no-capacity", "until": "2026-03-02"},
    "deceased": {},
}
STATUS = {"send-back": "returned", "accept": "accepted"}


@pytest.mark.parametrize("button", FORMS)
def test_each_button_works_without_a_script(site: Site, button: str) -> None:
    """Open, press, fill in, save, look, take back: plain links and forms all the way."""
    with site.enter("LLA") as browser:
        here, link = site.desks["LLA"], f"/at/LLA/referral/{OURS}"
        assert f'href="{link}/answer/{button}"' in browser.get(link).text
        form = browser.get(f"{link}/answer/{button}")
        saved = browser.post(f"{link}/answer/{button}", data={**hidden(form), **FORMS[button]})
        assert saved.status_code == 200
        assert "Until then you can take it back." in saved.text
        assert state(here.case(OURS)).business_status == STATUS.get(button, button)
        again = browser.post(f"{link}/answer/{button}", data={**hidden(form), **FORMS[button]})
        assert again.status_code == 200
        assert len([act for act in here.case(OURS).acts if act.given]) == 1
        back = browser.post(f"{link}/take-back", data={"csrf": csrf_of(saved)})
        assert "taken back" in back.text
        assert state(here.case(OURS)).business_status == "read"


def test_a_wish_to_stop_is_confirmed(site: Site) -> None:
    """A withdrawn referral says so first, hides how to ring, and has one form to confirm."""
    arrived(site.desks["LLA"], withdrawal())
    with site.enter("LLA") as browser:
        link = f"/at/LLA/referral/{OURS}"
        page = browser.get(link)
        assert "Asked to stop. Do not get in touch." in page.text
        assert "Before you ring" not in page.text
        assert browser.get(f"{link}/answer/accept").status_code == 409
        form = browser.get(f"{link}/answer/confirm-withdrawal")
        saved = browser.post(f"{link}/answer/confirm-withdrawal", data=hidden(form))
        assert "stopped, confirmed" in saved.text


def test_what_is_wrong_stands_beside_its_field_and_on_top(site: Site) -> None:
    """A form that is not right comes back with everything typed, a summary of links, and the words at each field."""
    with site.enter("LLA") as browser:
        link = f"/at/LLA/referral/{OURS}/answer/send-back"
        form = browser.get(link)
        answer = browser.post(link, data={**hidden(form), "outcome": "no-capacity", "own_number": "LL-7"})
        assert answer.status_code == 422
        assert 'href="#until"' in answer.text
        assert 'id="until-wrong"' in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert 'value="LL-7"' in answer.text
        assert "checked" in answer.text
        assert "<title>Put right: " in answer.text


def test_a_form_written_on_old_words_is_not_saved(site: Site) -> None:
    """When the referral changed while somebody wrote, nothing is saved and the page says so."""
    with site.enter("LLA") as browser:
        link = f"/at/LLA/referral/{OURS}"
        form = browser.get(f"{link}/answer/accept")
        arrived(site.desks["LLA"], withdrawal())
        answer = browser.post(f"{link}/answer/accept", data=hidden(form))
        assert answer.status_code == 409
        assert "What you wrote was not saved." in answer.text


def test_text_from_outside_is_text(site: Site) -> None:
    """Markup, overrides and escapes in a referral reach no page as such, on any page."""
    here = site.desks["LLA"]
    hostile = referral(
        3,
        person={"name": EVIL},
        services=[{"id": "x", "label": {"en": EVIL}}],
        urgency="urgent",
        urgent_because={"en": EVIL},
        contact={"phone": EVIL, "ring": True, "best_time": EVIL, "rule": {"en": EVIL}, "communication": [EVIL]},
        fields=[{"pack": "x", "field": "y", "label": {"en": EVIL}, "value": EVIL}],
    )
    hostile["from"] = {"name": EVIL, "organisation": EVIL, "phone": EVIL}
    arrived(here, hostile)
    looked = 0
    with site.enter("LLA") as browser:
        for method, path in paths("LLA", reference(3)):
            if method == "GET":
                text = browser.get(path).text
                assert "<script" not in text
                assert "<b>bold" not in text
                assert not set(text) & {"\u202e", "\x1b"}
                looked += "&lt;script&gt;" in text
    assert looked >= 4


def test_every_answer_carries_the_headers(site: Site) -> None:
    """Pages, problems, the style sheet and the turned-away alike: nothing cached, framed, run or sent elsewhere."""
    with site.enter("LLA") as browser:
        for path in ("/at/LLA", "/static/desk.css", "/nowhere", f"/at/LLA/referral/{OURS}", "/agencies"):
            headers = browser.get(path).headers
            assert headers["cache-control"] == "no-store", path
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["referrer-policy"] == "same-origin"
            assert headers["x-content-type-options"] == "nosniff"


def test_a_fault_of_ours_shows_and_logs_no_data(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A page that cannot be made says so in plain words; neither it nor the log quotes what went wrong."""

    def broken(self: Desk, reference: str) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(Desk, "read", broken)
    with site.enter("LLA") as browser:
        answer = browser.get(f"/at/LLA/referral/{OURS}")
    assert answer.status_code == 500
    assert "What was saved is safe." in answer.text
    deadline = time.monotonic() + 10
    while not caplog.records and time.monotonic() < deadline:
        time.sleep(0.01)  # the log is written after the page has left
    assert "RuntimeError" in caplog.text
    assert CANARY not in answer.text + caplog.text
    assert not any(record.exc_info for record in caplog.records)


def all_pages(site: Site, browser: httpx.Client) -> dict[str, httpx.Response]:
    """Every page there is, with every button's form, a form put right, and what is said when it stops."""
    link = f"/at/LLA/referral/{OURS}"
    seen = {path: browser.get(path) for method, path in paths("LLA", OURS) if method == "GET" and path != "/enter"}
    seen |= {f"{link}/answer/{button}": browser.get(f"{link}/answer/{button}") for button in FORMS}
    mark = {"csrf": csrf_of(seen["/at/LLA"])}
    seen["put right"] = browser.post(f"{link}/answer/could-not-reach", data={**mark, "seen": "2"})
    seen["find"] = browser.post("/at/LLA/find", data={**mark, "text": "pilchard"})
    seen["404"] = browser.get("/nowhere")
    seen["403"] = browser.post("/leave")
    seen["401"] = httpx.get(f"{site.base}/")
    form = browser.get(f"{link}/answer/accept")
    seen["saved"] = browser.post(f"{link}/answer/accept", data=hidden(form))
    arrived(site.desks["LLA"], withdrawal())
    seen["stopped"] = browser.get(link)
    seen["print stopped"] = browser.get("/at/LLA/print")
    with site.enter("LLA", "RTH") as hub:
        seen["agencies"] = hub.get("/")
    return seen


class Outline(HTMLParser):
    """The structure of a page as a screen reader meets it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.landmarks: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.refers: list[str] = []
        self.lang = self.title = ""
        self.scripts = 0
        self.legends = self.fieldsets = 0
        self._in: list[str] = []
        self._words: list[str] = []
        self.empty: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.lang = given.get("lang") or ""
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag in {"main", "header", "footer", "nav"}:
            self.landmarks.append(tag)
        self.ids += [given["id"]] if given.get("id") else []  # type: ignore[list-item]
        if tag == "label":
            self.labels.add(given.get("for") or "")
        if tag in {"input", "textarea", "select"} and given.get("type") != "hidden":
            self.fields.append(given)
        self.scripts += tag == "script" or any(name.startswith("on") for name in given) or "style" in given
        self.legends += tag == "legend"
        self.fieldsets += tag == "fieldset"
        if tag == "a" and (given.get("href") or "").startswith("#"):
            self.links.append((given.get("href") or "")[1:])
        for name in ("aria-describedby", "aria-labelledby"):
            self.refers += (given.get(name) or "").split()
        if tag in {"a", "button", "title", "h1", "h2"}:
            self._in.append(tag)
            self._words.append("")

    def handle_data(self, data: str) -> None:
        if self._words:
            self._words[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if self._in and self._in[-1] == tag:
            self._in.pop()
            words = self._words.pop().strip()
            if tag == "title":
                self.title = words
            if not words:
                self.empty.append(tag)


def faults(outline: Outline) -> list[str]:
    """What a screen reader or a keyboard would stumble over."""
    found = []
    found += ["no language"] if outline.lang != "en" else []
    found += ["not one h1"] if outline.headings.count("h1") != 1 else []
    levels = [int(heading[1]) for heading in outline.headings]
    found += ["a heading level is left out"] if any(b - a > 1 for a, b in pairwise(levels)) else []
    found += ["landmarks"] if sorted(set(outline.landmarks) - {"nav"}) != ["footer", "header", "main"] else []
    found += ["two mains"] if outline.landmarks.count("main") != 1 else []
    found += ["no skip link first"] if outline.links[:1] != ["main"] else []
    found += ["an id twice"] if len(set(outline.ids)) != len(outline.ids) else []
    found += [f"no label: {one}" for one in outline.fields if one.get("id") not in outline.labels]
    found += ["a fieldset without a legend"] if outline.legends != outline.fieldsets else []
    found += [f"points nowhere: {one}" for one in [*outline.links, *outline.refers] if one not in outline.ids]
    found += [f"without words: {one}" for one in outline.empty]
    found += ["a script or style inside"] if outline.scripts else []
    found += ["no title"] if not outline.title else []
    return found


def test_every_page_can_be_heard_and_walked(site: Site) -> None:
    """Each page has a language, a title, one h1, landmarks, a skip link, labels, and nothing that points nowhere."""
    with site.enter("LLA") as browser:
        pages = all_pages(site, browser)
    for path, page in pages.items():
        if page.headers["content-type"].startswith("text/html"):
            assert faults(Outline(page.text)) == [], path
    assert len(pages) > 20
    print(f"looked at {len(pages)} pages")  # noqa: T201 - how much it looked at


def test_the_structure_test_would_notice() -> None:
    """The control: a page with a field without a label, two h1 and a dead link is found at fault."""
    broken = "<html lang=en><title>x</title><main><h1>a</h1><h1>b</h1><input id=q><a href='#no'>go</a></main></html>"
    assert len(faults(Outline(broken))) >= 4


def test_no_name_in_any_title_or_address(site: Site) -> None:
    """No page names the person in its title, and no address, list or list print holds a name."""
    with site.enter("LLA") as browser:
        pages = all_pages(site, browser)
    for path, page in pages.items():
        assert "Pilchard" not in Outline(page.text).title, path
        assert "pilchard" not in str(page.url).lower()
    for path in ("/at/LLA", "/at/LLA/list/new", "/at/LLA/print"):
        assert "Desmond" not in pages[path].text
        assert "3PL" not in pages[path].text
    assert "Desmond" in pages[f"/at/LLA/referral/{OURS}"].text
