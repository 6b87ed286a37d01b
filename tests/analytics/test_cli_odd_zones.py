"""``python -m analytics zonal`` and odd zones: counted rightly, or one line that says why not."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import pytest
import shapely

from analytics.__main__ import main
from tests.analytics.test_cli_zonal import rows, write_geoparquet, write_zones
from tests.rasters import NORTH, WEST, write_raster

SIDE = 20
SOUTH, EAST = NORTH - 10 * SIDE, WEST + 10 * SIDE
SQUARE = shapely.box(WEST, SOUTH, EAST, NORTH)
RULES = pytest.mark.parametrize("rule", ["centre", "coverage"])


@pytest.fixture
def ones(tmp_path: Path) -> Path:
    return write_raster(tmp_path / "ones.tif", np.ones((SIDE, SIDE)))


def zonal(*arguments: object) -> int:
    return main(["zonal", *map(str, arguments)])


def counted(capfd: Any, *arguments: object) -> dict[str, float]:
    """Cells of class 1 by zone."""
    assert zonal(*arguments) == 0
    return {
        row["zone"]: float(row["cells"])
        for row in rows(capfd.readouterr().out)
        if row["class"] == "1"
    }


def line(capfd: Any, *arguments: object) -> str:
    """The one line of a run that fails."""
    assert zonal(*arguments) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1, err
    return str(err)


@RULES
def test_a_hole_that_lies_on_a_side(tmp_path: Path, ones: Path, capfd: Any, rule: str) -> None:
    hole = [(WEST, SOUTH), (EAST, SOUTH), (WEST + 100, SOUTH + 100), (WEST, SOUTH)]
    shape = shapely.Polygon(SQUARE.exterior, [hole])
    zones = write_zones(tmp_path / "z.gpkg", {"a": shape})
    found = counted(capfd, zones, ones, "--id-field", "code", "--rule", rule)
    assert found == {"a": pytest.approx(300)}


@RULES
def test_nested_collections(tmp_path: Path, ones: Path, capfd: Any, rule: str) -> None:
    squares = [shapely.box(x, SOUTH, x + 50, SOUTH + 50) for x in (WEST, WEST + 60, WEST + 120)]
    nested = shapely.GeometryCollection(
        [
            shapely.GeometryCollection(
                [shapely.MultiPolygon(squares[:2]), shapely.Point(WEST, NORTH)]
            ),
            squares[2],
        ]
    )
    zones = write_zones(tmp_path / "z.gpkg", {"a": nested})
    assert counted(capfd, zones, ones, "--id-field", "code", "--rule", rule) == {"a": 75}


def with_corner(shape: Any, x: float) -> Any:
    """A shape, one corner of which has another x."""
    corners = shapely.get_coordinates(shape)
    corners[1, 0] = x
    return shapely.transform(shape, lambda _: corners)


@RULES
@pytest.mark.parametrize(
    ("crs", "bad"),
    [
        ("EPSG:3035", float("nan")),
        ("EPSG:3035", float("inf")),
        ("EPSG:3035", 1e300),
        ("EPSG:3035", -1e300),
        ("EPSG:3035", 4e9),
        ("EPSG:32631", 1e300),
        ("EPSG:4326", 1e300),
        ("EPSG:4326", float("nan")),
        ("EPSG:4326", 5e3),
    ],
)
def test_coordinates_that_are_nowhere(
    tmp_path: Path, ones: Path, capfd: Any, rule: str, crs: str, bad: float
) -> None:
    fine = shapely.box(3, 46, 3.1, 46.1) if crs == "EPSG:4326" else SQUARE
    zones = write_zones(tmp_path / "z.gpkg", {"a": fine, "b": with_corner(fine, bad)}, crs=crs)
    said = line(capfd, zones, ones, "--id-field", "code", "--rule", rule)
    assert said.startswith("z.gpkg: found a corner at ")
    assert "in feature 2; expected coordinates of " in said


def zipped(shapefile: Path) -> Path:
    archive = shapefile.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as packed:
        for part in shapefile.parent.glob(f"{shapefile.stem}.*"):
            if part != archive:
                packed.write(part, part.name)
    return archive


@pytest.mark.parametrize("written", ["ISO-8859-1", "UTF-8"])
@pytest.mark.parametrize("declared", ["UTF-8", "1252", "65001", "ISO-8859-1", "Klingon", None])
@pytest.mark.parametrize("way", [Path, zipped, lambda path: path.parent])
def test_the_records_of_a_shapefile_decide_its_encoding(
    tmp_path: Path, ones: Path, capfd: Any, written: str, declared: str | None, way: Any
) -> None:
    (tmp_path / "zones").mkdir()
    path = write_zones(tmp_path / "zones" / "z.shp", {"é": SQUARE}, encoding=written)
    if declared is None:
        path.with_suffix(".cpg").unlink()
    else:
        path.with_suffix(".cpg").write_text(declared)
    assert counted(capfd, way(path), ones, "--id-field", "code") == {"é": 400}


def test_texts_that_cannot_be_decoded(tmp_path: Path, ones: Path, capfd: Any) -> None:
    zones = {code: SQUARE for code in ("é1", "é2", "é3", "b4")}
    path = write_zones(tmp_path / "z.shp", zones, encoding="UTF-8")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(b"b4", b"\xe94"))
    said = line(capfd, path, ones, "--id-field", "code")
    assert "a text that is not UTF-8" in said
    assert ".cpg" in said


IDS = [3, None, 2**53 + 1]


def write_ids(path: Path) -> Path:
    wkb = np.array([shapely.to_wkb(SQUARE)] * len(IDS), dtype=object)
    if path.suffix == ".parquet":
        about = {"encoding": "WKB", "geometry_types": [], "crs": LAEA_JSON}
        geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": about}}
        table = pa.table({"id": pa.array(IDS, pa.int64()), "geometry": list(wkb)})
        pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
        return path
    pyogrio.raw.write(
        path,
        wkb,
        [np.array([one or 0 for one in IDS])],
        fields=np.array(["id"], dtype=object),
        field_mask=[np.array([one is None for one in IDS])],
        crs="EPSG:3035",
        geometry_type="Polygon",
    )
    return path


LAEA_JSON = json.loads(pyproj.CRS.from_epsg(3035).to_json())


@pytest.mark.parametrize("name", ["z.gpkg", "z.fgb", "z.shp", "z.parquet"])
def test_whole_numbers_with_a_null_stay_whole(
    tmp_path: Path, ones: Path, capfd: Any, name: str
) -> None:
    zones = write_ids(tmp_path / name)
    wanted = ["3", "", str(2**53 + 1)]
    assert list(counted(capfd, zones, ones, "--id-field", "id")) == wanted
    assert zonal(zones, ones, "--id-field", "id", "--format", "json") == 0
    out, err = capfd.readouterr()
    assert [row["zone"] for row in json.loads(out)] == wanted
    assert err == "1 of 3 zones has nothing in 'id': its id is blank\n"
    assert zonal(zones, ones, "--id-field", "id", "--format", "geojson") == 0
    features = json.loads(capfd.readouterr().out)["features"]
    assert [feature["properties"]["zone"] for feature in features] == wanted
    assert zonal(zones, ones, "--id-field", "id", "-o", tmp_path / "o.parquet") == 0
    assert pq.read_table(tmp_path / "o.parquet").column("zone").to_pylist() == wanted


def test_two_zones_without_an_id_cannot_be_told_apart(
    tmp_path: Path, ones: Path, capfd: Any
) -> None:
    path = write_geoparquet(tmp_path / "z.parquet", {"": SQUARE, " ": SQUARE})
    assert "2 zones without a code" in line(capfd, path, ones, "--id-field", "code")


def test_without_a_field_of_ids_zones_are_numbered(tmp_path: Path, ones: Path, capfd: Any) -> None:
    half = shapely.box(WEST, SOUTH, WEST + 100, NORTH)
    for zones in (
        write_zones(tmp_path / "z.gpkg", {"b": SQUARE, "a": half}),
        write_geoparquet(tmp_path / "z.parquet", {"b": SQUARE, "a": half}),
    ):
        assert zonal(zones, ones) == 0
        out, err = capfd.readouterr()
        assert [(r["zone"], r["cells"]) for r in rows(out)] == [("1", "400"), ("2", "200")]
        assert err == "no --id-field: zones are numbered from 1 to 2, in the order of the file\n"


def test_pairs_as_geojson_grow_with_what_occurs(tmp_path: Path) -> None:
    """A zone is one feature; a pair that occurs in another zone only costs it nothing."""
    earlier = write_raster(tmp_path / "a.tif", np.arange(SIDE * SIDE).reshape(SIDE, SIDE) % 200)
    later = write_raster(tmp_path / "b.tif", np.arange(SIDE * SIDE).reshape(SIDE, SIDE) % 150)
    squares = {
        f"{row}-{column}": shapely.box(
            WEST + 20 * column, NORTH - 20 * row - 20, WEST + 20 * column + 20, NORTH - 20 * row
        )
        for row in range(10)
        for column in range(10)
    }
    zones = write_zones(tmp_path / "z.gpkg", squares)
    output = tmp_path / "o.geojson"
    assert zonal(zones, earlier, later, "--id-field", "code", "-o", output) == 0
    features = json.loads(output.read_text())["features"]
    assert [feature["properties"]["zone"] for feature in features] == list(squares)
    assert features[0]["properties"] == {
        "zone": "0-0",
        **{f"{kind}_{n}_{n}": size for n in (0, 1, 20, 21)
           for kind, size in (("cells", 1), ("area_m2", 100))},
    }  # fmt: skip
    assert output.stat().st_size < 100 * 1000
    assert len(pyogrio.read_info(output)["fields"]) > 100  # one table, for a GIS
