"""All 35 357 communes of France as zones, over a raster made here; skipped without the data."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterWindow

from analytics.__main__ import main
from analytics.counting import passes
from analytics.counting.scanline import edges_of
from analytics.geometry.areas import multipolygon
from analytics.rasters.grids import open_grid
from analytics.zones import layers

COMMUNES = "france/communes_2018_population.parquet"
EPSG = 2154
WEST, NORTH, SIZE = 90_000, 7_120_000, 100
ROWS, COLUMNS = 10_800, 11_600
MISSING = frozenset({253, 254, 255})

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def layer(shared_data: Path) -> layers.ZoneLayer:
    return layers.read_areas(shared_data / COMMUNES, code_field="code", crs=f"EPSG:{EPSG}")


@pytest.fixture(scope="module")
def raster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Metropolitan France in cells of a hectare: a random tile, over and over."""
    path = tmp_path_factory.mktemp("france") / "france.tif"
    tile = np.random.default_rng(1).choice(
        np.array([1, 2, 6, 7, 10, 255], dtype=np.uint8), (512, COLUMNS)
    )
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=ROWS,
        width=COLUMNS,
        count=1,
        dtype="uint8",
        crs=f"EPSG:{EPSG}",
        transform=from_origin(WEST, NORTH, SIZE, SIZE),
        tiled=True,
        blockxsize=512,
        blockysize=512,
    ) as dataset:
        for row in range(0, ROWS, 512):
            height = min(512, ROWS - row)
            dataset.write(tile[:height], 1, window=RasterWindow(0, row, COLUMNS, height))
    return path


def cells(geometries: list[object], raster: Path) -> np.ndarray:
    """Cells of each zone by class, *missing* last."""
    grid = open_grid(raster)
    edges = edges_of(
        geometries,
        x_origin=grid.x_origin,
        y_origin=grid.y_origin,
        cell_width=grid.cell_width,
        cell_height=grid.cell_height,
    )
    found = passes.count_cells(edges, [grid], missing=MISSING, jobs=2)
    assert found.codes == ((1, 2, 6, 7, 10),)
    return found.cells


def test_communes_sum_to_their_union(
    shared_data: Path, tmp_path: Path, layer: layers.ZoneLayer, raster: Path
) -> None:
    table = tmp_path / "communes.csv"
    arguments = [str(shared_data / COMMUNES), str(raster), "--id-field", "code", "-j", "2"]
    assert main(["zonal", *arguments, "-o", str(table)]) == 0
    found: dict[str, int] = defaultdict(int)
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["class"]] += int(row["cells"])
    assert len(layer.codes) == 35_357
    # This layer does not overlap, and so the sums are equal to the cell.
    assert layers.overlaps(layer.geometries, layer.codes) == []
    (union,) = cells([shapely.union_all(layer.geometries)], raster)
    assert [found[c] for c in ("1", "2", "6", "7", "10", "missing")] == union.tolist()
    # A hectare a cell: 54.4 million hectares of land and lakes.
    assert union.sum() == pytest.approx(54.9e6, rel=0.02)


def test_where_communes_overlap_the_surplus_is_the_overlap(
    layer: layers.ZoneLayer, raster: Path
) -> None:
    of_lot = [n for n, code in enumerate(layer.codes) if code.startswith("46")]
    codes = [layer.codes[n] for n in of_lot]
    geometries = layer.geometries[of_lot]
    cahors = codes.index("46042")
    geometries[cahors] = multipolygon(shapely.buffer(geometries[cahors], 750))
    found = layers.overlaps(geometries, codes)
    assert all("46042" in (overlap.code, overlap.other_code) for overlap in found)
    surplus = shapely.area(geometries).sum() - shapely.union_all(geometries).area
    assert sum(overlap.area for overlap in found) == pytest.approx(surplus, rel=1e-6)
    others = np.delete(geometries, cahors)
    shared = shapely.intersection(geometries[cahors], shapely.union_all(others))
    (twice,) = cells([shared], raster)
    (union,) = cells([shapely.union_all(geometries)], raster)
    assert twice.sum() > 1000
    assert (cells(list(geometries), raster).sum(axis=0) - union).tolist() == twice.tolist()
