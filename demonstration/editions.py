"""From truth to editions: errors along edges, in clumps, and mostly the same in every edition.

Errors of the sealed class are chosen by thresholding a score. For omission, a sealed cell scores
high where little round it is sealed (narrow roads, lone farms, rims of towns) and where a smooth
random field is high; for commission, a cell that is not sealed scores high where much round it is
sealed (gardens between houses, rims of towns). The thresholds are set so that producer's and user's
accuracy come out at their targets to the cell.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from analytics.nomenclature import NO_DATA, OUTSIDE, SEA_BUFFER, SEALED, WATER
from analytics.products import CLCPLUS
from demonstration.grids.drawing import draw_blob
from demonstration.grids.fields import Field, centre, unit, value_noise
from demonstration.grids.frame import Frame
from demonstration.grids.kernels import kernel, run_strips
from demonstration.landscape.settlements import nodes_where
from demonstration.landscape.terrain import Terrain
from demonstration.truth.land_cover import BARE, Cells

SIDE = 7  # cells along the side of the neighbourhood whose sealed share counts

# Weight of the random field that each edition has for itself, against the common one: tuned so that
# about 70 % of the errors of the 2021 edition are found again in that of 2023.
OWN_WEIGHT = 0.38
SHARE_WEIGHT = 1.15
FAR = np.float32(-9.0)  # score of a cell that cannot be chosen


@kernel
def patches(x: float, y: float, small: float, large: float, seed: int) -> float:
    """A random field of patches of a few cells, and larger ones; metres."""
    near = value_noise(x / small, y / small, seed)
    return 0.62 * near + 0.38 * value_noise(x / large, y / large, seed + 1)


@kernel
def score_strip(
    first_row: int,
    stop_row: int,
    truth: Cells,
    hidden: Cells,
    near: Cells,
    common: int,
    own: int,
    score: Field,
) -> None:
    """Scores of some rows: of omission where truth is sealed, of commission elsewhere. `near` has
    the number of sealed cells in each cell's neighbourhood."""
    for row in range(first_row, stop_row):
        for column in range(truth.shape[1]):
            code = truth[row, column]
            share = np.float32(near[row, column] / (SIDE * SIDE))
            least = 0.2 if code == WATER else 0.0
            if code >= SEA_BUFFER or hidden[row, column] or share <= least:
                score[row, column] = FAR
                continue
            x, y = centre(column), centre(row)
            sign = -1.0 if code == SEALED else 1.0
            shift = 0 if code == SEALED else 500
            value = patches(x, y, 42.0, 150.0, common + shift)
            value += OWN_WEIGHT * patches(x, y, 36.0, 130.0, own + shift)
            score[row, column] = value + SHARE_WEIGHT * sign * share


@kernel
def map_strip(
    first_row: int,
    stop_row: int,
    truth: Cells,
    hidden: Cells,
    score: Field,
    omit_from: float,
    commit_from: float,
    common: int,
    own: int,
    edition: Cells,
) -> None:
    """Write some rows of an edition from the truth and the scores."""
    for row in range(first_row, stop_row):
        for column in range(truth.shape[1]):
            code = truth[row, column]
            if code != OUTSIDE and hidden[row, column]:
                code = NO_DATA
            elif code == SEALED:
                if score[row, column] >= omit_from:
                    code = neighbour_class(truth, row, column, common)
            elif code < SEA_BUFFER:
                if score[row, column] >= commit_from:
                    code = SEALED
                else:
                    code = confused_class(truth, row, column, common, own)
            edition[row, column] = code


