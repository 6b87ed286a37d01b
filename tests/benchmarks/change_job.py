"""The job that filters a pair of editions on the platform: France, and a part of it in a bucket.

The tiles of an edition are few different ones, stored once and named often: what is decoded is that
of a France, and the input is built in minutes. The job runs in a process of its own, so that its
memory and its processor time are its own; those of PostgreSQL are not among them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import rasterio

from tests.benchmarks.country import country
from tests.benchmarks.ingest import import_layer
from tests.benchmarks.landscape import Pair, pair
from tests.benchmarks.partition import zones
from tests.benchmarks.platform import YEARS, platform
from tests.benchmarks.rows import THREADS, Measured, Row, Scale, at_most

_DIFFERENT = 2
"""Different tiles along a side of the raster."""
_BUCKET_SIDE = 20_000
"""Cells along a side of the part that lies in a bucket: four tiles."""


def _report(scale: Scale, *, side: int, zones_of: int) -> dict[str, Any]:
    """What the process says of a job over a country of ``side`` × ``side`` cells."""
    from tests.workers import environment

    editions = country(pair(scale.side), side=side)
    import_layer(zones(count=zones_of, side=side))
    _store(editions)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.change_job_process"],
        cwd=Path(__file__).resolve().parents[2],
        env={**environment(), "LOG_LEVEL": "WARNING"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def _store(editions: Pair) -> None:
    """Two published editions whose tiles lie in the store, and the class pairs of all zones, which
    a pass over the same tiles counts."""
    from django.conf import settings
    from django.utils import timezone

    from analytics.counting.passes import count_cells
    from analytics.grid import window_of_bounds
    from analytics.nomenclature import MISSING_CODES
    from analytics.rasters import open_store
    from clcplus.actions.editions.mosaics import edition_grids
    from clcplus.models import Edition

    with rasterio.open(editions.earlier) as dataset:
        whole = window_of_bounds(*dataset.bounds)
    store = open_store(settings.RASTER_STORE)
    stored = []
    for path, year in zip(editions.paths, YEARS, strict=True):
        edition = Edition.objects.create(
            slug=f"clcplus-{year}",
            product="clcplus",
            product_name="CLC+",
            year=year,
            status=Edition.Status.PUBLISHED,
            content_hash=f"{year}",
            loaded_at=timezone.now(),
        )
        _put_tiles(edition, path, whole, store=store)
        stored.append(edition)
    with edition_grids(stored, store=store) as grids:
        ids, edges = _zones_on(grids[0])
        counts = count_cells(edges, grids, missing=frozenset(MISSING_CODES), jobs=THREADS)
    _store_counts(stored, ids, counts)


def _put_tiles(edition: Any, path: Path, whole: Any, *, store: Any) -> None:
    """Put the different tiles into the store, and name them all over the country."""
    from analytics.grid import store_tiles
    from analytics.rasters import write_cog
    from clcplus.models import EditionTile
    from tests.benchmarks.inputs import FOLDER

    keys: dict[tuple[int, int], str] = {}
    rows = []
    with rasterio.open(path) as dataset:
        for tile in store_tiles(whole):
            window = tile.window
            place = (
                (window.row - whole.row) // window.height % _DIFFERENT,
                (window.column - whole.column) // window.width % _DIFFERENT,
            )
            if place not in keys:
                top, left = place[0] * window.height, place[1] * window.width
                part = rasterio.windows.Window(left, top, window.width, window.height)
                draft = FOLDER / f"tile-{edition.year}-{place[0]}-{place[1]}.tif"
                write_cog(dataset.read(1, window=part), window=window, path=draft)
                keys[place] = f"{edition.slug}/{place[0]}-{place[1]}.tif"
                store.put(draft, keys[place])
            rows.append(
                EditionTile(
                    edition=edition,
                    name=tile.name,
                    key=keys[place],
                    row=window.row,
                    column=window.column,
                    height=window.height,
                    width=window.width,
                )
            )
    EditionTile.objects.bulk_create(rows)


def _zones_on(grid: Any) -> tuple[list[int], Any]:
    """Ids of all zones, and their edges on a raster."""
    import shapely

    from analytics.counting.scanline import edges_of
    from clcplus.models import Zone

    rows = list(Zone.objects.order_by("pk").values_list("pk", "geometry"))
    geometries = shapely.from_wkb([bytes(geometry.wkb) for _, geometry in rows])
    return [zone_id for zone_id, _ in rows], edges_of(geometries, **grid.placement)


def _store_counts(editions: list[Any], ids: list[int], counts: Any) -> None:
    from django.db import transaction

    from analytics.nomenclature import OBSERVED_CODES
    from clcplus.database.bulk_copy import as_array, copy_rows
    from clcplus.models import ZoneChange

    classes = len(OBSERVED_CODES)
    matrix = np.zeros((len(ids), classes, classes), dtype=np.int64)
    places = [[OBSERVED_CODES.index(code) for code in axis] for axis in counts.codes]
    matrix[:, *np.ix_(*places)] = counts.cells[:, :-1, :-1]
    with transaction.atomic():
        copy_rows(
            ZoneChange._meta.db_table,
            ("earlier_id", "later_id", "zone_id", "matrix"),
            (
                (*(edition.pk for edition in editions), zone_id, as_array(row))
                for zone_id, row in zip(ids, matrix.reshape(len(ids), -1).tolist(), strict=True)
            ),
        )


@cache
def _over_france(scale: Scale) -> dict[str, Any]:
    with platform():
        return _report(scale, side=scale.large_side, zones_of=scale.large_zones)


@contextmanager
def _bucket() -> Iterator[None]:
    """A bucket of an S3 server in this process, as the store."""
    from django.test.utils import override_settings
    from moto.server import ThreadedMotoServer

    from analytics.rasters.store import open_store

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    access = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        with mock.patch.dict(os.environ, access), override_settings(RASTER_STORE="s3://rasters"):
            store: Any = open_store("s3://rasters")
            store.client.create_bucket(Bucket="rasters")
            yield
            open_store.cache_clear()
    finally:
        server.stop()


def _in_words(report: dict[str, Any]) -> str:
    return (
        f"{report['processor']:.0f} s of processor time in the job's process, "
        f"{report['filtering']:.0f} s on the clock until all is found; {report['zones']} zones, "
        f"{THREADS} threads, {report['patches']} patches of {report['all_patches']} accepted; "
        f"load of the machine {report['load']:.1f}"
    )


_AGREEMENT = "raw gain and loss of every zone equal to its class pairs, which another pass counted"


def _measured(value: float, words: str) -> Measured:
    return Measured(value, value, value, words, _AGREEMENT)


def time_over_france(scale: Scale) -> Measured:
    """Seconds on the clock, from the message to the end of the run."""
    report = _over_france(scale)
    return _measured(report["seconds"], _in_words(report))


def processor_over_france(scale: Scale) -> Measured:
    """Processor time of the job's process, which does not depend on what else the cores do."""
    report = _over_france(scale)
    return _measured(report["processor"], "the same run")


