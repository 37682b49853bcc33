"""Translation: a referral of the domain becomes a message for its partner, in the partner's own words and nothing more.

Only what the agreement page showed goes out: `Referral.lines` is the one list that both are made from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from firstcontact.domain.agreement import Decider
from firstcontact.domain.answer import words
from firstcontact.domain.checklist import Checklist
from firstcontact.domain.directory import Directory
from firstcontact.domain.referral import Referral
from firstcontact.rows import Professional
from sync import messages

_BOOLEANS: Final[Mapping[Any, bool]] = {"yes": True, "no": False}


def referral_message(
    referral: Referral,
    *,
    reference: str,
    version: int,
    made_at: datetime,
    directory: Directory,
    checklist: Checklist,
    who: Professional,
    language: str,
    decided_by: str,
) -> messages.Referral:
    """The message of a referral that somebody agreed to; `decided_by` is the name of who did.

    Raises: ValueError, for a referral without an agreement: there is nothing to send.
    """
    agreed = referral.agreement
    if agreed is None:
        raise ValueError("a referral without an agreement is only a picture of one")
    core = dict(referral.core)
    read = agreed.words
    message = messages.Referral(
        reference=reference,
        version=version,
        made_at=made_at,
        agency=who.agency,
        services=[
            messages.Labelled(id=service, label=dict(directory.service_by_id[service].label))
            for service in referral.services
        ],
        urgency=referral.urgency.value,
        urgent_because=dict(referral.urgent_because) if referral.urgent_because else None,
        subject="home" if referral.subject == "home" else "person",
        person=messages.Person(
            name=str(core.get("name") or "(name not known yet)"),
            preferred=core.get("preferred_name"),
            named=list(referral.names) if len(referral.names) > 1 else [],
        ),
        contact=_contact(core, checklist),
        fields=[
            messages.FieldValue(
                pack=line.pack, field=line.field, label=dict(line.label), value=line.code, words=dict(line.value)
            )
            for line in referral.lines
            if line.pack != "core"
        ],
        agreement=messages.Agreement(
            by=decided_by,
            decider="person" if agreed.decider is Decider.PERSON else agreed.decider.value,
            how=agreed.how.value,
            statement=messages.Statement(key=read.key, version=read.version, language=read.language) if read else None,
            health=agreed.health,
            feedback=agreed.feedback,
            at=agreed.at,
        ),
        contact_by=referral.contact_by,
        ack_by=referral.ack_by,
        checklist=messages.ChecklistVersion(id=checklist.id, version=checklist.version, digest=checklist.digest),
        feedback=agreed.feedback is True,
        language=language,
    )
    return message.model_copy(update={"from_": _sender(directory, referral.partner, who)})


def withdrawal_message(reference: str, version: int, made_at: datetime, *, by: str = "person") -> messages.Withdrawal:
    """The notice that follows a referral which has left: stop, and do not contact."""
    return messages.Withdrawal(reference=reference, version=version, made_at=made_at, by=by)


def _sender(directory: Directory, partner: str, who: Professional) -> messages.Sender:
    """Who made the visit, as far as this partner may know: some get the agency and the hub's number only."""
    if directory.by_id[partner].anonymous_visitor:
        return messages.Sender(organisation=who.agency, phone=directory.hub.number)
    role = f", {who.role}" if who.role else ""
    return messages.Sender(name=f"{who.name}{role}", organisation=who.agency, phone=who.work_phone)


def _contact(core: Mapping[str, Any], checklist: Checklist) -> messages.Contact:
    """How to reach the person; needs in words, because a partner has no checklist to look a token up in."""
    question = checklist.by_fact.get("communication")
    labels = {choice.token: words(choice.label, "en") for choice in question.choices} if question else {}
    needs = [str(need) for need in core.get("communication") or ()]
    return messages.Contact(
        phone=core.get("phone"),
        ring=_BOOLEANS.get(core.get("ring")),
        message=_BOOLEANS.get(core.get("message")),
        text_message=_BOOLEANS.get(core.get("text_message")),
        post=_BOOLEANS.get(core.get("post")),
        best_time=core.get("best_time"),
        communication=[labels.get(need, need) for need in needs],
        language=core.get("language"),
        interpreter=_BOOLEANS.get(core.get("interpreter")),
    )
