"""Archives of any format that is read, of several, and of those that are not."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from analytics.uploads.records import Choice, Question
from tests.uploads import files
from tests.uploads.upload_results import features, found, refusal, upload

KNOWN = Choice(crs="EPSG:3035")
GEOJSON = files.geojson(files.feature(files.SQUARE, code="A1"))
WKT = f"SRID=3035;{files.SQUARE.wkt}".encode()


@pytest.fixture
def contents(tmp_path: Path) -> dict[str, bytes]:
    """A file of each format by its usual ending."""
    return {
        "geojson": GEOJSON,
        "geojsonl": GEOJSON,
        "gpkg": files.with_gdal(tmp_path / "zones.gpkg").read_bytes(),
        "fgb": files.with_gdal(tmp_path / "zones.fgb").read_bytes(),
        "parquet": files.geoparquet(),
        "kml": files.kml(),
        "wkt": WKT,
        "csv": b"code;shape\nA1;" + WKT + b"\n",
    }


@pytest.mark.parametrize(
    ("ending", "name"),
    [
        ("geojson", "GeoJSON"),
        ("gpkg", "GeoPackage"),
        ("fgb", "FlatGeobuf"),
        ("parquet", "GeoParquet"),
        ("kml", "KMZ"),
        ("wkt", "WKT"),
        ("csv", "CSV"),
    ],
)
@pytest.mark.parametrize("called", ["data/zones.{}", "zones.txt"])
def test_a_file_of_each_format_is_read_from_an_archive(
    tmp_path: Path, contents: dict[str, bytes], ending: str, name: str, called: str
) -> None:
    content = {called.format(ending): contents[ending], "read me.txt": b"Zones of the town, 2024"}
    choice = KNOWN if ending == "geojson" else None
    read = upload(tmp_path, files.zipped(content), choice=choice)
    assert read.reading.format == name
    assert len(features(read)) == 1
    assert features(read)[0].usable


def test_two_documents_of_kml_are_asked_for(tmp_path: Path) -> None:
    content = files.zipped(
        {"doc.kml": files.kml(name="North"), "files/south.kml": files.kml(name="South")}
    )
    asked = upload(tmp_path, content).reading
    assert (asked.question, asked.format) == (Question.LAYER, "KMZ")
    assert [(one.name, one.features) for one in asked.layers] == [("doc", 1), ("south", 1)]
    read = upload(tmp_path, content, choice=Choice(layer="south"))
    assert [one.name for one in features(read)] == ["South"]


def test_a_document_of_links_alone_is_not_asked_for(tmp_path: Path) -> None:
    links = b"<kml><NetworkLink><Link><href>files/a.kml</href></Link></NetworkLink></kml>"
    read = upload(tmp_path, files.zipped({"doc.kml": links, "files/a.kml": files.kml()}))
    assert len(features(read)) == 1


def test_layers_of_different_formats_are_asked_for(
    tmp_path: Path, contents: dict[str, bytes]
) -> None:
    with zipfile.ZipFile(io.BytesIO(files.shapefile(tmp_path / "made", inside="zones"))) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    content = files.zipped(
        {**parts, "zones.kml": contents["kml"], "sub/two.gpkg": contents["gpkg"], "a.tif": b"II*\0"}
    )
    asked = upload(tmp_path, content).reading
    assert asked.question == Question.LAYER
    assert asked.format == "Shapefile, GeoPackage, KML"
    assert [one.name for one in asked.layers] == ["zones.SHP", "two.gpkg: zones", "zones.kml"]
    for layer, name in zip(asked.layers, ("Shapefile", "GeoPackage", "KML"), strict=True):
        read = upload(tmp_path, content, choice=Choice(layer=layer.name)).reading
        assert (read.format, read.layer) == (name, layer.name)
        assert read.report is not None


def test_a_file_that_cannot_be_read_does_not_hide_others(tmp_path: Path) -> None:
    content = files.zipped({"a.kml": files.kml()[:-20], "b.kml": files.kml()})
    asked = upload(tmp_path, content).reading
    assert [(one.name, one.geometry_type) for one in asked.layers] == [
        ("a", "unreadable"),
        ("b", "Polygon"),
    ]
    assert refusal(tmp_path, content, choice=Choice(layer="a")).code == "xml-syntax"
    assert found(upload(tmp_path, content, choice=Choice(layer="b")), 0) == {"heights-dropped"}


def test_json_beside_a_layer_is_no_layer(tmp_path: Path) -> None:
    content = files.zipped({"style.json": b'{"version": 8, "layers": []}', "zones.json": GEOJSON})
    assert len(features(upload(tmp_path, content, choice=KNOWN))) == 1


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"zones.gdb/a00000001.gdbtable": b"\3\0\0\0", "zones.gdb/gdb": b"x"}, "zones.gdb"),
        ({"a/b.gdb/a00000009.gdbtablx": b"\3\0\0\0"}, "ESRI file geodatabase (b.gdb)"),
        ({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}, "XLSX"),
        (
            {
                "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                "content.xml": b"<office:document-content/>",
                "META-INF/manifest.xml": b"<manifest/>",
            },
            "ODS",
        ),
        ({"zones.qgs": b"<qgis/>", "zones.qgd": b"x"}, "QGIS project"),
        ({"zones.tab": b"!table\n!version 300\n", "zones.map": b"\0\1"}, "MapInfo table (TAB)"),
        ({"map.tif": b"II*\0" + bytes(100)}, "a TIFF image, such as a GeoTIFF ('map.tif')"),
        ({"plan.dxf": b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n"}, "a DXF drawing ('plan.dxf')"),
    ],
)
def test_what_an_archive_holds_in_place_of_a_layer_is_named(
    tmp_path: Path, members: dict[str, bytes], said: str
) -> None:
    error = refusal(tmp_path, files.zipped(members))
    assert error.code == "unknown-format"
    assert said in error.found
    assert error.hint


def test_a_geodatabase_of_very_many_files_is_named(tmp_path: Path) -> None:
    members = {f"zones.gdb/a{n:08x}.gdbtable": b"" for n in range(1001)}
    assert "ESRI file geodatabase" in refusal(tmp_path, files.zipped(members)).found
