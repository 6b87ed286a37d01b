"""``python -m analytics change``: its files, and one clear line for what cannot be filtered."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio
import shapely
from scipy import ndimage
from shapely.geometry import box

from analytics.__main__ import main
from analytics.patches import accepted_change, vector_files
from tests import oracle
from tests.analytics.test_cli_zonal import write_zones
from tests.rasters import NORTH, WEST, write_raster

HEIGHT, WIDTH = 60, 45
SOUTH, EAST = NORTH - 10 * HEIGHT, WEST + 10 * WIDTH
ZONES = {
    "01": box(WEST, SOUTH, WEST + 203, NORTH),
    "=cmd": shapely.Polygon([(WEST + 11, SOUTH + 8), (EAST + 97, SOUTH + 30), (WEST + 40, NORTH)]),
}
"""The western part, and a triangle that reaches beyond the raster."""


def codes(seed: int) -> Any:
    random = np.random.default_rng(seed)
    coarse = random.choice(np.array([1, 1, 2, 6]), (HEIGHT // 3, WIDTH // 3))
    found = coarse.repeat(3, 0).repeat(3, 1)
    found[random.random(found.shape) < 0.02] = 255
    return found.astype(np.uint8)


EARLIER, LATER = codes(1), codes(2)
SURE = np.random.default_rng(3).choice(np.array([20, 80, 254], dtype=np.uint8), EARLIER.shape)
SEEN = (EARLIER < 12) & (LATER < 12)
CHANGE = {
    "gain": SEEN & (EARLIER != 1) & (LATER == 1),
    "loss": SEEN & (EARLIER == 1) & (LATER != 1),
}
FILTER = ("--mmu-ha", "0.15", "--min-width-m", "30", "--connectivity", "8")


def accepted(kind: str, sure: bool = False) -> Any:
    """Numbers of the accepted patches of a kind, from a label of the whole raster; 0 elsewhere."""
    cells = CHANGE[kind] & (SURE == 80) if sure else CHANGE[kind]
    labels, count = ndimage.label(cells, structure=np.ones((3, 3)))
    for label in range(1, count + 1):
        inside = labels == label
        square = ndimage.binary_opening(inside, np.ones((3, 3))).any()
        if inside.sum() < 15 or not square:
            labels[inside] = 0
    return labels


@pytest.fixture(autouse=True)
def small_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepted_change, "STRIP_CELLS", 7 * WIDTH)
    monkeypatch.setattr(accepted_change, "COG_BLOCK", 1)
    monkeypatch.setattr(vector_files, "BATCH", 2)


@pytest.fixture
def pair(tmp_path: Path) -> list[Path]:
    return [
        write_raster(tmp_path / f"{year}.tif", cells, blockysize=1)
        for year, cells in ((2018, EARLIER), (2021, LATER))
    ]


def change(*arguments: object) -> int:
    return main(["change", *map(str, arguments)])


def test_a_raster_of_accepted_change(tmp_path: Path, pair: list[Path], capfd: Any) -> None:
    out = tmp_path / "change.tif"
    assert change(*pair, *FILTER, "-o", out) == 0
    assert capfd.readouterr() == ("", "")
    with rasterio.open(out) as dataset, rasterio.open(pair[0]) as source:
        found = dataset.read(1)
        assert (dataset.crs, dataset.transform) == (source.crs, source.transform)
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dataset.nodata == 255
        assert dataset.colormap(1)[1] != dataset.colormap(1)[2]
    expected = (accepted("gain") > 0) + 2 * (accepted("loss") > 0)
    assert set(np.unique(expected)) == {0, 1, 2}
    np.testing.assert_array_equal(found, np.where(SEEN, expected, 255))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "2018.tif",
        "2021.tif",
        "change.tif",
    ]


def rows_of(path: Path) -> tuple[dict[str, list[Any]], Any]:
    """Columns and geometries of a file, ordered by id."""
    if path.suffix == ".gpkg":
        meta, _, wkb, values = pyogrio.raw.read(path)
        assert meta["crs"] == "EPSG:3035"
        columns = {
            name: [None if v != v else v for v in column.tolist()]
            for name, column in zip(meta["fields"].tolist(), values, strict=True)
        }
        geometries = shapely.from_wkb(wkb)
    else:
        table = pq.read_table(path)
        geo = json.loads(table.schema.metadata[b"geo"])
        assert geo["columns"]["geometry"]["crs"]["id"] == {"authority": "EPSG", "code": 3035}
        columns = table.drop_columns("geometry").to_pydict()
        geometries = shapely.from_wkb(table["geometry"].to_numpy())
    order = np.argsort(columns["id"])
    return {name: [v[n] for n in order] for name, v in columns.items()}, geometries[order]


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
@pytest.mark.parametrize("sure", [False, True])
def test_patches_as_polygons(tmp_path: Path, pair: list[Path], ending: str, sure: bool) -> None:
    out = tmp_path / f"patches.{ending}"
    layer = write_raster(tmp_path / "sure.tif", SURE, blockysize=1)
    options = ["--confidence", layer, *(["--min-confidence", "80"] if sure else [])]
    mmu = ["--mmu-ha", "0", "--connectivity", "8"] if sure else FILTER
    assert change(*pair, *mmu, *options, "-o", out) == 0
    columns, outlines = rows_of(out)
    assert list(columns) == [
        "id",
        "kind",
        "former",
        "later",
        "cells",
        "area_m2",
        "width",
        "confidence",
    ]  # fmt: skip
    expected: dict[int, tuple[str, Any]] = {}
    for kind, cells in CHANGE.items():
        labels = (
            ndimage.label(cells & (SURE == 80), structure=np.ones((3, 3)))[0]
            if sure
            else accepted(kind)
        )
        for label in set(labels[labels > 0].tolist()):
            inside = labels == label
            expected[int(np.flatnonzero(inside)[0]) + 1] = (kind, inside)
    assert columns["id"] == sorted(expected)
    assert len(expected) > 5
    for n, number in enumerate(columns["id"]):
        kind, inside = expected[number]
        other = np.bincount((EARLIER if kind == "gain" else LATER)[inside]).argmax()
        assert columns["kind"][n] == kind
        classes = (columns["former"][n], columns["later"][n])
        assert classes == ((other, 1) if kind == "gain" else (1, other))
        assert (columns["cells"][n], columns["area_m2"][n]) == (inside.sum(), 100 * inside.sum())
        known = SURE[inside & (SURE < 101)]
        assert columns["confidence"][n] == (known.mean() if len(known) else None)
        outline = outlines[n]
        assert outline.geom_type == "MultiPolygon"
        assert outline.is_valid
        assert outline.area == 100 * inside.sum()
        painted = oracle.mask(outline, shape=inside.shape, x0=WEST, y0=NORTH)
        np.testing.assert_array_equal(painted, inside)


def test_a_straight_side_has_no_corner_in_its_middle(tmp_path: Path) -> None:
    later = np.full((8, 9), 3, dtype=np.uint8)
    later[1:7, 2:8] = 1
    rasters = [
        write_raster(tmp_path / f"{n}.tif", cells)
        for n, cells in enumerate((np.full_like(later, 3), later))
    ]
    assert change(*rasters, "--mmu-ha", "0", "-o", tmp_path / "a.gpkg") == 0
    columns, outlines = rows_of(tmp_path / "a.gpkg")
    square = box(WEST + 20, NORTH - 70, WEST + 80, NORTH - 10)
    assert outlines[0].equals(square)
    assert shapely.get_num_coordinates(outlines[0]) == 5
    assert columns["width"] == [60.0]


@pytest.mark.parametrize("ending", ["gpkg", "parquet", "tif"])
def test_no_patch_gives_an_empty_file(tmp_path: Path, pair: list[Path], ending: str) -> None:
    out = tmp_path / f"none.{ending}"
    assert change(*pair, "--mmu-ha", "1e6", "-o", out) == 0
    if ending == "tif":
        with rasterio.open(out) as dataset:
            assert set(np.unique(dataset.read(1)).tolist()) == {0, 255}
    else:
        columns, outlines = rows_of(out)
        assert (columns["id"], len(outlines)) == ([], 0)


@pytest.mark.parametrize("sure", [False, True])
def test_zones_have_raw_and_accepted_cells(
    tmp_path: Path, pair: list[Path], capfd: Any, sure: bool
) -> None:
    zones = write_zones(tmp_path / "zones.gpkg", ZONES)
    out = tmp_path / "change.csv"
    layer = write_raster(tmp_path / "sure.tif", SURE, blockysize=1)
    options = ["--confidence", layer, "--min-confidence", "80"] if sure else []
    label = "0.15ha-30m-8-confidence80" if sure else "0.15ha-30m-8"
    assert change(*pair, *FILTER, *options, "--zones", zones, "--id-field", "code", "-o", out) == 0
    with out.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["zone", "filter", "gain_cells", "loss_cells", "net_cells"]
    expected = []
    for name, shown in (("01", "01"), ("=cmd", "'=cmd")):
        inside = oracle.mask(ZONES[name], shape=EARLIER.shape, x0=WEST, y0=NORTH)
        raw = [int((cells & inside).sum()) for cells in CHANGE.values()]
        kept = [int(((accepted(kind, sure) > 0) & inside).sum()) for kind in CHANGE]
        expected.append([shown, "raw", *raw, raw[0] - raw[1]])
        expected.append([shown, label, *kept, kept[0] - kept[1]])
    assert [[*row[:2], *map(int, row[2:])] for row in rows[1:]] == expected
    assert "1 of 2 zones lie partly outside" in capfd.readouterr().err


def test_a_border_of_a_zone_cuts_no_patch(tmp_path: Path) -> None:
    """A zone has its cells of a patch that is large enough only as a whole."""
    later = np.full((8, 12), 3, dtype=np.uint8)
    later[1:6, 1:11] = 1
    rasters = [
        write_raster(tmp_path / f"{n}.tif", cells)
        for n, cells in enumerate((np.full_like(later, 3), later))
    ]
    zone = box(WEST, NORTH - 80, WEST + 30, NORTH)
    zones = write_zones(tmp_path / "zones.gpkg", {"a": zone})
    out = tmp_path / "change.csv"
    options = ("--zones", zones, "--id-field", "code", "-o", out)
    assert change(*rasters, "--mmu-ha", "0.5", *options) == 0
    assert out.read_text().splitlines()[1:] == ["a,raw,10,0,10", "a,0.5ha-0m-4,10,0,10"]
    assert change(*rasters, "--mmu-ha", "0.51", *options) == 0
    assert out.read_text().splitlines()[1:] == ["a,raw,10,0,10", "a,0.51ha-0m-4,0,0,0"]


def shifted(tmp_path: Path, cells: Any) -> Path:
    return write_raster(tmp_path / "shifted.tif", cells, west=WEST + 10)


BAD_INPUT = {
    "other grid": "shifted.tif: found 45 × 60 cells",
    "confidence on another grid": "shifted.tif: found 45 × 60 cells",
    "wrong code": "wrong.tif: found code 77; expected codes 1 to 11, 253, 254, 255",
    "broken": "broken.tif: found rows",
    "no raster": "2018.txt",
    "zones that fail": "found fields code; expected a field 'nothing'",
    "no folder": "expected room and permission to write there",
    "an input": "found one of the files to be read",
    "a folder": "; expected ",
}


@pytest.mark.parametrize(
    ("case", "words", "ending"),
    [
        (case, words, ending)
        for case, words in BAD_INPUT.items()
        for ending in ("gpkg", "parquet", "tif", "csv")
        # Zones are for tables.
        if ending == "csv" or case != "zones that fail"
    ],
)
def test_bad_input_gives_one_line_and_leaves_nothing(
    tmp_path: Path, pair: list[Path], capfd: Any, ending: str, case: str, words: str
) -> None:
    zones = write_zones(tmp_path / "zones.gpkg", ZONES)
    earlier, later = pair
    out, options, field = tmp_path / f"out.{ending}", [], "code"
    if case == "other grid":
        later = shifted(tmp_path, LATER)
    elif case == "confidence on another grid":
        options = ["--confidence", shifted(tmp_path, SURE)]
    elif case == "wrong code":
        later = write_raster(tmp_path / "wrong.tif", np.where(LATER == 6, 77, LATER))
    elif case == "broken":
        noise = np.random.default_rng(1).choice(np.array([1, 2, 3, 4, 5, 6, 7]), (600, 450))
        later = write_raster(tmp_path / "broken.tif", noise, compress="deflate", blockysize=1)
        earlier = write_raster(tmp_path / "whole.tif", noise)
        later.write_bytes(later.read_bytes()[: later.stat().st_size * 2 // 3])
    elif case == "no raster":
        earlier = tmp_path / "2018.txt"
        earlier.write_text("text")
    elif case == "zones that fail":
        field = "nothing"
    elif case == "no folder":
        out = tmp_path / "nowhere" / out.name
    elif case == "an input":
        earlier = earlier.rename(tmp_path / f"input.{ending}")
        out = tmp_path / "sub" / ".." / earlier.name
        (tmp_path / "sub").mkdir()
    elif case == "a folder":
        out.mkdir()
    if ending == "csv":
        options += ["--zones", zones, "--id-field", field]
    before = sorted(tmp_path.rglob("*"))
    assert change(earlier, later, *options, "-o", out) == 1
    printed, said = capfd.readouterr()
    assert printed == ""
    assert words in said.splitlines()[-1]
    assert len([line for line in said.splitlines() if "partly outside" not in line]) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_what_was_there_stays_after_an_error(tmp_path: Path, pair: list[Path]) -> None:
    out = tmp_path / "out.tif"
    out.write_text("what was there")
    wrong = write_raster(tmp_path / "wrong.tif", np.full_like(LATER, 99))
    assert change(pair[0], wrong, "-o", out) == 1
    assert out.read_text() == "what was there"


@pytest.mark.parametrize(
    "options",
    [
        ["-o", "out.shp"],
        ["-o", "out"],
        [],
        ["-o", "out.csv"],
        ["-o", "out.tif", "--zones", "zones.gpkg"],
        ["-o", "out.tif", "--id-field", "code"],
        ["-o", "out.tif", "--mmu-ha", "-1"],
        ["-o", "out.tif", "--mmu-ha", "nan"],
        ["-o", "out.tif", "--mmu-ha", "inf"],
        ["-o", "out.tif", "--mmu-ha", "much"],
        ["-o", "out.tif", "--min-width-m", "-0.1"],
        ["-o", "out.tif", "--connectivity", "6"],
        ["-o", "out.tif", "--min-confidence", "50"],
        ["-o", "out.tif", "--confidence", "sure.tif", "--min-confidence", "101"],
        ["-o", "out.tif", "--confidence", "sure.tif", "--min-confidence", "5.5"],
        ["-o", "out.tif", "--jobs", "0"],
    ],
)
def test_bad_usage_ends_with_status_2(pair: list[Path], options: list[str], capfd: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        change(*pair, *options)
    assert ended.value.code == 2
    assert "change: error: " in capfd.readouterr().err


def test_a_threshold_beyond_sense_is_an_error(tmp_path: Path, pair: list[Path], capfd: Any) -> None:
    assert change(*pair, "--mmu-ha", "1e308", "-o", tmp_path / "out.tif") == 1
    assert capfd.readouterr().err == (
        "minimum mapping unit: found 1e+308; expected a number from 0 to 1e+12\n"
    )


def test_other_codes_may_stand_for_what_is_not_observed(tmp_path: Path, capsys: Any) -> None:
    """Cells that were clipped are often 0: an unknown code, unless it is named."""
    outside = np.zeros(EARLIER.shape, dtype=bool)
    outside[:, :9] = True
    clipped, marked = (
        [
            write_raster(tmp_path / f"{name}-{n}.tif", np.where(outside, code, cells))
            for n, cells in enumerate((EARLIER, LATER))
        ]
        for name, code in (("clipped", 0), ("marked", 255))
    )
    outputs = [tmp_path / "clipped.tif", tmp_path / "marked.tif"]
    assert main(["change", *map(str, clipped), "-o", str(outputs[0])]) == 1
    assert "code 0" in capsys.readouterr().err
    assert not outputs[0].exists()
    assert main(["change", *map(str, clipped), "--missing", "0", "-o", str(outputs[0])]) == 0
    assert main(["change", *map(str, marked), "-o", str(outputs[1])]) == 0
    one, other = (rasterio.open(path).read(1) for path in outputs)
    assert (one == other).all()
    assert (one[:, :9] == 255).all()
    assert (one == 1).any()