def memory_over_france(scale: Scale) -> Measured:
    """Peak resident memory of the job's process, in GiB."""
    report = _over_france(scale)
    return _measured(report["peak"], "the same run")


def processor_over_a_bucket(scale: Scale) -> Measured:
    """Processor time with rasters in a bucket, in times of that with a folder."""
    side, count = min(scale.large_side, _BUCKET_SIDE), min(scale.large_zones, 1_400)
    with platform():
        folder = _report(scale, side=side, zones_of=count)
    with platform(), _bucket():
        bucket = _report(scale, side=side, zones_of=count)
    words = (
        f"bucket {bucket['processor']:.1f} s of processor time, {bucket['seconds']:.1f} s on the "
        f"clock; folder {folder['processor']:.1f} s and {folder['seconds']:.1f} s"
    )
    return _measured(bucket["processor"] / folder["processor"], words)


_WORK = (
    "the job that filters a pair of editions on the platform by all presets: France, 100 tiles of "
    "100 km, 35 000 zones"
)

ROWS = (
    Row(
        name="change-job-time",
        work=f"{_WORK}; time",
        required=at_most(90, "s"),
        aim=None,
        run=time_over_france,
        unit="s",
    ),
    Row(
        name="change-job-processor",
        work=f"{_WORK}; processor time, over both cores",
        required=None,
        aim=None,
        run=processor_over_france,
        unit="s",
    ),
    Row(
        name="change-job-memory",
        work=f"{_WORK}; peak memory of its process",
        required=None,
        aim=at_most(1.5, "GiB"),
        run=memory_over_france,
        unit="GiB",
    ),
    Row(
        name="change-job-bucket",
        work=f"the same over {_BUCKET_SIDE // 1000} 000² cells in a bucket of an S3 server; "
        "processor time over that with a folder",
        required=None,
        aim=None,
        run=processor_over_a_bucket,
    ),
)
