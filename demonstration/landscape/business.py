"""Business zones at the edges of towns, the harbour, a runway, isolated farms."""

import numpy as np

from demonstration.grids import drawing
from demonstration.grids.drawing import Marks, Points, draw_rectangle
from demonstration.grids.fields import Field, sample_at
from demonstration.grids.frame import Frame
from demonstration.landscape.roads import Roads
from demonstration.landscape.settlements import Settlements, distances, nodes_where, town_shape
from demonstration.landscape.terrain import Terrain


def draw_business(
    marks: Marks,
    frame: Frame,
    terrain: Terrain,
    settlements: Settlements,
    roads: Roads,
    density: Field,
) -> None:
    rng = frame.generator("business")

    def zone(centre: Points, length: float, width: float, angle: float, bit: int) -> None:
        if sample_at(terrain.slope, centre[None])[0] > 0.13:
            return
        draw_rectangle(marks, centre[0], centre[1], length, width, angle, bit)
        # A second, smaller wing makes the outline less of a rectangle.
        x, y = centre + 0.45 * rng.choice([-1, 1]) * _normal(angle) * width
        draw_rectangle(marks, x, y, 0.55 * length, 0.8 * width, angle, bit)

    towns = max(5, round(24 * len(settlements.seats) / 250))
    for seat, people in zip(settlements.seats[:towns], settlements.inhabitants, strict=False):
        radius, _ = town_shape(people)
        for _ in range(1 + round(min(9.0, people / 6500))):
            angle = rng.uniform(0, 2 * np.pi)
            away = radius * rng.uniform(0.8, 1.1)
            centre = seat + away * np.array([np.cos(angle), np.sin(angle)])
            length = rng.uniform(220, 460) * (1 + min(1.3, people / 30_000))
            zone(centre, length, length * rng.uniform(0.4, 0.75), angle + 1.57, drawing.BUSINESS)

    # Along the motorway, near the first city: a logistics park; after 2021 another one.
    motorway = roads.motorway
    at = int(distances(motorway, settlements.seats[0]).argmin())
    wide = 0.5 + 0.5 * min(1.0, frame.scale * 4)
    for offset, bit in ((-40, drawing.BUSINESS), (45, drawing.NEW_BUSINESS)):
        k = min(max(at + offset, 1), len(motorway) - 2)
        step = motorway[k + 1] - motorway[k - 1]
        angle = float(np.arctan2(step[1], step[0]))
        centre = motorway[k] + _normal(angle) * (300 * wide + 60)
        zone(centre, 900 * wide, 460 * wide, angle, bit)

    _draw_harbour(marks, terrain, settlements)
    if frame.scale >= 0.2:
        _draw_runway(marks, terrain, settlements, density, rng)
    _draw_farms(marks, frame, terrain, rng)


def _normal(angle: float) -> Points:
    return np.array([-np.sin(angle), np.cos(angle)])


def _draw_harbour(marks: Marks, terrain: Terrain, settlements: Settlements) -> None:
    """Quays along the shore of the port."""
    radius, _ = town_shape(settlements.inhabitants[settlements.port])
    points = nodes_where((terrain.shore > 30) & (terrain.shore < 130))
    away = distances(points, settlements.seats[settlements.port])
    for x, y in points[away < max(500.0, 0.5 * radius)]:
        draw_rectangle(marks, x, y, 110.0, 110.0, 0.4, drawing.BUSINESS)


def _draw_runway(
    marks: Marks,
    terrain: Terrain,
    settlements: Settlements,
    density: Field,
    rng: np.random.Generator,
) -> None:
    radius, _ = town_shape(settlements.inhabitants[0])
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
    middle = places[trouble.argmin()]
    for ahead, aside, length, width, bit in (
        (0, 0, 2500.0, 620.0, drawing.OPEN),
        (0, 0, 2100.0, 46.0, drawing.BUILT),
        (0, 190, 1500.0, 22.0, drawing.BUILT),
        (150, 255, 420.0, 110.0, drawing.BUILT),
    ):
        x, y = middle + aside * _normal(angle) + ahead * along
        draw_rectangle(marks, x, y, length, width, angle, bit)


def _draw_farms(marks: Marks, frame: Frame, terrain: Terrain, rng: np.random.Generator) -> None:
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
        length, width = 18 + 26 * c, 12 + 14 * d
        draw_rectangle(marks, x, y, length, width, angle, drawing.BUILT)
        if b > 0.35:
            x, y = x + 26.0 * np.cos(angle), y + 26.0 * np.sin(angle)
            draw_rectangle(marks, x, y, length, width, angle + 1.57, drawing.BUILT)
