"""The offers of a visit as they are put: one partner at a time, with the exact data that this partner would get.

Everything here is read from the domain's settlement; a yes and its page can therefore never disagree with what is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

from firstcontact.domain.agreement import Agreement, Put, Said, WordsRead
from firstcontact.domain.answer import Text, words
from firstcontact.domain.directory import Directory, Partner
from firstcontact.domain.events import HOME
from firstcontact.domain.offer import End, Offer, Recorded, Settlement, eligible_people, offers_due
from firstcontact.domain.packs import Line as Data
from firstcontact.domain.referral import Referral, referral_for
from firstcontact.domain.sheets import Sheets
from firstcontact.rows import AgreementPage, Line, OfferRow, Professional, RecordedRow, Wish
from firstcontact.workflow.agenda import filled
from firstcontact.workflow.household import name_of
from firstcontact.workflow.say import day_in_full, joined

_WHY: Final = {
    "area": "nobody serves this area",
    "age": "not for this age",
    "tenure": "not for this kind of home",
    "landlord": "their landlord does this",
    "gp": "their GP can help",
    "closed": "closed at the moment",
    "not-eligible": "outside its rules",
}
_ENDS: Final = {
    End.OUT_OF_AREA: "the home is outside the scheme",
    End.ALREADY_HELPED: "has help already",
    End.SIGNPOSTED: "told where to ask",
    End.HANDED_OVER: "passed on by telephone",
    End.UNMET: "nobody does this here",
}
_SAID: Final = {
    Said.YES: "{name} said yes. It is passed on when you finish.",
    Said.NO: "{name} said no. Nothing is passed on.",
    Said.NOT_TODAY: "Not today. Nothing is passed on.",
    Said.HOLD: "Kept until the list opens. {name} is asked again then.",
    Said.HAS_HELP: "{name} has help already. Nothing is passed on.",
    Said.RANG: "You rang them. Nothing more is sent.",
    Said.ADVISED: "Advice was enough. Nothing is passed on.",
    Said.WITHDRAWN: "No longer wanted. Nothing is passed on.",
}
_NEEDED: Final = {
    "ADDR": ("address", "postcode"),
    "DOB": ("date_of_birth",),
    "BAND": ("date_of_birth", "age_band"),
    "TEN": ("tenure",),
    "HH": ("people",),
    "LIVES": ("lives_with", "people"),
    "GP": ("gp_practice",),
}
"""Pack code -> the facts of which any one is enough, but for ADDR, which needs both."""
_SPOKEN: Final[Mapping[str, Text]] = {
    "ADDR": {"en": "your address", "cy": "eich cyfeiriad"},
    "DOB": {"en": "your date of birth", "cy": "eich dyddiad geni"},
    "BAND": {"en": "your age band", "cy": "eich band oedran"},
    "TEN": {"en": "whether you own or rent", "cy": "a ydych chi'n berchen neu'n rhentu"},
    "HH": {"en": "how many people live here", "cy": "faint o bobl sy'n byw yma"},
    "LIVES": {"en": "whether you live alone", "cy": "a ydych chi'n byw ar eich pen eich hun"},
    "GP": {"en": "the name of your GP practice", "cy": "enw eich meddygfa"},
    "ALT": {"en": "who else may be spoken to", "cy": "gyda phwy arall y ceir siarad"},
    "LTC": {
        "en": "that you have a long-term condition or disability",
        "cy": "bod gennych gyflwr hirdymor neu anabledd",
    },
}
"""Packs as they are named aloud: nothing leaves that the sentence did not say."""
_CORE_FACTS: Final = ("name", "phone", "ring", "message", "post")


@dataclass(frozen=True, slots=True)
class _Group:
    """Everything that one partner is asked for one subject."""

    subject: str
    partner: Partner | None
    offers: tuple[Offer, ...] = ()
    recorded: tuple[Recorded, ...] = ()

    @property
    def key(self) -> str:
        first = self.offers[0].service if self.offers else ""
        return f"{self.subject}:{self.partner.id}" if self.partner else f"{self.subject}::{first}"

    @property
    def services(self) -> tuple[str, ...]:
        return (*(row.service for row in self.offers), *(row.service for row in self.recorded))


@dataclass(frozen=True)
class Offers:
    """Where every need of a visit stands, for the screens."""

    sheets: Sheets
    person: str
    on: date

    @cached_property
    def settlement(self) -> Settlement:
        """The domain's answer."""
        return offers_due(self.sheets, self.on)

    @property
    def directory(self) -> Directory:
        """The scheme of this visit."""
        return self.sheets.directory

    @property
    def language(self) -> str:
        """The language of the words to say."""
        return self.sheets.visit.language

    @cached_property
    def groups(self) -> tuple[_Group, ...]:
        """Offers by partner and subject, in the checklist's order; telephone partners stand among them."""
        found: dict[tuple[str, str], list[Offer | Recorded]] = {}
        rows: Iterable[Offer | Recorded] = (*self.settlement.offers, *self.settlement.recorded)
        for row in rows:
            if isinstance(row, Offer) and row.end is not End.CANCELLED:
                found.setdefault((row.subject, row.partner or f":{row.service}"), []).append(row)
            elif isinstance(row, Recorded) and row.partner and row.end is not End.UNMET:
                found.setdefault((row.subject, row.partner), []).append(row)
        return tuple(
            _Group(
                subject=subject,
                partner=self.directory.by_id.get(partner),
                offers=tuple(row for row in members if isinstance(row, Offer)),
                recorded=tuple(row for row in members if isinstance(row, Recorded)),
            )
            for (subject, partner), members in found.items()
        )

    def rows(self) -> tuple[OfferRow, ...]:
        """One row for each partner and subject."""
        return tuple(
            OfferRow(
                key=group.key,
                service=self._services(group.services),
                partner=words(group.partner.name, self.language) if group.partner else "",
                wish=self._wish(group),
                open_questions=len(self.needed(group)) if self._wish(group) is Wish.YES else 0,
            )
            for group in self.groups
        )

    def recorded_rows(self) -> tuple[RecordedRow, ...]:
        """Needs where nothing can be put, and why."""
        rows = []
        for row in self.settlement.recorded:
            why = _WHY.get(row.reason or "") or _ENDS.get(row.end, "")
            if row.end is End.CHECK_AGE:
                why = "an answer is still needed to tell"
            said = words(row.say, self.language) if row.say else why
            rows.append(RecordedRow(service=self._services((row.service,)), why=said))
        return tuple(rows)

    def undecided(self) -> tuple[str, ...]:
        """Ids of the questions whose answers would decide who can be offered a service."""
        return tuple(
            dict.fromkeys(row.reason for row in self.settlement.recorded if row.end is End.CHECK_AGE and row.reason)
        )

    def group(self, key: str) -> _Group:
        """One row's partner and services. Raises: KeyError, if answers changed and it is no longer offered."""
        for group in self.groups:
            if group.key == key:
                return group
        raise KeyError(key)

    def page(self, key: str, who: Professional) -> AgreementPage:
        """One offer as it is put."""
        group = self.group(key)
        agreed = self._agreement(group)
        referral = self._referral(group)
        decider = self.decider(group)
        name = name_of(self.sheets, decider)
        first = group.offers[0] if group.offers else None
        closed = first.closed_until if first is not None and first.closed else None
        urgent = referral.urgent_because if referral else None
        asked = agreed is not None and agreed.answer in _SAID
        return AgreementPage(
            key=group.key,
            number=next(place for place, each in enumerate(self.groups, 1) if each.key == key),
            of=len(self.groups),
            partner=words(group.partner.name, self.language) if group.partner else "",
            service=self._services(group.services),
            say=self._say(group, referral),
            lines=(*self._lines(group, referral), *self._from(group, referral, who)),
            wish=self._wish(group),
            decided_by=name,
            closed_until=day_in_full(closed) if closed else "soon" if first is not None and first.closed else "",
            urgent=words(urgent, self.language) if urgent else "",
            ring=group.partner.professionals_number if group.partner else "",
            electronic=group.partner is None or group.partner.channel != "none",
            health_say=self._health(referral),
            health=agreed.health if agreed else None,
            feedback_say=self._statement("C-FEEDBACK") if referral else "",
            feedback=agreed.feedback if agreed else None,
            charge_say=self._statement("C-CHARGE", amount=first.charge) if first is not None and first.charge else "",
            needs=self.needed(group),
            read_back=self._read_back(agreed) if agreed is not None and asked else "",
            other_people=tuple(
                (person, name_of(self.sheets, person))
                for person in self.sheets.adults
                if group.subject == HOME and person != decider
            ),
        )

    def agreement(
        self, key: str, wish: Wish, *, health: bool | None, feedback: bool | None, call: str, on: date
    ) -> Agreement:
        """What was said to one partner, with the words that were read and the packs that were shown.

        Another adult of the home who says yes to what somebody has agreed to agrees to be named, and no more; their no
        takes their own name out, and leaves the other's yes as it is.
        """
        group = self.group(key)
        if group.partner is None:
            raise KeyError(key)
        before = self._agreement(group)
        if before is not None and self._speaks_second(group, before):
            named = [name for name in before.named or (before.by,) if name and name != self.person]
            if wish is Wish.YES:
                named.append(self.person)
            return replace(before, named=tuple(named), on=on)
        referral = self._referral(group)
        decider = self.decider(group)
        statement = self.directory.statement("C-PARTNER")
        language = self.language if statement and self.language in statement.words else "en"
        return Agreement(
            partner=group.partner.id,
            answer=Said(wish.value),
            by=decider,
            named=(decider,),
            present=tuple(person for person in self.sheets.visit.present if person != decider),
            packs=tuple(dict.fromkeys(line.pack for line in referral.lines)) if referral else (),
            words=WordsRead(statement.key, statement.version, language) if statement else None,
            health=health if health is not None else before.health if before else None,
            feedback=feedback if feedback is not None else before.feedback if before else None,
            rang={"said": call} if call else None,
            put=(
                *(Put(row.service, row.urgency.value, row.reasons) for row in group.offers),
                *(Put(row.service, "routine", row.reasons) for row in group.recorded),
            ),
            on=on,
        )

    def _speaks_second(self, group: _Group, before: Agreement) -> bool:
        """Whether somebody else of the home agreed to this already, and another adult is speaking now."""
        settled = before.answer is Said.YES and set(group.services) <= before.services
        other = before.by not in (None, self.person) and self.person in self.sheets.adults
        return group.subject == HOME and settled and other

    def decider(self, group: _Group) -> str:
        """Who decides: the person it is for; for the home the one who answered before, or is being asked."""
        if group.subject != HOME:
            return group.subject
        before = self._agreement(group)
        if before is not None and before.by:
            return before.by
        able = self._whom_it_may_take(group) or self.sheets.adults or self.sheets.people
        return self.person if self.person in able else able[0]

    def _whom_it_may_take(self, group: _Group) -> tuple[str, ...]:
        """The adults of the home for whom the partner's own rules hold: a referral goes in the name of one of them."""
        if group.partner is None:
            return ()
        rows = [group.partner.service(service, self.sheets.visit.on) for service in group.services]
        able = [set(eligible_people(self.sheets, row, HOME)) for row in rows if row is not None]
        both = set.intersection(*able) if able else set()
        return tuple(person for person in self.sheets.people if person in both)

    def needed(self, group: _Group) -> tuple[str, ...]:
        """Ids of the facts that a yes needs and that nobody has asked yet, in the checklist's order."""
        if group.partner is None or group.partner.channel == "none":
            return ()
        codes = {pack for offer in group.offers for rule in offer.rules for pack in self._packs(rule, group)}
        person = self.decider(group)
        open_facts = {fact for fact in _CORE_FACTS if not self._asked(person, fact)}
        for code in codes:
            facts = _NEEDED.get(code, ())
            if code == "ADDR":
                open_facts.update(fact for fact in facts if not self._asked(person, fact))
            elif facts and not any(self._asked(person, fact) for fact in facts):
                open_facts.add(facts[0])
        checklist = self.sheets.checklist
        ids = [checklist.by_fact[fact].id for fact in open_facts if fact in checklist.by_fact]
        return tuple(sorted(ids, key=lambda question: checklist.place[question]))

    def needed_to_leave(self, group: _Group) -> tuple[str, ...]:
        """Of `needed`, what an urgent referral waits for before it leaves early: a name, and a way to reach them."""
        facts = self.sheets.checklist.by_fact
        vital = {facts[fact].id for fact in ("name", "phone", "address", "postcode") if fact in facts}
        return tuple(question for question in self.needed(group) if question in vital)

    def is_agreed(self, group: _Group) -> bool:
        """Whether somebody said yes to it."""
        return self._wish(group) is Wish.YES

    def _packs(self, rule_id: str, group: _Group) -> tuple[str, ...]:
        return self.sheets.sheet(self.decider(group)).packs(rule_id)

    def _asked(self, person: str, fact: str) -> bool:
        question = self.sheets.checklist.by_fact.get(fact)
        if question is None:
            return True
        subject = person if question.subject == "person" else HOME
        return self.sheets.visit.answers_of(subject).get(question.id) is not None

    def _agreement(self, group: _Group) -> Agreement | None:
        if group.partner is None:
            return None
        return self.sheets.visit.agreements.get((group.subject, group.partner.id))

    def _wish(self, group: _Group) -> Wish:
        """The answer so far; a service that was not put when they answered is not answered."""
        agreed = self._agreement(group)
        if agreed is None or not set(group.services) <= agreed.services:
            return Wish.NOT_ASKED
        return Wish(agreed.answer.value)

    def _referral(self, group: _Group) -> Referral | None:
        if group.partner is None or not group.offers:
            return None
        return referral_for(self.sheets, group.subject, group.partner.id, self.on)

    def _services(self, services: Iterable[str]) -> str:
        known = self.directory.service_by_id
        return joined(list(dict.fromkeys(words(known[s].label, self.language) for s in services if s in known)))

    def _say(self, group: _Group, referral: Referral | None) -> str:
        if group.partner is None:
            return "The area of this home is not known yet, so no partner can be named. Nothing is sent."
        if referral is None:
            return f"{words(group.partner.name, self.language)} take telephone calls only. Ring them with the person."
        service = self.directory.service_by_id[referral.services[0]]
        purposes = [words(self.directory.service_by_id[s].purpose, self.language) for s in referral.services]
        what = [self._spoken(line) for line in referral.lines if line.pack != "core"]
        return self._statement(
            "C-PARTNER",
            what=joined(list(dict.fromkeys(what))) or words(service.label, self.language),
            partner=words(group.partner.name, self.language),
            purpose=joined(purposes),
            n=str(referral.contact_days) if referral.contact_days is not None else "",
        )

    def _spoken(self, line: Data) -> str:
        """A piece of data as it is named aloud."""
        if line.pack in _SPOKEN:
            return words(_SPOKEN[line.pack], self.language)
        return line.label_in(self.language).lower()

    def _read_back(self, agreed: Agreement) -> str:
        said = filled(_SAID[agreed.answer], {"name": name_of(self.sheets, agreed.by or self.person)})
        others = [name_of(self.sheets, name) for name in agreed.named or () if name != agreed.by]
        return f"{said} Named too: {joined(others)}." if others and agreed.answer is Said.YES else said

    def _statement(self, key: str, **blanks: str | None) -> str:
        statement = self.directory.statement(key)
        if statement is None:
            return ""
        text = words(statement.words, self.language)
        if blanks.get("n") == "":
            # Without a target the sentence about days says nothing: it is left out, whole.
            text = " ".join(part for part in _sentences(text) if "{n}" not in part)
        said = filled(text, {name: value for name, value in blanks.items() if value is not None})
        return said.replace("within 1 working days", "within 1 working day")

    def _health(self, referral: Referral | None) -> str:
        if referral is None or not referral.health:
            return ""
        facts = [self._spoken(line) for line in referral.lines if line.pack in referral.health]
        return self._statement("C-HEALTH", fact=joined(list(dict.fromkeys(facts))))

    def _lines(self, group: _Group, referral: Referral | None) -> tuple[Line, ...]:
        if referral is None:
            return ()
        rows = [self._line(line) for line in referral.lines]
        rows.insert(min(1, len(rows)), Line(label="Asked for", value=self._services(referral.services)))
        labels = {line.label for line in rows}
        checklist = self.sheets.checklist
        for question_id in self.needed(group):
            question = checklist.question(question_id)
            label = words(question.short or question.label, self.language).capitalize()
            if label not in labels and not self._is_shown(question_id, referral):
                rows.append(Line(label=label, value="", ask=question_id))
        return tuple(rows)

    def _is_shown(self, question_id: str, referral: Referral) -> bool:
        fact = self.sheets.checklist.question(question_id).fact
        return any(line.field == fact for line in referral.lines)

    def _line(self, line: Data) -> Line:
        question = self.sheets.checklist.by_fact.get(line.field)
        item = question.id if question is not None else ""
        ask = item if line.code == "not-asked" else ""
        value = "" if ask else line.value_in(self.language)
        return Line(label=line.label_in(self.language), value=value, ask=ask, item=item)

    def _from(self, group: _Group, referral: Referral | None, who: Professional) -> tuple[Line, ...]:
        if referral is None or group.partner is None:
            return ()
        if group.partner.anonymous_visitor:
            return (Line(label="From", value=f"{who.agency}, and the hub's telephone number"),)
        role = f", {who.role}" if who.role else ""
        return (
            Line(label="From", value=f"{who.name}{role}, and your work phone"),
            Line(label="Their yes", value="how, when and with which words it was given"),
        )


def _sentences(text: str) -> list[str]:
    parts = text.replace("? ", "?\n").replace(". ", ".\n").split("\n")
    return [part.strip() for part in parts if part.strip()]
