"""Lines, rectangles and blobs drawn into the 10 m grid of marks."""

import math

import numpy as np
import numpy.typing as npt

from analytics.arrays import Float64Array
from analytics.grid import CELL_SIZE
from demonstration.grids.fields import centre, fractal
from demonstration.grids.kernels import kernel

Marks = npt.NDArray[np.uint8]
Points = Float64Array
"""Points (n, 2) in metres; see `Frame`."""

# Bits of a cell of the grid of marks.
ROAD = 1  # roads and railways there in 2018
NEW_ROAD = 2  # opened between the first two editions
WATER = 4
RIPARIAN = 8
BUILT = 16  # farms, runways: sealed throughout
BUSINESS = 32  # industrial and commercial zones of 2018
NEW_BUSINESS = 64  # the park opened between the last two editions
OPEN = 128  # kept free of buildings and trees


@kernel
def indices(low: float, high: float, spacing: int, size: int) -> tuple[int, int]:
    """The first row (or column) of a grid between two places in metres, and that after the last."""
    return max(0, int(low / spacing)), min(size, int(high / spacing) + 1)


def draw_path(marks: Marks, path: Points, half_width: float | Points, bit: int) -> None:
    """A polyline; half-width in metres, one or one for each point."""
    _draw_path(marks, path, np.broadcast_to(half_width, len(path)), bit)


@kernel
def _draw_path(marks: Marks, path: Points, halves: Points, bit: int) -> None:
    """Set `bit` in cells whose centre lies within the (tapering) half-width of a segment."""
    for k in range(len(path) - 1):
        x0, y0 = path[k, 0], path[k, 1]
        x1, y1 = path[k + 1, 0], path[k + 1, 1]
        half0, half1 = halves[k], halves[k + 1]
        reach = max(half0, half1)
        rows = indices(min(y0, y1) - reach, max(y0, y1) + reach, CELL_SIZE, marks.shape[0])
        columns = indices(min(x0, x1) - reach, max(x0, x1) + reach, CELL_SIZE, marks.shape[1])
        dx, dy = x1 - x0, y1 - y0
        length2 = max(dx * dx + dy * dy, 1e-9)
        for row in range(*rows):
            y = centre(row)
            for column in range(*columns):
                x = centre(column)
                t = min(1.0, max(0.0, ((x - x0) * dx + (y - y0) * dy) / length2))
                half = half0 + (half1 - half0) * t
                ex = x - x0 - t * dx
                ey = y - y0 - t * dy
                if ex * ex + ey * ey <= half * half:
                    marks[row, column] |= bit


@kernel
def draw_rectangle(
    marks: Marks, x: float, y: float, length: float, width: float, angle: float, bit: int
) -> None:
    """A turned rectangle; metres and radians."""
    reach = 0.5 * math.sqrt(length * length + width * width)
    cos, sin = math.cos(angle), math.sin(angle)
    for row in range(*indices(y - reach, y + reach, CELL_SIZE, marks.shape[0])):
        for column in range(*indices(x - reach, x + reach, CELL_SIZE, marks.shape[1])):
            ex, ey = centre(column) - x, centre(row) - y
            along, across = ex * cos + ey * sin, -ex * sin + ey * cos
            if abs(along) <= 0.5 * length and abs(across) <= 0.5 * width:
                marks[row, column] |= bit


@kernel
def draw_blob(
    marks: Marks,
    x: float,
    y: float,
    radius: float,
    stretch: float,
    angle: float,
    seed: int,
    bit: int,
) -> None:
    """An irregular patch: a lake, a cloud; metres and radians; `stretch` 1 is round."""
    reach = radius * stretch * 1.6
    cos, sin = math.cos(angle), math.sin(angle)
    for row in range(*indices(y - reach, y + reach, CELL_SIZE, marks.shape[0])):
        for column in range(*indices(x - reach, x + reach, CELL_SIZE, marks.shape[1])):
            ex, ey = centre(column) - x, centre(row) - y
            along = (ex * cos + ey * sin) / stretch
            across = (-ex * sin + ey * cos) * stretch
            d = math.sqrt(along * along + across * across) / radius
            if d < 1.5:
                px, py = column * 10.0 / radius, row * 10.0 / radius
                if d + 0.45 * fractal(px * 1.3, py * 1.3, 5, seed) < 0.9:
                    marks[row, column] |= bit


def smoothed(path: Points, rounds: int = 1) -> Points:
    """A path of grid steps as a smooth line with the same ends."""
    for _ in range(rounds):
        path = _averaged(path)
    # Corner cutting (Chaikin).
    for _ in range(2):
        if len(path) < 3:
            return path
        quarters = [0.75 * path[:-1] + 0.25 * path[1:], 0.25 * path[:-1] + 0.75 * path[1:]]
        inner = np.stack(quarters, axis=1).reshape(-1, 2)
        path = np.vstack([path[:1], inner[1:-1], path[-1:]])
    return path


def _averaged(path: Points) -> Points:
    """Running mean of five points: takes the grid's eight directions out of a path."""
    if len(path) < 6:
        return path
    padded = np.pad(path, ((2, 2), (0, 0)), mode="edge")
    mean = np.mean([padded[k : k + len(path)] for k in range(5)], axis=0)
    mean[0], mean[-1] = path[0], path[-1]
    return np.asarray(mean)
