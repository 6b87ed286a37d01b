"""``python -m analytics zonal``: tables, formats, and one clear line for what cannot be counted."""

from __future__ import annotations

import csv
import io
import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from shapely.geometry import box

from analytics.__main__ import main
from tests import oracle
from tests.rasters import NORTH, WEST, write_raster

SIDE = 12
CODES = np.random.default_rng(11).choice(
    np.array([1, 2, 6, 254, 255], dtype=np.uint8), (SIDE, SIDE)
)
LATER = np.random.default_rng(12).choice(np.array([1, 2, 7, 253], dtype=np.uint8), (SIDE, SIDE))
SOUTH = NORTH - 10 * SIDE

ZONES = {
    "01": box(WEST, SOUTH, WEST + 65, NORTH),
    "02": box(WEST + 65, SOUTH, WEST + 120, NORTH),
    "Île, 3": shapely.Polygon(
        [(WEST + 11, SOUTH + 8), (WEST + 97, SOUTH + 30), (WEST + 40, SOUTH + 111)],
        [box(WEST + 42, SOUTH + 40, WEST + 58, SOUTH + 56).exterior.coords],
    ),
}
"""Two halves, and a triangle with a hole that overlaps both."""


LOCAL = (
    'ENGCRS["a building site",EDATUM["x"],CS[Cartesian,2],'
    'AXIS["x",east],AXIS["y",north],UNIT["metre",1]]'
)
"""A reference system that nothing can be transformed to or from."""


def write_zones(
    path: Path,
    zones: dict[str, Any],
    *,
    crs: str | None = "EPSG:3035",
    field: str = "code",
    **options: Any,
) -> Path:
    wkb = [zone if isinstance(zone, bytes) else shapely.to_wkb(zone) for zone in zones.values()]
    pyogrio.raw.write(
        path,
        np.array(wkb, dtype=object),
        [np.array(list(zones), dtype=object)],
        fields=np.array([field], dtype=object),
        crs=crs,
        geometry_type="Unknown",
        **options,
    )
    return path


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    return write_zones(tmp_path / "zones.gpkg", ZONES)


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    return write_raster(tmp_path / "2018.tif", CODES)


@pytest.fixture
def later(tmp_path: Path) -> Path:
    return write_raster(tmp_path / "2021.tif", LATER)


def zonal(*arguments: object) -> int:
    return main(["zonal", *map(str, arguments), "--id-field", "code"])


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def masks() -> dict[str, Any]:
    return {
        name: oracle.mask(zone, shape=(SIDE, SIDE), x0=WEST, y0=NORTH)
        for name, zone in ZONES.items()
    }


def expected_classes(missing: set[int]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for name, inside in masks().items():
        for code, cells in oracle.class_counts(CODES, inside).items():
            key = (name, "missing" if code in missing else str(code))
            found[key] = found.get(key, 0) + cells
    return found


def test_one_raster_gives_cells_by_class(zones: Path, raster: Path, capfd: Any) -> None:
    assert zonal(zones, raster) == 0
    out, err = capfd.readouterr()
    assert out.splitlines()[0] == "zone,class,cells,area_m2"
    found = {(row["zone"], row["class"]): int(row["cells"]) for row in rows(out)}
    assert found == expected_classes({253, 254, 255})
    assert all(int(row["area_m2"]) == 100 * int(row["cells"]) for row in rows(out))
    assert err == ""


def test_two_rasters_give_cells_by_pair(zones: Path, raster: Path, later: Path, capfd: Any) -> None:
    assert zonal(zones, raster, later) == 0
    out, _ = capfd.readouterr()
    assert out.splitlines()[0] == "zone,from,to,cells,area_m2"
    found = {(row["zone"], row["from"], row["to"]): int(row["cells"]) for row in rows(out)}
    expected: dict[tuple[str, str, str], int] = {}
    for name, inside in masks().items():
        for a, b in zip(CODES[inside].tolist(), LATER[inside].tolist(), strict=True):
            before, after = ("missing" if code > 252 else str(code) for code in (a, b))
            key = (name, before, after)
            expected[key] = expected.get(key, 0) + 1
    assert found == expected


def test_rows_are_ordered_by_zone_then_class_with_missing_last(
    zones: Path, raster: Path, capfd: Any
) -> None:
    zonal(zones, raster)
    found = [(row["zone"], row["class"]) for row in rows(capfd.readouterr().out)]
    classes = ["1", "2", "6", "missing"]
    assert found == sorted(found, key=lambda r: (list(ZONES).index(r[0]), classes.index(r[1])))


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        (["--missing", "6"], {6}),
        (["--missing", "1,2", "255"], {1, 2, 255}),
        (["--missing"], set()),
    ],
)
def test_missing_codes_replace_the_usual(
    zones: Path, raster: Path, capfd: Any, options: list[str], missing: set[int]
) -> None:
    assert zonal(zones, raster, *options) == 0
    found = rows(capfd.readouterr().out)
    assert {(r["zone"], r["class"]): int(r["cells"]) for r in found} == expected_classes(missing)


