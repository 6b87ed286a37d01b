"""Real CLC+ Backbone 2023 of a Polish park, on the command line; skipped without the data."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from analytics.__main__ import main

ZONE = "clcplus_poland/zones/Ojcowski_National_Park_4326.geojson"
RASTERS = "clcplus_poland/raster/CLCplusBB_Ojcowski_National_Park_"


def classes(capfd: Any, shared_data: Path, raster: str, *options: str) -> dict[str, float]:
    """Cells of the park by class."""
    paths = (str(shared_data / ZONE), str(shared_data / f"{RASTERS}{raster}.tif"))
    assert main(["zonal", *paths, "--id-field", "localId", *options]) == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert {row["zone"] for row in rows} == {"PN.1"}
    return {row["class"]: float(row["cells"]) for row in rows}


@pytest.mark.parametrize("raster", ["3035", "3035_BUFFERED_1km"])
def test_ojcow_has_2254_sealed_cells(shared_data: Path, capfd: Any, raster: str) -> None:
    assert classes(capfd, shared_data, raster, "--missing", "0")["1"] == 2254


def test_the_park_is_cut_out_of_the_ring(shared_data: Path, capfd: Any) -> None:
    found = classes(capfd, shared_data, "3035_BUFFER_1km", "--missing", "0")
    assert found.keys() == {"missing"}


def test_a_clip_by_centres_is_short_of_sealed_area_at_the_border(
    shared_data: Path, capfd: Any
) -> None:
    clip = classes(capfd, shared_data, "3035", "--missing", "0", "--rule", "coverage")
    whole = classes(capfd, shared_data, "3035_BUFFERED_1km", "--missing", "0", "--rule", "coverage")
    # Outside the clip the cells of the border are missing; where all are there, none is.
    assert clip["1"] < whole["1"] == pytest.approx(2254, rel=0.01)
    assert "missing" not in whole
    assert sum(clip.values()) == pytest.approx(sum(whole.values()), rel=1e-9)
