"""Files that are not read here, known by their content: each by its name, with what to do."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

EXPORT = "Open it in a GIS such as QGIS, export the layer as GeoPackage, and upload that"
DRAWING = (
    "Open it in a GIS such as QGIS, give it its reference system, make polygons of its lines, and "
    "export them as GeoPackage"
)
TABLE = (
    "A table has no outlines: join it to a layer of outlines in a GIS and export that as "
    "GeoPackage, or save it as CSV with a column of WKT"
)
RASTER = (
    "A raster has no zones: upload outlines. Rasters of land cover are loaded with the command "
    "ingest_edition, by whoever runs the platform"
)
TRACKS = "Points and tracks have no area: draw outlines, and export them as GeoPackage"
PART = "Zip its .shp, .shx, .dbf and .prj together, and upload the archive"
PACKED = "Unpack it, and upload the file in it, or pack the files as ZIP"
PICTURE = "Ask whoever made it for the layer itself, as GeoPackage or GeoJSON"
POINTER = "Upload the layer itself: nothing that a file points to is fetched"
OPENSTREETMAP = "Export the areas as GeoJSON, as overpass turbo and QGIS do, and upload that"
ESRI_SERVICE = "Ask the service for GeoJSON (f=geojson), or export the layer as GeoPackage"
AGAIN = "Fetch the file again: what was saved is a message in its place"


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a file is, and what its owner can do."""

    found: str
    advice: str


