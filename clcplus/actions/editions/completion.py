"""Finalise a run: add up what its units counted, check it, and make it ready to be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from analytics.counting import overview
from analytics.grid import Window
from analytics.nomenclature import CODES, OBSERVED_CODES
from analytics.rasters import open_store
from clcplus.actions import audit
from clcplus.actions.change import filter_plans
from clcplus.actions.checks import requests as checks
from clcplus.actions.editions import publication, series_sums, stored_tiles, tile_plans
from clcplus.actions.zone_sets import computation
from clcplus.database import locks
from clcplus.errors import BrokenInvariant
from clcplus.jobs import queue, runs, states
from clcplus.models import (
    ChangePart,
    Edition,
    EditionTile,
    Layer,
    Publication,
    Run,
    StatisticsPart,
    Unit,
)

_NO_DATA_POSITION = len(CODES)
_WORK_MEMORY = "128MB"
"""Of PostgreSQL, for a step of the sums: the change of all communes of a large country."""


def _elements(column: str, number: int, *, template: str, separator: str) -> str:
    """An expression in every element of an array: PostgreSQL then neither unfolds the array into
    rows nor puts it together again, which takes ten times as long."""
    return separator.join(template.format(f"{column}[{n}]") for n in range(1, number + 1))


def _sums(column: str, number: int) -> str:
    elements = _elements(column, number, template="sum({})", separator=", ")
    return f"ARRAY[{elements}]::bigint[]"


def _total(column: str) -> str:
    return _elements(column, len(CODES), template="{}::bigint", separator=" + ")


# Most zones lie in one tile, and their counts need no sum. What a zone has beyond the tiles of the
# edition was not observed: "no data", the last position.
_SUM_STATISTICS = f"""
WITH parts AS (
    SELECT {{key}} AS zone_id, part.cells, count(*) OVER (PARTITION BY {{key}}) AS number
    FROM {{source}} WHERE part.edition_id = %(edition)s AND {{condition}}
), sums AS (
    SELECT zone_id, {_sums("cells", len(CODES))} AS cells FROM parts WHERE number > 1 GROUP BY 1
    UNION ALL SELECT zone_id, cells FROM parts WHERE number = 1
)
INSERT INTO clcplus_zonestatistics (edition_id, zone_id, cells)
SELECT %(edition)s, zone.id, sums.cells[:%(no_data)s - 1]
    || sums.cells[%(no_data)s] + zone.cells - ({_total("sums.cells")})
FROM sums JOIN clcplus_zone zone ON zone.id = sums.zone_id
ON CONFLICT (edition_id, zone_id) DO UPDATE SET cells = EXCLUDED.cells
"""
_SUM_CHANGE = f"""
WITH parts AS (
    SELECT part.earlier_id, part.later_id, {{key}} AS zone_id, part.matrix,
        count(*) OVER (PARTITION BY part.earlier_id, part.later_id, {{key}}) AS number
    FROM {{source}}
    WHERE (part.earlier_id, part.later_id) IN (SELECT * FROM unnest(%(earlier)s, %(later)s))
        AND {{condition}}
)
INSERT INTO clcplus_zonechange (earlier_id, later_id, zone_id, matrix)
SELECT earlier_id, later_id, zone_id, {_sums("matrix", len(OBSERVED_CODES) ** 2)}
    FROM parts WHERE number > 1 GROUP BY 1, 2, 3
