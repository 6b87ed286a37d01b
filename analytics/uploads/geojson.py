"""GeoJSON (RFC 7946), also one feature a line: a broken feature is a finding, not the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import shapely

from analytics.uploads.errors import UploadError
from analytics.uploads.fields import Columns
from analytics.uploads.limits import Limits
from analytics.uploads.raw_layer import RawLayer, check_features, text

WGS84 = "OGC:CRS84"
_SAME_AS_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326")
_GEOMETRIES = {
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    "GeometryCollection",
}  # fmt: skip
_DEEPEST = 8
"""Collections in collections: nobody means more."""


class _Broken(Exception):
    """A geometry that is none; the text is what was found."""


def read(path: Path, limits: Limits) -> RawLayer:
    """Read a GeoJSON file. Raises UploadError or LimitMet."""
    records, crs = _records(path)
    check_features(len(records), limits)
    geometries = np.empty(len(records), dtype=object)
    broken = {}
    for index, record in enumerate(records):
        try:
            geometries[index] = _geometry_of(record)
        except _Broken as error:
            broken[index] = str(error)
        except (ValueError, shapely.errors.GEOSException):
            broken[index] = "coordinates that make no geometry"
    declared, status = reference_of(crs)
    fields = _fields(records, limits)
    return RawLayer(geometries, fields.values, declared, status, broken, left_out=fields.left_out)


def _records(path: Path) -> tuple[list[Any], Any]:
    """Features, and the ``crs`` member of the collection where there is one."""
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UploadError(
            "geojson-encoding",
            found="text that is not UTF-8",
            expected="GeoJSON in UTF-8",
            hint="Save it again as UTF-8",
        ) from error
    try:
        document = _parsed(content)
    except json.JSONDecodeError as error:
        lines = [line.strip("\x1e \t\r") for line in content.split("\n")]
        lines = [line for line in lines if line]
        if len(lines) < 2 or not lines[0].endswith("}"):
            raise _not_json(error) from error
        try:
            return [_parsed(line) for line in lines], None
        except json.JSONDecodeError:
            raise _not_json(error) from error
    return _features(document), document.get("crs") if isinstance(document, dict) else None


def _parsed(content: str) -> Any:
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise UploadError(
            "geojson-depth", found="JSON nested far too deep", expected="GeoJSON"
        ) from error
    except json.JSONDecodeError:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise UploadError(
            "geojson-number", found="a number that is none", expected="finite decimal numbers"
        ) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _not_json(error: json.JSONDecodeError) -> UploadError:
    return UploadError(
        "geojson-syntax",
        found=f"JSON that breaks off or goes wrong in line {error.lineno}, column {error.colno}",
        expected="a whole GeoJSON document",
        hint="The download may have been cut off: fetch and upload it again",
    )


def _features(document: Any) -> list[Any]:
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise UploadError(
                "geojson-structure",
                found="a FeatureCollection without a list of features",
                expected="a member 'features' that is a list",
            )
        return features
    if kind == "Feature" or (isinstance(kind, str) and kind in _GEOMETRIES):
        return [document]
    if kind == "Topology":
        raise UploadError(
            "geojson-topology", found="TopoJSON", expected="GeoJSON", hint="Export it as GeoJSON"
        )
    raise UploadError(
        "geojson-structure",
        found=f"JSON whose type is {kind[:40]!r}"
        if isinstance(kind, str)
        else "JSON without a type",
        expected="a FeatureCollection, a Feature or a geometry of GeoJSON",
    )


def reference_of(crs: Any) -> tuple[str, str]:
    """What a member ``crs`` declares, and its status (records.Reference); None for no member."""
    if crs is None:
        return WGS84, "format"
    try:
        name = str(crs["properties"]["name"])
    except (KeyError, TypeError):
        return text(json.dumps(crs)[:80]), "foreign"
    if name.upper().endswith(_SAME_AS_WGS84):
        return WGS84, "format"
    return name[:80], "foreign"


def _fields(records: list[Any], limits: Limits) -> Columns:
    fields = Columns(features=len(records), most=limits.fields)
    for index, record in enumerate(records):
        for name, value in _properties(record):
            if not isinstance(value, dict | list):
                fields.put(index, name, value)
    return fields


def _properties(record: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(record, dict) and record.get("type") == "Feature":
        if "id" in record:
            yield "id", record["id"]
        properties = record.get("properties")
        if isinstance(properties, dict):
            yield from properties.items()


def _geometry_of(record: Any) -> Any:
    if not isinstance(record, dict):
        raise _Broken("a feature that is no object")
    if record.get("type") in _GEOMETRIES:
        return _geometry(record, depth=0)
    if record.get("type") != "Feature":
        raise _Broken("a record that is no Feature")
    if "geometry" not in record:
        raise _Broken("a feature without the member 'geometry'")
    geometry = record["geometry"]
    return None if geometry is None else _geometry(geometry, depth=0)


def _geometry(record: Any, *, depth: int) -> Any:
    kind = record.get("type") if isinstance(record, dict) else None
    if not isinstance(kind, str) or kind not in _GEOMETRIES:
        raise _Broken("a geometry of no type that GeoJSON has")
    if kind == "GeometryCollection":
        members = record.get("geometries")
        if not isinstance(members, list) or depth == _DEEPEST:
            raise _Broken("a GeometryCollection without a list of geometries")
        parts = [_geometry(m, depth=depth + 1) for m in members if m is not None]
        if not parts:
            return shapely.GeometryCollection()
        return shapely.geometrycollections(parts)
    coordinates = record.get("coordinates")
    if not isinstance(coordinates, list):
        raise _Broken(f"a {kind} without a list of coordinates")
    if not coordinates:
        return shapely.from_wkt(f"{kind.upper()} EMPTY")
    return _simple(kind, coordinates)


def _simple(kind: str, coordinates: list[Any]) -> Any:
    if kind == "Point":
        return shapely.points(_positions([coordinates], least=1)[0])
    if kind == "MultiPoint":
        return shapely.multipoints(_positions(coordinates, least=1))
    if kind == "LineString":
        return shapely.linestrings(_positions(coordinates, least=2))
    if kind == "MultiLineString":
        return shapely.multilinestrings(
            [shapely.linestrings(_positions(line, least=2)) for line in coordinates]
        )
    if kind == "Polygon":
        return _polygon(coordinates)
    return shapely.multipolygons([_polygon(rings) for rings in coordinates])


def _polygon(rings: Any) -> Any:
    if not isinstance(rings, list) or not rings:
        raise _Broken("a polygon that is no list of rings")
    made = [_ring(ring) for ring in rings]
    return shapely.polygons(made[0], holes=made[1:] or None)


def _ring(ring: Any) -> Any:
    points = _positions(ring, least=4)
    if not np.array_equal(points[0], points[-1]):
        raise _Broken("a ring that is not closed: its last position differs from its first")
    return shapely.linearrings(points)


def _positions(positions: Any, *, least: int) -> Any:
    """Longitude and latitude; heights and what follows them are told by the length."""
    if not isinstance(positions, list) or len(positions) < least:
        raise _Broken(f"fewer than {least} positions where {least} are needed")
    for position in positions:
        if not isinstance(position, list) or len(position) < 2:
            raise _Broken("a position that is not two numbers")
        for number in position[:3]:
            if not isinstance(number, int | float) or isinstance(number, bool):
                raise _Broken("a position that is not two numbers")
    size = 3 if all(len(position) > 2 for position in positions) else 2
    try:
        points = np.array([position[:size] for position in positions], dtype=np.float64)
    except OverflowError as error:
        raise _Broken("a number too large for a coordinate") from error
    if not np.isfinite(points).all():
        raise _Broken("a number too large for a coordinate")
    return points
