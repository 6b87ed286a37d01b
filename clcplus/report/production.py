"""A report from its request to its file: figures, map, charts, pages, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from analytics.rasters import open_store
from analytics.records import Edition
from clcplus import snapshots
from clcplus.citations import citation
from clcplus.models import Report
from clcplus.presentation import sentences
from clcplus.report import content as contents
from clcplus.report import pdf_pages
from clcplus.report.charts import Chart, charts
from clcplus.report.content import Content
from clcplus.report.land_map import Drawn, land_cover
from clcplus.report.legends import change_legend, class_legend, share_legend
from clcplus.report.links import Links, links_of
from clcplus.report.place import place
from clcplus.report.squares import SquareMap, square_maps

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
    """The map of the main edition, and the small ones by squares."""
    assert found.latest is not None
    store = open_store(settings.RASTER_STORE)
    slug = found.latest.edition.slug
    cover: Drawn = land_cover(found, slug=slug, store=store, picture_name="report:cover.png")
    change = found.change
    pair = (
        (change.earlier.slug, change.later.slug) if change and change.net_ha is not None else None
    )
    share, change_map = square_maps(
        found,
        latest=slug,
        pair=pair,
        store=store,
        share_name="report:share.png",
        change_name="report:change.png",
    )
    parts = {
        "cover.png": cover.picture,
        "cover.svg": cover.drawing.encode(),
        "share.png": share.picture,
        "share.svg": share.drawing.encode(),
    }
    if change_map is not None:
        parts |= {"change.png": change_map.picture, "change.svg": change_map.drawing.encode()}
    return {"cover": cover, "share": share, "change": change_map, "parts": parts}


def _context(
    report: Report, found: Content, maps: dict[str, Any] | None, drawn: dict[str, Chart]
) -> dict[str, Any]:
    latest, change = found.latest, found.change
    editions: tuple[Edition, ...] = found.editions
    links: Links = links_of(report, found)
    share_map: SquareMap | None = maps["share"] if maps else None
    return {
        "report": report,
        "demonstration": settings.DEMONSTRATION,
        "content": found,
        "territory": found.territory,
        "editions": editions,
        "edition": latest.edition if latest else None,
        "latest": latest,
        "figures": found.figures,
        "around": next(
            (i for i in found.around if latest and i.edition.id == latest.edition.id), None
        ),
        "change": change,
        "changes": found.changes,
        "listed": found.listed,
        "maps": maps,
        "square_metres": share_map.side_metres if share_map else None,
        "charts": drawn,
        "class_legend": class_legend(latest) if latest else (),
        "share_legend": share_legend(),
        "change_legend": change_legend(),
        "about_share": sentences.about_share(
            found.territory.name, found.figures, found.series, change
        ),
        "about_change": sentences.about_change(change) if change else "",
        "about_gain": sentences.about_gain(change) if change else "",
        "about_loss": sentences.about_loss(change) if change else "",
        "citation": citation(editions),
        "links": links,
        "title": _("Soil sealing in %(name)s") % {"name": found.territory.name},
        "published_at": max((e.published_at for e in editions if e.published_at), default=None),
    }
