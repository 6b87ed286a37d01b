"""The truth of 2024: the region's land a year of growth after its last edition."""

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
    """Let the towns grow on from the truth of 2023, next best block first.

    The region is laid out once more, as it is not kept which blocks come next. Raises ValueError
    where it is not that of `last`.
    """
    inside = (last < SEA_BUFFER).astype(np.uint8)
    _, cover = cover_ground(frame=frame, ground=ground, inside=inside, seed=seed)
    # Natural classes stay as they were; a field ploughed or not is no matter of towns.
    cover.years[YEAR] = cover.years[LAST_YEAR].copy()
    grow(frame=frame, cover=cover, density=ground.density, pull=ground.pull, seed=seed)
    if not np.array_equal(cover.years[LAST_YEAR], last):
        raise ValueError("the truth on disk is not that of this seed and size")
    cells = cover.years[YEAR]
    was, now = last == SEALED, cells == SEALED
    return Growth(cells=cells, gained=int((now & ~was).sum()), lost=int((was & ~now).sum()))
