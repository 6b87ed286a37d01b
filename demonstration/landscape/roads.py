"""Roads, motorway, railway: least-cost links between settlements."""

import heapq
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import Delaunay

from demonstration.grids import drawing
from demonstration.grids.drawing import Marks, Points, smoothed
from demonstration.grids.fields import COARSE_M, Field
from demonstration.grids.frame import Frame
from demonstration.grids.kernels import kernel
from demonstration.landscape.settlements import Settlements, distances, town_shape
from demonstration.landscape.terrain import Terrain

STEP = 2
STEP_M = STEP * COARSE_M

# Half-widths in metres: what gives a motorway of three cells, a main road of two, others of one.
MOTORWAY, NATIONAL, LOCAL, LANE, RAIL = 15.0, 9.0, 5.6, 5.0, 6.5
BYPASS = 10.0


class Roads(NamedTuple):
    paths: list[tuple[Points, float]]  # each with its half-width in metres, the motorway first
    bypass: Points

    @property
    def motorway(self) -> Points:
        return self.paths[0][0]


@kernel
def cheapest(
    cost: Field, start_row: int, start_column: int, goal_row: int, goal_column: int
) -> npt.NDArray[np.int32]:
    """Flat indices from start to goal on a grid with eight neighbours (Dijkstra)."""
    rows, columns = cost.shape
    best = np.full(rows * columns, np.inf, dtype=np.float64)
    before = np.full(rows * columns, -1, dtype=np.int32)
    start = start_row * columns + start_column
    goal = goal_row * columns + goal_column
    best[start] = 0.0
    queue = [(0.0, start)]
    while len(queue) > 0:
        so_far, here = heapq.heappop(queue)
        if here == goal:
            break
        if so_far > best[here]:
            continue
        row, column = here // columns, here % columns
        for r in range(max(0, row - 1), min(rows, row + 2)):
            for c in range(max(0, column - 1), min(columns, column + 2)):
                there = r * columns + c
                length = 1.4142135 if r != row and c != column else 1.0
                total = so_far + length * 0.5 * (cost[row, column] + cost[r, c])
                if total < best[there]:
                    best[there] = total
                    before[there] = here
                    heapq.heappush(queue, (total, there))
    path = [goal]
    while before[path[-1]] >= 0:
        path.append(before[path[-1]])
    return np.array(path[::-1], dtype=np.int32)


