"""A large area with a detailed border, posted to the API: from the request to the answer."""

from __future__ import annotations

import json
from statistics import median
from typing import Any

import numpy as np
import pyproj
import shapely

from tests.benchmarks.custom_zone import FULL_AREA, checked, zone_of_area
from tests.benchmarks.landscape import CELL, pair
from tests.benchmarks.platform import ingest, platform
from tests.benchmarks.race import timed
from tests.benchmarks.rows import Disagreement, Measured, Row, Scale, at_most

AREA, VERTICES = 14_000e6, 20_000
WANDERING = 2.0
"""Metres by which corners are moved: a real border has no straight pieces."""


def run(scale: Scale) -> Measured:
    """Median seconds of a request, after one that does not count."""
    base = pair(scale.side)
    share = (scale.side * CELL) ** 2 / FULL_AREA
    document = json.dumps(_geojson(_detailed(zone_of_area(scale, AREA * share))))
    with platform():
        from django.test import Client, override_settings

        from clcplus.areas.posted_area import area_of

        ids = ingest(base)
        client = Client()

        def ask() -> Any:
            return client.post("/api/v1/statistics/", document, content_type="application/geo+json")

        with override_settings(ALLOWED_HOSTS=["testserver"], POSTED_ZONES_PER_MINUTE=0):
            first = ask()
            if first.status_code != 200:
                raise Disagreement(f"an answer of status {first.status_code}: {first.content!r}")
            seconds = sorted(timed(ask)[0] for _ in range(scale.repeats))
            area = area_of(json.loads(document, parse_int=float), repair=False)
            agreement = checked(base, area.geometry, ids, _counts(first.json(), ids))
    return Measured(
        value=median(seconds),
        low=seconds[0],
        high=seconds[-1],
        seconds=f"{shapely.area(area.geometry) / 1e6:.0f} km², {area.vertices} positions, "
        f"{len(document) / 1e6:.1f} MB, {shapely.length(area.geometry) / 1e3:.0f} km of border",
        agreement=agreement,
    )


def _detailed(zone: Any) -> Any:
    """The zone with corners all along its border, each a little beside the old border."""
    fine = shapely.segmentize(zone, shapely.length(zone) / VERTICES)
    random = np.random.default_rng(7)

    def beside(points: Any) -> Any:
        moved = points + random.uniform(-WANDERING, WANDERING, points.shape)
        # Rings stay closed: each first position is met again at the end.
        first = {tuple(p): n for n, p in reversed(list(enumerate(points.tolist())))}
        return moved[[first[tuple(p)] for p in points.tolist()]]

    return shapely.make_valid(shapely.transform(fine, beside))


def _geojson(zone: Any) -> dict[str, Any]:
    to_degrees = pyproj.Transformer.from_crs("EPSG:3035", "OGC:CRS84", always_xy=True)
    degrees = shapely.transform(
        zone, lambda p: np.column_stack(to_degrees.transform(p[:, 0], p[:, 1]))
    )
    return dict(shapely.geometry.mapping(degrees))


def _counts(body: dict[str, Any], ids: list[int]) -> Any:
    from analytics.custom_zones import ZoneCounts

    cells = {
        edition_id: np.array([entry["cells"] for entry in statistics["by_class"]])
        for edition_id, statistics in zip(ids, body["statistics"], strict=True)
    }
    matrix = np.array(body["changes"][0]["matrix"])
    return ZoneCounts(body["cells"], cells, {(ids[0], ids[1]): matrix}, patterns={}, filtered={})


ROWS = (
    Row(
        name="posted-zone",
        work="one area of 14 000 km² with 20 000 positions, posted to the API: status of two "
        "editions and change, from the request to the answer",
        required=at_most(0.5, "s"),
        aim=None,
        run=run,
        unit="s",
    ),
)
