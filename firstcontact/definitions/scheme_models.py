"""What may stand in a scheme's files: one pydantic model per mapping. `checklists/ambleshire/` is the shipped example.

Words are text, or a mapping of language to text (`{en: ..., cy: ...}`). Postcodes are lists such as
`[AY1-AY7, "AY8 1-3", AY9]`: districts, runs of districts, and a district with sectors. Hours are lists such as
`["Mon-Fri 09:00-17:00", "Sat 10:00-12:00"]`; `every day 24 h` is always. Worked examples, in full:

```yaml
# scheme.yaml
scheme: ambleshire
version: "2026.1"
name: First Contact Ambleshire
hub: {id: HUB, name: First Contact Ambleshire, number: 0808 157 0100, hours: ["Mon-Fri 09:00-17:00"], email: hub@firstcontact-ambleshire.example}
neighbours:                           # telephone only; an agreement may name them (rang)
  - {partner: WHH, name: Westmarch Helping Hands, number: 0808 157 0190}
pension_ages:                         # in order; the first row whose day is after the birth counts
  - {born_before: 1960-04-06, years: 66}
  - {born_before: 1960-05-06, years: 66, months: 1}
  - {years: 67}                       # everybody after
services:                             # in plain words
  - service: fire-visit
    label: a home fire safety visit
    purpose: visit and check your home for fire risks
  - {service: falls-assess, label: a falls check, purpose: find out why you fall, uncovered: gp}   # no partner here: ask the GP; left out: unmet need
```
```yaml
# areas.yaml
districts:
  - district: X07000003
    name: Vale of Lorne
    localities: [{locality: X01000301, name: Lorne St Mary}]
    postcodes: [AY7, "AY8 1-3"]
outside:
  - {district: X10000002, name: Westmarch County, postcodes: ["AY8 4-5", AY20, AY21], scheme: WHH}
```
```yaml
# partners.yaml
partners:
  - partner: RTH
    name: Rushmere and Thornby Handyperson
    kind: charity
    channel: file                     # desk, file or none
    via: mail                         # of a file: mail or download
    visits: yes                       # comes to the home: access notes go with ADDR
    hours: ["Mon-Fri 09:00-16:00"]
    telephone:
      public: 01632 960246
      professionals: 01632 960246
      out_of_hours: {words: "01632 960299 (24 h)", number: 01632 960299, hours: [every day 24 h], fallback: HUB}   # all but words may be left out
    targets: {ack: 3, contact: 10, urgent: 2, outcome: 30}     # working days; urgent: the contact target of urgent ones; leave out what there is not
    contact_words: They will write    # where there is no contact target
    anonymous_visitor: no             # yes: agency and hub number only (PRD)
    services:
      - service: small-jobs
        areas: [AY1-AY6]              # or county
        eligible:                     # every clause must hold; facts and ${age}, ${pension_age}
          - {when: "${age} >= 60 or ${long_term_condition} = 'yes'", reason: age}
          - {when: "${tenure} = 'owner'", reason: tenure, from: 2025-01-01, to: 2027-01-01}   # dated: to is the first day it no longer holds
        packs: [ADDR, TEN, BAND, C1a, LTC]     # the most that may go: codes and ids of details
        health: [LTC]                 # those of packs that tell something about health (C-HEALTH); LTC when left out
        charge: GBP 5.10 a week       # only where there is one
    lawful_basis: legitimate interests
    sharing_agreement: FC-2025-07
    review_on: 2026-11-30
    retention_months: 12
    privacy_notice: https://rth.example/privacy
capacity:
  - {partner: LLA, service: befriending, areas: [AY7, AY8], state: closed-list, from: 2025-11-24, to: 2026-03-02}   # to: the first day open again
  - {partner: VCR, service: grab-rails, areas: [AY9-AY11], state: slow, contact: 25, from: 2026-01-05, to: 2026-03-31}
  - {partner: KNM, service: hot-meals, areas: [AY11], state: closed, words: no driver, from: 2026-02-09, to: 2026-02-20}
```
```yaml
# consent.yaml: {what}, {partner}, {purpose}, {n}, {name}, {amount}, {fact}, {months} are filled in
statements:
  - {statement: C-FEEDBACK, version: "1", words: {en: May they tell me how it went?, cy: A gânt ddweud?}, answers: [yes, no]}
```
```yaml
# calendar.yaml
calendar: england
holidays: {country: GB, subdivision: ENG}      # of the library `holidays`; worked out when the scheme is built
years: [2025, 2030]                            # first and last
also_closed: [2026-12-24]
weekdays: Mon-Fri
```
"""  # noqa: E501

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, WithJsonSchema

from firstcontact.definitions.scalars import Condition, DefinitionModel, Flag, Id, Language, Words

WordsIn = Words | dict[Language, Words]
"""Words in the scheme's first language, or in several."""
Loose = Annotated[str, StringConstraints(max_length=200), WithJsonSchema({"type": ["string", "number"]})]
Number = Annotated[
    str, StringConstraints(pattern=r"^[0-9 +()-]{3,30}$"), WithJsonSchema({"type": ["string", "number"]})
]
Days = Annotated[int, Field(ge=0, le=400)]
Postcodes = Literal["county"] | tuple[Loose, ...]
PackOrDetail = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]


class HubModel(DefinitionModel):
    """The scheme's helpdesk."""

    id: Id = "HUB"
    name: Words
    number: Number
    hours: tuple[Loose, ...] = ()
    email: Loose = ""


class NeighbourModel(DefinitionModel):
    """A scheme next door, telephone only."""

    partner: Id
    name: WordsIn
    number: Number


