"""Real imperviousness density (0–100 %) of Vienna and its 23 districts; skipped without them."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin
from rasterio.warp import Resampling, calculate_default_transform, reproject

from analytics.__main__ import main
from tests import oracle

RASTER = "austria/CLMS_HRLNVLCC_IMD_S2021_R10m_AT_4326_V1_R0_20230731_Wien.tif"
DISTRICTS = "austria/wien_districts.geojson"
VIENNA = 414.8
"""Square kilometres, as Austria's statistics give them."""


@pytest.fixture(scope="module")
def warped(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The raster on a 10 m grid of EPSG:3035, by nearest neighbour."""
    path = tmp_path_factory.mktemp("vienna") / "wien_3035.tif"
    with rasterio.open(shared_data / RASTER) as source:
        transform, width, height = calculate_default_transform(
            source.crs, "EPSG:3035", source.width, source.height, *source.bounds, resolution=10
        )
        west, north = transform.c // 10 * 10, -(-transform.f // 10) * 10
        profile = source.profile | {
            "crs": "EPSG:3035",
            "transform": from_origin(west, north, 10, 10),
            "width": width + 1,
            "height": height + 1,
        }
        with rasterio.open(path, "w", **profile) as target:
            reproject(
                rasterio.band(source, 1), rasterio.band(target, 1), resampling=Resampling.nearest
            )
    return path


def districts_3035(shared_data: Path) -> dict[str, Any]:
    _, _, wkb, (codes,) = pyogrio.raw.read(shared_data / DISTRICTS, columns=["BEZIRK"])
    transformer = pyproj.Transformer.from_crs(3857, 3035, always_xy=True)
    moved = shapely.transform(
        shapely.from_wkb(wkb), lambda p: np.column_stack(transformer.transform(p[:, 0], p[:, 1]))
    )
    return dict(zip(map(str, codes), moved, strict=True))


def zonal(capfd: Any, *arguments: object) -> list[dict[str, str]]:
    assert main(["zonal", *map(str, arguments), "--id-field", "BEZIRK"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    return list(csv.DictReader(io.StringIO(out)))


def test_the_original_file_is_refused_with_a_hint(shared_data: Path, capfd: Any) -> None:
    arguments = ["zonal", str(shared_data / DISTRICTS), str(shared_data / RASTER)]
    assert main([*arguments, "--id-field", "BEZIRK"]) == 1
    _, err = capfd.readouterr()
    assert "found EPSG:4326; expected a projected reference system. Warp it first" in err
    assert "EPSG:3035" in err
    assert len(err.splitlines()) == 1


def test_the_districts_are_where_their_reference_system_says(shared_data: Path) -> None:
    # GeoJSON has had no member `crs` since 2016; these coordinates are in the one declared,
    # EPSG:3857, all the same: the districts lie in Vienna and have its area.
    districts = districts_3035(shared_data)
    assert len(districts) == 23
    assert sum(d.area for d in districts.values()) / 1e6 == pytest.approx(VIENNA, abs=0.5)


def test_every_district_equals_the_oracle(shared_data: Path, warped: Path, capfd: Any) -> None:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in zonal(capfd, shared_data / DISTRICTS, warped):
        found[row["zone"]][row["class"]] = int(row["cells"])
    with rasterio.open(warped) as dataset:
        values = dataset.read(1)
        place = {"x0": dataset.transform.c, "y0": dataset.transform.f}
    for code, district in districts_3035(shared_data).items():
        inside = oracle.quick_mask(shapely.to_wkb(district), shape=values.shape, **place)
        expected = Counter(
            "missing" if value > 252 else str(value) for value in values[inside].tolist()
        )
        assert found[code] == dict(expected), code


def test_the_inner_districts_are_the_most_sealed(
    shared_data: Path, warped: Path, capfd: Any
) -> None:
    density: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in zonal(capfd, shared_data / DISTRICTS, warped):
        if row["class"] != "missing":
            density[row["zone"]][0] += int(row["class"]) * int(row["cells"])
            density[row["zone"]][1] += int(row["cells"])
    shares = {zone: weighted / cells for zone, (weighted, cells) in density.items()}
    # Josefstadt and Neubau are built up; Hietzing and Penzing hold the Vienna Woods.
    assert min(shares["8"], shares["7"]) > 60
    assert max(shares["13"], shares["14"]) < 30


def test_coverage_gives_the_area_of_each_district(
    shared_data: Path, warped: Path, capfd: Any
) -> None:
    area: dict[str, float] = defaultdict(float)
    for row in zonal(capfd, shared_data / DISTRICTS, warped, "--rule", "coverage"):
        area[row["zone"]] += float(row["area_m2"])
    for code, district in districts_3035(shared_data).items():
        assert area[code] == pytest.approx(district.area, rel=1e-9), code
