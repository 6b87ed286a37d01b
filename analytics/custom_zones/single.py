"""Status and change of any area, from running sums of tiles and the cells along its border.

Equal to the count of every cell, at the price of the border: inner tiles of 1 km come from PostGIS,
two look-ups for each run of them; only blocks that the border crosses are read from the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from analytics.arrays import Int64Array
from analytics.change.patterns import Pair, Pattern
from analytics.custom_zones.batch import count_zones
from analytics.rasters.store import Store


@dataclass(frozen=True, slots=True)
class ZoneCounts:
    """Counts of one area.

    ``cells``: by edition, cells by class in the order of CODES, shape (14,); what an edition does
    not cover is no data. ``matrices``: by pair of editions, cells observed in both by former and
    later class, shape (11, 11). ``patterns``: cells by pattern (analytics.change.patterns).
    ``total`` is the number of cells.
    """

    total: int
    cells: Mapping[int, Int64Array]
    matrices: Mapping[Pair, Int64Array]
    patterns: Mapping[Pattern, int]


def count_zone(
    connection: Connection,
    geometry: Any,
    *,
    store: Store,
    edition_ids: Sequence[int],
    pairs: Sequence[Pair] = (),
    lines: Sequence[Sequence[int]] = (),
) -> ZoneCounts:
    """Count an area, a polygon or multipolygon in EPSG:3035, in published editions.

    Every edition of a pair or a line is among ``edition_ids``; editions of a line are counted
    together, by pattern. Raises StoreError where a raster is not readable.
    """
    found = count_zones(
        connection,
        [geometry],
        store=store,
        edition_ids=edition_ids,
        pairs=pairs,
        lines=lines,
    )
    return ZoneCounts(
        total=int(found.total[0]),
        cells={edition_id: cells[0] for edition_id, cells in found.cells.items()},
        matrices={pair: matrices[0] for pair, matrices in found.matrices.items()},
        patterns={pattern: int(cells[0]) for pattern, cells in found.patterns.items() if cells[0]},
    )
