"""Layers of custom zones as an accepted set has them, and runs that count them in this process."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from django.contrib.auth.models import User
from django.contrib.gis.geos import GEOSGeometry

from analytics.counting.scanline import edges_of, spans_of
from analytics.geometry.areas import multipolygon
from analytics.grid import EPSG, Window
from clcplus.actions.zone_sets import computation
from clcplus.jobs import runner
from clcplus.models import Layer, Level, Run, Zone, ZoneBatch, ZoneSet

_EUROPE = Window(0, 0, 1_000_000, 1_000_000)


def layer_of(
    geometries: Sequence[Any], *, name: str = "Fields", number: uuid.UUID | None = None
) -> Layer:
    """An accepted set's layer, not published; zones have the codes 0, 1, 2 …"""
    owner, _ = User.objects.get_or_create(username="owner", defaults={"is_staff": True})
    found = ZoneSet(
        pk=number or uuid.uuid4(),
        owner=owner,
        name=name,
        stage=ZoneSet.Stage.ACCEPTED,
        kind=ZoneSet.Kind.FILE,
        file_name="fields.geojson",
        file_bytes=1,
        sha256="0" * 64,
    )
    level = Level.objects.create(slug=found.slug, name=name, name_plural=name, rank=90, custom=True)
    found.layer = Layer.objects.create(
        level=level, vintage=2024, source="fields.geojson", content_hash="0" * 64
    )
    found.save()
    areas = np.array([multipolygon(g) for g in geometries], dtype=object)
    cells = spans_of(edges_of(areas), _EUROPE).cells_by_zone(len(areas))
    Zone.objects.bulk_create(
        Zone(
            layer=found.layer,
            code=str(position),
            name=f"Field {position}",
            search_name=f"field {position}",
            geometry=GEOSGeometry(memoryview(shapely.to_wkb(area)), srid=EPSG),
            cells=int(count),
        )
        for position, (area, count) in enumerate(zip(areas, cells, strict=True))
    )
    return found.layer


def batches_left(run: Run) -> list[int]:
    """Ids of a run's batches that are not done, in their order."""
    queued = ZoneBatch.objects.filter(run=run, state=ZoneBatch.State.QUEUED)
    return list(queued.values_list("pk", flat=True))


def planned(layer: Layer) -> Run:
    """A run for what the zones of a layer lack, of which there is something."""
    run = computation.plan(layer=layer, by=None)
    assert run is not None
    return run


def drain(run: Run) -> Run:
    """Do a run's batches and finalise it, as a worker would, until it has ended."""
    for _ in range(5):
        while left := batches_left(run):
            for number in left:
                runner.work("zones", number)
        runner.finish("zones", run.pk)
        run.refresh_from_db()
        if run.state not in ("queued", "running"):
            return run
    raise AssertionError(f"{run} does not end")
