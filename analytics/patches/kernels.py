"""Load what filters of change have compiled before a process forks."""

from __future__ import annotations

import numpy as np
import shapely

from analytics.counting.scanline import edges_of, spans_of
from analytics.grid import Window
from analytics.patches.filter_sets import FilterSet
from analytics.patches.filters import preset_groups
from analytics.patches.labels import Labeller
from analytics.patches.mask_codes import blank_mask
from analytics.patches.mask_file import paint
from analytics.patches.runs import change_cells, states
from analytics.patches.set_squares import SetSquares
from analytics.patches.zone_change import cells_in_spans


def load_kernels() -> None:
    """Load the kernels, or compile them: the processes that fork share them, and none of them
    waits."""
    window = Window(0, 0, 2, 2)
    earlier = np.full(window.shape, 2, dtype=np.uint8)
    later = np.array([[1, 2], [1, 1]], dtype=np.uint8)
    known = states(())
    change = change_cells(
        earlier, later, of_earlier=known, of_later=known, first_row=0, names=("", "")
    )
    blank_mask(earlier, later, of_earlier=known, of_later=known)
    Labeller(width=window.width, connectivity=4).add(change, row_stop=window.height)
    paint(later, change.runs, change.runs.kind, row=0)
    squares = SetSquares(
        FilterSet(preset_groups(confident=False)[0]), height=window.height, width=window.width
    )
    squares.receive_late(change.runs, change.runs.kind)
    west, south, east, north = window.bounds
    spans = spans_of(edges_of([shapely.box(west, south, east, north)]), window)
    cells_in_spans(change.runs, spans, zones=1)
