"""Smooth random fields that are functions of position: no state, any order, any thread."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analytics.arrays import Float64Array
from analytics.grid import CELL_SIZE
from demonstration.grids.kernels import kernel

Field = npt.NDArray[np.float32]
"""Values on the planning grid (see `Frame.nodes`)."""

COARSE_M = 50  # spacing of the planning grid


@kernel
def centre(index: int) -> float:
    """Metres from the edge to the centre of a row or column of cells."""
    return (index + 0.5) * CELL_SIZE


@kernel
def hashed(i: int, j: int, seed: int) -> int:
    """A 32-bit hash of a lattice point."""
    h = (i * 374761393 + j * 668265263 + seed * 69069) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 739982445) & 0xFFFFFFFF
    return h ^ (h >> 16)


@kernel
def unit(i: int, j: int, seed: int) -> float:
    """Uniform in [0, 1) at a lattice point."""
    return hashed(i, j, seed) / 4294967296.0


@kernel
def value_noise(x: float, y: float, seed: int) -> float:
    """In [-1, 1], one lattice step long; smooth (its slope is continuous)."""
    i, j = math.floor(x), math.floor(y)
    fx, fy = x - i, y - j
    fx = fx * fx * (3.0 - 2.0 * fx)
    fy = fy * fy * (3.0 - 2.0 * fy)
    a, b = unit(i, j, seed), unit(i + 1, j, seed)
    c, d = unit(i, j + 1, seed), unit(i + 1, j + 1, seed)
    top = a + (b - a) * fx
    low = c + (d - c) * fx
    return 2.0 * (top + (low - top) * fy) - 1.0


@kernel
def slope_towards(i: int, j: int, dx: float, dy: float, seed: int) -> float:
    """Height at an offset from a lattice point on the plane that leans there at random."""
    angle = 6.283185307179586 * unit(i, j, seed)
    return math.cos(angle) * dx + math.sin(angle) * dy


@kernel
def gradient_noise(x: float, y: float, seed: int) -> float:
    """About [-1, 1], one lattice step long. Rounder than `value_noise`, and costlier."""
    i, j = math.floor(x), math.floor(y)
    dx, dy = x - i, y - j
    fx = dx * dx * dx * (dx * (dx * 6.0 - 15.0) + 10.0)
    fy = dy * dy * dy * (dy * (dy * 6.0 - 15.0) + 10.0)
    a = slope_towards(i, j, dx, dy, seed)
    b = slope_towards(i + 1, j, dx - 1.0, dy, seed)
    c = slope_towards(i, j + 1, dx, dy - 1.0, seed)
    d = slope_towards(i + 1, j + 1, dx - 1.0, dy - 1.0, seed)
    top = a + (b - a) * fx
    low = c + (d - c) * fx
    return 1.6 * (top + (low - top) * fy)


@kernel
def fractal(x: float, y: float, octaves: int, seed: int, rounder: bool = False) -> float:
    """Sum of octaves of noise, each half as long and half as strong; about [-1, 1]."""
    total = 0.0
    weight = 1.0
    norm = 0.0
    for octave in range(octaves):
        salt = seed + 101 * octave
        total += weight * (gradient_noise(x, y, salt) if rounder else value_noise(x, y, salt))
        norm += weight
        # Turned by about 37 degrees each time, so that the lattice does not show through.
        x, y = 2.0 * (0.8 * x - 0.6 * y) + 7.3, 2.0 * (0.6 * x + 0.8 * y) + 3.1
        weight *= 0.5
    return 1.5 * total / norm


@kernel
def fill_fractal(
    first_row: int, stop_row: int, wavelength: float, octaves: int, seed: int, out: Field
) -> None:
    """Some rows of a planning grid; wavelength in metres."""
    for row in range(first_row, stop_row):
        for column in range(out.shape[1]):
            x = column * COARSE_M / wavelength
            y = row * COARSE_M / wavelength
            # A quarter turn's third, so that the lattice is not the region's own.
            x, y = 0.87 * x - 0.49 * y, 0.49 * x + 0.87 * y
            out[row, column] = fractal(x, y, octaves, seed, True)


@kernel
def sample(grid: Field, x: float, y: float) -> float:
    """Bilinear value of a planning grid at a point in metres."""
    rows, columns = grid.shape
    gx = min(max(x / COARSE_M, 0.0), columns - 1.001)
    gy = min(max(y / COARSE_M, 0.0), rows - 1.001)
    i, j = int(gx), int(gy)
    fx, fy = gx - i, gy - j
    top = grid[j, i] * (1.0 - fx) + grid[j, i + 1] * fx
    low = grid[j + 1, i] * (1.0 - fx) + grid[j + 1, i + 1] * fx
    return float(top * (1.0 - fy) + low * fy)


@kernel
def sample_at(grid: Field, points: Float64Array) -> Float64Array:
    """Bilinear values of a planning grid at points of shape (n, 2), in metres."""
    out = np.empty(len(points))
    for k in range(len(points)):
        out[k] = sample(grid, points[k, 0], points[k, 1])
    return out


def sample_pair(grids: Sequence[Field], points: Float64Array) -> Float64Array:
    """Values (n, 2) of two planning grids at points, one for each axis."""
    return np.stack([sample_at(grid, points) for grid in grids], axis=1)