class Network:
    """Adds one link after another. A link prefers existing roads."""

    def __init__(self, frame: Frame, terrain: Terrain) -> None:
        ground = 1 + 14 * terrain.slope + 40 * np.maximum(terrain.slope - 0.16, 0)
        # Random obstacles, so that no road runs straight over a plain.
        lie = frame.field("lie of roads", 900, 3)
        ground = ground * (1 + 0.55 * np.clip(lie, -1, 1))
        ground = np.where(terrain.sea, 400, ground)
        ground = np.where(terrain.shore < 120, ground + 3, ground)
        self.ground: Field = np.ascontiguousarray(ground[::STEP, ::STEP]).astype(np.float32)
        self.cost = self.ground.copy()

    def link(
        self, start: Points, goal: Points, *, pad_m: float = 2500, cost: Field | None = None
    ) -> Points:
        """Path from start to goal. One with costs of its own shares no road with others."""
        costs = self.cost if cost is None else cost
        last = costs.shape[0] - 1
        nodes = np.clip(np.round(np.array([start, goal]) / STEP_M).astype(int), 0, last)
        pad = int(pad_m / STEP_M) + int(0.3 * np.abs(nodes[0] - nodes[1]).max())
        low = np.maximum(nodes.min(axis=0) - pad, 0)
        high = np.minimum(nodes.max(axis=0) + pad, last) + 1
        window = np.ascontiguousarray(costs[low[1] : high[1], low[0] : high[0]])
        (start_column, start_row), (goal_column, goal_row) = nodes - low
        flat = cheapest(window, start_row, start_column, goal_row, goal_column)
        path = low + np.stack([flat % window.shape[1], flat // window.shape[1]], axis=1)
        if cost is None:
            x, y = path.T
            self.cost[y, x] = np.minimum(self.cost[y, x], 0.35)
        return np.asarray(path * float(STEP_M))


def build_roads(frame: Frame, terrain: Terrain, settlements: Settlements, density: Field) -> Roads:
    rng = frame.generator("roads")
    seats = settlements.seats
    network = Network(frame, terrain)
    paths = [(_motorway(network, frame, terrain, settlements, density), MOTORWAY)]

    towns = min(len(seats), max(5, round(20 * len(seats) / 250)))
    for a, b in _gabriel(seats[:towns]):
        paths.append((smoothed(network.link(seats[a], seats[b]), rounds=3), NATIONAL))
    paths += [(path, RAIL) for path in _railway(network, frame, settlements)]
    for a, b in _gabriel(seats):
        paths.append((smoothed(network.link(seats[a], seats[b])), LOCAL))
    for hamlet in settlements.hamlets:
        path = network.link(hamlet, seats[distances(seats, hamlet).argmin()], pad_m=800)
        # Most lanes are narrower than a cell; these are the ones that are not.
        if rng.random() < 0.55:
            paths.append((smoothed(path), LANE))
    return Roads(paths, _bypass(settlements))


def _gabriel(points: Points) -> list[tuple[int, int]]:
    """Edges whose circle holds no other point: neighbours worth a road, without crossings."""
    triangles = np.sort(Delaunay(points).simplices, axis=1)
    edges = np.unique(np.vstack([triangles[:, pair] for pair in ([0, 1], [1, 2], [0, 2])]), axis=0)
    kept = []
    for a, b in edges.tolist():
        middle = (points[a] + points[b]) / 2
        radius = float(distances(points[a], middle))
        if float(distances(points, middle).min()) >= radius * 0.999:
            kept.append((a, b))
    return kept


def _motorway(
    network: Network, frame: Frame, terrain: Terrain, settlements: Settlements, density: Field
) -> Points:
    """From the west edge past the first city to the east edge, clear of towns."""
    size = frame.size_m
    city = settlements.seats[0]
    radius = town_shape(settlements.inhabitants[0])[0]
    past = city + np.array([0.25, 1.0]) * radius * 1.15
    past = np.clip(past, 0.05 * size, 0.95 * size)
    avoid = np.where(density > 0, 6 + 25 * density, 0)[::STEP, ::STEP].astype(np.float32)
    cost = network.ground + avoid
    west = np.array([0, _low_land(frame, terrain, 0, toward=0.40)])
    east = np.array([size, _low_land(frame, terrain, -1, toward=0.62)])
    path = np.vstack(
        [
            network.link(west, past, pad_m=size, cost=cost),
            network.link(past, east, pad_m=size, cost=cost)[1:],
        ]
    )
    # The two halves often meet in a spike. Cut it and bridge the gap.
    near = np.flatnonzero(distances(path, past) < 0.045 * size)
    before, after = max(int(near[0]) - 1, 0), min(int(near[-1]) + 1, len(path) - 1)
    steps = np.linspace(0, 1, 2 + int(distances(path[after], path[before]) / STEP_M))[:, None]
    bridge = path[before] + steps * (path[after] - path[before])
    return smoothed(np.vstack([path[:before], bridge, path[after + 1 :]]), rounds=30)


def _low_land(frame: Frame, terrain: Terrain, column: int, *, toward: float) -> float:
    """Metres down an edge to a low place on land, near a share of the edge."""
    heights = terrain.elevation[:, column]
    v = np.arange(len(heights)) / (len(heights) - 1)
    score = np.abs(v - toward) + np.maximum(heights, 0) / 3000
    score[terrain.sea[:, column]] = 9
    return float(v[np.argmin(score)]) * frame.size_m


def _railway(network: Network, frame: Frame, settlements: Settlements) -> list[Points]:
    """One line through the cities, from the port to the first city and on to the others."""
    seats = settlements.seats[: settlements.cities]
    nearest = np.argsort(distances(seats, seats[0]), kind="stable")
    others = [k for k in nearest.tolist() if k not in (0, settlements.port)]
    paths = []
    for a, b in pairwise([settlements.port, 0, *others[:2]]):
        path = network.link(
            seats[a] + 150, seats[b] + 150, pad_m=0.2 * frame.size_m, cost=network.ground
        )
        paths.append(smoothed(path, rounds=5))
    return paths


def _bypass(settlements: Settlements) -> Points:
    """Half round the second city, opened after 2018."""
    city = settlements.seats[1]
    radius = town_shape(settlements.inhabitants[1])[0] * 1.18 + 150
    others = settlements.seats[0] - city
    angles = np.arctan2(others[1], others[0]) + np.linspace(-1.45, 1.45, 60)
    wobble = 1 + 0.07 * np.sin(3 * angles)
    turned = [np.cos(angles) * radius * wobble, np.sin(angles) * radius * wobble]
    return np.asarray(city + np.stack(turned, axis=1))


def draw_roads(marks: Marks, roads: Roads) -> None:
    drawing.draw_path(marks, roads.motorway, MOTORWAY + 14, drawing.OPEN)
    for path, half in roads.paths:
        drawing.draw_path(marks, path, half, drawing.ROAD)
    drawing.draw_path(marks, roads.bypass, BYPASS, drawing.NEW_ROAD)


def density_along(density: Field, roads: Roads) -> Field:
    """Density with settlements drawn out along the roads that leave them."""
    away = np.ones(density.shape, dtype=bool)
    for path, half in roads.paths:
        if half in (NATIONAL, LOCAL):
            node = np.clip(np.round(path / COARSE_M).astype(int), 0, density.shape[0] - 1)
            away[node[:, 1], node[:, 0]] = False
    distance = ndimage.distance_transform_edt(away) * COARSE_M
    near = np.exp(-((distance / 85) ** 2))
    # Only where a settlement already reaches out, so that roads stay open in between.
    reach = np.clip((density + 0.25) / 0.5, 0, 1)
    drawn_out: Field = (density + 0.17 * near * reach - 0.05).astype(np.float32)
    return drawn_out
