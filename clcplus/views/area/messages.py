"""Why an area cannot be counted, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clcplus.http.errors import UncountableArea
from clcplus.presentation.numbers import count
from clcplus.views.area.address import AreaTooLong
from clcplus.views.area.text import LONGEST, UnreadableText


def of_text(error: UnreadableText) -> str:
    """What is wrong with a pasted text."""
    found = {"text": error.found}
    said = {
        "empty": _("Draw an area, or paste its corners, first."),
        "long": _("The text has more than %(n)s characters.") % {"n": count(LONGEST)},
        "json": _("This begins like GeoJSON and is none: a bracket or a comma may be missing."),
        "wkt": _("Of well-known text only POLYGON and MULTIPOLYGON can be counted."),
        "srid": _(
            "The text names the reference system %(text)s. Longitude and latitude (EPSG:4326) are"
            " expected here."
        )
        % found,
        "corners": _("“%(text)s” is no corner: expected are two numbers, longitude and latitude.")
        % found,
        "features": _("The text has %(text)s features, more than are taken at once.") % found,
    }
    return said.get(
        error.reason,
        _(
            "“%(text)s” is the beginning of no area. Expected is GeoJSON, well-known text (WKT), or"
            " one corner a line: longitude, latitude."
        )
        % found,
    )


def of_area(error: UncountableArea) -> str:
    """What keeps an area from being counted."""
    told = error.members
    if told.get("swapped_axes_suspected"):
        return _(
            "The area lies outside of what is mapped. Are the axes swapped? Longitude comes first."
        )
    if "swapped_axes_suspected" in told:
        return _("The area lies outside of what is mapped.")
    if "largest" in told:
        most = {"n": count(told["largest"]), "unit": _unit(told["unit"])}
        return _("The area is too large to be counted at once: at most %(n)s %(unit)s.") % most
    if told.get("place"):
        longitude, latitude = told["place"]
        where = {"place": f"{longitude:.5f}, {latitude:.5f}"}
        return _("The outline crosses or touches itself, at %(place)s.") % where
    return _("These corners are not the outline of an area: %(detail)s") % {"detail": error.detail}


def _unit(unit: str) -> str:
    return {"km of border": _("km of border"), "parts": _("parts")}.get(unit, unit)


def of_length(error: AreaTooLong) -> str:
    """An area that no address can hold."""
    return ngettext(
        "The area has %(n)s corner, more than an address can hold. Simplify it, or send it to the"
        " API, which takes more.",
        "The area has %(n)s corners, more than an address can hold. Simplify it, or send it to the"
        " API, which takes more.",
        error.corners,
    ) % {"n": count(error.corners)}


def of_address() -> str:
    """An address that holds no area."""
    return _(
        "The address was cut or changed: it holds no area. Draw it again, or ask for the link."
    )


def of_rate(seconds: int) -> str:
    """Too many areas."""
    return ngettext(
        "Too many areas were counted for you within a minute. Try again in %(n)s second.",
        "Too many areas were counted for you within a minute. Try again in %(n)s seconds.",
        seconds,
    ) % {"n": seconds}


def of_store() -> str:
    """The rasters cannot be read."""
    return _("The map cannot be read just now. Try again in a minute.")
