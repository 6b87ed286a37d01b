"""Figures of an area: counted in the editions that a request asks for, from one snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import shapely
from django.conf import settings
from django.http import HttpRequest
from sqlalchemy import Connection

from analytics import queries
from analytics.change import patterns
from analytics.custom_zones import SMALL_M2, ZoneCounts, count_zone, sum_fractions_of_zone
from analytics.figures import Change, CoverageFigures, Statistics
from analytics.nomenclature import CODES, OUTSIDE
from analytics.queries import (
    change_of_matrix,
    filtered_of_cells,
    mark_partly_observed,
    series_of_cells,
    statistics_of_cells,
)
from analytics.rasters import open_store
from analytics.records import Edition, Series
from clcplus import origins, snapshots
from clcplus.areas.posted_area import PostedArea
from clcplus.http import parameters
from clcplus.http.errors import BadParameter, Finding, NothingHere, UncountableArea
from clcplus.snapshots import Snapshot

FEW_CELLS = 100
"""Below this number of cells an answer warns that a cell more or less is seen."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Editions to count, and the pairs of them to compare, earlier first."""

    editions: Sequence[Edition]
    pairs: Sequence[tuple[Edition, Edition]]


def asked(request: HttpRequest, connection: Connection) -> Asked:
    """What a request asks for: by default all published editions, and all pairs of a product and,
    unless it asks for others, of an origin."""
    across = parameters.across_origins(request)
    published = queries.editions(connection)
    if not published:
        raise NothingHere("no edition is published", published=[])
    chosen = published
    if "editions" in request.GET:
        named = request.GET["editions"].split(",")
        if len(named) > len(published):
            raise BadParameter(
                "editions", found=f"{len(named)} names", allowed=f"at most {len(published)}"
            )
        ids = {parameters.edition(published, name).id for name in named}
        chosen = [edition for edition in published if edition.id in ids]
    if "from" in request.GET or "to" in request.GET:
        pair = parameters.pair(request, chosen)
        return Asked(chosen, [pair])
    return Asked(chosen, list(origins.pairs(chosen, across=across)))


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of an area; ``covered`` are those of a small one by the rule
    *coverage*, by edition."""

    wanted: Asked
    counts: ZoneCounts
    covered: dict[int, CoverageFigures] | None
    made_of: str
    """A hash of the data and the code that the figures are made of."""
    presets: Mapping[queries.Ids, Sequence[str]]
    """The filters by which the change of each pair was filtered."""

    @property
    def statistics(self) -> list[Statistics]:
        """In the order of the editions."""
        return mark_partly_observed(
            statistics_of_cells(edition, self.counts.cells[edition.id].tolist())
            for edition in self.wanted.editions
        )

    @property
    def series(self) -> tuple[Series, ...] | None:
        """Like for like, a series for each product and origin; None where the published cells are
        not counted over all editions yet."""
        return series_of_cells(
            self.counts.patterns,
            observed={record.edition: record.observed for record in self.statistics},
        )

    @property
    def changes(self) -> list[Change]:
        """In the order of the pairs; with what the filters leave, where the pair was filtered."""
        return [self._change(earlier, later) for earlier, later in self.wanted.pairs]

    def _change(self, earlier: Edition, later: Edition) -> Change:
        ids = earlier.id, later.id
        found = change_of_matrix(earlier, later, self.counts.matrices[ids].ravel().tolist())
        if not found.observed or ids not in self.counts.filtered:
            return found
        return replace(
            found, filtered=filtered_of_cells(self.counts.filtered[ids], self.presets[ids])
        )


def figures_of(request: HttpRequest, area: PostedArea) -> Figures:
    """The figures of an area, from one snapshot."""
    with snapshots.opened() as snapshot:
        return figures_in(request, snapshot, area)


def figures_in(request: HttpRequest, snapshot: Snapshot, area: PostedArea) -> Figures:
    """The figures of an area from an open snapshot."""
    connection = snapshot.connection
    store = open_store(settings.RASTER_STORE)
    wanted = asked(request, connection)
    ids = [edition.id for edition in wanted.editions]
    pairs = [(earlier.id, later.id) for earlier, later in wanted.pairs]
    masks = queries.change_masks(connection)
    counts = count_zone(
        connection,
        area.geometry,
        store=store,
        edition_ids=ids,
        pairs=pairs,
        masks={pair: masks[pair] for pair in pairs if pair in masks},
        lines=[[edition.id for edition in line] for line in patterns.lines(wanted.editions)],
    )
    _check_coverage(connection, area, wanted, counts)
    covered = None
    if shapely.area(area.geometry) < SMALL_M2:
        found = sum_fractions_of_zone(connection, area.geometry, store=store, edition_ids=ids)
        covered = {number: CoverageFigures(cells.tolist()) for number, cells in found.items()}
    return Figures(wanted, counts, covered, snapshot.digest(), queries.filtered_pairs(connection))


def _check_coverage(
    connection: Connection, area: PostedArea, wanted: Asked, counts: ZoneCounts
) -> None:
    """Refuse an area of which no edition has a cell."""
    outside = CODES.index(OUTSIDE)
    if any(counts.cells[edition.id][:outside].any() for edition in wanted.editions):
        return
    bounds = [
        found
        for edition in wanted.editions
        if (found := queries.edition_bounds(connection, edition_id=edition.id)) is not None
    ]
    west, south, east, north = area.bounds
    own, turned = shapely.box(*area.bounds), shapely.box(south, west, north, east)
    boxes = [shapely.box(*covered) for covered in bounds]
    if any(shapely.intersects(box, own) for box in boxes):
        # Within an edition, and no cell of it observed: that is an answer.
        return
    shown = ", ".join(f"{value:.6g}" for value in area.bounds)
    swapped = any(shapely.intersects(box, turned) for box in boxes)
    raise UncountableArea(
        [
            Finding(
                "",
                f"an area within [{shown}], of which no edition has a cell",
                "an area that one of the editions covers",
                "Are the axes swapped? GeoJSON has longitude first"
                if swapped
                else "See /api/v1/levels/ for where there are data",
            )
        ],
        swapped_axes_suspected=swapped,
        covered=[list(covered) for covered in bounds],
    )