@kernel
def neighbour_class(truth: Cells, row: int, column: int, seed: int) -> int:
    """A class other than sealed and water from near by, from a side that clumps agree on."""
    rows, columns = truth.shape
    first = int(8.0 * unit(row // 4, column // 4, seed + 900))
    for reach in range(1, 12):
        for k in range(8):
            side = (first + k) % 8
            r = row + (0, 1, 1, 1, 0, -1, -1, -1)[side] * reach
            c = column + (1, 1, 0, -1, -1, -1, 0, 1)[side] * reach
            if 0 <= r < rows and 0 <= c < columns:
                code = truth[r, c]
                if code != SEALED and code < WATER:
                    return int(code)
    return BARE  # deep inside a town


@kernel
def confused_class(truth: Cells, row: int, column: int, common: int, own: int) -> int:
    """The cell's own class, or along a border now and then that of the other side."""
    rows, columns = truth.shape
    code = truth[row, column]
    if row == 0 or column == 0 or row == rows - 1 or column == columns - 1:
        return int(code)
    up, down = truth[row - 1, column], truth[row + 1, column]
    left, right = truth[row, column - 1], truth[row, column + 1]
    if up == code and down == code and left == code and right == code:
        return int(code)
    x, y = centre(column) / 40.0, centre(row) / 40.0
    sideways = value_noise(x, y, common + 910) + 0.4 * value_noise(x, y, own + 910)
    upright = value_noise(x, y, common + 911) + 0.4 * value_noise(x, y, own + 911)
    other = code
    if sideways > 0.62:
        other = right
    elif sideways < -0.62:
        other = left
    elif upright > 0.62:
        other = down
    elif upright < -0.62:
        other = up
    return int(code if other == SEALED or other >= SEA_BUFFER else other)


def hide(frame: Frame, terrain: Terrain, year: int) -> Cells:
    """1 where the edition has no data: a few patches like holes under clouds. None in 2018."""
    hidden = np.zeros((frame.cells, frame.cells), dtype=np.uint8)
    if year == 2018:
        return hidden
    rng = frame.generator(f"clouds {year}")
    wanted = 0.0035 * frame.size_m**2
    drawn = 0.0
    places = nodes_where(terrain.shore > 300)
    while drawn < wanted:
        x, y = places[rng.integers(len(places))]
        radius = rng.uniform(0.6, 1.25) * 560 * min(1.0, 0.35 + frame.scale)
        stretch, angle = rng.uniform(1.0, 1.5), rng.uniform(0, 3.14)
        draw_blob(hidden, x, y, radius, stretch, angle, seed=int(rng.integers(1_000_000)), bit=1)
        drawn += 2.3 * radius**2
    return hidden


def make_edition(
    frame: Frame, terrain: Terrain, truth: Cells, year: int
) -> tuple[Cells, dict[str, Any]]:
    """The map of a year (rows x columns of cells), and its accuracy as the metadata file lists it:
    over the land that both truth and edition show."""
    hidden = hide(frame, terrain, year)
    common, own = frame.subseed("errors"), frame.subseed(f"errors {year}")
    sealed = truth == SEALED
    near = sealed.astype(np.uint8)
    for axis in (0, 1):
        near = ndimage.convolve1d(near, np.ones(SIDE), axis, mode="constant")
    score = np.empty(truth.shape, dtype=np.float32)
    run_strips(frame.cells, score_strip, truth, hidden, near, common, own, score)

    # The latest edition until this one whose accuracy is published.
    source = max(y for y, edition in CLCPLUS.editions.items() if y <= year and edition.accuracy)
    target = CLCPLUS.editions[source].accuracy
    assert target is not None
    possible = score > FAR
    of_sealed, of_others = score[sealed & possible], score[~sealed & possible]
    hits = round(target.producers * of_sealed.size)
    omit_from, omitted = _threshold(of_sealed, of_sealed.size - hits)
    hits = of_sealed.size - omitted
    commit_from, committed = _threshold(of_others, round(hits / target.users) - hits)

    edition = np.empty_like(truth)
    run_strips(
        frame.cells,
        map_strip,
        truth,
        hidden,
        score,
        omit_from,
        commit_from,
        common,
        own,
        edition,
    )
    if year == 2018:
        edition[edition == SEA_BUFFER] = WATER
    return edition, {
        "target_producers_accuracy": target.producers,
        "target_users_accuracy": target.users,
        "accuracy_source": f"published for the {year} edition"
        if source == year
        else f"not published for {year}; the figures of the {source} edition are used instead",
        "realised_producers_accuracy": hits / of_sealed.size,
        "realised_users_accuracy": hits / (hits + committed),
        "true_sealed_cells_observed": of_sealed.size,
        "mapped_sealed_cells": hits + committed,
        "omitted_cells": omitted,
        "committed_cells": committed,
    }


def _threshold(scores: npt.NDArray[np.float32], count: int) -> tuple[float, int]:
    """The score from which `count` cells (more where scores tie) are chosen, and how many."""
    if count <= 0 or not scores.size:
        return float("inf"), 0
    count = min(count, scores.size)
    limit = float(np.partition(scores, scores.size - count)[scores.size - count])
    return limit, int((scores >= np.float32(limit)).sum())
