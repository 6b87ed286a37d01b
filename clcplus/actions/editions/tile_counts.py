"""Store what was counted of a tile, in place of what an earlier attempt stored; COPY throughout.

Every function is part of the open transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from analytics.arrays import Int64Array
from analytics.change import Pair
from analytics.counting import tiles
from clcplus.database.bulk_copy import copy_arrays
from clcplus.models import (
    ChangePart,
    EditionTile,
    StatisticsPart,
    TileChangeSums,
    TileSums,
    Unit,
)


def store_statistics(unit: Unit, *, zone_ids: Sequence[int], cells: Int64Array) -> None:
    """What the tile adds to its zones' cells by class; ``cells`` has shape (zones, 14)."""
    StatisticsPart.objects.filter(
        edition=unit.edition_id, tile=unit.tile, zone__layer__in=unit.run.parameters["layers"]
    ).delete()
    copy_arrays(
        StatisticsPart,
        ("edition_id", "tile", "zone_id", "cells"),
        _rows(cells, zone_ids, unit.edition_id, unit.tile),
    )


def store_change(unit: Unit, *, pair: Pair, zone_ids: Sequence[int], matrices: Int64Array) -> None:
    """What the tile adds to its zones' change; ``matrices`` has shape (zones, 11, 11)."""
    earlier, later = pair
    ChangePart.objects.filter(
        earlier=earlier,
        later=later,
        tile=unit.tile,
        zone__layer__in=unit.run.parameters["layers"],
    ).delete()
    copy_arrays(
        ChangePart,
        ("earlier_id", "later_id", "tile", "zone_id", "matrix"),
        _rows(matrices, zone_ids, *pair, unit.tile),
    )


def store_tile(tile: EditionTile, *, sums: tiles.TileSums) -> None:
    """A stored tile and the running sums of its cells by class."""
    EditionTile.objects.update_or_create(
        edition=tile.edition,
        name=tile.name,
        defaults={
            name: getattr(tile, name)
            for name in ("key", "overview_key", "sha256", "row", "column", "height", "width")
        },
    )
    TileSums.objects.filter(edition=tile.edition, tile=tile.name).delete()
    copy_arrays(
        TileSums,
        ("edition_id", "tile", "row", "first_column", "tiles", "sums"),
        _sum_rows(sums, tile.edition_id, tile.name),
    )


def store_tile_change(*, pair: Pair, tile: str, sums: tiles.TileSums) -> None:
    """The running sums of a tile's cells by former and later class, and of those that changed."""
    earlier, later = pair
    TileChangeSums.objects.filter(earlier=earlier, later=later, tile=tile).delete()
    copy_arrays(
        TileChangeSums,
        ("earlier_id", "later_id", "tile", "row", "first_column", "tiles", "sums", "changed"),
        (
            (*row, changed)
            for row, changed in zip(
                _sum_rows(sums, *pair, tile), tiles.changed_sums(sums.sums), strict=True
            )
        ),
    )


def _rows(
    counts: Int64Array, zone_ids: Sequence[int], *key: object
) -> Iterator[tuple[object, ...]]:
    """A row for each zone that has a cell here: its key, its id, its counts."""
    for position in np.flatnonzero(counts.any(axis=tuple(range(1, counts.ndim)))).tolist():
        yield (*key, zone_ids[position], counts[position].ravel())


def _sum_rows(sums: tiles.TileSums, *key: object) -> Iterator[tuple[object, ...]]:
    for row, line in zip(sums.rows, sums.sums, strict=True):
        yield (*key, row, sums.first_column, len(line) - 1, line)