def test_declared_nodata_is_missing_whatever_the_options_say(
    tmp_path: Path, zones: Path, capfd: Any
) -> None:
    declared = write_raster(tmp_path / "declared.tif", CODES, nodata=2)
    assert zonal(zones, declared, "--missing", "6") == 0
    found = rows(capfd.readouterr().out)
    assert {(r["zone"], r["class"]): int(r["cells"]) for r in found} == expected_classes({2, 6})


def test_coverage_gives_exact_areas(zones: Path, raster: Path, capfd: Any) -> None:
    assert zonal(zones, raster, "--rule", "coverage", "-j", "2") == 0
    found = rows(capfd.readouterr().out)
    for name, zone in ZONES.items():
        areas = [float(row["area_m2"]) for row in found if row["zone"] == name]
        assert sum(areas) == pytest.approx(zone.area, rel=1e-9)
    assert any("." in row["cells"] for row in found)
    assert zonal(zones, raster, raster, "--rule", "coverage") == 0
    pairs = rows(capfd.readouterr().out)
    assert [(r["zone"], r["from"], r["cells"]) for r in pairs] == [
        (r["zone"], r["class"], r["cells"]) for r in found
    ]


def test_areas_are_square_metres_in_feet_too(tmp_path: Path, capfd: Any) -> None:
    # New York Long Island, in feet of the US survey.
    foot = 1200 / 3937
    raster = write_raster(
        tmp_path / "feet.tif", [[1, 1], [1, 1]], crs="EPSG:2263", west=1e6, north=2e5, size=100
    )
    zones = write_zones(
        tmp_path / "z.gpkg", {"a": box(1e6, 199_800, 1_000_200, 2e5)}, crs="EPSG:2263"
    )
    assert zonal(zones, raster) == 0
    (row,) = rows(capfd.readouterr().out)
    assert row["cells"] == "4"
    assert float(row["area_m2"]) == pytest.approx(4 * (100 * foot) ** 2, rel=1e-9)


def test_a_reference_system_that_distorts_areas_is_reported(tmp_path: Path, capfd: Any) -> None:
    raster = write_raster(
        tmp_path / "web.tif", [[1]], crs="EPSG:3857", west=1_801_353, north=6_126_492, size=20
    )
    zones = write_zones(
        tmp_path / "z.gpkg", {"a": box(1_801_353, 6_126_472, 1_801_373, 6_126_492)}, crs="EPSG:3857"
    )
    assert zonal(zones, raster) == 0
    assert "does not keep areas: 1 m² in the middle of the raster is 0.4" in capfd.readouterr().err


def test_zones_are_transformed_to_the_raster(tmp_path: Path, raster: Path, capfd: Any) -> None:
    # 10° E 52° N is the centre of the projection, at 4 321 000, 3 210 000.
    centre = write_raster(tmp_path / "centre.tif", CODES, west=4_320_940, north=3_210_060)
    lonlat = write_zones(
        tmp_path / "z.geojson", {"a": box(9.9995, 51.9997, 10.0005, 52.0003)}, crs="EPSG:4326"
    )
    assert zonal(lonlat, centre, "--missing") == 0
    found = {row["class"]: int(row["cells"]) for row in rows(capfd.readouterr().out)}
    # 68.7 m by 66.8 m round the centre.
    assert sum(found.values()) == 36
    inside = CODES[3:9, 3:9]
    assert found == {str(code): int((inside == code).sum()) for code in np.unique(inside)}


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "fgb", "geojson", "parquet"])
def test_any_vector_file_gives_the_same(
    tmp_path: Path, zones: Path, raster: Path, capfd: Any, suffix: str
) -> None:
    plain = {name: zone for name, zone in ZONES.items() if name.isalnum()}
    path = tmp_path / f"other.{suffix}"
    if suffix == "parquet":
        write_geoparquet(path, plain)
    else:
        write_zones(path, plain)
    assert zonal(path, raster) == 0
    out = capfd.readouterr().out
    found = {(row["zone"], row["class"]): int(row["cells"]) for row in rows(out)}
    assert found == {k: n for k, n in expected_classes({253, 254, 255}).items() if k[0] in plain}


