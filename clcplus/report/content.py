"""The figures of a report, read from one snapshot of the published data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.conf import settings
from sqlalchemy import Connection

from analytics import indicators, queries
from analytics.figures import Change, PerInhabitant, Statistics
from analytics.main_editions import main_edition, main_pair
from analytics.queries import Standing, level_table
from analytics.records import Edition, StoredTile, Territory
from clcplus import origins
from clcplus.borrowed_accuracy import with_borrowed
from clcplus.errors import Outdated
from clcplus.models import Report
from clcplus.presentation.classes import ClassRow, class_rows
from clcplus.presentation.indicators import WrittenFigure, further
from clcplus.presentation.outline import Outline, outline
from clcplus.presentation.rows import TiedRank, rows_of, sort_rows, tied_ranks
from clcplus.presentation.series import SeriesFigures, series_around
from clcplus.report.frame import Frame, frame_of
from clcplus.snapshots import Snapshot

ROWS = 25
"""Territories that are listed; the whole table is a file of its own."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that a report says, before it is drawn and set."""

    territory: Territory
    area_km2: float
    figures: tuple[Statistics, ...]
    around: Statistics | None
    """Of the territory that holds it, in the main edition."""
    series: SeriesFigures | None
    series_around: SeriesFigures | None
    """Of the territory that holds it."""
    latest: Statistics | None
    changes: tuple[Change, ...]
    change: Change | None
    per_inhabitant: PerInhabitant | None
    rank: TiedRank | None
    class_rows: tuple[ClassRow, ...]
    missing_rows: tuple[ClassRow, ...]
    listed: dict[str, Any] | None
    """The territories below, or those next to it in the ranking; the first of ``total``."""
    place: Outline | None
    """Where it lies in the highest territory that holds it."""
    frame: Frame
    shape: Any
    """The territory as it was counted, in EPSG:3035 (a shapely geometry)."""
    tiles: dict[str, tuple[StoredTile, ...]]
    """By edition's slug, those that share a cell with the frame."""

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The published editions, in the order of their years."""
        return tuple(item.edition for item in self.figures)

    @property
    def further(self) -> tuple[WrittenFigure, ...]:
        """Indicators that the report has no place of their own for."""
        return further(self.latest, self.change)

    @property
    def partly(self) -> bool:
        """Whether an edition has observed clearly less of the territory than another."""
        return any(item.partly for item in self.figures)

    @property
    def seen(self) -> bool:
        """Whether any edition has observed a cell of the territory."""
        return any(item.share is not None for item in self.figures)


def read(snapshot: Snapshot, report: Report) -> Content:
    """What a report is to say. Raises Outdated where more has been published since it was asked
    for: its address stands for the former figures, which cannot be had any more."""
    connection, now = snapshot.connection, str(snapshot.data)
    if now != report.data:
        raise Outdated(
            "the published data", found=f"version {now}", expected=f"version {report.data}"
        )
    territory = queries.territory(
        connection, level=report.level, code=report.code, vintage=report.vintage
    )
    if territory is None:
        raise Outdated(
            f"{report.level}/{report.code}", found="nothing", expected="a published territory"
        )
    figures = list(map(with_borrowed, queries.statistics(connection, zone_id=territory.id)))
    editions = [item.edition for item in figures]
    edition = main_edition(editions)
    changes = queries.changes(connection, zone_id=territory.id)
    asked = report.earlier, report.later
    change = next((c for c in changes if (c.earlier.slug, c.later.slug) == asked), None)
    # Who has a report made of a pair across origins was told on the page what that means.
    changes = origins.shown(changes, across=change is not None and change.across_origins)
    latest = next((i for i in figures if edition and i.edition.id == edition.id), None)
    rows, missing = class_rows(figures)
    series, series_around_it = series_around(connection, territory, editions)
    around: Sequence[Statistics] = ()
    if territory.parent is not None:
        around = queries.statistics(connection, zone_id=territory.parent.id)
    place = queries.geometry(connection, zone_id=territory.id)
    highest = None
    if territory.ancestors:
        highest = queries.geometry(connection, zone_id=territory.ancestors[0].id)
    shape = shapely.from_wkb(queries.exact_shape(connection, zone_id=territory.id))
    frame = frame_of(shape)
    return Content(
        territory=territory,
        area_km2=indicators.square_kilometres(territory.cells),
        figures=tuple(figures),
        around=next((i for i in around if edition and i.edition.id == edition.id), None),
        series=series,
        series_around=series_around_it,
        latest=latest,
        changes=tuple(changes),
        change=change,
        per_inhabitant=latest.per_inhabitant(territory.inhabitants) if latest else None,
        rank=_rank(connection, territory, editions, edition),
        class_rows=rows,
        missing_rows=missing,
        listed=_listed(connection, territory, edition, change) if edition else None,
        place=outline(place, around=highest),
        frame=frame,
        shape=shape,
        tiles={
            item.slug: tuple(
                queries.edition_tiles(connection, edition_id=item.id, window=frame.window)
            )
            for item in editions
        },
    )


def _rank(
    connection: Connection,
    territory: Territory,
    editions: Sequence[Edition],
    edition: Edition | None,
) -> TiedRank | None:
    if edition is None or not territory.current:
        return None
    pair = main_pair(editions) or ()
    ids = (pair[0].id, pair[1].id) if pair else None
    table = level_table(connection, level=territory.level, edition_id=edition.id, pair=ids)
    standing = Standing(table, edition, pair, country=settings.CLCPLUS_COUNTRY)
    return tied_ranks(standing, [territory.id]).get(territory.id)


def _listed(
    connection: Connection, territory: Territory, edition: Edition, change: Change | None
) -> dict[str, Any] | None:
    levels = queries.levels(connection)
    below = next((level for level in levels if level.parent == territory.level), None)
    level = below or next((level for level in levels if level.slug == territory.level), None)
    query = queries.children if below else queries.peers
    found = query(connection, zone_id=territory.id, edition_id=edition.id)
    if not found or level is None:
        return None
    first = sort_rows(rows_of(found), "-share")[:ROWS] if below else rows_of(found)
    changed = {}
    if change is not None and territory.current:
        wanted = {row.link.code for row in first}
        changed = {
            zone.code: found
            for zone, found in queries.bulk_change(
                connection, level=level.slug, earlier=change.earlier, later=change.later
            )
            if zone.code in wanted
        }
    rows = tuple(rows_of(first, changed))
    return {"level": level, "below": below is not None, "rows": rows, "total": len(found)}
