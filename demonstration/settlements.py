"""Settlements and their density: cities, towns, a village for each commune, hamlets and farms."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .fields import Field, fractal, fractal_grid, sample_at
from .frame import COARSE_M, Frame, generator, subseed
from .kernels import kernel
from .terrain import Terrain

FULL_COMMUNES = 264  # a few of them fall outside the region's outline
DEPARTEMENTS = 5
FEW_DEPARTEMENTS = 2  # in a small region, so that each has room for mergers of communes
# Below this density a block is left in field; see land_cover.
DEVELOPED_FROM = 0.25


@dataclass(frozen=True, kw_only=True)
class Settlements:
    """Seats of communes, the cities first, the largest of them first. Points (n, 2), metres."""

    seats: npt.NDArray[np.float64]
    inhabitants: npt.NDArray[np.float64]  # of the seat's own built-up area, a first guess
    cities: int  # how many of the seats are cities
    capitals: npt.NDArray[np.int64]  # seats that head a département
    port: int  # the seat with a harbour
    hamlets: npt.NDArray[np.float64]
    hamlet_inhabitants: npt.NDArray[np.float64]


def settle(*, frame: Frame, terrain: Terrain, seed: int) -> Settlements:
    rng = generator(seed, "settlements")
    suitability = _suitability(frame, terrain, seed)
    count = max(26, round(FULL_COMMUNES * frame.scale))
    scale = max(frame.scale, count / FULL_COMMUNES)

    largest = max(2200.0, 74_000 * scale)
    city_sizes = [largest * share for share in (1, 0.40, 0.25, 0.19, 0.13)]
    points = np.empty((0, 2))
    spacing = 0.27 * frame.size_m
    while len(points) < len(city_sizes):
        points = _throw(
            rng,
            frame,
            suitability,
            count=len(city_sizes),
            spacing=spacing,
            margin=0.12,
            near=_first_city(frame),
        )
        spacing *= 0.9
    port = _port(frame, terrain, points)
    points[port] = _nearest_shore(frame, terrain, points)

    # Communes are smaller round the cities.
    seats = points
    spacing = 0.95 * frame.size_m / math.sqrt(count)
    while len(seats) < count:
        seats = _throw(
            rng,
            frame,
            suitability,
            count=count,
            spacing=spacing,
            margin=0.015,
            start=points,
            crowd=points,
        )
        spacing *= 0.96

    towns = round(14 * count / FULL_COMMUNES) + 1
    inhabitants = np.clip(rng.lognormal(math.log(360), 0.75, count), 80, 2000)
    inhabitants[: len(points)] = city_sizes
    for k in range(len(points), min(count, len(points) + towns)):
        inhabitants[k] = rng.uniform(0.018, 0.07) * largest + 600
    # Villages within reach of a city have grown into its suburbs.
    for k in range(len(points), count):
        for city, size in zip(points, city_sizes, strict=True):
            reach = 1200 + 2.4 * math.sqrt(size * 180)
            near = math.exp(-float(np.hypot(*(seats[k] - city))) / reach)
            inhabitants[k] *= 1 + 2.6 * near * min(1.0, size / 30_000)
    hamlets = rng.uniform(0, frame.size_m, (round(5 * count), 2))
    keep = sample_at(suitability, hamlets) > rng.uniform(0.15, 0.75, len(hamlets))
    hamlets = hamlets[keep]
    return Settlements(
        seats=seats,
        inhabitants=inhabitants,
        cities=len(points),
        capitals=np.arange(DEPARTEMENTS if count >= 80 else FEW_DEPARTEMENTS),
        port=port,
        hamlets=hamlets,
        hamlet_inhabitants=rng.uniform(8, 55, len(hamlets)),
    )


def _suitability(frame: Frame, terrain: Terrain, seed: int) -> Field:
    """0 to 1: low, flat, on land, with some fortune."""
    luck = fractal_grid(frame, wavelength=4000, octaves=3, seed=subseed(seed, "luck"))
    value = np.exp(-np.maximum(terrain.elevation, 0) / 700) * np.exp(-terrain.slope / 0.22)
    value = value * (0.75 + 0.35 * luck)
    value[terrain.shore < 250] *= 0.2
    value[terrain.sea | (terrain.beyond_border > -0.006)] = 0
    suitability: Field = np.clip(value, 0, 1).astype(np.float32)
    return suitability


def _first_city(frame: Frame) -> npt.NDArray[np.float64]:
    """Near the corner of the four EEA tiles, so that the largest city lies across files."""
    return np.array([3_800_000 - frame.left - 0.09 * frame.size_m, 0.515 * frame.size_m])


def _throw(
    rng: np.random.Generator,
    frame: Frame,
    suitability: Field,
    *,
    count: int,
    spacing: float,
    margin: float,
    start: npt.NDArray[np.float64] | None = None,
    near: npt.NDArray[np.float64] | None = None,
    crowd: npt.NDArray[np.float64] | None = None,
) -> npt.NDArray[np.float64]:
    """Darts at least `spacing` metres apart (half of it near `crowd`), up to `count` of them."""
    size = frame.size_m
    darts = np.asarray(
        rng.uniform(margin * size, (1 - margin) * size, (60 * count + 2000, 2)), dtype=np.float64
    )
    value = sample_at(suitability, darts)
    darts = darts[value > rng.uniform(0.03, 0.6, len(darts))]
    if near is not None:
        distance = np.hypot(*(darts - near).T)
        first = np.argmin(distance)
        darts = np.vstack([darts[first : first + 1], darts])
    chosen = np.empty((count, 2))
    filled = 0
    if start is not None:
        chosen[: len(start)] = start
        filled = len(start)
    for dart in darts:
        if filled == count:
            break
        apart = spacing
        if crowd is not None:
            away = float(np.hypot(*(crowd - dart).T).min())
            apart *= 0.5 + 0.5 * min(1.0, away / (0.22 * size))
        if filled and float(np.hypot(*(chosen[:filled] - dart).T).min()) < apart:
            continue
        chosen[filled] = dart
        filled += 1
    return chosen[:filled].copy()


def _port(frame: Frame, terrain: Terrain, cities: npt.NDArray[np.float64]) -> int:
    """The city, not the largest, that lies nearest to the sea."""
    shore = sample_at(terrain.shore, cities)
    shore[0] = np.inf
    return int(np.argmin(shore))


def _nearest_shore(
    frame: Frame, terrain: Terrain, cities: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """A point on the coast, not at the region's edge and far from the other cities."""
    rows, columns = np.nonzero((terrain.shore > 500) & (terrain.shore < 700))
    points = np.asarray(np.stack([columns, rows], axis=1) * COARSE_M, dtype=np.float64)
    u = points / frame.size_m
    inner = (u > 0.14).all(axis=1) & (u < 0.93).all(axis=1)
    points = points[inner] if inner.any() else points
    if not len(points):
        return np.asarray(cities[-1])
    away = np.hypot(*(points - cities[0]).T)
    flat = sample_at(terrain.slope, points)
    return np.asarray(points[np.argmin(np.abs(away - 0.38 * frame.size_m) + 20_000 * flat)])


