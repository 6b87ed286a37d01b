"""From truth to editions: errors along edges, in clumps, and mostly the same in every edition.

Errors of the sealed class are chosen by thresholding a score. For omission, a sealed cell scores
high where little round it is sealed (narrow roads, lone farms, rims of towns) and where a smooth
random field is high; for commission, a cell that is not sealed scores high where much round it is
sealed (gardens between houses, rims of towns). The thresholds are set so that producer's and user's
accuracy come out at their targets to the cell.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.nomenclature import NO_DATA, OUTSIDE, SEA_BUFFER, SEALED, WATER
from analytics.products import CLCPLUS

from . import drawing
from .fields import Field, unit, value_noise
from .frame import Frame, generator, subseed
from .kernels import kernel, run_strips
from .land_cover import Cells
from .terrain import Terrain

YEARS = (2018, 2021, 2023)
WINDOW = 3  # cells each way of the neighbourhood whose sealed share counts

# Weight of the random field that all editions share, against their own: tuned so that about 70 % of
# the errors of the 2021 edition are found again in that of 2023.
COMMON_WEIGHT, OWN_WEIGHT = 1.0, 0.38
SHARE_WEIGHT = 1.15
FAR = np.float32(-9.0)  # score of a cell that cannot be chosen


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """As fractions of one."""

    producers: float
    users: float
    borrowed_from: int | None  # the edition whose published figures stand in


@dataclass(frozen=True, kw_only=True)
class Realised:
    """The accuracy that an edition reached, over the land that truth and edition both show."""

    producers: float
    users: float
    true_sealed: int
    mapped_sealed: int
    omitted: int
    committed: int


def target_accuracy(year: int) -> Accuracy:
    """The published accuracy of an edition, or that of the latest edition before it."""
    for source in sorted((y for y in CLCPLUS.editions if y <= year), reverse=True):
        published = CLCPLUS.editions[source].accuracy
        if published is not None:
            return Accuracy(
                producers=published.producers,
                users=published.users,
                borrowed_from=None if source == year else source,
            )
    raise ValueError(f"no accuracy is published for {year} or before")


def is_land(truth: Cells) -> npt.NDArray[np.bool_]:
    return truth < SEA_BUFFER


@kernel
def sealed_share(truth: Cells, first_row: int, stop_row: int, reach: int, out: Field) -> None:
    """Share of sealed cells in the square of 2 * reach + 1 cells round each cell of some rows."""
    rows, columns = truth.shape
    column_sums = np.zeros(columns, dtype=np.int32)
    for row in range(first_row - reach, first_row + reach):
        if 0 <= row < rows:
            for column in range(columns):
                if truth[row, column] == SEALED:
                    column_sums[column] += 1
    size = float((2 * reach + 1) * (2 * reach + 1))
    for row in range(first_row, stop_row):
        entering = row + reach
        leaving = row - reach - 1
        for column in range(columns):
            if entering < rows and truth[entering, column] == SEALED:
                column_sums[column] += 1
            if leaving >= 0 and row > first_row and truth[leaving, column] == SEALED:
                column_sums[column] -= 1
        total = 0
        for column in range(min(reach, columns)):
            total += column_sums[column]
        for column in range(columns):
            if column + reach < columns:
                total += column_sums[column + reach]
            if column - reach - 1 >= 0:
                total -= column_sums[column - reach - 1]
            out[row - first_row, column] = total / size


@kernel
def rough_field(x: float, y: float, common: int, own: int, shared: float, alone: float) -> float:
    """The random part of a score: patches of a few cells, and larger ones; metres."""
    value = shared * (
        0.62 * value_noise(x / 42.0, y / 42.0, common)
        + 0.38 * value_noise(x / 150.0, y / 150.0, common + 1)
    )
    return value + alone * (
        0.62 * value_noise(x / 36.0, y / 36.0, own)
        + 0.38 * value_noise(x / 130.0, y / 130.0, own + 1)
    )


@kernel
def score_strip(
    truth: Cells,
    hidden: Cells,
    first_row: int,
    stop_row: int,
    share: Field,
    common: int,
    own: int,
    shared: float,
    alone: float,
    share_weight: float,
    score: Field,
) -> None:
    """Scores of some rows: of omission where truth is sealed, of commission elsewhere."""
    columns = truth.shape[1]
    for row in range(first_row, stop_row):
        for column in range(columns):
            code = truth[row, column]
            density = share[row - first_row, column]
            if code >= SEA_BUFFER or hidden[row, column] or (code != SEALED and density == 0.0):
                score[row, column] = FAR
                continue
            if code == WATER and density < 0.2:
                score[row, column] = FAR
                continue
            x = column * 10.0 + 5.0
            y = row * 10.0 + 5.0
            sign = -1.0 if code == SEALED else 1.0
            shift = 0 if code == SEALED else 500
            field = rough_field(x, y, common + shift, own + shift, shared, alone)
            score[row, column] = field + share_weight * sign * density


@kernel
def map_strip(
    truth: Cells,
    hidden: Cells,
    score: Field,
    omit_from: float,
    commit_from: float,
    common: int,
    own: int,
    sea_code: int,
    first_row: int,
    stop_row: int,
    edition: Cells,
) -> None:
    """Write some rows of an edition from the truth and the scores."""
    columns = truth.shape[1]
    for row in range(first_row, stop_row):
        for column in range(columns):
            code = truth[row, column]
            if code == OUTSIDE:
                edition[row, column] = OUTSIDE
                continue
            if hidden[row, column]:
                edition[row, column] = NO_DATA
                continue
            if code == SEA_BUFFER:
                edition[row, column] = sea_code
                continue
            value = score[row, column]
            if code == SEALED:
                if value >= omit_from:
                    edition[row, column] = neighbour_class(truth, row, column, common)
                else:
                    edition[row, column] = SEALED
                continue
            if value >= commit_from:
                edition[row, column] = SEALED
                continue
            edition[row, column] = confused_class(truth, row, column, common, own)


@kernel
def neighbour_class(truth: Cells, row: int, column: int, seed: int) -> int:
    """A class other than sealed and water from near by, from a side that clumps agree on."""
    rows, columns = truth.shape
    first = int(8.0 * unit(row // 4, column // 4, seed + 900))
    for reach in range(1, 12):
        for k in range(8):
            side = (first + k) % 8
            dr = (0, 1, 1, 1, 0, -1, -1, -1)[side] * reach
            dc = (1, 1, 0, -1, -1, -1, 0, 1)[side] * reach
            r = row + dr
            c = column + dc
            if 0 <= r < rows and 0 <= c < columns:
                code = truth[r, c]
                if code != SEALED and code < WATER:
                    return int(code)
    return 9  # deep inside a town: bare ground


@kernel
def confused_class(truth: Cells, row: int, column: int, common: int, own: int) -> int:
    """The cell's own class, or along a border now and then that of the other side."""
    rows, columns = truth.shape
    code = truth[row, column]
    if row == 0 or column == 0 or row == rows - 1 or column == columns - 1:
        return int(code)
    up = truth[row - 1, column]
    down = truth[row + 1, column]
    left = truth[row, column - 1]
    right = truth[row, column + 1]
    if up == code and down == code and left == code and right == code:
        return int(code)
    x = column * 10.0 + 5.0
    y = row * 10.0 + 5.0
    sideways = value_noise(x / 40.0, y / 40.0, common + 910) + 0.4 * value_noise(
        x / 40.0, y / 40.0, own + 910
    )
    upright = value_noise(x / 40.0, y / 40.0, common + 911) + 0.4 * value_noise(
        x / 40.0, y / 40.0, own + 911
    )
    other = code
    if sideways > 0.62:
        other = right
    elif sideways < -0.62:
        other = left
    elif upright > 0.62:
        other = down
    elif upright < -0.62:
        other = up
    if other == SEALED or other >= SEA_BUFFER:
        return int(code)
    return int(other)


