"""The charts of a territory's page as files: SVG that opens alone, and PNG made of it.

PNG is drawn by resvg: Rust, without libraries of the system. The font comes with the front-end
files (frontend/build.mjs), so that a picture looks the same on each machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import resvg_py
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from sqlalchemy import Connection

from analytics import queries
from analytics.figures import Change
from analytics.main_editions import main_pair
from analytics.records import Edition, Territory
from clcplus import limits
from clcplus.files import formats
from clcplus.http import parameters
from clcplus.presentation import sentences, svg
from clcplus.presentation.charts import share_chart
from clcplus.presentation.classes import class_bars, composition
from clcplus.presentation.series import main_change, series_around
from clcplus.snapshots import Snapshot
from clcplus.views.downloads.published import attribution, published_file, territory_of

MEDIA_TYPES = {"svg": "image/svg+xml; charset=utf-8", "png": "image/png"}
ZOOM = 2
"""Pixels of the picture for one of the drawing: sharp on fine screens and on paper."""
_FONT = Path(__file__).resolve().parents[2] / "static" / "build" / "DejaVuSans.ttf"
_FAMILY = "DejaVu Sans"

Drawn = tuple[svg.Picture, Sequence[Edition]]


def png(text: str) -> bytes:
    """A picture of an SVG that this platform made itself."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=text,
            zoom=ZOOM,
            font_files=[str(_FONT)],
            skip_system_fonts=True,
            font_family=_FAMILY,
            sans_serif_family=_FAMILY,
        )
    )


def _change(
    request: HttpRequest, connection: Connection, territory: Territory
) -> tuple[Change, dict[str, object]]:
    editions = queries.editions(connection)
    pair = main_pair(editions)
    if "from" in request.GET or "to" in request.GET or pair is None:
        pair = parameters.pair(request, editions)
    earlier, later = pair
    found = queries.change(connection, zone_id=territory.id, earlier=earlier.id, later=later.id)
    if found is None:
        raise Http404("the two editions cannot be compared")
    return found, {"name": territory.name, "earlier": earlier.year, "later": later.year}


def _share(request: HttpRequest, connection: Connection, territory: Territory) -> Drawn:
    figures = queries.statistics(connection, zone_id=territory.id)
    editions = [item.edition for item in figures]
    own, around = series_around(connection, territory, editions)
    chart = share_chart(figures, own, around, height=300)
    if chart is None:
        raise Http404("no edition is published")
    change = main_change(connection, zone_id=territory.id, editions=editions)
    picture = svg.share(
        chart,
        title=_("Sealed share over editions: %(name)s") % {"name": territory.name},
        said=sentences.about_share(territory.name, figures, own, change),
        beside=territory.parent.name if territory.parent and chart.beside else "",
    )
    return picture, editions


def _gain(request: HttpRequest, connection: Connection, territory: Territory) -> Drawn:
    change, words = _change(request, connection, territory)
    title = _("What became sealed, %(earlier)s → %(later)s: %(name)s") % words
    bars, said = class_bars(change.gain_by_former_class), sentences.about_gain(change)
    picture = svg.bars(bars, title=title, said=said, colour=svg.SEALED)
    return picture, [change.earlier, change.later]


def _loss(request: HttpRequest, connection: Connection, territory: Territory) -> Drawn:
    change, words = _change(request, connection, territory)
    title = _("What sealed ground became, %(earlier)s → %(later)s: %(name)s") % words
    bars, said = class_bars(change.loss_by_later_class), sentences.about_loss(change)
    picture = svg.bars(bars, title=title, said=said, colour=svg.LOSS)
    return picture, [change.earlier, change.later]


def _land_cover(request: HttpRequest, connection: Connection, territory: Territory) -> Drawn:
    figures = queries.statistics(connection, zone_id=territory.id)
    picture = svg.land_cover(
        [(str(item.edition.year), composition(item.by_class)) for item in figures],
        title=_("Land cover: %(name)s") % {"name": territory.name},
        said=_("As mapped; shares are of the observed area."),
    )
    return picture, [item.edition for item in figures]


_CHARTS: dict[str, Callable[[HttpRequest, Connection, Territory], Drawn]] = {
    "share": _share,
    "gain": _gain,
    "loss": _loss,
    "cover": _land_cover,
}


@published_file
def chart(
    request: HttpRequest, snapshot: Snapshot, level: str, code: str, name: str, chosen: str
) -> HttpResponseBase:
    """A chart, with what it shows, where its figures are from, and how to cite them."""
    if name not in _CHARTS or chosen not in MEDIA_TYPES:
        raise Http404(
            f"no such chart; charts: {', '.join(_CHARTS)}; formats: {', '.join(MEDIA_TYPES)}"
        )
    of_change = name in {"gain", "loss"}
    parameters.only(request, {"vintage", *(("from", "to", "across") if of_change else ())})
    territory = territory_of(request, snapshot.connection, level, code)
    if chosen == "png":
        limits.spend(request)
    picture, editions = _CHARTS[name](request, snapshot.connection, territory)
    text = svg.document(picture, attribution(request, territory, editions))
    body = b""
    if request.method != "HEAD":  # which is not counted, so that it must not cost either
        body = text.encode() if chosen == "svg" else png(text)
    response = HttpResponse(body, content_type=MEDIA_TYPES[chosen])
    file_name = f"sealing-{name}-{territory.level}-{territory.code}"
    response["Content-Disposition"] = formats.disposition(file_name, chosen)
    return response
