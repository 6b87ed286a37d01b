"""``python -m analytics zonal`` and odd rasters: counted rightly, or one line that says why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from rasterio.transform import Affine, from_origin
from scipy.io import netcdf_file

from tests.analytics.test_cli_odd_zones import (
    EAST,
    RULES,
    SIDE,
    SOUTH,
    SQUARE,
    counted,
    line,
    zonal,
)
from tests.analytics.test_cli_zonal import rows, write_zones
from tests.analytics.test_reference_systems import BY_HAND
from tests.rasters import NORTH, WEST, write_raster


@pytest.fixture
def ones(tmp_path: Path) -> Path:
    return write_raster(tmp_path / "ones.tif", np.ones((SIDE, SIDE)))


@pytest.mark.parametrize("crs", [BY_HAND.format(easting=4321000.0), "EPSG:3035+5621"])
def test_one_system_in_two_spellings(tmp_path: Path, ones: Path, capfd: Any, crs: str) -> None:
    other = write_raster(tmp_path / "b.tif", np.full((SIDE, SIDE), 2), crs=crs)
    zones = write_zones(tmp_path / "z.gpkg", {"a": SQUARE})
    assert zonal(zones, ones, other, "--id-field", "code") == 0
    assert capfd.readouterr().out.splitlines()[1:] == ["a,1,2,400,40000"]
    assert counted(capfd, zones, ones, "--id-field", "code") == {"a": 400}


@RULES
def test_how_two_grids_differ(tmp_path: Path, ones: Path, capfd: Any, rule: str) -> None:
    zones = write_zones(tmp_path / "z.gpkg", {"a": SQUARE})

    def said(name: str, **options: Any) -> str:
        cells = np.ones((options.pop("rows", SIDE), SIDE))
        other = write_raster(tmp_path / name, cells, **options)
        return line(capfd, zones, ones, other, "--id-field", "code", "--rule", rule)

    half = said("half.tif", west=WEST + 5, north=NORTH + 2.5)
    assert (
        "20 × 20 cells of 10 by 10 at 3790005, 2310002.5; expected the grid of ones.tif: " in half
    )
    assert (
        "at 3790000, 2310000. It is shifted by 0.5 cells to the east and 0.25 cells to the" in half
    )
    assert half.endswith("north\n")
    assert "cells of 12.5 by 12.5 at" in said("wide.tif", size=12.5)
    assert "found 20 × 21 cells" in said("long.tif", rows=21)
    moved = said("moved.tif", crs=BY_HAND.format(easting=4321001.0))
    assert "They differ: False easting 4321001 against 4321000" in moved
    utm = said("utm.tif", crs="EPSG:25832")
    assert "UTM zone 32N (EPSG:25832); expected the reference system of ones.tif: ETRS89" in utm


@RULES
def test_rows_from_the_south_beside_rows_from_the_north(
    tmp_path: Path, capfd: Any, rule: str
) -> None:
    cells = np.repeat([1, 2], SIDE // 2)[:, None] * np.ones((1, SIDE))
    north = write_raster(tmp_path / "north.tif", cells)
    south = write_raster(
        tmp_path / "south.tif", cells[::-1], transform=Affine(10, 0, WEST, 0, 10, SOUTH)
    )
    upper = shapely.box(WEST, NORTH - 40, EAST, NORTH)
    zones = write_zones(tmp_path / "z.gpkg", {"a": upper})
    for pair in ((north, south), (south, north), (south, south)):
        assert zonal(zones, *pair, "--id-field", "code", "--rule", rule) == 0
        table = rows(capfd.readouterr().out)
        assert [(r["from"], r["to"], float(r["cells"])) for r in table] == [("1", "1", 80)]


def test_two_ways_of_adding_up_cells_are_one_grid(tmp_path: Path, capfd: Any) -> None:
    size = 10 / 3
    north = write_raster(tmp_path / "n.tif", np.ones((SIDE, SIDE)), north=NORTH + 0.1, size=size)
    bottom = NORTH + 0.1 - sum([size] * SIDE)
    south = write_raster(
        tmp_path / "s.tif", np.ones((SIDE, SIDE)), transform=Affine(size, 0, WEST, 0, size, bottom)
    )
    zones = write_zones(tmp_path / "z.gpkg", {"a": SQUARE})
    assert zonal(zones, north, south, "--id-field", "code") == 0
    assert "a,1,1,400," in capfd.readouterr().out


def test_a_local_system_is_not_called_degrees(tmp_path: Path, capfd: Any) -> None:
    local = 'LOCAL_CS["Site grid",UNIT["metre",1]]'
    raster = write_raster(tmp_path / "local.tif", np.ones((2, 2)), crs=local)
    zones = write_zones(tmp_path / "z.gpkg", {"a": SQUARE})
    said = line(capfd, zones, raster, "--id-field", "code")
    assert "degree" not in said
    assert "local.tif: found Site grid (Engineering CRS); expected a projected" in said


def write_netcdf(path: Path) -> Path:
    with netcdf_file(str(path), "w") as file:
        for name, values in (
            ("x", WEST + 5 + 10 * np.arange(SIDE)),
            ("y", NORTH - 5 - 10 * np.arange(SIDE)),
        ):
            file.createDimension(name, SIDE)
            axis = file.createVariable(name, "d", (name,))
            axis[:] = values
            axis.standard_name, axis.units = f"projection_{name}_coordinate", "m"
        system = file.createVariable("crs", "i", ())
        system.grid_mapping_name = "lambert_azimuthal_equal_area"
        system.spatial_ref = pyproj.CRS.from_epsg(3035).to_wkt("WKT1_GDAL")
        for year, code in ((2018, 1), (2021, 2)):
            layer = file.createVariable(f"c{year}", "b", ("y", "x"))
            layer[:] = np.full((SIDE, SIDE), code, "i1")
            layer.grid_mapping = "crs"
    return path


def test_layers_of_a_netcdf_are_named_and_read(
    tmp_path: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_netcdf(tmp_path / "classes.nc")
    zones = write_zones(tmp_path / "z.gpkg", {"a": SQUARE})
    monkeypatch.chdir(tmp_path)
    said = line(capfd, zones, "classes.nc", "--id-field", "code")
    names = ["netcdf:classes.nc:c2018", "netcdf:classes.nc:c2021"]
    assert f"classes.nc: found 2 layers: {', '.join(names)}; expected one band" in said
    assert f"Give one of these names as RASTER, in quotes: '{names[0]}'" in said
    assert zonal(zones, *names, "--id-field", "code") == 0
    assert capfd.readouterr().out.splitlines()[1:] == ["a,1,2,400,40000"]
    quoted = f'NETCDF:"{tmp_path}/classes.nc":c2018'
    assert counted(capfd, zones, quoted, "--id-field", "code") == {"a": 400}


def test_pages_of_a_tiff_are_layers(tmp_path: Path, capfd: Any) -> None:
    path = tmp_path / "pages.tif"
    for page in (1, 2):
        write_raster(path, np.full((SIDE, SIDE), page), append_subdataset=page == 2)
    zones = write_zones(tmp_path / "z.gpkg", {"a": SQUARE})
    said = line(capfd, zones, path, "--id-field", "code")
    assert f"GTIFF_DIR:2:{path}" in said
    assert zonal(zones, f"GTIFF_DIR:2:{path}", "--id-field", "code") == 0
    assert "a,2,400,40000" in capfd.readouterr().out


def test_a_raster_of_two_tables(tmp_path: Path, capfd: Any) -> None:
    path = tmp_path / "two.gpkg"
    for table in ("one", "two"):
        with rasterio.open(
            path, "w", driver="GPKG", height=SIDE, width=SIDE, count=1, dtype="uint8",
            crs="EPSG:3035", transform=from_origin(WEST, NORTH, 10, 10), RASTER_TABLE=table,
            APPEND_SUBDATASET="YES" if table == "two" else "NO",
        ) as dataset:  # fmt: skip
            dataset.write(np.ones((SIDE, SIDE), "uint8"), 1)
    zones = write_zones(tmp_path / "z.gpkg", {"a": SQUARE})
    assert f"2 layers: GPKG:{path}:one, GPKG:{path}:two" in line(capfd, zones, path)
