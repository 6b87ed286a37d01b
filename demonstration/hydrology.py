"""Water: drainage by priority flood, rivers and lakes."""

import heapq
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from . import drawing
from .fields import Field, fractal_grid, sample_at, unit
from .frame import COARSE_M, Frame, generator, subseed
from .kernels import kernel
from .terrain import Terrain

STEP = 2  # the drainage grid takes every second node of the planning grid
STEP_M = STEP * COARSE_M


@dataclass(kw_only=True)
class Waters:
    """Rivers as paths in metres with a half-width in metres at each point; streams too narrow to
    show as water, which only carry a line of trees; lakes as (x, y, radius, stretch, angle)."""

    rivers: list[tuple[drawing.Points, npt.NDArray[np.float64]]] = field(default_factory=list)
    streams: list[drawing.Points] = field(default_factory=list)
    lakes: list[tuple[float, float, float, float, float]] = field(default_factory=list)


@kernel
def drain(
    heights: Field, sea: npt.NDArray[np.bool_], seed: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """For each node (flat index) the node it drains to (-1 at an outlet), and the nodes in the
    order in which the flood, rising from the sea and the edges, reached them."""
    rows, columns = heights.shape
    downstream = np.full(rows * columns, -1, dtype=np.int32)
    order = np.empty(rows * columns, dtype=np.int32)
    seen = np.zeros(rows * columns, dtype=np.bool_)
    queue = [(0.0, 0)]
    queue.pop()
    for row in range(rows):
        for column in range(columns):
            edge = row == 0 or column == 0 or row == rows - 1 or column == columns - 1
            if sea[row, column] or edge:
                # Water prefers the sea to the edge of the region as its outlet.
                level = -1.0 if sea[row, column] else float(heights[row, column]) + 120.0
                heapq.heappush(queue, (level, row * columns + column))
                seen[row * columns + column] = True
    count = 0
    while len(queue) > 0:
        level, here = heapq.heappop(queue)
        order[count] = here
        count += 1
        row = here // columns
        column = here % columns
        for dr in range(-1, 2):
            for dc in range(-1, 2):
                r = row + dr
                c = column + dc
                if r < 0 or c < 0 or r >= rows or c >= columns:
                    continue
                there = r * columns + c
                if seen[there]:
                    continue
                seen[there] = True
                downstream[there] = here
                # On a plain the flood rises unevenly, or rivers would run in straight lines there.
                rise = 0.05 + 2.5 * unit(r, c, seed) ** 2
                if dr != 0 and dc != 0:
                    rise *= 1.4
                heapq.heappush(queue, (max(level + rise, float(heights[r, c])), there))
    return downstream, order


@kernel
def accumulate(
    downstream: npt.NDArray[np.int32], order: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Nodes upstream of each node, itself included."""
    total = np.ones(order.size, dtype=np.int32)
    for k in range(order.size - 1, -1, -1):
        here = order[k]
        if downstream[here] >= 0:
            total[downstream[here]] += total[here]
    return total


def find_waters(*, frame: Frame, terrain: Terrain, seed: int) -> Waters:
    heights = terrain.elevation[::STEP, ::STEP].copy()
    # Small roughness keeps water on plains from running in straight lines.
    rough = fractal_grid(frame, wavelength=700, octaves=3, seed=subseed(seed, "drainage"))
    heights += 14 * rough[::STEP, ::STEP]
    sea = np.ascontiguousarray(terrain.sea[::STEP, ::STEP])
    downstream, order = drain(heights, sea, subseed(seed, "flood"))
    upstream = accumulate(downstream, order)

    node_km2 = (STEP_M / 1000) ** 2
    river_from = min(22.0, 0.06 * frame.area_km2) / node_km2
    stream_from = min(1.6, 0.01 * frame.area_km2) / node_km2
    waters = Waters()
    _trace(waters, downstream, upstream, order, sea, river_from, stream_from, node_km2, frame, seed)
    _place_lakes(waters, frame, terrain, seed)
    return waters


def _trace(
    waters: Waters,
    downstream: npt.NDArray[np.int32],
    upstream: npt.NDArray[np.int32],
    order: npt.NDArray[np.int32],
    sea: npt.NDArray[np.bool_],
    river_from: float,
    stream_from: float,
    node_km2: float,
    frame: Frame,
    seed: int,
) -> None:
    columns = sea.shape[1]
    wet = sea.ravel()
    bends = [
        fractal_grid(frame, wavelength=520, octaves=3, seed=subseed(seed, f"meander-{axis}"))
        for axis in "xy"
    ]
    for threshold in (river_from, stream_from):
        carries = (upstream >= threshold) & ~wet
        fed = np.zeros(len(carries), dtype=bool)
        sources = np.flatnonzero(carries)
        targets = downstream[sources]
        fed[targets[targets >= 0]] = True
        taken = np.zeros(len(carries), dtype=bool)
        # Longest first: the main stem is traced whole, tributaries end where they join it.
        heads = sources[~fed[sources]]
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        for head in heads[np.argsort(-rank[heads], kind="stable")]:
            nodes = [int(head)]
            while not wet[nodes[-1]] and downstream[nodes[-1]] >= 0:
                nodes.append(int(downstream[nodes[-1]]))
                if taken[nodes[-1]]:
                    break
                taken[nodes[-1]] = True
            if len(nodes) < 4:
                continue
            flat = np.array(nodes)
            path = np.stack([flat % columns, flat // columns], axis=1) * float(STEP_M)
            km2 = upstream[flat] * node_km2
            if threshold == river_from:
                half = np.clip(4.5 + 1.25 * np.sqrt(km2), 5.5, 60.0)
                path, half = _meander(path, half, bends)
                waters.rivers.append((path, half))
            else:
                path, _ = _meander(path, km2, bends)
                waters.streams.append(path)


def _meander(
    path: drawing.Points, values: npt.NDArray[np.float64], bends: list[Field]
) -> tuple[drawing.Points, npt.NDArray[np.float64]]:
    """Bend a path of grid steps; carries the values along."""
    steps = np.arange(len(path))
    path = smoothed_open(path)
    path = drawing.smoothed(path, rounds=2)
    values = np.interp(np.linspace(0, 1, len(path)), steps / max(1, steps[-1]), values)
    return path + 75 * np.stack([sample_at(bend, path) for bend in bends], axis=1), values


def smoothed_open(path: drawing.Points) -> drawing.Points:
    """Running mean of five points: takes the grid's eight directions out of a path."""
    if len(path) < 6:
        return path.astype(float)
    padded = np.vstack([path[:1], path[:1], path, path[-1:], path[-1:]]).astype(float)
    mean = np.mean([padded[k : k + len(path)] for k in range(5)], axis=0)
    mean[0], mean[-1] = path[0], path[-1]
    return np.asarray(mean)


def _place_lakes(waters: Waters, frame: Frame, terrain: Terrain, seed: int) -> None:
    rng = generator(seed, "lakes")
    # Reservoirs on rivers, and ponds in the plains.
    for _ in range(max(1, round(7 * frame.scale))):
        if not waters.rivers:
            break
        path, _half = waters.rivers[rng.integers(len(waters.rivers))]
        at = int(rng.integers(len(path) // 4, max(len(path) // 4 + 1, 3 * len(path) // 4)))
        x, y = path[at]
        ahead = path[min(at + 6, len(path) - 1)] - path[max(at - 6, 0)]
        if sample_at(terrain.shore, path[at : at + 1])[0] < 2500:
            continue
        radius = rng.uniform(180, 520)
        angle = float(np.arctan2(ahead[1], ahead[0]))
        waters.lakes.append((float(x), float(y), float(radius), rng.uniform(1.2, 1.8), angle))
    for _ in range(round(260 * frame.scale)):
        x, y = rng.uniform(0, frame.size_m, 2)
        radius, stretch, angle = rng.uniform(25, 110), rng.uniform(1.0, 1.5), rng.uniform(0, 3.14)
        here = np.array([[x, y]])
        if sample_at(terrain.slope, here)[0] < 0.08 and sample_at(terrain.shore, here)[0] > 300:
            waters.lakes.append((float(x), float(y), float(radius), stretch, angle))


def draw_waters(*, marks: drawing.Marks, waters: Waters, seed: int) -> None:
    """Water, and the trees along it, into the grid of marks."""
    for path in waters.streams:
        drawing.draw_path(marks, path, half_width=9.0, bit=drawing.RIPARIAN)
    for path, half in waters.rivers:
        drawing.draw_path(marks, path, half_width=half + 14, bit=drawing.RIPARIAN)
        drawing.draw_path(marks, path, half_width=half, bit=drawing.WATER)
    for number, (x, y, radius, stretch, angle) in enumerate(waters.lakes):
        for extent, bit in ((radius * 1.08 + 10, drawing.RIPARIAN), (radius, drawing.WATER)):
            drawing.draw_blob(
                marks,
                x=x,
                y=y,
                radius=extent,
                stretch=stretch,
                angle=angle,
                seed=subseed(seed, "lake") % 100_000 + number,
                bit=bit,
            )
