"""What a reader pastes as an area: GeoJSON, well-known text, or a list of corners."""

from __future__ import annotations

import json
import re
from typing import Any

import shapely

from analytics.uploads import WKT_START
from clcplus.http import json_text
from clcplus.http.errors import BadDocument

LONGEST = 200_000
"""Characters of a pasted text."""

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?"
_POSITION = re.compile(rf"({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER}){{0,2}}")
_WKT = re.compile(r"(MULTI)?POLYGON\s*(?:Z|M|ZM)?\s*(\(.*\))", re.IGNORECASE | re.DOTALL)
_LEFT_OVER = re.compile(r"[\[\](),\s]*")
_CORNER = re.compile(rf"\s*\(?\s*({_NUMBER})\s*[,;\s]\s*({_NUMBER})\s*\)?\s*")
_WGS84 = {"", "4326"}
_MOST_FEATURES = 200
_MOST_JOINED = 600
"""Corners of polygons that are joined: the time that it takes grows with the square of them."""


class UnreadableText(Exception):
    """The text is in none of the three forms, or in another reference system.

    ``reason`` is ``empty``, ``long``, ``json``, ``wkt``, ``srid``, ``corners``, ``features`` or
    ``other``; ``found`` is what stands there instead.
    """

    def __init__(self, reason: str, found: str = "") -> None:
        self.reason, self.found = reason, found
        super().__init__(f"{reason}: found {found!r}")


def document_of(text: str) -> Any:
    """The GeoJSON document of a text; several polygons become one multipolygon. What is wrong with
    its coordinates is for :func:`clcplus.areas.posted_area.area_of` to say.

    Raises UnreadableText.
    """
    text = text.lstrip("\ufeff").strip()
    if not text:
        raise UnreadableText("empty")
    if len(text) > LONGEST:
        raise UnreadableText("long", str(len(text)))
    if text.startswith("{"):
        return _from_json(text)
    if start := WKT_START.match(text):
        if (start["srid"] or "") not in _WGS84:
            raise UnreadableText("srid", start["srid"])
        return _from_wkt(text)
    return _from_corners(text)


def _from_json(text: str) -> Any:
    try:
        document = json_text.document(text.encode(), expected="GeoJSON")
    except BadDocument as error:
        raise UnreadableText("json", error.detail) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or len(features) < 2:
        return document
    if len(features) > _MOST_FEATURES:
        raise UnreadableText("features", str(len(features)))
    return _together(features)


def _together(features: list[Any]) -> dict[str, Any]:
    """One multipolygon of several features; those that are no polygons are left for the check."""
    polygons: list[Any] = []
    for feature in features:
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
        if kind == "Polygon":
            polygons.append(coordinates)
        elif kind == "MultiPolygon" and isinstance(coordinates, list):
            polygons += coordinates
        else:
            return {"type": kind if isinstance(kind, str) else "Feature", "coordinates": []}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _from_wkt(text: str) -> dict[str, Any]:
    """Read by hand: a library in the web process would have to be trusted with every nesting."""
    found = _WKT.fullmatch(text.rpartition(";")[2].strip())
    if found is None:
        raise UnreadableText("wkt", text[:40])
    listed = _POSITION.sub(lambda m: f"[{float(m[1])!r},{float(m[2])!r}]", found[2])
    if not _LEFT_OVER.fullmatch(_POSITION.sub("", found[2])):
        raise UnreadableText("wkt", text[:40])
    listed = listed.replace("(", "[").replace(")", "]")
    try:
        coordinates = json_text.document(listed.encode(), expected="well-known text")
    except BadDocument as error:
        raise UnreadableText("wkt", text[:40]) from error
    return {"type": "MultiPolygon" if found[1] else "Polygon", "coordinates": coordinates}


def _from_corners(text: str) -> dict[str, Any]:
    """One corner a line: longitude, then latitude. The ring is closed where it is open."""
    ring: list[list[float]] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        found = _CORNER.fullmatch(line)
        if found is None:
            raise UnreadableText("corners" if ring else "other", line.strip()[:40])
        ring.append([float(found[1]), float(found[2])])
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    return {"type": "Polygon", "coordinates": [ring]}


def joined(document: Any) -> Any:
    """The same document, or where it is a multipolygon whose parts overlap, their union: whoever
    draws two outlines across each other means the ground under both."""
    if not isinstance(document, dict) or document.get("type") != "MultiPolygon":
        return document
    try:
        shape = shapely.geometry.shape(document)
        if shapely.get_num_coordinates(shape) > _MOST_JOINED:
            return document
        parts = shapely.get_parts(shape)
        if shapely.is_valid(shape) or not shapely.is_valid(parts).all():
            return document
        # By way of text: the check takes lists, and shapely gives tuples.
        return json.loads(shapely.to_geojson(shapely.union_all(parts)))
    except (TypeError, ValueError, KeyError, IndexError, shapely.errors.GEOSException):
        return document
