"""Shapes as SVG paths: the outline of a territory where the map cannot run, and drawn maps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

SIZE = 600
_MARGIN = 24
_STEP = 0.8
"""Points of a path nearer to each other than this, in units of the drawing, are left out."""

Ring = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Outline:
    """A drawing: its size and its paths."""

    width: int
    height: int
    path: str
    around: str


def _rings(geometry: dict[str, Any] | None) -> Iterable[Ring]:
    if geometry is None:
        return
    parts = geometry["coordinates"]
    for part in parts if geometry["type"] == "MultiPolygon" else [parts]:
        yield from part


@dataclass(frozen=True, slots=True)
class Plane:
    """A drawing's plane: where its upper left corner is, and how many units a degree measures."""

    west: float
    north: float
    shrink: float
    scale: float
    margin: int
    width: int
    height: int

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Where a position lies in the drawing."""
        return (
            self.margin + (longitude - self.west) * self.shrink * self.scale,
            self.margin + (self.north - latitude) * self.scale,
        )

    def path(self, geometry: dict[str, Any] | None) -> str:
        """A GeoJSON geometry (longitude and latitude) as an SVG path."""
        parts = []
        for ring in _rings(geometry):
            kept: list[tuple[float, float]] = []
            for longitude, latitude, *_ in ring[:-1]:
                x, y = self.at(longitude, latitude)
                if not kept or math.dist(kept[-1], (x, y)) >= _STEP:
                    kept.append((x, y))
            if len(kept) > 2:
                parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + "Z")
        return "".join(parts)


def plane_of(geometries: Iterable[dict[str, Any] | None], *, margin: int = _MARGIN) -> Plane | None:
    """The plane that shows all of these; None where there is nothing to show."""
    points = [point for geometry in geometries for ring in _rings(geometry) for point in ring]
    if not points:
        return None
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    west, east, south, north = min(xs), max(xs), min(ys), max(ys)
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, 1e-9), max(north - south, 1e-9)
    scale = (SIZE - 2 * margin) / max(wide, high)
    return Plane(
        west=west,
        north=north,
        shrink=shrink,
        scale=scale,
        margin=margin,
        width=round(wide * scale) + 2 * margin,
        height=round(high * scale) + 2 * margin,
    )


def outline(
    geometry: dict[str, Any] | None, around: dict[str, Any] | None = None
) -> Outline | None:
    """``geometry`` (GeoJSON, longitude and latitude), drawn over the territory ``around`` it."""
    plane = plane_of([around or geometry])
    if plane is None:
        return None
    return Outline(
        width=plane.width,
        height=plane.height,
        path=plane.path(geometry),
        around=plane.path(around),
    )
