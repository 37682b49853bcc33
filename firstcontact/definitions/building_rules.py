"""Offers, signposts, further reasons and advice: from the models to domain values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from firstcontact.definitions.models import QuestionModel
from firstcontact.definitions.rule_models import AddsReasonModel, OfferModel, RaiseModel
from firstcontact.definitions.wordbook import Wordbook
from firstcontact.domain.answer import Text
from firstcontact.domain.checklist import Advice, Instead, OfferRule, Raise, RuleKind

_CHOICE_USED = re.compile(r"selected\(\s*\$\{(\S+)\}\s*,\s*'([^']+)'\s*\)|\$\{(\S+)\}\s*=\s*'([^']+)'")


class RuleBuilder:
    """What stands under the questions of one checklist; each rule has an id of its own."""

    def __init__(self, words: Wordbook) -> None:
        self.words = words
        self.rule_ids: set[str] = set()

    def rules(self, question: QuestionModel) -> Iterator[OfferRule]:
        """The rules under a question: offers, then further reasons, then signposts."""
        for offer in question.offers:
            instead = tuple(
                Instead(
                    to=each.to,
                    when=self.words.condition(each.when),
                    say=self.words.maybe_text(each.say, ("signposts", each.to)),
                )
                for each in offer.signposted
            )
            yield replace(
                self._rule(question, offer, "offer"),
                urgency=offer.urgency,
                otherwise=offer.otherwise,
                signposted=instead,
            )
        for reason in question.adds_reason:
            yield self._rule(question, reason, "adds-reason")
        for signpost in question.signposts:
            yield OfferRule(
                id=self._rule_id(question.question, signpost.service),
                question_id=question.question,
                service=signpost.service,
                when=self.words.condition(signpost.when),
                kind="signpost",
                subject=signpost.subject,
                say=self.words.maybe_text(signpost.say, ("signposts", signpost.service)),
            )

    def _rule(self, question: QuestionModel, offer: OfferModel | AddsReasonModel, kind: RuleKind) -> OfferRule:
        return OfferRule(
            id=self._rule_id(question.question, offer.service),
            question_id=question.question,
            service=offer.service,
            when=self.words.condition(offer.when),
            kind=kind,
            subject=offer.subject,
            raises=tuple(self._raise(each) for each in offer.raises),
            fields=offer.fields_,
            packs=tuple(each.pack for each in offer.packs),
            pack_when={each.pack: self.words.condition(each.when) for each in offer.packs if each.when is not None},
        )

    def _rule_id(self, question_id: str, service: str) -> str:
        rule_id, turn = f"{question_id}:{service}", 1
        while rule_id in self.rule_ids:
            turn += 1
            rule_id = f"{question_id}:{service}#{turn}"
        self.rule_ids.add(rule_id)
        return rule_id

    def _raise(self, each: RaiseModel) -> Raise:
        because = self.words.maybe_text(each.because, ("because", each.because or ""))
        if because is None:
            because = self._label_of(each.when)
        return Raise(to=each.to, when=self.words.condition(each.when), because=because, health=each.health)

    def _label_of(self, when: str) -> Text | None:
        """The label of the one choice that a condition speaks of, if it speaks of one."""
        used = [(match[1] or match[3], match[2] or match[4]) for match in _CHOICE_USED.finditer(when)]
        return self.words.label(*used[0]) if len(used) == 1 else None

    def advice(self, question: QuestionModel) -> Iterator[Advice]:
        """The advice under a question."""
        for each in question.advice:
            yield Advice(
                id=each.advice,
                question_id=question.question,
                when=self.words.condition(each.when),
                say=self.words.text(each.say, ("advice", each.advice)),
            )
