"""The draw of a reference sample: its points, its strata, and the strata of the zones in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from analytics.arrays import Int64Array
from analytics.counting import scanline
from analytics.grid import CELL_SIZE, EPSG
from analytics.rasters import RasterGrid, open_store
from analytics.sampling import allocation, draws, row_blocks, samples, zone_strata
from analytics.sampling import strata as schemes
from clcplus.actions.editions.mosaics import edition_grids
from clcplus.database.bulk_copy import as_array, copy_rows
from clcplus.jobs import runs
from clcplus.jobs.kinds import Attempt
from clcplus.jobs.runs import Progress
from clcplus.models import ReferenceSample, Run, SamplePoint, SampleStratum, Zone, ZoneStrata

_OPINION_STREAM = 5
"""Tells the points with second opinions apart from what the engine draws with the same seed."""
_SLACK = CELL_SIZE / 2
"""Metres by which a zone may reach beyond the territory that it lies in: levels that come from
different sources do not share their borders to the last digit."""

Design = ReferenceSample.Design


def work(attempt: Attempt) -> bool:
    """Draw the sample of a run and store it in one transaction. The same seed draws the same points
    again, so that a killed run is done anew. Returns False if the run was cancelled. Raises
    EndedRun."""
    run = Run.objects.get(pk=attempt.number)
    related = ("earlier", "later", "territory")
    sample = (
        ReferenceSample.objects.select_related(*related).filter(pk=run.parameters["sample"]).first()
    )
    if sample is None:
        runs.fail(run.pk, "the sample was deleted")
        return False
    Run.objects.filter(pk=run.pk).update(message="")
    editions = [edition for edition in (sample.earlier, sample.later) if edition is not None]
    with edition_grids(editions, store=open_store(settings.RASTER_STORE)) as grids:
        area = row_blocks.Area(grids, _edges(sample.territory, grids[0]))
        passes = _Passes(run, area)
        scheme = _scheme(sample)
        drawn = _drawn(sample, area, scheme, passes)
        zone_ids, zones = _zones_in(sample.territory, area)
        counts = zone_strata.count_zones(grids, scheme, zones, progress=passes.next())
    return _store(run, sample, drawn, zone_ids=zone_ids, counts=counts)


class _Passes:
    """Progress of the passes over the area's cells."""

    def __init__(self, run: Run, area: row_blocks.Area) -> None:
        self._progress = Progress(run)
        self._cells = area.window().cells
        self._begun = 0
        self.expected = 2

    def next(self) -> Callable[[int, int], None]:
        """The progress of a pass that begins."""
        before, self._begun = self._begun, self._begun + 1

        def note(done: int, of: int) -> None:
            cells = self._cells * (before * of + done) // max(of, 1)
            # The end of the run stores the rest.
            self._progress.go_on(
                min(cells, self._cells * self.expected - 1), self._cells * self.expected
            )

        return note


def _scheme(sample: ReferenceSample) -> schemes.Scheme:
    if sample.design != Design.STRATIFIED:
        return schemes.OBSERVED
    editions = 1 if sample.earlier_id is None else 2
    return schemes.scheme_of(
        editions, buffer=sample.buffer_m, cell_width=CELL_SIZE, cell_height=CELL_SIZE
    )


