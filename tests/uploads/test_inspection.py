"""Uploads of each format, hostile ones, and limits, through the reader's own process."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
import shapely

from analytics.uploads.confinement.fork_client import environment
from analytics.uploads.decision import accept_all_or_nothing, skip_bad_ones
from analytics.uploads.limits import Limits
from analytics.uploads.records import Choice, Question
from tests.uploads import files
from tests.uploads.upload_results import found, refused, upload

KNOWN = Choice(crs="EPSG:3035")


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb"])
def test_a_layer_of_gdal_keeps_its_area_code_and_name(tmp_path: Path, suffix: str) -> None:
    content = files.with_gdal(tmp_path / f"zones{suffix}").read_bytes()
    read = upload(tmp_path, content)
    assert read.reading.report is not None
    (zone,) = read.reading.report.features
    assert (zone.code, zone.name, zone.cells) == ("A1", "Żółw", 10_000)
    assert shapely.equals(read.zones[0], files.SQUARE)


def test_a_damaged_flatgeobuf_is_called_damaged(tmp_path: Path) -> None:
    """GDAL lists no layer, as if the file had none."""
    content = bytearray(files.with_gdal(tmp_path / "zones.fgb").read_bytes())
    content[8:12] = b"\xff\xff\xff\xff"
    assert refused(tmp_path, bytes(content)) == "unreadable-layer"


def test_a_shapefile_in_any_layout(tmp_path: Path) -> None:
    read = upload(tmp_path, files.shapefile(tmp_path / "made"))
    assert read.reading.format == "Shapefile"
    assert read.reading.report is not None
    assert read.reading.report.features[0].name == "Żółw"
    assert shapely.area(read.zones[0]) == 1e6


@pytest.mark.parametrize("content", [files.kml(), files.zipped({"doc.kml": files.kml()})])
def test_kml_and_kmz(tmp_path: Path, content: bytes) -> None:
    read = upload(tmp_path, content)
    assert read.reading.report is not None
    assert read.reading.report.features[0].name == "Zone"
    assert found(read, 0) == {"heights-dropped"}


def test_several_layers_are_asked_for(tmp_path: Path) -> None:
    path = files.with_gdal(tmp_path / "zones.gpkg", layer="one")
    content = files.with_gdal(path, layer="two").read_bytes()
    asked = upload(tmp_path, content).reading
    assert asked.question == Question.LAYER
    assert [(layer.name, layer.features) for layer in asked.layers] == [("one", 1), ("two", 1)]
    assert upload(tmp_path, content, choice=Choice(layer="two")).reading.layer == "two"


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_missing_reference_system_is_asked_for(tmp_path: Path) -> None:
    content = files.with_gdal(tmp_path / "zones.fgb", crs=None).read_bytes()
    asked = upload(tmp_path, content, coverage=files.SQUARE.buffer(1000)).reading
    assert asked.question == Question.REFERENCE_SYSTEM
    assert asked.reference is not None
    assert asked.reference.status == "missing"
    assert asked.reference.guesses[0].crs == "EPSG:3035"
    assert shapely.area(upload(tmp_path, content, choice=KNOWN).zones[0]) == 1e6


def test_a_foreign_crs_member_and_swapped_axes_are_asked_for(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:3035"}}
    foreign = upload(tmp_path, files.geojson(files.feature(files.SQUARE), crs=crs)).reading
    assert foreign.reference is not None
    assert foreign.reference.status == "foreign"
    swapped = files.geojson(files.feature(shapely.box(50, 10, 50.1, 10.1)))
    asked = upload(tmp_path, swapped).reading
    assert asked.reference is not None
    assert asked.reference.status == "axes"
    turned = upload(tmp_path, swapped, choice=Choice(swap_axes=True))
    straight = upload(tmp_path, files.geojson(files.feature(shapely.box(10, 50, 10.1, 50.1))))
    assert shapely.area(turned.zones[0]) == pytest.approx(shapely.area(straight.zones[0]))


def test_findings_and_both_decisions(tmp_path: Path) -> None:
    bow = shapely.from_wkt(
        "POLYGON ((4002000 2500000, 4003000 2501000, 4003000 2500000, 4002000 2501000,"
        " 4002000 2500000))"
    )
    half = shapely.box(4_000_500, 2_500_000, 4_001_500, 2_501_000)
    small = shapely.box(4_005_000, 2_500_000, 4_005_090, 2_500_100)
    content = files.geojson(
        files.feature(files.SQUARE, code="a"),
        files.feature(half, code="b"),
        files.feature(files.SQUARE, code="a"),
        files.feature(bow, code="d"),
        files.feature(None, code="e"),
        files.feature(shapely.Point(4e6, 25e5), code="f"),
        files.feature(small, code="g"),
        files.feature(shapely.box(5e6, 25e5, 5.001e6, 25.01e5), code="h"),
    )
    choice = Choice(crs="EPSG:3035", code_field="code")
    read = upload(tmp_path, content, choice=choice, coverage=shapely.box(4e6, 25e5, 41e5, 26e5))
    report = read.reading.report
    assert report is not None
    assert [sorted(found(read, index)) for index in range(8)] == [
        ["overlap"],
        ["overlap"],
        ["code-duplicate", "geometry-duplicate", "overlap"],
        ["geometry-repaired"],
        ["geometry-missing"],
        ["not-an-area"],
        ["few-cells"],
        ["outside-coverage"],
    ]
    assert {(o.index, o.other_index): o.area for o in report.overlaps} == {
        (0, 1): 500_000,
        (0, 2): 1_000_000,
        (1, 2): 500_000,
    }
    assert report.features[3].findings[0].measures == {
        "area_before": 500_000,
        "area_after": 500_000,
    }
    assert report.features[6].cells == 90
    assert skip_bad_ones(report) == (0, 1, 3, 6)
    assert accept_all_or_nothing(report) == ()
    assert [i for i, zone in enumerate(read.zones) if zone is not None] == [0, 1, 3, 6]


LAUGHS = '<!DOCTYPE k [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE k [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declaration", [LAUGHS, OUTSIDE, '<!DOCTYPE k SYSTEM "http://a.test/">'])
def test_xml_declarations_are_refused(tmp_path: Path, declaration: str) -> None:
    attack = files.kml(declaration=declaration, name="&b;" if "ENTITY" in declaration else "x")
    assert refused(tmp_path, attack) == "xml-declaration"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"\0\1\2 what", "unknown-format"),
        (b"<gpx></gpx>", "unknown-format"),
        (b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "unknown-format"),
        (b'{"type": "FeatureCollection", "features": [', "geojson-syntax"),
        (b'{"a":' * 100_000, "geojson-depth"),
        (files.zipped({"../../a.shp": b"x"}), "archive-path"),
        (files.zipped({"/etc/a.shp": b"x"}), "archive-path"),
        (files.zipped({"C:\\a.shp": b"x"}), "archive-path"),
        (files.zipped({"a.zip": b"x"}), "archive-nested"),
        (files.zipped({"A.shp": b"x", "a.SHP": b"x"}), "archive-duplicate"),
        (files.zipped({"a.shp": bytes(5_000_000)}), "compression-ratio"),
        (files.zipped({f"{n}.shp": b"" for n in range(1001)}), "too-many-members"),
        (files.zipped({"a.dbf": b"x"}), "shapefile-incomplete"),
    ],
)
def test_one_sentence_for_what_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(tmp_path, content) == code


def test_links_and_passwords_in_archives(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("a.shp")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(tmp_path, packed.getvalue()) == "archive-link"
    locked = bytearray(files.zipped({"a.shp": b"x"}))
    locked[locked.index(b"PK\1\2") + 8] |= 1
    assert refused(tmp_path, bytes(locked)) == "archive-encrypted"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(file_bytes=10), "file-size"),
        (Limits(features=1), "too-many-features"),
        (Limits(vertices=9), "too-many-vertices"),
        (Limits(area_km2=1.5), "too-large-area"),
        (Limits(wall_seconds=0.01), "wall-time"),
    ],
)
def test_each_limit_is_named(tmp_path: Path, limits: Limits, code: str) -> None:
    east = shapely.box(4_001_000, 2_500_000, 4_002_000, 2_501_000)
    content = files.geojson(files.feature(files.SQUARE), files.feature(east))
    assert refused(tmp_path, content, limits=limits, choice=KNOWN) == code


def test_the_reader_gets_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "secret")
    assert "secret" not in environment().values()
    assert set(environment()) & set(os.environ) <= {
        "PATH", "LANG", "HOME", "TMPDIR", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE",
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "GDAL_NUM_THREADS",
        "NUMBA_CACHE_DIR", "MALLOC_ARENA_MAX", "GDAL_CACHEMAX",
    }  # fmt: skip
