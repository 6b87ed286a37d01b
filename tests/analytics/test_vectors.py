"""Layers of zones: what is read, repaired, reported, refused."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from analytics.errors import (
    DuplicateCode,
    InvalidGeometry,
    MissingField,
    UnreadableLayer,
    WrongReferenceSystem,
)
from analytics.zones import layers
from tests.region import write_zones

BOW_TIE = shapely.Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])


def read(path: Path, **options: str) -> layers.ZoneLayer:
    return layers.read_zones([path], **{"code_field": "code", "name_field": "name", **options})


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "fgb", "shp"])
def test_any_vector_file_is_read(tmp_path: Path, suffix: str) -> None:
    crs = "EPSG:4326" if suffix == "geojson" else "EPSG:3035"
    box = shapely.box(3, 46, 3.01, 46.01) if suffix == "geojson" else shapely.box(0, 0, 10, 10)
    layer = read(write_zones(tmp_path / f"z.{suffix}", {"01004": box, "2A004": box}, crs=crs))
    assert layer.codes == ["01004", "2A004"]
    assert layer.names == ["Saint-Élie-01004", "Saint-Élie-2A004"]
    assert {g.geom_type for g in layer.geometries} == {"MultiPolygon"}


def test_a_zipped_shapefile_is_read(tmp_path: Path) -> None:
    write_zones(tmp_path / "z.shp", {"a": shapely.box(0, 0, 10, 10)})
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for part in tmp_path.glob("z.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    assert read(tmp_path / "z.zip").codes == ["a"]


def test_zones_are_transformed_to_the_grid(tmp_path: Path) -> None:
    lonlat = shapely.Polygon([(10, 52), (10.001, 52), (10.001, 52.001), (10, 52.001)])
    zone = read(write_zones(tmp_path / "z.gpkg", {"a": lonlat}, crs="EPSG:4326")).geometries[0]
    # The projection's centre, 52° N 10° E, has the coordinates 4 321 000, 3 210 000.
    assert zone.bounds[0] == pytest.approx(4_321_000, abs=0.01)
    assert zone.bounds[1] == pytest.approx(3_210_000, abs=0.01)


def test_an_invalid_zone_is_repaired_and_reported(tmp_path: Path) -> None:
    layer = read(write_zones(tmp_path / "z.gpkg", {"a": BOW_TIE, "b": shapely.box(0, 0, 1, 1)}))
    assert [(r.code, r.area_before, r.area_after) for r in layer.repairs] == [("a", 200.0, 200.0)]
    assert "Self-intersection" in layer.repairs[0].reason
    assert layer.geometries[0].is_valid


def test_heights_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "z.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", '
        '"properties": {"code": "a", "name": "A"}, "geometry": {"type": "Polygon", '
        '"coordinates": [[[3, 46, 5], [3.01, 46, 5], [3.01, 46.01, 5], [3, 46, 5]]]}}]}'
    )
    assert not read(path).geometries[0].has_z


def test_overlaps_and_gaps_are_found_with_their_areas() -> None:
    zones = np.array(
        [
            shapely.box(0, 0, 10, 30),
            shapely.box(8, 0, 20, 10),  # 20 m² over the first
            shapely.box(10, 10, 20, 20),
            shapely.box(0, 30, 20, 40),  # between them 10 × 10 m are left
            shapely.box(20, 0, 30, 40),
        ],
        dtype=object,
    )
    found = layers.overlaps(zones, ["a", "b", "c", "d", "e"])
    assert [(o.code, o.other_code, o.area) for o in found] == [("a", "b", 20.0)]
    assert layers.gaps(zones) == [100.0]


def test_a_partition_has_neither_overlaps_nor_gaps() -> None:
    zones = np.array([shapely.box(x, y, x + 9, y + 9) for x in (0, 9) for y in (0, 9)])
    assert layers.overlaps(zones, list("abcd")) == []
    assert layers.gaps(zones) == []


def test_a_zone_inside_another_is_an_overlap() -> None:
    zones = np.array([shapely.box(0, 0, 30, 30), shapely.box(10, 10, 20, 20)])
    assert [o.area for o in layers.overlaps(zones, ["a", "b"])] == [100.0]


def test_a_zone_given_twice_is_an_overlap() -> None:
    zones = np.array([shapely.box(0, 0, 9, 9), shapely.box(0, 0, 9, 9), shapely.box(9, 0, 18, 9)])
    assert [o.area for o in layers.overlaps(zones, ["a", "b", "c"])] == [81.0]


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    square = shapely.box(0, 0, 10, 10)
    fine = write_zones(tmp_path / "fine.gpkg", {"a": square})
    with pytest.raises(MissingField, match=r"fine\.gpkg: found fields code, name, parent"):
        read(fine, code_field="insee")
    write_zones(tmp_path / "lost.shp", {"a": square})
    (tmp_path / "lost.prj").unlink()
    with pytest.raises(WrongReferenceSystem, match=r"no reference system"):
        read(tmp_path / "lost.shp")
    with pytest.raises(UnreadableLayer, match=r"found nothing"):
        read(tmp_path / "nowhere.gpkg")
    (tmp_path / "text.geojson").write_text("{")
    with pytest.raises(UnreadableLayer, match=r"text\.geojson"):
        read(tmp_path / "text.geojson")
    (tmp_path / "empty.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises((UnreadableLayer, MissingField), match=r"empty\.geojson"):
        read(tmp_path / "empty.geojson")
    with pytest.raises(InvalidGeometry, match=r"zone a: found an area of 0"):
        read(write_zones(tmp_path / "flat.gpkg", {"a": shapely.Polygon([(0, 0), (1, 1), (2, 2)])}))


def write_fields(path: Path, codes: list, geometries: list) -> Path:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(geometries, dtype=object)),
        [np.array(codes), np.array(["n"] * len(codes), dtype=object)],
        fields=np.array(["code", "name"], dtype=object),
        crs="EPSG:3035",
        geometry_type="Unknown",
    )
    return path


def test_codes_are_there_once_and_are_text(tmp_path: Path) -> None:
    square = shapely.box(0, 0, 10, 10)
    twice = np.array(["01", "01", "02"], dtype=object)
    with pytest.raises(DuplicateCode, match=r"1 codes more than once: 01"):
        read(write_fields(tmp_path / "twice.gpkg", twice, [square] * 3))
    with pytest.raises(DuplicateCode, match=r"1 zones without a code"):
        read(write_fields(tmp_path / "none.gpkg", np.array(["", "1"], dtype=object), [square] * 2))
    with pytest.raises(MissingField, match=r"a number has lost their zeros"):
        read(write_fields(tmp_path / "number.gpkg", np.array([1004.0]), [square]))


def test_points_are_no_zones(tmp_path: Path) -> None:
    path = write_fields(
        tmp_path / "points.gpkg", np.array(["a"], dtype=object), [shapely.Point(1, 1)]
    )
    with pytest.raises(InvalidGeometry, match=r"zone a: found Point; expected an area"):
        read(path)


def test_a_file_of_several_layers_wants_a_name(tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    for name in ("one", "two"):
        pyogrio.raw.write(
            path,
            shapely.to_wkb(np.array([shapely.box(0, 0, 9, 9)], dtype=object)),
            [np.array([name], dtype=object), np.array([name], dtype=object)],
            fields=np.array(["code", "name"], dtype=object),
            crs="EPSG:3035",
            geometry_type="Polygon",
            layer=name,
            append=name == "two",
        )
    with pytest.raises(UnreadableLayer, match=r"2 layers \(one, two\).*--layer"):
        read(path)
    assert read(path, layer="two").codes == ["two"]


def test_areas_of_nested_collections(tmp_path: Path) -> None:
    inner = shapely.GeometryCollection([shapely.MultiPolygon([shapely.box(0, 0, 10, 10)])])
    nested = shapely.GeometryCollection([inner, shapely.box(50, 0, 60, 10), shapely.Point(1, 1)])
    layer = read(write_fields(tmp_path / "z.gpkg", np.array(["a"], dtype=object), [nested]))
    assert shapely.area(layer.geometries).tolist() == [200]
    assert [(r.reason, r.area_after) for r in layer.repairs] == [
        ("a GeometryCollection; only its areas count", 200)
    ]


def test_a_hole_on_a_side_stays_a_hole(tmp_path: Path) -> None:
    square = shapely.box(0, 0, 100, 100)
    shape = shapely.Polygon(square.exterior, [[(0, 0), (100, 0), (50, 50)]])
    layer = read(write_zones(tmp_path / "z.gpkg", {"a": shape}))
    assert shapely.area(layer.geometries).tolist() == [7500]
    twice = shapely.Polygon(square.exterior, [square.exterior.coords])
    with pytest.raises(InvalidGeometry, match=r"zone a: found an area of 0 by the even-odd rule"):
        read(write_zones(tmp_path / "twice.gpkg", {"a": twice}))


@pytest.mark.parametrize("x", [float("nan"), float("-inf"), 1e300, 2e9])
def test_a_corner_that_is_nowhere(tmp_path: Path, x: float) -> None:
    corners = shapely.get_coordinates(shapely.box(0, 0, 10, 10))
    corners[2, 0] = x
    shape = shapely.transform(shapely.box(0, 0, 10, 10), lambda _: corners)
    path = write_zones(tmp_path / "z.gpkg", {"a": shapely.box(0, 0, 1, 1), "b": shape})
    with pytest.raises(InvalidGeometry, match=r"z\.gpkg: found a corner at .* in feature 2"):
        read(path)


def test_collections_too_deep_for_geos_are_refused(tmp_path: Path) -> None:
    depth = 100_000
    wkb = struct.pack("<BII", 1, 7, 1) * depth + shapely.to_wkb(shapely.box(0, 0, 1, 1))
    geo = {
        "version": "1.0.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
    }
    table = pa.table({"code": ["a"], "name": ["A"], "geometry": [wkb]})
    path = tmp_path / "deep.parquet"
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    with pytest.raises(InvalidGeometry, match=r"collections that lie too deep"):
        read(path)
