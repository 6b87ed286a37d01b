"""KML without a general KML library: placemarks with areas, their names and data; no links, no
entities, no styles.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from analytics.uploads.errors import UploadError, refusal
from analytics.uploads.fields import columns
from analytics.uploads.formats.geojson import WGS84, closed_ring, positions
from analytics.uploads.formats.raw_layer import RawLayer
from analytics.uploads.limits import Limits

_DEEPEST = 60
"""Elements in elements: folders, geometries and data need about a dozen."""


def read(path: Path, limits: Limits) -> RawLayer:
    """Read all placemarks of a document. Raises UploadError or LimitMet."""
    root = _root(path)
    placemarks = _placemarks(root, "")
    if not placemarks:
        links = any(_tag(element) == "NetworkLink" for element in root.iter())
        raise UploadError(
            "kml-without-placemark",
            found="a link to another document (NetworkLink)" if links else "no placemark",
            expected="placemarks with polygons in the document itself",
            hint="Links are not followed: open the link and save what it shows" if links else "",
        )
    limits.check("features", len(placemarks))
    geometries = np.empty(len(placemarks), dtype=object)
    broken: dict[int, str] = {}
    for index, (placemark, _) in enumerate(placemarks):
        try:
            geometries[index] = _geometry(placemark)
        except (ValueError, shapely.errors.GEOSException) as error:
            broken[index] = " ".join(str(error).split())[:160]
    records = [{**_values(placemark), "folder": folder} for placemark, folder in placemarks]
    present = [{name: value for name, value in one.items() if value} for one in records]
    fields, left_out = columns(present, most=limits.fields)
    return RawLayer(geometries, fields, WGS84, "format", broken, left_out=left_out)


class _Builder(ET.TreeBuilder):
    """Ends the reading at a declaration of types, with which entities come, and at elements that
    lie too deep in each other."""

    depth = 0

    def start(self, tag: Any, attrs: Any, /) -> ET.Element:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise refusal("xml-depth", f"more than {_DEEPEST} elements in each other")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self.depth -= 1
        return super().end(tag)

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise refusal("xml-declaration", "a document type or entity declared in the XML")


def _root(path: Path) -> ET.Element:
    try:
        with path.open("rb") as file:
            return ET.parse(file, ET.XMLParser(target=_Builder())).getroot()
    except ET.ParseError as error:
        found = f"XML that breaks off or goes wrong in line {error.position[0]}"
        raise refusal("xml-syntax", found) from error
    except (ValueError, LookupError, AssertionError) as error:
        raise refusal("xml-encoding", "XML in an unknown encoding") from error


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _child(element: ET.Element, tag: str) -> ET.Element | None:
    return next((child for child in element if _tag(child) == tag), None)


def _placemarks(element: ET.Element, folder: str) -> list[tuple[ET.Element, str]]:
    if _tag(element) == "Placemark":
        return [(element, folder)]
    if _tag(element) == "Folder":
        title = _child(element, "name")
        folder = (title.text or "") if title is not None else folder
    return [found for child in element for found in _placemarks(child, folder)]


def _values(placemark: ET.Element) -> dict[str, str]:
    values = {"id": placemark.get("id", "")}
    for child in placemark:
        if _tag(child) in {"name", "description"}:
            values[_tag(child)] = child.text or ""
        elif _tag(child) == "ExtendedData":
            for data in child.iter():
                key = data.get("name", "").strip()
                if not key:
                    continue
                if _tag(data) == "SimpleData":
                    values[key] = data.text or ""
                elif _tag(data) == "Data":
                    value = _child(data, "value")
                    values[key] = (value.text or "") if value is not None else ""
    return values


def _geometry(element: ET.Element) -> Any:
    """The geometry among an element's children; several become a collection."""
    parts = []
    for child in element:
        tag = _tag(child)
        if tag == "Polygon":
            parts.append(_polygon(child))
        elif tag in {"LineString", "LinearRing"}:
            parts.append(shapely.linestrings(positions(_rows(child), least=2)))
        elif tag == "Point":
            parts.append(shapely.points(positions(_rows(child), least=1)[0]))
        elif tag == "MultiGeometry":
            part = _geometry(child)
            parts.append(part if part is not None else shapely.GeometryCollection())
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    if all(part.geom_type == "Polygon" for part in parts):
        return shapely.multipolygons(parts)
    return shapely.geometrycollections(parts)


def _polygon(element: ET.Element) -> Any:
    outer, inner = [], []
    for boundary in element:
        rings = [closed_ring(_rows(child)) for child in boundary if _tag(child) == "LinearRing"]
        if _tag(boundary) == "outerBoundaryIs":
            outer += rings
        elif _tag(boundary) == "innerBoundaryIs":
            inner += rings
    if len(outer) != 1:
        raise ValueError("a Polygon without one outer boundary")
    return shapely.polygons(outer[0], holes=inner or None)


def _rows(element: ET.Element) -> list[list[float]]:
    """Positions as the text of an element has them."""
    coordinates = _child(element, "coordinates")
    words = ((coordinates.text or "") if coordinates is not None else "").split()
    try:
        rows = [[float(n) for n in word.strip(",").split(",")[:3]] for word in words]
    except ValueError as error:
        raise ValueError("coordinates that are no numbers") from error
    if not all(math.isfinite(n) for row in rows for n in row):
        raise ValueError("a position that is not two numbers")
    return rows