UNION ALL SELECT earlier_id, later_id, zone_id, matrix FROM parts WHERE number = 1
ON CONFLICT (earlier_id, later_id, zone_id) DO UPDATE SET matrix = EXCLUDED.matrix
"""
_FROM_PARTS = {
    "key": "part.zone_id",
    "condition": "part.zone_id IN (SELECT id FROM clcplus_zone WHERE layer_id = ANY(%(layers)s))",
}
_FROM_CHILDREN = {
    "key": "child.parent_id",
    "condition": "child.parent_id IN"
    " (SELECT id FROM clcplus_zone WHERE layer_id = ANY(%(layers)s))",
}


def finalise(run_id: Any) -> None:
    """End a run whose units are all done; one that is not is left as it is.

    One transaction writes the statistics, checks them, marks the edition loaded or the layer active
    and, where it was asked for, publishes. Raises BrokenInvariant where counts contradict.
    """
    run = Run.objects.select_related("edition", "layer").get(pk=run_id)
    if run.state not in states.OPEN:
        return
    if Unit.objects.filter(run=run).exclude(state=Unit.State.DONE).exists():
        return
    with ThreadPoolExecutor(max_workers=1) as beside, transaction.atomic():
        # It takes about as long as the sums, and leaves the database alone.
        overview_key: Future[str] | None = None
        if run.edition is not None:
            pieces = _overviews(run.edition)
            overview_key = beside.submit(_write_overview, run.edition.slug, pieces)
        # One at a time, so that two editions loaded at once are still compared with each other.
        locks.lock_until_commit(locks.Kind.FINALISE)
        if run.kind == Run.Kind.SERIES:
            _complete_series(run)
        elif _extend(run):
            return
        else:
            _sum_up(run)
        if run.edition is not None and overview_key is not None:
            _finish_edition(run, run.edition, overview_key=overview_key.result())
        elif run.layer is not None:
            activate_layer(layer=run.layer, by=run.requested_by)
        runs.succeed(run.pk)


def activate_layer(*, layer: Layer, by: Any = None) -> None:
    """Show a layer, whose statistics are complete, to readers; part of the open transaction."""
    layer.active = True
    layer.save(update_fields=("active",))
    audit.publish_data(Publication.Event.ZONES, subject=str(layer), by=by)
    transaction.on_commit(filter_plans.plan_missed, robust=True)


def _extend(run: Run) -> bool:
    """Plan what became countable while the run was under way; whether there is any."""
    counted = tile_plans.counted_editions()
    if run.edition is not None:
        layers = tile_plans.layers_of_territories()
        compare_with = tile_plans.comparable(run.edition, counted)
        known = Unit.objects.filter(run=run).first()
        if set(layers) <= set(run.parameters["layers"]) and (
            known is None or set(compare_with) <= set(known.compare_with)
        ):
            return False
        run.parameters["layers"] = layers
        row = states.transition(states.Event.EXTEND, table=states.UNIT)
        Unit.objects.filter(run=run).update(state=row.target, attempts=0, compare_with=compare_with)
    else:
        planned = tile_plans.plan_count(run, editions=counted)
        present = {
            (unit.edition_id, unit.tile): set(unit.compare_with)
            for unit in Unit.objects.filter(run=run)
        }
        if all(
            (unit.edition_id, unit.tile) in present
            and set(unit.compare_with) <= present[unit.edition_id, unit.tile]
            for unit in planned
        ):
            return False
        Unit.objects.filter(run=run).delete()
        Unit.objects.bulk_create(planned)
        run.units_total = len(planned)
        run.cells_total = sum(unit.cells for unit in planned)
    run.units_done = 0
    run.cells_done = 0
    run.save(
        update_fields=(
            "parameters",
            "units_total",
            "units_done",
            "cells_total",
            "cells_done",
            "updated_at",
        )
    )
    queue.send_waiting(run.kind, run.pk)
    return True


def _sum_up(run: Run) -> None:
    """Statistics and change of every zone of the run's layers, from the lowest level upwards."""
    layer_ids = run.parameters["layers"]
    edition_ids, pairs = _counted(run)
    counted = tile_plans.counted_layers(layer_ids)
    _check_parts(edition_ids, counted)
    aggregated = Layer.objects.filter(pk__in=layer_ids, aggregated=True).order_by("-level__rank")
    with connection.cursor() as cursor:
        # Nobody has told the planner yet how much was copied: it would join row by row.
        cursor.execute(
            "ANALYZE clcplus_statisticspart (edition_id, zone_id),"
            " clcplus_changepart (earlier_id, later_id, zone_id),"
            " clcplus_zone (id, layer_id, parent_id)"
        )
        cursor.execute(f"SET LOCAL work_mem = '{_WORK_MEMORY}'")
        steps = [(counted, False), *(([layer.pk], True) for layer in aggregated)]
        for layers, from_children in steps:
            pieces = _FROM_CHILDREN if from_children else _FROM_PARTS
            for edition_id in edition_ids:
                source = (
                    "clcplus_zonestatistics part"
                    if from_children
                    else "clcplus_statisticspart part"
                )
                cursor.execute(
                    _SUM_STATISTICS.format(source=_joined(source, from_children), **pieces),
                    {"edition": edition_id, "layers": layers, "no_data": _NO_DATA_POSITION},
                )
            if pairs:
                source = "clcplus_zonechange part" if from_children else "clcplus_changepart part"
                cursor.execute(
                    _SUM_CHANGE.format(source=_joined(source, from_children), **pieces),
                    {
                        "earlier": [earlier for earlier, _ in pairs],
                        "later": [later for _, later in pairs],
                        "layers": layers,
                    },
                )
    StatisticsPart.objects.filter(edition__in=edition_ids, zone__layer__in=layer_ids).delete()
    for earlier, later in pairs:
        ChangePart.objects.filter(earlier=earlier, later=later, zone__layer__in=layer_ids).delete()
    series_sums.complete(layers=layer_ids, edition_ids=edition_ids, pairs=pairs)


