"""Rows of a raster with the strata of their cells, strip by strip, on all cores.

The strata of a row depend on the rows round it. Each strip is decoded once: the rows at its edges
wait until the strip below has been decoded too, and are looked at together, as a *seam*.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from analytics.counting.kernels import Block, Values
from analytics.counting.passes import block_strips
from analytics.counting.reader import NODATA, ThreadReaders
from analytics.counting.scanline import Edges, spans_of
from analytics.errors import InvalidCodes, SampleError
from analytics.grid import Window
from analytics.nomenclature import MISSING_CODES, NO_DATA
from analytics.phrases import phrase as _
from analytics.rasters.block_rows import COG_BLOCK
from analytics.rasters.grids import RasterGrid, check_same_grid
from analytics.rasters.sources import Progress
from analytics.sampling import strata_kernels
from analytics.sampling.strata import Scheme

STRIP_CELLS = 2**23
"""Cells of a strip, about; a strip has whole rows of blocks, and so may have more."""
LEAST_ROWS = COG_BLOCK
"""Rows of a strip at least. A VRT's own blocks say nothing of its sources': two threads would
decode each of those."""
MISSING = frozenset(MISSING_CODES)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Some rows of a raster: their window, the packed pairs of codes, and the strata, both of the
    window's shape. A stratum is 0 outside the area."""

    window: Window
    packed: Block
    strata: Block


@dataclass(frozen=True, slots=True)
class Area:
    """Rasters of one grid, earlier edition first, and the zones that limit them, if any do."""

    grids: Sequence[RasterGrid]
    zones: Edges | None = None

    def window(self, reach: tuple[int, int] = (0, 0)) -> Window:
        """The cells that the zones may hold, or all, and those within reach. Raises SampleError for
        zones outside the raster."""
        whole = Window(0, 0, self.grids[0].height, self.grids[0].width)
        if self.zones is None:
            return whole
        # The edges of flat zones cross no row of centres.
        touched = _extent(self.zones).intersection(whole) if len(self.zones.coordinates) else None
        if touched is None:
            raise SampleError(
                _("zones"),
                found=_("no cell of %(name)s in them", name=self.grids[0].name),
                expected=_("zones that hold centres of its cells"),
            )
        down, across = reach
        wider = Window(
            touched.row - down,
            touched.column - across,
            touched.height + 2 * down,
            touched.width + 2 * across,
        )
        return wider.intersection(whole) or touched

    def readers(self) -> ThreadReaders:
        """The rasters, for several threads. Raises WrongReferenceSystem or WrongGrid where they
        differ in their grids."""
        for other in self.grids[1:]:
            check_same_grid(self.grids[0], other)
        return ThreadReaders(self.grids, missing=MISSING)


def row_blocks(
    area: Area,
    scheme: Scheme,
    look: Callable[[RowBlock], T],
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Iterator[T]:
    """What ``look`` makes of each block of rows, in any order; every row comes once. It runs in
    several threads, and in that of the caller.

    ``progress`` is called with strips done and strips in all. Raises UnreadableRaster, WrongBand,
    InvalidCodes for codes that no class has, WrongReferenceSystem or WrongGrid.
    """
    down, _ = reach = scheme.reach or (0, 0)
    window = area.window(reach)
    strips = _strips(window, area.grids, least=2 * down + 1)
    readers = area.readers()

    def decode(strip: Window) -> tuple[T | None, Block, Block]:
        packed = packed_codes(readers, strip)
        first = 0 if strip.row == window.row else down
        last = strip.height if strip.row_stop == window.row_stop else strip.height - down
        found = look(_block(area, scheme, packed, strip, range(first, last)))
        # Copies, so that the rest of the strip can go.
        return found, packed[: 2 * down].copy(), packed[strip.height - 2 * down :].copy()

    with readers, ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        above: Block | None = None
        for done, (found, top, bottom) in enumerate(pool.map(decode, strips), start=1):
            if found is not None:
                yield found
            strip = strips[done - 1]
            if above is not None and down:
                seam = Window(strip.row - 2 * down, strip.column, 4 * down, strip.width)
                rows = range(down, 3 * down)
                yield look(_block(area, scheme, np.concatenate((above, top)), seam, rows))
            above = bottom
            if progress is not None:
                progress(done, len(strips))


def packed_codes(readers: ThreadReaders, window: Window) -> Block:
    """The pairs of codes of a window, packed; of one raster, each code with itself. Raises
    InvalidCodes."""
    blocks = [
        _bytes(values, absent)
        for values, absent in zip(readers.read(window), readers.absent, strict=True)
    ]
    packed = strata_kernels.pack_observed(blocks[0], blocks[-1])
    if packed is None:
        raise InvalidCodes(
            ", ".join(grid.name for grid in readers.grids),
            found=f"the code {_unknown(blocks)}",
            expected="codes 1 to 11, 253, 254, 255, or the declared nodata",
        )
    return packed


def strata_of_rows(area: Area, scheme: Scheme, packed: Block, window: Window, rows: range) -> Block:
    """The strata of some rows of a window's packed pairs; 0 outside the area."""
    if scheme.reach is None:
        strata = strata_kernels.observed_of(packed, rows=rows)
    else:
        strata = strata_kernels.strata_of(packed, rows=rows, reach=scheme.reach)
    if area.zones is not None:
        inner = _rows_of(window, rows)
        strata_kernels.keep_inside(strata, spans=spans_of(area.zones, inner), window=inner)
    return strata


def _block(area: Area, scheme: Scheme, packed: Block, window: Window, rows: range) -> RowBlock:
    strata = strata_of_rows(area, scheme, packed, window, rows)
    return RowBlock(_rows_of(window, rows), packed[rows.start : rows.stop], strata)


def _rows_of(window: Window, rows: range) -> Window:
    return Window(window.row + rows.start, window.column, len(rows), window.width)


def _strips(window: Window, grids: Sequence[RasterGrid], *, least: int) -> list[Window]:
    """Strips of whole rows of blocks, each with at least so many rows unless there is only one."""
    cells = max(STRIP_CELLS, least * window.width)
    joined: list[Window] = []
    for strip in block_strips(window, grids, cells, LEAST_ROWS):
        if joined and min(joined[-1].height, strip.height) < least:
            strip = joined.pop().union(strip)
        joined.append(strip)
    return joined


def _extent(edges: Edges) -> Window:
    """The rows and columns that hold the centres of cells in zones, generously."""
    rows = edges.rows[edges.rows[:, 1] > edges.rows[:, 0]]
    if not len(rows):
        return Window(0, 0, 0, 0)
    x_origin, _, width, _ = edges.grid.tolist()
    eastings = edges.coordinates[:, [0, 2]]
    column = int((eastings.min() - x_origin) // width) - 1
    column_stop = int((eastings.max() - x_origin) // width) + 2
    row, row_stop = int(rows[:, 0].min()), int(rows[:, 1].max())
    return Window(row, column, row_stop - row, column_stop - column)


def _bytes(values: Values, absent: frozenset[int]) -> Block:
    """Codes as bytes, in which 255 stands for all that is not observed."""
    if values.dtype == np.uint8 and absent <= MISSING | {NODATA}:
        return values  # type: ignore[return-value]
    table = np.arange(NODATA + 1, dtype=np.uint16)
    table[[*absent]] = NO_DATA
    return table.astype(np.uint8)[values]


def _unknown(blocks: Sequence[Block]) -> int:
    known = np.zeros(256, dtype=bool)
    known[[*range(1, 12), *MISSING]] = True
    return next(int(block[~known[block]][0]) for block in blocks if not known[block].all())
