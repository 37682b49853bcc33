"""The directory: who helps with what, where, whom, how soon; and what is closed or slow at the moment.

All of it is dated data of one scheme, built by `firstcontact.definitions.scheme` from files, or read from the signed
pack by `directory_from_json`; nothing here knows a county, a partner or an age limit.

Laws:
1. A postcode is matched down to the sector, in any spelling; what matches nothing is "not known", never a guess.
2. Every rule has a first and a last day; a question is always asked of a day.
3. An eligibility clause is a condition in the checklist's language over the facts of a person (`${age} >= 65`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from firstcontact.domain.answer import Text
from sync.base.working_days import WorkingDays

Channel: TypeAlias = Literal["desk", "file", "none"]
"""A desk of the partner's own; a desk hosted by the hub, which sends a file; telephone only."""
Via: TypeAlias = Literal["mail", "download"]
CapacityState: TypeAlias = Literal["closed-list", "closed", "slow"]


class Place(NamedTuple):
    """Where a postcode lies: its district (outward part, `AY8`) and its sector (`3`), None where not given."""

    outward: str
    sector: str | None


_FULL: Final = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9])[A-Z]{2}\Z")
_PART: Final = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)(?:\s+([0-9])[A-Z]{0,2})?\Z")
_NOISE: Final = re.compile(r"[\s.,\-\u2010-\u2015_]+")


def place_of(postcode: str | None) -> Place | None:
    """Read a postcode in any spelling: case, spaces and hyphens do not matter; None if it is none.

    A district alone (`AY7`), or a district and sector with a space between (`AY8 3`), is read as far as it goes.
    """
    if not postcode:
        return None
    text = unicodedata.normalize("NFKC", postcode).upper().strip()
    full = _FULL.match(_NOISE.sub("", text))
    if full:
        return Place(full[1], full[2])
    part = _PART.match(_NOISE.sub(" ", text).strip())
    return Place(part[1], part[2]) if part else None


def tidy_postcode(postcode: str) -> str:
    """The postcode in capitals with its one space, or as it was given when it is none."""
    squeezed = _NOISE.sub("", unicodedata.normalize("NFKC", postcode).upper())
    return f"{squeezed[:-3]} {squeezed[-3:]}" if _FULL.match(squeezed) else postcode.strip()


@dataclass(frozen=True, slots=True)
class Coverage:
    """A set of postcode districts and sectors, such as AY7 whole and AY8 sectors 1 to 3."""

    districts: frozenset[str] = frozenset()
    sectors: frozenset[tuple[str, str]] = frozenset()

    def holds(self, place: Place) -> bool:
        """Whether the place lies inside; a place without sector lies inside only districts covered whole."""
        return place.outward in self.districts or (place.outward, place.sector) in self.sectors

    def __or__(self, other: Coverage) -> Coverage:
        return Coverage(self.districts | other.districts, self.sectors | other.sectors)


