"""Where rows of blocks begin in a mosaic: those of its tiles count, not its own.

A mosaic (VRT) has no blocks. A tile of 10 000 rows with blocks of 512 begins its rows of blocks
anew, so that those of the tiles below lie elsewhere than every 512 rows of the mosaic. Strips that
cut a block have it decoded twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree import ElementTree

from rasterio.io import DatasetReader

from analytics.grid import Window

_VRT = "xml:VRT"


class BlockRows(NamedTuple):
    """From a row on, rows of blocks begin at ``first`` and at each whole number of blocks from
    there."""

    row: int
    first: int


COG_BLOCK = 512
"""Side of a block of a stored COG, in cells."""
FROM_THE_TOP = (BlockRows(0, 0),)


@dataclass(frozen=True, slots=True)
class _Tile:
    row: int
    row_stop: int
    width: int
    first: int
    """The row at which its blocks begin, that of a part of a file before the part."""


def block_rows(dataset: DatasetReader) -> tuple[BlockRows, ...]:
    """Where rows of blocks begin in a raster, from north to south; tiles of a mosaic are taken to
    have blocks of COG_BLOCK rows.

    Beside each other, tiles may begin at different rows: those count that are widest together.
    """
    if dataset.driver != "VRT":
        return FROM_THE_TOP
    changes: dict[int, Counter[int]] = defaultdict(Counter)
    for tile in _tiles(dataset):
        changes[max(tile.row, 0)][tile.first % COG_BLOCK] += tile.width
        changes[tile.row_stop][tile.first % COG_BLOCK] -= tile.width
    found, widths = [*FROM_THE_TOP], Counter[int]()
    for row in sorted(row for row in changes if 0 <= row < dataset.height):
        widths.update(changes[row])
        (first, width), *_ = widths.most_common(1)
        if width > 0 and first != found[-1].first % COG_BLOCK:
            found.append(BlockRows(row, row - (row - first) % COG_BLOCK))
    return tuple(found)


def aligned_strips(window: Window, starts: tuple[BlockRows, ...], *, rows: int) -> list[Window]:
    """Strips of a window of at most so many rows, a multiple of those of a block: they begin where
    rows of blocks do."""
    stops = [start.row for start in starts[1:]] + [max(window.row_stop, starts[-1].row + 1)]
    strips = []
    for start, stop in zip(starts, stops, strict=True):
        part = window.intersection(Window(start.row, window.column, stop - start.row, window.width))
        if part is None:
            continue
        # Counted from a row of blocks, so that strips begin at multiples.
        below = Window(part.row - start.first, part.column, part.height, part.width)
        strips += [
            Window(strip.row + start.first, strip.column, strip.height, strip.width)
            for strip in below.strips(rows)
        ]
    return strips


def _tiles(dataset: DatasetReader) -> Iterator[_Tile]:
    """The parts of a mosaic's first band that are read cell by cell from files."""
    # GDAL has read it, and writes it anew: there is nothing in it but elements.
    text = dataset.tags(ns=_VRT).get(_VRT, "<VRTDataset/>")
    band = ElementTree.fromstring(text).find("VRTRasterBand")
    for source in () if band is None else band:
        place, part = source.find("DstRect"), source.find("SrcRect")
        if place is None or part is None:
            continue
        here, there = (
            [float(rect.get(name, "nan")) for name in ("yOff", "ySize", "xSize")]
            for rect in (place, part)
        )
        # A part that is shown at another scale has no rows of blocks; NaN is equal to nothing.
        if here[1:] == there[1:] and (here[0] - there[0]).is_integer():
            row, height, width = map(int, here)
            yield _Tile(row, row + height, width, row - int(there[0]))
