"""Imagery of the region: a composite as inference reads it, of the truth, and no giveaway."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import rasterio

from analytics.grid import CELL_SIZE, Y_ORIGIN
from analytics.nomenclature import OUTSIDE, SEA_BUFFER, SEALED, WATER
from demonstration.build import build
from demonstration.errors import NoTruth
from demonstration.imagery import composites, sensor
from demonstration.imagery.composites import composite_path, make_imagery, sample_path
from demonstration.truth.growth import GAIN, LOSS
from inference.composites.bands import BANDS, MISSING, OBSERVATIONS
from inference.composites.composite import open_composite

from .conftest import SEED, SIZE_KM, read

Stored = npt.NDArray[np.int16]


@pytest.fixture(scope="session")
def seen(region: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the region with imagery of 2023 and 2024: other tests count the region's files."""
    folder = tmp_path_factory.mktemp("seen") / "region"
    shutil.copytree(region, folder)
    make_imagery(folder=folder)
    return folder


def bands_of(folder: Path, year: int) -> dict[str, Stored]:
    with rasterio.open(composite_path(folder, year)) as file:
        return dict(zip(file.descriptions, file.read(), strict=True))


def test_is_a_composite_of_the_region(seen: Path, region: Path) -> None:
    for year in (2023, 2024):
        composite = open_composite(composite_path(seen, year))
        assert composite.bands == (*BANDS, OBSERVATIONS)
        west, south, east, north = json.loads((region / "metadata.json").read_text())[
            "bounds_epsg_3035"
        ]
        assert composite.window.bounds == (west, south, east, north)
        with rasterio.open(composite.path) as file:
            assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert file.tags()["SEASONS"] == f"{year}-06-01/{year}-08-31"
            assert "synthetic" in file.tags()["TIFFTAG_IMAGEDESCRIPTION"]


def test_the_same_seed_gives_the_same_bytes(seen: Path, region: Path, tmp_path: Path) -> None:
    again = tmp_path / "region"
    shutil.copytree(region, again)
    make_imagery(folder=again, years=(2024,))  # alone: no year depends on another
    assert composite_path(again, 2024).read_bytes() == composite_path(seen, 2024).read_bytes()
    assert read(again / "truth/2024.tif").tobytes() == read(seen / "truth/2024.tif").tobytes()


def test_what_is_there_is_not_made_again(seen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composites, "_make", lambda *_: pytest.fail("made again"))
    before = {path: path.stat().st_mtime_ns for path in seen.rglob("*")}
    assert make_imagery(folder=seen) == {y: composite_path(seen, y) for y in (2023, 2024)}
    assert {path: path.stat().st_mtime_ns for path in seen.rglob("*")} == before


