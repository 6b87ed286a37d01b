"""The peers on pairs of classes that an analyst encodes first: what the engine gives in one go.

Both rasters are read whole, a byte for each pair is one raster in memory, and the peer counts that:
faster than its call on two files, for the memory of three rasters and code of one's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from rasterstats import zonal_stats

from tests.benchmarks import agreement, engine
from tests.benchmarks.landscape import PAIRS, Pair, pair, pair_of
from tests.benchmarks.partition import features, zones
from tests.benchmarks.race import race
from tests.benchmarks.rows import Measured, Row, Scale
from tests.benchmarks.summary import of_ratios

Features = list[dict[str, Any]]


def _encoded(editions: Pair) -> tuple[npt.NDArray[np.uint8], rasterio.DatasetReader]:
    with rasterio.open(editions.earlier) as one, rasterio.open(editions.later) as two:
        return pair_of(one.read(1), two.read(1)), one


def _exactextract(editions: Pair, layer: Features) -> Features:
    codes, dataset = _encoded(editions)
    source = NumPyRasterSource(codes, *dataset.bounds, name="pairs")
    found: Features = exact_extract(source, layer, ["unique", "frac", "count"])
    return found


def _rasterstats(editions: Pair, layer: Features) -> list[dict[int, int]]:
    codes, dataset = _encoded(editions)
    found: list[dict[int, int]] = zonal_stats(
        layer, codes, affine=dataset.transform, categorical=True, nodata=0, boundless=False
    )
    return found


def against_exactextract(scale: Scale) -> Measured:
    """Covered cells by pair."""
    editions = pair(scale.side)
    geometries = zones(count=scale.zones, side=scale.side)
    layer = features(geometries)
    contest = race(
        lambda: engine.pair_counts(editions, geometries),
        lambda: _exactextract(editions, layer),
        repeats=scale.slow_repeats,
    )
    theirs = np.zeros((len(geometries), PAIRS))
    for n, feature in enumerate(contest.second_result):
        of = feature["properties"]
        theirs[n, of["unique"].astype(np.int64)] = of["frac"] * of["count"]
    mine = engine.by_pair(contest.first_result)
    answer = agreement.near(mine, theirs, geometries=geometries, peer="exactextract")
    return of_ratios(contest, names=("ours", "exactextract"), agreement=answer)


def against_rasterstats(scale: Scale) -> Measured:
    """Cells by pair."""
    editions = pair(scale.side)
    geometries = zones(count=scale.zones, side=scale.side)
    layer = features(geometries)
    contest = race(
        lambda: engine.pair_counts(editions, geometries),
        lambda: _rasterstats(editions, layer),
        repeats=scale.slow_repeats,
    )
    theirs = np.zeros((len(geometries), PAIRS), dtype=np.int64)
    for n, of in enumerate(contest.second_result):
        theirs[n, list(of.keys())] = list(of.values())
    answer = agreement.exact(engine.by_pair(contest.first_result), theirs, peer="rasterstats")
    return of_ratios(contest, names=("ours", "rasterstats"), agreement=answer)


ROWS = (
    Row(
        name="encoded-exactextract",
        work="the same as pairs, against exactextract on pairs encoded by hand, in memory",
        required=None,
        aim=None,
        run=against_exactextract,
    ),
    Row(
        name="encoded-rasterstats",
        work="the same as pairs, against rasterstats on pairs encoded by hand, in memory",
        required=None,
        aim=None,
        run=against_rasterstats,
    ),
)
