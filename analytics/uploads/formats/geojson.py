"""GeoJSON (RFC 7946), also one feature a line: a broken feature is a finding, not the end."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from analytics.uploads.errors import UploadError, refusal
from analytics.uploads.fields import columns
from analytics.uploads.findings import finding
from analytics.uploads.formats import detection, foreign_formats, json_text
from analytics.uploads.formats.json_text import NotFinite, Repeated
from analytics.uploads.formats.raw_layer import RawLayer, text
from analytics.uploads.limits import Limits
from analytics.uploads.records import Finding

WGS84 = "OGC:CRS84"
_SAME_AS_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326")
_GEOMETRIES = {
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    "GeometryCollection",
}  # fmt: skip
_DEEPEST = 8
"""Collections in collections: nobody means more."""


class BrokenGeometry(ValueError):
    """A geometry that is none; the text is what was found."""


def read(path: Path, limits: Limits) -> RawLayer:
    """Read a GeoJSON file. Raises UploadError or LimitMet."""
    records, crs = _records(path)
    limits.check("features", len(records))
    geometries = np.empty(len(records), dtype=object)
    broken = {}
    for index, record in enumerate(records):
        try:
            geometries[index] = _geometry_of(record)
        except BrokenGeometry as error:
            broken[index] = str(error)
        except (ValueError, shapely.errors.GEOSException):
            broken[index] = "coordinates that make no geometry"
    declared, status = reference_of(crs)
    notes: dict[int, list[Finding]] = {}
    properties = [_values(record, index, notes) for index, record in enumerate(records)]
    fields, left_out = columns(properties, most=limits.fields)
    return RawLayer(
        geometries, fields, declared, status, broken, of_features=notes, left_out=left_out
    )


def _records(path: Path) -> tuple[list[Any], Any]:
    """Features, and the ``crs`` member of the collection where there is one."""
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal("geojson-encoding", "text that is not UTF-8") from error
    texts = json_text.parsed(content)
    systems = [text["crs"] for text in texts if isinstance(text, dict) and "crs" in text]
    if any(system != systems[0] for system in systems):
        raise UploadError(
            "geojson-structure",
            found="several reference systems in one file",
            expected="one",
            hint="Split the file by reference system",
        )
    crs = systems[0] if systems else None
    if len(texts) == 1:
        return _features(texts[0]), crs
    # What is wrong with one of many is told at its place.
    return [record for text in texts for record in _members(text)], crs


def _members(document: Any) -> list[Any]:
    """The features of a collection among others; all else as it is."""
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        features = document.get("features")
        return features if isinstance(features, list) else [document]
    return [document]


def _features(document: Any) -> list[Any]:
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection":
        if not isinstance(document.get("features"), list):
            raise UploadError(
                "geojson-structure",
                found="a FeatureCollection without a list of features",
                expected="a member 'features' that is a list",
            )
        return _members(document)
    if kind == "Feature" or (isinstance(kind, str) and kind in _GEOMETRIES):
        return [document]
    if kind == "Topology":
        raise refusal("geojson-topology", "TopoJSON")
    foreign = foreign_formats.of_json(document)
    if foreign is not None:
        raise detection.unknown(foreign)
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
        name = text(crs["properties"]["name"] or json.dumps(crs))
    except (KeyError, TypeError):
        return text(json.dumps(crs))[:80], "foreign"
    if name.upper().endswith(_SAME_AS_WGS84):
        return WGS84, "format"
    return name[:80], "foreign"


def _values(record: Any, index: int, notes: dict[int, list[Finding]]) -> dict[str, Any]:
    """Values of the fields of a feature; what cannot be taken as it stands is noted."""
    values: dict[str, Any] = {}
    for name, value in _properties(record):
        if isinstance(value, float) and not math.isfinite(value):
            notes.setdefault(index, []).append(_not_finite(name, value))
            values[name] = None
        elif not isinstance(value, dict | list):
            values[name] = value
    if repeated := _repeated(record):
        notes.setdefault(index, []).append(repeated)
    return values


def _not_finite(name: str, value: float) -> Finding:
    return finding(
        "value-not-finite",
        f"{_spelt(value)} as the value of {text(name)[:60]!r}{_in_line(value)}",
        {"line": value.line} if isinstance(value, NotFinite) else {},
        {"value": _symbol(value), "field": text(name)[:60]},
    )


def _spelt(value: float) -> str:
    return _symbol(value) or "a number too large to be kept"


def _symbol(value: float) -> str:
    """What the file has written; nothing where it is a number that is too large."""
    if math.isnan(value):
        return "NaN"
    if not isinstance(value, NotFinite):
        return ""
    return "Infinity" if value > 0 else "-Infinity"


def _in_line(value: float) -> str:
    return f" in line {value.line}" if isinstance(value, NotFinite) else ""


def _repeated(record: Any) -> Finding | None:
    properties = record.get("properties") if isinstance(record, dict) else None
    names = [n for one in (record, properties) if isinstance(one, Repeated) for n in one.names]
    if not names:
        return None
    shown = ", ".join(repr(text(name)[:60]) for name in names[:5])
    return finding("member-repeated", f"more than one member {shown}", names={"shown": shown})


def _properties(record: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(record, dict) and record.get("type") == "Feature":
        properties = record.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        if "id" in record and "id" not in properties:
            yield "id", record["id"]
        yield from properties.items()


def _geometry_of(record: Any) -> Any:
    if not isinstance(record, dict):
        raise BrokenGeometry("a feature that is no object")
    if record.get("type") in _GEOMETRIES:
        return _geometry(record, depth=0)
    if record.get("type") != "Feature":
        raise BrokenGeometry("a record that is no Feature")
    if "geometry" not in record:
        raise BrokenGeometry("a feature without the member 'geometry'")
    geometry = record["geometry"]
    return None if geometry is None else _geometry(geometry, depth=0)


def _geometry(record: Any, *, depth: int) -> Any:
    kind = record.get("type") if isinstance(record, dict) else None
    if not isinstance(kind, str) or kind not in _GEOMETRIES:
        raise BrokenGeometry("a geometry of no type that GeoJSON has")
    if kind == "GeometryCollection":
        members = record.get("geometries")
        if not isinstance(members, list) or depth == _DEEPEST:
            raise BrokenGeometry("a GeometryCollection without a list of geometries")
        parts = [_geometry(m, depth=depth + 1) for m in members if m is not None]
        if not parts:
            return shapely.GeometryCollection()
        return shapely.geometrycollections(parts)
    coordinates = record.get("coordinates")
    if not isinstance(coordinates, list):
        raise BrokenGeometry(f"a {kind} without a list of coordinates")
    if not coordinates:
        return shapely.from_wkt(f"{kind.upper()} EMPTY")
    return _simple(kind, coordinates)


def _simple(kind: str, coordinates: list[Any]) -> Any:
    if kind == "Point":
        return shapely.points(positions([coordinates], least=1)[0])
    if kind == "MultiPoint":
        return shapely.multipoints(positions(coordinates, least=1))
    if kind == "LineString":
        return shapely.linestrings(positions(coordinates, least=2))
    if kind == "MultiLineString":
        return shapely.multilinestrings(
            [shapely.linestrings(positions(line, least=2)) for line in coordinates]
        )
    if kind == "Polygon":
        return _polygon(coordinates)
    return shapely.multipolygons([_polygon(rings) for rings in coordinates])


def _polygon(rings: Any) -> Any:
    if not isinstance(rings, list) or not rings:
        raise BrokenGeometry("a polygon that is no list of rings")
    made = [closed_ring(ring) for ring in rings]
    return shapely.polygons(made[0], holes=made[1:] or None)


def closed_ring(ring: Any) -> Any:
    """A ring of positions. Raises BrokenGeometry."""
    points = positions(ring, least=4)
    if not np.array_equal(points[0], points[-1]):
        raise BrokenGeometry("a ring that is not closed: its last position differs from its first")
    return shapely.linearrings(points)


def positions(rows: Any, *, least: int) -> Any:
    """Longitude and latitude, and the height where all have one. Raises BrokenGeometry."""
    if not isinstance(rows, list) or len(rows) < least:
        raise BrokenGeometry(f"fewer than {least} positions where {least} are needed")
    for row in rows:
        numbers = row[:3] if isinstance(row, list) else []
        if len(numbers) < 2 or not all(type(n) in {int, float, NotFinite} for n in numbers):
            raise BrokenGeometry("a position that is not two numbers")
    size = 3 if all(len(row) > 2 for row in rows) else 2
    try:
        points = np.array([row[:size] for row in rows], dtype=np.float64)
    except OverflowError as error:
        raise BrokenGeometry("a number too large for a coordinate") from error
    if not np.isfinite(points).all():
        raise BrokenGeometry(_not_a_coordinate(rows))
    return points


def _not_a_coordinate(rows: list[list[float]]) -> str:
    wrong = next(n for row in rows for n in row[:3] if not math.isfinite(n))
    return f"{_spelt(wrong)} as a coordinate{_in_line(wrong)}"
