"""Which format a file has, by its content: the name of an upload says nothing."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from analytics.uploads.errors import UploadError
from analytics.uploads.formats import foreign_formats
from analytics.uploads.formats.foreign_formats import Foreign

ACCEPTED = (
    "GeoJSON, GeoPackage, a zipped Shapefile, KML, KMZ, FlatGeobuf, GeoParquet (WKB geometries), "
    "WKT or CSV with WKT"
)

HEAD_BYTES = 65_536
"""Of a file that are looked at: in a table the first geometry is among them."""


class Format(StrEnum):
    """What is read; the values are names for people."""

    GEOJSON = "GeoJSON"
    GEOPACKAGE = "GeoPackage"
    ZIP = "ZIP archive"
    SHAPEFILE = "Shapefile"
    """Of several files: known by their names in an archive."""
    KML = "KML"
    FLATGEOBUF = "FlatGeobuf"
    GEOPARQUET = "GeoParquet"
    WKT = "WKT"
    CSV = "CSV"


_SIGNATURES = {
    b"PK\x03\x04": Format.ZIP,
    b"PK\x05\x06": Format.ZIP,
    b"SQLite format 3\0": Format.GEOPACKAGE,
    b"fgb\x03fgb": Format.FLATGEOBUF,
    b"PAR1": Format.GEOPARQUET,
}

WKT = (
    r"(?:SRID\s*=\s*(?P<srid>\d{1,9})\s*;\s*)?"
    r"(?:MULTI)?(?:POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\s*Z?M?\s*(?:\(|EMPTY)"
)
WKT_START = re.compile(rf"\s*{WKT}", re.IGNORECASE)
_WKT_IN_A_CELL = re.compile(rf"[\",;\t|\n][ ]*{WKT}", re.IGNORECASE)
_NEXT_CELL = re.compile(r"[ ]*[,;\t|][ ]*(?!\s|\Z)")
_GEOJSON_TYPE = re.compile(
    r'"type"\s*:\s*"(?:FeatureCollection|Feature|(?:Multi)?(?:Point|LineString|Polygon)'
    r'|GeometryCollection)"'
)
_XML_HEAD = 16_384
"""Characters among which the root element is: after comments, perhaps."""
_ROOT = re.compile(r"<\s*(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")


def format_of(path: Path) -> Format:
    """The format of a file. Raises UploadError where it is none that is read."""
    with path.open("rb") as file:
        return format_of_head(file.read(HEAD_BYTES))


def format_of_head(head: bytes) -> Format:
    """The format of a file that begins so. Raises UploadError where it is none that is read."""
    if not head.strip():
        raise UploadError("empty-file", found="nothing in it", expected=ACCEPTED)
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    foreign = foreign_formats.of_bytes(head)
    if foreign is not None:
        raise unknown(foreign)
    text = _text(head).lstrip("\ufeff\x1e \t\r\n")
    if text.startswith("{"):
        return Format.GEOJSON
    if WKT_START.match(text):
        return Format.CSV if _is_followed_by_a_cell(text) else Format.WKT
    if text.startswith("<"):
        return _xml_format(text)
    foreign = foreign_formats.of_text(text)
    if foreign is not None:
        raise unknown(foreign)
    if _WKT_IN_A_CELL.search(text):
        return Format.CSV
    raise unknown(_described(text))


def is_geojson(head: bytes) -> bool:
    """Whether JSON that begins so says of itself that it is GeoJSON."""
    return _GEOJSON_TYPE.search(_text(head)) is not None


def unknown(foreign: Foreign) -> UploadError:
    """Why a file of a foreign format is refused."""
    return UploadError(
        "unknown-format", found=foreign.found, expected=ACCEPTED, hint=foreign.advice
    )


def _described(text: str) -> Foreign:
    if "\ufffd" in text[:4096] or "\0" in text[:4096]:
        return Foreign("bytes of another kind", foreign_formats.EXPORT)
    first, _, rest = text.partition("\n")
    cells = max((first.split(separator) for separator in ",;\t|"), key=len)
    if len(cells) > 1 and rest.strip():
        named = ", ".join(" ".join(cell.split())[:30] for cell in cells[:8])
        return Foreign(
            f"a table of text without a column of WKT ({named!r})", foreign_formats.TABLE
        )
    return Foreign(
        f"text of another kind ({' '.join(text[:40].split())!r})", foreign_formats.EXPORT
    )


def _text(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="replace")
    return head.decode("utf-8", errors="replace")


def geometry_end(text: str) -> int | None:
    """Where the geometry ends that a text begins with; None where it begins or ends with none."""
    start = WKT_START.match(text)
    if start is None:
        return None
    if not start[0].endswith("("):  # EMPTY
        return start.end()
    depth = 1
    for bracket in re.finditer(r"[()]", text[start.end() :]):
        depth += 1 if bracket[0] == "(" else -1
        if not depth:
            return start.end() + bracket.end()
    return None


def _is_followed_by_a_cell(text: str) -> bool:
    """Whether a separator and a value come after the first geometry of a text."""
    end = geometry_end(text)
    following = None if end is None else _NEXT_CELL.match(text, end)
    return following is not None and not WKT_START.match(text, following.end())


def _xml_format(text: str) -> Format:
    text = text[:_XML_HEAD]
    roots = _ROOT.findall(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL))
    root = roots[0] if roots else ""
    if root.lower() in {"kml", "document", "folder", "placemark"}:
        return Format.KML
    raise unknown(foreign_formats.of_xml(root, text))
