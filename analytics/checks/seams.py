"""Seams: whether the rate of change jumps where two 100 km tiles meet."""

from __future__ import annotations

import numpy as np

from analytics.arrays import Float64Array
from analytics.checks.limits import Limits
from analytics.checks.records import ChangeSquares, CheckResult, Concerned, CountedEdition, Grade
from analytics.grid import COUNT_TILE_CELLS, STORE_TILE_CELLS, StoreTile

_SIDE = STORE_TILE_CELLS // COUNT_TILE_CELLS
LEAST_PAIRS = 20
"""Pairs of squares that a line needs: the mean of fewer is that of a few squares."""
LEAST_LINES = 12
"""Lines inside the tiles that a seam is compared with: as many as a robust score needs."""
REACH = 20
"""Lines on each side of a seam that it is compared with: 20 km, over which a landscape stays alike
and which the next seam does not reach."""
STEP = Limits(warn=8.0, fail=16.0)
"""Robust score of the jump at a seam. Of a few hundred seams of a country the largest score of good
ones stays below 8 by chance, with tails twice as long as those of normal values; a tile of another
state makes scores of some tens."""
LEAST_JUMP = 0.002
"""Smaller jumps of the rate of change are none: 0.2 % of cells, less than the map's own noise of
0.9 % (a gain and a loss of 16.7 % of a stock of 2.7 %)."""


def seams(edition: CountedEdition) -> CheckResult:
    """Jumps of the rate of change at the edges of 100 km tiles.

    r = (gain + loss) ÷ observed cells of a 1 km square. The jump of a line between two rows or
    columns of squares is the mean of the differences of r across it. z is the robust score of the
    jump of a seam among those of the parallel lines inside the tiles, up to REACH away. The largest
    |z| of all seams has the limits STEP; jumps below LEAST_JUMP count as none.
    """
    squares = edition.squares
    if squares is None:
        return CheckResult(check="seams", grade=Grade.NONE)
    found = [*_along(squares, upright=True), *_along(squares, upright=False)]
    if not found:
        return CheckResult(check="seams", grade=Grade.NONE)
    value = max(abs(one.value) for one in found)
    wrong = sorted((s for s in found if abs(s.value) > STEP.warn), key=lambda s: -abs(s.value))
    return CheckResult(
        check="seams",
        grade=STEP.grade(value),
        value=value,
        warn_from=STEP.warn,
        fail_from=STEP.fail,
        compared=len(found),
        numbers={"least_jump": LEAST_JUMP},
        concerned=len(wrong),
        named=wrong[:20],
    )


def _along(squares: ChangeSquares, *, upright: bool) -> list[Concerned]:
    """The seams that run from north to south, or from west to east, each with its score."""
    rates = np.full(squares.observed.shape, np.nan)
    seen = squares.observed > 0
    rates[seen] = squares.changed[seen] / squares.observed[seen]
    first, start = squares.column, squares.row
    if not upright:
        rates, first, start = rates.T, squares.row, squares.column
    found = []
    # A piece of a seam is the edge of one tile: a tile of another state shows at its own edges.
    for begin, stop in _pieces(start, len(rates)):
        jumps, pairs = _jumps(rates[begin:stop])
        for line in range(len(jumps)):
            # Line n lies between the squares n and n + 1.
            if (first + line + 1) % _SIDE or pairs[line] < LEAST_PAIRS:
                continue
            near = np.arange(max(line - REACH, 0), min(line + REACH + 1, len(jumps)))
            inside = near[((first + near + 1) % _SIDE != 0) & (pairs[near] >= LEAST_PAIRS)]
            if len(inside) < LEAST_LINES:
                continue
            score = _score(float(jumps[line]), jumps[inside])
            tiles = _tiles(first + line, start + begin, upright=upright)
            found.append(Concerned("", "–".join(tiles), "", score))
    return found


def _pieces(start: int, length: int) -> list[tuple[int, int]]:
    """Positions of the rows of each 100 km tile."""
    edges = [n for n in range(1, length) if (start + n) % _SIDE == 0]
    return list(zip([0, *edges], [*edges, length], strict=True))


def _jumps(rates: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Mean difference across each line, and the number of pairs of squares that it is of."""
    apart = np.diff(rates, axis=1)
    known = np.isfinite(apart)
    pairs = known.sum(axis=0).astype(np.float64)
    return np.where(known, apart, 0.0).sum(axis=0) / np.maximum(pairs, 1), pairs


def _score(jump: float, inside: Float64Array) -> float:
    if abs(jump) < LEAST_JUMP:
        return 0.0
    middle = float(np.median(inside))
    spread = 1.4826 * float(np.median(np.abs(inside - middle)))
    # Where nothing else jumps, the least jump is the scale.
    return (jump - middle) / max(spread, LEAST_JUMP / STEP.warn)


def _tiles(before: int, along: int, *, upright: bool) -> tuple[str, str]:
    """Names of the tiles on both sides of a line after the square ``before``."""
    names = []
    for across in (before, before + 1):
        column, row = (across, along) if upright else (along, across)
        northing = 10_000 // _SIDE - row // _SIDE - 1
        names.append(StoreTile(column // _SIDE, northing).name)
    return names[0], names[1]
