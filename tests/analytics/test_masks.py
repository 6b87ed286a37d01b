"""Masks beside the values, and rows and columns in any order: counted as they lie on the ground."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine, from_origin

from analytics.counting import passes
from analytics.counting.boundary import borders_of
from analytics.counting.scanline import edges_of
from analytics.errors import WrongBand, WrongGrid
from analytics.rasters.grids import RasterGrid, open_grid
from tests import oracle
from tests.rasters import NORTH, WEST, write_raster

ROWS, COLUMNS = 21, 16
SIZE = 10
CODES = np.random.default_rng(5).choice(
    np.array([1, 2, 6, 11, 254], dtype=np.uint8), (ROWS, COLUMNS)
)
LATER = np.random.default_rng(6).choice(np.array([1, 3, 255], dtype=np.uint8), (ROWS, COLUMNS))
SEEN = np.random.default_rng(7).random((ROWS, COLUMNS)) < 0.6
"""Which cells the mask leaves."""
ZONE = shapely.Polygon(
    [(WEST + 3, NORTH - 2), (WEST + 147, NORTH - 71), (WEST + 31, NORTH - 204)],
)
INSIDE = oracle.mask(ZONE, shape=(ROWS, COLUMNS), x0=WEST, y0=NORTH)
USUAL = frozenset({253, 254, 255})

FLIPS: dict[str, tuple[slice, slice, Affine]] = {
    "north": (slice(None), slice(None), from_origin(WEST, NORTH, SIZE, SIZE)),
    "south": (
        slice(None, None, -1),
        slice(None),
        Affine(SIZE, 0, WEST, 0, SIZE, NORTH - ROWS * SIZE),
    ),
    "east": (
        slice(None),
        slice(None, None, -1),
        Affine(-SIZE, 0, WEST + COLUMNS * SIZE, 0, -SIZE, NORTH),
    ),
    "both": (
        slice(None, None, -1),
        slice(None, None, -1),
        Affine(-SIZE, 0, WEST + COLUMNS * SIZE, 0, SIZE, NORTH - ROWS * SIZE),
    ),
}
KINDS = ["inside", "beside", "vrt", "alpha", "inside-and-nodata"]


def masked_raster(
    folder: Path, kind: str, *, cells: Any = CODES, flip: str = "north", dtype: str = "uint8"
) -> Path:
    """A raster under a mask; the cells that it covers hold other codes."""
    rows, columns, transform = FLIPS[flip]
    values = np.where(SEEN, cells, 7).astype(dtype)[rows, columns]
    opaque = np.where(SEEN, 255, 0).astype("uint8")[rows, columns]
    path = folder / f"{kind}-{flip}-{dtype}.tif"
    if kind == "alpha":
        write_raster(path, values, dtype=dtype, transform=transform, count=2, alpha="YES",
                     photometric="MINISBLACK")  # fmt: skip
        with rasterio.open(path, "r+") as dataset:
            dataset.write(opaque.astype(dtype), 2)
        return path
    nodata = {"nodata": 6} if kind == "inside-and-nodata" else {}
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=kind.startswith("inside")):
        write_raster(path, values, dtype=dtype, transform=transform, blockysize=4, **nodata)
        with rasterio.open(path, "r+") as dataset:
            dataset.write_mask(opaque)
    return vrt_of(path, transform) if kind == "vrt" else path


def vrt_of(path: Path, transform: Affine) -> Path:
    def source(band: str) -> str:
        return (
            f'<SimpleSource><SourceFilename relativeToVRT="1">{path.name}</SourceFilename>'
            f"<SourceBand>{band}</SourceBand></SimpleSource>"
        )

    with rasterio.open(path) as dataset:
        kind = {"uint8": "Byte", "int16": "Int16", "float32": "Float32"}[dataset.dtypes[0]]
    vrt = path.with_suffix(".vrt")
    vrt.write_text(
        f'<VRTDataset rasterXSize="{COLUMNS}" rasterYSize="{ROWS}"><SRS>EPSG:3035</SRS>'
        f"<GeoTransform>{', '.join(map(str, transform.to_gdal()))}</GeoTransform>"
        f'<VRTRasterBand dataType="{kind}" band="1">{source("1")}</VRTRasterBand>'
        f'<MaskBand><VRTRasterBand dataType="Byte">{source("mask,1")}</VRTRasterBand></MaskBand>'
        "</VRTDataset>"
    )
    return vrt


def place(grid: RasterGrid) -> dict[str, float]:
    return {
        "x_origin": grid.x_origin,
        "y_origin": grid.y_origin,
        "cell_width": grid.cell_width,
        "cell_height": grid.cell_height,
    }


def classes(grid: RasterGrid, missing: frozenset[int]) -> dict[Any, int]:
    found = passes.count_cells(edges_of([ZONE], **place(grid)), [grid], missing=missing)
    counts = dict(zip(found.codes[0], found.cells[0].tolist(), strict=False))
    return {code: n for code, n in counts.items() if n} | {"missing": int(found.cells[0, -1])}


def expected(codes: Any, missing: frozenset[int]) -> dict[Any, int]:
    counts = oracle.class_counts(codes, INSIDE & SEEN)
    left = {code: n for code, n in counts.items() if code not in missing}
    return left | {"missing": int(INSIDE.sum()) - sum(left.values())}


def fractions(codes: Any) -> dict[int, float]:
    """The area of each code in the zone in cells, by GEOS, cell by cell."""
    found: dict[int, float] = {}
    for row in range(ROWS):
        for column in range(COLUMNS):
            west, north = WEST + SIZE * column, NORTH - SIZE * row
            cell = shapely.box(west, north - SIZE, west + SIZE, north)
            code = int(codes[row, column])
            found[code] = found.get(code, 0) + shapely.area(cell & ZONE) / SIZE**2
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
@pytest.mark.parametrize("missing", [USUAL, frozenset()], ids=["usual", "none"])
def test_cells_under_a_mask_are_missing(
    tmp_path: Path, kind: str, dtype: str, missing: frozenset[int]
) -> None:
    grid = open_grid(masked_raster(tmp_path, kind, dtype=dtype))
    declared = missing | ({6} if kind == "inside-and-nodata" else set())
    assert classes(grid, missing) == expected(CODES, declared)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("flip", list(FLIPS))
def test_a_mask_lies_where_its_cells_lie(tmp_path: Path, kind: str, flip: str) -> None:
    grid = open_grid(masked_raster(tmp_path, kind, flip=flip))
    declared = USUAL | ({6} if kind == "inside-and-nodata" else set())
    assert classes(grid, USUAL) == expected(CODES, declared)


@pytest.mark.parametrize("kind", KINDS[:4])
@pytest.mark.parametrize("missing", [USUAL, frozenset()], ids=["usual", "none"])
def test_coverage_knows_masks(tmp_path: Path, kind: str, missing: frozenset[int]) -> None:
    grid = open_grid(masked_raster(tmp_path, kind, flip="south"))
    found = passes.sum_fractions(borders_of([ZONE], **place(grid)), [grid], missing=missing)
    wanted = fractions(np.where(SEEN, CODES, 99))
    counts = dict(zip(found.codes[0], found.cells[0].tolist(), strict=False))
    left = {code: cells for code, cells in wanted.items() if code not in {99, *missing}}
    assert counts == pytest.approx(left)
    assert found.cells[0, -1] == pytest.approx(shapely.area(ZONE) / 100 - sum(left.values()))


@pytest.mark.parametrize("flip", list(FLIPS))
def test_coverage_of_flipped_rasters_is_that_of_the_ground(tmp_path: Path, flip: str) -> None:
    rows, columns, transform = FLIPS[flip]
    grid = open_grid(
        write_raster(tmp_path / "a.tif", CODES[rows, columns], transform=transform, blockysize=4)
    )
    found = passes.sum_fractions(borders_of([ZONE], **place(grid)), [grid], missing=frozenset())
    counts = dict(zip(found.codes[0], found.cells[0].tolist(), strict=False))
    assert counts == pytest.approx(fractions(CODES))


@pytest.mark.parametrize("kinds", [("alpha", "plain"), ("plain", "beside"), ("inside", "vrt")])
@pytest.mark.parametrize("flips", [("north", "south"), ("south", "south"), ("both", "north")])
def test_pairs_of_any_two(tmp_path: Path, kinds: tuple[str, str], flips: tuple[str, str]) -> None:
    grids, observed = [], []
    for n, (kind, flip, cells) in enumerate(zip(kinds, flips, (CODES, LATER), strict=True)):
        rows, columns, transform = FLIPS[flip]
        folder = tmp_path / str(n)
        path = (
            write_raster(folder / "a.tif", cells[rows, columns], transform=transform)
            if kind == "plain"
            else masked_raster(folder, kind, cells=cells, flip=flip)
        )
        grids.append(open_grid(path))
        seen = SEEN if kind != "plain" else np.ones_like(SEEN)
        observed.append(np.where(seen & (cells < 253), cells, 255))
    counted = passes.count_cells(edges_of([ZONE], **place(grids[0])), grids, missing=USUAL)
    covered = passes.sum_fractions(borders_of([ZONE], **place(grids[0])), grids, missing=USUAL)
    wanted = oracle.pair_counts(observed[0], observed[1], INSIDE)
    found = {
        (earlier, later): int(counted.cells[0, row, column])
        for row, earlier in enumerate(counted.codes[0])
        for column, later in enumerate(counted.codes[1])
    }
    assert {pair: cells for pair, cells in found.items() if cells} == wanted
    assert counted.cells.sum() == INSIDE.sum()
    assert covered.cells.sum() == pytest.approx(shapely.area(ZONE) / 100)
    shares = fractions(np.where((observed[0] == 2) & (observed[1] == 3), 1, 0))
    at = covered.codes[0].index(2), covered.codes[1].index(3)
    assert covered.cells[0][at] == pytest.approx(shares[1])


def test_a_raster_without_a_mask_is_read_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a mask was read")

    monkeypatch.setattr(rasterio.io.DatasetReader, "read_masks", forbidden, raising=False)
    for nodata in (None, 255):
        grid = open_grid(write_raster(tmp_path / f"{nodata}.tif", CODES, nodata=nodata))
        assert classes(grid, USUAL)["missing"] == (INSIDE & (CODES > 252)).sum()


def test_a_second_band_that_is_no_opacity_is_refused(tmp_path: Path) -> None:
    two = write_raster(tmp_path / "two.tif", CODES, count=2, photometric="MINISBLACK")
    with pytest.raises(WrongBand, match=r"2 band\(s\) of uint8.*gdal_translate -b 1"):
        open_grid(two)


@pytest.mark.parametrize(
    "transform",
    [
        Affine(10, 1, WEST, 1, -10, NORTH),
        Affine(float("nan"), 0, WEST, 0, -10, NORTH),
        Affine(10, 0, 1e300, 0, -10, NORTH),
        Affine(10, 0, WEST, 0, -10, 4e9),
        Affine.identity(),
    ],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_grid_that_lies_nowhere_is_refused(tmp_path: Path, transform: Affine) -> None:
    with pytest.raises(WrongGrid):
        open_grid(write_raster(tmp_path / "a.tif", CODES, transform=transform))
