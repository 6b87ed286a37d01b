"""Class pairs of two editions in all zones of a layer, against the peers' classes of each."""

from __future__ import annotations

from functools import cache

import numpy as np

from tests.benchmarks import agreement, centre_rule, engine, exactextract_peer, rasterstats_peer
from tests.benchmarks.landscape import Pair, pair
from tests.benchmarks.partition import Geometries, features, zones
from tests.benchmarks.race import race
from tests.benchmarks.rows import Measured, Row, Scale, at_least
from tests.benchmarks.summary import of_ratios


def _inputs(scale: Scale) -> tuple[Pair, Geometries]:
    return pair(scale.side), zones(count=scale.zones, side=scale.side)


@cache
def _equal_to_centre_rule(scale: Scale) -> str:
    editions, geometries = _inputs(scale)
    mine = engine.pair_counts(editions, geometries)
    theirs = centre_rule.pair_counts(editions, geometries)
    return agreement.exact(engine.by_pair(mine), theirs, peer="rasterio.features.rasterize")


def against_exactextract(scale: Scale) -> Measured:
    """Both rasters in one call of exactextract."""
    editions, geometries = _inputs(scale)
    layer = features(geometries)
    contest = race(
        lambda: engine.pair_counts(editions, geometries),
        lambda: exactextract_peer.run(editions.paths, layer),
        repeats=scale.slow_repeats,
    )
    mine = np.hstack(engine.by_code(contest.first_result))
    found = contest.second_result
    theirs = np.hstack([exactextract_peer.by_code(found, path) for path in editions.paths])
    answers = (
        agreement.near(mine, theirs, geometries=geometries, peer="exactextract"),
        _equal_to_centre_rule(scale),
    )
    return of_ratios(contest, names=("ours", "exactextract"), agreement="; ".join(answers))


def against_rasterstats(scale: Scale) -> Measured:
    """rasterstats with ``boundless=False``, one call a raster."""
    return _against_rasterstats(scale, boundless=False)


def against_rasterstats_by_default(scale: Scale) -> Measured:
    """rasterstats as it comes."""
    return _against_rasterstats(scale, boundless=True)


def _against_rasterstats(scale: Scale, *, boundless: bool) -> Measured:
    editions, geometries = _inputs(scale)
    layer = features(geometries)
    contest = race(
        lambda: engine.pair_counts(editions, geometries),
        lambda: rasterstats_peer.run(editions.paths, layer, boundless=boundless),
        repeats=scale.slow_repeats,
    )
    mine = np.hstack(engine.by_code(contest.first_result))
    theirs = np.hstack([rasterstats_peer.by_code(counts) for counts in contest.second_result])
    answer = agreement.exact(mine, theirs, peer="rasterstats")
    return of_ratios(contest, names=("ours", "rasterstats"), agreement=answer)


_WORK = "two editions × 2 730 zones, 20 480² cells"

ROWS = (
    Row(
        name="exactextract",
        work=f"{_WORK}, against exactextract",
        required=at_least(15),
        aim=at_least(30),
        run=against_exactextract,
    ),
    Row(
        name="rasterstats",
        work=f"{_WORK}, against rasterstats (`boundless=False`)",
        required=at_least(15),
        aim=at_least(35),
        run=against_rasterstats,
        why="Half of our time is decoding, which the peer does too. The peer runs with "
        "boundless=False here, which is twice as fast as its default. "
        "Against its default the aim is reached.",
    ),
    Row(
        name="rasterstats-default",
        work=f"{_WORK}, against rasterstats with default options",
        required=None,
        aim=None,
        run=against_rasterstats_by_default,
    ),
)
