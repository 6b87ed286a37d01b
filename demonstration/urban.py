"""The texture of built-up land at 10 m: quarters, blocks, streets, houses; business zones."""

import math

import numpy as np

from . import drawing
from .fields import Field, hashed, sample_at, unit, value_noise
from .frame import Frame, generator
from .kernels import kernel
from .roads import Roads
from .settlements import DEVELOPED_FROM, Settlements, town_shape
from .terrain import Terrain

QUARTER_M = 420.0
# How far the fate of single blocks strays from the density round them: 0 would give round towns.
BLOCK_SPREAD = 0.30

NOTHING, SEALED_HERE, GARDEN_HERE = 0, 1, 2


@kernel
def block_at(x: float, y: float, seed: int) -> tuple[int, float, float, float, float]:
    """Key of the block of streets that a point (metres) lies in; its position in the block along
    both sides, and the block's two sides, all in metres."""
    i = math.floor(x / QUARTER_M)
    j = math.floor(y / QUARTER_M)
    nearest = 1e18
    qi = i
    qj = j
    qx = 0.0
    qy = 0.0
    for dj in range(-1, 2):
        for di in range(-1, 2):
            cx = (i + di + 0.15 + 0.7 * unit(i + di, j + dj, seed)) * QUARTER_M
            cy = (j + dj + 0.15 + 0.7 * unit(i + di, j + dj, seed + 1)) * QUARTER_M
            d = (cx - x) * (cx - x) + (cy - y) * (cy - y)
            if d < nearest:
                nearest = d
                qi = i + di
                qj = j + dj
                qx = cx
                qy = cy
    turn = unit(qi, qj, seed + 2) * 0.5 * math.pi
    length = 90.0 + 80.0 * unit(qi, qj, seed + 3)
    width = 62.0 + 36.0 * unit(qi, qj, seed + 4)
    u = (x - qx) * math.cos(turn) + (y - qy) * math.sin(turn)
    v = -(x - qx) * math.sin(turn) + (y - qy) * math.cos(turn)
    bu = math.floor(u / length)
    bv = math.floor(v / width)
    key = hashed(bu + 64, bv + 64, hashed(qi, qj, seed + 5))
    return key, u - bu * length, v - bv * width, length, width


@kernel
def block_threshold(key: int, seed: int) -> float:
    """Density from which a block is built on."""
    return DEVELOPED_FROM + BLOCK_SPREAD * (unit(key & 0xFFFF, key >> 16, seed + 6) - 0.5)


@kernel
def texture(x: float, y: float, density: float, seed: int) -> tuple[int, float]:
    """What a cell of a block is when the block is built on (SEALED_HERE or GARDEN_HERE), and the
    block's threshold."""
    key, along, across, length, width = block_at(x, y, seed)
    threshold = block_threshold(key, seed)
    dense = min(1.0, max(0.0, (density - DEVELOPED_FROM) / 0.66))
    if along < 10.0 or across < 10.0:
        # Streets; some are too narrow or too leafy to be sealed by majority.
        segment = unit(key & 0xFFFF, 1 if along < 10.0 else 2, seed + 7)
        if segment < 0.66 + 0.5 * dense:
            return SEALED_HERE, threshold
        return GARDEN_HERE, threshold
    # A square or a park in place of houses, now and then.
    if unit(key & 0xFFFF, 3, seed + 9) < 0.045:
        return GARDEN_HERE, threshold
    front = min(along - 10.0, length - along, across - 10.0, width - across)
    # Houses stand in rows along the street: a lot is as deep as its row, and neighbours are alike.
    lot = unit(int(along / 22.0), int(across / 22.0), seed + 10 + (key & 0xFFFFF))
    row = 0.5 + 0.5 * value_noise(x / 42.0, y / 42.0, seed + 8)
    house = 0.42 * lot + 0.58 * row
    chance = 0.43 + 0.45 * dense if front < 19.0 else 0.17 + 0.62 * dense**1.3
    return (SEALED_HERE if house < chance else GARDEN_HERE), threshold


@kernel
def business_texture(x: float, y: float, seed: int) -> tuple[int, int]:
    """Halls and parking, with strips of green: what the cell is, and the key of its plot."""
    key, along, across, _, _ = block_at(x * 0.62, y * 0.62, seed + 50)
    plot = unit(key & 0xFFFF, key >> 16, seed + 11)
    if plot < 0.16:
        return GARDEN_HERE, key
    if (along < 7.0 and plot < 0.55) or (across < 6.0 and plot > 0.4):
        return GARDEN_HERE, key
    return SEALED_HERE, key


