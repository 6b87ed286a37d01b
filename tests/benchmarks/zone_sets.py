"""Ten thousand custom zones into PostGIS: status of three editions, and change of all pairs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tests.benchmarks import engine
from tests.benchmarks.communes import third_edition
from tests.benchmarks.landscape import CELL, NORTH, WEST, Pair, pair
from tests.benchmarks.platform import ingest_files, platform
from tests.benchmarks.rows import THREADS, Disagreement, Measured, Row, Scale, at_most

MODULE = "tests.benchmarks.zone_sets_process"
ZONES, SAMPLE = 10_000, 200
SMALLEST, LARGEST = 1e6, 50e6
"""Square metres; sizes between them are equally frequent."""
_CORNERS = 120


def run(scale: Scale) -> Measured:
    """Seconds from the plan of the run to its end, the start of both processes included."""
    base = pair(scale.side)
    third = third_edition(base)
    number = ZONES * scale.side**2 // 20_480**2
    areas = wandering_areas(number, scale.side * CELL)
    with platform():
        ids = ingest_files([*base.paths, third], years=(2021, 2023, 2025))
        layer = _layer(areas)
        before, began = _idle_and_all(), time.perf_counter()
        cpu = os.times()
        _computed(layer)
        seconds = time.perf_counter() - began
        others = _others(before, _idle_and_all(), cpu, os.times())
        answer = _checked(layer, areas, ids, base)
    km2 = float(shapely.area(areas).sum()) / 1e6
    return Measured(
        value=seconds,
        low=seconds,
        high=seconds,
        seconds=f"{number} zones, {km2:.0f} km² in all, {seconds / number * 1e3:.2f} ms each; "
        f"PostgreSQL and other programs took {others:.0%} of the cores",
        agreement=answer,
    )


def wandering_areas(number: int, length: float) -> Any:
    """Areas with wandering borders, all over the landscape, one over the other."""
    random = np.random.default_rng(41)
    found = []
    angles = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    for area in random.uniform(SMALLEST, LARGEST, number):
        waves = sum(
            random.normal(0, 0.15 / k) * np.cos(k * angles + random.uniform(0, 7))
            for k in range(2, 9)
        )
        shape = np.exp(waves + random.normal(0, 0.01, _CORNERS))
        points = np.column_stack((shape * np.cos(angles), shape * np.sin(angles)))
        points *= np.sqrt(area / shapely.area(shapely.Polygon(points)))
        low, high = -points.min(axis=0), length - points.max(axis=0)
        found.append(shapely.Polygon(points + random.uniform(low, high) + (WEST, NORTH - length)))
    return np.array(found, dtype=object)


def _layer(areas: Any) -> Any:
    """The zones as an accepted set has them; not part of what is timed."""
    from tests.zone_sets.layers import layer_of

    return layer_of(list(areas))


def _computed(layer: Any) -> None:
    from clcplus.actions.zone_sets import computation
    from clcplus.jobs import runner
    from clcplus.models import Run
    from tests.workers import environment
    from tests.zone_sets.layers import batches_left

    run = computation.plan(layer=layer, by=None)
    if run is None:
        raise RuntimeError("nothing to be computed")
    numbers = batches_left(run)
    processes = [
        subprocess.Popen(
            # Each begins at another end and takes what nobody has taken yet.
            [sys.executable, "-W", "ignore", "-m", MODULE, *map(str, numbers[::step])],
            cwd=Path(__file__).resolve().parents[2],
            env={**environment(), "LOG_LEVEL": "WARNING"},
        )
        for step in (1, -1)[:THREADS]
    ]
    for process in processes:
        if process.wait():
            raise RuntimeError(f"{MODULE} ended with status {process.returncode}")
    runner.finish("zones", run.pk)
    run.refresh_from_db()
    if run.state != Run.State.SUCCEEDED or run.message:
        raise RuntimeError(f"{run.state}: {run.message}")


def _checked(layer: Any, areas: Any, ids: list[int], base: Pair) -> str:
    """A sample equal to each zone alone, and to the pass over every cell."""
    from django.conf import settings

    from analytics.custom_zones import count_zone
    from analytics.nomenclature import CODES, OBSERVED_CODES
    from analytics.rasters.store import open_store
    from clcplus.database import read_side
    from clcplus.models import ZoneChange, ZoneStatistics

    pairs = [(ids[0], ids[1]), (ids[0], ids[2]), (ids[1], ids[2])]
    for model, each in ((ZoneStatistics, len(ids)), (ZoneChange, len(pairs))):
        rows = model.objects.filter(zone__layer=layer).count()
        if rows != each * len(areas):
            raise Disagreement(f"{rows} rows of {model.__name__} for {len(areas)} zones")
    sample = np.random.default_rng(2).choice(len(areas), min(SAMPLE, len(areas)), replace=False)
    passed = engine.pair_counts(base, areas[sample])
    observed = np.ix_(OBSERVED_CODES, OBSERVED_CODES)
    for position, number in enumerate(sample.tolist()):
        statistics = dict(
            ZoneStatistics.objects.filter(zone__layer=layer, zone__code=str(number)).values_list(
                "edition_id", "cells"
            )
        )
        change = {
            (row.earlier_id, row.later_id): np.array(row.matrix).reshape(11, 11)
            for row in ZoneChange.objects.filter(zone__layer=layer, zone__code=str(number))
        }
        with read_side.snapshot() as connection:
            alone = count_zone(
                connection,
                areas[number],
                store=open_store(settings.RASTER_STORE),
                edition_ids=ids,
                pairs=pairs,
            )
        full = np.zeros((256, 256), dtype=np.int64)
        full[np.ix_(passed.codes[0], passed.codes[1])] = passed.cells[position, :-1, :-1]
        same = (
            all((alone.cells[e] == statistics[e]).all() for e in ids)
            and all((alone.matrices[p] == change[p]).all() for p in pairs)
            and (full.sum(axis=1)[list(CODES)] == statistics[ids[0]]).all()
            and (full.sum(axis=0)[list(CODES)] == statistics[ids[1]]).all()
            and (full[observed] == change[pairs[0]]).all()
        )
        if not same:
            raise Disagreement(f"zone {number} differs from its count alone, or of every cell")
    return f"{len(sample)} zones equal to each alone and to the count of every cell"


def _idle_and_all() -> tuple[float, float]:
    """Seconds that the cores were idle, and all of them, since the machine started."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    ticks = [int(value) / os.sysconf("SC_CLK_TCK") for value in fields]
    return ticks[3] + ticks[4], sum(ticks)


def _others(
    before: tuple[float, float], after: tuple[float, float], cpu: Any, cpu_after: Any
) -> float:
    """Share of the cores that was neither idle nor used by this process and its children."""
    everything = after[1] - before[1]
    idle = after[0] - before[0]
    own = sum(cpu_after[:4]) - sum(cpu[:4])
    return max(everything - idle - own, 0.0) / everything if everything else 0.0


ROWS = (
    Row(
        name="zone-set",
        work="10 000 custom zones of 1 to 50 km² into PostGIS, status of three editions and change "
        "of all three pairs, two worker processes",
        required=at_most(180, "s"),
        aim=None,
        run=run,
        unit="s",
    ),
)
