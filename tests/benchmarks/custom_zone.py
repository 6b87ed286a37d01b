"""One custom zone from tiles and border cells, status and change, against exactextract."""

from __future__ import annotations

from functools import cache
from statistics import median
from typing import Any

import numpy as np
import shapely

from analytics.nomenclature import CODES, OBSERVED_CODES
from tests.benchmarks import engine, exactextract_peer
from tests.benchmarks.landscape import CELL, NORTH, WEST, Pair, pair
from tests.benchmarks.partition import Geometries, features, zones
from tests.benchmarks.platform import ingest, platform
from tests.benchmarks.race import Race, race
from tests.benchmarks.rows import Disagreement, Measured, Row, Scale, at_least, at_most
from tests.benchmarks.summary import of_ratios

LARGE, SMALL = 12_000e6, 500e6
"""Square metres; on a smaller raster than of full size, shares of it."""
FULL_AREA = (20_480 * CELL) ** 2


@cache
def _contests(scale: Scale) -> tuple[Race[Any, Any], Race[Any, Any], float, str]:
    """The large zone's contest, the small one's against itself, the ratio of their perimeters."""
    from django.conf import settings

    base = pair(scale.side)
    share = (scale.side * CELL) ** 2 / FULL_AREA
    large, small = zone_of_area(scale, LARGE * share), zone_of_area(scale, SMALL * share)
    with platform():
        ids = ingest(base)

        def mine(zone: Any) -> Any:
            from analytics.custom_zones import count_zone
            from analytics.rasters.store import open_store
            from clcplus.database import read_side

            with read_side.snapshot() as connection:
                return count_zone(
                    connection,
                    zone,
                    store=open_store(settings.RASTER_STORE),
                    edition_ids=ids,
                    pairs=[(ids[0], ids[1])],
                )

        layer = features(np.array([large], dtype=object))
        big = race(
            lambda: mine(large),
            lambda: exactextract_peer.run([base.earlier], layer),
            repeats=scale.repeats,
        )
        both = race(lambda: mine(small), lambda: mine(large), repeats=scale.repeats)
        answer = checked(base, large, ids, big.first_result)
        checked(base, small, ids, both.first_result)
    return big, both, large.length / small.length, answer


def zone_of_area(scale: Scale, area: float) -> Any:
    """The union of zones round the middle of the raster, as large as it must be."""
    geometries: Geometries = zones(count=scale.zones, side=scale.side)
    half = scale.side * CELL / 2
    middle = shapely.Point(WEST + half, NORTH - half)
    order = np.argsort(shapely.distance(shapely.centroid(geometries), middle))
    enough = int(np.searchsorted(np.cumsum(shapely.area(geometries[order])), area)) + 1
    return shapely.union_all(geometries[order[:enough]])


def checked(base: Pair, zone: Any, ids: list[int], found: Any) -> str:
    """Equal to the pass over every cell, class by class and pair by pair."""
    counts = engine.pair_counts(base, np.array([zone], dtype=object))
    full = np.zeros((256, 256), dtype=np.int64)
    full[np.ix_(counts.codes[0], counts.codes[1])] = counts.cells[0, :-1, :-1]
    observed = np.ix_(OBSERVED_CODES, OBSERVED_CODES)
    same = (
        (found.cells[ids[0]] == full.sum(axis=1)[list(CODES)]).all()
        and (found.cells[ids[1]] == full.sum(axis=0)[list(CODES)]).all()
        and (found.matrices[ids[0], ids[1]] == full[observed]).all()
    )
    if not same:
        raise Disagreement("a custom zone differs from the count of every cell")
    return f"status and change of {found.total} cells equal to the count of every cell"


def against_exactextract(scale: Scale) -> Measured:
    """Two editions and their change, to exactextract's one edition."""
    big, _, _, answer = _contests(scale)
    return of_ratios(big, names=("ours", "exactextract"), agreement=answer)


def against_perimeter(scale: Scale) -> Measured:
    """The ratio of times of the large and the small zone, in times of that of their perimeters."""
    _, both, perimeters, _ = _contests(scale)
    ratios = [ratio / perimeters for ratio in both.ratios]
    return Measured(
        value=median(ratios),
        low=min(ratios),
        high=max(ratios),
        seconds=f"{both.seconds('small', 'large')}; perimeters {perimeters:.3g} ×",
        agreement="both equal to the count of every cell",
    )


ROWS = (
    Row(
        name="custom-zone",
        work="one custom zone of 12 000 km², status of two editions and change, against "
        "exactextract on one edition",
        required=at_least(25),
        aim=at_least(100),
        run=against_exactextract,
        why="Two thirds of the time are reading: the border crosses some 120 blocks of "
        "512 cells in each edition, at 0.6 ms each, and one thread decodes each "
        "edition. A quarter is PostgreSQL, which decompresses 250 lines of running "
        "sums for each edition and pair. Smaller blocks would halve the reading.",
    ),
    Row(
        name="custom-zone-perimeter",
        work="that zone against one of 500 km²: ratio of the times over ratio of the perimeters",
        required=at_most(1.5),
        aim=None,
        run=against_perimeter,
    ),
)