def draw_business(
    *,
    marks: drawing.Marks,
    frame: Frame,
    terrain: Terrain,
    settlements: Settlements,
    roads: Roads,
    density: Field,
    seed: int,
) -> None:
    """Business zones at the edges of towns, the harbour, a runway, isolated farms."""
    rng = generator(seed, "business")

    def zone(centre: np.ndarray, length: float, width: float, angle: float, bit: int) -> bool:
        if sample_at(terrain.slope, centre[None])[0] > 0.13:
            return False
        drawing.draw_rectangle(
            marks,
            x=float(centre[0]),
            y=float(centre[1]),
            length=length,
            width=width,
            angle=angle,
            bit=bit,
        )
        # A second, smaller wing makes the outline less of a rectangle.
        side = rng.choice([-1, 1])
        wing = centre + 0.45 * side * np.array([-np.sin(angle), np.cos(angle)]) * width
        drawing.draw_rectangle(
            marks,
            x=float(wing[0]),
            y=float(wing[1]),
            length=0.55 * length,
            width=0.8 * width,
            angle=angle,
            bit=bit,
        )
        return True

    towns = max(5, round(24 * len(settlements.seats) / 250))
    for seat in range(min(towns, len(settlements.seats))):
        people = float(settlements.inhabitants[seat])
        radius, _ = town_shape(people)
        for _ in range(1 + round(min(9.0, people / 6500))):
            angle = rng.uniform(0, 2 * np.pi)
            away = radius * rng.uniform(0.8, 1.1)
            centre = settlements.seats[seat] + away * np.array([np.cos(angle), np.sin(angle)])
            length = rng.uniform(220, 460) * (1 + min(1.3, people / 30_000))
            zone(centre, length, length * rng.uniform(0.4, 0.75), angle + 1.57, drawing.BUSINESS)

    # Along the motorway, near the first city: a logistics park; after 2021 another one.
    if len(roads.motorway):
        away = np.hypot(*(roads.motorway - settlements.seats[0]).T)
        at = int(away.argmin())
        wide = 0.5 + 0.5 * min(1.0, frame.scale * 4)
        for offset, bit in ((-40, drawing.BUSINESS), (45, drawing.NEW_BUSINESS)):
            k = int(np.clip(at + offset, 1, len(roads.motorway) - 2))
            step = roads.motorway[k + 1] - roads.motorway[k - 1]
            angle = float(np.arctan2(step[1], step[0]))
            normal = np.array([-np.sin(angle), np.cos(angle)])
            centre = roads.motorway[k] + normal * (300 * wide + 60)
            zone(centre, 900 * wide, 460 * wide, angle, bit)

    _harbour(marks, terrain, settlements)
    _runway(marks, frame, terrain, settlements, density, rng)
    _farms(marks, frame, terrain, rng)


def _harbour(marks: drawing.Marks, terrain: Terrain, settlements: Settlements) -> None:
    """Quays along the shore of the port."""
    seat = settlements.seats[settlements.port]
    radius, _ = town_shape(float(settlements.inhabitants[settlements.port]))
    rows, columns = np.nonzero((terrain.shore > 30) & (terrain.shore < 130))
    points = np.stack([columns, rows], axis=1) * 50.0
    if not len(points):
        return
    away = np.hypot(*(points - seat).T)
    for x, y in points[away < max(500.0, 0.5 * radius)]:
        drawing.draw_rectangle(
            marks, x=x, y=y, length=110, width=110, angle=0.4, bit=drawing.BUSINESS
        )


def _runway(
    marks: drawing.Marks,
    frame: Frame,
    terrain: Terrain,
    settlements: Settlements,
    density: Field,
    rng: np.random.Generator,
) -> None:
    if frame.scale < 0.2:
        return
    radius, _ = town_shape(float(settlements.inhabitants[0]))
    angles = rng.uniform(0, 2 * np.pi, 200)
    places = settlements.seats[0] + np.stack([np.cos(angles), np.sin(angles)], axis=1) * (
        radius * 1.45 + 900
    )
    angle = float(angles[0])
    along = np.array([np.cos(angle), np.sin(angle)])
    # Flat, and with no town under the runway or its ends.
    trouble = 4 * sample_at(terrain.slope, places)
    for offset in np.linspace(-1400, 1400, 8):
        trouble += np.maximum(sample_at(density, places + offset * along) + 0.2, 0)
        trouble += 9 * (sample_at(terrain.shore, places + offset * along) < 200)
    x, y = places[trouble.argmin()]
    for length, width, bit in (
        (2500.0, 620.0, drawing.OPEN),
        (2100.0, 46.0, drawing.BUILT),
    ):
        drawing.draw_rectangle(marks, x=x, y=y, length=length, width=width, angle=angle, bit=bit)
    ex, ey = -np.sin(angle), np.cos(angle)
    for ahead, aside, length, width in ((0, 190, 1500, 22), (150, 255, 420, 110)):
        drawing.draw_rectangle(
            marks,
            x=x + ex * aside + ey * ahead,
            y=y + ey * aside - ex * ahead,
            length=length,
            width=width,
            angle=angle,
            bit=drawing.BUILT,
        )


def _farms(marks: drawing.Marks, frame: Frame, terrain: Terrain, rng: np.random.Generator) -> None:
    """Isolated farms: two or three buildings and a yard."""
    places = rng.uniform(0, frame.size_m, (round(1.5 * frame.area_km2), 2))
    shapes = rng.uniform(0, 1, (len(places), 4))
    height = sample_at(terrain.elevation, places)
    slope = sample_at(terrain.slope, places)
    shore = sample_at(terrain.shore, places)
    for k in np.flatnonzero((height < 750) & (slope < 0.22) & (shore > 200)):
        a, b, c, d = shapes[k]
        x, y = places[k]
        angle = a * 3.14
        for along in (0.0, 26.0) if b > 0.35 else (0.0,):
            drawing.draw_rectangle(
                marks,
                x=x + along * np.cos(angle),
                y=y + along * np.sin(angle),
                length=18 + 26 * c,
                width=12 + 14 * d,
                angle=angle + (1.57 if along else 0),
                bit=drawing.BUILT,
            )
