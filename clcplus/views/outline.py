"""The outline of a territory as an SVG path: what is shown where the map cannot run."""

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


def outline(
    geometry: dict[str, Any] | None, around: dict[str, Any] | None = None
) -> Outline | None:
    """``geometry`` (GeoJSON, longitude and latitude), drawn over the territory ``around`` it."""
    frame = list(_rings(around or geometry))
    if not frame:
        return None
    xs = [point[0] for ring in frame for point in ring]
    ys = [point[1] for ring in frame for point in ring]
    west, east, south, north = min(xs), max(xs), min(ys), max(ys)
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, 1e-9), max(north - south, 1e-9)
    scale = (SIZE - 2 * _MARGIN) / max(wide, high)

    def path(rings: Iterable[Ring]) -> str:
        parts = []
        for ring in rings:
            kept: list[tuple[float, float]] = []
            for longitude, latitude, *_ in ring[:-1]:
                x = _MARGIN + (longitude - west) * shrink * scale
                y = _MARGIN + (north - latitude) * scale
                if not kept or math.dist(kept[-1], (x, y)) >= _STEP:
                    kept.append((x, y))
            if len(kept) > 2:
                parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + "Z")
        return "".join(parts)

    return Outline(
        width=round(wide * scale) + 2 * _MARGIN,
        height=round(high * scale) + 2 * _MARGIN,
        path=path(_rings(geometry)),
        around=path(frame) if around else "",
    )
