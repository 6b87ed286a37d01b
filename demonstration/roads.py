"""Roads, motorway, railway: least-cost links between settlements."""

import heapq
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import Delaunay

from . import drawing
from .fields import Field, fractal_grid
from .frame import COARSE_M, Frame, generator, subseed
from .hydrology import smoothed_open
from .kernels import kernel
from .settlements import Settlements, town_shape
from .terrain import Terrain

STEP = 2
STEP_M = STEP * COARSE_M

# Half-widths in metres: what gives a motorway of three cells, a main road of two, others of one.
MOTORWAY, NATIONAL, LOCAL, LANE, RAIL = 15.0, 9.0, 5.6, 5.0, 6.5
BYPASS = 10.0


@dataclass(kw_only=True)
class Roads:
    """Paths in metres, each with its half-width."""

    paths: list[tuple[drawing.Points, float]] = field(default_factory=list)
    bypass: drawing.Points = field(default_factory=lambda: np.empty((0, 2)))
    motorway: drawing.Points = field(default_factory=lambda: np.empty((0, 2)))


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
        row = here // columns
        column = here % columns
        for dr in range(-1, 2):
            for dc in range(-1, 2):
                r = row + dr
                c = column + dc
                if r < 0 or c < 0 or r >= rows or c >= columns:
                    continue
                there = r * columns + c
                length = 1.4142135 if dr != 0 and dc != 0 else 1.0
                total = so_far + length * 0.5 * (cost[row, column] + cost[r, c])
                if total < best[there]:
                    best[there] = total
                    before[there] = here
                    heapq.heappush(queue, (total, there))
    path = [goal]
    while before[path[-1]] >= 0:
        path.append(before[path[-1]])
    out = np.empty(len(path), dtype=np.int32)
    for k in range(len(path)):
        out[k] = path[len(path) - 1 - k]
    return out


class Network:
    """Adds one link after another. A link prefers existing roads."""

    def __init__(self, frame: Frame, terrain: Terrain, seed: int) -> None:
        self._frame = frame
        ground = 1 + 14 * terrain.slope + 40 * np.maximum(terrain.slope - 0.16, 0)
        # Random obstacles, so that no road runs straight over a plain.
        lie = fractal_grid(frame, wavelength=900, octaves=3, seed=subseed(seed, "lie of roads"))
        ground = ground * (1 + 0.55 * np.clip(lie, -1, 1))
        ground = np.where(terrain.sea, 400, ground)
        ground = np.where(terrain.shore < 120, ground + 3, ground)
        self.ground: Field = np.ascontiguousarray(ground[::STEP, ::STEP]).astype(np.float32)
        self.cost = self.ground.copy()
        self._last = self.ground.shape[0] - 1

    def link(
        self,
        start: npt.NDArray[np.float64],
        goal: npt.NDArray[np.float64],
        *,
        pad_m: float = 2500,
        extra: Field | None = None,
        share: bool = True,
    ) -> drawing.Points:
        """Path of shape (n, 2) in metres from start to goal, both points in metres."""
        nodes = np.clip(np.round(np.array([start, goal]) / STEP_M).astype(int), 0, self._last)
        pad = int(pad_m / STEP_M) + int(0.3 * np.abs(nodes[0] - nodes[1]).max())
        low = np.maximum(nodes.min(axis=0) - pad, 0)
        high = np.minimum(nodes.max(axis=0) + pad, self._last) + 1
        window = slice(low[1], high[1]), slice(low[0], high[0])
        cost = (self.cost if share else self.ground)[window]
        if extra is not None:
            cost = cost + extra[window]
        local = nodes - low
        flat = cheapest(
            np.ascontiguousarray(cost, dtype=np.float32),
            int(local[0, 1]),
            int(local[0, 0]),
            int(local[1, 1]),
            int(local[1, 0]),
        )
        columns = high[0] - low[0]
        rows, cols = flat // columns + low[1], flat % columns + low[0]
        if share:
            self.cost[rows, cols] = np.minimum(self.cost[rows, cols], 0.35)
        return np.stack([cols, rows], axis=1) * float(STEP_M)


def build_roads(
    *, frame: Frame, terrain: Terrain, settlements: Settlements, density: Field, seed: int
) -> Roads:
    roads = Roads()
    rng = generator(seed, "roads")
    seats = settlements.seats
    network = Network(frame, terrain, seed)
    _motorway(roads, network, frame, terrain, settlements, density)

    towns = min(len(seats), max(5, round(20 * len(seats) / 250)))
    for a, b in _gabriel(seats[:towns]):
        path = network.link(seats[a], seats[b])
        roads.paths.append((finished(path, rounds=3), NATIONAL))
    _railway(roads, network, frame, settlements)
    for a, b in _gabriel(seats):
        path = network.link(seats[a], seats[b])
        roads.paths.append((finished(path), LOCAL))
    for hamlet in settlements.hamlets:
        nearest = seats[np.argmin(np.hypot(*(seats - hamlet).T))]
        path = network.link(hamlet, nearest, pad_m=800)
        # Most lanes are narrower than a cell; these are the ones that are not.
        if rng.random() < 0.55:
            roads.paths.append((finished(path), LANE))
    _bypass(roads, settlements)
    return roads


def finished(path: drawing.Points, *, rounds: int = 1) -> drawing.Points:
    for _ in range(rounds):
        path = smoothed_open(path)
    return drawing.smoothed(path, rounds=2)


