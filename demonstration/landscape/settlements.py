"""Settlements and their density: cities, towns, a village for each commune, hamlets and farms."""

import math
from typing import NamedTuple

import numpy as np

from analytics.arrays import BoolArray, Float64Array
from demonstration.grids.drawing import Points, indices
from demonstration.grids.fields import COARSE_M, Field, fractal, sample_at
from demonstration.grids.frame import TILE_CORNER, Frame
from demonstration.grids.kernels import kernel
from demonstration.landscape.terrain import Terrain

FULL_COMMUNES = 264  # a few of them fall outside the region's outline
DEPARTEMENTS = 5
FEW_DEPARTEMENTS = 2  # in a small region, so that each has room for mergers of communes
CITY_SHARES = (1, 0.40, 0.25, 0.19, 0.13)  # of the largest city's inhabitants
# Below this density, most blocks have no buildings; see truth/blocks.py.
DEVELOPED_FROM = 0.25


class Settlements(NamedTuple):
    """Seats of communes, the cities first, the largest of them first."""

    seats: Points
    inhabitants: Float64Array  # of the seat's own built-up area, a first guess
    cities: int  # how many of the seats are cities
    capitals: int  # how many of them head a département
    port: int  # the seat with a harbour
    hamlets: Points
    hamlet_inhabitants: Float64Array


def settle(frame: Frame, terrain: Terrain) -> Settlements:
    rng = frame.generator("settlements")
    suitability = _suitability(frame, terrain)
    count = max(26, round(FULL_COMMUNES * frame.scale))
    largest = max(2200.0, 74_000 * max(frame.scale, count / FULL_COMMUNES))
    city_sizes = [largest * share for share in CITY_SHARES]
    cities = np.empty((0, 2))
    spacing = 0.27 * frame.size_m
    while len(cities) < len(city_sizes):
        cities = _scatter(rng, frame, suitability, len(city_sizes), spacing, np.empty((0, 2)))
        spacing *= 0.9
    # The port is the city, not the largest, that lies nearest to the sea.
    port = 1 + int(np.argmin(sample_at(terrain.shore, cities)[1:]))
    cities[port] = _nearest_shore(frame, terrain, cities)

    seats = cities
    spacing = 0.95 * frame.size_m / math.sqrt(count)
    while len(seats) < count:
        seats = _scatter(rng, frame, suitability, count, spacing, cities)
        spacing *= 0.96

    towns = round(14 * count / FULL_COMMUNES) + 1
    inhabitants = np.clip(rng.lognormal(math.log(360), 0.75, count), 80, 2000)
    inhabitants[: len(cities)] = city_sizes
    for k in range(len(cities), min(count, len(cities) + towns)):
        inhabitants[k] = rng.uniform(0.018, 0.07) * largest + 600
    # Villages within reach of a city have grown into its suburbs.
    for k in range(len(cities), count):
        for city, size in zip(cities, city_sizes, strict=True):
            reach = 1200 + 2.4 * math.sqrt(size * 180)
            near = math.exp(-float(distances(city, seats[k])) / reach)
            inhabitants[k] *= 1 + 2.6 * near * min(1.0, size / 30_000)
    hamlets = rng.uniform(0, frame.size_m, (round(5 * count), 2))
    keep = sample_at(suitability, hamlets) > rng.uniform(0.15, 0.75, len(hamlets))
    hamlets = hamlets[keep]
    return Settlements(
        seats=seats,
        inhabitants=inhabitants,
        cities=len(cities),
        capitals=DEPARTEMENTS if count >= 80 else FEW_DEPARTEMENTS,
        port=port,
        hamlets=hamlets,
        hamlet_inhabitants=rng.uniform(8, 55, len(hamlets)),
    )


def distances(points: Points, place: Points) -> Points:
    """Metres from each of some points to a place."""
    return np.asarray(np.hypot(*(points - place).T))


def _suitability(frame: Frame, terrain: Terrain) -> Field:
    """0 to 1: high on low and flat land, with some chance."""
    value = np.exp(-np.maximum(terrain.elevation, 0) / 700) * np.exp(-terrain.slope / 0.22)
    value = value * (0.75 + 0.35 * frame.field("luck", 4000, 3))
    value[terrain.shore < 250] *= 0.2
    value[terrain.sea | (terrain.beyond_border > -0.006)] = 0
    suitability: Field = np.clip(value, 0, 1).astype(np.float32)
    return suitability


