"""France: 100 000 × 100 000 cells, two editions, 35 000 zones that partition them.

The pass runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.features import geometry_mask
from rasterio.windows import Window

from tests.benchmarks.country import country
from tests.benchmarks.landscape import CELL, NORTH, WEST, Pair, pair
from tests.benchmarks.partition import Geometries, zones
from tests.benchmarks.rows import THREADS, Disagreement, Measured, Row, Scale, at_most

SAMPLE = 40
"""Zones that are counted once more, by rasterio's centre rule."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What the process reports: seconds of the pass alone, and its peak memory in GiB."""

    seconds: float
    peak: float
    agreement: str


@cache
def _passed(scale: Scale) -> Passed:
    editions = country(pair(scale.side), side=scale.large_side)
    geometries = zones(count=scale.large_zones, side=scale.large_side)
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.npz"
        sizes = (scale.large_side, scale.large_zones, scale.side)
        module = "tests.benchmarks.france_process"
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, sizes), str(counts)],
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        report = json.loads(done.stdout.splitlines()[-1])
        answer = _checked(editions, geometries, np.load(counts))
    return Passed(seconds=report["seconds"], peak=report["peak"], agreement=answer)


def _checked(editions: Pair, geometries: Geometries, counts: Any) -> str:
    cells, codes = counts["cells"], (counts["earlier"].tolist(), counts["later"].tolist())
    total = int(cells.sum())
    if total != editions.side**2:
        raise Disagreement(f"{total} cells counted of {editions.side**2}")
    chosen = np.random.default_rng(7).choice(len(geometries), SAMPLE, replace=False)
    with rasterio.open(editions.earlier) as one, rasterio.open(editions.later) as two:
        for n in chosen.tolist():
            window = _window(one, geometries[n])
            first, second = one.read(1, window=window), two.read(1, window=window)
            inside = geometry_mask(
                [geometries[n]], first.shape, one.window_transform(window), invert=True
            )
            expected = np.zeros_like(cells[n])
            rows = np.searchsorted(codes[0], first[inside])
            np.add.at(expected, (rows, np.searchsorted(codes[1], second[inside])), 1)
            if (expected != cells[n]).any():
                raise Disagreement(f"zone {n} differs from rasterio.features.geometry_mask")
    return (
        f"every cell counted once; {SAMPLE} zones equal to rasterio.features.geometry_mask, "
        "to the cell"
    )


def _window(dataset: rasterio.DatasetReader, geometry: Any) -> Window:
    west, south, east, north = geometry.bounds
    column, row = int((west - WEST) // CELL), int((NORTH - north) // CELL)
    stop = min(int((east - WEST) // CELL) + 1, dataset.width)
    row_stop = min(int((NORTH - south) // CELL) + 1, dataset.height)
    return Window(column, row, stop - column, row_stop - row)


def _size(scale: Scale) -> str:
    side = f"{scale.large_side:,}".replace(",", " ")
    return f"{side}² cells, {scale.large_zones} zones, {THREADS} threads"


def time_of_pass(scale: Scale) -> Measured:
    """Seconds on the clock, from geometries in memory to counts in memory."""
    passed = _passed(scale)
    return Measured(passed.seconds, passed.seconds, passed.seconds, _size(scale), passed.agreement)


def memory_of_pass(scale: Scale) -> Measured:
    """Peak resident memory of the process, with all its libraries and the layer, in GiB."""
    passed = _passed(scale)
    return Measured(passed.peak, passed.peak, passed.peak, _size(scale), "the same run")


_WORK = "France: 100 000 × 100 000 cells, two editions, 35 000 zones"

ROWS = (
    Row(
        name="france-time",
        work=f"{_WORK}; time",
        required=at_most(240, "s"),
        aim=at_most(90, "s"),
        run=time_of_pass,
        unit="s",
    ),
    Row(
        name="france-memory",
        work=f"{_WORK}; peak memory of the process",
        required=at_most(1.5, "GiB"),
        aim=None,
        run=memory_of_pass,
        unit="GiB",
    ),
)