def _drawn(
    sample: ReferenceSample, area: row_blocks.Area, scheme: schemes.Scheme, passes: _Passes
) -> samples.Sample:
    points, seed, options = sample.points_total, sample.seed, sample.options
    if sample.design == Design.SYSTEMATIC:
        passes.expected = 3
        (whole,) = draws.sizes_of(area, schemes.OBSERVED, draws.Work(progress=passes.next()))
        step = draws.step_for(points, whole.cells)
        return draws.systematic(area, step=step, seed=seed, work=draws.Work(progress=passes.next()))
    if sample.design == Design.TWO_STAGE:
        return draws.two_stage(
            area,
            side=round(options["unit_km"] * 1000 / CELL_SIZE),
            units=options["units"],
            points=-(-points // options["units"]),
            seed=seed,
            work=draws.Work(progress=passes.next()),
        )
    simple = sample.design == Design.SIMPLE

    def allocate(sizes: list[int]) -> list[int]:
        if simple:
            return allocation.allocated(points, sizes, rule="proportional", minimum=0)
        return allocation.allocated(
            points,
            sizes,
            rule=options["allocation"],
            minimum=options["minimum"],
            names=scheme.names,
        )

    return draws.stratified(
        area,
        scheme,
        most=[points] * len(scheme.names),
        allocate=allocate,
        seed=seed,
        work=draws.Work(progress=passes.next()),
    )


def _edges(territory: Zone | None, grid: RasterGrid) -> Any:
    if territory is None:
        return None
    geometry = shapely.from_wkb(bytes(territory.geometry.wkb))
    return scanline.edges_of([geometry], **grid.placement)


def _zones_in(
    territory: Zone | None, area: row_blocks.Area
) -> tuple[list[int], npt.NDArray[np.object_]]:
    """Ids and geometries of the territories that readers know and that lie in the sample's."""
    rows = _zones_of_territory(territory) if territory else _zones_of_raster(area.grids[0])
    geometries = np.empty(len(rows), dtype=object)
    geometries[:] = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
    return [zone_id for zone_id, _ in rows], geometries


_KNOWN = (
    "FROM clcplus_zone z JOIN clcplus_layer l ON l.id = z.layer_id"
    " JOIN clcplus_level v ON v.id = l.level_id"
)


def _zones_of_territory(territory: Zone) -> list[tuple[int, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH whole AS MATERIALIZED (SELECT ST_Buffer(geometry, %s) AS area"
            " FROM clcplus_zone WHERE id = %s)"
            f" SELECT z.id, ST_AsBinary(z.geometry) {_KNOWN}, whole"
            " WHERE z.id = %s OR (l.active AND NOT v.custom AND z.geometry && whole.area"
            " AND ST_CoveredBy(z.geometry, whole.area)) ORDER BY z.id",
            [_SLACK, territory.pk, territory.pk],
        )
        return list(cursor.fetchall())


def _zones_of_raster(grid: RasterGrid) -> list[tuple[int, Any]]:
    east = grid.x_origin + grid.width * grid.cell_width
    south = grid.y_origin - grid.height * grid.cell_height
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT z.id, ST_AsBinary(z.geometry) {_KNOWN} WHERE l.active AND NOT v.custom"
            " AND z.geometry && ST_MakeEnvelope(%s, %s, %s, %s, %s) ORDER BY z.id",
            [grid.x_origin, south, east, grid.y_origin, EPSG],
        )
        return list(cursor.fetchall())


def _store(
    run: Run,
    sample: ReferenceSample,
    drawn: samples.Sample,
    *,
    zone_ids: Sequence[int],
    counts: Int64Array,
) -> bool:
    """Store what was drawn in place of what an earlier attempt has stored, and end the run."""
    with transaction.atomic():
        if not runs.hold_open(run.pk):
            return False
        held = ReferenceSample.objects.select_for_update().filter(pk=sample.pk).first()
        if held is None or held.stage != ReferenceSample.Stage.DRAWING:
            runs.fail(run.pk, "the sample was deleted, or drawn before")
            return False
        SampleStratum.objects.filter(sample=sample).delete()
        ZoneStrata.objects.filter(sample=sample).delete()
        strata = SampleStratum.objects.bulk_create(
            SampleStratum(
                sample=sample, place=place, name=one.name, cells=one.cells, points=one.points
            )
            for place, one in enumerate(drawn.strata)
        )
        copy_rows(SamplePoint._meta.db_table, _COLUMNS, _rows(sample, drawn, strata))
        copy_rows(
            ZoneStrata._meta.db_table,
            ("sample_id", "zone_id", "cells"),
            (
                (sample.pk, zone_id, as_array(cells))
                for zone_id, cells in zip(zone_ids, counts.tolist(), strict=True)
                if any(cells)
            ),
        )
        held.points_total = len(drawn)
        held.stage = ReferenceSample.Stage.LABELLING
        held.save(update_fields=("points_total", "stage"))
        runs.succeed(run.pk, cells_done=F("cells_total"))
    return True


_COLUMNS = (
    "sample_id",
    "number",
    "stratum_id",
    "location",
    "map_earlier",
    "map_later",
    "probability",
    "unit",
    "opinions",
)


def _rows(
    sample: ReferenceSample, drawn: samples.Sample, strata: Sequence[SampleStratum]
) -> Iterator[tuple[Any, ...]]:
    points = shapely.set_srid(shapely.points(*drawn.eastings_northings()), EPSG)
    pair = drawn.editions == 2
    generator = np.random.default_rng([sample.seed, _OPINION_STREAM])
    second = round(sample.second_opinion * len(drawn))
    opinions = np.ones(len(drawn), dtype=np.int64)
    opinions[generator.choice(len(drawn), second, replace=False)] = 2
    for number, (stratum, location, earlier, later, probability, unit, wanted) in enumerate(
        zip(
            drawn.stratum.tolist(),
            shapely.to_wkb(points, hex=True, include_srid=True).tolist(),
            drawn.earlier.tolist(),
            drawn.later.tolist(),
            drawn.probability.tolist(),
            drawn.unit.tolist(),
            opinions.tolist(),
            strict=True,
        ),
        start=1,
    ):
        yield (
            sample.pk,
            number,
            strata[stratum].pk,
            location,
            earlier if pair else None,
            later,
            probability,
            unit,
            wanted,
        )