def write_geoparquet(path: Path, zones: dict[str, Any], **about: Any) -> Path:
    import pyarrow as pa
    import pyproj

    crs = json.loads(pyproj.CRS.from_epsg(3035).to_json())
    column = {"encoding": "WKB", "geometry_types": [], "crs": crs, **about}
    geo = {"version": "1.0.0", "primary_column": "shape", "columns": {"shape": column}}
    table = pa.table(
        {"code": list(zones), "shape": [shapely.to_wkb(zone) for zone in zones.values()]}
    )
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


def test_json_is_a_list_of_objects(zones: Path, raster: Path, capfd: Any) -> None:
    zonal(zones, raster)
    table = rows(capfd.readouterr().out)
    zonal(zones, raster, "--format", "json")
    found = json.loads(capfd.readouterr().out)
    assert [{key: str(value) for key, value in row.items()} for row in found] == table
    assert isinstance(found[0]["cells"], int)
    assert found[-1]["zone"] == "Île, 3"


def test_parquet_has_typed_columns(tmp_path: Path, zones: Path, raster: Path, capfd: Any) -> None:
    zonal(zones, raster)
    table = rows(capfd.readouterr().out)
    assert zonal(zones, raster, "-o", tmp_path / "table.parquet") == 0
    found = pq.read_table(tmp_path / "table.parquet")
    assert [str(field.type) for field in found.schema] == ["string", "string", "int64", "double"]
    assert [(r["zone"], r["class"], str(r["cells"])) for r in found.to_pylist()] == [
        (r["zone"], r["class"], r["cells"]) for r in table
    ]


def test_geojson_has_the_counts_as_properties(
    tmp_path: Path, raster: Path, later: Path, capfd: Any
) -> None:
    clockwise = {"a": ZONES["01"].reverse(), "far": box(0, 0, 10, 10)}
    assert ZONES["01"].reverse().exterior.is_ccw != ZONES["01"].exterior.is_ccw
    zones = write_zones(tmp_path / "zones.gpkg", clockwise)
    assert zonal(zones, raster, "--format", "geojson") == 0
    found = json.loads(capfd.readouterr().out)
    assert set(found) == {"type", "features"}
    assert found["type"] == "FeatureCollection"
    first, second = found["features"]
    expected = {k[1]: n for k, n in expected_classes({253, 254, 255}).items() if k[0] == "01"}
    assert first["properties"] == {"zone": "a"} | {
        f"{kind}_{code}": cells * size
        for code, cells in expected.items()
        for kind, size in (("cells", 1), ("area_m2", 100))
    }
    assert second["properties"] == {"zone": "far"} | dict.fromkeys(list(first["properties"])[1:], 0)
    shape = shapely.from_geojson(json.dumps(first["geometry"]))
    assert shape.geoms[0].exterior.is_ccw
    assert 2 < shape.bounds[0] < 5  # longitude first
    assert 43 < shape.bounds[1] < 45
    assert zonal(zones, raster, later, "--format", "geojson") == 0
    pairs = json.loads(capfd.readouterr().out)["features"][0]["properties"]
    assert "cells_1_7" in pairs
    assert "area_m2_6_missing" in pairs


def test_the_format_follows_the_ending(tmp_path: Path, zones: Path, raster: Path) -> None:
    for name, start in (("a.csv", "zone"), ("a.json", "["), ("a.GeoJSON", "{"), ("a.txt", "zone")):
        assert zonal(zones, raster, "-o", tmp_path / name) == 0
        assert (tmp_path / name).read_text().startswith(start)
    assert zonal(zones, raster, "--format", "json", "-o", tmp_path / "b.csv") == 0
    assert (tmp_path / "b.csv").read_text().startswith("[")


def test_an_invalid_zone_is_repaired_with_a_line(tmp_path: Path, raster: Path, capfd: Any) -> None:
    corners = [(0, 0), (60, 60), (60, 0), (0, 60)]
    bow_tie = shapely.Polygon([(WEST + x, SOUTH + y) for x, y in corners])
    assert zonal(write_zones(tmp_path / "z.gpkg", {"a": bow_tie}), raster) == 0
    out, err = capfd.readouterr()
    assert sum(int(row["cells"]) for row in rows(out)) == 18
    assert err.startswith("zone a: repaired (Self-intersection")
    assert "its area was 1800.0 and is 1800.0" in err
    assert len(err.splitlines()) == 1


