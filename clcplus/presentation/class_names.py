"""Names of the classes of CLC+ Backbone in the reader's language.

The API and the files of data keep the English names of :mod:`analytics.nomenclature`.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from analytics.nomenclature import NO_DATA, OUTSIDE, SEA_BUFFER, SEALED, WATER

CLASS_NAMES: dict[int, str | Promise] = {
    SEALED: pgettext_lazy("class of land cover", "Sealed"),
    2: pgettext_lazy("class of land cover", "Woody, needle-leaved trees"),
    3: pgettext_lazy("class of land cover", "Woody, broadleaved deciduous trees"),
    4: pgettext_lazy("class of land cover", "Woody, broadleaved evergreen trees"),
    5: pgettext_lazy("class of land cover", "Low-growing woody plants"),
    6: pgettext_lazy("class of land cover", "Permanent herbaceous"),
    7: pgettext_lazy("class of land cover", "Periodically herbaceous"),
    8: pgettext_lazy("class of land cover", "Lichens and mosses"),
    9: pgettext_lazy("class of land cover", "Non- and sparsely vegetated"),
    WATER: pgettext_lazy("class of land cover", "Water"),
    11: pgettext_lazy("class of land cover", "Snow and ice"),
    SEA_BUFFER: pgettext_lazy("class of land cover", "Coastal seawater buffer"),
    OUTSIDE: pgettext_lazy("class of land cover", "Outside area"),
    NO_DATA: pgettext_lazy("class of land cover", "No data"),
}


def class_name(code: int) -> str:
    """The name of a class."""
    return str(CLASS_NAMES[code])