def _scatter(
    rng: np.random.Generator,
    frame: Frame,
    suitability: Field,
    count: int,
    spacing: float,
    cities: Points,
) -> Points:
    """Up to `count` random places at least `spacing` metres apart: without cities, where these lie;
    with cities, the seats of communes, which are closer to each other near a city."""
    size = frame.size_m
    margin = 0.015 if len(cities) else 0.12
    places = rng.uniform(margin * size, (1 - margin) * size, (60 * count + 2000, 2))
    value = sample_at(suitability, places)
    places = places[value > rng.uniform(0.03, 0.6, len(places))]
    if not len(cities):
        # The first city lies near the corner of the four EEA tiles, and so across files.
        corner = np.array([TILE_CORNER[0] - frame.left - 0.09 * size, 0.515 * size])
        first = np.argmin(distances(places, corner))
        places = np.vstack([places[first : first + 1], places])
    filled = len(cities)
    chosen = np.empty((count, 2))
    chosen[:filled] = cities
    for place in places:
        if filled == count:
            break
        apart = spacing
        if len(cities):
            away = float(distances(cities, place).min())
            apart *= 0.5 + 0.5 * min(1.0, away / (0.22 * size))
        if not filled or float(distances(chosen[:filled], place).min()) >= apart:
            chosen[filled] = place
            filled += 1
    return chosen[:filled].copy()


def _nearest_shore(frame: Frame, terrain: Terrain, cities: Points) -> Points:
    """A point on the coast, not at the region's edge and far from the other cities."""
    points = nodes_where((terrain.shore > 500) & (terrain.shore < 700))
    u = points / frame.size_m
    inner = (u > 0.14).all(axis=1) & (u < 0.93).all(axis=1)
    points = points[inner] if inner.any() else points
    if not len(points):
        return np.asarray(cities[-1])
    away = distances(points, cities[0])
    flat = sample_at(terrain.slope, points)
    return np.asarray(points[np.argmin(np.abs(away - 0.38 * frame.size_m) + 20_000 * flat)])


def nodes_where(mask: BoolArray) -> Points:
    """The places of nodes of the planning grid."""
    rows, columns = np.nonzero(mask)
    return np.stack([columns, rows], axis=1) * np.float64(COARSE_M)


@kernel
def add_town(
    density: Field, x: float, y: float, radius: float, peak: float, edge: float, seed: int
) -> None:
    """Raise the density round a centre: `peak` there, `edge` at `radius` metres, falling on."""
    reach = radius * 1.9 + 100
    wave = max(180.0, radius * 0.55)
    for row in range(*indices(y - reach, y + reach, COARSE_M, density.shape[0])):
        for column in range(*indices(x - reach, x + reach, COARSE_M, density.shape[1])):
            px, py = column * 50.0, row * 50.0
            d = math.sqrt((px - x) * (px - x) + (py - y) * (py - y)) / radius
            if d > 1.9:
                continue
            wobble = fractal(px / wave, py / wave, 4, seed)
            # The centre stays where it is; the fringe grows fingers.
            d = max(0.0, d * (1.0 + 0.45 * wobble * min(1.0, 1.6 * d)))
            value = edge + (peak - edge) * (1.0 - d**0.85)
            density[row, column] = max(density[row, column], value)


def town_density(frame: Frame, settlements: Settlements, terrain: Terrain) -> tuple[Field, Field]:
    """Two planning grids: density of building, 0 (none) to about 1; and the pull of growth,
    0 to about 1, strong round some towns only."""
    density = np.full((frame.nodes, frame.nodes), -0.5, dtype=np.float32)
    everyone = np.concatenate([settlements.inhabitants, settlements.hamlet_inhabitants])
    places = np.vstack([settlements.seats, settlements.hamlets])
    wobble = frame.subseed("towns") % 1_000_000
    for k, (people, (x, y)) in enumerate(zip(everyone, places, strict=True)):
        radius, peak = town_shape(people)
        add_town(density, x, y, radius, peak, DEVELOPED_FROM, wobble + k % 977)
    density[terrain.sea] = -0.5

    pull = 0.25 + 0.3 * frame.field("growth", 9000, 2)
    v, u = np.mgrid[0 : frame.nodes, 0 : frame.nodes].astype(np.float32) * COARSE_M
    growing = [0, settlements.port, *range(5, min(len(settlements.seats), 9))]
    for seat in growing:
        x, y = settlements.seats[seat]
        reach = 1.5 * town_shape(settlements.inhabitants[seat])[0] + 600
        pull += 0.8 * np.exp(-(((u - x) ** 2 + (v - y) ** 2) / reach**2))
    return density, pull.astype(np.float32)


def town_shape(people: float) -> tuple[float, float]:
    """Radius in metres of the built-up area and density at its centre."""
    per_head = 470 * (1 + 0.45 * math.exp(-people / 1500))  # m² of town, gardens included
    radius = math.sqrt(people * per_head / math.pi)
    peak = min(0.98, 0.42 + 0.085 * math.log(max(people, 20) / 60 + 1))
    return max(radius, 60.0), peak
