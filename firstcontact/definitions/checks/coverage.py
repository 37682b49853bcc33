"""Who serves which area from when to when, and whether somebody answers when it is urgent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, time
from typing import Final, TypeAlias

from firstcontact.definitions.outline import listed
from firstcontact.definitions.problems import DefinitionProblem
from firstcontact.definitions.yaml import Node
from firstcontact.domain.directory import Directory, Hours, Partner, Place, ServiceAt

Span: TypeAlias = "tuple[date, date | None]"
"""From the first day to the first day on which it is over; None: for good."""
_SECTORS: Final = tuple(str(number) for number in range(10))
_DAY: Final = 24 * 60
_WEEK: Final = 7 * _DAY
_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def check_coverage(
    service: str, mark: Node, directory: Directory, partners: Node, on: date
) -> Iterator[DefinitionProblem]:
    """Where and when nobody runs a service. An area that nobody ever serves is a hint: the need is kept and counted."""
    rows = [row for partner in directory.partners for row in partner.services if row.service == service]
    places, known = _places(directory, rows), directory.service_by_id.get(service)
    gaps: dict[tuple[Span, ...], list[Place]] = {}
    for place in places:
        found = tuple(_gaps([row for row in rows if row.coverage.holds(place)], on))
        if found:
            gaps.setdefault(found, []).append(place)
    for spans, where in gaps.items():
        areas = "anywhere" if len(where) == len(places) else f"in {in_words(where)}"
        for start, end in spans:
            if known is not None and known.uncovered and areas != "anywhere" and start <= on and end is None:
                continue  # the scheme says where people there are sent
            yield _gap(service, mark, areas, (start, end), on, partners)


def _gap(service: str, mark: Node, areas: str, span: Span, on: date, partners: Node) -> DefinitionProblem:
    start, end = span
    place = _row_of(partners, service) or mark
    if start <= on and end is None:
        if areas == "anywhere":
            return mark.problem(f"nobody runs {service} any more", code="service-not-covered", level="warning")
        words = f"nobody runs {service} {areas}; the need is kept and counted"
        return place.problem(words, code="area-not-covered", level="hint")
    when = f"from {start}" if end is None else f"until {end}" if start <= on else f"from {start} until {end}"
    words = f"{when} nobody runs {service} {areas}"
    return place.problem(words, code="dates-not-covered", level="hint" if start <= on else "warning")


def _row_of(partners: Node, service: str) -> Node | None:
    for partner in listed(partners, "partners"):
        for row in listed(partner, "services"):
            if row.at("service").text == service:
                return row.at("service")
    return None


def _places(directory: Directory, rows: Iterable[ServiceAt]) -> list[Place]:
    """The county, cut as finely as the districts and the partners of a service are."""
    covers = [row.coverage for row in rows]
    cut = {district for coverage in covers for district, _ in coverage.sectors}
    found: list[Place] = []
    for area in directory.districts:
        for district in sorted(area.coverage.districts, key=_in_order):
            found += [Place(district, sector) for sector in _SECTORS] if district in cut else [Place(district, None)]
        found += [Place(*sector) for sector in sorted(area.coverage.sectors)]
    return found


def _gaps(rows: Iterable[ServiceAt], on: date) -> Iterator[Span]:
    """The spans from a day on in which none of these holds."""
    at: date | None = on
    for row in sorted(rows, key=lambda row: row.from_on or date.min):
        start, end = row.from_on or date.min, row.to_on
        if at is None or (end is not None and end <= at):
            continue
        if start > at:
            yield at, start
        at = end
    if at is not None:
        yield at, None


def _in_order(district: str) -> tuple[str, int, str]:
    letters = district.rstrip("0123456789")
    number = district[len(letters) :]
    return letters, int(number) if number.isdigit() else 0, district


def in_words(places: Iterable[Place]) -> str:
    """`AY1 to AY7, AY8 1-3`: runs of districts, and sectors where a district is cut."""
    whole: list[str] = []
    parts: dict[str, list[str]] = {}
    for place in places:
        if place.sector is None:
            whole.append(place.outward)
        else:
            parts.setdefault(place.outward, []).append(place.sector)
    for district in [each for each, sectors in parts.items() if len(sectors) == len(_SECTORS)]:
        whole.append(district)
        del parts[district]
    words = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(run) for run in _runs(whole)]
    for district, sectors in parts.items():
        numbers = sorted(int(sector) for sector in sectors)
        closed = numbers == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 1
        words.append(f"{district} {f'{numbers[0]}-{numbers[-1]}' if closed else ', '.join(map(str, numbers))}")
    return ", ".join(words)


def _runs(districts: Iterable[str]) -> Iterator[list[str]]:
    run: list[str] = []
    for district in sorted(set(districts), key=_in_order):
        letters, number, _ = _in_order(district)
        if run and (letters, number - 1) == _in_order(run[-1])[:2]:
            run.append(district)
            continue
        if run:
            yield run
        run = [district]
    if run:
        yield run


def check_hours(service: str, directory: Directory, partners: Node) -> Iterator[DefinitionProblem]:
    """Partners of a service that can be urgent where at some hour nobody answers and nobody else is named."""
    for partner in directory.partners:
        if partner.service(service) is None:
            continue
        gap = _unstaffed(partner)
        if gap is None:
            continue
        place = next((each for each in listed(partners, "partners") if each.at("partner").text == partner.id), partners)
        words = f"{service} can be urgent, and at {partner.id} nobody answers {_when(*gap)}"
        instead = "an out_of_hours with a number that is staffed then, or with a fallback"
        yield place.at("telephone").problem(words, code="urgent-unstaffed", level="warning", instead=instead)


def _unstaffed(partner: Partner) -> tuple[int, int] | None:
    """The first stretch of the week, in minutes, in which nobody answers and no fallback is named."""
    away = partner.out_of_hours
    if away is not None and (away.fallback is not None or (away.number is not None and away.hours is None)):
        return None
    hours = [*partner.hours, *(away.hours or () if away is not None and away.number is not None else ())]
    at = 0
    for start, end in sorted(_minutes(hours)):
        if start > at:
            return at, start
        at = max(at, end)
    return None if at >= _WEEK else (at, _WEEK)


def _minutes(hours: Iterable[Hours]) -> Iterator[tuple[int, int]]:
    for each in hours:
        first = each.from_time.hour * 60 + each.from_time.minute
        last = _DAY if each.until_time == time(0) else each.until_time.hour * 60 + each.until_time.minute
        for day in each.weekdays:
            if last >= first:
                yield day * _DAY + first, day * _DAY + last
            else:  # over midnight
                yield day * _DAY + first, (day + 1) * _DAY
                yield (day + 1) % 7 * _DAY, (day + 1) % 7 * _DAY + last


def _when(start: int, end: int) -> str:
    return f"from {_moment(start)} to {_moment(end)}"


def _moment(minute: int) -> str:
    day, rest = divmod(minute, _DAY)
    return f"{_NAMES[day % 7]} {rest // 60:02}:{rest % 60:02}"
