"""The truth of 2024: the region after one more year of growth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.nomenclature import SEA_BUFFER, SEALED

from ..frame import Frame
from ..ground import Ground, cover_ground
from ..growth import grow
from ..land_cover import Cells

LAST_YEAR, YEAR = 2023, 2024


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The cells of the year, and what changed since the year before."""

    cells: Cells
    gained: int
    lost: int


def grow_on(*, frame: Frame, ground: Ground, last: Cells, seed: int) -> Growth:
    """Continue the growth of towns from the truth of 2023, best block first.

    The order of blocks is not stored, so the region is laid out again. Raises ValueError if the
    result differs from `last`.
    """
    inside = (last < SEA_BUFFER).astype(np.uint8)
    _, cover = cover_ground(frame=frame, ground=ground, inside=inside, seed=seed)
    # Natural classes do not change.
    cover.years[YEAR] = cover.years[LAST_YEAR].copy()
    grow(frame=frame, cover=cover, density=ground.density, pull=ground.pull, seed=seed)
    if not np.array_equal(cover.years[LAST_YEAR], last):
        raise ValueError("the truth on disk is not that of this seed and size")
    cells = cover.years[YEAR]
    was, now = last == SEALED, cells == SEALED
    return Growth(cells=cells, gained=int((now & ~was).sum()), lost=int((was & ~now).sum()))
