"""A model of the satellite: spread of light, noise, haze and unobserved cells."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.nomenclature import OUTSIDE
from demonstration.grids.fields import Field, centre, hashed, sample
from demonstration.grids.frame import Frame
from demonstration.grids.kernels import kernel
from demonstration.imagery.surfaces import Reflectance
from demonstration.truth.land_cover import Cells
from inference.composites import BANDS, MISSING, SCALE

Stored = npt.NDArray[np.int16]
Weights = npt.NDArray[np.float32]

# By band, in the order of `inference.composites.bands.REFLECTANCE`.
RESOLUTION_M = np.array([60, 10, 10, 10, 20, 20, 20, 10, 20, 60, 20, 20])
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
    source: npt.NDArray[np.float32], offset: int, weights: Weights, out: npt.NDArray[np.float32]
) -> None:
    """Convolve with `weights` both ways; row r of `out` lies at row r + offset of `source`, whose
    edges are repeated."""
    rows, columns = out.shape
    reach = weights.size // 2
    line = np.empty(columns + 2 * reach, dtype=np.float32)
    for row in range(rows):
        line[:] = 0.0
        for k in range(weights.size):
            at = min(max(row + offset + k - reach, 0), source.shape[0] - 1)
            line[reach : reach + columns] += weights[k] * source[at]
        line[:reach] = line[reach]
        line[reach + columns :] = line[reach + columns - 1]
        out[row] = 0.0
        for k in range(weights.size):
            out[row] += weights[k] * line[k : k + columns]


@kernel
def bell(i: int, j: int, seed: int) -> float:
    """Nearly normal, deviation 1: the sum of a hash's four bytes."""
    h = hashed(i, j, seed)
    total = (h & 255) + ((h >> 8) & 255) + ((h >> 16) & 255) + (h >> 24)
    return (total - 510.0) / 147.8


class Sky(NamedTuple):
    """The summer's clouds over the region, on the planning grid."""

    clearness: Field
    veil: Field  # above 0.45: haze left in the composite
    unseen_below: float  # of clearness


@kernel
def observe(
    truth: Cells, first_row: int, sky: Sky, seed: int, reflectance: Reflectance, out: Stored
) -> None:
    """Store a strip in a composite's format. The last band of `out` counts the observations."""
    bands, rows, columns = reflectance.shape
    for r in range(rows):
        row = first_row + r
        y = centre(row)
        for column in range(columns):
            x = centre(column)
            clear = sample(sky.clearness, x, y)
            if truth[row, column] == OUTSIDE or clear < sky.unseen_below:
                out[:-1, r, column] = MISSING
                out[-1, r, column] = 0
                continue
            passes = 5.2 + 6.0 * (clear - sky.unseen_below) / 1.6
            passes += 0.8 * bell(column, row, seed + 90)
            count = min(MOST_OBSERVATIONS, max(1, int(passes)))
            if clear < sky.unseen_below + 0.12:  # the rims of what was never seen
                count = 1 + (count > 5)
            calm = math.sqrt(5.0 / count)
            thin = max(0.0, sample(sky.veil, x, y) - 0.45) * 0.42
            thin = min(0.22, thin * calm)
            for band in range(bands):
                side = RESOLUTION_M[band] // 10
                grain = bell(column // side, row // side, seed + band)
                value = reflectance[band, r, column]
                value += grain * calm * (0.0016 + 0.016 * value)
                seen = thin * HAZE[band]
                value = value * (1.0 - seen) + CLOUD_REFLECTANCE * seen
                out[band, r, column] = int(max(value, 0.0001) * SCALE + 0.5)
            red, green, near = out[3, r, column], out[2, r, column], out[7, r, column]
            out[bands, r, column] = round(SCALE * (near - red) / (near + red))
            out[bands + 1, r, column] = round(SCALE * (green - near) / (green + near))
            out[bands + 2, r, column] = count


def sky_of(frame: Frame, year: int) -> Sky:
    clearness = frame.field(f"clearness {year}", 5200, 4)
    # Passes overlap in a band across the region.
    v, u = np.mgrid[0 : frame.nodes, 0 : frame.nodes].astype(np.float32) / frame.nodes
    clearness += 0.35 * np.tanh(14 * (u + 0.22 * v - 0.62))
    return Sky(
        clearness=clearness.astype(np.float32),
        veil=frame.field(f"veil {year}", 7400, 5),
        unseen_below=float(np.quantile(clearness, UNSEEN_SHARE)),
    )


def sense(
    truth: Cells, first_row: int, painted: Reflectance, offset: int, rows: int, sky: Sky, seed: int
) -> Stored:
    """(bands of a composite, rows, columns) from painted reflectance of these rows and their
    margin. Row `first_row` of `truth` is row `offset` of `painted`."""
    bands, _, columns = painted.shape
    sharp = np.empty((bands, rows, columns), dtype=np.float32)
    for band, resolution in enumerate(RESOLUTION_M.tolist()):
        spread(painted[band], offset, spread_weights(SPREAD_CELLS[resolution]), sharp[band])
    out = np.empty((len(BANDS) + 1, rows, columns), dtype=np.int16)
    observe(truth, first_row, sky, seed, sharp, out)
    return out
