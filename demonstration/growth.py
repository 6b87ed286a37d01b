"""Growth of towns between the editions, block by block, and the few cells unsealed again."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from analytics.nomenclature import SEALED

from .fields import Field, sample, unit
from .frame import Frame, subseed
from .kernels import kernel
from .land_cover import GRASS, MAY_BE_LOST, MAY_BE_SEALED, NO_CANDIDATE, Cells, Cover
from .urban import block_at, block_threshold

# Shares of the sealed stock of 2018, gained and lost since the year before.
GAIN = {2021: 0.0127, 2023: 0.0084, 2024: 0.0042}
LOSS = {2021: 0.0007, 2023: 0.0004, 2024: 0.0002}


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """Candidate cells (flat indices, sorted by block) and each block's rank and extent."""

    cells: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]


@kernel
def fill_keys(
    cells: npt.NDArray[np.int64],
    columns: int,
    density: Field,
    pull: Field,
    seed: int,
    zoom: float,
    shift: int,
    keys: npt.NDArray[np.int64],
    scores: npt.NDArray[np.float64],
) -> None:
    for k in range(cells.size):
        x = (cells[k] % columns) * 10.0 + 5.0
        y = (cells[k] // columns) * 10.0 + 5.0
        key = block_at(x * zoom, y * zoom, seed + shift)[0]
        keys[k] = key
        luck = unit(key & 0xFFFF, key >> 16, seed + 60)
        near = sample(density, x, y, 50.0) - block_threshold(key, seed)
        # Gumbel noise: the best scores are then a draw of blocks, each weighted by the exponential
        # of the rest. Every commune may grow; near a growing town a block is ten times likelier.
        noise = -math.log(-math.log(0.5e-9 + luck * (1.0 - 1e-9)))
        scores[k] = 2.2 * sample(pull, x, y, 50.0) + 9.0 * near + noise


def _blocks(
    cells: npt.NDArray[np.int64],
    frame: Frame,
    density: Field,
    pull: Field,
    seed: int,
    *,
    zoom: float = 1.0,
    shift: int = 0,
) -> Blocks:
    keys = np.empty(cells.size, dtype=np.int64)
    scores = np.empty(cells.size)
    fill_keys(cells, frame.cells, density, pull, seed, zoom, shift, keys, scores)
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(keys[order]) != 0])
    counts = np.diff(np.r_[starts, keys.size])
    mean = np.add.reduceat(scores[order], starts) / counts if keys.size else scores
    return Blocks(cells=cells[order], starts=starts, score=mean)


def grow(*, frame: Frame, cover: Cover, density: Field, pull: Field, seed: int) -> None:
    """Turn whole blocks into town, best first, until the year's gain is reached; in place."""
    kernel_seed = subseed(seed, "land cover")
    years = cover.years
    candidate = cover.candidate.ravel()
    stock = int((years[2018] == SEALED).sum())

    lost = np.flatnonzero(candidate == MAY_BE_LOST)
    losses = _blocks(lost, frame, density, pull, kernel_seed)
    lose_order = np.argsort(-losses.score, kind="stable")
    # Abandoned plots are drawn at random from the less favoured half.
    lose_order = lose_order[len(lose_order) // 2 :][::37]
    _spend(
        losses,
        lose_order,
        budgets={year: int(LOSS[year] * stock) for year in LOSS if year in years},
        effect=lambda cells, year: _unseal(years, cells, year),
    )

    free = np.flatnonzero((candidate != NO_CANDIDATE) & (candidate != MAY_BE_LOST))
    blocks = _blocks(free, frame, density, pull, kernel_seed)
    already = {
        year: int(((years[before] != SEALED) & (years[year] == SEALED)).sum())
        for before, year in pairwise(sorted(years))
    }
    _spend(
        blocks,
        np.argsort(-blocks.score, kind="stable"),
        budgets={year: int(GAIN[year] * stock) - already[year] for year in already},
        effect=lambda cells, year: _build(years, candidate, cells, year),
    )


def _spend(
    blocks: Blocks,
    order: npt.NDArray[np.int64],
    *,
    budgets: dict[int, int],
    effect: Callable[[npt.NDArray[np.int64], int], int],
) -> None:
    """Let blocks change, in order, until each year's budget of cells is spent. `effect` changes a
    block's cells from a year on, and says how many it spent."""
    stops = np.append(blocks.starts[1:], blocks.cells.size)
    position = 0
    for year in sorted(budgets):
        spent = 0
        while spent < budgets[year] and position < len(order):
            block = order[position]
            position += 1
            spent += effect(blocks.cells[blocks.starts[block] : stops[block]], year)


def _unseal(years: dict[int, Cells], cells: npt.NDArray[np.int64], year: int) -> int:
    for later in years:
        if later >= year:
            years[later].ravel()[cells] = GRASS
    return len(cells)


def _build(
    years: dict[int, Cells], candidate: Cells, cells: npt.NDArray[np.int64], year: int
) -> int:
    sealed = cells[candidate[cells] == MAY_BE_SEALED]
    # A block of which little can be built on (a river bank, a ravine) stays as it is.
    if len(sealed) < 8:
        return 0
    gardens = cells[candidate[cells] != MAY_BE_SEALED]
    for later in years:
        if later >= year:
            flat = years[later].ravel()
            flat[sealed] = SEALED
            flat[gardens] = GRASS
    return len(sealed)
