"""Files of formats that are not read: each is named by its content, with what to do."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.uploads import files
from tests.uploads.upload_results import refusal

ESRI = {
    "geometryType": "esriGeometryPolygon",
    "spatialReference": {"wkid": 2154},
    "features": [{"attributes": {"a": 1}, "geometry": {"rings": []}}],
}
OVERPASS = {"version": 0.6, "generator": "Overpass API", "osm3s": {}, "elements": []}
MIF = b'Version   300\r\nCharset "WindowsLatin1"\r\nDelimiter ","\r\nColumns 1\r\n'
PRJ = b'GEOGCS["WGS 84",DATUM["WGS_1984"]]'
TAR = bytes(257) + b"ustar\0"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"0\r\nSECTION\r\n2\r\nENTITIES\r\n", "a DXF drawing"),
        (b"999\nmade by a program\n  0\nSECTION\n", "a DXF drawing"),
        (b"AutoCAD Binary DXF\r\n\x1a\0", "a DXF drawing"),
        (b"AC1032\0\0\0\0", "a DWG drawing"),
        (b"!table\n!version 300\n!charset WindowsLatin1\n", "a MapInfo table (TAB)"),
        (MIF, "a MapInfo interchange file (MIF)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "an Excel workbook (XLS)"),
        (b"<?xml version='1.0'?><Workbook xmlns='urn:s'/>", "an Excel workbook as XML"),
        (json.dumps(ESRI).encode(), "Esri JSON"),
        (json.dumps({"features": [{"attributes": {}, "geometry": {}}]}).encode(), "Esri JSON"),
        (json.dumps(OVERPASS).encode(), "an answer of Overpass"),
        (b"<osm version='0.6'><node/></osm>", "OSM XML"),
        (b"\0\0\0\x0e\x0a\x09OSMHeader\x18\x00", "an extract of OpenStreetMap (PBF)"),
        (b"<gpx version='1.1'></gpx>", "GPX"),
        (b"<wfs:FeatureCollection xmlns:wfs='http://www.opengis.net/wfs'/>", "GML"),
        (b"<a:Towns xmlns:gml='http://www.opengis.net/gml/3.2'/>", "GML"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", "a web page"),
        (b"II*\0\x08\0\0\0", "a TIFF image"),
        (b"II+\0\x08\0\0\0", "a TIFF image"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff\xe0", "a JPEG image"),
        (b"\0\0\0\x0cjP  \r\n", "a JPEG 2000 image"),
        (b"CDF\x02\0\0\0\0", "a netCDF file"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file, such as netCDF"),
        (b"ncols 4\nnrows 4\nxllcorner 0\n", "ESRI ASCII grid"),
        (b"%PDF-1.7", "a PDF document"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"\x1f\x8b\x08", "a gzip file"),
        (TAR, "a TAR archive"),
        (PRJ, "the .prj of a Shapefile alone"),
        (b"UTF-8\n", "the .cpg of a Shapefile alone"),
        (b"1252", "the .cpg of a Shapefile alone"),
        (b"\0\0\x27\x0a" + bytes(96), "the .shp or .shx of a Shapefile alone"),
        (b"ARROW1\0\0", "a Feather or Arrow file"),
        (b"-- PostgreSQL database dump\n\nSET x;\n", "an SQL dump"),
        (b"EXP  0 /HOME/ZONES.E00\n", "an ArcInfo export (E00)"),
    ],
)
def test_a_format_that_is_not_read_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    error = refusal(tmp_path, content)
    assert error.code == "unknown-format"
    assert said in error.found
    assert error.hint


def test_the_parts_of_a_shapefile_alone(tmp_path: Path) -> None:
    files.with_gdal(tmp_path / "zones.shp")
    for suffix in (".shp", ".shx", ".dbf", ".prj"):
        error = refusal(tmp_path, (tmp_path / f"zones{suffix}").read_bytes())
        assert "Shapefile" in error.found
        assert error.hint.startswith("Zip its .shp, .shx, .dbf and .prj")


def test_topojson_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, b'{"type": "Topology", "objects": {}}').found == "TopoJSON"


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (
            (
                "CREATE TABLE geometry_columns (f_table_name)",
                "CREATE TABLE spatial_ref_sys (srid)",
                "CREATE VIEW geom_cols_ref_sys AS SELECT * FROM geometry_columns",
            ),
            " (tables of SpatiaLite)",
        ),
        (
            ("CREATE TABLE tiles (zoom_level)", "CREATE TABLE metadata (name)"),
            " (map tiles (MBTiles))",
        ),
        (
            ("CREATE TABLE a (b)", "CREATE VIEW c AS SELECT * FROM a"),
            "",
        ),
    ],
)
def test_databases_of_sqlite_that_are_no_geopackage(
    tmp_path: Path, statements: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)
    error = refusal(tmp_path, path.read_bytes())
    assert error.code == "not-a-geopackage"
    assert error.found == f"a sound SQLite database without the table gpkg_contents{said}"