def test_zones_beyond_the_raster_are_reported(tmp_path: Path, raster: Path, capfd: Any) -> None:
    partly = box(WEST - 50, SOUTH, WEST + 10, NORTH)
    beside = shapely.Polygon(  # its box reaches into the raster, it does not
        [(WEST - 30, SOUTH - 90), (WEST + 60, SOUTH - 90), (WEST - 30, SOUTH + 30)]
    )
    zones = {"in": ZONES["01"], "partly": partly, "far": box(0, 0, 9, 9), "beside": beside}
    assert zonal(write_zones(tmp_path / "z.gpkg", zones), raster) == 0
    out, err = capfd.readouterr()
    assert {row["zone"] for row in rows(out)} == {"in", "partly"}
    assert err.splitlines() == [
        "1 of 4 zones lie partly outside 2018.tif; only their cells in it are counted",
        "2 of 4 zones lie outside 2018.tif: far, beside",
    ]


def refused(capfd: Any, folder: Path, *arguments: object) -> str:
    """The one line on stderr of a run that fails, and leaves no file behind."""
    before = sorted(folder.iterdir())
    assert zonal(*arguments, "-o", folder / "result.csv") == 1
    assert sorted(folder.iterdir()) == before
    out, err = capfd.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1, err
    assert "found" in err
    assert "expected" in err
    return str(err)


def test_layers_that_cannot_be_counted(tmp_path: Path, raster: Path, capfd: Any) -> None:
    def line(path: Path) -> str:
        return refused(capfd, tmp_path, path, raster)

    fine = ZONES["01"]
    empty = write_zones(tmp_path / "empty.gpkg", {})
    assert "empty.gpkg: found no feature" in line(empty)
    other = write_zones(tmp_path / "other.gpkg", {"a": fine}, field="insee")
    assert "other.gpkg: found fields insee; expected a field 'code'" in line(other)
    lost = write_zones(tmp_path / "lost.shp", {"a": fine})
    (tmp_path / "lost.prj").unlink()
    assert "lost.shp: found no reference system" in line(lost)
    twice = write_zones(tmp_path / "twice.gpkg", {"a": fine, "a ": fine})
    assert "twice.gpkg: found 1 codes more than once: a" in line(twice)
    points = write_zones(tmp_path / "points.gpkg", {"a": shapely.Point(WEST, NORTH)})
    assert "zone a: found Point; expected an area" in line(points)
    assert "nowhere.gpkg: found nothing" in line(tmp_path / "nowhere.gpkg")
    (tmp_path / "text.geojson").write_text("{")
    assert "text.geojson: found" in line(tmp_path / "text.geojson")
    (tmp_path / "text.parquet").write_text("PAR1")
    assert "text.parquet: found" in line(tmp_path / "text.parquet")
    one_corner = struct.pack("<BIIIdd", 1, 3, 1, 1, WEST, NORTH)
    assert "broken.gpkg: found a broken geometry (" in line(
        write_zones(tmp_path / "broken.gpkg", {"a": one_corner})
    )
    nowhere = write_zones(tmp_path / "local.gpkg", {"a": fine}, crs=LOCAL)
    assert "local.gpkg: found a building site; expected one that can be" in line(nowhere)
    plain = tmp_path / "plain.parquet"
    import pyarrow as pa

    pq.write_table(pa.table({"code": ["a"]}), plain)
    assert "plain.parquet: found no geometry column" in line(plain)
    assert "no reference system" in line(
        write_geoparquet(tmp_path / "lost.parquet", {"a": fine}, crs=None)
    )


def test_one_layer_of_several(tmp_path: Path, raster: Path, capfd: Any) -> None:
    path = write_zones(tmp_path / "two.gpkg", {"a": ZONES["01"]}, layer="one")
    write_zones(path, {"b": ZONES["02"]}, layer="two", append=True)
    assert "2 layers (one, two)" in refused(capfd, tmp_path, path, raster)
    assert zonal(path, raster, "--layer", "two") == 0
    assert {row["zone"] for row in rows(capfd.readouterr().out)} == {"b"}


