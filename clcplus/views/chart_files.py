"""The charts of a territory's page as files: SVG that opens alone, and PNG made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from sqlalchemy import Connection

from analytics import queries
from analytics.figures import Change, Statistics
from analytics.main_editions import main_pair
from analytics.records import Edition, Territory
from clcplus.access import limits
from clcplus.files import formats
from clcplus.http import parameters
from clcplus.presentation import drawing, sentences
from clcplus.presentation.charts import class_bars, composition
from clcplus.presentation.series import series_of
from clcplus.presentation.share_chart import share_chart
from clcplus.snapshots import Snapshot
from clcplus.views import pictures
from clcplus.views.files import attribution, headline, published_file, territory_of

MEDIA_TYPES = {"svg": "image/svg+xml; charset=utf-8", "png": "image/png"}

Drawn = tuple[drawing.Picture, Sequence[Edition]]


def _figures(connection: Connection, territory: Territory) -> list[Statistics]:
    found = queries.statistics(connection, zone_id=territory.id)
    return [counts for counts in found]


def _change(request: HttpRequest, connection: Connection, territory: Territory) -> Change:
    editions = queries.editions(connection)
    usual = main_pair(editions)
    if "from" in request.GET or "to" in request.GET or usual is None:
        usual = parameters.pair(request, editions)
    earlier, later = usual
    found = queries.change(connection, zone_id=territory.id, earlier=earlier.id, later=later.id)
    if found is None:
        raise Http404("the two editions cannot be compared")
    return found


def _share(request: HttpRequest, connection: Connection, territory: Territory) -> Drawn:
    figures = _figures(connection, territory)
    editions = [item.edition for item in figures]
    parent = territory.parent
    ids = [territory.id, *([parent.id] if parent else ())]
    series = series_of(connection, zone_ids=ids, editions=editions)
    own = series[territory.id]
    chart = share_chart(figures, own, series[parent.id] if parent else None, height=300)
    if chart is None:
        raise Http404("no edition is published")
    picture = drawing.share(
        chart,
        title=_("Sealed share over editions: %(name)s") % {"name": territory.name},
        said=sentences.about_share(
            territory.name, figures, own, headline(connection, territory, editions)
        ),
        beside=parent.name if parent and chart.beside else "",
    )
    return picture, editions


def _gain(request: HttpRequest, connection: Connection, territory: Territory) -> Drawn:
    change = _change(request, connection, territory)
    words = {
        "name": territory.name,
        "earlier": change.earlier.year,
        "later": change.later.year,
    }
    picture = drawing.bars(
        class_bars(change.gain_by_former_class),
        title=_("What became sealed, %(earlier)s → %(later)s: %(name)s") % words,
        said=sentences.about_gain(change),
        colour=drawing.SEALED,
    )
    return picture, [change.earlier, change.later]


def _loss(request: HttpRequest, connection: Connection, territory: Territory) -> Drawn:
    change = _change(request, connection, territory)
    words = {
        "name": territory.name,
        "earlier": change.earlier.year,
        "later": change.later.year,
    }
    picture = drawing.bars(
        class_bars(change.loss_by_later_class),
        title=_("What sealed ground became, %(earlier)s → %(later)s: %(name)s") % words,
        said=sentences.about_loss(change),
        colour=drawing.LOSS,
    )
    return picture, [change.earlier, change.later]


def _cover(request: HttpRequest, connection: Connection, territory: Territory) -> Drawn:
    figures = _figures(connection, territory)
    picture = drawing.covers(
        [(str(item.edition.year), composition(item.by_class)) for item in figures],
        title=_("Land cover: %(name)s") % {"name": territory.name},
        said=_("As mapped; shares are of the observed area."),
    )
    return picture, [item.edition for item in figures]


_CHARTS: dict[str, Callable[[HttpRequest, Connection, Territory], Drawn]] = {
    "share": _share,
    "gain": _gain,
    "loss": _loss,
    "cover": _cover,
}
_OF_CHANGE = frozenset({"gain", "loss"})


@published_file
def chart(
    request: HttpRequest, snapshot: Snapshot, level: str, code: str, name: str, chosen: str
) -> HttpResponseBase:
    """A chart, with what it shows, where its figures are from, and how to cite them."""
    if name not in _CHARTS or chosen not in MEDIA_TYPES:
        raise Http404(
            f"no such chart; charts: {', '.join(_CHARTS)}; formats: {', '.join(MEDIA_TYPES)}"
        )
    parameters.only(request, {"vintage", *(("from", "to", "across") if name in _OF_CHANGE else ())})
    territory = territory_of(request, snapshot.connection, level, code)
    if chosen == "png":
        limits.spend(request)
    picture, editions = _CHARTS[name](request, snapshot.connection, territory)
    svg = drawing.document(picture, attribution(request, territory, editions))
    if request.method == "HEAD":
        body = b""  # it is not counted, so that it must not cost either
    else:
        body = svg.encode() if chosen == "svg" else pictures.png(svg)
    response = HttpResponse(body, content_type=MEDIA_TYPES[chosen])
    response["Content-Disposition"] = formats.disposition(
        f"sealing-{name}-{territory.level}-{territory.code}", chosen
    )
    return response
