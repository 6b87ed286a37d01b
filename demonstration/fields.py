"""Smooth random fields that are functions of position: no state, any order, any thread."""

import math

import numpy as np
import numpy.typing as npt

from .frame import COARSE_M, Frame
from .kernels import kernel, run_strips

Field = npt.NDArray[np.float32]


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
    i = math.floor(x)
    j = math.floor(y)
    fx = x - i
    fy = y - j
    fx = fx * fx * (3.0 - 2.0 * fx)
    fy = fy * fy * (3.0 - 2.0 * fy)
    a = unit(i, j, seed)
    b = unit(i + 1, j, seed)
    c = unit(i, j + 1, seed)
    d = unit(i + 1, j + 1, seed)
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
    i = math.floor(x)
    j = math.floor(y)
    dx = x - i
    dy = y - j
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
def fractal(x: float, y: float, octaves: int, seed: int) -> float:
    """Sum of octaves, each half as long and half as strong; about [-1, 1]."""
    total = 0.0
    weight = 1.0
    norm = 0.0
    for octave in range(octaves):
        total += weight * value_noise(x, y, seed + 101 * octave)
        norm += weight
        # Turned by about 37 degrees each time, so that the lattice does not show through.
        x, y = 2.0 * (0.8 * x - 0.6 * y) + 7.3, 2.0 * (0.6 * x + 0.8 * y) + 3.1
        weight *= 0.5
    return 1.5 * total / norm


@kernel
def fill_fractal(
    out: Field,
    first_row: int,
    stop_row: int,
    spacing: float,
    wavelength: float,
    octaves: int,
    seed: int,
) -> None:
    columns = out.shape[1]
    for row in range(first_row, stop_row):
        for column in range(columns):
            x = column * spacing / wavelength
            y = row * spacing / wavelength
            # A quarter turn's third, so that the lattice is not the region's own.
            x, y = 0.87 * x - 0.49 * y, 0.49 * x + 0.87 * y
            total = 0.0
            weight = 1.0
            norm = 0.0
            for octave in range(octaves):
                total += weight * gradient_noise(x, y, seed + 101 * octave)
                norm += weight
                x, y = 2.0 * (0.8 * x - 0.6 * y) + 7.3, 2.0 * (0.6 * x + 0.8 * y) + 3.1
                weight *= 0.5
            out[row, column] = 1.5 * total / norm


def fractal_grid(frame: Frame, *, wavelength: float, octaves: int, seed: int) -> Field:
    """A fractal field on the planning grid; wavelength in metres."""
    out = np.empty((frame.coarse, frame.coarse), dtype=np.float32)

    def strip(first: int, stop: int) -> None:
        fill_fractal(out, first, stop, float(COARSE_M), float(wavelength), octaves, seed)

    run_strips(frame.coarse, strip)
    return out


@kernel
def sample(grid: Field, x: float, y: float, spacing: float) -> float:
    """Bilinear value of a grid whose node (0, 0) lies at x = y = 0."""
    rows, columns = grid.shape
    gx = min(max(x / spacing, 0.0), columns - 1.001)
    gy = min(max(y / spacing, 0.0), rows - 1.001)
    i = int(gx)
    j = int(gy)
    fx = gx - i
    fy = gy - j
    top = grid[j, i] * (1.0 - fx) + grid[j, i + 1] * fx
    low = grid[j + 1, i] * (1.0 - fx) + grid[j + 1, i + 1] * fx
    return float(top * (1.0 - fy) + low * fy)


@kernel
def fill_samples(
    out: npt.NDArray[np.float64],
    grid: Field,
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    spacing: float,
) -> None:
    for k in range(x.size):
        out[k] = sample(grid, x[k], y[k], spacing)


def sample_at(grid: Field, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bilinear values of a planning grid at points of shape (n, 2), in metres."""
    out = np.empty(len(points))
    fill_samples(
        out,
        grid,
        np.ascontiguousarray(points[:, 0]),
        np.ascontiguousarray(points[:, 1]),
        float(COARSE_M),
    )
    return out