def hide(*, frame: Frame, terrain: Terrain, year: int, seed: int) -> Cells:
    """1 where the edition has no data: a few patches like holes under clouds. None in 2018."""
    hidden = np.zeros((frame.cells, frame.cells), dtype=np.uint8)
    if year == 2018:
        return hidden
    rng = generator(seed, f"clouds {year}")
    wanted = 0.0035 * frame.size_m**2
    drawn = 0.0
    rows, columns = np.nonzero(terrain.shore > 300)
    while drawn < wanted:
        at = int(rng.integers(len(rows)))
        radius = float(rng.uniform(0.6, 1.25)) * 560 * min(1.0, 0.35 + frame.scale)
        drawing.draw_blob(
            hidden,
            x=float(columns[at] * 50),
            y=float(rows[at] * 50),
            radius=radius,
            stretch=float(rng.uniform(1.0, 1.5)),
            angle=float(rng.uniform(0, 3.14)),
            seed=int(rng.integers(1_000_000)),
            bit=1,
        )
        drawn += 2.3 * radius**2
    return hidden


def make_edition(
    *, frame: Frame, truth: Cells, hidden: Cells, year: int, seed: int
) -> tuple[Cells, Realised]:
    """The map of a year (rows x columns of cells) and its accuracy as it came out."""
    n = frame.cells
    score = np.empty((n, n), dtype=np.float32)
    common = subseed(seed, "errors")
    own = subseed(seed, f"errors {year}")

    def score_rows(first: int, stop: int) -> None:
        share = np.empty((stop - first, n), dtype=np.float32)
        sealed_share(truth, first, stop, WINDOW, share)
        score_strip(
            truth,
            hidden,
            first,
            stop,
            share,
            common,
            own,
            COMMON_WEIGHT,
            OWN_WEIGHT,
            SHARE_WEIGHT,
            score,
        )

    run_strips(n, score_rows)
    sealed = truth == SEALED
    possible = score > FAR
    accuracy = target_accuracy(year)
    of_sealed = score[sealed & possible]
    of_others = score[~sealed & possible]
    true_sealed = of_sealed.size
    hits = round(accuracy.producers * true_sealed)
    omit_from, omitted = _threshold(of_sealed, true_sealed - hits)
    hits = true_sealed - omitted
    commit_from, committed = _threshold(of_others, round(hits / accuracy.users) - hits)

    edition = np.empty((n, n), dtype=np.uint8)
    sea_code = WATER if year == 2018 else SEA_BUFFER

    def map_rows(first: int, stop: int) -> None:
        map_strip(
            truth,
            hidden,
            score,
            omit_from,
            commit_from,
            common,
            own,
            sea_code,
            first,
            stop,
            edition,
        )

    run_strips(n, map_rows)
    return edition, Realised(
        producers=hits / true_sealed,
        users=hits / (hits + committed),
        true_sealed=true_sealed,
        mapped_sealed=hits + committed,
        omitted=omitted,
        committed=committed,
    )


def _threshold(scores: npt.NDArray[np.float32], count: int) -> tuple[float, int]:
    """The score from which `count` cells (more where scores tie) are chosen, and how many."""
    if count <= 0 or not scores.size:
        return float("inf"), 0
    count = min(count, scores.size)
    limit = float(np.partition(scores, scores.size - count)[scores.size - count])
    return limit, int((scores >= np.float32(limit)).sum())
