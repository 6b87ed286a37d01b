"""Growth of towns between the editions, block by block, and the few cells unsealed again."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from analytics.arrays import BoolArray, Float64Array, Int64Array
from analytics.nomenclature import SEA_BUFFER, SEALED
from demonstration.grids.fields import Field, centre, sample, unit
from demonstration.grids.frame import Frame
from demonstration.grids.kernels import kernel
from demonstration.landscape.ground import Ground, draw_marks
from demonstration.truth.blocks import block_at, block_threshold
from demonstration.truth.land_cover import (
    GRASS,
    MAY_BE_GARDEN,
    MAY_BE_LOST,
    MAY_BE_SEALED,
    Cells,
    Cover,
    cover_land,
)

# Shares of the sealed stock of 2018, gained and lost since the year before.
GAIN = {2021: 0.0127, 2023: 0.0084, 2024: 0.0042}
LOSS = {2021: 0.0007, 2023: 0.0004, 2024: 0.0002}
LAST_YEAR, FOLLOWING_YEAR = 2023, 2024


@kernel
def score_cells(
    cells: Int64Array, columns: int, density: Field, pull: Field, seed: int
) -> tuple[Int64Array, Float64Array]:
    """The key of the block of each cell (flat index), and how likely the cell changes."""
    keys = np.empty(cells.size, dtype=np.int64)
    scores = np.empty(cells.size)
    for k in range(cells.size):
        x, y = centre(cells[k] % columns), centre(cells[k] // columns)
        key = block_at(x, y, seed)[0]
        keys[k] = key
        luck = unit(key & 0xFFFF, key >> 16, seed + 60)
        near = sample(density, x, y) - block_threshold(key, seed)
        # Gumbel noise: the best scores are then a draw of blocks, each weighted by the exponential
        # of the rest. Every commune may grow; near a growing town a block is ten times likelier.
        noise = -math.log(-math.log(0.5e-9 + luck * (1.0 - 1e-9)))
        scores[k] = 2.2 * sample(pull, x, y) + 9.0 * near + noise
    return keys, scores


def grow(frame: Frame, ground: Ground, cover: Cover) -> None:
    """Turn whole blocks into town, best first, until the year's gain is reached; in place."""
    years, candidate = cover.years, cover.candidate.ravel()
    stock = int((years[2018] == SEALED).sum())

    def blocks(mask: BoolArray) -> list[Int64Array]:
        """The cells of a mask, block by block, the best block first."""
        cells = np.flatnonzero(mask)
        keys, scores = score_cells(
            cells, frame.cells, ground.density, ground.pull, frame.subseed("land cover")
        )
        order = np.argsort(keys, kind="stable")
        _, starts, counts = np.unique(keys[order], return_index=True, return_counts=True)
        mean = np.add.reduceat(scores[order], starts) / counts
        parts = np.split(cells[order], starts[1:])
        return [parts[block] for block in np.argsort(-mean, kind="stable")]

    def change(cells: Int64Array, year: int, code: int) -> None:
        for later in years:
            if later >= year:
                years[later].ravel()[cells] = code

    def unseal(cells: Int64Array, year: int) -> int:
        change(cells, year, GRASS)
        return len(cells)

    def build(cells: Int64Array, year: int) -> int:
        sealed = cells[candidate[cells] == MAY_BE_SEALED]
        # A block of which little can be built on (a river bank, a ravine) stays as it is.
        if len(sealed) < 8:
            return 0
        change(sealed, year, SEALED)
        change(cells[candidate[cells] == MAY_BE_GARDEN], year, GRASS)
        return len(sealed)

    losses = blocks(candidate == MAY_BE_LOST)
    # Abandoned plots are drawn at random from the less favoured half.
    _spend(
        losses[len(losses) // 2 :: 37],
        {year: int(LOSS[year] * stock) for year in LOSS if year in years},
        unseal,
    )
    gains = blocks((candidate == MAY_BE_SEALED) | (candidate == MAY_BE_GARDEN))
    budgets = {
        year: int(GAIN[year] * stock) - gain_and_loss(years[before], years[year])[0]
        for before, year in pairwise(years)
    }
    _spend(gains, budgets, build)


def _spend(
    blocks: list[Int64Array], budgets: dict[int, int], change: Callable[[Int64Array, int], int]
) -> None:
    """Let blocks change, in order, until each year's budget of cells is spent. `change` changes a
    block's cells from a year on, and says how many it spent."""
    waiting = iter(blocks)
    for year, budget in budgets.items():
        while budget > 0 and (block := next(waiting, None)) is not None:
            budget -= change(block, year)


def gain_and_loss(old: Cells, new: Cells) -> tuple[int, int]:
    """Cells that are sealed only later, and those that are sealed only earlier."""
    was, now = old == SEALED, new == SEALED
    return int((now & ~was).sum()), int((was & ~now).sum())


def following_truth(frame: Frame, ground: Ground, last: Cells) -> Cells:
    """The truth of 2024: the region after one more year of growth.

    The order of blocks is not stored, so the cells are covered again. Raises ValueError if the
    result of 2023 differs from `last`.
    """
    inside = (last < SEA_BUFFER).astype(np.uint8)
    cover = cover_land(frame, ground, draw_marks(frame, ground), inside)
    # Natural classes do not change.
    cover.years[FOLLOWING_YEAR] = cover.years[LAST_YEAR].copy()
    grow(frame, ground, cover)
    if not np.array_equal(cover.years[LAST_YEAR], last):
        raise ValueError("the truth on disk is not that of this seed and size")
    return cover.years[FOLLOWING_YEAR]
