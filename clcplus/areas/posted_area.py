"""A GeoJSON document (RFC 7946) as one area in EPSG:3035; or what keeps it from being counted."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NoReturn

import numpy as np
import pyproj
import shapely
from django.conf import settings

from analytics.arrays import Float64Array
from analytics.geometry import area_as_drawn, multipolygon, valid_area
from analytics.grid import AREA_OF_USE, EPSG
from clcplus.areas.rings import Rings, described
from clcplus.http.errors import Finding, UncountableArea

WGS84 = "OGC:CRS84"
_SAME_AS_WGS84 = re.compile(r"(urn:ogc:def:crs:OGC:1\.3:|OGC:)CRS84|EPSG:4326")
_MOST_TANGLED, _MOST_TANGLED_REPAIR = 20_000_000, 2_000_000
"""Pairs of sides, at least, whose boxes may meet; of an area that is to be repaired."""
_MOST_CROSSINGS = 500
"""Of an area that is to be repaired: the time that it takes grows with the cube of them."""
_PLACE = re.compile(r"(.*)\[(\S+) (\S+)\]")
_AREAS, _COLLECTION = ("Polygon", "MultiPolygon"), "GeometryCollection"


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was wrong with an area before it was repaired; areas in square metres."""

    reason: str
    place: tuple[float, float] | None
    area_before: float
    area_after: float


@dataclass(frozen=True, slots=True)
class PostedArea:
    """A valid multipolygon in EPSG:3035, and what was done to what was sent."""

    geometry: Any
    degrees: Any
    """The same as it was sent, in longitude and latitude, before any repair."""
    bounds: tuple[float, float, float, float]
    vertices: int
    repaired: Repaired | None
    notes: list[str] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        """Of the counted geometry, wherever its rings begin and however they turn."""
        wkb = shapely.to_wkb(shapely.normalize(self.geometry), byte_order=1, output_dimension=2)
        return hashlib.sha256(wkb).hexdigest()


def area_of(document: Any, *, repair: bool) -> PostedArea:
    """The area of a document. Raises UncountableArea, which says where and why."""
    notes: list[str] = []
    member, at = _geometry(document, notes)
    areas = _areas(member, at, notes)
    at = at if len(areas) > 1 else areas[0][1]
    rings = Rings(most_vertices=settings.POSTED_ZONE_VERTICES)
    shapes = [
        rings.geometry(area["type"], area.get("coordinates"), f"{place}/coordinates")
        for area, place in areas
    ]
    if rings.findings:
        raise UncountableArea(rings.findings)
    if rings.heights:
        notes.append("Heights (third numbers of positions) were dropped.")
    at = f"{at}/coordinates" if len(shapes) == 1 else f"{at}/geometries"
    degrees = shapely.geometrycollections(shapes)
    _check_place(degrees, at)
    to_metres = _transformer(WGS84, f"EPSG:{EPSG}")
    metres = shapely.transform(
        degrees, lambda p: np.column_stack(to_metres.transform(p[:, 0], p[:, 1]))
    )
    together = shapely.multipolygons(shapely.get_parts(shapely.get_parts(metres)))
    _check_size(together, at)
    counted, repaired = _valid(metres, together, at, repair=repair)
    west, south, east, north = (float(value) for value in shapely.bounds(degrees))
    return PostedArea(
        geometry=counted,
        degrees=degrees,
        bounds=(west, south, east, north),
        vertices=rings.vertices,
        repaired=repaired,
        notes=notes,
    )


def _refuse(at: str, found: str, expected: str, hint: str, **members: Any) -> NoReturn:
    raise UncountableArea([Finding(at, found, expected, hint)], **members)


def _geometry(document: Any, notes: list[str]) -> tuple[dict[str, Any], str]:
    member, at = _object(document, "", notes), ""
    if member.get("type") == "FeatureCollection":
        features = member.get("features")
        if not isinstance(features, list) or len(features) != 1:
            _refuse(
                "/features",
                f"{len(features)} features" if isinstance(features, list) else described(features),
                "exactly one feature",
                "Send one request for each area, or one MultiPolygon for all of them",
            )
        at = "/features/0"
        member = _object(features[0], at, notes)
        if member.get("type") != "Feature":
            _refuse(f"{at}/type", described(member.get("type")), "Feature", "See RFC 7946")
    if member.get("type") == "Feature":
        at = f"{at}/geometry"
        member = _object(member.get("geometry"), at, notes)
    return member, at


def _areas(member: dict[str, Any], at: str, notes: list[str]) -> list[tuple[dict[str, Any], str]]:
    """The areas of a geometry, at least one, however deep they lie in collections; with their
    places."""
    found, waiting = [], [(member, at)]
    while waiting:
        one, place = waiting.pop()
        kind, members = one.get("type"), one.get("geometries")
        if kind == _COLLECTION and isinstance(members, list) and members:
            places = [f"{place}/geometries/{n}" for n in range(len(members))]
            inside = [_object(m, p, notes) for m, p in zip(members, places, strict=True)]
            waiting += reversed(list(zip(inside, places, strict=True)))
        elif kind in _AREAS:
            found.append((one, place))
        else:
            _refuse(
                f"{place}/type",
                described(kind) if not isinstance(kind, str) else kind[:40],
                " or ".join(_AREAS),
                "Only areas can be counted; draw a line or a point with a buffer round it",
            )
    return found


