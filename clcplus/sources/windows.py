"""Windows in which an area is fetched, and what they share at their seams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from analytics.grid import Window, store_tiles
from analytics.rasters import Codes

SIDE = 2_500
"""Usual side of a window, in cells: 16 windows in a 100 km tile, of 6 MB before compression."""
MARGIN = 4
"""Cells that a window is fetched beyond its south and east edge, to compare it with the next."""


def plan(
    area: Window, *, most_rows: int, most_columns: int, needed: Callable[[Window], bool]
) -> list[Window]:
    """Disjoint windows that cover the needed part of an area, each inside of one 100 km tile.

    With its margin no window is larger than ``most_rows`` × ``most_columns``.
    """
    rows, columns = min(SIDE, most_rows - MARGIN), min(SIDE, most_columns - MARGIN)
    if rows < 1 or columns < 1:
        raise ValueError(f"no window fits into {most_rows} × {most_columns} cells")
    found = []
    for tile in store_tiles(area):
        inside = tile.window.intersection(area)
        if inside is not None:
            found += [part for part in inside.parts(rows, columns) if needed(part)]
    return found


def with_margin(window: Window, *, area: Window) -> Window:
    """A window and its margin, as far as the area goes."""
    return Window(
        window.row,
        window.column,
        min(window.height + MARGIN, area.row_stop - window.row),
        min(window.width + MARGIN, area.column_stop - window.column),
    )


def seams(windows: Sequence[Window], *, area: Window) -> Iterator[tuple[int, int]]:
    """Pairs of windows, by index, that share cells once they have their margins."""
    starting: dict[int, list[int]] = defaultdict(list)
    for index, window in enumerate(windows):
        starting[window.row].append(index)
    starts = sorted(starting)
    grown = [with_margin(window, area=area) for window in windows]
    highest = max((window.height for window in grown), default=0)
    for index, window in enumerate(grown):
        low = np.searchsorted(starts, window.row - highest)
        high = np.searchsorted(starts, window.row_stop)
        for row in starts[low:high]:
            for other in starting[row]:
                if other > index and window.intersection(grown[other]) is not None:
                    yield index, other


def differing_cells(one: Codes, other: Codes, *, at: tuple[Window, Window]) -> int:
    """Number of cells in which two windows disagree where they overlap.

    ``one`` and ``other`` have the shapes of the windows ``at``.
    """
    shared = at[0].intersection(at[1])
    if shared is None:
        return 0
    parts = [
        codes[
            shared.row - window.row : shared.row_stop - window.row,
            shared.column - window.column : shared.column_stop - window.column,
        ]
        for codes, window in zip((one, other), at, strict=True)
    ]
    return int(np.count_nonzero(parts[0] != parts[1]))
