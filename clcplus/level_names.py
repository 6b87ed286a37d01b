"""Names of levels of territories in the reader's language, where the platform knows the level.

What an administrator has named stays as it was written. The API gives the name as it is stored.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

_KNOWN: dict[str, str | Promise] = {
    "Country": pgettext_lazy("level of territories", "Country"),
    "Countries": pgettext_lazy("level of territories", "Countries"),
    "Region": pgettext_lazy("level of territories", "Region"),
    "Regions": pgettext_lazy("level of territories", "Regions"),
    "Département": pgettext_lazy("level of territories", "Département"),
    "Départements": pgettext_lazy("level of territories", "Départements"),
    "Intercommunality": pgettext_lazy("level of territories", "Intercommunality"),
    "Intercommunalities": pgettext_lazy("level of territories", "Intercommunalities"),
    "Commune": pgettext_lazy("level of territories", "Commune"),
    "Communes": pgettext_lazy("level of territories", "Communes"),
    "Local unit": pgettext_lazy("level of territories", "Local unit"),
    "Local units": pgettext_lazy("level of territories", "Local units"),
    "Gmina": pgettext_lazy("level of territories", "Gmina"),
    "Gminy": pgettext_lazy("level of territories", "Gminy"),
    "Park": pgettext_lazy("level of territories", "Park"),
    "Parks": pgettext_lazy("level of territories", "Parks"),
}


def level_name(name: str | None) -> str:
    """A level's name or plural, translated where it is one that the platform gives."""
    return str(_KNOWN.get(name or "", name or ""))