@dataclass(frozen=True, slots=True)
class Locality:
    """A town or village, for the person's eye and for counts."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district of the county."""

    code: str
    name: str
    coverage: Coverage
    localities: tuple[Locality, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A known area beyond the county, with the neighbouring scheme to ring."""

    code: str
    name: str
    coverage: Coverage
    scheme: str | None = None
    """Partner id of the neighbouring scheme (WHH)."""


Area: TypeAlias = "District | Outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """From when to when something holds; a None end is open."""

    from_on: date | None = None
    """The first day."""
    to_on: date | None = None
    """The first day on which it no longer holds."""

    def on(self, day: date) -> bool:
        """Whether it holds on this day."""
        return (self.from_on is None or self.from_on <= day) and (self.to_on is None or day < self.to_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause(Dated):
    """One thing that must be true of a person before a partner may take them for a service."""

    when: str
    """A condition over facts and derived names."""
    reason: str
    """What a no is called: age, tenure."""
    parsed: Any = None
    """The condition as `domain.condition` parses it, so that a laptop parses nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Working days; None is no target."""

    ack: int | None = None
    """Until a person at the partner opens or answers, from the deposit."""
    contact: int | None = None
    """Until the partner speaks to the person, from the day the part was finished."""
    contact_urgent: int | None = None
    """The same when urgent; None: as `contact`."""
    outcome: int | None = None
    ack_same_day: bool = False
    """Safeguarding: answered on the day itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAt(Dated):
    """One service at one partner."""

    service: str
    coverage: Coverage
    eligible: tuple[Clause, ...] = ()
    packs: tuple[str, ...] = ()
    """The most that may go with it: pack codes and ids of details. Nothing else ever goes."""
    health: frozenset[str] = frozenset({"LTC"})
    """Those of `packs` that tell something about health: left out when C-HEALTH is no."""
    charge: str | None = None
    """What it costs the person, in words ("GBP 5.10 a week")."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Open on these weekdays (Monday is 0) between these times; until 00:00 is midnight."""

    weekdays: frozenset[int]
    from_time: time
    until_time: time

    @property
    def words(self) -> str:
        """`Mon-Fri 09:00-17:00`."""
        return f"{_weekdays(sorted(self.weekdays))} {self.from_time:%H:%M}-{self.until_time:%H:%M}"


_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _weekdays(days: list[int]) -> str:
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{_DAYS[days[0]]}-{_DAYS[days[-1]]}"
    return ", ".join(_DAYS[day] for day in days)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfHours:
    """What to do about an urgent need when a partner is closed."""

    words: str
    """As the key card says it: "NHS 111", "101; 999 in danger"."""
    number: str | None = None
    hours: tuple[Hours, ...] | None = None
    """When that number is staffed; None: always."""
    fallback: str | None = None
    """Partner id (or HUB) to ring when even that is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """An agency that people are referred to."""

    id: str
    name: Text
    kind: str
    """public, NHS, charity ... as written."""
    channel: Channel
    via: Via | None = None
    hosted: bool = False
    """Its desk is run by the hub."""
    visits: bool = False
    """Comes to the home, so access notes go with the address."""
    services: tuple[ServiceAt, ...] = ()
    targets: Targets = Targets()
    contact_words: Text | None = None
    """What to say where there is no contact target: "They will write", "You can ring"."""
    hours: tuple[Hours, ...] = ()
    public_number: str = ""
    professionals_number: str = ""
    out_of_hours: OutOfHours | None = None
    anonymous_visitor: bool = False
    """Gets the visitor's agency and the hub's number only (PRD)."""
    lawful_basis: str = ""
    sharing_agreement: str = ""
    review_on: date | None = None
    retention_months: int | None = None
    privacy_notice: str = ""

    def service(self, service: str, on: date | None = None) -> ServiceAt | None:
        """Its row for a service, on a day."""
        return next((row for row in self.services if row.service == service and (on is None or row.on(on))), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity(Dated):
    """A note that a partner's list is closed or slow; `to_on` is the first day on which it is open again."""

    partner: str
    service: str
    coverage: Coverage
    state: CapacityState
    contact: int | None = None
    """The contact target while slow, in working days."""
    words: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a person is offered, in plain words."""

    id: str
    label: Text
    """"a home fire safety visit"."""
    purpose: Text
    """Completes "so that they can ..."."""
    uncovered: str | None = None
    """Where to send people instead when nobody serves their area: `gp`; None is an unmet need."""
    safeguarding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PensionAge:
    """People born before this day (and not before the row above) reach State Pension age at this age."""

    born_before: date | None
    years: int
    months: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A consent statement: its wording of one version, by language."""

    key: str
    version: str
    words: Text
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The scheme's helpdesk."""

    id: str
    name: str
    number: str
    hours: tuple[Hours, ...] = ()
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Directory:
    """One scheme's data."""

    id: str
    version: str
    name: str
    hub: Hub
    districts: tuple[District, ...]
    outside: tuple[Outside, ...] = ()
    services: tuple[Service, ...] = ()
    partners: tuple[Partner, ...] = ()
    """Everybody with an id that an agreement may name, neighbouring schemes included (they have no services)."""
    capacity: tuple[Capacity, ...] = ()
    statements: tuple[Statement, ...] = ()
    pension_ages: tuple[PensionAge, ...] = ()
    closed_days: frozenset[date] = field(default=frozenset(), repr=False)
    weekdays: frozenset[int] = frozenset(range(5))
    digest: str = ""
    """SHA-256 of the JSON form, hex."""

    @cached_property
    def working_days(self) -> WorkingDays:
        """The calendar in which targets count."""
        return WorkingDays(closed=self.closed_days, weekdays=self.weekdays)

    @cached_property
    def by_id(self) -> Mapping[str, Partner]:
        """Partners by id."""
        return {partner.id: partner for partner in self.partners}

    @cached_property
    def service_by_id(self) -> Mapping[str, Service]:
        """Services by id."""
        return {service.id: service for service in self.services}

    @cached_property
    def _rows(self) -> Mapping[str, tuple[tuple[Partner, ServiceAt], ...]]:
        rows: dict[str, tuple[tuple[Partner, ServiceAt], ...]] = {}
        for partner in self.partners:
            for row in partner.services:
                rows[row.service] = (*rows.get(row.service, ()), (partner, row))
        return rows

    def area_of(self, postcode: str | None) -> Area | None:
        """The district or outside area of a postcode; None is "area not known"."""
        place = place_of(postcode)
        if place is None:
            return None
        areas: tuple[Area, ...] = (*self.districts, *self.outside)
        return next((area for area in areas if area.coverage.holds(place)), None)

    def partners_for(self, service: str, on: date) -> tuple[tuple[Partner, ServiceAt], ...]:
        """Every partner that runs a service on a day, anywhere, in the directory's order."""
        return tuple(pair for pair in self._rows.get(service, ()) if pair[1].on(on))

    def serving(self, service: str, postcode: str | None, on: date) -> tuple[tuple[Partner, ServiceAt], ...]:
        """The partners that run a service at a postcode on a day, in the directory's order."""
        place = place_of(postcode)
        if place is None:
            return ()
        return tuple(pair for pair in self._rows.get(service, ()) if pair[1].on(on) and pair[1].coverage.holds(place))

    def capacity_note(self, partner: str, service: str, postcode: str | None, on: date) -> Capacity | None:
        """What is closed or slow for a service of a partner at a postcode on a day; closed before slow."""
        place = place_of(postcode)
        notes = [
            note
            for note in self.capacity
            if note.partner == partner
            and note.service == service
            and note.on(on)
            and (place is not None and note.coverage.holds(place))
        ]
        return min(notes, key=lambda note: note.state == "slow", default=None)

    def statement(self, key: str, version: str | None = None) -> Statement | None:
        """A consent statement; without a version its latest, which is the last in the file."""
        found = [row for row in self.statements if row.key == key and version in (None, row.version)]
        return found[-1] if found else None

    def pension_day(self, born: date) -> date | None:
        """The day on which somebody reaches State Pension age; None without a table."""
        for row in self.pension_ages:
            if row.born_before is None or born < row.born_before:
                return months_after(born, row.years * 12 + row.months)
        return None


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later; the month's last day where it has no such day.

    A whole number of years after 29 February is 1 March where there is no 29th, as for a birthday.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = first_of_next - timedelta(days=1)
    if day.day <= last.day:
        return date(year, month + 1, day.day)
    return first_of_next if months % 12 == 0 else last


def age_on(born: date, on: date) -> int:
    """Whole years on a day; a year is complete on the birthday, and for 29 February on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
