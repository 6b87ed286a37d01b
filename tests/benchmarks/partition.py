"""Irregular zones that partition a square: Voronoi cells whose borders wander like real ones.

A border is displaced towards the seeds on its two sides, never as far as a seed. The triangles of
border and seed are disjoint, so borders cannot cross, and the zones share them point for point.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Voronoi

from tests.benchmarks.inputs import built
from tests.benchmarks.landscape import CELL, NORTH, WEST

PIECES = 32
"""Straight pieces of the border between two zones; a zone has about six such borders."""

_REACH = 0.25  # of the way from a border to a seed, at most
_SEED = 515

Geometries = npt.NDArray[np.object_]
_Points = npt.NDArray[np.float64]


def zones(*, count: int, side: int) -> Geometries:
    """``count`` polygons in EPSG:3035 that partition a raster of ``side`` × ``side`` cells."""

    def build(folder: Path) -> None:
        wkb = shapely.to_wkb(_zones(count, side * CELL))
        np.save(folder / "zones.npy", np.array(wkb, dtype=object), allow_pickle=True)

    folder = built(f"zones-{count}-{side}-{_SEED}", build)
    return np.asarray(shapely.from_wkb(np.load(folder / "zones.npy", allow_pickle=True)))


def _zones(count: int, length: float) -> Geometries:
    random = np.random.default_rng(_SEED)
    seeds = _seeds(random, count) * length
    # Mirrored at the four sides, the seeds have cells that end at the square.
    mirrored = [seeds * (sx, sy) + (dx, dy) for sx, sy, dx, dy in _mirrors(length)]
    voronoi = Voronoi(np.concatenate([seeds, *mirrored]))
    of_square = (voronoi.ridge_points < count).any(axis=1)
    owners = voronoi.ridge_points[of_square]
    # Seeds and their mirrors lie on one circle: what is one corner can come as two.
    corners = np.clip(np.round(voronoi.vertices, 3), 0, length)
    ends = corners[np.array(voronoi.ridge_vertices)[of_square]]
    real = (ends[:, 0] != ends[:, 1]).any(axis=1)
    inner = (owners < count).all(axis=1)
    lines = _wandering(random, ends[real], voronoi.points[owners[real]], inner[real])
    lines = lines * (1, -1) + (WEST, NORTH)
    result = shapely.get_parts(shapely.polygonize(shapely.linestrings(lines)))
    area = shapely.area(result).sum()
    if len(result) != count or abs(area - length**2) > 1 or not shapely.is_valid(result).all():
        raise RuntimeError(f"{len(result)} zones of {area:.1f} m² are no partition of {count}")
    return np.asarray(result)


def _seeds(random: np.random.Generator, count: int) -> _Points:
    """Points in the unit square, evenly spread (R2 sequence) and shaken."""
    sequence = (
        0.5 + np.arange(1, count + 1)[:, None] * (0.7548776662466927, 0.569840290998053)
    ) % 1
    shaken = sequence + random.normal(scale=0.15 / np.sqrt(count), size=(count, 2))
    return np.clip(shaken, 0.02 / np.sqrt(count), 1 - 0.02 / np.sqrt(count))


def _mirrors(length: float) -> list[tuple[int, int, float, float]]:
    return [(-1, 1, 0, 0), (-1, 1, 2 * length, 0), (1, -1, 0, 0), (1, -1, 0, 2 * length)]


def _wandering(
    random: np.random.Generator, ends: _Points, seeds: _Points, inner: npt.NDArray[np.bool_]
) -> _Points:
    """Borders, shape (borders, PIECES + 1, 2), from their ends and seeds, shape (borders, 2, 2)."""
    steps = np.cumsum(random.normal(size=(len(ends), PIECES)), axis=1)
    along = np.linspace(0, 1, PIECES + 1)
    bridge = np.zeros((len(ends), PIECES + 1))
    bridge[:, 1:] = steps - along[1:] * steps[:, -1:]  # a random walk that ends where it began
    pull = np.clip(bridge * _REACH / np.sqrt(PIECES), -_REACH, _REACH)
    pull[:, 1:][pull[:, 1:] * pull[:, :-1] < 0] = 0  # from side to side through the straight border
    pull[:, [0, -1]] = 0
    pull[~inner] = 0
    straight = ends[:, :1] + along[None, :, None] * (ends[:, 1:] - ends[:, :1])
    goal = np.where((pull > 0)[..., None], seeds[:, :1], seeds[:, 1:])
    lines: _Points = straight + np.abs(pull)[..., None] * (goal - straight)
    lines[:, 0], lines[:, -1] = ends[:, 0], ends[:, 1]
    return lines


def features(geometries: Geometries) -> list[dict[str, Any]]:
    """GeoJSON-like features, as peers take them; ``id`` is the position of the zone."""
    return [
        {"type": "Feature", "id": n, "properties": {}, "geometry": geometry.__geo_interface__}
        for n, geometry in enumerate(geometries)
    ]
