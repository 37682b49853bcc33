"""What a screen shows, as plain values: the rows and pages that `workflow` fills in and `tui` paints.

Nothing here is imported but the standard library, so that the first screen costs nothing. Text in these values is
*outside text* until it is painted (names, wordings, replies of partners): the screens paint it without markup and
through one filter. Words of the program itself ("saved", "not asked") are said by the screens, never by these values,
unless a field says "in words".
"""

from __future__ import annotations

from firstcontact.rows.acts import Change, Professional, Profile, Refused, Wrong
from firstcontact.rows.lists import Group, NeedRow, ReferralRow, SignalState, TodayPage, VisitRow, VisitState
from firstcontact.rows.offers import (
    AgreementPage,
    NotPassed,
    OfferRow,
    PassOn,
    RecordedRow,
    ReviewPage,
    StillToAsk,
    UrgentRow,
    Wish,
)
from firstcontact.rows.question import (
    ChoiceRow,
    Given,
    HouseholdPage,
    Item,
    Kind,
    Line,
    PartRow,
    PersonRow,
    Progress,
    QuestionPage,
    QuestionRow,
)

__all__ = [
    "AgreementPage",
    "Change",
    "ChoiceRow",
    "Given",
    "Group",
    "HouseholdPage",
    "Item",
    "Kind",
    "Line",
    "NeedRow",
    "NotPassed",
    "OfferRow",
    "PartRow",
    "PassOn",
    "PersonRow",
    "Professional",
    "Profile",
    "Progress",
    "QuestionPage",
    "QuestionRow",
    "RecordedRow",
    "ReferralRow",
    "Refused",
    "ReviewPage",
    "SignalState",
    "StillToAsk",
    "TodayPage",
    "UrgentRow",
    "VisitRow",
    "VisitState",
    "Wish",
    "Wrong",
]
