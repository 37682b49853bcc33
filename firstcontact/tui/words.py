"""Every word that the screens say in the program's own voice passes through `_`, so that it can be translated.

Wordings of a checklist, names and replies of partners never do: they arrive in their own language.
"""

from __future__ import annotations

import gettext
from datetime import datetime

_translations: gettext.NullTranslations = gettext.NullTranslations()


def _(text: str) -> str:
    """Return the text in the language of the screens."""
    return _translations.gettext(text)


def clock_time(at: datetime) -> str:
    """Return a time of day in 24 hours: "10:41"."""
    return f"{at:%H:%M}"


def day_and_time(at: datetime, today: datetime) -> str:
    """Return when something was, as briefly as is clear: "today, 09:20", "12 January"."""
    if at.date() == today.date():
        return _("today, {time}").format(time=clock_time(at))
    return f"{at.day} {at:%B}" if at.year == today.year else f"{at.day} {at:%B %Y}"


def without_article(service: str) -> str:
    """A service in a list: read down, not aloud, and so without its "a"."""
    return service.removeprefix("a ").removeprefix("an ")