class PensionAgeModel(DefinitionModel):
    """One row of the State Pension age table."""

    born_before: date | None = None
    years: Annotated[int, Field(ge=50, le=80)]
    months: Annotated[int, Field(ge=0, le=11)] = 0


class ServiceModel(DefinitionModel):
    """A service in plain words."""

    service: Id
    label: WordsIn
    purpose: WordsIn
    uncovered: Id | None = None
    safeguarding: Flag = False


class SchemeModel(DefinitionModel):
    """scheme.yaml"""

    scheme: Id
    version: Loose
    name: Words
    hub: HubModel
    neighbours: tuple[NeighbourModel, ...] = ()
    pension_ages: tuple[PensionAgeModel, ...] = ()
    services: tuple[ServiceModel, ...] = Field(min_length=1)


class LocalityModel(DefinitionModel):
    """A town or village."""

    locality: Loose
    name: Words


class DistrictModel(DefinitionModel):
    """A district of the county."""

    district: Loose
    name: Words
    localities: tuple[LocalityModel, ...] = ()
    postcodes: tuple[Loose, ...] = Field(min_length=1)


class OutsideModel(DefinitionModel):
    """A known area beyond the county."""

    district: Loose
    name: Words
    postcodes: tuple[Loose, ...] = Field(min_length=1)
    scheme: Id | None = None


class AreasModel(DefinitionModel):
    """areas.yaml"""

    districts: tuple[DistrictModel, ...] = Field(min_length=1)
    outside: tuple[OutsideModel, ...] = ()


class ClauseModel(DefinitionModel):
    """One thing that must be true of a person."""

    when: Condition
    reason: Id
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None


class ServiceAtModel(DefinitionModel):
    """A service at a partner."""

    service: Id
    areas: Postcodes = "county"
    eligible: tuple[ClauseModel, ...] = ()
    packs: tuple[PackOrDetail, ...] = ()
    health: tuple[PackOrDetail, ...] = ("LTC",)
    charge: Words | None = None
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None


class OutOfHoursModel(DefinitionModel):
    """What to do when a partner is closed."""

    words: Words
    number: Number | None = None
    hours: tuple[Loose, ...] | None = None
    fallback: Id | None = None


class TelephoneModel(DefinitionModel):
    """A partner's numbers; all are needed offline."""

    public: Number
    professionals: Number
    out_of_hours: OutOfHoursModel | None = None


class TargetsModel(DefinitionModel):
    """Working days; what is left out has no target. `ack: same-day` is for safeguarding."""

    ack: Days | Literal["same-day"] | None = None
    contact: Days | None = None
    urgent: Days | None = None
    outcome: Days | None = None


class PartnerModel(DefinitionModel):
    """A partner agency."""

    partner: Id
    name: WordsIn
    kind: Words
    channel: Literal["desk", "file", "none"]
    via: Literal["mail", "download"] | None = None
    hosted: Flag | None = None
    visits: Flag = False
    hours: tuple[Loose, ...] = ()
    telephone: TelephoneModel
    targets: TargetsModel = TargetsModel()
    contact_words: WordsIn | None = None
    anonymous_visitor: Flag = False
    services: tuple[ServiceAtModel, ...] = ()
    lawful_basis: Words | None = None
    sharing_agreement: Loose | None = None
    review_on: date | None = None
    retention_months: Annotated[int, Field(ge=0, le=1200)] | None = None
    privacy_notice: Loose | None = None


class CapacityModel(DefinitionModel):
    """A dated note that a list is closed or slow."""

    partner: Id
    service: Id
    areas: Postcodes = "county"
    state: Literal["closed-list", "closed", "slow"]
    contact: Days | None = None
    words: WordsIn | None = None
    from_: date = Field(alias="from")
    to: date | None = None


class PartnersModel(DefinitionModel):
    """partners.yaml"""

    partners: tuple[PartnerModel, ...] = Field(min_length=1)
    capacity: tuple[CapacityModel, ...] = ()


class StatementModel(DefinitionModel):
    """A consent statement."""

    statement: Id
    version: Loose
    words: WordsIn
    answers: tuple[Loose, ...] = ()


class ConsentModel(DefinitionModel):
    """consent.yaml"""

    statements: tuple[StatementModel, ...] = Field(min_length=1)


class HolidaysModel(DefinitionModel):
    """A calendar of the library `holidays`."""

    country: Loose
    subdivision: Loose | None = None


class CalendarModel(DefinitionModel):
    """calendar.yaml"""

    calendar: Id
    holidays: HolidaysModel | None = None
    years: tuple[Annotated[int, Field(ge=2000, le=2200)], Annotated[int, Field(ge=2000, le=2200)]]
    also_closed: tuple[date, ...] = ()
    weekdays: Loose = "Mon-Fri"


FILES: dict[str, type[DefinitionModel]] = {
    "scheme.yaml": SchemeModel,
    "areas.yaml": AreasModel,
    "partners.yaml": PartnersModel,
    "consent.yaml": ConsentModel,
    "calendar.yaml": CalendarModel,
}
"""The files of a scheme's folder, each with its model."""

SCHEMAS: dict[str, tuple[type[DefinitionModel], str]] = {
    "scheme": (SchemeModel, "A scheme: its hub, neighbours and services"),
    "areas": (AreasModel, "A scheme's areas"),
    "partners": (PartnersModel, "A scheme's partners and their capacity"),
    "consent": (ConsentModel, "A scheme's consent statements"),
    "calendar": (CalendarModel, "A scheme's calendar"),
}
"""File names of published schemas, without `.schema.json`."""
