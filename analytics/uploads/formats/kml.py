"""KML without a general KML library: placemarks with areas, their names and data; no links, no
entities, no styles.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

import numpy as np
import shapely

from analytics.uploads.errors import UploadError
from analytics.uploads.fields import Columns
from analytics.uploads.formats.geojson import WGS84
from analytics.uploads.formats.raw_layer import RawLayer, check_features
from analytics.uploads.limits import Limits

_DEEPEST = 60
"""Elements in elements: folders, geometries and data need about a dozen."""


def read(path: Path, limits: Limits) -> RawLayer:
    """Read all placemarks of a document. Raises UploadError or LimitMet."""
    root = _root(path)
    placemarks = [
        (element, folder) for element, folder in _placemarks(root, "") if element is not None
    ]
    if not placemarks:
        links = any(_tag(element) == "NetworkLink" for element in root.iter())
        raise UploadError(
            "kml-without-placemark",
            found="a link to another document (NetworkLink)" if links else "no placemark",
            expected="placemarks with polygons in the document itself",
            hint="Links are not followed: open the link and save what it shows" if links else "",
        )
    check_features(len(placemarks), limits)
    geometries = np.empty(len(placemarks), dtype=object)
    broken: dict[int, str] = {}
    fields = Columns(features=len(placemarks), most=limits.fields)
    for index, (placemark, folder) in enumerate(placemarks):
        for name, value in {**_values(placemark), "folder": folder}.items():
            if value:
                fields.put(index, name, value)
        try:
            geometries[index] = _geometry(placemark)
        except (ValueError, shapely.errors.GEOSException) as error:
            broken[index] = " ".join(str(error).split())[:160]
    return RawLayer(geometries, fields.values, WGS84, "format", broken, left_out=fields.left_out)


def _root(path: Path) -> ET.Element:
    """The document's element; declarations of types and entities end the reading."""
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise UploadError(
                "xml-depth", found=f"more than {_DEEPEST} elements in each other", expected="KML"
            )
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_declaration
    parser.EntityDeclHandler = _refuse_declaration
    parser.ExternalEntityRefHandler = _refuse_declaration
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
        return builder.close()
    except expat.ExpatError as error:
        raise UploadError(
            "xml-syntax",
            found=f"XML that breaks off or goes wrong in line {error.lineno}",
            expected="a whole KML document",
            hint="Save it again from the program that made it",
        ) from error
    except (ValueError, LookupError, AssertionError) as error:
        raise UploadError(
            "xml-encoding", found="XML in an unknown encoding", expected="KML in UTF-8"
        ) from error


def _refuse_declaration(*_: object) -> NoReturn:
    raise UploadError(
        "xml-declaration",
        found="a document type or entity declared in the XML",
        expected="KML without",
        hint="Remove the <!DOCTYPE …> from the document",
    )


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
            parts.append(shapely.linestrings(_positions(child, least=2)))
        elif tag == "Point":
            parts.append(shapely.points(_positions(child, least=1)[0]))
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
        rings = [
            shapely.linearrings(_ring(child)) for child in boundary if _tag(child) == "LinearRing"
        ]
        if _tag(boundary) == "outerBoundaryIs":
            outer += rings
        elif _tag(boundary) == "innerBoundaryIs":
            inner += rings
    if len(outer) != 1:
        raise ValueError("a Polygon without one outer boundary")
    return shapely.polygons(outer[0], holes=inner or None)


def _ring(element: ET.Element) -> object:
    points = _positions(element, least=4)
    if not np.array_equal(points[0], points[-1]):
        raise ValueError("a ring that is not closed: its last position differs from its first")
    return points


def _positions(
    element: ET.Element, *, least: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    coordinates = _child(element, "coordinates")
    words = ((coordinates.text or "") if coordinates is not None else "").split()
    try:
        rows = [[float(n) for n in word.strip(",").split(",")[:3]] for word in words]
    except ValueError as error:
        raise ValueError("coordinates that are no numbers") from error
    if len(rows) < least:
        raise ValueError(f"fewer than {least} positions where {least} are needed")
    size = min(len(row) for row in rows)
    points = np.array([row[:size] for row in rows], dtype=np.float64)
    if size < 2 or not np.isfinite(points).all():
        raise ValueError("a position that is not two numbers")
    return points
