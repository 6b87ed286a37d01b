"""Why a file was refused, in the reader's language; what was found is the engine's, in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from analytics.uploads import foreign_formats

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file cannot be used; ``found`` and ``expected`` are as the engine wrote them."""

    title: Text
    found: str
    expected: str
    action: Text


def refusal_of(record: Mapping[str, Any] | None) -> Refusal | None:
    """What a set's ``refusal`` says; None where there is none."""
    if not record:
        return None
    title, action = _WORDS.get(record["code"], (_UNKNOWN, ""))
    action = _ADVICE.get(record["hint"], action)
    return Refusal(title, record["found"], record["expected"], action or record["hint"])


_UNKNOWN = gettext_lazy("The file cannot be used.")
_AGAIN = gettext_lazy("Save or export it again, and upload that. Another format may help too.")
_CUT = gettext_lazy("Fetch or save it again: the copy may have been cut off on its way.")
_SMALLER = gettext_lazy("Simplify the outlines, or split the file and upload the parts.")
_PLAIN = gettext_lazy("Pack the files anew with an ordinary program, without a password.")
_BOMB = gettext_lazy("Pack the files anew, or upload the layer itself as GeoPackage.")
_ZIPPED = gettext_lazy("Put the .shp, .shx, .dbf and .prj of one layer into the archive.")
_ADVICE: dict[str, Text] = {
    foreign_formats.EXPORT: gettext_lazy(
        "Open it in a GIS such as QGIS, export the layer as GeoPackage, and upload that."
    ),
    foreign_formats.DRAWING: gettext_lazy(
        "Open it in a GIS such as QGIS, give it its reference system, make polygons of its lines,"
        " and export them as GeoPackage."
    ),
    foreign_formats.TABLE: gettext_lazy(
        "A table has no outlines: join it to a layer of outlines in a GIS and export that as"
        " GeoPackage, or save it as CSV with a column of WKT."
    ),
    foreign_formats.RASTER: gettext_lazy(
        "A raster has no zones: upload outlines. Rasters of land cover are loaded by whoever runs"
        " the platform."
    ),
    foreign_formats.TRACKS: gettext_lazy(
        "Points and tracks have no area: draw outlines, and export them as GeoPackage."
    ),
    foreign_formats.PART: _ZIPPED,
    foreign_formats.PACKED: gettext_lazy(
        "Unpack it, and upload the file in it, or pack the files as ZIP."
    ),
    foreign_formats.PICTURE: gettext_lazy(
        "Ask whoever made it for the layer itself, as GeoPackage or GeoJSON."
    ),
    foreign_formats.POINTER: gettext_lazy(
        "Upload the layer itself: nothing that a file points to is fetched."
    ),
    foreign_formats.OPENSTREETMAP: gettext_lazy(
        "Export the areas as GeoJSON, as overpass turbo and QGIS do, and upload that."
    ),
    foreign_formats.ESRI_SERVICE: gettext_lazy(
        "Ask the service for GeoJSON (f=geojson), or export the layer as GeoPackage."
    ),
    foreign_formats.AGAIN: gettext_lazy(
        "Fetch the file again: what was saved is a message in its place."
    ),
}
"""What to do with formats that are not read, by what the engine says of it in English."""
_MORE_THAN_TABLES = (
    gettext_lazy("The GeoPackage holds more than plain tables."),
    gettext_lazy("Export the layer with the zones into a new GeoPackage."),
)
_WORDS: dict[str, tuple[Text, Text]] = {
    "unknown-format": (
        gettext_lazy("The file is in no format that is read here."),
        gettext_lazy("Export the layer in one of the formats below, and upload that."),
    ),
    "empty-file": (gettext_lazy("The file is empty."), _CUT),
    "no-sandbox": (
        gettext_lazy("This server cannot read files of others safely, so it reads none."),
        gettext_lazy("Nothing is wrong with the file. Tell who runs the server."),
    ),
    "not-a-geopackage": (
        gettext_lazy("The file is an SQLite database, but no GeoPackage."),
        gettext_lazy("Export the layer as GeoPackage, and upload that."),
    ),
    "wal-mode": (
        gettext_lazy(
            "The GeoPackage was copied while a program had it open: its data lie beside it."
        ),
        gettext_lazy("Close the program that wrote it, copy the file again, and upload that."),
    ),
    "csv-without-wkt": (
        gettext_lazy("The table has no column of outlines."),
        gettext_lazy("Export it again with the geometry as WKT, or as GeoPackage."),
    ),
    "csv-structure": (
        gettext_lazy("The table goes wrong in a row."),
        gettext_lazy("Save it again as CSV, with quotes around values that hold the separator."),
    ),
    "no-feature": (
        gettext_lazy("The layer has no feature."),
        gettext_lazy("Choose another layer, or export the one with the zones."),
    ),
    "no-layer": (
        gettext_lazy("The file has no layer with shapes."),
        gettext_lazy("Export the layer with the outlines, not its table alone."),
    ),
    "no-geometry": (
        gettext_lazy("The layer is a table without shapes."),
        gettext_lazy("Choose another layer, or export the one with the outlines."),
    ),
    "unknown-layer": (
        gettext_lazy("The file has no layer of that name."),
        gettext_lazy("Choose one of its layers."),
    ),
    "unknown-field": (
        gettext_lazy("The layer has no field of that name."),
        gettext_lazy("Choose one of its fields."),
    ),
    "unreadable-layer": (gettext_lazy("The layer cannot be read."), _CUT),
    "too-many-layers": (
        gettext_lazy("The file has too many layers."),
        gettext_lazy("Export the one with the zones alone."),
    ),
    "too-many-features": (
        gettext_lazy("The file has too many features."),
        gettext_lazy("Split it, and upload the parts as sets of their own."),
    ),
    "too-many-vertices": (
        gettext_lazy("The outlines have too many points."),
        gettext_lazy("Simplify them: a cell of the map is 10 m wide, finer outlines gain nothing."),
    ),
    "too-large-area": (
        gettext_lazy("The zones are too large together."),
        gettext_lazy("Upload a part, or look at the territories that are already there."),
    ),
    "too-long-outlines": (
        gettext_lazy("The outlines are far too long for their areas."),
        gettext_lazy("Leave out slivers and hatching, or split the file."),
    ),
    "file-size": (gettext_lazy("The file is too large."), _SMALLER),
    "wall-time": (gettext_lazy("Reading the file takes too long."), _SMALLER),
    "cpu-time": (gettext_lazy("Reading the file takes too long."), _SMALLER),
    "memory": (gettext_lazy("Reading the file takes too much memory."), _SMALLER),
    "written-size": (gettext_lazy("The file unpacks to more than is read here."), _SMALLER),
    "open-files": (gettext_lazy("The file needs too many other files."), _AGAIN),
    "reader-died": (gettext_lazy("Reading the file broke off."), _AGAIN),
    "unknown-reference-system": (
        gettext_lazy("That reference system is not known."),
        gettext_lazy("Give its EPSG number, such as 2154 for Lambert-93."),
    ),
    "unknown-transformation": (
        gettext_lazy("The reference system cannot be moved to the grid of the map."),
        gettext_lazy("Save the layer in a usual reference system, such as EPSG:4326."),
    ),
    "broken-archive": (gettext_lazy("The archive is damaged."), _CUT),
    "archive-method": (gettext_lazy("The archive is packed in an unusual way."), _PLAIN),
    "archive-encrypted": (gettext_lazy("The archive has a password."), _PLAIN),
    "archive-path": (gettext_lazy("The archive has a member outside of it."), _PLAIN),
    "archive-link": (gettext_lazy("The archive holds a link to another file."), _PLAIN),
    "archive-duplicate": (gettext_lazy("The archive holds one name twice."), _PLAIN),
    "archive-nested": (
        gettext_lazy("The archive holds another archive."),
        gettext_lazy("Unpack the inner one, and upload that."),
    ),
    "archive-without-layer": (gettext_lazy("The archive holds no layer."), _ZIPPED),
    "too-many-members": (gettext_lazy("The archive holds too many files."), _ZIPPED),
    "unpacked-size": (gettext_lazy("The archive unpacks to more than is read here."), _BOMB),
    "compression-ratio": (gettext_lazy("The archive is packed suspiciously well."), _BOMB),
    "shapefile-incomplete": (gettext_lazy("Parts of the Shapefile are missing."), _ZIPPED),
    "geopackage-virtual-table": _MORE_THAN_TABLES,
    "geopackage-view": _MORE_THAN_TABLES,
    "geopackage-trigger": _MORE_THAN_TABLES,
    "geopackage-schema": _MORE_THAN_TABLES,
    "geojson-syntax": (gettext_lazy("The GeoJSON breaks off or is no JSON."), _CUT),
    "geojson-structure": (
        gettext_lazy("The JSON is no GeoJSON."),
        gettext_lazy("Export it as a FeatureCollection of GeoJSON."),
    ),
    "geojson-topology": (
        gettext_lazy("The file is TopoJSON."),
        gettext_lazy("Export it as GeoJSON."),
    ),
    "geojson-encoding": (
        gettext_lazy("The text is not UTF-8."),
        gettext_lazy("Save it again as UTF-8."),
    ),
    "geojson-depth": (gettext_lazy("The JSON is nested far too deep."), _AGAIN),
    "kml-without-placemark": (
        gettext_lazy("The KML has no placemark."),
        gettext_lazy("Save the layer with the outlines; a link to it on the web is not followed."),
    ),
    "xml-depth": (gettext_lazy("The KML is nested far too deep."), _AGAIN),
    "xml-syntax": (gettext_lazy("The KML breaks off or is no XML."), _CUT),
    "xml-encoding": (
        gettext_lazy("The KML is in an unknown encoding."),
        gettext_lazy("Save it again as UTF-8."),
    ),
    "xml-declaration": (
        gettext_lazy("The KML declares entities or a document type, which is refused."),
        gettext_lazy("Save it again without them."),
    ),
    "wkt-encoding": (
        gettext_lazy("The text is not UTF-8."),
        gettext_lazy("Save it again as UTF-8."),
    ),
    "wkt-srid": (
        gettext_lazy("The text names several reference systems."),
        gettext_lazy("Send the zones of each of them as a set of their own."),
    ),
    "not-accepted": (
        gettext_lazy("The zones could not be accepted as was asked with the upload."),
        gettext_lazy("Read the report, and decide here."),
    ),
}