def _object(value: Any, at: str, notes: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(at, described(value), "a GeoJSON object", "See RFC 7946, section 3")
    if "crs" in value:
        name = _name_of(value["crs"])
        if not _SAME_AS_WGS84.fullmatch(name):
            _refuse(
                f"{at}/crs",
                name[:60] or described(value["crs"]),
                "no such member: GeoJSON is in WGS 84",
                "Transform the area to WGS 84 (longitude, latitude), as RFC 7946 asks",
            )
        notes.append(f"The member crs, {name}, was read as longitude and latitude of WGS 84.")
    return value


def _name_of(crs: Any) -> str:
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else ""


def in_area_of_use(points: Float64Array) -> Any:
    """Which positions lie where EPSG:3035 may be used."""
    return ((points >= AREA_OF_USE[:2]) & (points <= AREA_OF_USE[2:])).all(axis=1)


def _check_place(degrees: Any, at: str) -> None:
    points = shapely.get_coordinates(degrees)
    inside = in_area_of_use(points)
    if inside.all():
        return
    x, y = points[~inside][0].tolist()
    west, south, east, north = AREA_OF_USE
    swapped = in_area_of_use(points[:, ::-1]).all()
    _refuse(
        at,
        f"a position [{x:.10g}, {y:.10g}] outside of Europe",
        f"an area within {west} to {east} ° of longitude, {south} to {north} ° of latitude",
        "Are the axes swapped? GeoJSON has longitude first"
        if swapped
        else "Only Europe is mapped, and can be counted",
        swapped_axes_suspected=bool(swapped),
    )


@cache
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _check_size(metres: Any, at: str) -> None:
    """Refuse what would take long, before anything is done that takes longer for it."""
    parts, border = shapely.get_num_geometries(metres), shapely.length(metres) / 1000
    area = sum(shapely.area(shapely.get_parts(metres))) / 1e6
    for found, largest, unit, name in (
        (area, settings.POSTED_ZONE_KM2, "km²", "POSTED_ZONE_KM2"),
        (border, settings.POSTED_ZONE_BORDER_KM, "km of border", "POSTED_ZONE_BORDER_KM"),
        (parts, settings.POSTED_ZONE_PARTS, "parts", "POSTED_ZONE_PARTS"),
    ):
        if found > largest:
            _refuse(
                at,
                f"{found:.0f} {unit}",
                f"at most {largest} {unit} ({name})",
                "Ask for parts of the area one after the other, or with an account have a worker "
                "count it: POST /api/v1/zones/",
                largest=largest,
                unit=unit,
            )
    if _tangled(metres) > _MOST_TANGLED:
        _refuse(
            at,
            "sides that lie across each other many millions of times",
            "the border of an area",
            "Simplify the border",
        )


def _tangled(metres: Any) -> int:
    """At least as many as there are pairs of sides whose boxes meet: what a check of validity
    may have to look at."""
    points = shapely.get_coordinates(metres)
    return min(_meeting(points[:, 0]), _meeting(points[:, 1]))


def _meeting(values: Float64Array) -> int:
    """Pairs of intervals between neighbouring values that meet."""
    low = np.minimum(values[:-1], values[1:])
    high = np.maximum(values[:-1], values[1:])
    number = len(low)
    begun = np.searchsorted(np.sort(low), high, side="right")
    # Of all pairs, those do not meet of which one begins after the other's end.
    return number * (number - 1) // 2 - int((number - begun).sum())


def _crossings(metres: Any) -> int:
    """Pairs of sides that meet elsewhere than where one ends and the next begins, about."""
    points, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(metres)), return_index=True
    )
    joined = (ring[1:] == ring[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    sides = shapely.linestrings(np.stack((points[:-1][joined], points[1:][joined]), axis=1))
    one, other = shapely.STRtree(sides).query(sides, predicate="intersects")
    # Each side meets the next one.
    return int((one < other).sum()) - len(sides)


def _valid(areas: Any, metres: Any, at: str, *, repair: bool) -> tuple[Any, Repaired | None]:
    """``metres``, all ``areas`` as one multipolygon, if that is valid, or what the repair makes."""
    if shapely.is_valid(metres):
        if shapely.area(metres) == 0:
            _refuse(at, "an area of 0 m²", "an area", "Send its border")
        return metres, None
    reason, place = _explained(metres)
    if not repair:
        where = "" if place is None else f" at [{place[0]:.8g}, {place[1]:.8g}]"
        _refuse(
            at,
            f"{reason[:1].lower()}{reason[1:]}{where}",
            "a valid area",
            "Mend it, or send it with ?repair=true",
            reason=reason,
            place=place,
        )
    if _tangled(metres) > _MOST_TANGLED_REPAIR or _crossings(metres) > _MOST_CROSSINGS:
        _refuse(at, "an area too tangled to repair", "a valid area", "Mend it where it was drawn")
    mended = valid_area(areas)
    before, after = area_as_drawn(areas), float(shapely.area(mended))
    if after == 0:
        _refuse(at, "an area of 0 m² after the repair", "an area", "Send its border")
    return multipolygon(mended), Repaired(reason, place, before, after)


def _explained(metres: Any) -> tuple[str, tuple[float, float] | None]:
    text = str(shapely.is_valid_reason(metres))
    found = _PLACE.fullmatch(text)
    if found is None:
        return text, None
    back = _transformer(f"EPSG:{EPSG}", WGS84)
    x, y = back.transform(float(found[2]), float(found[3]))
    return found[1].strip(), (round(float(x), 8), round(float(y), 8))
