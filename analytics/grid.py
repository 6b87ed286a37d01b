"""The 10 m grid of EPSG:3035: cells, windows, tiles. Arithmetic only; nothing here reads a file.

Columns count eastwards from x = 0 m, rows southwards from y = 10 000 000 m, so that every cell of
the EEA reference grid has two indices that are not negative. The *100 km tile* ``E37N22`` of that
grid spans 3 700 000 ≤ x < 3 800 000 m and 2 200 000 ≤ y < 2 300 000 m; a *1 km tile* spans 100 ×
100 cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

EPSG = 3035
CELL_SIZE = 10
"""Side of a cell, in metres."""
CELL_AREA = CELL_SIZE * CELL_SIZE
"""Area of a cell, in square metres."""
AREA_OF_USE = (-35.58, 24.6, 44.83, 84.73)
"""Area of use of EPSG:3035 as the EPSG registry states it: west, south, east, north, in degrees."""
EUROPE = (-32.0, 27.0, 45.0, 72.0)
"""Land of Europe that CLC+ Backbone maps: west, south, east, north, in degrees, generously."""
Y_ORIGIN = 10_000_000
"""Northing of the upper edge of row 0, in metres."""
FARTHEST = 2e7
"""Metres: EPSG:3035 puts no place of the Earth beyond."""

COUNT_TILE_CELLS = 100
"""Side of a tile of counts, in cells: 1 km, a cell of the EEA 1 km reference grid."""
STORE_TILE_CELLS = 10_000
"""Side of a tile of the raster store, in cells: 100 km, a cell of the EEA 100 km reference grid."""

_TILE_NAME = re.compile(r"E(\d{2})N(\d{2})")


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of cells: first row and column, and its height and width in cells."""

    row: int
    column: int
    height: int
    width: int

    @property
    def row_stop(self) -> int:
        """Row after the last."""
        return self.row + self.height

    @property
    def column_stop(self) -> int:
        """Column after the last."""
        return self.column + self.width

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width, as NumPy wants them."""
        return self.height, self.width

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.height * self.width

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Metres in EPSG:3035: west, south, east, north."""
        return (
            self.column * CELL_SIZE,
            Y_ORIGIN - self.row_stop * CELL_SIZE,
            self.column_stop * CELL_SIZE,
            Y_ORIGIN - self.row * CELL_SIZE,
        )

    def intersection(self, other: Window) -> Window | None:
        """The cells of both, or None where there are none."""
        row, column = max(self.row, other.row), max(self.column, other.column)
        height = min(self.row_stop, other.row_stop) - row
        width = min(self.column_stop, other.column_stop) - column
        return Window(row, column, height, width) if height > 0 and width > 0 else None

    def union(self, other: Window) -> Window:
        """The smallest window that holds both."""
        row, column = min(self.row, other.row), min(self.column, other.column)
        return Window(
            row,
            column,
            max(self.row_stop, other.row_stop) - row,
            max(self.column_stop, other.column_stop) - column,
        )

    def snapped(self, multiple: int) -> Window:
        """The smallest window round this one whose edges are multiples of ``multiple`` cells."""
        row, column = self.row // multiple * multiple, self.column // multiple * multiple
        return Window(
            row,
            column,
            -(-self.row_stop // multiple) * multiple - row,
            -(-self.column_stop // multiple) * multiple - column,
        )

    def strips(self, height: int) -> Iterator[Window]:
        """Windows of the full width and at most ``height`` rows, that start at its multiples."""
        row = self.row
        while row < self.row_stop:
            stop = min((row // height + 1) * height, self.row_stop)
            yield Window(row, self.column, stop - row, self.width)
            row = stop

    def parts(self, height: int, width: int) -> Iterator[Window]:
        """Windows of at most ``height`` × ``width`` cells from the first row and column on, row by
        row."""
        for row in range(self.row, self.row_stop, height):
            for column in range(self.column, self.column_stop, width):
                yield Window(
                    row,
                    column,
                    min(height, self.row_stop - row),
                    min(width, self.column_stop - column),
                )


@dataclass(frozen=True, slots=True, order=True)
class StoreTile:
    """A 100 km tile: its easting and northing in units of 100 km."""

    easting: int
    northing: int

    @property
    def name(self) -> str:
        """Its name in the EEA reference grid, such as ``E37N22``."""
        return f"E{self.easting:02d}N{self.northing:02d}"

    @property
    def window(self) -> Window:
        """Its cells."""
        per_tile = STORE_TILE_CELLS
        row = Y_ORIGIN // CELL_SIZE - (self.northing + 1) * per_tile
        return Window(row, self.easting * per_tile, per_tile, per_tile)

    @classmethod
    def from_name(cls, name: str) -> StoreTile:
        """The tile of a name such as ``E37N22``; ValueError for anything else."""
        match = _TILE_NAME.fullmatch(name)
        if match is None:
            raise ValueError(f"{name!r} is not the name of a 100 km tile, such as E37N22")
        return cls(int(match[1]), int(match[2]))


def store_tiles(window: Window) -> list[StoreTile]:
    """The 100 km tiles that share a cell with ``window``, from west to east, south to north."""
    west, south, east, north = window.bounds
    side = STORE_TILE_CELLS * CELL_SIZE
    return [
        StoreTile(easting, northing)
        for easting in range(west // side, -(-east // side))
        for northing in range(south // side, -(-north // side))
    ]


def window_of_bounds(west: float, south: float, east: float, north: float) -> Window:
    """The smallest window that covers a rectangle given in metres of EPSG:3035."""
    column, column_stop = int(west // CELL_SIZE), int(-(-east // CELL_SIZE))
    row = int((Y_ORIGIN - north) // CELL_SIZE)
    row_stop = int(-(-(Y_ORIGIN - south) // CELL_SIZE))
    return Window(row, column, max(row_stop - row, 1), max(column_stop - column, 1))
