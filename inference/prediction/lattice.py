"""Where windows lie: on a lattice of the whole grid, not of a file or a job. Arithmetic only.

Windows start at multiples of the stride, in rows and in columns, so that a cell is seen in the same
windows whatever part of the grid is asked for. They overlap by a quarter of their side or more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analytics.grid import Window

STRIP_CELLS = 8_192
"""Cells that a strip is wide at most; what overlaps from one row of windows to the next is kept for
that width: 184 MB for 11 labels and windows of 512."""

_MULTIPLE = 4
# A network that halves its input twice sees the same four by four cells in every window.


@dataclass(frozen=True, slots=True)
class Lattice:
    """Windows of ``side`` cells that start at multiples of ``stride``."""

    side: int
    stride: int

    @classmethod
    def of(cls, side: int) -> Lattice:
        """The lattice for windows of a side, of 8 cells or more."""
        return cls(side=side, stride=max(side * 3 // 4 // _MULTIPLE, 1) * _MULTIPLE)

    def first(self, start: int) -> int:
        """Number of the first window, along an axis, that holds a cell from ``start`` on."""
        return (start - self.side) // self.stride + 1

    def last(self, stop: int) -> int:
        """Number of the last window that holds a cell before ``stop``."""
        return (stop - 1) // self.stride

    @property
    def before(self) -> int:
        """How many earlier windows, along an axis, reach into the cells where one starts."""
        return -(-(self.side - self.stride) // self.stride)

    def strips(self, window: Window, *, cells: int = STRIP_CELLS) -> Iterator[Strip]:
        """Strips of ``window`` from west to east, at most ``cells`` wide, that start where windows
        do."""
        width = max(cells // self.stride, 1) * self.stride
        column = window.column
        while column < window.column_stop:
            stop = min((column // width + 1) * width, window.column_stop)
            part = Window(window.row, column, window.height, stop - column)
            yield Strip(lattice=self, window=part)
            column = stop


@dataclass(frozen=True, slots=True)
class Strip:
    """Columns that are worked through from north to south, one row of windows after the other."""

    lattice: Lattice
    window: Window
    """The cells that are to be written."""

    @property
    def columns(self) -> range:
        """First columns of the windows of each row."""
        first = self.lattice.first(self.window.column) * self.lattice.stride
        return range(first, self.window.column_stop, self.lattice.stride)

    @property
    def column(self) -> int:
        """First column that is read."""
        return self.columns[0]

    @property
    def width(self) -> int:
        """Cells that are read in each row."""
        return self.columns[-1] + self.lattice.side - self.column

    @property
    def bands(self) -> range:
        """Numbers of the rows of windows after each of which some rows are finished."""
        return range(
            self.window.row // self.lattice.stride, self.lattice.last(self.window.row_stop) + 1
        )

    def band(self, number: int) -> Window:
        """The cells that are finished after row ``number`` of windows, and before the next."""
        stride = self.lattice.stride
        whole = Window(number * stride, self.window.column, stride, self.window.width)
        part = whole.intersection(self.window)
        assert part is not None, "a number of `bands`"
        return part

    def read(self, number: int) -> Window:
        """The cells of row ``number`` of windows."""
        return Window(number * self.lattice.stride, self.column, self.lattice.side, self.width)

    def rows(self, band: int) -> range:
        """Rows of windows to work through so that ``band`` and those after it can be finished:
        those before, that reach into it, come first."""
        return range(band - self.lattice.before, self.bands.stop)
