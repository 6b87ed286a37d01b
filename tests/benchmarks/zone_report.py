"""A thousand custom zones from the received file to the report, the confined reader included."""

from __future__ import annotations

import io
import json
import os
from statistics import median
from typing import Any

import numpy as np
import pyproj
import shapely

from tests.benchmarks import engine
from tests.benchmarks.landscape import CELL, Pair, pair
from tests.benchmarks.platform import ingest, platform
from tests.benchmarks.race import timed
from tests.benchmarks.rows import Disagreement, Measured, Row, Scale, at_most
from tests.benchmarks.zone_sets import SAMPLE, wandering_areas

ZONES = 1_000
_NEARLY = 2e-4
"""Of a share: the file has degrees, rounded, so that some cells lie on the other side."""


def run(scale: Scale) -> Measured:
    """Median seconds of the upload and of its check, on an empty account each time."""
    base = pair(scale.side)
    number = max(ZONES * scale.side**2 // 20_480**2, 1)
    areas = wandering_areas(number, scale.side * CELL)
    document = _geojson(areas)
    with platform():
        from django.contrib.auth.models import User

        ingest(base)
        owner = User.objects.create_user("owner", is_staff=True)
        seconds = []
        for _ in range(scale.slow_repeats):
            took, zone_set = timed(lambda: _reported(owner, document))
            seconds.append(took)
            agreement = _checked(base, areas, zone_set)
            _removed(zone_set)
    return Measured(
        value=median(seconds),
        low=min(seconds),
        high=max(seconds),
        seconds=f"{number} zones, {float(shapely.area(areas).sum()) / 1e6:.0f} km² in all, "
        f"{len(document) / 1e6:.1f} MB of GeoJSON; load {os.getloadavg()[0]:.1f}",
        agreement=agreement,
    )


def _geojson(areas: Any) -> bytes:
    to_degrees = pyproj.Transformer.from_crs("EPSG:3035", "OGC:CRS84", always_xy=True)
    degrees = shapely.transform(
        areas, lambda p: np.column_stack(to_degrees.transform(p[:, 0], p[:, 1])).round(7)
    )
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"Z{position}", "name": f"Area {position}"},
            "geometry": shapely.geometry.mapping(area),
        }
        for position, area in enumerate(degrees.tolist())
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _reported(owner: Any, document: bytes) -> Any:
    """The set of an upload once its check has ended."""
    from analytics.uploads.records import Choice
    from clcplus.actions.zone_sets import received_files
    from clcplus.jobs import runner
    from clcplus.models import ZoneSet

    received = received_files.receive(
        owner=owner,
        source=io.BytesIO(document),
        file_name="areas.geojson",
        kind=ZoneSet.Kind.FILE,
        choice=Choice(),
    )
    runner.work("upload", received.zone_set.pk)
    return ZoneSet.objects.get(pk=received.zone_set.pk)


def _removed(zone_set: Any) -> None:
    from clcplus.actions.zone_sets import set_publication

    set_publication.delete(zone_set=zone_set, by=zone_set.owner)


def _checked(base: Pair, areas: Any, zone_set: Any) -> str:
    """Every zone is reported on; shares of a sample as in the pass over every cell."""
    from analytics.nomenclature import OBSERVED_CODES
    from analytics.uploads.records import from_json
    from clcplus.models import ZoneSet

    if zone_set.stage != ZoneSet.Stage.REPORTED:
        raise Disagreement(f"the set is {zone_set.stage}: {zone_set.refusal}")
    report = from_json(zone_set.reading).report
    if report is None or len(report.features) != len(areas):
        raise Disagreement("the report does not have every zone")
    sample = np.random.default_rng(2).choice(len(areas), min(SAMPLE, len(areas)), replace=False)
    _, later = engine.by_code(engine.pair_counts(base, areas[sample]))
    some = 0
    for cells, number in zip(later, sample.tolist(), strict=True):
        share = 1 - cells[list(OBSERVED_CODES)].sum() / cells.sum()
        found = report.features[number].not_observed_share
        if found is None or abs(found - share) > _NEARLY:
            raise Disagreement(f"zone {number}: {found} not observed, expected {share}")
        some += 0 < found < 1
    return (
        f"{len(sample)} shares equal to the count of every cell but for the rounding of degrees, "
        f"{some} of them neither none nor all"
    )


ROWS = (
    Row(
        name="zone-report",
        work="1 000 custom zones of 1 to 50 km² in a file of GeoJSON: from the receipt of the file "
        "to the report, feature by feature, including the start of the confined reader",
        required=at_most(10, "s"),
        aim=None,
        run=run,
        unit="s",
    ),
)
