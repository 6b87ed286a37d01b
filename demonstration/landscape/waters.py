"""Water: drainage by priority flood, rivers and lakes."""

import heapq
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.arrays import BoolArray
from demonstration.grids import drawing
from demonstration.grids.drawing import Marks, Points
from demonstration.grids.fields import COARSE_M, Field, sample_at, sample_pair, unit
from demonstration.grids.frame import Frame
from demonstration.grids.kernels import kernel
from demonstration.landscape.terrain import Terrain

STEP = 2  # the drainage grid takes every second node of the planning grid
STEP_M = STEP * COARSE_M

Nodes = npt.NDArray[np.int32]


class Lake(NamedTuple):
    x: float
    y: float
    radius: float
    stretch: float
    angle: float


class Waters(NamedTuple):
    rivers: list[tuple[Points, Points]]  # paths, and the half-width in metres at each point
    streams: list[Points]  # too narrow to show as water: they only carry a line of trees
    lakes: list[Lake]


@kernel
def drain(heights: Field, sea: BoolArray, seed: int) -> tuple[Nodes, Nodes, Nodes]:
    """For each node (flat index) the node it drains to (-1 at an outlet), and how many nodes drain
    through it; and the nodes in the order in which a flood from the sea and the edges rises."""
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
        row, column = here // columns, here % columns
        for r in range(max(0, row - 1), min(rows, row + 2)):
            for c in range(max(0, column - 1), min(columns, column + 2)):
                there = r * columns + c
                if seen[there]:
                    continue
                seen[there] = True
                downstream[there] = here
                # On a plain the flood rises unevenly, or rivers would run in straight lines there.
                rise = 0.05 + 2.5 * unit(r, c, seed) ** 2
                if r != row and c != column:
                    rise *= 1.4
                heapq.heappush(queue, (max(level + rise, float(heights[r, c])), there))
    upstream = np.ones(order.size, dtype=np.int32)
    for here in order[::-1]:
        if downstream[here] >= 0:
            upstream[downstream[here]] += upstream[here]
    return downstream, upstream, order


def find_waters(frame: Frame, terrain: Terrain) -> Waters:
    heights = terrain.elevation[::STEP, ::STEP].copy()
    # Small roughness keeps water on plains from running in straight lines.
    heights += 14 * frame.field("drainage", 700, 3)[::STEP, ::STEP]
    sea = np.ascontiguousarray(terrain.sea[::STEP, ::STEP])
    wet, columns = sea.ravel(), sea.shape[1]
    downstream, upstream, order = drain(heights, sea, frame.subseed("flood"))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    area = upstream * (STEP_M / 1000) ** 2
    bends = [frame.field(f"meander-{axis}", 520, 3) for axis in "xy"]

    def trace(km2: float) -> list[tuple[Points, Points]]:
        """Paths of the waters that drain an area or more, and the area at each point."""
        carries = (upstream >= km2 / (STEP_M / 1000) ** 2) & ~wet
        sources = np.flatnonzero(carries)
        heads = np.setdiff1d(sources, downstream[sources])
        taken = np.zeros(len(carries), dtype=bool)
        paths = []
        # Longest first: the main stem is traced whole, tributaries end where they join it.
        for head in heads[np.argsort(-rank[heads], kind="stable")]:
            nodes = [int(head)]
            while not wet[nodes[-1]] and downstream[nodes[-1]] >= 0:
                nodes.append(int(downstream[nodes[-1]]))
                if taken[nodes[-1]]:
                    break
                taken[nodes[-1]] = True
            if len(nodes) >= 4:
                flat = np.array(nodes)
                path = np.stack([flat % columns, flat // columns], axis=1) * float(STEP_M)
                paths.append((path, area[flat]))
        return paths

    rivers = [
        _meander(path, np.clip(4.5 + 1.25 * np.sqrt(km2), 5.5, 60.0), bends)
        for path, km2 in trace(min(22.0, 0.06 * frame.area_km2))
    ]
    streams = [
        _meander(path, km2, bends)[0] for path, km2 in trace(min(1.6, 0.01 * frame.area_km2))
    ]
    return Waters(rivers, streams, _place_lakes(frame, terrain, rivers))


def _meander(path: Points, values: Points, bends: list[Field]) -> tuple[Points, Points]:
    """Bend a path of grid steps; carries the values along."""
    steps = np.arange(len(path))
    path = drawing.smoothed(path)
    values = np.interp(np.linspace(0, 1, len(path)), steps / steps[-1], values)
    return path + 75 * sample_pair(bends, path), values


def _place_lakes(frame: Frame, terrain: Terrain, rivers: list[tuple[Points, Points]]) -> list[Lake]:
    """Reservoirs on rivers, and ponds in the plains."""
    rng = frame.generator("lakes")
    lakes = []
    for _ in range(max(1, round(7 * frame.scale)) if rivers else 0):
        path, _half = rivers[rng.integers(len(rivers))]
        at = int(rng.integers(len(path) // 4, max(len(path) // 4 + 1, 3 * len(path) // 4)))
        x, y = path[at]
        ahead = path[min(at + 6, len(path) - 1)] - path[max(at - 6, 0)]
        if sample_at(terrain.shore, path[at : at + 1])[0] >= 2500:
            radius = rng.uniform(180, 520)
            angle = np.arctan2(ahead[1], ahead[0])
            lakes.append(Lake(x, y, radius, rng.uniform(1.2, 1.8), angle))
    for _ in range(round(260 * frame.scale)):
        x, y = rng.uniform(0, frame.size_m, 2)
        lake = Lake(x, y, rng.uniform(25, 110), rng.uniform(1.0, 1.5), rng.uniform(0, 3.14))
        here = np.array([[x, y]])
        if sample_at(terrain.slope, here)[0] < 0.08 and sample_at(terrain.shore, here)[0] > 300:
            lakes.append(lake)
    return lakes


def draw_waters(marks: Marks, frame: Frame, waters: Waters) -> None:
    """Water, and the trees along it, into the grid of marks."""
    for path in waters.streams:
        drawing.draw_path(marks, path, 9.0, drawing.RIPARIAN)
    for path, half in waters.rivers:
        drawing.draw_path(marks, path, half + 14, drawing.RIPARIAN)
        drawing.draw_path(marks, path, half, drawing.WATER)
    for seed, lake in enumerate(waters.lakes, start=frame.subseed("lake") % 100_000):
        for radius, bit in (
            (lake.radius * 1.08 + 10, drawing.RIPARIAN),
            (lake.radius, drawing.WATER),
        ):
            drawing.draw_blob(
                marks, lake.x, lake.y, radius, lake.stretch, lake.angle, seed=seed, bit=bit
            )