@kernel
def add_town(
    density: Field,
    x: float,
    y: float,
    radius: float,
    peak: float,
    edge: float,
    seed: int,
) -> None:
    """Raise the density round a centre: `peak` there, `edge` at `radius` metres, falling on."""
    rows, columns = density.shape
    reach = radius * 1.9 + 100
    wave = max(180.0, radius * 0.55)
    for row in range(max(0, int((y - reach) / 50)), min(rows, int((y + reach) / 50) + 2)):
        for column in range(max(0, int((x - reach) / 50)), min(columns, int((x + reach) / 50) + 2)):
            ex = column * 50.0 - x
            ey = row * 50.0 - y
            d = math.sqrt(ex * ex + ey * ey) / radius
            if d > 1.9:
                continue
            wobble = fractal(column * 50.0 / wave, row * 50.0 / wave, 4, seed)
            # The centre stays where it is; the fringe grows fingers.
            d = max(0.0, d * (1.0 + 0.45 * wobble * min(1.0, 1.6 * d)))
            value = edge + (peak - edge) * (1.0 - d**0.85)
            density[row, column] = max(density[row, column], value)


def town_density(
    *, frame: Frame, settlements: Settlements, terrain: Terrain, seed: int
) -> tuple[Field, Field]:
    """Two planning grids: density of building, 0 (none) to about 1; and the pull of growth,
    0 to about 1, strong round some towns only."""
    density = np.full((frame.coarse, frame.coarse), -0.5, dtype=np.float32)
    everyone = np.concatenate([settlements.inhabitants, settlements.hamlet_inhabitants])
    places = np.vstack([settlements.seats, settlements.hamlets])
    wobble = subseed(seed, "towns") % 1_000_000
    for k, (people, (x, y)) in enumerate(zip(everyone, places, strict=True)):
        radius, peak = town_shape(float(people))
        add_town(density, x, y, radius, peak, DEVELOPED_FROM, wobble + k % 977)
    density[terrain.sea] = -0.5

    pull = 0.25 + 0.3 * fractal_grid(
        frame, wavelength=9000, octaves=2, seed=subseed(seed, "growth")
    )
    v, u = np.mgrid[0 : frame.coarse, 0 : frame.coarse].astype(np.float32) * COARSE_M
    growing = [0, settlements.port, *range(5, min(len(settlements.seats), 9))]
    for seat in growing:
        x, y = settlements.seats[seat]
        reach = 1.5 * town_shape(float(settlements.inhabitants[seat]))[0] + 600
        pull += 0.8 * np.exp(-(((u - x) ** 2 + (v - y) ** 2) / reach**2))
    return density, pull.astype(np.float32)


def town_shape(people: float) -> tuple[float, float]:
    """Radius in metres of the built-up area and density at its centre."""
    per_head = 470 * (1 + 0.45 * math.exp(-people / 1500))  # m² of town, gardens included
    radius = math.sqrt(people * per_head / math.pi)
    peak = min(0.98, 0.42 + 0.085 * math.log(max(people, 20) / 60 + 1))
    return max(radius, 60.0), peak