def _gabriel(points: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """Edges whose circle holds no other point: neighbours worth a road, without crossings."""
    triangles = Delaunay(points).simplices
    edges = sorted(
        {
            (int(min(t[i], t[j])), int(max(t[i], t[j])))
            for t in triangles
            for i, j in ((0, 1), (1, 2), (0, 2))
        }
    )
    kept = []
    for a, b in edges:
        middle = (points[a] + points[b]) / 2
        radius = float(np.hypot(*(points[a] - middle)))
        if float(np.hypot(*(points - middle).T).min()) >= radius * 0.999:
            kept.append((a, b))
    return kept


def _motorway(
    roads: Roads,
    network: Network,
    frame: Frame,
    terrain: Terrain,
    settlements: Settlements,
    density: Field,
) -> None:
    """From the west edge past the first city to the east edge, clear of towns."""
    size = frame.size_m
    city = settlements.seats[0]
    radius = town_shape(float(settlements.inhabitants[0]))[0]
    past = city + np.array([0.25, 1.0]) * radius * 1.15
    past = np.clip(past, 0.05 * size, 0.95 * size)
    avoid = np.where(density > 0, 6 + 25 * density, 0)[::STEP, ::STEP].astype(np.float32)
    west = _edge_point(terrain, frame, 0.0, toward=0.40)
    east = _edge_point(terrain, frame, 1.0, toward=0.62)
    pieces = [
        network.link(west, past, pad_m=size, extra=avoid, share=False),
        network.link(past, east, pad_m=size, extra=avoid, share=False)[1:],
    ]
    path = np.vstack(pieces)
    # The two halves often meet in a spike. Cut it and bridge the gap.
    away = np.hypot(*(path - past).T)
    near = np.flatnonzero(away < 0.045 * size)
    before, after = max(int(near[0]) - 1, 0), min(int(near[-1]) + 1, len(path) - 1)
    steps = np.linspace(0, 1, 2 + int(np.hypot(*(path[after] - path[before])) / STEP_M))[:, None]
    bridge = path[before] + steps * (path[after] - path[before])
    path = finished(np.vstack([path[:before], bridge, path[after + 1 :]]), rounds=30)
    roads.motorway = path
    roads.paths.append((path, MOTORWAY))


def _edge_point(
    terrain: Terrain, frame: Frame, u: float, *, toward: float
) -> npt.NDArray[np.float64]:
    """A low point on land on the west (u = 0) or east (u = 1) edge, near a share of its height."""
    column = 0 if u == 0 else -1
    heights = terrain.elevation[:, column]
    v = np.arange(len(heights)) / (len(heights) - 1)
    score = np.abs(v - toward) + np.maximum(heights, 0) / 3000
    score[terrain.sea[:, column]] = 9
    return np.array([u * frame.size_m, float(v[np.argmin(score)]) * frame.size_m])


def _railway(roads: Roads, network: Network, frame: Frame, settlements: Settlements) -> None:
    """One line through the cities, from the port to the first city and on to the others."""
    seats = settlements.seats[: settlements.cities]
    rest = [k for k in range(len(seats)) if k not in (0, settlements.port)]
    order = [
        settlements.port,
        0,
        *sorted(rest, key=lambda k: float(np.hypot(*seats[k] - seats[0]))),
    ]
    for a, b in pairwise(order[:4]):
        if a == b:
            continue
        path = network.link(seats[a] + 150, seats[b] + 150, pad_m=0.2 * frame.size_m, share=False)
        roads.paths.append((finished(path, rounds=5), RAIL))


def _bypass(roads: Roads, settlements: Settlements) -> None:
    """Half round the second city, opened after 2018."""
    city = settlements.seats[1 if len(settlements.seats) > 1 else 0]
    radius = town_shape(float(settlements.inhabitants[1]))[0] * 1.18 + 150
    others = settlements.seats[0] - city
    facing = np.arctan2(others[1], others[0])
    angles = facing + np.linspace(-1.45, 1.45, 60)
    wobble = 1 + 0.07 * np.sin(3 * angles)
    roads.bypass = city + np.stack(
        [np.cos(angles) * radius * wobble, np.sin(angles) * radius * wobble], axis=1
    )


def draw_roads(*, marks: drawing.Marks, roads: Roads) -> None:
    for path, half in roads.paths:
        if half == MOTORWAY:
            drawing.draw_path(marks, path, half_width=half + 14, bit=drawing.OPEN)
        drawing.draw_path(marks, path, half_width=half, bit=drawing.ROAD)
    drawing.draw_path(marks, roads.bypass, half_width=BYPASS, bit=drawing.NEW_ROAD)


def density_along(*, frame: Frame, density: Field, roads: Roads) -> Field:
    """Density with settlements drawn out along the roads that leave them."""
    flags = np.zeros(density.shape, dtype=bool)
    for path, half in roads.paths:
        if half in (MOTORWAY, RAIL, LANE):
            continue
        node = np.clip(np.round(path / COARSE_M).astype(int), 0, density.shape[0] - 1)
        flags[node[:, 1], node[:, 0]] = True
    distance = ndimage.distance_transform_edt(~flags) * COARSE_M
    near = np.exp(-((distance / 85) ** 2))
    # Only where a settlement already reaches out, so that roads stay open in between.
    reach = np.clip((density + 0.25) / 0.5, 0, 1)
    drawn_out: Field = (density + 0.17 * near * reach - 0.05).astype(np.float32)
    return drawn_out