@pytest.mark.parametrize("lost", ["imagery/composite-2023.tif", "imagery/sample-2023.csv"])
def test_what_was_lost_is_made_again_alone(
    seen: Path, tmp_path: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "region"
    shutil.copytree(seen, damaged)
    (damaged / lost).unlink()
    made: list[list[int]] = []
    monkeypatch.setattr(composites, "_make", lambda *given: made.append(given[2]))
    make_imagery(folder=damaged)
    assert made == [[2023]]


def test_another_version_of_the_region_has_other_imagery(seen: Path, tmp_path: Path) -> None:
    region = json.loads((seen / "metadata.json").read_text())
    assert composites._described(seen, region)["composites"]
    assert not composites._described(seen, {**region, "seed": SEED + 1})["composites"]
    assert not composites._described(tmp_path, region)["composites"]


def test_the_region_is_left_as_it_was(seen: Path, region: Path) -> None:
    for path in region.rglob("*"):
        if path.is_file():
            assert (seen / path.relative_to(region)).read_bytes() == path.read_bytes()
    # The region itself is still found complete with imagery beside it.
    assert build(folder=seen, seed=SEED, size_km=SIZE_KM) == seen
    assert composite_path(seen, 2023).exists()


def test_2024_is_2023_with_a_year_of_growth(seen: Path) -> None:
    old, new = read(seen / "truth/2023.tif"), read(seen / "truth/2024.tif")
    stock = int((read(seen / "truth/2018.tif") == SEALED).sum())
    changed = old != new
    gained = int((changed & (new == SEALED)).sum())
    lost = int((changed & (old == SEALED)).sum())
    # Whole blocks are built on and given up: the last one may be larger than what was left.
    assert GAIN[2024] * stock - 1 <= gained <= GAIN[2024] * stock + 80
    assert LOSS[2024] * stock - 1 <= lost <= LOSS[2024] * stock + 80
    noted = json.loads((seen / composites.METADATA).read_text())["truth"]
    assert (noted["true_gain_cells"], noted["true_loss_cells"]) == (gained, lost)
    assert noted["sealed_cells"] == (new == SEALED).sum()
    assert gained > 2 * lost


def test_missing_where_nothing_was_observed_and_only_there(seen: Path) -> None:
    bands, truth = bands_of(seen, 2023), read(seen / "truth/2023.tif")
    missing = bands["B02"] == MISSING
    for name in BANDS:
        np.testing.assert_array_equal(bands[name] == MISSING, missing, err_msg=name)
    np.testing.assert_array_equal(bands[OBSERVATIONS] == 0, missing)
    assert missing[truth == OUTSIDE].all()
    land = truth < SEA_BUFFER
    assert 0.0005 < missing[land].mean() < 0.02
    assert bands[OBSERVATIONS][~missing].max() >= 8


def test_indices_are_those_of_the_stored_bands(seen: Path) -> None:
    bands = {name: band.astype(float) for name, band in bands_of(seen, 2023).items()}
    valid = bands["B02"] != MISSING
    for index, first, second in (("NDVI", "B08", "B04"), ("NDWI", "B03", "B08")):
        a, b = bands[first][valid], bands[second][valid]
        np.testing.assert_allclose(bands[index][valid], 10_000 * (a - b) / (a + b), atol=0.501)


def test_classes_look_like_what_they_are(seen: Path) -> None:
    bands, truth = bands_of(seen, 2023), read(seen / "truth/2023.tif")
    valid = bands["B02"] != MISSING

    def median(name: str, code: int) -> float:
        return float(np.median(bands[name][valid & (truth == code)])) / 10_000

    assert median("NDVI", SEALED) < 0.45
    assert median("NDVI", 3) > 0.7  # broadleaved trees
    # Rivers of one or two cells are half their banks; the sea is not.
    assert median("NDWI", SEA_BUFFER) > 0.2 > median("NDWI", WATER) > median("NDWI", 3)
    assert median("B11", SEALED) > median("B11", 3)
    assert median("B08", SEA_BUFFER) < 0.05


def test_no_threshold_gives_the_sealed_class_away(seen: Path) -> None:
    bands, truth = bands_of(seen, 2023), read(seen / "truth/2023.tif")
    valid = (bands["B02"] != MISSING) & (truth < SEA_BUFFER)
    sealed = truth[valid] == SEALED
    for name in BANDS:
        values = bands[name][valid]
        best = 0.0
        for limit in np.quantile(values, np.linspace(0.02, 0.98, 25)):
            for called in (values < limit, values >= limit):
                best = max(best, (called & sealed).sum() / (called | sealed).sum())
        assert best < 0.6, name


def test_light_spreads_more_where_the_resolution_is_coarser(seen: Path) -> None:
    bands, truth = bands_of(seen, 2023), read(seen / "truth/2023.tif")
    valid = (bands["B02"] != MISSING) & (truth < SEA_BUFFER)
    inner = valid[:, 1:] & valid[:, :-1]
    steps = {
        name: float(np.abs(np.diff(bands[name].astype(float), axis=1))[inner].mean())
        / float(bands[name][valid].std())
        for name in ("B04", "B05", "B09")
    }
    assert steps["B04"] > steps["B05"] > steps["B09"]


def test_spread_keeps_the_light_and_repeats_the_edges() -> None:
    weights = sensor.spread_weights(1.1)
    assert weights.sum() == pytest.approx(1)
    source = np.zeros((9, 11), dtype=np.float32)
    source[4, 5] = 1
    out = np.empty_like(source)
    sensor.spread(source, 0, weights, out)
    np.testing.assert_allclose(out[:, 1:10], np.outer(weights, weights), atol=1e-7)
    flat = np.full((5, 4), 0.25, dtype=np.float32)
    out = np.empty((3, 4), dtype=np.float32)
    sensor.spread(flat, 1, sensor.spread_weights(2.8), out)
    np.testing.assert_allclose(out, 0.25, atol=1e-6)


def test_strips_leave_no_seam(seen: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "region"
    shutil.copytree(seen, other)
    composite_path(other, 2023).unlink()
    monkeypatch.setattr("demonstration.grids.kernels.STRIP_ROWS", 100)
    make_imagery(folder=other, years=(2023,))
    for name, band in bands_of(other, 2023).items():
        np.testing.assert_array_equal(band, bands_of(seen, 2023)[name], err_msg=name)


def test_the_sample_says_the_truth_of_its_cells(seen: Path) -> None:
    truth = read(seen / "truth/2024.tif")
    left, _, _, top = json.loads((seen / "metadata.json").read_text())["bounds_epsg_3035"]
    with sample_path(seen, 2024).open(newline="") as file:
        points = [(float(p["x"]), float(p["y"]), int(p["code"])) for p in csv.DictReader(file)]
    assert len(points) == len(set(points)) == 5000
    window = open_composite(composite_path(seen, 2024)).window
    assert (window.column, window.row) == (left // CELL_SIZE, (Y_ORIGIN - top) // CELL_SIZE)
    for x, y, code in points:
        found = truth[int((top - y) // CELL_SIZE), int((x - left) // CELL_SIZE)]
        assert code == (WATER if found == SEA_BUFFER else found)


def test_a_folder_without_a_region_and_a_year_without_a_truth_are_refused(
    seen: Path, tmp_path: Path
) -> None:
    with pytest.raises(NoTruth, match="no demonstration region"):
        make_imagery(folder=tmp_path)
    with pytest.raises(NoTruth, match="no truth of 2019"):
        make_imagery(folder=seen, years=(2019,))
    assert set(make_imagery(folder=seen, years=(2021,))) == {2021}
