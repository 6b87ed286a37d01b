"""A report from its request to its file: figures, map, charts, pages, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from analytics.rasters import open_store
from analytics.records import Territory
from clcplus import snapshots
from clcplus.citations import citation
from clcplus.models import Report
from clcplus.presentation import sentences
from clcplus.report import content as contents
from clcplus.report import pdf_pages
from clcplus.report.charts import Chart, charts, place
from clcplus.report.content import Content
from clcplus.report.land_map import land_cover
from clcplus.report.legends import change_legend, class_legend, share_legend
from clcplus.report.squares import square_maps

Moved = Callable[[str, int], None]
"""Called with the stage that begins and the per cent that are done."""


def make(report: Report, *, moved: Moved) -> pdf_pages.Rendered:
    """Make the file of a report. Raises Outdated, StoreError and what the database raises."""
    with translation.override(report.language):
        with snapshots.opened() as snapshot:
            found = contents.read(snapshot, report)
        moved(Report.Stage.MAP, 15)
        maps = _maps(found) if found.latest and found.seen else None
        moved(Report.Stage.CHARTS, 50)
        drawn = charts(found)
        moved(Report.Stage.PAGES, 60)
        html = render_to_string("report/document.html", _context(report, found, maps, drawn))
        parts = {chart.file: chart.drawing.encode() for chart in drawn.values()}
        if maps is not None:
            parts |= maps["parts"]
        if found.place is not None:
            parts["place.svg"] = place(found.place).encode()
        return pdf_pages.render(
            html,
            parts,
            identifier=report.id.bytes,
            each_page=lambda: moved(Report.Stage.PAGES, 85),
        )


def _maps(found: Content) -> dict[str, Any]:
    assert found.latest is not None
    store = open_store(settings.RASTER_STORE)
    slug, change = found.latest.edition.slug, found.change
    pair = (
        (change.earlier.slug, change.later.slug) if change and change.net_ha is not None else None
    )
    share, change_map = square_maps(found, latest=slug, pair=pair, store=store)
    cover = land_cover(found, slug=slug, store=store, picture_name="report:cover.png")
    drawn: dict[str, Any] = {"cover": cover, "share": share, "change": change_map}
    parts: dict[str, bytes] = {}
    for name, one in drawn.items():
        if one is not None:
            parts |= {f"{name}.png": one.picture, f"{name}.svg": one.drawing.encode()}
    return {**drawn, "parts": parts}


_SHOWN = ("territory", "editions", "latest", "figures", "around", "change", "changes", "listed")
"""What templates take of the content without naming it; the rest by ``content``."""


def _context(
    report: Report, found: Content, maps: dict[str, Any] | None, drawn: dict[str, Chart]
) -> dict[str, Any]:
    latest, change, editions = found.latest, found.change, found.editions
    return {
        "report": report,
        "demonstration": settings.DEMONSTRATION,
        "content": found,
        **{name: getattr(found, name) for name in _SHOWN},
        "edition": latest.edition if latest else None,
        "maps": maps,
        "square_metres": maps["share"].side_metres if maps else None,
        "charts": drawn,
        "class_legend": class_legend(latest) if latest else (),
        "share_legend": share_legend(),
        "change_legend": change_legend(),
        "about_share": sentences.about_share(
            found.territory.name, found.figures, found.series, change
        ),
        **sentences.of_change(change),
        "citation": citation(editions),
        "links": _links(report, found.territory),
        "title": _("Soil sealing in %(name)s") % {"name": found.territory.name},
        "published_at": max((e.published_at for e in editions if e.published_at), default=None),
    }


def _links(report: Report, territory: Territory) -> dict[str, str]:
    """Addresses that the report leads to, below the site that it was asked from: permanent ones, in
    its language."""
    address, vintage = (territory.level, territory.code), f"?vintage={territory.vintage}"
    paths = {
        "territory": reverse("territory", args=address) + vintage,
        "method": reverse("method"),
        "table": reverse("territory_table", args=(*address, "statistics", "csv")) + vintage,
        "listed": reverse("territory_table", args=(*address, "territories", "csv")) + vintage,
    }
    return {name: f"{report.site}{path}" for name, path in paths.items()}
