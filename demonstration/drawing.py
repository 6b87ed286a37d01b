"""Lines, rectangles and blobs drawn into the 10 m grid of marks."""

import math

import numpy as np
import numpy.typing as npt

from .fields import fractal
from .frame import CELL_M
from .kernels import kernel

Marks = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]

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
def draw_segment(
    marks: Marks,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    half0: float,
    half1: float,
    bit: int,
) -> None:
    """Set `bit` in the cells whose centre lies within the (tapering) half-width of a segment."""
    rows, columns = marks.shape
    reach = max(half0, half1)
    first_column = max(0, int((min(x0, x1) - reach) / 10.0))
    last_column = min(columns - 1, int((max(x0, x1) + reach) / 10.0))
    first_row = max(0, int((min(y0, y1) - reach) / 10.0))
    last_row = min(rows - 1, int((max(y0, y1) + reach) / 10.0))
    dx = x1 - x0
    dy = y1 - y0
    length2 = max(dx * dx + dy * dy, 1e-9)
    for row in range(first_row, last_row + 1):
        y = row * 10.0 + 5.0
        for column in range(first_column, last_column + 1):
            x = column * 10.0 + 5.0
            t = ((x - x0) * dx + (y - y0) * dy) / length2
            t = min(1.0, max(0.0, t))
            half = half0 + (half1 - half0) * t
            ex = x - x0 - t * dx
            ey = y - y0 - t * dy
            if ex * ex + ey * ey <= half * half:
                marks[row, column] |= bit


@kernel
def _draw_path(marks: Marks, path: Points, halves: npt.NDArray[np.float64], bit: int) -> None:
    for k in range(len(path) - 1):
        draw_segment(
            marks,
            path[k, 0],
            path[k, 1],
            path[k + 1, 0],
            path[k + 1, 1],
            halves[k],
            halves[k + 1],
            bit,
        )


def draw_path(
    marks: Marks, path: Points, *, half_width: float | npt.NDArray[np.float64], bit: int
) -> None:
    """A polyline of shape (n, 2) in metres; half-width in metres, one or one per point."""
    halves = np.broadcast_to(np.asarray(half_width, dtype=np.float64), (len(path),)).copy()
    _draw_path(marks, np.ascontiguousarray(path, dtype=np.float64), halves, bit)


@kernel
def _draw_rectangle(
    marks: Marks, x: float, y: float, length: float, width: float, angle: float, bit: int
) -> None:
    rows, columns = marks.shape
    reach = 0.5 * math.sqrt(length * length + width * width)
    cos = math.cos(angle)
    sin = math.sin(angle)
    for row in range(max(0, int((y - reach) / 10)), min(rows, int((y + reach) / 10) + 1)):
        for column in range(max(0, int((x - reach) / 10)), min(columns, int((x + reach) / 10) + 1)):
            ex = column * 10.0 + 5.0 - x
            ey = row * 10.0 + 5.0 - y
            if (
                abs(ex * cos + ey * sin) <= 0.5 * length
                and abs(-ex * sin + ey * cos) <= 0.5 * width
            ):
                marks[row, column] |= bit


def draw_rectangle(
    marks: Marks, *, x: float, y: float, length: float, width: float, angle: float, bit: int
) -> None:
    """A turned rectangle; metres and radians."""
    _draw_rectangle(marks, x, y, length, width, angle, bit)


@kernel
def _draw_blob(
    marks: Marks,
    x: float,
    y: float,
    radius: float,
    stretch: float,
    angle: float,
    seed: int,
    bit: int,
) -> None:
    rows, columns = marks.shape
    reach = radius * stretch * 1.6
    cos = math.cos(angle)
    sin = math.sin(angle)
    for row in range(max(0, int((y - reach) / 10)), min(rows, int((y + reach) / 10) + 1)):
        for column in range(max(0, int((x - reach) / 10)), min(columns, int((x + reach) / 10) + 1)):
            ex = column * 10.0 + 5.0 - x
            ey = row * 10.0 + 5.0 - y
            along = (ex * cos + ey * sin) / stretch
            across = (-ex * sin + ey * cos) * stretch
            d = math.sqrt(along * along + across * across) / radius
            if d < 1.5:
                px = column * 10.0 / radius
                py = row * 10.0 / radius
                if d + 0.45 * fractal(px * 1.3, py * 1.3, 5, seed) < 0.9:
                    marks[row, column] |= bit


def draw_blob(
    marks: Marks,
    *,
    x: float,
    y: float,
    radius: float,
    stretch: float,
    angle: float,
    seed: int,
    bit: int,
) -> None:
    """An irregular patch: a lake, a cloud; metres and radians; `stretch` 1 is round."""
    _draw_blob(marks, x, y, radius, stretch, angle, seed, bit)


def smoothed(path: Points, *, rounds: int = 2) -> Points:
    """Corner cutting (Chaikin): keeps the two ends."""
    for _ in range(rounds):
        if len(path) < 3:
            return path
        quarter = 0.75 * path[:-1] + 0.25 * path[1:]
        three = 0.25 * path[:-1] + 0.75 * path[1:]
        inner = np.empty((2 * len(quarter), 2))
        inner[0::2] = quarter
        inner[1::2] = three
        path = np.vstack([path[:1], inner[1:-1], path[-1:]])
    return path


assert CELL_M == 10  # the kernels above have it written in
