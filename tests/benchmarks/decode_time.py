"""The pass over both editions, against only decoding their files with as many threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import rasterio
from rasterio.windows import Window

from tests.benchmarks import engine
from tests.benchmarks.landscape import BLOCK, Pair, pair
from tests.benchmarks.partition import zones
from tests.benchmarks.race import race
from tests.benchmarks.rows import THREADS, Measured, Row, Scale, at_most
from tests.benchmarks.summary import of_ratios


def decode(editions: Pair) -> int:
    """Read every cell of both files, a row of blocks at a time into the same memory; cells read."""
    own = threading.local()

    def work(row: int) -> int:
        if not hasattr(own, "datasets"):
            own.datasets = [rasterio.open(path) for path in editions.paths]
            own.block = np.empty((BLOCK, editions.side), dtype=np.uint8)
        height = min(BLOCK, editions.side - row)
        for dataset in own.datasets:
            window = Window(0, row, editions.side, height)
            dataset.read(1, window=window, out=own.block[:height])
        return 2 * height * editions.side

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(work, range(0, editions.side, BLOCK)))


def run(scale: Scale) -> Measured:
    """Our time in times of that of decoding."""
    editions = pair(scale.side)
    geometries = zones(count=scale.zones, side=scale.side)
    contest = race(
        lambda: engine.pair_counts(editions, geometries),
        lambda: decode(editions),
        repeats=scale.repeats,
    )
    return of_ratios(
        contest,
        names=("ours", "decoding"),
        agreement=f"{contest.second_result:,} cells decoded".replace(",", " "),
        inverse=True,
    )


ROWS = (
    Row(
        name="decoding",
        work="two editions × 2 730 zones, 20 480² cells, over the time for decoding both files "
        "with as many threads",
        required=at_most(2.5),
        aim=at_most(1.5),
        run=run,
        why="Counting 420 million pairs takes 0.25 to 0.4 s on one core, packing and "
        "spans 0.13 s. Neighbouring cells are often equal, and each increment waits "
        "for the one before. Four histograms in turn halved the time.",
    ),
)
