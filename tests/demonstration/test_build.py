"""A region is whole or not there; the same seed gives the same one; other files stay untouched."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import rasterio
import shapely

from demonstration import build as door
from demonstration import files
from demonstration.build import build
from demonstration.grids.frame import Frame

from .conftest import SEED, SIZE_KM, YEARS, read


def test_same_seed_gives_the_same_cells_geometries_and_names(region: Path, tmp_path: Path) -> None:
    again = build(folder=tmp_path / "again", seed=SEED, size_km=SIZE_KM)
    files = json.loads((region / "metadata.json").read_text())["files"]
    assert files == json.loads((again / "metadata.json").read_text())["files"]
    for name in files:
        if name.endswith(".tif"):
            np.testing.assert_array_equal(read(region / name), read(again / name))
        elif name.endswith(".gpkg"):
            one, other = (pyogrio.raw.read(folder / name) for folder in (region, again))
            np.testing.assert_array_equal(one[2], other[2])
            for mine, theirs in zip(one[3], other[3], strict=True):
                np.testing.assert_array_equal(mine, theirs)
        else:
            assert (region / name).read_bytes() == (again / name).read_bytes()
    assert (region / "metadata.json").read_bytes() == (again / "metadata.json").read_bytes()


def test_another_seed_gives_another_region(region: Path, tmp_path: Path) -> None:
    other = build(folder=tmp_path / "other", seed=SEED + 1, size_km=6)
    same_size = build(folder=tmp_path / "same", seed=SEED, size_km=6)
    assert (read(other / "truth/2018.tif") != read(same_size / "truth/2018.tif")).mean() > 0.3


def test_a_complete_region_is_returned_at_once(
    region: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr(door, "_make", refuse)
    assert build(folder=region, seed=SEED, size_km=SIZE_KM) == region
    with pytest.raises(AssertionError, match="made again"):
        build(folder=region, seed=SEED + 1, size_km=SIZE_KM)
    # The region that was there has survived the failure of its replacement.
    assert build(folder=region, seed=SEED, size_km=SIZE_KM) == region


def test_a_region_that_lost_a_file_is_not_complete(region: Path, tmp_path: Path) -> None:
    files = json.loads((region / "metadata.json").read_text())["files"]
    damaged = tmp_path / "damaged"
    for name in [*files, "metadata.json"]:
        (damaged / name).parent.mkdir(parents=True, exist_ok=True)
        (damaged / name).write_bytes((region / name).read_bytes())
    assert door._is_complete(damaged, Frame(SIZE_KM, SEED))
    (damaged / "population.csv").unlink()
    assert not door._is_complete(damaged, Frame(SIZE_KM, SEED))


def test_crash_in_the_middle_leaves_nothing_that_looks_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    target = tmp_path / "region"
    with monkeypatch.context() as patched:
        patched.setattr(files, "write_tiles", crash)
        with pytest.raises(OSError, match="no space"):
            build(folder=target, seed=SEED, size_km=6)
    assert not target.exists()
    assert not list(tmp_path.rglob("metadata.json"))
    assert not list(tmp_path.rglob("*.tif"))


def test_a_killed_build_is_taken_up_again(tmp_path: Path) -> None:
    target = tmp_path / "region"
    script = (
        "import os, sys; from pathlib import Path\n"
        "from demonstration.build import build\n"
        "def progress(step, share):\n"
        "    if share > 0.8: os._exit(9)\n"
        f"build(folder=Path(sys.argv[1]), seed={SEED}, size_km=6, progress=progress)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(target)], check=False)
    assert killed.returncode == 9
    left = list(tmp_path.rglob("*.tif"))
    assert left  # it died with files written, not before
    assert not target.exists()
    build(folder=target, seed=SEED, size_km=6)
    assert door._is_complete(target, Frame(6, SEED))
    assert not [path for path in left if path.exists()]


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")
    with pytest.raises(FileExistsError, match="something else"):
        build(folder=tmp_path / "mine", seed=SEED, size_km=6)
    assert (tmp_path / "mine/letter.txt").read_text() == "dear"


def test_too_small_a_region_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="smallest"):
        build(folder=tmp_path / "tiny", size_km=3)


@pytest.mark.parametrize("year", YEARS)
def test_rasters_are_on_the_grid_with_the_official_colours(region: Path, year: int) -> None:
    paths = [region / f"truth/{year}.tif", *(region / f"editions/{year}").glob("*.tif")]
    assert len(paths) > 1
    for path in paths:
        with rasterio.open(path) as file:
            assert file.crs.to_epsg() == 3035
            assert (file.transform.a, file.transform.e) == (10, -10)
            assert file.transform.c % 10 == 0
            assert file.transform.f % 10 == 0
            assert file.nodata == 255
            assert file.dtypes == ("uint8",)
            assert file.block_shapes == [(512, 512)]
            assert file.colormap(1)[1] == (255, 0, 0, 255)
            assert file.colormap(1)[253] == (191, 223, 255, 255)


def test_tiles_of_2023_tile_the_region_exactly(region: Path) -> None:
    covered = 0.0
    boxes = []
    for path in sorted((region / "editions/2023").glob("*.tif")):
        match = re.fullmatch(
            r"CLMS_CLCPLUS_RAS_S2023_R10m_E(\d\d)N(\d\d)_03035_V01_R00\.tif", path.name
        )
        assert match
        with rasterio.open(path) as file:
            box = shapely.box(*file.bounds)
        east, north = (int(part) * 100_000 for part in match.groups())
        assert shapely.box(east, north, east + 100_000, north + 100_000).covers(box)
        boxes.append(box)
        covered += box.area
    assert len(boxes) == 4
    bounds = json.loads((region / "metadata.json").read_text())["bounds_epsg_3035"]
    assert covered == (SIZE_KM * 1000) ** 2
    assert shapely.union_all(boxes).equals(shapely.box(*bounds))


def test_metadata_says_that_all_is_synthetic_and_where_accuracy_comes_from(region: Path) -> None:
    metadata = json.loads((region / "metadata.json").read_text(encoding="utf-8"))
    assert "synthetic" in metadata["statement"]
    assert "not published" in metadata["editions"]["2023"]["accuracy_source"]
    assert "2021" in metadata["editions"]["2023"]["accuracy_source"]
    assert "published for" in metadata["editions"]["2021"]["accuracy_source"]


def test_population_of_both_vintages_agrees(region: Path) -> None:
    with (region / "population.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (region / "zones/movements.csv").open(encoding="utf-8", newline="") as file:
        movements = list(csv.DictReader(file))
    people = {(r["vintage"], r["code"], r["year"]): int(r["population"]) for r in rows}
    assert len(people) == len(rows)
    assert min(people.values()) >= 40
    for year in ("2018", "2023"):
        totals = [
            sum(count for (v, _, y), count in people.items() if v == vintage and y == year)
            for vintage in ("2020", "2024")
        ]
        assert totals[0] == totals[1]
        for code in {m["new_code"] for m in movements}:
            parts = [m["old_code"] for m in movements if m["new_code"] == code]
            assert people["2024", code, year] == sum(people["2020", p, year] for p in parts)
    for vintage in (2020, 2024):
        codes = pyogrio.raw.read(region / f"zones/communes_{vintage}.gpkg")[3][0]
        assert {c for v, c, _ in people if v == str(vintage)} == set(codes)
