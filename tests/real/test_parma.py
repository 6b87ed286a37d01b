"""Real soil consumption of Parma, 2012 and 2015: 64-bit floats, UTM 32; skipped without them."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from analytics.__main__ import main

MUNICIPALITIES = "parma/limits_R_8_municipalities.geojson"
EARLIER, LATER = "parma/parma_consumo_suolo_2012.tif", "parma/parma_consumo_suolo_2015.tif"

Pairs = dict[str, dict[tuple[str, str], float]]
"""Cells by zone, then by class in 2012 and 2015."""


def zonal(capfd: Any, zones: Path, field: str, shared_data: Path, *options: str) -> Pairs:
    rasters = (str(shared_data / EARLIER), str(shared_data / LATER))
    assert main(["zonal", str(zones), *rasters, "--id-field", field, *options]) == 0
    pairs: Pairs = defaultdict(dict)
    for row in csv.DictReader(io.StringIO(capfd.readouterr().out)):
        pairs[row["zone"]][row["from"], row["to"]] = float(row["cells"])
    return pairs


def shares(pairs: dict[tuple[str, str], float]) -> tuple[float, float]:
    """Per cent consumed in 2012 and in 2015, of what is observed in both."""
    total = sum(pairs.values())
    before = sum(n for (a, _), n in pairs.items() if a == "1")
    after = sum(n for (_, b), n in pairs.items() if b == "1")
    return round(100 * before / total, 2), round(100 * after / total, 2)


@pytest.mark.parametrize("rule", ["centre", "coverage"])
def test_the_two_municipalities_that_are_covered(shared_data: Path, capfd: Any, rule: str) -> None:
    found = zonal(capfd, shared_data / MUNICIPALITIES, "name", shared_data, "--rule", rule)
    assert shares(found["Parma"]) == (23.33, 23.45)
    assert shares(found["Montechiarugolo"]) == (14.29, 14.40)
    assert not any(pair == ("1", "0") for pairs in found.values() for pair in pairs)


def test_ground_beyond_the_map_is_reported(shared_data: Path, capfd: Any) -> None:
    zones, raster = str(shared_data / MUNICIPALITIES), str(shared_data / EARLIER)
    assert main(["zonal", zones, raster, "--id-field", "name"]) == 0
    out, err = capfd.readouterr()
    found = {row["zone"] for row in csv.DictReader(io.StringIO(out))}
    partly, wholly = err.splitlines()
    assert "of 330 zones lie partly outside parma_consumo_suolo_2012.tif" in partly
    assert "of 330 zones lie outside" in wholly
    assert len(found) == 21


def test_44_hectares_were_gained_and_none_lost(
    shared_data: Path, tmp_path: Path, capfd: Any
) -> None:
    with rasterio.open(shared_data / EARLIER) as dataset:
        bounds, crs = dataset.bounds, dataset.crs.to_wkt()
    whole = tmp_path / "whole.gpkg"
    pyogrio.raw.write(
        whole,
        shapely.to_wkb(np.array([shapely.box(*bounds)], dtype=object)),
        [np.array(["all"], dtype=object)],
        fields=np.array(["code"], dtype=object),
        crs=crs,
        geometry_type="Polygon",
    )
    pairs = zonal(capfd, whole, "code", shared_data)["all"]
    assert pairs["0", "1"] / 100 == pytest.approx(44.2, abs=0.05)
    assert ("1", "0") not in pairs
    assert sum(pairs.values()) == 1806 * 2646
