"""Class counts, and class-pair counts, of all zones in one pass over the cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.arrays import Int64Array
from analytics.counting.kernels import (
    NIBBLE_OF_CODES,
    NIBBLES,
    by_code,
    count_spans,
    pack,
    pack_pairs,
)
from analytics.counting.scanline import Edges, spans_of
from analytics.grid import Window
from analytics.nomenclature import OBSERVED_CODES
from analytics.rasters.sources import STRIP_ROWS, Codes

ReadCodes = Callable[[Window], Codes]
"""Reads a window's codes, shape ``window.shape``; 255 where there are none."""

_OBSERVED = list(NIBBLE_OF_CODES[: len(OBSERVED_CODES)])


@dataclass(frozen=True, slots=True)
class ZonalCounts:
    """Counts of zones in a window.

    ``cells`` has shape (zones, 14): cells by class in the order of CODES. ``matrices`` has, for
    each raster compared with, shape (zones, 11, 11): cells observed in both, by the other raster's
    class and by this one's.
    """

    cells: Int64Array
    matrices: tuple[Int64Array, ...]


def count(
    edges: Edges,
    *,
    window: Window,
    read: ReadCodes,
    read_others: Sequence[ReadCodes] = (),
) -> ZonalCounts:
    """Count one raster of CLC+ codes, and compare it with others, in all zones at once.

    Memory is bounded by a strip of STRIP_ROWS rows for each raster. Raises InvalidCodes for a cell
    whose code the nomenclature does not have.
    """
    zones = len(edges)
    cells = np.zeros((zones, NIBBLES), dtype=np.int64)
    pairs = [np.zeros((zones, NIBBLES * NIBBLES), dtype=np.int64) for _ in read_others]
    for strip in window.strips(STRIP_ROWS):
        spans = spans_of(edges, strip)
        if not len(spans):
            continue
        codes = read(strip)
        if not pairs:
            count_spans(pack(codes), spans, window=strip, counts=cells)
        for read_other, counts in zip(read_others, pairs, strict=True):
            packed = pack_pairs(read_other(strip), codes)
            count_spans(packed, spans, window=strip, counts=counts)
    matrices = [counts.reshape(zones, NIBBLES, NIBBLES) for counts in pairs]
    for matrix in matrices:
        by_code(matrix.sum(axis=2))
        cells = matrix.sum(axis=1)
    return ZonalCounts(
        by_code(cells),
        tuple(np.ascontiguousarray(m[:, _OBSERVED][:, :, _OBSERVED]) for m in matrices),
    )