@pytest.mark.parametrize("rule", ["centre", "coverage"])
def test_rasters_that_cannot_be_counted(
    tmp_path: Path, zones: Path, raster: Path, capfd: Any, rule: str
) -> None:
    def line(*paths: Path) -> str:
        return refused(capfd, tmp_path, zones, *paths, "--rule", rule)

    lonlat = write_raster(tmp_path / "ll.tif", [[1]], crs="EPSG:4326", west=3, north=46, size=0.01)
    assert "ll.tif: found EPSG:4326; expected a projected reference system. Warp it" in line(lonlat)
    none = write_raster(tmp_path / "none.tif", CODES, crs=None)
    assert "none.tif: found no reference system" in line(none)
    fractions = write_raster(tmp_path / "f.tif", CODES + 0.25, dtype="float32")
    assert "f.tif: found values such as" in line(fractions)
    moved = write_raster(tmp_path / "moved.tif", CODES, west=WEST + 10)
    assert "moved.tif: found 12 × 12 cells" in line(raster, moved)
    assert "nowhere.tif: found" in line(tmp_path / "nowhere.tif")
    cut = write_raster(tmp_path / "cut.tif", CODES, blockysize=1, compress="DEFLATE")
    cut.write_bytes(cut.read_bytes()[:-40])
    assert "cut.tif: found" in line(cut)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["{raster}", "{raster}", "{raster}"], "one RASTER or two, not 3"),
        (["{raster}", "-j", "0"], "'0' is not a whole number from 1 on"),
        (["{raster}", "-j", "two"], "'two' is not a whole number"),
        (["{raster}", "--missing", "300"], "'300' is not a code"),
        (["{raster}", "--missing", "a"], "'a' is not a code"),
        (["{raster}", "--rule", "touch"], "invalid choice"),
        (["{raster}", "--format", "xlsx"], "invalid choice"),
        (["{raster}", "-o", "{raster}"], "is one of the files to be read"),
        (["{raster}", "-o", "/nowhere/at/all.csv"], "there is no folder /nowhere/at"),
        ([], "required: RASTER"),
    ],
)
def test_bad_usage_ends_with_status_2(
    zones: Path, raster: Path, capfd: Any, arguments: list[str], found: str
) -> None:
    with pytest.raises(SystemExit) as end:
        zonal(zones, *(a.format(raster=raster) for a in arguments))
    assert end.value.code == 2
    assert found in capfd.readouterr().err


def test_a_file_is_replaced_when_it_is_complete(
    tmp_path: Path, zones: Path, raster: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = tmp_path / "result.csv"
    result.write_text("older")
    monkeypatch.setattr("os.replace", failing)
    assert zonal(zones, raster, "-o", result) == 1
    assert result.read_text() == "older"
    assert "found No space left on device" in capfd.readouterr().err
    assert not list(tmp_path.glob(".*"))
    monkeypatch.undo()
    assert zonal(zones, raster, "-o", result) == 0
    assert result.read_text().startswith("zone,")


def failing(*_: object) -> None:
    raise OSError(28, os.strerror(28))


def run(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "analytics", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_command_runs_in_its_own_process(zones: Path, raster: Path, tmp_path: Path) -> None:
    done = run("zonal", zones, raster, "--id-field", "code")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(rows(done.stdout)) == len(expected_classes({253, 254, 255}))
    parquet = run("zonal", zones, raster, "--id-field", "code", "-o", tmp_path / "a.parquet")
    assert (parquet.returncode, parquet.stdout, parquet.stderr) == (0, "", "")
    cut = write_raster(tmp_path / "cut.tif", CODES, blockysize=1, compress="DEFLATE")
    cut.write_bytes(cut.read_bytes()[:-40])
    failed = run("zonal", zones, cut, "--id-field", "code")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert len(failed.stderr.splitlines()) == 1, failed.stderr
    assert run("zonal", zones).returncode == 2
    assert run().returncode == 2


def test_a_reader_that_goes_away_is_no_error(zones: Path, raster: Path) -> None:
    command = f"{sys.executable} -m analytics zonal {zones} {raster} --id-field code | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_help_and_bad_usage_load_nothing_slow() -> None:
    program = (
        "import sys; from analytics.__main__ import main\n"
        "try: main(['zonal', '--help'])\n"
        "except SystemExit: print(sorted({'numpy', 'numba', 'rasterio'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_what_is_not_needed_is_not_loaded(zones: Path, raster: Path) -> None:
    program = (
        "import sys; from analytics.__main__ import main\n"
        f"main(['zonal', {str(zones)!r}, {str(raster)!r}, '--id-field=code', '-o/dev/null'])\n"
        "print(sorted({'scipy', 'boto3', 'pyarrow', 'cffi', 'django'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
