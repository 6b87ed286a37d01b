"""Which format a file has, by its content: the name of an upload says nothing."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from analytics.uploads.errors import UploadError

ACCEPTED = (
    "GeoJSON, GeoPackage, a zipped Shapefile, KML, KMZ, FlatGeobuf, GeoParquet (WKB geometries) "
    "or WKT"
)

_HEAD_BYTES = 4096


class Format(StrEnum):
    """What is read; the values are names for people."""

    GEOJSON = "GeoJSON"
    GEOPACKAGE = "GeoPackage"
    ZIP = "ZIP archive"
    KML = "KML"
    FLATGEOBUF = "FlatGeobuf"
    GEOPARQUET = "GeoParquet"
    WKT = "WKT"


_SIGNATURES = {
    b"PK\x03\x04": Format.ZIP,
    b"PK\x05\x06": Format.ZIP,
    b"SQLite format 3\0": Format.GEOPACKAGE,
    b"fgb\x03fgb": Format.FLATGEOBUF,
    b"PAR1": Format.GEOPARQUET,
}

_FOREIGN = {
    b"\x00\x00\x27\x0a": "the .shp or .shx of a Shapefile alone; zip its .shp, .shx, .dbf and .prj",
    b"Rar!": "a RAR archive; pack the files as ZIP",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; pack the files as ZIP",
    b"\x1f\x8b": "a gzip file; unpack it, or pack the files as ZIP",
    b"%PDF": "a PDF document",
    b"II*\0": "a TIFF image; a raster has no zones",
    b"MM\0*": "a TIFF image; a raster has no zones",
    b"\x89PNG": "a PNG image; a picture has no zones",
    b"\xff\xd8\xff": "a JPEG image; a picture has no zones",
    b"\x1aE\xdf\xa3": "a video",
}

_FOREIGN_TEXT = {
    ("PROJCS[", "GEOGCS[", "PROJCRS[", "GEOGCRS[", "COMPD_CS["): "the .prj of a Shapefile alone; "
    "zip its .shp, .shx, .dbf and .prj",
    ("[",): "a JSON list; GeoJSON is an object with a type",
    ("version https://git-lfs",): "a pointer to a file that is stored elsewhere (Git LFS)",
}

_FOREIGN_XML = {
    "gpx": "GPX, which holds points and tracks, not areas",
    "trainingcenterdatabase": "TCX, which holds tracks, not areas",
    "featurecollection": "GML; save the layer as GeoPackage",
    "html": "a web page, perhaps an error page saved in place of the file",
    "svg": "an SVG drawing, which has no place on the Earth",
    "ogrvrtdatasource": "a VRT, which only points to other files; upload the layer itself",
}

_DBF_VERSIONS = b"\x03\x30\x31\x43\x63\x83\x8b\xf5"

WKT_START = re.compile(
    r"\s*(?:SRID\s*=\s*(?P<srid>\d{1,9})\s*;\s*)?"
    r"(?:MULTI)?(?:POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\s*Z?M?\s*(?:\(|EMPTY)",
    re.IGNORECASE,
)

_ROOT = re.compile(r"<\s*(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")


def format_of(path: Path) -> Format:
    """The format of a file. Raises UploadError where it is none that is read."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.strip():
        raise UploadError("empty-file", found="nothing in it", expected=ACCEPTED)
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    for signature, described in _FOREIGN.items():
        if head.startswith(signature):
            raise _unknown(described)
    text = _text(head).lstrip("\ufeff\x1e \t\r\n")
    if text.startswith("{"):
        return Format.GEOJSON
    if WKT_START.match(text):
        return Format.WKT
    if text.startswith("<"):
        return _xml_format(text)
    raise _unknown(_described(head, text))


def _described(head: bytes, text: str) -> str:
    """What a file seems to be that is none of the formats."""
    for starts, described in _FOREIGN_TEXT.items():
        if text.startswith(starts):
            return described
    # The header of a .dbf: a version, a date, and a length of 32 bytes a field and one.
    length = int.from_bytes(head[8:10], "little")
    if head[0] in _DBF_VERSIONS and len(head) > 32 and length % 32 in {1, 8} and length > 32:
        return "the .dbf of a Shapefile, or another table, alone; zip its .shp, .shx, .dbf and .prj"
    if "\ufffd" in text or "\0" in text:
        return "bytes of another kind"
    return f"text of another kind ({' '.join(text[:40].split())!r})"


def _text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="replace")
    return head.decode("utf-8", errors="replace")


def _xml_format(text: str) -> Format:
    roots = _ROOT.findall(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL))
    root = roots[0].lower() if roots else ""
    if root in {"kml", "document", "folder", "placemark"}:
        return Format.KML
    raise _unknown(_FOREIGN_XML.get(root, f"XML of another kind ({root[:40] or 'no element'})"))


def _unknown(found: str) -> UploadError:
    return UploadError("unknown-format", found=found, expected=ACCEPTED)