_SIGNATURES = (
    ((b"\x00\x00\x27\x0a",), Foreign("the .shp or .shx of a Shapefile alone", PART)),
    ((b"Rar!",), Foreign("a RAR archive", PACKED)),
    ((b"7z\xbc\xaf\x27\x1c",), Foreign("a 7z archive", PACKED)),
    ((b"\x1f\x8b",), Foreign("a gzip file", PACKED)),
    ((b"BZh",), Foreign("a bzip2 file", PACKED)),
    ((b"\xfd7zXZ",), Foreign("an xz file", PACKED)),
    ((b"\x28\xb5\x2f\xfd",), Foreign("a Zstandard file", PACKED)),
    ((b"%PDF",), Foreign("a PDF document", PICTURE)),
    ((b"%!PS",), Foreign("a PostScript drawing", PICTURE)),
    ((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
     Foreign("a TIFF image, such as a GeoTIFF", RASTER)),
    ((b"\x89PNG",), Foreign("a PNG image", RASTER)),
    ((b"\xff\xd8\xff",), Foreign("a JPEG image", RASTER)),
    ((b"GIF8",), Foreign("a GIF image", RASTER)),
    ((b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"), Foreign("a JPEG 2000 image", RASTER)),
    ((b"CDF\x01", b"CDF\x02", b"CDF\x05"), Foreign("a netCDF file", RASTER)),
    ((b"\x89HDF",), Foreign("an HDF5 file, such as netCDF", RASTER)),
    ((b"GRIB",), Foreign("a GRIB file", RASTER)),
    ((b"EHFA_HEADER_TAG",), Foreign("an ERDAS Imagine image", RASTER)),
    ((b"LASF",), Foreign("a cloud of points (LAS)", TRACKS)),
    ((b"AutoCAD Binary DXF",), Foreign("a DXF drawing", DRAWING)),
    ((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
     Foreign("an Excel workbook (XLS), or another document of Office", TABLE)),
    ((b"\0\x01\0\0Standard Jet",), Foreign("an Access database (MDB)", EXPORT)),
    ((b"\0\x01\0\0Standard ACE",), Foreign("an Access database (ACCDB)", EXPORT)),
    ((b"ARROW1",), Foreign("a Feather or Arrow file", EXPORT)),
    ((b"PMTiles",), Foreign("map tiles (PMTiles)", EXPORT)),
    ((b"fgb",), Foreign("a FlatGeobuf of an older version", EXPORT)),
    ((b"\x1aE\xdf\xa3",), Foreign("a video", PICTURE)),
)  # fmt: skip
"""What a file is that begins with one of these."""
_DWG = re.compile(rb"AC10\d\d")
_PBF = re.compile(rb"\0\0.{2}\x0a\x09OSMHeader", re.DOTALL)
_DBF_VERSIONS = b"\x03\x30\x31\x43\x63\x83\x8b\xf5"

_TEXTS = (
    (r"(?:PROJCS|GEOGCS|PROJCRS|GEOGCRS|COMPD_CS|GEODCRS|BOUNDCRS|LOCAL_CS)\[",
     Foreign("the .prj of a Shapefile alone", PART)),
    (r"(?i)(?:utf-?8|ansi ?\d+|(?:cp|oem |windows-)?\d{3,5}|iso-?8859-?\d+|big5)\s*\Z",
     Foreign("the .cpg of a Shapefile alone", PART)),
    (r"\[", Foreign("a JSON list; GeoJSON is an object with a type", EXPORT)),
    ("version https://git-lfs",
     Foreign("a pointer to a file that is stored elsewhere (Git LFS)", POINTER)),
    (r"(?:999[ \t]*\n.*\n[ \t]*)*0[ \t]*\n[ \t]*SECTION\b", Foreign("a DXF drawing", DRAWING)),
    (r"(?i)!table\b", Foreign("a MapInfo table (TAB)", EXPORT)),
    (r"(?i)Version[ \t]+\d+[ \t]*\n"
     r"(?:Charset|Delimiter|Unique|Index|CoordSys|Transform|Columns)\b",
     Foreign("a MapInfo interchange file (MIF)", EXPORT)),
    (r"EXP\s+\d\s", Foreign("an ArcInfo export (E00)", EXPORT)),
    (r"(?i)ncols\s+\d", Foreign("a raster as text (ESRI ASCII grid)", RASTER)),
    (r"(?i)(?:--.*\n\s*|SET\s.*\n\s*)*(?:-- PostgreSQL|CREATE TABLE|INSERT INTO)\b",
     Foreign("an SQL dump", EXPORT)),
)  # fmt: skip
"""What a text is that begins so."""
_XML = {
    "gpx": Foreign("GPX, which holds points and tracks, not areas", TRACKS),
    "trainingcenterdatabase": Foreign("TCX, which holds tracks, not areas", TRACKS),
    "featurecollection": Foreign("GML", EXPORT),
    "citymodel": Foreign("CityGML", EXPORT),
    "transfer": Foreign("INTERLIS", EXPORT),
    "landxml": Foreign("LandXML", EXPORT),
    "osm": Foreign("an extract of OpenStreetMap (OSM XML)", OPENSTREETMAP),
    "osmchange": Foreign("changes to OpenStreetMap (osmChange)", OPENSTREETMAP),
    "html": Foreign("a web page, perhaps an error page saved in place of the file", AGAIN),
    "head": Foreign("a web page, perhaps an error page saved in place of the file", AGAIN),
    "exceptionreport": Foreign("an error message of a web service", AGAIN),
    "serviceexceptionreport": Foreign("an error message of a web service", AGAIN),
    "svg": Foreign("an SVG drawing, which has no place on the Earth", PICTURE),
    "ogrvrtdatasource": Foreign("a VRT, which only points to other files", POINTER),
    "qgis": Foreign("a QGIS project, which only points to layers", POINTER),
    "qlr": Foreign("a QGIS layer definition, which only points to layers", POINTER),
    "workbook": Foreign("an Excel workbook as XML", TABLE),
    "md_metadata": Foreign("metadata of a layer", POINTER),
    "metadata": Foreign("metadata of a layer", POINTER),
}
_GML = re.compile(r"https?://www\.opengis\.net/(?:gml|wfs)")
_GEODATABASE = re.compile(r"\.gdb/[^/]+\.gdbtabl[ex]$", re.IGNORECASE)


def of_bytes(head: bytes) -> Foreign | None:
    """What a file is that begins so, where its bytes tell it; None for none that is known."""
    for signatures, foreign in _SIGNATURES:
        if head.startswith(signatures):
            return foreign
    if _DWG.match(head):
        return Foreign("a DWG drawing", DRAWING)
    if _PBF.match(head):
        return Foreign("an extract of OpenStreetMap (PBF)", OPENSTREETMAP)
    if head[257:].startswith(b"ustar"):
        return Foreign("a TAR archive", PACKED)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Foreign("a WebP image", RASTER)
    # The header of a .dbf: a version, a date, and a length of 32 bytes a field and one.
    length = int.from_bytes(head[8:10], "little")
    if head[0] in _DBF_VERSIONS and len(head) > 32 and length % 32 in {1, 8} and length > 32:
        return Foreign("the .dbf of a Shapefile, or another table, alone", PART)
    return None


def of_text(text: str) -> Foreign | None:
    """What a text is that begins so; None for none that is known."""
    plain = text.replace("\r\n", "\n")
    return next((foreign for start, foreign in _TEXTS if re.match(start, plain)), None)


def of_xml(root: str, text: str) -> Foreign:
    """What a document of XML is, by the name of its root element."""
    known = _XML.get(root.lower())
    if known is None and _GML.search(text):
        known = _XML["featurecollection"]
    return known or Foreign(f"XML of another kind ({root[:40] or 'no element'})", EXPORT)


def of_json(document: object) -> Foreign | None:
    """What a document of JSON is that is no GeoJSON; None for none that is known."""
    if not isinstance(document, dict):
        return None
    if document.get("type") == "CityJSON":
        return Foreign("CityJSON", EXPORT)
    if str(document.get("geometryType", "")).startswith("esriGeometry") or (
        "spatialReference" in document and ("features" in document or "rings" in document)
    ):
        return Foreign("Esri JSON", ESRI_SERVICE)
    features = document.get("features")
    first = features[0] if isinstance(features, list) and features else None
    if "type" not in document and isinstance(first, dict) and "attributes" in first:
        return Foreign("Esri JSON", ESRI_SERVICE)
    if isinstance(document.get("elements"), list) and (
        "osm3s" in document or "generator" in document
    ):
        return Foreign("an answer of Overpass (OpenStreetMap)", OPENSTREETMAP)
    if "error" in document and "type" not in document:
        return Foreign("an error message of a web service", AGAIN)
    return None


def of_tables(names: Set[str]) -> Foreign | None:
    """What a database of SQLite is that has these tables; None for none that is known."""
    if {"geometry_columns", "spatial_ref_sys"} <= names:
        return Foreign("tables of SpatiaLite", EXPORT)
    if {"tiles", "metadata"} <= names:
        return Foreign("map tiles (MBTiles)", EXPORT)
    return None


def of_members(names: list[str]) -> Foreign | None:
    """What an archive is whose members have these names; None for none that is known."""
    for name in names:
        if _GEODATABASE.search(name):
            folder = name[: name.lower().index(".gdb/") + 4].rpartition("/")[2]
            return Foreign(f"an ESRI file geodatabase ({folder[:60]})", EXPORT)
    present = set(names)
    if "[Content_Types].xml" in present:
        if any(name.startswith("xl/") for name in names):
            return Foreign("an Excel workbook (XLSX)", TABLE)
        return Foreign("a document of Office", PICTURE)
    if {"mimetype", "content.xml", "META-INF/manifest.xml"} <= present:
        return Foreign("a spreadsheet or document of OpenDocument (ODS, ODT)", TABLE)
    if any(name.lower().endswith(".qgs") for name in names):
        return Foreign("a QGIS project, which only points to layers", POINTER)
    return None
