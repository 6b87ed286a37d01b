"""Names of levels of territories in the reader's language, where the platform knows the level.

What an administrator has named stays as it was written. The API gives the name as it is stored.
"""

from __future__ import annotations

from functools import partial

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
    "Województwo": pgettext_lazy("level of territories", "Województwo"),
    "Województwa": pgettext_lazy("level of territories", "Województwa"),
    "Powiat": pgettext_lazy("level of territories", "Powiat"),
    "Powiaty": pgettext_lazy("level of territories", "Powiaty"),
    "Gmina": pgettext_lazy("level of territories", "Gmina"),
    "Gminy": pgettext_lazy("level of territories", "Gminy"),
    "Park": pgettext_lazy("level of territories", "Park"),
    "Parks": pgettext_lazy("level of territories", "Parks"),
}
# In a sentence: "all communes", "ranking of communes", "change in all communes". Polish has a form
# for each of the three.
_ALL: dict[str, str | Promise] = {
    "Countries": pgettext_lazy("levels in a sentence: all …", "countries"),
    "Regions": pgettext_lazy("levels in a sentence: all …", "regions"),
    "Départements": pgettext_lazy("levels in a sentence: all …", "départements"),
    "Intercommunalities": pgettext_lazy("levels in a sentence: all …", "intercommunalities"),
    "Communes": pgettext_lazy("levels in a sentence: all …", "communes"),
    "Local units": pgettext_lazy("levels in a sentence: all …", "local units"),
    "Województwa": pgettext_lazy("levels in a sentence: all …", "województwa"),
    "Powiaty": pgettext_lazy("levels in a sentence: all …", "powiaty"),
    "Gminy": pgettext_lazy("levels in a sentence: all …", "gminy"),
    "Parks": pgettext_lazy("levels in a sentence: all …", "parks"),
}
_OF: dict[str, str | Promise] = {
    "Countries": pgettext_lazy("levels in a sentence: ranking of …", "countries"),
    "Regions": pgettext_lazy("levels in a sentence: ranking of …", "regions"),
    "Départements": pgettext_lazy("levels in a sentence: ranking of …", "départements"),
    "Intercommunalities": pgettext_lazy("levels in a sentence: ranking of …", "intercommunalities"),
    "Communes": pgettext_lazy("levels in a sentence: ranking of …", "communes"),
    "Local units": pgettext_lazy("levels in a sentence: ranking of …", "local units"),
    "Województwa": pgettext_lazy("levels in a sentence: ranking of …", "województwa"),
    "Powiaty": pgettext_lazy("levels in a sentence: ranking of …", "powiaty"),
    "Gminy": pgettext_lazy("levels in a sentence: ranking of …", "gminy"),
    "Parks": pgettext_lazy("levels in a sentence: ranking of …", "parks"),
}
_IN: dict[str, str | Promise] = {
    "Countries": pgettext_lazy("levels in a sentence: change in all …", "countries"),
    "Regions": pgettext_lazy("levels in a sentence: change in all …", "regions"),
    "Départements": pgettext_lazy("levels in a sentence: change in all …", "départements"),
    "Intercommunalities": pgettext_lazy(
        "levels in a sentence: change in all …", "intercommunalities"
    ),
    "Communes": pgettext_lazy("levels in a sentence: change in all …", "communes"),
    "Local units": pgettext_lazy("levels in a sentence: change in all …", "local units"),
    "Województwa": pgettext_lazy("levels in a sentence: change in all …", "województwa"),
    "Powiaty": pgettext_lazy("levels in a sentence: change in all …", "powiaty"),
    "Gminy": pgettext_lazy("levels in a sentence: change in all …", "gminy"),
    "Parks": pgettext_lazy("levels in a sentence: change in all …", "parks"),
}


def level_name(name: str | None) -> str:
    """A level's name or plural, translated where it is one that the platform gives."""
    return str(_KNOWN.get(name or "", name or ""))


def _in_sentence(forms: dict[str, str | Promise], plural: str | None) -> str:
    return str(forms.get(plural or "", plural or ""))


# A level's plural as it stands in a sentence after "all", after "of", and after "in all".
all_of_level = partial(_in_sentence, _ALL)
of_level = partial(_in_sentence, _OF)
in_level = partial(_in_sentence, _IN)
