"""``python -m analytics sample``: files read back, plans, and one clear line for bad input."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from analytics.__main__ import main
from analytics.commands.sample import DESIGNS
from analytics.sampling import allocation, labels
from tests.analytics.test_cli_zonal import write_zones
from tests.rasters import NORTH, WEST, write_raster

RANDOM = np.random.default_rng(21)
SHAPE = (60, 50)
EARLIER, LATER = RANDOM.choice(
    np.array([1, 2, 6, 11, 254], dtype=np.uint8), (2, *SHAPE), p=[0.01, 0.4, 0.4, 0.1, 0.09]
)
MAP = ["map_earlier", "map_later", "inclusion_probability", "weight"]
LABELS = ["reference_earlier", "reference_later", "confidence", "interpreter", "note"]
COLUMNS = ["id", "stratum", "x", "y", "lon", "lat", *MAP, *LABELS]
TELLING = {"stratum", *MAP}


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    return write_raster(tmp_path / "2018.tif", EARLIER)


@pytest.fixture
def later(tmp_path: Path) -> Path:
    return write_raster(tmp_path / "2021.tif", LATER)


def sample(*arguments: object) -> int:
    return main(["sample", *map(str, arguments)])


def draw(earlier: Path, later: Path, output: Path, *arguments: object) -> int:
    return sample("draw", earlier, later, "--points", 300, "--seed", 4, "-o", output, *arguments)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def by_id(path: Path) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in rows(path)}


def test_csv(earlier: Path, later: Path, tmp_path: Path, capsys: Any) -> None:
    output, strata = tmp_path / "sample.csv", tmp_path / "strata.csv"
    assert draw(earlier, later, output, "--strata", strata) == 0
    found = rows(output)
    assert list(found[0]) == COLUMNS
    assert [int(row["id"]) for row in found] == list(range(1, 301))
    to_degrees = pyproj.Transformer.from_crs(3035, 4326, always_xy=True)
    sizes = {row["stratum"]: row for row in rows(strata)}
    assert list(sizes["gain"]) == ["stratum", "units", "area_m2", "sample"]
    for row in found:
        column, line = (float(row["x"]) - WEST) / 10 - 0.5, (NORTH - float(row["y"])) / 10 - 0.5
        assert column.is_integer()
        assert line.is_integer()
        assert int(row["map_earlier"]) == EARLIER[int(line), int(column)]
        assert int(row["map_later"]) == LATER[int(line), int(column)]
        lonlat = to_degrees.transform(float(row["x"]), float(row["y"]))
        assert (float(row["lon"]), float(row["lat"])) == pytest.approx(lonlat, abs=1e-7)
        of = sizes[row["stratum"]]
        chance = int(of["sample"]) / int(of["units"])
        assert float(row["inclusion_probability"]) == chance
        assert float(row["weight"]) == pytest.approx(1 / chance, rel=1e-15)
        assert not any(row[name] for name in LABELS)
    assert sum(int(of["sample"]) for of in sizes.values()) == 300
    assert all(float(of["area_m2"]) == 100 * int(of["units"]) for of in sizes.values())
    assert "300 points of cells" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["geojson", "kml", "gpkg"])
def test_other_formats_hold_the_same(
    earlier: Path, later: Path, tmp_path: Path, ending: str
) -> None:
    table, output = tmp_path / "sample.csv", tmp_path / f"a & b <c>.{ending}"
    assert draw(earlier, later, table) == draw(earlier, later, output) == 0
    layer = "points" if ending == "gpkg" else None
    meta, _, wkb, columns = pyogrio.raw.read(output, layer=layer)
    names = [str(name) for name in meta["fields"]]
    expected = by_id(table)
    read = dict(zip(names, columns, strict=True))
    points = shapely.from_wkb(wkb)
    assert len(points) == 300
    place = ("x", "y") if ending == "gpkg" else ("lon", "lat")
    numbers = {"x", "y", "lon", "lat", "inclusion_probability", "weight"}
    for n, point in enumerate(points):
        row = expected[str(int(read["id" if "id" in read else "Name"][n]))]
        assert (point.x, point.y) == tuple(float(row[name]) for name in place)
        for name in COLUMNS[1:10]:
            value = read[name][n]
            assert float(value) == float(row[name]) if name in numbers else str(value) == row[name]
        for name in LABELS:
            value = read[name][n]
            assert value is None or value == "" or np.isnan(value)


def test_geojson_is_utf8_json(earlier: Path, later: Path, tmp_path: Path) -> None:
    output = tmp_path / "sample.geojson"
    assert draw(earlier, later, output) == 0
    collection = json.loads(output.read_text())
    assert collection["type"] == "FeatureCollection"
    assert list(collection["features"][0]["properties"]) == COLUMNS


def test_a_geopackage_has_strata_and_a_form(earlier: Path, later: Path, tmp_path: Path) -> None:
    output, strata = tmp_path / "sample.gpkg", tmp_path / "strata.csv"
    assert draw(earlier, later, output, "--strata", strata) == 0
    layers = dict(pyogrio.list_layers(output).tolist())
    assert layers == {"points": "Point", "strata": None, "layer_styles": None}
    assert pyogrio.read_info(output, layer="points")["crs"] == "EPSG:3035"
    with closing(sqlite3.connect(output)) as connection:
        stored = connection.execute("SELECT stratum, cells, area_m2, sample FROM strata").fetchall()
        ((table, geometry, by_default, qml),) = connection.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert [tuple(map(str, row)) for row in stored] == [
        (r["stratum"], r["units"], r["area_m2"], r["sample"]) for r in rows(strata)
    ]
    assert (table, geometry, by_default) == ("points", "geom", 1)
    style = ElementTree.fromstring(qml)
    widgets = {
        field.get("name"): field.find("editWidget")
        for field in style.iterfind("fieldConfiguration/field")
    }
    assert list(widgets) == COLUMNS
    for name in ("reference_earlier", "reference_later"):
        widget = widgets[name]
        assert widget is not None
        assert widget.get("type") == "ValueMap"
        values = [
            option.get("value")
            for option in widget.iterfind(".//Option[@name='map']/Option/Option")
        ]
        assert values == [str(code) for code in range(1, 12)]
    editable = {
        field.get("name")
        for field in style.iterfind("editable/field")
        if field.get("editable") == "1"
    }
    assert editable == set(LABELS)
    form = [field.get("name") for field in style.iterfind(".//attributeEditorField")]
    assert sorted(map(str, form)) == sorted(COLUMNS)


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg"])
def test_a_blind_file_does_not_tell_the_map(
    earlier: Path, later: Path, tmp_path: Path, ending: str
) -> None:
    output, key, seen = tmp_path / f"blind.{ending}", tmp_path / "key.csv", tmp_path / "seen.csv"
    assert draw(earlier, later, output, "--blind", "--key", key) == 0
    assert draw(earlier, later, seen) == 0
    layer = "points" if ending == "gpkg" else None
    fields = [str(name) for name in pyogrio.read_info(output, layer=layer)["fields"]]
    assert set(COLUMNS) - set(fields) == TELLING
    assert key.read_bytes() == seen.read_bytes()


def test_one_edition_has_one_map_and_one_reference(earlier: Path, tmp_path: Path) -> None:
    output = tmp_path / "sample.csv"
    assert sample("draw", earlier, "--points", 200, "--seed", 1, "-o", output) == 0
    found = rows(output)
    assert list(found[0])[6:] == [
        "map", "inclusion_probability", "weight", "reference", "confidence", "interpreter", "note",
    ]  # fmt: skip
    assert {row["stratum"] for row in found} == {"sealed", "buffer", "unsealed"}
    assert {row["map"] == "1" for row in found if row["stratum"] == "sealed"} == {True}


def test_other_designs(earlier: Path, later: Path, tmp_path: Path) -> None:
    observed = int(((EARLIER < 12) & (LATER < 12)).sum())
    for design, arguments in {
        "simple": ["--points", 100],
        "systematic": ["--points", 100],
        "two-stage": ["--points", 5, "--units", 10, "--unit-km", 0.1],
    }.items():
        output, strata = tmp_path / f"{design}.csv", tmp_path / f"{design}-strata.csv"
        common = ["--seed", 1, "--design", design, "-o", output, "--strata", strata]
        assert sample("draw", earlier, later, *common, *arguments) == 0
        (stratum,) = rows(strata)
        assert (stratum["stratum"], stratum["units"]) == ("observed", str(observed))
        found = rows(output)
        assert int(stratum["sample"]) == len(found)
        # The weights estimate the number of cells: exactly where all chances are n / N.
        total = sum(float(row["weight"]) for row in found)
        assert total == pytest.approx(observed, rel=1e-9 if design == "simple" else 0.25)
    assert {int(row["unit"]) for row in found} <= set(range(1, 31))
    assert len(DESIGNS) == 4


def test_points_by_stratum_and_by_half_width(earlier: Path, later: Path, tmp_path: Path) -> None:
    output, strata = tmp_path / "sample.csv", tmp_path / "strata.csv"
    common = ["draw", earlier, later, "--seed", 1, "-o", output, "--strata", strata]
    assert sample(*common, "--points", "gain=7", "loss=5") == 0
    assert {r["stratum"]: int(r["sample"]) for r in rows(strata)} == {
        "stable_sealed": 0, "gain": 7, "loss": 5, "buffer": 0, "stable_unsealed": 0,
    }  # fmt: skip
    expected = ["--expected", "gain=0.5", "buffer=0.1", "--minimum", 2]
    assert sample(*common, "--half-width", 0.2, *expected) == 0
    total = len(rows(output))
    assert sample(*common, "--points", total, *expected[-2:]) == 0
    assert len(rows(output)) == total


def test_zones_limit_a_draw(earlier: Path, later: Path, tmp_path: Path) -> None:
    zones = write_zones(
        tmp_path / "zones.gpkg",
        {"a": shapely.box(WEST + 100, NORTH - 300, WEST + 200, NORTH - 200)},
    )
    output = tmp_path / "sample.csv"
    common = ["--zones", zones, "--seed", 1, "-o", output, "--design", "simple"]
    assert sample("draw", earlier, later, "--points", 20, *common) == 0
    for row in rows(output):
        assert WEST + 100 < float(row["x"]) < WEST + 200
        assert NORTH - 300 < float(row["y"]) < NORTH - 200


def test_strata_are_counted(earlier: Path, later: Path, tmp_path: Path, capsys: Any) -> None:
    assert sample("strata", earlier, later) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "stratum,units,area_m2,sample"
    cells = sum(int(line.split(",")[1]) for line in lines[1:])
    assert cells == ((EARLIER < 12) & (LATER < 12)).sum()


def test_plans(tmp_path: Path, capsys: Any) -> None:
    assert sample("plan", "--share", 0.05, "--format", "json") == 0
    plan = json.loads(capsys.readouterr().out)
    assert [one["points"] for one in plan["plans"]] == [7300, 1168]
    strata = tmp_path / "strata.csv"
    strata.write_text("stratum,units\nsealed,1000\nunsealed,3000\n")
    expected = ["--expected", "sealed=0.5", "unsealed=0.1", "--allocation", "equal"]
    assert sample("plan", strata, "--points", 200, *expected, "--format", "json") == 0
    (one,) = json.loads(capsys.readouterr().out)["plans"]
    variance = 0.25**2 * 0.9 * 0.25 / 100 + 0.75**2 * (1 - 100 / 3000) * 0.09 / 100
    assert one["half_width"] == pytest.approx(1.96 * variance**0.5, rel=1e-14)
    assert one["half_width_relative"] == pytest.approx(one["half_width"] / 0.2, rel=1e-14)
    assert [row["points"] for row in one["strata"]] == [100, 100]
    assert sample("plan", strata, "--half-width", 0.5, *expected) == 0
    assert "points: half-width" in capsys.readouterr().out


def test_the_rule_buffer_takes_the_names_of_the_file(tmp_path: Path, capsys: Any) -> None:
    strata = tmp_path / "strata.csv"
    strata.write_text("stratum,units\nsealed,1000\nbuffer,3000\nunsealed,9000\n")
    expected = ["--expected", "sealed=0.5", "--allocation", "buffer", "--format", "json"]
    assert sample("plan", strata, "--points", 200, *expected) == 0
    (one,) = json.loads(capsys.readouterr().out)["plans"]
    assert [row["points"] for row in one["strata"]] == [50, 80, 70]


def test_a_draw_is_for_change_unless_another_rule_is_named(
    earlier: Path, later: Path, tmp_path: Path
) -> None:
    output, strata = tmp_path / "out.csv", tmp_path / "strata.csv"
    arguments = ["--points", 300, "--seed", 1, "-o", output, "--strata", strata]
    assert sample("draw", earlier, later, *arguments) == 0
    size = {row["stratum"]: int(row["units"]) for row in rows(strata)}
    drawn = [row["stratum"] for row in rows(output)]
    points = {name: drawn.count(name) for name in size}
    assert list(points.values()) == allocation.allocated(
        300, list(size.values()), rule="buffer", names=list(size)
    )
    named = tmp_path / "named.csv"
    assert (
        sample("draw", earlier, later, *arguments[:4], "-o", named, "--allocation", "buffer") == 0
    )
    assert named.read_bytes() == output.read_bytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stratum,units\na,1\na,2\n", "each name once"),
        ("stratum,units\na,1.5\n", "whole number"),
        ("stratum,units\na,-1\n", "whole number"),
        ("stratum,units\n", "rows below it"),
        ("stratum,area\na,5\n", "a column 'units'"),
        ("stratum\na\n", "a column 'units' or 'area'"),
        ("name,units\na,5\n", "stratum"),
    ],
)
def test_strata_that_nothing_can_be_planned_for(
    tmp_path: Path, capsys: Any, text: str, message: str
) -> None:
    strata = tmp_path / "strata.csv"
    strata.write_text(text)
    assert sample("plan", strata, "--points", 10, "--expected", "a=0.5") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert message in err


def test_a_repaired_zone_is_said(earlier: Path, tmp_path: Path, capsys: Any) -> None:
    bow_tie = shapely.Polygon(
        [(WEST, NORTH), (WEST + 300, NORTH - 300), (WEST + 300, NORTH), (WEST, NORTH - 300)]
    )
    zones = write_zones(tmp_path / "zones.gpkg", {"a": bow_tie})
    output = tmp_path / "out.csv"
    arguments = ["--points", 5, "--design", "simple", "--zones", zones, "--seed", 1]
    assert sample("draw", earlier, *arguments, "-o", output) == 0
    err = capsys.readouterr().err
    assert "repaired" in err
    assert "--id-field" not in err
    assert len(rows(output)) == 5


BAD: dict[str, tuple[list[str], str]] = {
    "seed": (["--points", "10", "--seed", "lucky"], "seed: found 'lucky'"),
    "negative seed": (["--points", "10", "--seed=-3"], "seed: found '-3'"),
    "more than there are": (["--points", "4000"], "at most the"),
    "fewer than minima": (["--points", "20", "--allocation", "change"], "at least"),
    "more than a stratum has": (["--points", "gain=900"], "stratum gain: found"),
    "unknown stratum": (["--points", "grain=9"], "'grain'"),
    "buffer too wide": (["--points", "10", "--buffer-m", "5000"], "buffer"),
    "buffer no number": (["--points", "10", "--buffer-m", "nan"], "buffer"),
    "spacing": (["--design", "systematic", "--spacing-m", "15"], "spacing"),
    "spacing too wide": (["--design", "systematic", "--spacing-m", "1e300"], "spacing"),
    "units": (
        ["--design", "two-stage", "--units", "900", "--unit-km", "0.1", "--points", "1"],
        "primary units",
    ),
    "no expected share": (["--points", "300", "--allocation", "neyman"], "expected shares"),
    "expected of no stratum": (
        ["--half-width", "0.1", "--expected", "grain=0.5"],
        "'grain'",
    ),
    "no zones": (["--points", "10", "--zones", "nowhere.gpkg"], "nowhere.gpkg"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_no_file(
    earlier: Path, later: Path, tmp_path: Path, capsys: Any, name: str
) -> None:
    arguments, message = BAD[name]
    output = tmp_path / "out.csv"
    before = sorted(tmp_path.iterdir())
    assert sample("draw", earlier, later, "-o", output, *arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert message in err
    assert sorted(tmp_path.iterdir()) == before


def test_a_stratum_without_a_cell_is_said(earlier: Path, tmp_path: Path, capsys: Any) -> None:
    output = tmp_path / "out.csv"
    assert sample("draw", earlier, earlier, "--points", "gain=5", "-o", output) == 1
    assert "stratum gain: found no cell" in capsys.readouterr().err


def test_rasters_that_do_not_fit(earlier: Path, tmp_path: Path, capsys: Any) -> None:
    shifted = write_raster(tmp_path / "shifted.tif", LATER, west=WEST + 10)
    degrees = write_raster(
        tmp_path / "degrees.tif", LATER, crs="EPSG:4326", west=2, north=48, size=1e-4
    )
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    for path, message in ((shifted, "shifted"), (degrees, "projected"), (text, "text.tif")):
        output = tmp_path / "out.csv"
        assert sample("draw", earlier, path, "--points", 10, "-o", output) == 1
        assert message in capsys.readouterr().err
        assert not output.exists()


def test_zones_elsewhere(earlier: Path, tmp_path: Path, capsys: Any) -> None:
    zones = write_zones(tmp_path / "zones.gpkg", {"a": shapely.box(4e6, 3e6, 4.1e6, 3.1e6)})
    output = tmp_path / "out.csv"
    assert sample("draw", earlier, "--points", 10, "--zones", zones, "-o", output) == 1
    assert "zones: found no cell" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_leaves_none(
    earlier: Path, later: Path, tmp_path: Path, capsys: Any
) -> None:
    output, folder = tmp_path / "out.gpkg", tmp_path / "folder.csv"
    output.write_text("what was there")
    folder.mkdir()
    assert draw(earlier, later, output, "--strata", folder) == 1
    assert "folder.csv" in capsys.readouterr().err
    assert output.read_text() == "what was there"
    assert {path.name for path in tmp_path.iterdir()} == {
        "2018.tif", "2021.tif", "out.gpkg", "folder.csv",
    }  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ["--points", "0"],
        ["--points", "many"],
        ["--points", "5", "gain=5"],
        ["--points", "gain=5", "gain=6"],
        ["--points", "5", "--half-width", "0.1"],
        [],
        ["--points", "5", "--design", "cluster"],
        ["--points", "5", "--design", "two-stage"],
        ["--points", "5", "--design", "simple", "--minimum", "3"],
        ["--points", "5", "--expected", "gain=2"],
        ["--points", "5", "-o", "sample.xlsx"],
        ["--points", "5", "-o", "no/such/folder.csv"],
    ],
)
def test_bad_usage_ends_with_two(earlier: Path, tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        sample("draw", earlier, "-o", tmp_path / "out.csv", *arguments)
    assert ended.value.code == 2


def test_inputs_are_not_overwritten(earlier: Path, later: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        draw(earlier, later, earlier.parent / "x.csv", "--key", later)
    assert ended.value.code == 2


@pytest.mark.parametrize("ending", ["csv", "gpkg"])
def test_a_draw_is_read_back(earlier: Path, later: Path, tmp_path: Path, ending: str) -> None:
    output = tmp_path / f"sample.{ending}"
    assert draw(earlier, later, output) == 0
    points = labels.read_drawn(output)
    assert list(points) == list(range(1, 301))
    assert labels.read_labels(output, points, cell_width=10, cell_height=10) == []


@pytest.mark.parametrize("step", ["plan", "strata", "draw"])
def test_the_help_shows_per_cent_signs_once(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sample", step, "--help"])
    text = capsys.readouterr().out
    assert "%%" not in text
    assert "usage" in text


def test_other_codes_may_stand_for_what_is_not_observed(tmp_path: Path, capsys: Any) -> None:
    clipped = write_raster(tmp_path / "clipped.tif", np.where(EARLIER == 2, 0, EARLIER))
    marked = write_raster(tmp_path / "marked.tif", np.where(EARLIER == 2, 254, EARLIER))
    output = tmp_path / "strata.csv"
    assert sample("strata", clipped, "-o", output) == 1
    assert "code 0" in capsys.readouterr().err
    assert sample("strata", clipped, "--missing", 0, "-o", output) == 0
    found = rows(output)
    assert sample("strata", marked, "-o", output) == 0
    assert found == rows(output)
    assert sum(int(row["units"]) for row in found) == np.isin(EARLIER, (1, 6, 11)).sum()
