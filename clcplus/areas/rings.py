"""The coordinates of a GeoJSON polygon or multipolygon, checked position by position."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import shapely

from analytics.arrays import Float64Array
from clcplus.http.errors import Finding

MOST_FINDINGS = 10
"""Findings that an answer lists: of a document with more, the first."""

Ring = tuple[str, Float64Array]
"""Place in the document, and positions as longitude and latitude, shape (positions, 2)."""

_POSITION = "a position: longitude and latitude in degrees"
_LONGITUDES, _LATITUDES = (-180.0, 180.0), (-90.0, 90.0)


class Rings:
    """Reads rings, and keeps what it finds wrong and whether a position had a height."""

    def __init__(self, *, most_vertices: int) -> None:
        self.findings: list[Finding] = []
        self.heights = False
        self.vertices = 0
        self._most_vertices = most_vertices

    def geometry(self, kind: str, coordinates: Any, at: str) -> Any:
        """The polygon or multipolygon in longitude and latitude; None where something is wrong."""
        polygons = [(at, coordinates)] if kind == "Polygon" else self._members(coordinates, at)
        parts = []
        for place, polygon in polygons:
            rings = [ring for ring in self._rings(polygon, place) if ring is not None]
            if self.stopped:
                break
            parts.append(rings)
        if not parts and not self.findings:
            self._add(at, "an empty list", "an area", "Send its border")
        if self.findings:
            return None
        return shapely.multipolygons(
            [shapely.polygons(rings[0], holes=rings[1:] or None) for rings in parts]
        )

    @property
    def stopped(self) -> bool:
        """Whether enough is wrong that the rest is not worth reading."""
        return len(self.findings) >= MOST_FINDINGS or self.vertices > self._most_vertices

    def _add(self, at: str, found: str, expected: str, hint: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(at, found, expected, hint))

    def _members(self, value: Any, at: str) -> Iterator[tuple[str, Any]]:
        if not isinstance(value, list):
            self._add(at, described(value), "a list", "See RFC 7946, section 3.1")
            return
        for n, member in enumerate(value):
            yield f"{at}/{n}", member

    def _rings(self, polygon: Any, at: str) -> Iterator[Any]:
        if isinstance(polygon, list) and not polygon:
            self._add(at, "an empty list", "a ring", "Send its border")
        for place, ring in self._members(polygon, at):
            if self.stopped:
                return
            yield self._ring(ring, place)

    def _ring(self, ring: Any, at: str) -> Any:
        """The ring as shapely has it; None where something is wrong with it."""
        if not isinstance(ring, list):
            self._add(at, described(ring), "a list of positions", "See RFC 7946, section 3.1.6")
            return None
        self.vertices += len(ring)
        if self.vertices > self._most_vertices:
            self._add(
                at,
                f"{self.vertices} positions and more",
                f"at most {self._most_vertices}",
                "Simplify the border, or ask for parts of the area",
            )
            return None
        points = self._points(ring, at)
        if points is None:
            return None
        if len(points) < 4:
            self._add(
                at,
                f"{len(points)} positions",
                "four or more, the last the same as the first",
                "A ring has three corners at least",
            )
            return None
        if (points[0] != points[-1]).any():
            self._add(
                f"{at}/{len(points) - 1}",
                _shown(points[-1]),
                f"{_shown(points[0])}, where the ring begins",
                "Close the ring: repeat its first position at its end",
            )
            return None
        return shapely.linearrings(points)

    def _points(self, ring: list[Any], at: str) -> Float64Array | None:
        for n, position in enumerate(ring):
            if not isinstance(position, list) or len(position) < 2:
                self._add(
                    f"{at}/{n}", described(position), _POSITION, "See RFC 7946, section 3.1.1"
                )
                return None
        if set(map(type, chain.from_iterable(ring))) - {float}:
            n, value = next(
                (n, value)
                for n, position in enumerate(ring)
                for value in position
                if type(value) is not float
            )
            self._add(f"{at}/{n}", described(value), _POSITION, "Write numbers without quotes")
            return None
        self.heights |= any(len(position) > 2 for position in ring)
        points = np.array([position[:2] for position in ring], dtype=np.float64).reshape(-1, 2)
        wrong = np.flatnonzero(~_in_range(points))
        if len(wrong):
            first = int(wrong[0])
            self._add(
                f"{at}/{first}",
                _shown(points[first]),
                "longitude from -180 to 180, then latitude from -90 to 90",
                _why_out_of_range(points),
            )
            return None
        return points


def _in_range(points: Float64Array) -> Any:
    return (
        (points[:, 0] >= _LONGITUDES[0])
        & (points[:, 0] <= _LONGITUDES[1])
        & (points[:, 1] >= _LATITUDES[0])
        & (points[:, 1] <= _LATITUDES[1])
    )


def _why_out_of_range(points: Float64Array) -> str:
    if _in_range(points[:, ::-1]).all():
        return "Are the axes swapped? GeoJSON has longitude first"
    return "Are these metres of a projection? Transform them to WGS 84 (longitude, latitude)"


def _shown(point: Float64Array) -> str:
    return f"[{point[0]:.10g}, {point[1]:.10g}]"


def described(value: Any) -> str:
    """What a JSON value is, in a few words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text {value[:40]!r}"
        case float():
            return f"the number {value:g}"
        case dict():
            return "an object"
        case list():
            return f"a list of {len(value)}"
    return type(value).__name__
