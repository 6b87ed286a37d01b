"""A model of the satellite: spread of light, noise, haze and unobserved cells."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.nomenclature import OUTSIDE
from inference.composites import BANDS, MISSING, SCALE

from ..fields import Field, fractal_grid, hashed, sample
from ..frame import COARSE_M, Frame, subseed
from ..kernels import kernel
from ..land_cover import Cells
from .surfaces import Reflectance

Stored = npt.NDArray[np.int16]
Weights = npt.NDArray[np.float32]

# By band, in the order of `inference.composites.bands.REFLECTANCE`.
RESOLUTION_M = (60, 10, 10, 10, 20, 20, 20, 10, 20, 60, 20, 20)
SPREAD_CELLS = {10: 0.6, 20: 1.1, 60: 2.8}
"""Standard deviation of the point spread, in cells of 10 m."""
MARGIN = 8
"""Rows round a strip whose light reaches it: three deviations of the widest spread."""
HAZE = np.array(
    [1.1, 1.0, 0.92, 0.84, 0.80, 0.76, 0.73, 0.70, 0.66, 0.64, 0.40, 0.28], dtype=np.float32
)
"""Effect of thin cloud on each band, relative to B02."""
CLOUD_REFLECTANCE = 0.52
MOST_OBSERVATIONS = 12
UNSEEN_SHARE = 0.004
"""Share of the region that was under cloud in all passes."""


def spread_weights(deviation: float) -> Weights:
    """A sampled Gaussian that sums to 1."""
    reach = min(MARGIN, math.ceil(3 * deviation))
    at = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (at / deviation) ** 2)
    normalised: Weights = (weights / weights.sum()).astype(np.float32)
    return normalised


@kernel
def spread(
    source: npt.NDArray[np.float32],
    offset: int,
    weights: Weights,
    lines: npt.NDArray[np.float32],
    out: npt.NDArray[np.float32],
) -> None:
    """Convolve with `weights` both ways; row r of `out` lies at row r + offset of `source`, whose
    edges are repeated. `lines` is room to work in, as large as `out`."""
    rows, columns = out.shape
    reach = weights.size // 2
    last = source.shape[0] - 1
    for row in range(rows):
        for column in range(columns):
            lines[row, column] = 0.0
        for k in range(weights.size):
            at = min(max(row + offset + k - reach, 0), last)
            weight = weights[k]
            for column in range(columns):
                lines[row, column] += weight * source[at, column]
        for column in range(columns):
            out[row, column] = 0.0
        for k in range(weights.size):
            shift = k - reach
            weight = weights[k]
            # Inside the line first, without a branch; then its two ends.
            begin = min(columns, max(0, -shift))
            end = max(begin, min(columns, columns - shift))
            for column in range(begin, end):
                out[row, column] += weight * lines[row, column + shift]
            for column in range(0, begin):
                out[row, column] += weight * lines[row, 0]
            for column in range(end, columns):
                out[row, column] += weight * lines[row, columns - 1]


@kernel
def bell(i: int, j: int, seed: int) -> float:
    """Nearly normal, deviation 1: the sum of a hash's four bytes."""
    h = hashed(i, j, seed)
    total = (h & 255) + ((h >> 8) & 255) + ((h >> 16) & 255) + (h >> 24)
    return (total - 510.0) / 147.8


@kernel
def observe(
    truth: Cells,
    first_row: int,
    clearness: Field,
    veil: Field,
    unseen_below: float,
    haze: Weights,
    footprints: npt.NDArray[np.int64],
    seed: int,
    reflectance: Reflectance,
    missing: int,
    scale: float,
    out: Stored,
) -> None:
    """Store a strip in a composite's format. The last band of `out` counts the observations."""
    bands, rows, columns = reflectance.shape
    for r in range(rows):
        row = first_row + r
        y = row * 10.0 + 5.0
        for column in range(columns):
            x = column * 10.0 + 5.0
            clear = sample(clearness, x, y, 50.0)
            if truth[row, column] == OUTSIDE or clear < unseen_below:
                for band in range(bands + 2):
                    out[band, r, column] = missing
                out[bands + 2, r, column] = 0
                continue
            passes = 5.2 + 6.0 * (clear - unseen_below) / 1.6 + 0.8 * bell(column, row, seed + 90)
            count = min(12, max(1, int(passes)))
            if clear < unseen_below + 0.12:  # the rims of what was never seen
                count = 1 + (count > 5)
            calm = math.sqrt(5.0 / count)
            thin = max(0.0, sample(veil, x, y, 50.0) - 0.45) * 0.42
            thin = min(0.22, thin * calm)
            for band in range(bands):
                side = footprints[band]
                grain = bell(column // side, row // side, seed + band)
                value = reflectance[band, r, column]
                value += grain * calm * (0.0016 + 0.016 * value)
                seen = thin * haze[band]
                value = value * (1.0 - seen) + 0.52 * seen
                out[band, r, column] = int(max(value, 0.0001) * scale + 0.5)
            red, green, near = out[3, r, column], out[2, r, column], out[7, r, column]
            out[bands, r, column] = round(scale * (near - red) / (near + red))
            out[bands + 1, r, column] = round(scale * (green - near) / (green + near))
            out[bands + 2, r, column] = count


@dataclass(frozen=True, kw_only=True)
class Sky:
    """The summer's clouds over the region, on the planning grid."""

    clearness: Field
    veil: Field  # above 0.45: haze left in the composite
    unseen_below: float  # of clearness


def look_up(*, frame: Frame, year: int, seed: int) -> Sky:
    def field(wavelength: float, octaves: int, subject: str) -> Field:
        key = subseed(seed, f"{subject} {year}")
        return fractal_grid(frame, wavelength=wavelength, octaves=octaves, seed=key)

    clearness = field(5200, 4, "clearness")
    # Passes overlap in a band across the region.
    v, u = np.mgrid[0 : frame.coarse, 0 : frame.coarse].astype(np.float32) / frame.coarse
    clearness += 0.35 * np.tanh(14 * (u + 0.22 * v - 0.62))
    return Sky(
        clearness=clearness.astype(np.float32),
        veil=field(7400, 5, "veil"),
        unseen_below=float(np.quantile(clearness, UNSEEN_SHARE)),
    )


def sense(
    *,
    truth: Cells,
    first_row: int,
    painted: Reflectance,
    offset: int,
    rows: int,
    sky: Sky,
    seed: int,
) -> Stored:
    """(bands of a composite, rows, columns) from painted reflectance of these rows and their
    margin.

    Row `first_row` of `truth` is row `offset` of `painted`.
    """
    bands, _, columns = painted.shape
    sharp = np.empty((bands, rows, columns), dtype=np.float32)
    lines = np.empty((rows, columns), dtype=np.float32)
    for band in range(bands):
        weights = spread_weights(SPREAD_CELLS[RESOLUTION_M[band]])
        spread(painted[band], offset, weights, lines, sharp[band])
    out = np.empty((len(BANDS) + 1, rows, columns), dtype=np.int16)
    footprints = np.array([side // 10 for side in RESOLUTION_M], dtype=np.int64)
    observe(
        truth,
        first_row,
        sky.clearness,
        sky.veil,
        sky.unseen_below,
        HAZE,
        footprints,
        seed,
        sharp,
        MISSING,
        float(SCALE),
        out,
    )
    return out


assert COARSE_M == 50  # the kernels above have it written in
