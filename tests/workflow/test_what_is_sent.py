"""What a partner gets is fit to be read by people who have neither the checklist nor our code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from firstcontact.rows import Wish
from firstcontact.workflow.laptop import Laptop
from sync.desk.view import sheet_of
from sync.items import OUTBOX
from sync.messages import Referral
from tests.builders import World, answer, done


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    laptop = World().laptop(tmp_path, now=lambda: datetime.fromisoformat("2026-01-15T10:30:00+00:00"))
    yield laptop
    laptop.close()


def sent(laptop: Laptop) -> Referral:
    """The referral to the fire service of a finished visit to Agnes of S01."""
    visit = laptop.new_visit()
    answer(visit, X5=("large-print", "hearing-loop"), X6="English", X6a="no")
    answer(visit, **{"C-START": "yes", "C-SAFE": "understood", "C-RECORD": "yes"})
    answer(visit, X1="Agnes Thimblewick", X1a="Agnes", X3="3 Lantern Row, Rushmere", X3a="ay24qt", X3b="yes")
    answer(visit, X4="01632 960411", X4a="yes", A1="no")
    (offer,) = visit.offers()
    done(visit.record_agreement(offer.key, Wish.YES))
    done(visit.finish())
    (document,) = [document for _, document in laptop.store.journal.load(OUTBOX)]
    return Referral.model_validate(document["message"])


def test_needs_travel_in_words(laptop: Laptop) -> None:
    """A partner reads "large print", not the token of a checklist that it does not have."""
    referral = sent(laptop)
    assert referral.contact.communication == ["large print", "hearing loop"]
    assert {"Large print.", "Hearing loop."} <= set(sheet_of(referral).reach)


def test_the_person_deciding_for_herself_needs_no_remark(laptop: Laptop) -> None:
    """The laptop and the desk mean the same by who decided; anybody else who decides is named by their right."""
    referral = sent(laptop)
    assert referral.agreement.decider == "person"
    (given, *_rest) = sheet_of(referral).yes
    assert given.value.startswith("Agnes Thimblewick, spoken, 15 January 2026")
