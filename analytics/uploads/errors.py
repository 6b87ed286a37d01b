"""Why an upload is refused as a whole; what is wrong with one feature is a finding instead."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.errors import AnalyticsError

_REFUSALS: Mapping[str, tuple[str, str]] = {
    "archive-encrypted": ("one without", "Pack the files again without a password"),
    "archive-method": ("one packed with Deflate, without a password", ""),
    "archive-nested": ("the files of the layer themselves",
                       "Unpack the inner archive and upload that"),
    "broken-archive": ("a whole one", "Pack and upload it again"),
    "csv-structure": ("rows of cells, in quotes where they hold the separator",
                      "Save it again as CSV"),
    "csv-without-wkt": ("a column such as POLYGON ((…)), in quotes where the separator is a comma",
                        "Export it again with the geometry as WKT, or as GeoPackage"),
    "geojson-depth": ("GeoJSON", ""),
    "geojson-encoding": ("GeoJSON in UTF-8", "Save it again as UTF-8"),
    "geojson-syntax": ("a whole GeoJSON document",
                       "The download may have been cut off: fetch and upload it again"),
    "geojson-topology": ("GeoJSON", "Export it as GeoJSON"),
    "no-feature": ("zones", ""),
    "no-geometry": ("areas", ""),
    "no-layer": ("a layer of polygons", ""),
    "not-a-geopackage": ("a GeoPackage", "Export the layer as GeoPackage, and upload that"),
    "reader-died": ("a sound file", "Save it again, perhaps in another format"),
    "shapefile-incomplete": ("a .shp, .shx, .dbf and .prj of one name", ""),
    "unknown-reference-system": ("a code such as EPSG:2154", ""),
    "unknown-transformation": ("one that can be transformed to EPSG:3035", ""),
    "wal-mode": ("a file that was closed by the program that writes it",
                 "Close that program, and copy the file again"),
    "wkt-encoding": ("WKT in plain letters", ""),
    "wkt-srid": ("one reference system", "Split the text by reference system"),
    "xml-declaration": ("KML without", "Remove the <!DOCTYPE …> from the document"),
    "xml-depth": ("KML", ""),
    "xml-encoding": ("KML in UTF-8", ""),
    "xml-syntax": ("a whole KML document", "Save it again from the program that made it"),
}  # fmt: skip
"""What was expected, and what to do, by the code of an error."""


class UploadError(AnalyticsError):
    """An upload that cannot be used; ``code`` is stable, the text is for a person."""

    def __init__(self, code: str, *, found: str, expected: str, hint: str = "") -> None:
        super().__init__("The file", found=found, expected=expected, hint=hint)
        self.code = code


class LimitMet(UploadError):
    """An upload larger, or taking more to read, than is allowed; ``code`` names the limit."""


class HostileArchive(UploadError):
    """An archive that no ordinary program writes."""


def refusal(code: str, found: str) -> UploadError:
    """The error of a code that always expects the same."""
    expected, hint = _REFUSALS[code]
    return UploadError(code, found=found, expected=expected, hint=hint)
