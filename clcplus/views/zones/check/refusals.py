"""Why a file was refused, in the reader's language; what was found is the engine's, in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


_UNKNOWN = _("The file cannot be used.")
_AGAIN = _("Save or export it again, and upload that. Another format may help too.")
_CUT = _("Fetch or save it again: the copy may have been cut off on its way.")
_SMALLER = _("Simplify the outlines, or split the file and upload the parts.")
_PLAIN = _("Pack the files anew with an ordinary program, without a password.")
_BOMB = _("Pack the files anew, or upload the layer itself as GeoPackage.")
_ZIPPED = _("Put the .shp, .shx, .dbf and .prj of one layer into the archive.")
_ADVICE: dict[str, Text] = {
    foreign_formats.EXPORT: _(
        "Open it in a GIS such as QGIS, export the layer as GeoPackage, and upload that."
    ),
    foreign_formats.DRAWING: _(
        "Open it in a GIS such as QGIS, give it its reference system, make polygons of its lines,"
        " and export them as GeoPackage."
    ),
    foreign_formats.TABLE: _(
        "A table has no outlines: join it to a layer of outlines in a GIS and export that as"
        " GeoPackage, or save it as CSV with a column of WKT."
    ),
    foreign_formats.RASTER: _(
        "A raster has no zones: upload outlines. Rasters of land cover are loaded by whoever runs"
        " the platform."
    ),
    foreign_formats.TRACKS: _(
        "Points and tracks have no area: draw outlines, and export them as GeoPackage."
    ),
    foreign_formats.PART: _ZIPPED,
    foreign_formats.PACKED: _("Unpack it, and upload the file in it, or pack the files as ZIP."),
    foreign_formats.PICTURE: _(
        "Ask whoever made it for the layer itself, as GeoPackage or GeoJSON."
    ),
    foreign_formats.POINTER: _(
        "Upload the layer itself: nothing that a file points to is fetched."
    ),
    foreign_formats.OPENSTREETMAP: _(
        "Export the areas as GeoJSON, as overpass turbo and QGIS do, and upload that."
    ),
    foreign_formats.ESRI_SERVICE: _(
        "Ask the service for GeoJSON (f=geojson), or export the layer as GeoPackage."
    ),
    foreign_formats.AGAIN: _("Fetch the file again: what was saved is a message in its place."),
}
"""What to do with formats that are not read, by what the engine says of it in English."""
_MORE_THAN_TABLES = (
    _("The GeoPackage holds more than plain tables."),
    _("Export the layer with the zones into a new GeoPackage."),
)
_WORDS: dict[str, tuple[Text, Text]] = {
    "unknown-format": (
        _("The file is in no format that is read here."),
        _("Export the layer in one of the formats below, and upload that."),
    ),
    "empty-file": (_("The file is empty."), _CUT),
    "no-sandbox": (
        _("This server cannot read files of others safely, so it reads none."),
        _("Nothing is wrong with the file. Tell who runs the server."),
    ),
    "not-a-geopackage": (
        _("The file is an SQLite database, but no GeoPackage."),
        _("Export the layer as GeoPackage, and upload that."),
    ),
    "wal-mode": (
        _("The GeoPackage was copied while a program had it open: its data lie beside it."),
        _("Close the program that wrote it, copy the file again, and upload that."),
    ),
    "csv-without-wkt": (
        _("The table has no column of outlines."),
        _("Export it again with the geometry as WKT, or as GeoPackage."),
    ),
    "csv-structure": (
        _("The table goes wrong in a row."),
        _("Save it again as CSV, with quotes around values that hold the separator."),
    ),
    "no-feature": (
        _("The layer has no feature."),
        _("Choose another layer, or export the one with the zones."),
    ),
    "no-layer": (
        _("The file has no layer with shapes."),
        _("Export the layer with the outlines, not its table alone."),
    ),
    "no-geometry": (
        _("The layer is a table without shapes."),
        _("Choose another layer, or export the one with the outlines."),
    ),
    "unknown-layer": (_("The file has no layer of that name."), _("Choose one of its layers.")),
    "unknown-field": (_("The layer has no field of that name."), _("Choose one of its fields.")),
    "unreadable-layer": (_("The layer cannot be read."), _CUT),
    "too-many-layers": (
        _("The file has too many layers."),
        _("Export the one with the zones alone."),
    ),
    "too-many-features": (
        _("The file has too many features."),
        _("Split it, and upload the parts as sets of their own."),
    ),
    "too-many-vertices": (
        _("The outlines have too many points."),
        _("Simplify them: a cell of the map is 10 m wide, finer outlines gain nothing."),
    ),
    "too-large-area": (
        _("The zones are too large together."),
        _("Upload a part, or look at the territories that are already there."),
    ),
    "too-long-outlines": (
        _("The outlines are far too long for their areas."),
        _("Leave out slivers and hatching, or split the file."),
    ),
    "file-size": (_("The file is too large."), _SMALLER),
    "wall-time": (_("Reading the file takes too long."), _SMALLER),
    "cpu-time": (_("Reading the file takes too long."), _SMALLER),
    "memory": (_("Reading the file takes too much memory."), _SMALLER),
    "written-size": (_("The file unpacks to more than is read here."), _SMALLER),
    "open-files": (_("The file needs too many other files."), _AGAIN),
    "reader-died": (_("Reading the file broke off."), _AGAIN),
    "unknown-reference-system": (
        _("That reference system is not known."),
        _("Give its EPSG number, such as 2154 for Lambert-93."),
    ),
    "unknown-transformation": (
        _("The reference system cannot be moved to the grid of the map."),
        _("Save the layer in a usual reference system, such as EPSG:4326."),
    ),
    "broken-archive": (_("The archive is damaged."), _CUT),
    "archive-method": (_("The archive is packed in an unusual way."), _PLAIN),
    "archive-encrypted": (_("The archive has a password."), _PLAIN),
    "archive-path": (_("The archive has a member outside of it."), _PLAIN),
    "archive-link": (_("The archive holds a link to another file."), _PLAIN),
    "archive-duplicate": (_("The archive holds one name twice."), _PLAIN),
    "archive-nested": (
        _("The archive holds another archive."),
        _("Unpack the inner one, and upload that."),
    ),
    "archive-without-layer": (_("The archive holds no layer."), _ZIPPED),
    "too-many-members": (_("The archive holds too many files."), _ZIPPED),
    "unpacked-size": (_("The archive unpacks to more than is read here."), _BOMB),
    "compression-ratio": (_("The archive is packed suspiciously well."), _BOMB),
    "shapefile-incomplete": (_("Parts of the Shapefile are missing."), _ZIPPED),
    "geopackage-virtual-table": _MORE_THAN_TABLES,
    "geopackage-view": _MORE_THAN_TABLES,
    "geopackage-trigger": _MORE_THAN_TABLES,
    "geopackage-schema": _MORE_THAN_TABLES,
    "geojson-syntax": (_("The GeoJSON breaks off or is no JSON."), _CUT),
    "geojson-structure": (
        _("The JSON is no GeoJSON."),
        _("Export it as a FeatureCollection of GeoJSON."),
    ),
    "geojson-topology": (_("The file is TopoJSON."), _("Export it as GeoJSON.")),
    "geojson-encoding": (_("The text is not UTF-8."), _("Save it again as UTF-8.")),
    "geojson-depth": (_("The JSON is nested far too deep."), _AGAIN),
    "kml-without-placemark": (
        _("The KML has no placemark."),
        _("Save the layer with the outlines; a link to it on the web is not followed."),
    ),
    "xml-depth": (_("The KML is nested far too deep."), _AGAIN),
    "xml-syntax": (_("The KML breaks off or is no XML."), _CUT),
    "xml-encoding": (_("The KML is in an unknown encoding."), _("Save it again as UTF-8.")),
    "xml-declaration": (
        _("The KML declares entities or a document type, which is refused."),
        _("Save it again without them."),
    ),
    "wkt-encoding": (_("The text is not UTF-8."), _("Save it again as UTF-8.")),
    "wkt-srid": (
        _("The text names several reference systems."),
        _("Send the zones of each of them as a set of their own."),
    ),
    "not-accepted": (
        _("The zones could not be accepted as was asked with the upload."),
        _("Read the report, and decide here."),
    ),
}
