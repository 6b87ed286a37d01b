"""Which tiles a run has to work on, for which layers, and which editions it compares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from analytics.grid import StoreTile, Window
from clcplus.models import Edition, EditionTile, Layer, Run, Unit

COUNTED = (
    Edition.Status.LOADED,
    Edition.Status.PUBLISHED,
    Edition.Status.SUPERSEDED,
    Edition.Status.WITHDRAWN,
)
REPLACED = (Edition.Status.SUPERSEDED, Edition.Status.WITHDRAWN)
"""Of editions that stand no longer beside others."""


def counted_editions() -> list[Edition]:
    """Editions whose counts are complete, in the order of their years."""
    return list(
        Edition.objects.filter(loaded_at__isnull=False, status__in=COUNTED).order_by(
            "year", "version"
        )
    )


def comparable(edition: Edition, others: Sequence[Edition]) -> list[int]:
    """Those of ``others`` that a change can be counted with: of another year."""
    return [other.pk for other in others if other.year != edition.year]


def touched_tiles(candidates: Sequence[StoreTile], *, layers: Sequence[int]) -> set[str]:
    """Names of those tiles in which a zone of the layers lies, in part or in whole."""
    if not candidates:
        return set()
    values = ", ".join(["(%s, ST_MakeEnvelope(%s, %s, %s, %s, 3035))"] * len(candidates))
    parameters: list[Any] = []
    for tile in candidates:
        parameters += [tile.name, *tile.window.bounds]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.name FROM (VALUES {values}) AS t(name, area) WHERE EXISTS ("
            " SELECT FROM clcplus_zone z WHERE z.layer_id = ANY(%s)"
            " AND ST_Intersects(z.geometry, t.area))",
            [*parameters, list(layers)],
        )
        return {name for (name,) in cursor.fetchall()}


def window_in_tile(extents: Sequence[Window], tile: StoreTile) -> Window | None:
    """The cells of a tile that a COG of it has to hold, in whole kilometres; None for none."""
    covered: Window | None = None
    for extent in extents:
        part = extent.intersection(tile.window)
        if part is not None:
            covered = part if covered is None else covered.union(part)
    return covered.snapped(100).intersection(tile.window) if covered else None


def layers_of_territories() -> list[int]:
    """Layers that each edition is counted for as it is ingested; custom zones follow later."""
    return list(Layer.objects.filter(level__custom=False).values_list("pk", flat=True))


def counted_layers(layer_ids: Sequence[int]) -> list[int]:
    """Those layers that are counted cell by cell: the others are the sums of their children."""
    return list(
        Layer.objects.filter(pk__in=layer_ids, aggregated=False).values_list("pk", flat=True)
    )


def plan_count(run: Run, *, editions: Sequence[Edition]) -> list[Unit]:
    """Units that count a layer in every edition: one for each stored tile that it touches."""
    layers = counted_layers([run.layer_id] if run.layer_id else [])
    if not layers:
        return []
    units: list[Unit] = []
    for edition in editions:
        stored = list(EditionTile.objects.filter(edition=edition))
        names = touched_tiles([StoreTile.from_name(t.name) for t in stored], layers=layers)
        earlier = [e for e in editions if e.order < edition.order]
        units += [
            Unit(
                run=run,
                edition=edition,
                tile=tile.name,
                compare_with=comparable(edition, earlier),
                cells=tile.height * tile.width,
            )
            for tile in stored
            if tile.name in names
        ]
    return units
