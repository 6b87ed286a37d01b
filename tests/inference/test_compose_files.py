"""Composites of SAFE folders and of local files; of the real scene where it is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from inference.__main__ import main
from inference.composites.bands import BANDS, MISSING, OBSERVATIONS, REFLECTANCE
from tests.inference.compose_command import SUMMER, bands_of, compose, only
from tests.inference.sentinel import EAST_TILE, WEST_TILE, Shot, write_safe

SCENE = "sentinel2/scene/demmin_4bands.tif"


def compose_all(*arguments: object, out: Path) -> int:
    """The command without a season: all that is given."""
    return main(["compose", *map(str, arguments), "-o", str(out)])


def test_a_safe_folder_gives_all_bands_in_reflectance(tmp_path: Path) -> None:
    stored = {band: 3000 + 10 * i for i, band in enumerate(REFLECTANCE)}
    safe = write_safe(tmp_path, Shot("2024-06-01", stored, baseline="05.10"))
    out = tmp_path / "composite.tif"

    assert compose_all("--safe", safe, out=out) == 0

    bands = bands_of(out)
    assert tuple(bands) == (*BANDS, OBSERVATIONS)
    seen = bands[OBSERVATIONS] == 1
    assert 0.9 < seen.sum() * 100 / WEST_TILE.side**2 <= 1.01
    for i, band in enumerate(REFLECTANCE):
        assert only(bands[band][seen]) == 2000 + 10 * i
        assert only(bands[band][~seen]) == MISSING


def test_safe_folders_of_a_folder_are_composed_by_season_with_their_own_offsets(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "products"
    shots = (
        Shot("2024-06-01", 1100, baseline="03.01", bands=("B04",)),
        Shot("2024-06-11", 2200, baseline="04.00", bands=("B04",)),
        Shot("2024-06-21", 2300, baseline="05.10", bands=("B04",), scl=3),
        Shot("2024-09-01", 9000, baseline="05.10", bands=("B04",)),
        Shot("2024-06-11", 2200, baseline="04.00", bands=("B04",), tile=EAST_TILE),
    )
    for shot in shots:
        write_safe(folder, shot, offsets=shot.baseline != "04.00")
    out = tmp_path / "composite.tif"
    assert compose("--safe", folder, "--bands", "B04", out=out) == 0
    bands = bands_of(out)
    pairs = set(zip(bands[OBSERVATIONS].flat, bands["B04"].flat, strict=True))
    # The western tile twice; the eastern of the second day alone, which is the same overpass.
    assert pairs == {(0, MISSING), (1, 1200), (2, 1150)}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda safe: (safe / "MTD_MSIL2A.xml").unlink(), "found no MTD_MSIL2A.xml"),
        (lambda safe: (safe / "MTD_MSIL2A.xml").write_text("<a>"), "metadata of a Level-2A"),
        (lambda safe: next(safe.rglob("*_SCL_*")).unlink(), "scene classification (SCL)"),
        (lambda safe: next(safe.rglob("*_B04_*")).unlink(), "B04 too"),
        (lambda safe: next(safe.rglob("*_B04_*")).write_bytes(b"cut"), "B04_10m.jp2: found"),
    ],
)
def test_a_spoilt_safe_folder_is_said_to_be_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], spoil: Any, words: str
) -> None:
    safe = write_safe(tmp_path, Shot("2024-06-01", bands=("B04",)))
    spoil(safe)
    out = tmp_path / "c.tif"
    assert compose_all("--safe", safe, "--bands", "B04", out=out) == 1
    lines = [line for line in capfd.readouterr().err.splitlines() if " scenes of " not in line]
    assert len(lines) == 1
    assert words in lines[0]
    assert not out.exists()


def write(path: Path, cells: Any, *, descriptions: tuple[str, ...] = (), **profile: Any) -> Path:
    """A raster on the grid, as any tool may write one."""
    array = np.asarray(cells)
    with rasterio.open(
        path,
        "w",
        **{"crs": "EPSG:3035", "transform": from_origin(4_000_000, 3_000_000, 10, 10), **profile},
        driver="GTiff",
        count=len(array),
        height=array.shape[1],
        width=array.shape[2],
        dtype=array.dtype,
    ) as dataset:
        dataset.write(array)
        if descriptions:
            dataset.descriptions = descriptions
    return path


def grid_of(*numbers: int) -> Any:
    return np.stack([np.full((30, 40), number, dtype=np.uint16) for number in numbers])


def test_local_files_are_composed_by_their_descriptions_in_any_order(tmp_path: Path) -> None:
    first = write(tmp_path / "a.tif", grid_of(4000, 1000, 4), descriptions=("nir", "B4", "SCL"))
    second_cells = grid_of(4, 3000, 6000, 7)
    second_cells[0, :10] = 8
    second_cells[1, :, :5] = 0
    names = ("SCL", "red", "B08", "a mask of mine")
    second = write(tmp_path / "b.tif", second_cells, descriptions=names)
    out = tmp_path / "composite.tif"
    assert compose_all("--files", first, second, out=out) == 0
    bands = bands_of(out)
    assert tuple(bands) == ("B04", "B08", "NDVI", OBSERVATIONS)
    assert only(bands["B04"][:10]) == 1000  # cloud in the second
    assert only(bands["B04"][10:, 5:]) == 2000
    assert only(bands["B08"][10:, 5:]) == 5000
    # Without one band the second gives none: medians of all bands are of the same dates.
    assert only(bands["B08"][10:, :5]) == 4000
    assert only(bands[OBSERVATIONS][10:, :5]) == 1


def test_the_scale_of_a_file_holds_and_dates_in_names_make_seasons(tmp_path: Path) -> None:
    paths = []
    for day, number in (("20240615", 1000), ("20240915", 9000)):
        path = write(tmp_path / f"S2_{day}.tif", grid_of(number), descriptions=("B04",))
        with rasterio.open(path, "r+") as dataset:
            dataset.scales, dataset.offsets = (0.0002,), (-0.05,)
        paths.append(path)
    out = tmp_path / "composite.tif"
    assert compose("--files", *paths, out=out) == 0
    assert only(bands_of(out)["B04"]) == 1500  # 1000 × 0.0002 − 0.05


@pytest.mark.parametrize(
    ("descriptions", "arguments", "words"),
    [
        ((), (), "found 2 band(s) called –, –"),
        (("x", "y"), (), "found 2 band(s) called x, y"),
        ((), ("--file-bands", "B04"), "found 2 band(s) called B04;"),
        ((), ("--file-bands", "B04,red"), "found B04 twice"),
        (("B04", "B08"), ("--bands", "B04,B11"), "expected B11 too"),
        (("B04", "B08"), ("--season", SUMMER), "found no date in its metadata or name"),
    ],
)
def test_files_that_do_not_say_enough_are_refused(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    descriptions: tuple[str, ...],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    path = write(tmp_path / "a.tif", grid_of(1000, 2000), descriptions=descriptions)
    assert compose_all("--files", path, *arguments, out=tmp_path / "c.tif") == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("a.tif: ")
    assert words in line


def test_a_file_without_a_reference_system_is_off_the_grid(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.tif", grid_of(1000), descriptions=("B04",), crs=None)
    assert compose_all("--files", path, out=tmp_path / "c.tif") == 1
    assert capfd.readouterr().err.startswith("a.tif: found no reference system")


def test_the_real_scene_keeps_its_place_and_its_numbers(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / SCENE
    if not source.is_file():
        pytest.skip(f"no {SCENE}")
    out = tmp_path / "composite.tif"
    assert compose_all("--files", source, out=out) == 0
    bands = bands_of(out)
    assert tuple(bands) == ("B02", "B03", "B04", "B08", "NDVI", "NDWI", OBSERVATIONS)
    seen = bands[OBSERVATIONS] == 1
    assert 0.85 < seen.mean() < 0.93  # a scene in degrees lies askew in the grid
    with rasterio.open(source) as dataset:
        original = dict(zip(("B04", "B03", "B02", "B08"), dataset.read(), strict=True))
    for band, cells in original.items():
        assert abs(np.median(bands[band][seen]) - np.median(cells)) < 5
        assert abs(bands[band][seen].mean() - cells.mean()) < 0.01 * cells.mean()
    ratio = original["B08"].astype(float), original["B04"].astype(float)
    ndvi = np.median((ratio[0] - ratio[1]) / (ratio[0] + ratio[1]))
    assert abs(np.median(bands["NDVI"][seen]) / 10_000 - ndvi) < 0.01