def _complete_series(run: Run) -> None:
    """Series of the editions that were loaded before there were any: readers see them at once."""
    edition_ids, pairs = _counted(run)
    series_sums.complete(layers=run.parameters["layers"], edition_ids=edition_ids, pairs=pairs)
    audit.publish_data(Publication.Event.SERIES, subject="all zones", by=run.requested_by)
    # Those of custom zones need the running sums that this run has counted.
    transaction.on_commit(computation.after_publication, robust=True)


def _joined(source: str, from_children: bool) -> str:
    return (
        f"{source} JOIN clcplus_zone child ON child.id = part.zone_id" if from_children else source
    )


def _counted(run: Run) -> tuple[list[int], list[tuple[int, int]]]:
    """Editions, and pairs of an earlier and a later edition, that the run has counted."""
    if run.edition is not None:
        edition_ids = [run.edition.pk]
        unit = Unit.objects.filter(run=run).first()
        couples = [(run.edition.pk, other) for other in unit.compare_with] if unit else []
    else:
        counted = tile_plans.counted_editions()
        edition_ids = [edition.pk for edition in counted]
        couples = [
            (edition.pk, other)
            for position, edition in enumerate(counted)
            for other in tile_plans.comparable(edition, counted[:position])
        ]
    order = {edition.pk: edition.order for edition in Edition.objects.all()}
    return edition_ids, [(a, b) if order[a] < order[b] else (b, a) for a, b in couples]


def _check_parts(edition_ids: Sequence[int], layers: Sequence[int]) -> None:
    """No zone has more cells than its geometry holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT zone.code, zone.cells, sum({_total('part.cells')})"
            " FROM clcplus_statisticspart part JOIN clcplus_zone zone ON zone.id = part.zone_id"
            " WHERE part.edition_id = ANY(%s) AND zone.layer_id = ANY(%s)"
            f" GROUP BY part.edition_id, zone.id HAVING sum({_total('part.cells')}) > zone.cells"
            " LIMIT 1",
            [list(edition_ids), list(layers)],
        )
        row = cursor.fetchone()
    if row is not None:
        raise BrokenInvariant(
            f"zone {row[0]}", found=f"{row[2]} cells counted", expected=f"at most {row[1]}"
        )


def _finish_edition(run: Run, edition: Edition, *, overview_key: str) -> None:
    edition.overview_key = overview_key
    edition.loaded_at = timezone.now()
    if edition.status == Edition.Status.REGISTERED:
        edition.status = Edition.Status.LOADED
    edition.save(update_fields=("overview_key", "loaded_at", "status"))
    transaction.on_commit(filter_plans.plan_missed, robust=True)
    checks.request_check(edition, by=run.requested_by)
    if run.publish:
        publication.publish_edition(slug=edition.slug, by=run.requested_by)


def _overviews(edition: Edition) -> dict[str, Window]:
    """Keys of the overviews of an edition's tiles, and where they lie."""
    return {
        tile.overview_key: stored_tiles.window_of(tile)
        for tile in EditionTile.objects.filter(edition=edition)
    }


def _write_overview(slug: str, pieces: Mapping[str, Window]) -> str:
    """Join the tiles' overviews of sealed share into one raster of the store; its key."""
    store = open_store(settings.RASTER_STORE)
    with TemporaryDirectory(prefix="clcplus-overview-") as folder:
        path = Path(folder, "overview.tif")
        digest = overview.mosaic(pieces, store=store, path=path)
        key = f"{slug}/share-{digest[:16]}.tif"
        store.put(path, key)
    return key
