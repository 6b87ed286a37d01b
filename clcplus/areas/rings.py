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

_POSITION = "a position: longitude and latitude in degrees"
_SWAPPED = "Are the axes swapped? GeoJSON has longitude first"
_PROJECTED = "Are these metres of a projection? Transform them to WGS 84 (longitude, latitude)"
_LOWEST, _HIGHEST = np.array([-180.0, -90.0]), np.array([180.0, 90.0])


class _Wrong(Exception):
    """What is wrong with a ring: place, found, expected and hint of a :class:`Finding`."""


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
            rings = list(self._rings(polygon, place))
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
            try:
                yield self._ring(ring, place)
            except _Wrong as wrong:
                self._add(*wrong.args)

    def _ring(self, ring: Any, at: str) -> Any:
        if not isinstance(ring, list):
            hint = "See RFC 7946, section 3.1.6"
            raise _Wrong(at, described(ring), "a list of positions", hint)
        self.vertices += len(ring)
        if self.vertices > self._most_vertices:
            found, expected = (
                f"{self.vertices} positions and more",
                f"at most {self._most_vertices}",
            )
            raise _Wrong(at, found, expected, "Simplify the border, or ask for parts of the area")
        points = self._points(ring, at)
        if len(points) < 4:
            expected = "four or more, the last the same as the first"
            raise _Wrong(
                at, f"{len(points)} positions", expected, "A ring has three corners at least"
            )
        if (points[0] != points[-1]).any():
            raise _Wrong(
                f"{at}/{len(points) - 1}",
                _shown(points[-1]),
                f"{_shown(points[0])}, where the ring begins",
                "Close the ring: repeat its first position at its end",
            )
        return shapely.linearrings(points)

    def _points(self, ring: list[Any], at: str) -> Float64Array:
        for n, position in enumerate(ring):
            if not isinstance(position, list) or len(position) < 2:
                hint = "See RFC 7946, section 3.1.1"
                raise _Wrong(f"{at}/{n}", described(position), _POSITION, hint)
        if set(map(type, chain.from_iterable(ring))) - {float}:
            n, value = next(
                (n, value)
                for n, position in enumerate(ring)
                for value in position
                if type(value) is not float
            )
            raise _Wrong(f"{at}/{n}", described(value), _POSITION, "Write numbers without quotes")
        self.heights |= any(len(position) > 2 for position in ring)
        points = np.array([position[:2] for position in ring], dtype=np.float64).reshape(-1, 2)
        wrong = np.flatnonzero(~_in_range(points))
        if len(wrong):
            first = int(wrong[0])
            swapped = _in_range(points[:, ::-1]).all()
            raise _Wrong(
                f"{at}/{first}",
                _shown(points[first]),
                "longitude from -180 to 180, then latitude from -90 to 90",
                _SWAPPED if swapped else _PROJECTED,
            )
        return points


def _in_range(points: Float64Array) -> Any:
    return ((points >= _LOWEST) & (points <= _HIGHEST)).all(axis=1)


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
