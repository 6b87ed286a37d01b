"""Real CLC+ Backbone 2023 of six Polish parks, uploaded as a set: equal to the count of every cell.

Skipped without the data. There is one real edition of the parks; the earlier one is made up of it,
turned round, so that change has something to count.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from django.contrib.auth.models import User

from analytics.nomenclature import CODES, NO_DATA, OBSERVED_CODES
from analytics.uploads.records import Choice
from clcplus.actions.editions import registration
from clcplus.actions.zone_sets import received_files, zone_acceptance
from clcplus.jobs import runner
from clcplus.models import Run, Zone, ZoneChange, ZoneSet, ZoneStatistics
from tests import oracle
from tests.rasters import write_raster
from tests.runs import drain
from tests.zone_sets.layers import drain as drain_zones

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "quiet_broker"),
]

FOLDER = "clcplus_poland"
OJCOW = 2254
"""Sealed cells of the park of Ojców, as others have counted them."""


def publish(paths: list[Path], year: int) -> None:
    sources = registration.check_sources(
        paths=paths, product="clcplus", year=year, missing=frozenset({0})
    )
    run = drain(
        registration.register_edition(
            sources=sources, product="clcplus", year=year, publish=True, everything=True
        )
    )
    assert run.state == Run.State.SUCCEEDED, run.message


def test_the_parks_as_a_set_of_zones(shared_data: Path, tmp_path: Path) -> None:
    rasters = sorted((shared_data / FOLDER / "raster").glob("*_3035_BUFFERED_1km.tif"))
    turned = []
    for path in rasters:
        with rasterio.open(path) as dataset:
            west, north = dataset.transform.c, dataset.transform.f
            turned.append(
                write_raster(
                    tmp_path / path.name, dataset.read(1)[::-1, ::-1], west=west, north=north
                )
            )
    publish(turned, 2021)
    publish(rasters, 2023)
    files = sorted((shared_data / FOLDER / "zones").glob("*.geojson"))
    features = [f for path in files for f in json.loads(path.read_text("utf-8"))["features"]]
    document = json.dumps({"type": "FeatureCollection", "features": features})

    owner = User.objects.create_user("owner", is_staff=True)
    received = received_files.receive(
        owner=owner,
        source=io.BytesIO(document.encode()),
        file_name="parks.geojson",
        kind=ZoneSet.Kind.FILE,
        choice=Choice(),
    )
    assert runner.work("upload", received.zone_set.pk)
    zone_set = ZoneSet.objects.get(pk=received.zone_set.pk)
    run = zone_acceptance.accept(zone_set=zone_set, by=owner, skip_bad=False, name="Parks")
    assert run is not None
    assert drain_zones(run).state == Run.State.SUCCEEDED

    zones = list(Zone.objects.filter(layer=run.layer))
    assert len(zones) == len(rasters) == 6
    sealed = set()
    for zone in zones:
        now, before, inside = _around(zone, rasters, turned)
        assert zone.cells == inside.sum()
        for year, codes in ((2021, before), (2023, now)):
            row = ZoneStatistics.objects.get(zone=zone, edition__year=year)
            found = {c: n for c, n in zip(CODES, row.cells, strict=True) if n}
            assert found == oracle.class_counts(codes, inside)
            assert NO_DATA not in found or year == 2021
        sealed.add(row.sealed)
        matrix = np.array(ZoneChange.objects.get(zone=zone).matrix).reshape(11, 11)
        change = {
            (OBSERVED_CODES[i], OBSERVED_CODES[j]): int(matrix[i, j])
            for i, j in zip(*np.nonzero(matrix), strict=True)
        }
        assert change == oracle.pair_counts(before, now, inside)
    assert OJCOW in sealed


def _around(
    zone: Zone, rasters: list[Path], turned: list[Path]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes of both editions round a park, 255 where nothing is mapped, and the park's cells."""
    wkb = bytes(zone.geometry.wkb)
    for path, other in zip(rasters, turned, strict=True):
        with rasterio.open(path) as dataset, rasterio.open(other) as earlier:
            if shapely.box(*dataset.bounds).contains(shapely.from_wkb(wkb)):
                now, before = dataset.read(1), earlier.read(1)
                now[now == 0] = before[before == 0] = NO_DATA
                west, north = dataset.transform.c, dataset.transform.f
                inside = oracle.quick_mask(wkb, shape=now.shape, x0=west, y0=north)
                return now, before, inside
    raise AssertionError(f"no raster holds {zone}")
