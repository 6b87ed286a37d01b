"""The lattice of windows on the whole grid. Arithmetic only.

Windows start at multiples of the stride, in rows and in columns. So the same windows see a cell,
whatever part of the grid is predicted. Windows overlap by at least a quarter of their side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics.grid import Window

STRIP_CELLS = 8_192
"""Largest width of a strip, in cells. The overlap of two rows of windows is kept in memory for that
width: 184 MB for 11 labels and windows of 512."""

# A network that halves its input twice sees the same four by four cells in every window.
_MULTIPLE = 4


@dataclass(frozen=True, slots=True)
class Lattice:
    """Windows of ``side`` cells that start at multiples of ``stride``."""

    side: int
    stride: int

    @classmethod
    def of(cls, side: int) -> Lattice:
        """The lattice for windows of a given side, at least 8 cells."""
        return cls(side=side, stride=max(side * 3 // 4 // _MULTIPLE, 1) * _MULTIPLE)

    @property
    def before(self) -> int:
        """Number of earlier windows along an axis that overlap the first cells of a window."""
        return -(-(self.side - self.stride) // self.stride)

    def strips(self, window: Window, *, cells: int = STRIP_CELLS) -> Iterator[Strip]:
        """Strips from west to east, at most ``cells`` wide. They start where windows do."""
        width = max(cells // self.stride, 1) * self.stride
        column = window.column
        while column < window.column_stop:
            stop = min((column // width + 1) * width, window.column_stop)
            part = Window(window.row, column, window.height, stop - column)
            yield Strip(lattice=self, window=part)
            column = stop


@dataclass(frozen=True, slots=True)
class Strip:
    """Columns that are processed from north to south, one row of windows after the other."""

    lattice: Lattice
    window: Window
    """The cells to be written."""

    @property
    def columns(self) -> range:
        """First columns of the windows of each row."""
        side, stride = self.lattice.side, self.lattice.stride
        first = (self.window.column - side) // stride + 1
        return range(first * stride, self.window.column_stop, stride)

    @property
    def column(self) -> int:
        """First column to read."""
        return self.columns[0]

    @property
    def width(self) -> int:
        """Number of cells to read in each row."""
        return self.columns[-1] + self.lattice.side - self.column

    @property
    def bands(self) -> range:
        """Numbers of the rows of windows that finish some rows of cells."""
        stride = self.lattice.stride
        return range(self.window.row // stride, -(-self.window.row_stop // stride))

    def band(self, number: int) -> Window:
        """The cells that row ``number`` of windows finishes."""
        stride = self.lattice.stride
        whole = Window(number * stride, self.window.column, stride, self.window.width)
        part = whole.intersection(self.window)
        assert part is not None, "a number of `bands`"
        return part

    def read(self, number: int) -> Window:
        """The cells of row ``number`` of windows."""
        return Window(number * self.lattice.stride, self.column, self.lattice.side, self.width)

    def rows(self, band: int) -> range:
        """Rows of windows that overlap ``band`` or the bands after it."""
        return range(band - self.lattice.before, self.bands.stop)
