"""Why there are no figures of an area, in the reader's language."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from http import HTTPStatus

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.exceptions import APIException, Throttled

from analytics.errors import StoreError
from clcplus.http.errors import RequestError, UncountableArea
from clcplus.presentation.numbers import count
from clcplus.views.area.address import AreaTooLong, UnreadableAddress
from clcplus.views.area.text import LONGEST, UnreadableText

ERRORS = (UnreadableText, UnreadableAddress, AreaTooLong, RequestError, APIException, StoreError)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there are no figures."""

    said: str
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    headers: dict[str, str] = field(default_factory=dict)


def trouble_of(error: Exception) -> Trouble:
    """What the page says of one of the :data:`ERRORS`, and with which status."""
    match error:
        case UnreadableText():
            return Trouble(_of_text(error))
        case UnreadableAddress():
            said = _(
                "The address was cut or changed: it holds no area. Draw it again, or ask for the"
                " link."
            )
            return Trouble(said, HTTPStatus.BAD_REQUEST)
        case AreaTooLong():
            said = ngettext(
                "The area has %(n)s corner, more than an address can hold. Simplify it, or send it"
                " to the API, which takes more.",
                "The area has %(n)s corners, more than an address can hold. Simplify it, or send it"
                " to the API, which takes more.",
                error.corners,
            )
            return Trouble(said % {"n": count(error.corners)})
        case UncountableArea():
            return Trouble(_of_area(error))
        case RequestError():
            return Trouble(error.detail, HTTPStatus.BAD_REQUEST)
        case Throttled():
            seconds = math.ceil(getattr(error, "wait", None) or 1)
            headers = {"Retry-After": str(seconds)}
            said = ngettext(
                "Too many areas were counted for you within a minute. Try again in %(n)s second.",
                "Too many areas were counted for you within a minute. Try again in %(n)s seconds.",
                seconds,
            )
            return Trouble(said % {"n": seconds}, HTTPStatus.TOO_MANY_REQUESTS, headers)
        case APIException():
            return Trouble(str(error.detail), error.status_code)
    said = _("The map cannot be read just now. Try again in a minute.")
    return Trouble(said, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "60"})


def _of_text(error: UnreadableText) -> str:
    said = {
        "empty": _("Draw an area, or paste its corners, first."),
        "long": _("The text has more than %(n)s characters."),
        "json": _("This begins like GeoJSON and is none: a bracket or a comma may be missing."),
        "wkt": _("Of well-known text only POLYGON and MULTIPOLYGON can be counted."),
        "srid": _(
            "The text names the reference system %(text)s. Longitude and latitude (EPSG:4326) are"
            " expected here."
        ),
        "corners": _("“%(text)s” is no corner: expected are two numbers, longitude and latitude."),
        "features": _("The text has %(text)s features, more than are taken at once."),
        "other": _(
            "“%(text)s” is the beginning of no area. Expected is GeoJSON, well-known text (WKT), or"
            " one corner a line: longitude, latitude."
        ),
    }
    return said[error.reason] % {"text": error.found, "n": count(LONGEST)}


def _of_area(error: UncountableArea) -> str:
    told = error.members
    if told.get("swapped_axes_suspected"):
        return _(
            "The area lies outside of what is mapped. Are the axes swapped? Longitude comes first."
        )
    if "swapped_axes_suspected" in told:
        return _("The area lies outside of what is mapped.")
    if "largest" in told:
        units = {"km of border": _("km of border"), "parts": _("parts")}
        most = {"n": count(told["largest"]), "unit": units.get(told["unit"], told["unit"])}
        return _("The area is too large to be counted at once: at most %(n)s %(unit)s.") % most
    if told.get("place"):
        longitude, latitude = told["place"]
        where = {"place": f"{longitude:.5f}, {latitude:.5f}"}
        return _("The outline crosses or touches itself, at %(place)s.") % where
    return _("These corners are not the outline of an area: %(detail)s") % {"detail": error.detail}
