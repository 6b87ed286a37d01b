"""Class pairs by rasterio's own centre rule: labels burnt by GDAL, then a histogram.

GDAL decides about centres on borders in another way than the engine; the zones of the benchmarks
have no such centre.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from rasterio.features import rasterize
from rasterio.windows import Window

from tests.benchmarks.landscape import BLOCK, PAIRS, Pair, pair_of
from tests.benchmarks.partition import Geometries

Counts = npt.NDArray[np.int64]


def pair_counts(pair: Pair, geometries: Geometries) -> Counts:
    """Cells of zones that do not overlap by pair, shape (zones, PAIRS)."""
    counts = np.zeros((len(geometries) + 1) * PAIRS, dtype=np.int64)
    tree = shapely.STRtree(geometries)
    for row in range(0, pair.side, BLOCK):
        window = Window(0, row, pair.side, min(BLOCK, pair.side - row))
        with rasterio.open(pair.earlier) as one, rasterio.open(pair.later) as two:
            box = shapely.box(*one.window_bounds(window))
            shapes = [(geometries[n], n + 1) for n in tree.query(box)]
            labels = rasterize(
                shapes,
                out_shape=(window.height, window.width),
                transform=one.window_transform(window),
                dtype=np.int32,
            )
            keys = labels.astype(np.int64)
            keys *= PAIRS
            keys += pair_of(one.read(1, window=window), two.read(1, window=window))
        found, times = np.unique(keys, return_counts=True)
        counts[found] += times
    return counts.reshape(-1, PAIRS)[1:]
