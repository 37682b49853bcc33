"""A scheme's folder of YAML files, read into a `Directory`.

Everything wrong in all files is reported at once, with file, line and column. Holidays are worked out here, by the
library `holidays`, and travel as dates: no laptop imports it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, time
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, cast

from firstcontact.definitions.scheme_models import (
    FILES,
    AreasModel,
    CalendarModel,
    CapacityModel,
    ClauseModel,
    ConsentModel,
    OutOfHoursModel,
    PartnerModel,
    PartnersModel,
    SchemeModel,
    ServiceAtModel,
    TargetsModel,
    WordsIn,
)
from firstcontact.definitions.yaml import DefinitionError, DefinitionProblem, Node, build, read_yaml
from firstcontact.domain.answer import Text
from firstcontact.domain.checklist import DERIVED, FACTS
from firstcontact.domain.condition import ConditionError, nearest, parse, references
from firstcontact.domain.directory import (
    Capacity,
    Clause,
    Coverage,
    Directory,
    District,
    Hours,
    Hub,
    Locality,
    OutOfHours,
    Outside,
    Partner,
    PensionAge,
    Service,
    ServiceAt,
    Statement,
    Targets,
)
from firstcontact.domain.directory_json import directory_to_json

_AREA: Final = re.compile(r"([A-Z]{1,2})(\d{1,2}[A-Z]?)(?:\s*-\s*(?:([A-Z]{1,2}))?(\d{1,2}))?\Z")
_SECTORS: Final = re.compile(r"([A-Z]{1,2}\d{1,2}[A-Z]?)\s+(\d)(?:\s*-\s*(\d))?\Z")
_HOURS: Final = re.compile(r"(.+?)\s+(?:(\d\d:\d\d)\s*-\s*(\d\d:\d\d)|24 ?h)\Z")
_DAYS: Final = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_EVERY_DAY: Final = frozenset(range(7))


def load_scheme(folder: Path) -> Directory:
    """Read a scheme's folder: scheme.yaml, areas.yaml, partners.yaml, consent.yaml, calendar.yaml.

    Raises: DefinitionError, with everything that is wrong in any of them.
    """
    models: dict[str, Any] = {}
    nodes: dict[str, Node] = {}
    problems: list[DefinitionProblem] = []
    for name, model in FILES.items():
        try:
            nodes[name] = read_yaml(folder / name, name=f"{folder.name}/{name}")
            models[name] = build(model, nodes[name])
        except DefinitionError as error:
            problems.extend(error.problems)
    if problems:
        raise DefinitionError(problems)
    return _Scheme(nodes, models).directory()


class _Scheme:
    """The models of one folder on their way to a `Directory`; what does not fit together becomes a problem."""

    def __init__(self, nodes: Mapping[str, Node], models: Mapping[str, Any]) -> None:
        self.nodes = nodes
        self.scheme = cast("SchemeModel", models["scheme.yaml"])
        self.areas = cast("AreasModel", models["areas.yaml"])
        self.partners = cast("PartnersModel", models["partners.yaml"])
        self.consent = cast("ConsentModel", models["consent.yaml"])
        self.calendar = cast("CalendarModel", models["calendar.yaml"])
        self.problems: list[DefinitionProblem] = []
        self.county = Coverage()

    def directory(self) -> Directory:
        """The whole scheme. Raises: DefinitionError."""
        districts = self._districts()
        outside = tuple(
            Outside(
                code=row.district,
                name=row.name,
                coverage=self._coverage(row.postcodes, "areas.yaml", ("outside", index, "postcodes")),
                scheme=row.scheme,
            )
            for index, row in enumerate(self.areas.outside)
        )
        for row in districts:
            self.county = self.county | row.coverage
        hub = self.scheme.hub
        directory = Directory(
            id=self.scheme.scheme,
            version=self.scheme.version,
            name=self.scheme.name,
            hub=Hub(
                id=hub.id,
                name=hub.name,
                number=hub.number,
                hours=self._hours(hub.hours, "scheme.yaml", ("hub", "hours")),
                email=hub.email,
            ),
            districts=districts,
            outside=outside,
            services=self._services(),
            partners=(
                *(self._partner(row, ("partners", index)) for index, row in enumerate(self.partners.partners)),
                *self._neighbours(),
            ),
            capacity=tuple(
                self._capacity(row, ("capacity", index)) for index, row in enumerate(self.partners.capacity)
            ),
            statements=tuple(
                Statement(key=row.statement, version=row.version, words=_words(row.words), answers=row.answers)
                for row in self.consent.statements
            ),
            pension_ages=tuple(
                PensionAge(born_before=row.born_before, years=row.years, months=row.months)
                for row in self.scheme.pension_ages
            ),
            closed_days=closed_days(self.calendar),
            weekdays=self._weekdays(self.calendar.weekdays, "calendar.yaml", ("weekdays",)),
        )
        self._check(directory)
        if self.problems:
            raise DefinitionError(self.problems)
        return with_digest(directory)

    def _say(self, file: str, path: tuple[str | int, ...], message: str, suggestion: str | None = None) -> None:
        self.problems.append(self.nodes[file].at(*path).problem(message, suggestion))

    def _districts(self) -> tuple[District, ...]:
        return tuple(
            District(
                code=row.district,
                name=row.name,
                coverage=self._coverage(row.postcodes, "areas.yaml", ("districts", index, "postcodes")),
                localities=tuple(Locality(place.locality, place.name) for place in row.localities),
            )
            for index, row in enumerate(self.areas.districts)
        )

    def _services(self) -> tuple[Service, ...]:
        return tuple(
            Service(
                id=row.service,
                label=_words(row.label),
                purpose=_words(row.purpose),
                uncovered=row.uncovered,
                safeguarding=row.safeguarding,
            )
            for row in self.scheme.services
        )

    def _neighbours(self) -> tuple[Partner, ...]:
        return tuple(
            Partner(
                id=row.partner,
                name=_words(row.name),
                kind="neighbouring scheme",
                channel="none",
                public_number=row.number,
                professionals_number=row.number,
            )
            for row in self.scheme.neighbours
        )

    def _partner(self, row: PartnerModel, path: tuple[str | int, ...]) -> Partner:
        telephone = row.telephone
        return Partner(
            id=row.partner,
            name=_words(row.name),
            kind=row.kind,
            channel=row.channel,
            via=row.via,
            hosted=row.hosted if row.hosted is not None else row.channel == "file",
            visits=row.visits,
            services=tuple(
                self._service_at(service, (*path, "services", index)) for index, service in enumerate(row.services)
            ),
            targets=_targets(row.targets),
            contact_words=None if row.contact_words is None else _words(row.contact_words),
            hours=self._hours(row.hours, "partners.yaml", (*path, "hours")),
            public_number=telephone.public,
            professionals_number=telephone.professionals,
            out_of_hours=(
                None
                if telephone.out_of_hours is None
                else self._out_of_hours(telephone.out_of_hours, (*path, "telephone", "out_of_hours"))
            ),
            anonymous_visitor=row.anonymous_visitor,
            lawful_basis=row.lawful_basis or "",
            sharing_agreement=row.sharing_agreement or "",
            review_on=row.review_on,
            retention_months=row.retention_months,
            privacy_notice=row.privacy_notice or "",
        )

    def _out_of_hours(self, row: OutOfHoursModel, path: tuple[str | int, ...]) -> OutOfHours:
        hours = None if row.hours is None else self._hours(row.hours, "partners.yaml", (*path, "hours"))
        return OutOfHours(words=row.words, number=row.number, hours=hours, fallback=row.fallback)

    def _service_at(self, row: ServiceAtModel, path: tuple[str | int, ...]) -> ServiceAt:
        return ServiceAt(
            service=row.service,
            coverage=self._postcodes(row.areas, (*path, "areas")),
            eligible=tuple(
                self._clause(clause, (*path, "eligible", index, "when")) for index, clause in enumerate(row.eligible)
            ),
            packs=row.packs,
            health=frozenset(row.health),
            charge=row.charge,
            from_on=row.from_,
            to_on=row.to,
        )

    def _clause(self, row: ClauseModel, path: tuple[str | int, ...]) -> Clause:
        parsed: Any = None
        try:
            parsed = parse(row.when)
        except ConditionError as error:
            node = self.nodes["partners.yaml"].at(*path)
            self.problems.append(node.problem(error.message, error.suggestion, offset=error.position))
        else:
            for name, position in references(row.when):
                if name not in FACTS | DERIVED:
                    known = nearest(name, FACTS | DERIVED)
                    node = self.nodes["partners.yaml"].at(*path)
                    message = f"'{name}' is no fact: a partner's rules look at facts, age and pension_age"
                    self.problems.append(node.problem(message, known, offset=position))
        return Clause(when=row.when, reason=row.reason, parsed=parsed, from_on=row.from_, to_on=row.to)

    def _capacity(self, row: CapacityModel, path: tuple[str | int, ...]) -> Capacity:
        return Capacity(
            partner=row.partner,
            service=row.service,
            coverage=self._postcodes(row.areas, (*path, "areas")),
            state=row.state,
            contact=row.contact,
            words=None if row.words is None else _words(row.words),
            from_on=row.from_,
            to_on=row.to,
        )

    def _postcodes(self, areas: str | tuple[str, ...], path: tuple[str | int, ...]) -> Coverage:
        return self.county if isinstance(areas, str) else self._coverage(areas, "partners.yaml", path)

    def _coverage(self, areas: Iterable[str], file: str, path: tuple[str | int, ...]) -> Coverage:
        found = Coverage()
        for index, text in enumerate(areas):
            if text == "county":
                found = found | self.county
                continue
            try:
                found = found | coverage_of(text)
            except ValueError as error:
                self._say(file, (*path, index), str(error))
        return found

    def _hours(self, rows: Iterable[str], file: str, path: tuple[str | int, ...]) -> tuple[Hours, ...]:
        found = (self._hours_of(text, file, (*path, index)) for index, text in enumerate(rows))
        return tuple(hours for hours in found if hours is not None)

    def _hours_of(self, text: str, file: str, path: tuple[str | int, ...]) -> Hours | None:
        match = _HOURS.match(text.strip())
        if match is None:
            self._say(file, path, f"'{text}' are no opening hours: write 'Mon-Fri 09:00-17:00' or 'every day 24 h'")
            return None
        days = self._weekdays(match[1], file, path)
        if match[2] is None:
            return Hours(days, time(0), time(0))
        return Hours(days, time.fromisoformat(match[2]), time.fromisoformat(match[3]))

    def _weekdays(self, text: str, file: str, path: tuple[str | int, ...]) -> frozenset[int]:
        try:
            return weekdays_of(text)
        except ValueError as error:
            self._say(file, path, str(error))
            return _EVERY_DAY

    def _check(self, directory: Directory) -> None:
        """What each file alone cannot know: ids that one file uses and another should have."""
        services, partners = directory.service_by_id, {*directory.by_id, directory.hub.id}
        where: tuple[str | int, ...]
        for index, partner in enumerate(self.partners.partners):
            for place, row in enumerate(partner.services):
                if row.service not in services:
                    path = ("partners", index, "services", place, "service")
                    message = f"'{row.service}' is no service of scheme.yaml"
                    self._say("partners.yaml", path, message, nearest(row.service, services))
            fallback = partner.telephone.out_of_hours.fallback if partner.telephone.out_of_hours else None
            if fallback is not None and fallback not in partners:
                where = ("partners", index, "telephone", "out_of_hours", "fallback")
                self._say("partners.yaml", where, f"'{fallback}' is no partner", nearest(fallback, partners))
        for index, note in enumerate(directory.capacity):
            known = directory.by_id.get(note.partner)
            if known is None:
                where = ("capacity", index, "partner")
                self._say("partners.yaml", where, f"'{note.partner}' is no partner", nearest(note.partner, partners))
            elif known.service(note.service) is None:
                where, runs = ("capacity", index, "service"), [row.service for row in known.services]
                message = f"{note.partner} does not run '{note.service}'"
                self._say("partners.yaml", where, message, nearest(note.service, runs))
        for index, outside in enumerate(directory.outside):
            if outside.scheme is not None and outside.scheme not in partners:
                message = f"'{outside.scheme}' is no neighbouring scheme of scheme.yaml"
                self._say("areas.yaml", ("outside", index, "scheme"), message, nearest(outside.scheme, partners))


def with_digest(directory: Directory) -> Directory:
    """The directory with the SHA-256 of its canonical JSON."""
    import rfc8785

    return replace(directory, digest=sha256(rfc8785.dumps(directory_to_json(directory))).hexdigest())


def coverage_of(text: str) -> Coverage:
    """`AY7`, `AY1-AY7` or `AY1-7`, `AY8 1-3`. Raises: ValueError."""
    tidy = " ".join(text.upper().split())
    sectors = _SECTORS.match(tidy)
    if sectors:
        last = sectors[3] or sectors[2]
        numbers = range(int(sectors[2]), int(last) + 1)
        return Coverage(sectors=frozenset((sectors[1], str(number)) for number in numbers))
    run = _AREA.match(tidy)
    if run is None or (run[3] is not None and run[3] != run[1]):
        raise ValueError(f"'{text}' is no postcode area: write AY7, AY1-AY7 or AY8 1-3")
    if run[4] is None:
        return Coverage(frozenset({run[1] + run[2]}))
    if not run[2].isdigit() or int(run[4]) < int(run[2]):
        raise ValueError(f"'{text}' is no run of postcode districts: write AY1-AY7")
    return Coverage(frozenset(f"{run[1]}{number}" for number in range(int(run[2]), int(run[4]) + 1)))


def weekdays_of(text: str) -> frozenset[int]:
    """`Mon-Fri`, `Mon, Wed, Fri`, `every day`: Monday is 0. Raises: ValueError."""
    if text.strip().lower() == "every day":
        return _EVERY_DAY
    days: set[int] = set()
    for part in re.split(r"\s*,\s*", text.strip()):
        first, _, last = part.partition("-")
        try:
            start, end = _DAYS[first.strip().lower()[:3]], _DAYS[(last or first).strip().lower()[:3]]
        except KeyError:
            raise ValueError(f"'{text}' are no days of the week: write Mon-Fri or Mon, Wed, Fri") from None
        days.update(day % 7 for day in range(start, end + 1 if end >= start else end + 8))
    return frozenset(days)


def closed_days(calendar: CalendarModel) -> frozenset[date]:
    """Every day of the calendar's years on which nobody works, whatever the weekday."""
    days = set(calendar.also_closed)
    if calendar.holidays is not None:
        import holidays

        first, last = calendar.years
        table = holidays.country_holidays(
            calendar.holidays.country, subdiv=calendar.holidays.subdivision, years=range(first, last + 1)
        )
        days.update(table)
    return frozenset(days)


def _words(words: WordsIn) -> Text:
    return {"en": words} if isinstance(words, str) else dict(words)


def _targets(row: TargetsModel) -> Targets:
    same_day = row.ack == "same-day"
    return Targets(
        ack=None if isinstance(row.ack, str) else row.ack,
        contact=row.contact,
        contact_urgent=row.urgent,
        outcome=row.outcome,
        ack_same_day=same_day,
    )
